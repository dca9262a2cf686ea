"""A sweep as pictures that share one layout: nothing moves from one value to the next.

A graph that becomes another on the way has a layout of its own for each structure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from dzviz.budget import check_memory
from dzviz.errors import LayoutError
from dzviz.graph.duplicates import spread
from dzviz.graph.model import Edge, Graph, Value, VariableNode
from dzviz.graph.nonfinite import Trouble
from dzviz.graph.states import Step
from dzviz.graph.sweep import Sweep
from dzviz.options import Layout, Look
from dzviz.progress import through
from dzviz.svg import primitives as pen
from dzviz.svg.canvas import Canvas, Extent, canvas
from dzviz.svg.curve import BOX, Curve
from dzviz.svg.timeline import MOST_STEPS, PART_MEMORY, STEP_MEMORY, Timeline, Track, with_longest
from dzviz.text.labels import contribution_text, gradient_of, with_longest_labels
from dzviz.text.languages import say
from dzviz.text.numbers import number, value_lines
from dzviz.text.sweeps import point_text


def sheet_of(graphs: Sequence[Graph], look: Look, layout: Layout) -> Canvas:
    """Make the canvas of graphs of one structure, which are spread.

    If their events are known, it has room for all steps.

    Raises:
        LayoutError: No engine could place the nodes.
    """
    if graphs[0].events and look.contributions == "auto":
        look = replace(look, contributions="all")
    longest = [with_longest(graph, look) if graph.events else graph for graph in graphs]
    room = with_longest_labels(room_of(longest, look))
    return canvas(graphs[0], look, replace(layout, room=room), graphs)


def room_of(graphs: Sequence[Graph], look: Look) -> Graph:
    """Return the graph with, at each place, the longest of what these graphs have there."""
    first = graphs[0]
    nodes = list(first.nodes)
    for i, node in enumerate(nodes):
        if isinstance(node, VariableNode):
            nodes[i] = _room_of_node([graph.nodes[i] for graph in graphs], look)
    edges = [
        _room_of_edge([graph.edges[i] for graph in graphs], look) for i in range(len(first.edges))
    ]
    troubles: dict[str, Trouble] = {}
    for graph in graphs:
        for trouble in graph.troubles:
            troubles.setdefault(trouble.function, trouble)
    made = first._replace(nodes=tuple(nodes), edges=tuple(edges))
    return made._replace(troubles=tuple(troubles.values()))


def _room_of_node(nodes: Sequence[Any], look: Look) -> VariableNode:
    """Return a node that has the longest data and the longest gradient of several."""
    known = [node for node in nodes if gradient_of(node) is not None]
    model: VariableNode = (known or nodes)[0]
    model = model._replace(data=_longest([node.data for node in nodes], look))
    if not known:
        return model
    gradient = _longest([gradient_of(node) for node in known], look)
    return model._replace(**{"grad" if model.grad is not None else "grad_was": gradient})


def _room_of_edge(edges: Sequence[Edge], look: Look) -> Edge:
    values = [edge.contribution for edge in edges if edge.contribution is not None]
    if not values:
        return edges[0]
    longest = max(values, key=lambda value: len(contribution_text(value, look)))
    return edges[0]._replace(contribution=longest)


def _longest(values: Sequence[Value], look: Look) -> Value:
    return max(values, key=lambda value: _size(value_lines(value, look)))


def _size(lines: Sequence[str]) -> tuple[int, int]:
    return len(lines), max(map(len, lines), default=0)


def over_values(sweep: Sweep, look: Look, layout: Layout) -> Timeline:
    """Draw a film of which each step is a point of the sweep, with what there is at its end.

    Raises:
        LayoutError: No engine could place the nodes, or there are too many points.
    """
    count = len(sweep.drawn)
    if count > MOST_STEPS:
        raise LayoutError(
            f"the film is too long: {count} values, but at most {MOST_STEPS} are possible",
            hint="use fewer values, or a page: -o page.html",
        )
    check_memory(count * (STEP_MEMORY + PART_MEMORY * _parts_of(sweep)))
    graphs = [spread(graph._replace(events=())) for graph in sweep.drawn]
    parts: dict[str, dict[int, str]] = {}
    boxes = []
    for structure, points in enumerate(sweep.parts):
        sheet = sheet_of([graphs[point] for point in points], look, layout)
        for point in through(points):
            for key, part in sheet.parts(graphs[point]):
                parts.setdefault(f"{structure} {key}", {})[point] = part
            caption, box = sheet.foot(graphs[point])
            parts.setdefault(f"{structure} caption", {})[point] = caption
            boxes.append(box)
    whole = sheet._replace(box=around(boxes), caption="")
    steps = tuple(Step(graph, graph) for graph in graphs)
    texts = tuple(point_text(sweep, point, look.lang) for point in range(count))
    tracks = tuple(Track(key, _states(by_point, count)) for key, by_point in parts.items())
    counts = tuple(
        say(look.lang, "Value {number} of {last}", number=point + 1, last=count)
        for point in range(count)
    )
    return Timeline(whole, steps, texts, tracks, counts)


def _parts_of(sweep: Sweep) -> int:
    return max(len(graph.nodes) + len(graph.edges) for graph in sweep.drawn)


def _states(by_point: dict[int, str], count: int) -> tuple[tuple[int, str], ...]:
    """Return what is drawn from which point on; of points without the part nothing."""
    states: list[tuple[int, str]] = []
    for point in range(count):
        part = by_point.get(point, "")
        if not states or states[-1][1] != part:
            states.append((point, part))
    return tuple(states)


def around(boxes: Sequence[Extent]) -> Extent:
    """Return the box around boxes."""
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right = max(box[0] + box[2] for box in boxes)
    return left, top, right - left, max(box[1] + box[3] for box in boxes) - top


def plot(sweep: Sweep, look: Look) -> Iterator[str]:
    """Draw the curves alone, of a grid one along each axis through its middle, as SVG."""
    curves = _middle(sweep, look)
    title, words = "; ".join(curve.title for curve in curves), plot_words(sweep, look)
    wide, high = BOX[2:]
    yield from pen.page(look, title, words, 0.0, 0.0, wide * len(curves), high)
    for i, curve in enumerate(curves):
        moved = f' transform="translate({pen.number(i * wide)})"' if i else ""
        yield f"<g{moved}>\n{curve.still()}</g>\n"
    yield "</svg>\n"


def plot_words(sweep: Sweep, look: Look) -> str:
    """Say what the curves are of, what is marked, and where the graph becomes another."""
    lines = []
    for curve in _middle(sweep, look):
        own = sweep.axes[curve.axis]
        text = "Curves of {what}, {count} values from {low} to {high}"
        ends = {"low": number(own.values[0]), "high": number(own.values[-1])}
        heading = say(look.lang, text, what=curve.title, count=len(own.values), **ends)
        lines += [heading, *curve.sentences()]
    return " ".join(f"{_capital(line)}." for line in lines)


def _capital(line: str) -> str:
    """Begin a sentence, except for one that begins with a name."""
    return line[0].upper() + line[1:] if line.startswith(("the ", "no ")) else line


def _middle(sweep: Sweep, look: Look) -> list[Curve]:
    point = 0
    for length in sweep.shape:
        point = point * length + length // 2
    return curves_of(sweep, point, look)


def curves_of(sweep: Sweep, point: int, look: Look) -> list[Curve]:
    """Return the curve along each axis through a point."""
    return [Curve(sweep, axis, sweep.line(axis, point), look) for axis in range(len(sweep.axes))]
