"""A tripwire: while it is armed, opening a file, starting a process or importing is noted.

It is an audit hook of Python's, which nothing that Python itself does can get around, and which
stays until the process ends.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import dzviz._dezero
import dzviz.language
from dzviz.graph.model import Graph

FORBIDDEN = ("open", "exec", "os.", "subprocess.", "socket.", "ctypes.", "import", "compile")
"""How the events begin that an expression must never cause."""

events: list[tuple[str, str]] = []
"""What happened while it was armed: the event, and its first argument."""

_placed = False
_watching = False


def place() -> None:
    """Place the hook; what is loaded, or compiled, on first use must have been before."""
    global _placed
    for package in (dzviz._dezero, dzviz.language):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    for record in Graph.__base__.__subclasses__():
        record._compile()
    if not _placed:
        sys.addaudithook(_hook)
        _placed = True


@contextmanager
def armed() -> Iterator[None]:
    """Watch what happens within a ``with`` block, once the hook is placed.

    Raises:
        AssertionError: Something forbidden happened.
    """
    global _watching
    before = len(events)
    _watching = _placed
    try:
        yield
    finally:
        _watching = False
        # Here, since most expressions are refused: that must not hide what they did before.
        assert len(events) == before, f"an expression caused {events[before:]}"


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if not _watching or not event.startswith(FORBIDDEN):
        return
    if event == "import" and args[0] in sys.modules:
        return
    if event == "compile" and (args[1] or "").startswith("<"):
        return  # of the tree that `ast.parse` makes
    events.append((event, str(args[0])[:80] if args else ""))
