"""Where matching starts again when it is stuck: by names, by numbers, behind one op.

It compares no more than it needs for that.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from dzviz.budget import check_time
from dzviz.comparison.matching import NONE, Matching
from dzviz.comparison.sides import Side, rough, unique_pairs
from dzviz.comparison.tolerance import Tolerance, near

MOST_ALIKE = 50
"""At most this many values that may be the same are compared one by one."""


def match(a: Side, b: Side, tolerance: Tolerance) -> Matching:
    """Find out which nodes of two graphs are the same."""
    matching = Matching(a, b, tolerance)
    matching.pair_named(a.inputs, b.inputs)
    matching.pair_outputs()
    matching.spread()
    anchors = _Anchors(matching)
    for begins_anew in (
        *(anchors.by_name, anchors.by_input, anchors.mend),
        *(anchors.by_step, anchors.by_numbers, anchors.by_op, anchors.mend, anchors.by_step),
    ):
        while begins_anew():
            check_time()
            matching.spread()
    return matching


class _Anchors:
    """Each method tells whether it has matched anything."""

    def __init__(self, matching: Matching) -> None:
        self.matching = matching
        self.sides = matching.sides
        self.values = matching.values
        self.functions = matching.functions
        self.classes = matching.classes
        self._beside: dict[Hashable, tuple[list[int], list[int]]] = {}

    def by_step(self) -> bool:
        """Go on behind one op that only one graph has, or that is another one in each."""
        found = False
        for i, side in enumerate(self.sides):
            stalled, self.matching.stalled[i][:] = list(self.matching.stalled[i]), []
            for f in stalled:
                if self.functions[i][f] != NONE or len(side.results[f]) != 1:
                    continue
                if self.classes[i][side.results[f][0]] == NONE:
                    found |= self._step_over(i, side, f) or self._exchange(i, side, f)
        return found

    def _step_over(self, i: int, side: Side, f: int) -> bool:
        """Take the result of an op for its operand, if what uses it then has its match."""
        result = side.results[f][0]
        for slot in side.slots[f]:
            known = NONE if slot.constant else self.classes[i][slot.value]
            for user in side.users[result] if known >= 0 else ():
                key = self.matching.key(i, side, user, {result: known})
                others = self.matching.waiting.get(key, ((), ()))[1 - i]
                if any(self.functions[1 - i][g] == NONE for g in others):
                    self.matching.classify(i, result, known)
                    return True
        return False

    def _exchange(self, i: int, side: Side, f: int) -> bool:
        """Match the results of two ops that have the same operands and the same users."""
        users = tuple(sorted(side.ops[user].name for user in side.users[side.results[f][0]]))
        key = (*self.matching.key(i, side, f)[1:], users)
        group = self._beside.setdefault(key, ([], []))
        group[i].append(f)
        others = [g for g in group[1 - i] if self.functions[1 - i][g] == NONE]
        for g in others if users and len(others) == 1 else ():
            pair = (f, g) if i == 0 else (g, f)
            v, w = (s.results[h][0] for s, h in zip(self.sides, pair, strict=True))
            if self.values[0][v] == NONE == self.values[1][w]:
                return self.matching.pair_values(v, w)
        return False

    def mend(self) -> bool:
        """Match Functions with the same operands, one of which was taken for what follows it.

        So it is behind an op that one graph has more, where the way back from the outputs came
        before the way there. What outputs are matched with stays.
        """
        found = False
        for waiting in self.matching.waiting.values():
            for i in (0, 1):
                waiting[i][:] = [f for f in waiting[i] if self.functions[i][f] == NONE]
            if len(waiting[0]) != 1 or len(waiting[1]) != 1:
                continue
            f, g = waiting[0][0], waiting[1][0]
            if self._makes_matched_output(0, f) or self._makes_matched_output(1, g):
                if self._same_results(f, g):
                    self.matching.pair_functions(f, g)
                    found = True
                continue
            if self.matching.written(self.sides[0], f) == self.matching.written(self.sides[1], g):
                for i, h in ((0, f), (1, g)):
                    for v in self.sides[i].results[h]:
                        self.matching.part(i, v)
                self.matching.pair_functions(f, g)
                found = True
        return found

    def _makes_matched_output(self, i: int, f: int) -> bool:
        side = self.sides[i]
        return any(v in side.outputs and self.values[i][v] != NONE for v in side.results[f])

    def _same_results(self, f: int, g: int) -> bool:
        a, b = self.sides
        pairs = zip(a.results[f], b.results[g], strict=True)
        tolerance = self.matching.tolerance
        return all(near(a.values[v].data, b.values[w].data, tolerance) for v, w in pairs)

    def by_name(self) -> bool:
        return self.matching.pair_named(self._free(0), self._free(1))

    def by_input(self) -> bool:
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

    def by_numbers(self) -> bool:
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
                    if free and near(a.values[v].data, b.values[w].data, self.matching.tolerance):
                        paired |= self.matching.pair_values(v, w)
        return paired

    def by_op(self) -> bool:
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
                self.matching.pair_functions(f, g)
                paired = True
        return paired

    def _signature(self, i: int) -> Callable[[int], Hashable]:
        side = self.sides[i]

        def signature(f: int) -> Hashable:
            shapes = tuple([side.values[v].shape for v in side.results[f]])
            return side.ops[f].name, len(side.slots[f]), shapes

        return signature

    def _free(self, i: int) -> list[int]:
        return [
            v
            for v, other in enumerate(self.values[i])
            if other == NONE and self.sides[i].maker[v] >= 0 and not self.sides[i].is_constant(v)
        ]
