"""Measure what it costs to watch a program of PyTorch, beside the program and other packages.

It runs where PyTorch is; TorchLens, torchview and torchviz are measured where they are installed.
Each works in a process of its own, with one thread. Times are the processor's, the least of several
runs; memory is the most that the process has had.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

RUNS = 7


def network() -> tuple[Any, Any]:
    """Make four layers of a transformer, and a batch."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(128, 4, 256, batch_first=True, dropout=0.0)
    return nn.TransformerEncoder(layer, 4, enable_nested_tensor=False), torch.randn(8, 64, 128)


def passes(net: Any, x: Any) -> Any:
    """Go there and back."""
    net.zero_grad()
    loss = net(x).pow(2).mean()
    loss.backward()
    return loss


def plain() -> Callable[[], Any]:
    """The program alone."""
    net, x = network()
    return lambda: passes(net, x)


def watched() -> Callable[[], Any]:
    """The program while dzviz watches."""
    import dzviz

    net, x = network()

    def run() -> Any:
        with dzviz.watch(net) as tape:
            loss = passes(net, x)
        return tape, loss

    return run


def graph() -> Callable[[], Any]:
    """The same, and the Graph of it."""
    run = watched()

    def and_graph() -> Any:
        tape, loss = run()
        return tape.graph(loss)

    return and_graph


def torchlens() -> Callable[[], Any]:
    """All values of a forward pass."""
    import torchlens

    net, x = network()
    return lambda: torchlens.trace(net, x)


def torchview() -> Callable[[], Any]:
    """The structure of a forward pass."""
    import torchview

    net, x = network()
    return lambda: torchview.draw_graph(net, input_data=x, depth=10)


def torchviz() -> Callable[[], Any]:
    """The structure of a graph, after both passes."""
    import torchviz

    net, x = network()
    return lambda: torchviz.make_dot(passes(net, x))


def chain(ops: int = 10_000) -> Callable[[], Any]:
    """So many ops, there and back."""
    import torch

    x = torch.ones(10, requires_grad=True)

    def run() -> Any:
        y = x
        for _ in range(ops // 2):
            y = y * 1.0001 + 0.0001
        y.sum().backward()
        return y

    return run


def chain_watched() -> Callable[[], Any]:
    """The same while dzviz watches."""
    import dzviz

    run = chain()

    def and_watched() -> Any:
        with dzviz.watch(named={"none": ()}) as tape:
            return run(), tape

    return and_watched


KINDS = {
    f.__name__: f
    for f in (plain, watched, graph, torchlens, torchview, torchviz, chain, chain_watched)
}
"""What is measured, by its name."""


def measure(name: str) -> str:
    """Measure one of them in this process."""
    run = KINDS[name]()
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"{name:14} {min(times) * 1000:8.1f} ms {most:8.0f} MB  {KINDS[name].__doc__}"


def main() -> None:
    """Measure each in a process of its own."""
    if len(sys.argv) > 1:
        print(measure(sys.argv[1]))
        return
    for name in KINDS:
        if name.startswith("torch") and importlib.util.find_spec(name) is None:
            print(f"{name:14} is not installed")
            continue
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
        subprocess.run([sys.executable, __file__, name], env=environment, check=True)


if __name__ == "__main__":
    main()
