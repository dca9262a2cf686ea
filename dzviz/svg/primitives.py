"""The parts of our SVG drawings: the page, groups with names, text, arrowheads.

Only elements and attributes that PNG and PDF writers understand are used: no style sheet but the
one that follows the reader's screen, no markers. It knows no graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import hypot

from dzviz.options import ENGLISH, Look
from dzviz.styles.appearance import Appearance
from dzviz.text.typeset import typeset
from dzviz.themes import AUTO, THEMES, Theme, colours

Point = tuple[float, float]

FONT = "Helvetica, Arial, 'Open Sans', sans-serif"
LINE = 1.2
"""The height of a line of text in font sizes, as Graphviz reckons."""

BASELINE = 0.36
"""How far below its middle a line's baseline is, in font sizes."""

# xml.sax.saxutils has these two as well, and loads urllib and ssl with them: 30 ms a picture.
_ESCAPES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_QUOTES = _ESCAPES | {ord('"'): "&quot;", ord("\t"): "&#9;", ord("\n"): "&#10;", ord("\r"): "&#13;"}


DARK = "dzviz-auto"
"""The class of a picture that follows its reader's screen; others on its page do not."""


def page(
    look: Look, title: str, description: str, left: float, top: float, width: float, height: float
) -> Iterator[str]:
    """Begin a picture: its size in points, its title and description, its background."""
    background = look.background or look.colours.background
    own = f'class="{DARK}" ' if look.theme == AUTO else ""
    own += f'lang="{look.lang}" ' if look.lang != ENGLISH else ""
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" {own}role="graphics-document" '
        f'width="{number(width * look.enlargement)}pt" '
        f'height="{number(height * look.enlargement)}pt" '
        f'viewBox="{number(left)} {number(top)} {number(width)} {number(height)}" '
        f'font-family="{FONT}" text-anchor="middle">\n'
        f"<title>{escape(title)}</title>\n"
        f"<desc>{escape(description)}</desc>\n"
    )
    if look.theme == AUTO:
        yield _dark_style()
    if background != "transparent":
        yield (
            f'<rect x="{number(left)}" y="{number(top)}" width="{number(width)}" '
            f'height="{number(height)}" fill="{background}"/>\n'
        )


def group(id: str, name: str, fact: str, attributes: str = "") -> str:
    """Begin the group of a node or an edge, named in words."""
    label = f"{name}: {fact}" if fact else name
    return (
        f'<g data-id="{id}"{attributes} role="graphics-symbol" aria-label="{quote(name)}">\n'
        f"<title>{escape(label)}</title>\n"
    )


LIT = ("active", "back", "way", "lost", "differs")
"""The marks of what is happening right now, or in front for another reason."""


def edge_colour(mark: str, theme: Theme) -> str:
    """The colour of an edge that is so marked."""
    return theme.active if mark in LIT else theme.ahead.line if mark == "ahead" else theme.edge


GROOVE = 1.9
"""How far the two lines of a double outline are apart."""


def outline(shape: str, style: Appearance) -> str:
    """Draw a shape that looks so; ``shape`` is the name and the geometry of its element."""
    drawn = f"<{shape} {paint(style)}/>\n"
    if style.double:
        drawn += f'<{shape} fill="none" stroke="{style.paint.fill}" stroke-width="{GROOVE}"/>\n'
    return drawn


def paint(style: Appearance) -> str:
    """The attributes of a shape that looks so."""
    dashes = ' stroke-dasharray="5 3"' if style.dashed else ""
    line = f'stroke="{style.paint.line}" stroke-width="{weight(style)}"{dashes}'
    return f'fill="{style.paint.fill}" {line}'


def weight(style: Appearance) -> float:
    """How thick the line of a shape is that looks so."""
    if style.double:
        return 5.5
    return 3.4 if style.mark in LIT else 2.2 if style.bold else 1.2


def text(
    lines: list[str],
    x: float,
    y: float,
    size: float,
    color: str,
    *,
    bold: bool = False,
    anchor: str = "",
) -> str:
    """Set lines of text around their common middle, the first one bold if so wanted."""
    top = y - (len(lines) - 1) / 2 * size * LINE + size * BASELINE
    placed = f' text-anchor="{anchor}"' if anchor else ""
    begin, usual = (
        f'<text x="{number(x)}" y="',
        f'" font-size="{number(size)}" fill="{color}"{placed}',
    )
    return "".join(
        f"{begin}{number(top + i * size * LINE)}{usual}{_BOLD if bold and not i else ''}>"
        f"{escape(typeset(line))}</text>\n"
        for i, line in enumerate(lines)
        if line
    )


_BOLD = ' font-weight="bold"'

FLOW = 6.0
"""The length of the head that tells that what is written flows against the arrow."""


def flow(x: float, y: float, colour: str, *, down: bool) -> str:
    """Draw a head from ``x`` on that points back: to the left, or up where all else leads down."""
    half = FLOW / 2
    corners = [(x, y), (x + FLOW, y - half), (x + FLOW, y + half)]
    if down:
        corners = [(x + half, y - half), (x + FLOW, y + half), (x, y + half)]
    points = " ".join(f"{number(a)},{number(b)}" for a, b in corners)
    return f'<polygon points="{points}" fill="{colour}"/>\n'


def octagon(x: float, y: float, width: float, height: float) -> str:
    """The corners of an octagon around a middle, as Graphviz has them."""
    a, b, c, d = width / 2, height / 2, width / 2 * EIGHTH, height / 2 * EIGHTH
    corners = ((-c, -b), (c, -b), (a, -d), (a, d), (c, b), (-c, b), (-a, d), (-a, -d))
    return " ".join(f"{number(x + right)},{number(y + down)}" for right, down in corners)


EIGHTH = 2**0.5 - 1
"""A side of a regular octagon, in parts of its width."""


def strip(x: float, y: float, width: float, height: float, theme: Theme) -> str:
    """Draw the ground of what is not finite, from ``x`` on around the middle ``y``."""
    return (
        f'<rect x="{number(x)}" y="{number(y - height / 2)}" width="{number(width)}" '
        f'height="{number(height)}" rx="2" fill="{theme.trouble.fill}"/>\n'
    )


def halo(line: str, x: float, y: float, size: float, ground: str, attributes: str = "") -> str:
    """Clear the ground below a label, where edges may pass."""
    return (
        f'<text x="{number(x)}" y="{number(y + size * BASELINE)}" font-size="{number(size)}" '
        f'fill="none"{attributes} stroke="{ground}" stroke-width="4" stroke-linejoin="round">'
        f"{escape(typeset(line))}</text>\n"
    )


def arrowhead(base: Point, tip: Point) -> str:
    """The three corners of an arrow's head."""
    dx, dy = (tip[0] - base[0]) * 0.4, (tip[1] - base[1]) * 0.4
    corners = ((base[0] - dy, base[1] + dx), tip, (base[0] + dy, base[1] - dx))
    return " ".join(f"{number(x)},{number(y)}" for x, y in corners)


def turned(points: tuple[Point, ...], tip: Point | None, length: float) -> tuple[str, Point]:
    """The path along control points to ``tip``, except for the last of its way from the other end.

    Returns it with where it now begins: there an arrowhead's base is that points back.
    """
    (x, y), (cx, cy) = points[:2]
    distance = hypot(cx - x, cy - y) or 1.0
    base = x + (cx - x) * length / distance, y + (cy - y) * length / distance
    end = f"L{number(tip[0])},{number(tip[1])}" if tip else ""
    return curve((base, *points[1:])) + end, base


@lru_cache(1 << 14)  # a film draws each of them again and again
def curve(points: tuple[Point, ...]) -> str:
    """The path along Bezier control points, of which there are 1 + 3n."""
    (x, y), *rest = points
    path = f"M{number(x)},{number(y)}"
    for i in range(0, len(rest), 3):
        path += "C" + " ".join(f"{number(x)},{number(y)}" for x, y in rest[i : i + 3])
    return path


def escape(text: str) -> str:
    """Text between two tags."""
    if "&" in text or "<" in text or ">" in text:  # a translation takes four times as long
        return text.translate(_ESCAPES)
    return text


def quote(text: str) -> str:
    """Text within an attribute's double quotes."""
    return text.translate(_QUOTES)


def number(value: float) -> str:
    """A coordinate with two digits at most, the same on every machine."""
    text = f"{value:.2f}"
    if text[-1] != "0":
        return text
    text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def exchanges() -> list[tuple[str, str, str]]:
    """List what makes the light theme dark: an attribute, its colour, the one instead of it.

    Attributes carry the light colours, so that a reader without style sheets has these.
    """
    light, dark = colours(THEMES["light"]), colours(THEMES["dark"])
    pairs = {(light[key], dark[key]) for key in light}
    return [(attribute, *pair) for attribute in ("fill", "stroke") for pair in sorted(pairs)]


SWITCHES = (
    '[data-theme="{}"]',  # Furo, pydata, Read the Docs with sphinx-rtd-dark-mode, Docusaurus
    '[data-bs-theme="{}"]',  # MkDocs' own theme, and others made with Bootstrap
    '[data-color-mode="{}"]',  # GitHub
    "html.{}",  # Tailwind and others
    "body.quarto-{}",
)
"""How sites say on an element around a picture that they are now dark, or light."""

MATERIAL = {"dark": '[data-md-color-scheme="slate"]', "light": '[data-md-color-scheme="default"]'}
"""How Material for MkDocs does."""


def _dark_style() -> str:
    """Exchange the colours where what is around it is dark: its site, or its reader's screen.

    A picture in a page follows the page. Of one that is a file of its own the browser knows whether
    the page that shows it is dark.
    """
    rules = [f".{DARK}:root{{color-scheme:light dark}}"]
    for scheme in MATERIAL:
        around = ",".join([MATERIAL[scheme], *(each.format(scheme) for each in SWITCHES)])
        rules.append(f":is({around}) .{DARK}{{color-scheme:{scheme}}}")
    rules += [
        f'.{DARK} [{what}="{light}"]{{{what}:light-dark({light},{dark})}}'
        for what, light, dark in exchanges()
    ]
    known = "color:light-dark(#000,#fff)"  # what does not know it stays light
    return f"<style>@supports ({known}) {{ {' '.join(rules)} }}</style>\n"
