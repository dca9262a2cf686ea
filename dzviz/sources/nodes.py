"""From Variables and Functions to nodes, each on its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

import numpy as np

from dzviz.engine import RELEASED, Function, Op, Recording, Variable, freeze, raw
from dzviz.graph.columns import operand_edges
from dzviz.graph.model import Edge, FunctionNode, Node, Passes, Value, VariableNode
from dzviz.records import NamedTuple
from dzviz.sources.frozen import Memory, dtype_name, free_letter
from dzviz.sources.numbering import Numbering

if TYPE_CHECKING:
    from dzviz.sources.bounds import Bounds
    from dzviz.sources.derivative import Derivation


class Origins:
    """Where Functions come from: characters of a text, lines of a file, a derivation."""

    def __init__(
        self,
        spans: Mapping[Function, tuple[int, int]],
        sources: Mapping[Function, tuple[str, int]],
        derivation: Derivation | None,
    ) -> None:
        self.spans = spans
        self.sources = sources
        self.orders = derivation.orders if derivation else {}
        self.roots = derivation.origins if derivation else {}

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return bool(self.spans or self.sources or self.orders or self.roots)

    def of(self, function: Function | None) -> tuple[Any, ...]:
        """Return a Function's order and where it comes from: span, file and line, and origin."""
        if function is None:
            return ()
        root = function
        while root in self.roots:
            root = self.roots[root]
        return (
            self.orders.get(function, 0),
            self.spans.get(root),
            self.sources.get(root),
            None if root is function else str(root.label),
        )


class Exactness(NamedTuple):
    """What knows how exact numbers are, of which Variables' data and of which gradients.

    None is all of them. With a gradient goes what its Variable's maker sent back.
    """

    bounds: Bounds | None = None
    known: Set[Variable] | None = None
    gradients: Set[Variable] | None = None

    def of(self, x: Variable) -> Bounds | None:
        """Return what knows it of a Variable's data; None where it is unknown."""
        return self.bounds if self.known is None or x in self.known else None

    def touches(self, x: Variable) -> bool:
        """Whether something of a Variable may be written otherwise."""
        return self.of(x) is not None or self.of_gradient(x) is not None

    def of_gradient(self, x: Variable) -> Bounds | None:
        """Return what knows it of its gradient; None where it is unknown."""
        return self.bounds if self.gradients is None or x in self.gradients else None


class NodeMaker:
    """Makes the nodes of a graph that is numbered.

    ``grads`` has the gradients by number, as they are or were before their release; ``names`` are
    those of the gradients that are Variables of their own, ``passes`` those of single Variables.
    ``finite`` tells whether all that was taken is.
    """

    def __init__(
        self,
        ys: Sequence[Variable],
        numbering: Numbering,
        recording: Recording,
        origins: Origins,
        exactness: Exactness,
        grads: Sequence[Any],
        names: Mapping[Variable, str],
        passes: Mapping[Variable, Passes],
    ) -> None:
        self.outputs = set(ys)
        self.numbering = numbering
        self.recording = recording
        self.back = recording.places(numbering.functions)
        del numbering.functions
        self.origins = origins
        self.exactness = exactness
        self.grads = grads
        self.names = names
        self.passes = passes
        self.letter = free_letter([x.name for x in numbering.variables if x.name is not None])
        self.finite = True
        self._taken: set[Function] = set()
        self._memory = Memory()

    def take(self, x: Variable) -> Iterator[Node | Edge]:
        """Take a Variable and the Function that made it, unless that was taken before."""
        function = x.creator
        if function is not None and function not in self._taken:
            self._taken.add(function)
            made = self.function(x, function)
            yield made
            operands = [self.numbering.variables[i] for i in function.inputs]
            yield from operand_edges(made.id, operands, self._contributions(function, x))
            self.finite &= function.rules  # another's outputs may not all be of this graph
        node = self.variable(x)
        yield node
        if function is not None:
            yield Edge(f"f{self.number(x)}", node.id, 0)
        self.finite &= bool(np.all(np.isfinite(node.data)))

    def _contributions(self, function: Function, y: Variable) -> tuple[Value | None, ...] | None:
        """Return what a recorded pass sent back to each operand."""
        if not self.recording.contributions:
            return None
        place = self.back[self.number(y)]
        found = self.recording.sent(place) if place else {}
        flows = [found.get(i) for i in range(len(function.inputs))]
        bounds = self.exactness.of_gradient(y)
        if bounds is not None:
            flows = [
                None if flow is None else bounds.contribution(function, i, flow)
                for i, flow in enumerate(flows)
            ]
        return tuple(flows)

    def number(self, x: Variable) -> int:
        """Return the number of the Function that made a Variable."""
        return int(self.numbering.made_by[self.numbering.variables[x]])

    def function(self, x: Variable, function: Function) -> FunctionNode:
        """Make the node of the Function that made a Variable."""
        number = self.number(x)
        order, span, source, origin = self.origins.of(function)
        made = FunctionNode(
            f"f{number}",
            type(function).__name__,
            str(function.label),
            function.generation,
            order,
            span,
            source,
            origin,
            detail=function.detail if isinstance(function, Op) else None,
        )
        back = int(self.back[number])
        return made._replace(back=back) if back else made

    def variable(self, x: Variable) -> VariableNode:
        """Make the node of a Variable.

        Raises:
            ValueError: It has no data.
            EvaluationError: They are no real numbers.
        """
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
        grad, grad_array, name, released = None, None, None, None
        gradient = x._grad
        if gradient is RELEASED:
            state = "released"
            known = self.grads[self.numbering.variables[x]]
            released = None if known is RELEASED else known
        elif gradient is not None:
            state = "leaf" if leaf else "retained"
            grad = gradient
            dtype_name(gradient.dtype)
            if isinstance(gradient, Variable):
                grad, grad_array = freeze(raw(gradient)), self._memory.number(gradient._data)
                name = self.names.get(gradient)
        else:
            state = "constant" if x.constant else "none"
        value = freeze(raw(x))
        bounds = self.exactness.of(x)
        if bounds is not None:
            value = bounds.data(x)
        bounds = self.exactness.of_gradient(x)
        if bounds is not None:
            grad = None if grad is None else bounds.gradient(x, grad)
            released = None if released is None else bounds.gradient(x, released)
        return VariableNode(
            id=self.numbering.variable(x),
            name=None if x.name is None else str(x.name),
            role=role,
            shape=data.shape,
            dtype=dtype_name(data.dtype),
            data=value,
            grad=grad,
            grad_state=state,
            grad_was=released,
            seed=self.recording.seeds.get(x),
            generation=x.generation,
            order=self.origins.orders.get(x, 0),
            array=self._memory.number(x._data),
            grad_array=grad_array,
            grad_variable=name,
            passes=self.passes.get(x),
            letter=self.letter,
        )
