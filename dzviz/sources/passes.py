"""What a recorded pass says of a graph: its events, and where a NaN or an infinity first appeared.

It turns records about Variables and Functions into data about nodes; it knows no picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from dezero import Function, Variable
from dezero.core import raw
from dzviz.graph.events import Event
from dzviz.graph.nonfinite import Trouble, is_finite, kind_of
from dzviz.sources.bounds import Bounds
from dzviz.sources.local_rules import formula, local_derivative
from dzviz.sources.recorder import Recording, Tape, freeze


def freeze_events(
    tape: Tape,
    variables: Mapping[Variable, str],
    functions: Mapping[Function, str],
    names: Mapping[str, str],
    bounds: Bounds | None = None,
) -> Iterator[Event]:
    """Take down what is on a tape, as far as it happened to these nodes, by their ids.

    ``names`` are what formulas call the nodes; ``bounds`` knows how exact the values are.
    """
    for moment in tape.moments:
        function, variable = moment.function, moment.variable
        if (function is not None and function not in functions) or (
            variable is not None and variable not in variables
        ):
            continue
        value, upstream = moment.value, moment.upstream
        if bounds is not None:
            value, upstream = bounds.of_moment(moment)
        event = Event(
            moment.kind,
            moment.turn,
            None if function is None else functions[function],
            None if variable is None else variables[variable],
            moment.arg,
            value,
            upstream,
            queue=tuple(functions[f] for f in moment.queue if f in functions),
            waiting=moment.waiting,
        )
        if function is not None and moment.arg is not None:
            local = local_derivative(function, moment.arg, moment.upstream, moment.value)
            ends = [*function.inputs, *(reference() for reference in function.outputs)]
            called = {x: names[variables[x]] for x in ends if x is not None and x in variables}
            text = formula(function, moment.arg, called, whole=local is None)
            local = freeze(local)
            if bounds is not None:
                local = bounds.local(function, moment.arg, local)
            event = event._replace(local=local, formula=text)
        yield event


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


def _allis_finite(inputs: Iterable[Variable]) -> bool:
    return all(is_finite(raw(x)) for x in inputs)


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
