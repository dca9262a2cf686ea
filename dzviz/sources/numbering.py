"""The numbers of a graph's Variables and Functions, in depth-first order of computation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from dzviz.engine import Function, Variable, reused
from dzviz.records import NamedTuple


class Numbering(NamedTuple):
    """All Variables and Functions of a graph with their numbers, operands before results."""

    variables: dict[Variable, int]
    functions: dict[Function, int]

    def variable(self, x: Variable) -> str:
        """Return the id of a Variable's node."""
        return f"v{self.variables[x]}"

    def function(self, function: Function) -> str:
        """Return the id of a Function's node."""
        return f"f{self.functions[function]}"


def number(ys: Sequence[Variable]) -> Numbering:
    """Number everything that ``ys`` were computed from.

    Raises:
        RuntimeError: A Function was applied to its own result, or an op twice.
    """
    variables = _walk(ys)
    made = [x._creator for x in variables if x._creator is not None]
    # The numbers from 0 are there already: others would take 32 bytes each.
    functions = dict(zip(made, variables.values(), strict=False))
    if len(functions) < len(made):  # some have several outputs; else in half the time
        functions = {function: i for i, function in enumerate(dict.fromkeys(made))}
        if twice := [f for f, uses in Counter(made).items() if uses > 1 and f.rules]:
            raise reused(twice[0])
    return Numbering(variables, functions)


def exceeds(ys: Iterable[Variable], most: int) -> bool:
    """Whether more than so many Functions that are in no frame made ``ys``."""
    pending = list(ys)
    seen: set[Function] = set()
    count = 0
    while pending and count <= most:
        function = pending.pop()._creator
        if function is not None and function not in seen:
            seen.add(function)
            pending.extend(function.inputs)
            count += function._frame is None
    return count > most


def _walk(ys: Sequence[Variable]) -> dict[Variable, int]:
    numbers: dict[Variable, int] = {}
    stack: list[Any] = list(reversed(ys))
    push, pop = stack.append, stack.pop
    while stack:
        x = pop()
        if x is None:  # all that the next one was computed from has its number
            x = pop()
            numbers[x] = len(numbers)
            continue
        while x not in numbers:
            function = x._creator
            if function is None:
                numbers[x] = len(numbers)
                break
            if function.generation >= x.generation:  # it made another one of its own result
                raise reused(function)
            push(x)
            push(None)
            inputs = function.inputs
            if len(inputs) == 2:  # nearly always: one or two
                x, z = inputs
                if z not in numbers:
                    push(z)
                continue
            if not inputs:
                break
            for operand in inputs[:0:-1]:
                if operand not in numbers:
                    push(operand)
            x = inputs[0]
    return numbers
