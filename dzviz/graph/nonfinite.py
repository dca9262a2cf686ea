"""Where a NaN or an infinity first appeared, as data; `dzviz.graph.diagnosis` finds it."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from dzviz.graph.ranges import Range


class Trouble(NamedTuple):
    """The Function that made the first NaN or infinity out of finite numbers.

    ``argument`` is the number of the input whose gradient it is, None for the forward result. Of
    its ``size`` elements ``bad`` are not finite, the first at ``place``; there the input ``of`` is
    ``at``, where one input has the result's shape. In a Graph ``function``, ``argument`` and ``of``
    are the ids of nodes.
    """

    function: Any
    argument: Any
    kind: str
    bad: int
    size: int
    place: tuple[int, ...]
    at: float | None
    of: Any


def kind_of(value: Any) -> str:
    """Say what is not finite in a value: ``NaN``, ``infinity``; nothing where all is."""
    if isinstance(value, Range):
        return value.kind
    if is_finite(value):
        return ""
    return "NaN" if np.any(np.isnan(value)) else "infinity"


def is_finite(value: Any) -> bool:
    """Tell whether every number of a value is finite."""
    if isinstance(value, Range):
        return not value.kind
    if isinstance(value, float):  # np.float64 too: NumPy takes 70 times as long for one number.
        return math.isfinite(value)
    finite = np.isfinite(value)
    return bool(finite.all() if finite.ndim else finite)
