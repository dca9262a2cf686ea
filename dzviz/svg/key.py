"""The key of a picture as SVG: a swatch or a word for each mark, and what it means, in rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from dzviz.options import Look
from dzviz.records import NamedTuple
from dzviz.styles.appearance import Appearance, marked
from dzviz.styles.strokes import BANDS, WIDTHS
from dzviz.svg import primitives as pen
from dzviz.svg.primitives import number as n
from dzviz.text.key import Mark
from dzviz.text.languages import say
from dzviz.text.metrics import text_width
from dzviz.themes import Theme

SIZE = 9.0
"""The size of text in points."""

ROW, GAP, INNER = 16.0, 14.0, 4.0
"""The height of a row, the room between marks, and between a mark and what it means."""

SWATCH = (20.0, 10.0)
NARROWEST = 330.0
"""Rows of narrow pictures are as long as that."""


class Key(NamedTuple):
    """A key in rows below one another, with the size of all of them."""

    rows: tuple[tuple[Mark, ...], ...]
    width: float
    height: float

    def draw(self, x: float, y: float, look: Look) -> str:
        """Draw it with its rows centred at ``x``, from ``y`` on."""
        parts = [f'<g role="group" aria-label="{say(look.lang, "key")}">\n']
        for i, row in enumerate(self.rows):
            left = x - _length(row) / 2
            middle = y + (i + 0.5) * ROW
            for mark in row:
                parts.append(_entry(mark, left, middle, look))
                left += _wide(mark) + GAP
        return "".join([*parts, "</g>\n"]) if self.rows else ""


def key(marks: Sequence[Mark], widest: float) -> Key:
    """Arrange marks in rows that are no wider than a picture."""
    rows: list[list[Mark]] = []
    for mark in marks:
        if rows and _length([*rows[-1], mark]) <= max(widest, NARROWEST):
            rows[-1].append(mark)
        else:
            rows.append([mark])
    across = max(map(_length, rows), default=0.0)
    return Key(tuple(map(tuple, rows)), across, len(rows) * ROW)


def _length(row: Sequence[Mark]) -> float:
    return sum(map(_wide, row)) + GAP * (len(row) - 1)


def _wide(mark: Mark) -> float:
    return _sample(mark) + INNER + text_width(mark.text, SIZE)


def _sample(mark: Mark) -> float:
    """Return the width of what stands before the text."""
    drawn = SWATCH[0] if mark.swatch in _DRAW else 0.0
    if mark.swatch.startswith("order"):
        drawn = SWATCH[1]
    if mark.swatch == "share":
        drawn = pen.FLOW + 3
    named = not drawn or mark.swatch == "share" or mark.swatch.startswith("order")
    word = text_width(mark.word, SIZE, bold=mark.swatch != "share") if named else 0.0
    return drawn + word + (INNER if drawn and word and mark.swatch != "share" else 0.0)


def _entry(mark: Mark, x: float, y: float, look: Look) -> str:
    theme = look.colours
    parts = [f"<g>\n<title>{pen.escape(mark.words)}</title>\n"]
    sample = _sample(mark)
    colour, word = theme.quiet, x
    if mark.swatch in _DRAW:
        parts.append(_DRAW[mark.swatch](x, y, theme))
    elif mark.swatch.startswith("order"):
        order = int(mark.swatch.split()[1])
        paint = theme.functions[order % len(theme.functions)]
        middle = x + SWATCH[1] / 2
        parts.append(
            f'<ellipse cx="{n(middle)}" cy="{n(y)}" rx="{n(SWATCH[1] / 2)}" '
            f'ry="{n(SWATCH[1] / 2)}" fill="{paint.fill}" stroke="{paint.line}"/>\n'
        )
        word = x + SWATCH[1] + INNER
    elif mark.swatch == "share":
        colour = theme.contribution
        parts.append(pen.flow(x, y, colour, down=look.rank_dir == "TB"))
        word = x + pen.FLOW + 3
    if mark.swatch not in _DRAW:
        bold = mark.swatch != "share"
        parts.append(pen.text([mark.word], word, y, SIZE, colour, bold=bold, anchor="start"))
    parts.append(pen.text([mark.text], x + sample + INNER, y, SIZE, theme.quiet, anchor="start"))
    return "".join([*parts, "</g>\n"])


def _box(x: float, y: float, look: Appearance) -> str:
    inset = pen.weight(look) / 4 if look.double else 0.0
    wide, high = SWATCH[0] - 2 * inset, SWATCH[1]
    place = f'x="{n(x + inset)}" y="{n(y - high / 2)}" width="{n(wide)}" height="{n(high)}"'
    return pen.outline(f'rect {place} rx="{3 if look.rounded else 0}"', look)


def _moment(x: float, y: float, mark: str, theme: Theme) -> str:
    return _box(x, y, marked(Appearance(theme.intermediate), mark, theme))


def _line(x: float, y: float, theme: Theme) -> str:
    tip = x + SWATCH[0]
    head = pen.arrowhead((tip - 7, y), (tip, y))
    return (
        f'<path d="M{n(x)},{n(y)}H{n(tip - 7)}" fill="none" stroke="{theme.edge}" '
        f'stroke-dasharray="4 3"/>\n<polygon points="{head}" fill="{theme.edge}"/>\n'
    )


def _flow(x: float, y: float, theme: Theme, band: int) -> str:
    tip, colour = x + SWATCH[0], BANDS[band].colour(theme)
    wide = WIDTHS[0] + (WIDTHS[1] - WIDTHS[0]) * band / (len(BANDS) - 1)
    head = pen.arrowhead((tip - 7, y), (tip, y))
    return (
        f'<path d="M{n(x)},{n(y)}H{n(tip - 7)}" fill="none" stroke="{colour}" '
        f'stroke-width="{n(wide)}"/>\n<polygon points="{head}" fill="{colour}"/>\n'
    )


def _bad(x: float, y: float, theme: Theme) -> str:
    strip = pen.strip(x, y, SWATCH[0], SWATCH[1] + 2, theme)
    return strip + pen.text(["NaN"], x + SWATCH[0] / 2, y, 8.0, theme.trouble.line, bold=True)


_DRAW: dict[str, Callable[[float, float, Theme], str]] = {
    "released": lambda x, y, theme: _box(x, y, Appearance(theme.released, dashed=True)),
    "output": lambda x, y, theme: _box(x, y, Appearance(theme.variable, bold=True)),
    "constant": lambda x, y, theme: _box(x, y, Appearance(theme.constant, rounded=False)),
    "origin": lambda x, y, theme: (
        f'<polygon points="{pen.octagon(x + SWATCH[0] / 2, y, SWATCH[0], SWATCH[1] + 2)}" '
        f"{pen.paint(Appearance(theme.trouble, bold=True))}/>\n"
    ),
    "origin box": lambda x, y, theme: _box(x, y, Appearance(theme.trouble, bold=True)),
    "frame": lambda x, y, theme: (
        f'<rect x="{n(x)}" y="{n(y - SWATCH[1] / 2)}" width="{n(SWATCH[0])}" '
        f'height="{n(SWATCH[1])}" rx="3" fill="none" stroke="{theme.frame}" stroke-width="2"/>\n'
    ),
    "later": _line,
    **{band.mark.swatch: partial(_flow, band=i) for i, band in enumerate(BANDS)},
    "active": lambda x, y, theme: _moment(x, y, "active", theme),
    "waiting": lambda x, y, theme: _moment(x, y, "waiting", theme),
    "ahead": lambda x, y, theme: _moment(x, y, "ahead", theme),
    "bad": _bad,
}
"""How each swatch is drawn, from its left end and its middle."""
