"""Numbers that carry how far rounding can have taken them, through NumPy's functions.

The forwards and the rules of the built-in ops are plain NumPy, so what they make of `Bounded`
operands is a running error analysis of them: to first order and a little more, see Higham, Accuracy
and Stability of Numerical Algorithms, 2nd ed., 3.3. It knows arrays alone, no graph.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .special import ERFC, erfc
from .subscripts import axes as einsum_axes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Bounded", "UnknownBoundError", "bounded", "unbounded", "unit"]

float64 = np.float64

UNIT = 2.0**-52
"""What one rounding to float64 counts for: a unit in the last place, twice what it can be. With
half of it 0.1 + 0.2 - 0.3 is larger than the error of 0.1 + 0.2 alone."""

ULPS = 4
"""What NumPy's functions are promised to be within, on any processor."""

ROUGH = UNIT**0.5
"""What is left where numbers cancel is rounding noise if they were off by a smaller part of them.
Else nothing is known from there on: the bounds of a long or chaotic loop grow until they are as
large as its numbers, which are no noise for that."""

TINY = 2.0**-1022
LEAST = 2.0**-1074
"""The least normal number, and the least of all: below the first, errors are no longer relative."""

SAFE = 2.0**-960, 2.0**960
"""Between these the error of a product is itself a number."""

GRID = 2.0**12
"""Multiples of 1 / GRID are added and multiplied without error while the results are not large."""

WHOLE = 2.0**53
"""Whole numbers up to here are exact."""


class Bounded:
    """A number or an array, and for each element a bound of its error.

    The error is what rounding made on the way from operands that are taken as exact. A ``bound`` of
    0 says that the value is exact, one of infinity that nothing is known. NumPy's warnings are the
    caller's business.
    """

    __slots__ = ("bound", "value")

    def __init__(self, value: Any, bound: Any = 0.0) -> None:
        self.value = value
        self.bound = bound if type(bound) is type(value) else _filled(value, bound)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __getattr__(self, name: str) -> Any:
        if name == "bound":  # one that is not known yet
            raise UnknownBoundError(self)
        raise AttributeError(f"a Bounded has no {name!r}")

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return self.value.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.value.ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """The number of elements."""
        return self.value.size  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the value."""
        return self.value.dtype  # type: ignore[no-any-return]

    def __len__(self) -> int:
        return len(self.value)

    def __array__(self, *_: object, **__: object) -> NDArray[Any]:
        return np.asarray(self.value)  # labels and keys are read so

    def __getitem__(self, key: Any) -> Bounded:
        return Bounded(self.value[key], np.asarray(self.bound)[key])

    def copy(self) -> Bounded:
        """The same: nothing writes into one."""
        return self

    def reshape(self, shape: tuple[int, ...]) -> Bounded:
        """The same elements in another shape."""
        return _same(np.reshape)(self, shape)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Bounded:
        """The sum along axes."""
        return _sum(self, axis=axis, keepdims=keepdims)

    def astype(self, dtype: np.dtype[Any]) -> Bounded:
        """The elements in another dtype."""
        value = self.value.astype(dtype)
        return _result(value, self.bound + _rounding(value, value == self.value), True)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **_: Any) -> Any:
        if method == "at":  # np.add.at
            return _add_at(ufunc, *inputs)
        if ufunc in FUNCTIONS:
            return _function(ufunc, bounded(inputs[0]))
        return UFUNCS[ufunc](*inputs)

    def __array_function__(
        self, function: Callable[..., Any], types: object, inputs: Any, options: Any
    ) -> Any:
        return ARRAY_FUNCTIONS[function](*inputs, **options)

    def __add__(self, other: Any) -> Bounded:
        return _add(self, other)

    def __radd__(self, other: Any) -> Bounded:
        return _add(other, self)

    def __sub__(self, other: Any) -> Bounded:
        return _add(self, other, np.subtract)

    def __rsub__(self, other: Any) -> Bounded:
        return _add(other, self, np.subtract)

    def __mul__(self, other: Any) -> Bounded:
        return _multiply(self, other)

    def __rmul__(self, other: Any) -> Bounded:
        return _multiply(other, self)

    def __truediv__(self, other: Any) -> Bounded:
        return _divide(self, other)

    def __rtruediv__(self, other: Any) -> Bounded:
        return _divide(other, self)

    def __pow__(self, other: Any) -> Bounded:
        return _power(self, other)

    def __rpow__(self, other: Any) -> Bounded:
        return _power(other, self)

    def __neg__(self) -> Bounded:
        return Bounded(-self.value, self.bound)

    def __and__(self, other: Any) -> Bounded:
        return _and(self, other)

    def __gt__(self, other: Any) -> Bounded:
        return _compare(np.greater)(self, other)

    def __ge__(self, other: Any) -> Bounded:
        return _compare(np.greater_equal)(self, other)

    def __lt__(self, other: Any) -> Bounded:
        return _compare(np.less)(self, other)

    def __le__(self, other: Any) -> Bounded:
        return _compare(np.less_equal)(self, other)

    def __eq__(self, other: object) -> Bounded:  # type: ignore[override]  # as of arrays
        return _compare(np.equal)(self, other)

    __hash__ = None  # type: ignore[assignment]


def bounded(x: Any) -> Bounded:
    """Return ``x``, exact where it does not say how exact it is."""
    return x if type(x) is Bounded else Bounded(np.asarray(x)[()])


class UnknownBoundError(Exception):
    """What is computed depends on the bound of an ``operand`` that is `unbounded`."""

    def __init__(self, operand: Bounded) -> None:
        super().__init__()
        self.operand = operand


def unbounded(value: Any) -> Bounded:
    """Return an operand of which the bound may not be needed; to ask for it is an error."""
    operand = _new(Bounded)
    operand.value = value
    return operand


def unit(dtype: np.dtype[Any]) -> float:
    """Return a unit in the last place of 1 in a dtype; whole numbers are not rounded."""
    if dtype == float64:
        return UNIT
    return float(np.finfo(dtype).eps) if dtype.kind == "f" else 0.0


def _filled(value: Any, bound: Any) -> Any:
    """Return a bound of the shape of ``value``."""
    if np.shape(bound) == np.shape(value):
        return np.asarray(bound, float64)[()]
    return np.full(np.shape(value), bound, float64)[()]


def _result(value: Any, bound: Any, sound: Any) -> Bounded:
    """Make a result; it may be noise, no larger than its bound, where it is ``sound``."""
    known = ((np.abs(value) > bound) | sound | (bound < TINY)) & (bound < np.inf)
    if known.ndim:
        return Bounded(value, bound if known.all() else np.where(known, bound, np.inf))
    return Bounded(value, bound if known else np.inf)


def _rounding(value: Any, exact: Any = False, units: float = 1.0) -> Any:
    """Return the error of rounding a result by so many units, but where it is ``exact``."""
    size = np.abs(value)
    error = units * unit(value.dtype) * size
    if value.dtype.kind == "f":
        error = error + LEAST * (size < TINY)
    return error * ~np.asarray(exact)[()]


def _single(x: Any) -> tuple[float, float] | None:
    """Return a float64 and its bound as Python's numbers; None for what else there is.

    NumPy takes 50 us for what takes 2 with these, so that one op on numbers would cost as much as
    ten do without bounds.
    """
    kind = type(x)
    if kind is Bounded:
        return (float(x.value), float(x.bound)) if type(x.value) is float64 else None
    return (float(x), 0.0) if kind is float or kind is int or kind is float64 else None


def _number(value: float, bound: float = 0.0, sound: bool = True) -> Bounded:
    """Do what `_result` does, for one float64."""
    result = _new(Bounded)
    result.value = float64(value)
    known = (abs(value) > bound or sound or bound < TINY) and bound < math.inf
    result.bound = float64(bound if known else math.inf)
    return result


def _rounded(value: float, units: float = 1.0) -> float:
    """Do what `_rounding` does, for one float64."""
    size = abs(value)
    return units * UNIT * size + (LEAST if size < TINY else 0.0)


_new = object.__new__


def _pair(a: Any, b: Any, ufunc: np.ufunc) -> tuple[Bounded, Bounded, Any]:
    """Return two operands, in the dtype of their result, and the result."""
    value = ufunc(_value(a), _value(b))
    return _in(bounded(a), value.dtype), _in(bounded(b), value.dtype), value


def _value(x: Any) -> Any:
    return x.value if type(x) is Bounded else x


def _in(x: Bounded, dtype: np.dtype[Any]) -> Bounded:
    if x.value.dtype == dtype or dtype.kind not in "f":
        return x
    return Bounded(x.value.astype(dtype), x.bound)


def _add(a: Any, b: Any, ufunc: np.ufunc = np.add) -> Bounded:
    """Add or subtract; Knuth's two-sum tells whether the sum of exact numbers is exact."""
    one, other = _single(a), _single(b)
    if one and other:
        (p, e), (q, f) = one, other
        q = q if ufunc is np.add else -q
        total = p + q
        back = total - p
        if e or f or (p - (total - back)) + (q - back) != 0:
            bound, terms = e + f + _rounded(total), abs(p) + abs(q)
            return _number(total, bound, bound <= ROUGH * terms or terms <= bound)
        return _number(total)
    x, y, value = _pair(a, b, ufunc)
    errors = x.bound + y.bound
    if value.dtype.kind != "f":
        return Bounded(value, errors)
    p, q = x.value, y.value if ufunc is np.add else -y.value
    back = value - p
    exact = (errors == 0) & ((p - (value - back)) + (q - back) == 0)
    bound = errors + _rounding(value, exact)
    return _result(value, bound, _cancels(bound, np.abs(p) + np.abs(q)))


def _cancels(bound: Any, terms: Any) -> Any:
    """Whether what is left of terms of this size is noise, or they were noise themselves."""
    return (bound <= unit(terms.dtype) ** 0.5 * terms) | (terms <= bound)


def _is_noise(x: Bounded) -> Any:
    return np.abs(x.value) <= x.bound


def _add_at(ufunc: np.ufunc, total: Bounded, key: Any, addend: Any) -> None:
    """Add to elements of ``total``, which is written into; one may get several numbers."""
    x = bounded(addend)
    for part in key if isinstance(key, tuple) else ():
        if type(part) is Bounded:  # an order that rounding may decide
            x = Bounded(x.value, np.where(part.bound > 0, np.inf, x.bound))
    key = tuple(map(_value, key)) if isinstance(key, tuple) else key
    size, terms = np.zeros(total.shape), np.zeros(total.shape)
    np.add.at(size, key, np.abs(x.value))
    np.add.at(terms, key, 1.0)
    np.add.at(total.bound, key, x.bound)
    ufunc.at(total.value, key, x.value)
    total.bound += np.maximum(terms - 1, 0) * unit(total.dtype) * size


def _multiply(a: Any, b: Any) -> Bounded:
    """Multiply; 0 times anything finite is 0."""
    one, other = _single(a), _single(b)
    if one and other:
        (r, e), (t, f) = one, other
        if math.isfinite(r) and math.isfinite(t):
            if not (r or e) or not (t or f):
                return _number(r * t)
            if e or f or not _is_product(r * t, r, t):
                bound = abs(r) * f + abs(t) * e + e * f + _rounded(r * t)
                return _number(r * t, bound, abs(r) <= e or abs(t) <= f)
            return _number(r * t)
    x, y, value = _pair(a, b, np.multiply)
    p, q = np.abs(x.value), np.abs(y.value)
    none = ((p == 0) & (x.bound == 0)) | ((q == 0) & (y.bound == 0))
    none &= np.isfinite(value)
    errors = p * y.bound + q * x.bound + x.bound * y.bound
    if value.dtype.kind == "f":
        exact = (x.bound == 0) & (y.bound == 0) & _is_product(value, x.value, y.value)
        errors = errors + _rounding(value, exact | none)
    return _result(value, np.where(none, 0.0, errors)[()], _is_noise(x) | _is_noise(y))


def _divide(a: Any, b: Any) -> Bounded:
    one, other = _single(a), _single(b)
    if one and other:
        (r, e), (t, f) = one, other
        if abs(t) > f and math.isfinite(r):
            ratio = r / t
            if not (r or e):
                return _number(ratio)
            if e or f or not _is_product(r, ratio, t):
                bound = (e + abs(ratio) * f) / (abs(t) - f) + _rounded(ratio)
                return _number(ratio, bound, abs(r) <= e)
            return _number(ratio)
    x, y, value = _pair(a, b, np.divide)
    size = np.abs(y.value) - y.bound
    errors = np.where(size > 0, (x.bound + np.abs(value) * y.bound) / size, np.inf)
    none = (x.value == 0) & (x.bound == 0) & (size > 0)
    exact = (x.bound == 0) & (y.bound == 0) & _is_product(x.value, value, y.value)
    errors = np.where(none, 0.0, errors + _rounding(value, exact | none))[()]
    return _result(value, errors, _is_noise(x))


def _is_product(product: Any, a: Any, b: Any) -> Any:
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


def _power(a: Any, b: Any) -> Bounded:
    """Raise to a power; NumPy multiplies, divides or takes the root where the exponent says so."""
    if (exponent := _single(b)) and not exponent[1] and exponent[0] in SHORTCUTS:
        return SHORTCUTS[exponent[0]](bounded(a))
    x, y, value = _pair(a, b, np.power)
    c = y.value if not y.value.ndim and not y.bound.any() else None
    if c is not None and float(c) in SHORTCUTS:
        return Bounded(value, SHORTCUTS[float(c)](x).bound)
    errors = _rounding(value, units=ULPS)
    for e in (x.value - x.bound, x.value + x.bound):
        slope = np.abs(y.value * np.power(e, y.value - 1))
        errors = np.maximum(errors, _rounding(value, units=ULPS) + slope * x.bound)
    if y.bound.any():
        ends = [np.power(x.value, exponent) for exponent in (y.value - y.bound, y.value + y.bound)]
        steep = [np.abs(np.log(end)) for end in (x.value - x.bound, x.value + x.bound)]
        high, steep = np.maximum(*ends) + errors, np.maximum(*steep)
        errors = errors + np.where(y.bound == 0, 0.0, high * steep * y.bound)
    whole = (x.value == np.rint(x.value)) & (y.value == np.rint(y.value)) & (y.value >= 0)
    exact = whole & (np.abs(value) <= WHOLE) & (x.bound == 0) & (y.bound == 0)
    return _result(value, np.where(exact, 0.0, errors)[()], _is_accurate(x))


SHORTCUTS: Mapping[float, Callable[[Bounded], Bounded]] = {
    0.0: lambda x: x * 0.0,
    1.0: lambda x: x,
    2.0: lambda x: _multiply(x, x),
    0.5: lambda x: _function(np.sqrt, x),
    -1.0: lambda x: _divide(1.0, x),
}


def _function(ufunc: np.ufunc, x: Bounded) -> Bounded:
    """Apply a function of one number."""
    slope, units, is_exact = FUNCTIONS[ufunc]
    value = erfc(x.value) if ufunc is ERFC else ufunc(x.value)
    if value.dtype.kind != "f":
        return Bounded(value, x.bound)
    if type(value) is float64 and type(x.value) is float64:
        if not x.bound and is_exact(x.value, value):
            return _number(value)
        steep = 0.0
        if x.bound:
            steep = max(abs(slope(x.value - x.bound)), abs(slope(x.value + x.bound)))
        bound, size = float(steep * x.bound) + _rounded(value, units), abs(x.value)
        return _number(value, bound, x.bound <= ROUGH * size or size <= x.bound)
    given = x.bound == 0
    if given.all():
        errors: Any = 0.0
    else:  # the steeper end of where the operand can be
        ends = [np.abs(slope(end)) for end in (x.value - x.bound, x.value + x.bound)]
        errors = np.where(given, 0.0, np.maximum(*ends) * x.bound)
    bound = errors + _rounding(value, given & is_exact(x.value, value), units)
    return _result(value, bound, _is_accurate(x))


def _is_accurate(x: Bounded) -> Any:
    """Whether a function of an operand may be noise: the operand is known well, or noise itself."""
    return _cancels(x.bound, np.abs(x.value))


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
    np.sqrt: (lambda x: 0.5 / np.sqrt(x), 1, lambda x, y: _is_product(x, y, y)),
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
    x, y, value = _pair(a, b, np.logaddexp)
    size = np.maximum(np.abs(value), np.minimum(np.abs(x.value), np.abs(y.value)))
    bound = np.maximum(x.bound, y.bound) + _rounding(size, units=ULPS)
    return _result(value, bound, _cancels(bound, size))


def _hypot(a: Any, b: Any) -> Bounded:
    x, y, value = _pair(a, b, np.hypot)
    exact = ((x.value == 0) & (x.bound == 0)) | ((y.value == 0) & (y.bound == 0))
    bound = np.hypot(x.bound, y.bound) + _rounding(value, exact, ULPS)
    return _result(value, bound, _cancels(bound, value))


def _arctan2(a: Any, b: Any) -> Bounded:
    """Find an angle: it is off by what is off across, as seen from 0; at the jump unknown."""
    x, y, value = _pair(a, b, np.arctan2)
    errors = np.hypot(x.bound, y.bound)
    length = np.hypot(x.value, y.value)
    given = errors == 0
    turned = np.where(given, 0.0, np.arcsin(np.minimum(errors / length, 1.0)))
    jumps = ~given & ((errors >= length) | ((np.abs(x.value) <= x.bound) & (y.value <= y.bound)))
    exact = given & (x.value == 0) & (y.value > 0)
    bound = np.where(jumps, np.inf, turned + _rounding(value, exact, ULPS))[()]
    return _result(value, bound, bound <= unit(value.dtype) ** 0.5)


def _sign(x: Any) -> Bounded:
    value = np.sign(x.value)
    return Bounded(value, np.where((x.bound >= np.abs(x.value)) & (x.bound > 0), np.inf, 0.0)[()])


def _larger(sign: int) -> Callable[[Any, Any], Bounded]:
    """Choose the larger of two operands, with ``sign`` -1 the smaller."""

    def choose(a: Any, b: Any) -> Bounded:
        x, y, value = _pair(a, b, np.maximum if sign > 0 else np.minimum)
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


def _matmul(a: Any, b: Any) -> Bounded:
    """Multiply matrices, in any order of summation, with or without fused operations."""
    x, y, value = _pair(a, b, np.matmul)
    p, q = np.abs(x.value), np.abs(y.value)
    size = np.matmul(p, q)
    errors = np.zeros_like(size)
    if x.bound.any() or y.bound.any():
        errors = errors + _times(p, y.bound) + _times(x.bound, q + y.bound)
    elif _on_grid(x.value, size) and _on_grid(y.value, size):
        return Bounded(value)
    terms = x.value.shape[-1]
    bound = (errors + terms * _rounding(size))[()]
    return _result(value, bound, _cancels(bound, size))


def _times(a: Any, b: Any) -> Any:
    """Multiply matrices of which one holds bounds: 0 times the unknown is 0."""
    product = np.matmul(np.where(np.isinf(a), 0.0, a), np.where(np.isinf(b), 0.0, b))
    unknown = np.matmul(np.isinf(a) * 1.0, (b != 0) * 1.0) + np.matmul(
        (a != 0) * 1.0, np.isinf(b) * 1.0
    )
    return np.where(unknown > 0, np.inf, product)


def _on_grid(x: Any, total: Any) -> bool:
    """Whether sums of products of these, or of these alone, are exact; ``total`` is their size."""
    scaled = x * GRID
    return bool(np.all(scaled == np.rint(scaled)) and np.all(total * GRID * GRID < WHOLE))


def _sum(x: Any, axis: Any = None, keepdims: bool = False) -> Bounded:
    """Add up, in any order."""
    value = np.sum(x.value, axis=axis, keepdims=keepdims)
    size = np.sum(np.abs(x.value), axis=axis, keepdims=keepdims)
    errors = np.sum(x.bound, axis=axis, keepdims=keepdims)
    if value.dtype.kind != "f" or (not x.bound.any() and _on_grid(x.value, size)):
        return Bounded(value, errors)
    terms = x.size // max(value.size, 1)
    bound = errors + (terms - 1) * unit(value.dtype) * size
    return _result(value, bound, _cancels(bound, size))


def _mean(x: Any, axis: Any = None, keepdims: bool = False) -> Bounded:
    total = _sum(x, axis, keepdims)
    count = x.size // max(total.size, 1)
    return Bounded(
        np.mean(x.value, axis=axis, keepdims=keepdims), _divide(total, float(count)).bound
    )


def _var(x: Any, axis: Any = None, keepdims: bool = False) -> Bounded:
    difference = x - _mean(x, axis, True)
    bound = _mean(difference * difference, axis, keepdims).bound
    return Bounded(np.var(x.value, axis=axis, keepdims=keepdims), bound)


def _std(x: Any, axis: Any = None, keepdims: bool = False) -> Bounded:
    bound = _function(np.sqrt, _var(x, axis, keepdims)).bound
    return Bounded(np.std(x.value, axis=axis, keepdims=keepdims), bound)


def _cumsum(x: Any, axis: Any = None) -> Bounded:
    """Add up, the one after the other."""
    value = np.cumsum(x.value, axis=axis)
    size = np.cumsum(np.abs(x.value), axis=axis)
    errors = np.cumsum(x.bound, axis=axis)
    if value.dtype.kind != "f" or (not x.bound.any() and _on_grid(x.value, size)):
        return Bounded(value, errors)
    terms = np.cumsum(np.ones_like(size), axis=axis)
    bound = errors + (terms - 1) * unit(value.dtype) * size
    return _result(value, bound, _cancels(bound, size))


def _einsum(subscripts: str, *operands: Any) -> Bounded:
    """Add up products, in any order."""
    xs = [bounded(x) for x in operands]
    value = np.einsum(subscripts, *[x.value for x in xs])
    sizes = [np.abs(x.value) for x in xs]
    size = np.einsum(subscripts, *sizes)
    errors = np.zeros_like(size)
    for i, x in enumerate(xs):
        if x.bound.any():
            farthest = [y.bound + np.abs(y.value) for y in xs[i + 1 :]]
            errors = errors + np.einsum(subscripts, *sizes[:i], x.bound, *farthest)
    errors = np.where(np.isnan(errors), np.inf, errors)  # 0 times what is unknown
    whole = all(not x.bound.any() and np.all(x.value == np.rint(x.value)) for x in xs)
    if value.dtype.kind != "f" or (whole and np.all(size < WHOLE)):
        return Bounded(value, errors[()])
    found = einsum_axes(subscripts, [x.shape for x in xs])
    terms = found.products // max(found.elements, 1) + len(xs) - 2
    bound = (errors + max(terms, 0) * unit(value.dtype) * size)[()]
    return _result(value, bound, _cancels(bound, size))


def _solve(a: Any, b: Any) -> Bounded:
    """Solve equations, as exactly as elimination with pivots does in practice.

    Its result is that of a matrix a little off, see Higham, 9.3; that the elements grow by more
    than a few times, as they can, is as good as never seen.
    """
    x, y, value = *_floats(a, b), np.linalg.solve(_value(a), _value(b))
    wide = value[..., None] if y.ndim == 1 else value
    errors = y.bound[..., None] if y.ndim == 1 else y.bound
    inverse = np.abs(np.linalg.inv(x.value))
    bound = np.matmul(inverse, np.matmul(_off(x), np.abs(wide)) + errors)
    bound = np.reshape(bound * _farther(inverse, _off(x)), value.shape)
    return _result(value, bound, _cancels(bound, np.max(np.abs(value), initial=0.0)))


def _inv(a: Any) -> Bounded:
    x = _floats(a)[0]
    value = np.linalg.inv(x.value)
    inverse = np.abs(value)
    bound = np.matmul(inverse, np.matmul(_off(x), inverse)) * _farther(inverse, _off(x))
    return _result(value, bound, _cancels(bound, np.max(inverse, initial=0.0)))


def _det(a: Any) -> Bounded:
    """Find a determinant: an element counts for less than the lengths of the other rows."""
    x = _floats(a)[0]
    value = np.linalg.det(x.value)
    off, rows = _off(x), x.shape[-1]
    lengths = np.sqrt(np.sum((np.abs(x.value) + off) ** 2, axis=-1))
    others = [np.prod(np.delete(lengths, i, axis=-1), axis=-1) for i in range(rows)]
    # NumPy adds up the logarithms of the pivots, and takes the exponential.
    largest = np.max(np.abs(x.value), axis=(-2, -1), initial=0.0)
    logarithms = np.abs(np.log(np.where(value == 0, 1.0, np.abs(value))))
    logarithms = logarithms + 2 * rows * np.log(np.maximum(rows * largest, 1))
    bound = _rounding(value, units=ULPS) * (1 + logarithms)
    for i in range(rows):
        bound = bound + others[i] * np.sqrt(np.sum(off[..., i, :] ** 2, axis=-1))
    return _result(value, bound[()], _cancels(bound, np.prod(lengths, axis=-1)))


def _floats(*operands: Any) -> list[Bounded]:
    xs = [bounded(x) for x in operands]
    return [x if x.dtype.kind == "f" else Bounded(x.value.astype(float), x.bound) for x in xs]


def _off(x: Bounded) -> Any:
    """How far the matrix of which an elimination is exact can be from ``x``."""
    rows = x.shape[-1]
    largest = np.max(np.abs(x.value), axis=(-2, -1), keepdims=True, initial=0.0)
    return x.bound + 2 * rows * unit(x.dtype) * largest


def _farther(inverse: Any, off: Any) -> Any:
    """What a first-order bound is multiplied by for all orders; infinite where there is none."""
    part = np.max(np.sum(np.matmul(inverse, off), axis=-1), axis=-1, initial=0.0)
    return np.where(part < 1, 1 / (1 - part), np.inf)[..., None, None]


def _sort(x: Any, axis: int = -1) -> Bounded:
    """Sort: what is the k-th of all is between the k-th of the lower and of the upper ends."""
    order = np.argsort(x.value, axis=axis, kind="stable")
    value = np.take_along_axis(x.value, order, axis=axis)
    bound = np.take_along_axis(x.bound, order, axis=axis)
    for end in (x.value - x.bound, x.value + x.bound):
        bound = np.maximum(bound, np.abs(np.sort(end, axis=axis) - value))
    return Bounded(value, bound)


def _argsort(x: Any, axis: int = -1, kind: Any = None) -> Bounded:
    """Find the order; unknown is the place of what may come before or after another."""
    order = np.argsort(x.value, axis=axis, kind=kind)
    value = np.moveaxis(np.take_along_axis(x.value, order, axis=axis), axis, -1)
    bound = np.moveaxis(np.take_along_axis(x.bound, order, axis=axis), axis, -1)
    upper = np.maximum.accumulate(value + bound, axis=-1)
    lower = np.minimum.accumulate((value - bound)[..., ::-1], axis=-1)[..., ::-1]
    equal = (upper[..., :-1] == value[..., :-1]) & (lower[..., 1:] == value[..., 1:])
    crossed = (upper[..., :-1] >= lower[..., 1:]) & ~equal
    unsure = np.zeros(value.shape, bool)
    unsure[..., :-1] |= crossed
    unsure[..., 1:] |= crossed
    return Bounded(order, np.where(np.moveaxis(unsure, -1, axis), np.inf, 0.0))


def _prod(x: Any, axis: Any = None, keepdims: bool = False) -> Bounded:
    """Multiply all along axes, by halves."""
    value = np.prod(x.value, axis=axis, keepdims=keepdims)
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis) % max(x.ndim, 1)
    kept = [i for i in range(x.ndim) if i not in axes]
    rest: Any = np.transpose(x, (*kept, *[i for i in range(x.ndim) if i not in kept]))
    rest = np.reshape(rest, (*[x.shape[i] for i in kept], x.size // max(value.size, 1)))
    while rest.shape[-1] > 1:
        n = rest.shape[-1] // 2
        halves = rest[..., :n] * rest[..., n : 2 * n]
        rest = np.concatenate([halves, rest[..., 2 * n :]], axis=-1)
    bound = rest.bound.sum(axis=-1)  # of one, or of none
    return Bounded(value, np.reshape(bound, value.shape)[()])


def _extreme(function: Callable[..., Any]) -> Callable[..., Bounded]:
    """Take the largest or smallest element: it is between those of the bounds' ends."""

    def extreme(x: Any, axis: Any = None, keepdims: bool = False) -> Bounded:
        value = function(x.value, axis=axis, keepdims=keepdims)
        ends = [
            function(end, axis=axis, keepdims=keepdims)
            for end in (x.value - x.bound, x.value + x.bound)
        ]
        bound = np.maximum(*[np.abs(end - value) for end in ends])
        exact = function(x.bound == 0, axis=axis, keepdims=keepdims)
        return Bounded(value, np.where(x.bound.any() | ~exact, bound, 0.0)[()])

    return extreme


def _where(condition: Any, a: Any, b: Any) -> Bounded:
    c = bounded(condition)
    value = np.where(c.value, _value(a), _value(b))[()]
    bound = np.where(c.value, bounded(a).bound, bounded(b).bound)
    return Bounded(value, np.where(c.bound > 0, np.inf, bound)[()])


def _clip(x: Any, low: float, high: float) -> Bounded:
    bound = UFUNCS[np.minimum](UFUNCS[np.maximum](x, low), high).bound
    return Bounded(np.clip(x.value, low, high), bound)


def _same(function: Callable[..., Any]) -> Callable[..., Bounded]:
    """Arrange elements otherwise, and their bounds with them."""

    def arrange(x: Any, *settings: Any, **options: Any) -> Bounded:
        if isinstance(x, list | tuple):
            parts = [bounded(part) for part in x]
            return Bounded(
                function([part.value for part in parts], *settings, **options),
                function([part.bound for part in parts], *settings, **options),
            )
        return Bounded(
            function(x.value, *settings, **options), function(x.bound, *settings, **options)
        )

    return arrange


def _alike(function: Callable[..., Any]) -> Callable[..., Bounded]:
    return lambda x, **options: Bounded(function(x.value, **options))


UFUNCS: Mapping[Any, Callable[..., Any]] = {
    np.add: _add,
    np.subtract: lambda a, b: _add(a, b, np.subtract),
    np.multiply: _multiply,
    np.divide: _divide,
    np.power: _power,
    np.negative: lambda x: -x,
    np.matmul: _matmul,
    np.logaddexp: _logaddexp,
    np.hypot: _hypot,
    np.arctan2: _arctan2,
    np.maximum: _larger(1),
    np.minimum: _larger(-1),
    np.sign: _sign,
    np.isfinite: lambda x: np.isfinite(x.value),
    np.bitwise_and: _and,
    **{
        ufunc: _compare(ufunc)
        for ufunc in (np.greater, np.greater_equal, np.less, np.less_equal, np.equal)
    },
}
"""NumPy's other elementwise functions that the ops are made of, and the product of matrices."""

ARRAY_FUNCTIONS: Mapping[Any, Callable[..., Any]] = {
    np.sum: _sum,
    np.mean: _mean,
    np.var: _var,
    np.std: _std,
    np.prod: _prod,
    np.cumsum: _cumsum,
    np.einsum: _einsum,
    np.linalg.solve: _solve,
    np.linalg.inv: _inv,
    np.linalg.det: _det,
    np.sort: _sort,
    np.argsort: _argsort,
    np.max: _extreme(np.max),
    np.min: _extreme(np.min),
    np.where: _where,
    np.clip: _clip,
    np.ndim: lambda x: x.ndim,
    np.ones_like: _alike(np.ones_like),
    np.zeros_like: _alike(np.zeros_like),
    **{
        function: _same(function)
        for function in (
            *(np.reshape, np.transpose, np.expand_dims, np.squeeze, np.broadcast_to),
            *(np.stack, np.concatenate, np.hstack, np.vstack, np.diag, np.roll, np.pad),
        )
    },
}
"""NumPy's functions of whole arrays that the ops are made of."""
