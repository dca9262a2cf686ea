"""The text in the frame of a loop: how often it runs, what it computes, and what it carries."""

from __future__ import annotations

from dzviz.graph.model import Folded, FunctionNode, Graph, Recurrence, Repeat, VariableNode
from dzviz.graph.ranges import Range
from dzviz.options import Look
from dzviz.text.languages import say
from dzviz.text.numbers import span, value_text
from dzviz.text.phrases import clean, times


def repeat_label(repeat: Repeat, graph: Graph, look: Look) -> str:
    """Say how often something repeats, and of a loop whose source is known what it computes."""
    label = times(repeat.times, look.lang)
    recurrence = recurrence_of(repeat, graph)
    if recurrence is None:
        return label
    label += f": {clean(recurrence.text, 200)}"
    values = _carried(repeat, graph, look) if recurrence.name and look.says("data") else ""
    return f"{label} ({clean(recurrence.name)}: {values})" if values else label


def recurrence_of(repeat: Repeat, graph: Graph) -> Recurrence | None:
    """Return what a loop computes, where what repeats is one round of it, no more and no less."""
    inside = set(repeat.nodes)
    functions = [n for n in graph.nodes if isinstance(n, FunctionNode) and n.id in inside]
    found = {graph.recurrences.get(node.source) if node.source else None for node in functions}
    if not graph.recurrences or len(found) != 1:
        return None
    (recurrence,) = found
    if recurrence is None or recurrence.ops != len(functions):
        return None
    return recurrence if all(_from_one_line(node, graph) for node in functions) else None


SAMPLES = 200
"""Of a million times so many are looked at."""


def _from_one_line(node: FunctionNode, graph: Graph) -> bool:
    """Whether it comes from the same line at all times, of which some are looked at."""
    members = graph.folded.members.get(node.id, ()) if graph.folded else ()
    near = (*members[:16], *members[:: max(1, len(members) // SAMPLES)], *members[-16:])
    return all(getattr(member, "source", None) == node.source for member in near)


def carried_in(repeat: Repeat, folded: Folded) -> str | None:
    """Return the node whose value a loop carries from time to time, where that is one."""
    bundles = folded.bundles.items()
    sources = {key[0] for key, bundle in bundles if bundle.lag and bundle.repeat == repeat.id}
    return sources.pop() if len(sources) == 1 else None


def _carried(repeat: Repeat, graph: Graph, look: Look) -> str:
    """Say the first, the last and all values that a loop carries, where that is one number."""
    if graph.folded is None:
        return ""
    source = carried_in(repeat, graph.folded)
    if source is None:
        return ""
    members = graph.folded.members.get(source, ())
    node = next((node for node in graph.nodes if node.id == source), None)
    first, last = (each for each in (members[0], members[-1])) if members else (None, None)
    if not (isinstance(first, VariableNode) and isinstance(last, VariableNode)) or first.shape:
        return ""
    begins, ends_at = value_text(first.data, look), value_text(last.data, look)
    words = say(look.lang, "first {first}, last {last}", first=begins, last=ends_at)
    if not isinstance(node, VariableNode) or not isinstance(node.data, Range):
        return words
    ends = sorted((float(first.data), float(last.data)))
    if node.data.low is None or [float(node.data.low), float(node.data.high)] == ends:
        return words
    whole = span(node.data, look.precision, look.lang)
    return say(look.lang, "{what}, all in {span}", what=words, span=whole)
