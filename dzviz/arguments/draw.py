"""The options of ``dzviz draw``, from a shell and in documents."""

from __future__ import annotations

from typing import Any

import click

from dzviz.arguments.options import QUIET, STRICT, SWEEP, Option, field_options
from dzviz.errors import UsageError
from dzviz.formats import FORMATS
from dzviz.options import Layout, Look, Passes, View
from dzviz.themes import themes_in


def draw_options() -> list[click.Parameter]:
    """Make the options that the command draw has besides those of every expression."""
    return [
        *field_options(Passes, but="random_seed"),  # which every expression has
        SWEEP,
        *output_options(),
        *(option for kind in (Look, View, Layout) for option in field_options(kind)),
        Option(
            ["--config"],
            metavar="FILE",
            help="A file with defaults for display options: dzviz.toml, or pyproject.toml with "
            "[tool.dzviz]. Without --config, no such file is read.",
        ),
        STRICT,
        QUIET,
    ]


def output_options() -> list[click.Parameter]:
    """Make the options of what is written, and where."""
    heading = "What is written"
    return [
        Option(
            ["-o", "--output"],
            metavar="FILE",
            help="Write to this file. Its suffix selects the format. - is standard output.",
            heading=heading,
            documents=True,
        ),
        Option(
            ["-T", "--format", "format_name"],
            metavar="FORMAT",
            words=lambda: tuple(FORMATS),
            help=f"The format: {', '.join(FORMATS)}.",
            heading=heading,
            documents=True,
        ),
        Option(
            ["--frames"],
            metavar="FOLDER|FILE.pdf",
            help="Draw every step: as files in a new or empty folder (SVG, or PNG with -T png), "
            "or as the pages of a PDF.",
            heading=heading,
        ),
        Option(
            ["--animate"],
            is_flag=True,
            help="Make the SVG a film of all steps that plays by itself. -o film.gif makes a "
            "film, too.",
            heading=heading,
            documents=True,
        ),
        Option(
            ["--open", "open_file"],
            is_flag=True,
            help="Show the picture and print its path.",
            heading=heading,
        ),
    ]


def themes_of(
    options: dict[str, Any], output: str | None, *, open_file: bool = False
) -> tuple[str, ...]:
    """Return the themes to draw in; the first of them becomes that of ``options``.

    Raises:
        UsageError: There are several, and no file for each.
    """
    themes = themes_in(options["theme"])
    if len(themes) > 1 and (output in (None, "-") or open_file):
        raise UsageError(
            "several themes are several files", hint="as in: -o graph.svg --theme light,dark"
        )
    for theme in themes:
        Look(theme=theme)
    options["theme"] = themes[0]
    return themes
