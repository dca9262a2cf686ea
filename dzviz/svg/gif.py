"""GIF: a film in pixels, for places that can only show images."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module
from io import BytesIO
from typing import Any

from dzviz.budget import timed
from dzviz.errors import LayoutError, pip_install
from dzviz.graph.model import Graph
from dzviz.options import Layout, Look
from dzviz.svg import raster
from dzviz.svg.timeline import Timeline, film, frames, seconds

WIDTH = 1600
"""The largest width in pixels of a small graph, and of a large one if the text allows it."""

MOST_PIXELS = 200_000_000
"""All frames together have at most this many: each takes a byte in memory while Pillow writes."""

COLOURS = 256

NEAR = 9
"""Colours that differ by less in each of red, green and blue are neighbours."""


def write(graph: Graph, look: Look, layout: Layout) -> Iterator[bytes]:
    """Write a graph whose events were recorded as a GIF that plays for ever, on white.

    Raises:
        LayoutError: No engine could place the nodes, there are too many steps or pixels, or the
            extra ``gif`` is not installed.
    """
    _pillow()
    return written(film(graph, look, layout), layout)


def _pillow() -> Any:
    try:
        return import_module("PIL.Image")
    except ImportError as error:
        hint = pip_install('"dzviz[gif]"')
        raise LayoutError(f"GIF needs pillow ({error})", hint=hint) from None


def written(film: Timeline, layout: Layout) -> Iterator[bytes]:
    """Write a film.

    Raises:
        LayoutError: There are too many pixels, or the extra ``gif`` is not installed.
    """
    image = _pillow()
    count = len(film.steps)
    zoom = _zoom(*raster.size(next(frames(film))), count)
    images: list[bytes] = []  # as PNG: in pixels all of them would take four bytes each
    counts: Counter[tuple[int, ...]] = Counter()
    for svg in frames(film):
        images.append(raster.png(svg, zoom=zoom, font=layout.font))
        frame = image.open(BytesIO(images[-1])).convert("RGB")
        counts.update({colour: often for often, colour in frame.getcolors(1 << 20)})
    return iter([_gif(image, images, counts, seconds(count, film.canvas.look))])


def _zoom(width: float, height: float, count: int) -> float:
    """Choose the pixels a CSS pixel: two, as in a PNG, for what is small."""
    zoom = min(2.0, max(1.0, WIDTH / width))
    zoom = min(zoom, math.sqrt(MOST_PIXELS / (count * width * height)))
    if zoom < raster.LEAST_ZOOM:
        raise LayoutError(
            f"the film is too large for GIF: {count} frames of {width:.0f} x {height:.0f} pixels",
            hint="let a browser play it: -o film.svg --animate; or write each step: --frames DIR",
        )
    return zoom


def _apart(colours: Iterable[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Choose the first colours that are no neighbours: Pillow takes one of these for the other."""
    chosen: list[tuple[int, ...]] = []
    for colour in colours:
        if all(max(abs(a - b) for a, b in zip(colour, c, strict=True)) >= NEAR for c in chosen):
            chosen.append(colour)
        if len(chosen) == COLOURS:
            break
    return chosen


def _gif(
    image: Any, images: list[bytes], counts: Counter[tuple[int, ...]], stay: list[float]
) -> bytes:
    """Put frames together under one palette: their most frequent colours, and no dots between.

    These are 99.9 % of all pixels; the others are at the edges of letters.
    """
    colours = _apart(colour for colour, _ in counts.most_common())
    palette = image.new("P", (1, 1))
    palette.putpalette([part for colour in colours for part in colour])
    pixels = (
        image.open(BytesIO(frame))
        .convert("RGB")
        .quantize(palette=palette, dither=image.Dither.NONE)
        for frame in timed(images)
    )
    first = next(pixels)
    file = BytesIO()
    first.save(
        file,
        "GIF",
        save_all=True,
        append_images=pixels,  # one at a time
        duration=[round(each * 100) * 10 for each in stay],  # GIF counts in hundredths
        loop=0,
    )
    return file.getvalue()
