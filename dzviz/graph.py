"""From Variables to a Graph: frozen nodes and edges, in the order of computation.

Nothing after this module sees a Variable; nothing in it knows how a graph is drawn. It runs no
pass: what a gradient was before its release comes from a `dzviz.recording.Recording`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy import float64
from numpy.lib.array_utils import byte_bounds

from dezero import Function, Variable
from dezero.core import RELEASED, raw
from dzviz.derivative import Derivation
from dzviz.errors import EvaluationError
from dzviz.recording import Recording, Tape, freeze
from dzviz.repeats import Folded, Part
from dzviz.trouble import Trouble, find

if TYPE_CHECKING:
    from dzviz.events import Event

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
    ``mark`` is a word of `MARKS` while a pass is being watched.
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

    ``expression`` is the user's text, ``title`` what to call the graph in a caption, ``trouble``
    where a NaN or an infinity first appeared, ``events`` what happened, where that was recorded.
    ``folded`` tells what stands for several in a folded graph, ``part`` of which graph this one is
    a part.
    """

    nodes: tuple[VariableNode | FunctionNode, ...]
    edges: tuple[Edge, ...]
    outputs: tuple[str, ...]
    expression: str | None = None
    title: str | None = None
    order: int = 0
    trouble: Trouble | None = None
    events: tuple[Event, ...] = ()
    folded: Folded | None = None
    part: Part | None = None


def snapshot(
    y: Variable | Sequence[Variable],
    *,
    also: Sequence[Variable] = (),
    expression: str | None = None,
    title: str | None = None,
    spans: Mapping[Function, tuple[int, int]] | None = None,
    sources: Mapping[Function, tuple[str, int]] | None = None,
    recording: Recording | None = None,
    derivation: Derivation | None = None,
) -> Graph:
    """Take down the graph that computed ``y``, a Variable or several, and those ``also`` named.

    ``expression`` and ``spans`` tell the text it comes from, ``sources`` the files, ``title`` what
    to write below it instead of the expression, ``recording`` what happened in its last backward
    pass (a `Tape`: in all passes), ``derivation`` which part belongs to which derivative.

    Raises:
        TypeError: ``y`` is not a Variable or a sequence of them.
        ValueError: There is no output, or a Variable without data.
        EvaluationError: A Variable has data that are no real numbers.
    """
    ys = [y] if isinstance(y, Variable) else list(y) if isinstance(y, Sequence) else [y]
    if not all(isinstance(v, Variable) for v in ys):
        raise TypeError("a picture is drawn of a Variable or a sequence of Variables")
    if not ys:
        raise ValueError("there is no output to draw")
    camera = _Camera(ys, spans or {}, sources or {}, recording or Recording(), derivation)
    camera.walk(ys)
    camera.walk(also)
    camera.recognize_gradients()
    return Graph(
        nodes=tuple(camera.nodes),
        edges=tuple(camera.edges),
        outputs=tuple(camera.variables[v] for v in ys),
        expression=expression,
        title=expression if title is None else title,
        order=derivation.order if derivation else 0,
        trouble=camera.trouble(),
        events=camera.events(),
    )


class _Camera:
    """Numbers the nodes as it comes to them, in depth-first order of computation."""

    def __init__(
        self,
        ys: Sequence[Variable],
        spans: Mapping[Function, tuple[int, int]],
        sources: Mapping[Function, tuple[str, int]],
        recording: Recording,
        derivation: Derivation | None,
    ) -> None:
        self.outputs = set(ys)
        self.spans = spans
        self.sources = sources
        self.recording = recording
        self.orders = derivation.orders if derivation else {}
        self.origins = derivation.origins if derivation else {}
        self.variables: dict[Variable, str] = {}
        self.functions: dict[Function, str] = {}
        self.gradients: dict[int, Variable] = {}
        self.arrays: dict[object, int] = {}
        self.nodes: list[VariableNode | FunctionNode] = []
        self.edges: list[Edge] = []

    def walk(self, ys: Sequence[Variable]) -> None:
        """Take everything that ``ys`` were computed from, operands before results."""
        variables, functions = self.variables, self.functions
        stack = list(reversed(ys))
        while stack:
            x = stack[-1]
            if x not in variables:
                function = x.creator
                if function is None:
                    self.take_variable(x)
                else:
                    if function not in functions:
                        waiting = [i for i in function.inputs if i not in variables]
                        if waiting:
                            stack.extend(reversed(waiting))
                            continue
                        self.take_function(function)
                    self.take_variable(x)
                    edge = (functions[function], variables[x], 0, None, None, "")
                    self.edges.append(_new(Edge, edge))
            stack.pop()

    def recognize_gradients(self) -> None:
        """Name the gradients that are Variables of the graph, or the same in several places."""
        gradients = self.gradients.values()
        if len(set(gradients)) == len(gradients) and self.variables.keys().isdisjoint(gradients):
            return
        names: dict[Variable, str] = {}
        for place, gradient in self.gradients.items():
            node = self.nodes[place]
            assert isinstance(node, VariableNode)
            name = self.variables.get(gradient) or names.setdefault(gradient, f"g{len(names)}")
            self.nodes[place] = node._replace(grad_variable=name)

    def array(self, x: Variable) -> int | None:
        """Number the memory of a Variable's data.

        Views of all of an array, as by reshape or transpose, are in its memory; a part is not. A
        NumPy scalar becomes an array of its own as soon as it is read.
        """
        memory = data = x._data
        if not isinstance(data, np.ndarray):
            return None
        while isinstance(getattr(memory, "base", None), np.ndarray):
            memory = memory.base
        key: object = id(memory)  # unique, since everything here is alive at the same time
        if data.size != memory.size:
            key = (key, byte_bounds(data), data.size)
        return self.arrays.setdefault(key, len(self.arrays))

    def trouble(self) -> Trouble | None:
        """Find where a NaN or an infinity first appeared."""
        found = find(self.functions, self.recording)
        if found is None:
            return None
        argument = found.function.inputs[found.argument] if found.argument is not None else None
        return found._replace(
            function=self.functions[found.function],
            argument=None if argument is None else self.variables[argument],
            of=None if found.of is None else self.variables[found.of],
        )

    def events(self) -> tuple[Event, ...]:
        """Take what happened to these nodes, where all of it was recorded."""
        if not isinstance(self.recording, Tape):
            return ()
        from dzviz.events import freeze_events  # which few need
        from dzviz.notation import names_of

        names, _ = names_of(self.nodes, self.edges)
        return tuple(freeze_events(self.recording, self.variables, self.functions, names))

    def take_function(self, function: Function) -> None:
        """Take a Function and the edges of its operands."""
        id = self.functions[function] = f"f{len(self.functions)}"
        root = function
        while root in self.origins:
            root = self.origins[root]
        node = (
            id,
            type(function).__name__,
            function.label,
            function.generation,
            self.orders.get(function, 0),
            self.spans.get(root),
            self.sources.get(root),
            None if root is function else root.label,
            "",
        )
        self.nodes.append(_new(FunctionNode, node))
        variables, edges, contributions = self.variables, self.edges, self.recording.contributions
        uses: dict[str, int] = {}
        for i, x in enumerate(function.inputs):
            source = variables[x]
            key = uses[source] = uses[source] + 1 if source in uses else 0
            contribution = freeze(contributions.get((function, i))) if contributions else None
            edges.append(_new(Edge, (source, id, key, i, contribution, "")))

    def take_variable(self, x: Variable) -> None:
        """Take a Variable."""
        data = x._data
        if data is None:
            raise ValueError(f"{x.name or 'a Variable'} has no data")
        id = self.variables[x] = f"v{len(self.variables)}"
        leaf = x.creator is None
        if x in self.outputs:
            role = "output"
        elif leaf:
            role = "constant" if x.constant else "input"
        else:
            role = "intermediate"
        if type(data) is float64:  # as nearly all of a large graph; NumPy takes its time to tell
            shape, dtype, array = (), "float64", None
        else:
            shape, dtype, array = data.shape, _dtype_name(data.dtype), self.array(x)
            data = freeze(raw(x))
        grad, grad_array, was = None, None, None
        gradient = x._grad
        if gradient is RELEASED:
            state = "released"
            was = freeze(self.recording.gradients.get(x))
        elif gradient is not None:
            state = "leaf" if leaf else "retained"
            self.gradients[len(self.nodes)] = gradient
            grad = gradient._data
            if type(grad) is not float64:
                grad, grad_array = freeze(raw(gradient)), self.array(gradient)
        else:
            state = "constant" if x.constant else "none"
        seeds = self.recording.seeds
        seed = freeze(seeds[x]) if x in seeds else None
        node = (
            id,
            x.name,
            role,
            shape,
            dtype,
            data,
            grad,
            state,
            was,
            seed,
            x.generation,
            self.orders.get(x, 0),
            array,
            grad_array,
            None,
            "",
        )
        self.nodes.append(_new(VariableNode, node))


@lru_cache
def _dtype_name(dtype: np.dtype[Any]) -> str:
    """Return a type of real numbers as a word, which takes NumPy 5 us for "float64"."""
    if dtype.kind not in "biuf":
        raise EvaluationError(f"a picture shows real numbers, not data of type {dtype}")
    return str(dtype)


_new = tuple.__new__
"""Makes a node or an edge of all its fields in order, in a third of the time of a call by name."""
