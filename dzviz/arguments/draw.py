"""The options of ``dzviz draw``, from a shell and in documents."""

from __future__ import annotations

import click

from dzviz.arguments.expression import complete_file
from dzviz.arguments.options import (
    BACKWARD,
    ORDER,
    QUIET,
    RETAIN_GRAD,
    STRICT,
    WRT,
    choices,
    look_options,
    view_options,
)
from dzviz.formats import FORMATS

ENGINES = ("auto", "wasm", "dot", "pygraphviz")


def draw_options() -> list[click.Parameter]:
    """Make the options that the command draw has besides those of every expression."""
    return [
        click.Option(
            ["-o", "--output"],
            metavar="FILE",
            shell_complete=complete_file,
            help="Write to a file; its suffix says the format. - is standard output.",
        ),
        click.Option(
            ["-T", "--format", "format_name"],
            metavar="FORMAT",
            shell_complete=choices(tuple(FORMATS)),
            help=f"The format: {', '.join(FORMATS)}.",
        ),
        click.Option(
            ["--frames"],
            metavar="FOLDER|FILE.pdf",
            help="Draw every step: as files in a new or empty folder (SVG, or PNG by -T png), or "
            "as pages of a PDF.",
        ),
        click.Option(
            ["--animate"],
            is_flag=True,
            help="Make the SVG a film of all steps that plays by itself; -o film.gif is one, too.",
        ),
        click.Option(
            ["--open", "open_file"], is_flag=True, help="Show the picture and print its path."
        ),
        RETAIN_GRAD,
        BACKWARD,
        ORDER,
        WRT,
        *look_options(),
        *view_options(),
        click.Option(
            ["--engine"],
            type=click.Choice(ENGINES),
            default="auto",
            show_default=True,
            help="What places the nodes of a picture.",
        ),
        click.Option(
            ["--layout-timeout"],
            type=click.FloatRange(min=0, min_open=True),
            default=30.0,
            show_default=True,
            metavar="SECONDS",
            help="How long that may take.",
        ),
        click.Option(
            ["--font"],
            envvar="DZVIZ_FONT",
            show_envvar=True,
            metavar="FILE",
            shell_complete=complete_file,
            help="A font for characters that the usual one lacks.",
        ),
        click.Option(
            ["--config"],
            metavar="FILE",
            shell_complete=complete_file,
            help="Display options where none are given: dzviz.toml, or [tool.dzviz] in "
            "pyproject.toml. Without it no such file is read.",
        ),
        STRICT,
        QUIET,
    ]
