"""``dzviz grad``: only the gradients, for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dzviz.arguments.expression import ExpressionCommand
from dzviz.arguments.options import QUIET, STRICT
from dzviz.cli.answering import answer
from dzviz.pipeline import Given, Values
from dzviz.results.grad import OPTIONS

if TYPE_CHECKING:
    from dzviz.sources import Subject


def grad(subject: Subject | Given, values: Values, **options: Any) -> int:
    """Print the gradient of an expression with respect to each of its variables.

    Each line has the name of a variable, a tab, and its gradient at full precision; arrays are
    lists. -T tsv writes one line per number. -T json also writes the values of the outputs; dzviz
    value prints only those. With --sweep, each line has a value of the variable, the outputs and
    all gradients, below a line of names.
    """
    return answer("grad", subject, values, **options)


command = ExpressionCommand(
    "grad", callback=grad, help=grad.__doc__, params=[*OPTIONS, STRICT, QUIET]
)
