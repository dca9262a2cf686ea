"""Where the first NaN and the first infinity arose, and why, in words."""

from __future__ import annotations

from dzviz.graph.model import FunctionNode, Graph
from dzviz.graph.nonfinite import Trouble
from dzviz.graph.overview import position
from dzviz.options import ENGLISH
from dzviz.text.languages import say
from dzviz.text.numbers import number
from dzviz.text.phrases import clean, grouped, sentence

LONGEST = 40
"""A longer cause explains nothing."""


def trouble_lines(node: FunctionNode, graph: Graph, lang: str = ENGLISH) -> list[str]:
    """Say what arose first in this Function, and of what it made it; mostly nothing."""
    lines = []
    for i, trouble in enumerate(graph.troubles):
        if trouble.function == node.id:
            lines.append(f"{_what(trouble, lang)}{_time(node, graph, i, lang)}")
            lines += [why] if (why := cause(trouble, clean(node.label), lang)) else []
    return lines


def trouble_sentences(graph: Graph, lang: str = ENGLISH) -> list[str]:
    """Say the same of all Functions that are drawn."""
    labels = {n.id: clean(n.label) for n in graph.nodes if isinstance(n, FunctionNode)}
    sentences = []
    for trouble in graph.troubles:
        if (label := labels.get(trouble.function)) is not None:
            why = cause(trouble, label, lang)
            sentences.append(sentence(f"{_what(trouble, lang)}: {label}{why and f', {why}'}", lang))
    return sentences


def cause(trouble: Trouble, label: str, lang: str = ENGLISH) -> str:
    """Write how a number arose: ``log(0) = -inf``; on the way back ``grad 0 * slope inf = NaN``."""
    from dzviz.text.expressions import applied  # which few pictures need

    if not trouble.parts:
        return ""
    parts = [number(part) for part in trouble.parts]
    made: str = (
        applied(label, parts)
        if trouble.argument is None
        else say(lang, "grad {grad} * slope {slope}", grad=parts[0], slope=parts[1])
    )
    text = f"{made} = {number(trouble.value)}"
    if trouble.place:
        text = say(lang, "{what} at {place}", what=text, place=list(trouble.place))
    return text if len(text) <= LONGEST else ""


def _what(trouble: Trouble, lang: str) -> str:
    kind = say(lang, trouble.kind)
    forward = trouble.argument is None
    return say(
        lang, "first {kind} in forward" if forward else "first {kind} in backward", kind=kind
    )


def _time(node: FunctionNode, graph: Graph, which: int, lang: str) -> str:
    """Say at which time of a Repeat the trouble began."""
    members = graph.folded.members.get(node.id) if graph.folded else None
    if members is None or graph.folded is None:
        return ""
    place = position(members, graph.folded.troubles[which].function)
    return f", {say(lang, 'time {number}', number=grouped(place + 1))}"
