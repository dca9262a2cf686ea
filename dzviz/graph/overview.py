"""Questions about all nodes or edges of a graph that can be answered without looking at each.

A sequence is gone through, unless it has registered an answer of its own: `dzviz.graph.columns`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import singledispatch

from dzviz.graph.duplicates import original
from dzviz.graph.model import Edge, Graph, Node, VariableNode


@singledispatch
def samples(nodes: Sequence[Node]) -> Iterable[Node]:
    """Return nodes of every sort that there is.

    Left out are scalars that differ from one of them in nothing but ids, generation and numbers
    that are finite and of unknown error.
    """
    return nodes


@singledispatch
def bounded(edges: Sequence[Edge]) -> Iterable[Edge]:
    """Return all edges of whose contributions the error may be known, and maybe others."""
    return edges


@singledispatch
def repeated(edges: Sequence[Edge], nodes: Sequence[Node]) -> Container[str]:
    """Return the ids of the Variables to which something flowed back more than once.

    What flowed to the copies of one flowed to it.
    """
    sources = [edge.source for edge in edges if edge.contribution is not None]
    if not sources:
        return set()
    home = {node.id: original(node) for node in nodes}
    uses = Counter(home[source] for source in sources)
    return {id for id, first in home.items() if uses[first] > 1}


@singledispatch
def position(members: Sequence[Node], id: str) -> int:
    """Return the place of the node of this id among the ``members`` that one node stands for.

    Raises:
        ValueError: It is none of them.
    """
    return [member.id for member in members].index(id)


@singledispatch
def found(nodes: Sequence[Node], ids: Iterable[str]) -> Iterable[Node]:
    """Return those of the nodes that have one of these ids."""
    which = set(ids)
    return [node for node in nodes if node.id in which]


def leaves(graph: Graph) -> Iterator[VariableNode]:
    """Return the Variables that no Function computed and that are no constants: the inputs.

    An input can itself be an output.
    """
    made: set[str] | None = None
    for node in graph.nodes:
        if not isinstance(node, VariableNode):
            continue
        if node.role == "input":
            yield node
        elif node.role == "output" and node.grad_state != "constant":
            if made is None:
                made = {edge.target for edge in graph.edges if edge.arg is None}
            if node.id not in made:
                yield node
