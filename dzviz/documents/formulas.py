"""How a derivation is written into a document: as formulas that its markup shows, or as MathML.

It knows the forms of `dzviz.equations.writers.FORMS` as text, and nothing of what they say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from dzviz.errors import UsageError

Lines = list[str]

FORMULAS: Mapping[str, Mapping[str, Callable[[Sequence[str]], Lines]]] = {
    "markdown": {
        "markdown": list,
        "tex": lambda lines: ["```math", *lines, "```"],
        "html": lambda lines: ["<div>", *lines, "</div>"],
    },
    "rst": {
        "tex": lambda lines: [".. math::", "   :nowrap:", "", *_indented(lines)],
        "html": lambda lines: [".. raw:: html", "", *_indented(lines)],
    },
    "asciidoc": {
        "tex": lambda lines: ["[latexmath]", "++++", *lines, "++++"],
        "html": lambda lines: ["++++", *lines, "++++"],
    },
}
"""By markup and form how the lines of a derivation stand in a document."""

FORMS = frozenset(form for forms in FORMULAS.values() for form in forms)
"""The forms that are formulas; what else there is is a block of text."""


def formulas(markup: str, form: str, text: str) -> Lines:
    """Return the lines that show formulas in a document, with empty lines around.

    Raises:
        UsageError: Formulas do not stand there in this form.
    """
    writers = FORMULAS[markup]
    if form not in writers:
        raise UsageError(
            f"a document of this kind cannot contain {form}",
            hint=f"-T is one of text, {', '.join(writers)}",
        )
    shown = element(text) if form == "html" else text
    return ["", *writers[form](shown.rstrip("\n").split("\n")), ""]


def element(page: str) -> str:
    """Return the formulas of a page without the page."""
    found = re.search(r"<math\b.*</math>", page, re.DOTALL)
    return found[0] if found else ""


def _indented(lines: Sequence[str]) -> Lines:
    return [f"   {line}" if line else "" for line in lines]
