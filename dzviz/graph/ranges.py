"""What is known about values that are not stored one by one: the range, and what is not finite.

So it is with what one Variable was over many times, and with what a document does not tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any

import numpy as np

from dzviz.graph.rounded import bound_of, extreme, is_zero
from dzviz.records import NamedTuple

SAMPLED = 3
"""So many elements of each end of a large array are kept beside its range."""


class Range(NamedTuple):
    """What the values of one Variable, or its gradients, were over all times.

    ``low`` and ``high`` are of all finite elements, None where there are none, or nothing is known;
    of the others there are so many in ``nans``, ``infs`` and ``minus_infs``. ``last`` is the value
    that goes on from the last time, None where none does. ``shape`` is that of each of the values.
    ``norm`` is the square root of the sum of squares of one value's elements, where it is known.
    ``sample`` has its first `SAMPLED` elements and as many of the last ones, where they are known.
    """

    times: int
    shape: tuple[int, ...]
    low: Any
    high: Any
    nans: int = 0
    infs: int = 0
    minus_infs: int = 0
    last: Any = None
    norm: Any = None
    sample: tuple[Any, ...] = ()

    @property
    def ndim(self) -> int:
        """How many axes each of the values has."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many elements each of them has."""
        return prod(self.shape)

    @property
    def kind(self) -> str:
        """``NaN`` or ``infinity`` where there is one."""
        return "NaN" if self.nans else "infinity" if self.infs or self.minus_infs else ""

    @property
    def zero(self) -> bool:
        """Whether all elements are zero, or no more than rounding."""
        ends = self.low, self.high
        return not self.kind and self.low is not None and all(map(is_zero, ends))


def range_of(values: Iterable[Any], *, last: bool = False) -> Range:
    """Say what values of one shape were; ``last`` keeps the last one.

    An array of them is of numbers about whose rounding nothing is known.
    """
    if isinstance(values, np.ndarray):
        return _range(values, None, values[-1] if last else None)
    listed = list(values)
    if any(isinstance(value, Range) for value in listed):
        return _together([v if isinstance(v, Range) else range_of([v]) for v in listed])
    elements = np.array(listed)
    bounds = None
    if any(bound_of(value) is not None for value in listed):
        shape = elements.shape[1:]
        bounds = np.array([np.zeros(shape) if (b := bound_of(v)) is None else b for v in listed])
    return _range(elements, bounds, listed[-1] if last else None)


def _range(elements: Any, bounds: Any, last: Any) -> Range:
    """Say what values were, each an item of an array, of which the bounds may be known."""
    sound = np.isfinite(elements)
    low = high = None
    if sound.any():
        finite, known = elements[sound], None if bounds is None else bounds[sound]
        low, high = extreme(finite, known), extreme(finite, known, high=True)
    counts = [
        0 if sound.all() else int(np.count_nonzero(f(elements)))
        for f in (np.isnan, np.isposinf, np.isneginf)
    ]
    shape = elements.shape[1:]
    return Range(len(elements), shape, low, high, counts[0], counts[1], counts[2], last)


def range_over(values: Iterable[Any]) -> Range:
    """Say between which numbers all elements of values of any shapes are."""
    parts = [v if isinstance(v, Range) else range_of([v]) for v in values]
    full = [part for part in parts if part.size]
    return _together(full)._replace(shape=()) if full else Range(len(parts), (0,), None, None)


def _together(parts: list[Range]) -> Range:
    """Say what values were of which some are not known one by one."""
    known = [part for part in parts if part.low is not None]
    low = min((part.low for part in known), default=None)
    high = max((part.high for part in known), default=None)
    nans, infs, minus_infs = (
        sum(getattr(part, name) for part in parts) for name in ("nans", "infs", "minus_infs")
    )
    if len(known) < len(parts) and not (nans or infs or minus_infs):
        low = high = None  # of some nothing is known
    times = sum(part.times for part in parts)
    return Range(times, parts[0].shape, low, high, nans, infs, minus_infs)
