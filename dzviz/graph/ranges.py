"""What one Variable was over many times: its least, its greatest, and what is not finite."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np


class Range(NamedTuple):
    """What the values of one Variable, or its gradients, were over all times.

    ``low`` and ``high`` are of all finite elements, None where there are none; of the others there
    are so many in ``nans``, ``infs`` and ``minus_infs``. ``last`` is the value that goes on from
    the last time, None where none does. ``shape`` is that of each one of the values.
    """

    times: int
    shape: tuple[int, ...]
    low: Any
    high: Any
    nans: int = 0
    infs: int = 0
    minus_infs: int = 0
    last: Any = None

    @property
    def kind(self) -> str:
        """``NaN`` or ``infinity`` where there is one."""
        return "NaN" if self.nans else "infinity" if self.infs or self.minus_infs else ""

    @property
    def zero(self) -> bool:
        """Whether all elements are zero."""
        return not self.kind and self.low is not None and not self.low and not self.high


def range_of(values: Iterable[Any], *, last: bool = False) -> Range:
    """Say what values of one shape were; ``last`` keeps the last one."""
    listed = list(values)
    shape = np.shape(listed[0])
    if shape:
        limits = [_limits(value) for value in listed]
        finite = [limit[:2] for limit in limits if limit[0] is not None]
        low = min((limit[0] for limit in finite), default=None)
        high = max((limit[1] for limit in finite), default=None)
        counts = [sum(limit[i] for limit in limits) for i in (2, 3, 4)]
    else:
        low, high, *counts = _limits(np.array(listed))
    final = listed[-1] if last else None
    return Range(len(listed), shape, low, high, counts[0], counts[1], counts[2], final)


def _limits(value: Any) -> tuple[Any, Any, int, int, int]:
    finite = np.isfinite(value)
    if finite.all():
        return (value.min(), value.max(), 0, 0, 0) if value.size else (None, None, 0, 0, 0)
    counts = [int(np.count_nonzero(f(value))) for f in (np.isnan, np.isposinf, np.isneginf)]
    rest = value[finite]
    return (*((rest.min(), rest.max()) if rest.size else (None, None)), *counts)
