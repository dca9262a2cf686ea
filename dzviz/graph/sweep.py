"""A graph over the values of one or two variables, as data; `dzviz.sweeps` computes it.

It knows no source and no picture.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from functools import cached_property
from math import prod

import numpy as np

from dzviz.graph.model import FunctionNode, Graph, VariableNode
from dzviz.records import NamedTuple


class Axis(NamedTuple):
    """The values that a variable takes one after the other, or its element at ``place``.

    They rise or fall. On a ``log`` one neighbours have the same ratio.
    """

    name: str
    place: tuple[int, ...]
    values: tuple[float, ...]
    log: bool = False

    @property
    def label(self) -> str:
        """How it is written: ``x``, ``W[0,1]``."""
        return f"{self.name}[{','.join(map(str, self.place))}]" if self.place else self.name


class Change(NamedTuple):
    """Between two neighbours along an ``axis``, by their numbers, the graph becomes another."""

    axis: int
    before: int
    after: int


class Sweep:
    """One Graph for each point; the last axis goes fastest.

    ``graphs`` are whole, ``drawn`` is what a picture shows of them. Points with the same number in
    ``structure`` have the same nodes and edges, and the same steps; the numbers begin with 0 at the
    first point. ``results`` are those of `result`, ``gradients`` for each axis those of `gradient`.
    """

    def __init__(
        self, axes: Sequence[Axis], graphs: Sequence[Graph], drawn: Sequence[Graph] = ()
    ) -> None:
        self.axes = tuple(axes)
        self.graphs = tuple(graphs)
        self.drawn = tuple(drawn) or self.graphs
        known: dict[Hashable, int] = {}
        self.structure = tuple(
            known.setdefault(_structure(graph), len(known)) for graph in self.graphs
        )
        self.results = tuple(map(result, self.graphs))
        self.gradients = tuple(
            tuple(gradient(graph, axis) for graph in self.graphs) for axis in self.axes
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """How many values each axis has."""
        return tuple(len(axis.values) for axis in self.axes)

    def at(self, point: int) -> tuple[int, ...]:
        """Return the places on the axes of a point."""
        return tuple(int(i) for i in np.unravel_index(point, self.shape))

    def values(self, point: int) -> tuple[float, ...]:
        """Return the values of the axes at a point."""
        return tuple(axis.values[i] for axis, i in zip(self.axes, self.at(point), strict=True))

    def line(self, axis: int, point: int) -> list[int]:
        """Return the points along an axis on which the values of the other axis stay."""
        place = list(self.at(point))
        stride = prod(self.shape[axis + 1 :])
        start = point - place[axis] * stride
        return [start + i * stride for i in range(self.shape[axis])]

    @cached_property
    def parts(self) -> tuple[tuple[int, ...], ...]:
        """The points of each structure."""
        found: list[list[int]] = [[] for _ in range(max(self.structure) + 1)]
        for point, number in enumerate(self.structure):
            found[number].append(point)
        return tuple(map(tuple, found))

    def changes(self) -> Iterator[Change]:
        """Tell between which neighbours the graph becomes another."""
        for axis in range(len(self.axes)):
            for point in range(len(self.graphs)):
                if self.at(point)[axis]:
                    before = point - prod(self.shape[axis + 1 :])
                    if self.structure[before] != self.structure[point]:
                        yield Change(axis, before, point)


def result(graph: Graph) -> float:
    """Return what the gradients are of: the sum of all outputs of a graph, which is whole."""
    nodes = {node.id: node for node in graph.nodes if isinstance(node, VariableNode)}
    with np.errstate(all="ignore"):
        return float(sum(np.sum(nodes[id].data) for id in graph.outputs))


def gradient(graph: Graph, axis: Axis) -> float | None:
    """Return the derivative of the `result` by a swept value; None where no pass came to it."""
    node = leaf(graph, axis.name)
    value = None if node is None else node.grad if node.grad is not None else node.grad_was
    return None if value is None else float(np.asarray(value)[axis.place])


def leaf(graph: Graph, name: str) -> VariableNode | None:
    """Return the node of an input; None where nothing that is drawn was computed from it."""
    made = {edge.target for edge in graph.edges if edge.arg is None}
    for node in graph.nodes:
        if isinstance(node, VariableNode) and node.name == name and node.id not in made:
            return node
    return None


def _structure(graph: Graph) -> Hashable:
    """Return what two graphs share of which one picture can show the numbers of both."""
    return (
        tuple(
            (node.id, node.op, node.label, node.order, node.generation)
            if isinstance(node, FunctionNode)
            else (node.id, node.name, node.role, node.shape, node.dtype, node.order)
            for node in graph.nodes
        ),
        tuple(edge[:4] for edge in graph.edges),
        graph.outputs,
        tuple(event[:5] for event in graph.events),
        tuple(group[:4] for group in graph.groups),
    )
