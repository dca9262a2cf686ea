"""A graph with the paths of answers highlighted, as a picture shows it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from dzviz.diagnosis.answers import Answer
from dzviz.graph.model import Edge, Graph
from dzviz.graph.select import part
from dzviz.options import ENGLISH
from dzviz.text.languages import say

Pair = tuple[str, str]

MOST_DRAWN = 500
"""Of a larger graph the ways are drawn, and what is next to them."""

MOST_TOLD = 4
"""At most this many answers are below a picture."""


def with_ways(
    graph: Graph,
    answers: Sequence[Answer],
    allowed: Collection[str] = (),
    lang: str = ENGLISH,
) -> Graph:
    """Return the graph with the ways of those answers in front that report something wrong.

    Where none does, all ways are. The sentences stand below the picture.
    """
    bad = [answer for answer in answers if answer.fails(tuple(allowed))]
    shown = bad or list(answers)
    on_way = {id for answer in shown for id in answer.way}
    ends = {answer.ends for answer in bad if answer.ends is not None}
    if len(graph.nodes) > MOST_DRAWN:
        beside = {end for e in graph.edges if {e.source, e.target} & on_way for end in e[:2]}
        graph = part(graph, on_way | beside)
    along = {pair for answer in shown for pair in pairwise(answer.way)}
    nodes = [
        node._replace(mark="lost" if node.id in ends else "way" if node.id in on_way else "aside")
        for node in graph.nodes
    ]
    lost = {pair for a in bad for pair in pairwise(a.way) if pair[1] == a.ends}
    edges = [_marked(edge, along, lost) for edge in graph.edges]
    remarks = [answer.sentence for answer in shown]
    if len(remarks) > MOST_TOLD:
        remarks[MOST_TOLD:] = [say(lang, "and {count} more", count=len(remarks) - MOST_TOLD)]
    return graph._replace(nodes=tuple(nodes), edges=tuple(edges), remarks=tuple(remarks))


def _marked(edge: Edge, along: Collection[Pair], lost: Collection[Pair]) -> Edge:
    pair = edge.source, edge.target
    if pair not in along:
        return edge._replace(mark="aside")
    return edge._replace(mark="lost" if edge.arg is not None and pair in lost else "way")
