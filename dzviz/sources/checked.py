"""The graph of a check, with every rule that is wrong marked at its operand's edge.

It takes what `dezero.numeric` has judged, and judges nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dzviz.engine import Function, Recording, Report, Variable, Verdict, backward, weights
from dzviz.graph.model import FunctionNode, Graph, Passes, VariableNode
from dzviz.sources.numbering import Numbering, number
from dzviz.sources.snapshot import snapshot
from dzviz.text.numbers import number as in_digits

Place = tuple[tuple[int, int] | None, tuple[str, int] | None]
Places = Mapping[Function, Place]
"""Where Functions come from: characters of a text, file and line."""


def places_of(outputs: Sequence[Variable], evaluation: Sequence[Variable], known: Places) -> Places:
    """Return where the Functions of a check come from, by those of the same graph.

    ``known`` has the places of the Functions that computed ``evaluation``. Where the graphs are not
    the same, as those of derivatives, nothing is known.
    """
    here, there = number(outputs).functions, number(evaluation).functions
    same = len(here) == len(there) and all(
        type(a) is type(b) for a, b in zip(here, there, strict=True)
    )
    return {a: known[b] for a, b in zip(here, there, strict=True) if b in known} if same else {}


def graph_of(
    report: Report,
    outputs: Sequence[Variable],
    places: Places,
    names: Sequence[str | None],
    *,
    title: str,
    text: str | None,
) -> Graph:
    """Return the graph that was checked, with its gradients by the rules, wrong ones marked.

    ``names`` are those of the outputs, where no derivative was checked. A wrong rule's edge says
    what it gives and what it should. What only inherits the mistake looks like all else.
    """
    outputs = list(outputs)
    for y, name in zip(outputs, names, strict=len(outputs) == len(names)):
        y.name = y.name or name
    numbering = number(outputs)
    recording = Recording()
    ys = [y for y in outputs if not y.constant]
    sizes = np.cumsum([0, *(y.size for y in ys)])
    seeds = weights(int(sizes[-1]))
    for y, start in zip(ys, sizes[:-1], strict=True):
        if len(seeds) > 1:
            y.grad = Variable(seeds[start : start + y.size].reshape(y.shape))
    with np.errstate(all="ignore"):
        backward(ys, observer=recording)
    graph = snapshot(
        outputs,
        expression=text,
        title=title,
        spans={f: span for f, (span, _) in places.items() if span},
        sources={f: source for f, (_, source) in places.items() if source},
        recording=recording,
    )
    return _marked(graph, report.blamed, numbering)


def _marked(graph: Graph, blamed: Sequence[Verdict], numbering: Numbering) -> Graph:
    """Mark the edges of wrong rules with both numbers."""
    wrong = {(numbering.function(v.function), v.operand): v for v in blamed}
    functions = {id for id, _ in wrong}
    notes = {}
    edges = []
    for edge in graph.edges:
        verdict = None if edge.arg is None else wrong.get((edge.target, edge.arg))
        if verdict is not None:
            notes[edge[:3]] = numbers_of(verdict)
            edge = edge._replace(mark="lost")
        edges.append(edge)
    nodes = [
        node._replace(mark="lost")
        if isinstance(node, FunctionNode) and node.id in functions
        else node
        for node in graph.nodes
    ]
    if blamed:  # then the gradients are no derivatives
        ys = [n for n in graph.nodes if isinstance(n, VariableNode) and n.id in graph.outputs]
        names = [n.name for n in ys if n.name]
        graph = graph._replace(passes=(Passes(1, (" + ".join(names) or "the output",)),))
    remarks = [verdict.sentence() for verdict in blamed]
    return graph._replace(
        nodes=tuple(nodes), edges=tuple(edges), edge_notes=notes, remarks=tuple(remarks)
    )


def numbers_of(verdict: Verdict) -> str:
    """Write what a rule gives and what it should: ``8, should be 12``."""
    c = verdict.comparison
    if c is None:
        return ""
    given, right = apart(c.gradient, c.numerical, c.error)
    place = f" at {list(c.place)}" if c.place and c.elements == 1 else ""
    along = " along a direction" if c.elements > 1 else ""
    upstream = " for another upstream" if c.foreign else ""
    return f"{given}, should be {right}{place}{along}{upstream}"


def apart(a: float, b: float, error: float) -> tuple[str, str]:
    """Write two numbers, of which the second has an error, so that they are not the same."""
    for precision in range(4, 17):
        texts = in_digits(a, precision), in_digits(b, precision, error)
        if texts[0] != texts[1]:
            break
    return texts
