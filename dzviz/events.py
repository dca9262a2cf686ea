"""Events: what happened while a graph was computed and its gradients flowed, as frozen data.

They are to a `dzviz.recording.Tape` what a Graph is to Variables: nodes by their ids, values that
cannot be written. Nothing here draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from dezero import Function, Variable
from dzviz.formulas import formula, local_derivative
from dzviz.recording import Tape, freeze

if TYPE_CHECKING:
    from dzviz.bounds import Bounds

Value = Any  # a NumPy scalar or a read-only ndarray

KINDS: Mapping[str, str] = {
    "forward": "a Function computes a Variable",
    "seed": "a backward pass starts from an output",
    "pop": "the next Function is taken out of the queue",
    "rule": "a Function sends a gradient back to one of its inputs",
    "sum": "gradients that came on several ways are added",
    "keep": "a Variable keeps its gradient",
    "release": "a Variable's gradient was needed for its creator's rule alone, and is let go",
}
"""Every kind of event, with what happens."""


class Event(NamedTuple):
    """One thing that happened.

    ``kind`` is one of `KINDS`; ``turn`` is 0 while the function is computed, 1 in the first
    backward pass, and so on. ``function`` and ``variable`` are ids of nodes, ``arg`` the number of
    the input to which a rule sends. ``value`` is what was computed, sent, added up, kept or let go.

    A rule's ``value`` is ``upstream``, the gradient of its Function's output, times ``local``,
    element by element; where it is not such a product, ``local`` is None. ``formula`` writes the
    local derivative, or all of the rule where there is none. At a pop so many Functions are
    ``waiting``, of which ``queue`` has the first.
    """

    kind: str
    turn: int
    function: str | None = None
    variable: str | None = None
    arg: int | None = None
    value: Value | None = None
    upstream: Value | None = None
    local: Value | None = None
    formula: str | None = None
    queue: tuple[str, ...] = ()
    waiting: int = 0


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


def replay(events: Iterable[Event]) -> dict[str, Value]:
    """Compute the gradients that a Variable was left with, by what the events say of them alone.

    Contributions are added up; what is kept stays. The last pass counts.
    """
    flowing: dict[str, Value] = {}
    kept: dict[str, Value] = {}
    turn = 0
    for event in events:
        if event.turn != turn:
            turn = event.turn
            flowing, kept = {}, {}
        if event.variable is None:
            continue
        if event.kind in ("seed", "rule"):
            old = flowing.get(event.variable)
            flowing[event.variable] = event.value if old is None else old + event.value
        elif event.kind == "keep":
            kept[event.variable] = flowing.pop(event.variable)
        elif event.kind == "release":
            del flowing[event.variable]
    return kept
