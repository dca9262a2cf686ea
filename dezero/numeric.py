"""Gradients of a formula and of each of its Functions compared with differences, to check rules.

A rule is judged at its own Function, at the operands and with the upstream gradient that it had:
what the rest of the formula rounds away hides no mistake, and accuses no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .config import using_config
from .core import Constant, Function, Variable, as_array, as_variable
from .differences import EPS
from .engine import grad, propagate
from .function_queue import Queue
from .guards import twin as another
from .probing import Map, Probe, chunks, weights
from .reports import Report, Verdict
from .verdicts import RTOL, Comparison, Seed, State, Tolerance, compare

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from .probing import Arrays, Gradients


class GradientError(AssertionError):
    """A gradient is not what differences say it is, or not finite."""


def check(
    f: Callable[..., Any], *xs: Any, order: int = 1, rtol: float = RTOL, atol: float = 0.0
) -> Report:
    """Compare each element of each gradient of ``f(*xs)`` with a numerical one, and each rule.

    It is the report of `check_graph`.
    """
    return check_graph(f, *xs, order=order, rtol=rtol, atol=atol)[0]


def check_graph(
    f: Callable[..., Any], *xs: Any, order: int = 1, rtol: float = RTOL, atol: float = 0.0
) -> tuple[Report, Sequence[Variable]]:
    """Compare gradients and rules, and return the outputs of the graph that was judged, too.

    These are followed by the outputs of lower orders.

    ``f`` takes Variables and returns one, or several; of several numbers a weighted sum is
    differentiated, with weights among which no parts cancel. With ``order`` 2 the gradient's own
    gradient is compared, and so on; rules are tried in the graphs of all orders. Integers and
    float32 are computed in float64.

    Raises:
        ValueError: ``order`` is below 1.
    """
    if order < 1:
        raise ValueError(f"the order is at least 1, not {order}")
    arrays = [np.array(x.data if isinstance(x, Variable) else as_array(x), float) for x in xs]
    tolerance = Tolerance(rtol, atol)
    with np.errstate(all="ignore"):
        formula = _Formula(f, order)
        ys, variables, lower = formula.graphs(arrays)
        seed = weights(sum(y.size for y in ys))
        record = _Pass(ys, seed)
        gxs = [record.gradients.get(x, np.zeros_like(x.data)) for x in variables]
        verdicts = list(_verdicts(record, lower, tolerance))
        compared = [
            comparison
            for argument in range(len(arrays))
            for comparison in compare(
                formula.map(arrays),
                [Seed(seed, gxs)],
                argument,
                tolerance,
                enough=1e-8,
                believed=any(verdict.blamed for verdict in verdicts),
            )
        ]
        if any(v.state == State.NO_DERIVATIVE for v in verdicts):
            compared = [formula.excused(arrays, c, tolerance) for c in compared]
    return Report(tuple(compared), tuple(verdicts)), (*ys, *lower)


def gradcheck(
    f: Callable[..., Any],
    *xs: Any,
    order: int = 1,
    rtol: float = RTOL,
    atol: float = 0.0,
    strict: bool = False,
) -> Report:
    """Compare the gradients of ``f(*xs)``, and all its rules, with differences; see `check`.

    Raises:
        GradientError: A gradient differs or is not finite, or a rule is wrong; it says where, both
            numbers, and which Function is at fault. Under ``strict`` also where differences cannot
            tell: at a kink, or where rounding hides the derivative.
    """
    report = check(f, *xs, order=order, rtol=rtol, atol=atol)
    wrong = [c for c in report.comparisons if c.state.fails]
    sentences = [f"{c.sentence()}: {c.state}" for c in wrong[:1]] + report.notes()
    if strict:
        sentences += report.doubts
    if sentences:
        raise GradientError("; ".join(sentences))
    return report


def numerical_gradient(
    f: Callable[[NDArray[Any]], float], x: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the gradient of ``f``, from an array to a number, and bounds of its errors."""
    x = np.array(x, np.float64)
    gradient, error = np.zeros_like(x), np.zeros_like(x)

    def compute(xs: Arrays) -> NDArray[Any]:
        return np.array([f(np.array(xs[0]))], float)

    with np.errstate(all="ignore"):
        y = compute([x])
        for blocks in chunks(x.size, 1, single=True):
            probe = Probe(Map([x], compute, lambda xs, gy: [None]), 0, blocks, y)
            rest = np.arange(len(blocks))
            for full in (False, True):
                found = probe.tried([x], y, rest, full=full)
                places = [blocks[number].start for number in rest[found.owner]]
                gradient.reshape(-1)[places] = found.slopes.value
                error.reshape(-1)[places] = found.slopes.error
                rest = rest[found.owner][found.slopes.error > 1e-10 * np.abs(found.slopes.value)]
                if not len(rest):
                    break
    return gradient, error


class _Pass:
    """A backward pass from ``ys``, of which is kept what each Function was sent and sent back."""

    def __init__(self, ys: Sequence[Variable], seed: NDArray[Any]) -> None:
        self.gradients: dict[Variable, NDArray[Any]] = {}
        self.sent: dict[tuple[Function, int], NDArray[Any]] = {}
        self.functions: dict[Function, None] = {}
        propagate(list(zip(ys, _parted(seed, ys), strict=True)), self.settle, observer=self)

    def settle(self, x: Variable, gx: Any, fresh: bool) -> None:
        """Keep the gradient of every Variable."""
        self.gradients[x] = np.array(gx.data if isinstance(gx, Variable) else gx, float)

    def popped(self, function: Function, queue: Queue) -> None:
        """Keep the order of Functions."""
        self.functions[function] = None

    def contributed(self, function: Function, index: int, gx: Any) -> None:
        """Keep what a rule returned."""
        self.sent[function, index] = np.array(gx, float)

    def seeded(self, y: Variable, gy: Any) -> None:
        """It is in ``gradients``."""

    def summed(self, x: Variable, gx: Any) -> None:
        """It is in ``gradients`` when all are."""

    def settled(self, x: Variable, gx: Any, kept: bool) -> None:
        """It was kept by ``settle``."""


class _Formula:
    """What is checked: a function of Variables, or its derivatives of some order."""

    def __init__(self, f: Callable[..., Any], order: int) -> None:
        self.f, self.order = f, order

    def graphs(self, points: Arrays) -> tuple[list[Variable], list[Variable], list[Variable]]:
        """Return the outputs that are compared, the inputs, and outputs of lower orders."""
        variables = [Variable(point.copy()) for point in points]
        result = self.f(*variables)
        ys = [as_variable(y) for y in (result if isinstance(result, list | tuple) else [result])]
        lower: list[Variable] = []
        for _ in range(self.order - 1):
            lower += ys
            ys = grad(_total(ys), variables, create_graph=True)
        return ys, variables, lower

    def compute(self, points: Arrays) -> NDArray[Any]:
        """Compute all outputs in one flat array."""
        return _flat([y.data for y in self.graphs(points)[0]])

    def rule(self, points: Arrays, gy: NDArray[Any]) -> Gradients:
        """Differentiate by the rules."""
        ys, variables, _ = self.graphs(points)
        record = _Pass(ys, gy)
        return [record.gradients.get(x) for x in variables]

    def map(self, points: Arrays) -> Map:
        """Return it as a map of arrays."""
        return Map(points, self.compute, self.rule)

    def excused(self, points: Arrays, c: Comparison, tolerance: Tolerance) -> Comparison:
        """Forgive a gradient that differs at a kink alone, where every rule is right by itself.

        So it is with ``relu(x) - relu(-x)`` at 0. A small step beside, the gradient agrees.
        """
        if c.state is not State.DIFFERS:
            return c
        generator = np.random.default_rng(0)
        beside = [
            np.asarray(x + 1e-4 * (np.abs(x) + (x == 0)) * generator.uniform(0.5, 1.0, x.shape))
            for x in points
        ]
        map = self.map(beside)
        seed = weights(len(map.compute(beside)))
        seeds = [Seed(seed, map.rule(beside, seed))]
        there = [a for a in compare(map, seeds, c.argument, tolerance) if a.place == c.place]
        agrees = all(a.state is State.AGREES for a in there)
        return c._replace(state=State.NO_DERIVATIVE) if agrees else c


def _total(ys: Sequence[Variable]) -> Variable:
    """Make one number of all elements, by weights among which no parts cancel."""
    if len(ys) == 1 and ys[0].size == 1:
        return ys[0]
    seeds = _parted(weights(sum(y.size for y in ys)), ys)
    total, *rest = [(y * seed.data).sum() for y, seed in zip(ys, seeds, strict=True)]
    for term in rest:
        total = total + term
    return total


def _verdicts(record: _Pass, lower: Sequence[Variable], tolerance: Tolerance) -> Iterator[Verdict]:
    """Judge each Function of a pass, and those of graphs that it did not reach."""
    for function in (*record.functions, *_reached(lower, record.functions)):
        operands = [
            i
            for i, x in enumerate(function.inputs)
            if not x.constant
            and x.dtype.kind == "f"
            and x.size
            and not (function.rules and function.vjps[i] is None)
        ]
        if not operands:
            continue
        try:
            yield from _judged(function, operands, record, tolerance)
        except Exception as error:  # a user's code: whatever it raises belongs into the report
            yield Verdict(function, operands[0], None, f"{type(error).__name__}: {error}")


def _judged(
    function: Function, operands: list[int], record: _Pass, tolerance: Tolerance
) -> Iterator[Verdict]:
    """Judge the rule of one Function for each of its operands."""
    alone = _Alone(function)
    map = alone.map()
    y = map.compute(map.xs)
    if not np.array_equal(y, map.compute(map.xs), equal_nan=True):
        yield Verdict(function, operands[0], None, "it gives a different result each time")
        return
    gy = alone.sent(record)
    seeds = []
    if np.isfinite(gy).all() and np.abs(gy).max(initial=0.0) > 1e-290:  # with all its digits
        seeds.append(Seed(gy, [record.sent.get((function, i)) for i in range(len(map.xs))]))
    foreign = 1.25 * weights(y.size)
    gxs = map.rule(map.xs, foreign)
    for i in operands:
        of_pass = [seed for seed in seeds if seed.gxs[i] is not None or gxs[i] is None]
        usable = gxs[i] is None or not of_pass or np.isfinite(gxs[i]).all()  # type: ignore[arg-type]
        worst: Comparison | None = None
        for c in compare(
            map, [*of_pass, Seed(foreign, gxs, foreign=True)] if usable else of_pass, i, tolerance
        ):
            if c.state is State.NOT_FINITE and np.isfinite(c.numerical):
                c = c._replace(state=State.DIFFERS)
            if worst is None or c.state.rank > worst.state.rank:
                worst = c
            if c.state is State.DIFFERS:
                break
        if gxs[i] is not None or (worst is not None and worst.state is State.DIFFERS):
            yield Verdict(function, i, worst)


class _Alone:
    """One Function apart from its graph: its twins are run, so that it stays as it was."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.twin = another(function)

    def map(self) -> Map:
        """Return it as a map of arrays, which compute in float64."""
        xs = [
            np.array(x.data, float if x.dtype.kind == "f" else x.dtype)
            for x in self.function.inputs
        ]
        result = self.results(xs)
        floats = [np.finfo(y.dtype).eps for y in result if y.dtype.kind == "f"]
        return Map(xs, self.compute, self.rule, float(max([EPS, *floats])))

    def results(self, xs: Arrays) -> list[NDArray[Any]]:
        """Run the forward of a twin; a user's may write into its inputs, and keep something."""
        if self.function.rules:
            return [np.asarray(self.twin.forward(*[x[()] for x in xs]))]
        result = another(self.function).forward(*[x.copy() for x in xs])
        return [as_array(y) for y in (result if isinstance(result, tuple) else (result,))]

    def compute(self, xs: Arrays) -> NDArray[Any]:
        """Compute all outputs in one flat array."""
        return _flat(self.results(xs))

    def rule(self, xs: Arrays, gy: NDArray[Any]) -> Gradients:
        """Run forward and rule of a twin."""
        twin = another(self.function)
        inputs = [
            (Constant if old.constant else Variable)(x.copy())
            for old, x in zip(self.function.inputs, xs, strict=True)
        ]
        with using_config("watchers", ()), using_config("enable_backprop", True):
            result = twin(*inputs)
        ys = result if isinstance(result, list) else [result]
        record = _Pass(ys, gy)
        return [record.sent.get((twin, i)) for i in range(len(inputs))]

    def sent(self, record: _Pass) -> NDArray[Any]:
        """Return the gradients of all outputs that a pass brought, in one flat array."""
        ys = [reference() for reference in self.function.outputs]
        types = [(y.shape, y.dtype) for y in ys if y is not None]
        if len(types) < len(ys):
            types = self.function.output_types
        return _flat(
            [
                np.zeros(shape) if y is None or y not in record.gradients else record.gradients[y]
                for y, (shape, _) in zip(ys, types, strict=True)
            ]
        )


def _reached(ys: Sequence[Variable], known: dict[Function, None]) -> list[Function]:
    """Find the Functions in the graphs of ``ys`` that are not known."""
    found: dict[Function, None] = {}
    pending = list(ys)
    while pending:
        function = pending.pop().creator
        if function is None or function in found:
            continue
        found[function] = None
        pending.extend(function.inputs)
    return [function for function in found if function not in known]


def _flat(arrays: Sequence[Any]) -> NDArray[Any]:
    if len(arrays) == 1:
        return np.array(arrays[0], float).reshape(-1)
    return np.concatenate([np.ravel(np.asarray(a, float)) for a in arrays])


def _parted(flat: NDArray[Any], ys: Sequence[Variable]) -> list[Variable]:
    """Divide a flat array into one Variable for each of ``ys``, of its shape."""
    ends = np.cumsum([y.size for y in ys])
    return [
        Variable(np.array(flat[end - y.size : end].reshape(y.shape)))
        for y, end in zip(ys, ends, strict=True)
    ]
