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
from dzviz.look import (
    APPEARANCES,
    BACKGROUND,
    CAPTION,
    EDGE,
    EDGE_TEXT,
    QUIET,
    Appearance,
    Look,
    appearance,
)
from dzviz.words import (
    caption_lines,
    clean,
    description,
    edge_label,
    exact_lines,
    function_lines,
    labelled_edges,
    variable_lines,
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
    source = "".join(dot.lines(graph, look, edge_ids=True))
    placement = place(source, engine=layout.engine, timeout=layout.timeout)
    return _draw(graph, look, placement)


def _draw(graph: Graph, look: Look, placement: Placement) -> Iterator[str]:
    width, height = placement.width + 2 * MARGIN, placement.height + 2 * MARGIN
    title = clean(graph.title) or "computational graph"
    yield (
        '<svg xmlns="http://www.w3.org/2000/svg" role="graphics-document" '
        f'width="{_n(width)}pt" height="{_n(height)}pt" '
        f'viewBox="{_n(-MARGIN)} {_n(-MARGIN)} {_n(width)} {_n(height)}" '
        f'font-family="{FONT}" text-anchor="middle">\n'
        f"<title>{escape(title)}</title>\n"
        f"<desc>{escape(description(graph, look))}</desc>\n"
        f'<rect x="{_n(-MARGIN)}" y="{_n(-MARGIN)}" width="{_n(width)}" height="{_n(height)}" '
        f'fill="{BACKGROUND}"/>\n'
    )
    names = {
        node.id: clean(node.label if isinstance(node, FunctionNode) else node.name) or node.id
        for node in graph.nodes
    }
    labelled = labelled_edges(graph)
    for number, edge in enumerate(graph.edges):
        label = edge_label(edge, look) if edge[:3] in labelled else None
        yield from _edge(number, edge, placement.edges[f"e{number}"], names, label, look)
    for node in graph.nodes:
        box = placement.nodes[node.id]
        if isinstance(node, FunctionNode):
            yield from _function(node, box)
        else:
            yield from _variable(node, box, look)
    if placement.caption:
        lines = caption_lines(graph)
        yield _text(lines, *placement.caption, dot.CAPTION_SIZE, CAPTION)
    yield "</svg>\n"


def _variable(node: VariableNode, box: Box, look: Look) -> Iterator[str]:
    style = appearance(node.role, node.grad_state)
    radius = 6 if style.rounded else 0
    yield _open(node.id, clean(node.name) or node.id, ", ".join(exact_lines(node)))
    yield (
        f'<rect x="{_n(box.x - box.width / 2)}" y="{_n(box.y - box.height / 2)}" '
        f'width="{_n(box.width)}" height="{_n(box.height)}" rx="{radius}" {_paint(style)}/>\n'
    )
    lines = variable_lines(node, look)
    named = clean(node.name) != ""
    yield _text(lines, box.x, box.y, dot.NODE_SIZE, style.text, bold=named)
    yield "</g>\n"


def _function(node: FunctionNode, box: Box) -> Iterator[str]:
    style = APPEARANCES["function"]
    label, generation = function_lines(node)
    yield _open(node.id, label, f"{node.op}, generation {node.generation}")
    yield (
        f'<ellipse cx="{_n(box.x)}" cy="{_n(box.y)}" rx="{_n(box.width / 2)}" '
        f'ry="{_n(box.height / 2)}" {_paint(style)}/>\n'
    )
    rise = dot.NODE_SIZE * LINE / 2
    yield _text([label], box.x, box.y - rise, dot.NODE_SIZE, style.text, bold=True)
    yield _text([generation], box.x, box.y + rise, dot.EDGE_SIZE, QUIET)
    yield "</g>\n"


def _edge(
    number: int,
    edge: Edge,
    curve: Curve,
    names: dict[str, str],
    label: str | None,
    look: Look,
) -> Iterator[str]:
    way = f"from {names[edge.source]} to {names[edge.target]}"
    fact = "" if edge.contribution is None else f"back along it flowed {edge_label(edge, look)}"
    yield _open(f"e{number}", way, fact)
    start, *rest = curve.points
    path = f"M{_n(start[0])},{_n(start[1])}"
    for i in range(0, len(rest), 3):
        path += "C" + " ".join(f"{_n(x)},{_n(y)}" for x, y in rest[i : i + 3])
    yield f'<path d="{path}" fill="none" stroke="{EDGE}"/>\n'
    if curve.tip:
        yield f'<polygon points="{_arrow(curve.points[-1], curve.tip)}" fill="{EDGE}"/>\n'
    if label and curve.label:
        yield _halo(label, *curve.label, dot.EDGE_SIZE)
        yield _text([label], *curve.label, dot.EDGE_SIZE, EDGE_TEXT)
    yield "</g>\n"


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
    return f'fill="{style.fill}" stroke="{style.line}" stroke-width="{width}"{dashes}'


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
    )


def _halo(line: str, x: float, y: float, size: float) -> str:
    """Clear the ground below a label, where edges may pass."""
    return (
        f'<text x="{_n(x)}" y="{_n(y + size * BASELINE)}" font-size="{_n(size)}" fill="none" '
        f'stroke="{BACKGROUND}" stroke-width="4" stroke-linejoin="round" aria-hidden="true">'
        f"{escape(line)}</text>\n"
    )


def _n(value: float) -> str:
    """A coordinate with two digits at most, the same on every machine."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
