"""Ten models, each one text that several engines compute, with each engine's functions above it."""

from __future__ import annotations

from pathlib import Path

from dzviz.comparison.differences import Report
from dzviz.comparison.report import compare
from dzviz.graph.model import Graph
from dzviz.pipeline import Computation, take
from dzviz.sources.backends import Settings
from dzviz.sources.function import load

MODELS = {
    "polynomial": "return sum_((x*x*x - x*2.0 + 1.0) * w)",
    "logistic regression": "z = matmul(A, x) + w\n    return sum_(log(1.0 + exp(-z)))",
    "mlp": "h = tanh(matmul(A, x) + w)\n    return sum_(matmul(A, h) * h)",
    "softmax cross-entropy": "p = softmax(matmul(A, x) + w)\n    return -sum_(log(p) * t)",
    "attention": "s = softmax(matmul(A, x) * 0.5)\n    return sum_(matmul(A, s * x) * w)",
    "gate": "g = sigmoid(matmul(A, x))\n    return sum_(g * tanh(w * x) + (1.0 - g) * x)",
    "recurrence": "h = x\n    for _ in range(5):\n        h = tanh(matmul(A, h) + w)\n"
    "    return sum_(h * h)",
    "normalization": "m = sum_(x) / 3.0\n    d = x - m\n    v = sum_(d * d) / 3.0\n"
    "    return sum_(d / (v + 0.1) ** 0.5 * w)",
    "residuals": "h = x + sin(matmul(A, x))\n    h = h + cos(matmul(A, h) * w)\n"
    "    return sum_(h ** 3)",
    "shared": "a = exp(x * w)\n    b = a / (a + 1.0)\n    return sum_(b * a - b * x)",
}
"""The bodies, of columns ``x``, ``w`` and ``t`` and of a square matrix ``A``."""

STEPS = """
def softmax(x):
    e = exp(x)
    return e / sum_(e)


def sigmoid(x):
    return 1.0 / (1.0 + exp(-x))
"""
"""What an engine computes in steps that has no op for it."""

NAMES = "cos, exp, log, matmul, sin, tanh"

HEADS = {
    "ours": f"from dezero.functions import {NAMES}, sigmoid, softmax as soft, sum as sum_\n\n\n"
    "def softmax(x):\n    return soft(x, axis=0)\n",
    "book": f"from mydezero import {NAMES}, sum as sum_\n\n{STEPS}",
    "torch": "import torch\n"
    "from torch import cos, exp, log, matmul, sigmoid, sin, sum as sum_, tanh\n\n\n"
    "def softmax(x):\n    return torch.softmax(x, 0)\n",
    "jax": "from jax.nn import sigmoid, softmax as soft\n"
    f"from jax.numpy import {NAMES}, sum as sum_\n\n\n"
    "def softmax(x):\n    return soft(x, axis=0)\n",
}
"""What stands above them for each engine."""

GIVEN = {
    "x": "[[0.5], [-0.3], [0.8]]",
    "w": "[[0.4], [1.1], [-0.7]]",
    "t": "[[0.1], [0.7], [0.2]]",
    "A": "[[0.2, -0.5, 0.3], [0.6, 0.1, -0.4], [-0.3, 0.7, 0.5]]",
}
"""The values, as on a command line."""


def name_of(model: str) -> str:
    """Return what a model's function is called."""
    return model.replace(" ", "_").replace("-", "_")


def source(engine: str) -> str:
    """Return a Python file with all models for one engine."""
    functions = [
        f"\n\ndef {name_of(name)}(x, w, t, A):\n    {body}\n" for name, body in MODELS.items()
    ]
    return HEADS[engine] + "".join(functions)


def graph_by(engine: str, model: str, folder: Path, dtype: str | None = None) -> Graph:
    """Compute a model by an engine, in a folder where a file of its own can be."""
    path = folder / f"by_{engine}.py"
    path.write_text(source(engine))
    function = load(f"{path}:{name_of(model)}", None, Settings(dtype=dtype))
    return take(Computation(function, GIVEN), events=False).graph


def reports(one: str, other: str, folder: Path, dtype: str | None = None) -> dict[str, Report]:
    """Compare all models by two engines; the ``dtype`` is that of a backend."""
    found = {}
    for model in MODELS:
        types = [dtype if engine in ("torch", "jax") else None for engine in (one, other)]
        pair = [graph_by(e, model, folder, t) for e, t in zip((one, other), types, strict=True)]
        found[model] = compare(*pair)
    return found


def told(found: dict[str, Report]) -> list[str]:
    """Say what differs, for a test's message."""
    return [
        f"{model}: {d.kind} of {d.where}: {d.texts}"
        for model, report in found.items()
        for d in report.differences
    ]


def check(found: dict[str, Report]) -> None:
    """See that nothing differs, and that it was looked for."""
    assert told(found) == []
    assert len(found) == 10
    for model, report in found.items():
        assert report.values.compared >= 7, model
        assert report.gradients.compared >= 6, model
        assert report.shares.compared >= 3, model
