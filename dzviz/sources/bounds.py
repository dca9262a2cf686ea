"""How far rounding can have taken the numbers of a graph: it is computed again, with bounds.

The ops compute with `dezero.rounding.Bounded` operands, from inputs that are exact, and so do their
rules. Only what is asked for is computed, and what that depends on. It draws nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy import float64

from dzviz.engine import (
    Added,
    Bounded,
    Function,
    Op,
    UnknownBoundError,
    Variable,
    bounded,
    functions,
    raw,
    sum_array_to,
    unbounded,
)
from dzviz.graph.model import Value
from dzviz.graph.rounded import rounded
from dzviz.sources.frozen import freeze
from dzviz.sources.recorder import Moment, Recording, maker

DATA, GRAD, PART = range(3)
"""A Variable's data, its gradient, and a part of an operand's gradient, from one Function."""

Key = tuple[int, Any, int]


class Bounds:
    """What is known of the values of Variables ``xs`` and of their last backward pass.

    A pass that was not recorded is taken to have started from ones at ``ys``; a gradient that is
    another than such a pass leaves, since it was added up or changed, has no bound. So it is with
    what was computed by Functions of the user's own, which are not run again.
    """

    def __init__(
        self, ys: Sequence[Variable], xs: Iterable[Variable], recording: Recording
    ) -> None:
        self.recording = recording
        self.known: dict[Key, Bounded | None] = {}
        self.sums: dict[Variable, Bounded] = {}
        self.seeds = recording.seeds or {y: np.ones_like(raw(y)) for y in ys if not y.constant}
        sent: Iterable[tuple[Function, int]] = recording.contributions
        if not recording.contributions:
            made = dict.fromkeys(x.creator for x in xs if x.creator is not None)
            functions = sorted(made, key=lambda function: -function.generation)
            sent = ((f, i) for f in functions for i in range(len(f.inputs)))
        self.uses: dict[Variable, list[Key]] = {}
        for function, i in sent:
            x = function.inputs[i]
            if not x.constant:
                self.uses.setdefault(x, []).append((PART, function, i))

    def data(self, x: Variable) -> Value:
        """Return the value of a Variable."""
        return with_bound(freeze(raw(x)), self.data_again(x))

    def gradient(self, x: Variable, value: Value) -> Value:
        """Return a Variable's gradient of the last pass, kept or not."""
        return with_bound(value, self.gradient_again(x))

    def contribution(self, function: Function, index: int, value: Value) -> Value:
        """Return what a Function sent back to an operand in the last pass."""
        return with_bound(value, self.contribution_again(function, index))

    def data_again(self, x: Variable) -> Bounded | None:
        """Compute the value of a Variable."""
        return self._find((DATA, x, 0))

    def gradient_again(self, x: Variable) -> Bounded | None:
        """Compute a Variable's gradient of the last pass, if it is of that alone."""
        other = isinstance(x._passes, Added)  # added up over passes, or the user's own
        return None if other else self._find((GRAD, x, 0))

    def contribution_again(self, function: Function, index: int) -> Bounded | None:
        """Compute what a Function sent back to an operand in the last pass."""
        return self._find((PART, function, index))

    def local(self, function: Function, index: int, value: Value) -> Value:
        """Return the local derivative of a Function by an operand."""
        y = function.outputs[0]()
        if value is None or y is None or not _is_built_in(function):
            return value
        with np.errstate(all="ignore"):
            ones = Bounded(np.ones_like(raw(y))[()])
            return with_bound(value, self._applied(function, index, y, ones))

    def of_moment(self, moment: Moment) -> tuple[Value, Value]:
        """Return the value of what happened, and the gradient from upstream.

        Moments come in their order.
        """
        value, upstream, x = moment.value, moment.upstream, moment.variable
        last = moment.turn == getattr(self.recording, "turn", 0) and moment.made is None
        if moment.kind == "forward" and x is not None:
            value = self.data(x)
        elif not last:
            value = value if moment.made is None else self._of_variable(moment.made, value)
            if moment.upstream_made is not None:
                upstream = self._of_variable(moment.upstream_made, upstream)
        elif moment.kind == "seed" and x is not None:
            seed = Bounded(np.asarray(value)[()])
            self.sums[x] = self.sums[x] + seed if x in self.sums else seed
        elif moment.kind == "rule" and moment.function is not None and x is not None:
            key = (PART, moment.function, moment.arg or 0)
            value = with_bound(value, part := self._find(key))
            if part is not None:
                self.sums[x] = self.sums[x] + part if x in self.sums else part
            y = moment.function.outputs[0]()
            upstream = upstream if y is None else self.gradient(y, upstream)
        elif moment.kind == "sum" and x is not None:
            value = with_bound(value, self.sums.get(x))
        elif moment.kind in ("keep", "release") and x is not None:
            value = self.gradient(x, value)
        return value, upstream

    def _of_variable(self, x: Variable, value: Value) -> Value:
        return with_bound(value, self._find((DATA, x, 0)))

    def _find(self, key: Key) -> Bounded | None:
        """Compute what is asked for, after what it depends on."""
        known = self.known
        if key in known:
            return known[key]
        pending = [key]
        steps = self._data, self._gradient, self._part
        with np.errstate(all="ignore"):
            while pending:
                last = pending[-1]
                if last in known:
                    pending.pop()
                    continue
                kind, about, index = last
                try:
                    known[last] = steps[kind](about, index)
                    pending.pop()
                except _MissingError as missing:
                    pending += missing.keys
        return known[key]

    def _data(self, x: Variable, _: int) -> Bounded:
        function = maker(x)
        if function is None:
            return Bounded(raw(x))
        if not _is_built_in(function):
            return Bounded(raw(x), np.inf)
        operands = self._all([(DATA, operand, 0) for operand in function.inputs])
        return _agreed(raw(x), function.forward(*operands))

    def _gradient(self, x: Variable, _: int) -> Bounded | None:
        seed = self.seeds.get(x)
        total = None if seed is None else Bounded(np.asarray(seed)[()])
        for part in self._all(self.uses.get(x, ())):
            if part is not None:
                total = part if total is None else total + part
        return total

    def _all(self, keys: Sequence[Key]) -> list[Any]:
        """Return what is known of all of these, or ask for what is not."""
        known = self.known
        try:
            return [known[key] for key in keys]
        except KeyError:
            raise _MissingError([key for key in keys if key not in known]) from None

    def _part(self, about: Any, index: int) -> Bounded | None:
        y = about.outputs[0]()
        gy = None if y is None else self._all([(GRAD, y, 0)])[0]
        x = about.inputs[index]
        if gy is None or not _is_built_in(about):
            return None if gy is None else Bounded(np.zeros_like(raw(x), float)[()], np.inf)
        gx = self._applied(about, index, y, gy)
        if gx is not None and gx.shape != x.shape:
            gx = bounded(sum_array_to(gx, x.shape))  # type: ignore[arg-type]  # as an array
        return gx.astype(x.dtype) if gx is not None and gx.dtype != x.dtype else gx

    def _applied(self, function: Any, index: int, y: Variable, gy: Bounded) -> Bounded | None:
        """Apply a rule. It asks for the bounds of those operands that it computes with."""
        rule = function.vjps[index]
        if rule is None:
            return None
        operands = [(x, self._operand(x)) for x in (y, *function.inputs)]
        try:
            return bounded(rule(function, gy, *[operand for _, operand in operands]))
        except UnknownBoundError as error:
            x = next(x for x, operand in operands if operand is error.operand)
            raise _MissingError([(DATA, x, 0)]) from None

    def _operand(self, x: Variable) -> Bounded:
        known = self.known.get((DATA, x, 0))
        return unbounded(raw(x)) if known is None else known


class _MissingError(Exception):
    """What is asked for depends on what is not known yet."""

    def __init__(self, keys: list[Key]) -> None:
        super().__init__()
        self.keys = keys


def _is_built_in(function: Function) -> bool:
    """Whether it is an op of ours; nothing is known of others."""
    return isinstance(function, Op) and type(function).__module__.startswith(
        f"{functions.__name__}."
    )


def _agreed(actual: Any, again: Any) -> Bounded:
    """Return a value with the bound of what was computed again, unknown where that is another."""
    result = bounded(again)
    if result.shape != actual.shape:
        return Bounded(actual, np.inf)
    if type(actual) is float64 and actual == result.value:
        return result
    return Bounded(actual, np.where(_same(actual, result), result.bound, np.inf)[()])


def with_bound(value: Value, again: Bounded | None) -> Value:
    """Return a value with the bound of what was computed again, without one if that is another."""
    if again is None or np.shape(value) != again.shape:
        return value
    if type(value) is float64 and value == again.value:
        return rounded(value, again.bound)  # what the next line comes to, in a fifth of the time
    return rounded(value, np.where(_same(value, again), again.bound, np.inf)[()])


def _same(value: Any, result: Bounded) -> Any:
    """Where two computations differ by rounding alone."""
    with np.errstate(all="ignore"):
        difference = np.abs(np.subtract(value, result.value, dtype=float))
    return (value == result.value) | (difference <= result.bound)
