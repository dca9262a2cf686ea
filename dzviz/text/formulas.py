"""Expressions as text: Functions applied to what they were applied to, with few brackets.

It knows nodes by their labels and names alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from dzviz.graph.model import Edge, FunctionNode, Value, VariableNode
from dzviz.graph.ranges import Range
from dzviz.options import Look
from dzviz.text.labels import reference
from dzviz.text.numbers import value_text
from dzviz.text.phrases import clean

LONGEST = 40
"""A longer text is no name."""

SMALL = Look().max_elements
"""A constant of up to so many elements is called by them."""


class Text(str):
    """An expression, and how strongly its outermost operator binds."""

    binding: int


_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "@": 2, "**": 4}
_SIGN, _ATOM = 3, 5


def applied(label: str, operands: Sequence[str]) -> Text:
    """Write the Function of this label on its operands: ``a * (b + c)``, ``x ** 3``, ``sin(x)``.

    >>> applied("*", ["2", applied("+", ["x", "1"])])
    '2 * (x + 1)'
    """
    if len(operands) == 2 and label in _STRENGTH:
        strength = _STRENGTH[label]
        # What stands right of - or / keeps its brackets, and so does what stands left of **.
        left, right = (strength, strength + 1) if label != "**" else (strength + 1, strength)
        a, b = _within(operands[0], left), _within(operands[1], right)
        return _bound(f"{a} {label} {b}", strength)
    if label == "-":
        return _bound(f"-{_within(operands[0], _SIGN)}", _SIGN)
    if label.startswith("** "):
        return _bound(f"{_within(operands[0], _ATOM)} {label}", _STRENGTH["**"])
    if label.startswith("["):
        return _bound(f"{_within(operands[0], _ATOM)}{label}", _ATOM)
    if label == "T":
        return _bound(f"{_within(operands[0], _ATOM)}.T", _ATOM)
    name, _, settings = label.partition(" ")
    if name == "einsum":
        return _bound(f"einsum('{settings}', {', '.join(operands)})", _ATOM)
    return _bound(f"{name}({', '.join([*operands, *([settings] if settings else [])])})", _ATOM)


def _bound(text: str, binding: int) -> Text:
    made = Text(text)
    made.binding = binding
    return made


def _within(text: str, least: int) -> str:
    if isinstance(text, Text):
        binding = text.binding
    elif text.startswith("["):
        binding = _ATOM
    else:  # a name or a number
        binding = _SIGN if text.startswith("-") else 0 if set(text) & set(" +-*/@") else _ATOM
    return text if binding >= least else f"({text})"


def names_of(
    nodes: Iterable[VariableNode | FunctionNode], edges: Iterable[Edge]
) -> tuple[dict[str, str], dict[str, str]]:
    """Name every node in words of the user's: a Variable without a name by how it was computed.

    Returns these names by id, and how each Variable that a Function made was computed.
    """
    operands: dict[str, list[str]] = {}
    makers: dict[str, str] = {}
    for edge in edges:
        if edge.arg is None:
            makers[edge.target] = edge.source
        else:
            operands.setdefault(edge.target, []).append(edge.source)
    names: dict[str, str] = {}
    made: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, FunctionNode):
            names[node.id] = clean(node.label)
            continue
        names[node.id] = reference(node)
        if node.role == "constant" and not clean(node.name) and _is_small(node.data):
            names[node.id] = value_text(node.data, Look())
        maker = makers.get(node.id)
        if maker is None:
            continue
        if not all(id in names for id in operands.get(maker, ["?"])):
            continue  # it stands in a part of a graph, its operands do not
        text = applied(names[maker], [names[id] for id in operands[maker]])
        made[node.id] = text
        if not clean(node.name) and len(text) <= LONGEST:
            names[node.id] = text
    return names, made


def _is_small(value: Value) -> bool:
    return not isinstance(value, Range) and np.size(value) <= SMALL
