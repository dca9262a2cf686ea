"""What long work is at and how much of it is done, as data; it does not know who shows that."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from dzviz.budget import timed

T = TypeVar("T")


class Work:
    """``what`` is done ``since`` when, and which ``share`` of it; -1 where nobody knows."""

    def __init__(self) -> None:
        self.begin("")

    def begin(self, what: str) -> None:
        """Do something else from now on; nothing is ``""``."""
        self.what, self.share, self.since = what, -1.0, time.monotonic()

    def seconds(self) -> float:
        """Return for how long it has been done."""
        return time.monotonic() - self.since


_current: ContextVar[Work | None] = ContextVar("progress", default=None)


@contextmanager
def kept_in(work: Work) -> Iterator[None]:
    """Write into ``work`` what is done within a ``with`` block."""
    before = _current.set(work)
    try:
        yield
    finally:
        _current.reset(before)


def begin(what: str) -> None:
    """Say what is done from now on; nothing is ``""``."""
    (_current.get() or Work()).begin(what)


def through(steps: Sequence[T]) -> Iterator[T]:
    """Yield the steps of a film, or other work, as long as there is time, and count them.

    Raises:
        LayoutError: There is no time left.
    """
    work = _current.get() or Work()
    work.begin("drawing")
    for i, step in enumerate(timed(steps)):
        work.share = i / len(steps)
        yield step
    work.begin("")
