"""Values of a graph that know how far rounding can have taken them.

To all that does not ask they are arrays like others. What has no bound here is exact, or nothing is
known of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Value = Any  # a NumPy scalar or a read-only ndarray


class Rounded(np.ndarray):
    """A read-only array, or a number as one without axes, with a bound of each element's error.

    ``bound`` is None in what is computed from one. It is 0 where an element is exact, infinite
    where nothing is known.
    """

    bound: Any = None

    def __array_finalize__(self, other: object) -> None:
        self.bound = None

    def __reduce__(self) -> Any:
        """Pickle it with its bound."""
        bound = np.float64(np.inf) if self.bound is None else self.bound
        return rounded, (np.asarray(self), bound)

    def __copy__(self) -> Rounded:
        """Return itself, which is read-only."""
        return self

    def __deepcopy__(self, memo: Any) -> Rounded:
        """Return itself, which is read-only."""
        return self


def rounded(value: Value, bound: Any) -> Value:
    """Return ``value`` with its bound, without one where that says nothing."""
    known = (bound > 0) & (bound < np.inf)
    if not (known.any() if known.ndim else known):
        return value
    made = np.array(value).view(Rounded)
    made.bound = np.array(bound, float)
    made.setflags(write=False)
    made.bound.setflags(write=False)
    return made


def bound_of(value: Value) -> Any:
    """Return the bound of each element, None where there is none."""
    return value.bound if type(value) is Rounded else None


def is_zero(value: Value) -> bool:
    """Whether all elements are 0, or may be."""
    bound = bound_of(value)
    if bound is None:
        return not np.any(value)
    if not value.ndim:  # what the next line comes to, in a tenth of the time
        x, most = float(value), float(bound)
        return x == 0 or abs(x) <= most < np.inf
    return bool(np.all((np.asarray(value) == 0) | _within(value, bound)))


def extreme(values: Any, bounds: Any, *, high: bool = False) -> Value:
    """Return the least or the greatest of finite numbers, which may be that of others.

    What has no bound here, 0 or an infinite one, counts as it is.
    """
    values = np.asarray(values)
    least = values.max() if high else values.min()
    if bounds is None:
        return least
    known = np.where(bounds < np.inf, bounds, 0.0)
    pick = np.max if high else np.min
    ends = pick(values - known), pick(values + known)
    near = np.abs(values - least) <= known  # those that may be it
    unknown = np.any(near & (bounds == np.inf)) or bounds.flat[_place(values, least)] == np.inf
    return least if unknown else rounded(least, max(abs(end - least) for end in ends))


def mean(values: Any, bounds: Any) -> Value:
    """Return the mean of finite numbers."""
    values = np.asarray(values)
    average = values.mean()
    if bounds is None or not np.all(bounds < np.inf) or values.dtype.kind != "f":
        return average
    rounding = values.size * np.finfo(values.dtype).eps * np.abs(values).mean()
    return rounded(average, np.mean(bounds) + rounding)


def _place(values: Any, value: Any) -> int:
    return int(np.flatnonzero(values == value)[0])


def _within(value: Value, bound: Any) -> Any:
    return (np.abs(np.asarray(value, float)) <= bound) & (bound > 0) & (bound < np.inf)
