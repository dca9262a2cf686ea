"""``dzviz value``: the value of an expression, for scripts."""

from __future__ import annotations

from dzviz.arguments.options import STRICT
from dzviz.cli.answering import command_of

command = command_of(
    "value",
    """Print the value of an expression at full precision, without gradients.

    If there are several outputs, each line has a name, a tab and a value. With --order, it is the
    value of that derivative.
    """,
    STRICT,
)
