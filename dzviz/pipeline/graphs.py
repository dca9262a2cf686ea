"""The graph of a computation, or one that is there already, with sentences about what is odd in it.

It knows no format; what of the graph is drawn is chosen after it.
"""

from __future__ import annotations

from dzviz.errors import DzvizError, EvaluationError
from dzviz.graph.model import Graph
from dzviz.options import FULL
from dzviz.pipeline.computation import Computation, Given, Run, compute
from dzviz.records import NamedTuple


class Taken(NamedTuple):
    """A graph as it is drawn, the same with all its gradients, and sentences about it."""

    graph: Graph
    room: Graph
    warnings: tuple[str, ...]
    notes: tuple[str, ...] = ()
    failed: EvaluationError | None = None


def take(
    computation: Computation | Given,
    *,
    events: bool,
    most: int | None = None,
    words: int = FULL,
    reserved: bool = False,
    strict: bool = False,
) -> Taken:
    """Compute a graph, or take the one that is there, with what happened where that is ``events``.

    Of a graph of more nodes than ``most`` nobody will ask what happened in which order.

    With 0 digits in ``words`` nobody needs to know how exact the numbers are; room is ``reserved``
    for gradients that are not there yet.
    """
    if isinstance(computation, Given):
        return _given(computation, events=events, reserved=reserved, strict=strict)
    run = compute(computation, recorded=events)
    if events and most is not None:
        run = run.without_events_above(most)
    if computation.backward:
        run.backward(retain_grad=computation.retain_grad)
    graph = run.graph(lower=events, words=words)
    reserved &= not computation.backward and run.evaluation.engine is None
    room = _with_gradients(run) if reserved else graph
    odd, made = oddities(run, graph, strict=strict), run.evaluation
    return Taken(graph, room, odd, made.notes, made.failed)


def _given(given: Given, *, events: bool, reserved: bool, strict: bool) -> Taken:
    """Take a graph as it is; the lower orders' results beside it are for those who tell all."""
    from dzviz.graph import select

    graph = given.graph
    if not events:
        graph = (_needed(graph) if graph.order else graph)._replace(events=())
    room = graph
    if not given.backward:
        graph = select.forward(graph)
        room = room if reserved else graph
    return Taken(graph, room, troubles(graph, strict=strict))


def oddities(run: Run, graph: Graph, *, strict: bool = False) -> tuple[str, ...]:
    """Return sentences about what is odd, though no error.

    Raises:
        EvaluationError: A value or gradient is not finite, under ``strict``.
    """
    return (*run.evaluation.warnings, *troubles(graph, strict=strict))


def _needed(graph: Graph) -> Graph:
    """Leave out what is there for films alone, and with it what is wrong there."""
    from dzviz.graph import select
    from dzviz.sources.nonfinite import troubles_of

    part = select.needed(graph)
    left = {node.id for node in part.nodes}
    if any(trouble.function not in left for trouble in part.troubles):
        part = part._replace(troubles=troubles_of(part.nodes, part.edges))
    return part


def troubles(graph: Graph, *, strict: bool = False) -> tuple[str, ...]:
    """Say where a NaN or an infinity first appeared.

    Raises:
        EvaluationError: There is one, under ``strict``.
    """
    from dzviz.text.descriptions import first_trouble

    trouble = first_trouble(graph)
    if strict and trouble:
        raise EvaluationError(trouble, hint="without --strict this is a warning")
    return (trouble,) if trouble else ()


def _with_gradients(run: Run) -> Graph:
    """Take the graph with the gradients that it would have, so that it can be placed alike."""
    shown = run.graph()
    try:
        run.backward()
    except DzvizError:  # there is no pass to leave room for
        return shown
    return run.graph()
