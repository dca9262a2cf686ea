"""Whether data or gradients were changed after they were computed, in place or by assigning them.

What ops have computed is computed again and compared. Of what nobody can have changed, scalars that
were never read, nothing is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

import numpy as np
from numpy import float64
from numpy.typing import NDArray

from dzviz.engine import Add, Div, Function, Mul, Sub, Variable, grad, raw, sample

ULPS = 8
"""Rounding may cause a difference of this many units in the last place."""

EXACT = ("arithmetic", "elementwise", "shaping")
"""Ops of these families compute each element alone. The others add up, in an order that may depend
on where in memory an array begins: each element of an operand may be one more unit."""

ARITHMETIC = (Add, Sub, Mul, Div)
"""Ops of which a scalar has the same bits as an element of an array."""

FEW = 100
"""Fewer ops are looked at one by one."""

ERRORS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What an op raises where its operands have a shape or type now that it cannot take."""


def changed(
    xs: Sequence[Variable],
    classes: Sequence[type],
    values: NDArray[np.float64],
    irregular: Iterable[int],
    counts: NDArray[np.int32],
    operands: NDArray[np.int32],
) -> tuple[list[Variable], list[Variable]]:
    """Return results that are not what their Functions make of their operands, and the unknown.

    ``classes`` are those of their Functions, ``values`` those of scalars that nobody has read; the
    ``odd`` may be no such. Variable ``i`` has ``counts[i]`` operands, all one after another in
    ``operands``. A user's own Function is not
    run; its result is unknown once an operand has changed.
    """
    touchable, number = np.zeros(len(xs), bool), np.ones(len(xs), bool)
    values = values.copy()
    for i in irregular:
        data = xs[i]._data
        touchable[i] = isinstance(data, np.ndarray)
        if data is None or data.dtype != float64 or data.ndim:
            number[i] = False
        else:
            values[i] = data
    users = np.repeat(np.arange(len(xs)), counts)
    suspect = touchable & (counts > 0)
    suspect[users[touchable[operands]]] = True
    results: list[Variable] = []
    unknown: list[Variable] = []
    with np.errstate(all="ignore"):
        _exonerate(suspect, classes, values, number, counts, operands)
        for i in np.flatnonzero(suspect).tolist():
            y = xs[i]
            function: Any = y.creator
            if function.rules:
                if not _agrees(function, y):
                    results.append(y)
            elif _moved(function, y):
                results.append(y)
            elif any(_moved(function, x) for x in function.inputs):
                unknown.append(y)
    return results, unknown


def _exonerate(
    suspect: NDArray[np.bool_],
    classes: Sequence[type],
    values: NDArray[np.float64],
    number: NDArray[np.bool_],
    counts: NDArray[np.int32],
    operands: NDArray[np.int32],
) -> None:
    """Take sums, differences, products and quotients of numbers off the suspects, if they agree.

    NumPy computes all of one kind at once, in a tenth of the time of one after the other.
    """
    rows = np.flatnonzero(suspect & number & (counts == 2))
    if len(rows) < FEW:
        return
    first = np.cumsum(counts)[rows] - 2
    left, right = operands[first], operands[first + 1]
    numbers = number[left] & number[right]
    kinds: dict[type, int] = {op: i for i, op in enumerate(ARITHMETIC)}
    kind = np.fromiter(map(kinds.get, classes, repeat(-1)), np.int8, len(classes))[rows]
    for i, op in enumerate(ARITHMETIC):
        same = numbers & (kind == i)
        again = op.forward(None, values[left[same]], values[right[same]])  # type: ignore[arg-type]
        suspect[rows[same]] = again != values[rows[same]]


def wrong_gradients(ys: Sequence[Variable], xs: Sequence[Variable]) -> list[Variable]:
    """Return those of ``xs`` whose gradient is not that of ``ys`` with respect to them.

    It runs the pass again, which touches no gradient.
    """
    if not xs:
        return []
    with np.errstate(all="ignore"):
        try:
            gxs = [raw(gx) for gx in grad(ys, xs)]
        except ERRORS:
            return list(xs)
        pairs = [(x, gradient(x), gx) for x, gx in zip(xs, gxs, strict=True)]
        others = [pair for pair in pairs if not _is_same_number(*pair[1:])]  # nearly always none
        if not others:
            return []
        slack = _rounding(x._data for x in xs) * max(map(_largest, gxs))
        return [x for x, old, new in others if not _same(old, new, slack)]


def gradient(x: Variable) -> Any:
    """Return the gradient that a Variable holds, as the engine computes with it."""
    return raw(x._grad) if isinstance(x._grad, Variable) else x._grad


def _agrees(function: Function, y: Variable) -> bool:
    """Tell whether ``y`` is what an op makes of its operands, except for rounding."""
    xs = [raw(x) for x in function.inputs]
    try:
        again = function.forward(*xs)
    except ERRORS:
        return False
    slack = 0.0
    if type(function).__module__.rpartition(".")[2] not in EXACT:
        terms = [_largest(x) for x in xs]
        slack = _rounding(xs) * max(_largest(y._data), math.prod(filter(None, terms)))
    return _same(raw(y), again, slack)


def _moved(function: Function, x: Variable) -> bool:
    """Tell whether an operand or result of a user's Function has changed, by its samples."""
    samples = getattr(function, "_samples", None)
    if samples is None:  # a call of its own, or an op with a backward of its own
        return False
    ends = [*function.inputs, *(reference() for reference in function.outputs)]
    kept = [old for old, end in zip(samples, ends, strict=True) if end is x]
    return any(x._data is None or not _same(old, sample(x._data)) for old in kept)


def _same(old: Any, new: Any, slack: float = 0.0) -> bool:
    """Whether arrays have the same type, shape and elements, except for rounding or ``slack``."""
    if _is_same_number(old, new):
        return True
    old, new = np.asarray(old), np.asarray(new)
    if old.shape != new.shape or old.dtype != new.dtype:
        return False
    if old.dtype.kind != "f":
        return np.array_equal(old, new)
    if np.array_equal(old, new, equal_nan=True):
        return True
    slack = np.maximum(slack, ULPS * np.abs(old)) * np.finfo(old.dtype).eps
    close = np.isfinite(old) & np.isfinite(new) & (np.abs(old - new) <= slack)
    return bool(np.all(close | (old == new) | (np.isnan(old) & np.isnan(new))))


def _is_same_number(old: Any, new: Any) -> bool:
    """Whether both are the same float64: found out in a twentieth of what `_same` takes else."""
    return type(old) is type(new) is float64 and bool(old == new)


def _largest(value: Any) -> float:
    """Return the size of the largest finite element, 0 where there is none."""
    if value is None or value.dtype.kind not in "biuf":
        return 0.0
    sizes = np.abs(np.asarray(value, float64))
    return float(np.max(sizes, initial=0.0, where=np.isfinite(sizes)))


def _rounding(values: Iterable[Any]) -> float:
    """Return how many units in the last place a sum over the elements of these may be wrong by."""
    return float(ULPS + max((np.size(value) for value in values), default=0))
