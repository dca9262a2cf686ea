"""What sources say about a gradient's state, which a graph keeps in English, in other languages.

What is not in the table of sentences is the engine's own word, and stays as it is.
"""

from __future__ import annotations

import re

from dzviz.graph.model import Passes
from dzviz.options import ENGLISH
from dzviz.text.languages import say
from dzviz.text.numbers import number
from dzviz.text.phrases import both, clean, grouped, listed
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


FOUND = "as found: which passes made it is not known"
"""What is said of gradients of which nobody knows what made them."""


def passes_note(passes: Passes, lang: str = ENGLISH) -> str:
    """Say in a node what its gradient is, in short: ``2 passes``, ``of y``."""
    if passes.various:
        return say(lang, "several passes")
    if passes.changed:
        return say(lang, "changed since")
    if not passes.times:
        return say(lang, "assigned" if passes.assigned else "as found")
    if passes.times == 1 and not passes.assigned:
        return say(lang, "of {name}", name=phrase(clean(passes.of[0], 20), lang))
    assigned = [say(lang, "assigned")] if passes.assigned else []
    return ", ".join([*assigned, _passes(passes, lang)])


def passes_phrase(passes: Passes, lang: str = ENGLISH) -> str:
    """Say what a gradient is: ``added up over 2 passes of y``, ``from backward of y``."""
    of = [phrase(clean(each), lang) for each in passes.of]
    several = both(listed(of[:-1], ", "), of[-1], lang) if len(of) > 1 else "".join(of)
    if passes.various:
        return say(lang, "not the same for everything that is drawn here once")
    if not passes.times:
        return say(lang, "assigned by hand" if passes.assigned else FOUND)
    if passes.times == 1 and not passes.assigned:
        text = say(lang, "from backward of {names}", names=several)
    else:
        comma = "," if len(of) > 1 and lang == ENGLISH else ""
        text = say(
            lang,
            "assigned by hand, then added up over {passes} of {names}"
            if passes.assigned
            else "added up over {passes} of {names}",
            passes=f"{_passes(passes, lang)}{comma}",
            names=several,
        )
    if passes.seed is True:
        text = say(lang, "{what} from seeds", what=text)
    elif passes.seed is not False:
        text = say(lang, "{what} from seed {value}", what=text, value=number(passes.seed))
    return say(lang, "{what}; it or data has changed since", what=text) if passes.changed else text


def _passes(passes: Passes, lang: str) -> str:
    count = grouped(passes.times)
    return say(lang, "{count} pass" if passes.times == 1 else "{count} passes", count=count)
