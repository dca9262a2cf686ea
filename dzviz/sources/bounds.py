"""How far rounding can have taken the numbers of a graph: it is computed again, with bounds.

The ops compute with `dezero.rounding.Bounded` operands, from inputs that are exact, and so do their
rules. Only what is asked for is computed, and what that depends on. It draws nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import float64

from dzviz.engine import (
    Added,
    Bounded,
    Function,
    Op,
    Recording,
    UnknownBoundError,
    Variable,
    bounded,
    freeze,
    functions,
    maker,
    raw,
    sum_array_to,
    unbounded,
)
from dzviz.graph.model import Value
from dzviz.graph.rounded import rounded

if TYPE_CHECKING:
    from dzviz.engine import Moment


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
        self.sums: dict[Variable, Bounded] = {}
        self.known: dict[Variable, Bounded] = {}
        self.seeds = recording.seeds or {y: np.ones_like(raw(y)) for y in ys if not y.constant}
        self.totals = {y: Bounded(np.asarray(seed)[()]) for y, seed in self.seeds.items()}
        self.parts: dict[tuple[Function, int], Bounded | None] = {}
        self.pending = list(recording.contributions)[::-1]
        if not recording.contributions:
            made = dict.fromkeys(f for x in xs if (f := x.creator) is not None)
            functions = sorted(made, key=lambda function: -function.generation)
            self.pending = [(f, i) for f in functions for i in range(len(f.inputs))][::-1]

    def data(self, x: Variable) -> Value:
        """Return the value of a Variable."""
        return with_bound(freeze(raw(x)), self.data_again(x))

    def gradient(self, x: Variable, value: Value) -> Value:
        """Return a Variable's gradient of the last pass, kept or not."""
        return with_bound(value, self.gradient_again(x))

    def contribution(self, function: Function, index: int, value: Value) -> Value:
        """Return what a Function sent back to an operand in the last pass."""
        return with_bound(value, self.contribution_again(function, index))

    def data_again(self, x: Variable) -> Bounded:
        """Compute the value of a Variable, after those that it depends on."""
        known = self.known
        if x in known:
            return known[x]
        pending = [x]
        with np.errstate(all="ignore"):
            while pending:
                last = pending[-1]
                function = None if last in known else maker(last)
                needed = function.inputs if function and is_built_in(function) else ()
                if missing := [operand for operand in needed if operand not in known]:
                    pending += missing
                    continue
                pending.pop()
                if last not in known:
                    known[last] = self._computed(last, function)
        return known[x]

    def gradient_again(self, x: Variable) -> Bounded | None:
        """Compute a Variable's gradient of the last pass, if it is of that alone."""
        if isinstance(x._passes, Added):  # added up over passes, or the user's own
            return None
        self._flow(x.generation)
        return self.totals.get(x)

    def contribution_again(self, function: Function, index: int) -> Bounded | None:
        """Compute what a Function sent back to an operand in the last pass."""
        self._flow(function.generation)
        return self.parts.get((function, index))

    def local(self, function: Function, index: int, value: Value) -> Value:
        """Return the local derivative of a Function by an operand."""
        y = function.outputs[0]()
        if value is None or y is None or not is_built_in(function):
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
            part = self.contribution_again(moment.function, moment.arg or 0)
            value = with_bound(value, part)
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
        return with_bound(value, self.data_again(x))

    def _computed(self, x: Variable, function: Function | None) -> Bounded:
        """Compute a value from operands that are known."""
        if function is None:
            return Bounded(raw(x))
        if not is_built_in(function):
            return Bounded(raw(x), np.inf)
        known = self.known
        return _agreed(raw(x), function.forward(*[known[operand] for operand in function.inputs]))

    def _flow(self, generation: int) -> None:
        """Go on with the pass as far as this generation, in which the highest comes first."""
        totals, pending = self.totals, self.pending
        with np.errstate(all="ignore"):
            while pending and pending[-1][0].generation >= generation:
                function, i = pending.pop()
                x = function.inputs[i]
                if x.constant:
                    continue
                y = function.outputs[0]()
                gy = None if y is None else totals.get(y)
                part = None if y is None or gy is None else self._part(function, i, y, gy)
                self.parts[function, i] = part
                if part is not None:
                    totals[x] = totals[x] + part if x in totals else part

    def _part(self, function: Any, index: int, y: Variable, gy: Bounded) -> Bounded | None:
        x = function.inputs[index]
        if not is_built_in(function):
            return Bounded(np.zeros_like(raw(x), float)[()], np.inf)
        if type(gy.value) is float64 and gy.bound == np.inf and function.vjps[index]:
            operands = [raw(x) for x in (y, *function.inputs)]
            plain = function.vjps[index](function, gy.value or float64(1), *operands)
            # Only 0 times what is unknown may be known: else in a third of the time.
            if type(plain) is type(raw(x)) is float64 and plain:
                return Bounded(plain if gy.value else gy.value, gy.bound)
        gx = self._applied(function, index, y, gy)
        if gx is None or type(gx.value) is type(raw(x)) is float64:  # nearly always
            return gx
        if gx.shape != x.shape:
            gx = bounded(sum_array_to(gx, x.shape))  # type: ignore[arg-type]  # as an array
        return gx.astype(x.dtype) if gx.dtype != x.dtype else gx

    def _applied(self, function: Any, index: int, y: Variable, gy: Bounded) -> Bounded | None:
        """Apply a rule. It asks for the bounds of those operands that it computes with."""
        rule = function.vjps[index]
        if rule is None:
            return None
        xs = (y, *function.inputs)
        while True:
            operands = [self.known[x] if x in self.known else unbounded(raw(x)) for x in xs]
            try:
                return bounded(rule(function, gy, *operands))
            except UnknownBoundError as error:
                self.data_again(
                    next(x for x, o in zip(xs, operands, strict=True) if o is error.operand)
                )


_OURS = f"{functions.__name__}."


def is_built_in(function: Function) -> bool:
    """Whether it is an op of ours; nothing is known of others."""
    return isinstance(function, Op) and type(function).__module__.startswith(_OURS)


def _agreed(actual: Any, again: Any) -> Bounded:
    """Return a value with the bound of what was computed again, unknown where that is another."""
    result = bounded(again)
    if type(actual) is type(result.value) is float64 and actual == result.value:
        return result
    if result.shape != actual.shape:
        return Bounded(actual, np.inf)
    return Bounded(actual, _bound_where_same(actual, result))


def with_bound(value: Value, again: Bounded | None) -> Value:
    """Return a value with the bound of what was computed again, without one if that is another."""
    if value is None or again is None:
        return value
    if type(value) is type(again.value) is float64 and value == again.value:
        return rounded(value, again.bound)  # what the next lines come to, in a fifth of the time
    if np.shape(value) != again.shape:
        return value
    return rounded(value, _bound_where_same(value, again))


def _bound_where_same(value: Any, result: Bounded) -> Any:
    """Return the bound where two computations differ by rounding alone, else infinity."""
    same = value == result.value
    if same.all():  # nearly always
        return result.bound
    with np.errstate(all="ignore"):
        difference = np.abs(np.subtract(value, result.value, dtype=float))
    return np.where(same | (difference <= result.bound), result.bound, np.inf)[()]
