"""The page that is drawn again when its formula and its values change: a page with an editor.

What it says about a graph comes later, from the process that computes; here are its head, its tools
and its fields. It knows no server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import Field
from html import escape
from string import Template
from typing import Any

from dzviz.fields import options_of, written
from dzviz.options import ENGLISH, FACTS, SHOWN, Look, Passes
from dzviz.page import source
from dzviz.page.data import quote
from dzviz.page.html import colours
from dzviz.page.languages import LANGUAGE_BUTTON, skeleton, theme_button, words_of_script
from dzviz.styles import STYLES

CONTROLS = ("retain_grad", "order", "style", "contributions", "show", "rank_dir")
"""The options that have a field; the others stay as they were on the command line."""

TOOLS = """
<button type="button" id="undo" aria-disabled="true">Undo</button>
<button type="button" id="redo" aria-disabled="true">Redo</button>
<button type="button" id="page">Save page</button>"""

FORMULA = """\
<label for="formula">Formula</label>
<div id="writing">
<code id="expression" aria-hidden="true"></code>
<textarea id="formula" rows="1" spellcheck="false" autocapitalize="off" autocomplete="off" \
aria-autocomplete="list" aria-controls="words" aria-describedby="fault"></textarea>
<ul id="words" role="listbox" aria-label="Functions" hidden></ul>
</div>
"""


def page(start: Mapping[str, Any], title: str, theme: str) -> str:
    """Write the page; ``start`` is what its script begins with."""
    editor = Template(source("live.html")).substitute(
        formula=FORMULA if start["formula"] is not None else "",
        options="".join(_control(option) for option in _controls()),
        start=quote(start),
    )
    slots = {
        "policy": "",
        "lang": ENGLISH,
        "languages": LANGUAGE_BUTTON,
        "words": words_of_script(),
        "theme": "" if theme == "auto" else f' data-theme="{theme}"',
        "title": escape(title),
        "style": '<link rel="stylesheet" href="page.css">',
        "script": '<script src="page.js"></script>\n<script src="live.js"></script>',
        "heading": f"<h1>{escape(title)}</h1>\n",
        "themes": ("" if theme == "print" else theme_button(ENGLISH)) + TOOLS,
        "editor": editor,
        **dict.fromkeys(
            ("picture", "player", "variables", "story", "keys", "data", "views", "more"), ""
        ),
    }
    text = Template(skeleton("page.html", ENGLISH)).substitute(slots)
    head, _, rest = text.partition("<main>\n")
    return f"{head}<main>\n</main>{rest.partition('</main>')[2]}"


def style(theme: str) -> str:
    """Write the style of such pages."""
    look = Look(theme="print" if theme == "print" else "light")
    return source("page.css") + colours(look) + source("live.css")


def _controls() -> Iterable[Field[Any]]:
    fields = {option.name: option for kind in (Passes, Look) for option in options_of(kind)}
    return (fields[name] for name in CONTROLS)


def _control(option: Field[Any]) -> str:
    """Write the field of an option."""
    name, help = written(option), escape(option.metadata["help"])
    facts = option.metadata
    if option.type == "bool":
        return f'<label title="{help}"><input type="checkbox" name="{name}"> {name}</label>\n'
    if "each" in facts:
        boxes = "".join(
            f'<label><input type="checkbox" name="{name}" value="{fact}"> {fact}</label>\n'
            for fact in FACTS
            if fact not in SHOWN
        )
        return f'<fieldset title="{help}"><legend>{name}</legend>\n{boxes}</fieldset>\n'
    if option.type == "int":
        limits = f'min="0" max="20" value="{option.default}"'
        field = f'<input type="number" name="{name}" {limits}>'
        return f'<label title="{help}">{name} {field}</label>\n'
    words = STYLES if "table" in facts else facts["choices"]
    items = "".join(
        f"<option{' selected' if word == option.default else ''}>{word}</option>" for word in words
    )
    return f'<label title="{help}">{name} <select name="{name}">{items}</select></label>\n'
