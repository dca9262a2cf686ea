"""Names that differ only in numbers between dots, as those of layers do: ``layers.0..5.weight``.

It knows nothing of graphs.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod


def pattern(name: str) -> str:
    """Return a name with a star for each number between its dots."""
    return ".".join("*" if part.isdigit() else part for part in name.split("."))


def together(names: Sequence[str]) -> str:
    """Write names of one pattern as one: with ranges if these are all of them, else with stars."""
    parts = [name.split(".") for name in names]
    columns = [list(dict.fromkeys(column)) for column in zip(*parts, strict=True)]
    if len(names) == 1:
        return names[0]
    if prod(map(len, columns)) == len(names) and all(map(_in_a_row, columns)):
        return ".".join(
            c[0] if len(c) == 1 else f"{min(c, key=int)}..{max(c, key=int)}" for c in columns
        )
    return ", ".join(names) if len(names) <= 3 else f"{pattern(names[0])} ({len(names)})"


def _in_a_row(column: Sequence[str]) -> bool:
    if len(column) == 1:
        return True
    numbers = sorted(map(int, column))
    return numbers == list(range(numbers[0], numbers[-1] + 1))
