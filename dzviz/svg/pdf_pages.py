"""PDF: SVGs of ours as pages of lines and text, by svglib and reportlab.

It knows nothing of graphs. Text is set in Open Sans, which goes into the file, and a line that
Open Sans cannot set in one other font.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Mapping
from importlib import import_module
from io import BytesIO
from types import MappingProxyType
from typing import Any

from dzviz.budget import timed
from dzviz.errors import LayoutError, pip_install
from dzviz.svg import fonts
from dzviz.text.primes import with_orders
from dzviz.text.typeset import PLAIN


def pdf(*svgs: str, font: str | None = None) -> bytes:
    """Turn SVGs of ours into a PDF, each a page of its size; the first gives the title.

    ``font`` is a file that is asked first for lines that Open Sans cannot set.

    Raises LayoutError when the extra ``pdf`` is not installed, or no font can set a line.
    """
    try:
        # By name, since they have no types to check against.
        svglib = import_module("svglib.svglib")
        canvas = import_module("reportlab.pdfgen.canvas")
        renderer = import_module("reportlab.graphics.renderPDF")
    except ImportError as error:
        hint = pip_install('"dzviz[pdf]"')
        raise LayoutError(f"PDF needs svglib and reportlab ({error})", hint=hint) from None
    _silence("svglib")
    file = BytesIO()
    # Without a first font, the pages name Helvetica, which would not be in the file.
    first = _register(fonts.open_sans())
    # Invariant: neither the clock nor chance goes into the file.
    pages = canvas.Canvas(file, invariant=1, initialFontName=first)
    for number, svg in enumerate(timed(svgs)):
        plain = with_orders(svg)  # svglib cannot raise a part of a line, and no font has brackets
        root = svglib.load_svg_file(BytesIO(plain.encode()))
        if root is None:
            raise ValueError("this is not SVG")
        if not number:
            pages.setTitle(root.findtext(f"{_SVG}title") or "")
        _name_substitutes(root, font)
        drawing = svglib.SvgRenderer("", font_map=_FontMap()).render(root)
        drawing.initialFontName = first
        pages.setPageSize((drawing.width, drawing.height))
        renderer.draw(drawing, pages, 0, 0)
        pages.showPage()
    pages.save()
    return file.getvalue()


_SVG = "{http://www.w3.org/2000/svg}"


def _silence(name: str) -> None:
    """Keep a library's log off the terminal, where it would be printed for want of a handler."""
    logger = logging.getLogger(name)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _name_substitutes(root: Any, font: str | None) -> None:
    """Name a font of its own at each line that Open Sans cannot set."""
    if font is not None:
        next(fonts.substitutes(font))  # Complain of a wrong file, needed or not.
    for line in root.iter(f"{_SVG}text"):
        for part in line.iter():  # reportlab does not compose "e" and an accent itself.
            part.text = unicodedata.normalize("NFC", part.text or "")
        text = "".join(line.itertext())
        bold = line.get("font-weight") == "bold"
        if fonts.lacking(text):
            line.set("font-family", _register(_substitute(text, font, bold=bold)))
        elif drawn := _drawn(text):
            path = fonts.open_sans("Bold" if bold else "Regular")
            line.set("font-family", _register(path, drawn))
            for part in line.iter():
                part.text = (part.text or "").translate({ord(v): k for k, v in drawn.items()})


def _drawn(text: str) -> dict[str, str]:
    """Return which characters of a keyboard are to be drawn as which signs of a line.

    So who copies or searches finds what can be typed. Of a line that has both, the sign stays.
    """
    signs = sorted(set(text) & {chr(code) for code in PLAIN})
    found = {sign.translate(PLAIN): sign for sign in signs}
    return {
        key: sign
        for key, sign in found.items()
        if key not in text and sum(other.translate(PLAIN) == key for other in signs) == 1
    }


def _substitute(text: str, font: str | None, *, bold: bool = False) -> str:
    """Find one font for all of a text: reportlab does not go from font to font in a line."""
    missing = lacking = fonts.lacking(text)
    for candidate in fonts.substitutes(font, bold=bold):
        lacks = candidate.lacks(text) if candidate.truetype else missing
        if not lacks:
            return candidate.path
        missing = missing & lacks
    raise fonts.cannot_set(missing or lacking, kind="single TrueType font")


class _FontMap:
    """What svglib asks for fonts: ours, whatever family the SVG names."""

    def find_font(
        self, family: str, weight: str = "normal", style: str = "normal"
    ) -> tuple[str, bool]:
        if family.startswith(_PREFIX):
            return family, True
        name = ("Bold" if weight == "bold" else "") + ("Italic" if style == "italic" else "")
        return _register(fonts.open_sans(name or "Regular")), True


def _register(path: str, drawn: Mapping[str, str] = MappingProxyType({})) -> str:
    """Make a font known to reportlab and return its name there.

    ``drawn`` are characters that it draws as others.
    """
    metrics = import_module("reportlab.pdfbase.pdfmetrics")
    name = _PREFIX + re.sub(r"\W", "_", path) + "".join(f"{ord(c):x}" for c in drawn.values())
    if name not in metrics.getRegisteredFontNames():
        ttfonts = import_module("reportlab.pdfbase.ttfonts")
        try:
            font = ttfonts.TTFont(name, path)
        except (ttfonts.TTFError, OSError) as error:
            reason = getattr(error, "strerror", None) or error
            raise LayoutError(f"the font {path!r} cannot be used ({reason})") from None
        for key, sign in drawn.items():
            font.face.name += f"-{ord(sign):x}".encode()  # reportlab writes a name into a file once
            for table in (font.face.charToGlyph, font.face.charWidths):
                table[ord(key)] = table[ord(sign)]
        metrics.registerFont(font)
    return name


_PREFIX = "dzviz:"
