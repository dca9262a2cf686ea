"""Functions that wait for their gradients: a queue by generation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .core import Function, Variable, reused


class Queue:
    """Functions by generation, the highest first, and of equal ones the last discovered first.

    One stack a generation, walked downwards: no sorting, so a pass is linear in its Functions. A
    Function that is discovered always has a lower generation than the one that led to it. It waits
    as that one of its outputs through which it was discovered.
    """

    __slots__ = ("_several", "stacks")

    def __init__(self) -> None:
        self.stacks: dict[int, list[Variable]] = {}
        self._several: set[Function] = set()

    def push(self, y: Variable) -> None:
        """Add the creator of ``y``; one with several outputs is added once."""
        function: Any = y._creator
        if not function.rules:
            function = y.creator  # which has its outputs
            if all(reference() is not y for reference in function.outputs):
                raise reused(function)
            if function in self._several:
                return
            self._several.add(function)
        self.stacks.setdefault(function.generation, []).append(y)

    def drain(self) -> Iterator[Variable]:
        """Take one output after the other, also those that are added meanwhile."""
        for stack in self.generations():
            while stack:
                yield stack.pop()

    def generations(self) -> Iterator[list[Variable]]:
        """Give one stack after the other; its reader empties it, and adds to lower ones meanwhile.

        Raises:
            RuntimeError: A Function was discovered when its generation was over.
        """
        stacks = self.stacks
        generation = max(stacks) if stacks else 0
        missed = 0
        while stacks:
            stack = stacks.get(generation)
            if stack is not None:
                yield stack
                del stacks[generation]
                missed = 0
            elif missed <= len(stacks):
                missed += 1
            else:  # what was assigned to `generation` may be any number
                below = max(stacks)
                if below > generation:
                    raise reused(next(iter(self)))
                generation, missed = below + 1, 0
            generation -= 1

    def __len__(self) -> int:
        return sum(map(len, self.stacks.values()))

    def __iter__(self) -> Iterator[Function]:
        """The waiting Functions in the order in which they would be taken."""
        for generation in sorted(self.stacks, reverse=True):
            for y in reversed(self.stacks[generation]):
                assert y.creator is not None
                yield y.creator
