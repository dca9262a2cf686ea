"""Which numbers of a graph of scalars rounding may write otherwise, found in columns.

How far each is off at most comes from linear bounds of all ops of a kind at once, and one addition
for each operand. That is a fiftieth of the time of `dzviz.sources.bounds`, whose bounds are never
larger; of what is not found here they change no word.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from dzviz.engine import SMALL, SURE, UNIT, Linear, Op, UnsureError, Variable, linear
from dzviz.records import NamedTuple
from dzviz.sources.bounds import is_built_in
from dzviz.sources.columns import PLAIN
from dzviz.text.decimals import near_short

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dzviz.sources.columns import Columns

    Floats: TypeAlias = NDArray[np.float64]
    Ints: TypeAlias = NDArray[np.integer[Any]]

FLAT = 2.0**-120
"""A product of a number from `SMALL` on and a slope from this one on is not too small."""

SLACK = 1 + 2.0**-20
"""What first-order bounds are multiplied by, op by op, for what they leave out."""


class _Shape(NamedTuple):
    """What was computed from what: the operand and the result of each use.

    And the ``first`` use of each result, and of each of the ``kinds`` an op and all of its results.
    """

    operand: Ints
    result: Ints
    first: Ints
    kinds: Sequence[tuple[Any, Ints]]


def suspects(
    known: Columns, ys: Collection[Variable], gradients: Sequence[Any], digits: int
) -> set[int] | None:
    """Return the places of such data and, counted on, of such gradients of the last pass.

    They are written with so many ``digits``. Of a graph of other things than scalars, or with ops
    or numbers of which too little is known, it is None. The pass began with ones at ``ys``.
    """
    values = _values(known)
    if values is None:
        return None
    try:
        with np.errstate(all="ignore"):
            shape = _shape(known)
            errors = _errors(values, shape)
            found = set(np.flatnonzero(_unsure(values, errors, digits)).tolist())
            plain = [g if type(g) is np.float64 else _plain(g) for g in gradients]
            if not PLAIN.issuperset(map(type, plain)):
                return None
            kept = [i for i, g in enumerate(plain) if type(g) is np.float64]
            if kept:
                seeds = [i for i, x in enumerate(known.xs) if x in ys and not x.constant]
                still = np.fromiter((x.constant for x in known.xs), bool, len(values))
                of_grads = _errors_of_gradients(values, errors, shape, seeds, still)[kept]
                numbers = np.array([plain[i] for i in kept])
                rest = np.array(kept)[_unsure(numbers, of_grads, digits)] + len(values)
                found.update(rest.tolist())
    except UnsureError:  # an op that is not of each number alone
        return None
    return found


def _plain(gradient: Any) -> Any:
    """Return the number of a gradient that has a graph of its own, or is an array without axes."""
    data = gradient._data if isinstance(gradient, Variable) else gradient
    return data[()] if isinstance(data, np.ndarray) else data


def _values(known: Columns) -> Floats | None:
    values = known.data.copy()
    for i in known.irregular:
        data = known.xs[i]._data
        if data is None or data.dtype != np.float64 or data.ndim:
            return None
        values[i] = data
    return values if np.isfinite(values).all() else None


def _shape(known: Columns) -> _Shape:
    """Sort the results by what made them: ops of a class, and of the same attributes.

    Raises:
        UnsureError: A Function is the user's own, or a leaf was computed, though that is not drawn.
            Or nobody can tell whether attributes are the same.
    """
    rows: dict[Any, list[int]] = {}
    for i, maker in enumerate(known.makers):
        if maker is None:
            if getattr(known.xs[i], "maker", None) is not None:
                raise UnsureError
            continue
        if not (isinstance(maker, Op) and maker.rules):
            raise UnsureError
        kind = type(maker)
        key = kind if kind.stateless else (kind, *vars(maker).values())
        try:
            found = rows.get(key)
        except TypeError:  # an array, or a list
            raise UnsureError from None
        if found is not None:
            found.append(i)
        elif is_built_in(maker):
            rows[key] = [i]
        else:
            raise UnsureError
    kinds = [(known.makers[found[0]], np.array(found)) for found in rows.values()]
    result = np.repeat(np.arange(len(known.xs)), known.counts)
    return _Shape(known.operand, result, np.cumsum(known.counts) - known.counts, kinds)


def _errors(values: Floats, shape: _Shape) -> Floats:
    """Return how far data can be off at most; infinite or NaN where that is unknown."""
    errors, factors = np.zeros(len(values)), np.zeros(len(shape.operand))
    for op, rows in shape.kinds:
        uses = [shape.first[rows] + k for k in range(len(op.inputs))]
        made = op.forward(*linear(*[values[shape.operand[use]] for use in uses]))
        if type(made) is not Linear:
            raise UnsureError
        errors[rows] = made.factors[-1] * SLACK
        for use, factor in zip(uses, made.factors, strict=False):
            factors[use] = factor * SLACK
    added = errors.tolist()
    steps = list(zip(shape.result.tolist(), shape.operand.tolist(), factors.tolist(), strict=True))
    for y, x, factor in steps:
        added[y] += factor * added[x]
    unsure = _too_far(values, np.array(added))
    if unsure.any():  # and with them all that was computed from them
        errors[unsure] = np.inf
        added = errors.tolist()
        for y, x, factor in steps:
            added[y] += factor * added[x]
    return np.array(added)


def _errors_of_gradients(
    values: Floats,
    errors: Floats,
    shape: _Shape,
    seeds: Sequence[int],
    still: NDArray[np.bool_],
) -> Floats:
    """Return how far gradients can be off at most, in whatever order their sums are computed.

    No gradient flows to what is ``still``.
    """
    flows = ~still[shape.operand]
    terms = np.bincount(shape.operand[flows], minlength=len(values))
    terms[seeds] += 1
    slopes, steeper, local = (np.zeros(len(shape.operand)) for _ in range(3))
    for op, rows in shape.kinds:
        uses = [shape.first[rows] + k for k in range(len(op.inputs))]
        places = [rows, *[shape.operand[use] for use in uses]]
        ones = np.ones(len(rows))
        gy, *ends = linear(ones, *[values[place] for place in places])
        for rule, use in zip(op.vjps, uses, strict=True):
            if rule is None:
                continue
            made = rule(op, gy, *ends)
            if type(made) is not Linear:
                raise UnsureError
            slopes[use], steeper[use] = made.value, made.factors[0]
            local[use] = made.factors[-1]
            for place, factor in zip(places, made.factors[1:], strict=False):
                local[use] += factor * errors[place]
    local += UNIT * (terms[shape.operand] - 1) * steeper
    columns = (
        column[flows][::-1].tolist()
        for column in (shape.result, shape.operand, slopes, steeper * SLACK, local * SLACK)
    )
    grads, added = [0.0] * len(values), [0.0] * len(values)
    for i in seeds:
        grads[i], added[i] = 1.0, UNIT * (int(terms[i]) - 1)
    for y, x, slope, factor, error in zip(*columns, strict=True):
        gy, off = grads[y], added[y]
        grads[x] += gy * slope
        added[x] += factor * off + (abs(gy) + off) * error
    if _has_less(slopes, FLAT) or _has_less(np.array(grads), SMALL):
        raise UnsureError
    return np.array(added)


def _has_less(numbers: Floats, size: float) -> bool:
    """Whether numbers that are none are less than this."""
    return bool(np.any((np.abs(numbers) < size) & (numbers != 0)))


def _too_far(values: Floats, errors: Floats) -> NDArray[np.bool_]:
    """Where a number is off by so large a part of it that linear bounds do not hold."""
    return ~(errors <= SURE * np.abs(values))


def _unsure(values: Floats, errors: Floats, digits: int) -> NDArray[np.bool_]:
    """Where a number may be written otherwise."""
    found = _too_far(values, errors)
    inexact = np.flatnonzero(~found & (errors > 0))
    found[inexact] = near_short(np.abs(values[inexact]), errors[inexact], digits)
    return found
