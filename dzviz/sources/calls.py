"""Which calls of the user's own functions are running: each is a frame around what it computes.

It looks at Python's stack when a Function is computed, and changes nothing of what runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dzviz.engine import Frame, Function, watch_forward
from dzviz.language.user_code import is_users


@contextmanager
def calls_framed() -> Iterator[None]:
    """Frame what is computed within a ``with`` block by the calls that compute it.

    The outermost function of the user's is the whole, and no frame; of the others those count that
    stand in its folder and have a name.
    """
    calls = _Calls(sys._getframe(2))
    with watch_forward(calls.note):
        try:
            yield
        finally:
            calls.stack.clear()
            calls.places.clear()


class _Calls:
    """The user's calls that are going on, as they were when the last Function was computed.

    They are kept until the next one: so a call that is over is never taken for another, whose
    Python frame could be in the same place.
    """

    def __init__(self, base: Any) -> None:
        self.stack: list[tuple[Any, Frame | None]] = [(base, None)]
        self.places = {id(base): 0}

    def note(self, function: Function) -> None:
        """Frame a Function by the innermost call of the user's."""
        new = []
        at: Any = sys._getframe(1)
        while at is not None and id(at) not in self.places:
            if is_users(at.f_code.co_filename):
                new.append(at)
            at = at.f_back
        if at is None:  # of another thread
            return
        if new or at is not self.stack[-1][0]:
            self.enter(at, new)
        frame = self.stack[-1][1]
        if frame is not None:
            function._frame = frame

    def enter(self, known: Any, new: list[Any]) -> None:
        """Leave the calls within a known one, and enter new ones, the innermost first."""
        place = self.places[id(known)] + 1
        for call, _ in self.stack[place:]:
            del self.places[id(call)]
        del self.stack[place:]
        for call in reversed(new):
            self.places[id(call)] = len(self.stack)
            self.stack.append((call, self.frame(call)))

    def frame(self, call: Any) -> Frame | None:
        """Return the frame of a call: its own, or the one around it."""
        outer = self.stack[-1][1]
        file = call.f_code.co_filename
        if len(self.stack) == 1 or not _near(file, self.stack[1][0].f_code.co_filename):
            return outer
        if call.f_code.co_name.startswith("<"):  # as of a lambda
            return outer
        return Frame(_name(call.f_code), "function", parent=outer)


def _near(file: str, other: str) -> bool:
    return os.path.dirname(file) == os.path.dirname(other)


def _name(code: Any) -> str:
    """Name a function as the user does: a method with its class, what is called by that alone."""
    return str(code.co_qualname.rpartition("<locals>.")[2].removesuffix(".__call__"))
