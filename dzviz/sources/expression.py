"""The source of formulas: a checked text in the language, and how it is computed.

The language itself is in `dzviz.language`. It loads no NumPy before something is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from dzviz.errors import EvaluationError, Place
from dzviz.frozen import frozen
from dzviz.language.parse import parse
from dzviz.language.syntax import Program

if TYPE_CHECKING:
    from dzviz.engine import Variable
    from dzviz.language.evaluation import Evaluation


@frozen(slots=True)
class Expression:
    """A formula as a subject, see `dzviz.sources.Subject`."""

    program: Program

    pure: ClassVar[bool] = True

    @property
    def text(self) -> str:
        """What the user wrote."""
        return self.program.text

    @property
    def names(self) -> Sequence[str]:
        """The variables that need a value."""
        return self.program.names

    @property
    def optional(self) -> Sequence[str]:
        """The constants that it names, which may be given another value."""
        return self.program.constants

    def evaluate(
        self, values: Mapping[str, Any], option: Callable[[str], str] = "--{} VALUE".format
    ) -> Evaluation:
        """Compute it from values."""
        from dzviz.language.evaluate import evaluate

        return evaluate(self.program, values, option=option)

    def apply(self, inputs: Mapping[str, Variable]) -> list[Variable]:
        """Compute its outputs from Variables."""
        from dzviz.language.evaluate import apply

        return apply(self.program, inputs)

    @contextmanager
    def rules(self, doing: str = "") -> Iterator[None]:  # none but ours
        """Turn what a rule raises into an error of the evaluation."""
        try:
            yield
        except (ValueError, TypeError, ArithmeticError, LookupError) as error:
            place = Place(self.text, 0, len(self.text))
            message = f"its gradient cannot be computed: {error}"
            raise EvaluationError(message, place=place) from error

    def place(self, name: str) -> Place:
        """Return where a variable is first named."""
        span = next(mention.span for mention in self.program.free if mention.name == name)
        return Place(self.text, *span)


def read(text: str, *, functions: Callable[[], Collection[str]] = tuple) -> Expression:
    """Read a formula; see `dzviz.language.parse.parse`.

    Raises:
        ExpressionError: It is not in the language.
    """
    return Expression(parse(text, functions=functions))
