"""Which Functions one call of a composed op, or of a user's function, has made.

A call is a `Frame`. Each Function knows the innermost one that it was computed in, each Frame the
one around it. What draws a graph decides whether a frame is one node or shows its parts.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np

from .config import Config, using_config
from .core import Function, Variable, as_variable, constant
from .watching import watch_forward

F = TypeVar("F", bound=Callable[..., Any])

ALL = "all"
"""Stands for the names of all composed ops."""


class Frame:
    """One call: of ``name``, which is an ``op`` or a ``function``, of ``operands``.

    ``parent`` is the call that it is a part of, None where it is none.
    """

    __slots__ = ("kind", "name", "operands", "parent")

    def __init__(
        self,
        name: str,
        kind: str = "op",
        operands: tuple[Variable, ...] = (),
        parent: Frame | None = None,
    ) -> None:
        self.name = name
        self.kind = kind
        self.operands = operands
        self.parent = parent

    def note(self, function: Function) -> None:
        """Take a Function in: as a watcher of `watch_forward`, outer frames first."""
        if self.parent is None:
            self.parent = function._frame
        function._frame = self


def expanded(names: tuple[str, ...]) -> AbstractContextManager[None]:
    """Compute ops of these names of their parts within a ``with`` block, where they have any.

    Those that are one Function otherwise, such as ``layer_norm``, show their parts only so.
    """
    return using_config("expanded", names)


def composed(function: F, parts: Callable[..., Any] | None = None) -> F:
    """Return an op that leaves a frame around what it computes.

    One that has ``parts`` is computed as it is, and of these where it is `expanded`.
    """
    name = function.__name__

    @wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        if parts is not None and name not in Config.expanded and ALL not in Config.expanded:
            return function(*args, **options)
        given = (*args, *options.values())
        kind = constant if any(isinstance(x, Variable) for x in given) else as_variable
        args = tuple([kind(x) if isinstance(x, np.ndarray) else x for x in args])
        options = {k: kind(x) if isinstance(x, np.ndarray) else x for k, x in options.items()}
        given = (*args, *options.values())
        frame = Frame(name, operands=tuple([x for x in given if isinstance(x, Variable)]))
        with watch_forward(frame.note):
            return (parts or function)(*args, **options)

    return cast(F, call)
