"""What was recorded of passes, as events of a graph: about nodes instead of Variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dzviz.engine import Function, Tape, Variable, freeze
from dzviz.graph.events import Event
from dzviz.sources.bounds import Bounds
from dzviz.sources.local_rules import formula, local_derivative
from dzviz.sources.rule_terms import rule_term


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
            rule = rule_term(function, moment.arg, moment.upstream, local, moment.value)
            text = formula(function, moment.arg, called, whole=local is None)
            local = freeze(local)
            if bounds is not None:
                local = bounds.local(function, moment.arg, local)
            event = event._replace(local=local, formula=text, rule=rule)
        yield event
