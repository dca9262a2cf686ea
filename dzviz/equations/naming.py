"""The names of the nodes of a derivation, which are all different."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dzviz.equations.derivation import Derivation
from dzviz.equations.indices import INDEX, Loops
from dzviz.equations.notation import Names
from dzviz.graph.model import VariableNode
from dzviz.text.labels import reference
from dzviz.text.phrases import clean


def names_of(derivation: Derivation) -> Names:
    """Name all nodes; one of several with one name gets a number behind it.

    One of a loop has the name of its body's node, with its time as an index.
    """
    graph = derivation.graph
    nodes = [node for node in graph.nodes if isinstance(node, VariableNode)]
    loops = derivation.loops
    bases = bases_of(nodes, loops)
    outputs = {*graph.outputs, *(id for ids in derivation.origins.values() for id in ids)}
    inside = {
        id: f"{bases[body]}{INDEX}{time}"
        for id, (body, time) in loops.places.items()
        if body in bases and id not in outputs
    }
    others = [node for node in nodes if node.id not in inside]
    taken = {node.name for node in nodes}
    alone = next((name for name in ("y", "out") if name not in taken), "")
    alone = alone if len(graph.outputs) == 1 else ""
    names = unique(
        (node.id, clean(node.name) or (node.id in outputs and alone) or reference(node))
        for node in others
    )
    names.update(inside)
    arrays = {node.id for node in nodes if node.shape}
    return Names(names, derivation.origins, arrays, bases)


def bases_of(nodes: Sequence[VariableNode], loops: Loops) -> dict[str, str]:
    """Name the nodes of a loop's body: as the source does, or as all times do."""
    members: dict[str, list[VariableNode]] = {}
    for node in nodes:
        if node.id in loops.places:
            members.setdefault(loops.places[node.id][0], []).append(node)
    found: dict[str, str] = {}
    for body, those in members.items():
        names = {clean(node.name) for node in those}
        own = names.pop() if len(names) == 1 else ""
        found[body] = loops.bases.get(body) or own or reference(those[0]._replace(name=None))
    return found


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
