"""The settings of a thread; it knows nothing of Variables or Functions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import get_ident
from typing import Any

special: set[int] = set()
"""Threads in which ops do not remember their operands, or equal ones are one, by their numbers.

While it is empty no op needs to look at its thread's settings, which costs it 60 ns.
"""


class _Config(threading.local):
    """The switches of the current thread; another thread sees its own."""

    train: bool
    """Whether a model is being trained; see `test_mode`."""

    watchers: tuple[Callable[[Any], None], ...]
    """What is called with each Function that joins a graph; see `dezero.watching.watch_forward`."""

    detach_watchers: tuple[Callable[[Any, str], None], ...]
    """What is called where a graph ends before its time; see `dezero.watching.watch_detach`."""

    observer: Any
    """What follows passes without an observer of their own; see `dezero.engine.watch_backward`."""

    expanded: tuple[str, ...]
    """Which ops are computed of their parts; see `dezero.frames.expanded`."""

    state: tuple[bool, dict[Any, Any] | None]
    """What `remember` was told: what an op looks at, in one look."""

    def __init__(self) -> None:
        # Not in the class: to look there after all takes 100 ns of each op.
        self.state = (True, None)
        special.discard(get_ident())  # where a thread with this number ended within a block
        self.train = True
        self.watchers = ()
        self.detach_watchers = ()
        self.observer = None
        self.expanded = ()

    @property
    def enable_backprop(self) -> bool:
        """Whether Functions remember their inputs, so that gradients can be computed."""
        return self.state[0]

    @enable_backprop.setter
    def enable_backprop(self, value: bool) -> None:
        remember((value, self.state[1]))


Config = _Config()


def remember(state: tuple[bool, dict[Any, Any] | None]) -> None:
    """Say whether Functions remember their inputs, and where equal nodes are one, if so.

    Equal are stateless ops of the same class, of the same operands or of equal numbers. Not one
    that has a name. What the rules of a pass have made is there by op and operands; a node that
    was used again is a key of its own.
    """
    Config.state = state
    enabled, merged = state
    (special.discard if enabled and merged is None else special.add)(get_ident())


@contextmanager
def using_config(name: str, value: object) -> Iterator[None]:
    """Set ``Config.<name>`` to ``value`` within a ``with`` block.

    Raises:
        AttributeError: ``Config`` has no switch of that name.
    """
    if name == "state":  # it goes with `special`, which `remember` alone sets
        raise AttributeError("Config has no switch 'state'; 'enable_backprop' is one")
    old = getattr(Config, name)
    setattr(Config, name, value)
    try:
        yield
    finally:
        setattr(Config, name, old)


def no_grad() -> AbstractContextManager[None]:
    """Compute without a graph within a ``with`` block."""
    return using_config("enable_backprop", False)


def test_mode() -> AbstractContextManager[None]:
    """Run a model as in use, not in training, within a ``with`` block."""
    return using_config("train", False)


test_mode.__test__ = False  # type: ignore[attr-defined]  # pytest would collect the name
