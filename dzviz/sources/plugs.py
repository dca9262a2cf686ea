"""Sources from elsewhere: registered by a program, or by installed packages as entry points.

A source has ``recognises(thing)`` and ``graph(thing)``, which gives a `dzviz.graph.model.Graph` of
a thing or a list of them, as `dzviz.sources.facts.graph_from` does. It may have ``watch()``, a
context manager that gives what has a ``graph(thing)`` of its own, with what happened within.
Whatever goes wrong in one becomes one error that names it. Nothing in a document loads any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from dzviz.errors import DzvizError, EvaluationError, UsageError
from dzviz.graph.model import Graph, VariableNode

GROUP = "dzviz.sources"
"""The group of entry points."""


class Plug:
    """A source from elsewhere, whose mistakes are reported with its ``name``."""

    def __init__(self, name: str, source: Any) -> None:
        self.name, self.source = name, source
        missing = [m for m in ("recognises", "graph") if not callable(getattr(source, m, None))]
        if missing:
            raise UsageError(
                f"the source '{name}' has no {' and no '.join(missing)}",
                hint="it needs recognises(thing) and graph(thing)",
            )

    def recognises(self, thing: object) -> bool:
        """Ask whether it makes graphs of a thing, or of each of a list."""
        things = [thing]
        if isinstance(thing, list | tuple) and not self.recognises_one(thing):
            things = list(thing)
        return bool(things) and all(map(self.recognises_one, things))

    def recognises_one(self, thing: object) -> bool:
        """Ask whether it makes graphs of a thing."""
        return bool(self.ask("recognises", self.source.recognises, thing))

    def graph(self, thing: object, *, words: bool = True) -> Graph:
        """Ask for a graph, and look whether it is one."""
        return self.checked(self.ask("graph", self.source.graph, thing))

    def watch(self) -> AbstractContextManager[Any] | None:
        """Ask for what watches passes; None where it has nothing of that kind."""
        watch = getattr(self.source, "watch", None)
        return None if watch is None else self.ask("watch", watch)

    def watched(self, watcher: Any, thing: object) -> Graph:
        """Ask a watcher for the graph with what it saw."""
        return self.checked(self.ask("watch", watcher.graph, thing))

    def ask(self, what: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call something of it."""
        try:
            return function(*arguments)
        except DzvizError:
            raise
        except Exception as error:
            words = f"{type(error).__name__}: {error}".rstrip(": ")
            raise EvaluationError(f"the source '{self.name}' ({what}) raised {words}") from error

    def checked(self, graph: Any) -> Graph:
        """Return a graph whose edges and outputs are of its nodes.

        Raises:
            EvaluationError: It is none.
        """
        if not isinstance(graph, Graph):
            what = f"{type(graph).__name__}, not a Graph"
            raise EvaluationError(f"the source '{self.name}' gave {what}")
        kinds = {node.id: isinstance(node, VariableNode) for node in graph.nodes}
        wrong = next((id for id in graph.outputs if not kinds.get(id)), None)
        for edge in graph.edges:
            ends = (edge.source, edge.target)[:: 1 if edge.arg is not None else -1]
            if [kinds.get(id) for id in ends] != [True, False]:
                wrong = f"{edge.source} -> {edge.target}"
        if wrong is not None or len(kinds) < len(graph.nodes) or not graph.outputs:
            what = "two nodes with one id" if wrong is None else f"no nodes for '{wrong}'"
            what = what if graph.outputs else "no outputs"
            raise EvaluationError(f"the source '{self.name}' gave a Graph that has {what}")
        return graph


_registered: dict[str, Plug] = {}


def register_source(name: str, source: Any) -> None:
    """Draw what ``source``, a module or an object, recognises; see `dzviz.sources.plugs`.

    It is asked before all others; a source with the same name is replaced.

    Raises:
        UsageError: It has no ``recognises`` or no ``graph``.
    """
    _registered[name] = Plug(name, source)


def registered() -> Sequence[Plug]:
    """Return the sources that the program has registered, the last one first."""
    return list(reversed(_registered.values()))


@cache
def installed() -> Sequence[Plug]:
    """Return the sources of installed packages, by their names.

    Raises:
        UsageError: One cannot be loaded.
    """
    from importlib.metadata import entry_points

    found = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            source = entry.load()
        except Exception as error:
            words = f"{type(error).__name__}: {error}".rstrip(": ")
            raise UsageError(
                f"the source '{entry.name}' ({entry.value}) cannot be loaded: {words}",
                hint="the package that brings it is broken",
            ) from error
        found.append(Plug(entry.name, source))
    return found
