"""Numbers and arrays that carry a bound of their error; what NumPy does with them is in tables.

The modules beside this one fill the tables. It only knows arrays, no op.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

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

WHOLE = 2.0**53
"""Whole numbers up to here are exact."""


class Table(dict[Any, Callable[..., Any]]):
    """NumPy's functions that the ops are made of; those of arrays are loaded when one is needed."""

    def __missing__(self, function: Any) -> Callable[..., Any]:
        for module in ("arrays", "matrices"):
            import_module(f"{__package__}.{module}")
        if function in self:
            return self[function]
        raise KeyError(function)


UFUNCS = Table()
"""The elementwise functions, and the product of matrices."""

ARRAY_FUNCTIONS = Table()
"""The functions of whole arrays."""


def _operators(ufunc: np.ufunc) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    """Return the method of an operator, and that of its swapped operands."""
    return (lambda a, b: UFUNCS[ufunc](a, b)), (lambda a, b: UFUNCS[ufunc](b, a))


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

    def reshape(self, shape: tuple[int, ...]) -> Any:
        """The same elements in another shape."""
        return ARRAY_FUNCTIONS[np.reshape](self, shape)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        """The sum along axes."""
        return ARRAY_FUNCTIONS[np.sum](self, axis=axis, keepdims=keepdims)

    def astype(self, dtype: np.dtype[Any]) -> Bounded:
        """The elements in another dtype."""
        value = self.value.astype(dtype)
        return as_result(value, self.bound + rounding_of(value, value == self.value), True)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **_: Any) -> Any:
        if method == "at":  # np.add.at
            return add_at(ufunc, *inputs)
        return UFUNCS[ufunc](*inputs)

    def __array_function__(
        self, function: Callable[..., Any], types: object, inputs: Any, options: Any
    ) -> Any:
        return ARRAY_FUNCTIONS[function](*inputs, **options)

    __add__, __radd__ = _operators(np.add)
    __sub__, __rsub__ = _operators(np.subtract)
    __mul__, __rmul__ = _operators(np.multiply)
    __truediv__, __rtruediv__ = _operators(np.divide)
    __pow__, __rpow__ = _operators(np.power)
    __and__, __rand__ = _operators(np.bitwise_and)
    __gt__, __lt__ = _operators(np.greater)[0], _operators(np.less)[0]
    __ge__, __le__ = _operators(np.greater_equal)[0], _operators(np.less_equal)[0]
    __eq__ = _operators(np.equal)[0]  # as of arrays

    def __neg__(self) -> Bounded:
        return Bounded(-self.value, self.bound)

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


def as_result(value: Any, bound: Any, sound: Any) -> Bounded:
    """Make a result; it may be noise, no larger than its bound, where it is ``sound``."""
    known = ((np.abs(value) > bound) | sound | (bound < TINY)) & (bound < np.inf)
    if known.ndim:
        return Bounded(value, bound if known.all() else np.where(known, bound, np.inf))
    return Bounded(value, bound if known else np.inf)


def rounding_of(value: Any, exact: Any = False, units: float = 1.0) -> Any:
    """Return the error of rounding a result by so many units, but where it is ``exact``."""
    size = np.abs(value)
    error = units * unit(value.dtype) * size
    if value.dtype.kind == "f":
        error = error + LEAST * (size < TINY)
    if exact is False:
        return error
    return error * ~np.asarray(exact)[()]


def single(x: Any) -> tuple[float, float] | None:
    """Return a float64 and its bound as Python's numbers; None for what else there is.

    NumPy takes 50 us for what takes 2 with these, so that one op on numbers would cost as much as
    ten do without bounds.
    """
    kind = type(x)
    if kind is Bounded:
        return (float(x.value), float(x.bound)) if type(x.value) is float64 else None
    return (float(x), 0.0) if kind is float or kind is int or kind is float64 else None


def truth(x: Any) -> tuple[float, float] | None:
    """Return a truth value, which is a factor, as `single` does a number."""
    if type(x) is Bounded and type(x.value) is np.bool_:
        return float(x.value), float(x.bound)
    return None


def as_number(value: float, bound: float = 0.0, sound: bool = True) -> Bounded:
    """Do what `as_result` does, for one float64."""
    result = _new(Bounded)
    result.value = float64(value)
    known = (abs(value) > bound or sound or bound < TINY) and bound < math.inf
    result.bound = float64(bound if known else math.inf)
    return result


def rounding_of_one(value: float, units: float = 1.0) -> float:
    """Do what `rounding_of` does, for one float64."""
    size = abs(value)
    return units * UNIT * size + (LEAST if size < TINY else 0.0)


_new = object.__new__


def pair(a: Any, b: Any, ufunc: np.ufunc) -> tuple[Bounded, Bounded, Any]:
    """Return two operands, in the dtype of their result, and the result."""
    value = ufunc(value_of(a), value_of(b))
    return _in(bounded(a), value.dtype), _in(bounded(b), value.dtype), value


def value_of(x: Any) -> Any:
    """Return the value alone."""
    return x.value if type(x) is Bounded else x


def _in(x: Bounded, dtype: np.dtype[Any]) -> Bounded:
    if x.value.dtype == dtype or dtype.kind not in "f":
        return x
    return Bounded(x.value.astype(dtype), x.bound)


def add_at(ufunc: np.ufunc, total: Bounded, key: Any, addend: Any) -> None:
    """Add to elements of ``total``, which is written into; one may get several numbers."""
    x = bounded(addend)
    for part in key if isinstance(key, tuple) else ():
        if type(part) is Bounded:  # an order that rounding may decide
            x = Bounded(x.value, np.where(part.bound > 0, np.inf, x.bound))
    key = tuple(map(value_of, key)) if isinstance(key, tuple) else key
    size, terms = np.zeros(total.shape), np.zeros(total.shape)
    np.add.at(size, key, np.abs(x.value))
    np.add.at(terms, key, 1.0)
    bound, value = np.asarray(total.bound), np.asarray(total.value)  # arrays also of one number
    np.add.at(bound, key, x.bound)
    ufunc.at(value, key, x.value)
    bound += np.maximum(terms - 1, 0) * unit(total.dtype) * size
    total.bound, total.value = bound[()], value[()]
