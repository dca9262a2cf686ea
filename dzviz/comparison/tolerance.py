"""When two values count as equal: NumPy's rule, with tolerances that fit their types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from dzviz.graph.model import Value
from dzviz.graph.ranges import Range, range_of
from dzviz.graph.rounded import bound_of
from dzviz.records import NamedTuple

DEFAULTS: Mapping[str, tuple[float, float]] = {
    "float64": (1e-8, 1e-13),
    "float32": (1e-4, 1e-6),
    "float16": (1e-2, 1e-4),
    "bfloat16": (5e-2, 1e-3),
}
"""The relative and the absolute tolerance for each type, from the finest to the coarsest."""


class Tolerance(NamedTuple):
    """Two numbers are equal if they differ by at most ``atol + rtol * max(|a|, |b|)``.

    A ``scaled`` one takes ``atol`` as a part of the largest element of an array with elements above
    1. ``dtype`` is the type that the defaults are for, of several the coarsest.
    """

    rtol: float
    atol: float
    dtype: str
    scaled: bool = True

    @property
    def words(self) -> str:
        """Say what counts as equal."""
        return f"rtol {self.rtol:g}, atol {self.atol:g} ({self.dtype})"


def tolerance_for(
    dtypes: Iterable[str], rtol: float | None = None, atol: float | None = None
) -> Tolerance:
    """Return the tolerance for values of these types; what is given is taken as it is."""
    known = list(DEFAULTS)
    places = [known.index(dtype) for dtype in set(dtypes) if dtype in known]
    dtype = known[max(places, default=0)]
    usual = DEFAULTS[dtype]
    return Tolerance(
        usual[0] if rtol is None else rtol,
        usual[1] if atol is None else atol,
        dtype,
        scaled=atol is None,
    )


class Unequal(NamedTuple):
    """How two values differ: ``bad`` of ``size`` elements, most of all that at ``place``."""

    a: Any
    b: Any
    place: tuple[int, ...] = ()
    bad: int = 1
    size: int = 1


def unequal(a: Value, b: Value, tolerance: Tolerance) -> Unequal | None:
    """Return how two values of one shape differ; None where they do not, or it is not known."""
    if isinstance(a, Range) or isinstance(b, Range):
        return _ranges_unequal(_range(a), _range(b), tolerance)
    if isinstance(a, float) and isinstance(b, float):  # what follows comes to the same, more slowly
        size = max(abs(a), abs(b))
        if a == b or abs(a - b) <= tolerance.rtol * size + tolerance.atol:
            return None
    x, y = np.asarray(a), np.asarray(b)
    exact = x.dtype.kind in "biu" and y.dtype.kind in "biu"
    with np.errstate(all="ignore"):
        if exact:
            bad = np.asarray(x != y)
            away = np.asarray(bad, float)
        else:
            away, bad = _away(x, y, a, b, tolerance)
    count = int(np.count_nonzero(bad))
    if not count:
        return None
    at = int(np.argmax(np.where(bad, np.where(np.isnan(away), np.inf, away), -1.0)))
    place = tuple(int(i) for i in np.unravel_index(at, bad.shape))
    return Unequal(x[place], y[place], place, count, bad.size)


def _away(x: Any, y: Any, a: Value, b: Value, tolerance: Tolerance) -> tuple[Any, Any]:
    """Return by how many tolerances elements are apart, and which are not equal."""
    wide = complex if "c" in (x.dtype.kind, y.dtype.kind) else float
    x, y = np.asarray(x, wide), np.asarray(y, wide)
    size = np.maximum(np.abs(x), np.abs(y))
    size = np.where(np.isfinite(size), size, 0.0)
    atol = tolerance.atol
    if tolerance.scaled:
        atol *= max(1.0, float(size.max(initial=0.0)))
    allowed = atol + tolerance.rtol * size
    for bound in (bound_of(a), bound_of(b)):
        if bound is not None:
            allowed = allowed + np.where(np.isfinite(bound), bound, 0.0)
    gap = np.abs(x - y)
    same = (x == y) | (np.isnan(x) & np.isnan(y))
    bad = ~same & ~(gap <= allowed)
    return np.where(same, 0.0, gap / np.maximum(allowed, 1e-300)), bad


def _range(value: Value) -> Range:
    return value if isinstance(value, Range) else range_of([value])


def _ranges_unequal(a: Range, b: Range, tolerance: Tolerance) -> Unequal | None:
    counts = [(r.nans, r.infs, r.minus_infs) for r in (a, b)]
    unknown = any(r.low is None and not any(c) for r, c in zip((a, b), counts, strict=True))
    if unknown or (a.low is None) != (b.low is None):
        return None if unknown else Unequal(a, b)
    if counts[0] != counts[1]:
        return Unequal(a, b)
    for x, y in ((a.low, b.low), (a.high, b.high)):
        if x is not None and (found := unequal(x, y, tolerance)):
            return found
    return None


def near(a: Value, b: Value, tolerance: Tolerance) -> bool:
    """Whether two values have one shape and are known to be equal."""
    if isinstance(a, Range) or isinstance(b, Range) or np.shape(a) != np.shape(b):
        return False
    return unequal(a, b, tolerance) is None
