"""``dzviz trace``: what happens in the forward and backward passes, one event per line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from dzviz.arguments.expression import ExpressionCommand, check_written
from dzviz.arguments.options import QUIET, STRICT, output_option
from dzviz.cli.depfile import DEPFILE, check_depfile, write_depfile
from dzviz.cli.output import write_file, write_stdout
from dzviz.cli.terminal import has_colour
from dzviz.cli.warnings import warn
from dzviz.formats.trace import format_of_trace
from dzviz.pipeline import Given, Values
from dzviz.results import kind_of
from dzviz.results.trace import OPTIONS
from dzviz.streams import stdout

if TYPE_CHECKING:
    from dzviz.sources import Subject

COLOURS: Mapping[str, dict[str, Any]] = {
    "": {"bold": True},
    "seed": {"fg": "magenta"},
    "pop": {"bold": True},
    "rule": {"fg": "red"},
    "sum": {"fg": "red", "bold": True},
    "release": {"dim": True},
}
"""How the headings and some kinds of events stand out on a terminal."""


def trace(
    subject: Subject | Given,
    values: Values,
    output: str | None,
    depfile: str | None,
    format_name: str | None,
    quiet: bool,
    **options: Any,
) -> None:
    """Print what happens when an expression is computed and its gradients flow back.

    Each line is one event: a forward step, the seed, a Function that is taken from the queue, what
    its rule sends back to an operand (upstream * local derivative), a sum of shares, or a gradient
    that is kept or released. Films and pages use the same numbers for the steps.
    """
    check_written(output, depfile)
    check_depfile(depfile, output)
    name = format_name or format_of_trace(output or "")
    found = kind_of("trace").result(subject, values, format_name=name, **options)
    lines: Iterable[str] = found.lines
    if found.failed is not None:
        raise found.failed
    warn(found.warnings, found.notes, quiet=quiet)
    if output not in (None, "-"):
        write_file(str(output), lines)
        write_depfile(depfile, output)
        return
    if name == "text" and found.graph is not None and has_colour(stdout()):
        lines = _coloured(lines, (event.kind for event in found.graph().events))
    write_stdout(lines, binary=False)


def _coloured(lines: Iterable[str], kinds: Iterable[str]) -> Iterator[str]:
    for line, kind in zip(lines, ("", *kinds), strict=True):
        yield f"{click.style(line[:-1], **COLOURS.get(kind, {}))}\n"


command = ExpressionCommand(
    "trace",
    callback=trace,
    help=trace.__doc__,
    params=[
        *OPTIONS,
        output_option("Write to a file."),
        DEPFILE,
        STRICT,
        QUIET,
    ],
)
