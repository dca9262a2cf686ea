"""A graph of a tensor after the fact, of what its nodes of autograd still know.

That is the ops, the leaves with their gradients, and those values that are kept for backward. What
flowed back on the edges nobody has written down.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import torch

from dzviz.graph.model import Graph
from dzviz.graph.ranges import Range
from dzviz.sources.pytorch.graphs import Options
from dzviz.sources.pytorch.graphs import graph_of as of_notes
from dzviz.sources.pytorch.names import Names
from dzviz.sources.pytorch.notes import Call, Edge, Entry, Seen
from dzviz.sources.pytorch.tensors import edge_of
from dzviz.sources.pytorch.values import Contents, contents, tensors_in
from dzviz.sources.pytorch.words import node_word


def graph_of(thing: Any, names: Names | None = None) -> Graph:
    """Return the graph that computed tensors, as far as it is known."""
    reader = _Reader()
    outputs = [reader.output(y) for y in tensors_in(thing)]
    reader.walk()
    title = "as autograd knows it afterwards: values and shares of its ops are not kept"
    return of_notes(outputs, Options(names or Names(), title if reader.calls else None))


class _Reader:
    """Walks nodes of autograd."""

    def __init__(self) -> None:
        self.results: dict[tuple[int, int], Seen] = {}
        self.calls: dict[int, Call] = {}
        self.kept: list[Any] = []
        self.pending: list[Any] = []
        self.count = 0

    def output(self, y: torch.Tensor) -> Seen:
        """Note a tensor from which the walk starts."""
        edge = edge_of(y)
        if edge is None or y.is_leaf:
            return self.leaf(y)
        self.kept.append(y)
        seen = self.seen(contents(y), leaf=False, tensor=y)
        self.results[id(edge[0]), edge[1]] = seen
        self.pending.append(edge[0])
        seen.edge = edge
        return seen

    def leaf(self, t: torch.Tensor) -> Seen:
        """Note a leaf."""
        key = id(t), -1
        if key not in self.results:
            self.kept.append(t)
            self.results[key] = self.seen(contents(t), leaf=True, tensor=t)
        return self.results[key]

    def seen(self, what: Contents, *, leaf: bool, tensor: Any = None) -> Seen:
        """Make a note."""
        entry = Entry(lambda: tensor)
        requires = True if tensor is None else bool(tensor.requires_grad)
        entry.seen = seen = Seen(0, what, leaf, requires, entry)
        return seen

    def walk(self) -> None:
        """Follow the nodes back to the leaves; a long chain takes no recursion."""
        while self.pending:
            node = self.pending.pop()
            if id(node) in self.calls:
                continue
            self.kept.append(node)
            call = self.calls[id(node)] = Call(0, node_word(node), node_word(node), [], [])
            for edge in node.next_functions:
                operand = self.operand(edge)
                if operand is not None:
                    call.operands.append(operand)
                    call.edges.append(edge)
                    call.sent.append(None)
        self.number()

    def operand(self, edge: Edge) -> Seen | None:
        """Note what a node was computed from; what has no gradient it does not know."""
        node, number = edge
        if node is None:
            return None
        variable = getattr(node, "variable", None)
        if isinstance(variable, torch.Tensor):
            return self.leaf(variable)
        key = id(node), number
        if key not in self.results:
            self.kept.append(node)
            seen = self.results[key] = self.seen(saved(node, number), leaf=False)
            seen.edge = edge
            self.pending.append(node)
        return self.results[key]

    def number(self) -> None:
        """Put all in order, operands before results."""
        made = {id(s): s for s in self.results.values()}
        for seen in made.values():
            if seen.edge is not None:
                seen.call = self.calls.get(id(seen.edge[0]))
        done: set[int] = set()
        for first in made.values():
            stack = [(first, False)]
            while stack:
                seen, ready = stack.pop()
                if ready:
                    self.count += 1
                    seen.number = self.count
                elif id(seen) not in done:
                    done.add(id(seen))
                    stack.append((seen, True))
                    stack += [(x, False) for x in (seen.call.operands if seen.call else ())]


def saved(node: Any, number: int) -> Contents:
    """Say about a result what its node has kept: its value, or its shape, or nothing."""
    result = None
    if number == 0:
        with suppress(AttributeError, RuntimeError):  # it keeps none, or has let it go
            result = node._saved_result
    if isinstance(result, torch.Tensor):
        return contents(result)
    with suppress(AttributeError, IndexError, RuntimeError):
        kept = node._input_metadata[number]
        dtype = str(kept.dtype).removeprefix("torch.")
        shape = tuple(map(int, kept.shape))
        return Contents(Range(1, shape, None, None), shape, dtype)
    return Contents(Range(1, (), None, None), (), "float32")
