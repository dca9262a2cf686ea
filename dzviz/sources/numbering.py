"""The numbers of a graph's Variables and Functions, in depth-first order of computation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import repeat
from typing import Any

import numpy as np

from dzviz.engine import Function, Variable, reused


class Numbering:
    """All Variables of a graph with their numbers, operands before results.

    ``makers`` has the Function that made each, None of a leaf, and ``made_by`` the number of that,
    -1 of a leaf; ``size`` is how many Functions there are.

    Raises:
        RuntimeError: An op was applied twice.
    """

    def __init__(self, variables: dict[Variable, int]) -> None:
        self.variables = variables
        self.makers = [x._creator for x in variables]
        made = np.fromiter((f is not None for f in self.makers), bool, len(self.makers))
        self.made_by = np.where(made, np.cumsum(made, dtype=np.int32) - 1, -1)
        self.size = int(made.sum())
        if len(self.functions) < self.size:  # some have several outputs
            self.size = len(self.functions)
            uses = Counter(filter(None, self.makers))
            if twice := [f for f, count in uses.items() if count > 1 and f.rules]:
                raise reused(twice[0])
            makers: list[Any] = self.makers
            numbers = map(self.functions.get, makers, repeat(-1))
            self.made_by = np.fromiter(numbers, np.int32, len(self.makers))

    @cached_property
    def functions(self) -> dict[Function, int]:
        """All Functions with their numbers. It is large, so one may forget it."""
        made: list[Any] = [f for f in self.makers if f is not None]
        # The numbers from 0 are there already: others would take 32 bytes each.
        found = dict(zip(made, self.variables.values(), strict=False))
        if len(found) < len(made):  # else in half the time
            found = {function: i for i, function in enumerate(dict.fromkeys(made))}
        return found

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
    return Numbering(_walk(ys))


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
