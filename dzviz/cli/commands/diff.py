"""``dzviz diff``: where two graphs first differ."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import click

from dzviz.arguments.expression import check_written
from dzviz.arguments.options import LANG, QUIET, Option, format_option, output_option
from dzviz.arguments.two import Operand, TwoCommand, taken_operands
from dzviz.cli.output import write_file, write_stdout
from dzviz.cli.status import Status
from dzviz.cli.warnings import warn
from dzviz.comparison import words
from dzviz.comparison.differences import Report
from dzviz.errors import UsageError
from dzviz.formats import FORMATS, Format, format_of_file
from dzviz.options import ENGLISH

DIFFERENT = 1
"""The exit code where the graphs differ."""

DRAWN = ("diagram", "picture", "tex", "chart")
"""The kinds of formats that show both graphs."""


def diff(
    a: Operand,
    b: Operand,
    rtol: float | None,
    atol: float | None,
    output: str | None,
    format_name: str,
    lang: str,
    quiet: bool,
    random_seed: int,
    backward: bool,
) -> int:
    """Compare two computations: their nodes, values, gradients and shares.

    An operand is a graph in JSON (*.json), a function in a Python file (FILE.py:NAME), or else an
    expression. --NAME VALUE sets a variable in every operand that has it. The answer names the
    first difference in the order of computation, forward and then backward, and lists all others in
    a table. Other names, another order of nodes and several other steps that give the same numbers
    do not count as differences; one op in place of another, a moved op, and an op or an output that
    only one graph has do. The exit code is 0 if nothing differs, and 1 if something does; a file of
    -o is written nevertheless.
    """
    check_written(output)
    for option, value in (("--rtol", rtol), ("--atol", atol)):
        if value is not None and not math.isfinite(value):
            raise UsageError(f"{option} takes a number that is not negative, not {value}")
    format = None if output is None else _format(output)
    names = a.name, b.name
    status = Status.of_command(quiet)
    taken = taken_operands(a, b, random_seed=random_seed, backward=backward)
    from dzviz.comparison.report import compare

    lang = lang if format_name == "text" else ENGLISH
    graphs = taken[0].graph, taken[1].graph
    report = compare(*graphs, rtol, atol, backward=backward, lang=lang)
    chunks: Any = None
    if format is not None:
        chunks = _picture(report, names, format)
    status.end()
    for one in taken:
        warn(one.warnings, one.notes, quiet=quiet)
    write_stdout(WRITERS[format_name](report, names), binary=False)
    if chunks is not None:
        write_file(str(output), chunks)
    return 0 if report.equal else DIFFERENT


def _format(output: str) -> Format:
    """Return the format of a picture of both graphs.

    Raises:
        UsageError: It draws none.
    """
    if output == "-":
        raise UsageError(
            "-o is for the file of a picture; the answer goes to standard output",
            hint="as in: -o diff.svg",
        )
    format = format_of_file(output)
    if format.kind not in DRAWN:
        able = " ".join(s for f in FORMATS.values() if f.kind in DRAWN for s in f.suffixes)
        raise UsageError(
            f"{format.name} does not draw two graphs as one", hint=f"-o takes one of {able}"
        )
    return format


def _picture(report: Report, names: words.Names, format: Format) -> Iterator[str] | Iterator[bytes]:
    """Draw both graphs as one."""
    from dzviz.comparison.drawn import LOOK, drawn
    from dzviz.pipeline import drawing_of

    remarks = words.below(report, names)
    look = replace(LOOK, lang=report.lang)
    return drawing_of(drawn(report, names, remarks), format, look).chunks()


WRITERS = {"text": words.text, "json": words.as_json}

command = TwoCommand(
    "diff",
    callback=diff,
    help=diff.__doc__,
    params=[
        Option(
            ["--rtol"],
            type=click.FloatRange(min=0),
            metavar="NUMBER",
            help="The relative tolerance: numbers are equal if they differ by at most --atol plus "
            "this part of the larger one. By default 1e-8 for float64, 1e-4 for float32.",
        ),
        Option(
            ["--atol"],
            type=click.FloatRange(min=0),
            metavar="NUMBER",
            help="The absolute tolerance. By default 1e-13 for float64, 1e-6 for float32; in an "
            "array with elements above 1, times the largest.",
        ),
        output_option(
            "Draw both graphs as one picture: faint where they agree, with both numbers where they "
            "differ. The suffix selects the format."
        ),
        format_option(WRITERS),
        LANG,
        QUIET,
    ],
)
