"""What the readers of files with values share: verdicts, sizes and text."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Final

from dzviz.files import decode, encoding_of
from dzviz.language.limits import MAX_ELEMENTS

MAX_DIMENSIONS: Final = 32


class Unusable(Exception):  # noqa: N818  It is a verdict on a file, which becomes an error.
    """What is wrong with a file, for a sentence that begins with its name."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.hint = hint


def check_size(elements: int, what: str) -> None:
    """See that a file has no more numbers than an array may have."""
    if elements > MAX_ELEMENTS:
        raise Unusable(f"{what} {elements} elements, more than {MAX_ELEMENTS}")


def text_of(contents: bytes) -> str:
    """Decode a file of text."""
    try:
        return decode(contents)
    except UnicodeDecodeError:
        raise Unusable("it is not UTF-8 text") from None


def lines_of(contents: bytes) -> Iterator[str]:
    """Decode line by line: one wide character makes all characters of its text wide."""
    try:
        yield from io.TextIOWrapper(io.BytesIO(contents), encoding_of(contents))
    except UnicodeDecodeError:
        raise Unusable("it is not UTF-8 text") from None


def short(value: object) -> str:
    """Return a text, or its beginning."""
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def listed(names: Iterable[str], word: str = "and") -> str:
    """Return ``a, b and c``; of many, the first ten."""
    *others, last = [short(name) for name in names] or [""]
    if len(others) > 9:
        return ", ".join(others[:10]) + ", ..."
    return f"{', '.join(others)} {word} {last}" if others else last
