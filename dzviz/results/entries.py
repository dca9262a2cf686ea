"""Named numbers as lines of text, as rows and in JSON: values, gradients, derivatives.

It does not know what was computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from dzviz.graph.model import Graph, VariableNode
from dzviz.records import NamedTuple
from dzviz.text.phrases import clean
from dzviz.text.records import plain


class Entry(NamedTuple):
    """An array, what it is of, and None where there is none."""

    names: tuple[str, ...]
    value: Any


class Entries(NamedTuple):
    """Entries of one kind, such as gradients: what their names and numbers are."""

    name: str
    heads: tuple[str, ...]
    number: str
    entries: Sequence[Entry]

    def text(self) -> Iterator[str]:
        """Yield one line per entry: its names and all its numbers, separated by tabs."""
        for entry in self.entries:
            yield "\t".join([*entry.names, str(listed(entry.value))]) + "\n"

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield one row per number, with its index in the array, below the column names."""
        yield (*self.heads, "index", self.number)
        for entry in self.entries:
            for place, number in elements(entry.value):
                yield (*entry.names, ",".join(map(str, place)), number)

    def facts(self) -> list[dict[str, Any]]:
        """Return each entry as JSON has it."""
        return [
            {
                **dict(zip(self.heads, entry.names, strict=True)),
                "shape": None if entry.value is None else list(np.shape(entry.value)),
                self.number: plain(listed(entry.value)),
            }
            for entry in self.entries
        ]


def listed(value: Any) -> Any:
    """Return an array as nested lists; None stays."""
    return None if value is None else np.asarray(value).tolist()


def elements(value: Any) -> Iterable[tuple[tuple[int, ...], Any]]:
    """Yield each number of an array with its place; None has none."""
    if value is None:
        return [((), None)]
    array = np.asarray(value)
    return ((place, array[place].item()) for place in np.ndindex(array.shape))


def outputs_of(graph: Graph) -> Entries:
    """Return the values of a graph's outputs."""
    nodes = {node.id: node for node in nodes_of(graph) if node.id in graph.outputs}
    entries = [Entry((called(nodes[id]),), nodes[id].data) for id in graph.outputs]
    return Entries("outputs", ("output",), "value", entries)


def nodes_of(graph: Graph) -> Iterator[VariableNode]:
    """Yield the nodes of Variables."""
    return (node for node in graph.nodes if isinstance(node, VariableNode))


def called(node: VariableNode) -> str:
    """Return a Variable's name on one line, or its id."""
    return clean(node.name) or node.id
