"""From Variables to columns of numbers, which takes two fifths of the time of a loop over them.

Nearly all of a large graph are steps: finite scalars without a name, and the ops that made them.
What is none is found by columns, too, and taken node by node.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy import float64

from dzviz.engine import RELEASED, Function, Op, Recording, Variable
from dzviz.graph.columns import OTHER, Kind, Rows
from dzviz.graph.pairs import pairs
from dzviz.records import NamedTuple
from dzviz.sources.nodes import NodeMaker
from dzviz.sources.numbering import Numbering

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dzviz.graph.columns import Ints

PLAIN = {float64, type(None), type(RELEASED)}
"""The types of the gradients of steps: one number, none, or not kept."""


class Columns(NamedTuple):
    """The Variables of a graph, what made each of them, and the data of steps.

    ``classes`` are those of the makers, of leaves their own. ``irregular`` are those that are no
    steps, whether their numbers are finite or not; ``counts`` has the number of operands of each,
    ``operand`` all of these one after the other.
    """

    xs: Sequence[Variable]
    makers: Sequence[Any]
    classes: Sequence[type]
    irregular: set[int]
    data: NDArray[np.float64]
    counts: Ints
    operand: Ints

    @property
    def ops(self) -> set[Any]:
        """The classes of all Functions."""
        return _ops(self.classes)


def columns(numbering: Numbering, ends: Collection[Variable]) -> Columns:
    """Read what does not change; ``ends`` are Variables that are no steps."""
    xs = list(numbering.variables)
    makers = numbering.makers
    inputs = [() if maker is None else maker.inputs for maker in makers]
    counts = np.fromiter(map(len, inputs), np.int32, len(xs))
    operands = chain.from_iterable(inputs)
    operand = np.fromiter(map(numbering.variables.get, operands), np.int32, int(counts.sum()))
    del inputs
    classes = list(map(type, makers))
    for i in np.flatnonzero(numbering.made_by < 0).tolist():
        classes[i] = type(xs[i])
    data: list[Any] = [x._data for x in xs]
    irregular = _irregular(numbering, xs, data, classes)
    irregular.update(numbering.variables[x] for x in ends if x in numbering.variables)
    for i in irregular:
        data[i] = 0.0
    numbers = np.fromiter(data, float64, len(xs))
    return Columns(xs, makers, classes, irregular, numbers, counts, operand)


def _irregular(
    numbering: Numbering, xs: Sequence[Variable], data: Sequence[Any], classes: Sequence[type]
) -> set[int]:
    """Find the Variables that are no steps: arrays, named ones, some of several outputs."""
    found = {i for i, value in enumerate(data) if type(value) is not float64}
    names = map(attrgetter("name"), xs)
    found.update([i for i, name in enumerate(names) if name is not None])
    makers = numbering.makers
    unique = numbering.size == np.count_nonzero(numbering.made_by >= 0)
    if not unique or not all(op.rules for op in _ops(classes)):
        uses = Counter(makers)
        found.update(
            i for i, f in enumerate(makers) if f is not None and (uses[f] > 1 or not f.rules)
        )
    return found


def _ops(classes: Iterable[type]) -> set[Any]:
    """Return those that are classes of Functions."""
    return {each for each in set(classes) if issubclass(each, Function)}


class Gradients(Sequence[Any]):
    """The gradients of Variables by number, as they are or were before their release.

    ``kinds`` are the types of what is ``kept``. All that are numbers are in ``numbers``, 0 for the
    others; ``instead`` tells where such a number is not the gradient that is ``kept``, ``others``
    what else is not.
    """

    def __init__(self, kept: list[Any]) -> None:
        self.kept = kept
        self.numbers = np.zeros(len(kept))
        self.kinds = list(map(type, kept))
        if float64 in self.kinds:
            numbers = (g if type(g) is float64 else 0.0 for g in kept)
            self.numbers = np.fromiter(numbers, float64, len(kept))
        self.instead = np.zeros(len(kept), bool)
        self.others: dict[int, Any] = {}

    def put(self, i: int, gradient: Any) -> None:
        """Have another gradient than is kept."""
        self.instead[i] = type(gradient) is float64
        if self.instead[i]:
            self.numbers[i] = gradient
        else:
            self.others[i] = gradient

    def types(self) -> list[type]:
        """Return the type of each."""
        found = self.kinds.copy()
        for i in np.flatnonzero(self.instead).tolist():
            found[i] = float64
        for i, gradient in self.others.items():
            found[i] = type(gradient)
        return found

    def __len__(self) -> int:
        return len(self.kept)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Any]: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return list(self)[index]
        if self.instead[index]:
            return self.numbers[index]
        return self.others.get(index, self.kept[index])

    def __iter__(self) -> Iterator[Any]:
        found = self.kept.copy()
        for i in np.flatnonzero(self.instead).tolist():
            found[i] = self.numbers[i]
        for i, gradient in self.others.items():
            found[i] = gradient
        return iter(found)


def gradients(
    numbering: Numbering, recording: Recording, names: Mapping[Variable, str]
) -> Gradients:
    """Return the gradients, also of steps what was released; what is not a number is none.

    ``names`` are those of the gradients that are Variables of their own.
    """
    found = Gradients([x._grad for x in numbering.variables])
    kinds = set(found.kinds)
    if type(RELEASED) in kinds:
        places = recording.settled_at(numbering.variables)
        places[[g is not RELEASED for g in found.kept]] = 0
        there = np.flatnonzero(places)
        numbers, others = recording.whole(places[there])
        found.numbers[there], found.instead[there] = numbers, True
        for i, gradient in others.items():
            found.put(int(there[i]), gradient)
    if not PLAIN.issuperset(kinds):
        for i, gradient in enumerate(found.kept):
            if isinstance(gradient, Variable) and gradient not in names:
                found.put(i, gradient._data)
    return found


def rows(known: Columns, grads: Gradients, nodes: NodeMaker) -> Rows:
    """Make the rows of a graph, of which these are the gradients."""
    xs, counts = known.xs, known.counts
    states, slopes = grads.types(), grads.numbers
    kind = _kinds(known, grads.kinds, states, nodes)

    other = ~np.isfinite(known.data) | ~np.isfinite(slopes)
    other[list(known.irregular)] = True
    if not PLAIN.issuperset(states):
        other[[i for i, state in enumerate(states) if state not in PLAIN]] = True
    flows = None
    function = nodes.numbering.made_by
    if nodes.recording.contributions:
        flows, strange = _flows(known, function, nodes)
        other[np.repeat(np.arange(len(xs)), counts)[strange]] = True
    if nodes.exactness.bounds is not None:
        other |= np.fromiter(map(nodes.exactness.touches, xs), bool)
    of_steps = np.repeat(~other, counts)
    if flows is not None:
        flows = flows[of_steps]
    first = np.zeros(len(xs) + 1, np.int32)
    np.cumsum(np.where(other, 0, counts), out=first[1:])

    steps = np.flatnonzero(~other)
    sample = np.full(int(kind.max(initial=0)) + 1, OTHER)
    sample[kind[steps[::-1]]] = steps[::-1]  # of each kind the first
    found = sample != OTHER
    return Rows(
        kinds=[_kind(xs[i], nodes) for i in sample[found].tolist()],
        kind=np.where(other, OTHER, (np.cumsum(found, dtype=np.int32) - 1)[kind]),
        function=function,
        generation=np.fromiter(map(attrgetter("generation"), xs), np.int32, len(xs)),
        data=known.data,
        grad=slopes,
        first=first,
        operand=known.operand[of_steps],
        contribution=flows,
        back=np.append(nodes.back, np.int32(0))[function],  # the last one is of leaves
        others={i: tuple(nodes.take(xs[i])) for i in np.flatnonzero(other).tolist()},
    )


def _kind(x: Variable, nodes: NodeMaker) -> Kind:
    """Take down what a step has in common with others."""
    return Kind(nodes.variable(x), None if x.creator is None else nodes.function(x, x.creator))


def _kinds(known: Columns, kinds: Sequence[type], states: Sequence[type], nodes: NodeMaker) -> Ints:
    """Number what steps of one kind have in common, by first appearance.

    That is its Function's class, the types of its gradient (as it is there, and as it was where it
    was released), and the facts that not all have.
    """
    origins, makers = nodes.origins, known.makers
    columns: list[Iterable[Any]] = [known.classes, kinds, states]
    if any(op.label is not Op.label for op in known.ops):
        columns.append(None if f is None else f.label for f in makers)
    if origins.roots:
        columns.append([(origins.of(x.creator), origins.orders.get(x)) for x in known.xs])
    elif origins:
        columns += [map(facts.get, makers) for facts in (origins.spans, origins.sources)]
    if nodes.passes:
        columns.append(map(nodes.passes.get, known.xs))
    kind = np.zeros(len(makers), np.intp)
    for column in columns:
        kind = pairs(kind, _numbers(list(column)))
    first = np.zeros(int(kind.max(initial=0)) + 1, np.intp)
    first[kind[::-1]] = np.arange(len(kind))[::-1]
    place = np.empty(len(first), np.int32)
    place[np.argsort(first)] = np.arange(len(first))
    return place[kind]


def _numbers(column: Sequence[Any]) -> Ints:
    """Number what is equal, in half the time of `dzviz.graph.structure.numbers_of`."""
    numbers = {key: i for i, key in enumerate(dict.fromkeys(column))}
    if len(numbers) == 1:
        return np.zeros(len(column), np.intp)
    return np.fromiter(map(numbers.__getitem__, column), np.intp, len(column))


def _flows(
    known: Columns, function: Ints, nodes: NodeMaker
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return what flowed back to each operand, NaN for nothing; and where it is no number."""
    places, args, sent = nodes.recording.flows()
    made = np.flatnonzero(function != OTHER)
    first = np.full(len(nodes.back) + 1, -1, np.int32)  # of each place in the pass: its operands
    first[nodes.back[function[made]]] = (np.cumsum(known.counts, dtype=np.int32) - known.counts)[
        made
    ]
    at = first[places]
    there = at >= 0
    at += args
    del places, args, made, first  # each is as large as a column of the graph
    if not there.all():
        at, sent = at[there], sent[there]
    flows, strange = np.full(len(known.operand), np.nan), np.zeros(len(known.operand), bool)
    flows[at] = sent
    strange[at] = ~np.isfinite(sent)
    return flows, strange
