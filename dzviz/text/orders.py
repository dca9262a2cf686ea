"""Orders of derivatives in words: what they are called, and their values."""

from __future__ import annotations

from dzviz.graph.model import Graph, VariableNode
from dzviz.options import ENGLISH, Look
from dzviz.text.languages import say
from dzviz.text.numbers import value_text
from dzviz.text.phrases import clean, ordinal
from dzviz.text.primes import derivative_name

LONGEST = 30
"""A longer value is not told in an equation."""


def order_name(graph: Graph, order: int) -> str:
    """Name an order of derivatives as its results are: ``y``, ``y'``, ``d2y/dx dz``."""
    if graph.derivatives is not None and order < len(graph.derivatives.names):
        return clean(graph.derivatives.names[order])
    return derivative_name("y", order)


def order_title(graph: Graph, order: int, lang: str = ENGLISH) -> str:
    """Say what belongs to an order of derivatives: ``y'', second derivative``."""
    return f"{order_name(graph, order)}, {derivative(order, lang)}"


def derivative(order: int, lang: str) -> str:
    """Name an order of derivatives in words: ``second derivative``."""
    return say(lang, "{which} derivative", which=ordinal(order, lang))


def equations(graph: Graph, look: Look, *, graded: bool) -> str:
    """Write the values of a function and its derivatives, and which one the gradient is.

    ``graded`` says that the gradients are the derivatives of the output, and are known.
    """
    derivatives = graph.derivatives
    if derivatives is None or not graph.order or not look.says("data"):
        return ""
    pairs = [
        (clean(name), value_text(value, look))
        for name, value in zip(derivatives.names, derivatives.values, strict=False)
    ]
    text = ", ".join(f"{name} = {value}" for name, value in pairs if len(value) <= LONGEST)
    following = derivatives.names[len(derivatives.values) :]
    found = [
        value_text(node.grad, look)
        for node in graph.nodes
        if isinstance(node, VariableNode)
        and node.name == derivatives.by
        and node.role == "input"
        and node.copy_of is None
        and node.grad is not None
    ]
    if graded and following and len(found) == 1:
        equal = f" = {found[0]}" if len(found[0]) <= LONGEST else ""
        of = clean(derivatives.by)
        what = f"{clean(following[0])}{equal}"
        told_too = say(look.lang, "grad of {name} is {what}", name=of, what=what)
        text += f"{'; ' if text else ''}{told_too}"
    return text
