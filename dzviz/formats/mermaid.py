"""Mermaid flowcharts, which GitHub draws in a README.

Labels follow https://mermaid.js.org/syntax/flowchart.html: within quotes a character can be written
as ``#35;``, its decimal code. Here all are that Mermaid, Markdown or HTML could take for a sign.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from math import ceil

from dzviz.errors import LayoutError
from dzviz.graph.model import Graph
from dzviz.options import Layout, Look
from dzviz.placing.dot import label_colour, labelled
from dzviz.styles import scene_of
from dzviz.styles.appearance import Appearance
from dzviz.styles.scene import Arrow, Frame, Scene, Shape, operand_word, ordered_operands
from dzviz.text.descriptions import alt_text
from dzviz.text.key import key_line
from dzviz.text.languages import say
from dzviz.text.phrases import clean
from dzviz.text.table import width
from dzviz.themes import Theme

MAX_EDGES = 500
MAX_TEXT = 50_000
"""Mermaid's ``maxEdges`` and ``maxTextSize``: it draws no more, and a page cannot ask it to."""

WRAP = 700
"""The width in pixels at which lines are broken, enough for the longest of a caption."""

OUTLINES = {
    ("box", True): ("(", ")"),
    ("box", False): ("[", "]"),
    ("circle", False): ("((", "))"),
    ("ellipse", False): ("([", "])"),
    ("octagon", False): ("{{", "}}"),
}
"""The brackets of each outline, rounded or not; what comes nearest to an ellipse is a
stadium, to an octagon a hexagon."""

MOST_IN_CIRCLE = 2
"""Mermaid makes a circle as wide as its text, so that more lines would stand out of it."""

CAPTION_LINE = 24
CAPTION_WIDTH = 24
"""A line of the caption, in pixels and columns. Mermaid keeps no room for it except what it is
asked to, and until 11.12 breaks its lines here.
"""

# A dot may end a list's number or stand in an address, but not between digits; a space more than
# one, or at an end, is a sign too.
_PLAIN = re.compile(r"[A-Za-z0-9]|(?<=[^ ]) (?=[^ ])|(?<=[0-9])\.(?=[0-9])")
# Some versions decode the codes and then read Markdown, though not within an HTML block. The signs
# of a list are such at the beginning alone.
_MARKDOWN = re.compile(r"[\\`*_~\[\]#<>!:@]|www|^[ ]|^[-+]|^[0-9]+[.)](?![0-9])")
# What Mermaid, once it has decoded it, takes for a line break, a formula, an icon, and for the
# beginning and the end of its own inner form of a code.
_SPELLS = re.compile("#92;(?=n)|#36;(?=#36;)|#58;(?=fa)|#64258;(?=#176;)|#182;(?=#223;)")
# Mermaid takes a whole line for a statement where it finds "direction LR", in a label too.
_DIRECTION = re.compile("(direction) ", re.IGNORECASE)


def write(graph: Graph, look: Look, layout: Layout | None = None) -> Iterator[str]:
    """Write a graph as Mermaid; all that can fail fails here, before the first line.

    Raises:
        LayoutError: The graph is larger than Mermaid draws.
    """
    picture = scene_of(graph, look)
    arrows = list(picture.arrows)
    _check("edges", len(arrows), MAX_EDGES, look)
    texts = (clean(graph.title) or say(look.lang, "computational graph"), alt_text(graph, look))
    lines = list(_lines(picture, arrows, texts, look))
    _check("characters", sum(map(len, lines)), MAX_TEXT, look)
    return iter(lines)


def quote(label: Sequence[str]) -> str:
    """Quote the lines of a label, which `dzviz.text` has cleaned of control characters.

    >>> print(quote(["x", "grad -0.5"]))
    "x<br/>grad #45;0.5"
    """
    text = "<br/>".join(map(encode, label)) or encode(" ")
    text = _SPELLS.sub(r"\g<0><wbr/>", text)
    return f'"<div>{text}</div>"' if any(map(_MARKDOWN.search, label)) else f'"{text}"'


def encode(text: str) -> str:
    """Write every character that may be a sign as its code, and with it all that is not ASCII.

    >>> print(encode("y = [0.5, 1]"), encode("direction LR"))
    y #61; #91;0.5#44; 1#93; direction#32;LR
    """
    text = "".join(
        text[i] if _PLAIN.match(text, i) else f"#{ord(text[i])};" for i in range(len(text))
    )
    return _DIRECTION.sub(r"\1#32;", text)


def _lines(
    picture: Scene, arrows: Sequence[Arrow], texts: tuple[str, str], look: Look
) -> Iterator[str]:
    """Write a scene, ``told`` in a title and a description to who cannot see it.

    All of it stands in one subgraph, for its label is the caption and its surface the background:
    fixed colours would be hard to read on a page of unknown colour.
    """
    theme = look.colours
    background = look.background or theme.background
    solid = theme.background if background == "transparent" else background
    caption = [*picture.caption, *([key_line(picture.key)] if picture.key else [])]
    yield from _settings(theme.edge, solid, caption)
    yield f"flowchart {look.rank_dir}\n"
    for word, text in zip(("accTitle", "accDescr"), texts, strict=True):
        yield f"  {word}: {encode(text)}\n"
    yield f"  subgraph picture [{quote(caption)}]\n"
    yield f"    direction {look.rank_dir}\n"
    classes: dict[Appearance, str] = {}
    drawn: set[str] = set()
    for shape in picture.shapes:
        name = classes.setdefault(shape.look, f"look{len(classes)}")
        if picture.frames:
            drawn.add(shape.id)
        yield f"    {_shape(shape)}:::{name}\n"
    yield from _frames(picture.frames, None, drawn)
    # Nobody knows in which order Mermaid lets them come in.
    operands = {
        arrow.id: operand_word(arrow, look.lang)
        for group in ordered_operands(picture)
        for arrow in group
    }
    for arrow in arrows:
        line = "-.->" if arrow.weak else "-->"
        words = [word for word in (operands.get(arrow.id), arrow.label) if word]
        label = f"|{quote([', '.join(words)])}|" if words else ""
        yield f"    {arrow.source} {line}{label} {arrow.target}\n"
    yield "  end\n"
    for frame in picture.frames:
        yield f"  style {frame.id} fill:none,stroke:{theme.frame},color:{theme.text}\n"
    yield f"  style picture fill:{background},stroke:none,color:{theme.quiet}\n"
    if arrows:
        yield f"  linkStyle default stroke:{theme.edge},color:{label_colour(picture, theme)}\n"
    for appearance, name in classes.items():
        yield f"  classDef {name} {_style(appearance, theme)}\n"
    for i, arrow in enumerate(arrows):
        if arrow.stroke is not None:
            colour, width, _ = arrow.stroke
            yield f"  linkStyle {i} stroke:{colour},stroke-width:{width:g}px\n"


def _frames(frames: Sequence[Frame], parent: str | None, drawn: Collection[str]) -> Iterator[str]:
    for frame in frames:
        if frame.parent == parent:
            yield f"    subgraph {frame.id} [{quote([frame.label])}]\n"
            for id in frame.shapes:
                if id in drawn:
                    yield f"      {id}\n"
            yield from _frames(frames, frame.id, drawn)
            yield "    end\n"


def _settings(edge: str, background: str, caption: Sequence[str]) -> Iterator[str]:
    """Say in the front matter what no statement can: the colours of arrows' heads and labels.

    Labels are HTML, as Mermaid has them where nothing else is set: where it writes them as SVG, it
    shows the codes on edges as they are.
    """
    captions = sum(max(1, ceil(width(line) / CAPTION_WIDTH)) for line in caption)
    yield "---\n"
    yield "config:\n"
    yield "  htmlLabels: true\n"
    yield "  theme: base\n"
    yield "  themeVariables:\n"
    yield f'    lineColor: "{edge}"\n'
    yield f'    edgeLabelBackground: "{background}"\n'
    yield "  flowchart:\n"
    yield "    htmlLabels: true\n"
    yield f"    wrappingWidth: {WRAP}\n"
    yield "    subGraphTitleMargin:\n"
    yield "      top: 4\n"
    yield f"      bottom: {CAPTION_LINE * captions}\n"
    yield "---\n"


def _shape(shape: Shape) -> str:
    label = labelled(shape)
    tall = shape.outline == "circle" and len(label) > MOST_IN_CIRCLE
    outline = "ellipse" if tall else shape.outline
    left, right = OUTLINES[outline, shape.look.rounded and outline == "box"]
    return f"{shape.id}{left}{quote(label)}{right}"


def _style(look: Appearance, theme: Theme) -> str:
    thickness = 3 if look.bold else 1
    dashes = ",stroke-dasharray:5 3" if look.dashed else ""
    return (
        f"fill:{look.paint.fill},stroke:{look.paint.line},color:{theme.text},"
        f"stroke-width:{thickness}px{dashes}"
    )


def _check(what: str, count: int, limit: int, look: Look) -> None:
    if count > limit:
        smaller = "" if look.style == "merged" else " or --style merged"
        raise LayoutError(
            f"Mermaid draws at most {limit} {what}, and this graph has {count}",
            hint=f"draw less with --fold always or --focus NAME{smaller}, or use another format, "
            "like --format svg",
        )
