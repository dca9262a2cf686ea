"""A part of a graph: the surroundings of some nodes, or what lies between two nodes.

It knows graphs alone, no format and no engine.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from dzviz.errors import UsageError, did_you_mean
from dzviz.graph.groups import restricted
from dzviz.graph.model import Graph, Part, Passes, VariableNode
from dzviz.graph.nonfinite import kind_of


def named(graph: Graph, name: str, option: str) -> list[str]:
    """Return the ids of the nodes of this name: a Variable's name, else a node's id.

    Raises:
        UsageError: There is none; ``option`` says who asked for it.
    """
    name = unicodedata.normalize("NFKC", name.strip())
    names: dict[str, list[str]] = {}
    for node in graph.nodes:
        if isinstance(node, VariableNode) and node.name:
            names.setdefault(unicodedata.normalize("NFKC", node.name), []).append(node.id)
    if name in names:
        return names[name]
    ids = {node.id: node.id for node in graph.nodes}
    variables = [node for node in graph.nodes if isinstance(node, VariableNode)]
    ids |= {f"{node.letter}{node.id[1:]}": node.id for node in variables}
    if name in ids:
        return [ids[name]]
    few = ", ".join(list(names)[:10])
    hint = did_you_mean(name, names) or (f"the names are {few}" if few else "no node has a name")
    shown = name if len(name) <= 60 else f"{name[:57]}..."
    raise UsageError(
        f"{option}: there is no node '{shown}'",
        hint=f"{hint}; -T json shows the ids (v0, f0, ...)",
    )


def troubled(graph: Graph) -> list[str]:
    """Return where the first NaN or infinity arose.

    Raises:
        UsageError: All is finite.
    """
    if graph.trouble is not None:
        return [graph.trouble.function]
    for node in graph.nodes:  # one that was not finite to begin with
        if isinstance(node, VariableNode):
            values = (node.data, node.grad, node.grad_was)
            if any(value is not None and kind_of(value) for value in values):
                return [node.id]
    raise UsageError("--focus nan: there is no NaN and no infinity in this graph")


def around(graph: Graph, centres: Collection[str], radius: int) -> set[str]:
    """Return the nodes at most this many edges away, whichever way these lead.

    Ways through a leaf do not count: a weight that all steps share does not bring these together.
    """
    neighbours = _ways(graph, lambda edge: (edge[0], edge[1]), lambda edge: (edge[1], edge[0]))
    made = {edge.target for edge in graph.edges}
    found = set(centres)
    border = sorted(found)
    for _ in range(radius):
        through = [id for id in border if id in made or id in centres]
        border = [
            each
            for each in dict.fromkeys(n for id in through for n in neighbours.get(id, ()))
            if each not in found
        ]
        if not border:
            break
        found.update(border)
    return found


def between(graph: Graph, starts: Collection[str] | None, ends: Collection[str] | None) -> set[str]:
    """Return what leads from ``starts`` to ``ends`` (None: from or to anywhere).

    The other operands of the Functions on the way belong to it.

    Raises:
        UsageError: Nothing leads there.
    """
    found = {node.id for node in graph.nodes}
    if starts is not None:
        found &= _reached(starts, _ways(graph, lambda edge: (edge[0], edge[1])))
    if ends is not None:
        found &= _reached(ends, _ways(graph, lambda edge: (edge[1], edge[0])))
    if not found and starts is not None and ends is not None:
        back = _reached(ends, _ways(graph, lambda edge: (edge[0], edge[1])))
        raise UsageError(
            "nothing leads from --from to --to",
            hint="something leads from --to to --from: exchange them"
            if back & set(starts)
            else None,
        )
    operands = {e.source for e in graph.edges if e.arg is not None and e.target in found}
    return found | operands


def part(graph: Graph, ids: Collection[str]) -> Graph:
    """Return the part of a graph that has these nodes, and knows where it was cut."""
    if len(ids) == len(graph.nodes):
        return graph
    cut = Counter[str]()
    edges = []
    for edge in graph.edges:
        if edge.source in ids and edge.target in ids:
            edges.append(edge)
        elif edge.source in ids:
            cut[edge.source] += 1
        elif edge.target in ids:
            cut[edge.target] += 1
    return graph._replace(
        nodes=tuple(node for node in graph.nodes if node.id in ids),
        edges=tuple(edges),
        groups=restricted(graph.groups, ids),
        part=Part(
            len(graph.nodes),
            cut,
            tuple(
                node
                for node in graph.nodes
                if isinstance(node, VariableNode) and node.id in graph.outputs
            ),
        ),
    )


def needed(graph: Graph) -> Graph:
    """Return what the outputs were computed from; the rest is there for films alone."""
    ids = _reached(graph.outputs, _ways(graph, lambda edge: (edge[1], edge[0])))
    return graph._replace(
        nodes=tuple(node for node in graph.nodes if node.id in ids),
        edges=tuple(edge for edge in graph.edges if edge.source in ids and edge.target in ids),
        groups=restricted(graph.groups, ids),
    )


def forward(graph: Graph) -> Graph:
    """Return a graph as it is before the backward pass; those that made derivatives are over."""
    events = tuple(event for event in graph.events if event.turn <= graph.order)
    last = [event for event in events if 0 < event.turn == graph.order]
    seeds = {event.variable: event.value for event in last if event.kind == "seed"}
    sent = {(event.function, event.arg): event.value for event in last if event.kind == "rule"}
    pops = [event.function for event in last if event.kind == "pop"]
    back = {function: place for place, function in enumerate(pops, 1)}
    nodes = [
        node.before_backward()._replace(
            seed=seeds.get(node.id), grad_array=None, grad_variable=None
        )
        if isinstance(node, VariableNode)
        else node._replace(back=back.get(node.id))
        for node in graph.nodes
    ]
    return graph._replace(
        nodes=tuple(nodes),
        edges=tuple(
            edge._replace(contribution=sent.get((edge.target, edge.arg))) for edge in graph.edges
        ),
        troubles=tuple(trouble for trouble in graph.troubles if trouble.argument is None),
        events=events,
        passes=(),
        flows=Passes(1, of) if (of := _names(graph, seeds)) else None,
    )


def _names(graph: Graph, ids: Collection[str | None]) -> tuple[str, ...]:
    return tuple(
        node.name or f"{node.letter}{node.id[1:]}"
        for node in graph.nodes
        if isinstance(node, VariableNode) and node.id in ids
    )


_Ends = Callable[[Sequence[str]], tuple[str, str]]


def _ways(graph: Graph, *directions: _Ends) -> dict[str, list[str]]:
    ways: dict[str, list[str]] = {}
    for edge in graph.edges:
        for direction in directions:
            source, target = direction((edge.source, edge.target))
            ways.setdefault(source, []).append(target)
    return ways


def _reached(starts: Iterable[str], ways: dict[str, list[str]]) -> set[str]:
    found = set(starts)
    waiting = list(found)
    while waiting:
        for id in ways.get(waiting.pop(), ()):
            if id not in found:
                found.add(id)
                waiting.append(id)
    return found


def with_own_events(graph: Graph) -> Graph:
    """Forget what happened elsewhere, and what came from there or went there."""
    if not graph.events:
        return graph
    known = {None, *(node.id for node in graph.nodes)}
    operands = {(edge.target, edge.source) for edge in graph.edges if edge.arg is not None}
    events = []
    for event in graph.events:
        if event.function not in known or event.variable not in known:
            continue
        if event.kind == "rule" and (event.function, event.variable) not in operands:
            continue
        queue = tuple(id for id in event.queue if id in known)
        waiting = None if event.waiting is None else len(queue)
        events.append(event._replace(queue=queue, waiting=waiting))
    return graph._replace(events=tuple(events))
