"""What happened in the passes over a graph, recorded by an observer that copies what it sees.

What comes one after the other is written into columns, where a number takes eight bytes, and what
the rest tells is not written at all. It knows nothing of who reads it, after the pass.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias
from weakref import ref

import numpy as np
from numpy import float64

from .core import Function, Variable
from .function_queue import Queue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints: TypeAlias = NDArray[np.int32]

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
    that it sent back there, ``order`` each Function to its place in the pass, from 1. The Functions
    that it tells have their ``outputs``.
    """

    needs_outputs: ClassVar[bool] = False

    def __init__(self) -> None:
        self.seeds: dict[Variable, Any] = {}
        self._begin()

    @property
    def empty(self) -> bool:
        """Whether it does not know in which order all of it happened; a `Tape` does."""
        return True

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
        self._starts: dict[int, int] = {}  # at a pass: how many were popped, how many settled
        self._noted = 0  # how many of those popped have their outputs for certain

    def seeded(self, y: Variable, gy: Any) -> None:
        """Keep a seed; an output that is seeded twice starts from the sum."""
        seed = copied(gy)
        self._starts[len(self._popped)] = len(self._settled)
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
            self._sent.append(copied(gx))

    def summed(self, x: Variable, gx: Any) -> None:
        """Nothing to keep: the whole gradient comes when it is settled."""

    def settled(self, x: Variable, gx: Any, kept: bool) -> None:
        """Keep the whole gradient."""
        self._settled.append(x)
        if type(gx) is float64:
            self._whole.add(gx)
        else:
            self._whole.append(copied(gx))

    @property
    def order(self) -> Mapping[Function, int]:
        """Each Function with its place in the pass, from 1."""
        count, known = self._order
        if count < len(self._popped):
            self._note_outputs()
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

    def others(self) -> Iterator[Any]:
        """Return all values that are no float64 alone: arrays, and numbers of other types."""
        yield from self.seeds.values()
        yield from self._sent.others.values()
        yield from self._whole.others.values()

    def places(self, numbers: Mapping[Function, int]) -> Ints:
        """Return the places of Functions in the pass, by their numbers; 0 of those without one."""
        return _last_places(self._popped, numbers)

    def settled_at(self, numbers: Mapping[Variable, int]) -> Ints:
        """Return the places of whole gradients, by Variables' numbers; 0 of those without one."""
        return _last_places(self._settled, numbers)

    def whole(self, places: Ints) -> tuple[NDArray[np.float64], dict[int, Any]]:
        """Return the whole gradients at places: numbers, and those that are none by their index."""
        strange = np.zeros(len(self._settled) + 1, bool)
        strange[[place + 1 for place in self._whole.others]] = True
        others = np.flatnonzero(strange[places]).tolist()
        return self._whole.column()[places - 1], {i: self._whole[places[i] - 1] for i in others}

    def sent(self, place: int) -> dict[int, Any]:
        """Return what the Function at a place in the pass sent back, by the number of the input."""
        return {self._args[i]: self._sent[i] for i in self._range(place)}

    def flows(self) -> tuple[Ints, Ints, NDArray[np.float64]]:
        """Return all that was sent in columns.

        First the places of the Functions, then the numbers of their inputs, then what it was, NaN
        where it was no number.
        """
        first = np.append(np.array(self._first, np.int32), np.int32(len(self._args)))
        places = np.repeat(np.arange(1, len(first), dtype=np.int32), np.diff(first))
        return places, np.array(self._args, np.int32), self._sent.column()

    def values(self) -> list[Any]:
        """Return all that was sent, in the order of the pass."""
        return list(self._sent)

    def flow(self, i: int) -> tuple[Key, Any]:
        """Return what was sent, in the order of the pass: by which Function, to which input."""
        place = bisect_right(self._first, i)
        self._note_outputs()
        return (self._popped[place - 1], self._args[i]), self._sent[i]

    def not_finite(self) -> Iterator[tuple[Key, Any]]:
        """Return what may be not finite of all that was sent."""
        for i in np.flatnonzero(~np.isfinite(self._sent.column())).tolist():
            yield self.flow(i)

    def _note_outputs(self) -> None:
        """Let each Function have its outputs, which takes memory: only when somebody wants one.

        The gradient of an op's output is settled right after the op is popped, leaves' at the end.
        """
        if self._noted == len(self._popped):
            return
        self._noted = len(self._popped)
        place = 0
        function: Any
        for i, function in enumerate(self._popped):
            place = self._starts.get(i, place)
            made = [y for reference in function.outputs if (y := reference()) is not None]
            if not made and place < len(self._settled):
                made = [self._settled[place]]
                function.output = ref(made[0])
            while place < len(self._settled) and any(self._settled[place] is y for y in made):
                place += 1

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
        recording._note_outputs()
        for place, function in enumerate(recording._popped, 1):
            for i in recording._range(place):
                yield function, recording._args[i]

    def __getitem__(self, key: Key) -> Any:
        function, index = key
        return self.recording.sent(self.recording.order[function])[index]


def _last_places(things: Sequence[Any], numbers: Mapping[Any, int]) -> Ints:
    """Return the last place of each thing that has a number, by these, from 1; 0 for nowhere."""
    which = np.fromiter(map(numbers.get, things, repeat(-1)), np.int32)
    found = np.zeros(len(numbers), np.int32)
    there = np.flatnonzero(which >= 0)
    found[which[there]] = there + 1
    return found


def maker(x: Variable) -> Function | None:
    """Return what computed a Variable, which of a constant is no part of the graph."""
    return x.creator if x.creator is not None else getattr(x, "maker", None)


def copied(gx: Any) -> Any:
    """Copy the data of a gradient, so that nothing can change it."""
    if type(gx) is np.float64:  # nearly always
        return gx
    return freeze(gx.data if isinstance(gx, Variable) else gx)


def freeze(value: Any) -> Any:
    """Copy an ndarray to one that cannot be written; a scalar, or None, is its own copy."""
    if isinstance(value, np.ndarray):
        value = value.copy()
        value.setflags(write=False)
    return value
