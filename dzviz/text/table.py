"""Rows of text as aligned columns, for terminals; wide characters count as two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def aligned(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Write each row as a line, its cells two spaces apart below those above.

    The rows are gone through twice: first for the widths of the columns.
    """
    widths: list[int] = []
    for row in rows:
        widths = [max(pair) for pair in zip(widths or [0] * len(row), map(width, row), strict=True)]
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
