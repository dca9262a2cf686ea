"""Numbers into characters, a whole column at a time: with NumPy a tenth of the time of each alone.

Characters stand as bytes in a matrix, a row for each number, with zero bytes where there is none: a
text of many numbers is put together from such columns, and the zeros then dropped. How a number is
written is `dzviz.text.numbers.number`'s business; it writes those that are rare, too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dzviz.records import NamedTuple
from dzviz.text.decimals import EXACT, POWERS, shifted
from dzviz.text.numbers import IN_PLACE, number

Characters = NDArray[np.uint8]

ZERO, POINT, MINUS, E = np.frombuffer(b"0.-e", np.uint8)

LEAST = -4
"""The first digit of the least number that needs no exponent stands for ten to this power."""

FIRST = 2 - LEAST
"""The row of the first digit, after a sign and "0.000"."""

BLOCK = 256
"""How many rows are put together at once: what fits a processor's cache takes half the time."""


def integers(*columns: NDArray[np.integer[Any]]) -> list[Characters]:
    """Write columns of one length of integers, those below 0 as if they were 0."""
    values = np.maximum(np.concatenate(columns), 0)
    digits = _digits(values, len(str(values.max(initial=0))))
    shown = digits != 0
    for i in range(1, len(shown)):  # `np.logical_or.accumulate` takes ten times as long
        shown[i] |= shown[i - 1]
    shown[-1] = True
    digits += ZERO
    digits *= shown
    return _columns(digits, len(columns))


def numbers(precision: int, *columns: NDArray[np.float64]) -> list[Characters]:
    """Write columns of one length of numbers, each as `dzviz.text.numbers.number` does."""
    values = np.concatenate(columns)
    decimals = _decimals(np.abs(values), precision)
    text = _layout(values < 0, decimals)
    zero = values == 0
    for i in np.flatnonzero(~decimals.known & ~zero).tolist():
        written = number(values[i], precision).encode()
        text[:, i] = 0
        text[: len(written), i] = np.frombuffer(written, np.uint8)
    if zero.any():
        text[:, zero] = 0
        text[FIRST, zero] = ZERO
    return _columns(text, len(columns))


class _Decimals(NamedTuple):
    """Numbers as ``digits``, an integer of ``count`` of them, of which the first is for ``power``.

    ``exact`` are those that need no zeros at their end. What is not ``known`` is anything.
    """

    known: NDArray[np.bool_]
    digits: NDArray[np.float64]
    count: Any
    power: NDArray[np.intp]
    exact: NDArray[np.bool_]


def _decimals(x: NDArray[np.float64], precision: int) -> _Decimals:
    """Round numbers that are not negative."""
    known = (x < np.inf) & (x != 0)
    x[~known] = 1.0
    power = np.floor(np.log10(x)).astype(np.intp)
    near = np.abs(power - precision) < EXACT
    if precision > 15 or not near.all():
        known &= near & (precision <= 15)
        x[~known] = 1.0
        power[~known] = 0
    # What a logarithm that is off by one, or a tenth nine, would change is left to `number`, and
    # where a number lies in the middle of two.
    scaled = shifted(x, precision - 1 - power)
    count: Any = precision
    whole = (power >= precision) & (x < IN_PLACE[1])
    if whole.any():
        scaled = np.where(whole, x, scaled)
        count = np.where(whole, power + 1, count)
    rounded = np.rint(scaled)
    known &= (scaled >= POWERS[count - 1]) & (rounded < POWERS[count])
    known &= np.abs(np.abs(scaled - rounded) - 0.5) > scaled * 4e-16
    exact = shifted(rounded, power + 1 - count) == x
    return _Decimals(known, rounded, count, power, exact)


def _layout(negative: NDArray[np.bool_], decimals: _Decimals) -> Characters:
    """Write signs, digits, points and exponents, a row for each place of a character."""
    _, rounded, count, power, exact = decimals
    in_place = (power >= LEAST) & (power < count)
    point = np.where(in_place, power, 0)  # it stands after this digit
    width = int(np.max(count))
    digits = _digits(rounded * POWERS[width - count], width)
    place = np.arange(width)[:, np.newaxis]
    shown = digits != 0
    for i in range(width - 2, -1, -1):
        shown[i] |= shown[i + 1]  # zeros between digits are shown, too
    shown |= ~exact | (place <= point)
    shown &= place < count
    digits += ZERO
    digits *= shown

    text = np.zeros((FIRST + 2 * width + 4, len(power)), np.uint8)
    text[0] = MINUS * negative
    small = in_place & (power < 0)
    if small.any():
        text[1] = ZERO * small
        text[2] = POINT * small
        for i in range(-LEAST - 1):
            text[3 + i] = ZERO * (small & (power < -1 - i))
    text[FIRST:-4:2] = digits
    text[FIRST + 1 : -6 : 2] = POINT * (shown[1:] & (place[:-1] == point))
    if not in_place.all():
        size = np.abs(power).astype(np.uint8)
        text[-4] = E * ~in_place
        text[-3] = MINUS * (~in_place & (power < 0))
        text[-2] = (ZERO + size // 10) * (~in_place & (size >= 10))
        text[-1] = (ZERO + size % 10) * ~in_place
    return text


def joined(text: Characters) -> str:
    """Put the rows together to one text, without the zero bytes."""
    parts = [text[i : i + BLOCK] for i in range(0, len(text), BLOCK)]
    return "".join([part.tobytes().translate(None, b"\0").decode() for part in parts])


def _columns(characters: Characters, count: int) -> list[Characters]:
    """Turn rows of characters, of several columns in a row, into a matrix for each column."""
    width, size = characters.shape
    return list(characters.reshape(width, count, size // count).transpose(1, 2, 0))


def _digits(values: NDArray[Any], width: int) -> Characters:
    """Return the last ``width`` decimal digits of integers, as numbers, a row for each place."""
    rest: NDArray[Any] = values.astype(np.uint32 if width <= 9 else np.uint64)
    digits = np.empty((width, len(values)), np.uint8)
    for i in range(width - 1, 0, -1):
        higher = rest // 10
        digits[i] = rest - higher * 10
        rest = higher
    digits[0] = rest
    return digits
