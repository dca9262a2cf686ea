"""What the nodes of a derivation are called: each by a name of its own."""

from __future__ import annotations

from collections.abc import Iterable

from dzviz.equations.derivation import Derivation
from dzviz.equations.notation import Names
from dzviz.graph.model import VariableNode
from dzviz.text.labels import reference
from dzviz.text.phrases import clean


def names_of(derivation: Derivation) -> Names:
    """Name all nodes; one of several with one name gets a number behind it."""
    graph = derivation.graph
    nodes = [node for node in graph.nodes if isinstance(node, VariableNode)]
    names = unique((node.id, clean(node.name) or reference(node)) for node in nodes)
    shapes = {node.id: node.shape for node in nodes}
    sums = frozenset(turn for turn, id in derivation.origins.items() if shapes[id])
    return Names(names, derivation.origins, sums)


def unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Make each name one's own: ``a``, ``a_2``, ``a_3``."""
    found: dict[str, str] = {}
    listed = list(pairs)
    taken = {name for _, name in listed}
    seen: set[str] = set()
    for id, name in listed:
        own, count = name, 1
        while own in seen or (count > 1 and own in taken):
            count += 1
            own = f"{name}_{count}"
        seen.add(own)
        found[id] = own
    return found
