"""Where the first NaN and the first infinity arose, and why, in words."""

from __future__ import annotations

from dzviz.graph.model import FunctionNode, Graph
from dzviz.graph.nonfinite import Trouble
from dzviz.graph.overview import position
from dzviz.text.expressions import applied
from dzviz.text.numbers import number
from dzviz.text.phrases import clean, grouped

LONGEST = 40
"""A longer cause explains nothing."""


def trouble_lines(node: FunctionNode, graph: Graph) -> list[str]:
    """Say what arose first in this Function, and of what it made it; mostly nothing."""
    lines = []
    for i, trouble in enumerate(graph.troubles):
        if trouble.function == node.id:
            lines.append(f"{_what(trouble)}{_time(node, graph, i)}")
            lines += [why] if (why := cause(trouble, clean(node.label))) else []
    return lines


def trouble_sentences(graph: Graph) -> list[str]:
    """Say the same of all Functions that are drawn."""
    labels = {n.id: clean(n.label) for n in graph.nodes if isinstance(n, FunctionNode)}
    sentences = []
    for trouble in graph.troubles:
        if (label := labels.get(trouble.function)) is not None:
            why = cause(trouble, label)
            what = _what(trouble)
            sentences.append(f"{what[0].upper()}{what[1:]}: {label}{why and f', {why}'}.")
    return sentences


def cause(trouble: Trouble, label: str) -> str:
    """Write how a number arose: ``log(0) = -inf``; on the way back ``grad 0 * slope inf = NaN``."""
    if not trouble.parts:
        return ""
    parts = [number(part) for part in trouble.parts]
    made = (
        applied(label, parts) if trouble.argument is None else "grad {} * slope {}".format(*parts)
    )
    where = f" at {list(trouble.place)}" if trouble.place else ""
    text = f"{made} = {number(trouble.value)}{where}"
    return text if len(text) <= LONGEST else ""


def _what(trouble: Trouble) -> str:
    return f"first {trouble.kind} in {'forward' if trouble.argument is None else 'backward'}"


def _time(node: FunctionNode, graph: Graph, which: int) -> str:
    """Say at which time of a Repeat the trouble began."""
    members = graph.folded.members.get(node.id) if graph.folded else None
    if members is None or graph.folded is None:
        return ""
    place = position(members, graph.folded.troubles[which].function)
    return f", time {grouped(place + 1)}"
