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
    """Explain the gradient of each variable.

    A sentence says whether it is None, 0, NaN or doubled, and where that happened. The lines below
    show the path that the gradient took, and how to fix the problem. The exit code is 1 if a
    variable that should have a gradient has none, or if its gradient is not finite or is (nearly) 0
    everywhere. A file of -o is written nevertheless.
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
            help="Draw the graph and highlight the path. The suffix selects the format.",
        ),
        DEPFILE,
        QUIET,
    ],
)
