"""What sources say about a gradient's state, which a graph keeps in English, in other languages.

What is not in the table of sentences is the engine's own word, and stays as it is.
"""

from __future__ import annotations

import re

from dzviz.options import ENGLISH
from dzviz.text.languages import say
from dzviz.text.phrases import clean
from dzviz.text.sentences import table

ENDS_AT = "its path ends at {place}"

_PLACE = r" \((?:(?P<file>.*), )?line (?P<line>\d+)(?:, column (?P<column>\d+))?\)"
_TAILS = (", whose result is not used", ", which is never used")
_HEADS = ("the comparison {what}",)


def known(text: str, lang: str) -> str:
    """Say what is in the table; all else stays."""
    return say(lang, text) if lang != ENGLISH and text in table() else text


def phrase(text: str, lang: str) -> str:
    """Say what is in the table and has several words; one alone may be a name or an op."""
    return known(text, lang) if " " in text else text


def noted(note: str, lang: str) -> str:
    """Say a note of a Variable."""
    text = clean(note)
    if lang == ENGLISH:
        return text
    begin = ENDS_AT.partition("{")[0]
    if text.startswith(begin):
        return say(lang, ENDS_AT, place=place_in(text.removeprefix(begin), lang))
    return (
        known(text, lang)
        if text in table()
        else ", ".join(known(part, lang) for part in text.split(", "))
    )


def place_in(text: str, lang: str) -> str:
    """Say at which place a way ends: ``floor (line 3), whose result is not used``."""
    if lang == ENGLISH:
        return text
    tail = next((tail for tail in _TAILS if text.endswith(tail)), "")
    text = text.removesuffix(tail)
    where = ""
    if found := re.search(_PLACE, text):
        where, text = line_of(lang, **found.groupdict()), text[: found.start()]
    elif found := re.search(r" \(column (\d+)\)$", text):
        where, text = line_of(lang, None, None, found[1]), text[: found.start()]
    for head in _HEADS:
        begin = head.partition("{")[0]
        if text.startswith(begin):
            text = say(lang, head, what=text.removeprefix(begin))
    text = f"{phrase(text, lang)}{where}"
    return say(lang, f"{{place}}{tail}", place=text) if tail else text


def line_of(lang: str, file: str | None, line: object, column: object) -> str:
    """Write a place in a text or a file: `` (model.py, line 3)``."""
    places = [file] if file else []
    places += [say(lang, "line {number}", number=line)] if line is not None else []
    places += [say(lang, "column {number}", number=column)] if column is not None else []
    return f" ({', '.join(places)})"
