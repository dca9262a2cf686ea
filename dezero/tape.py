"""All that happened in the forward steps and the passes of a graph, moment by moment.

A tape writes columns, and makes moments of them when somebody asks for these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar, NamedTuple

from numpy import float64

from .core import Function, Variable
from .function_queue import Queue
from .recorder import Recording, Values, copied


class Moment(NamedTuple):
    """One thing that happened, of a ``kind``: forward, seed, pop, rule, sum, keep or release.

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

    It follows forward steps as a watcher of `watch_forward` through `computed`, and
    passes as their ``observer``. What a `Recording` keeps is of the last pass. Of each moment its
    kind is written, the rest into the column of that kind; `moments` reads them side by side.
    """

    needs_outputs: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self._clear()

    def _clear(self) -> None:
        self.turn = 0
        self._kinds = bytearray()
        self._passes: list[tuple[Any, ...]] = []
        self._computed: list[Any] = []  # a Function, what it made and the data of that, in turn
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

    def others(self) -> Iterator[Any]:
        """Return also those of seeds and sums; what Functions made the graph itself has."""
        yield from super().others()
        yield from self._seeds.others.values()
        yield from self._sums.others.values()

    @property
    def moments(self) -> Sequence[Moment]:
        """Everything that happened so far."""
        return list(_replayed(self))

    def computed(self, function: Function) -> None:
        """Note that a Function was computed, one moment for each of its outputs."""
        made: Any = function.output() if function._late else None
        if made is not None and type(made._data) is float64:  # in three fifths of what is below
            self._kinds.append(FORWARD)
            self._computed += (function, made, made._data)
            return
        for reference in function.outputs:
            y = reference()
            if y is not None:
                self._kinds.append(FORWARD)
                value = y._data  # a number is there anyway: a column would hold it once more
                self._computed += (function, y, value if type(value) is float64 else copied(y))

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
        self._seeds.append(copied(gy))

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
        self._sums.append(copied(gx))
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
    computed = iter(tape._computed)
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
            yield Moment("forward", turn, next(computed), next(computed), value=next(computed))
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
