"""What is swept, and over what, in words."""

from __future__ import annotations

from collections.abc import Sequence

from dzviz.graph.model import Graph
from dzviz.graph.sweep import Axis, Sweep
from dzviz.text.gradients import derivative_of
from dzviz.text.numbers import number
from dzviz.text.phrases import clean


def result_name(graph: Graph) -> str:
    """Say of what the gradients are: ``y``, ``sum of y``."""
    text = derivative_of(graph).removesuffix("/d(node)").removeprefix("d")
    return text[1:-1] if text.startswith("(") else text


def gradient_name(graph: Graph, axis: Axis) -> str:
    """Name the derivative by a swept value: ``dy/dx``; where it is another's, ``grad of x``."""
    name = clean(axis.label)
    if graph.passes:
        return f"grad of {name}"
    short = len(name) == 1 or axis.place
    return f"{derivative_of(graph).removesuffix('(node)')}{name if short else f'({name})'}"


def value_name(axis: Axis, place: int) -> str:
    """Say which value an axis has at a place: ``x = 1.3``."""
    return f"{clean(axis.label)} = {number(axis.values[place], 12)}"


def point_name(sweep: Sweep, point: int) -> str:
    """Say which values all axes have at a point: ``x = 1.3, w = 2``."""
    places = zip(sweep.axes, sweep.at(point), strict=True)
    return ", ".join(value_name(axis, place) for axis, place in places)


def point_text(sweep: Sweep, point: int) -> str:
    """Say what there is at a point: ``x = 1.3: y = 0.9, dy/dx = 2.1``."""
    graph = sweep.graphs[point]
    facts = [f"{result_name(graph)} = {number(sweep.results[point])}"]
    for axis, gradients in zip(sweep.axes, sweep.gradients, strict=True):
        value = gradients[point]
        if value is not None:
            facts.append(f"{gradient_name(graph, axis)} = {number(value)}")
    return f"{point_name(sweep, point)}: {', '.join(facts)}"


def change_sentences(sweep: Sweep) -> list[str]:
    """Say at which values the graph becomes another."""
    told: dict[str, int] = {}
    for change in sweep.changes():
        axis = sweep.axes[change.axis]
        before, after = sweep.at(change.before)[change.axis], sweep.at(change.after)[change.axis]
        text = f"the graph is another from {value_name(axis, before)} to {value_name(axis, after)}"
        told[text] = told.get(text, 0) + 1
    if len(told) > MOST_CHANGES:
        return [f"the graph becomes another {len(told)} times on the way"]
    whole = len(sweep.axes) == 1
    return [
        text if whole else f"{text} ({count} times)" if count > 1 else text
        for text, count in told.items()
    ]


MOST_CHANGES = 6
"""More changes of the graph are counted."""


def spans(axis: Axis, first: int, last: int) -> str:
    """Say between which values something is: ``at x = 0``, ``from x = -3 to x = 0 (31 values)``."""
    if first == last:
        return f"at {value_name(axis, first)}"
    count = last - first + 1
    which = "all" if count == len(axis.values) else f"{count} of {len(axis.values)}"
    return f"from {value_name(axis, first)} to {value_name(axis, last)} ({which} values)"


def both(words: Sequence[str]) -> str:
    """Join two facts."""
    return " and ".join(words)
