"""Formulas that are numbers, and their names: ``1/3``, ``log(2)``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from dzviz.graph.terms import Term, constant

SHORT = 6
"""A number with so many characters is written as it is."""


def number(value: float, shape: tuple[int, ...] = (), like: Any = None) -> Term:
    """Make a constant that is one number in each place."""
    kind = np.asarray(like).dtype if like is not None else np.dtype(float)
    kind = kind if kind.kind == "f" else np.dtype(float)
    return constant(np.broadcast_to(np.array(value, kind), shape))


def uniform(term: Term) -> float | None:
    """Return the number that a constant is in each place."""
    if not term.is_constant:
        return None
    elements = np.asarray(term.value).reshape(-1)
    if not elements.size or not np.all(elements == elements[0]):
        return None
    return float(str(elements[0])) if elements.dtype.kind == "f" else float(elements[0])


def whole(term: Term) -> float | None:
    """Return the number that a formula is in each place."""
    elements = np.asarray(term.value).reshape(-1)
    return float(elements[0]) if elements.size and np.all(elements == elements[0]) else None


def minus_of(term: Term) -> Term | None:
    """Return what a formula is the negative of, where it is written so."""
    if term.label == "-" and len(term.operands) == 1:
        return term.operands[0]
    return None


def as_known(term: Term) -> Term:
    """Write a number as a fraction or a logarithm, where it is one and that is shorter."""
    value = uniform(term)
    if value is None or not math.isfinite(value) or len(repr(value)) <= SHORT:
        return term
    if value < 0:
        positive = as_known(number(-value, term.shape, like=term.value))
        return Term("-", (positive,), term.value) if positive.operands else term
    if term.shape:
        return term
    for known, made in _KNOWN.items():
        if value == known:
            return made
    square = round(value * value) if value < 100 else 0  # a large one may be out of range
    if square and math.sqrt(square) == value:
        return Term("sqrt", (number(float(square)),), term.value)
    fraction = Fraction(value).limit_denominator(1000)
    top, bottom = fraction.numerator, fraction.denominator
    if top / bottom == value and bottom not in (1, 10, 100, 1000):
        return Term("/", (number(float(top)), number(float(bottom))), term.value)
    return term


def _logarithm(x: float) -> Term:
    return Term("log", (number(x),), math.log(x))


_TURN = Term("*", (number(2.0), Term("", (), math.pi, "pi")), 2 * math.pi)

_KNOWN: Mapping[float, Term] = {
    math.log(2): _logarithm(2.0),
    math.log(10): _logarithm(10.0),
    math.log10(math.e): Term("/", (number(1.0), _logarithm(10.0)), 1 / math.log(10)),
    math.pi: Term("", (), math.pi, "pi"),
    1 / math.sqrt(2 * math.pi): Term(
        "/",
        (number(1.0), Term("sqrt", (_TURN,), math.sqrt(2 * math.pi))),
        1 / math.sqrt(2 * math.pi),
    ),
}
"""Numbers of rules that are called by what they are."""
