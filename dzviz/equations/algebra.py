"""Formulas made as short as a textbook has them; what they are worth stays what it is.

Each rewriting is an identity of NumPy's: rules are written for arrays of all shapes, and what that
takes (reshape, broadcast, a choice that was made) is left out where it does nothing.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from dzviz.graph.terms import DERIVATIVE, Term, constant

ELEMENTWISE = ("+", "-", "*", "/", "**")

COMPARISONS = ("<", "<=", ">", ">=", "==", "!=", "&", "|")

SHAPING = ("broadcast_to", "reshape", "sum_to", "T", "transpose", "expand_dims", "squeeze")
"""What makes of a number that stands in each place a number that stands in each place."""

SHORT = 6
"""A number with so many characters is written as it is."""


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


MOST_ROUNDS = 8

MOST_BELOW = 100
"""Up to here a fraction stands below another: ``gy / (2*y)``."""


def _shorter(term: Term) -> Term:
    if not term.operands:
        return _as_known(term) if term.is_constant else term
    if term.label in ("+", "-", "*", "/", *COMPARISONS):
        term = _unspread(term)
    word = term.label.partition(" ")[0]
    if word in SHAPING and uniform(term.operands[0]) is not None and (value := _all(term)):
        return number(value, term.shape, like=term.value)
    if term.label.startswith("["):
        return _part(term)
    rule = _RULES.get(word)
    return term if rule is None else rule(term)


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


def _all(term: Term) -> float | None:
    """Return the number that a formula is in each place."""
    elements = np.asarray(term.value).reshape(-1)
    return float(elements[0]) if elements.size and np.all(elements == elements[0]) else None


def plus(terms: Sequence[Term]) -> Term:
    """Add up what came on several ways; what came twice alike is told twice as large."""
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


def minus_of(term: Term) -> Term | None:
    """Return what a formula is the negative of, where it is written so."""
    if term.label == "-" and len(term.operands) == 1:
        return term.operands[0]
    return None


def _unspread(term: Term) -> Term:
    """Leave out what only spreads one operand of two to the shape of the result."""
    if len(term.operands) < 2:
        return term
    operands = list(term.operands)
    for i, other in ((0, 1), (1, 0)):
        inner = operands[i]
        while (smaller := _before_spreading(inner)) is not None:
            try:
                shape = np.broadcast_shapes(smaller.shape, operands[other].shape)
            except ValueError:
                break
            if shape != term.shape:
                break
            inner = smaller
        operands[i] = inner
    return term.on(tuple(operands))


def _before_spreading(term: Term) -> Term | None:
    """Return what was spread, without axes of length 1 that broadcasting puts there itself."""
    if (value := uniform(term)) is not None and term.shape:
        return _as_known(number(value, like=term.value))
    word = term.label.partition(" ")[0]
    if word == "broadcast_to":
        return term.operands[0]
    if word == "*" and len(term.operands) == 2:
        for one, other in (term.operands, term.operands[::-1]):
            if not other.shape and uniform(one) == 1:
                return other
    ones = word == "/" and bool(term.operands[0].shape) and uniform(term.operands[0]) == 1
    if ones and not term.operands[1].shape:
        top = number(1.0)
        return Term("/", (top, term.operands[1]), 1 / np.asarray(term.operands[1].value))
    if "keepdims=True" in term.label:
        return _without_kept(term, word)
    if word == "reshape":
        (inner,) = term.operands
        lead = len(term.shape) - len(inner.shape)
        if lead >= 0 and term.shape == (1,) * lead + inner.shape:
            return inner
    return None


def _without_kept(term: Term, word: str) -> Term | None:
    """Leave out that axes are kept, where broadcasting puts them there itself."""
    lead = term.label.removeprefix(f"{word} ")
    if lead == "keepdims=True":
        return Term(word, term.operands, np.asarray(term.value).reshape(()))
    if lead == "axis=0, keepdims=True":
        return Term(f"{word} axis=0", term.operands, np.asarray(term.value)[0])
    return None


def _add(term: Term) -> Term:
    a, b = term.operands
    if uniform(b) == 0 and a.shape == term.shape:
        return a
    if uniform(a) == 0 and b.shape == term.shape:
        return b
    if a.key == b.key:
        return _multiply(Term("*", (number(2.0), a), term.value))
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


def _multiply(term: Term) -> Term:
    """Write a product as a number, formulas in the order in which they came, and what divides."""
    factors = list(_factors(term))
    number_of, tops, bottoms = 1.0, [], []
    ahead = factors[0].label != DERIVATIVE
    for factor in factors:
        if (inner := minus_of(factor)) is not None:
            number_of, factor = -number_of, inner
        if factor.label == "/" and numeric(factor.operands[0]) and uniform(factor.operands[0]) == 1:
            bottoms.append(factor.operands[1])
            continue
        if factor.label == "/" and numeric(factor.operands[1]) and not factor.operands[1].shape:
            bottoms.append(factor.operands[1])
            factor = factor.operands[0]
        value = uniform(factor)
        if value is None:
            tops.append(factor)
        else:
            number_of *= value
    if _all(term) == number_of and (number_of == 0 or not (tops or bottoms)):
        return number(number_of, term.shape, like=term.value)
    return _assembled(term, number_of, _powers(tops), bottoms, ahead=ahead)


def _factors(term: Term) -> Iterator[Term]:
    if term.label == "*":
        for operand in term.operands:
            yield from _factors(operand)
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
    if bottoms and size < 1 and (1 / size).is_integer() and 1 / size <= MOST_BELOW:
        bottoms, size = [number(1 / size), *bottoms], 1.0
    made_shape = np.broadcast_shapes(*[part.shape for part in (*parts, *bottoms)])
    if made_shape != term.shape:
        parts.append(number(1.0, term.shape))
    if size != 1 or not parts:
        at = 0 if ahead or (len(parts) < 2 and not parts[:1]) else 1
        parts.insert(at, _as_known(number(size)))
    made = _outer(_joined("*", parts))
    if bottoms:
        made = Term("/", (made, _joined("*", bottoms)), abs_of(term, sign))
    made = Term(made.label, made.operands, abs_of(term, sign), made.name)
    return Term("-", (made,), term.value) if sign else made


def abs_of(term: Term, negated: bool) -> Any:
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


def numeric(term: Term) -> bool:
    """Whether only numbers are in it."""
    return all(part.operands or part.is_constant for part in term.parts())


def _divide(term: Term) -> Term:
    a, b = term.operands
    value = uniform(b)
    if value == 1 and a.shape == term.shape:
        return a
    top = uniform(a)
    if top == 0 and _all(term) == 0:
        return number(0.0, term.shape, like=term.value)
    if top is not None and value:
        fraction = _fraction(top, value, term)
        if term.shape:
            return Term("*", (fraction, number(1.0, term.shape)), term.value)
        return fraction
    if a.label == "/":
        whole = np.asarray(a.operands[1].value) * np.asarray(b.value)
        below = _multiply(Term("*", (a.operands[1], b), whole))
        return Term("/", (a.operands[0], below), term.value)
    if (inner := minus_of(a)) is not None:
        return Term("-", (Term("/", (inner, b), -np.asarray(term.value)),), term.value)
    ties = any(part.label == "==" for part in b.parts())
    if ties and _all(b) == 1 and a.shape == term.shape:
        return a
    return term


def _fraction(top: float, bottom: float, term: Term) -> Term:
    """Write a fraction of numbers; one of 1 by a whole number stays as it is."""
    if top == 1 and bottom == int(bottom):
        return Term("/", (number(top), number(bottom)), top / bottom)
    return _as_known(number(top / bottom, like=term.value))


def _power(term: Term) -> Term:
    """Leave out an exponent of 1; one that is the op's own stands in its label."""
    exponent = term.label.partition(" ")[2] or (
        f"{uniform(term.operands[1]):.17g}" if uniform(term.operands[1]) is not None else ""
    )
    if exponent == "1" and term.operands[0].shape == term.shape:
        return term.operands[0]
    return term


def _transposed(term: Term) -> Term:
    (a,) = term.operands
    if len(a.shape) < 2:
        return a
    if a.label == "@" and all(len(x.shape) == 2 for x in a.operands):
        left, right = (_transposed(Term("T", (x,), np.transpose(x.value))) for x in a.operands)
        return Term("@", (right, left), term.value)
    return a.operands[0] if a.label == "T" else term


def _same_shape(term: Term) -> Term:
    (a, *_) = term.operands
    return a if a.shape == term.shape else term


def _spread(term: Term) -> Term:
    """Write one number in each place as that number times ones."""
    (a,) = term.operands
    inner = a.operands[0] if a.label.startswith("reshape ") else a
    if a.shape == term.shape or inner.shape:
        return _same_shape(term)
    return Term("*", (inner, number(1.0, term.shape)), term.value)


def _sum_to(term: Term) -> Term:
    """Write along which axes it sums."""
    (a,) = term.operands
    if a.shape == term.shape:
        return a
    lead = len(a.shape) - len(term.shape)
    kept = [i for i, n in enumerate(term.shape, lead) if n == 1 and a.shape[i] != 1]
    if not term.shape:
        return Term("sum", (a,), term.value)
    if lead and kept:
        return term
    axes = list(range(lead)) or kept
    axis = axes[0] if len(axes) == 1 else tuple(axes)
    return Term(f"sum axis={axis}{', keepdims=True' if kept else ''}", (a,), term.value)


def _where(term: Term) -> Term:
    condition, a, b = term.operands
    chosen = _all(condition)
    if chosen is not None:
        taken = a if chosen else b
        if taken.shape == term.shape:
            return taken
        if (value := uniform(taken)) is not None:
            return number(value, term.shape, like=term.value)
    return term


def _equal(term: Term) -> Term:
    """A tie that is nowhere, or everywhere, is none."""
    same = _all(term)
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
        if bound is not None and math.isinf(bound) and _all(one) and other.shape == term.shape:
            return other
    return term


def _part(term: Term) -> Term:
    """A column that is made for a product with a matrix, and taken off again, is none."""
    (a,) = term.operands
    if (value := uniform(a)) is not None:
        return number(value, term.shape, like=term.value)
    if term.label == "[..., 0]" and a.label == "@":
        left, right = a.operands
        if right.label == "[..., None]" and len(right.operands[0].shape) == 1:
            return Term("@", (left, right.operands[0]), term.value)
    return term


def _sigmoid(term: Term) -> Term:
    """``sigmoid(-x)`` is ``1 - sigmoid(x)``."""
    inner = minus_of(term.operands[0])
    if inner is None:
        return term
    one = Term("sigmoid", (inner,), 1 - np.asarray(term.value))
    return Term("-", (number(1.0), one), term.value)


def _reduced(term: Term) -> Term:
    """One axis is told by its number."""
    label = term.label
    if "axis=(" in label:
        axes = ast.literal_eval(label.partition("axis=")[2].partition(")")[0] + ")")
        if len(axes) == 1:
            return Term(label.replace(f"axis={axes}", f"axis={axes[0]}"), term.operands, term.value)
    return term


def _as_known(term: Term) -> Term:
    """Write a number as a fraction or a logarithm, where it is one and that is shorter."""
    value = uniform(term)
    if value is None or not math.isfinite(value) or len(repr(value)) <= SHORT:
        return term
    if value < 0:
        positive = _as_known(number(-value, term.shape, like=term.value))
        return Term("-", (positive,), term.value) if positive.operands else term
    if term.shape:
        return term
    for known, made in _KNOWN.items():
        if value == known:
            return made
    square = round(value * value)
    if square < 10_000 and math.sqrt(square) == value:
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

_RULES: Mapping[str, Callable[[Term], Term]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "**": _power,
    "T": _transposed,
    "=": lambda term: term.operands[0],
    "broadcast_to": _spread,
    "reshape": _same_shape,
    "sum_to": _sum_to,
    "sum": _reduced,
    "mean": _reduced,
    "where": _where,
    "==": _equal,
    "&": _and,
    "sigmoid": _sigmoid,
}
"""What is done with each Function, by the first word of its label."""
