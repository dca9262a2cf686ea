"""A computational graph as frozen nodes and edges, in the order of computation.

`dzviz.camera` makes one of Variables; what draws it sees no Variable.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dzviz.events import Event
    from dzviz.repeats import Folded, Part
    from dzviz.trouble import Trouble

Value = Any  # a NumPy scalar or a read-only ndarray


MARKS = {
    "": "as it is at the end",
    "ahead": "not computed yet",
    "waiting": "in the queue",
    "active": "what is happening right now",
    "back": "a gradient flows back along it right now",
}
"""What sets a node or an edge apart at one moment of a pass."""


class VariableNode(NamedTuple):
    """A Variable.

    ``role`` is ``input``, ``constant``, ``intermediate`` or ``output``. ``grad_state`` is ``none``
    (no pass came here), ``leaf`` or ``retained`` (in ``grad``), ``released`` (a pass computed it
    and let it go; ``grad_was`` has it where the pass was recorded) or ``constant``. ``seed`` is
    what a recorded pass started from at an output.

    Values with the same number in ``array`` and ``grad_array`` are in the same memory; one without
    a number is in its own. ``grad_variable`` is set where the gradient is a Variable that there is
    more of: to its id, if it is one of the graph, else to ``g0``, the same in all that have it.
    ``mark`` is a word of `MARKS` while a pass is being watched. One without a name is called by
    ``letter`` and the number of its id, which is nobody's name.
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
    mark: str = ""
    letter: str = "v"


class FunctionNode(NamedTuple):
    """A Function: ``op`` is its class, ``label`` what the user wrote for it.

    ``span`` tells the characters of the expression it comes from, ``source`` the file and line.
    ``origin`` is the label of the forward Function whose derivative it is a part of; None in the
    forward part, of order 0.
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


class Graph(NamedTuple):
    """A computational graph. Nodes stand after all they were computed from.

    ``nodes`` and ``edges`` are tuples; those of a large graph are made as they are asked for, see
    `dzviz.steps`.

    ``expression`` is the user's text, ``title`` what to call the graph in a caption, ``trouble``
    where a NaN or an infinity first appeared, ``events`` what happened, where that was recorded.
    ``folded`` tells what stands for several in a folded graph, ``part`` of which graph this one is
    a part.
    """

    nodes: Sequence[VariableNode | FunctionNode]
    edges: Sequence[Edge]
    outputs: tuple[str, ...]
    expression: str | None = None
    title: str | None = None
    order: int = 0
    trouble: Trouble | None = None
    events: tuple[Event, ...] = ()
    folded: Folded | None = None
    part: Part | None = None
