"""Who is told of what is computed: of each Function that joins a graph, of what leaves its graph.

It knows Variables by whether they are constant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from typing import Any

from .config import Config, using_config

active = 0
"""In how many blocks of all threads anything is watched; a look at a thread's own costs 50 ns."""

_lock = Lock()


def watch_forward(watcher: Callable[[Any], None]) -> AbstractContextManager[None]:
    """Call ``watcher`` with each Function that joins a graph in this thread, in a ``with`` block.

    In blocks within each other the outer one's watcher is called first. What a watcher raises, the
    Function's caller gets. Without one, it costs nothing that could be measured.
    """
    return _watched("watchers", watcher)


def watch_detach(watcher: Callable[[Any, str], None]) -> AbstractContextManager[None]:
    """Call ``watcher`` where a value leaves its graph in this thread, in a ``with`` block.

    It gets the Variable and by what it leaves: ``.data``, ``no_grad``, ``unchain`` (announced
    before), a function of NumPy's without a derivative. Of the passes' own work, and of that
    of rules, nothing is reported.
    """
    return _watched("detach_watchers", watcher)


@contextmanager
def _watched(name: str, watcher: Callable[..., None]) -> Iterator[None]:
    global active
    with using_config(name, (*getattr(Config, name), watcher)):
        with _lock:
            active += 1
        try:
            yield
        finally:
            with _lock:
                active -= 1


def tell(function: Any) -> None:
    """Tell who watches that a Function joined a graph."""
    for watcher in Config.watchers:
        watcher(function)


def tell_detached(xs: Iterable[Any], by: str) -> None:
    """Tell who watches that those of ``xs`` which get gradients leave their graph."""
    for watcher in Config.detach_watchers:
        for x in xs:
            if not getattr(x, "constant", True):  # what is no Variable has none
                watcher(x, by)
