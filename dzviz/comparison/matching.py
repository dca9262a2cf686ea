"""Which nodes of two graphs are the same, by what they are computed of and by their names.

Functions are matched from the leaves on where the same op has the same operands, and from the
outputs back where the same op makes the same value. Where neither goes on, values with one name or
with the same numbers are taken for the same, and it begins again there. It reports nothing.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from types import MappingProxyType

from dzviz.budget import check_time
from dzviz.comparison.ops import COMMUTATIVE
from dzviz.comparison.sides import Side, Slot, number_of, unique_pairs
from dzviz.comparison.tolerance import Tolerance, near
from dzviz.records import NamedTuple

NONE = -1

LOST = -3
"""The class of a value whose match was undone: what uses it is not counted again."""


class Pair(NamedTuple):
    """Two Functions that are the same; ``slots`` tells which operands are."""

    a: int
    b: int
    slots: tuple[tuple[int, int], ...]


class Matching:
    """The matches of two graphs: for each value of either the one of the other, `NONE` without.

    Those that are ``waiting`` have operands that are matched, and no partner; ``stalled`` are the
    ones since `dzviz.comparison.anchors` has looked. ``pairs`` are the Functions that are matched.
    ``classes`` has a number for each value of a side that is matched, or is one that is matched
    with its numbers left as they are.
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
        self.waiting: dict[Hashable, tuple[list[int], list[int]]] = {}
        self.stalled: tuple[list[int], list[int]] = [], []
        self._neutral: tuple[list[int], list[int]] = [], []
        self._back: deque[tuple[int, int]] = deque()
        for i, side in enumerate(self.sides):
            for f, slots in enumerate(side.slots):
                self._open[i][f] = sum(not slot.constant for slot in slots)
                if not self._open[i][f]:
                    self._ready[i].append(f)

    def pair_values(self, v: int, w: int) -> bool:
        """Match two values unless either is matched with another one; tell whether they are."""
        if self.values[0][v] == NONE == self.values[1][w]:
            self.values[0][v], self.values[1][w] = w, v
            self._count += 1
            self.classify(0, v, self._count)
            self.classify(1, w, self._count)
            self._back.append((v, w))
            return True
        return self.values[0][v] == w

    def unpair(self, pairs: Sequence[Pair], ends: Sequence[Pair]) -> None:
        """Undo the matches of Functions and of what they make; of the ``ends`` that stays."""
        for pair in (*pairs, *ends):
            self.functions[0][pair.a] = self.functions[1][pair.b] = NONE
            for v in () if pair in ends else self.sides[0].results[pair.a]:
                self.classes[0][v] = LOST
                self.part(0, v)
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

    def classify(self, side: int, value: int, number: int) -> None:
        """Give a value its class; what has all its operands then is ready."""
        old, self.classes[side][value] = self.classes[side][value], number
        if old != NONE or self.sides[side].is_constant(value):
            return
        for f in self.sides[side].users[value]:
            self._open[side][f] -= 1
            if not self._open[side][f]:
                self._ready[side].append(f)

    def pair_named(self, vs: Iterable[int], ws: Iterable[int]) -> bool:
        """Match values with one name, which no other value of these has."""
        a, b = self.sides
        found = False
        for v, w in unique_pairs(vs, ws, lambda v: a.values[v].name, lambda w: b.values[w].name):
            found |= self.values[0][v] == NONE == self.values[1][w] and self.pair_values(v, w)
        return found

    def pair_outputs(self) -> None:
        """Match the outputs by their names, else in their order."""
        a, b = self.sides
        self.pair_named(a.outputs, b.outputs)
        rest = [v for v in a.outputs if self.values[0][v] == NONE]
        others = [w for w in b.outputs if self.values[1][w] == NONE]
        if len(rest) == len(others):  # else one of them is an input, and matched as that
            for v, w in zip(rest, others, strict=True):
                self.pair_values(v, w)

    def spread(self) -> None:
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
                        key = self.key(i, side, f)
                        self.waiting.setdefault(key, ([], []))[i].append(f)
                        touched[key] = None
                        self.stalled[i].append(f)
                        if side.neutral(f):
                            self._neutral[i].append(f)
            for known in touched:
                self._pair_waiting(self.waiting[known])
            steps += 1
            if not steps % 1000:
                check_time()

    def key(
        self, i: int, side: Side, f: int, instead: Mapping[int, int] = MappingProxyType({})
    ) -> tuple[str, tuple[int, ...], int]:
        """Return an op with the classes of its operands; ``instead`` has some other ones."""
        classes = self.classes[i]
        known = [
            -2 if slot.constant else instead.get(slot.value, classes[slot.value])
            for slot in side.slots[f]
        ]
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
                    self.pair_functions(f, g)
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
        return self._in_order(i, side, f) and (self.written(side, f), names)

    def _numbers_alike(self, i: int, side: Side, f: int) -> Hashable:
        return self._in_order(i, side, f) and self.written(side, f)

    def _in_order(self, i: int, side: Side, f: int) -> Hashable:
        """Tell apart what is matched already, or has results that are."""
        free = all(self.values[i][v] == NONE for v in side.results[f])
        return True if free and self.functions[i][f] == NONE else None

    def written(self, side: Side, f: int) -> Hashable:
        """Return the numbers that are written in a formula as operands of a Function."""
        return tuple([number_of(side, slot) for slot in side.slots[f] if slot.constant])

    def pair_functions(self, f: int, g: int) -> None:
        """Match two Functions, and with them what they make."""
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
            if not alike or len(a.slots[f]) != len(b.slots[g]) or not self._may_be_one(f, g):
                continue
            self.pair_functions(f, g)
            found = True
            for j, k in self.pairs[-1].slots:
                one, other = a.slots[f][j], b.slots[g][k]
                if not (one.constant or other.constant):
                    self.pair_values(one.value, other.value)
        return found

    def _may_be_one(self, f: int, g: int) -> bool:
        """Tell whether two Functions may be one of which one takes a number and the other does not.

        They may where another operand is the same, or was made by the same op.
        """
        a, b = self.sides
        numbers = [sum(s.constant for s in slots) for slots in (a.slots[f], b.slots[g])]
        if numbers[0] == numbers[1]:
            return True
        for j, k in self._aligned(f, g):
            one, other = a.slots[f][j], b.slots[g][k]
            if one.constant or other.constant:
                continue
            makers = a.maker[one.value], b.maker[other.value]
            made = min(makers) >= 0 and a.ops[makers[0]].name == b.ops[makers[1]].name
            if made or self.same(one, other):
                return True
        return False

    def _pass_neutral(self) -> bool:
        """Go on behind ops that leave numbers as they are, and that the other graph has not."""
        found = False
        for i, side in enumerate(self.sides):
            for f in self._neutral[i]:
                result = side.results[f][0]
                if self.functions[i][f] == NONE and self.classes[i][result] == NONE:
                    self.classify(i, result, self.classes[i][side.slots[f][0].value])
                    found = True
            self._neutral[i].clear()
        return found

    def part(self, i: int, v: int) -> None:
        """Undo the match of a value."""
        w = self.values[i][v]
        if w != NONE:
            self.values[i][v] = self.values[1 - i][w] = NONE
            self.classes[1 - i][w] = LOST
