"""Which backward passes made a gradient; it refers to Variables weakly and keeps no graph alive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from weakref import ref

MOST = 3
"""The number of first and last passes that are remembered for a sum of gradients."""


class Pass:
    """One backward pass.

    ``outputs`` are weak references to what it started from (none in a copy, whose outputs would be
    others), ``names`` what these were called then, ``seeds`` what the user had assigned to them:
    None for ones, a number, or an array's shape.
    """

    __slots__ = ("names", "outputs", "seeds")

    def __init__(self, seeds: Sequence[tuple[Any, Any]]) -> None:
        """Note the outputs, each with its seed as a Variable, None for ones."""
        self.outputs = tuple([ref(y) for y, _ in seeds])
        self.names = tuple([y.name for y, _ in seeds])
        self.seeds = tuple([None if gy is None else _told(gy.data) for _, gy in seeds])

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy it without its outputs."""
        return _restored, (self.names, self.seeds)


class Added(NamedTuple):
    """A gradient that so many ``times`` a pass added to, upon what the user had ``assigned`` if so.

    ``passes`` are the first and the last of them in order.
    """

    passes: tuple[Pass, ...]
    times: int
    assigned: bool = False

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Copy `ASSIGNED` as itself."""
        return "ASSIGNED" if self == ASSIGNED else (Added, tuple(self))


ASSIGNED: Final = Added((), 0, assigned=True)
"""Stands for a gradient that is what the user assigned."""


def added(before: Pass | Added | None, last: Pass) -> Added:
    """Return what made a gradient to which a pass added its own."""
    if before is None:
        before = ASSIGNED
    elif isinstance(before, Pass):
        before = Added((before,), 1)
    passes = before.passes
    if len(passes) == 2 * MOST:
        passes = passes[:MOST] + passes[MOST + 1 :]
    return Added((*passes, last), before.times + 1, before.assigned)


def _told(seed: Any) -> float | tuple[int, ...] | None:
    if (seed == 1).all():
        return None
    return seed.shape if seed.ndim else float(seed)


def _restored(names: tuple[str | None, ...], seeds: tuple[Any, ...]) -> Pass:
    made = Pass(())
    made.names, made.seeds = names, seeds
    return made
