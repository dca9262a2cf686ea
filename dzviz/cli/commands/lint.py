"""``dzviz lint``: what is numerically risky in an expression, and a better form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dzviz.arguments.expression import ExpressionCommand
from dzviz.arguments.options import QUIET, Option, format_option
from dzviz.arguments.values import option_for
from dzviz.cli.output import write_file, write_stdout
from dzviz.cli.status import Status
from dzviz.cli.warnings import warn
from dzviz.errors import UsageError
from dzviz.language.carets import visible
from dzviz.lint.remarks import write_json, write_text
from dzviz.pipeline import Computation, Given, Values, compute, read_value

if TYPE_CHECKING:
    from dzviz.graph.model import Graph
    from dzviz.lint.remarks import Remark
    from dzviz.sources import Subject

LOOKED_AT_GRAPH = (
    "only the computed graph was looked at: the rules about unstable forms and unused names are "
    "for formulas"
)
LOOKED_AT_NOTHING = (
    "nothing was looked at: give all variables values, and the computed graph is (the rules about "
    "unstable forms and unused names are for formulas)"
)

FAILS = 1
"""The exit code where there is something to remark that was not mended."""


def lint(
    subject: Subject | Given,
    values: Values,
    random_seed: int,
    fix: bool,
    format_name: str,
    quiet: bool,
) -> int:
    """Find what is numerically risky in an expression.

    The remarks are about unstable forms and unused names. If all variables have values, they are
    also about unintended broadcasting and about differences of nearly equal numbers. A correction
    is only suggested after it has been computed with the same result. The exit code is 1 if there
    is a remark, or, with --fix, one that could not be corrected.
    """
    from dzviz.language.parse import parse
    from dzviz.lint import expressions, graphs
    from dzviz.sources.expression import Expression

    status = Status.of_command(quiet)
    file = click.get_current_context().meta.get("file")
    if fix and (not isinstance(subject, Expression) or file in (None, "-")):
        raise UsageError(
            "--fix corrects the file of an expression", hint="as in: dzviz lint -f loss.txt --fix"
        )
    arrays = None
    complete = isinstance(subject, Given) or all(name in values for name in subject.names)
    if not isinstance(subject, Given) and complete:
        arrays = {name: read_value(name, text, random_seed) for name, text in values.items()}
    found: list[Remark] = []
    if isinstance(subject, Expression):
        if fix:
            better, mended = expressions.fixed(subject.program, arrays)
            if mended:
                write_file(str(file), [f"{better}\n"])
            if not quiet:
                status.say("".join(f"dzviz: mended: {visible(r.reason)}\n" for r in mended))
            subject = Expression(parse(better))
        found += expressions.remarks(subject.program, arrays)
    if complete:
        spans = {remark.span for remark in found if remark.span is not None}
        among = graphs.remarks(_graph(subject, values, random_seed))
        found += [remark for remark in among if remark.span not in spans]
    status.end()
    if not isinstance(subject, Expression):
        warn((), (LOOKED_AT_GRAPH if complete else LOOKED_AT_NOTHING,), quiet=quiet)
    text = subject.text if isinstance(subject, Expression) else None
    write_stdout(WRITERS[format_name](found, text), binary=False)
    return FAILS if found else 0


def _graph(subject: Subject | Given, values: Values, random_seed: int) -> Graph:
    if isinstance(subject, Given):
        return subject.graph
    return compute(Computation(subject, values, option_for, random_seed=random_seed)).graph()


WRITERS = {"text": write_text, "json": write_json}


command = ExpressionCommand(
    "lint",
    callback=lint,
    help=lint.__doc__,
    params=[
        Option(["--fix"], is_flag=True, help="Correct the file of -f."),
        format_option(WRITERS, "The format of the remarks."),
        QUIET,
    ],
)
