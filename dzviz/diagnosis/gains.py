"""By how much each Function makes a gradient larger or smaller, and where it vanishes or explodes.

A gain is the norm of what a Function sends back to an operand, over that of what came to it. Along
a way gains multiply; what reaches a leaf is the sum of its ways.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from math import inf, isfinite, isnan, log10, nan

import numpy as np

from dzviz.diagnosis.flows import Flows, norm_of
from dzviz.graph.folding import fold
from dzviz.graph.model import Edge, Graph, Group, Value, VariableNode
from dzviz.graph.ranges import Range
from dzviz.options import ENGLISH
from dzviz.records import NamedTuple

VANISHED, EXPLODED = -7.0, 7.0
"""Powers of ten, relative to the seed, below and above which a gradient is called lost."""


class Gain(NamedTuple):
    """What became of a gradient at one operand of one Function.

    ``came`` and ``sent`` are the norms of what came to it and of what it sent on.
    """

    function: str
    edge: Edge
    came: float
    sent: float

    @property
    def power(self) -> float:
        """Its power of ten."""
        return log10(self.sent / self.came) if self.sent > 0 else -inf


class Way(NamedTuple):
    """A way from an output to a leaf: the Functions on it, and the powers of ten up to each."""

    functions: tuple[str, ...]
    powers: tuple[float, ...]

    @property
    def power(self) -> float:
        """The power of ten of the product of all gains."""
        return self.powers[-1] if self.powers else 0.0

    def first(self) -> tuple[str, float] | None:
        """Return the first Function behind which a gradient has vanished or exploded."""
        for function, power in zip(self.functions, self.powers, strict=True):
            if not VANISHED <= power <= EXPLODED:
                return function, power
        return None

    def lost(self) -> Place | None:
        """Return from where on it is out of the limits; if it is not at its end, where it was."""
        out = [not VANISHED <= power <= EXPLODED for power in self.powers]
        if not any(out):
            return None
        if out[-1]:
            small = self.powers[-1] < VANISHED
            at = len(out)
            while at and out[at - 1] and (self.powers[at - 1] < VANISHED) == small:
                at -= 1
            return Place(self.functions[at], self.powers[at], stays=True)
        power = max(self.powers, key=abs)
        return Place(self.functions[self.powers.index(power)], power, stays=False)


class Place(NamedTuple):
    """A Function behind which the product of the gains is out of the limits.

    ``power`` is its power of ten there; ``stays`` says whether it is so up to the end of the way.
    """

    function: str
    power: float
    stays: bool


class Leaf(NamedTuple):
    """A leaf with its ``strongest`` and its ``weakest`` way."""

    node: VariableNode
    strongest: Way
    weakest: Way


class Gains:
    """The gains of a graph whose pass was recorded.

    ``unknown`` are the Functions at which something flowed whose norm is unknown, ``silent`` those
    to which nothing but 0 came.
    """

    def __init__(self, graph: Graph, lang: str = ENGLISH) -> None:
        self.flows = Flows(graph, lang)
        self.unknown: list[str] = []
        self.silent: list[str] = []
        self.all = list(self._gains())

    @cached_property
    def times(self) -> Mapping[str, tuple[int, int]]:
        """Of each Function in what repeats: its time, and of how many."""
        return _times(self.flows.graph)

    def _gains(self) -> Iterator[Gain]:
        for id, edges in self.flows.operands.items():
            came = _norm(self.flows.sent(id))
            sent_on = [edge.contribution for edge in edges if edge.contribution is not None]
            if isnan(came) or any(isnan(_norm([value])) for value in sent_on):
                self.unknown.append(id)
            elif came == 0 and sent_on:
                self.silent.append(id)
            if not 0 < came < inf:
                continue
            for edge in edges:
                if edge.contribution is not None and _has_elements(edge.contribution):
                    sent = _norm([edge.contribution])
                    if isfinite(sent):
                        yield Gain(id, edge, came, sent)

    def leaves(self) -> list[Leaf]:
        """Return the inputs that something came to, each with two of its ways."""
        best, worst = self._ways(strongest=True), self._ways(strongest=False)
        return [
            Leaf(node, self._way(id, best), self._way(id, worst))
            for id, node in self.flows.variables.items()
            if node.role == "input" and id in best
        ]

    def products(self) -> Mapping[str, float]:
        """Return the power of ten of the product along the strongest way to each value."""
        return {id: power for id, (power, _, _) in self._ways(strongest=True).items()}

    def _ways(self, *, strongest: bool) -> dict[str, tuple[float, Gain | None, str]]:
        """Find for each value the way from an output with the largest or least product."""
        gains: dict[str, list[Gain]] = {}
        for gain in self.all:
            gains.setdefault(gain.function, []).append(gain)
        start: tuple[float, Gain | None, str] = (0.0, None, "")
        found = dict.fromkeys(self.flows.graph.outputs, start)
        for id in reversed(self.flows.functions):
            results = [y for y in self.flows.results.get(id, ()) if y in found]
            if not results:
                continue
            pick = max if strongest else min
            y = pick(results, key=lambda y: found[y][0])
            for gain in gains.get(id, ()):
                power = found[y][0] + gain.power
                known = found.get(gain.edge.source)
                if known is None or (power > known[0] if strongest else power < known[0]):
                    found[gain.edge.source] = power, gain, y
        return found

    def _way(self, id: str, found: Mapping[str, tuple[float, Gain | None, str]]) -> Way:
        functions: list[str] = []
        powers: list[float] = []
        at = id
        while (gain := found[at][1]) is not None:
            functions.append(gain.function)
            powers.append(found[at][0])
            at = found[at][2]
        return Way(tuple(reversed(functions)), tuple(reversed(powers)))


class Frame(NamedTuple):
    """A frame with the norms of what ``came`` to its results and what was ``sent`` on by it."""

    group: Group
    came: float
    sent: float


def frames(gains: Gains) -> Iterator[Frame]:
    """Return the frames of a graph, modules or the like, through which something flowed.

    They come in the order of the pass, one before those that lie in it. What is sent to a frame's
    own leaves, as the parameters of a module, does not leave it.
    """
    flows = gains.flows
    within: dict[str, set[str]] = {}
    for group in flows.graph.groups:  # one stands after that which it lies in
        within[group.id] = set(group.nodes)
        parent = group.parent
        while parent is not None:
            within[parent] |= set(group.nodes)
            parent = next((g.parent for g in flows.graph.groups if g.id == parent), None)
    for group in _backwards(flows.graph.groups):
        inside = {id for id in within[group.id] if id in flows.functions}
        into = [
            edge
            for id in inside
            for edge in flows.operands.get(id, ())
            if flows.maker.get(edge.source) not in inside
            and not _owns(group, within[group.id], flows.variables[edge.source])
            and edge.contribution is not None
        ]
        out = [
            edge
            for id in inside
            for y in flows.results.get(id, ())
            for edge in flows.uses.get(y, ())
            if edge.target not in inside and edge.contribution is not None
        ]
        ends = {y for id in inside for y in flows.results.get(id, ())} & flows.outputs
        came = _norm([*_sums(out, ends), *(flows.came(y) for y in ends)])
        sent = _norm(_sums(into))
        if 0 < came < inf and isfinite(sent):
            yield Frame(group, came, sent)


def _owns(group: Group, inside: set[str], node: VariableNode) -> bool:
    """Whether a value is a frame's own leaf: one in it, or a parameter that several calls share."""
    path = f"{group.name.partition(':')[0]}."
    shared = group.kind == "module" and (node.name or "").startswith(path)
    return node.id in inside or (shared and node.role == "input")


def _backwards(groups: Sequence[Group]) -> Iterator[Group]:
    """Go through groups from the last to the first, each before those that lie in it."""
    inside: dict[str | None, list[Group]] = {}
    for group in groups:
        inside.setdefault(group.parent, []).append(group)
    stack = list(inside.get(None, ()))
    while stack:
        group = stack.pop()
        yield group
        stack += inside.get(group.id, ())


def _sums(edges: Sequence[Edge], but: Collection[str] = ()) -> list[Value | None]:
    """Add up what flowed back along edges to the same value; NaN where it is not known."""
    shares: dict[str, list[Value]] = {}
    for edge in edges:
        if edge.source not in but:
            shares.setdefault(edge.source, []).append(edge.contribution)
    sums: list[Value | None] = []
    for values in shares.values():
        if len(values) == 1:
            sums.append(values[0])
        elif any(isinstance(value, Range) for value in values):
            sums.append(nan)
        else:
            sums.append(np.sum([np.asarray(value, float) for value in values], axis=0))
    return sums


def _norm(values: Sequence[Value | None]) -> float:
    norms = [norm_of(v) for v in values if v is not None]
    if any(map(isnan, norms)):
        return nan
    return norm_of(norms) if len(norms) != 1 else norms[0]


def _has_elements(value: Value) -> bool:
    return isinstance(value, Range) or np.size(value) > 0


def _times(graph: Graph) -> dict[str, tuple[int, int]]:
    """Say for each Function in what repeats its time, and of how many."""
    folded = fold(graph).folded
    if folded is None:
        return {}
    found = {}
    for id, places in folded.plan.times.items():
        repeat, time = places[0]
        found[id] = time + 1, folded.repeats[repeat].times
    return found
