"""Which nodes of two graphs are the same, by what they are computed of and by their names.

Functions are matched from the leaves on where the same op has the same operands, and from the
outputs back where the same op makes the same value. Where neither goes on, values with one name or
with the same numbers are taken for the same, and it begins anew there. It reports nothing.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple

from dzviz.budget import check_time
from dzviz.comparison.likeness import rough, unique_pairs
from dzviz.comparison.ops import COMMUTATIVE
from dzviz.comparison.sides import Side, Slot, number_of
from dzviz.comparison.tolerance import Tolerance, near

NONE = -1

LOST = -3
"""The class of a value whose match was undone: what uses it is not counted again."""

MOST_ALIKE = 50
"""So many values that may be the same are compared one by one."""


class Pair(NamedTuple):
    """Two Functions that are the same; ``slots`` tells which operands are."""

    a: int
    b: int
    slots: tuple[tuple[int, int], ...]


class Matching:
    """The matches of two graphs: for each value of either the one of the other, `NONE` without.

    ``pairs`` are the Functions that are matched. ``classes`` has a number for each value of a side
    that is matched, or is one that is matched with its numbers left as they are.
    """

    def __init__(self, a: Side, b: Side, tolerance: Tolerance) -> None:
        self.sides = a, b
        self.tolerance = tolerance
        self.values = [NONE] * len(a.values), [NONE] * len(b.values)
        self.functions = [NONE] * len(a.functions), [NONE] * len(b.functions)
        self.classes = [NONE] * len(a.values), [NONE] * len(b.values)
        self.pairs: list[Pair] = []
        self._count = 0
        self._open = [[0] * len(side.functions) for side in self.sides]
        self._ready: tuple[list[int], list[int]] = [], []
        self._waiting: dict[Hashable, tuple[list[int], list[int]]] = {}
        self._neutral: tuple[list[int], list[int]] = [], []
        self._back: deque[tuple[int, int]] = deque()
        for i, side in enumerate(self.sides):
            for f, slots in enumerate(side.slots):
                self._open[i][f] = sum(not slot.constant for slot in slots)
                if not self._open[i][f]:
                    self._ready[i].append(f)

    def match_all(self) -> None:
        """Find all matches."""
        a, b = self.sides
        self._pair_named(a.inputs, b.inputs)
        self._pair_outputs()
        self._spread()
        for anchors in (
            *(self._by_name, self._by_input, self._mend),
            *(self._by_numbers, self._by_result, self._mend),
        ):
            while anchors():
                check_time()
                self._spread()

    def pair_values(self, v: int, w: int) -> bool:
        """Match two values unless either is matched with another one; tell whether they are."""
        if self.values[0][v] == NONE == self.values[1][w]:
            self.values[0][v], self.values[1][w] = w, v
            self._count += 1
            self._classify(0, v, self._count)
            self._classify(1, w, self._count)
            self._back.append((v, w))
            return True
        return self.values[0][v] == w

    def unpair(self, pairs: Sequence[Pair], ends: Sequence[Pair]) -> None:
        """Undo the matches of Functions and of what they make; of the ``ends`` that stays."""
        for pair in (*pairs, *ends):
            self.functions[0][pair.a] = self.functions[1][pair.b] = NONE
            for v in () if pair in ends else self.sides[0].results[pair.a]:
                self.classes[0][v] = LOST
                self._part(0, v)
        gone = {*pairs, *ends}
        self.pairs = [pair for pair in self.pairs if pair not in gone]

    def same(self, slot: Slot, other: Slot) -> bool:
        """Whether two operands are known to be the same."""
        if slot.constant or other.constant:
            matched = min(slot.value, other.value) >= 0 and (
                self.values[0][slot.value] != NONE or self.values[1][other.value] != NONE
            )
            if matched:
                return self.values[0][slot.value] == other.value
            return slot.constant and other.constant
        known = self.classes[0][slot.value]
        return known >= 0 and known == self.classes[1][other.value]

    def _classify(self, side: int, value: int, number: int) -> None:
        old, self.classes[side][value] = self.classes[side][value], number
        if old != NONE or self.sides[side].is_constant(value):
            return
        for f in self.sides[side].users[value]:
            self._open[side][f] -= 1
            if not self._open[side][f]:
                self._ready[side].append(f)

    def _pair_named(self, vs: Iterable[int], ws: Iterable[int]) -> bool:
        """Match values with one name, which no other value of these has."""
        a, b = self.sides
        found = False
        for v, w in unique_pairs(vs, ws, lambda v: a.values[v].name, lambda w: b.values[w].name):
            found |= self.values[0][v] == NONE == self.values[1][w] and self.pair_values(v, w)
        return found

    def _pair_outputs(self) -> None:
        a, b = self.sides
        self._pair_named(a.outputs, b.outputs)
        rest = [v for v in a.outputs if self.values[0][v] == NONE]
        others = [w for w in b.outputs if self.values[1][w] == NONE]
        if len(a.outputs) == len(b.outputs):
            for v, w in zip(rest, others, strict=True):
                self.pair_values(v, w)

    def _spread(self) -> None:
        """Go on from what is matched, until there is nothing more."""
        while True:
            self._forward()
            if self._backward():
                continue
            if not (self._ready[0] or self._ready[1] or self._pass_neutral()):
                return

    def _forward(self) -> None:
        """Match Functions all of whose operands are matched, one step further each time."""
        steps = 0
        while self._ready[0] or self._ready[1]:
            touched: dict[Hashable, None] = {}
            for i, side in enumerate(self.sides):
                ready, self._ready[i][:] = list(self._ready[i]), []
                for f in ready:
                    if self.functions[i][f] == NONE:
                        key = self._key(i, side, f)
                        self._waiting.setdefault(key, ([], []))[i].append(f)
                        touched[key] = None
                        if side.neutral(f):
                            self._neutral[i].append(f)
            for key in touched:
                self._pair_waiting(self._waiting[key])
            steps += 1
            if not steps % 1000:
                check_time()

    def _key(self, i: int, side: Side, f: int) -> Hashable:
        classes = self.classes[i]
        known = [-2 if slot.constant else classes[slot.value] for slot in side.slots[f]]
        name = side.ops[f].name
        return name, tuple(sorted(known) if name in COMMUTATIVE else known), len(side.results[f])

    def _pair_waiting(self, waiting: tuple[list[int], list[int]]) -> None:
        """Match Functions of one op with the same operands, the most alike ones first."""
        a, b = self.sides
        for ways in (self._by_partner, self._all_alike, self._numbers_alike, self._in_order):
            if not (waiting[0] and waiting[1]):
                return
            rest: dict[Hashable, deque[int]] = defaultdict(deque)
            for g in waiting[1]:
                key = ways(1, b, g)
                if key is not None:
                    rest[key].append(g)
            done: tuple[set[int], set[int]] = set(), set()
            for f in waiting[0]:
                others = rest.get(ways(0, a, f))
                if others:
                    g = others.popleft()
                    self._pair_functions(f, g)
                    done[0].add(f)
                    done[1].add(g)
            if done[0]:
                for i in (0, 1):
                    waiting[i][:] = [f for f in waiting[i] if f not in done[i]]

    def _by_partner(self, i: int, side: Side, f: int) -> Hashable:
        """Tell apart by results that are matched."""
        found = side.results[f] and self.values[i][side.results[f][0]]
        if self.functions[i][f] != NONE or found == NONE or not side.results[f]:
            return None
        return (side.results[f][0], found) if i == 0 else (found, side.results[f][0])

    def _all_alike(self, i: int, side: Side, f: int) -> Hashable:
        """Tell apart by all that is written: names, labels, numbers."""
        names = tuple(side.values[v].name for v in side.results[f])
        return self._in_order(i, side, f) and (self._written(side, f), names)

    def _numbers_alike(self, i: int, side: Side, f: int) -> Hashable:
        return self._in_order(i, side, f) and self._written(side, f)

    def _in_order(self, i: int, side: Side, f: int) -> Hashable:
        """Tell apart what is matched already, or has results that are."""
        free = all(self.values[i][v] == NONE for v in side.results[f])
        return True if free and self.functions[i][f] == NONE else None

    def _written(self, side: Side, f: int) -> Hashable:
        return tuple([number_of(side, slot) for slot in side.slots[f] if slot.constant])

    def _pair_functions(self, f: int, g: int) -> None:
        a, b = self.sides
        self.functions[0][f], self.functions[1][g] = g, f
        slots = self._aligned(f, g)
        self.pairs.append(Pair(f, g, slots))
        for v, w in zip(a.results[f], b.results[g], strict=False):
            self.pair_values(v, w)
        for j, k in slots:
            one, other = a.slots[f][j], b.slots[g][k]
            if one.constant and other.constant and min(one.value, other.value) >= 0:
                x, y = a.values[one.value], b.values[other.value]
                if x.role != "constant" and y.role != "constant" and x.shape == y.shape:
                    self.pair_values(one.value, other.value)

    def _aligned(self, f: int, g: int) -> tuple[tuple[int, int], ...]:
        """Say which operand of one is which of the other."""
        a, b = self.sides
        count = min(len(a.slots[f]), len(b.slots[g]))
        straight = tuple((k, k) for k in range(count))
        if a.ops[f].name not in COMMUTATIVE or count != 2:
            return straight
        if all(self.same(a.slots[f][k], b.slots[g][k]) for k in range(count)):
            return straight
        crossed = (0, 1), (1, 0)
        return max((straight, crossed), key=lambda slots: self._likeness(f, g, slots))

    def _likeness(self, f: int, g: int, slots: Sequence[tuple[int, int]]) -> tuple[int, ...]:
        a, b = self.sides
        total = [0, 0, 0, 0]
        for j, k in slots:
            one, other = a.slots[f][j], b.slots[g][k]
            total[0] += self.same(one, other) - (one.constant != other.constant)
            if one.value < 0 or other.value < 0:
                total[3] += one.literal == other.literal
                continue
            v, w = a.values[one.value], b.values[other.value]
            makers = a.maker[one.value], b.maker[other.value]
            total[1] += (v.name is not None and v.name == w.name) - (
                self.values[0][one.value] != NONE or self.values[1][other.value] != NONE
            )
            known = min(makers) >= 0 and a.ops[makers[0]].name == b.ops[makers[1]].name
            total[2] += known + (v.shape == w.shape)
            total[3] += near(v.data, w.data, self.tolerance)
        return tuple(total)

    def _backward(self) -> bool:
        """Match what made values that are matched, and from there its operands."""
        a, b = self.sides
        found = False
        while self._back:
            v, w = self._back.pop()
            f, g = a.maker[v], b.maker[w]
            if min(f, g) < 0 or self.functions[0][f] != NONE or self.functions[1][g] != NONE:
                continue
            alike = a.ops[f].name == b.ops[g].name and len(a.results[f]) == len(b.results[g])
            if not alike or len(a.slots[f]) != len(b.slots[g]):
                continue
            self._pair_functions(f, g)
            found = True
            for j, k in self.pairs[-1].slots:
                one, other = a.slots[f][j], b.slots[g][k]
                if not (one.constant or other.constant):
                    self.pair_values(one.value, other.value)
        return found

    def _pass_neutral(self) -> bool:
        """Go on behind ops that leave numbers as they are, and that the other graph has not."""
        found = False
        for i, side in enumerate(self.sides):
            for f in self._neutral[i]:
                result = side.results[f][0]
                if self.functions[i][f] == NONE and self.classes[i][result] == NONE:
                    self._classify(i, result, self.classes[i][side.slots[f][0].value])
                    found = True
            self._neutral[i].clear()
        return found

    def _mend(self) -> bool:
        """Match Functions with the same operands, one of which was taken for what follows it.

        So it is behind an op that one graph has more, where the way back from the outputs came
        before the way there.
        """
        found = False
        for waiting in self._waiting.values():
            for i in (0, 1):
                waiting[i][:] = [f for f in waiting[i] if self.functions[i][f] == NONE]
            if len(waiting[0]) != 1 or len(waiting[1]) != 1:
                continue
            f, g = waiting[0][0], waiting[1][0]
            if self._written(self.sides[0], f) == self._written(self.sides[1], g):
                for i, h in ((0, f), (1, g)):
                    for v in self.sides[i].results[h]:
                        self._part(i, v)
                self._pair_functions(f, g)
                found = True
        return found

    def _part(self, i: int, v: int) -> None:
        """Undo the match of a value."""
        w = self.values[i][v]
        if w != NONE:
            self.values[i][v] = self.values[1 - i][w] = NONE
            self.classes[1 - i][w] = LOST

    def _free(self, i: int) -> list[int]:
        return [
            v
            for v, other in enumerate(self.values[i])
            if other == NONE and self.sides[i].maker[v] >= 0 and not self.sides[i].is_constant(v)
        ]

    def _by_name(self) -> bool:
        return self._pair_named(self._free(0), self._free(1))

    def _by_input(self) -> bool:
        """Match inputs of other names that have the same numbers."""
        a, b = self.sides
        free = [
            [v for v in side.inputs if self.values[i][v] == NONE]
            for i, side in enumerate(self.sides)
        ]
        names = [{side.values[v].name for v in side.inputs} for side in self.sides]
        free[0] = [v for v in free[0] if not a.values[v].name or a.values[v].name not in names[1]]
        free[1] = [w for w in free[1] if not b.values[w].name or b.values[w].name not in names[0]]
        return self._pair_near(free[0], free[1], alone=False)

    def _by_numbers(self) -> bool:
        """Match values in the middle that have the same numbers as no other."""
        return self._pair_near(self._free(0), self._free(1), alone=True)

    def _pair_near(self, vs: Sequence[int], ws: Sequence[int], *, alone: bool) -> bool:
        a, b = self.sides
        buckets: tuple[dict[Hashable, list[int]], dict[Hashable, list[int]]] = {}, {}
        for i, found in enumerate((vs, ws)):
            for v in found:
                key = rough(self.sides[i], v)
                if key is not None:
                    buckets[i].setdefault(key, []).append(v)
        paired = False
        for key, found in buckets[0].items():
            others = buckets[1].get(key, [])
            if not others or max(len(found), len(others)) > (1 if alone else MOST_ALIKE):
                continue
            for v in found:
                for w in others:
                    free = self.values[0][v] == NONE == self.values[1][w]
                    if free and near(a.values[v].data, b.values[w].data, self.tolerance):
                        paired |= self.pair_values(v, w)
        return paired

    def _by_result(self) -> bool:
        """Match Functions of an op that either graph has only once more."""
        a, b = self.sides
        free = [
            [f for f, other in enumerate(self.functions[i]) if other == NONE]
            for i in range(len(self.sides))
        ]
        paired = False
        for f, g in unique_pairs(free[0], free[1], self._signature(0), self._signature(1)):
            if self.functions[0][f] != NONE or self.functions[1][g] != NONE:
                continue
            results = zip(a.results[f], b.results[g], strict=True)
            if all(self.values[0][v] == NONE == self.values[1][w] for v, w in results):
                self._pair_functions(f, g)
                paired = True
        return paired

    def _signature(self, i: int) -> Callable[[int], Hashable]:
        side = self.sides[i]

        def signature(f: int) -> Hashable:
            shapes = tuple([side.values[v].shape for v in side.results[f]])
            return side.ops[f].name, len(side.slots[f]), shapes

        return signature
