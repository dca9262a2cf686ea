"""Measure what it costs to watch a program of PyTorch, beside the program and other packages.

It runs where PyTorch is; TorchLens, torchview and torchviz are measured where they are installed.
Each works in a process of its own, with one thread, on the same programs. Times are the
processor's, the least of several runs; memory is the most that the process has had. What takes
longer than `LIMIT` seconds is ended, and said so.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import subprocess
import sys
import time
from typing import Any

RUNS = 7
LIMIT = 150


def encoder() -> tuple[Any, Any]:
    """Four layers of a transformer, width 128, batch 8 of length 64."""
    import torch
    from torch import nn

    layer = nn.TransformerEncoderLayer(128, 4, 256, batch_first=True, dropout=0.0)
    return nn.TransformerEncoder(layer, 4, enable_nested_tensor=False), torch.randn(8, 64, 128)


def layers() -> tuple[Any, Any]:
    """300 layers, each linear with a tanh, width 16, batch 8."""
    import torch
    from torch import nn

    parts = [part for _ in range(300) for part in (nn.Linear(16, 16), nn.Tanh())]
    return nn.Sequential(*parts), torch.randn(8, 16)


def chain() -> tuple[Any, Any]:
    """10 000 ops on ten numbers."""
    import torch
    from torch import nn

    class Chain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.start = nn.Parameter(torch.ones(10))

        def forward(self, x: Any) -> Any:
            y = x * self.start
            for _ in range(5_000):
                y = y * 1.0001 + 0.0001
            return y

    return Chain(), torch.ones(10)


PROGRAMS = {f.__name__: f for f in (encoder, layers, chain)}
"""What is computed, by its name."""


def passes(net: Any, x: Any) -> Any:
    """Go there and back."""
    net.zero_grad()
    loss = net(x).pow(2).mean()
    loss.backward()
    return loss


def plain(net: Any, x: Any) -> Any:
    """The program, there and back."""
    return passes(net, x)


def watched(net: Any, x: Any) -> Any:
    """The same under dzviz.watch: values, shares, gradients."""
    import dzviz

    with dzviz.watch(net) as tape:
        loss = passes(net, x)
    return tape, loss


def graph(net: Any, x: Any) -> Any:
    """The same, and the Graph of it."""
    tape, loss = watched(net, x)
    return tape.graph(loss)


def torchlens(net: Any, x: Any) -> Any:
    """TorchLens: values of the forward pass."""
    import torchlens

    return torchlens.trace(net, x)


def torchview(net: Any, x: Any) -> Any:
    """Structure of the forward pass, by torchview."""
    import torchview

    return torchview.draw_graph(net, input_data=x, depth=10)


def torchviz(net: Any, x: Any) -> Any:
    """Structure after both passes, by torchviz."""
    import torchviz

    return torchviz.make_dot(passes(net, x))


KINDS = {f.__name__: f for f in (plain, watched, graph, torchlens, torchview, torchviz)}
"""What is measured, by its name."""


def measure(program: str, kind: str) -> str:
    """Measure one of them in this process; what is slow is run less often."""
    import torch

    torch.manual_seed(0)
    net, x = PROGRAMS[program]()
    times: list[float] = []
    while len(times) < RUNS and sum(times) < LIMIT / 5:
        start = time.process_time()
        KINDS[kind](net, x)
        times.append(time.process_time() - start)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"{kind:10} {min(times) * 1000:9.1f} ms {most:6.0f} MB  {len(times)} runs"


def main() -> None:
    """Measure each in a process of its own."""
    if len(sys.argv) == 3:
        print(measure(*sys.argv[1:]))
        return
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    for program in sys.argv[1:] or PROGRAMS:
        print(f"{program}: {PROGRAMS[program].__doc__}")
        for kind in KINDS:
            if kind.startswith("torch") and importlib.util.find_spec(kind) is None:
                print(f"{kind:10} is not installed")
                continue
            command = [sys.executable, __file__, program, kind]
            try:
                done = subprocess.run(command, env=environment, capture_output=True, text=True,
                                      timeout=LIMIT)  # fmt: skip
            except subprocess.TimeoutExpired:
                print(f"{kind:10} more than {LIMIT} s", flush=True)
                continue
            last = done.stderr.strip().rpartition("\n")[2]
            print(done.stdout.strip() or f"{kind:10} failed: {last[:120]}", flush=True)


if __name__ == "__main__":
    main()
