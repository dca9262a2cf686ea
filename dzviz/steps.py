"""The nodes and edges of a large graph in few words, made into nodes and edges as they are needed.

Nearly all of a large graph are scalars without a name, each with the Function that made it. Such a
step is one small tuple, in which all that it has in common with others is their `Kind`. A graph so
takes a fourth of the memory and is taken down in a third of the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeVar, overload

from dzviz.graph import Edge, FunctionNode, Value, VariableNode

T = TypeVar("T")


class Kind(NamedTuple):
    """What steps have in common.

    ``variable`` and ``function`` are the nodes of one of them, which has its own ids, generations,
    data and gradient. Leaves have no ``function``.
    """

    variable: VariableNode
    function: FunctionNode | None


class Step(NamedTuple):
    """A Function with one operand or more and its result, or a leaf.

    ``operands`` are the numbers of Variables, ``contributions`` what flowed back to each of them
    where that was recorded, ``grad`` the gradient of the result, kept or released. ``variable``
    and ``function`` are the numbers of its nodes.
    """

    kind: Kind
    variable: int
    function: int
    generation: int
    data: Value
    grad: Value | None
    operands: tuple[int, ...] = ()
    contributions: tuple[Value | None, ...] | None = None


Row = Step | VariableNode | FunctionNode | Edge
"""What stands in a list of rows: steps, and between them what is no step, in order."""


class _Rows(Sequence[T]):
    """What rows make; two are equal if they make the same."""

    def __init__(self, rows: Sequence[Row], length: int) -> None:
        self.rows = rows
        self.length = length

    @cached_property
    def all(self) -> tuple[T, ...]:
        """All of them, for who does not want them one after the other."""
        return tuple(self)

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


class Nodes(_Rows[VariableNode | FunctionNode]):
    """The nodes that rows make."""

    @property
    def whole(self) -> Iterator[VariableNode | FunctionNode]:
        """Those that are no part of a step, as outputs never are."""
        return (row for row in self.rows if isinstance(row, VariableNode | FunctionNode))

    @property
    def samples(self) -> Iterator[VariableNode | FunctionNode]:
        """One Variable of each kind of steps, and what is no part of a step."""
        kinds = {id(row.kind): row.kind for row in self.rows if type(row) is Step}
        yield from (kind.variable for kind in kinds.values())
        yield from self.whole

    def __iter__(self) -> Iterator[VariableNode | FunctionNode]:
        for row in self.rows:
            if type(row) is Step:
                if row.kind.function is not None:
                    yield function_of(row)
                yield variable_of(row)
            elif isinstance(row, VariableNode | FunctionNode):
                yield row


class Edges(_Rows[Edge]):
    """The edges that rows make."""

    @property
    def told(self) -> bool:
        """Whether what flowed back along any of them was recorded."""
        return any(
            row.contributions is not None
            if type(row) is Step
            else type(row) is Edge and row.contribution is not None
            for row in self.rows
        )

    def __iter__(self) -> Iterator[Edge]:
        for row in self.rows:
            if type(row) is Step:
                if row.kind.function is not None:
                    target = f"f{row.function}"
                    yield from operand_edges(target, row.operands, row.contributions)
                    yield _new(Edge, (target, f"v{row.variable}", 0, None, None, ""))
            elif isinstance(row, Edge):
                yield row


def function_of(step: Step) -> FunctionNode:
    """Make the node of a step's Function."""
    assert step.kind.function is not None
    _, op, label, _, *rest = step.kind.function
    return _new(FunctionNode, (f"f{step.function}", op, label, step.generation - 1, *rest))


def variable_of(step: Step) -> VariableNode:
    """Make the node of a step's Variable."""
    model = step.kind.variable
    _, name, role, shape, dtype, _, grad, state, was, seed, _, *rest = model
    grad = None if grad is None else step.grad
    was = None if was is None else step.grad
    head = (f"v{step.variable}", name, role, shape, dtype, step.data, grad, state, was, seed)
    return _new(VariableNode, (*head, step.generation, *rest))


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
