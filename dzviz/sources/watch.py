"""Backward passes of any engine watched from outside, for pictures of what happened in them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from dzviz.engine import LastTape, watch_backward
from dzviz.errors import UsageError
from dzviz.graph.model import Graph
from dzviz.sources import UNKNOWN_THING, book, book_passes, snapshot, source_of
from dzviz.sources.backends import BACKENDS
from dzviz.sources.book_recorder import BookRecorder
from dzviz.sources.plugs import Plug, installed, registered


class Watch:
    """What was watched: the last pass of each engine."""

    def __init__(self, *, plugs: bool = True) -> None:
        self._tape = LastTape()
        self._recorder = BookRecorder()
        self._others: dict[str, Any] = {}
        self._backends: dict[str, Any] = {}
        self._plugs = plugs

    def graph(self, y: Any = None) -> Graph:
        """Return the graph that computed ``y``, with what the last pass did in it.

        Without one it is that of the last pass which a backend ran.

        Raises:
            TypeError: It is no Variable of any engine that is known.
            DzvizError: It cannot be drawn.
        """
        if y is None:
            lasts = (tape.last() for tape in self._backends.values())
            graph: Graph | None = next(filter(None, lasts), None)
            if graph is None:
                raise UsageError("no backend has run a backward pass", hint="graph(y) has y's")
            return graph
        source = source_of(y, plugs=self._plugs)
        if source is snapshot:
            return snapshot.snapshot(y, recording=self._tape)
        if source is book:
            return book_passes.graph(self._recorder, y)
        if isinstance(source, Plug) and source.name in self._others:
            return source.watched(self._others[source.name], y)
        if source is None:
            raise TypeError(UNKNOWN_THING)
        tapes = (t for name, t in self._backends.items() if BACKENDS[name].code is source)
        made: Graph = next(tapes, source).graph(y)
        return made

    @contextmanager
    def _watching(self) -> Iterator[None]:
        with watch_backward(self._tape), self._recorder.watching():
            yield


@contextmanager
def watch(*modules: Any, named: Mapping[str, Any] | None = None) -> Iterator[Watch]:
    """Watch the passes that run in this thread within a ``with`` block.

    If a backend is loaded (`dzviz.sources.backends`), all its ops are watched, too. The parameters
    of ``modules``, and what is ``named``, have names in its graphs; if either is given, only
    backends are watched.

    ``tape.graph(y)`` is then a Graph with the share that flowed back along each edge, the gradients
    that were released, and the order in which this happened. If there are several passes, the last
    one is kept. No class and no value of the engine is changed, and an active profiler keeps
    working.

    Raises:
        UsageError: A plug is broken.
    """
    seen = Watch()
    with ExitStack() as stack:
        for plug in {plug.name: plug for plug in (*installed(), *reversed(registered()))}.values():
            if (watcher := plug.watch()) is not None:
                seen._others[plug.name] = stack.enter_context(watcher)
        for backend in BACKENDS.values():
            if backend.package in sys.modules and hasattr(backend.code, "watch"):
                watcher = backend.code.watch(modules, named or {})
                seen._backends[backend.name] = stack.enter_context(watcher)
        if not modules and not named:
            stack.enter_context(seen._watching())
        yield seen


@contextmanager
def watch_without_plugs() -> Iterator[Watch]:
    """Watch passes of the engines that dzviz knows, where no plug is to be loaded."""
    seen = Watch(plugs=False)
    with seen._watching():
        yield seen
