"""Numbers and arrays of a JSON document as values of a graph, none of them trusted."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dzviz.graph.model import Value
from dzviz.graph.ranges import SAMPLED, Range
from dzviz.graph.rounded import rounded
from dzviz.sources.cursor import Cursor, short

MAX_DIMENSIONS = 32
"""As many as NumPy's arrays had for decades."""

DTYPES = (
    "bool",
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    *(f"float{bits}" for bits in (16, 32, 64)),
)
"""The types that a value may have."""

NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
"""What JSON has no numbers for."""

COUNTS = ("nans", "infs", "minus_infs")
SUMMARY = ("shape", "min", "max", "mean", "norm", "sample", *COUNTS)
EXACT = ("values", "dtype", "shape", "bound")
"""The members of what is no number and no list."""


def read_value(
    place: Cursor | None, dtype: str | None = None, shape: tuple[int, ...] | None = None
) -> Value | None:
    """Read a number, an array in lists, or an object with its ``values``; None where there is none.

    Numbers are float64 unless a ``dtype`` is known. An array of which only a summary was written
    becomes the range of its elements.

    Raises:
        UsageError: It is none of these.
    """
    if place is None:
        return None
    bound = None
    values = place
    if isinstance(place.value, dict):
        if "values" not in place.value:
            return read_range(place)
        place.known(EXACT)
        values = place.need("values")
        if (named := place.get("dtype")) is not None:
            dtype = named.choice(DTYPES)
        if (sides := place.get("shape")) is not None:
            shape = tuple([side.whole() for side in sides.items()])
        bound = place.get("bound")
    if dtype is not None and dtype not in DTYPES:
        place.fail(f"its type is {short(dtype)}; it can be {', '.join(DTYPES)}")
    array = _array(values, dtype, shape)
    if bound is None:
        return array
    errors = _array(bound, "float64", array.shape)
    return rounded(array, errors)


def _array(place: Cursor, dtype: str | None, shape: tuple[int, ...] | None) -> Value:
    flat: list[Any] = []
    found = _flatten(place, flat, 0)
    if dtype is None:
        dtype = "bool" if flat and all(type(each) is bool for each in flat) else "float64"
    if shape is not None and shape != found:
        if math.prod(shape) != len(flat) or (flat and found != shape):
            place.fail(f"its values have the shape {found}, not {shape}")
        found = shape
    try:
        with np.errstate(all="ignore"):
            array = np.array(flat, dtype).reshape(found)
    except (OverflowError, ValueError, TypeError):
        place.fail(f"it has a number that is not of type {dtype}")
    array.setflags(write=False)
    return array[()] if not array.ndim else array


def _flatten(place: Cursor, flat: list[Any], depth: int) -> tuple[int, ...]:
    """Put all numbers of nested lists in one, and return their shape."""
    value = place.value
    if isinstance(value, bool | int | float):
        flat.append(value)
        return ()
    if isinstance(value, str) and value in NOT_FINITE:
        flat.append(NOT_FINITE[value])
        return ()
    if not isinstance(value, list):
        place.fail(f"a number or a list of numbers belongs here, not {place.kind}")
    if depth == MAX_DIMENSIONS:
        place.fail(f"its lists are nested more than {MAX_DIMENSIONS} deep")
    if all(type(each) is float for each in value):  # most are, and a Cursor for each takes long
        flat += value
        return (len(value),)
    shape: tuple[int, ...] = ()
    for i, item in enumerate(value):
        inner = _flatten(Cursor(item, place, i), flat, depth + 1)
        if i and inner != shape:
            Cursor(item, place, i).fail(
                f"its shape is {inner}, but the shape of those before it is {shape}"
            )
        shape = inner
    return (len(value), *shape)


def read_range(place: Cursor) -> Range:
    """Read what an array spans, where no more of it was written."""
    if "times" in place.value:
        place.fail("it is folded: what repeats is in it only once", "write it with --fold none")
    place.known(SUMMARY)
    shape = tuple([side.whole() for side in place.need("shape").items()])
    low, high = (read_value(place.get(name)) for name in ("min", "max"))
    nans, infs, minus = (0 if (n := place.get(c)) is None else n.whole() for c in COUNTS)
    return Range(
        *(1, shape, low, high, nans, infs, minus),
        norm=read_value(place.get("norm")),
        sample=_sample(place.get("sample")),
    )


def _sample(place: Cursor | None) -> tuple[Value, ...]:
    """Read the ends of an array."""
    if place is None:
        return ()
    found = np.asarray(read_value(place))
    if found.shape != (2 * SAMPLED,):
        place.fail(f"{SAMPLED} numbers of each end of an array belong here")
    return tuple(found)
