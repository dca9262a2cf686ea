r"""TikZ: the SVG as a picture of LaTeX, in the font and the size of the document around it.

A unit is an eleventh of the document's font size. Each colour has a name, which the document may
define before. It knows nothing of graphs but what variables are called.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from xml.etree import ElementTree as Tree

from dzviz.errors import LayoutError
from dzviz.graph.model import Graph, VariableNode
from dzviz.options import Layout, Look
from dzviz.records import NamedTuple
from dzviz.svg import canvas as svg
from dzviz.svg.primitives import number as n
from dzviz.text.phrases import clean
from dzviz.text.tex import beyond_latin, line
from dzviz.themes import Theme, colours

SPACE = "{http://www.w3.org/2000/svg}"

USUAL = 11.0
"""The size of usual text in the SVG, which is that of the document."""

UNIT = r"\dzvizunit"

LONGEST = 12_000
"""TeX's longest length is 16383 points, also where the document's font is larger."""

ROUND = 0.5522847
"""How far the handles of a quarter of a circle are from its ends, in radii."""


def write(graph: Graph, look: Look, layout: Layout) -> Iterator[str]:
    """Write a graph as TikZ.

    Raises:
        LayoutError: No engine could place the nodes, or it is too large for TeX.
    """
    picture = "".join(svg.write(graph, look, layout))
    check_size(picture)
    names = {clean(v.name) for v in graph.nodes if isinstance(v, VariableNode) and v.name}
    return iter([_document(_Picture(picture, look, names), look)])


def check_size(picture: str) -> None:
    """Refuse a picture with longer lines than TeX has lengths for.

    Raises:
        LayoutError: It is one.
    """
    found = re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', picture)
    longest = max(map(float, found.groups())) if found else 0.0
    if longest > LONGEST:
        raise LayoutError(
            f"TeX has no lengths over {LONGEST} points, but the picture is {longest:.0f} long",
            hint="--fit page breaks it into rows, --focus NAME draws a part; -o graph.pdf has all",
        )


def note(graph: Graph) -> str | None:
    """Say where pdfLaTeX cannot set what stands in a graph's nodes."""
    texts = [str(getattr(node, "name", None) or getattr(node, "label", "")) for node in graph.nodes]
    odd = beyond_latin("".join(map(clean, [*texts, graph.title or ""])))
    if not odd:
        return None
    return f"pdfLaTeX cannot set {odd[:10]}: LuaLaTeX can, in a font that has it"


def _document(picture: _Picture, look: Look) -> str:
    body = "".join(picture.body)
    odd = beyond_latin(body)
    engine = "LuaLaTeX, in a font that has its characters" if odd else "pdfLaTeX or LuaLaTeX"
    head = [
        "% A computational graph, by dzviz. It needs \\usepackage{tikz}; include it with \\input.",
        f"% For {engine}.",
        "% To use your own colours, define these names earlier in the document.",
    ]
    made = (
        "\n".join([*head, *_begin(picture, look)]) + f"\n{body}\\end{{tikzpicture}}%\n\\endgroup\n"
    )
    return _standalone(made, lua=bool(odd)) if look.standalone else made


def _begin(picture: _Picture, look: Look) -> Iterator[str]:
    yield r"\begingroup"
    for name, colour in sorted(picture.colours.items()):
        yield rf"\providecolor{{{name}}}{{HTML}}{{{colour[1:].upper()}}}%"
    yield r"\edef\dzvizsize{\csname f@size\endcsname}%"
    yield r"\newdimen\dzvizunit \dzvizunit=\dimexpr\dzvizsize pt/11\relax"
    larger = f", scale={look.enlargement:g}, transform shape" if look.enlargement != 1 else ""
    yield rf"\begin{{tikzpicture}}[x={UNIT}, y=-{UNIT}{larger},"
    yield "  every node/.style={inner sep=0pt, outer sep=0pt, anchor=base},"
    yield r"  size/.style={font=\fontsize{#1\dimexpr\dzvizsize pt\relax}{1.2\dimexpr\dzvizsize pt}"
    yield r"    \selectfont}]"
    left, top, width, height = picture.box
    yield (
        rf"\path[use as bounding box] ({n(left)},{n(top)}) rectangle "
        f"({n(left + width)},{n(top + height)});"
    )


def _standalone(made: str, *, lua: bool) -> str:
    """Put the picture on a page of its size."""
    fonts = [
        r"\usepackage{fontspec}",
        r"\IfFontExistsTF{DejaVu Sans}{\setmainfont{DejaVu Sans}}{}",
    ]
    return "\n".join(
        [
            r"\documentclass{article}",
            *(fonts if lua else []),
            r"\usepackage{tikz}",
            r"\begin{document}",
            r"\setbox0=\hbox{%",
            f"{made}}}",
            r"\ifdefined\pagewidth\else\let\pagewidth=\pdfpagewidth\let\pageheight=\pdfpageheight\fi",
            r"\pagewidth=\wd0 \pageheight=\dimexpr\ht0+\dp0\relax",
            r"\hoffset=-1in \voffset=-1in",
            r"\shipout\box0",
            r"\end{document}",
            "",
        ]
    )


class _Picture:
    """An SVG as commands of TikZ, with the colours that occur in it, by their names."""

    def __init__(self, picture: str, look: Look, names: Collection[str]) -> None:
        self.look = look
        self.names = names
        self.known = _names(look.colours)
        self.colours: dict[str, str] = {}
        root = Tree.fromstring(picture)
        left, top, width, height = map(float, root.attrib["viewBox"].split())
        self.box = left, top, width, height
        elements = [element for element in root if element.tag != f"{SPACE}style"]
        if not look.background:  # that of the paper
            ground = f"{SPACE}rect"
            elements = [e for i, e in enumerate(elements) if not (e.tag == ground and i == 2)]
        self.body = [command for element in elements for command in self.draw(element, "")]

    def draw(self, element: Tree.Element, id: str) -> Iterator[str]:
        """Draw an element; ``id`` is that of the node that it is a part of."""
        kind = element.tag.removeprefix(SPACE)
        if kind == "g":
            id = element.get("data-id") or id
            for part in element:
                yield from self.draw(part, id)
        elif kind == "text":
            yield self.text(element, id)
        elif kind in _SHAPES:
            yield rf"\path[{', '.join(self.style(element))}] {_SHAPES[kind](element.attrib)};" "\n"

    def colour(self, value: str) -> str:
        """Return the name of a colour."""
        name = self.known.get(value, f"dzviz-{value[1:]}")
        self.colours[name] = value
        return name

    def style(self, element: Tree.Element) -> Iterator[str]:
        """Return the options of a path."""
        facts = element.attrib
        for attribute, option in (("fill", "fill"), ("stroke", "draw")):
            value = facts.get(attribute, "none")
            if value.startswith("#"):
                yield f"{option}={self.colour(value)}"
        if "stroke" in facts:
            yield f"line width={facts.get('stroke-width', '1')}{UNIT}"
        if dashes := facts.get("stroke-dasharray"):
            on, off = dashes.split()
            yield f"dash pattern=on {on}{UNIT} off {off}{UNIT}"
        if float(facts.get("rx", 0)) and element.tag == f"{SPACE}rect":
            yield f"rounded corners={facts['rx']}{UNIT}"

    def text(self, element: Tree.Element, id: str) -> str:
        """Write a line of text."""
        facts, content = element.attrib, element.text or ""
        bold = facts.get("font-weight") == "bold"
        named = (id.startswith("v") and bold) or " = " in content
        words = line(content, self.names if named else ())
        options = []
        size = float(facts["font-size"]) / USUAL
        if size != 1:
            options.append(f"size={n(size)}")
        anchor = {"start": "base west", "end": "base east"}.get(facts.get("text-anchor", ""))
        if anchor:
            options.append(f"anchor={anchor}")
        if facts.get("fill") == "none":  # the ground of a label
            words = rf"\phantom{{{words}}}"
            options.append(f"fill={self.colour(facts['stroke'])}, inner sep=1{UNIT}")
        else:
            options.append(f"text={self.colour(facts['fill'])}")
            words = rf"{{\bfseries\boldmath {words}}}" if bold else words
        return rf"\node[{', '.join(options)}] at ({facts['x']},{facts['y']}) {{{words}}};" "\n"


def _names(theme: Theme) -> dict[str, str]:
    """Return the names of a theme's colours; what has one colour has one name."""
    found: dict[str, str] = {}
    for key, value in colours(theme).items():
        found.setdefault(value, f"dzviz-{key.replace(' ', '-')}")
    return found


Facts = Mapping[str, str]


def _rect(facts: Facts) -> str:
    x, y, wide, high = (float(facts[name]) for name in ("x", "y", "width", "height"))
    return f"({n(x)},{n(y)}) rectangle ({n(x + wide)},{n(y + high)})"


def _ellipse(facts: Facts) -> str:
    return f"({facts['cx']},{facts['cy']}) ellipse [x radius={facts['rx']}, y radius={facts['ry']}]"


def _polygon(facts: Facts) -> str:
    return " -- ".join([*(f"({point})" for point in facts["points"].split()), "cycle"])


class _Pen(NamedTuple):
    x: float
    y: float

    @property
    def place(self) -> str:
        return f"({n(self.x)},{n(self.y)})"


def _path(facts: Facts) -> str:
    """Write a path of the commands that our pictures have."""
    at = _Pen(0.0, 0.0)
    parts: list[str] = []
    for command, text in re.findall(r"([A-Za-z])([^A-Za-z]*)", facts["d"]):
        values = [float(value) for value in re.findall(r"-?[\d.]+", text)]
        if command in "ML":
            at = _Pen(*values)
            parts.append(at.place if command == "M" else f"-- {at.place}")
        elif command in "Hh":
            at = _Pen(values[0] + (at.x if command == "h" else 0.0), at.y)
            parts.append(f"-- {at.place}")
        elif command == "C":
            for i in range(0, len(values), 6):
                one, other, at = (_Pen(*values[j : j + 2]) for j in (i, i + 2, i + 4))
                parts.append(f".. controls {one.place} and {other.place} .. {at.place}")
        elif command == "A":
            end = _Pen(*values[5:])
            parts += _half_circle(at, end, up=values[4] == 1)
            at = end
        elif command in "Zz":
            parts.append("-- cycle")
        else:
            raise AssertionError(command)
    return " ".join(parts)


def _half_circle(start: _Pen, end: _Pen, *, up: bool) -> Iterator[str]:
    """Lead a line from the left end of a half circle over its top, or its bottom, to the right."""
    radius = (end.x - start.x) / 2
    high = -radius if up else radius
    top = _Pen(start.x + radius, start.y + high)
    for one, other, last in (
        (_Pen(start.x, start.y + ROUND * high), _Pen(top.x - ROUND * radius, top.y), top),
        (_Pen(top.x + ROUND * radius, top.y), _Pen(end.x, end.y + ROUND * high), end),
    ):
        yield f".. controls {one.place} and {other.place} .. {last.place}"


_SHAPES = {"rect": _rect, "ellipse": _ellipse, "polygon": _polygon, "path": _path}
