"""One of two graphs as lists: values and Functions by number, with operands and results."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy as np

from dzviz.comparison.ops import NEUTRAL, Op, op_of
from dzviz.graph.model import Edge, FunctionNode, Graph, VariableNode
from dzviz.graph.ranges import Range
from dzviz.records import NamedTuple
from dzviz.text.languages import say
from dzviz.text.phrases import clean


class Slot(NamedTuple):
    """One operand of a Function: the number of a value, or a number of its label.

    ``constant`` tells that it is a leaf without a name, as which some engines have each number of a
    formula; ``edge`` is how it comes in.
    """

    value: int
    constant: bool
    literal: float | None = None
    edge: Edge | None = None


class Side:
    """A graph in lists.

    ``order`` is the place of each value and of each Function among the nodes. ``recorded`` tells
    whether shares are known, ``passed`` whether any gradient is.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.values: list[VariableNode] = []
        self.functions: list[FunctionNode] = []
        self.number: dict[str, int] = {}
        self.value_order: list[int] = []
        self.function_order: list[int] = []
        for place, node in enumerate(graph.nodes):
            if isinstance(node, VariableNode):
                self.number[node.id] = len(self.values)
                self.values.append(node)
                self.value_order.append(place)
            else:
                self.number[node.id] = len(self.functions)
                self.functions.append(node)
                self.function_order.append(place)
        self.maker = [-1] * len(self.values)
        self.users: list[list[int]] = [[] for _ in self.values]
        self.results: list[list[int]] = [[] for _ in self.functions]
        edges: list[list[Edge]] = [[] for _ in self.functions]
        self.recorded = False
        for edge in graph.edges:
            if edge.arg is None:
                f, v = self.number[edge.source], self.number[edge.target]
                self.maker[v] = f
                self.results[f].append(v)
            else:
                edges[self.number[edge.target]].append(edge)
                self.recorded = self.recorded or edge.contribution is not None
        self.passed = any(v.grad is not None or v.grad_was is not None for v in self.values)
        self.ops: list[Op] = []
        self.slots: list[list[Slot]] = []
        self.root = list(range(len(self.values)))
        for f, node in enumerate(self.functions):
            self._add(f, node, edges[f])
        self.outputs = [self.number[id] for id in graph.outputs]
        self.inputs = [
            v for v, node in enumerate(self.values) if self.maker[v] < 0 and not self.is_constant(v)
        ]

    def output_name(self, value: int, lang: str) -> str:
        """Return what an output is called: by its place among them, where it has no name."""
        place = self.outputs.index(value) + 1
        return clean(self.values[value].name) or say(lang, "number {number}", number=place)

    def is_constant(self, value: int) -> bool:
        """Whether a value is a leaf without a name, or one that was only spread or reshaped."""
        root = self.root[value]
        return self.maker[root] < 0 and not self.values[root].name

    def neutral(self, function: int) -> bool:
        """Whether a Function leaves each number of its only operand as it is."""
        return (
            self.ops[function].name in NEUTRAL
            and len(self.slots[function]) == 1 == len(self.results[function])
            and self.slots[function][0].value >= 0
        )

    def _add(self, f: int, node: FunctionNode, edges: list[Edge]) -> None:
        """Read the operands of a Function."""
        edges.sort(key=lambda edge: -1 if edge.arg is None else edge.arg)
        op = op_of(node.op, node.label, len(edges))
        found = []
        for edge in edges:
            v = self.number[edge.source]
            self.users[v].append(f)
            found.append(Slot(v, self.is_constant(v), None, edge))
        if op.left is not None:
            found.insert(0, Slot(-1, True, op.left))
        if op.right is not None:
            found.append(Slot(-1, True, op.right))
        short = _SHORT.get(op.name)
        if short and len(found) == 2:
            number, name = short
            if number_of(self, found[1]) == number:
                op, found = Op(name, True), found[:1]
        self.ops.append(op)
        self.slots.append(found)
        if self.neutral(f) and self.is_constant(found[0].value):
            self.root[self.results[f][0]] = self.root[found[0].value]


_SHORT = {"pow": (2.0, "square"), "maximum": (0.0, "relu")}
"""Ops that with this number as the second operand are another one."""


def number_of(side: Side, slot: Slot) -> float | None:
    """Return the number of a constant operand; None of an array, and of any other operand."""
    if not slot.constant or slot.literal is not None:
        return slot.literal
    data: Any = side.values[side.root[slot.value]].data
    if isinstance(data, Range) or np.size(data) != 1 or np.asarray(data).dtype.kind == "c":
        return None
    return float(np.asarray(data).reshape(-1)[0])


def rough(side: Side, v: int) -> Hashable | None:
    """Return what values have in common that may be equal; None of those that say little."""
    node = side.values[v]
    if isinstance(node.data, Range) or node.data is None:
        return None
    data = np.asarray(node.data)
    if data.dtype.kind not in "fiu" or not data.size:
        return None
    with np.errstate(all="ignore"):
        size = float(np.abs(np.asarray(data, float)).sum())
    ones = size == data.size and bool(np.all(data == data.flat[0]))
    if not np.isfinite(size) or size == 0 or ones:
        return None
    return node.shape, f"{size:.3g}"


def unique_pairs(
    vs: Iterable[int],
    ws: Iterable[int],
    key: Callable[[int], Hashable],
    other: Callable[[int], Hashable],
) -> list[tuple[int, int]]:
    """Return pairs with one key each, which nothing else of either has."""
    groups: tuple[dict[Hashable, list[int]], dict[Hashable, list[int]]] = {}, {}
    for found, group, of in ((vs, groups[0], key), (ws, groups[1], other)):
        for v in found:
            if (known := of(v)) is not None:
                group.setdefault(known, []).append(v)
    return [
        (alike[0], groups[1][known][0])
        for known, alike in groups[0].items()
        if len(alike) == 1 == len(groups[1].get(known, ()))
    ]
