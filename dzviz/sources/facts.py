"""From facts about the values of any engine to a Graph.

A source reports what it knows about each value; numbers of nodes, the order, shapes, roles and
generations that it does not tell follow from that. It knows no engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from dzviz.errors import EvaluationError
from dzviz.graph.model import Edge, FunctionNode, Graph, Node, Passes, VariableNode
from dzviz.graph.ranges import Range
from dzviz.records import NamedTuple
from dzviz.sources.frozen import Memory, dtype_name, free_letter
from dzviz.sources.nonfinite import troubles_of

UNKNOWN = Passes(0, ())
"""Gradients as they were found: nobody watched the passes that made them."""


class Call(NamedTuple):
    """How a value was computed: by a ``function`` from ``operands``.

    ``function`` is any object that stands for this call; all results of the call share it. ``op``
    names the operation, and ``label`` is how the user writes it (``+``, ``** 3``); by default the
    label is ``op``. An operand that is None is left out. ``contributions`` are the shares that a
    pass sent back to each operand, if they are known. Without a ``generation``, it is that of the
    latest operand.
    """

    function: object
    op: str
    operands: Sequence[object]
    label: str | None = None
    contributions: Sequence[Any] | None = None
    generation: int | None = None
    source: tuple[str, int] | None = None


class Value(NamedTuple):
    """What is known about one value: its ``data``, a number or an array, and optionally the rest.

    Without a ``call``, it is an input. A gradient has the state ``leaf`` or ``retained``, or
    ``none`` if there is no gradient, unless ``grad_state`` gives another state of `VariableNode`.
    ``grad_note`` describes the state in the words of the engine. ``data`` and gradients can also be
    a `dzviz.graph.ranges.Range`; then ``dtype`` is needed.
    """

    data: Any
    call: Call | None = None
    grad: Any = None
    name: str | None = None
    generation: int | None = None
    grad_state: str | None = None
    grad_was: Any = None
    seed: Any = None
    passes: Passes | None = None
    grad_note: str | None = None
    dtype: str | None = None


class Facts(NamedTuple):
    """All values that some outputs were computed from, each after its operands, and their ids."""

    outputs: Sequence[object]
    values: Sequence[tuple[object, Value]]
    ids: Mapping[int, str]
    functions: Mapping[int, str]

    def id(self, x: object) -> str:
        """Return the id of the node of a value."""
        return self.ids[id(x)]


def graph_from(
    outputs: object,
    tell: Callable[[Any], Value],
    *,
    title: str | None = None,
    one_pass: bool = False,
) -> Graph:
    """Return the graph that computed ``outputs``, a value or a list of values.

    ``tell`` is called once for each value and returns what is known about it. Which passes made the
    gradients counts as unknown, unless ``one_pass`` says that it was one pass from all outputs.

    Raises:
        EvaluationError: A value was computed from itself, or is not a real number.
    """
    facts = collect(outputs, tell)
    made = UNKNOWN
    if one_pass:
        names = [value.name for x, value in facts.values if any(x is y for y in facts.outputs)]
        alone = "the output" if len(names) == 1 else "another output"
        made = Passes(1, (" + ".join(name or alone for name in names),), drawn=True)
    graph = assemble(facts)
    graded = any(v.grad is not None or v.grad_was is not None for _, v in facts.values)
    sent = any(edge.contribution is not None for edge in graph.edges)
    return graph._replace(
        title=title, passes=(made,) if graded else (), flows=made if sent else None
    )


def collect(outputs: object, tell: Callable[[Any], Value]) -> Facts:
    """Ask for all that ``outputs`` were computed from, operands before results.

    Raises:
        EvaluationError: A value was computed from itself.
    """
    ys = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
    known: dict[int, tuple[object, Value]] = {}
    done: dict[int, None] = {}
    stack: list[tuple[object, bool]] = [(y, False) for y in reversed(ys)]
    while stack:
        x, ready = stack.pop()
        key = id(x)
        if ready:
            done[key] = None
        elif key not in known:
            value = tell(x)
            known[key] = x, value  # it keeps x alive, and its id its own
            stack.append((x, True))
            operands = value.call.operands if value.call else ()
            stack += [(o, False) for o in reversed(operands) if o is not None]
        elif key not in done and (call := known[key][1].call) is not None:
            raise again(call.op)
    values = [known[key] for key in done]
    calls = dict.fromkeys(id(value.call.function) for _, value in values if value.call)
    return Facts(
        ys,
        values,
        {key: f"v{i}" for i, key in enumerate(done)},
        {key: f"f{i}" for i, key in enumerate(calls)},
    )


def again(op: str) -> EvaluationError:
    """Return the error for a Function that was applied to a second thing after the first."""
    return EvaluationError(
        f"this {op} was called again after it made a Variable of the graph: it only remembers its "
        "last operands",
        hint=f"each call needs a new {op}",
    )


def assemble(
    facts: Facts, *, passes: tuple[Passes | None, ...] = (), flows: Passes | None = None
) -> Graph:
    """Make the graph; ``passes`` and ``flows`` are its own.

    Raises:
        EvaluationError: Something is no real number.
    """
    memory = Memory()
    letter = free_letter(value.name for _, value in facts.values)
    outputs = {id(y) for y in facts.outputs}
    generations: dict[int, int] = {}
    nodes: list[Node] = []
    edges: list[Edge] = []
    taken: dict[int, int] = {}
    for x, value in facts.values:
        call = value.call
        generation = 0
        if call is not None:
            function = id(call.function)
            if function not in taken:
                taken[function] = _generation(call, generations)
                node, operands = _call(call, taken[function], facts)
                nodes.append(node)
                edges += operands
            generation = taken[function] + 1
            edges.append(Edge(facts.functions[function], facts.id(x), 0))
        generation = generation if value.generation is None else value.generation
        generations[id(x)] = generation
        role = "output" if id(x) in outputs else "input" if call is None else "intermediate"
        nodes.append(_variable(facts.id(x), value, role, generation, memory, letter))
    return Graph(
        nodes=tuple(nodes),
        edges=tuple(edges),
        outputs=tuple(facts.id(y) for y in facts.outputs),
        troubles=troubles_of(nodes, edges),
        passes=passes,
        flows=flows,
    )


def _generation(call: Call, generations: Mapping[int, int]) -> int:
    if call.generation is not None:
        return call.generation
    return max((generations[id(x)] for x in call.operands if x is not None), default=0)


def _call(call: Call, generation: int, facts: Facts) -> tuple[FunctionNode, list[Edge]]:
    target = facts.functions[id(call.function)]
    label = call.op if call.label is None else call.label
    edges: list[Edge] = []
    uses: dict[str, int] = {}
    for i, x in enumerate(call.operands):
        if x is None:
            continue
        source = facts.id(x)
        uses[source] = key = uses.get(source, -1) + 1
        sent = frozen(call.contributions[i]) if call.contributions else None
        edges.append(Edge(source, target, key, i, sent))
    return FunctionNode(target, call.op, label, generation, source=call.source), edges


def _variable(
    id: str, value: Value, role: str, generation: int, memory: Memory, letter: str
) -> VariableNode:
    data, grad = frozen(value.data), frozen(value.grad)
    if data is None:
        raise EvaluationError(f"{value.name or 'a Variable'} has no data")
    state = value.grad_state
    if state is None:
        state = "none" if grad is None else "leaf" if value.call is None else "retained"
    return VariableNode(
        id=id,
        name=None if value.name is None else str(value.name),
        role="constant" if state == "constant" and role == "input" else role,
        shape=data.shape,
        dtype=dtype_name(data.dtype) if value.dtype is None else value.dtype,
        data=data,
        grad=grad,
        grad_state=state,
        grad_was=frozen(value.grad_was),
        seed=frozen(value.seed),
        generation=generation,
        array=memory.number(value.data),
        grad_array=memory.number(value.grad),
        passes=value.passes,
        letter=letter,
        grad_note=value.grad_note,
    )


def frozen(value: Any) -> Any:
    """Copy a number or an array to a NumPy scalar or an array that cannot be written; None stays.

    Raises:
        EvaluationError: It is neither.
    """
    if value is None or isinstance(value, Range):
        return value
    if not isinstance(value, np.ndarray | np.generic | int | float | list | tuple):
        kind = type(value).__name__
        raise EvaluationError(f"a picture can only show real numbers, not data of type {kind}")
    array = np.array(value)
    dtype_name(array.dtype)
    array.setflags(write=False)
    return array if array.ndim else array[()]
