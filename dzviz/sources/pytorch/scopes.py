"""Where in a program an op runs: in which calls of modules, in which line of the user's own.

It is read off the frames of Python: no module gets a hook, so none takes another way than usual.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import torch

from dzviz.language.user_code import is_users, short_path
from dzviz.sources.pytorch.notes import Scope

CALL = torch.nn.Module._call_impl.__code__
"""What runs a module's ``forward``."""


class Scopes:
    """The calls of modules that run now, outermost first, as of the last op.

    ``roots`` are the modules that no other one called, by their ids, with a name if one is known.
    """

    def __init__(self) -> None:
        self.stack: list[tuple[Any, Scope]] = []
        self.opened: list[Scope] = []
        self.roots: dict[int, tuple[Any, str | None]] = {}
        self.numbers = count()
        self.places: dict[tuple[str, int], tuple[str, int]] = {}

    @property
    def now(self) -> Scope | None:
        """The innermost of them."""
        if self.opened:
            return self.opened[-1]
        return self.stack[-1][1] if self.stack else None

    def leave(self) -> None:
        """Let go of the frames: they hold what was local to them."""
        self.stack.clear()

    def look(self, frame: Any) -> tuple[tuple[str, int] | None, bool]:
        """See where an op runs; return the user's line, and whether an optimiser takes a step."""
        place: tuple[str, int] | None = None
        calls: list[Any] = []
        while frame is not None:
            code = frame.f_code
            if code is CALL:
                calls.append(frame)
            elif place is None:
                file = code.co_filename
                if is_users(file):
                    place = file, frame.f_lineno
                elif str(frame.f_globals.get("__name__")).startswith("torch.optim"):
                    return None, True
            frame = frame.f_back
        calls.reverse()
        same = 0
        for (known, _), each in zip(self.stack, calls, strict=False):
            if known is not each:
                break
            same += 1
        del self.stack[same:]
        for each in calls[same:]:
            self.enter(each)
        return None if place is None else self.placed(place), False

    def enter(self, frame: Any) -> None:
        """Note a call of a module."""
        module = frame.f_locals["self"]
        parent = self.stack[-1][1] if self.stack else None
        if parent is None and id(module) not in self.roots:
            inner = any(module is m for root, _ in self.roots.values() for m in root.modules())
            if not inner:
                self.roots[id(module)] = module, None
        scope = Scope(next(self.numbers), "module", "", parent, module)
        self.stack.append((frame, scope))

    @contextmanager
    def within(self, name: str) -> Iterator[None]:
        """Put what runs within a ``with`` block into a scope of its own."""
        self.opened.append(Scope(next(self.numbers), "op", name, self.now))
        try:
            yield
        finally:
            self.opened.pop()

    def placed(self, place: tuple[str, int]) -> tuple[str, int]:
        """Write a file as it is seen from here."""
        if place not in self.places:
            self.places[place] = short_path(place[0]), place[1]
        return self.places[place]
