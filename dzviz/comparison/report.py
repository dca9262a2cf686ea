"""What two graphs do not have in common, in the order of the computation, forward and backward."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from dzviz.budget import check_time
from dzviz.comparison.anchors import match
from dzviz.comparison.differences import (
    UNKNOWN,
    Counts,
    Difference,
    Report,
    briefly,
    difference_of,
    gradient_state,
    is_unknown,
    settings_differ,
    shaped,
)
from dzviz.comparison.matching import NONE, Matching, Pair
from dzviz.comparison.regions import Places, Region, part_guesses, regions, widen
from dzviz.comparison.sides import Side, Slot, number_of
from dzviz.comparison.tolerance import Tolerance, Unequal, tolerance_for, unequal
from dzviz.diagnosis.flows import Flows
from dzviz.diagnosis.words import noun, what, where
from dzviz.graph.model import Graph, Value
from dzviz.graph.rounded import is_zero
from dzviz.options import ENGLISH
from dzviz.text.labels import gradient_of, reference
from dzviz.text.languages import say
from dzviz.text.numbers import number
from dzviz.text.phrases import clean, listed


def compare(
    a: Graph,
    b: Graph,
    rtol: float | None = None,
    atol: float | None = None,
    *,
    backward: bool = True,
    lang: str = ENGLISH,
) -> Report:
    """Compare two graphs; without ``backward`` the forward pass alone."""
    sides = Side(a), Side(b)
    tolerance = tolerance_for((v.dtype for side in sides for v in side.values), rtol, atol)
    matching = match(*sides, tolerance)
    widen(matching)
    part_guesses(matching)
    check_time()
    comparison = _Comparison(matching, tolerance, lang)
    forward = comparison.forward()
    behind: list[Difference] = []
    notes: list[str] = []
    if backward and all(side.passed for side in sides):
        behind = comparison.backward()
    elif backward:
        lacking = [name for name, side in zip("AB", sides, strict=True) if not side.passed]
        text = "{name} has no gradients: only the forward pass is compared"
        if len(lacking) > 1:
            text = "neither graph has gradients: only the forward pass is compared"
        notes.append(say(lang, text, name=lacking[0]))
    counts = comparison.counts
    return Report(
        (*forward, *behind),
        tuple(comparison.remarks),
        Counts(*counts["value"]),
        Counts(*counts["gradient"]),
        Counts(*counts["share"]),
        tolerance,
        matching,
        tuple(notes),
        lang,
    )


class _Comparison:
    """Compares what is matched, and reports what is not."""

    def __init__(self, matching: Matching, tolerance: Tolerance, lang: str) -> None:
        self.lang = lang
        self.matching = matching
        self.a, self.b = matching.sides
        self.tolerance = tolerance
        self.places = Places(matching)
        self.counts = {kind: [0, 0, 0] for kind in ("value", "gradient", "share")}
        self.remarks: list[Difference] = []
        self.pairs = [(v, w) for v, w in enumerate(matching.values[0]) if w != NONE]

    @cached_property
    def flows(self) -> tuple[Flows, Flows]:
        """Both graphs, as words are made of them."""
        return Flows(self.a.graph, self.lang), Flows(self.b.graph, self.lang)

    def forward(self) -> list[Difference]:
        """Tell what differs in the forward pass, in its order."""
        found = [*self._values(), *self._functions(), *self._regions(), *self._leaves()]
        self._types()
        return sorted(found, key=lambda difference: difference.place)

    def backward(self) -> list[Difference]:
        """Tell what differs in the backward pass, in its order."""
        found = [*self._gradients(), *self._shares()]
        return sorted(found, key=lambda difference: [-x for x in difference.place])

    def _compare(self, kind: str, x: Value | None, y: Value | None) -> Unequal | None:
        """Compare two numbers or arrays of one shape, and count them."""
        count = self.counts[kind]
        if is_unknown(x) or is_unknown(y):
            count[2] += 1
            return None
        count[0] += 1
        found = unequal(x, y, self.tolerance)
        count[1] += found is not None
        return found

    def _values(self) -> Iterator[Difference]:
        outputs = set(self.a.outputs), set(self.b.outputs)
        for v, w in self.pairs:
            x, y = self.a.values[v], self.b.values[w]
            place = self.places.value(v)
            ids: dict[str, Any] = {"a": (x.id,), "b": (y.id,), "place": place}
            if x.name and y.name and x.name != y.name:
                names = clean(x.name), clean(y.name)
                self.remarks.append(Difference("renamed", names[0], names, **ids))
            if x.shape != y.shape:
                self.counts["value"][0] += 1
                self.counts["value"][1] += 1
                yield Difference("shape", self._name(v), (str(x.shape), str(y.shape)), **ids)
            elif found := self._compare("value", x.data, y.data):
                name = self._name(v)
                if self.a.maker[v] < 0 and x.name and x.name != y.name and y.name:
                    text = "{name}, {other} in B"
                    name = say(self.lang, text, name=name, other=clean(y.name))
                yield difference_of("value", name, found, self.lang, **ids)
            if (v in outputs[0]) != (w in outputs[1]):
                words = [
                    say(self.lang, "an output") if n in known else say(self.lang, "none")
                    for n, known in zip((v, w), outputs, strict=True)
                ]
                yield Difference("output", self._name(v), (words[0], words[1]), **ids)

    def _functions(self) -> Iterator[Difference]:
        """Tell which settings and operands of matched Functions differ."""
        for pair in self.matching.pairs:
            f, g = self.a.functions[pair.a], self.b.functions[pair.b]
            place = self.places.function(pair.a)
            ids: dict[str, Any] = {"a": (f.id,), "b": (g.id,), "place": place}
            for i, j in pair.slots:
                one, other = self.a.slots[pair.a][i], self.b.slots[pair.b][j]
                known = one.value >= 0 and self.matching.values[0][one.value] == other.value
                if one.constant and other.constant and not known:
                    yield from self._constants(pair, one, other, ids)
            slots = (*self.a.slots[pair.a], *self.b.slots[pair.b])
            literal = any(slot.literal is not None for slot in slots)
            if f.op == g.op and not literal and settings_differ(f.label, g.label):
                texts = clean(f.label), clean(g.label)
                yield Difference("op", self._what(0, pair.a), texts, **ids)
            if self._rewired(pair):
                texts = self._operands(0, pair.a), self._operands(1, pair.b)
                where = say(self.lang, "operands of {op}", op=self._what(0, pair.a))
                yield Difference("moved", where, texts, **ids)

    def _constants(
        self, pair: Pair, one: Slot, other: Slot, ids: Mapping[str, Any]
    ) -> Iterator[Difference]:
        """Compare numbers that are written in a formula."""
        x, y = number_of(self.a, one), number_of(self.b, other)
        if x is None or y is None:
            values = [
                slot.literal if slot.literal is not None else side.values[slot.value].data
                for side, slot in ((self.a, one), (self.b, other))
            ]
            if np.shape(values[0]) != np.shape(values[1]):
                return
            found = self._compare("value", *values)
        else:
            found = self._compare("value", x, y)
        if found:
            ids = {**ids, "a": self._home(0, pair.a, one), "b": self._home(1, pair.b, other)}
            where = say(self.lang, "constant of {op}", op=self._what(0, pair.a))
            yield difference_of("value", where, found, self.lang, **ids)

    def _home(self, i: int, f: int, slot: Slot) -> tuple[str]:
        """Return the node that says a constant: its own, or the Function in whose label it is."""
        side = self.matching.sides[i]
        node = side.functions[f] if slot.value < 0 else side.values[side.root[slot.value]]
        return (node.id,)

    def _rewired(self, pair: Pair) -> bool:
        """Whether a matched Function takes operands that are matched with others.

        Behind an operand without a match is a stretch that is reported separately.
        """
        for i, j in pair.slots:
            one, other = self.a.slots[pair.a][i], self.b.slots[pair.b][j]
            if self.matching.same(one, other):
                continue
            if one.constant or other.constant:
                slot, k = (other, 1) if one.constant else (one, 0)
                if self.matching.classes[k][slot.value] >= 0:
                    return True
                continue
            known = self.matching.classes[0][one.value], self.matching.classes[1][other.value]
            if min(known) >= 0:
                return True
        return False

    def _regions(self) -> Iterator[Difference]:
        lone: list[tuple[int, int]] = []
        for region in regions(self.matching):
            if region.a and region.b:
                yield from self._exchanged(region)
            else:
                lone += [(0, f) for f in region.a] + [(1, g) for g in region.b]
        yield from self._lone(lone)

    def _exchanged(self, region: Region) -> Iterator[Difference]:
        """Report a stretch that both graphs have, in other steps."""
        ops = [
            [side.ops[f].name for f in found]
            for side, found in ((self.a, region.a), (self.b, region.b))
        ]
        texts = self._labels(0, region.a), self._labels(1, region.b)
        ids: dict[str, Any] = {
            "a": tuple(self.a.functions[f].id for f in region.a),
            "b": tuple(self.b.functions[g].id for g in region.b),
            "place": self.places.function(region.a[0]),
        }
        where = self._what(0, region.a[0])
        if len(region.a) == 1 == len(region.b) and ops[0] != ops[1]:
            known = self.a.ops[region.a[0]].known and self.b.ops[region.b[0]].known
            if known or self._results_differ(region):
                yield Difference("op", where, texts, **ids)
                return
        elif sorted(ops[0]) == sorted(ops[1]):
            yield Difference("moved", where, texts, **ids)
            return
        self.remarks.append(Difference("steps", where, texts, **ids))

    def _results_differ(self, region: Region) -> bool:
        for v in region.results:
            x, y = self.a.values[v], self.b.values[self.matching.values[0][v]]
            if x.shape != y.shape or unequal(x.data, y.data, self.tolerance):
                return True
        return False

    def _lone(self, functions: Sequence[tuple[int, int]]) -> Iterator[Difference]:
        """Report Functions that one graph has and the other has not, or has elsewhere."""
        sides: tuple[dict[tuple[str, str], list[int]], ...] = {}, {}
        for i, f in functions:
            side = self.matching.sides[i]
            key = side.ops[f].name, side.functions[f].label
            sides[i].setdefault(key, []).append(f)
        moved = {key for key in sides[0] if len(sides[0][key]) == len(sides[1].get(key, ()))}
        for key in moved:
            for f, g in zip(sides[0][key], sides[1][key], strict=True):
                places = self.places.function(f), self.places.functions_b[g]
                texts = self._operands(0, f), self._operands(1, g)
                ids: dict[str, Any] = {
                    "a": (self.a.functions[f].id,),
                    "b": (self.b.functions[g].id,),
                }
                yield Difference("moved", self._what(0, f), texts, place=min(places), **ids)
        for i, f in functions:
            side = self.matching.sides[i]
            node = side.functions[f]
            if (side.ops[f].name, node.label) in moved:
                continue
            text = clean(node.label) or clean(node.op)
            if i == 0:
                place = self.places.function(f)
                yield Difference("removed", self._what(0, f), (text, ""), a=(node.id,), place=place)
            else:
                place = self.places.functions_b[f]
                yield Difference("added", self._what(1, f), ("", text), b=(node.id,), place=place)

    def _leaves(self) -> Iterator[Difference]:
        """Report inputs that one graph has and the other has not."""
        for i, side in enumerate(self.matching.sides):
            for v in side.inputs:
                if self.matching.values[i][v] != NONE:
                    continue
                node = side.values[v]
                name = say(self.lang, "input {name}", name=reference(node))
                if i == 0:
                    place = self.places.value(v)
                    yield Difference("removed", name, (reference(node), ""), (node.id,), (), place)
                else:
                    users = [self.places.functions_b[g] for g in side.users[v]]
                    first = min(users, default=(-1.0, 1, 0))
                    place = first[0], first[1], side.value_order[v] - len(side.graph.nodes)
                    yield Difference("added", name, ("", reference(node)), (), (node.id,), place)

    def _types(self) -> None:
        kinds: dict[tuple[str, str], int] = {}
        for v, w in self.pairs:
            types = self.a.values[v].dtype, self.b.values[w].dtype
            if types[0] != types[1]:
                kinds[types] = kinds.get(types, 0) + 1
        for types, count in kinds.items():
            text = "{count} value" if count == 1 else "{count} values"
            self.remarks.append(Difference("dtype", say(self.lang, text, count=count), types))

    def _gradients(self) -> Iterator[Difference]:
        for v, w in self.pairs:
            x, y = self.a.values[v], self.b.values[w]
            if x.shape != y.shape:
                continue
            ids: dict[str, Any] = {"a": (x.id,), "b": (y.id,), "place": self.places.value(v)}
            one, other = gradient_of(x), gradient_of(y)
            if one is not None and other is not None:
                if found := self._compare("gradient", one, other):
                    yield difference_of("gradient", self._name(v), found, self.lang, **ids)
            elif UNKNOWN in (words := (gradient_state(x), gradient_state(y))):
                self.counts["gradient"][2] += 1
            elif one is not None or other is not None:
                yield from self._one_alone("gradient", self._name(v), (one, other), words, ids)

    def _one_alone(
        self,
        kind: str,
        where: str,
        values: tuple[Value | None, Value | None],
        words: tuple[str, str],
        ids: Mapping[str, Any],
    ) -> Iterator[Difference]:
        """Report what came in one graph, and not in the other; nothing is as good as 0."""
        known = values[1] if values[0] is None else values[0]
        self.counts[kind][0] += 1
        if is_unknown(known) or is_zero(np.asarray(known)):
            return
        self.counts[kind][1] += 1
        texts = [
            say(self.lang, word) if x is None else briefly(x, self.lang)
            for x, word in zip(values, words, strict=True)
        ]
        yield Difference(kind, where, (texts[0], texts[1]), **ids)

    def _shares(self) -> Iterator[Difference]:
        if not (self.a.recorded and self.b.recorded):
            return
        for pair in self.matching.pairs:
            f, g = self.a.functions[pair.a].id, self.b.functions[pair.b].id
            for i, j in pair.slots:
                one, other = self.a.slots[pair.a][i], self.b.slots[pair.b][j]
                if one.edge is None or other.edge is None:
                    continue
                lone = self.matching.values[0][one.value] != other.value
                if (one.constant or other.constant) and lone:
                    continue
                x, y = one.edge.contribution, other.edge.contribution
                if not self.matching.same(one, other) or (x is None and y is None):
                    continue
                ids: dict[str, Any] = {
                    "a": (one.edge.source, f, str(one.edge.key)),
                    "b": (other.edge.source, g, str(other.edge.key)),
                    "place": self.places.function(pair.a),
                }
                named = {"name": self._name(one.value), "op": self._what(0, pair.a)}
                where = say(self.lang, "{name} through {op}", **named)
                if x is None or y is None:
                    yield from self._one_alone("share", where, (x, y), ("None", "None"), ids)
                    continue
                alike = np.shape(shaped(x)) == np.shape(shaped(y))
                if alike and (found := self._compare("share", x, y)):
                    yield difference_of("share", where, found, self.lang, **ids)

    def _name(self, v: int) -> str:
        """Name a value of the first graph."""
        node, flows = self.a.values[v], self.flows[0]
        maker = self.a.maker[v]
        place = "" if maker < 0 else where(flows, self.a.functions[maker])
        return f"{noun(flows, node)}{place}"

    def _what(self, i: int, f: int) -> str:
        """Name a Function."""
        flows, node = self.flows[i], self.matching.sides[i].functions[f]
        return f"{what(flows, node)}{where(flows, node)}"

    def _operands(self, i: int, f: int) -> str:
        """Name the operands of a Function."""
        side = self.matching.sides[i]
        names = [
            number(slot.literal)
            if slot.literal is not None
            else noun(self.flows[i], side.values[slot.value])
            for slot in side.slots[f]
        ]
        return listed(names, ", ")

    def _labels(self, i: int, functions: Sequence[int]) -> str:
        side = self.matching.sides[i]
        return listed([clean(side.functions[f].label) for f in functions], ", ")
