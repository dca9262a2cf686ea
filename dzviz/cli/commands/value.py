"""``dzviz value``: the value of an expression, for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dzviz.arguments.expression import ExpressionCommand
from dzviz.arguments.options import QUIET, STRICT
from dzviz.cli.answering import answer
from dzviz.pipeline import Given, Values
from dzviz.results.value import OPTIONS

if TYPE_CHECKING:
    from dzviz.sources import Subject


def value(subject: Subject | Given, values: Values, **options: Any) -> int:
    """Print the value of an expression at full precision, without gradients.

    If there are several outputs, each line has a name, a tab and a value. With --order, it is the
    value of that derivative.
    """
    return answer("value", subject, values, **options)


command = ExpressionCommand(
    "value", callback=value, help=value.__doc__, params=[*OPTIONS, STRICT, QUIET]
)
