"""SVG: our own drawing at the positions that a layout engine found.

Every node and edge is named in words for readers who cannot see it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from dzviz.budget import check_memory, check_time
from dzviz.graph.duplicates import spread
from dzviz.graph.model import Graph
from dzviz.layout import Box, Curve
from dzviz.layout.labels import Spot
from dzviz.options import Layout, Look
from dzviz.placing import dot
from dzviz.placing.placed import Placed, placed
from dzviz.records import NamedTuple
from dzviz.styles import scene_of, style_named, with_order
from dzviz.styles.reserved import reserved
from dzviz.styles.scene import Arrow, Frame, Scene, Shape
from dzviz.svg import primitives as pen
from dzviz.svg.key import key
from dzviz.svg.primitives import LINE
from dzviz.svg.primitives import number as n
from dzviz.text.descriptions import description
from dzviz.text.labels import with_longest_labels
from dzviz.text.languages import say
from dzviz.text.metrics import text_width
from dzviz.text.phrases import clean
from dzviz.themes import Theme

MARGIN = 10.0


HEAD = 9.0
"""The length of an arrowhead that points back."""


LIFT = 1.8
"""A highlighted label is this much higher, like the thick line below it."""


Extent = tuple[float, float, float, float]
"""Left, top, width and height."""


class Canvas(NamedTuple):
    """A page on which the nodes of a graph have their places, whatever state it is in.

    ``box`` is left, top, width and height. ``parts`` draws a state as one text for each node, edge
    or label, each with what it is called, always in the same order. Of a ``local`` one a part can
    be drawn alone, see `dzviz.styles.Style`. ``caption`` is what stands below; ``foot`` draws that
    of another graph of this structure, and returns it with the box that it needs.
    """

    look: Look
    title: str
    box: Extent
    parts: Callable[[Graph], Iterator[tuple[str, str]]]
    caption: str
    foot: Callable[[Graph], tuple[str, Extent]]
    local: bool = False


def write(graph: Graph, look: Look, layout: Layout) -> Iterator[str]:
    """Write a graph as SVG; all that can fail fails here, before the first chunk.

    Raises:
        LayoutError: No engine could place the nodes.
    """
    graph, sheet = placed_alone(graph, look, layout)
    return draw(graph, sheet, description(graph, look))


def placed_alone(graph: Graph, look: Look, layout: Layout) -> tuple[Graph, Canvas]:
    """Spread a graph and place its nodes; one that needs no other room is described once.

    Raises:
        LayoutError: No engine could.
    """
    if layout.room is graph:
        look, layout = with_order(graph, look), replace(layout, room=None)
    graph = spread(graph)
    return graph, canvas(graph, look, layout)


def canvas(graph: Graph, look: Look, layout: Layout, others: Sequence[Graph] = ()) -> Canvas:
    """Place the nodes of a graph, which is spread, as are ``others`` that are to have room, too.

    Raises:
        LayoutError: No engine could.
    """
    look = with_order(layout.room or graph, look)  # that of the whole, also where a part is drawn
    style = style_named(look.style)
    check_time()
    check_memory(style.memory * (len(graph.nodes) + len(graph.edges)))
    room = graph if layout.room is None else spread(layout.room)
    if look.steady:
        room = with_longest_labels(room)
    if hasattr(style.code, "canvas"):
        own: Canvas = style.code.canvas(graph, room, look, layout)
        return own
    made = scene_of(room, look)
    known = {id(other): (other, scene_of(other, look, room)) for other in others}
    spot = placed(reserved(made, [scene for _, scene in known.values()]), look, layout)
    names = {shape.id: shape.name for shape in spot.scene.shapes}
    nodes = {node.id: node for node in room.nodes}
    known.setdefault(id(graph), (graph, made if room is graph else scene_of(graph, look, room)))
    bare = replace(look, legend="off", hide=(*look.hide, "caption"))  # of a state nobody reads them

    def scene(state: Graph, look: Look) -> Scene:
        if id(state) in known:
            return known[id(state)][1]
        alike = room._replace(nodes=tuple(nodes[node.id] for node in state.nodes))
        return scene_of(state, look, alike)

    def parts(state: Graph) -> Iterator[tuple[str, str]]:
        return _parts(scene(state, bare), spot, look, names)

    def foot(state: Graph) -> tuple[str, Extent]:
        return _foot(scene(state, look), spot, look)

    title = clean(graph.title) or say(look.lang, "computational graph")
    caption, box = foot(graph)
    return Canvas(look, title, box, parts, caption, foot, style.local)


def _foot(picture: Scene, spot: Placed, look: Look) -> tuple[str, Extent]:
    """Draw what stands below a picture; return it with the box of all."""
    across, height = spot.size
    caption = ""
    if spot.caption:
        lines, reserved = ["", *picture.caption], len(spot.scene.caption) + 1
        lines += [""] * (reserved - len(lines))
        caption = pen.text(lines, *spot.caption, dot.CAPTION_SIZE, look.colours.quiet)
    below = key(picture.key, across)
    caption += below.draw(across / 2, height, look)
    wide, high = max(across, below.width), height + below.height
    box = ((across - wide) / 2 - MARGIN, -MARGIN, wide + 2 * MARGIN, high + 2 * MARGIN)
    return caption, box


def draw(graph: Graph, canvas: Canvas, description: str) -> Iterator[str]:
    """Draw a state of a graph on its canvas."""
    yield from pen.page(canvas.look, canvas.title, description, *canvas.box)
    for _, part in canvas.parts(graph):
        yield part
    yield canvas.caption
    yield "</svg>\n"


def _parts(
    picture: Scene, spot: Placed, look: Look, names: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Draw a scene whose parts have been placed."""
    theme = look.colours
    background = look.background or theme.background
    for frame in picture.frames:
        yield frame.id, "".join(_frame(frame, spot.frame(frame), theme))
    arrows = [arrow for arrow in picture.arrows if arrow.id in spot.keys]  # to what is drawn
    for arrow in arrows:
        key = spot.keys[arrow.id]
        yield key, "".join(_arrow(key, arrow, spot.curve(arrow.id), names, look))
    for arrow in arrows:
        key = spot.keys[arrow.id]
        if key in spot.labels:
            yield f"{key} label", _label(key, arrow, spot.labels[key], look, background)
    for key, (word, where) in spot.operands.items():
        yield f"{key} operand", _operand(key, word, where, theme)
    for frame in picture.frames:
        yield f"{frame.id} label", _frame_label(frame, spot.headings[frame.id], background, theme)
    for shape in picture.shapes:
        yield shape.id, "".join(_shape(shape, spot.box(shape.id), theme))


def _label(key: str, arrow: Arrow, spot: Spot, look: Look, background: str) -> str:
    if not arrow.label:
        return ""
    theme, bold = look.colours, arrow.mark in pen.LIT or arrow.bad
    x, y = spot.x, spot.y - (LIFT if bold else 0)
    colour = theme.contribution if arrow.share else theme.quiet
    colour = theme.trouble.line if arrow.bad else colour
    head = ""
    if arrow.share:
        wide = text_width(arrow.label, dot.EDGE_SIZE, bold=bold) + dot.FLOW
        head = pen.flow(x - wide / 2, y, colour, down=look.rank_dir == "TB")
        x += dot.FLOW / 2
    words = pen.text([arrow.label], x, y, dot.EDGE_SIZE, colour, bold=bold) + head
    words += _leader(spot, theme)
    if background != "transparent" and not spot.free:
        words = pen.halo(arrow.label, x, y, dot.EDGE_SIZE, background) + words
    return f'<g data-label="{key}" aria-hidden="true">\n{words}</g>\n'


def _operand(key: str, word: str, spot: Spot, theme: Theme) -> str:
    """Say which operand an arrow is."""
    words = pen.text([word], spot.x, spot.y, dot.EDGE_SIZE, theme.text) + _leader(spot, theme)
    return f'<g data-label="{key}" aria-hidden="true">\n{words}</g>\n'


def _leader(spot: Spot, theme: Theme) -> str:
    """Draw the line from a label to its arrow, where there is one."""
    if spot.leader is None:
        return ""
    (x1, y1), (x2, y2) = spot.leader
    return (
        f'<path d="M{n(x1)},{n(y1)}L{n(x2)},{n(y2)}" fill="none" stroke="{theme.quiet}" '
        'stroke-width="0.6"/>\n'
    )


def _shape(shape: Shape, box: Box, theme: Theme) -> Iterator[str]:
    """Write a shape with its lines, from the top, so that none moves when there are fewer."""
    yield pen.group(shape.id, shape.name, shape.fact())
    x, y, width, height = box
    if shape.outline == "box":
        outline = (
            f'rect x="{n(x - width / 2)}" y="{n(y - height / 2)}" width="{n(width)}" '
            f'height="{n(height)}" rx="{6 if shape.look.rounded else 0}"'
        )
    elif shape.outline == "octagon":
        outline = f'polygon points="{pen.octagon(*box)}"'
    else:
        outline = f'ellipse cx="{n(x)}" cy="{n(y)}" rx="{n(width / 2)}" ry="{n(height / 2)}"'
    yield pen.outline(outline, shape.look)
    lines = shape.lines + [""] * (shape.room - len(shape.lines))
    rise = dot.NODE_SIZE * LINE / 2
    y -= rise * len(shape.notes)
    colour = theme.quiet if shape.look.mark in ("ahead", "aside") else theme.text
    bad = {i for i in shape.bad if i < len(shape.lines)}
    yield from _bad(lines, bad, box._replace(y=y), dot.NODE_SIZE, theme)
    sound = ["" if i in bad else line for i, line in enumerate(lines)] if bad else lines
    yield pen.text(sound, x, y, dot.NODE_SIZE, colour, bold=shape.named)
    y += rise * (len(lines) + len(shape.notes))
    bad = {i - len(shape.lines) for i in shape.bad if i >= len(shape.lines)}
    yield from _bad(shape.notes, bad, box._replace(y=y), dot.EDGE_SIZE, theme)
    sound = ["" if i in bad else note for i, note in enumerate(shape.notes)]
    yield pen.text(sound, x, y, dot.EDGE_SIZE, theme.quiet)
    yield "</g>\n"


def _bad(
    lines: Sequence[str], bad: Collection[int], box: Box, size: float, theme: Theme
) -> Iterator[str]:
    """Write those of some lines that describe what is not finite, on a ground of their own."""
    top = box.y - (len(lines) - 1) / 2 * size * LINE
    for i in sorted(bad):
        wide = min(text_width(lines[i], size, bold=True) + 6, box.width - 5)
        middle = top + i * size * LINE
        yield pen.strip(box.x - wide / 2, middle, wide, size * LINE, theme)
        yield pen.text([lines[i]], box.x, middle, size, theme.trouble.line, bold=True)


def _frame(frame: Frame, box: Box, theme: Theme) -> Iterator[str]:
    """Write a frame, without its label."""
    yield pen.group(frame.id, frame.label, frame.fact)
    x, y, width, height = box
    yield (
        f'<rect x="{n(x - width / 2)}" y="{n(y - height / 2)}" width="{n(width)}" '
        f'height="{n(height)}" rx="10" fill="none" stroke="{theme.frame}" stroke-width="2"/>\n'
    )
    yield "</g>\n"


def _frame_label(frame: Frame, box: Box, background: str, theme: Theme) -> str:
    """Write a frame's label."""
    x, y, size = box.x - box.width / 2, box.y, dot.FRAME_SIZE
    words = pen.text([frame.label], x, y, size, theme.text, bold=True, anchor="start")
    if background != "transparent":
        attributes = ' text-anchor="start" font-weight="bold"'
        words = pen.halo(frame.label, x, y, size, background, attributes) + words
    return f'<g data-label="{frame.id}" aria-hidden="true">\n{words}</g>\n'


def _arrow(
    key: str, arrow: Arrow, curve: Curve, names: Mapping[str, str], look: Look
) -> Iterator[str]:
    """Write an arrow: its curve and its head."""
    colour = pen.edge_colour(arrow.mark, look.colours)
    source, target = names[arrow.source], names[arrow.target]
    name = say(look.lang, "from {source} to {target}", source=source, target=target)
    yield pen.group(key, name, arrow.fact())
    line = f'stroke="{colour}"' + (' stroke-width="2.4"' if arrow.mark in pen.LIT else "")
    if arrow.stroke is not None:
        colour, width, _ = arrow.stroke
        line = f'stroke="{colour}" stroke-width="{n(width)}"'
    line += ' stroke-dasharray="4 3"' if arrow.weak else ""
    path, heads = pen.curve(curve.points), [(curve.points[-1], curve.tip)]
    heads.append((curve.points[0], curve.tail))
    if arrow.mark == "back" and curve.tip:
        path, base = pen.turned(curve.points, curve.tip, HEAD)
        heads = [(base, curve.points[0])]
    yield f'<path d="{path}" fill="none" {line}/>\n'
    for base, tip in heads:
        if tip:
            yield f'<polygon points="{pen.arrowhead(base, tip)}" fill="{colour}"/>\n'
    yield "</g>\n"
