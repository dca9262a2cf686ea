"""What happened in the passes over a graph, kept by an observer that copies what it sees.

It knows nothing of pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from dzviz.engine import Function, Queue, Variable
from dzviz.sources.frozen import dtype_name, freeze


class Recording:
    """A record of one pass, made by passing it to `dezero.backward` as ``observer``.

    What it holds is frozen, so that a graph can share it.

    ``seeds`` maps outputs to the seeds of the pass, ``gradients`` each Variable to its whole
    gradient (kept or not), ``contributions`` a Function and the index of its operand to the share
    that it sent back there, ``order`` each Function to its place in the pass, from 1.
    """

    def __init__(self) -> None:
        self.seeds: dict[Variable, Any] = {}
        self.gradients: dict[Variable, Any] = {}
        self.contributions: dict[tuple[Function, int], Any] = {}
        self.order: dict[Function, int] = {}

    def seeded(self, y: Variable, gy: Any) -> None:
        """Keep a seed; an output that is seeded twice starts from the sum."""
        seed = _copy(gy)
        self.seeds[y] = freeze(self.seeds[y] + seed) if y in self.seeds else seed

    def popped(self, function: Function, queue: Queue) -> None:
        """Keep which one it is."""
        self.order[function] = len(self.order) + 1

    def contributed(self, function: Function, index: int, gx: Any) -> None:
        """Keep what flowed back."""
        self.contributions[function, index] = _copy(gx)

    def summed(self, x: Variable, gx: Any) -> None:
        """Nothing to keep: the whole gradient comes when it is settled."""

    def settled(self, x: Variable, gx: Any, kept: bool) -> None:
        """Keep the whole gradient."""
        self.gradients[x] = _copy(gx)


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
"""So many Functions of a queue are kept; all of them would take quadratic memory."""


class Tape(Recording):
    """A record of all that happened, in order: the forward steps and any number of passes.

    It follows forward steps as a watcher of `dezero.core.watch_forward` through `computed`, and
    passes as their ``observer``. What a `Recording` keeps is of the last pass.
    """

    def __init__(self) -> None:
        super().__init__()
        self.turn = 0
        self._moments: list[Moment] = []
        self._releases: list[Moment] = []
        self._made: dict[Variable, Variable] = {}

    @property
    def moments(self) -> Sequence[Moment]:
        """Everything that happened so far."""
        self._release()
        return self._moments

    def computed(self, function: Function) -> None:
        """Note that a Function was computed, one moment for each of its outputs."""
        for reference in function.outputs:
            y = reference()
            if y is not None:
                self._note("forward", function, y, value=_copy(y))

    def seeded(self, y: Variable, gy: Any) -> None:
        """Begin a new pass, unless this one had nothing but seeds."""
        self._release()
        if not self._moments or self._moments[-1].kind != "seed":
            self.turn += 1
            self.seeds.clear()
            self.gradients.clear()
            self.contributions.clear()
            self.order.clear()
            self._made.clear()
        super().seeded(y, gy)
        self._note("seed", variable=y, value=_copy(gy))

    def popped(self, function: Function, queue: Queue) -> None:
        """Note which Function is next, and which ones wait."""
        self._release()
        super().popped(function, queue)
        first = tuple(islice(queue, MAX_QUEUE))
        moment = Moment("pop", self.turn, function, queue=first, waiting=len(queue))
        self._moments.append(moment)

    def contributed(self, function: Function, index: int, gx: Any) -> None:
        """Note what flowed back."""
        super().contributed(function, index, gx)
        y = function.outputs[0]() if len(function.outputs) == 1 else None
        upstream = None if y is None else self.gradients[y]
        value = self.contributions[function, index]
        moment = Moment("rule", self.turn, function, function.inputs[index], index, value, upstream)
        made = None if y is None else self._made.get(y)
        self._moments.append(moment._replace(made=_variable(gx), upstream_made=made))

    def summed(self, x: Variable, gx: Any) -> None:
        """Note what came together so far."""
        moment = Moment("sum", self.turn, variable=x, value=_copy(gx), made=_variable(gx))
        self._moments.append(moment)

    def settled(self, x: Variable, gx: Any, kept: bool) -> None:
        """Note that a gradient is kept; or, once the rule that needs it ran, that it is released.

        The engine reports a release before it applies that rule.
        """
        super().settled(x, gx, kept)
        if isinstance(gx, Variable):
            self._made[x] = gx
        if kept:
            self._release()
        moment = Moment("keep" if kept else "release", self.turn, variable=x)
        moment = moment._replace(value=self.gradients[x], made=_variable(gx))
        (self._moments if kept else self._releases).append(moment)

    def _note(
        self,
        kind: str,
        function: Function | None = None,
        variable: Variable | None = None,
        value: Any = None,
    ) -> None:
        self._moments.append(Moment(kind, self.turn, function, variable, value=value))

    def _release(self) -> None:
        self._moments += self._releases
        self._releases.clear()


class LastTape(Tape):
    """A tape of the last pass alone, so that a training loop takes no more and more memory."""

    def seeded(self, y: Variable, gy: Any) -> None:
        """Begin a new pass, and forget the one before."""
        if self._moments and self._moments[-1].kind != "seed":
            self._moments.clear()
            self._releases.clear()
            self.turn = 0
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


def _variable(gx: Any) -> Variable | None:
    return gx if isinstance(gx, Variable) else None
