"""Folding: what repeats in a graph is drawn once, and says how often and between which values.

It knows graphs alone, no format and no engine. What repeats is found by `dzviz.graph.loops`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush

from dzviz.budget import check_time
from dzviz.graph.groups import from_to
from dzviz.graph.loops import Loop, loops
from dzviz.graph.model import (
    VARIOUS,
    Bundle,
    Edge,
    Folded,
    FunctionNode,
    Graph,
    Plan,
    Repeat,
    VariableNode,
)
from dzviz.graph.nonfinite import renamed
from dzviz.graph.parameters import together
from dzviz.graph.ranges import range_of

Node = VariableNode | FunctionNode

DEPTH = 3
"""Loops are folded within loops to this depth."""


def fold(graph: Graph) -> Graph:
    """Draw what repeats once; the same graph where nothing does.

    What folds depends on ops and shapes, not on gradients.
    """
    # Made once, where they are made as they are asked for: all are read several times here.
    whole = graph._replace(nodes=tuple(graph.nodes), edges=tuple(graph.edges))
    plan = Plan((), {}, {})
    current = whole
    for _ in range(DEPTH):
        made = _with_loops(whole, plan, current)
        if made is None:
            break
        plan, current = made
    return graph if current is whole else current


def fold_alike(graph: Graph, other: Graph) -> Graph:
    """Fold a graph as another one is folded: the same graph with other gradients."""
    return _folded(graph, other.folded.plan) if other.folded else graph


class _EntangledError(Exception):
    """Loops cannot be drawn one after another; ``ids`` are the nodes that cannot be ordered."""

    def __init__(self, ids: set[str]) -> None:
        super().__init__()
        self.ids = ids


def _with_loops(whole: Graph, plan: Plan, current: Graph) -> tuple[Plan, Graph] | None:
    """Fold the loops of a graph as it is folded so far; None where there are none."""
    new = loops(current)
    while new:
        tried = _extended(plan, current, new)
        try:
            return tried, _folded(whole, tried)
        except _EntangledError as error:  # Something outside stands between two times.
            bad = [loop for loop in new if any(column[-1] in error.ids for column in loop.columns)]
            bad.sort(key=lambda loop: loop.times * len(loop.columns))
            gone = bad[: len(bad) // 2 + 1] or new
            new = [loop for loop in new if loop not in gone]
    return None


def _folded(graph: Graph, plan: Plan) -> Graph:
    """Fold by a plan.

    Raises:
        _EntangledError: Its loops cannot be drawn one after another.
    """
    check_time()
    bundles = _bundled(graph, plan)
    order = _in_order(graph, plan, bundles)
    members: dict[str, list[Node]] = {id: [] for id in order}
    for node in graph.nodes:
        members[plan.stand_in.get(node.id, node.id)].append(node)
    for id in members.keys() & plan.times.keys():
        members[id].sort(key=lambda node: plan.times[node.id])
    goes_on = {source for source, _, _, _, lag in bundles if lag} | {
        plan.stand_in.get(id, id) for id in graph.outputs
    }
    edges, folded_bundles = _edges(order, bundles)
    return graph._replace(
        nodes=tuple([_stand_in(members[id], id in goes_on) for id in order]),
        edges=edges,
        outputs=tuple(dict.fromkeys(plan.stand_in.get(id, id) for id in graph.outputs)),
        troubles=renamed(graph.troubles, lambda node: plan.stand_in.get(node, node)),
        folded=Folded(
            plan.repeats,
            {id: tuple(members[id]) for id in order if id in plan.stand_in},
            folded_bundles,
            graph.outputs,
            graph.troubles,
            plan,
        ),
    )


_Way = tuple[str, str, int | None, int | None, int]
"""What edges have in common: their stand-ins, the operand's number, and in which Repeat (by
number) they lead how many times on."""


def _extended(found: Plan, current: Graph, new: Sequence[Loop]) -> Plan:
    """Add loops of the graph as it is folded so far."""
    inside = {id: repeat for repeat in found.repeats for id in repeat.nodes}
    members = current.folded.members if current.folded else {}
    stand_in, times = dict(found.stand_in), dict(found.times)
    repeats = list(found.repeats)
    gone: set[str] = set()
    for loop in new:
        number = len(repeats)
        parents = [inside[id].id for column in loop.columns for id in column if id in inside]
        repeats.append(
            Repeat(
                f"r{number}",
                loop.times,
                tuple(column[-1] for column in loop.columns),
                parents[0] if parents else None,
            )
        )
        for column in loop.columns:
            gone.update(column)
            for time, id in enumerate(column):
                for original in [node.id for node in members[id]] if id in members else [id]:
                    stand_in[original] = column[-1]
                    times[original] = (*times.get(original, ()), (number, time))
    for i, repeat in enumerate(found.repeats):
        left = tuple(id for id in repeat.nodes if id not in gone)
        repeats[i] = repeat._replace(nodes=left)
    return Plan(tuple(repeats), stand_in, times)


def _bundled(graph: Graph, plan: Plan) -> dict[_Way, list[Edge]]:
    """Gather the edges that are one edge of the folded graph."""
    stand_in, times = plan.stand_in, plan.times
    bundles: dict[_Way, list[Edge]] = {}
    uses = Counter[tuple[str, str]]()
    for edge in graph.edges:
        source, target, arg = edge.source, edge.target, edge.arg
        if arg is not None and source in times and target not in times:
            # A Function of all times, as stack is: one edge for all, two in y * y.
            arg = uses[source, target]
            uses[source, target] += 1
        repeat, lag = None, 0
        if source in times and target in times:
            for (one, here), (other, there) in zip(times[source], times[target], strict=False):
                if one != other:
                    break
                if here != there:
                    repeat, lag = one, there - here
                    break
        way = (stand_in.get(source, source), stand_in.get(target, target), arg, repeat, lag)
        bundle = bundles.get(way)
        if bundle is None:
            bundles[way] = [edge]
        else:
            bundle.append(edge)
    return bundles


def _in_order(graph: Graph, plan: Plan, bundles: Iterable[_Way]) -> list[str]:
    """Order the folded nodes by computation, first come first.

    Raises:
        _EntangledError: That cannot be.
    """
    place: dict[str, int] = {}
    for i, node in enumerate(graph.nodes):
        place.setdefault(plan.stand_in.get(node.id, node.id), i)
    waits = Counter[str]()
    users: dict[str, list[str]] = {}
    for source, target, _, _, lag in bundles:
        if lag < 0:
            raise _EntangledError({source, target})
        if not lag:
            waits[target] += 1
            users.setdefault(source, []).append(target)
    ready = [(at, id) for id, at in place.items() if not waits[id]]
    heapify(ready)
    order = []
    while ready:
        _, id = heappop(ready)
        order.append(id)
        for user in users.get(id, ()):
            waits[user] -= 1
            if not waits[user]:
                heappush(ready, (place[user], user))
    if len(order) < len(place):
        raise _EntangledError(_in_circles(set(place).difference(order), users))
    return order


def _in_circles(ids: set[str], users: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the nodes that are in circles, or between two, of these, which cannot be ordered."""
    makers: dict[str, list[str]] = {}
    for id in ids:
        for user in users.get(id, ()):
            makers.setdefault(user, []).append(id)
    uses = {id: len(users.get(id, ())) for id in ids}
    ends = [id for id in ids if not uses[id]]
    left = set(ids)
    while ends:
        id = ends.pop()
        left.remove(id)
        for maker in makers.get(id, ()):
            uses[maker] -= 1
            if not uses[maker]:
                ends.append(maker)
    return left


def _edges(
    order: Sequence[str], bundles: dict[_Way, list[Edge]]
) -> tuple[tuple[Edge, ...], dict[tuple[str, str, int], Bundle]]:
    """Make the folded edges in the order of their targets, with what they stand for."""
    place = {id: i for i, id in enumerate(order)}
    keys = Counter[tuple[str, str]]()
    edges: list[Edge] = []
    folded_bundles: dict[tuple[str, str, int], Bundle] = {}
    ways = sorted(
        bundles, key=lambda way: (place[way[1]], way[2] or 0, way[4], place[way[0]], way[3] or 0)
    )
    for way in ways:
        source, target, _, repeat, lag = way
        members = bundles[way]
        key = keys[source, target]
        keys[source, target] += 1
        contributions = [edge.contribution for edge in members if edge.contribution is not None]
        contribution = None
        if contributions:
            contribution = contributions[0] if len(members) == 1 else range_of(contributions)
        edges.append(Edge(source, target, key, members[0].arg, contribution))
        if edges[-1][:3] != members[0][:3] or len(members) > 1:
            name = None if repeat is None else f"r{repeat}"
            folded_bundles[source, target, key] = Bundle(tuple(members), name, lag)
    return tuple(edges), folded_bundles


def _stand_in(members: Sequence[Node], goes_on: bool) -> Node:
    """Make one node of many, with the id of the last."""
    node = members[-1]
    if len(members) == 1:
        return node
    if isinstance(node, FunctionNode):
        functions = [member for member in members if isinstance(member, FunctionNode)]
        first = functions[0]
        return first._replace(
            id=node.id,
            label=from_to([f.label for f in functions]),
            parameters=together([f.parameters for f in functions if f.parameters]),
        )
    variables = [member for member in members if isinstance(member, VariableNode)]
    state = variables[0].grad_state
    gradients = [
        g for v in variables if (g := v.grad if v.grad_was is None else v.grad_was) is not None
    ]
    gradient = range_of(gradients) if gradients else None
    kept = state in ("leaf", "retained")
    seeds = [v.seed for v in variables if v.seed is not None]
    return node._replace(
        name=from_to([v.name for v in variables if v.name]) or None,
        role="output" if any(v.role == "output" for v in variables) else node.role,
        data=range_of([v.data for v in variables], last=goes_on),
        grad=gradient if kept else None,
        grad_state=state,
        grad_was=None if kept else gradient,
        seed=seeds[-1] if seeds else None,
        passes=node.passes if len({v.passes for v in variables}) == 1 else VARIOUS,
        generation=variables[0].generation,
        grad_note=node.grad_note if len({v.grad_note for v in variables}) == 1 else None,
    )
