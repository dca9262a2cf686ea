"""One panel of the style ``book``: arrows, circles with slots and boxes with halves, as SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import hypot, sqrt
from typing import Any, TypeAlias

from dzviz.graph.model import Edge, FunctionNode, Graph, VariableNode
from dzviz.layout import Box, Placement, Point
from dzviz.options import Look
from dzviz.records import NamedTuple
from dzviz.styles.appearance import function_appearance, variable_appearance
from dzviz.svg import primitives as pen
from dzviz.svg.book.curves import bent, polyline
from dzviz.svg.book.values import (
    BELOW,
    HALF,
    NAME,
    NOTE,
    TEXT,
    Names,
    Sizes,
    Slot,
    begin_of,
    flow_text,
    names_of,
    slots_of,
    title_height,
    title_of,
)
from dzviz.svg.primitives import number as n
from dzviz.text.labels import function_fact, reference, variable_fact, variable_trouble
from dzviz.text.languages import say
from dzviz.text.phrases import clean

GAP, HEAD = 2.0, 8.0
"""Between an arrow and its nodes; the length of its head."""

BESIDE = 5.0
"""Between an arrow and a name that it passes."""


SomeNode: TypeAlias = VariableNode | FunctionNode


class Drawn(NamedTuple):
    """What was drawn of each node and edge, and of which facts: a film draws most of them again.

    ``lines`` are where arrows run, by their numbers and the sizes of the names that they pass.
    """

    parts: dict[str, tuple[tuple[Any, ...], tuple[str, ...]]]
    lines: dict[tuple[Any, ...], list[Point]]


class Panel(NamedTuple):
    """One pass over the placed graph."""

    name: str
    graph: Graph
    placement: Placement
    size: Sizes
    look: Look
    film: bool
    drawn: Drawn

    @property
    def back(self) -> bool:
        """Whether gradients flow."""
        return self.name == "backward"

    def draw(self) -> Iterator[tuple[str, str]]:
        """Draw arrows, then what is written on them, then the nodes; each with its id."""
        graph = self.graph
        nodes = {node.id: node for node in graph.nodes}
        origin = graph.trouble.function if graph.trouble else None
        labels = []
        for number, edge in enumerate(graph.edges):
            ends = nodes[edge.source], nodes[edge.target]
            facts = edge, *ends, origin in edge[:2]
            arrow, label = self.kept(f"e{number}", facts, self.edge, number, edge, ends)
            labels.append(label)
            yield f"e{number}", arrow
        for number, label in enumerate(labels):
            yield f"e{number} label", label
        for node in graph.nodes:
            (part,) = self.kept(node.id, (node, node.id == origin), self.node, node)
            yield node.id, part

    def kept(
        self, key: str, facts: tuple[Any, ...], draw: Callable[..., tuple[str, ...]], *args: Any
    ) -> tuple[str, ...]:
        """Return what was drawn of the same facts, or draw it of ``args``."""
        old, parts = self.drawn.parts.get(key, ((), ()))
        if len(old) != len(facts) or any(a is not b for a, b in zip(old, facts, strict=True)):
            parts = draw(*args)
            self.drawn.parts[key] = facts, parts
        return parts

    def edge(self, number: int, edge: Edge, ends: tuple[SomeNode, SomeNode]) -> tuple[str, str]:
        """Draw an edge and what flows back along it."""
        text = flow_text(edge, self.look) if self.back else ""
        return "".join(self.arrow(number, edge, text, ends)), self.label(number, text)

    def node(self, node: SomeNode) -> tuple[str]:
        """Draw a node."""
        parts = self.function(node) if isinstance(node, FunctionNode) else self.variable(node)
        return ("".join(parts),)

    def label(self, number: int, text: str) -> str:
        """Write what flows back along an edge."""
        point = self.placement.edges[f"e{number}"].label
        if not text or not point:
            return ""
        theme = self.look.colours
        background = self.look.background or theme.background
        words = pen.text([text], *point, TEXT, theme.contribution)
        if background != "transparent":
            words = pen.halo(text, *point, TEXT, background) + words
        group = f'<g data-label="e{number}" data-panel="{self.name}" aria-hidden="true">'
        return f"{group}\n{words}</g>\n"

    def fact(self, fact: str) -> str:
        """Say what is known of a node, and in which pass."""
        return f"{fact}, {say(self.look.lang, self.name)}"

    def open(self, id: str, name: str, fact: str) -> str:
        """Begin a group, which says in which panel it is."""
        return pen.group(id, name, fact, f' data-panel="{self.name}"')

    def arrow(
        self, number: int, edge: Edge, label: str, ends: tuple[SomeNode, SomeNode]
    ) -> Iterator[str]:
        """Draw an edge from shape to shape, turned round on the way back."""
        first, second = ends
        line = self.line(number, ends)
        if self.back:
            first, second, line = second, first, line[::-1]
        theme = self.look.colours
        colour = pen.edge_colour(edge.mark, theme)
        names = [
            clean(node.label) if isinstance(node, FunctionNode) else reference(node)
            for node in (first, second)
        ]
        constant = isinstance(second, VariableNode) and second.grad_state == "constant"
        stops = self.back and (constant or edge[:3] in self.size.silent)
        lang = self.look.lang
        none = say(lang, "no gradient flows here")
        what = none if stops else f"grad {label}" if label else ""
        name = say(lang, "from {source} to {target}", source=names[0], target=names[1])
        yield self.open(f"e{number}", name, what)
        tip = line[-1]
        head = 0.0 if stops else HEAD
        body = [p for p in line if hypot(p[0] - tip[0], p[1] - tip[1]) >= head] or line[:1]
        path = "L".join(f"{n(x)},{n(y)}" for x, y in [*body[:-1:8], body[-1]])
        weight = f'stroke-width="{2.6 if edge.mark in pen.LIT else 1.3}"'
        weight = 'stroke-width="0.8" stroke-dasharray="1 3"' if stops else weight
        yield f'<path d="M{path}" fill="none" stroke="{colour}" {weight}/>\n'
        if not stops:
            yield f'<polygon points="{pen.arrowhead(body[-1], tip)}" fill="{colour}"/>\n'
        yield "</g>\n"

    def line(self, number: int, ends: tuple[SomeNode, SomeNode]) -> list[Point]:
        """Return points close together on an edge, from shape to shape."""
        first, second = sizes = [names_of(node, self.graph, self.look).size for node in ends]
        key = number, *sizes
        if key not in self.drawn.lines:
            line = polyline(self.placement.edges[f"e{number}"].points)
            line = self.outside(ends[1], second, line[::-1])[::-1]
            self.drawn.lines[key] = self.outside(ends[0], first, line)
        return self.drawn.lines[key]

    def outside(self, node: SomeNode, name: tuple[float, float], line: list[Point]) -> list[Point]:
        """Drop the beginning of a line, which is within a node, and lead it past the name."""
        box = self.placement.nodes[node.id]
        wide, high = self.size.shape(node)
        across, down = name
        down_page = self.look.rank_dir == "TB"

        def named(point: Point) -> bool:
            x, y = point[0] - box.x, point[1] - box.y
            if down_page:
                on = 0 < x <= wide / 2 + 6 + across and abs(y) <= down / 2
            else:
                on = abs(x) <= across / 2 + BESIDE and 0 < y <= high / 2 + down + 1
            return on and across > 0

        def within(point: Point) -> bool:
            dx, dy = abs(point[0] - box.x), abs(point[1] - box.y)
            if isinstance(node, FunctionNode):
                return dx <= wide / 2 + GAP and dy <= high / 2 + GAP
            return hypot(dx, dy) <= wide / 2 + GAP

        inside = [i for i, point in enumerate(line) if named(point) or within(point)]
        if not inside:
            return line
        begin = min(inside[-1] + 1, len(line) - 2)
        if down_page or within(line[inside[-1]]):
            return line[begin:]
        side = 1 if line[begin][0] > box.x else -1
        shift = across / 2 + BESIDE
        if isinstance(node, VariableNode):
            shift = min(shift, 0.9 * wide / 2)
            shift, drop = shift * side, sqrt((wide / 2 + GAP) ** 2 - shift * shift)
            normal = shift / (wide / 2), drop / (wide / 2)
        elif shift < wide / 2:
            shift, drop, normal = shift * side, high / 2 + GAP, (0.0, 1.0)
        else:  # below there is no room beside the name
            shift, drop, normal = (wide / 2 + GAP) * side, high / 4, (float(side), 0.0)
        return bent((box.x + shift, box.y + drop), normal, line[begin:])

    def function(self, node: FunctionNode) -> Iterator[str]:
        """Draw a box with two halves, the one that runs filled."""
        graph, look = self.graph, self.look
        is_origin = graph.trouble is not None and graph.trouble.function == node.id
        style = function_appearance(node, is_origin, look)
        box = self.placement.nodes[node.id]
        wide, high = self.size.shape(node)
        yield self.open(node.id, clean(node.label), self.fact(function_fact(node, look.lang)))
        yield pen.outline(_rect(box.x, box.y, wide, high, 10), style)
        title = title_height(node)
        y = box.y - high / 2 + title / 2 + 1
        yield _name(title_of(node), box.x, y, look.colours.text)
        y += title / 2 + HALF / 2
        for half in ("forward", "backward"):
            active = half == self.name and (not self.film or node.mark == "active")
            fill = style.paint.line if active else style.paint.fill
            dashes = "" if active else ' stroke-dasharray="3 2"'
            half_box = _rect(box.x, y, wide - 12, HALF, 6)
            yield f'<{half_box} fill="{fill}" stroke="{style.paint.line}"{dashes}/>\n'
            colour = look.colours.background if active else look.colours.quiet
            yield pen.text([say(look.lang, half)], box.x, y, NOTE, colour)
            y += HALF + 4
        yield self.names(box, names_of(node, graph, look), (wide, high), look.colours.quiet)
        yield "</g>\n"

    def variable(self, node: VariableNode) -> Iterator[str]:
        """Draw a circle with two halves, data above the gradient, what holds something filled."""
        look, theme = self.look, self.look.colours
        style = variable_appearance(node, variable_trouble(node), look)
        box = self.placement.nodes[node.id]
        radius = self.size.radius
        hollow = style._replace(paint=style.paint._replace(fill=theme.released.fill))
        yield self.open(node.id, reference(node), self.fact(variable_fact(node, look.lang)))
        yield (
            f'<ellipse cx="{n(box.x)}" cy="{n(box.y)}" rx="{n(radius)}" ry="{n(radius)}" '
            f"{pen.paint(hollow)}/>\n"
        )
        slots = slots_of(node, look)
        within = radius - pen.weight(style) / 2
        for side, slot in zip((-1, 1), slots, strict=False):
            if slot.filled:
                held = node.before_backward() if slot.what.startswith("data") else node
                yield _half(box, within, side if len(slots) == 2 else 0, self.fill(held))
        if len(slots) == 2:
            across = f"M{n(box.x - within)},{n(box.y)}h{n(2 * within)}"
            yield f'<path d="{across}" fill="none" stroke="{style.paint.line}"/>\n'
        for side, slot in zip((-1, 1), slots, strict=False):
            yield from self.slot(box, side, slot, begin_of(slot, slots, radius))
        colour = theme.quiet if node.seed is None else theme.contribution
        names = names_of(node, self.graph, look)
        yield self.names(box, names, (2 * radius, 2 * radius), colour)
        yield "</g>\n"

    def fill(self, node: VariableNode) -> str:
        """Return the colour of what a Variable holds, which does not depend on its role."""
        node = node._replace(role="input") if node.role == "intermediate" else node
        return variable_appearance(node, variable_trouble(node), self.look).paint.fill

    def slot(self, box: Box, side: int, slot: Slot, begin: float) -> Iterator[str]:
        """Write a value and what it is, from the middle outwards: up or down by ``side``."""
        theme = self.look.colours
        y = box.y + side * begin
        for lines, size, high in slot.rows():
            of_value = lines is slot.lines
            colour = theme.text if of_value and slot.filled else theme.quiet
            yield pen.text(lines, box.x, y + side * high / 2, size, colour)
            y += side * high

    def names(self, box: Box, names: Names, size: tuple[float, float], colour: str) -> str:
        """Write a node's name and more below it, from top to bottom beside it."""
        name, notes = names
        x, y, anchor = box.x, box.y + size[1] / 2 + BELOW, ""
        if self.look.rank_dir == "TB":
            x, y, anchor = box.x + size[0] / 2 + 6, box.y - names.size[1] / 2, "start"
        below = y + (NAME * len(name) + len(notes) * NOTE / 2) * pen.LINE
        y += NAME * len(name) * pen.LINE / 2
        text = self.look.colours.text
        return _name(name, x, y, text, anchor) + pen.text(
            notes, x, below, NOTE, colour, anchor=anchor
        )


def _name(lines: list[str], x: float, y: float, colour: str, anchor: str = "") -> str:
    """Write the lines of a name around their common middle."""
    first = y - (len(lines) - 1) / 2 * NAME * pen.LINE
    return "".join(
        pen.text([line], x, first + i * NAME * pen.LINE, NAME, colour, bold=True, anchor=anchor)
        for i, line in enumerate(lines)
    )


def _half(box: Box, radius: float, side: int, fill: str) -> str:
    """Fill the half of a circle that lies above its middle (-1) or below (1), or (0) all of it."""
    if not side:
        r = n(radius)
        return f'<ellipse cx="{n(box.x)}" cy="{n(box.y)}" rx="{r}" ry="{r}" fill="{fill}"/>\n'
    sweep = int(side < 0)
    arc = f"A{n(radius)},{n(radius)} 0 0 {sweep} {n(box.x + radius)},{n(box.y)}"
    return f'<path d="M{n(box.x - radius)},{n(box.y)}{arc}Z" fill="{fill}"/>\n'


def _rect(x: float, y: float, wide: float, high: float, rx: float) -> str:
    return (
        f'rect x="{n(x - wide / 2)}" y="{n(y - high / 2)}" width="{n(wide)}" '
        f'height="{n(high)}" rx="{n(rx)}"'
    )
