"""The style ``book``: a panel for each pass, with what Variables and Functions hold meanwhile.

After the idea of the figures of step 30 of *Deep Learning from Scratch 3*: a Variable is a circle
with a slot for its data and one for its gradient, filled or hollow; of a Function's two halves,
forward and backward, the one that runs is filled. No DOT shape draws that: as SVG it is drawn here,
at an engine's positions, which both panels share; in other formats it has the shapes of ``boxes``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import hypot, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dzviz.formats.dot import syntax as dot
from dzviz.graph.model import Edge, FunctionNode, Graph, Value, VariableNode
from dzviz.layout import Box, Placement, Point, place
from dzviz.options import Look
from dzviz.styles import boxes, style_named
from dzviz.styles.appearance import function_appearance, variable_appearance
from dzviz.styles.scene import Scene
from dzviz.svg import primitives as pen
from dzviz.svg.primitives import number as n
from dzviz.text.captions import caption_lines
from dzviz.text.labels import (
    dtype_word,
    function_fact,
    function_lines,
    gradient_of,
    passes_note,
    reference,
    type_lines,
    variable_fact,
    variable_trouble,
    was_lines,
)
from dzviz.text.numbers import summary, value_lines
from dzviz.text.phrases import clean
from dzviz.text.table import width

if TYPE_CHECKING:
    from dzviz.options import Layout
    from dzviz.svg.canvas import Canvas

NAME, TEXT, NOTE = 12.0, 10.0, 9.0
"""Sizes of names, of values, of what stands beside them."""

GLYPH = 0.58
"""The width of a character in font sizes; most are narrower."""

SLOT = 18.0
RISE = 5.0
VALUE = SLOT / 2 + 2 - RISE
HALF = (72.0, 24.0)
FUNCTION = (88.0, 68.0)
"""Sizes of a Variable's slot, of a Function's half and of a whole Function.

A slot stands by RISE above its circle's middle; its value begins VALUE below that.
"""

LONGEST = 13
"""An array in a slot has lines of up to so many characters, and at most two of them."""

LONGEST_NAME = 20
LABEL_ROOM = 15
"""What layout takes for the size of what is written on arrows, so that it keeps off them."""

GAP, HEAD = 2.0, 8.0
"""Between an arrow and its nodes; the length of its head."""

BESIDE, SWING = 5.0, 45.0
"""Between an arrow and a name that it passes; how long it takes to."""

HEADINGS = ("backward, only leaves keep their gradients", "backward, gradients retained")
"""What a backward panel is called, where anything is released and where nothing is."""

MARGIN = 14.0
HEADING = 34.0
"""The room above a panel, for what it is called."""


def scene(graph: Graph, look: Look, room: Graph) -> Scene:
    """Make the scene of a graph, for formats that draw no circles with slots."""
    return boxes.scene(graph, replace(look, style="boxes"), room)


def canvas(graph: Graph, room: Graph, look: Look, layout: Layout) -> Canvas:
    """Place the nodes; a graph whose events are told has one panel, for the pass that is going on.

    Raises:
        LayoutError: No engine could place the nodes.
    """
    size = _Sizes(room, look)
    placement = place(_dot(room, look, size), engine=layout.engine, timeout=layout.timeout)
    return _Sheet(graph, placement, size, look).canvas()


def _seen(node: VariableNode | FunctionNode) -> bool:
    """Whether a backward pass came to this node."""
    return isinstance(node, VariableNode) and (
        node.seed is not None or node.grad_state in ("leaf", "retained", "released")
    )


def _before(graph: Graph) -> Graph:
    """Return the graph as it is before any backward pass."""
    return graph._replace(
        nodes=tuple(
            _without_grad(node) if isinstance(node, VariableNode) else node for node in graph.nodes
        ),
        trouble=None if graph.trouble and graph.trouble.argument is not None else graph.trouble,
    )


def _without_grad(node: VariableNode) -> VariableNode:
    state = "constant" if node.grad_state == "constant" else "none"
    return node._replace(grad=None, grad_state=state, grad_was=None, seed=None, passes=None)


def _slots(node: VariableNode, look: Look) -> list[tuple[str, bool, list[str]]]:
    """Return a Variable's slots: what each is called, whether it is filled, its value."""
    slots = []
    if look.says("data"):
        first, *rest = _short(node.data, look)
        lines = [f"{first}{dtype_word(node, look)}", *rest]
        ahead = node.mark == "ahead"
        slots.append(("data", not ahead, [] if ahead else lines))
    if look.says("grad") and node.grad_state != "constant":
        if node.grad is not None:
            slots.append(("grad", True, _short(node.grad, look)))
        else:
            was = [] if node.grad_was is None else was_lines(_short(node.grad_was, look)[:1])
            if node.grad_state == "released" and not was:
                was = ["(released)"]
            slots.append(("grad", False, [] if node.mark == "ahead" else ["None", *was]))
    return slots


def _short(value: Value, look: Look) -> list[str]:
    """Write a value on at most two short lines: in full, or its shape and what fits of the rest."""
    lines = value_lines(value, look)
    if len(lines) <= 2 and max(map(len, lines)) <= LONGEST:
        return lines
    if not np.ndim(value):
        return lines  # part of a number would be another number
    rough = replace(look, precision=min(2, look.precision))
    facts = summary(value, rough).split(", ") if value.size else ["empty"]
    counts = [fact for fact in facts if fact.endswith(("NaN", "inf"))]  # more telling than a range
    fits = [fact for fact in (", ".join(counts), *counts, *facts) if 0 < len(fact) <= LONGEST]
    return [str(value.shape), *fits[:1]]


def _cut(text: str, longest: int) -> str:
    """Cut a text to so many columns."""
    if width(text) <= longest:
        return text
    while text and width(text) > longest - 3:
        text = text[:-1]
    return f"{text}..."


def _wide(lines: list[str], size: float) -> float:
    return max((width(line) for line in lines), default=0) * size * GLYPH


def _names(node: VariableNode | FunctionNode, graph: Graph, look: Look) -> list[str]:
    """Return what stands below a node: its name, then what is said more quietly."""
    if isinstance(node, FunctionNode):
        return [_cut(line, LONGEST_NAME) for line in function_lines(node, look, graph)]
    name = _cut(clean(node.name), LONGEST_NAME) if look.says("name") else ""
    seed = [] if node.seed is None else [f"seed {_short(node.seed, look)[0]}"]
    types = [] if node.mark == "ahead" else type_lines(node, look)
    note = [] if node.passes is None else [f"grad: {passes_note(node.passes)}"]
    return [name, *types, *(seed + note if look.says("grad") else [])]


def _words(names: list[str]) -> tuple[float, float]:
    """Return the width and height of what `_names` found."""
    across = max(_wide(names[:1], NAME * 1.1), _wide(names[1:], NOTE))
    return across, (NAME + (len(names) - 1) * NOTE) * pen.LINE


def _edge_text(edge: Edge, variables: dict[str, VariableNode], look: Look, back: bool) -> str:
    """Return what flows along an edge: a value, on the way back a gradient."""
    node = variables[edge.target if edge.arg is None else edge.source]
    if not back:
        known = look.says("data") and node.mark != "ahead"
        return _short(node.data, look)[0] if known else ""
    gradient = gradient_of(node) if edge.arg is None else edge.contribution
    if gradient is None or look.contributions == "none" or not look.says("grad"):
        return ""
    return _short(gradient, look)[0]


def _taken(graph: Graph) -> set[str]:
    """Return the Functions that a pass took from its queue so far, with what flows back to them."""
    active = {node.id for node in graph.nodes if node.mark == "active"}
    return active | {edge.target for edge in graph.edges if edge.contribution is not None}


class _Sizes:
    """How large things are, so that all circles of a picture are the same size."""

    def __init__(self, graph: Graph, look: Look) -> None:
        values = []
        for node in graph.nodes:
            if isinstance(node, VariableNode):
                values += _slots(node, look)
                values += _slots(node._replace(grad=node.grad_was, grad_was=None), look)
        self.column = max([30.0, *(_wide(lines, TEXT) + 5 for _, _, lines in values)])
        """How far apart the middles of two slots are."""
        corners = [  # of each line of a value: the circle goes around them
            (self.column / 2 + _wide([line], TEXT) / 2, VALUE + (row + 1) * TEXT * pen.LINE)
            for _, _, lines in values
            for row, line in enumerate(lines)
        ]
        self.radius = max([42.0, *(hypot(x, y) + 3 for x, y in corners)])

    def shape(self, node: VariableNode | FunctionNode) -> tuple[float, float]:
        """Return the width and height of a circle or box."""
        return FUNCTION if isinstance(node, FunctionNode) else (2 * self.radius, 2 * self.radius)

    def block(
        self, node: VariableNode | FunctionNode, graph: Graph, look: Look
    ) -> tuple[float, float]:
        """Return the same with room for the name, on both sides so that the shape is centred."""
        wide, high = self.shape(node)
        across, down = _words(_names(node, graph, look))
        if look.rank_dir == "TB":  # beside it, where no arrow leaves
            return wide + 2 * across + 16, high
        return max(wide, across + 8), high + 2 * down + 8


def _dot(graph: Graph, look: Look, size: _Sizes) -> str:
    """Write what the engine is to place: blocks with room for names, edges with their labels.

    Edges go from centre to centre, to be cut where they meet the shapes within the blocks.
    """
    settings = f"rankdir={look.rank_dir}, ranksep=0.35, nodesep=0.2"
    settings += ", nslimit=0.1" if len(graph.nodes) > boxes.LARGE else ""
    lines = [
        f"graph [{settings}]",
        'node [shape=box, fixedsize=true, label=""]',
        f'edge [headclip=false, tailclip=false, arrowhead=none, fontname="{dot.FONT}", '
        f"fontsize={LABEL_ROOM}]",
    ]
    for node in graph.nodes:
        wide, high = size.block(node, graph, look)
        ordered = isinstance(node, FunctionNode) and node.label in boxes.ORDERED
        order = ", ordering=in" if ordered else ""
        lines.append(f"{node.id} [width={wide / 72:.3f}, height={high / 72:.3f}{order}]")
    variables = {node.id: node for node in graph.nodes if isinstance(node, VariableNode)}
    for number, edge in enumerate(graph.edges):
        texts = [_edge_text(edge, variables, look, back) for back in (False, True)]
        label = dot.quote([max(*texts, "0000", key=width)])
        lines.append(f"{edge.source} -> {edge.target} [id=e{number}, label={label}]")
    return "digraph {" + ";\n".join(lines) + "}"


class _Sheet:
    """The page with its panels, of which each is one above the other."""

    def __init__(self, graph: Graph, placement: Placement, size: _Sizes, look: Look) -> None:
        self.graph, self.placement, self.size, self.look = graph, placement, size, look
        self.told = bool(graph.events)
        self.crop = _top(graph, placement, size)
        self.step = placement.height - self.crop + HEADING + MARGIN
        self.caption = caption_lines(graph, look, signs=style_named(look.style).legend)
        panels = self.panels(graph)
        headings = [_heading(name, panel) for name, panel in panels.items()]
        wide = max(_wide(headings, NAME), _wide(self.caption, dot.CAPTION_SIZE * 0.92))
        self.wide = max(placement.width, wide)
        self.left = (placement.width - self.wide) / 2  # as much to each side of narrower ones
        lines = len(self.caption) + 1 if self.caption else 0
        self.high = len(panels) * self.step + lines * dot.CAPTION_SIZE * pen.LINE + MARGIN

    def canvas(self) -> Canvas:
        """Make what draws it."""
        from dzviz.svg.canvas import Canvas

        caption = ""
        if self.caption:
            middle = self.high - MARGIN - len(self.caption) * dot.CAPTION_SIZE * pen.LINE / 2
            place = self.left + self.wide / 2, middle
            quiet = self.look.colours.quiet
            caption = pen.text(self.caption, *place, dot.CAPTION_SIZE, quiet)
        left, wide = self.left - MARGIN, self.wide + 2 * MARGIN
        title = clean(self.graph.title) or "computational graph"
        return Canvas(self.look, title, (left, 0.0, wide, self.high), self.parts, caption)

    def panels(self, graph: Graph) -> dict[str, Graph]:
        """Return what is in each panel."""
        backward = {"backward": graph} if any(map(_seen, graph.nodes)) else {}
        return backward if self.told and backward else {"forward": _before(graph), **backward}

    def parts(self, graph: Graph) -> Iterator[tuple[str, str]]:
        """Draw the panels of a state, part by part."""
        theme = self.look.colours
        for number, (name, panel) in enumerate(self.panels(graph).items()):
            top = number * self.step
            suffix = "" if self.told else f" {name}"
            if number:
                line = f"M{n(self.left)},{n(top)}h{n(self.wide)}"
                yield "line", f'<path d="{line}" stroke="{theme.edge}" stroke-width="0.5"/>\n'
            words = [name if self.told else _heading(name, panel)]
            place = self.left, top + HEADING / 2
            heading = pen.text(words, *place, NAME, theme.quiet, anchor="start")
            yield f"heading{suffix}", heading
            moved = _moved(self.placement, top + HEADING - self.crop)
            drawn = _Panel(name, panel, moved, self.size, self.look, self.told)
            for key, part in drawn.draw():
                yield f"{key}{suffix}", part


def _top(graph: Graph, placement: Placement, size: _Sizes) -> float:
    """Return where the uppermost thing begins: names need the same room below but not above."""
    nodes = [placement.nodes[node.id].y - size.shape(node)[1] / 2 for node in graph.nodes]
    labels = [curve.label[1] - TEXT for curve in placement.edges.values() if curve.label]
    return min(nodes + labels + [y for e in placement.edges.values() for _, y in e.points])


def _heading(name: str, graph: Graph) -> str:
    """Return what a panel is called, and what became of the gradients."""
    states = {node.grad_state for node in graph.nodes if isinstance(node, VariableNode)}
    if name == "forward" or states.isdisjoint(("retained", "released")):
        return name
    return HEADINGS["released" not in states]


def _moved(placement: Placement, down: float) -> Placement:
    """Return the same placement further down."""

    def point(place: Point) -> Point:
        return place[0], place[1] + down

    return placement._replace(
        nodes={id: box._replace(y=box.y + down) for id, box in placement.nodes.items()},
        edges={
            id: curve._replace(
                points=tuple(map(point, curve.points)), label=curve.label and point(curve.label)
            )
            for id, curve in placement.edges.items()
        },
    )


class _Panel(NamedTuple):
    """One pass over the placed graph."""

    name: str
    graph: Graph
    placement: Placement
    size: _Sizes
    look: Look
    told: bool

    @property
    def back(self) -> bool:
        """Whether gradients flow."""
        return self.name == "backward"

    def draw(self) -> Iterator[tuple[str, str]]:
        """Draw arrows, then what is written on them, then the nodes; each with its id."""
        graph = self.graph
        nodes = {node.id: node for node in graph.nodes}
        variables = {node.id: node for node in graph.nodes if isinstance(node, VariableNode)}
        texts = [_edge_text(edge, variables, self.look, self.back) for edge in graph.edges]
        if self.told and self.back:
            taken = _taken(graph)
            texts = [
                text if edge.arg is not None or edge.source in taken else ""
                for edge, text in zip(graph.edges, texts, strict=True)
            ]
        for number, edge in enumerate(graph.edges):
            yield f"e{number}", "".join(self.arrow(number, edge, texts[number], nodes))
        for number, text in enumerate(texts):
            yield f"e{number} label", self.label(number, text)
        for node in graph.nodes:
            if isinstance(node, FunctionNode):
                yield node.id, "".join(self.function(node))
            else:
                yield node.id, "".join(self.variable(node))

    def label(self, number: int, text: str) -> str:
        """Write what flows along an edge."""
        point = self.placement.edges[f"e{number}"].label
        if not text or not point:
            return ""
        theme = self.look.colours
        background = self.look.background or theme.background
        words = pen.text([text], *point, TEXT, theme.contribution if self.back else theme.text)
        if background != "transparent":
            words = pen.halo(text, *point, TEXT, background) + words
        group = f'<g data-label="e{number}" data-panel="{self.name}" aria-hidden="true">'
        return f"{group}\n{words}</g>\n"

    def open(self, id: str, name: str, fact: str) -> str:
        """Begin a group, which says in which panel it is."""
        return pen.group(id, name, fact, f' data-panel="{self.name}"')

    def arrow(
        self, number: int, edge: Edge, label: str, nodes: dict[str, VariableNode | FunctionNode]
    ) -> Iterator[str]:
        """Draw an edge from shape to shape, turned round on the way back."""
        first, second = nodes[edge.source], nodes[edge.target]
        line = _polyline(self.placement.edges[f"e{number}"].points)
        line = self.outside(first, self.outside(second, line[::-1])[::-1])
        if self.back:
            first, second, line = second, first, line[::-1]
        theme = self.look.colours
        colour = pen.edge_colour(edge.mark, theme)
        names = [
            clean(node.label) if isinstance(node, FunctionNode) else reference(node)
            for node in (first, second)
        ]
        stops = isinstance(second, VariableNode) and second.grad_state == "constant" and self.back
        what = f"{'grad' if self.back else 'data'} {label}" if label else ""
        what = "no gradient flows here" if stops else what
        yield self.open(f"e{number}", f"from {names[0]} to {names[1]}", what)
        tip = line[-1]
        body = [p for p in line if hypot(p[0] - tip[0], p[1] - tip[1]) >= HEAD] or line[:1]
        path = "L".join(f"{n(x)},{n(y)}" for x, y in [*body[:-1:8], body[-1]])
        weight = f'stroke-width="{2.6 if edge.mark in pen.LIT else 1.3}"'
        weight = 'stroke-width="0.8" stroke-dasharray="1 3"' if stops else weight
        yield f'<path d="M{path}" fill="none" stroke="{colour}" {weight}/>\n'
        if not stops:
            yield f'<polygon points="{pen.arrowhead(body[-1], tip)}" fill="{colour}"/>\n'
        yield "</g>\n"

    def outside(self, node: VariableNode | FunctionNode, line: list[Point]) -> list[Point]:
        """Drop the beginning of a line, which is within a node, and lead it past the name."""
        box = self.placement.nodes[node.id]
        wide, high = self.size.shape(node)
        across, down = _words(_names(node, self.graph, self.look))
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
        return _bent((box.x + shift, box.y + drop), normal, line[begin:])

    def function(self, node: FunctionNode) -> Iterator[str]:
        """Draw a box with two halves, the one that runs filled."""
        graph, look = self.graph, self.look
        is_origin = graph.trouble is not None and graph.trouble.function == node.id
        style = function_appearance(node, is_origin, look)
        box = self.placement.nodes[node.id]
        names = _names(node, graph, look)
        yield self.open(node.id, clean(node.label), f"{function_fact(node)}, {self.name}")
        yield _rect(box.x, box.y, *FUNCTION, 10, pen.paint(style))
        for half, middle in (("forward", box.y - 15), ("backward", box.y + 15)):
            active = half == self.name and (not self.told or node.mark == "active")
            fill = style.paint.line if active else style.paint.fill
            dashes = "" if active else ' stroke-dasharray="3 2"'
            paint = f'fill="{fill}" stroke="{style.paint.line}"{dashes}'
            yield _rect(box.x, middle, *HALF, 6, paint)
            colour = look.colours.background if active else look.colours.quiet
            yield pen.text([half], box.x, middle, TEXT, colour)
        yield self.names(box, names, FUNCTION, look.colours.quiet)
        yield "</g>\n"

    def variable(self, node: VariableNode) -> Iterator[str]:
        """Draw a circle with two slots, the ones with something in them filled."""
        look, theme = self.look, self.look.colours
        style = variable_appearance(node, variable_trouble(node), look)
        box = self.placement.nodes[node.id]
        radius = self.size.radius
        fact = variable_fact(node)
        yield self.open(node.id, reference(node), f"{fact}, {self.name}")
        yield (
            f'<ellipse cx="{n(box.x)}" cy="{n(box.y)}" rx="{n(radius)}" ry="{n(radius)}" '
            f"{pen.paint(style)}/>\n"
        )
        slots = _slots(node, look)
        shift = self.size.column / 2 if len(slots) == 2 else 0.0
        for x, (what, filled, lines) in zip((box.x - shift, box.x + shift), slots, strict=False):
            held = _without_grad(node) if what == "data" else node
            paint = variable_appearance(held, variable_trouble(held), look).paint
            yield from self.slot(x, box.y - RISE, what, filled, lines, paint.line)
        names = _names(node, self.graph, look)
        colour = theme.quiet if node.seed is None else theme.contribution
        yield self.names(box, names, (2 * radius, 2 * radius), colour)
        yield "</g>\n"

    def slot(
        self, x: float, y: float, what: str, filled: bool, lines: list[str], line: str
    ) -> Iterator[str]:
        """Draw a slot, its name above and its value below."""
        theme = self.look.colours
        paint = f'fill="{line}"' if filled else 'fill="none" stroke-dasharray="3 2"'
        yield pen.text([what], x, y - SLOT / 2 - NOTE * 0.75, NOTE, theme.quiet)
        yield _rect(x, y, SLOT, SLOT, 4, f'{paint} stroke="{line}"')
        middle = y + RISE + VALUE + len(lines) * TEXT * pen.LINE / 2
        yield pen.text(lines, x, middle, TEXT, theme.text)

    def names(self, box: Box, names: list[str], size: tuple[float, float], colour: str) -> str:
        """Write a node's name and more below it, from top to bottom beside it."""
        first, rest = names[:1], names[1:]
        x, anchor = box.x, ""
        y = box.y + size[1] / 2 + NAME * 0.75
        if self.look.rank_dir == "TB":
            x, anchor = box.x + size[0] / 2 + 6, "start"
            y = box.y - len(rest) * NOTE * pen.LINE / 2
        below = y + (NAME + (len(rest)) * NOTE) * pen.LINE / 2
        return pen.text(
            first, x, y, NAME, self.look.colours.text, bold=True, anchor=anchor
        ) + pen.text(rest, x, below, NOTE, colour, anchor=anchor)


def _polyline(points: tuple[Point, ...]) -> list[Point]:
    """Return points close together on a curve, so that it can be cut anywhere."""
    line = [points[0]]
    for i in range(0, len(points) - 1, 3):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = points[i : i + 4]
        steps = max(4, int(hypot(dx - ax, dy - ay) * 2))
        for step in range(1, steps + 1):
            t = step / steps
            s = 1 - t
            a, b, c, d = s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t
            line.append((a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy))
    return line


def _bent(start: Point, normal: Point, line: list[Point]) -> list[Point]:
    """Let a line begin elsewhere, in the direction of ``normal``, and swing into its old course."""
    far = (
        i
        for i, point in enumerate(line)
        if hypot(point[0] - line[0][0], point[1] - line[0][1]) > SWING
    )
    join = min(next(far, len(line)), len(line) - 2)
    end, before = line[join], line[max(join - 4, 0)]
    long = hypot(end[0] - start[0], end[1] - start[1]) * 0.4
    back = hypot(before[0] - end[0], before[1] - end[1]) or 1.0
    one = start[0] + normal[0] * long, start[1] + normal[1] * long
    other = (
        end[0] + (before[0] - end[0]) / back * long,
        end[1] + (before[1] - end[1]) / back * long,
    )
    return [*_polyline((start, one, other, end)), *line[join + 1 :]]


def _rect(x: float, y: float, wide: float, high: float, rx: float, paint: str) -> str:
    return (
        f'<rect x="{n(x - wide / 2)}" y="{n(y - high / 2)}" width="{n(wide)}" '
        f'height="{n(high)}" rx="{n(rx)}" {paint}/>\n'
    )
