"""Text made harmless, counts and lists: the small change of sentences."""

from __future__ import annotations

from collections.abc import Iterable

MAX_NAME = 200
"""Longer names are cut: dot refuses strings past 16 KB, and a reader gives up long before."""

MOST_NAMES = 6
"""So many names are told one by one."""


def on_one_line(lines: Iterable[str]) -> str:
    """Join what the lines of a label say: ``data 9, grad None (was -7.788)``."""
    return ", ".join(lines).replace(", (was ", " (was ")


def listed(names: Iterable[str], separator: str) -> str:
    """Join names, of many only the first two and the last one."""
    few = list(names)
    if len(few) > MOST_NAMES:
        few[2:-1] = ["..."]
    return separator.join(few)


def clean(text: str | None, length: int = MAX_NAME) -> str:
    """Make text harmless on one line: no control characters, no lone surrogates, not too long."""
    if not text:
        return ""
    if len(text) > length:
        text = f"{text[: length - 3]}..."
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in text)


def plural(count: int, word: str) -> str:
    """Write ``1 node``, ``2 nodes``."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def grouped(count: int) -> str:
    """Write a count with its digits in groups: ``9999``, ``10 000``."""
    return f"{count:,}".replace(",", " ") if count >= 10_000 else str(count)


def counted(count: int, *, of: int) -> str:
    """Write ``11 of 20 001 nodes``."""
    return f"{grouped(count)} of {grouped(of)} nodes"


def times(count: int) -> str:
    """Write how often: ``1000 times``."""
    return f"{grouped(count)} times"


def wrap(text: str, width: int) -> list[str]:
    """Break a long text at spaces where that can be done."""
    lines = []
    while len(text) > width:
        cut = text.rfind(" ", width // 2, width)
        cut = width if cut < 0 else cut + 1
        lines.append(text[:cut].rstrip())
        text = text[cut:]
    return [*lines, text]


def ordinal(order: int) -> str:
    """Write ``first``, ``second``, ``4th``."""
    words = ("zeroth", "first", "second", "third")
    return words[order] if order < len(words) else f"{order}th"
