"""``dzviz gradcheck``: every gradient compared with a numerical one."""

from __future__ import annotations

from dzviz.cli.answering import command_of

command = command_of(
    "gradcheck",
    """Compare the gradients of an expression with numerical gradients.

    Each line is for one element of a variable: its gradient by the rules, its numerical gradient,
    and, if they do not agree, the reason: they differ, one is not finite, or they cannot be
    compared, because there is no derivative or because rounding hides it. If the result has several
    numbers, a weighted sum of them is checked. Each Function is also checked alone, on its own
    operands; the output names the Functions whose rule is wrong, and the picture of -o marks them.
    The exit code is 1 if a gradient differs or is not finite, or if a rule is wrong; a file of -o
    is written nevertheless. With -q and without -T, only the exit code gives the answer.
    """,
    draws="Draw the graph, and mark each wrong rule with both numbers.",
    computes=True,
    silent=True,
)
