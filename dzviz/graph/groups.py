"""Groups of nodes that belong together: a module, a function of the user's, an op made of others.

A group is drawn as a frame, or folded into one node. It knows graphs alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dzviz.graph.model import (
    CLOSED,
    OP,
    Edge,
    FunctionNode,
    Graph,
    Group,
    Node,
    Value,
    VariableNode,
)
from dzviz.graph.nonfinite import renamed
from dzviz.graph.order import in_order
from dzviz.graph.parameters import of_variable, together


def depths(groups: Sequence[Group]) -> dict[str, int]:
    """Return how deep each group lies: 1 for those in no other."""
    parents = {group.id: group.parent for group in groups}
    found: dict[str, int] = {}
    for id in parents:
        way: dict[str, None] = {}
        at: str | None = id
        while at in parents and at not in found and at not in way:
            way[at] = None
            at = parents[at]
        depth = found.get(at or "", 0)
        for each in reversed(way):
            depth += 1
            found[each] = depth
    return found


ALL = "all"
"""Stands for every op that is made of others."""


def from_to(texts: Sequence[str]) -> str:
    """Write ``W1 .. W50``, ``0 .. 10: Linear``, or what all have in common."""
    if not texts or all(text == texts[0] for text in texts):
        return texts[0] if texts else ""
    (first, colon, kind), (last, _, other) = (texts[i].partition(": ") for i in (0, -1))
    return f"{first} .. {last}: {kind}" if colon and kind == other else f"{texts[0]} .. {texts[-1]}"


def folded(graph: Graph, depth: int | None, expanded: Collection[str] = ()) -> set[str]:
    """Return the groups that are drawn as one node: those deeper than ``depth``, and closed ops.

    Without a depth an op that is made of others is closed unless it is ``expanded``; beside one, if
    others are.
    """
    levels = depths(graph.groups)
    closed = depth is None or bool(expanded)
    return {
        group.id
        for group in graph.groups
        if (depth is not None and levels[group.id] > depth)
        or (closed and group.kind in CLOSED and not {group.name, ALL} & {*expanded})
    }


def restricted(groups: Sequence[Group], ids: Collection[str]) -> tuple[Group, ...]:
    """Return groups of the nodes that are left, each in the first of its groups; none is empty."""
    taken: set[str] = set()
    found: dict[str, Group] = {}
    for group in groups:
        nodes = tuple([id for id in dict.fromkeys(group.nodes) if id in ids and id not in taken])
        taken.update(nodes)
        found[group.id] = group._replace(
            nodes=nodes,
            operands=tuple([id for id in group.operands if id in ids]),
            parameters=tuple([id for id in group.parameters if id in ids]),
        )
    full: set[str | None] = set()
    for group in reversed(found.values()):
        if group.nodes or group.id in full:
            full |= {group.id, group.parent}
    return tuple([group for id, group in found.items() if id in full])


def labels(graph: Graph) -> dict[str, str]:
    """Say what each group is, with the number of its Functions and of those in groups within.

    All of them count, also where the graph has only the nodes that a step of a film changes. In a
    folded graph one that stands for others of its kind has their names, too.
    """
    alike: Any = graph.folded.members if graph.folded else {}
    homes = {id: group for group in graph.groups for id in group.nodes}
    counts: dict[str | None, int] = {
        group.id: sum(id.startswith("f") for id in group.nodes) for group in graph.groups
    }
    for group in reversed(graph.groups):  # a group stands after the one that it lies in
        counts[group.parent] = counts.get(group.parent, 0) + counts.get(group.id, 0)
    return {
        group.id: _label(group, counts.get(group.id, 0), homes, alike) for group in graph.groups
    }


def _label(group: Group, count: int, homes: Mapping[str, Group], alike: Mapping[str, Any]) -> str:
    names = []
    for id in group.nodes:
        nodes = alike.get(id, ())
        if nodes and all(node.id in homes for node in nodes):
            names = [homes[nodes[i].id].name for i in (0, -1)]
            break
    return f"{from_to(names) or group.name} ({count} function{'s' * (count != 1)})"


def collapse(graph: Graph, ids: Collection[str]) -> Graph:
    """Fold each of these groups, with those in it, into one node, a Function of its results.

    What goes into a group and comes out of it stays, with what flowed back: where a value is used
    several times within, the sum. Of what happened nothing is kept.
    """
    roots = _roots(graph, ids)
    if not roots:
        return graph
    within = _within(graph, roots)
    functions = {n.id for n in graph.nodes if isinstance(n, FunctionNode)}
    made = dict(_stand_ins(graph, within, roots))
    hidden = _hidden(graph, within, functions)
    edges = list(_edges(graph, within, roots, made, hidden))
    kept = {node.id: node for node in graph.nodes if node.id not in hidden and _stays(node, within)}
    sources: dict[str, list[str]] = {}
    for edge in edges:
        sources.setdefault(edge.target, []).append(edge.source)
    for node in made.values():  # as the engine has it: the latest of what it was given
        generations = [kept[id].generation for id in sources.get(node.id, ())]
        kept[node.id] = node._replace(generation=max(generations, default=node.generation))
    first = [
        made[within[n.id]].id if n.id in within and n.id in functions else n.id for n in graph.nodes
    ]
    order, _ = in_order([id for id in first if id in kept], lambda each: sources.get(each, ()))
    place = {id: i for i, id in enumerate(order)}
    edges.sort(key=lambda edge: (place[edge.target], edge.arg or 0))
    troubles = renamed(
        [
            t._replace(argument=None, of=None, at=None) if {t.argument, t.of} & hidden else t
            for t in graph.troubles
        ],
        lambda node: made[within[node]].id if node in within and node in functions else node,
    )
    return graph._replace(
        nodes=tuple(kept[id] for id in order),
        edges=tuple(edges),
        groups=tuple(_outer(graph, roots, within, made, kept)),
        events=(),
        troubles=troubles,
    )


def stand_ins(graph: Graph, ids: Collection[str]) -> dict[str, str]:
    """Return for each group that `collapse` folds the id of the node that it becomes."""
    roots = _roots(graph, ids)
    return {id: node.id for id, node in _stand_ins(graph, _within(graph, roots), roots)}


def _roots(graph: Graph, ids: Collection[str]) -> dict[str, Group]:
    """Find for each group that goes into one node the outermost of these."""
    roots: dict[str, Group] = {}
    for group in graph.groups:
        if group.parent in roots:
            roots[group.id] = roots[group.parent]
        elif group.id in ids:
            roots[group.id] = group
    return roots


def _within(graph: Graph, roots: Mapping[str, Group]) -> dict[str, str]:
    """Say for each node that goes into a group which one that is."""
    return {id: roots[g.id].id for g in graph.groups if g.id in roots for id in g.nodes}


def _outer(
    graph: Graph,
    roots: Mapping[str, Group],
    within: Mapping[str, str],
    stand_ins: Mapping[str, FunctionNode],
    kept: Mapping[str, object],
) -> Iterator[Group]:
    """Return the groups that stay, each with what is left of those in it."""
    inner: dict[str | None, list[str]] = {}
    for id in {root.id: None for root in roots.values()}:
        left = [each for each, root in within.items() if root == id and each in kept]
        made = [stand_ins[id].id] if id in stand_ins else []
        inner.setdefault(roots[id].parent, []).extend([*made, *left])
    for group in graph.groups:
        if group.id not in roots:
            yield group._replace(
                nodes=(*group.nodes, *inner.get(group.id, ())),
                parameters=tuple([id for id in group.parameters if id in kept]),
            )


def _stays(node: Node, within: Mapping[str, str]) -> bool:
    return isinstance(node, VariableNode) or node.id not in within


def _stand_ins(
    graph: Graph, within: Mapping[str, str], roots: Mapping[str, Group]
) -> Iterator[tuple[str, FunctionNode]]:
    """Make a node for each group that has Functions."""
    members: dict[str, list[FunctionNode]] = {}
    for node in graph.nodes:
        if isinstance(node, FunctionNode) and node.id in within:
            members.setdefault(within[node.id], []).append(node)
    number = max((int(n.id[1:]) for n in graph.nodes if n.id[1:].isdecimal()), default=0)
    names = labels(graph)
    owned = {id for root in roots.values() for id in root.parameters}
    variables = {n.id: n for n in graph.nodes if n.id in owned and isinstance(n, VariableNode)}
    for count, (id, nodes) in enumerate(members.items(), 1):
        root = roots[id]
        is_op = root.kind == OP
        spans = {node.span for node in nodes}
        parts = [node.parameters for node in nodes if node.parameters is not None]
        parts += [of_variable(variables[id]) for id in root.parameters if id in variables]
        yield (
            id,
            FunctionNode(
                id=f"f{number + count}",
                op=root.name if is_op else root.kind,
                label=root.name if is_op else names[id],
                generation=min(node.generation for node in nodes),
                order=nodes[0].order,
                span=spans.pop() if len(spans) == 1 else None,
                source=nodes[0].source,
                parameters=together(parts),
            ),
        )


def _hidden(graph: Graph, within: Mapping[str, str], functions: set[str]) -> set[str]:
    """Find the Variables that are nothing outside of one group: no result, no operand."""
    places: dict[str, set[str | None]] = {}
    for edge in graph.edges:
        function, variable = edge[:2] if edge.arg is None else (edge.target, edge.source)
        places.setdefault(variable, set()).add(within.get(function))
    return {
        node.id
        for node in graph.nodes
        if node.id not in functions
        and node.id not in graph.outputs
        and node.id in within
        and places.get(node.id, set()) <= {within[node.id]}
    }


def _edges(
    graph: Graph,
    within: Mapping[str, str],
    roots: Mapping[str, Group],
    stand_ins: Mapping[str, FunctionNode],
    hidden: set[str],
) -> Iterator[Edge]:
    """Make the edges that are left; those from a value into a group become one."""
    into: dict[str, dict[str, list[Edge]]] = {}
    uses = Counter(edge.source for edge in graph.edges if edge.arg is not None)
    nodes = {node.id: node for node in graph.nodes}
    makers = {edge.target: within.get(edge.source) for edge in graph.edges if edge.arg is None}
    for edge in graph.edges:
        if edge.source in hidden or edge.target in hidden:
            continue
        function = edge.source if edge.arg is None else edge.target
        if function not in within:
            yield edge
        elif edge.arg is None:
            yield Edge(stand_ins[within[function]].id, edge.target, 0, mark=edge.mark)
        elif makers.get(edge.source) != within[function]:  # else a result that is used within, too
            into.setdefault(within[function], {}).setdefault(edge.source, []).append(edge)
    for id, operands in into.items():
        given = [source for source in dict.fromkeys(roots[id].operands) if source in operands]
        for arg, source in enumerate(dict.fromkeys([*given, *operands])):
            alone = nodes[source] if uses[source] == len(operands[source]) else None
            total = _total(operands[source], alone)
            yield Edge(source, stand_ins[id].id, 0, arg, total)


def _total(edges: Sequence[Edge], alone: object) -> Value | None:
    """Add up what flowed back; to a value that is used nowhere else, that is its gradient."""
    shares = [edge.contribution for edge in edges if edge.contribution is not None]
    if not shares:
        return None
    total = sum(shares[1:], shares[0])
    if len(shares) > 1 and isinstance(alone, VariableNode):
        whole: Any = alone.grad_was if alone.grad is None else alone.grad
        if np.shape(whole) == np.shape(total) and np.allclose(whole, total, equal_nan=True):
            return whole  # of which it is known how exact it is
    return total
