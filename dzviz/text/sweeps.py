"""A sweep in words: what is swept, and over which values."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from dzviz.graph.model import Graph, VariableNode
from dzviz.graph.rounded import bound_of
from dzviz.graph.sweep import Axis, Sweep, leaf, result
from dzviz.options import ENGLISH, Look
from dzviz.text.gradients import derivative_of
from dzviz.text.labels import gradient_of
from dzviz.text.languages import say
from dzviz.text.numbers import number, value_text
from dzviz.text.phrases import clean


def result_name(graph: Graph, lang: str = ENGLISH) -> str:
    """Say what the gradients are derivatives of: ``y``, ``sum of y``."""
    text = derivative_of(graph, lang=lang).removesuffix("/d(node)").removeprefix("d")
    return text[1:-1] if text.startswith("(") else text


def gradient_name(graph: Graph, axis: Axis, lang: str = ENGLISH) -> str:
    """Name the derivative by a swept value: ``dy/dx``; where it is another's, ``grad of x``."""
    name = clean(axis.label)
    if graph.passes:
        return say(lang, "grad of {names}", names=name)
    if graph.derivatives and graph.derivatives.by == axis.name and not axis.place:
        return clean(graph.derivatives.names[-1])
    short = len(name) == 1 or axis.place
    return (
        f"{derivative_of(graph, lang=lang).removesuffix('(node)')}{name if short else f'({name})'}"
    )


def value_name(axis: Axis, place: int) -> str:
    """Say which value an axis has at a place: ``x = 1.3``."""
    return f"{clean(axis.label)} = {axis_texts(axis)[place]}"


@lru_cache(16)
def axis_texts(axis: Axis) -> tuple[str, ...]:
    """Write the values of an axis."""
    return told_apart(axis.values)


def told_apart(values: Sequence[float]) -> tuple[str, ...]:
    """Write numbers with so many digits that no two of them look alike."""
    for precision in (4, 6, 9, 12, 17):
        texts = tuple([number(value, precision) for value in values])
        if len(set(texts)) == len(texts):
            break
    return texts


def point_name(sweep: Sweep, point: int) -> str:
    """Say which values all axes have at a point: ``x = 1.3, w = 2``."""
    places = zip(sweep.axes, sweep.at(point), strict=True)
    return ", ".join(value_name(axis, place) for axis, place in places)


def point_text(sweep: Sweep, point: int, lang: str = ENGLISH) -> str:
    """Say what there is at a point: ``x = 1.3: y = 0.9, dy/dx = 2.1``."""
    graph = sweep.graphs[point]
    facts = [f"{result_name(graph, lang)} = {result_text(graph)}"]
    for axis, gradients in zip(sweep.axes, sweep.gradients, strict=True):
        if gradients[point] is not None:
            facts.append(f"{gradient_name(graph, axis, lang)} = {gradient_text(graph, axis)}")
    return f"{point_name(sweep, point)}: {', '.join(facts)}"


def result_text(graph: Graph) -> str:
    """Write what the gradients are of, as its node does where it is one number."""
    nodes = {node.id: node for node in graph.nodes if isinstance(node, VariableNode)}
    output = nodes[graph.outputs[0]]
    alone = len(graph.outputs) == 1 and not output.shape
    return value_text(output.data, Look()) if alone else number(result(graph))


def gradient_text(graph: Graph, axis: Axis) -> str:
    """Write the derivative by a swept value, as its node does."""
    node = leaf(graph, axis.name)
    value = None if node is None else gradient_of(node)
    if value is None:
        return "None"
    bounds = bound_of(value)
    bound = 0.0 if bounds is None else float(np.asarray(bounds)[axis.place])
    return number(np.asarray(value)[axis.place], Look().precision, bound)


def change_sentences(sweep: Sweep) -> list[str]:
    """Say at which values the graph becomes another."""
    counts: dict[str, int] = {}
    for change in sweep.changes():
        axis = sweep.axes[change.axis]
        before, after = sweep.at(change.before)[change.axis], sweep.at(change.after)[change.axis]
        text = change_sentence(axis, before, after)
        counts[text] = counts.get(text, 0) + 1
    if len(counts) > MOST_CHANGES:
        return [f"the graph changes {len(counts)} times on the way"]
    whole = len(sweep.axes) == 1
    return [
        text if whole else f"{text} ({count} times)" if count > 1 else text
        for text, count in counts.items()
    ]


def change_sentence(axis: Axis, before: int, after: int, lang: str = ENGLISH) -> str:
    """Say between which neighbours the graph becomes another."""
    ends = value_name(axis, before), value_name(axis, after)
    return say(lang, "the graph changes between {low} and {high}", low=ends[0], high=ends[1])


MOST_CHANGES = 6
"""More changes of the graph are counted."""


def spans(axis: Axis, first: int, last: int, lang: str = ENGLISH) -> str:
    """Say between which values something is: ``at x = 0``, ``from x = -3 to x = 0 (31 values)``."""
    if first == last:
        return say(lang, "at {value}", value=value_name(axis, first))
    count, all_of_them = last - first + 1, len(axis.values)
    return say(
        lang,
        "from {low} to {high} (all values)"
        if count == all_of_them
        else "from {low} to {high} ({count} of {all} values)",
        low=value_name(axis, first),
        high=value_name(axis, last),
        count=count,
        all=all_of_them,
    )
