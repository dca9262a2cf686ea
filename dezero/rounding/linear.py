"""Columns of numbers with bounds of their errors that are linear in those of what they came from.

What `Bounded` finds op by op is never more, but for the errors of the second order: a factor next
to 1. All ops of a kind take a few calls of NumPy. What is exact by chance counts as rounded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .bounded import ULPS, UNIT
from .elementwise import FUNCTIONS

SURE = 2.0**-32
"""Operands are taken to be off by no larger a part of them than this: what is less sure is found by
who computes with the factors, and then they do not hold."""

SMALL = 2.0**-900
"""Errors of numbers that are smaller may not be relative to them."""


class UnsureError(Exception):
    """No linear bound is known."""


class Linear:
    """A column of float64 or truth values, and how much each error counts in it.

    ``factors`` has a row for each operand: what an error there is multiplied by. The last row is
    what rounding has added. ``most`` has the largest errors that the operands may have, and a 1.
    """

    __slots__ = ("factors", "most", "value")

    def __init__(self, value: Any, factors: Any, most: Any) -> None:
        self.value = value
        self.factors = factors
        self.most = most

    @property
    def off(self) -> Any:
        """How far it can be off at most."""
        return np.add.reduce(self.factors * self.most)

    def __bool__(self) -> bool:
        raise UnsureError

    def __getattr__(self, name: str) -> Any:
        raise UnsureError(name)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **_: Any) -> Any:
        if method != "__call__" or ufunc not in _UFUNCS:
            raise UnsureError(ufunc)
        return _UFUNCS[ufunc](*inputs)

    def __array_function__(self, function: Any, *_: object) -> Any:
        raise UnsureError(function)

    def __add__(self, other: Any) -> Linear:
        return _add(self, other)

    def __radd__(self, other: Any) -> Linear:
        return _add(other, self)

    def __sub__(self, other: Any) -> Linear:
        return _subtract(self, other)

    def __rsub__(self, other: Any) -> Linear:
        return _subtract(other, self)

    def __mul__(self, other: Any) -> Linear:
        return _multiply(self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Linear:
        return _divide(self, other)

    def __rtruediv__(self, other: Any) -> Linear:
        return _divide(other, self)

    def __pow__(self, other: Any) -> Linear:
        return _power(self, other)

    def __neg__(self) -> Linear:
        return Linear(-self.value, self.factors, self.most)

    def __gt__(self, other: Any) -> Linear:
        return _compare(np.greater, self, other)

    def __lt__(self, other: Any) -> Linear:
        return _compare(np.less, self, other)

    def __ge__(self, other: Any) -> Linear:
        return _compare(np.greater_equal, self, other)

    def __le__(self, other: Any) -> Linear:
        return _compare(np.less_equal, self, other)

    def __eq__(self, other: Any) -> Linear:  # type: ignore[override]  # as of arrays
        return _compare(np.equal, self, other)

    __hash__ = None  # type: ignore[assignment]


def linear(*columns: Any) -> list[Linear]:
    """Return columns that have errors of their own each."""
    shape = len(columns) + 1, len(columns[0])
    most = np.ones(shape)
    most[:-1] = [SURE * np.abs(column) for column in columns]
    found = []
    for i, column in enumerate(columns):
        factors = np.zeros(shape)
        factors[i] = 1.0
        found.append(Linear(column, factors, most))
    return found


def _parts(x: Any) -> tuple[Any, Any, Any]:
    """Return values, factors, and how far they may be off; a number of a formula is exact."""
    if type(x) is Linear:
        return x.value, x.factors, x.off
    if isinstance(x, int | float):
        return x, 0.0, 0.0
    raise UnsureError(type(x))


def _most(a: Any, b: Any) -> Any:
    return a.most if type(a) is Linear else b.most


def _rounded(value: Any, factors: Any, most: Any, units: float, *given: Any) -> Linear:
    """Add what rounding adds; a 0 that was made of ``given`` numbers that are none is too small."""
    size = np.abs(value)
    if not size.min() >= SMALL:
        lost = size < SMALL
        for x in given:
            lost = lost & (x != 0)
        if not given:
            lost = lost & (size > 0)
        if lost.any() or not np.isfinite(size).all():
            raise UnsureError
    factors[-1] += units * UNIT * size
    return Linear(value, factors, most)


def _add(a: Any, b: Any) -> Linear:
    (p, e, _), (q, f, _) = _parts(a), _parts(b)
    return _rounded(p + q, e + f, _most(a, b), 1)


def _subtract(a: Any, b: Any) -> Linear:
    (p, e, _), (q, f, _) = _parts(a), _parts(b)
    return _rounded(p - q, e + f, _most(a, b), 1)


def _multiply(a: Any, b: Any) -> Linear:
    (p, e, _), (q, f, off) = _parts(a), _parts(b)
    return _rounded(p * q, e * (np.abs(q) + off) + f * np.abs(p), _most(a, b), 1, p, q)


def _divide(a: Any, b: Any) -> Linear:
    (p, e, _), (q, f, off) = _parts(a), _parts(b)
    value, size = p / q, np.abs(q) - off
    if not np.all(size > 0):
        raise UnsureError
    return _rounded(value, (e + f * np.abs(value)) / size, _most(a, b), 1, p)


def _applied(value: Any, slope: Callable[[Any], Any], x: Linear, units: float) -> Linear:
    """Apply a function of one number: its slope is the steeper of those beside it."""
    off = x.off
    steep = np.maximum(np.abs(slope(x.value - off)), np.abs(slope(x.value + off)))
    return _rounded(value, x.factors * steep, x.most, units, x.value)


def _function(ufunc: Any) -> Callable[[Any], Linear]:
    slope, units, _ = FUNCTIONS[ufunc]
    return lambda x: _applied(np.asarray(ufunc(x.value), float), slope, x, units)


def _power(a: Any, c: Any) -> Linear:
    if type(a) is not Linear or not isinstance(c, int | float):
        raise UnsureError
    return _applied(a.value**c, lambda x: c * x ** (c - 1.0), a, ULPS)


def _logaddexp(a: Any, b: Any) -> Linear:
    (p, e, _), (q, f, _) = _parts(a), _parts(b)
    value = np.logaddexp(p, q)
    made = Linear(value, np.maximum(e, f), _most(a, b))
    size = np.maximum(np.abs(value), np.minimum(np.abs(p), np.abs(q)))
    made.factors[-1] += ULPS * UNIT * size
    return made


def _larger(ufunc: np.ufunc) -> Callable[[Any, Any], Linear]:
    """Choose the larger of two operands, or the smaller: its errors are those of that one."""

    def choose(a: Any, b: Any) -> Linear:
        (p, e, _), (q, f, _) = _parts(a), _parts(b)
        _decided(a, b)
        value = ufunc(p, q)
        return Linear(value, np.where(value == p, e, f), _most(a, b))

    return choose


def _compare(ufunc: np.ufunc, a: Any, b: Any) -> Linear:
    (p, e, _), (q, f, _) = _parts(a), _parts(b)
    _decided(a, b)
    return Linear(ufunc(p, q), 0.0 * (e + f), _most(a, b))


def _decided(a: Any, b: Any) -> None:
    """Go on if no error decides which of two numbers is the larger."""
    (p, _, off), (q, _, also) = _parts(a), _parts(b)
    errors = off + also
    if np.any((errors > 0) & ~(np.abs(p - q) > errors)):
        raise UnsureError


def _sign(x: Linear) -> Linear:
    _decided(x, 0.0)
    return Linear(np.sign(x.value), 0.0 * x.factors, x.most)


_UFUNCS: dict[Any, Callable[..., Linear]] = {
    np.add: _add,
    np.subtract: _subtract,
    np.multiply: _multiply,
    np.divide: _divide,
    np.power: _power,
    np.logaddexp: _logaddexp,
    np.maximum: _larger(np.maximum),
    np.minimum: _larger(np.minimum),
    np.sign: _sign,
    **{ufunc: _function(ufunc) for ufunc in FUNCTIONS if isinstance(ufunc, np.ufunc)},
}
