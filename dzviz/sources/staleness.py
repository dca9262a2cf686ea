"""Whether data or gradients were changed after they were computed, in place or by assigning them.

What ops have computed is computed again and compared. Of what nobody can have changed, scalars that
were never read, nothing is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy import float64
from numpy.typing import NDArray

from dzviz.engine import Function, Variable, grad, raw, sample

ULPS = 8
"""So many units in the last place may differ by rounding."""

EXACT = ("arithmetic", "elementwise", "shaping")
"""Ops of these families compute each element alone. The others add up, in an order that may depend
on where in memory an array begins: each element of an operand may be one more unit."""

FEW = 100
"""So many ops are looked at one by one."""

ERRORS = (ArithmeticError, LookupError, TypeError, ValueError)
"""What an op raises where its operands have a shape or type now that it cannot take."""


def changed(
    xs: Sequence[Variable],
    values: Sequence[Any],
    touchable: Sequence[int],
    counts: NDArray[np.intp],
    operands: NDArray[np.intp],
) -> tuple[list[Variable], list[Variable]]:
    """Return results that are not what their Functions make of their operands, and the unknown.

    The ``values`` of ``xs`` are as `dezero.core.raw` returns them; only the ``touchable`` can have
    been changed. Variable ``i`` has ``counts[i]`` operands, all one after another in ``operands``.
    A user's own Function is not run; its result is unknown once an operand has changed.
    """
    mask = np.zeros(len(xs), bool)
    mask[touchable] = True
    users = np.repeat(np.arange(len(xs)), counts)
    mask[users[mask[operands]]] = True
    suspects = np.flatnonzero(mask & (counts > 0))
    first = np.append(0, np.cumsum(counts))
    with np.errstate(all="ignore"):
        pairs = suspects[counts[suspects] == 2]
        if len(pairs) > FEW and _all_agree(xs, values, pairs, operands[first[pairs] + [[0], [1]]]):
            suspects = np.setdiff1d(suspects, pairs)
        results: list[Variable] = []
        unknown: list[Variable] = []
        for i in suspects.tolist():
            y = xs[i]
            function: Any = y.creator
            if function.rules:
                if not _agrees(function, y):
                    results.append(y)
            elif _moved(function, y):
                results.append(y)
            elif any(map(_moved, [function] * len(function.inputs), function.inputs)):
                unknown.append(y)
    return results, unknown


def wrong_gradients(ys: Sequence[Variable], xs: Sequence[Variable]) -> list[Variable]:
    """Return those of ``xs`` whose gradient is not that of ``ys`` with respect to them.

    It runs the pass again, which touches no gradient.
    """
    with np.errstate(all="ignore"):
        try:
            gxs = grad(ys, xs)
        except ERRORS:
            return list(xs)
        slack = _rounding(x._data for x in xs) * max((_largest(gx.data) for gx in gxs), default=0.0)
        return [x for x, gx in zip(xs, gxs, strict=True) if not _same(gradient(x), gx.data, slack)]


def gradient(x: Variable) -> Any:
    """Return the gradient that a Variable holds, as the engine computes with it."""
    return raw(x._grad) if isinstance(x._grad, Variable) else x._grad


def _all_agree(
    xs: Sequence[Variable], values: Sequence[Any], which: NDArray[np.intp], pairs: NDArray[np.intp]
) -> bool:
    """Tell in a third of the time whether many results of two operands are what they were.

    Where one is not, or is no number, this cannot be told.
    """
    try:
        again = [
            xs[i].creator.forward(values[a], values[b]) if xs[i].creator.rules else None
            for i, a, b in zip(which.tolist(), *pairs.tolist(), strict=True)
        ]
        return again == [values[i] for i in which.tolist()]
    except ERRORS:
        return False


def _agrees(function: Function, y: Variable) -> bool:
    """Tell whether ``y`` is what an op makes of its operands, but for rounding."""
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
    place = next(i for i, end in enumerate(ends) if end is x)
    return not _same(samples[place], sample(x._data))


def _same(old: Any, new: Any, slack: float = 0.0) -> bool:
    """Tell whether arrays have the same type, shape and elements, but for rounding or ``slack``."""
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


def _largest(value: Any) -> float:
    """Return the size of the largest finite element, 0 where there is none."""
    sizes = np.abs(np.asarray(value, float64))
    return float(np.max(sizes, initial=0.0, where=np.isfinite(sizes)))


def _rounding(values: Iterable[Any]) -> float:
    """Return how many units in the last place a sum over the elements of these may be wrong by."""
    return float(ULPS + max((np.size(value) for value in values), default=0))
