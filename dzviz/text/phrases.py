"""Parts of sentences: harmless text, counts and lists."""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import east_asian_width

from dzviz.options import ENGLISH
from dzviz.text.languages import say

MAX_NAME = 200
"""Longer names are cut: dot refuses strings past 16 KB, and a reader gives up long before."""

MOST_NAMES = 6
"""At most this many names are listed one by one."""


def on_one_line(lines: Iterable[str], lang: str = ENGLISH) -> str:
    """Join what the lines of a label say: ``data 9, grad None (was -7.788)``."""
    was = say(lang, "(was {value})").partition("{")[0]
    return ", ".join(lines).replace(f", {was}", f" {was}")


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


def both(first: str, last: str, lang: str = ENGLISH) -> str:
    """Write ``a and b``."""
    return say(lang, "{first} and {last}", first=first, last=last)


def sentence(text: str, lang: str = ENGLISH) -> str:
    """Begin a sentence with a large letter, and end it."""
    return say(lang, "{text}.", text=f"{text[:1].upper()}{text[1:]}" if lang == ENGLISH else text)


def plural(count: int, word: str) -> str:
    """Write ``1 node``, ``2 nodes``."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def grouped(count: int) -> str:
    """Write a count with its digits in groups: ``9999``, ``10 000``."""
    return f"{count:,}".replace(",", " ") if count >= 10_000 else str(count)


def counted(count: int, *, of: int, lang: str = ENGLISH) -> str:
    """Write ``11 of 20 001 nodes``."""
    return say(lang, "{count} of {all} nodes", count=grouped(count), all=grouped(of))


def times(count: int, lang: str = ENGLISH) -> str:
    """Write how often: ``1000 times``."""
    return say(lang, "{count} times", count=grouped(count))


def wrap(text: str, width: int) -> list[str]:
    """Break a long text at spaces where that can be done; wide characters count as two.

    Beside wide characters it is broken anywhere but before a mark of punctuation.
    """
    if not text.isascii() and any(map(is_wide, text)):
        return _wrapped(text, width)
    lines = []
    while len(text) > width:
        cut = text.rfind(" ", width // 2, width)
        cut = width if cut < 0 else cut + 1
        lines.append(text[:cut].rstrip())
        text = text[cut:]
    return [*lines, text]


def is_wide(character: str) -> bool:
    """Whether a character takes the room of two, as those of Korean and Japanese do."""
    return character > "\u10ff" and east_asian_width(character) in "WF"


def _wrapped(text: str, width: int) -> list[str]:
    lines: list[str] = []
    line, room, cut = "", width, 0
    for character in text:
        room -= 2 if is_wide(character) else 1
        if room < 0 and line:
            at = cut or len(line)
            lines.append(line[:at].rstrip())
            line = line[at:].lstrip()
            room, cut = width - sum(2 if is_wide(c) else 1 for c in line + character), 0
        kanji = is_wide(character) and not "\uac00" <= character <= "\ud7a3"
        if line and (line[-1] == " " or (kanji and character not in _CLOSING)):
            cut = len(line)
        line += character
    return [*lines, line]


_CLOSING = "\u3001\u3002\u300d\uff0c\uff0e\uff09\uff1a\uff1b\u30fc"
"""What begins no line."""


def ordinal(order: int, lang: str = ENGLISH) -> str:
    """Write ``first``, ``second``, ``4th``."""
    words = ("zeroth", "first", "second", "third")
    if order < len(words):
        return say(lang, words[order])
    return say(lang, "{order}th", order=order)
