"""A page in several languages: what each says lies in it, and its script shows one of them.

It knows no graph: who writes a page gives what it says in a language.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import escape

from dzviz.options import ENGLISH, LANGUAGES, Look
from dzviz.page import source
from dzviz.page.data import quote
from dzviz.text.languages import say

LANGUAGE_BUTTON = '\n<button type="button" id="language" hidden></button>'

COUNT = "Step {number} of {last}"

SCRIPTED = (
    *("View", "Search", "Zoom out", "Zoom in", "Fit", "Dark", "Save SVG", "Save PNG"),
    *("Present", "Leave", "Play", "Pause", COUNT, "Details of {name}", "Details closed"),
    *("{count} found", "Saved {name}", "Formula", "Functions", "Options", "Values", "Editor"),
    *("Copy command", "Undo", "Redo", "Save page", "The same as a command", "{name}, slider"),
    *("Elements of {name}", "Copied", "It cannot be copied here; select the text"),
)
"""What the scripts say themselves."""

MOST_SPOKEN = 500_000
"""A page of more characters has one language alone."""


def in_languages(look: Look, make: Callable[[Look, str], str]) -> str:
    """Make a page that has what it says in every language, where that is not too much.

    ``make`` writes the page of one language, with more at its end.
    """
    page = make(look, "")
    if len(page) > MOST_SPOKEN:
        return page
    others = [replace(look, lang=lang) for lang in LANGUAGES if lang != look.lang]
    made = [make(other, "") for other in others]
    more = "".join(
        template("", other.lang, page) + _templates(page)
        for other, page in zip(others, made, strict=True)
    )
    head, rest = page.split("</main>\n", 1)
    return f"{head}</main>\n{more}{rest}"


def template(view: str, lang: str, page: str) -> str:
    """Keep what a page says for its script to show."""
    return f'<template data-view="{view}" data-lang="{lang}">\n{main_of(page)}</template>\n'


def _templates(page: str) -> str:
    """Return the templates that a page has behind what it says."""
    rest = page.partition("</main>\n")[2]
    return rest[: rest.rfind(_END) + len(_END)] if _END in rest else ""


_END = "</template>\n"


def skeleton(name: str, lang: str) -> str:
    """Return a file of this package with what stands in double braces said in a language."""
    return re.sub(
        r"\{\{(.+?)\}\}", lambda found: _html(lang, found[1]), source(name), flags=re.DOTALL
    )


def _html(lang: str, text: str) -> str:
    translation = say(lang, " ".join(text.split()))
    return text if lang == ENGLISH else escape(translation)


def words_of_script() -> str:
    """Write down what the script itself says, in every language."""
    texts = {lang: {text: say(lang, text) for text in SCRIPTED} for lang in LANGUAGES}
    return f'<script type="application/json" id="spoken">{quote(texts)}</script>\n'


def theme_button(lang: str) -> str:
    """Write the button that makes a page dark."""
    text = escape(say(lang, "Dark"))
    return f'<button type="button" id="theme" aria-pressed="false">{text}</button>'


def spoken(text: str, lang: str) -> str:
    """Say what stands in angles in a part of the page."""
    return re.sub("\u2039(.+?)\u203a", lambda found: escape(say(lang, found[1])), text)


def note(lang: str, text: str) -> str:
    """Write a note, with what is code in it."""
    codes = {name: f"<code>{code}</code>" for name, code in _CODES.items()}
    return f'<p class="note">{say(lang, text, **codes)}</p>\n'


_CODES = {
    "part": "--focus NAME",
    "all": "--fold none --max-nodes N",
    "record": "dzviz.record",
    "expand": "expand",
    "option": "--expand all",
}


def main_of(page: str) -> str:
    """Return what a page says: all of its text is escaped, and cannot end it."""
    return page.partition("<main>\n")[2].partition("</main>")[0]
