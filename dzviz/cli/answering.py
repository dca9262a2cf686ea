"""A result that is text, written to standard output, and the picture that goes with it."""

from __future__ import annotations

from typing import Any

from dzviz.arguments.expression import check_written
from dzviz.cli.depfile import check_depfile, write_depfile
from dzviz.cli.output import write_file, write_stdout
from dzviz.cli.warnings import warn
from dzviz.errors import UsageError
from dzviz.formats import format_of_file
from dzviz.options import ENGLISH, Look
from dzviz.pipeline import Values, drawing_of
from dzviz.results import FAILS, kind_of


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

    ``output`` is the file of its picture. A ``silent`` one only sets the exit code.
    """
    check_written(output, depfile)
    check_depfile(depfile, output)
    if output == "-":
        raise UsageError(
            "-o is for the file of a picture; the answer goes to standard output",
            hint=f"as in: -o {name}.svg",
        )
    format = None if output is None else format_of_file(output)
    found = kind_of(name).of(subject, values, {**options, "quiet": quiet})
    chunks: Any = None
    if format is not None and found.graph is not None:
        lang = options.get("lang", ENGLISH) if options.get("format_name") == "text" else ENGLISH
        chunks = drawing_of(found.graph(), format, found.look or Look(lang=lang)).chunks()
    lines = list(found.lines)
    if found.failed is not None:
        raise found.failed
    warn(found.warnings, found.notes, quiet=quiet)
    if not silent:
        write_stdout(lines, binary=False)
    if chunks is not None:
        write_file(str(output), chunks)
        write_depfile(depfile, output)
    return FAILS if found.fails else 0
