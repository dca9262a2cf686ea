"""Values of micrograd and engines like it: ``data``, ``grad``, ``_prev``, ``_op``, ``_backward``.

What a value was computed from, in which order and how often, its ``_backward`` knows: a function
that holds its operands. What that sends to each of them is found by calling a copy of it, which
holds copies of the values. The user's own are not touched. Their numbers have no type; they are
drawn as float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from types import CellType, FunctionType
from typing import Any

import numpy as np

from dzviz.graph.model import Edge, Graph, Passes, VariableNode
from dzviz.sources.facts import UNKNOWN, Call, Value, assemble, collect

HAS = ("data", "grad", "_prev", "_op", "_backward")
"""The attributes of a value."""

ATOL, RTOL = 1e-12, 1e-9
"""How far a gradient may be from the sum of the shares, by rounding."""

LABELS: Mapping[str, str] = {"ReLU": "relu", "neg": "-", "matmul": "@"}
"""What the user writes for an ``_op``, where that is something else."""


def recognises(thing: object) -> bool:
    """Whether it is a value, or a sequence of values."""
    if isinstance(thing, Sequence):
        return bool(thing) and all(is_value(x) for x in thing)
    return is_value(thing)


def is_value(x: object) -> bool:
    """Whether it is a value by what it has."""
    return not isinstance(x, type) and all(name in _names(x) for name in HAS)


def _names(x: object) -> set[str]:
    """Return the attributes of a value, in its dict or in slots; a mock says that it has any."""
    slots = (vars(kind).get("__slots__", ()) for kind in type(x).__mro__)
    named = {name for names in slots for name in ((names,) if isinstance(names, str) else names)}
    return named | getattr(x, "__dict__", {}).keys()


def graph(thing: Any, *, words: bool = True) -> Graph:
    """Return the graph that computed it, with the gradients that are there and what was sent.

    Raises:
        EvaluationError: Data is no real number.
    """
    facts = collect(thing, tell)
    # A gradient begins as 0; with nothing else anywhere no pass has come by.
    if not any(np.any(value.grad) for _, value in facts.values):
        values = [
            (x, v._replace(grad=None, call=v.call and v.call._replace(contributions=None)))
            for x, v in facts.values
        ]
        return assemble(facts._replace(values=values))
    drawn = assemble(facts)
    made = _one_pass(drawn)
    return drawn._replace(passes=(made,), flows=made)


def _one_pass(drawn: Graph) -> Passes:
    """Tell whether all is as one pass from the output leaves it, started from 1."""
    y, *others = (n for n in drawn.nodes if isinstance(n, VariableNode) and n.role == "output")
    if others:
        return UNKNOWN
    totals: dict[str, Any] = {y.id: 1.0}
    shares: list[Edge] = [edge for edge in drawn.edges if edge.arg is not None]
    for edge in shares:
        if edge.contribution is None:
            return UNKNOWN
        totals[edge.source] = totals.get(edge.source, 0.0) + edge.contribution
    for node in drawn.nodes:
        grad: Any = node.grad if isinstance(node, VariableNode) else None
        if grad is not None and not np.allclose(
            grad, totals[node.id], rtol=RTOL, atol=ATOL, equal_nan=True
        ):
            return UNKNOWN
    return Passes(1, (y.name or "the output",), drawn=True)


def tell(v: Any) -> Value:
    """Tell what is known of a value."""
    label = getattr(v, "label", None)
    return Value(_number(v.data), call_of(v), _number(v.grad), str(label) if label else None)


def call_of(v: Any) -> Call | None:
    """Tell how a value was computed; None if it was not."""
    if not v._prev:
        return None
    operands, sent = operands_of(v), None
    known = {id(x) for x in operands}
    if operands and known == {id(x) for x in v._prev}:
        sent = shares_of(v)
    else:  # its rule does not hold them; a set has no order of its own
        ordered = isinstance(v._prev, list | tuple)
        operands = list(v._prev) if ordered else sorted(v._prev, key=_order)
    op = str(v._op) or "?"
    label = LABELS.get(op, op)
    if label.startswith("**") and len(label) > 2:
        label = f"** {label[2:].strip()}"
    return Call(v, op, operands, label, sent)


def operands_of(v: Any) -> list[Any]:
    """Return the values that its ``_backward`` holds besides itself: self first, then by name."""
    return [x for held in _held(v).values() for x in _values(held) if x is not v]


def shares_of(v: Any) -> list[Any] | None:
    """Return what ``_backward`` adds to the gradient of each operand; None where it cannot be run.

    A copy of it is called, with cells that hold copies.
    """
    copies: list[Any] = []

    def twin(x: Any) -> Any:
        if x is v:
            return copy(x)
        if isinstance(x, list | tuple):
            return type(x)(map(twin, x))
        if not is_value(x):
            return x
        made = copy(x)
        made.grad = 0.0 * x.grad
        copies.append(made)
        return made

    held = {name: twin(x) for name, x in _held(v).items()}
    rule: Any = v._backward
    cells = tuple(CellType(held[name]) for name in rule.__code__.co_freevars)
    again: Callable[[], Any] = FunctionType(
        rule.__code__, rule.__globals__, rule.__name__, rule.__defaults__, cells
    )
    try:
        with np.errstate(all="ignore"):
            again()
    except Exception:  # what a rule of theirs raises, which their own pass would have told
        return None
    return [_number(x.grad) for x in copies]


def _held(v: Any) -> dict[str, Any]:
    """Return what a ``_backward`` holds by name, self first."""
    rule = v._backward
    if not isinstance(rule, FunctionType):
        return {}
    held = {}
    for name, cell in zip(rule.__code__.co_freevars, rule.__closure__ or (), strict=True):
        try:
            held[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            return {}
    return {name: held[name] for name in sorted(held, key=lambda name: (name != "self", name))}


def _values(held: Any) -> list[Any]:
    if isinstance(held, list | tuple):
        return [x for each in held for x in _values(each)]
    return [held] if is_value(held) else []


def _number(value: Any) -> Any:
    """Return a number of Python's as float64; an array is what it is."""
    return np.float64(value) if isinstance(value, int | float) else value


def _order(x: Any) -> tuple[str, str, str]:
    return str(getattr(x, "label", "")), str(x._op), str(x.data)
