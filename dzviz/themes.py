"""The table of themes: every colour of a picture, with six digits.

It knows no node and no format. Text on any of a theme's surfaces keeps the contrast that WCAG's
level AA asks for (4.5 to 1), lines and marks 3 to 1; the tests compute both.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from dzviz.errors import UsageError
from dzviz.records import NamedTuple


class Paint(NamedTuple):
    """A surface and its outline."""

    fill: str
    line: str


class Theme(NamedTuple):
    """The colours of one theme; ``functions`` has one for each order, and begins again after.

    Each fill of ``functions`` is darker than the one before, or in the dark lighter, so that orders
    can be distinguished in grey. ``contribution`` is for what flows back, ``trouble`` for what is
    not finite, and for nothing else. ``frame`` is nearer to the background than ``edge``, since
    edges may run along it. ``ahead`` and ``active`` are for what is not computed yet and for what
    is happening.
    """

    background: str
    text: str
    quiet: str
    edge: str
    frame: str
    contribution: str
    variable: Paint
    intermediate: Paint
    released: Paint
    constant: Paint
    trouble: Paint
    ahead: Paint
    active: str
    functions: tuple[Paint, ...]


THEMES: Mapping[str, Theme] = {
    "light": Theme(
        background="#ffffff",
        text="#111827",
        quiet="#475569",
        edge="#4b5563",
        frame="#8a93a3",
        contribution="#0f766e",
        variable=Paint("#ffe8c7", "#b45309"),
        intermediate=Paint("#fff7ea", "#b45309"),
        released=Paint("#ffffff", "#b45309"),
        constant=Paint("#f3f4f6", "#6b7280"),
        trouble=Paint("#fecdca", "#912018"),
        ahead=Paint("#ffffff", "#8a93a3"),
        active="#c11574",
        functions=(
            Paint("#e4effe", "#1d4ed8"),
            Paint("#bcefd7", "#047857"),
            Paint("#decffb", "#6d28d9"),
            Paint("#f5b8d6", "#be185d"),
        ),
    ),
    "dark": Theme(
        background="#0f172a",
        text="#f8fafc",
        quiet="#cbd5e1",
        edge="#94a3b8",
        frame="#64748b",
        contribution="#5eead4",
        variable=Paint("#4a3413", "#fbbf24"),
        intermediate=Paint("#2b2618", "#fbbf24"),
        released=Paint("#0f172a", "#fbbf24"),
        constant=Paint("#334155", "#94a3b8"),
        trouble=Paint("#7a271a", "#fda29b"),
        ahead=Paint("#0f172a", "#64748b"),
        active="#f670c7",
        functions=(
            Paint("#152e52", "#93c5fd"),
            Paint("#11442c", "#6ee7b7"),
            Paint("#55339a", "#c4b5fd"),
            Paint("#953263", "#f9a8d4"),
        ),
    ),
    "print": Theme(
        background="#ffffff",
        text="#000000",
        quiet="#404040",
        edge="#404040",
        frame="#8c8c8c",
        contribution="#000000",
        variable=Paint("#d9d9d9", "#000000"),
        intermediate=Paint("#f2f2f2", "#000000"),
        released=Paint("#ffffff", "#000000"),
        constant=Paint("#ffffff", "#737373"),
        trouble=Paint("#bfbfbf", "#000000"),
        ahead=Paint("#ffffff", "#8c8c8c"),
        active="#000000",
        functions=(
            Paint("#f2f2f2", "#000000"),
            Paint("#e0e0e0", "#000000"),
            Paint("#cccccc", "#000000"),
        ),
    ),
}
"""Every theme by its name."""

AUTO = "auto"
"""A theme for SVG alone, which is light or dark as its reader's screen is; elsewhere light."""


def themes_in(text: str) -> tuple[str, ...]:
    """Return the themes of a list like ``light,dark``, of which there is at least one.

    Raises:
        UsageError: There is none, or one comes twice.
    """
    themes = tuple(theme.strip() for theme in text.split(",") if theme.strip())
    if not themes:
        raise UsageError(
            f"there is no theme in {text!r}", hint=f"themes: {', '.join((*THEMES, AUTO))}"
        )
    if len(set(themes)) < len(themes):
        raise UsageError(f"{', '.join(themes)} contains a theme twice")
    return themes


def files_of(output: str, themes: Sequence[str]) -> list[str]:
    """Name a file for each theme: ``sin.svg`` for the first, ``sin-dark.svg`` for another."""
    stem, suffix = os.path.splitext(output)
    return [f"{stem}-{theme}{suffix}" if i else output for i, theme in enumerate(themes)]


def theme_named(name: str) -> Theme:
    """Return a theme of the table; ``auto`` is light to begin with."""
    return THEMES["light" if name == AUTO else name]


def colours(theme: Theme) -> dict[str, str]:
    """Return all colours of a theme, each by what it is for."""
    found = {}
    for name, value in theme._asdict().items():
        paints = value if name == "functions" else (value,)
        for i, paint in enumerate(paints):
            key = f"{name} {i}" if name == "functions" else name
            if isinstance(paint, Paint):
                found.update({f"{key} fill": paint.fill, f"{key} line": paint.line})
            else:
                found[key] = paint
    return found
