"""From Variables to a Graph: a snapshot of what a pass has left.

Nothing after this module sees a Variable; nothing in it knows how a graph is drawn. It runs no
pass: what a gradient was before its release comes from a `dzviz.recording.Recording`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import float64
from numpy.lib.array_utils import byte_bounds

from dezero import Function, Variable
from dezero.core import RELEASED, Op, raw
from dzviz.derivative import Derivation
from dzviz.errors import EvaluationError
from dzviz.graph import Edge, FunctionNode, Graph, Value, VariableNode
from dzviz.recording import Recording, Tape, freeze
from dzviz.steps import Edges, Kind, Nodes, Row, Step, operand_edges
from dzviz.trouble import Trouble, find

if TYPE_CHECKING:
    from dzviz.events import Event

LARGE = 500
"""Graphs with more nodes keep their steps in few words: these are looked at once or twice."""


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
    nodes = Nodes(camera.rows, len(camera.variables) + len(camera.functions))
    edges = Edges(camera.rows, camera.edges)
    small = len(nodes) <= LARGE
    graph = Graph(
        nodes=tuple(nodes) if small else nodes,
        edges=tuple(edges) if small else edges,
        outputs=tuple([camera.id(v) for v in ys]),
        expression=expression,
        title=expression if title is None else title,
        order=derivation.order if derivation else 0,
        trouble=camera.trouble(),
    )
    graph = camera.with_gradients_named(graph)
    return graph._replace(events=camera.events(graph))


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
        self.variables: dict[Variable, int] = {}
        self.functions: dict[Function, int] = {}
        self.gradients: list[Variable] = []
        self.arrays: dict[object, int] = {}
        self.rows: list[Row] = []
        self.edges = 0
        self.kinds: dict[Any, Kind] = {}
        self.special = self.outputs.union(recording.seeds)
        self.detailed = bool(spans or sources or self.orders or self.origins)
        self.finite = True

    def id(self, x: Variable) -> str:
        """Return the id of a Variable's node."""
        return f"v{self.variables[x]}"

    def walk(self, ys: Sequence[Variable]) -> None:
        """Take everything that ``ys`` were computed from, operands before results."""
        # Nearly all of a large graph are steps: finite scalars without a name, and the ops that
        # made them. They are taken right here: by calls, as the rest, three times as slowly.
        variables, functions, kinds = self.variables, self.functions, self.kinds
        released, contributed = self.recording.gradients, self.recording.contributions
        number = variables.__getitem__
        stack = list(reversed(ys))
        while stack:
            x = stack[-1]
            if x in variables:
                stack.pop()
                continue
            function: Any = x.creator
            new = function is not None and function not in functions
            if new:
                for operand in reversed(function.inputs):
                    if operand not in variables:
                        stack.append(operand)
                if stack[-1] is not x:
                    continue
            stack.pop()
            data, gradient = x._data, x._grad
            if gradient is None:
                grad, state = None, "none"
            elif gradient is RELEASED:
                grad = released.get(x)
                state = "released" if grad is None else "was"
            else:
                grad, state = gradient._data, "kept"
                self.gradients.append(gradient)
            if (
                type(data) is not float64
                or not isfinite(data)
                or (grad is not None and (type(grad) is not float64 or not isfinite(grad)))
                or x.name is not None
                or x in self.special
                or (function is not None and not (new and function.rules))
            ):
                self.take(x, function)
                continue
            operands: tuple[int, ...] = ()
            contributions, count = None, -1
            if function is None:
                key: Any = x.constant, state
            else:
                key = type(function), state
                if type(function).label is not Op.label:
                    key += (function.label,)
                operands = tuple(map(number, function.inputs))
                if contributed:
                    contributions = self.contributions(function)
                functions[function] = count = len(functions)
                self.edges += len(operands) + 1
            if self.detailed:
                key += self.facts(function), self.orders.get(x, 0)
            kind = kinds.get(key)
            if kind is None:
                kind = kinds[key] = self.kind(x, function)
            variables[x] = place = len(variables)
            step = kind, place, count, x.generation, data, grad, operands, contributions
            self.rows.append(_new(Step, step))

    def kind(self, x: Variable, function: Function | None) -> Kind:
        """Take down what a step has in common with others."""
        return Kind(
            self.variable_node(x), None if function is None else self.function_node(function)
        )

    def take(self, x: Variable, function: Function | None) -> None:
        """Take a Variable and the Function that made it, unless that was taken before."""
        if function is not None and function not in self.functions:
            made = self.function_node(function)
            self.functions[function] = len(self.functions)
            operands = [self.variables[i] for i in function.inputs]
            self.rows.append(made)
            self.rows += operand_edges(made.id, operands, self.contributions(function))
            self.edges += len(operands)
            self.finite &= function.rules  # another's outputs may not all be of this graph
        node = self.variable_node(x)
        self.variables[x] = len(self.variables)
        self.rows.append(node)
        if function is not None:
            self.rows.append(Edge(f"f{self.functions[function]}", node.id, 0))
            self.edges += 1
        self.finite &= bool(np.all(np.isfinite(node.data)))

    def contributions(self, function: Function) -> tuple[Value | None, ...] | None:
        """Return what a recorded pass sent back to each operand."""
        found = self.recording.contributions
        if not found:
            return None
        return tuple([found.get((function, i)) for i in range(len(function.inputs))])

    def facts(self, function: Function | None) -> tuple[Any, ...]:
        """Return a Function's order and where it comes from: span, file and line, and origin."""
        if function is None:
            return ()
        root = function
        while root in self.origins:
            root = self.origins[root]
        return (
            self.orders.get(function, 0),
            self.spans.get(root),
            self.sources.get(root),
            None if root is function else str(root.label),
        )

    def function_node(self, function: Function) -> FunctionNode:
        """Make the node of a Function, the next to be taken."""
        return FunctionNode(
            f"f{len(self.functions)}",
            type(function).__name__,
            str(function.label),
            function.generation,
            *self.facts(function),
        )

    def variable_node(self, x: Variable) -> VariableNode:
        """Make the node of a Variable, the next to be taken."""
        data = x._data
        if data is None:
            raise ValueError(f"{x.name or 'a Variable'} has no data")
        leaf = x.creator is None
        if x in self.outputs:
            role = "output"
        elif leaf:
            role = "constant" if x.constant else "input"
        else:
            role = "intermediate"
        grad, grad_array, was = None, None, None
        gradient = x._grad
        if gradient is RELEASED:
            state = "released"
            was = self.recording.gradients.get(x)
        elif gradient is not None:
            state = "leaf" if leaf else "retained"
            grad, grad_array = freeze(raw(gradient)), self.array(gradient)
        else:
            state = "constant" if x.constant else "none"
        return VariableNode(
            id=f"v{len(self.variables)}",
            name=None if x.name is None else str(x.name),
            role=role,
            shape=data.shape,
            dtype=_dtype_name(data.dtype),
            data=freeze(raw(x)),
            grad=grad,
            grad_state=state,
            grad_was=was,
            seed=self.recording.seeds.get(x),
            generation=x.generation,
            order=self.orders.get(x, 0),
            array=self.array(x),
            grad_array=grad_array,
        )

    def with_gradients_named(self, graph: Graph) -> Graph:
        """Name the gradients that are Variables of the graph, or the same in several places."""
        gradients, variables = self.gradients, self.variables
        if len(set(gradients)) == len(gradients) and variables.keys().isdisjoint(gradients):
            return graph
        names: dict[Variable, str] = {}
        kept = iter(gradients)  # in the order of the nodes
        nodes = []
        for node in graph.nodes:
            if isinstance(node, VariableNode) and node.grad is not None:
                gradient = next(kept)
                if gradient in variables:
                    name = self.id(gradient)
                else:
                    name = names.setdefault(gradient, f"g{len(names)}")
                node = node._replace(grad_variable=name)
            nodes.append(node)
        return graph._replace(nodes=tuple(nodes))

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
        found = find(() if self.finite else self.functions, self.recording)
        if found is None:
            return None
        argument = found.function.inputs[found.argument] if found.argument is not None else None
        return found._replace(
            function=f"f{self.functions[found.function]}",
            argument=None if argument is None else self.id(argument),
            of=None if found.of is None else self.id(found.of),
        )

    def events(self, graph: Graph) -> tuple[Event, ...]:
        """Take what happened to these nodes, where all of it was recorded."""
        if not isinstance(self.recording, Tape):
            return ()
        from dzviz.events import freeze_events  # which few need
        from dzviz.notation import names_of

        names, _ = names_of(graph.nodes, graph.edges)
        variables = {x: self.id(x) for x in self.variables}
        functions = {function: f"f{i}" for function, i in self.functions.items()}
        return tuple(freeze_events(self.recording, variables, functions, names))


@lru_cache
def _dtype_name(dtype: np.dtype[Any]) -> str:
    """Return a type of real numbers as a word, which takes NumPy 5 us for "float64"."""
    if dtype.kind not in "biuf":
        raise EvaluationError(f"a picture shows real numbers, not data of type {dtype}")
    return str(dtype)


_new = tuple.__new__
"""Makes a step of all its fields in order, in a third of the time of a call by name."""
