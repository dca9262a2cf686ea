"""How far a stretch reaches that only one of two graphs has: to where the numbers agree again."""

from __future__ import annotations

from dzviz.comparison.matching import NONE, Matching, Pair
from dzviz.comparison.regions import Region, regions
from dzviz.comparison.tolerance import near

MOST = 20
"""Numbers that do not agree behind so many Functions are taken for a difference."""


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
            if not near(a.values[v].data, b.values[w].data, matching.tolerance)
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
