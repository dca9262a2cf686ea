"""A subject computed at each point of a sweep.

It knows no format and writes nothing; what is odd it returns as sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from dzviz.budget import check_memory, timed
from dzviz.errors import EvaluationError
from dzviz.graph.model import Graph, VariableNode
from dzviz.graph.sweep import Axis, Sweep
from dzviz.pipeline import Computation, Taken, compute, oddities, read_value, take
from dzviz.progress import through
from dzviz.records import NamedTuple
from dzviz.sweeps.axes import check_place
from dzviz.text.numbers import number
from dzviz.text.phrases import clean, plural

PART_MEMORY = 500
"""The bytes for a node, an edge or an event, without its array."""


class Row(NamedTuple):
    """What was computed at a point: where it ``is``, the ``outputs`` and ``gradients`` by name."""

    at: tuple[float, ...]
    outputs: Mapping[str, Any]
    gradients: Mapping[str, Any]


def computations(computation: Computation, axes: Sequence[Axis]) -> list[Computation]:
    """Return what is computed at each point; the last axis goes fastest.

    Raises:
        DzvizError: A value cannot be read, or has no such element.
    """
    seed = computation.random_seed
    fixed = {name: read_value(name, text, seed) for name, text in computation.values.items()}
    for axis in axes:
        if axis.place:
            check_place(axis, fixed[axis.name])
    names = (*computation.subject.names, *computation.subject.optional)
    made = []
    for values in product(*(axis.values for axis in axes)):
        given: dict[str, Any] = dict(fixed)
        for axis, value in zip(axes, values, strict=True):
            if axis.place:
                array = np.array(given[axis.name])
                array[axis.place] = value
                given[axis.name] = array
            else:
                given[axis.name] = np.array(value)
        known = {name: given[name] for name in names if name in given}
        made.append(replace(computation, values=known, partial=False))
    return made


def taken(
    computation: Computation,
    axes: Sequence[Axis],
    *,
    events: bool,
    strict: bool = False,
) -> tuple[list[Taken], tuple[str, ...], tuple[str, ...]]:
    """Take the graph at each point, with what is odd about them, and notes.

    Raises:
        DzvizError: Whatever is wrong; what arises at a point tells its values.
    """
    found: list[Taken] = []
    places = _places(computation, axes)
    for at, one in through(places):
        with _naming_point(axes, at):
            found.append(take(one, events=events, strict=strict))
        if len(found) == 1:
            check_memory(len(places) * _weight(found[0].graph))
    warnings = merged(axes, [each.warnings for each in found])
    return found, warnings, tuple(dict.fromkeys(note for each in found for note in each.notes))


def rows(
    computation: Computation, axes: Sequence[Axis], *, strict: bool = False
) -> tuple[list[Row], Sweep, tuple[str, ...], tuple[str, ...]]:
    """Compute the outputs and all gradients at each point.

    Returns them with the graphs, what is odd about them, and notes.

    Raises:
        DzvizError: Whatever is wrong; what arises at a point tells its values.
    """
    found: list[Row] = []
    graphs: list[Graph] = []
    odd: list[tuple[str, ...]] = []
    notes: list[str] = []
    places = _places(computation, axes)
    for at, one in timed(places):
        with _naming_point(axes, at):
            run = compute(one)
            gradients = dict(run.gradients()) if one.backward else {}
            graphs.append(run.graph(words=0))
            odd.append(oddities(run, graphs[-1], strict=strict))
            found.append(Row(at, _outputs(graphs[-1]), gradients))
            notes += run.evaluation.notes
        if len(found) == 1:
            check_memory(len(places) * _weight(graphs[0]))
    sweep = Sweep(axes, graphs)
    return found, sweep, merged(axes, odd), tuple(dict.fromkeys(notes))


def _places(
    computation: Computation, axes: Sequence[Axis]
) -> list[tuple[tuple[float, ...], Computation]]:
    places = product(*(axis.values for axis in axes))
    return list(zip(places, computations(computation, axes), strict=True))


def _weight(graph: Graph) -> int:
    """Say about how many bytes a graph takes."""
    values = [getattr(node, name, None) for node in graph.nodes for name in ("data", "grad")]
    values += [edge.contribution for edge in graph.edges]
    values += [event.value for event in graph.events]
    parts = len(graph.nodes) + len(graph.edges) + len(graph.events)
    return parts * PART_MEMORY + sum(getattr(value, "nbytes", 0) for value in values)


@contextmanager
def _naming_point(axes: Sequence[Axis], at: Sequence[float]) -> Iterator[None]:
    """Say at which values an error arose."""
    try:
        yield
    except EvaluationError as error:
        error.args = (f"at {where(axes, at)}: {error}", *error.args[1:])
        raise


def where(axes: Sequence[Axis], at: Sequence[float]) -> str:
    """Say where a point is: ``x = 1.3, w = 2``."""
    return ", ".join(
        f"{axis.label} = {number(value, 12)}" for axis, value in zip(axes, at, strict=True)
    )


def merged(axes: Sequence[Axis], odd: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Say once what is odd at each point; of the rest the first, and how many there are."""
    everywhere = [text for text in odd[0] if all(text in each for each in odd)]
    places = list(product(*(axis.values for axis in axes)))
    others = [
        (at, text)
        for at, each in zip(places, odd, strict=True)
        for text in each
        if text not in everywhere
    ]
    if not others:
        return tuple(everywhere)
    at, text = others[0]
    more = len({place for place, _ in others}) - 1
    beside = f"; there are warnings at {plural(more, 'other point')}, too" if more else ""
    return (*everywhere, f"at {where(axes, at)}: {text}{beside}")


def _outputs(graph: Graph) -> dict[str, Any]:
    """Return the values of the outputs by their names."""
    nodes = {node.id: node for node in graph.nodes if isinstance(node, VariableNode)}
    return {clean(nodes[id].name) or id: nodes[id].data for id in graph.outputs}
