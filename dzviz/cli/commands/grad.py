"""``dzviz grad``: only the gradients, for scripts."""

from __future__ import annotations

from dzviz.arguments.options import STRICT
from dzviz.cli.answering import command_of

command = command_of(
    "grad",
    """Print the gradient of an expression with respect to each of its variables.

    Each line has the name of a variable, a tab, and its gradient at full precision; arrays are
    lists. -T tsv writes one line per number. -T json also writes the values of the outputs; dzviz
    value prints only those. With --sweep, each line has a value of the variable, the outputs and
    all gradients, below a line of names.
    """,
    STRICT,
)
