"""Where a NaN or an infinity first appeared: forward before backward, each in order of time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from dzviz.engine import Function, Variable, raw
from dzviz.graph.ranges import Range
from dzviz.sources.recorder import Recording


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


def find(functions: Iterable[Function], recording: Recording) -> Trouble | None:
    """Find the first trouble; ``functions`` come in order of computation."""
    for function in functions:
        for reference in function.outputs:
            y = reference()
            if y is None or (type(y._data) is np.float64 and math.isfinite(y._data)):
                continue  # nearly always
            if not _finite(raw(y)) and _all_finite(function.inputs):
                return _describe(function, None, y.data, function.inputs)
    for (function, argument), gx in recording.contributions.items():
        if (
            not _finite(gx)
            and _all_finite(function.inputs)
            and all(_finite(gy) for gy in _upstream(function, recording.gradients))
        ):
            return _describe(function, argument, gx, [function.inputs[argument]])
    return None


def kind_of(value: Any) -> str:
    """Say what is not finite in a value: ``NaN``, ``infinity``; nothing where all is."""
    if isinstance(value, Range):
        return value.kind
    if _finite(value):
        return ""
    return "NaN" if np.any(np.isnan(value)) else "infinity"


def _upstream(function: Function, gradients: Mapping[Variable, Any]) -> list[Any]:
    outputs = [reference() for reference in function.outputs]
    return [gradients[y] for y in outputs if y is not None and y in gradients]


def _all_finite(inputs: Iterable[Variable]) -> bool:
    return all(_finite(raw(x)) for x in inputs)


def _finite(value: Any) -> bool:
    if isinstance(value, float):  # np.float64 too: NumPy takes 70 times as long for one number.
        return math.isfinite(value)
    return bool(np.all(np.isfinite(value)))


def _describe(
    function: Function, argument: int | None, value: Any, inputs: Iterable[Variable]
) -> Trouble:
    bad = ~np.isfinite(np.asarray(value))
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    alike = [x for x in inputs if x.shape == bad.shape]
    culprit = alike[0] if len(alike) == 1 else None
    return Trouble(
        function,
        argument,
        kind_of(value),
        int(np.count_nonzero(bad)),
        bad.size,
        index,
        None if culprit is None else float(culprit.data[index]),
        culprit,
    )
