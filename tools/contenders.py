"""The same work for each of the packages that are compared; run as a program, one of them at work.

A work is a function ``work(n)`` that prepares and returns a job without arguments: what is timed.
What the job returns goes to `answer`, so that all can be seen to have computed the same. A program
reads requests from stdin, a JSON object a line, and answers each with one on stdout.
"""

from __future__ import annotations

import gc
import json
import re
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from shutil import rmtree
from typing import Any

Job = Callable[[], Any]
Work = Callable[[int], Job]

BOOK = Path(sys.prefix) / "book"
"""Where the book's DeZero is: its package has the name of ours."""

LAYERS = 100
BATCH = 64
START, FACTOR, SMALL = 0.5, 0.9, 1e-4
"""What chains begin with, and multiply by: those of relu by little, since they grow."""


def dzviz() -> dict[str, Work]:
    """The works with our own engine."""
    import numpy as np

    from dzviz import render, snapshot, to_dot
    from dzviz.cli.main import run
    from dzviz.engine import Variable, functions, grad
    from dzviz.formats import FORMATS
    from dzviz.options import Layout, Look

    def variable(value: Any) -> Variable:
        return Variable(np.asarray(value))

    def lines_loop(n: int) -> Job:
        graph = snapshot(_chain(variable(START), variable(FACTOR), functions.sin, n // 2))
        nodes, edges = tuple(graph.nodes), tuple(graph.edges)  # made, not to be timed

        def job() -> str:
            parts = []
            for node in nodes:
                if node.id.startswith("f"):
                    parts.append(
                        f'  {node.id} [label="{node.label}\\ngen {node.generation}", shape=circle, '
                        f'margin=0.02, style=filled, fillcolor="#dbeafe", color="#1d4ed8"];\n'
                    )
                else:
                    parts.append(
                        f'  {node.id} [label="data {node.data:.4g}\\ngrad None", shape=box, '
                        f'style="rounded,filled", fillcolor="#fff7ea", color="#b45309"];\n'
                    )
            for edge in edges:
                parts.append(f"  {edge.source} -> {edge.target};\n")
            return "".join(parts)

        return job

    def lines(n: int) -> Job:
        graph = snapshot(_chain(variable(START), variable(FACTOR), functions.sin, n // 2))
        return lambda: "".join(FORMATS["dot"].write(graph, Look(), Layout()))

    def drawn(n: int) -> Job:
        def job() -> Any:
            x, a = variable(START), variable(SMALL)
            y = _chain(x, a, functions.relu, n)
            y.backward(retain_grad=True)
            return to_dot(y), y, x, a

        return job

    def svgs(n: int) -> Job:
        def job() -> bytes:
            pictures = []
            for i in range(n):
                x = variable(START + i / n)
                y = _chain(x, variable(FACTOR), functions.sin, 6)
                y.backward(retain_grad=True)
                pictures.append(render(y, format="svg"))
            return b"".join(pictures)

        return job

    def batch(n: int) -> Job:
        folder = tempfile.mkdtemp()
        lines = Path(folder, "lines.txt")
        drawn = [f'p{i}: "sin(cos(x)*{i + 1}) + x" --x {i}.5 --retain-grad' for i in range(n)]
        lines.write_text("\n".join(drawn))

        def job() -> list[int]:
            with redirect_stderr(StringIO()):
                code = run(["batch", str(lines)])
            made = len(list(Path(folder).glob("*.svg")))
            rmtree(folder)
            return [code, made]

        return job

    def derivatives(n: int) -> Job:
        def job() -> Any:
            x = variable(START)
            y = functions.tanh(x)
            for order in range(1, n + 1):
                y = grad(y, x, create_graph=order < n)
            return y

        return job

    return {
        "chain": _chains(lambda: (variable(START), variable(FACTOR)), functions.sin),
        "relu chain": _chains(lambda: (variable(START), variable(SMALL)), functions.relu),
        "wide": _wide(variable, functions.relu),
        "sum": _sums(variable),
        "mlp": _mlps(variable, functions.tanh, functions.sum),
        "derivative": derivatives,
        "drawn": drawn,
        "svg": svgs,
        "batch": batch,
        "lines": lines,
        "lines loop": lines_loop,
    }


def book() -> dict[str, Work]:
    """The works with the DeZero of the book *Deep Learning from Scratch 3*."""
    import numpy as np

    np.int = int  # type: ignore[attr-defined]  # it asks for the name, which NumPy 2 has not
    sys.path.insert(0, str(BOOK))
    import dezero
    import dezero.functions as functions

    def variable(value: float) -> Any:
        return dezero.Variable(np.array(value))

    return {
        "chain": _chains(lambda: (variable(START), variable(FACTOR)), functions.sin),
        "relu chain": _chains(lambda: (variable(START), variable(SMALL)), functions.relu),
        "wide": _wide(variable, functions.relu),
        "sum": _sums(variable),
    }


def torch() -> dict[str, Work]:
    """The works with PyTorch on one thread of the processor, and torchviz."""
    import torch
    import torchviz

    torch.set_num_threads(1)

    def variable(value: Any) -> Any:
        return torch.tensor(value, dtype=torch.float64, requires_grad=True)

    def drawn(n: int) -> Job:
        def job() -> Any:
            x, a = variable(START), variable(SMALL)
            y = _chain(x, a, torch.relu, n)
            y.backward()
            return torchviz.make_dot(y, {"x": x, "a": a}).source, y, x, a

        return job

    def derivatives(n: int) -> Job:
        def job() -> Any:
            x = variable(START)
            y = torch.tanh(x)
            for order in range(1, n + 1):
                (y,) = torch.autograd.grad(y, x, create_graph=order < n)
            return y

        return job

    return {
        "chain": _chains(lambda: (variable(START), variable(FACTOR)), torch.sin),
        "relu chain": _chains(lambda: (variable(START), variable(SMALL)), torch.relu),
        "wide": _wide(variable, torch.relu),
        "mlp": _mlps(variable, torch.tanh, torch.sum),
        "derivative": derivatives,
        "drawn": drawn,
    }


def micrograd() -> dict[str, Work]:
    """The works with micrograd; the drawing follows its notebook.

    Values and their operands are gathered by recursion, then each value is a record of data and
    grad.
    """
    from graphviz import Digraph
    from micrograd.engine import Value

    def drawn(n: int) -> Job:
        def job() -> Any:
            x, a = Value(START), Value(SMALL)
            y = _chain(x, a, Value.relu, n)
            y.backward()
            values: set[Any] = set()
            operands: set[tuple[Any, Any]] = set()

            def trace(value: Any) -> None:
                if value not in values:
                    values.add(value)
                    for operand in value._prev:
                        operands.add((operand, value))
                        trace(operand)

            trace(y)
            graph = Digraph(format="svg", graph_attr={"rankdir": "LR"})
            for value in values:
                label = f"{{ data {value.data:.4f} | grad {value.grad:.4f} }}"
                graph.node(str(id(value)), label=label, shape="record")
                if value._op:
                    graph.node(f"{id(value)}{value._op}", label=value._op)
                    graph.edge(f"{id(value)}{value._op}", str(id(value)))
            for operand, value in operands:
                graph.edge(str(id(operand)), f"{id(value)}{value._op}")
            return graph.source, y, x, a

        return job

    return {
        "relu chain": _chains(lambda: (Value(START), Value(SMALL)), Value.relu),
        "wide": _wide(Value, Value.relu),
        "drawn": drawn,
    }


def autograd() -> dict[str, Work]:
    """The works with HIPS autograd."""
    import autograd.numpy as np
    from autograd import elementwise_grad, grad

    def chain(n: int) -> Job:
        def function(x: Any, a: Any) -> Any:
            return _chain(x, a, np.sin, n)

        def job() -> Any:
            return [function(START, FACTOR), *grad(function, (0, 1))(START, FACTOR)]

        return job

    def derivatives(n: int) -> Job:
        def job() -> Any:
            function = np.tanh
            for _ in range(n):
                function = elementwise_grad(function)
            return function(START)

        return job

    return {"chain": chain, "derivative": derivatives}


def jax() -> dict[str, Work]:
    """The works with JAX, op by op: what is compiled is another work."""
    import jax

    jax.config.update("jax_enable_x64", True)

    def chain(n: int) -> Job:
        def function(x: Any, a: Any) -> Any:
            return _chain(x, a, jax.numpy.sin, n)

        def job() -> Any:
            y, back = jax.vjp(function, START, FACTOR)
            return [float(part) for part in (y, *back(jax.numpy.ones(())))]

        return job

    return {"chain": chain}


def numpy() -> dict[str, Work]:
    """The network in plain NumPy, its backward pass written by hand."""
    import numpy as np

    def mlp(width: int) -> Job:
        x, weights = _network(width)

        def job() -> Any:
            values = [x]
            for w in weights:
                values.append(np.tanh(np.matmul(values[-1], w)))
            gy = np.ones_like(values[-1])
            gradients = []
            for w, y, below in zip(weights[::-1], values[:0:-1], values[-2::-1], strict=True):
                gy = gy * (1 - y * y)
                gradients.append(np.matmul(below.T, gy))
                gy = np.matmul(gy, w.T)
            return np.sum(values[-1]), gy, gradients[-1]

        return job

    return {"mlp": mlp}


PACKAGES: dict[str, Callable[[], dict[str, Work]]] = {
    function.__name__: function
    for function in (dzviz, book, torch, micrograd, autograd, jax, numpy)
}
"""Every contender by its name."""


def answer(work: str, result: Any) -> list[float]:
    """Return the numbers of a result: values and gradients, the same for every contender."""
    if work == "svg":
        return [float(result.count(b"</svg>"))]
    if work in ("lines", "lines loop"):
        return [float(len(re.findall(r"^  [vf]\d", result, re.MULTILINE)))]
    if work == "drawn":
        _, y, x, a = result
        return [_number(y), _number(x.grad), _number(a.grad)]
    if isinstance(result, tuple | list):
        return [_number(part) for part in result]
    return [_number(result)]


def serve(name: str) -> None:
    """Answer requests ``{"work", "n", "want", "collect", "repeat"}`` until stdin ends.

    ``want`` is ``seconds``, ``bytes`` (that the result holds) or ``answer``; without ``collect``
    the garbage collector is off. Seconds are those of one of ``repeat`` times in a row.
    """
    sys.setrecursionlimit(1_000_000)  # micrograd and torchviz walk their graphs by recursion
    works = PACKAGES[name]()
    gc.collect()
    gc.freeze()  # what a contender's modules hold is not looked through again and again
    for line in sys.stdin:
        request = json.loads(line)
        job = works[request["work"]](request["n"])
        gc.collect()
        (gc.enable if request["collect"] else gc.disable)()
        reply: Any
        if request["want"] == "answer":
            reply = answer(request["work"], job())
        elif request["want"] == "bytes":
            tracemalloc.start()
            before = tracemalloc.get_traced_memory()[0]
            result = job()
            reply = tracemalloc.get_traced_memory()[0] - before
            tracemalloc.stop()
        else:
            repeat = request["repeat"]
            start = time.process_time()
            for _ in range(repeat):
                result = job()
            reply = (time.process_time() - start) / repeat
        result = None  # noqa: F841  # not while the next one is timed
        print(json.dumps(reply), flush=True)


def _chain(y: Any, a: Any, function: Callable[[Any], Any], n: int) -> Any:
    for _ in range(n // 3):
        y = function(y) * a + y
    return y


def _chains(start: Callable[[], tuple[Any, Any]], function: Callable[[Any], Any]) -> Work:
    def chain(n: int) -> Job:
        def job() -> Any:
            x, a = start()
            y = _chain(x, a, function, n)
            y.backward()
            return [y, x.grad, a.grad]

        return job

    return chain


def _wide(variable: Callable[[float], Any], function: Callable[[Any], Any]) -> Work:
    def wide(n: int) -> Job:
        def job() -> Any:
            x, *weights = [variable(1 + i / n) for i in range(1 + n // 3)]
            y = _total([function(x * w) for w in weights])
            y.backward()
            return [y, x.grad, weights[0].grad, weights[-1].grad]

        return job

    return wide


def _total(terms: list[Any]) -> Any:
    while len(terms) > 1:
        odd = terms[len(terms) & ~1 :]
        terms = [a + b for a, b in zip(terms[::2], terms[1::2], strict=False)] + odd
    return terms[0]


def _sums(variable: Callable[[float], Any]) -> Work:
    def total(n: int) -> Job:
        leaves = [variable(i / n) for i in range(n)]

        def job() -> Any:
            y = _total(leaves)
            y.backward()
            return [y, leaves[0].grad, leaves[-1].grad]

        return job

    return total


def _network(width: int) -> tuple[Any, list[Any]]:
    import numpy as np

    random = np.random.default_rng(0)
    scale = width**-0.5
    weights = [random.standard_normal((width, width)) * scale for _ in range(LAYERS)]
    return random.standard_normal((BATCH, width)), weights


def _mlps(variable: Callable[[Any], Any], tanh: Callable[[Any], Any], total: Any) -> Work:
    def mlp(width: int) -> Job:
        x, weights = (variable(part) if i == 0 else part for i, part in enumerate(_network(width)))
        weights = [variable(w) for w in weights]

        def job() -> Any:
            y = x
            for w in weights:
                y = tanh(y @ w)
            y = total(y)
            x.grad = None
            for w in weights:
                w.grad = None
            y.backward()
            return y, x.grad, weights[0].grad

        return job

    return mlp


def _number(value: Any) -> float:
    """Return one number of what may be an array: its elements weighted, so that order counts."""
    import numpy as np

    while hasattr(value, "data") and not isinstance(value, np.ndarray | np.generic):
        value = value.detach().numpy() if hasattr(value, "detach") else value.data
    array = np.asarray(value, float).ravel()
    return float(array @ np.cos(np.arange(array.size)))


if __name__ == "__main__":
    serve(sys.argv[1])
