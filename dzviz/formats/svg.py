"""SVG: our own drawing at the positions that a layout engine found.

Every node and edge is named in words for who cannot see it. Only elements and attributes that PNG
and PDF writers understand are used: no style sheet, no markers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from dzviz.formats import dot
from dzviz.graph import Graph
from dzviz.layout import Box, Curve, Placement, place
from dzviz.look import Appearance, Look
from dzviz.scene import Arrow, Scene, Shape
from dzviz.styles import scene
from dzviz.themes import AUTO, THEMES, colours
from dzviz.words import clean, description, roomiest

if TYPE_CHECKING:
    from dzviz.formats import Layout
    from dzviz.themes import Theme

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
    room = roomiest(layout.room or graph)
    source = "".join(dot.lines(scene(room, look), look, for_layout=True))
    placement = place(source, engine=layout.engine, timeout=layout.timeout)
    title = clean(graph.title) or "computational graph"
    return draw(scene(graph, look, room), placement, look, title, description(graph, look))


def draw(
    picture: Scene, placement: Placement, look: Look, title: str, description: str
) -> Iterator[str]:
    """Draw a scene whose parts have been placed."""
    theme = look.colours
    background = look.background or theme.background
    width, height = placement.width + 2 * MARGIN, placement.height + 2 * MARGIN
    yield (
        '<svg xmlns="http://www.w3.org/2000/svg" role="graphics-document" '
        f'width="{_n(width)}pt" height="{_n(height)}pt" '
        f'viewBox="{_n(-MARGIN)} {_n(-MARGIN)} {_n(width)} {_n(height)}" '
        f'font-family="{FONT}" text-anchor="middle">\n'
        f"<title>{escape(title)}</title>\n"
        f"<desc>{escape(description)}</desc>\n"
    )
    if look.theme == AUTO:
        yield _dark_style()
    if background != "transparent":
        yield (
            f'<rect x="{_n(-MARGIN)}" y="{_n(-MARGIN)}" width="{_n(width)}" '
            f'height="{_n(height)}" fill="{background}"/>\n'
        )
    shapes = list(picture.shapes)
    arrows = list(picture.arrows)
    names = {shape.id: shape.name for shape in shapes}
    for number, arrow in enumerate(arrows):
        yield from _arrow(number, arrow, placement.edges[f"e{number}"], names, theme.edge)
    for number, arrow in enumerate(arrows):  # after all curves, which may cross the labels
        point = placement.edges[f"e{number}"].label
        if point and arrow.label:
            words = _text([arrow.label], *point, dot.EDGE_SIZE, theme.contribution)
            if background != "transparent":
                words = _halo(arrow.label, *point, dot.EDGE_SIZE, background) + words
            yield f'<g data-label="e{number}" aria-hidden="true">\n{words}</g>\n'
    for shape in shapes:
        yield from _shape(shape, placement.nodes[shape.id], theme)
    if placement.caption:
        yield _text(["", *picture.caption], *placement.caption, dot.CAPTION_SIZE, theme.quiet)
    yield "</svg>\n"


def _shape(shape: Shape, box: Box, theme: Theme) -> Iterator[str]:
    """Write a shape with its lines, from the top, so that none moves when there are fewer."""
    yield _open(shape.id, shape.name, shape.fact)
    x, y, width, height = box
    if shape.outline == "box":
        yield (
            f'<rect x="{_n(x - width / 2)}" y="{_n(y - height / 2)}" width="{_n(width)}" '
            f'height="{_n(height)}" rx="{6 if shape.look.rounded else 0}" {_paint(shape.look)}/>\n'
        )
    else:
        yield (
            f'<ellipse cx="{_n(x)}" cy="{_n(y)}" rx="{_n(width / 2)}" ry="{_n(height / 2)}" '
            f"{_paint(shape.look)}/>\n"
        )
    lines = shape.lines + [""] * (shape.room - len(shape.lines))
    rise = dot.NODE_SIZE * LINE / 2
    y -= rise * len(shape.notes)
    yield _text(lines, x, y, dot.NODE_SIZE, theme.text, bold=shape.named)
    y += rise * (len(lines) + len(shape.notes))
    yield _text(shape.notes, x, y, dot.EDGE_SIZE, theme.quiet)
    yield "</g>\n"


def _arrow(
    number: int, arrow: Arrow, curve: Curve, names: dict[str, str], colour: str
) -> Iterator[str]:
    """Write an arrow: its curve and its head."""
    yield _open(f"e{number}", f"from {names[arrow.source]} to {names[arrow.target]}", arrow.fact)
    (x, y), *rest = curve.points
    path = f"M{_n(x)},{_n(y)}"
    for i in range(0, len(rest), 3):
        path += "C" + " ".join(f"{_n(x)},{_n(y)}" for x, y in rest[i : i + 3])
    dashes = ' stroke-dasharray="4 3"' if arrow.weak else ""
    yield f'<path d="{path}" fill="none" stroke="{colour}"{dashes}/>\n'
    if curve.tip:
        yield f'<polygon points="{_head(curve.points[-1], curve.tip)}" fill="{colour}"/>\n'
    yield "</g>\n"


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


def _head(base: tuple[float, float], tip: tuple[float, float]) -> str:
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
