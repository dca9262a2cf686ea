"""A computational graph as frozen nodes and edges, in the order of computation.

`dzviz.sources.snapshot` makes one of Variables; what draws it sees no Variable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dzviz.records import NamedTuple

if TYPE_CHECKING:
    from dzviz.graph.events import Event
    from dzviz.graph.nonfinite import Trouble
    from dzviz.graph.plan import Plan

Value = Any  # a NumPy scalar or a read-only ndarray


MARKS = {
    "": "as it is at the end",
    "ahead": "not computed yet",
    "waiting": "in the queue",
    "active": "what is happening right now",
    "back": "a gradient flows back along it right now",
    "way": "it is on the way that is asked for",
    "lost": "a gradient is lost here, or a rule is wrong",
    "aside": "it is not on the way that is asked for",
    "differs": "two graphs that are compared differ here",
}
"""What sets a node or an edge apart, at one moment of a pass or for one question."""


class Passes(NamedTuple):
    """Which backward passes made a gradient that is no derivative of the outputs drawn.

    So many ``times`` a pass added to it: ``of`` are its outputs in words, of several passes the
    different ones, of many ``...`` among them. ``drawn`` says that this is one pass of the outputs
    drawn. ``assigned`` tells what was there before: the user had assigned it; ``seed`` that a pass
    started from a seed that the user had assigned, and from which where it is one number. Of 0
    passes and not assigned is what was found, and nobody knows what made it.
    ``changed`` says that the gradient is not that of the data any more, ``various`` that there are
    several such facts, of which none is given.
    """

    times: int
    of: tuple[str, ...]
    drawn: bool = False
    assigned: bool = False
    seed: float | bool = False
    changed: bool = False
    various: bool = False


VARIOUS = Passes(0, (), various=True)
"""What gradients are that are drawn as one and are not the same."""


class Changed(NamedTuple):
    """Data that was changed after Functions had computed with it, in place or by assigning it.

    ``results`` are Variables that are not what their Functions make of their operands,
    ``unknown`` those of a user's Function, which is not run again, after a change of an operand.
    Each is an id and a name in words.
    """

    results: tuple[tuple[str, str], ...]
    unknown: tuple[tuple[str, str], ...]


class VariableNode(NamedTuple):
    """A Variable.

    ``role`` is ``input``, ``constant``, ``intermediate`` or ``output``. ``grad_state`` is ``none``
    (no pass came here), ``leaf`` or ``retained`` (in ``grad``), ``released`` (a pass computed it
    and let it go; ``grad_was`` has it where the pass was recorded) or ``constant``. ``seed`` is
    what a recorded pass started from at an output.

    Values with the same number in ``array`` and ``grad_array`` are in the same memory; one without
    a number is in its own. ``grad_variable`` is set where the gradient is a Variable that there is
    more of: to its id, if it is one of the graph, else to ``g0``, the same in all that have it.
    ``passes`` tells what its gradient is where that is not said of all nodes of the graph.
    ``mark`` is a word of `MARKS` while a pass is being watched. One without a name is called by
    ``letter`` and the number of its id, which is nobody's name. ``copy_of`` is set where this node
    says what another one says, beside a further use of it: to that one's id.
    ``grad_note`` says the state of the gradient in the words of the engine that it comes from, such
    as ``not a leaf``. ``lines`` stand in a picture instead of data and gradient, where there are
    any: those of two graphs, say.
    """

    id: str
    name: str | None
    role: str
    shape: tuple[int, ...]
    dtype: str
    data: Value
    grad: Value | None
    grad_state: str
    grad_was: Value | None
    seed: Value | None
    generation: int
    order: int = 0
    array: int | None = None
    grad_array: int | None = None
    grad_variable: str | None = None
    passes: Passes | None = None
    mark: str = ""
    letter: str = "v"
    copy_of: str | None = None
    grad_note: str | None = None
    lines: tuple[str, ...] = ()

    def before_backward(self) -> VariableNode:
        """Return it as it is before any backward pass."""
        fixed = self.grad_state in ("constant", "none")
        return self._replace(
            grad=None,
            grad_state=self.grad_state if fixed else "none",
            grad_was=None,
            seed=None,
            passes=None,
            grad_note=self.grad_note if fixed else None,
        )


class Parameters(NamedTuple):
    """What the parameters of a module that is drawn as one node are, all together.

    They are so many ``tensors``. ``data`` is the range of all their values, ``grad`` that of the
    gradients of those that have one, ``grad_was`` of those that had one. ``missing`` have none;
    ``note`` says in the words of the engine why, where that is the same for all, and of gradients
    that all have what else there is to say. ``passes`` is as that of a Variable.
    """

    tensors: int
    data: Value
    grad: Value | None = None
    grad_was: Value | None = None
    missing: int = 0
    note: str | None = None
    passes: Passes | None = None


class FunctionNode(NamedTuple):
    """A Function: ``op`` is its class, ``label`` what the user wrote for it.

    ``span`` tells the characters of the expression it comes from, ``source`` the file and line.
    ``origin`` is the label of the forward Function whose derivative it is a part of; None in the
    forward part, of order 0. ``detail`` is additional information about it. In the last backward
    pass it was number ``back``, from 1, that was taken; None where it was not, or nobody saw.
    ``parameters`` are those of a module that was folded into it.
    """

    id: str
    op: str
    label: str
    generation: int
    order: int = 0
    span: tuple[int, int] | None = None
    source: tuple[str, int] | None = None
    origin: str | None = None
    mark: str = ""
    detail: str | None = None
    parameters: Parameters | None = None
    back: int | None = None


Node = VariableNode | FunctionNode
"""A node of a graph."""


class Edge(NamedTuple):
    """An operand's edge (Variable to Function, number ``arg``) or a result's (``arg`` None).

    ``key`` counts the edges between the same two nodes, as in ``x * x``. ``contribution`` is the
    gradient that flowed back along it in a recorded pass.
    """

    source: str
    target: str
    key: int
    arg: int | None = None
    contribution: Value | None = None
    mark: str = ""


class Repeat(NamedTuple):
    """A body that is drawn once for many ``times``: the ids of its nodes.

    ``parent`` is the Repeat that this one is a part of, as a loop within a loop is.
    """

    id: str
    times: int
    nodes: tuple[str, ...]
    parent: str | None = None


OP = "op"
"""The kind of a group that is one op, made of others."""

LIBRARY = "library"
"""The kind of a group that is a function of a package."""

CLOSED = (OP, LIBRARY)
"""The kinds of groups that are drawn as one node unless they are expanded."""

KINDS = frozenset(("call", "cond", LIBRARY, "module", "op", "pass", "scan", "scope"))
"""Kinds of groups that sources make: as one node none has a first operand."""


class Group(NamedTuple):
    """Nodes that belong together: ``kind`` says as what (module, function, op ...).

    ``nodes`` are the ids of those that are in no group within it. ``parent`` is the id of the group
    that it lies in, which stands before it. ``operands`` are what it was given, in their order,
    where that is known. One of the kind ``op`` is drawn as one node unless it is opened.
    ``parameters`` are those of a module and of the modules in it, where they are in the graph.
    """

    id: str
    name: str
    kind: str
    nodes: tuple[str, ...]
    parent: str | None = None
    operands: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


class Recurrence(NamedTuple):
    """What a loop of the user's source computes each time, as it is written there.

    ``name`` is what it carries from one time to the next, where that is one thing; ``ops``
    counts what it computes each time.
    """

    text: str
    name: str = ""
    ops: int = 0


class Bundle(NamedTuple):
    """The edges that one edge of a folded graph stands for.

    It leads from a value to its use ``lag`` times later in the Repeat ``repeat``; 0 is the same
    time, or no common Repeat.
    """

    edges: Sequence[Edge]
    repeat: str | None = None
    lag: int = 0


class Folded(NamedTuple):
    """What a folded graph stands for.

    ``members`` maps each node that stands for several to these, in order of time; ``bundles`` maps
    the edges (by source, target and key) that stand for others, or lead to a later time.
    ``outputs`` and ``troubles`` are those of the graph before, ``plan`` is how it was folded.
    """

    repeats: tuple[Repeat, ...]
    members: Mapping[str, Sequence[VariableNode | FunctionNode]]
    bundles: Mapping[tuple[str, str, int], Bundle]
    outputs: tuple[str, ...]
    troubles: tuple[Trouble, ...]
    plan: Plan


class Part(NamedTuple):
    """Of which graph this one is a part: its number of ``nodes``, and how many edges were ``cut``.

    ``cut`` maps nodes to the number of their edges that lead out of the part; ``outputs`` are those
    of the whole, of which all gradients are.
    """

    nodes: int
    cut: Mapping[str, int]
    outputs: tuple[VariableNode, ...]


class Derivatives(NamedTuple):
    """A function and its derivatives up to the one that is drawn: their ``names`` and ``values``.

    Where all are by the same variable it is ``by``; the gradient of that one is then the next
    derivative, the last of the names, of which there is one more than values.
    """

    names: tuple[str, ...]
    values: tuple[Value, ...]
    by: str | None = None


class Graph(NamedTuple):
    """A computational graph. Each node comes after all nodes that it was computed from.

    ``nodes``, ``edges`` and ``events`` are tuples; in a large graph, they are created on demand
    (see `dzviz.graph.columns`).

    ``expression`` is the user's text, ``title`` the name of the graph in a caption, ``troubles``
    the places where the first NaN and the first infinity arose, forward and then backward, and
    ``events`` what happened, if that was recorded. ``derivatives`` are known if a derivative is
    drawn. ``folded`` describes what stands for several nodes in a folded graph, ``part`` the graph
    that this one is a part of.

    The gradients are the derivatives of the outputs, unless ``passes`` says otherwise: a single
    entry applies to all of them; with several, each node has its own; None stands for the
    derivatives. ``flows`` does the same for the shares on edges. ``changed`` is data that was
    changed. A ``film`` shows all passes that have events, otherwise the state at the end is shown.
    ``groups`` are nodes that belong together. ``remarks`` are sentences that answer a question
    about the graph, ``edge_notes`` are shown on edges (by source, target and key) instead of the
    share. ``recurrences`` describe what loops compute, by the file and line of their Functions.
    ``engine`` is the backend that computed the graph; None is dzviz's own engine or an unknown one.
    """

    nodes: Sequence[VariableNode | FunctionNode]
    edges: Sequence[Edge]
    outputs: tuple[str, ...]
    expression: str | None = None
    title: str | None = None
    order: int = 0
    troubles: tuple[Trouble, ...] = ()
    events: Sequence[Event] = ()
    folded: Folded | None = None
    part: Part | None = None
    passes: tuple[Passes | None, ...] = ()
    flows: Passes | None = None
    changed: Changed | None = None
    film: bool = False
    groups: tuple[Group, ...] = ()
    remarks: tuple[str, ...] = ()
    edge_notes: Mapping[tuple[str, str, int], str] = MappingProxyType({})
    recurrences: Mapping[tuple[str, int], Recurrence] = MappingProxyType({})
    derivatives: Derivatives | None = None
    engine: str | None = None

    @property
    def trouble(self) -> Trouble | None:
        """Where the first of them arose."""
        return self.troubles[0] if self.troubles else None

    def __reduce__(self) -> Any:
        """Pickle and copy it with dictionaries in place of views of them, which have no pickle."""
        parts = [dict(part) if isinstance(part, MappingProxyType) else part for part in self]
        return _remade, (parts,)

    def __str__(self) -> str:
        called = f" of {self.title}" if self.title else ""
        return f"<Graph{called}: {len(self.nodes)} nodes, {len(self.edges)} edges>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Any:
        """Return its picture, for a notebook that shows a graph."""
        return self._picture()._repr_mimebundle_(include, exclude)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Print its table, where IPython would print all of a tuple."""
        printer.text(repr(self._picture()))

    def _picture(self) -> Any:
        return import_module("dzviz.python.api").draw(self)


def _remade(parts: Sequence[Any]) -> Graph:
    """Return a pickled or copied Graph."""
    return Graph._make(MappingProxyType(p) if isinstance(p, dict) else p for p in parts)
