"""``dzviz trace``: what happens in the forward and backward passes, one line an event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from dzviz.arguments.expression import (
    ExpressionCommand,
    check_written,
    taken,
)
from dzviz.arguments.options import (
    QUIET,
    STRICT,
    Option,
    field_options,
    read_options,
)
from dzviz.cli.output import write_file, write_stdout
from dzviz.cli.terminal import has_colour
from dzviz.cli.warnings import warn
from dzviz.errors import UsageError, did_you_mean
from dzviz.formats import format_of_file
from dzviz.formats.trace import TRACE_FORMATS
from dzviz.options import Look, Passes
from dzviz.pipeline import Given, Values, take
from dzviz.streams import stdout
from dzviz.text.sizes import check_characters

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
    format_name: str | None,
    strict: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Tell what happens when an expression is computed and its gradients flow.

    One line an event: forward steps, the seed, each Function as it is popped from the queue, what
    its rule sends back to each input (upstream * local derivative), sums where ways meet, and the
    gradients that are kept or released. The steps are numbered as those of films and pages.
    """
    check_written(output)
    if format_name is None:
        format_name = _format_of(output)
    if format_name not in TRACE_FORMATS:
        raise UsageError(
            f"a trace has no format '{format_name}'",
            hint=did_you_mean(format_name, TRACE_FORMATS) or f"formats: {', '.join(TRACE_FORMATS)}",
        )
    look = read_options(Look, options)
    computation = taken(subject, values, options)
    found = take(computation, told=True, strict=strict)
    graph = found.graph
    if not graph.events:
        raise UsageError(
            "the graph has no events: nobody wrote down what happened in its passes",
            hint="-T json --full writes them, where the engine tells of its steps",
        )
    warn(found.warnings, found.notes, quiet=quiet)
    check_characters(graph, look)
    lines = TRACE_FORMATS[format_name].write(graph, look)
    if found.failed is not None:
        raise found.failed
    if output not in (None, "-"):
        write_file(str(output), lines)
    elif format_name == "text" and has_colour(stdout()):
        write_stdout(_coloured(lines, (event.kind for event in graph.events)), binary=False)
    else:
        write_stdout(lines, binary=False)


def _format_of(output: str | None) -> str:
    """Return the format that a file's suffix asks for: text, unless it is another's."""
    try:
        name = format_of_file(output or "").name
    except UsageError:
        return "text"
    if name not in TRACE_FORMATS:
        raise UsageError(
            f"a trace is a table or JSON, and '{output}' would be {name}",
            hint="-T text writes the table there; without the word trace, dzviz draws",
        )
    return name


def _coloured(lines: Iterable[str], kinds: Iterable[str]) -> Iterator[str]:
    for line, kind in zip(lines, ("", *kinds), strict=True):
        yield f"{click.style(line[:-1], **COLOURS.get(kind, {}))}\n"


command = ExpressionCommand(
    "trace",
    callback=trace,
    help=trace.__doc__,
    params=[
        *field_options(Passes, "retain_grad", "backward", "order", "wrt"),
        Option(["-o", "--output"], metavar="FILE", help="Write to a file."),
        Option(
            ["-T", "--format", "format_name"],
            metavar="FORMAT",
            words=lambda: tuple(TRACE_FORMATS),
            help="; ".join(f"{f.name}: {f.help}" for f in TRACE_FORMATS.values())
            + ". As the suffix of -o says, else text.",
        ),
        *field_options(Look, "precision", "max_elements", "full"),
        STRICT,
        QUIET,
    ],
)
