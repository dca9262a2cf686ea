"""How much time and memory a command can spend on a graph.

One budget holds for folding, placing, styles, films, pages and pixels together. Memory is estimated
from the size of the graph before it is taken; loops that a graph makes long look at the time. It
knows no graph.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from dzviz.errors import LayoutError
from dzviz.records import NamedTuple

T = TypeVar("T")

SMALLER = "draw less: a shorter formula, --fold always, or a part with --focus NAME"
"""The hint where a limit is reached."""


class Limits(NamedTuple):
    """A number of ``seconds`` and bytes of ``memory``; ``who`` says in words what is limited."""

    seconds: float
    memory: int
    who: str


COMMAND = Limits(3600.0, 4 << 30, "a command")
"""What a command may take that its user wrote."""

_current: ContextVar[tuple[Limits, float] | None] = ContextVar("budget", default=None)


@contextmanager
def limited(limits: Limits) -> Iterator[None]:
    """Hold what is done within a ``with`` block to limits, instead of those around it."""
    before = _current.set((limits, time.monotonic() + limits.seconds))
    try:
        yield
    finally:
        _current.reset(before)


def check_time() -> None:
    """See that there is time left.

    Raises:
        LayoutError: There is none.
    """
    budget = _current.get()
    if budget is not None and time.monotonic() >= budget[1]:
        limits = budget[0]
        raise LayoutError(
            f"drawing takes longer than the {limits.seconds:g} s that {limits.who} may take",
            hint=SMALLER,
        )


def check_memory(size: int) -> None:
    """See that so many bytes may be taken.

    Raises:
        LayoutError: They are too many.
    """
    budget = _current.get()
    if budget is not None and size > budget[0].memory:
        limits = budget[0]
        raise LayoutError(
            f"drawing would take about {_written(size)}, more than the "
            f"{_written(limits.memory)} that {limits.who} may take",
            hint=SMALLER,
        )


def timed(items: Iterable[T]) -> Iterator[T]:
    """Yield items as long as there is time.

    Raises:
        LayoutError: There is none left.
    """
    for item in items:
        check_time()
        yield item


def seconds_left(most: float) -> float:
    """Return how much time there is for something that has ``most`` seconds of its own."""
    budget = _current.get()
    return most if budget is None else max(0.0, min(most, budget[1] - time.monotonic()))


def memory(most: int) -> int:
    """Return how many bytes there are for something that has ``most`` of its own."""
    budget = _current.get()
    return most if budget is None else min(most, budget[0].memory)


def _written(size: int) -> str:
    whole = 1 << 30
    return f"{size / whole:.3g} GiB" if size >= whole else f"{size >> 20} MiB"
