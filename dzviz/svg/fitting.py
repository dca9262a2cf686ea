"""A picture for a frame: the direction, style, spacing and rows that give the largest text.

Each is placed and measured; it knows nothing of how they are placed or drawn.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from dzviz.graph.duplicates import spread
from dzviz.graph.model import Graph
from dzviz.options import FRAMES, UNITS, Layout, Look
from dzviz.records import NamedTuple
from dzviz.svg import canvas as still
from dzviz.svg import timeline as film
from dzviz.svg.primitives import number as n

STYLES = ("boxes", "merged")
"""The styles that say the same of every graph, of which one may be taken for the other."""

MOST_ROWS = 6

ENOUGH = 28 / 11
"""Text of 28 points is large; for a larger one nothing else is taken than what was asked for."""

BETTER = 1.02
"""What is tried later has to have text so much larger to be taken."""


class Fitted(NamedTuple):
    """How the picture of a graph fits best: the options for it, and how large its text then is."""

    look: Look
    layout: Layout
    note: str


def fitted(graph: Graph, look: Look, layout: Layout, *, moves: bool = False) -> Fitted:
    """Find what has the largest text when it is scaled into the frame that ``look`` asks for.

    ``moves`` is for a film, of which all steps have one size. What ``layout`` has as ``fixed``
    stays as it is.

    Raises:
        LayoutError: No engine could place the nodes.
    """
    wide, high, what = frame_of(look.fit)
    plain = replace(look, fit="", scale=1.0, font_size=Look().font_size)
    layout = replace(layout, known={})
    best, largest = (plain, layout), 0.0
    for tried, placing in _ways(plain, layout):
        for rows in range(1, MOST_ROWS + 1):
            wrapping = replace(placing, rows=rows)
            _, _, width, height = _box(graph, tried, wrapping, moves=moves)
            scales = wide / width, high / height
            if min(ENOUGH, *scales) > largest * BETTER:
                best, largest = (tried, wrapping), min(scales)
            along, across = scales if tried.rank_dir == "LR" else scales[::-1]
            if along >= across:  # it is not too long for the frame
                break
    chosen = replace(best[0], scale=largest)
    return Fitted(chosen, best[1], _note(graph, chosen, best[1], what, moves=moves))


def frame_of(text: str) -> tuple[float, float, str]:
    """Return a frame's width and height in points, and what it is called."""
    if text in FRAMES:
        return FRAMES[text]
    width, height, unit = re.fullmatch(UNITS, text).groups()  # type: ignore[union-attr]
    each = {"": 1.0, "pt": 1.0, "px": 0.75, "mm": 72 / 25.4, "cm": 72 / 2.54, "in": 72.0}[unit]
    return float(width) * each, float(height) * each, f"{width} x {height} {unit or 'pt'}"


def _ways(look: Look, layout: Layout) -> Iterator[tuple[Look, Layout]]:
    """Yield what to try, first what was asked for."""
    styles = [look.style]
    if "style" not in layout.fixed and look.style in STYLES:
        styles += [style for style in STYLES if style != look.style]
    directions = [look.rank_dir]
    if "rank_dir" not in layout.fixed:
        directions.append("LR" if look.rank_dir == "TB" else "TB")
    for style in styles:
        for direction in directions:
            for tight in (False, True):
                way = replace(look, style=style, rank_dir=direction)
                yield way, replace(layout, tight=tight)


def _box(
    graph: Graph, look: Look, layout: Layout, *, moves: bool
) -> tuple[float, float, float, float]:
    """Return the box of a picture, or of the steps of a film."""
    if moves:
        return film.size(graph, look, layout)
    return still.canvas(spread(graph), look, layout).box


def _note(graph: Graph, look: Look, layout: Layout, what: str, *, moves: bool) -> str:
    """Say how large the text is, and by what."""
    sheet = still.canvas(spread(graph)._replace(film=moves), look, layout)
    texts = "".join(part for _, part in sheet.parts(spread(graph)))
    sizes: Counter[float] = Counter()
    for size, words in re.findall(r'font-size="([\d.]+)"[^>]*>([^<]*)<', texts):
        sizes[float(size)] += len(words)
    if not sizes:
        return f"the picture has no text for {what}"
    usual, least = max(sizes, key=lambda size: (sizes[size], size)), min(sizes)
    smallest = f", the smallest {_points(least * look.scale)}" if least < usual else ""
    ways = f"--style {look.style} --rank-dir {look.rank_dir}"
    rows = "columns" if look.rank_dir == "TB" else "rows"
    ways += f", in {layout.rows} {rows}" if layout.rows > 1 else ""
    return f"text is {_points(usual * look.scale)} on {what}{smallest} ({ways})"


def _points(size: float) -> str:
    return f"{n(round(size, 1))} pt"
