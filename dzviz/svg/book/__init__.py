"""The style ``book``: a panel for each pass, with what Variables and Functions hold meanwhile.

After the idea of the figures of step 30 of *Deep Learning from Scratch 3*: a Variable is a circle
with a slot for its data and one for its gradient, filled or hollow; of a Function's two halves,
forward and backward, the one that runs is filled. No DOT shape draws that: as SVG it is drawn here,
at an engine's positions, which both panels share; in other formats it has the shapes of ``boxes``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from dzviz.graph.model import FunctionNode, Graph, VariableNode
from dzviz.layout import Placement, Point, place
from dzviz.options import Look
from dzviz.placing import dot
from dzviz.styles import boxes, style_named
from dzviz.styles.scene import Scene
from dzviz.svg import primitives as pen
from dzviz.svg.book.panel import Drawn, Panel
from dzviz.svg.book.values import BELOW, NAME, TEXT, Sizes, flow_text, names_of, text_width
from dzviz.svg.key import key
from dzviz.svg.primitives import number as n
from dzviz.text.captions import caption_lines
from dzviz.text.key import film_marks
from dzviz.text.labels import says_node
from dzviz.text.languages import say
from dzviz.text.phrases import clean

if TYPE_CHECKING:
    from dzviz.options import Layout
    from dzviz.svg.canvas import Canvas

LABEL_ROOM = 15
"""What layout takes for the size of what is written on arrows, so that it keeps off them."""

HEADINGS = ("backward, only leaves keep their gradients", "backward, gradients retained")
"""What a backward panel is called, where anything is released and where nothing is."""

MARGIN = 14.0
HEADING = 34.0
"""The room above a panel, for what it is called."""


def scene(graph: Graph, look: Look, room: Graph) -> Scene:
    """Make the scene of a graph, for formats that draw no circles with slots."""
    return boxes.scene(graph, replace(look, style="boxes"), room)


def canvas(graph: Graph, room: Graph, look: Look, layout: Layout) -> Canvas:
    """Place the nodes; a film has one panel, for the pass that is going on.

    Raises:
        LayoutError: No engine could place the nodes.
    """
    graph, room = _part_of(graph, look), _part_of(room, look)
    size = Sizes(room, look)
    placement = place(_dot(room, look, size), engine=layout.engine, timeout=layout.timeout)
    return _Sheet(graph, placement, size, look).canvas()


def _part_of(graph: Graph, look: Look) -> Graph:
    """Return what is drawn of a graph."""
    if look.says("constant"):
        return graph
    nodes = tuple(node for node in graph.nodes if says_node(node, look))
    ids = {node.id for node in nodes}
    edges = tuple(edge for edge in graph.edges if edge.source in ids)
    return graph._replace(nodes=nodes, edges=edges)


def _seen(node: VariableNode | FunctionNode) -> bool:
    """Whether a backward pass came to this node."""
    return isinstance(node, VariableNode) and (
        node.seed is not None or node.grad_state in ("leaf", "retained", "released")
    )


def _before(graph: Graph) -> Graph:
    """Return the graph as it is before any backward pass."""
    return graph._replace(
        nodes=tuple(
            node.before_backward() if isinstance(node, VariableNode) else node
            for node in graph.nodes
        ),
        troubles=tuple(trouble for trouble in graph.troubles if trouble.argument is None),
    )


def _dot(graph: Graph, look: Look, size: Sizes) -> str:
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
    for number, edge in enumerate(graph.edges):
        text = flow_text(edge, look)
        label = f", label={dot.quote([text])}" if text else ""
        lines.append(f"{edge.source} -> {edge.target} [id=e{number}{label}]")
    return "digraph {" + ";\n".join(lines) + "}"


class _Sheet:
    """The page with its panels, of which each is one above the other."""

    def __init__(self, graph: Graph, placement: Placement, size: Sizes, look: Look) -> None:
        self.graph, self.placement, self.size, self.look = graph, placement, size, look
        self.film = graph.film
        self.placements: dict[float, Placement] = {}
        self.drawn: dict[str, Drawn] = {}
        self.crop, bottom = _extent(graph, placement, size, look)
        self.step = bottom - self.crop + HEADING + MARGIN
        self.caption = caption_lines(graph, look, signs=style_named(look.style).legend)
        panels = self.panels(graph)
        headings = [_heading(name, panel, look.lang) for name, panel in panels.items()]
        wide = max(text_width(headings, NAME), text_width(self.caption, dot.CAPTION_SIZE * 0.92))
        self.wide = max(placement.width, wide)
        self.left = (placement.width - self.wide) / 2  # as much to each side of narrower ones
        lines = len(self.caption) + 1 if self.caption else 0
        self.high = len(panels) * self.step + lines * dot.CAPTION_SIZE * pen.LINE + MARGIN

    def canvas(self) -> Canvas:
        """Make what draws it."""
        from dzviz.svg.canvas import Canvas

        title = clean(self.graph.title) or say(self.look.lang, "computational graph")
        caption, box = self.foot(self.graph)
        return Canvas(self.look, title, box, self.parts, caption, self.foot)

    def foot(self, graph: Graph) -> tuple[str, tuple[float, float, float, float]]:
        """Draw the caption of a state, and return it with the box of all."""
        across = self.left + self.wide / 2
        below = key(film_marks(graph, self.look), self.wide)
        drawn = below.draw(across, self.high - MARGIN / 2, self.look)
        wide = max(self.wide, below.width) + 2 * MARGIN
        box = (across - wide / 2, 0.0, wide, self.high + below.height)
        lines = caption_lines(graph, self.look, signs=style_named(self.look.style).legend)
        if lines:
            top = self.high - MARGIN - len(self.caption) * dot.CAPTION_SIZE * pen.LINE
            middle = top + len(lines) * dot.CAPTION_SIZE * pen.LINE / 2
            quiet = self.look.colours.quiet
            drawn = pen.text(lines, across, middle, dot.CAPTION_SIZE, quiet) + drawn
        return drawn, box

    def panels(self, graph: Graph) -> dict[str, Graph]:
        """Return what is in each panel."""
        graph = _part_of(graph, self.look)
        backward = {"backward": graph} if any(map(_seen, graph.nodes)) else {}
        alone = self.film or self.look.only == "backward"
        return backward if alone and backward else {"forward": _before(graph), **backward}

    def parts(self, graph: Graph) -> Iterator[tuple[str, str]]:
        """Draw the panels of a state, part by part."""
        theme = self.look.colours
        for number, (name, panel) in enumerate(self.panels(graph).items()):
            top = number * self.step
            suffix = "" if self.film else f" {name}"
            if number:
                line = f"M{n(self.left)},{n(top)}h{n(self.wide)}"
                yield "line", f'<path d="{line}" stroke="{theme.edge}" stroke-width="0.5"/>\n'
            lang = self.look.lang
            words = [say(lang, name) if self.film else _heading(name, panel, lang)]
            place = self.left, top + HEADING / 2
            heading = pen.text(words, *place, NAME, theme.quiet, anchor="start")
            yield f"heading{suffix}", heading
            if top not in self.placements:
                self.placements[top] = _moved(self.placement, top + HEADING - self.crop)
            drawn = self.drawn.setdefault(name, Drawn({}, {}))
            placement = self.placements[top]
            drawing = Panel(name, panel, placement, self.size, self.look, self.film, drawn)
            for id, part in drawing.draw():
                yield f"{id}{suffix}", part


def _extent(graph: Graph, placement: Placement, size: Sizes, look: Look) -> tuple[float, float]:
    """Return where the uppermost thing begins, and where the lowest one ends."""
    tops, ends = [], []
    for node in graph.nodes:
        y, high = placement.nodes[node.id].y, size.shape(node)[1] / 2
        below = names_of(node, graph, look).size[1] if look.rank_dir == "LR" else 0.0
        tops.append(y - high)
        ends.append(y + high + below + BELOW)
    curves = placement.edges.values()
    labels = [curve.label[1] for curve in curves if curve.label]
    points = [y for curve in curves for _, y in curve.points]
    top = min([*tops, *points, *(y - TEXT for y in labels)])
    return top, max([*ends, *points, *(y + TEXT for y in labels)])


def _heading(name: str, graph: Graph, lang: str) -> str:
    """Return what a panel is called, and what became of the gradients."""
    states = {node.grad_state for node in graph.nodes if isinstance(node, VariableNode)}
    if name == "forward" or states.isdisjoint(("retained", "released")):
        return say(lang, name)
    return say(lang, HEADINGS["released" not in states])


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
