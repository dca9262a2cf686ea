"""Rows of text as aligned columns, for terminals; wide characters count as two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Write each row as a line, its cells two spaces apart below those above."""
    widths = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = (cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip() + "\n"


def width(text: str) -> int:
    """Return how many columns a terminal needs for a text without control characters."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth  # loading its tables takes 95 ms

    columns: int = wcswidth(text)
    return columns if columns >= 0 else len(text)
