"""PNG: an SVG of ours in pixels, by resvg.

It knows nothing of graphs. Text is set in Open Sans, whatever the machine has; another font is
looked for only where Open Sans lacks a character.
"""

from __future__ import annotations

import math
import re
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any

from dzviz.budget import check_time, seconds_left
from dzviz.errors import LayoutError, pip_install
from dzviz.layout import process
from dzviz.svg import fonts

#: A picture has at most this many pixels (they take a third of a GiB) and is at most this long.
#: A larger one is drawn at a smaller zoom, down to where its text can just be read.
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 65_000
LEAST_ZOOM = 0.5


def png(
    svg: str, *, zoom: float = 2.0, font: str | None = None, background: str | None = "white"
) -> bytes:
    """Draw an SVG of ours as PNG, with ``zoom`` pixels a CSS pixel (1/96 inch).

    ``font`` is a file that is asked first for characters that Open Sans lacks. ``background`` is
    what the SVG stands on; None leaves it transparent.

    Raises LayoutError when no font has a character, or the picture is too large.
    """
    if re.search(r"<(\w+:)?(fe)?image\b", svg, re.IGNORECASE):
        raise ValueError("an image in an SVG could be any file on the machine")
    svg = fonts.with_raised_orders(svg)
    others = _substitutes(svg, font)
    svg = _with_bold(svg, others)
    width, height = size(svg)
    zoom = _fitting_zoom(width, height, zoom)
    options = {
        "background": background,
        "dpi": 96,
        "zoom": zoom,
        "skip_system_fonts": True,
        "font_files": [*map(fonts.open_sans, _STYLES), *(other.path for other in others)],
        # A substitute may be a font that the SVG names (Arial); it must not set all the rest.
        "style_sheet": "* { font-family: 'Open Sans' }",
    }
    if width * height * zoom**2 > _QUICK_PIXELS or len(svg) > _QUICK_LENGTH:
        return _draw_apart(svg, options)
    return _draw(svg, options)


def size(svg: str) -> tuple[float, float]:
    """Return the size in CSS pixels; the root element gives it in points or in pixels."""
    root = re.search(r"<svg\b[^>]*>", svg)
    sides = [
        float(number) * (96 / 72 if unit == "pt" else 1)
        for side in ("width", "height")
        for number, unit in re.findall(rf'\s{side}="([\d.]+)(pt|px|)"', root[0] if root else "")
    ]
    if len(sides) != 2:
        raise ValueError("this is not SVG with a width and a height")
    width, height = sides
    return width, height


_STYLES = ("Regular", "Bold", "Italic", "BoldItalic")

# While resvg draws, Ctrl-C is not heard, and where memory ends it takes its process along. Up to
# this size it is done within half a second (40 ns a pixel, 0.5 ms a line of text).
_QUICK_PIXELS = 5_000_000
_QUICK_LENGTH = 100_000


def _draw(svg: str, options: dict[str, Any]) -> bytes:
    try:
        import resvg_py
    except ImportError as error:
        hint = pip_install("--force-reinstall resvg-py")
        raise LayoutError(f"resvg cannot be loaded ({error})", hint=hint) from None
    try:
        return resvg_py.svg_to_bytes(svg_string=svg, **options)
    except ValueError as error:
        raise LayoutError(f"the picture could not be drawn ({error})") from None


def _draw_apart(svg: str, options: dict[str, Any]) -> bytes:
    """Draw in a process of its own, which can be interrupted."""
    command = [sys.executable, "-P", "-c", _CHILD, repr(options)]
    try:
        data = process.run(command, svg.encode(), seconds_left(_PATIENCE))
    except (LayoutError, TimeoutError) as error:
        check_time()
        reason = str(error) or f"it took longer than {_PATIENCE:g} s"
        raise LayoutError(f"the picture could not be drawn ({reason})") from None
    if not (data.startswith(_FIRST) and data.endswith(_LAST)):
        raise LayoutError("the picture could not be drawn (the PNG is incomplete)")
    return data


_FIRST, _LAST = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
_PATIENCE = 600.0
_CHILD = """
import ast, sys, resvg_py
svg = sys.stdin.buffer.read().decode()
options = ast.literal_eval(sys.argv[1])
sys.stdout.buffer.write(resvg_py.svg_to_bytes(svg_string=svg, **options))
"""


def _fitting_zoom(width: float, height: float, zoom: float) -> float:
    most = min(math.sqrt(MOST_PIXELS / (width * height)), LONGEST_SIDE / max(width, height))
    if most < min(zoom, LEAST_ZOOM):
        raise LayoutError(
            f"the picture is too large for PNG: {width:.0f} x {height:.0f} pixels",
            hint="draw less with --fold always or --focus NAME, or write it as SVG, which has no "
            "size limit: -o FILE.svg",
        )
    return min(zoom, most)


def _substitutes(svg: str, font: str | None) -> list[fonts.Font]:
    """Find the fonts that set what Open Sans cannot."""
    missing = fonts.lacking(_text(svg)) if not svg.isascii() or "&#" in svg else set()
    if not missing and font is None:
        return []
    used = []
    for candidate in fonts.substitutes(font):
        still_missing = candidate.lacks(missing)
        if len(still_missing) < len(missing):
            used.append(candidate)
        missing = still_missing
        if not missing:
            return used
    raise fonts.cannot_set(missing)


def _with_bold(svg: str, others: Sequence[fonts.Font]) -> str:
    """Draw what is bold bold where only another font has it, of which resvg takes any weight.

    It sets all of a line in a font that has all of it.
    """
    if svg.isascii():
        return svg

    def line(found: re.Match[str]) -> str:
        head, words = found[1], re.sub("<[^>]*>", "", found[0])
        usual, fill = (re.search(rf'{name}="([^"]+)"', head) for name in ("font-size", "fill"))
        missing = fonts.lacking(words) if usual and fill and fill[1] != "none" else set()
        if not missing or not usual or not fill:
            return found[0]
        whole = any(not other.lacks(words) for other in others)
        which = ".+" if whole else f"[{re.escape(''.join(sorted(missing)))}]+"

        def piece(found: re.Match[str]) -> str:
            size = re.search('font-size="([^"]+)"', found[1]) or usual
            stroke = f'stroke="{fill[1]}" stroke-width="{float(size[1]) * BOLDER:.2f}"'
            return found[1] + re.sub(which, rf"<tspan {stroke}>\g<0></tspan>", found[2])

        return re.sub("(<[^>]*>)([^<]+)", piece, found[0])

    return re.sub(r'(<text [^>]*font-weight="bold"[^>]*>).*?</text>', line, svg, flags=re.DOTALL)


BOLDER = 0.045
"""So thick a line around characters, in font sizes, makes them as heavy as bold ones."""


def _text(svg: str) -> str:
    """Return the text that is drawn: not the titles, which may say more."""
    from xml.etree import ElementTree

    texts = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    # Composed, as the shaper looks for it: "e" and an accent as one character.
    return unicodedata.normalize("NFC", "".join("".join(text.itertext()) for text in texts))
