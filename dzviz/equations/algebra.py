"""Formulas made as short as in a textbook, without changing their value.

Each rewriting is an identity of NumPy's: rules are written for arrays of all shapes, and what that
takes (reshape, broadcast, a choice that was made) is left out where it does nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from dzviz.equations.constants import as_known, minus_of, number, uniform, whole
from dzviz.equations.products import divide, multiply
from dzviz.equations.shapes import (
    indexed,
    reduced,
    same_shape,
    spread,
    sum_to,
    transposed,
    unspread,
)
from dzviz.graph.terms import Term

COMPARISONS = ("<", "<=", ">", ">=", "==", "!=", "&", "|")

SHAPING = ("broadcast_to", "reshape", "sum_to", "T", "transpose", "expand_dims", "squeeze")
"""What makes of a number that stands in each place a number that stands in each place."""

MOST_ROUNDS = 8


def mapped(
    term: Term, leaf: Callable[[Term], Term], relabelled: Callable[[str], str] | None = None
) -> Term:
    """Return the same formula of other leaves, which have the same values, and other labels."""
    above = []
    while term.operands:  # a sum of thousands is deep on its left
        above.append(term)
        term = term.operands[0]
    made = leaf(term)
    for term in reversed(above):
        others = [mapped(operand, leaf, relabelled) for operand in term.operands[1:]]
        label = term.label if relabelled is None else relabelled(term.label)
        made = Term(label, (made, *others), term.value, term.name)
    return made


def tidy(term: Term, known: Mapping[Any, Term] | None = None) -> Term:
    """Shorten a formula; what is in ``known``, by its key, is called by the symbol there."""
    made: dict[Any, Term] = {}
    pending = [term]
    while pending:
        part = pending[-1]
        if part.key in made:
            pending.pop()
            continue
        waiting = [operand for operand in part.operands if operand.key not in made]
        if waiting:
            pending += waiting
            continue
        pending.pop()
        short = part.on(tuple([made[operand.key] for operand in part.operands]))
        for _ in range(MOST_ROUNDS):
            key = short.key
            short = _shorter(short)
            if short.key == key:
                break
        if known and short.operands and short.key in known:
            short = known[short.key]
        made[part.key] = short
    return made[term.key]


def _shorter(term: Term) -> Term:
    if not term.operands:
        return as_known(term) if term.is_constant else term
    if term.label in ("+", "-", "*", "/", *COMPARISONS):
        term = unspread(term)
    word = term.label.partition(" ")[0]
    if word in SHAPING and uniform(term.operands[0]) is not None and (value := whole(term)):
        return number(value, term.shape, like=term.value)
    if term.label.startswith("["):
        return indexed(term)
    rule = _RULES.get(word)
    return term if rule is None else rule(term)


def plus(terms: Sequence[Term]) -> Term:
    """Add up what came on several ways; what came twice alike is written as twice as large."""
    counts: dict[Any, list[Term]] = {}
    for term in terms:
        counts.setdefault(term.key, []).append(term)
    parts = [
        same[0]
        if len(same) == 1
        else tidy(Term("*", (number(len(same)), same[0]), same[0].value * len(same)))
        for same in counts.values()
    ]
    if (joined := _side_by_side(parts)) is not None:
        return joined
    total = parts[0]
    for part in parts[1:]:
        value = np.asarray(total.value) + np.asarray(part.value)
        total = _add(Term("+", (total, part), value))
    return total


def _side_by_side(parts: Sequence[Term]) -> Term | None:
    """Write what came back to all stretches of a last axis, each once, as one array."""
    stretches = {}
    for part in parts:
        found = re.fullmatch(r"into \[(?:\.\.\., )?(\d+):(\d+)\]", part.label)
        if found is None:
            return None
        stretches[int(found[1]), int(found[2])] = part.operands[0]
    ends = sorted(stretches)
    length = parts[0].shape[-1:]
    whole = [0, *(stop for _, stop in ends)] == [*(start for start, _ in ends), *length]
    if len(parts) < 2 or len(ends) < len(parts) or not whole:
        return None
    axis = len(parts[0].shape) - 1
    if axis and any("..." not in part.label for part in parts):
        return None
    value = sum(np.asarray(part.value) for part in parts)
    label = f"concatenate axis={axis}" if axis else "concatenate"
    return Term(label, tuple([stretches[end] for end in ends]), value)


def _add(term: Term) -> Term:
    a, b = term.operands
    if uniform(b) == 0 and a.shape == term.shape:
        return a
    if uniform(a) == 0 and b.shape == term.shape:
        return b
    if a.key == b.key:
        return multiply(Term("*", (number(2.0), a), term.value))
    if (c := minus_of(b)) is not None:
        return Term("-", (a, c), term.value)
    value = uniform(b)
    if value is not None and value < 0:
        return Term("-", (a, number(-value, b.shape, like=b.value)), term.value)
    return term


def _subtract(term: Term) -> Term:
    if len(term.operands) == 1:
        return _negative(term)
    a, b = term.operands
    if uniform(b) == 0 and a.shape == term.shape:
        return a
    if uniform(a) == 0 and b.shape == term.shape:
        return Term("-", (b,), term.value)
    if (c := minus_of(b)) is not None:
        return Term("+", (a, c), term.value)
    return term


def _negative(term: Term) -> Term:
    (a,) = term.operands
    if (inner := minus_of(a)) is not None:
        return inner
    if (value := uniform(a)) is not None:
        return number(-value, term.shape, like=term.value)
    return term


def _power(term: Term) -> Term:
    """Leave out an exponent of 1; one that is the op's own stands in its label."""
    exponent = term.label.partition(" ")[2] or (
        f"{uniform(term.operands[1]):.17g}" if uniform(term.operands[1]) is not None else ""
    )
    if exponent == "1" and term.operands[0].shape == term.shape:
        return term.operands[0]
    return term


def _where(term: Term) -> Term:
    condition, a, b = term.operands
    chosen = whole(condition)
    if chosen is not None:
        taken = a if chosen else b
        if taken.shape == term.shape:
            return taken
        if (value := uniform(taken)) is not None:
            return number(value, term.shape, like=term.value)
    return term


def _equal(term: Term) -> Term:
    """A tie that is nowhere, or everywhere, is none."""
    same = whole(term)
    return term if same is None else number(same, term.shape)


def _and(term: Term) -> Term:
    a, b = term.operands
    for one, other in ((a, b), (b, a)):
        value = uniform(one)
        if value == 0:
            return number(0.0, term.shape)
        if value and other.shape == term.shape:
            return other
        bound = uniform(one.operands[1]) if one.label in ("<=", ">=") else None
        if bound is not None and math.isinf(bound) and whole(one) and other.shape == term.shape:
            return other
    return term


def _sigmoid(term: Term) -> Term:
    """``sigmoid(-x)`` is ``1 - sigmoid(x)``."""
    inner = minus_of(term.operands[0])
    if inner is None:
        return term
    one = Term("sigmoid", (inner,), 1 - np.asarray(term.value))
    return Term("-", (number(1.0), one), term.value)


_RULES: Mapping[str, Callable[[Term], Term]] = {
    "+": _add,
    "-": _subtract,
    "*": multiply,
    "/": divide,
    "**": _power,
    "T": transposed,
    "=": lambda term: term.operands[0],
    "broadcast_to": spread,
    "reshape": same_shape,
    "sum_to": sum_to,
    "sum": reduced,
    "mean": reduced,
    "where": _where,
    "==": _equal,
    "&": _and,
    "sigmoid": _sigmoid,
}
"""What is done with each Function, by the first word of its label."""
