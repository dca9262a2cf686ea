"""Ops applied to operands: each result's size is predicted before any memory is asked for.

What does not fit together is reported at its place in the text.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeAlias

import numpy as np

from dzviz.engine import OPS, Constant, Function, Variable, watch_forward
from dzviz.errors import EvaluationError
from dzviz.language.limits import Budget
from dzviz.language.syntax import Program
from dzviz.text.phrases import listed

Result: TypeAlias = Variable | tuple[Variable, ...]
"""What an op gives: one value, or several with names."""

_MISFIT = r"operands could not be|shape mismatch|matmul: |all the? ?input array|all input arrays"
"""What NumPy says about shapes that do not fit together."""


class Application:
    """Applies the ops of one program; holds what its values have cost so far."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.spans: dict[Function, tuple[int, int]] = {}
        self.budget = Budget()

    def apply(self, node: ast.expr, name: str, *arguments: Any, **options: Any) -> Variable:
        """Apply an op that has one result."""
        result = self.results(node, name, *arguments, **options)
        assert isinstance(result, Variable)
        return result

    def results(self, node: ast.expr, name: str, *arguments: Any, **options: Any) -> Result:
        """Apply an op after its result's size was found bearable."""
        op = OPS[name]
        operands = [
            x
            for argument in (*arguments, *options.values())
            for x in (argument if isinstance(argument, list) else [argument])
            if isinstance(x, Variable)
        ]
        elements, cost = op.elements, op.cost

        def size() -> float:
            if elements is not None:
                return elements(*arguments, **options)
            return broadcast_size(*(x.shape for x in operands))

        def room() -> float:
            largest = max((x.size for x in operands), default=0)
            return largest if cost is None else max(largest, cost(*arguments, **options))

        self.reserve(node, size, room)
        try:
            with self.spanning(node) if op.composed else nullcontext():
                result: Result = op.function(*arguments, **options)
        except (ValueError, TypeError, IndexError, OverflowError) as error:
            if len(operands) > 1 and re.match(_MISFIT, str(error)):
                raise self.misfit(node, name, operands) from None
            what = op.symbol or name
            hint = f"{what} takes {op.shapes}" if op.shapes != "any" else None
            message = f"{what}: {error}{_shapes_beside(str(error), operands)}"
            raise self.error(node, message, hint=hint) from None
        if not isinstance(result, Variable):
            return result
        self.budget.check_empty(result.shape, self.result(node), self.program.place(node))
        if isinstance(result, Constant):
            return Constant(result.data, self.program.source(node), result.maker)
        if result.creator is not None:
            self.spans[result.creator] = self.program.span(node)
        return result

    def spanning(self, node: ast.expr) -> AbstractContextManager[None]:
        """Note of all that is computed in a ``with`` block that it comes from here."""
        span = self.program.span(node)
        return watch_forward(lambda made: self.spans.update({made: span}))

    def reserve(self, node: ast.expr, size: Callable[[], float], cost: Callable[[], float]) -> None:
        """Count what a result will need; what does not fit together fails when it is computed."""
        try:
            needed = size(), cost()
        except (ValueError, TypeError, IndexError):
            return
        self.budget.spend(needed[0], self.result(node), self.program.place(node), cost=needed[1])

    def result(self, node: ast.expr) -> str:
        """Name the result of a node."""
        return f"the result of {short(self.program.source(node))}"

    def misfit(self, node: ast.expr, what: str, operands: list[Variable]) -> EvaluationError:
        """Return the error of shapes that do not fit together; ``what`` is an op or in words."""
        *others, last = (str(x.shape) for x in operands)
        op = OPS.get(what)
        name = f"'{op.symbol or op.name}'" if op else what
        hint = f"{name} takes {op.shapes}" if op and op.shapes != "any" else None
        message = f"{name} does not fit shapes {', '.join(others)} and {last}"
        return self.error(node, message, hint=hint)

    def error(self, node: ast.expr, message: str, *, hint: str | None = None) -> EvaluationError:
        """Return the error of what cannot be computed, at its place."""
        return EvaluationError(message, place=self.program.place(node), hint=hint)


def _shapes_beside(message: str, operands: Sequence[Variable]) -> str:
    """Write the operands' shapes, if a message does not name them all."""
    shapes = list(dict.fromkeys(str(x.shape) for x in operands))
    if all(shape in message for shape in shapes):
        return ""
    if len(shapes) == 1:
        return f"; its shape is {shapes[0]}"
    return f"; the shapes are {listed(shapes[:-1], ', ')} and {shapes[-1]}"


def short(source: str) -> str:
    """Write a part of the text on one line, of a long one the beginning."""
    line = " ".join(source.split())
    return line if len(line) <= 40 else f"{line[:37]}..."


def numeric(x: Variable) -> Variable:
    """Make numbers of truth values: in arithmetic True is 1."""
    return Constant(x.data.astype(float), x.name) if x.dtype == bool else x


def broadcast_size(*shapes: tuple[int, ...]) -> int:
    """Return how many elements arrays of these shapes make together."""
    return math.prod(np.broadcast_shapes(*shapes))
