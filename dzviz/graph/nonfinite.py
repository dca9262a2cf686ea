"""Where the first infinity and the first NaN arose, as data; `dzviz.sources.nonfinite` finds it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dzviz.graph.ranges import Range
from dzviz.records import NamedTuple

KINDS = ("NaN", "infinity")
"""What a number can be that is not finite."""


class Trouble(NamedTuple):
    """The Function that made the first NaN, or the first infinity, of what had none.

    ``argument`` is the number of the input whose gradient it is, None for the forward result. Of
    its ``size`` elements ``bad`` are such, the first at ``place``; there the input ``of`` is
    ``at``, where one input has the result's shape. In a Graph ``function``, ``argument`` and ``of``
    are the ids of nodes.

    ``value`` is what was made at ``place`` of ``parts``: of the operands by the Function, of the
    gradient that came and the local derivative as their product. There are no ``parts`` where it
    is not known that nothing else went in.
    """

    function: Any
    argument: Any
    kind: str
    bad: int
    size: int
    place: tuple[int, ...]
    at: float | None
    of: Any
    parts: tuple[float, ...] = ()
    value: float = math.nan


def renamed(troubles: Sequence[Trouble], name: Callable[[Any], Any]) -> tuple[Trouble, ...]:
    """Return troubles of a graph whose nodes have other ids, as ``name`` tells them."""
    return tuple(
        trouble._replace(
            function=name(trouble.function),
            argument=None if trouble.argument is None else name(trouble.argument),
            of=None if trouble.of is None else name(trouble.of),
        )
        for trouble in troubles
    )


def kind_of(value: Any) -> str:
    """Say what is not finite in a value: ``NaN``, ``infinity``; nothing where all is."""
    if isinstance(value, Range):
        return value.kind
    if is_finite(value):
        return ""
    return "NaN" if np.any(np.isnan(value)) else "infinity"


def kinds_of(value: Any) -> set[str]:
    """Say all that is not finite in a value."""
    if isinstance(value, Range):
        return {kind for kind, count in zip(KINDS, _counts(value), strict=True) if count}
    if is_finite(value):
        return set()
    return {kind for kind in KINDS if np.any(where(value, kind))}


def _counts(value: Range) -> tuple[int, int]:
    return value.nans, value.infs + value.minus_infs


def where(value: Any, kind: str) -> Any:
    """Tell which elements are of a kind of `KINDS`."""
    return np.isnan(value) if kind == "NaN" else np.isinf(value)


def is_finite(value: Any) -> bool:
    """Tell whether every number of a value is finite."""
    if isinstance(value, Range):
        return not value.kind
    if isinstance(value, float) or not np.ndim(value):  # NumPy takes 70 times as long for a number
        return math.isfinite(value)
    return bool(np.isfinite(value).all())
