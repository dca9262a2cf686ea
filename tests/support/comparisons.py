"""Graphs to compare, and thirty faults, each with what has to be told of it first."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dzviz.engine import OPS
from dzviz.graph.model import FunctionNode, Graph, VariableNode
from dzviz.pipeline import Computation, take
from dzviz.sources.expression import read

VALUES = {
    "x": "[0.5, -1.5, 2]",
    "W": "[[0.3, -0.2, 0.5], [0.7, 0.1, -0.4], [-0.6, 0.9, 0.2]]",
    "b": "[0.1, -0.2, 0.3]",
    "k": "0.7",
}

MODEL = "h = tanh(x@W + b); p = softmax(h); q = p*2 - h/3; y = sum(q**2) + k*exp(-k)"


def graph_of(text: str, **values: str) -> Graph:
    """Compute an expression and its pass; of `VALUES` it takes those that it needs."""
    subject = read(text, functions=lambda: OPS)
    known = {**VALUES, **values}
    given = {name: known[name] for name in subject.names}
    return take(Computation(subject, given), events=False).graph


def change(
    graph: Graph,
    *,
    node: Callable[[VariableNode | FunctionNode], VariableNode | FunctionNode] = lambda n: n,
    edge: Callable = lambda e: e,
) -> Graph:
    """Return a graph with other nodes or edges."""
    return graph._replace(nodes=tuple(map(node, graph.nodes)), edges=tuple(map(edge, graph.edges)))


def scaled(name: str, field: str, by: float, *, op: str | None = None) -> Callable[[Graph], Graph]:
    """Return what multiplies a field of the value ``name``, or of a share through ``op``."""

    def value(graph: Graph) -> Graph:
        def node(n):
            if not isinstance(n, VariableNode) or n.name != name:
                return n
            return n._replace(**{field: np.asarray(getattr(n, field)) * by})

        return change(graph, node=node)

    def share(graph: Graph) -> Graph:
        ids = {n.id for n in graph.nodes if isinstance(n, VariableNode) and n.name == name}
        ops = {n.id for n in graph.nodes if isinstance(n, FunctionNode) and n.label == op}

        def edge(e):
            if e.source in ids and e.target in ops:
                return e._replace(contribution=np.asarray(e.contribution) * by)
            return e

        return change(graph, edge=edge)

    return value if op is None else share


def without_gradient(name: str) -> Callable[[Graph], Graph]:
    """Return what leaves a value without a gradient."""

    def node(n):
        if isinstance(n, VariableNode) and n.name == name:
            return n._replace(grad=None, grad_was=None, grad_state="none")
        return n

    return lambda graph: change(graph, node=node)


class Fault(NamedTuple):
    """A fault: the text of the other model, its values, or what is done to its graph.

    ``kind`` and ``where`` are those of the first difference; ``where`` is a part of it.
    """

    what: str
    kind: str
    where: str
    text: str = MODEL
    values: dict[str, str] = {}  # noqa: RUF012
    done: Callable[[Graph], Graph] = lambda graph: graph


def replaced(old: str, new: str) -> str:
    assert MODEL.count(old) == 1, old
    return MODEL.replace(old, new)


SWAPPED = replaced("tanh(x@W + b); p = softmax(h)", "softmax(x@W + b); p = tanh(h)")

FAULTS = (
    Fault("another op", "op", "tanh(", replaced("tanh", "sin")),
    Fault("another op with the same numbers", "op", "p*2", replaced("p*2", "p/0.5")),
    Fault("another power", "op", "q**2", replaced("q**2", "q**4")),
    Fault("a constant", "value", "constant of p*2", replaced("p*2", "p*3")),
    Fault("a constant a little off", "value", "constant of h/3", replaced("h/3", "h/3.0001")),
    Fault("an input", "value", "k", values={"k": "0.71"}),
    Fault("one element of an input", "value", "b", values={"b": "[0.1, -0.2, 0.30001]"}),
    Fault("a product turned round", "moved", "operands of x@W", replaced("x@W", "W@x")),
    Fault("an axis", "op", "sum(", replaced("sum(q**2)", "sum(q**2, axis=0)")),
    Fault("operands exchanged", "moved", "p*2 - h/3", replaced("p*2 - h/3", "h/3 - p*2")),
    Fault("another operand", "moved", "operands of h/3", replaced("h/3", "p/3")),
    Fault("a number for a variable", "moved", "operands of k*", replaced("k*exp", "0.7*exp")),
    Fault("an op more at the front", "added", "x*x", replaced("x@W", "(x*x)@W")),
    Fault(
        "an op more in the middle", "added", "relu(h)", replaced("softmax(h)", "softmax(relu(h))")
    ),
    Fault("an op more at the end", "added", "sqrt(", replaced("sum(q**2)", "sqrt(sum(q**2))")),
    Fault("an op twice", "added", "tanh(tanh(", replaced("tanh(x@W + b)", "tanh(tanh(x@W + b))")),
    Fault("a term more", "added", "k*k", replaced("exp(-k)", "exp(-k) + k*k")),
    Fault("an input more", "added", "input c", replaced("x@W + b", "x@W + b + c"), {"c": "0"}),
    Fault("no bias", "removed", "input b", replaced("x@W + b", "x@W")),
    Fault("an op less", "removed", "softmax(h)", replaced("softmax(h)", "h")),
    Fault("no sign", "removed", "-k", replaced("exp(-k)", "exp(k)")),
    Fault("no sum", "removed", "sum(q**2)", replaced("sum(q**2)", "q**2")),
    Fault("two ops in the other order", "moved", "-k", replaced("exp(-k)", "(-exp(k))")),
    Fault("two named ops exchanged", "op", "tanh(", SWAPPED),
    Fault("an op elsewhere", "moved", "-k", replaced("k*exp(-k)", "-k*exp(k)")),
    Fault("a gradient doubled", "gradient", "W", done=scaled("W", "grad", 2.0)),
    Fault("a gradient of another sign", "gradient", "k", done=scaled("k", "grad", -1.0)),
    Fault("a gradient in the middle", "gradient", "h", done=scaled("h", "grad_was", 1.01)),
    Fault("no gradient", "gradient", "b", done=without_gradient("b")),
    Fault(
        "a share halved",
        "share",
        "h (column 5) through softmax(h)",
        done=scaled("h", "", 0.5, op="softmax"),
    ),
    Fault("a share of nothing", "share", "k through -k", done=scaled("k", "", 0.0, op="-")),
    Fault("NaN in a value", "value", "q", done=scaled("q", "data", np.nan)),
    Fault("infinity in a gradient", "gradient", "x", done=scaled("x", "grad", np.inf)),
)
