"""Rows of text as aligned columns, for terminals; wide characters count as two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wcwidth import wcswidth


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Write each row as a line, its cells two spaces apart below those above."""
    widths = [max(_width(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = (
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip() + "\n"


def _width(text: str) -> int:
    return max(wcswidth(text), 0)
