"""Functions of each element alone, and comparisons: how much steeper they make an error."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from ..special import ERFC, erfc
from .arithmetic import cancels, divide, is_product, multiply
from .bounded import (
    ROUGH,
    UFUNCS,
    ULPS,
    WHOLE,
    Bounded,
    as_number,
    as_result,
    bounded,
    float64,
    pair,
    rounding_of,
    rounding_of_one,
    single,
    unit,
)


def _power(a: Any, b: Any) -> Bounded:
    """Raise to a power; NumPy multiplies, divides or takes the root where the exponent says so."""
    if (exponent := single(b)) and not exponent[1] and exponent[0] in SHORTCUTS:
        return SHORTCUTS[exponent[0]](bounded(a))
    x, y, value = pair(a, b, np.power)
    c = y.value if not y.value.ndim and not y.bound.any() else None
    if c is not None and float(c) in SHORTCUTS:
        return Bounded(value, SHORTCUTS[float(c)](x).bound)
    errors = rounding_of(value, units=ULPS)
    for e in (x.value - x.bound, x.value + x.bound):
        slope = np.abs(y.value * np.power(e, y.value - 1))
        errors = np.maximum(errors, rounding_of(value, units=ULPS) + slope * x.bound)
    if y.bound.any():
        ends = [np.power(x.value, exponent) for exponent in (y.value - y.bound, y.value + y.bound)]
        steep = [np.abs(np.log(end)) for end in (x.value - x.bound, x.value + x.bound)]
        high, steep = np.maximum(*ends) + errors, np.maximum(*steep)
        errors = errors + np.where(y.bound == 0, 0.0, high * steep * y.bound)
    whole = (x.value == np.rint(x.value)) & (y.value == np.rint(y.value)) & (y.value >= 0)
    exact = whole & (np.abs(value) <= WHOLE) & (x.bound == 0) & (y.bound == 0)
    return as_result(value, np.where(exact, 0.0, errors)[()], is_accurate(x))


SHORTCUTS: Mapping[float, Callable[[Bounded], Bounded]] = {
    0.0: lambda x: x * 0.0,
    1.0: lambda x: x,
    2.0: lambda x: multiply(x, x),
    0.5: lambda x: apply(np.sqrt, x),
    -1.0: lambda x: divide(1.0, x),
}


def apply(ufunc: np.ufunc, x: Bounded) -> Bounded:
    """Apply a function of one number."""
    slope, units, is_exact = FUNCTIONS[ufunc]
    value = erfc(x.value) if ufunc is ERFC else ufunc(x.value)
    if value.dtype.kind != "f":
        return Bounded(value, x.bound)
    if type(value) is float64 and type(x.value) is float64:
        if not x.bound and is_exact(x.value, value):
            return as_number(value)
        steep = 0.0
        if x.bound:
            steep = max(abs(slope(x.value - x.bound)), abs(slope(x.value + x.bound)))
        bound, size = float(steep * x.bound) + rounding_of_one(value, units), abs(x.value)
        return as_number(value, bound, x.bound <= ROUGH * size or size <= x.bound)
    given = x.bound == 0
    if given.all():
        errors: Any = 0.0
    else:  # the steeper end of where the operand can be
        ends = [np.abs(slope(end)) for end in (x.value - x.bound, x.value + x.bound)]
        errors = np.where(given, 0.0, np.maximum(*ends) * x.bound)
    bound = errors + rounding_of(value, given & is_exact(x.value, value), units)
    return as_result(value, bound, is_accurate(x))


def is_accurate(x: Bounded) -> Any:
    """Whether a function of an operand may be noise: the operand is known well, or noise itself."""
    return cancels(x.bound, np.abs(x.value))


def _at(point: float) -> Callable[[Any, Any], Any]:
    return lambda x, y: x == point


FUNCTIONS: Mapping[Any, tuple[Callable[[Any], Any], float, Callable[[Any, Any], Any]]] = {
    np.exp: (np.exp, ULPS, _at(0)),
    np.expm1: (np.exp, ULPS, _at(0)),
    np.log: (lambda x: np.where(x > 0, 1 / x, np.nan), ULPS, _at(1)),
    np.log1p: (lambda x: np.where(x > -1, 1 / (1 + x), np.nan), ULPS, _at(0)),
    np.log2: (
        lambda x: np.where(x > 0, 1 / (x * math.log(2)), np.nan),
        ULPS,
        lambda x, y: np.frexp(x)[0] == 0.5,
    ),
    np.log10: (
        lambda x: np.where(x > 0, 1 / (x * math.log(10)), np.nan),
        ULPS,
        lambda x, y: (y == np.rint(y)) & (y >= 0) & (np.power(10.0, y) == x),
    ),
    ERFC: (lambda x: 2 / math.sqrt(math.pi) * np.exp(-x * x), ULPS, _at(0)),
    np.sqrt: (lambda x: 0.5 / np.sqrt(x), 1, lambda x, y: is_product(x, y, y)),
    np.sin: (np.cos, ULPS, _at(0)),
    np.cos: (np.sin, ULPS, _at(0)),
    np.tan: (lambda x: 1 / np.cos(x) ** 2, ULPS, _at(0)),
    np.arcsin: (lambda x: 1 / np.sqrt(1 - x * x), ULPS, _at(0)),
    np.arccos: (lambda x: 1 / np.sqrt(1 - x * x), ULPS, _at(1)),
    np.arctan: (lambda x: 1 / (1 + x * x), ULPS, _at(0)),
    np.sinh: (np.cosh, ULPS, _at(0)),
    np.cosh: (np.sinh, ULPS, _at(0)),
    np.tanh: (lambda x: 1 / np.cosh(x) ** 2, ULPS, _at(0)),
    np.absolute: (np.ones_like, 0, _at(0)),
}
"""The functions of one number: derivative, error in units, and where exact operands are exact."""


def _logaddexp(a: Any, b: Any) -> Bounded:
    """Add in logarithms: no operand changes the result by more than it was changed itself."""
    x, y, value = pair(a, b, np.logaddexp)
    size = np.maximum(np.abs(value), np.minimum(np.abs(x.value), np.abs(y.value)))
    bound = np.maximum(x.bound, y.bound) + rounding_of(size, units=ULPS)
    return as_result(value, bound, cancels(bound, size))


def _hypot(a: Any, b: Any) -> Bounded:
    x, y, value = pair(a, b, np.hypot)
    exact = ((x.value == 0) & (x.bound == 0)) | ((y.value == 0) & (y.bound == 0))
    bound = np.hypot(x.bound, y.bound) + rounding_of(value, exact, ULPS)
    return as_result(value, bound, cancels(bound, value))


def _arctan2(a: Any, b: Any) -> Bounded:
    """Find an angle: it is off by what is off across, as seen from 0; at the jump unknown."""
    x, y, value = pair(a, b, np.arctan2)
    errors = np.hypot(x.bound, y.bound)
    length = np.hypot(x.value, y.value)
    given = errors == 0
    turned = np.where(given, 0.0, np.arcsin(np.minimum(errors / length, 1.0)))
    jumps = ~given & ((errors >= length) | ((np.abs(x.value) <= x.bound) & (y.value <= y.bound)))
    exact = given & (x.value == 0) & (y.value > 0)
    bound = np.where(jumps, np.inf, turned + rounding_of(value, exact, ULPS))[()]
    return as_result(value, bound, bound <= unit(value.dtype) ** 0.5)


def _sign(x: Any) -> Bounded:
    value = np.sign(x.value)
    return Bounded(value, np.where((x.bound >= np.abs(x.value)) & (x.bound > 0), np.inf, 0.0)[()])


def _larger(sign: int) -> Callable[[Any, Any], Bounded]:
    """Choose the larger of two operands, with ``sign`` -1 the smaller."""

    def choose(a: Any, b: Any) -> Bounded:
        one, other = single(a), single(b)
        if one and other:
            (p, e), (q, f) = one, other
            gap, errors = sign * (p - q), e + f
            if gap == gap:  # neither is NaN
                bound = e if gap > errors else f if gap < -errors else max(e, f)
                return as_number(p if gap > 0 else q, bound)
        x, y, value = pair(a, b, np.maximum if sign > 0 else np.minimum)
        difference, errors = sign * (x.value - y.value), x.bound + y.bound
        bound = np.where(
            difference > errors,
            x.bound,
            np.where(difference < -errors, y.bound, np.maximum(x.bound, y.bound)),
        )
        return Bounded(value, bound[()])

    return choose


def _compare(ufunc: np.ufunc) -> Callable[[Any, Any], Bounded]:
    """Compare two operands; where rounding may decide, the answer is unknown.

    Equal numbers count as equal: nearly always the one is a copy of the other, as a maximum is.
    """

    def compare(a: Any, b: Any) -> Bounded:
        one, other = single(a), single(b)
        if one and other:
            (p, e), (q, f) = one, other
            answer = ufunc(p, q)
            unknown = e + f > 0 and abs(p - q) <= e + f and not (ufunc is np.equal and answer)
            return Bounded(answer, float64(math.inf if unknown else 0.0))
        x, y = bounded(a), bounded(b)
        value = ufunc(x.value, y.value)
        errors = x.bound + y.bound
        unsure = (errors > 0) & (np.abs(np.subtract(x.value, y.value, dtype=float)) <= errors)
        if ufunc is np.equal:
            unsure &= ~value
        return Bounded(value, np.where(unsure, np.inf, 0.0)[()])

    return compare


def _and(a: Any, b: Any) -> Bounded:
    x, y = bounded(a), bounded(b)
    no = (~x.value & (x.bound == 0)) | (~y.value & (y.bound == 0))
    return Bounded(x.value & y.value, np.where(no, 0.0, x.bound + y.bound)[()])


UFUNCS.update(
    {
        np.power: _power,
        np.logaddexp: _logaddexp,
        np.hypot: _hypot,
        np.arctan2: _arctan2,
        np.maximum: _larger(1),
        np.minimum: _larger(-1),
        np.sign: _sign,
        np.isfinite: lambda x: np.isfinite(x.value),
        np.bitwise_and: _and,
        **{ufunc: partial(apply, ufunc) for ufunc in FUNCTIONS},
        **{
            ufunc: _compare(ufunc)
            for ufunc in (np.greater, np.greater_equal, np.less, np.less_equal, np.equal)
        },
    }
)
