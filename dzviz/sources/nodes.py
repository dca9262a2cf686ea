"""From Variables and Functions to nodes, each on its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, count
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from dzviz.engine import RELEASED, Function, Variable, raw
from dzviz.errors import EvaluationError
from dzviz.graph.columns import operand_edges
from dzviz.graph.model import Edge, FunctionNode, Passes, Value, VariableNode
from dzviz.sources.exactness import Exactness
from dzviz.sources.numbering import Numbering
from dzviz.sources.recorder import Recording, freeze

if TYPE_CHECKING:
    from dzviz.sources.derivative import Derivation

Node = VariableNode | FunctionNode


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


class NodeMaker:
    """Makes the nodes of a graph that is numbered.

    ``names`` are those of the gradients that are Variables of their own, ``passes`` those of single
    Variables. ``finite`` tells whether all that was taken is.
    """

    def __init__(
        self,
        ys: Sequence[Variable],
        numbering: Numbering,
        recording: Recording,
        origins: Origins,
        exactness: Exactness,
        names: Mapping[Variable, str],
        passes: Mapping[Variable, Passes],
    ) -> None:
        self.outputs = set(ys)
        self.numbering = numbering
        self.recording = recording
        self.origins = origins
        self.exactness = exactness
        self.names = names
        self.passes = passes
        self.letter = _free_letter(x.name for x in numbering.variables)
        self.finite = True
        self._taken: set[Function] = set()
        self._arrays: dict[object, int] = {}

    def take(self, x: Variable) -> Iterator[Node | Edge]:
        """Take a Variable and the Function that made it, unless that was taken before."""
        function = x.creator
        if function is not None and function not in self._taken:
            self._taken.add(function)
            made = self.function(function)
            yield made
            operands = [self.numbering.variables[i] for i in function.inputs]
            yield from operand_edges(made.id, operands, self._contributions(function, x))
            self.finite &= function.rules  # another's outputs may not all be of this graph
        node = self.variable(x)
        yield node
        if function is not None:
            yield Edge(self.numbering.function(function), node.id, 0)
        self.finite &= bool(np.all(np.isfinite(node.data)))

    def _contributions(self, function: Function, y: Variable) -> tuple[Value | None, ...] | None:
        """Return what a recorded pass sent back to each operand."""
        found = self.recording.contributions
        if not found:
            return None
        flows = [found.get((function, i)) for i in range(len(function.inputs))]
        bounds = self.exactness.of(y)
        if bounds is not None:
            flows = [
                None if flow is None else bounds.contribution(function, i, flow)
                for i, flow in enumerate(flows)
            ]
        return tuple(flows)

    def function(self, function: Function) -> FunctionNode:
        """Make the node of a Function."""
        return FunctionNode(
            self.numbering.function(function),
            type(function).__name__,
            str(function.label),
            function.generation,
            *self.origins.of(function),
        )

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
            released = self.recording.gradients.get(x)
        elif gradient is not None:
            state = "leaf" if leaf else "retained"
            grad = gradient
            if isinstance(gradient, Variable):
                grad, grad_array = freeze(raw(gradient)), self._array(gradient)
                name = self.names.get(gradient)
        else:
            state = "constant" if x.constant else "none"
        value = freeze(raw(x))
        bounds = self.exactness.of(x)
        if bounds is not None:
            value = bounds.data(x)
            grad = None if grad is None else bounds.gradient(x, grad)
            released = None if released is None else bounds.gradient(x, released)
        return VariableNode(
            id=self.numbering.variable(x),
            name=None if x.name is None else str(x.name),
            role=role,
            shape=data.shape,
            dtype=_dtype_name(data.dtype),
            data=value,
            grad=grad,
            grad_state=state,
            grad_was=released,
            seed=self.recording.seeds.get(x),
            generation=x.generation,
            order=self.origins.orders.get(x, 0),
            array=self._array(x),
            grad_array=grad_array,
            grad_variable=name,
            passes=self.passes.get(x),
            letter=self.letter,
        )

    def _array(self, x: Variable) -> int | None:
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
        return self._arrays.setdefault(key, len(self._arrays))


def _free_letter(names: Iterable[str | None]) -> str:
    """Return what to write before the numbers of Variables without names: ``v`` if none is so."""
    taken = {str(name).rstrip("0123456789") for name in names if name is not None}
    letters = chain("vtuwn", (f"v{'_' * i}" for i in count(1)))
    return next(letter for letter in letters if letter not in taken)


@lru_cache
def _dtype_name(dtype: np.dtype[Any]) -> str:
    """Return a type of real numbers as a word, which takes NumPy 5 us for "float64"."""
    if dtype.kind not in "biuf":
        raise EvaluationError(f"a picture shows real numbers, not data of type {dtype}")
    return str(dtype)
