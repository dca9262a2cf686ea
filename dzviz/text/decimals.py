"""Decimal digits of many numbers at a time: where the point moves, and where rounding decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dzviz.engine import Variable
from dzviz.text.numbers import SHOWN

EXACT = 22
"""Powers of ten up to this one have no error in floating point."""

NOISE = 1e-9
"""Rounding noise is not more than this part of the largest number of its kind, in large graphs."""

NEAR = 2.0**-48
"""As near to a number of few digits, in parts of it, lies what would be that without rounding."""

POWERS = 10.0 ** np.arange(EXACT + 1)
"""Powers of ten without an error."""

_UP = np.append(np.ones(EXACT), POWERS)
"""What to multiply with to move the point by ``i - EXACT`` places."""

_DOWN = _UP[::-1]
"""What to divide by then."""


def shifted(x: NDArray[np.float64], places: NDArray[Any]) -> NDArray[np.float64]:
    """Move the point by so many places, with one rounding."""
    there = places + EXACT
    moved: NDArray[np.float64] = x * _UP[there]
    moved /= _DOWN[there]
    return moved


def uncertain(columns: Sequence[Sequence[Any]]) -> tuple[list[int], list[int]]:
    """Say which values may be written otherwise for rounding, with up to `SHOWN` digits.

    First those that are as little beside others of their column as noise is; then those next to a
    number of one digit more, from which on they are rounded up or written short, and what is no
    float64. None is no value. They are counted through all columns.
    """
    little: list[NDArray[np.intp]] = []
    found: list[NDArray[np.intp]] = []
    values = np.abs(np.concatenate([_numbers(column) for column in columns]))
    begin = 0
    for column in columns:
        part = values[begin : begin + len(column)]
        known = part[part < np.inf]
        little.append(begin + np.flatnonzero(part <= NOISE * known.max(initial=0.0)))
        others = [i for i in np.flatnonzero(np.isnan(part)).tolist() if _is_value(column[i])]
        found.append(begin + np.array(others, np.intp))
        begin += len(column)
    sound = (values < np.inf) & (values > 0)
    values[~sound] = 1.0
    power = np.floor(np.log10(values)).astype(np.intp)
    sound &= np.abs(power - SHOWN) < EXACT
    power[~sound] = 0
    scaled = shifted(values, SHOWN - power)
    rounded = np.rint(scaled)
    near = sound & (np.abs(scaled - rounded) <= scaled * NEAR)
    where = np.flatnonzero(near)
    exact = shifted(rounded[where], power[where] - SHOWN) == values[where]
    found.append(where[~exact])
    return np.concatenate(little).tolist(), np.concatenate(found).tolist()


def near_short(
    sizes: NDArray[np.float64], errors: NDArray[np.float64], digits: int
) -> NDArray[np.bool_]:
    """Say which numbers above 0 are next to one with a digit more than the ``digits`` written.

    On the other side, where an error may take them, they are written otherwise.
    """
    power = np.floor(np.log10(sizes)).astype(np.intp)
    places = digits - power
    places = np.where(power < 6, np.maximum(places, 1), places)  # whole ones stand in full
    strange = np.abs(places) > EXACT
    scaled = shifted(sizes, np.where(strange, 0, places))
    away = np.abs(scaled - np.rint(scaled))
    near: NDArray[np.bool_] = ~(away > scaled * (errors / sizes + NEAR)) | strange
    return near


def _numbers(column: Sequence[Any]) -> NDArray[np.float64]:
    """Return the numbers of a column, NaN for what is none."""
    kinds = list(map(type, column))
    if set(kinds) != {np.float64}:
        column = [
            x if kind is np.float64 else np.nan for x, kind in zip(column, kinds, strict=True)
        ]
    return np.fromiter(column, np.float64)


def _is_value(x: Any) -> bool:
    return isinstance(x, np.ndarray | np.generic | Variable) and type(x) is not np.float64
