"""Large graphs made drawable: a leaf that many steps share is drawn beside each of them.

It knows graphs alone, no format and no engine.
"""

from __future__ import annotations

from collections.abc import Sequence

from dzviz.graph.model import Edge, Folded, Graph, Node, VariableNode

LARGE = 100
"""Up to so many nodes a graph is drawn as it is: there its shared leaves are what explains it."""


def spread(graph: Graph) -> Graph:
    """Give each use of a shared input or constant a node of its own, in a large graph.

    Edges from one leaf to everywhere are what kills a layout: 300 nodes with three shared weights
    take dot 17 s, and 0.14 s so. A copy says the same as its original.
    """
    if len(graph.nodes) <= LARGE:
        return graph
    made = {edge.target for edge in graph.edges}
    leaves = {
        node.id: node
        for node in graph.nodes
        if isinstance(node, VariableNode) and node.id not in made
    }
    taken = {node.id for node in graph.nodes}
    uses = dict.fromkeys(leaves, 0)
    copies: dict[str, list[VariableNode]] = {}
    edges: list[Edge] = []
    users: dict[tuple[str, str], str] = {}
    for edge in graph.edges:
        if edge.source in leaves:
            id = users.get((edge.source, edge.target))
            if id is None:
                count = uses[edge.source]
                uses[edge.source] += 1
                id = f"{edge.source}c{count}" if count else edge.source
                while count and id in taken:
                    id += "c"
                users[edge.source, edge.target] = id
                if count:
                    copy = leaves[edge.source]._replace(id=id, copy_of=edge.source)
                    copies.setdefault(edge.target, []).append(copy)
            edge = edge._replace(source=id)
        edges.append(edge)
    nodes: list[Node] = []
    for node in graph.nodes:
        nodes += [*copies.get(node.id, []), node]
    folded = graph.folded and _spread(graph.folded, graph.edges, edges)
    return graph._replace(nodes=tuple(nodes), edges=tuple(edges), folded=folded)


def original(node: Node) -> str:
    """Return the id of the node of which this one is a copy, its own where it is none."""
    return getattr(node, "copy_of", None) or node.id


def originals(graph: Graph) -> dict[str, str]:
    """Return the ids of all nodes, each with that of the one of which it is a copy, or its own."""
    return {node.id: original(node) for node in graph.nodes}


def _spread(folded: Folded, before: Sequence[Edge], after: Sequence[Edge]) -> Folded:
    """Describe copies and their edges like the originals."""
    bundles = {
        new[:3]: folded.bundles[old[:3]]
        for old, new in zip(before, after, strict=True)
        if old[:3] in folded.bundles
    }
    ids: dict[str, dict[str, None]] = {}
    for old, new in zip(before, after, strict=True):
        ids.setdefault(old.source, {})[new.source] = None
    repeats = tuple(
        repeat._replace(nodes=tuple(copy for id in repeat.nodes for copy in ids.get(id, (id,))))
        for repeat in folded.repeats
    )
    members = {
        copy: members for id, members in folded.members.items() for copy in ids.get(id, (id,))
    }
    return folded._replace(repeats=repeats, members=members, bundles=bundles)
