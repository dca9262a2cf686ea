"""Where a NaN or an infinity first appeared in what was computed, or in a recorded pass."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from dzviz.engine import Function, Variable, raw
from dzviz.graph.nonfinite import Trouble, is_finite, kind_of
from dzviz.sources.recorder import Recording


def first_nonfinite(functions: Iterable[Function], recording: Recording) -> Trouble | None:
    """Find the first trouble; ``functions`` come in order of computation."""
    for function in functions:
        for reference in function.outputs:
            y = reference()
            if y is None or (type(y._data) is np.float64 and math.isfinite(y._data)):
                continue  # nearly always
            if not is_finite(raw(y)) and _all_finite(function.inputs):
                return _describe(function, None, y.data, function.inputs)
    for (function, argument), gx in recording.contributions.items():
        if (
            not is_finite(gx)
            and _all_finite(function.inputs)
            and all(is_finite(gy) for gy in _upstream(function, recording.gradients))
        ):
            return _describe(function, argument, gx, [function.inputs[argument]])
    return None


def _upstream(function: Function, gradients: Mapping[Variable, Any]) -> list[Any]:
    outputs = [reference() for reference in function.outputs]
    return [gradients[y] for y in outputs if y is not None and y in gradients]


def _all_finite(inputs: Iterable[Variable]) -> bool:
    return all(is_finite(raw(x)) for x in inputs)


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
