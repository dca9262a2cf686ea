"""Values in full, as HTML: numbers, tables of small arrays, heat maps of large ones.

It knows neither nodes nor steps.
"""

from __future__ import annotations

import struct
from base64 import b64encode
from html import escape
from math import ceil

import numpy as np

from dzviz.graph.model import Value
from dzviz.graph.ranges import Range
from dzviz.options import Look
from dzviz.page import words
from dzviz.text.languages import say
from dzviz.text.numbers import number, sample_text, summary, value_text

MOST_CELLS = 64
"""Arrays of more elements are shown as a heat map."""

MOST_TILES = 64
"""A heat map has at most this many rows and columns; beyond, a tile is the mean of several
elements.
"""

LIGHT, DARK, ODD = (239, 246, 255), (23, 37, 84), (217, 45, 32)
"""The colours of the least element, of the greatest and of what is not finite: in grey, too, the
first is the lightest and the second the darkest."""

LEVELS = 32

WIDTH, LEAST_HEIGHT = 288, 16
"""The size of a heat map in pixels."""


def value_html(value: Value, look: Look) -> str:
    """Write a number or an array with all its digits, or as a picture and what it spans."""
    if isinstance(value, Range):
        sample = sample_text(value, look.precision)
        elements = f"\n<p><code>{words(sample)}</code></p>" if sample else ""
        return f"<p>{words(value_text(value, look))}</p>{elements}"
    if not np.ndim(value):
        return f"<p><code>{words(_exact(value))}</code></p>"
    if not value.size:
        return f"<p>{escape(str(value.shape))}, {say(look.lang, 'empty')}</p>"
    if value.size <= MOST_CELLS:
        return _table(value, look.lang)
    return _heat_map(value, look)


def _exact(value: Value) -> str:
    """Write a number with all digits that tell it from every other."""
    shorter, longer = number(value, 16), number(value, 17)
    return shorter if shorter in ("True", "False") or float(shorter) == value else longer


def _table(value: Value, lang: str) -> str:
    """Write an array row by row, each with its index where there are several."""
    rows = value.reshape(-1, value.shape[-1])
    indices = list(np.ndindex(value.shape[:-1]))
    lines = []
    for index, row in zip(indices, rows, strict=True):
        head = f'<th scope="row">{list(index)}</th>' if index else ""
        cells = "".join(f"<td>{words(_exact(element))}</td>" for element in row)
        lines.append(f"<tr>{head}{cells}</tr>\n")
    label = escape(say(lang, "values of shape {shape}", shape=value.shape))
    return (
        f'<div class="values" role="group" aria-label="{label}" tabindex="0">\n'
        f"<table>\n{''.join(lines)}</table></div>\n"
    )


def _heat_map(value: Value, look: Look) -> str:
    flat = np.asarray(value, float).reshape(-1, value.shape[-1])
    tiles, block = _tiles(flat)
    spans = summary(value, look)
    rows, columns = tiles.shape
    size = max(1, WIDTH // columns)
    text = (
        "{what}. Dark is high, red is not finite; each tile is one element."
        if block == (1, 1)
        else (
            "{what}. Dark is high, red is not finite; each tile is the mean of {rows} x "
            "{columns} elements."
        )
    )
    what = f"{value.shape}: {spans}"
    caption = say(look.lang, text, what=what, rows=block[0], columns=block[1])
    alt = say(look.lang, "Heat map, shape {shape}: {values}", shape=value.shape, values=spans)
    return (
        f'<figure><img src="data:image/bmp;base64,{b64encode(_bitmap(tiles)).decode()}" '
        f'width="{size * columns}" height="{max(LEAST_HEIGHT, size * rows)}" '
        f'alt="{escape(alt)}">\n'
        f"<figcaption>{words(caption)}</figcaption></figure>\n"
    )


def _tiles(values: Value) -> tuple[Value, tuple[int, int]]:
    """Return the means of blocks of a matrix, not finite where an element is not; a block's size.

    Blocks at the edges are smaller.
    """
    high, wide = (ceil(length / MOST_TILES) for length in values.shape)
    with np.errstate(all="ignore"):
        tiles, counts = values, np.ones_like(values)
        for axis, block in enumerate((high, wide)):
            starts = np.arange(0, values.shape[axis], block)
            tiles = np.add.reduceat(tiles, starts, axis=axis)
            counts = np.add.reduceat(counts, starts, axis=axis)
        return tiles / counts, (high, wide)


def _bitmap(tiles: Value) -> bytes:
    """Write a matrix as a bitmap of one byte a tile, which no compressor's version changes.

    Its format: https://learn.microsoft.com/windows/win32/gdi/bitmap-storage
    """
    finite = np.isfinite(tiles)
    low, high = (tiles[finite].min(), tiles[finite].max()) if finite.any() else (0.0, 1.0)
    scale = np.where(finite, tiles / 2 - low / 2, 0) / ((high / 2 - low / 2) or 1)
    levels = np.where(finite, np.rint(scale * (LEVELS - 1)), LEVELS).astype(np.uint8)
    rows, columns = levels.shape
    padding = np.zeros((rows, -columns % 4), np.uint8)
    pixels = np.hstack([levels, padding])[::-1].tobytes()  # from the bottom row upwards
    steps = np.linspace(LIGHT, DARK, LEVELS).round().astype(int).tolist()
    palette = b"".join(struct.pack("4B", blue, green, red, 0) for red, green, blue in [*steps, ODD])
    offset = 14 + 40 + len(palette)
    head = struct.pack("<2sIHHI", b"BM", offset + len(pixels), 0, 0, offset)
    info = struct.pack("<IiiHHIIiiII", 40, columns, rows, 1, 8, 0, len(pixels), 0, 0, LEVELS + 1, 0)
    return head + info + palette + pixels
