"""Products and quotients: a number, formulas in their order, and what divides them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dzviz.equations.constants import as_known, minus_of, number, uniform, whole
from dzviz.equations.shapes import without_axes
from dzviz.graph.terms import DERIVATIVE, Term

DIGITS = 15
"""A product of numbers has at most this many correct digits."""

MOST_BELOW = 100
"""Up to here a fraction stands below another: ``gy / (2*y)``."""


def multiply(term: Term) -> Term:
    """Write a product as a number, formulas in the order in which they came, and what divides."""
    return _combined(term, list(factors_of(term)), [])


def divide(term: Term) -> Term:
    """Write a quotient so; a fraction of numbers as a number, if that is short."""
    a, b = term.operands
    value, top = uniform(b), uniform(a)
    if value == 1 and a.shape == term.shape:
        return a
    if top == 0 and whole(term) == 0:
        return number(0.0, term.shape, like=term.value)
    if top is not None and value:
        fraction = _fraction(top, value, term)
        if term.shape:
            return Term("*", (fraction, number(1.0, term.shape)), term.value)
        return fraction
    ties = any(part.label == "==" for part in b.parts())
    if ties and whole(b) == 1 and a.shape == term.shape:
        return a
    return _combined(term, list(factors_of(a)), list(factors_of(b)))


def _combined(term: Term, factors: list[Term], bottoms: list[Term]) -> Term:
    """Take numbers and signs out of factors; what is above and below of a line cancels."""
    if (shorter := _cancelled(factors, bottoms)) is not None:
        factors, bottoms = shorter
    size, tops = 1.0, []
    ahead = not factors or factors[0].label != DERIVATIVE
    pending = list(factors)
    while pending:
        factor = without_axes(pending.pop(0))
        if (inner := minus_of(factor)) is not None:
            size, factor = -size, inner
        if factor.label == "*":
            pending = [*factors_of(factor), *pending]
            continue
        if factor.label == "/" and (bottoms or _has_number(factor)):
            bottoms = [*bottoms, *factors_of(factor.operands[1])]
            pending = [*factors_of(factor.operands[0]), *pending]
            continue
        value = uniform(factor)
        if value is None:
            tops.append(factor)
        else:
            size = float(f"{size * value:.{DIGITS}g}")
    same = whole(term)
    alone = size == 0 or not (tops or bottoms)
    if alone and same is not None and np.isclose(same, size, rtol=10.0**-DIGITS * 10, atol=0):
        return number(size, term.shape, like=term.value)
    return _assembled(term, size, _powers(tops), bottoms, ahead=ahead)


def _has_number(fraction: Term) -> bool:
    """Whether a factor of a fraction is a number, above or below."""
    a, b = fraction.operands
    return any(
        uniform(minus_of(part) or part) is not None for part in (*factors_of(a), *factors_of(b))
    )


def _cancelled(
    factors: Sequence[Term], bottoms: Sequence[Term]
) -> tuple[list[Term], list[Term]] | None:
    """Leave out what stands above and below; None where nothing does."""
    above: list[Term] = []
    below: list[Term] = []
    pending = [*((part, True) for part in factors), *((part, False) for part in bottoms)]
    while pending:
        part, up = pending.pop(0)
        part = without_axes(part)
        power = re.fullmatch(r"\*\* (\d)", part.label)
        if power:
            pending = [(part.operands[0], up)] * int(power[1]) + pending
        elif part.label == "*":
            pending = [*((factor, up) for factor in factors_of(part)), *pending]
        elif part.label == "/":
            a, b = part.operands
            pending = [(a, up), (b, not up), *pending]
        else:
            (above if up else below).append(part)
    found = False
    for part in list(above):
        same = next((other for other in below if other.key == part.key), None)
        if same is not None and uniform(part) is None and np.all(part.value):
            above.remove(part)
            below.remove(same)
            found = True
    return (above or [number(1.0)], below) if found else None


def factors_of(term: Term) -> Iterator[Term]:
    """Go through the factors of a product, and of products among them."""
    pending = [term]
    while pending:
        term = pending.pop()
        if term.label == "*":
            pending += reversed(term.operands)
        else:
            yield term


def _powers(factors: Sequence[Term]) -> list[Term]:
    """Write what comes twice as a power."""
    found: dict[Any, list[Term]] = {}
    for factor in factors:
        found.setdefault(factor.key, []).append(factor)
    return [
        same[0]
        if len(same) == 1
        else Term(f"** {len(same)}", (same[0],), np.asarray(same[0].value) ** len(same))
        for same in found.values()
    ]


def _assembled(
    term: Term, factor: float, tops: Sequence[Term], bottoms: Sequence[Term], *, ahead: bool
) -> Term:
    """Put a product together; its number stands ahead, or behind a derivative that leads."""
    sign, size = factor < 0, abs(factor)
    parts = list(tops)
    for i, bottom in enumerate(bottoms):
        value = uniform(bottom)
        if value and size != 1 and not size % value:
            size, bottoms = size / value, [*bottoms[:i], *bottoms[i + 1 :]]
            break
    if bottoms and 0 < size < 1 and (1 / size).is_integer() and 1 / size <= MOST_BELOW:
        bottoms, size = [number(1 / size), *bottoms], 1.0
    made_shape = np.broadcast_shapes(*[part.shape for part in (*parts, *bottoms)])
    if made_shape != term.shape:
        parts.append(number(1.0, term.shape))
    if size != 1 or not parts:
        at = 0 if ahead or (len(parts) < 2 and not parts[:1]) else 1
        parts.insert(at, as_known(number(size)))
    made = _outer(_joined("*", parts))
    if bottoms:
        made = Term("/", (made, _joined("*", _powers(bottoms))), _without_sign(term, sign))
    made = Term(made.label, made.operands, _without_sign(term, sign), made.name)
    return Term("-", (made,), term.value) if sign else made


def _without_sign(term: Term, negated: bool) -> Any:
    """Return a value without the sign that was taken off."""
    return -np.asarray(term.value) if negated else term.value


def _joined(label: str, parts: Sequence[Term]) -> Term:
    made = parts[0]
    for part in parts[1:]:
        made = Term(label, (made, part), np.asarray(made.value) * np.asarray(part.value))
    return made


def _outer(term: Term) -> Term:
    """Write an outer product of vectors as such."""
    if term.label != "*":
        return term
    a, b = term.operands
    if a.label != "[..., None]":
        return term
    (column,) = a.operands
    if not column.shape:
        return Term("*", (column, b), term.value)
    if len(column.shape) == 1 and len(b.shape) == 1:
        return Term("outer", (column, b), term.value)
    if b.label == "[..., None, :]" and len(column.shape) == len(b.operands[0].shape) == 1:
        return Term("outer", (column, b.operands[0]), term.value)
    return term


def _fraction(top: float, bottom: float, term: Term) -> Term:
    """Write a fraction of numbers; one of 1 by a whole number stays as it is."""
    if top == 1 and bottom == int(bottom):
        return Term("/", (number(top), number(bottom)), top / bottom)
    return as_known(number(top / bottom, like=term.value))
