"""What happened in the passes over a graph, recorded by an observer that copies what it sees.

What comes one after the other is written into columns, where a number takes eight bytes, and what
the rest tells is not written at all. It knows nothing of pictures.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import Any, NamedTuple

import numpy as np
from numpy import float64
from numpy.typing import NDArray

from dzviz.engine import Function, Queue, Variable
from dzviz.sources.frozen import dtype_name, freeze

Ints = NDArray[np.intp]
Key = tuple[Function, int]


class Values:
    """Values one after the other: numbers in a column, by their places those that are none."""

    __slots__ = ("add", "numbers", "others")

    def __init__(self) -> None:
        self.numbers = array("d")
        self.others: dict[int, Any] = {}
        self.add = self.numbers.append  # of a number alone, which nearly all are

    def append(self, value: Any) -> None:
        """Add a value, which is frozen."""
        if type(value) is not float64:
            self.others[len(self.numbers)] = value
            value = np.nan
        self.numbers.append(value)

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, place: int) -> Any:
        found = self.others.get(place)
        return float64(self.numbers[place]) if found is None else found

    def __iter__(self) -> Iterator[Any]:
        found: Any = self.column()
        if self.others:
            found = list(found)
            for place, value in self.others.items():
                found[place] = value
        return iter(found)

    def column(self) -> NDArray[np.float64]:
        """Return all of them as numbers, NaN for what is none."""
        return np.array(self.numbers)


class Recording:
    """A record of one pass, made by passing it to `dezero.backward` as ``observer``.

    What it holds is frozen, so that a graph can share it.

    ``seeds`` maps outputs to the seeds of the pass, ``gradients`` each Variable to its whole
    gradient (kept or not), ``contributions`` a Function and the index of its operand to the share
    that it sent back there, ``order`` each Function to its place in the pass, from 1.
    """

    def __init__(self) -> None:
        self.seeds: dict[Variable, Any] = {}
        self._begin()

    def _begin(self) -> None:
        """Begin columns: of Functions as they were popped, of what they sent, of Variables."""
        self._popped: list[Function] = []
        self._first = array("q")  # how much was sent before each was popped
        self._args = array("i")
        self._sent = Values()
        self._settled: list[Variable] = []
        self._whole = Values()
        self._order: tuple[int, dict[Function, int]] = (0, {})
        self._gradients: tuple[int, dict[Variable, Any]] = (0, {})

    def seeded(self, y: Variable, gy: Any) -> None:
        """Keep a seed; an output that is seeded twice starts from the sum."""
        seed = _copy(gy)
        self.seeds[y] = freeze(self.seeds[y] + seed) if y in self.seeds else seed

    def popped(self, function: Function, queue: Queue) -> None:
        """Keep which one it is."""
        self._popped.append(function)
        self._first.append(len(self._args))

    def contributed(self, function: Function, index: int, gx: Any) -> None:
        """Keep what flowed back."""
        self._args.append(index)
        if type(gx) is float64:
            self._sent.add(gx)
        else:
            self._sent.append(_copy(gx))

    def summed(self, x: Variable, gx: Any) -> None:
        """Nothing to keep: the whole gradient comes when it is settled."""

    def settled(self, x: Variable, gx: Any, kept: bool) -> None:
        """Keep the whole gradient."""
        self._settled.append(x)
        if type(gx) is float64:
            self._whole.add(gx)
        else:
            self._whole.append(_copy(gx))

    @property
    def order(self) -> Mapping[Function, int]:
        """Each Function with its place in the pass, from 1."""
        count, known = self._order
        if count < len(self._popped):
            known = {function: i for i, function in enumerate(self._popped, 1)}
            self._order = len(self._popped), known
        return known

    @property
    def gradients(self) -> Mapping[Variable, Any]:
        """Each Variable with its whole gradient."""
        count, known = self._gradients
        if count < len(self._settled):
            known = dict(zip(self._settled, self._whole, strict=True))
            self._gradients = len(self._settled), known
        return known

    @property
    def contributions(self) -> Mapping[Key, Any]:
        """What each Function sent back to each of its inputs."""
        return _Contributions(self)

    def places(self, numbers: Mapping[Function, int]) -> Ints:
        """Return the places of Functions in the pass, by their numbers; 0 of those without one."""
        which = np.fromiter(map(numbers.get, self._popped, repeat(-1)), np.intp)
        found = np.zeros(len(numbers), np.intp)
        there = np.flatnonzero(which >= 0)
        found[which[there]] = there + 1
        return found

    def sent(self, place: int) -> dict[int, Any]:
        """Return what the Function at a place in the pass sent back, by the number of the input."""
        return {self._args[i]: self._sent[i] for i in self._range(place)}

    def flows(self) -> tuple[Ints, Ints, NDArray[np.float64]]:
        """Return all that was sent in columns.

        First the places of the Functions, then the numbers of their inputs, then what it was, NaN
        where it was no number.
        """
        first = np.append(np.array(self._first, np.intp), len(self._args))
        places = np.repeat(np.arange(1, len(first)), np.diff(first))
        return places, np.array(self._args, np.intp), self._sent.column()

    def values(self) -> list[Any]:
        """Return all that was sent, in the order of the pass."""
        return list(self._sent)

    def flow(self, i: int) -> tuple[Key, Any]:
        """Return what was sent, in the order of the pass: by which Function, to which input."""
        place = bisect_right(self._first, i)
        return (self._popped[place - 1], self._args[i]), self._sent[i]

    def told(self, numbers: Mapping[Variable, int]) -> Iterator[tuple[int, Any]]:
        """Return the numbers of Variables with their whole gradients."""
        for number, gradient in zip(map(numbers.get, self._settled), self._whole, strict=True):
            if number is not None:
                yield number, gradient

    def not_finite(self) -> Iterator[tuple[Key, Any]]:
        """Return what may be not finite of all that was sent."""
        for i in np.flatnonzero(~np.isfinite(self._sent.column())).tolist():
            yield self.flow(i)

    def _range(self, place: int) -> range:
        stop = self._first[place] if place < len(self._first) else len(self._args)
        return range(self._first[place - 1], stop)


class _Contributions(Mapping[Key, Any]):
    """What a recording has, by Function and number of the input, in the order of the pass."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording

    def __len__(self) -> int:
        return len(self.recording._args)

    def __iter__(self) -> Iterator[Key]:
        recording = self.recording
        for place, function in enumerate(recording._popped, 1):
            for i in recording._range(place):
                yield function, recording._args[i]

    def __getitem__(self, key: Key) -> Any:
        function, index = key
        return self.recording.sent(self.recording.order[function])[index]


class Moment(NamedTuple):
    """One thing that happened; `dzviz.graph.events.KINDS` lists its kinds.

    ``turn`` is 0 while the function itself is computed, 1 in the first backward pass, and so on.
    A ``rule`` has the number of its input as ``arg`` and, where its Function has one output, that
    one's gradient as ``upstream``. At a ``pop`` so many Functions are
    ``waiting``, of which ``queue`` has the first ones. Where a pass made a graph, ``made`` is the
    Variable of which ``value`` is the data, and ``upstream_made`` that of ``upstream``.
    """

    kind: str
    turn: int
    function: Function | None = None
    variable: Variable | None = None
    arg: int | None = None
    value: Any = None
    upstream: Any = None
    queue: tuple[Function, ...] = ()
    waiting: int = 0
    made: Variable | None = None
    upstream_made: Variable | None = None


MAX_QUEUE = 100
"""At most this many Functions of a queue are kept; all of them would take quadratic memory."""

FORWARD, PASS, SEED, POP, RULE, SUM, KEEP, RELEASE = range(8)
"""What a tape writes of each moment; ``PASS`` is before the first seed of a pass."""


class Tape(Recording):
    """A record of all that happened, in order: the forward steps and any number of passes.

    It follows forward steps as a watcher of `dezero.core.watch_forward` through `computed`, and
    passes as their ``observer``. What a `Recording` keeps is of the last pass. Of each moment its
    kind is written, the rest into the column of that kind; `moments` reads them side by side.
    """

    def __init__(self) -> None:
        super().__init__()
        self._clear()

    def _clear(self) -> None:
        self.turn = 0
        self._kinds = bytearray()
        self._passes: list[tuple[Any, ...]] = []
        self._computed: list[Any] = []  # a Function and what it made, in turn
        self._made = Values()
        self._seeded: list[Variable] = []
        self._seeds = Values()
        self._summed: list[Variable] = []
        self._sums = Values()
        self._queues: dict[int, tuple[tuple[Function, ...], int]] = {}
        self._variables: dict[int, Variable] = {}

    @property
    def empty(self) -> bool:
        """Whether nothing has happened yet."""
        return not self._kinds

    @property
    def moments(self) -> Sequence[Moment]:
        """Everything that happened so far."""
        return list(_replayed(self))

    def computed(self, function: Function) -> None:
        """Note that a Function was computed, one moment for each of its outputs."""
        for reference in function.outputs:
            y = reference()
            if y is not None:
                self._kinds.append(FORWARD)
                self._computed += (function, y)
                value = y._data
                if type(value) is float64:
                    self._made.add(value)
                else:
                    self._made.append(_copy(y))

    def seeded(self, y: Variable, gy: Any) -> None:
        """Begin a new pass, unless this one had nothing but seeds."""
        if not self._kinds or self._kinds[-1] != SEED:
            self.turn += 1
            self._kinds.append(PASS)
            self.seeds.clear()
            self._begin()
            self._passes.append((self._popped, self._args, self._sent, self._settled, self._whole))
        super().seeded(y, gy)
        self._kinds.append(SEED)
        self._seeded.append(y)
        self._seeds.append(_copy(gy))

    def popped(self, function: Function, queue: Queue) -> None:
        """Note which Function is next, and which ones wait."""
        self._popped.append(function)
        self._first.append(len(self._args))
        if waiting := len(queue):
            self._queues[len(self._kinds)] = tuple(islice(queue, MAX_QUEUE)), waiting
        self._kinds.append(POP)

    def contributed(self, function: Function, index: int, gx: Any) -> None:
        """Note what flowed back."""
        if type(gx) is float64:  # as nearly always: what is below, in half the time
            self._args.append(index)
            self._sent.add(gx)
            self._kinds.append(RULE)
            return
        super().contributed(function, index, gx)
        self._note(RULE, gx)

    def summed(self, x: Variable, gx: Any) -> None:
        """Note what came together so far."""
        self._summed.append(x)
        if type(gx) is float64:
            self._sums.add(gx)
            self._kinds.append(SUM)
            return
        self._sums.append(_copy(gx))
        self._note(SUM, gx)

    def settled(self, x: Variable, gx: Any, kept: bool) -> None:
        """Note that a gradient is kept; or, once the rule that needs it ran, that it is released.

        The engine reports a release before it applies that rule.
        """
        if type(gx) is float64:
            self._settled.append(x)
            self._whole.add(gx)
            self._kinds.append(KEEP if kept else RELEASE)
            return
        super().settled(x, gx, kept)
        self._note(KEEP if kept else RELEASE, gx)

    def _note(self, kind: int, gx: Any) -> None:
        """Note a kind, and the Variable of which there is a gradient where that is one."""
        if isinstance(gx, Variable):
            self._variables[len(self._kinds)] = gx
        self._kinds.append(kind)


def _replayed(tape: Tape) -> Iterator[Moment]:
    """Tell the moments of a tape one by one; releases after the rule that needs the gradient."""
    computed, made = iter(tape._computed), iter(tape._made)
    seeds = zip(tape._seeded, tape._seeds, strict=True)
    sums = zip(tape._summed, tape._sums, strict=True)
    passes = iter(tape._passes)
    turn = 0
    releases: list[Moment] = []
    function: Function | None = None
    popped: Iterator[Function] = iter(())
    sent: Iterator[tuple[int, Any]] = iter(())
    settled: Iterator[tuple[Variable, Any]] = iter(())
    gradients: dict[Variable, tuple[Any, Variable | None]] = {}
    for i, kind in enumerate(bytes(tape._kinds)):
        variable = tape._variables.get(i)
        if kind in (PASS, POP, KEEP):
            yield from releases
            releases.clear()
        if kind == FORWARD:
            yield Moment("forward", turn, next(computed), next(computed), value=next(made))
        elif kind == PASS:
            turn += 1
            functions, args, flows, variables, whole = next(passes)
            popped, sent = iter(functions), zip(args, flows, strict=True)
            settled = zip(variables, whole, strict=True)
            gradients.clear()
        elif kind == SEED:
            y, value = next(seeds)
            yield Moment("seed", turn, variable=y, value=value)
        elif kind == POP:
            function = next(popped)
            queue, waiting = tape._queues.get(i, ((), 0))
            yield Moment("pop", turn, function, queue=queue, waiting=waiting)
        elif kind == RULE and function is not None:
            arg, value = next(sent)
            yield _rule(function, turn, arg, value, variable, gradients)
        elif kind == SUM:
            x, value = next(sums)
            yield Moment("sum", turn, variable=x, value=value, made=variable)
        else:
            x, value = next(settled)
            gradients[x] = value, variable
            word = "keep" if kind == KEEP else "release"
            moment = Moment(word, turn, variable=x, value=value, made=variable)
            if kind == KEEP:
                yield moment
            else:
                releases.append(moment)
    yield from releases


def _rule(
    function: Function,
    turn: int,
    arg: int,
    value: Any,
    made: Variable | None,
    gradients: Mapping[Variable, tuple[Any, Variable | None]],
) -> Moment:
    """Tell what a rule sent, with the whole gradient of its Function's output where it has one."""
    y = function.outputs[0]() if len(function.outputs) == 1 else None
    upstream, upstream_made = (None, None) if y is None else gradients[y]
    x = function.inputs[arg]
    return Moment(
        "rule", turn, function, x, arg, value, upstream, made=made, upstream_made=upstream_made
    )


class LastTape(Tape):
    """A tape of the last pass alone, so that a training loop takes no more and more memory."""

    def seeded(self, y: Variable, gy: Any) -> None:
        """Begin a new pass, and forget the one before."""
        if self._kinds and self._kinds[-1] != SEED:
            self._clear()
        super().seeded(y, gy)


def maker(x: Variable) -> Function | None:
    """Return what computed a Variable, which of a constant is no part of the graph."""
    return x.creator if x.creator is not None else getattr(x, "maker", None)


def _copy(gx: Any) -> Any:
    if type(gx) is np.float64:  # nearly always
        return gx
    value = gx.data if isinstance(gx, Variable) else gx
    dtype_name(value.dtype)
    return freeze(value)
