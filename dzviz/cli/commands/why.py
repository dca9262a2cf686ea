"""``dzviz why``: what happened to each gradient, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dzviz.arguments.expression import ExpressionCommand
from dzviz.arguments.options import QUIET, Option
from dzviz.cli.answering import answer
from dzviz.cli.depfile import DEPFILE
from dzviz.pipeline import Given, Values
from dzviz.results.why import OPTIONS

if TYPE_CHECKING:
    from dzviz.sources import Subject


def why(subject: Subject | Given, values: Values, **options: Any) -> int:
    """Say of each variable what its gradient is and why.

    One sentence each: whether it is None, 0, NaN or doubled and where that happened, with the way
    that the gradient took and what mends it. The exit code is 1 where a variable that wants a
    gradient has none, one that is all 0 (or as good as), or one that is not finite; what -o asks
    for is written all the same.
    """
    return answer("why", subject, values, **options)


command = ExpressionCommand(
    "why",
    callback=why,
    help=why.__doc__,
    params=[
        *OPTIONS,
        Option(
            ["-o", "--output"],
            metavar="FILE",
            help="Draw the graph, with the way in front, in the format of the suffix.",
        ),
        DEPFILE,
        QUIET,
    ],
)
