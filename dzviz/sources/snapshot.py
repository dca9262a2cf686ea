"""From Variables to a Graph: a snapshot of what a pass has left.

Nothing after this module sees a Variable; nothing in it knows how a graph is drawn. It runs no
pass: what a gradient was before its release comes from a `dezero.recorder.Recording`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from dzviz.engine import Function, Recording, Variable, freeze, raw
from dzviz.graph.columns import Edges, Nodes, Rows
from dzviz.graph.model import Changed, Derivatives, Edge, Graph, Node
from dzviz.graph.nonfinite import Trouble, renamed
from dzviz.options import FULL
from dzviz.sources.columns import Columns, columns, gradients, rows
from dzviz.sources.exactness import exactness
from dzviz.sources.frames import groups_of
from dzviz.sources.frozen import dtype_name
from dzviz.sources.nodes import Exactness, NodeMaker, Origins
from dzviz.sources.nonfinite import first_nonfinite
from dzviz.sources.numbering import Numbering, number
from dzviz.sources.provenance import Names, provenance
from dzviz.text.numbers import SHOWN

if TYPE_CHECKING:
    from dzviz.engine import Tape
    from dzviz.graph.events import Event
    from dzviz.sources.bounds import Bounds
    from dzviz.sources.derivative import Derivation

LARGE = 500
"""Graphs with more nodes stay in columns: their nodes are looked at once or twice, if at all. So do
those of which a diagram is written."""


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
    digits: int = FULL,
    later: bool = False,
) -> Graph:
    """Take down the graph that computed ``y``, a Variable or several, and those ``also`` named.

    ``expression`` and ``spans`` tell the text it comes from, ``sources`` the files, ``title`` what
    to write below it instead of the expression, ``recording`` what happened in its last backward
    pass (a `Tape`: in all passes), ``derivation`` which part belongs to which derivative. Whether
    data has changed since it was computed is looked at, unless all is ``fresh``; in large graphs
    (see `LARGE`) not whether it has changed in a way that gradients alone would show. How exact
    the numbers are is found out as far as it changes one of so many ``digits`` of theirs.
    Events of large graphs are made ``later``, when somebody asks for one, if nothing changes then.

    Raises:
        TypeError: ``y`` is not a Variable or a sequence of them.
        ValueError: There is no output, or a Variable without data.
        EvaluationError: A Variable has data that are no real numbers.
    """
    ys = _outputs(y)
    recording = _checked(recording or Recording())
    numbering = number([*ys, *also])
    known = columns(numbering, {*ys, *recording.seeds})
    size = len(numbering.variables) + numbering.size
    changed = None if fresh else _changes(ys, numbering, known)
    names = _names_of_gradients(numbering, [x._grad for x in known.xs])
    grads = gradients(numbering, recording, names)
    sure, other = fresh or len(known.xs) > LARGE, changed is not None
    found = provenance(ys, numbering.variables, recording, fresh=sure, changed=other)
    exact = Exactness()
    if digits and numbering.size and not other:  # else what is computed again differs
        exact = exactness(ys, known, grads, recording, digits, large=size > LARGE)
    origins = Origins(spans or {}, sources or {}, derivation)
    maker = NodeMaker(ys, numbering, recording, origins, exact, grads, names, found.own)
    graph = Graph(
        *_parts(rows(known, grads, maker), size, lazy=size > LARGE or 0 < digits <= SHOWN),
        tuple([numbering.variable(v) for v in ys]),
        expression=expression,
        title=expression if title is None else title,
        order=derivation.order if derivation else 0,
        troubles=_troubles(numbering, recording, derivation, finite=maker.finite),
        passes=found.passes,
        flows=found.flows,
        changed=changed,
        groups=groups_of(numbering),
        derivatives=None if derivation is None else _derivatives(derivation, exact.bounds),
    )
    later &= size > LARGE
    return _with_events(graph, [*ys, *also], recording, exact.bounds, later=later)


def _checked(recording: Recording) -> Recording:
    """Return a recording all of whose values can be written.

    Raises:
        EvaluationError: They are no real numbers of up to 64 bits.
    """
    for value in recording.others():
        dtype_name(value.dtype)
    return recording


def recognises(thing: object) -> bool:
    """Whether it is a Variable or a sequence of Variables."""
    if isinstance(thing, Sequence):
        return bool(thing) and all(isinstance(x, Variable) for x in thing)
    return isinstance(thing, Variable)


def graph(thing: Variable | Sequence[Variable], *, words: int = FULL) -> Graph:
    """Return the graph that computed it, of whose numbers ``words`` have so many digits at most."""
    return snapshot(thing, digits=words)


def _outputs(y: Variable | Sequence[Variable]) -> list[Variable]:
    """Return the outputs as a list, after a look at what they are."""
    ys = [y] if isinstance(y, Variable) else list(y) if isinstance(y, Sequence) else [y]
    if not all(isinstance(v, Variable) for v in ys):
        raise TypeError("dzviz draws a Variable or a sequence of Variables")
    if not ys:
        raise ValueError("there is no output to draw")
    return ys


def _parts(rows: Rows, size: int, *, lazy: bool) -> tuple[Sequence[Node], Sequence[Edge]]:
    """Return the nodes and edges of rows, made at once or as they are needed."""
    nodes, edges = Nodes(rows, size), Edges(rows, rows.count_edges())
    return (nodes, edges) if lazy else (tuple(nodes), tuple(edges))


def _names_of_gradients(numbering: Numbering, grads: Sequence[Any]) -> dict[Variable, str]:
    """Name the gradients that are Variables of the graph, or the same in several places."""
    if not any(issubclass(kind, Variable) for kind in set(map(type, grads))):
        return {}
    gradients = [g for g in grads if isinstance(g, Variable)]
    inside = [g for g in gradients if g in numbering.variables]
    if len(set(gradients)) == len(gradients) and not inside:
        return {}
    others = [g for g in dict.fromkeys(gradients) if g not in numbering.variables]
    return {g: f"g{i}" for i, g in enumerate(others)} | {g: numbering.variable(g) for g in inside}


def _changes(ys: Sequence[Variable], numbering: Numbering, known: Columns) -> Changed | None:
    """Find data that was changed after it was computed with."""
    from dzviz.sources.staleness import changed  # what an expression computed is fresh

    found = changed(
        known.xs, known.classes, known.data, known.irregular, known.counts, known.operand
    )
    if not any(found):
        return None
    called = Names(ys, numbering.variables)
    return Changed(*(tuple([(numbering.variable(x), called(x)) for x in part]) for part in found))


def _troubles(
    numbering: Numbering, recording: Recording, derivation: Derivation | None, *, finite: bool
) -> tuple[Trouble, ...]:
    """Find where a NaN and an infinity first appeared; data may be known to be ``finite``."""
    found = first_nonfinite(() if finite else numbering.functions, recording)
    if derivation is not None and derivation.output not in recording.seeds:
        found = tuple(each for each in found if each.argument is None)  # it was another's pass
    by_variable = [
        each
        if each.argument is None
        else each._replace(argument=each.function.inputs[each.argument])
        for each in found
    ]
    return renamed(
        by_variable,
        lambda x: numbering.function(x) if isinstance(x, Function) else numbering.variable(x),
    )


def _derivatives(derivation: Derivation, bounds: Bounds | None) -> Derivatives | None:
    """Take the values of a function and its derivatives, where these have names."""
    if not derivation.names:
        return None
    parts = [*derivation.lower, derivation.output]
    values = [freeze(raw(y)) if bounds is None else bounds.data(y) for y in parts]
    return Derivatives(tuple(derivation.names), tuple(values), derivation.by)


def _with_events(
    graph: Graph,
    ys: Sequence[Variable],
    recording: Recording,
    bounds: Bounds | None,
    *,
    later: bool,
) -> Graph:
    """Add what happened, now or ``later``, if it was recorded."""
    if recording.empty:
        return graph
    from dzviz.graph.events import Events

    events = partial(_events, graph, ys, cast("Tape", recording), bounds)
    return graph._replace(events=Events(events) if later else tuple(events()))


def _events(
    graph: Graph, ys: Sequence[Variable], recording: Tape, bounds: Bounds | None
) -> Iterator[Event]:
    """Take what happened to these nodes."""
    from dzviz.sources.passes import freeze_events  # which few need
    from dzviz.text.formulas import names_of

    numbering = number(ys)
    names, _ = names_of(graph.nodes, graph.edges)
    variables = {x: numbering.variable(x) for x in numbering.variables}
    functions = {f: numbering.function(f) for f in numbering.functions}
    return freeze_events(recording, variables, functions, names, bounds)
