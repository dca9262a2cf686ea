"""From Variables to a Graph: a snapshot of what a pass has left.

Nothing after this module sees a Variable; nothing in it knows how a graph is drawn. It runs no
pass: what a gradient was before its release comes from a `dzviz.sources.recorder.Recording`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count, repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import float64

from dzviz.engine import RELEASED, Function, Op, Variable, raw, reused
from dzviz.graph.columns import OTHER, Edges, Ints, Kind, Node, Nodes, Rows, operand_edges
from dzviz.graph.model import Changed, Edge, FunctionNode, Graph, Value, VariableNode
from dzviz.graph.nonfinite import Trouble
from dzviz.graph.rounded import bound_of, is_zero
from dzviz.sources.facts import Memory, free_letter
from dzviz.sources.frozen import dtype_name, freeze
from dzviz.sources.nonfinite import first_nonfinite
from dzviz.sources.provenance import Names, Provenance, provenance
from dzviz.sources.recorder import Recording, Tape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dzviz.graph.events import Event
    from dzviz.sources.bounds import Bounds
    from dzviz.sources.derivative import Derivation

LARGE = 500
"""Graphs with more nodes stay in columns: their nodes are looked at once or twice, if at all."""

MOST = 100_000
"""Of larger graphs nothing is found out of how exact the numbers are: it may take a minute."""

MOST_ELEMENTS = 1_000_000
"""Of more elements altogether nothing is found out of rounding: that takes a lot of memory."""

PLAIN = {float64, type(None), type(RELEASED)}
"""The types of the gradients of steps: one number, none, or not kept."""


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
    fresh: bool = False,
    rounding: bool = True,
) -> Graph:
    """Take down the graph that computed ``y``, a Variable or several, and those ``also`` named.

    ``expression`` and ``spans`` tell the text it comes from, ``sources`` the files, ``title`` what
    to write below it instead of the expression, ``recording`` what happened in its last backward
    pass (a `Tape`: in all passes), ``derivation`` which part belongs to which derivative. Whether
    data has changed since it was computed is looked at, unless all is ``fresh``; in large graphs
    (see `LARGE`) not whether it has changed in a way that gradients alone would show. Without
    ``rounding`` nothing is found out of how exact the numbers are, as words about them need it.

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
    camera.fresh = fresh
    camera.rounding = rounding
    camera.walk(ys)
    camera.walk(also)
    nodes, edges = camera.parts()
    graph = Graph(
        nodes=nodes,
        edges=edges,
        outputs=tuple([camera.id(v) for v in ys]),
        expression=expression,
        title=expression if title is None else title,
        order=derivation.order if derivation else 0,
        trouble=camera.trouble(),
        passes=camera.provenance.passes,
        flows=camera.provenance.flows,
        changed=camera.changed,
    )
    return graph._replace(events=camera.events(graph))


def recognises(thing: object) -> bool:
    """Whether it is a Variable or a sequence of Variables."""
    if isinstance(thing, Sequence):
        return bool(thing) and all(isinstance(x, Variable) for x in thing)
    return isinstance(thing, Variable)


def graph(thing: Variable | Sequence[Variable], *, words: bool = True) -> Graph:
    """Return the graph that computed it; without ``words`` nothing is found out of rounding."""
    return snapshot(thing, rounding=words)


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
        self.ys = ys
        self.outputs = set(ys)
        self.spans = spans
        self.sources = sources
        self.recording = recording
        self.orders = derivation.orders if derivation else {}
        self.origins = derivation.origins if derivation else {}
        self.variables: dict[Variable, int] = {}
        self.functions: dict[Function, int] = {}
        self.taken: set[Function] = set()
        self.gradient_names: dict[Variable, str] = {}
        self.memory = Memory()
        self.finite = True
        self.fresh = False
        self.provenance = Provenance()
        self.changed: Changed | None = None
        self.letter = "v"
        self.rounding = True
        self.bounds: Bounds | None = None
        self.uncertain: set[Variable] | None = None

    def id(self, x: Variable) -> str:
        """Return the id of a Variable's node."""
        return f"v{self.variables[x]}"

    def walk(self, ys: Sequence[Variable]) -> None:
        """Number everything that ``ys`` were computed from, operands before results.

        Raises:
            RuntimeError: A Function was applied to its own result.
        """
        numbers = self.variables
        stack: list[Any] = list(reversed(ys))
        push, pop = stack.append, stack.pop
        while stack:
            x = pop()
            if x is None:  # all that the next one was computed from has its number
                x = pop()
                numbers[x] = len(numbers)
                continue
            while x not in numbers:
                function = x.creator
                if function is None:
                    numbers[x] = len(numbers)
                    break
                if function.generation >= x.generation:  # it made another one of its own result
                    raise reused(function)
                push(x)
                push(None)
                inputs = function.inputs
                if not inputs:
                    break
                for operand in inputs[:0:-1]:
                    if operand not in numbers:
                        push(operand)
                x = inputs[0]

    def parts(self) -> tuple[Sequence[Node], Sequence[Edge]]:
        """Take down what was numbered.

        Raises:
            RuntimeError: An op was applied twice.
        """
        xs = list(self.variables)
        creators = [x.creator for x in xs]
        made = [function for function in creators if function is not None]
        self.functions = dict(zip(made, count()))
        if len(self.functions) < len(made):  # some have several outputs; else in half the time
            self.functions = {function: i for i, function in enumerate(dict.fromkeys(made))}
            if again := [f for f, uses in Counter(made).items() if uses > 1 and f.rules]:
                raise reused(again[0])
        grads = [x._grad for x in xs]
        if any(issubclass(kind, Variable) for kind in set(map(type, grads))):
            self.gradient_names = self.names_of_gradients(grads)
        self.letter = free_letter(x.name for x in xs)
        rows = self.rows(xs, creators, grads)
        nodes = Nodes(rows, len(xs) + len(self.functions))
        edges = Edges(rows, rows.count_edges())
        return (nodes, edges) if len(nodes) > LARGE else (tuple(nodes), tuple(edges))

    def rows(self, xs: list[Variable], creators: list[Any], grads: list[Any]) -> Rows:
        """Take all by columns, which takes two fifths of the time of a loop over the Variables.

        Nearly all of a large graph are steps: finite scalars without a name, and the ops that made
        them. What is none is found by columns, too, and taken one by one.
        """
        inputs = [() if f is None else f.inputs for f in creators]
        counts = np.fromiter(map(len, inputs), np.intp)
        operand = np.fromiter(map(self.variables.get, chain.from_iterable(inputs)), np.intp)
        data = [x._data for x in xs]
        odd = self.irregular(xs, creators)
        classes = [type(x if f is None else f) for x, f in zip(xs, creators, strict=True)]
        for i in odd:
            data[i] = 0.0
        values = np.fromiter(data, float64)
        if not self.fresh:
            self.changed = self.changes(xs, classes, values, odd, counts, operand)
        fresh = self.fresh or len(xs) > LARGE
        self.provenance = provenance(
            self.ys, self.variables, self.recording, fresh=fresh, changed=self.changed is not None
        )
        before = list(map(type, grads))
        if not {float64, type(None)}.issuperset(before):
            grads = list(map(self.gradient, xs))
        states = list(map(type, grads))
        keys = self.keys(xs, classes, creators, before, states)
        numbers = {key: i for i, key in enumerate(dict.fromkeys(keys))}
        kind = np.fromiter(map(numbers.__getitem__, keys), np.intp)

        if not PLAIN.issuperset(states):
            odd.update(i for i, state in enumerate(states) if state not in PLAIN)
        self.look_into_rounding(xs, creators, [x._data for x in xs], grads)
        if set(states) != {float64}:
            grads = [grad if type(grad) is float64 else 0.0 for grad in grads]
        slopes = np.fromiter(grads, float64)
        other = ~np.isfinite(values) | ~np.isfinite(slopes)
        other[list(odd)] = True

        flows = None
        if self.recording.contributions:
            flows, strange = self.flows(creators, inputs)
            other[np.repeat(np.arange(len(xs)), counts)[strange]] = True
        if self.bounds is not None:
            other |= np.fromiter(map(self.told_of, xs), bool)
        of_steps = np.repeat(~other, counts)
        first = np.append(0, np.cumsum(np.where(other, 0, counts)))

        steps = np.flatnonzero(~other)
        sample = np.full(len(numbers), OTHER)
        sample[kind[steps[::-1]]] = steps[::-1]  # of each kind the first
        found = sample != OTHER
        return Rows(
            kinds=[self.kind(xs[i]) for i in sample[found].tolist()],
            kind=np.where(other, OTHER, (np.cumsum(found) - 1)[kind]),
            function=np.fromiter(map(self.functions.get, creators, repeat(OTHER)), np.intp),
            generation=np.fromiter([x.generation for x in xs], np.intp),
            data=values,
            grad=slopes,
            first=first,
            operand=operand[of_steps],
            contribution=None if flows is None else flows[of_steps],
            others={i: tuple(self.take(xs[i])) for i in np.flatnonzero(other).tolist()},
        )

    def look_into_rounding(
        self, xs: list[Variable], creators: list[Any], data: list[Any], grads: list[Any]
    ) -> None:
        """Find out how exact numbers are: of many, those where a word may depend on it."""
        if not self.rounding or not self.functions or self.changed is not None:
            return  # what is computed again would not be what was
        arrays = [x._data for x in xs if isinstance(x._data, np.ndarray)]
        if sum(a.size for a in arrays) > MOST_ELEMENTS or any(a.dtype.kind == "c" for a in arrays):
            return
        if len(xs) + len(self.functions) <= LARGE:
            from dzviz.sources.bounds import Bounds  # which large graphs rarely need

            self.bounds = Bounds(self.ys, xs, self.recording)
            return
        from dzviz.text.decimals import uncertain

        sent = list(self.recording.contributions.items())
        found = uncertain([data, grads, [value for _, value in sent]])
        little, near = (  # an input is exact
            {i for i in part if i >= len(xs) or creators[i] or xs[i].constant} for part in found
        )
        if not (little or near) or len(xs) > MOST:
            return
        from dzviz.sources.bounds import Bounds

        self.bounds, self.uncertain = Bounds(self.ys, xs, self.recording), set()
        for i in sorted(little | near):
            if i >= 2 * len(xs):
                (function, index), value = sent[i - 2 * len(xs)]
                owner = function.outputs[0]()
                value = self.bounds.contribution(function, index, value)
            elif i >= len(xs):
                owner, gradient = xs[i - len(xs)], grads[i - len(xs)]
                value = raw(gradient) if isinstance(gradient, Variable) else gradient
                value = self.bounds.gradient(owner, value)
            else:
                owner = xs[i]
                value = self.bounds.data(owner)
            if bound_of(value) is not None and (i in near or is_zero(value)) and owner is not None:
                self.uncertain.add(owner)

    def told_of(self, x: Variable) -> bool:
        """Whether the nodes and edges of this Variable and its maker say how exact numbers are."""
        return self.bounds is not None and (self.uncertain is None or x in self.uncertain)

    def keys(
        self,
        xs: list[Variable],
        classes: list[type],
        creators: list[Any],
        before: list[type],
        states: list[type],
    ) -> list[Any]:
        """Return for each Variable what steps of one kind have in common.

        That is its Function's class, the types of its gradient (as it is there, and as it was where
        it was released), and the facts that not all have.
        """
        columns: list[list[Any]] = [classes, before, states]
        ops: set[Any] = set(map(type, self.functions))
        if any(op.label is not Op.label for op in ops):
            columns.append([None if f is None else f.label for f in creators])
        if self.spans or self.sources or self.orders or self.origins:
            known: dict[Any, int] = {}  # a number for each: there are few, and many tuples
            facts = ((self.facts(x.creator), self.orders.get(x)) for x in xs)
            columns.append([known.setdefault(fact, len(known)) for fact in facts])
        if self.provenance.own:
            columns.append(list(map(self.provenance.own.get, xs)))
        columns = [column for column in columns if len(set(column)) > 1] or columns[:1]
        return columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))

    def irregular(self, xs: list[Variable], creators: list[Any]) -> set[int]:
        """Find the Variables that are no steps: ends, arrays, named ones, some of several outputs.

        Whether their numbers are finite is not looked at.
        """
        odd = {i for i, x in enumerate(xs) if type(x._data) is not float64 or x.name is not None}
        ends = self.outputs.union(self.recording.seeds)
        odd.update(self.variables[x] for x in ends if x in self.variables)
        ops: set[Any] = set(map(type, self.functions))
        unique = len(self.functions) + creators.count(None) == len(xs)
        if not unique or not all(op.rules for op in ops):
            uses = Counter(creators)
            odd.update(
                i for i, f in enumerate(creators) if f is not None and (uses[f] > 1 or not f.rules)
            )
        return odd

    def flows(
        self, creators: list[Any], inputs: list[Any]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return what flowed back to each operand, NaN for nothing; and where it is no number."""
        found = self.recording.contributions
        told = [
            found.get((f, i))
            for f, operands in zip(creators, inputs, strict=True)
            for i in range(len(operands))
        ]
        flows = np.array([flow if type(flow) is float64 else np.nan for flow in told])
        return flows, np.array([flow is not None for flow in told]) & ~np.isfinite(flows)

    def gradient(self, x: Variable) -> Any:
        """Return the gradient of a step, or what was released; what is no number is none of one."""
        gradient = x._grad
        if gradient is RELEASED:
            return self.recording.gradients.get(x, RELEASED)
        if isinstance(gradient, Variable) and gradient not in self.gradient_names:
            return gradient._data
        return gradient

    def kind(self, x: Variable) -> Kind:
        """Take down what a step has in common with others."""
        return Kind(
            self.variable_node(x), None if x.creator is None else self.function_node(x.creator)
        )

    def take(self, x: Variable) -> Iterator[Node | Edge]:
        """Take a Variable and the Function that made it, unless that was taken before."""
        function = x.creator
        if function is not None and function not in self.taken:
            self.taken.add(function)
            made = self.function_node(function)
            yield made
            operands = [self.variables[i] for i in function.inputs]
            yield from operand_edges(made.id, operands, self.contributions(function, x))
            self.finite &= function.rules  # another's outputs may not all be of this graph
        node = self.variable_node(x)
        yield node
        if function is not None:
            yield Edge(f"f{self.functions[function]}", node.id, 0)
        self.finite &= bool(np.all(np.isfinite(node.data)))

    def contributions(self, function: Function, y: Variable) -> tuple[Value | None, ...] | None:
        """Return what a recorded pass sent back to each operand."""
        found = self.recording.contributions
        if not found:
            return None
        flows = [found.get((function, i)) for i in range(len(function.inputs))]
        if self.bounds is not None and self.told_of(y):
            flows = [
                None if flow is None else self.bounds.contribution(function, i, flow)
                for i, flow in enumerate(flows)
            ]
        return tuple(flows)

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
        """Make the node of a Function."""
        return FunctionNode(
            f"f{self.functions[function]}",
            type(function).__name__,
            str(function.label),
            function.generation,
            *self.facts(function),
        )

    def variable_node(self, x: Variable) -> VariableNode:
        """Make the node of a Variable."""
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
        grad, grad_array, name, was = None, None, None, None
        gradient = x._grad
        if gradient is RELEASED:
            state = "released"
            was = self.recording.gradients.get(x)
        elif gradient is not None:
            state = "leaf" if leaf else "retained"
            grad = gradient
            dtype_name(gradient.dtype)
            if isinstance(gradient, Variable):
                grad, grad_array = freeze(raw(gradient)), self.array(gradient)
                name = self.gradient_names.get(gradient)
        else:
            state = "constant" if x.constant else "none"
        value = freeze(raw(x))
        if self.bounds is not None and self.told_of(x):
            value = self.bounds.data(x)
            grad = None if grad is None else self.bounds.gradient(x, grad)
            was = None if was is None else self.bounds.gradient(x, was)
        return VariableNode(
            id=self.id(x),
            name=None if x.name is None else str(x.name),
            role=role,
            shape=data.shape,
            dtype=dtype_name(data.dtype),
            data=value,
            grad=grad,
            grad_state=state,
            grad_was=was,
            seed=self.recording.seeds.get(x),
            generation=x.generation,
            order=self.orders.get(x, 0),
            array=self.array(x),
            grad_array=grad_array,
            grad_variable=name,
            passes=self.provenance.own.get(x),
            letter=self.letter,
        )

    def changes(
        self,
        xs: list[Variable],
        classes: list[type],
        values: NDArray[np.float64],
        odd: set[int],
        counts: Ints,
        operands: Ints,
    ) -> Changed | None:
        """Find data that was changed after it was computed with; the ``values`` are of steps."""
        from dzviz.sources.staleness import changed  # what an expression computed is fresh

        found = changed(xs, classes, values, odd, counts, operands)
        if not any(found):
            return None
        called = Names(self.ys, self.variables)
        return Changed(*(tuple([(self.id(x), called(x)) for x in part]) for part in found))

    def names_of_gradients(self, grads: Sequence[Any]) -> dict[Variable, str]:
        """Name the gradients that are Variables of the graph, or the same in several places."""
        gradients = [g for g in grads if isinstance(g, Variable)]
        if len(set(gradients)) == len(gradients) and self.variables.keys().isdisjoint(gradients):
            return {}
        others = [g for g in dict.fromkeys(gradients) if g not in self.variables]
        names = {g: f"g{i}" for i, g in enumerate(others)}
        return names | {g: self.id(g) for g in gradients if g in self.variables}

    def array(self, x: Variable) -> int | None:
        """Number the memory of a Variable's data; that of a scalar is its own as soon as read."""
        return self.memory.number(x._data)

    def trouble(self) -> Trouble | None:
        """Find where a NaN or an infinity first appeared."""
        found = first_nonfinite(() if self.finite else self.functions, self.recording)
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
        from dzviz.sources.passes import freeze_events  # which few need
        from dzviz.text.formulas import names_of

        names, _ = names_of(graph.nodes, graph.edges)
        variables = {x: self.id(x) for x in self.variables}
        functions = {function: f"f{i}" for function, i in self.functions.items()}
        return tuple(freeze_events(self.recording, variables, functions, names, self.bounds))
