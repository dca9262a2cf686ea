"""Calls with a derivative of their own, drawn as the one Function that they are to a pass.

Beside it, its group has what the call computed within, of which no gradient is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dzviz.graph.groups import depths
from dzviz.graph.model import FunctionNode, Graph, Group
from dzviz.graph.select import with_own_events
from dzviz.records import NamedTuple

RULES = ("custom_jvp", "custom_vjp")
"""Kinds of groups that are such calls, and the ops of their Functions."""


class _Closed(NamedTuple):
    """For each node within a closed call the group of that; ``functions`` by the groups' ids."""

    within: Mapping[str, Group]
    groups: frozenset[str]
    functions: Mapping[str, str]


def close(graph: Graph, depth: int | None) -> Graph:
    """Leave out what was computed within such calls: all, or those deeper than ``depth``."""
    closed = _closed(graph, depth)
    if not closed.groups:
        return graph
    kept = set(closed.functions.values())
    kept |= {edge.target for edge in graph.edges if edge.source in kept and edge.arg is None}
    hidden = closed.within.keys() - kept
    edges = [e for e in graph.edges if e.source not in hidden and e.target not in hidden]
    used = {end for edge in edges for end in edge[:2]} | set(graph.outputs)
    hidden |= {e.source for e in graph.edges if e.arg is not None and e.source not in used}
    nodes = tuple(node for node in graph.nodes if node.id not in hidden)
    return with_own_events(
        graph._replace(
            nodes=nodes,
            edges=tuple(edges),
            groups=tuple(_outer(graph, closed, kept)),
            troubles=tuple([each for each in graph.troubles if each.function not in hidden]),
        )
    )


def _closed(graph: Graph, depth: int | None) -> _Closed:
    levels = depths(graph.groups)
    kinds = {node.id: node.op for node in graph.nodes if isinstance(node, FunctionNode)}
    tops: dict[str, Group] = {}
    within: dict[str, Group] = {}
    functions: dict[str, str] = {}
    for group in graph.groups:  # a group stands after the one that it lies in
        if group.parent in tops:
            tops[group.id] = tops[group.parent]
        elif group.kind in RULES and (depth is None or levels[group.id] > depth):
            tops[group.id] = group
            functions.update((group.id, id) for id in group.nodes if kinds.get(id) == group.kind)
        if group.id in tops:
            within.update(dict.fromkeys(group.nodes, tops[group.id]))
    return _Closed(within, frozenset(tops), functions)


def _outer(graph: Graph, closed: _Closed, kept: set[str]) -> Iterator[Group]:
    """Return the other groups, each with the calls that were in it."""
    moved: dict[str | None, list[str]] = {}
    for id, top in closed.within.items():
        if id in kept:
            moved.setdefault(top.parent, []).append(id)
    for group in graph.groups:
        if group.id not in closed.groups:
            yield group._replace(nodes=(*group.nodes, *moved.get(group.id, ())))
