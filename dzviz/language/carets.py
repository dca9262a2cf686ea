"""An error -> the lines that show it: the place underlined, the way out below.

Knows how wide characters are and which ones a terminal must not get. It does not know where the
lines go, nor what went wrong.
"""

from __future__ import annotations

from typing import Final

from dzviz.errors import DzvizError, Place
from dzviz.language.tokens import NEWLINE
from dzviz.text.table import width

WIDTH: Final = 76
"""How many columns of the user's text are shown; a longer line is cut around the place."""

LENGTH: Final = 2_000
"""How many characters a message may have, and a hint; a longer one is cut in the middle."""


def explain(error: DzvizError, where: str = "") -> str:
    """Return the whole message, without a newline at its end; ``where`` is a file and its line.

    >>> from dzviz.errors import ExpressionError, Place
    >>> place = Place("日本 + sinn(x)", 5, 9)
    >>> print(explain(ExpressionError("unknown function", place=place, hint="did you mean sin?")))
    dzviz: error: unknown function (column 6)
      日本 + sinn(x)
             ^^^^
    hint: did you mean sin?
    """
    lines = [f"dzviz: error: {visible(f'{where}: ' if where else '')}{_short(str(error))}"]
    if error.place is not None and error.place.text.strip():
        lines[0] += f" ({position(error.place)})"
        lines += ["  " + line for line in underlined(error.place)]
    if error.hint is not None:
        lines.append(f"hint: {_short(error.hint)}")
    return "\n".join(lines)


def _short(text: str) -> str:
    """Return one line that is safe, and no longer than somebody reads; names may be endless."""
    if len(text) > LENGTH:
        text = f"{text[: LENGTH * 2 // 3]}...{text[-LENGTH // 3 :]}"
    return visible(text)


def position(place: Place) -> str:
    """Say where a place begins: its column, counted from 1, and if needed its line."""
    line, start, _ = _line(place)
    column = f"column {place.start - start + 1}"
    return f"line {line}, {column}" if NEWLINE.search(place.text.rstrip()) else column


def underlined(place: Place) -> tuple[str, str]:
    """Return the place's line as it can be shown, and the carets to stand below it."""
    _, start, end = _line(place)
    stop = max(place.start, min(place.end, end))
    parts = place.text[start : place.start], place.text[place.start : stop], place.text[stop:end]
    before, inside, after = _window(*(visible(part) for part in parts))
    carets = " " * width(before) + "^" * max(width(inside), 1)
    return (before + inside + after).rstrip(), carets


def visible(text: str) -> str:
    """Return one line that is safe on a terminal: what does not print is shown as its escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else _escape(character) for character in text
    )


def _line(place: Place) -> tuple[int, int, int]:
    """Return the number of the line a place begins in, and the line's stretch of the text."""
    number, start = 1, 0
    for newline in NEWLINE.finditer(place.text):
        if newline.end() > place.start:
            return number, start, newline.start()
        number, start = number + 1, newline.end()
    return number, start, len(place.text)


def _escape(character: str) -> str:
    return " " if character == "\t" else ascii(character)[1:-1]


def _window(before: str, inside: str, after: str) -> tuple[str, str, str]:
    """Cut a long line to a stretch around its middle part."""
    if width(before + inside + after) <= WIDTH:
        return before, inside, after
    inside = _head(inside, WIDTH // 2)
    room = WIDTH - width(inside)
    left = _tail(before, max(room // 2, room - width(after)))
    return left, inside, _head(after, room - width(left))


def _head(text: str, columns: int) -> str:
    """Cut text to so many columns, with dots where something is missing."""
    if width(text) <= columns:
        return text
    kept = text[: max(columns - 3, 0)]
    while width(kept) > columns - 3 and kept:
        kept = kept[:-1]
    return kept + "..."


def _tail(text: str, columns: int) -> str:
    if width(text) <= columns:
        return text
    kept = text[-max(columns - 3, 1) :]
    while width(kept) > columns - 3 and kept:
        kept = kept[1:]
    return "..." + kept
