"""A result that is text, written to standard output, and the picture that goes with it."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from dzviz.arguments.expression import ExpressionCommand, check_written
from dzviz.arguments.options import QUIET, output_option
from dzviz.cli.depfile import DEPFILE, check_depfile, write_depfile
from dzviz.cli.output import write_file, write_stdout
from dzviz.cli.warnings import warn
from dzviz.errors import UsageError
from dzviz.formats import format_of_file
from dzviz.pipeline import Values, drawing_of
from dzviz.results import FAILS, kind_of


def command_of(
    name: str,
    help: str,
    *params: click.Parameter,
    draws: str = "",
    computes: bool = False,
    silent: bool = False,
) -> ExpressionCommand:
    """Make the command of a result of `RESULTS`.

    Of a result with a picture, ``draws`` says what -o draws. A ``silent`` one with -q and without
    -T only sets the exit code.
    """
    drawn = [output_option(draws), DEPFILE] if draws else []
    return ExpressionCommand(
        name,
        computes=computes,
        callback=partial(answer, name, silent=silent),
        help=help,
        params=[*kind_of(name).options, *drawn, *params, QUIET],
    )


def answer(
    name: str,
    subject: Any,
    values: Values,
    *,
    output: str | None = None,
    depfile: str | None = None,
    quiet: bool,
    silent: bool = False,
    **options: Any,
) -> int:
    """Compute a result of `RESULTS`, write it, and return the exit code.

    ``output`` is the file of its picture; for ``silent`` see `command_of`.
    """
    check_written(output, depfile)
    check_depfile(depfile, output)
    if output == "-":
        raise UsageError(
            "-o is for the file of a picture; the answer goes to standard output",
            hint=f"as in: -o {name}.svg",
        )
    format = None if output is None else format_of_file(output)
    found = kind_of(name).result(subject, values, quiet=quiet, **options)
    chunks: Any = None
    if format is not None and found.graph is not None:
        chunks = drawing_of(found.graph(), format, found.look).chunks()
    lines = list(found.lines)
    if found.failed is not None:
        raise found.failed
    warn(found.warnings, found.notes, quiet=quiet)
    if not (silent and quiet and options["format_name"] is None):
        write_stdout(lines, binary=False)
    if chunks is not None:
        write_file(str(output), chunks)
        write_depfile(depfile, output)
    return FAILS if found.fails else 0
