"""Groups of nodes that belong together: a module, a function of the user's, an op made of others.

A group is drawn as a frame, or folded into one node. It knows graphs alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dzviz.graph.model import Edge, FunctionNode, Graph, Group, VariableNode
from dzviz.graph.nonfinite import renamed
from dzviz.graph.order import in_order


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


def label(group: Group, graph: Graph) -> str:
    """Say what a group is, with the number of its Functions and of those in groups within."""
    within = {group.id}
    for other in graph.groups:  # a group stands after the one that it lies in
        if other.parent in within:
            within.add(other.id)
    members = {id for other in graph.groups if other.id in within for id in other.nodes}
    count = sum(isinstance(n, FunctionNode) and n.id in members for n in graph.nodes)
    return f"{group.name} ({count} function{'' if count == 1 else 's'})"


def collapse(graph: Graph, depth: int) -> Graph:
    """Fold each group that lies deeper than ``depth`` into one node, a Function of its results.

    What goes into a group and comes out of it stays, with what flowed back: where a value is used
    several times within, the sum. Of what happened nothing is kept.
    """
    levels = depths(graph.groups)
    roots: dict[str, Group] = {}
    for group in graph.groups:
        if levels[group.id] == depth + 1:
            roots[group.id] = group
        elif group.parent in roots:
            roots[group.id] = roots[group.parent]
    if not roots:
        return graph
    within = {id: roots[g.id].id for g in graph.groups if g.id in roots for id in g.nodes}
    functions = {n.id for n in graph.nodes if isinstance(n, FunctionNode)}
    stand_ins = dict(_stand_ins(graph, within, roots))
    hidden = _hidden(graph, within, functions)
    edges = list(_edges(graph, within, stand_ins, hidden))
    kept = {node.id: node for node in graph.nodes if node.id not in hidden and _stays(node, within)}
    kept |= {node.id: node for node in stand_ins.values()}
    sources: dict[str, list[str]] = {}
    for edge in edges:
        sources.setdefault(edge.target, []).append(edge.source)
    first = [
        stand_ins[within[n.id]].id if n.id in within and n.id in functions else n.id
        for n in graph.nodes
    ]
    order, _ = in_order([id for id in first if id in kept], lambda each: sources.get(each, ()))
    place = {id: i for i, id in enumerate(order)}
    edges.sort(key=lambda edge: (place[edge.target], edge.arg or 0))
    troubles = renamed(
        [
            t._replace(argument=None, of=None, at=None) if {t.argument, t.of} & hidden else t
            for t in graph.troubles
        ],
        lambda node: stand_ins[within[node]].id if node in within and node in functions else node,
    )
    return graph._replace(
        nodes=tuple(kept[id] for id in order),
        edges=tuple(edges),
        groups=tuple(_outer(graph, roots, within, stand_ins, kept)),
        events=(),
        troubles=troubles,
    )


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
            yield group._replace(nodes=(*group.nodes, *inner.get(group.id, ())))


def _stays(node: VariableNode | FunctionNode, within: Mapping[str, str]) -> bool:
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
    for count, (id, nodes) in enumerate(members.items(), 1):
        yield (
            id,
            FunctionNode(
                id=f"f{number + count}",
                op=roots[id].kind,
                label=label(roots[id], graph),
                generation=min(node.generation for node in nodes),
                order=nodes[0].order,
                source=nodes[0].source,
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
    stand_ins: Mapping[str, FunctionNode],
    hidden: set[str],
) -> Iterator[Edge]:
    """Make the edges that are left; those from a value into a group become one."""
    into: dict[tuple[str, str], list[Edge]] = {}
    for edge in graph.edges:
        if edge.source in hidden or edge.target in hidden:
            continue
        function = edge.source if edge.arg is None else edge.target
        if function not in within:
            yield edge
        elif edge.arg is None:
            yield Edge(stand_ins[within[function]].id, edge.target, 0, mark=edge.mark)
        else:
            into.setdefault((edge.source, stand_ins[within[function]].id), []).append(edge)
    counts: dict[str, int] = {}
    for (source, target), edges in into.items():
        shares = [edge.contribution for edge in edges if edge.contribution is not None]
        arg = counts[target] = counts.get(target, -1) + 1
        total = sum(shares[1:], shares[0]) if shares else None
        yield Edge(source, target, 0, arg, total)
