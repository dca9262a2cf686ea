"""SVG: our own drawing at the positions that a layout engine found.

Every node and edge is named in words for who cannot see it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dzviz import pen, styles
from dzviz.formats import dot
from dzviz.graph import Graph
from dzviz.layout import Box, Curve, Placement, place
from dzviz.look import Look
from dzviz.pen import LINE
from dzviz.pen import number as n
from dzviz.scene import Arrow, Frame, Scene, Shape
from dzviz.spreading import spread
from dzviz.styles import scene
from dzviz.words import clean, description, roomiest

if TYPE_CHECKING:
    from dzviz.formats import Layout
from dzviz.themes import Theme

MARGIN = 10.0


def write(graph: Graph, look: Look, layout: Layout) -> Iterator[str]:
    """Write a graph as SVG; all that can fail fails here, before the first chunk.

    Raises:
        LayoutError: No engine could place the nodes.
    """
    layout = layout._replace(room=spread(layout.room or graph))
    graph = spread(graph)
    own = styles.own_drawing(look)
    if own is not None:
        return own(graph, look, layout)
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
    yield from pen.page(look, title, description, -MARGIN, -MARGIN, width, height)
    shapes = list(picture.shapes)
    arrows = list(picture.arrows)
    names = {shape.id: shape.name for shape in shapes}
    for frame in picture.frames:
        yield from _frame(frame, placement.clusters[f"{dot.CLUSTER}{frame.id}"], theme)
    for number, arrow in enumerate(arrows):
        yield from _arrow(number, arrow, placement.edges[f"e{number}"], names, theme.edge)
    for number, arrow in enumerate(arrows):  # after all curves, which may cross the labels
        point = placement.edges[f"e{number}"].label
        if point and arrow.label:
            words = pen.text([arrow.label], *point, dot.EDGE_SIZE, theme.contribution)
            if background != "transparent":
                words = pen.halo(arrow.label, *point, dot.EDGE_SIZE, background) + words
            yield f'<g data-label="e{number}" aria-hidden="true">\n{words}</g>\n'
    for frame in picture.frames:
        box = placement.clusters[f"{dot.CLUSTER}{frame.id}"]
        yield _frame_label(frame, box, background, theme)
    for shape in shapes:
        yield from _shape(shape, placement.nodes[shape.id], theme)
    if placement.caption:
        yield pen.text(["", *picture.caption], *placement.caption, dot.CAPTION_SIZE, theme.quiet)
    yield "</svg>\n"


def _shape(shape: Shape, box: Box, theme: Theme) -> Iterator[str]:
    """Write a shape with its lines, from the top, so that none moves when there are fewer."""
    yield pen.group(shape.id, shape.name, shape.fact)
    x, y, width, height = box
    if shape.outline == "box":
        yield (
            f'<rect x="{n(x - width / 2)}" y="{n(y - height / 2)}" width="{n(width)}" '
            f'height="{n(height)}" rx="{6 if shape.look.rounded else 0}" '
            f"{pen.paint(shape.look)}/>\n"
        )
    else:
        yield (
            f'<ellipse cx="{n(x)}" cy="{n(y)}" rx="{n(width / 2)}" ry="{n(height / 2)}" '
            f"{pen.paint(shape.look)}/>\n"
        )
    lines = shape.lines + [""] * (shape.room - len(shape.lines))
    rise = dot.NODE_SIZE * LINE / 2
    y -= rise * len(shape.notes)
    yield pen.text(lines, x, y, dot.NODE_SIZE, theme.text, bold=shape.named)
    y += rise * (len(lines) + len(shape.notes))
    yield pen.text(shape.notes, x, y, dot.EDGE_SIZE, theme.quiet)
    yield "</g>\n"


def _frame(frame: Frame, box: Box, theme: Theme) -> Iterator[str]:
    """Write a frame, without its label."""
    yield pen.group(frame.id, frame.label, "what is in this frame repeats")
    x, y, width, height = box
    yield (
        f'<rect x="{n(x - width / 2)}" y="{n(y - height / 2)}" width="{n(width)}" '
        f'height="{n(height)}" rx="10" fill="none" stroke="{theme.quiet}" stroke-width="1.5"/>\n'
    )
    yield "</g>\n"


def _frame_label(frame: Frame, box: Box, background: str, theme: Theme) -> str:
    """Write a frame's label at its top left, where the layout has kept room for it."""
    x, y, size = box.x - box.width / 2 + 10, box.y - box.height / 2 + 14, dot.FRAME_SIZE
    words = pen.text([frame.label], x, y, size, theme.text, bold=True, anchor="start")
    if background != "transparent":
        attributes = ' text-anchor="start" font-weight="bold"'
        words = pen.halo(frame.label, x, y, size, background, attributes) + words
    return f'<g data-label="{frame.id}" aria-hidden="true">\n{words}</g>\n'


def _arrow(
    number: int, arrow: Arrow, curve: Curve, names: dict[str, str], colour: str
) -> Iterator[str]:
    """Write an arrow: its curve and its head."""
    yield pen.group(
        f"e{number}", f"from {names[arrow.source]} to {names[arrow.target]}", arrow.fact
    )
    dashes = ' stroke-dasharray="4 3"' if arrow.weak else ""
    yield f'<path d="{pen.curve(curve.points)}" fill="none" stroke="{colour}"{dashes}/>\n'
    for base, tip in ((curve.points[-1], curve.tip), (curve.points[0], curve.tail)):
        if tip:
            yield f'<polygon points="{pen.arrowhead(base, tip)}" fill="{colour}"/>\n'
    yield "</g>\n"
