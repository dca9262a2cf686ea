"""Several pictures as one: beside each other, or one above the other where they are long."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dzviz.options import Look
from dzviz.records import NamedTuple
from dzviz.svg import primitives as pen
from dzviz.svg.primitives import number as n

GAP = 24.0
"""Between two pictures, in points."""

SHAPE = 16 / 9
"""The shape to which that of all comes near."""


class _Part(NamedTuple):
    """What is drawn in a picture, and its box."""

    content: str
    left: float
    top: float
    width: float
    height: float


def joined(pictures: Sequence[str], look: Look, title: str, description: str) -> str:
    """Put pictures of ours, as SVG, into one of the same scale, each in the middle of its place."""
    parts = [_part(svg) for svg in pictures]
    across = sum(p.width for p in parts) + GAP * (len(parts) - 1), max(p.height for p in parts)
    down = max(p.width for p in parts), sum(p.height for p in parts) + GAP * (len(parts) - 1)
    ratios = [max(wide / high / SHAPE, SHAPE * high / wide) for wide, high in (across, down)]
    beside = ratios[0] <= ratios[1]
    width, height = across if beside else down
    written = [*pen.page(look, title, description, 0.0, 0.0, width, height)]
    x = y = 0.0
    for part in parts:
        dx = x if beside else (width - part.width) / 2
        dy = (height - part.height) / 2 if beside else y
        place = f"{n(dx - part.left)},{n(dy - part.top)}"
        written.append(f'<g transform="translate({place})">\n{part.content}</g>\n')
        x, y = x + part.width + GAP, y + part.height + GAP
    return "".join([*written, "</svg>\n"])


def _part(svg: str) -> _Part:
    root = re.search(r'<svg\b[^>]*viewBox="([^"]*)"[^>]*>', svg)
    assert root is not None
    left, top, width, height = map(float, root[1].split())
    content = svg[root.end() : svg.rindex("</svg>")].lstrip("\n")
    content = re.sub(r"^<title>.*?</title>\n<desc>.*?</desc>\n", "", content, flags=re.DOTALL)
    return _Part(content, left, top, width, height)
