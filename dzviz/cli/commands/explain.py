"""``dzviz explain``: the derivation of the gradients, as equations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dzviz.arguments.expression import ExpressionCommand, check_written
from dzviz.arguments.options import QUIET, STRICT, output_option
from dzviz.cli.output import write_file, write_stdout
from dzviz.cli.warnings import warn
from dzviz.equations.writers import form_of_file
from dzviz.pipeline import Given, Values
from dzviz.results import kind_of
from dzviz.results.explain import OPTIONS

if TYPE_CHECKING:
    from dzviz.sources import Subject


def explain(
    subject: Subject | Given,
    values: Values,
    output: str | None,
    format_name: str | None,
    quiet: bool,
    **options: Any,
) -> None:
    """Write the derivation of the gradients of an expression as equations.

    First come the values, then the derivatives in the order of the backward pass, in symbols and in
    numbers. Shares that meet are added up in one line. Products of arrays are written as in a
    textbook: dL/dW = x^T (dL/dz). The equations are the rules of the ops themselves. The derivative
    of a Function that you wrote appears as a name, such as Cube'(x).
    """
    check_written(output)
    name = format_name or ("text" if output in (None, "-") else form_of_file(str(output)))
    found = kind_of("explain").result(subject, values, format_name=name, **options)
    if found.failed is not None:
        raise found.failed
    warn(found.warnings, found.notes, quiet=quiet)
    if output in (None, "-"):
        write_stdout(found.lines, binary=False)
    else:
        write_file(str(output), iter(found.lines))


command = ExpressionCommand(
    "explain",
    callback=explain,
    help=explain.__doc__,
    params=[
        *OPTIONS,
        output_option("Write to a file."),
        STRICT,
        QUIET,
    ],
)
