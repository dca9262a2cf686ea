r"""The lines of DOT for a scene: plain quoted labels, numbered ids, nothing of the machine.

Quoting follows https://graphviz.org/doc/info/lang.html: within quotes ``\`` and ``"`` are escaped,
and ``&`` begins an entity in a label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from dzviz.options import Look
from dzviz.styles.appearance import Appearance
from dzviz.styles.scene import (
    Arrow,
    Frame,
    Scene,
    Shape,
    Usual,
    operand_word,
    ordered_operands,
)
from dzviz.text.key import key_line
from dzviz.text.phrases import wrap
from dzviz.text.table import width
from dzviz.themes import Theme

FONT = "Helvetica"
NODE_SIZE = 11
EDGE_SIZE = 9
CAPTION_SIZE = 12
FRAME_SIZE = 14
"""Sizes of text in points."""

LAYOUT_EDGE_SIZE = 12
"""What layout takes for the size of edges' labels, so that they keep off the lines."""

KEY_LENGTH = 100
"""A line of the key has so many characters."""

FLOW = 9.0
"""The room before a share for the head that points back."""

CROWDED_EDGE_SIZE = 22
"""The same as `LAYOUT_EDGE_SIZE` for labels that did not find room."""

CLUSTER = "cluster_"
"""What the names of subgraphs begin with that Graphviz draws a frame around."""

OUTLINES = {
    "box": "shape=box",
    "circle": "shape=circle, margin=0.02",
    "ellipse": "shape=ellipse, margin=0.04",
    "octagon": 'shape=octagon, margin="0.02,0.02"',
}
"""The outlines of shapes, in Graphviz's words."""

CLOSE = 4
"""A label of so many characters fills a circle of the least size; longer ones get a larger one."""

NOTHING: Mapping[str, str] = MappingProxyType({})

_ESCAPES = {"\\": "\\\\", '"': '\\"', "&": "&amp;"}


def lines(
    picture: Scene,
    look: Look,
    *,
    for_layout: bool = False,
    nodes: Iterable[str] | None = None,
    edges: Iterable[str] | None = None,
    crowded: Mapping[str, str] = NOTHING,
    tight: bool = False,
) -> Iterator[str]:
    """Write a scene as DOT; ``nodes`` and ``edges`` are the lines for them, where they are known.

    ``for_layout`` is for callers that only want positions: arrows get ids (``e0 ...``), and the
    labels have all the room that they may need, those of the ``crowded`` arrows more: also those
    words that are said of an operand. A ``tight`` one has less room between nodes.
    """
    yield from _settings(picture, look, for_layout=for_layout, tight=tight)
    shapes: Iterable[Shape] = picture.shapes
    drawn: set[str] = set()
    if picture.frames:
        shapes = list(shapes)
        drawn.update(shape.id for shape in shapes)
    if nodes is None:
        nodes = (node(shape, picture.usual) for shape in shapes)
    yield from nodes
    yield from _frames(picture.frames, None, drawn, look.colours)
    if edges is None:
        numbered = enumerate(picture.arrows)
        words = {} if for_layout else _operands(picture)
        edges = (
            edge(arrow, f"e{i}" if for_layout else None, crowded, words.get(arrow.id))
            for i, arrow in numbered
        )
    yield from edges
    yield "}\n"


def _settings(picture: Scene, look: Look, *, for_layout: bool, tight: bool) -> Iterator[str]:
    """Write what is so for the whole graph, and for all of its nodes and edges."""
    theme = look.colours
    ranks, nodesep = (0.25, 0.15) if tight else (0.45, 0.3)
    settings = [f"rankdir={look.rank_dir}", f"ranksep={ranks}", f"nodesep={nodesep}"]
    large = 1.0 if for_layout else look.enlargement
    if picture.large:
        settings.append("nslimit=0.1")  # 2 to 20 times faster on large graphs, to the eye the same
    caption = picture.caption
    if picture.key and not for_layout:
        caption = [*caption, *wrap(key_line(picture.key), KEY_LENGTH)]
    if caption:
        # Keep the caption off the lowest node. A line that is quite empty crashes the embedded
        # engine where a long one follows.
        space = [" "] if for_layout else []
        settings += [f"label={quote([*space, *caption])}", "labelloc=b"]
    usual = ""
    if picture.usual is not None:
        outline, appearance = picture.usual
        usual = f", {OUTLINES[outline]}, {_style(appearance)}"
    yield "digraph dzviz {\n"
    yield (
        f'  graph [{", ".join(settings)}, bgcolor="{look.background or theme.background}", '
        f'fontname="{FONT}", fontsize={CAPTION_SIZE * large:g}, fontcolor="{theme.quiet}"];\n'
    )
    yield (
        f'  node [fontname="{FONT}", fontsize={NODE_SIZE * large:g}, fontcolor="{theme.text}", '
        f'penwidth=1.2, margin="0.12,0.08", height=0.3, width=0.6{usual}];\n'
    )
    edge_size = LAYOUT_EDGE_SIZE if for_layout else EDGE_SIZE * large
    yield (
        f'  edge [fontname="{FONT}", fontsize={edge_size:g}, '
        f'color="{theme.edge}", fontcolor="{label_colour(picture, theme)}", arrowsize=0.7];\n'
    )


def label_colour(picture: Scene, theme: Theme) -> str:
    """Return the colour of the labels of arrows: in a scene most of them are shares, or none is."""
    others = any(arrow.label and not arrow.share for arrow in picture.arrows)
    shares = any(arrow.share for arrow in picture.arrows)
    return theme.quiet if others and not shares else theme.contribution


def node(shape: Shape, usual: Usual | None = None) -> str:
    """Write a node; what is ``usual`` need not be said."""
    label = labelled(shape)
    order = ", ordering=in" if shape.ordered else ""
    look = ""
    if (shape.outline, shape.look) != usual:
        look = f", {OUTLINES[shape.outline]}, {_style(shape.look)}"
    return f"  {shape.id} [label={quote(label)}{look}{_room(shape, label)}{order}];\n"


def labelled(shape: Shape) -> list[str]:
    """Return all lines of a shape; in plain text, what is not finite is marked by a sign."""
    lines = shape.lines + shape.notes
    return [f"! {line}" if i in shape.bad else line for i, line in enumerate(lines)]


def edge(
    arrow: Arrow,
    id: str | None = None,
    crowded: Mapping[str, str] = NOTHING,
    operand: str | None = None,
    weight: int = 1,
) -> str:
    """Write an edge; ``operand`` is said at its end, and of more ``weight`` it is straighter."""
    attributes = [f'id="{id}"'] if id else []
    if arrow.label:
        attributes.append(f"label={quote([arrow.label])}")
    if id in crowded and arrow.label:
        attributes.append(f"fontsize={CROWDED_EDGE_SIZE}")
    elif id is not None and id in crowded:
        attributes.append(f"label={quote([crowded[id]])}")
    if weight != 1:
        attributes.append(f"weight={weight}")
    if operand:
        end = "taillabel" if arrow.back else "headlabel"
        attributes.append(f"{end}={quote([operand])}, labeldistance=2.2")
    if arrow.weak:
        attributes.append("style=dashed")
    if arrow.back:
        attributes.append("dir=back")
    if arrow.stroke is not None:
        attributes.append(f'color="{arrow.stroke.colour}", penwidth={arrow.stroke.width:g}')
    ends = (arrow.target, arrow.source) if arrow.back else (arrow.source, arrow.target)
    suffix = f" [{', '.join(attributes)}]" if attributes else ""
    return f"  {' -> '.join(ends)}{suffix};\n"


def _operands(picture: Scene) -> dict[object, str]:
    """Say which operands arrows are whose order Graphviz may not show, in no large picture.

    It keeps the order of those that come from the rank before; what is used elsewhere may not be.
    """
    if picture.large:
        return {}
    uses = Counter(arrow.source for arrow in picture.arrows)
    return {
        arrow.id: operand_word(arrow)
        for arrows in ordered_operands(picture)
        if any(uses[arrow.source] > 1 for arrow in arrows)
        for arrow in arrows
    }


def quote(label: Sequence[str]) -> str:
    r"""Quote the lines of a label, which `dzviz.text` has cleaned of control characters.

    >>> print(quote(['say "x"', "a & <b>"]))
    "say \"x\"\na &amp; <b>"
    """
    text = "\n".join(label)
    if "\\" in text or '"' in text or "&" in text:
        for character, escape in _ESCAPES.items():  # `translate` takes three times as long.
            text = text.replace(character, escape)
    text = text.replace("\n", "\\n")
    return f'"{text}"'


def _frames(
    frames: Sequence[Frame], parent: str | None, drawn: Collection[str], theme: Theme
) -> Iterator[str]:
    """Write the frames within a frame as clusters; loops lie in loops three deep at most."""
    for frame in frames:
        if frame.parent == parent:
            yield f"  subgraph {CLUSTER}{frame.id} {{\n"
            yield (
                f"    graph [label={quote([frame.label])}, labeljust=l, labelloc=t, style=rounded, "
                f'fontsize={FRAME_SIZE}, fontcolor="{theme.text}", color="{theme.frame}"];\n'
            )
            if inside := [id for id in frame.shapes if id in drawn]:  # not all in frames within
                yield f"    {'; '.join(inside)};\n"
            yield from _frames(frames, frame.id, drawn, theme)
            yield "  }\n"


@lru_cache
def _style(look: Appearance) -> str:
    words = ["rounded"] * look.rounded + ["filled"] + ["dashed"] * look.dashed
    words += ["bold"] * look.bold
    style = f'"{",".join(words)}"' if len(words) > 1 else words[0]
    return f'style={style}, fillcolor="{look.paint.fill}", color="{look.paint.line}"'


def _room(shape: Shape, label: Sequence[str]) -> str:
    """Give labels a least width where Graphviz reckons one that is too small.

    That is a fifth too small for wide characters, and in a circle with one line for bold ones.
    """
    if not all(map(str.isascii, label)):
        wide = max(width(line) for line in label if not line.isascii())
        return f", width={wide * NODE_SIZE * 0.55 / 72 + 0.24:.2f}"
    if shape.outline == "circle" and len(label) == 1 and len(label[0]) == CLOSE:
        return f", width={CLOSE * NODE_SIZE * 0.6 / 72 + 0.13:.2f}"
    return ""
