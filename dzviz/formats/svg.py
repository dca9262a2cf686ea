"""SVG: our own drawing at the positions that a layout engine found.

Every node and edge is named in words for who cannot see it. Only elements and attributes that PNG
and PDF writers understand are used: no style sheet, no markers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from dzviz.formats import dot
from dzviz.graph import Edge, FunctionNode, Graph, VariableNode
from dzviz.layout import Box, Curve, Placement, place
from dzviz.look import Appearance, Look, function_appearance, variable_appearance
from dzviz.themes import AUTO, THEMES, colours
from dzviz.words import (
    caption_lines,
    clean,
    description,
    edge_label,
    exact_lines,
    function_lines,
    labelled_edges,
    reference,
    reserved_lines,
    variable_lines,
    variable_trouble,
)

if TYPE_CHECKING:
    from dzviz.formats import Layout

FONT = "Helvetica, Arial, 'Open Sans', sans-serif"
MARGIN = 10.0
LINE = 1.2
"""The height of a line of text in font sizes, as Graphviz reckons."""

BASELINE = 0.36
"""How far below its middle a line's baseline is, in font sizes."""


def write(graph: Graph, look: Look, layout: Layout) -> Iterator[str]:
    """Write a graph as SVG; all that can fail fails here, before the first chunk.

    Raises:
        LayoutError: No engine could place the nodes.
    """
    source = "".join(dot.lines(layout.room or graph, look, for_layout=True))
    placement = place(source, engine=layout.engine, timeout=layout.timeout)
    return _Drawing(graph, look, layout.room or graph).draw(placement)


class _Drawing:
    """One graph on its way into SVG; ``room`` is the same with labels that need most room."""

    def __init__(self, graph: Graph, look: Look, room: Graph) -> None:
        self.graph = graph
        self.look = look
        self.theme = look.colours
        self.background = look.background or self.theme.background
        self.names = {
            node.id: clean(node.label) if isinstance(node, FunctionNode) else reference(node)
            for node in graph.nodes
        }
        self.reserved = {
            node.id: len(reserved_lines(node, look))
            for node in room.nodes
            if isinstance(node, VariableNode)
        }

    def draw(self, placement: Placement) -> Iterator[str]:
        """Write the whole picture: ground, edges, nodes, caption."""
        width, height = placement.width + 2 * MARGIN, placement.height + 2 * MARGIN
        yield (
            '<svg xmlns="http://www.w3.org/2000/svg" role="graphics-document" '
            f'width="{_n(width)}pt" height="{_n(height)}pt" '
            f'viewBox="{_n(-MARGIN)} {_n(-MARGIN)} {_n(width)} {_n(height)}" '
            f'font-family="{FONT}" text-anchor="middle">\n'
            f"<title>{escape(clean(self.graph.title) or 'computational graph')}</title>\n"
            f"<desc>{escape(description(self.graph, self.look))}</desc>\n"
        )
        if self.look.theme == AUTO:
            yield _dark_style()
        if self.background != "transparent":
            yield (
                f'<rect x="{_n(-MARGIN)}" y="{_n(-MARGIN)}" width="{_n(width)}" '
                f'height="{_n(height)}" fill="{self.background}"/>\n'
            )
        for number, edge in enumerate(self.graph.edges):
            yield from self.edge(number, edge, placement.edges[f"e{number}"])
        labelled = labelled_edges(self.graph, self.look)
        for number, edge in enumerate(self.graph.edges):  # after all curves, which may cross them
            place = placement.edges[f"e{number}"].label
            if place and edge[:3] in labelled:
                yield self.label(number, edge_label(edge, self.look), *place)
        for node in self.graph.nodes:
            box = placement.nodes[node.id]
            if isinstance(node, FunctionNode):
                yield from self.function(node, box)
            else:
                yield from self.variable(node, box)
        if placement.caption:
            lines = ["", *caption_lines(self.graph, self.look)]
            yield _text(lines, *placement.caption, dot.CAPTION_SIZE, self.theme.quiet)
        yield "</svg>\n"

    def variable(self, node: VariableNode, box: Box) -> Iterator[str]:
        """Write a Variable: a box of lines, from the top so that none moves with the state."""
        style = variable_appearance(node, variable_trouble(node), self.theme)
        lines = variable_lines(node, self.look)
        yield _open(node.id, self.names[node.id], ", ".join(exact_lines(node)))
        yield (
            f'<rect x="{_n(box.x - box.width / 2)}" y="{_n(box.y - box.height / 2)}" '
            f'width="{_n(box.width)}" height="{_n(box.height)}" '
            f'rx="{6 if style.rounded else 0}" {_paint(style)}/>\n'
        )
        lines += [""] * (self.reserved[node.id] - len(lines))
        named = bool(clean(node.name)) and self.look.says("name")
        yield _text(lines, box.x, box.y, dot.NODE_SIZE, self.theme.text, bold=named)
        yield "</g>\n"

    def function(self, node: FunctionNode, box: Box) -> Iterator[str]:
        """Write a Function: its label, and quietly below it the generation."""
        trouble = self.graph.trouble
        is_origin = trouble is not None and trouble.function == node.id
        style = function_appearance(node, is_origin, self.theme)
        label, *notes = function_lines(node, self.look, self.graph)
        source = f", {clean(node.source[0])}:{node.source[1]}" if node.source else ""
        fact = ", ".join([node.op, f"generation {node.generation}", *notes[1:]]) + source
        yield _open(node.id, label, fact)
        yield (
            f'<ellipse cx="{_n(box.x)}" cy="{_n(box.y)}" rx="{_n(box.width / 2)}" '
            f'ry="{_n(box.height / 2)}" {_paint(style)}/>\n'
        )
        rise = dot.NODE_SIZE * LINE / 2
        top = box.y - rise * len(notes)
        yield _text([label], box.x, top, dot.NODE_SIZE, self.theme.text, bold=True)
        yield _text(notes, box.x, box.y + rise, dot.EDGE_SIZE, self.theme.quiet)
        yield "</g>\n"

    def edge(self, number: int, edge: Edge, curve: Curve) -> Iterator[str]:
        """Write an edge: its curve and its arrow."""
        way = f"from {self.names[edge.source]} to {self.names[edge.target]}"
        fact = ""
        if edge.contribution is not None:
            fact = f"back along it flowed {edge_label(edge, self.look)}"
        yield _open(f"e{number}", way, fact)
        (x, y), *rest = curve.points
        path = f"M{_n(x)},{_n(y)}"
        for i in range(0, len(rest), 3):
            path += "C" + " ".join(f"{_n(x)},{_n(y)}" for x, y in rest[i : i + 3])
        yield f'<path d="{path}" fill="none" stroke="{self.theme.edge}"/>\n'
        if curve.tip:
            corners = _arrow(curve.points[-1], curve.tip)
            yield f'<polygon points="{corners}" fill="{self.theme.edge}"/>\n'
        yield "</g>\n"

    def label(self, number: int, text: str, x: float, y: float) -> str:
        """Write what flowed back along an edge; who cannot see has read it with the edge."""
        halo = ""
        if self.background != "transparent":
            halo = _halo(text, x, y, dot.EDGE_SIZE, self.background)
        words = _text([text], x, y, dot.EDGE_SIZE, self.theme.contribution)
        return f'<g data-label="e{number}" aria-hidden="true">\n{halo}{words}</g>\n'


def _dark_style() -> str:
    """Exchange each colour of the light theme for the dark one's where the reader's screen is dark.

    Attributes carry the light colours, so that a reader without style sheets has these.
    """
    light, dark = colours(THEMES["light"]), colours(THEMES["dark"])
    rules = {
        f'[{attribute}="{light[key]}"]{{{attribute}:{dark[key]}}}'
        for key in light
        for attribute in ("fill", "stroke")
    }
    return f"<style>@media (prefers-color-scheme: dark) {{ {' '.join(sorted(rules))} }}</style>\n"


def _arrow(base: tuple[float, float], tip: tuple[float, float]) -> str:
    """The arrowhead's three corners."""
    dx, dy = (tip[0] - base[0]) * 0.4, (tip[1] - base[1]) * 0.4
    corners = ((base[0] - dy, base[1] + dx), tip, (base[0] + dy, base[1] - dx))
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in corners)


def _open(id: str, name: str, fact: str) -> str:
    """Begin the group of a node or an edge, named in words."""
    label = f"{name}: {fact}" if fact else name
    return (
        f'<g data-id="{id}" role="graphics-symbol" aria-label={quoteattr(name)}>\n'
        f"<title>{escape(label)}</title>\n"
    )


def _paint(style: Appearance) -> str:
    dashes = ' stroke-dasharray="5 3"' if style.dashed else ""
    width = 2.2 if style.bold else 1.2
    paint = f'fill="{style.paint.fill}" stroke="{style.paint.line}"'
    return f'{paint} stroke-width="{width}"{dashes}'


def _text(
    lines: list[str], x: float, y: float, size: float, color: str, *, bold: bool = False
) -> str:
    """Set lines of text around their common middle, the first one bold if so wanted."""
    top = y - (len(lines) - 1) / 2 * size * LINE + size * BASELINE
    return "".join(
        f'<text x="{_n(x)}" y="{_n(top + i * size * LINE)}" font-size="{_n(size)}" '
        f'fill="{color}"{" font-weight=" + chr(34) + "bold" + chr(34) if bold and not i else ""}>'
        f"{escape(line)}</text>\n"
        for i, line in enumerate(lines)
        if line
    )


def _halo(line: str, x: float, y: float, size: float, ground: str) -> str:
    """Clear the ground below a label, where edges may pass."""
    return (
        f'<text x="{_n(x)}" y="{_n(y + size * BASELINE)}" font-size="{_n(size)}" fill="none" '
        f'stroke="{ground}" stroke-width="4" stroke-linejoin="round">'
        f"{escape(line)}</text>\n"
    )


def _n(value: float) -> str:
    """A coordinate with two digits at most, the same on every machine."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
