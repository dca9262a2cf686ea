"""``dzviz why``: what happened to each gradient, in a sentence."""

from __future__ import annotations

from dzviz.cli.answering import command_of

command = command_of(
    "why",
    """Explain the gradient of each variable.

    A sentence says whether it is None, 0, NaN or doubled, and where that happened. The lines below
    show the path that the gradient took, and how to fix the problem. The exit code is 1 if a
    variable that should have a gradient has none, or if its gradient is not finite, is (nearly) 0
    everywhere, or is not the sum of what flowed back to it. A file of -o is written nevertheless.
    """,
    draws="Draw the graph and highlight the path. The suffix selects the format.",
)
