"""``dzviz flow``: where gradients grow, shrink and are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dzviz.arguments.expression import ExpressionCommand
from dzviz.arguments.options import QUIET, STRICT, Option
from dzviz.cli.answering import answer
from dzviz.cli.depfile import DEPFILE
from dzviz.pipeline import Given, Values
from dzviz.results.flow import OPTIONS

if TYPE_CHECKING:
    from dzviz.sources import Subject


def flow(subject: Subject | Given, values: Values, **options: Any) -> int:
    """Show by how much each op enlarges or shrinks gradients.

    The gain of an op is the norm of the gradient that it sends back, divided by the norm of the
    gradient that reached it. For each variable, the gains are multiplied along its strongest and
    its weakest path. On the strongest path, the answer says where the product falls below 1e-7 or
    rises above 1e7, in a loop with the time. In the picture of -o, edges are thicker where more
    flowed back.
    """
    return answer("flow", subject, values, **options)


command = ExpressionCommand(
    "flow",
    callback=flow,
    help=flow.__doc__,
    params=[
        *OPTIONS,
        Option(
            ["-o", "--output"],
            metavar="FILE",
            help="Draw the graph, with thicker edges where more flowed back.",
        ),
        DEPFILE,
        STRICT,
        QUIET,
    ],
)
