"""A graph in arrays of numbers: each node and each edge is known by its place in the graph.

So all of it can be sorted and compared at once, and a node is made where somebody looks at it. It
knows no repetition; `dzviz.graph.structure` and `dzviz.graph.folding` ask it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from dzviz.graph import overview
from dzviz.graph.columns import OTHER, Rows, rows_of
from dzviz.graph.model import Edge, FunctionNode, Graph, Node, VariableNode
from dzviz.records import NamedTuple

Ints = NDArray[np.intp]
T = TypeVar("T")


class Numbered(Protocol):
    """What is known of nodes and edges by their places.

    Nodes of one ``sort`` are like the one of the ``samples`` in all but ids, generations and
    numbers. An edge leads from a ``source`` to a ``target`` as operand ``arg``, -1 as a result.
    """

    @property
    def samples(self) -> Sequence[Node]: ...  # noqa: D102

    sort: Ints
    is_function: NDArray[np.bool_]
    generation: Ints
    source: Ints
    target: Ints
    arg: Ints

    def node(self, place: int) -> Node:
        """Return a node."""

    def edge(self, place: int) -> Edge:
        """Return an edge."""

    def id(self, place: int) -> str:
        """Return the id of a node."""

    def place(self, id: str) -> int:
        """Return the place of a node; -1 where there is none of this id, as of a part's output."""

    def data(self, places: Ints) -> Sequence[Any] | NDArray[np.float64]:
        """Return the data of Variables; as one array where they are numbers."""

    def gradients(self, places: Ints) -> Sequence[Any] | NDArray[np.float64]:
        """Return the gradients of Variables, kept or released, of those that have one."""

    def contributions(self, places: Ints) -> Sequence[Any] | NDArray[np.float64]:
        """Return what flowed back along edges, of those where something did."""


def numbered(graph: Graph) -> Numbered:
    """Number the nodes and edges of a graph."""
    rows = rows_of(graph)
    return _Listed(graph) if rows is None else _InRows(rows)


class Several(Sequence[T]):
    """Nodes or edges by their places, each made when it is asked for."""

    def __init__(self, make: Callable[[int], T], places: Ints) -> None:
        self.make = make
        self.places = places

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return tuple(map(self.make, self.places[index].tolist()))
        return self.make(int(self.places[index]))

    def __iter__(self) -> Iterator[T]:
        return map(self.make, self.places.tolist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __repr__(self) -> str:
        return repr(tuple(self))

    __hash__ = None  # type: ignore[assignment]


class Members(Several[Node]):
    """The nodes that one node stands for, in order of time."""

    def __init__(self, numbers: Numbered, places: Ints) -> None:
        super().__init__(numbers.node, places)
        self.numbers = numbers


@overview.position.register(Members)
def _(members: Members, id: str) -> int:
    return int(np.flatnonzero(members.places == members.numbers.place(id))[0])


@overview.found.register(Members)
def _(members: Members, ids: Iterable[str]) -> Iterator[Node]:
    for id in ids:
        place = members.numbers.place(id)
        if place >= 0 and np.any(members.places == place):
            yield members.numbers.node(place)


class _Listed:
    """A graph of which the nodes are there, each a sort of its own."""

    def __init__(self, graph: Graph) -> None:
        self.samples = self.nodes = tuple(graph.nodes)
        self.edges = tuple(graph.edges)
        self.sort = np.arange(len(self.nodes))
        self.is_function = np.array([isinstance(n, FunctionNode) for n in self.nodes], bool)
        self.generation = np.array([node.generation for node in self.nodes], np.intp)
        places = self.places
        self.source = np.array([places[edge.source] for edge in self.edges], np.intp)
        self.target = np.array([places[edge.target] for edge in self.edges], np.intp)
        self.arg = np.array([-1 if e.arg is None else e.arg for e in self.edges], np.intp)

    @cached_property
    def places(self) -> dict[str, int]:
        """All nodes by their ids."""
        return {node.id: i for i, node in enumerate(self.nodes)}

    def node(self, place: int) -> Node:
        return self.nodes[place]

    def edge(self, place: int) -> Edge:
        return self.edges[place]

    def id(self, place: int) -> str:
        return self.nodes[place].id

    def place(self, id: str) -> int:
        return self.places.get(id, -1)

    def data(self, places: Ints) -> list[Any]:
        nodes = [self.nodes[place] for place in places.tolist()]
        return [node.data for node in nodes if isinstance(node, VariableNode)]

    def gradients(self, places: Ints) -> list[Any]:
        nodes = [self.nodes[place] for place in places.tolist()]
        found = [_gradient(node) for node in nodes if isinstance(node, VariableNode)]
        return [gradient for gradient in found if gradient is not None]

    def contributions(self, places: Ints) -> list[Any]:
        found = [self.edges[place].contribution for place in places.tolist()]
        return [flow for flow in found if flow is not None]


class _Column(NamedTuple):
    """Numbers, NaN for none, and by their places values that no step has."""

    numbers: NDArray[np.float64]
    strange: NDArray[np.bool_]
    values: Mapping[int, Any]

    def of(self, places: Ints) -> list[Any] | NDArray[np.float64]:
        """Return those at some places, except for none; as one array where all are numbers."""
        found = self.numbers[places]
        there = ~np.isnan(found)
        strange = np.flatnonzero(self.strange[places])
        others = [self.values[place] for place in places[strange].tolist()]
        there[strange] = [value is not None for value in others]
        if all(value is None or type(value) is np.float64 for value in others):
            found[strange] = [np.nan if value is None else value for value in others]
            return found[there]
        listed: list[Any] = list(found)
        for i, value in zip(strange.tolist(), others, strict=True):
            listed[i] = value
        return [listed[i] for i in np.flatnonzero(there).tolist()]


class _InRows:
    """A graph in `Rows`: a node is made of its row."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        applied = rows.applied
        self._begin = _offsets(np.where(rows.kind == OTHER, 0, 1 + applied), rows, Edge, False)
        size = int(self._begin[-1])
        self._row = np.repeat(np.arange(len(rows.kind)), np.diff(self._begin))
        self.is_function = np.zeros(size, bool)
        self.is_function[self._begin[:-1][applied]] = True
        self.generation = rows.generation[self._row].astype(np.intp) - self.is_function
        self._sorts(applied)
        self._connect(applied)

    def _sorts(self, applied: NDArray[np.bool_]) -> None:
        """Sort the nodes: those of steps by their kind, each of the others on its own."""
        rows, begin = self.rows, self._begin
        samples: list[Node] = []
        of_variable, of_function = [], []
        for kind in rows.kinds:
            of_variable.append(len(samples))
            samples.append(kind.variable)
            of_function.append(len(samples))
            samples += [] if kind.function is None else [kind.function]
        self.sort = np.full(len(self.is_function), -1, np.intp)
        steps = np.flatnonzero(rows.kind != OTHER)
        self.sort[begin[steps + 1] - 1] = np.array(of_variable, np.intp)[rows.kind[steps]]
        self._function_place = np.full(int(rows.function.max(initial=-1)) + 1, -1, np.intp)
        steps = np.flatnonzero(applied)
        self.sort[begin[steps]] = np.array(of_function, np.intp)[rows.kind[steps]]
        self._function_place[rows.function[steps]] = begin[steps]
        for i, parts in rows.others.items():
            nodes = (part for part in parts if not isinstance(part, Edge))
            for place, node in enumerate(nodes, int(begin[i])):
                self.sort[place] = len(samples)
                samples.append(node)
                self.generation[place] = node.generation
                if isinstance(node, FunctionNode):
                    self.is_function[place] = True
                    self._function_place[int(node.id[1:])] = place
        self.samples = samples

    def _connect(self, applied: NDArray[np.bool_]) -> None:
        """List the ends of all edges."""
        rows, begin = self.rows, self._begin
        counts = np.diff(rows.first)
        self._edge_begin = edges = _offsets(np.where(applied, counts + 1, 0), rows, Edge, True)
        self.source, self.target, self.arg = np.full((3, int(edges[-1])), -1, np.intp)
        owner = np.repeat(np.arange(len(counts)), counts)
        slot = np.arange(len(owner)) - rows.first[owner]
        at = edges[owner] + slot
        self.source[at] = begin[rows.operand + 1] - 1
        self.target[at] = begin[owner]
        self.arg[at] = slot
        flows = np.full(len(self.arg), np.nan)
        if rows.contribution is not None:
            flows[at] = rows.contribution
        steps = np.flatnonzero(applied)
        at = edges[steps + 1] - 1
        self.source[at], self.target[at] = begin[steps], begin[steps] + 1
        strange, values = np.zeros(len(flows), bool), {}
        for i, parts in rows.others.items():
            found = (part for part in parts if isinstance(part, Edge))
            for place, edge in enumerate(found, int(edges[i])):
                self.source[place], self.target[place] = self.place(edge[0]), self.place(edge[1])
                self.arg[place] = -1 if edge.arg is None else edge.arg
                strange[place] = True
                values[place] = edge.contribution
        self._flows = _Column(flows, strange, values)

    def id(self, place: int) -> str:
        row = int(self._row[place])
        if self.is_function[place]:
            return self.node(place).id if (f := self.rows.function[row]) < 0 else f"f{f}"
        return f"v{row}"

    def place(self, id: str) -> int:
        number = int(id[1:])  # there is no part of it whose outputs are elsewhere
        if id.startswith("f"):
            return int(self._function_place[number])
        return int(self._begin[number + 1]) - 1

    def node(self, place: int) -> Node:
        row = int(self._row[place])
        nodes = list(self.rows.nodes(row, row + 1))
        return nodes[place - int(self._begin[row])]

    def edge(self, place: int) -> Edge:
        row = int(np.searchsorted(self._edge_begin, place, "right")) - 1
        return list(self.rows.edges(row, row + 1))[place - int(self._edge_begin[row])]

    @cached_property
    def _variables(self) -> dict[int, VariableNode]:
        """The Variables that are no steps, by their rows."""
        found = self.rows.other_nodes()
        return {int(node.id[1:]): node for node in found if isinstance(node, VariableNode)}

    def data(self, places: Ints) -> list[Any] | NDArray[np.float64]:
        values = {row: node.data for row, node in self._variables.items()}
        return _Column(self.rows.data, self.rows.kind == OTHER, values).of(self._row[places])

    @cached_property
    def _gradients(self) -> _Column:
        known = [_gradient(kind.variable) is not None for kind in self.rows.kinds]
        there = np.array([*known, False])[self.rows.kind]
        values = {row: _gradient(node) for row, node in self._variables.items()}
        numbers = np.where(there, self.rows.grad, np.nan)
        return _Column(numbers, self.rows.kind == OTHER, values)

    def gradients(self, places: Ints) -> list[Any] | NDArray[np.float64]:
        return self._gradients.of(self._row[places])

    def contributions(self, places: Ints) -> list[Any] | NDArray[np.float64]:
        return self._flows.of(places)


def _gradient(node: VariableNode) -> Any:
    return node.grad if node.grad_was is None else node.grad_was


def _offsets(counts: Ints, rows: Rows, kind: type, of_kind: bool) -> Ints:
    """Return where the parts of each row begin; ``counts`` has how many there are of steps."""
    for i, parts in rows.others.items():
        counts[i] = sum(1 for part in parts if isinstance(part, kind) is of_kind)
    return np.append(0, np.cumsum(counts))
