"""What is left of two graphs between their matches: stretches that only one of them has.

It compares no numbers.
"""

from __future__ import annotations

from dzviz.comparison.matching import NONE, Matching, Pair
from dzviz.comparison.tolerance import near
from dzviz.records import NamedTuple

Place = tuple[float, int, int]
"""Where something stands in the order of the first graph: there, which graph, its own order."""


class Region(NamedTuple):
    """Functions that have no match and belong together: those of either graph, in their order.

    ``results`` are the matched values that they make, by their numbers in the first graph. Ops that
    leave numbers as they are, and that only one graph has, are counted in ``neutral`` alone.
    """

    a: tuple[int, ...]
    b: tuple[int, ...]
    results: tuple[int, ...]
    neutral: int = 0


def regions(matching: Matching) -> list[Region]:
    """Find the stretches of two graphs that have no match."""
    sets = _Sets()
    for i, side in enumerate(matching.sides):
        for f, other in enumerate(matching.functions[i]):
            if other != NONE:
                continue
            sets.add((i, f))
            for v in side.results[f]:
                pair = matching.values[i][v]
                if pair != NONE:
                    sets.join((i, f), (2, v if i == 0 else pair))
                else:
                    for user in side.users[v]:
                        if matching.functions[i][user] == NONE:
                            sets.join((i, f), (i, user))
    groups: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for member in sets.parent:
        groups.setdefault(sets.find(member), []).append(member)
    return [_region(matching, sorted(members)) for members in groups.values()]


def _region(matching: Matching, members: list[tuple[int, int]]) -> Region:
    found: tuple[list[int], list[int], list[int]] = [], [], []
    neutral = 0
    for i, number in members:
        if i < 2 and matching.sides[i].neutral(number):
            neutral += 1
        elif i == 2 or not _is_constant(matching, i, number):
            found[i].append(number)
    return Region(tuple(found[0]), tuple(found[1]), tuple(found[2]), neutral)


def _is_constant(matching: Matching, i: int, f: int) -> bool:
    side = matching.sides[i]
    return bool(side.results[f]) and all(map(side.is_constant, side.results[f]))


class _Sets:
    """Disjoint sets."""

    def __init__(self) -> None:
        self.parent: dict[tuple[int, int], tuple[int, int]] = {}

    def add(self, member: tuple[int, int]) -> None:
        self.parent.setdefault(member, member)

    def find(self, member: tuple[int, int]) -> tuple[int, int]:
        while self.parent[member] != member:
            self.parent[member] = self.parent[self.parent[member]]
            member = self.parent[member]
        return member

    def join(self, one: tuple[int, int], other: tuple[int, int]) -> None:
        self.add(one)
        self.add(other)
        first, last = sorted((self.find(one), self.find(other)))
        self.parent[last] = first


class Places:
    """Where the nodes of both graphs stand in the order of the first one."""

    def __init__(self, matching: Matching) -> None:
        a, b = matching.sides
        self.a = a
        values: list[Place] = [(0.0, 0, 0)] * len(b.values)
        self.functions_b: list[Place] = [(0.0, 0, 0)] * len(b.functions)
        for w, v in enumerate(matching.values[1]):
            values[w] = (-1.0, 1, -1) if v == NONE else self.value(v)
        for g, order in enumerate(b.function_order):
            operands = [values[slot.value] for slot in b.slots[g] if slot.value >= 0]
            match = matching.functions[1][g]
            last = max(operands, default=(-1.0, 1, -1))
            self.functions_b[g] = (last[0], 1, order) if match == NONE else self.function(match)
            for w in b.results[g]:
                if matching.values[1][w] == NONE:
                    values[w] = self.functions_b[g]

    def value(self, v: int) -> Place:
        """Return the place of a value of the first graph."""
        return float(self.a.value_order[v]), 0, 0

    def function(self, f: int) -> Place:
        """Return the place of a Function of the first graph."""
        return float(self.a.function_order[f]), 0, 0


MOST = 20
"""Numbers that do not agree behind so many Functions are taken for a difference."""


def part_guesses(matching: Matching) -> None:
    """Undo matches in the middle that nothing bears out, where the outputs are equal.

    Neither are such values made or used by the same step, nor do they have one name or the same
    numbers: ``sin(x)`` of ``sin(x)**2`` and ``cos(x)`` of ``1 - cos(x)**2`` are other steps.
    """
    a, b = matching.sides
    if len(a.outputs) != len(b.outputs) or not all(
        (w := matching.values[0][v]) in b.outputs and _near(matching, v, w) for v in a.outputs
    ):
        return
    for v, w in enumerate(matching.values[0]):
        if w == NONE or min(a.maker[v], b.maker[w]) < 0 or v in a.outputs:
            continue
        made = matching.functions[0][a.maker[v]] == b.maker[w]
        used = any(matching.functions[0][f] in b.users[w] for f in a.users[v])
        named = a.values[v].name is not None and a.values[v].name == b.values[w].name
        if not (made or used or named or _near(matching, v, w)):
            matching.part(0, v)


def _near(matching: Matching, v: int, w: int) -> bool:
    a, b = matching.sides
    return near(a.values[v].data, b.values[w].data, matching.tolerance)


def widen(matching: Matching) -> None:
    """Undo matches behind ops that one graph has more, as far as these change what they compute.

    ``exp(x - max(x))`` is not ``exp(x)``; divided by their sums they are the same. So the stretch
    ends behind the quotient, and what lies in it are other steps. Where the numbers never agree
    again the op makes a difference, and all matches stay; also where they agree though nothing that
    changed meets there, since then an op has only made the difference small.
    """
    by_function = {pair.a: pair for pair in matching.pairs}
    for region in regions(matching):
        if bool(region.a) != bool(region.b):
            inner, ends = _inner(matching, region, by_function)
            if inner:
                matching.unpair(inner, ends)


def _inner(
    matching: Matching, region: Region, by_function: dict[int, Pair]
) -> tuple[list[Pair], list[Pair]]:
    """Return the matched Functions up to those behind which the numbers agree again, and these.

    There are none if they never do.
    """
    a, b = matching.sides
    i, found = (0, region.a) if region.a else (1, region.b)
    side = matching.sides[i]
    results = [v for f in found for v in side.results[f]]
    behind = {user for v in results for user in side.users[v]}
    known = [matching.functions[1][f] if i else f for f in behind if f not in found]
    pending = [f for f in known if f != NONE and f in by_function]
    inner: dict[int, Pair] = {}
    ends: dict[int, Pair] = {}
    while pending:
        f = pending.pop()
        pair = by_function[f]
        if f in inner or matching.functions[0][f] == NONE:
            continue
        changed = [
            v
            for v, w in zip(a.results[f], b.results[pair.b], strict=False)
            if not _near(matching, v, w)
        ]
        if not changed:
            ends[f] = pair
            continue
        inner[f] = pair
        if len(inner) > MOST or any(_is_end(matching, v) for v in changed):
            return [], []
        pending += [user for v in changed for user in a.users[v] if user in by_function]
    if not all(_meets(matching, pair, inner) for pair in ends.values()):
        return [], []
    return list(inner.values()), list(ends.values())


def _meets(matching: Matching, pair: Pair, inner: dict[int, Pair]) -> bool:
    """Whether several operands of a Function have changed."""
    a, b = matching.sides
    changed = 0
    for j, k in pair.slots:
        one, other = a.slots[pair.a][j], b.slots[pair.b][k]
        made = one.value >= 0 and a.maker[one.value] in inner
        changed += made or not matching.same(one, other)
    return changed > 1


def _is_end(matching: Matching, v: int) -> bool:
    a = matching.sides[0]
    return v in a.outputs or not a.users[v]
