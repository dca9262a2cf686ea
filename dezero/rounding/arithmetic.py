"""Sums, products and quotients: which are exact, and what else they may be off by."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .bounded import (
    ROUGH,
    SAFE,
    UFUNCS,
    Bounded,
    as_number,
    as_result,
    float64,
    pair,
    rounding_of,
    rounding_of_one,
    single,
    truth,
    unit,
)


def add(a: Any, b: Any, ufunc: np.ufunc = np.add) -> Bounded:
    """Add or subtract; Knuth's two-sum tells whether the sum of exact numbers is exact."""
    one, other = single(a), single(b)
    if one and other:
        (p, e), (q, f) = one, other
        q = q if ufunc is np.add else -q
        total = p + q
        back = total - p
        if e or f or (p - (total - back)) + (q - back) != 0:
            bound, terms = e + f + rounding_of_one(total), abs(p) + abs(q)
            return as_number(total, bound, bound <= ROUGH * terms or terms <= bound)
        return as_number(total)
    x, y, value = pair(a, b, ufunc)
    errors = x.bound + y.bound
    if value.dtype.kind != "f":
        return Bounded(value, errors)
    p, q = x.value, y.value if ufunc is np.add else -y.value
    back = value - p
    exact = (errors == 0) & ((p - (value - back)) + (q - back) == 0)
    bound = errors + rounding_of(value, exact)
    return as_result(value, bound, cancels(bound, np.abs(p) + np.abs(q)))


def cancels(bound: Any, terms: Any) -> Any:
    """Whether what is left of terms of this size is noise, or they were noise themselves."""
    return (bound <= unit(terms.dtype) ** 0.5 * terms) | (terms <= bound)


def is_noise(x: Bounded) -> Any:
    """Whether a number is no larger than its error may be."""
    return np.abs(x.value) <= x.bound


def multiply(a: Any, b: Any) -> Bounded:
    """Multiply; 0 times anything finite is 0."""
    one, other = single(a), single(b)
    if one and not other:
        other = truth(b)
    if one and other:
        (r, e), (t, f) = one, other
        if math.isfinite(r) and math.isfinite(t):
            if not (r or e) or not (t or f):
                return as_number(r * t)
            if e or f or not is_product(r * t, r, t):
                bound = abs(r) * f + abs(t) * e + e * f + rounding_of_one(r * t)
                return as_number(r * t, bound, abs(r) <= e or abs(t) <= f)
            return as_number(r * t)
    x, y, value = pair(a, b, np.multiply)
    p, q = np.abs(x.value), np.abs(y.value)
    none = ((p == 0) & (x.bound == 0)) | ((q == 0) & (y.bound == 0))
    none &= np.isfinite(value)
    errors = p * y.bound + q * x.bound + x.bound * y.bound
    if value.dtype.kind == "f":
        exact = _exactly(x, y, value, x.value, y.value)
        errors = errors + rounding_of(value, exact | none)
    return as_result(value, np.where(none, 0.0, errors)[()], is_noise(x) | is_noise(y))


def divide(a: Any, b: Any) -> Bounded:
    """Divide; what may be divided by 0 is unknown."""
    one, other = single(a), single(b)
    if one and other:
        (r, e), (t, f) = one, other
        if abs(t) > f and math.isfinite(r):
            ratio = r / t
            if not (r or e):
                return as_number(ratio)
            if e or f or not is_product(r, ratio, t):
                bound = (e + abs(ratio) * f) / (abs(t) - f) + rounding_of_one(ratio)
                return as_number(ratio, bound, abs(r) <= e)
            return as_number(ratio)
    x, y, value = pair(a, b, np.divide)
    size = np.abs(y.value) - y.bound
    errors = np.where(size > 0, (x.bound + np.abs(value) * y.bound) / size, np.inf)
    none = (x.value == 0) & (x.bound == 0) & (size > 0)
    exact = _exactly(x, y, x.value, value, y.value)
    errors = np.where(none, 0.0, errors + rounding_of(value, exact | none))[()]
    return as_result(value, errors, is_noise(x))


def _exactly(x: Bounded, y: Bounded, product: Any, a: Any, b: Any) -> Any:
    """Where ``x`` and ``y`` are exact, and ``product`` is exactly ``a * b``."""
    given = (x.bound == 0) & (y.bound == 0)
    return given & is_product(product, a, b) if given.any() else given


def is_product(product: Any, a: Any, b: Any) -> Any:
    """Whether ``product`` is exactly ``a * b``, by Dekker's product of halves; False if unsure."""
    if type(product) is float:
        (a1, a2), (b1, b2) = _halves(a), _halves(b)
        error = a2 * b2 - (((product - a1 * b1) - a2 * b1) - a1 * b2)
        if error == 0 and abs(product) > SAFE[0] and abs(a) < SAFE[1] and abs(b) < SAFE[1]:
            return True
        return product == 0 and (a == 0 or b == 0)
    product, a, b = (np.asarray(x, float64)[()] for x in (product, a, b))
    (a1, a2), (b1, b2) = _halves(a), _halves(b)
    error = a2 * b2 - (((product - a1 * b1) - a2 * b1) - a1 * b2)
    size, p, q = np.abs(product), np.abs(a), np.abs(b)
    safe = (size > SAFE[0]) & (p < SAFE[1]) & (q < SAFE[1])
    return ((error == 0) & safe) | ((product == 0) & ((a == 0) | (b == 0)))


def _halves(x: Any) -> tuple[Any, Any]:
    """Split numbers in two with half of the digits each."""
    scaled = x * (2.0**27 + 1)
    high = scaled - (scaled - x)
    return high, x - high


UFUNCS.update(
    {
        np.add: add,
        np.subtract: lambda a, b: add(a, b, np.subtract),
        np.multiply: multiply,
        np.divide: divide,
        np.negative: lambda x: -x,
    }
)
