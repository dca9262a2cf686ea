"""Numbers and arrays for people: short, rounded alike on every machine, exact where they are."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from functools import lru_cache
from math import copysign, inf, isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from dzviz.budget import check_time
from dzviz.graph.model import Value
from dzviz.graph.ranges import SAMPLED, Range
from dzviz.graph.rounded import bound_of, extreme, mean
from dzviz.options import ENGLISH, FULL, Look
from dzviz.text.languages import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

IN_PLACE = (1e-4, 1e6)
"""From the first on, below the second, digits stand in their places; else there is an exponent."""

SHOWN = 6
"""With so many digits or fewer, it is worth while to look which numbers rounding may change."""

EXACT = Look(precision=FULL, max_elements=64)
"""How numbers are written where there is room for more digits."""

NOISE = "~0"
"""What is no larger than the error that rounding may have made."""

ROUGH = 1e-5
"""What may be off by a larger part of it is written as it is."""

NOISE_MEANING = "no larger than what rounding can make"


def number(value: Any, precision: int = 4, bound: float = 0.0) -> str:
    """Write a number for people.

    An exact value is as short as it can be (``1``, ``0.5``, ``10000``), a rounded one keeps its
    zeros (``1.000`` for 1.00001). From 1e-4 up to 1e6 digits stand in their places; nothing that
    is not zero is written ``0``.

    Where the ``bound`` of its error is known, a number that may be 0 is written ``~0``, one that
    may be short is so, and one that may lie in the middle of two is rounded up: a last bit that
    another processor computes otherwise changes no digit.
    """
    if isinstance(value, float):
        x = float(value)
    elif isinstance(value, bool | np.bool_ | int | np.integer):
        return str(value)
    elif isinstance(value, np.ndarray):  # of no dimension; also of a truth value
        known = bound_of(value)
        return number(value[()], precision, bound if known is None else float(known))
    else:
        x = float(str(value))  # float32(0.1) is 0.1
    return _number(x, precision, bound)


@lru_cache(1 << 14)  # one picture writes the same number up to ten times
def _number(x: float, precision: int, bound: float) -> str:
    if bound > 0 and precision <= FULL and abs(x) <= bound < inf:
        return NOISE
    if 0 < bound <= ROUGH * abs(x) and precision <= FULL and isfinite(x):
        away = x + copysign(bound, x)
        short = float(_ROUNDED[precision] % away)
        x = short if abs(short - x) <= bound else away
    text = _ROUNDED[precision] % x
    if float(text) == x:  # so are the infinities
        text = f"{x:.{precision}g}" if x else "0"
    elif x != x:
        return "NaN"
    if "e" not in text:
        return text.rstrip(".")
    if IN_PLACE[0] <= abs(x) < IN_PLACE[1]:
        return f"{x:.0f}" if abs(x) >= 1 else f"{x:.{precision + 3}f}".rstrip("0")
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa.rstrip('.')}e{int(exponent)}"


_ROUNDED = [f"%#.{precision}g" for precision in range(18)]
"""How a number is rounded; to write this again for each one takes half as long again."""


def value_lines(value: Value, look: Look) -> list[str]:
    """Write a number, or an array: small ones in full, in rows; large ones by what they span."""
    if isinstance(value, Range):
        return _range_lines(value, look)
    if isinstance(value, float) or not np.ndim(value):
        return [number(value, look.precision)]
    if value.size > look.max_elements or value.size == 0:
        return with_shape(value, [summary(value, look)], look)
    texts, wide = _elements(value, look), value.shape[-1]
    rows = [_row(texts[i : i + wide]) for i in range(0, len(texts), wide)]
    return rows if value.ndim == 1 and "shape" not in look.show else with_shape(value, rows, look)


def with_shape(value: Value, lines: list[str], look: Look) -> list[str]:
    """Put an array's shape before what is said of it, unless it is hidden."""
    return lines if "shape" in look.hide else [str(value.shape), *lines]


def value_text(value: Value, look: Look) -> str:
    """Write a number or an array on one line: ``[[1, 2], [3, 4]]``."""
    if isinstance(value, Range):
        return " ".join(_range_lines(value, look))
    if not np.ndim(value):
        return number(value, look.precision)
    if value.size > look.max_elements or value.size == 0:
        return " ".join(value_lines(value, look))
    return _nested(np.array(_elements(value, look), object).reshape(value.shape))


def summary(value: Value, look: Look, *, average: bool = True) -> str:
    """Write the range and the ``average`` of an array's finite elements, and count the others."""
    if not value.size:
        return say(look.lang, "empty")
    counts = []
    bounds = bound_of(value)
    value = np.asarray(value)
    sound = np.isfinite(value)
    finite = value.ravel() if sound.all() else value[sound]
    bounds = None if bounds is None else bounds[sound]
    if finite.size < value.size:
        kinds = ("NaN", np.isnan(value)), ("inf", value == np.inf), ("-inf", value == -np.inf)
        found = [(word, int(np.count_nonzero(where))) for word, where in kinds]
        counts = [f"{count} {word}" for word, count in found if count]
    if finite.size:
        with np.errstate(all="ignore"):
            ends = extreme(finite, bounds), extreme(finite, bounds, high=True)
            low, high = (number(x, look.precision) for x in ends)
            span = low if low == high else f"{low} .. {high}"
            if low != high and average:
                middle = number(mean(finite, bounds), look.precision)
                span += f", {say(look.lang, 'mean {value}', value=middle)}"
        if low == high and not counts:
            span = say(look.lang, "all {value}", value=span)
        counts.insert(0, span)
    return ", ".join(counts)


def _range_lines(value: Range, look: Look) -> list[str]:
    """Write between which values something was, and which one goes on."""
    lines = [span(value, look.precision, look.lang)]
    if value.shape:
        return with_shape(value, lines, look)
    if value.last is not None and (value.kind or value.low != value.high):
        lines.append(say(look.lang, "last {value}", value=number(value.last, look.precision)))
    return lines


def span(value: Range, precision: int, lang: str = ENGLISH) -> str:
    """Write between which values something was: ``1 .. 3, 2 NaN``."""
    words = [
        f"{count} {word}"
        for count, word in ((value.nans, "NaN"), (value.infs, "inf"), (value.minus_infs, "-inf"))
        if count
    ]
    if value.low is not None:
        low, high = number(value.low, precision), number(value.high, precision)
        words.insert(0, low if low == high else f"{low} .. {high}")
    return ", ".join(words) or say(lang, "empty" if 0 in value.shape else "unknown")


def sample_text(value: Value, precision: int) -> str:
    """Write the ends of an array of which only a range is known: ``[1, 2, 3, ..., 7, 8, 9]``."""
    if not isinstance(value, Range) or not value.sample:
        return ""
    texts = [number(element, precision) for element in value.sample]
    return _row([*texts[:SAMPLED], "...", *texts[SAMPLED:]])


def _elements(value: Value, look: Look) -> list[str]:
    """Write each element of an array, one after the other."""
    check_time()
    bounds, precision = bound_of(value), look.precision
    known = itertools.repeat(0.0) if bounds is None else bounds.ravel().tolist()
    elements = np.asarray(value).ravel()
    if elements.dtype == float:  # what the next line comes to, in half the time
        return [_number(x, precision, bound) for x, bound in zip(elements.tolist(), known)]  # noqa: B905
    return [number(x, precision, bound) for x, bound in zip(elements, known)]  # noqa: B905


def _row(row: Iterable[str]) -> str:
    return f"[{', '.join(row)}]"


def _nested(texts: NDArray[np.object_]) -> str:
    return _row(texts if texts.ndim == 1 else map(_nested, texts))
