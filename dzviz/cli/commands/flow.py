"""``dzviz flow``: where gradients grow, shrink and are lost."""

from __future__ import annotations

from dzviz.arguments.options import STRICT
from dzviz.cli.answering import command_of

command = command_of(
    "flow",
    """Show by how much each op enlarges or shrinks gradients.

    The gain of an op is the norm of the gradient that it sends back, divided by the norm of the
    gradient that reached it. For each variable, the gains are multiplied along its strongest and
    its weakest path. On the strongest path, the answer says where the product falls below 1e-7 or
    rises above 1e7, in a loop with the time. In the picture of -o, edges are thicker where more
    flowed back.
    """,
    STRICT,
    draws="Draw the graph, with thicker edges where more flowed back.",
)
