"""``dzviz value``: what an expression comes to, for scripts."""

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
    """Print what an expression comes to, at full precision, and no gradients.

    Of several outputs each is a line: its name, a tab, its value. With --order it is the value of
    that derivative.
    """
    return answer("value", subject, values, **options)


command = ExpressionCommand(
    "value", callback=value, help=value.__doc__, params=[*OPTIONS, STRICT, QUIET]
)
