"""The nodes and edges of a large graph in columns of numbers, made into nodes as they are needed.

Nearly all of a large graph are scalars without a name, each with the Function that made it. All
that such steps have in common is stored once, in their `Kind`; what is left are a few numbers,
which take a tenth of the memory and are taken down, and written, in a fifth of the time.

Only the snapshot, which makes these columns, `dzviz.formats.dot`, which writes them, and
`dzviz.graph.numbered`, of which they are folded, know them. For all others they are sequences, and
answer what `dzviz.graph.overview` asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, overload

import numpy as np

from dzviz.graph import overview
from dzviz.graph.model import Edge, FunctionNode, Graph, Node, Value, VariableNode
from dzviz.records import NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints: TypeAlias = NDArray[np.int32]
    """Numbers of Variables and Functions: more than these count do not fit into a memory."""

T = TypeVar("T")


KEPT = 500
"""So many nodes or edges are made once, not each time that somebody looks at them."""

OTHER = -1
"""What stands for the kind of a row that is no step."""


class Kind(NamedTuple):
    """What steps have in common.

    ``variable`` and ``function`` are the nodes of one of them, which has its own ids, generations,
    data and gradient. Leaves have no ``function``.
    """

    variable: VariableNode
    function: FunctionNode | None


class Rows(NamedTuple):
    """A graph: a row for each Variable, with the Function that comes with it, in order.

    Row ``i`` is about the Variable ``v<i>``. A step is of the kind ``kinds[kind[i]]``; ``function``
    is the number of its Function, ``generation`` the Variable's, ``data`` its value and ``grad``
    its gradient, kept or released. Its operands are the Variables
    ``operand[first[i]:first[i + 1]]``; where a pass was recorded, ``contribution`` is what flowed
    back to each of them, NaN where nothing did. ``back`` is the Function's place in that pass, 0
    where it has none. ``others`` has the nodes and edges of the rows that
    are no steps.
    """

    kinds: Sequence[Kind]
    kind: Ints
    function: Ints
    generation: Ints
    data: NDArray[np.float64]
    grad: NDArray[np.float64]
    first: Ints
    operand: Ints
    contribution: NDArray[np.float64] | None
    back: Ints
    others: Mapping[int, Sequence[Node | Edge]]

    @property
    def applied(self) -> NDArray[np.bool_]:
        """Which rows are steps with a Function."""
        has = [kind.function is not None for kind in self.kinds]
        return np.array([*has, False])[self.kind]

    def count_edges(self) -> int:
        """Count the edges of all rows."""
        others = sum(1 for _ in self.other_edges())
        return others + len(self.operand) + int(np.count_nonzero(self.applied))

    def repeated(self) -> NDArray[np.bool_]:
        """Return for each Variable whether something flowed back to it more than once."""
        uses = self.operand[:0]
        if self.contribution is not None:
            uses = self.operand[~np.isnan(self.contribution)]
        others = [int(e.source[1:]) for e in self.other_edges() if e.contribution is not None]
        uses = np.append(uses, np.array(others, np.int32))
        return np.bincount(uses, minlength=len(self.kind)) > 1

    def other_nodes(self) -> Iterator[Node]:
        """Return the nodes of rows that are no steps."""
        for parts in self.others.values():
            yield from (part for part in parts if not isinstance(part, Edge))

    def other_edges(self) -> Iterator[Edge]:
        """Return the edges of rows that are no steps."""
        for parts in self.others.values():
            yield from (part for part in parts if isinstance(part, Edge))

    def nodes(self, start: int = 0, stop: int | None = None) -> Iterator[Node]:
        """Make the nodes of some rows."""
        part = slice(start, len(self.kind) if stop is None else stop)
        columns: list[Iterable[Any]] = [
            self.kind[part].tolist(),
            self.function[part].tolist(),
            self.generation[part].tolist(),
            self.data[part],
            self.grad[part],
            self.back[part].tolist(),
        ]
        for i, (number, f, generation, x, gx, back) in enumerate(zip(*columns, strict=True), start):
            if number == OTHER:
                yield from (part for part in self.others[i] if not isinstance(part, Edge))
                continue
            model, function = self.kinds[number]
            if function is not None:
                _, op, label, _, *rest, _ = function
                place = back or None
                yield _new(FunctionNode, (f"f{f}", op, label, generation - 1, *rest, place))
            _, name, role, shape, dtype, _, grad, state, was, seed, _, *rest = model
            grad = None if grad is None else gx
            was = None if was is None else gx
            head = (f"v{i}", name, role, shape, dtype, x, grad, state, was, seed, generation)
            yield _new(VariableNode, (*head, *rest))

    def edges(self, start: int = 0, stop: int | None = None) -> Iterator[Edge]:
        """Make the edges of some rows."""
        stop = len(self.kind) if stop is None else stop
        ends = self.first[start : stop + 1].tolist()
        numbers, functions = self.kind[start:stop].tolist(), self.function[start:stop].tolist()
        for i, (number, f) in enumerate(zip(numbers, functions, strict=True), start):
            if number == OTHER:
                yield from (part for part in self.others[i] if isinstance(part, Edge))
            elif self.kinds[number].function is not None:
                part = slice(ends[i - start], ends[i - start + 1])
                contributions = None
                if self.contribution is not None:
                    contributions = [None if g != g else g for g in self.contribution[part]]
                yield from operand_edges(f"f{f}", self.operand[part].tolist(), contributions)
                yield _new(Edge, (f"f{f}", f"v{i}", 0, None, None, ""))


class _Parts(Sequence[T]):
    """What rows make; two are equal if they make the same."""

    def __init__(self, rows: Rows, length: int) -> None:
        self.rows = rows
        self.length = length

    @cached_property
    def all(self) -> tuple[T, ...]:
        """All of them, for code that does not want them one after the other."""
        return tuple(self.made())

    def made(self) -> Iterator[T]:
        """Make them, one after the other."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[T]:
        return iter(self.all) if self.length <= KEPT else self.made()

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: Any) -> Any:
        return self.all[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __repr__(self) -> str:
        return repr(tuple(self))

    __hash__ = None  # type: ignore[assignment]


class Nodes(_Parts[Node]):
    """The nodes that rows make."""

    def made(self) -> Iterator[Node]:
        """Make them, one after the other."""
        return self.rows.nodes()


class Edges(_Parts[Edge]):
    """The edges that rows make."""

    def made(self) -> Iterator[Edge]:
        """Make them, one after the other."""
        return self.rows.edges()


def rows_of(graph: Graph) -> Rows | None:
    """Return the rows that make both the nodes and the edges of a graph; None where none do."""
    nodes, edges = graph.nodes, graph.edges
    if isinstance(nodes, Nodes) and isinstance(edges, Edges) and nodes.rows is edges.rows:
        return nodes.rows
    return None


class _Ids(NamedTuple):
    """The ids of Variables, by their numbers."""

    member: NDArray[np.bool_]

    def __contains__(self, id: object) -> bool:
        return bool(self.member[int(str(id)[1:])])

    def __bool__(self) -> bool:
        return bool(self.member.any())


@overview.samples.register(Nodes)
def _(nodes: Nodes) -> Iterator[Node]:
    yield from (kind.variable for kind in nodes.rows.kinds)
    yield from nodes.rows.other_nodes()


@overview.bounded.register(Edges)
def _(edges: Edges) -> Iterator[Edge]:
    return edges.rows.other_edges()


@overview.repeated.register(Edges)
def _(edges: Edges, nodes: Sequence[Node]) -> _Ids:
    return _Ids(edges.rows.repeated())


def operand_edges(
    target: str, operands: Sequence[int], contributions: Sequence[Value | None] | None
) -> Iterator[Edge]:
    """Make the edges from Variables, by their numbers, to a Function."""
    uses: dict[int, int] = {}
    for i, x in enumerate(operands):
        key = uses[x] = uses[x] + 1 if x in uses else 0
        contribution = contributions[i] if contributions else None
        yield _new(Edge, (f"v{x}", target, key, i, contribution, ""))


_new = tuple.__new__
"""Makes a node or an edge of all its fields in order, in a third of the time of a call by name."""
