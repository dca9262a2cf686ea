"""How far rounding can have taken each number of a graph: the graph computed anew with bounds.

The ops of a copy compute with `dezero.rounding.Bounded` operands, whose inputs are exact, and the
engine sends such gradients back through it. It draws nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from weakref import ref

import numpy as np
from numpy import float64

from dezero.config import using_config
from dezero.core import Constant, Function, Op, Variable, raw, wrap
from dezero.engine import propagate
from dezero.rounding import Bounded, bounded
from dzviz.digits import depend_on
from dzviz.graph import Value
from dzviz.recording import Moment, Recording, freeze
from dzviz.rounded import rounded

MOST = 100_000
"""Larger graphs are told without: they would take as long again, and some hundred megabytes."""


class Bounds:
    """What is known of the values of a graph and of its last backward pass.

    A pass that was not recorded is taken to have started from ones at the graph's outputs; a
    gradient that is another than such a pass leaves, since it was added up or changed, has no
    bound. So it is with what was computed by Functions of the user's own, which are not run again.
    """

    def __init__(
        self, ys: Sequence[Variable], xs: Iterable[Variable], recording: Recording
    ) -> None:
        self.copies: dict[Variable, Variable] = {}
        self.functions: dict[Function, Op] = {}
        self.recording = recording
        self.again = _Pass()
        for x in xs:
            self.copy(x)
        if recording.seeds or any(isinstance(x._grad, Variable | float64) for x in self.copies):
            self.backward(ys)

    def copy(self, y: Variable) -> Variable:
        """Return a Variable of which the value, and all that it was computed from, has bounds."""
        if y in self.copies:
            return self.copies[y]
        with np.errstate(all="ignore"), using_config("enable_backprop", True):
            pending = [y]
            while pending:
                x = pending[-1]
                maker = _maker(x)
                inputs = () if maker is None else maker.inputs
                missing = [i for i in inputs if i not in self.copies]
                if not missing:
                    pending.pop()
                    if x not in self.copies:
                        self.copies[x] = self.computed(x)
                pending += missing
        return self.copies[y]

    def computed(self, x: Variable) -> Variable:
        """Compute a Variable again, from copies."""
        kind = Constant if x.constant else Variable
        function = _maker(x)
        if function is None:
            return wrap(Bounded(raw(x)), kind)
        inputs = tuple([self.copies[i] for i in function.inputs])
        op = _again(function)
        y = wrap(_agreed(raw(x), op.forward(*[i._data for i in inputs])), kind)
        if x.creator is None:
            return y
        op.inputs = inputs
        op.generation = x.creator.generation
        op.output = ref(y)
        y.creator = op
        y.generation = x.generation
        self.functions.setdefault(function, op)
        return y

    def backward(self, ys: Sequence[Variable]) -> None:
        """Send gradients with bounds back as the last pass did."""
        seeds = self.recording.seeds or {y: np.ones_like(raw(y)) for y in ys if not y.constant}
        starts = [(self.copy(y), wrap(Bounded(np.asarray(seed)[()]))) for y, seed in seeds.items()]
        again = self.again
        with np.errstate(all="ignore"):
            propagate(starts, lambda x, gx, _: again.settled(x, gx, True), observer=again)

    def data(self, x: Variable) -> Value:
        """Return the value of a Variable."""
        return _told(freeze(raw(x)), self.copy(x)._data)

    def gradient(self, x: Variable, value: Value) -> Value:
        """Return a Variable's gradient of the last pass, kept or not."""
        return value if x._assigned else _told(value, self.again.gradients.get(self.copy(x)))

    def contribution(self, function: Function, index: int, value: Value) -> Value:
        """Return what a Function sent back to an operand in the last pass."""
        return _told(value, self.again.contributions.get((self.functions.get(function), index)))

    def decisive(self, xs: Sequence[Variable]) -> set[Variable]:
        """Find out of which Variables the words depend on how exact a number about them is."""
        found: set[Variable] = set()
        passed, sent = self.again.gradients, self.again.contributions
        told = [(x, self.copies[x]._data) for x in xs]
        told += [(x, passed.get(self.copies[x])) for x in xs]
        for x in xs:
            op = None if x.creator is None else self.functions[x.creator]
            told += [] if op is None else [(x, sent.get((op, i))) for i in range(len(op.inputs))]
        told = [(x, value) for x, value in told if type(value) is Bounded]
        found.update(x for x, value in told if value.ndim and value.bound.any())
        numbers = [(x, float(v.value), float(v.bound)) for x, v in told if not v.ndim]
        owners, values, errors = zip(*numbers, strict=True) if numbers else ((), (), ())
        bounds = np.array(errors)
        bounds[bounds == np.inf] = 0.0
        where = np.flatnonzero(depend_on(bounds, np.array(values)))
        found.update(owners[i] for i in where.tolist())
        return found

    def of_moment(self, moment: Moment) -> tuple[Value, Value]:
        """Return the value of what happened, and the gradient from upstream."""
        value, upstream, x = moment.value, moment.upstream, moment.variable
        if moment.kind == "forward" and x is not None:
            value = self.data(x)
        elif moment.made is not None or moment.turn < getattr(self.recording, "turn", 0):
            made = (moment.made, moment.upstream_made)
            value, upstream = (
                old if new is None else _told(old, self.copy(new)._data)
                for old, new in zip((value, upstream), made, strict=True)
            )
        elif moment.kind == "rule" and moment.function is not None:
            value = self.contribution(moment.function, moment.arg or 0, value)
            y = moment.function.outputs[0]()
            upstream = upstream if y is None else self.gradient(y, upstream)
        elif moment.kind == "sum" and x is not None:
            sums = self.again.sums.get(self.copy(x))
            value = _told(value, sums.pop(0) if sums else None)
        elif moment.kind in ("keep", "release") and x is not None:
            value = self.gradient(x, value)
        return value, upstream

    def local(self, function: Function, index: int, value: Value) -> Value:
        """Return the local derivative of a Function by an operand."""
        op = self.functions.get(function)
        y = None if op is None else op.output()
        if value is None or op is None or y is None or op.vjps[index] is None:
            return value
        ones = Bounded(np.ones_like(y._data.value)[()])
        with np.errstate(all="ignore"):
            again = op.vjps[index](op, ones, y._data, *[x._data for x in op.inputs])
        return _told(value, again)


class _Pass(Recording):
    """A pass with bounds; ``sums`` are what has come to a Variable so far, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.sums: dict[Variable, list[Any]] = {}

    def summed(self, x: Variable, gx: Any) -> None:
        """Keep it."""
        self.sums.setdefault(x, []).append(gx)


def _maker(x: Variable) -> Function | None:
    """Return what computed a Variable, which of a constant is no part of the graph."""
    return x.creator if x.creator is not None else getattr(x, "maker", None)


def _again(function: Function) -> Op:
    """Copy a built-in op without its operands; of others nothing is known."""
    if isinstance(function, Op) and type(function).__module__.startswith("dezero.functions."):
        op: Op = object.__new__(type(function))
        vars(op).update(vars(function))
        return op
    return _Unknown()


class _Unknown(Op):
    """Stands for a Function of the user's own, of which it has neither results nor gradients."""

    def forward(self, *xs: Any) -> Any:
        return Bounded(float64(0), np.inf)

    @property
    def vjps(self) -> tuple[Callable[..., Any], ...]:  # type: ignore[override]  # one an operand
        """A rule for each operand, which knows nothing."""
        return tuple(_unknown_gradient(i) for i in range(len(self.inputs)))


def _unknown_gradient(index: int) -> Callable[..., Any]:
    return lambda function, gy, y, *xs: Bounded(np.zeros_like(xs[index].value, float)[()], np.inf)


def _agreed(actual: Any, again: Any) -> Bounded:
    """Return a value with the bound of what was computed again, unknown where that is another."""
    result = bounded(again)
    if result.shape != actual.shape:
        return Bounded(actual, np.inf)
    if type(actual) is float64 and actual == result.value:
        return result
    return Bounded(actual, np.where(_same(actual, result), result.bound, np.inf)[()])


def _told(value: Value, again: Any) -> Value:
    """Return a value with the bound of what was computed again, without one if that is another."""
    if again is None or np.shape(value) != (result := bounded(again)).shape:
        return value
    if not np.any(result.bound):
        return value
    return rounded(value, np.where(_same(value, result), result.bound, np.inf)[()])


def _same(value: Any, result: Bounded) -> Any:
    """Where two computations differ by rounding alone."""
    with np.errstate(all="ignore"):
        difference = np.abs(np.subtract(value, result.value, dtype=float))
    return (value == result.value) | (difference <= result.bound)
