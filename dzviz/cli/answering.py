"""A result that is text: written to standard output or a file, with the picture of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain, islice
from typing import Any

import click

from dzviz.arguments.expression import ExpressionCommand, check_written
from dzviz.arguments.options import QUIET, output_option
from dzviz.cli.depfile import DEPFILE, check_depfile, write_depfile
from dzviz.cli.output import write_file, write_stdout
from dzviz.cli.status import Status
from dzviz.cli.warnings import warn
from dzviz.errors import UsageError
from dzviz.formats import format_of_file
from dzviz.pipeline import Values, drawing_of
from dzviz.results import FAILS, Kind, Result, kind_of


def command_of(
    name: str, *params: click.Parameter, shown: Callable[[Result], Iterable[str]] | None = None
) -> ExpressionCommand:
    """Make the command of a result of `RESULTS`, whose text may be ``shown`` otherwise."""
    kind = kind_of(name)
    files = [output_option(kind.draws), DEPFILE] if kind.draws else []
    if kind.format_of is not None:
        files = [output_option("Write to a file.")]
    return ExpressionCommand(
        name,
        computes=kind.computes,
        callback=partial(answer if kind.format_of is None else write, kind, shown=shown),
        help=kind.help,
        params=[*kind.options, *files, *params, *kind.params, QUIET],
    )


def answer(
    kind: Kind,
    subject: Any,
    values: Values,
    *,
    output: str | None = None,
    depfile: str | None = None,
    quiet: bool,
    shown: object = None,
    **options: Any,
) -> int:
    """Compute a result, write it to standard output, and return the exit code.

    ``output`` is the file of its picture.
    """
    check_written(output, depfile)
    check_depfile(depfile, output)
    if output == "-":
        raise UsageError(
            "-o is for the file of a picture; the answer goes to standard output",
            hint=f"as in: -o {kind.name}.svg",
        )
    format = None if output is None else format_of_file(output)
    status = Status.of_command(quiet)
    found = kind.result(subject, values, quiet=quiet, **options)
    chunks: Any = None
    if format is not None and found.graph is not None:
        chunks = drawing_of(found.graph(), format, found.look).chunks()
    lines = list(found.lines)
    status.end()
    if found.failed is not None:
        raise found.failed
    warn(found.warnings, found.notes, quiet=quiet)
    if not (kind.silent and quiet and options["format_name"] is None):
        write_stdout(lines, binary=False)
    if chunks is not None:
        write_file(str(output), chunks)
        write_depfile(depfile, output)
    return FAILS if found.fails else 0


def write(
    kind: Kind,
    subject: Any,
    values: Values,
    *,
    output: str | None,
    depfile: str | None = None,
    format_name: str | None,
    quiet: bool,
    shown: Callable[[Result], Iterable[str]] | None,
    **options: Any,
) -> None:
    """Compute a result whose format may be that of the file ``output``, and write it."""
    check_written(output, depfile)
    check_depfile(depfile, output)
    file = None if output == "-" else output
    assert kind.format_of is not None
    name = format_name or ("text" if file is None else kind.format_of(file))
    status = Status.of_command(quiet)
    found = kind.result(subject, values, format_name=name, **options)
    made = iter(shown(found) if shown and file is None and name == "text" else found.lines)
    lines = chain(list(islice(made, 1)), made)  # with the first one all that takes long is done
    status.end()
    if found.failed is not None:
        raise found.failed
    warn(found.warnings, found.notes, quiet=quiet)
    if file is None:
        write_stdout(lines, binary=False)
    else:
        write_file(file, lines)
        write_depfile(depfile, output)
