"""Folding: what repeats in a graph is drawn once, with its number and its range of values.

It knows graphs alone, no format and no engine. What repeats is found by `dzviz.graph.loops`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush

import numpy as np

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
    Node,
    Repeat,
    VariableNode,
)
from dzviz.graph.nonfinite import renamed
from dzviz.graph.numbered import Ints, Members, Numbered, Several, numbered
from dzviz.graph.pairs import pairs
from dzviz.graph.parameters import together
from dzviz.graph.plan import Level, Plan
from dzviz.graph.ranges import range_of
from dzviz.graph.structure import Structure
from dzviz.records import NamedTuple

DEPTH = 3
"""Loops are folded within loops to this depth."""


def fold(graph: Graph) -> Graph:
    """Draw what repeats once; the same graph where nothing does.

    What folds depends on ops and shapes, not on gradients.
    """
    whole = numbered(graph)
    plan = Plan((), np.arange(len(whole.sort)), {}, (), whole.id, whole.place)
    current = graph
    for _ in range(DEPTH):
        made = _with_loops(graph, whole, plan, current)
        if made is None:
            break
        plan, current = made
    return current


def fold_alike(graph: Graph, other: Graph) -> Graph:
    """Fold a graph as another one is folded: the same graph with other gradients."""
    return _folded(graph, numbered(graph), other.folded.plan) if other.folded else graph


class _EntangledError(Exception):
    """Loops cannot be drawn one after another; ``ids`` are the nodes that cannot be ordered."""

    def __init__(self, ids: set[int]) -> None:
        super().__init__()
        self.ids = ids


def _with_loops(
    graph: Graph, whole: Numbered, plan: Plan, current: Graph
) -> tuple[Plan, Graph] | None:
    """Fold the loops of a graph as it is folded so far; None where there are none."""
    within = {id: repeat.id for repeat in plan.repeats for id in repeat.nodes}
    numbers = whole if current is graph else numbered(current)
    bundles = current.folded.bundles.items() if current.folded else ()
    lagging = {edge for edge, bundle in bundles if bundle.lag}
    later = [i for i, e in enumerate(current.edges) if e[:3] in lagging] if lagging else []
    new = loops(Structure(numbers, within, later))
    at = np.arange(len(numbers.sort))
    if current is not graph:
        at = np.array([plan.place(node.id) for node in current.nodes], np.intp)
    new = [loop._replace(columns=tuple([at[column] for column in loop.columns])) for loop in new]
    while new:
        tried = _extended(plan, within, new)
        try:
            return tried, _folded(graph, whole, tried)
        except _EntangledError as error:  # Something outside stands between two times.
            bad = [loop for loop in new if any(int(c[-1]) in error.ids for c in loop.columns)]
            bad.sort(key=lambda loop: loop.times * len(loop.columns))
            gone = {id(loop) for loop in bad[: len(bad) // 2 + 1] or new}
            new = [loop for loop in new if id(loop) not in gone]
    return None


def _extended(found: Plan, within: Mapping[str, str], new: Sequence[Loop]) -> Plan:
    """Add loops, of which the nodes stand for others or for themselves alone.

    ``within`` has the Repeats of nodes by their ids.
    """
    stand_ins, members = found.stand_ins.copy(), dict(found.members)
    levels = [Level(*map(np.copy, level)) for level in found.levels]
    inside = {found.place(id): repeat for id, repeat in within.items()}
    repeats = list(found.repeats)
    gone: set[int] = set()
    for loop in new:
        number = len(repeats)
        lasts = [int(column[-1]) for column in loop.columns]
        every = np.concatenate(loop.columns).tolist() if inside else []
        around = [inside[place] for place in every if place in inside]
        nodes = tuple(map(found.id, lasts))
        repeats.append(Repeat(f"r{number}", loop.times, nodes, around[0] if around else None))
        for column, last in zip(loop.columns, lasts, strict=True):
            places, times = column, np.arange(len(column))
            if inside:
                each = [members.pop(p, column[i : i + 1]) for i, p in enumerate(column.tolist())]
                places, times = np.concatenate(each), np.repeat(times, list(map(len, each)))
            depth = sum(1 for level in levels if level.repeat[places[0]] >= 0)
            if depth == len(levels):
                none = np.full(len(stand_ins), -1, np.int32)
                levels.append(Level(none, none.copy()))
            levels[depth].repeat[places], levels[depth].time[places] = number, times
            if depth:
                places = places[np.lexsort([level.time[places] for level in levels[depth::-1]])]
            stand_ins[places] = last
            members[last] = places
            gone.update(column.tolist() if inside else ())
    for i, repeat in enumerate(found.repeats):
        left = tuple(id for id in repeat.nodes if found.place(id) not in gone)
        repeats[i] = repeat._replace(nodes=left)
    return Plan(repeats, stand_ins, members, levels, found.id, found.place)


class _Ways(NamedTuple):
    """The edges of a folded graph, in order of their first ones.

    Each leads from one group of nodes to another, as operand ``arg`` (-1: as a result), in the
    Repeat of the number ``repeat`` (-1: in none) ``lag`` times on. ``edges`` has the places of the
    edges that each is made of, from ``begin[i]`` to ``begin[i + 1]``.
    """

    source: Ints
    target: Ints
    arg: Ints
    repeat: Ints
    lag: Ints
    begin: Ints
    edges: Ints

    def of(self, i: int) -> Ints:
        """Return the places of the edges that one is made of."""
        return self.edges[self.begin[i] : self.begin[i + 1]]


def _folded(graph: Graph, whole: Numbered, plan: Plan) -> Graph:
    """Fold by a plan.

    Raises:
        _EntangledError: Its loops cannot be drawn one after another.
    """
    check_time()
    heads, group = _groups(plan)
    ways = _ways(whole, plan, group)
    order = _in_order(ways, heads)
    goes_on = {int(heads[g]) for g in ways.source[ways.lag > 0]}
    outputs = [place for place in map(plan.place, graph.outputs) if place >= 0]
    goes_on.update(plan.stand_ins[outputs].tolist())
    edges, folded_bundles = _edges(whole, ways, heads, order)
    nodes = []
    for head in heads[order].tolist():
        places = plan.members.get(head)
        if places is None or len(places) == 1:
            nodes.append(whole.node(head))
        else:
            nodes.append(_stand_in(whole, places, head in goes_on))
    return graph._replace(
        nodes=tuple(nodes),
        edges=edges,
        outputs=tuple(dict.fromkeys(map(plan.of, graph.outputs))),
        troubles=renamed(graph.troubles, plan.of),
        folded=Folded(
            plan.repeats,
            {
                plan.id(head): Members(whole, plan.members[head])
                for head in heads[order].tolist()
                if head in plan.members
            },
            folded_bundles,
            graph.outputs,
            graph.troubles,
            plan,
        ),
    )


def _groups(plan: Plan) -> tuple[Ints, Ints]:
    """Return the nodes that stand for all, by the first that each stands for; and of each whose."""
    size = len(plan.stand_ins)
    first = np.full(size, size)
    first[plan.stand_ins[::-1]] = np.arange(size)[::-1]
    heads = np.flatnonzero(first < size)
    heads = heads[np.argsort(first[heads], kind="stable")]
    number = np.zeros(size, np.intp)
    number[heads] = np.arange(len(heads))
    return heads, number[plan.stand_ins]


def _ways(graph: Numbered, plan: Plan, group: Ints) -> _Ways:
    """Gather the edges that are one edge of the folded graph."""
    source, target, arg = graph.source, graph.target, graph.arg.copy()
    repeat, lag = np.full(len(arg), -1, np.intp), np.zeros(len(arg), np.intp)
    if plan.levels:
        folded = plan.levels[0].repeat >= 0
        undecided = folded[source] & folded[target]
        for level in plan.levels:
            undecided &= level.repeat[source] == level.repeat[target]
            undecided &= level.repeat[source] >= 0
            later = level.time[target] - level.time[source]
            differs = undecided & (later != 0)
            repeat[differs], lag[differs] = level.repeat[source[differs]], later[differs]
            undecided &= ~differs
        # A Function of all times, as stack is: one edge for all, two in y * y.
        uses = Counter[tuple[int, int]]()
        for edge in np.flatnonzero(folded[source] & ~folded[target] & (arg >= 0)).tolist():
            ends = int(source[edge]), int(target[edge])
            arg[edge] = uses[ends]
            uses[ends] += 1
    code = pairs(pairs(group[source], group[target]), arg + 1)
    code = pairs(code, pairs(repeat + 1, lag - lag.min(initial=0)))
    edges = np.argsort(
        code.astype(np.uint16) if len(code) and code.max() < 1 << 16 else code, kind="stable"
    )
    begin = np.append(0, np.cumsum(np.bincount(code)))
    first = edges[begin[:-1]]
    order = np.argsort(first)
    counts = np.diff(begin)[order]
    new = np.append(0, np.cumsum(counts))
    edges = edges[np.arange(len(edges)) + np.repeat(begin[order] - new[:-1], counts)]
    first = first[order]
    sources: Ints = group[source[first]]
    targets: Ints = group[target[first]]
    return _Ways(sources, targets, arg[first], repeat[first], lag[first], new, edges)


def _in_order(ways: _Ways, heads: Ints) -> Ints:
    """Order the groups by computation, first come first.

    Raises:
        _EntangledError: That cannot be.
    """
    back = np.flatnonzero(ways.lag < 0)
    if len(back):
        raise _EntangledError({int(heads[ends[back[0]]]) for ends in (ways.source, ways.target)})
    now = ways.lag == 0
    waits = np.bincount(ways.target[now], minlength=len(heads)).tolist()
    users: dict[int, list[int]] = {}
    for source, target in zip(ways.source[now].tolist(), ways.target[now].tolist(), strict=True):
        users.setdefault(source, []).append(target)
    ready = [g for g, count in enumerate(waits) if not count]
    heapify(ready)
    order = []
    while ready:
        g = heappop(ready)
        order.append(g)
        for user in users.get(g, ()):
            waits[user] -= 1
            if not waits[user]:
                heappush(ready, user)
    if len(order) < len(heads):
        left = _in_circles(set(range(len(heads))).difference(order), users)
        raise _EntangledError({int(heads[g]) for g in left})
    return np.array(order, np.intp)


def _in_circles(ids: set[int], users: Mapping[int, Sequence[int]]) -> set[int]:
    """Return the nodes that are in circles, or between two, of these, which cannot be ordered."""
    makers: dict[int, list[int]] = {}
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
    whole: Numbered, ways: _Ways, heads: Ints, order: Ints
) -> tuple[tuple[Edge, ...], dict[tuple[str, str, int], Bundle]]:
    """Make the folded edges in the order of their targets, with what they stand for."""
    place = np.zeros(len(heads), np.intp)
    place[order] = np.arange(len(order))
    sort = [ways.repeat.clip(0), place[ways.source], ways.lag, ways.arg.clip(0), place[ways.target]]
    keys = Counter[tuple[str, str]]()
    edges: list[Edge] = []
    folded_bundles: dict[tuple[str, str, int], Bundle] = {}
    for i in np.lexsort(sort).tolist():
        places, repeat, lag = ways.of(i), int(ways.repeat[i]), int(ways.lag[i])
        source, target = (whole.id(int(heads[g[i]])) for g in (ways.source, ways.target))
        first = whole.edge(int(places[0]))
        key = keys[source, target]
        keys[source, target] += 1
        contribution = first.contribution
        if len(places) > 1:
            sent = whole.contributions(places)
            contribution = range_of(sent) if len(sent) else None
        edges.append(Edge(source, target, key, first.arg, contribution))
        if edges[-1][:3] != first[:3] or len(places) > 1:
            name = None if repeat < 0 else f"r{repeat}"
            bundle = Bundle(Several(whole.edge, places), name, lag)
            folded_bundles[source, target, key] = bundle
    return tuple(edges), folded_bundles


def _stand_in(whole: Numbered, places: Ints, goes_on: bool) -> Node:
    """Make one node of many, with the id of the last."""
    _, first = np.unique(whole.sort[places], return_index=True)
    some = sorted({0, *first.tolist(), len(places) - 1})  # all the others are like one of these
    members = [whole.node(place) for place in places[some].tolist()]
    node = members[-1]
    if isinstance(node, FunctionNode):
        functions = [member for member in members if isinstance(member, FunctionNode)]
        return functions[0]._replace(
            id=node.id,
            label=from_to([f.label for f in functions]),
            parameters=together([f.parameters for f in functions if f.parameters]),
        )
    variables = [member for member in members if isinstance(member, VariableNode)]
    state = variables[0].grad_state
    gradients = whole.gradients(places)
    gradient = range_of(gradients) if len(gradients) else None
    kept = state in ("leaf", "retained")
    seeds = [v.seed for v in variables if v.seed is not None]
    return node._replace(
        name=from_to([v.name for v in variables if v.name]) or None,
        role="output" if any(v.role == "output" for v in variables) else node.role,
        data=range_of(whole.data(places), last=goes_on),
        grad=gradient if kept else None,
        grad_state=state,
        grad_was=None if kept else gradient,
        seed=seeds[-1] if seeds else None,
        passes=node.passes if len({v.passes for v in variables}) == 1 else VARIOUS,
        generation=variables[0].generation,
        grad_note=node.grad_note if len({v.grad_note for v in variables}) == 1 else None,
    )
