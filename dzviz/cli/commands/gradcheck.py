"""``dzviz gradcheck``: every gradient beside a numerical one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dzviz.arguments.expression import ExpressionCommand
from dzviz.arguments.options import QUIET, Option
from dzviz.cli.answering import answer
from dzviz.cli.depfile import DEPFILE
from dzviz.pipeline import Values
from dzviz.results.gradcheck import OPTIONS

if TYPE_CHECKING:
    from dzviz.sources import Subject


def gradcheck(subject: Subject, values: Values, quiet: bool, **options: Any) -> int:
    """Compare the gradients of an expression with numerical ones.

    One line for each element of each variable: its gradient by the rules, by differences, and, if
    they do not agree, whether they differ, are not finite, or cannot be compared: where there is no
    derivative, or where rounding hides it. Of several numbers a weighted sum is checked. Each
    Function is tried alone as well, on its own operands; those whose rule is wrong are named, and
    marked in the picture of -o. The exit code is 1 where a gradient differs or is not finite, or a
    rule is wrong; what -o asks for is written all the same. With -q it is all there is, unless -T
    asks for more.
    """
    silent = quiet and options["format_name"] is None
    return answer("gradcheck", subject, values, quiet=quiet, silent=silent, **options)


command = ExpressionCommand(
    "gradcheck",
    computes=True,
    callback=gradcheck,
    help=gradcheck.__doc__,
    params=[
        *OPTIONS,
        Option(
            ["-o", "--output"],
            metavar="FILE",
            help="Draw the graph, each wrong rule marked with both numbers.",
        ),
        DEPFILE,
        QUIET,
    ],
)
