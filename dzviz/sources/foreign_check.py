"""Gradients and rules of another engine compared with differences.

Its own pass says what the gradients are. Each of its Functions is judged alone, as a Function of
our engine whose forward and backward call copies of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dzviz.engine import (
    Function,
    Map,
    Report,
    Seed,
    State,
    Tolerance,
    Variable,
    check_graph,
    compare,
    weights,
)
from dzviz.sources import book
from dzviz.sources.facts import collect
from dzviz.sources.foreign import Foreign, start

if TYPE_CHECKING:
    from numpy.typing import NDArray

PASS = (
    "no rule is wrong by itself, and dzviz's own pass agrees with the same rules: "
    "the mistake is in the backward of Variable, in its order or its sums"
)


def check_foreign(
    engine: Foreign,
    function: Callable[..., Any],
    values: Mapping[str, NDArray[Any]],
    *,
    rtol: float,
    atol: float,
) -> tuple[Report, list[str], Sequence[Variable]]:
    """Compare the gradients of a function, and each rule, with differences; say what is wrong.

    ``function`` takes Variables of the engine by their names, and returns its outputs. All is
    computed in float64.
    """
    arrays = [np.array(value, float) for value in values.values()]
    formula = _Formula(engine, function, list(values), arrays)
    with np.errstate(all="ignore"):
        mirrored, outputs = check_graph(formula.mirrored, *arrays, rtol=rtol, atol=atol)
        y = formula.compute(arrays)
        seed = weights(y.size)
        map = Map(arrays, formula.compute, formula.rule)
        gxs = formula.rule(arrays, seed)
        compared = [
            comparison
            for argument in range(len(arrays))
            for comparison in compare(
                map,
                [Seed(seed, gxs)],
                argument,
                Tolerance(rtol, atol),
                enough=1e-8,
                believed=bool(mirrored.blamed),
            )
        ]
    report = Report(tuple(compared), mirrored.verdicts)
    differs = any(c.state is State.DIFFERS for c in report.comparisons)
    ours = any(c.state is State.DIFFERS for c in mirrored.comparisons)
    if differs and not ours and not report.blamed:
        return report, [PASS], outputs
    return report, report.notes(), outputs


class _Formula:
    """A function of another engine's Variables as maps of arrays; it can be tried at ``points``."""

    def __init__(
        self,
        engine: Foreign,
        function: Callable[..., Any],
        names: list[str],
        points: Sequence[NDArray[Any]],
    ) -> None:
        self.engine, self.function, self.names = engine, function, names
        self.points = points

    def run(self, points: Sequence[NDArray[Any]]) -> tuple[list[Any], list[Any]]:
        """Compute the outputs from Variables of these values, which come, too."""
        inputs = self.engine.variables(dict(zip(self.names, points, strict=True)))
        return list(self.function(inputs)), list(inputs.values())

    def compute(self, points: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """Compute all outputs in one flat array."""
        return np.concatenate([np.ravel(np.asarray(y.data, float)) for y in self.run(points)[0]])

    def rule(self, points: Sequence[NDArray[Any]], gy: NDArray[Any]) -> list[Any]:
        """Differentiate by a pass of the engine's own."""
        ys, xs = self.run(points)
        ends = np.cumsum([np.size(y.data) for y in ys])
        for y, end in zip(ys, ends, strict=True):
            seed = gy[end - np.size(y.data) : end].reshape(np.shape(y.data))
            y.grad = self.engine.variable(seed.copy()) if self.on_variables else seed.copy()
            y.backward()
        found = [book.gradient_of(x) for x in xs]
        return [None if gx is None else np.array(gx, float) for gx in found]

    @cached_property
    def on_variables(self) -> bool:
        """Whether gradients of the engine are Variables, as from step 32 of the book on."""
        (y, *_), xs = self.run(self.points)
        start(y)
        return any(book.is_variable(x.grad) for x in (y, *xs))

    def mirrored(self, *xs: Variable) -> list[Variable]:
        """Compute the same with Variables of our engine, by the Functions of the other."""
        ys, inputs = self.run([np.array(x.data) for x in xs])
        known: dict[int, Variable] = {id(x): ours for x, ours in zip(inputs, xs, strict=True)}
        for ours, name in zip(xs, self.names, strict=True):
            ours.name = name
        facts = collect(ys, book.tell)
        for x, value in facts.values:
            if id(x) in known:
                continue
            if value.call is None:
                known[id(x)] = Variable(np.array(value.data))
                continue
            theirs: Any = value.call.function
            operands = value.call.operands
            mirror = _mirror(theirs, self, [o is None for o in operands])
            made = mirror(*[known[id(o)] for o in operands if o is not None])
            results = made if isinstance(made, list) else [made]
            for result, ours in zip(book.results_of(theirs), results, strict=True):
                if result is not None:
                    known[id(result)] = ours
        return [known[id(y)] for y in ys]


class _Mirror(Function):
    """A Function of another engine as one of ours; a copy of it is applied each time."""

    theirs: Any
    formula: _Formula
    absent: Sequence[bool]

    def forward(self, *xs: Any) -> Any:
        """Call the forward of a copy."""
        ys = _twin(self.theirs).forward(*self.complete(xs))
        return tuple(map(np.asarray, ys)) if isinstance(ys, tuple) else np.asarray(ys)

    def backward(self, *gys: Any) -> Any:
        """Apply a copy to Variables of its engine, and call its backward."""
        make = self.formula.engine.variable
        twin = _twin(self.theirs)
        made = twin(*map(make, self.complete([np.array(x.data) for x in self.inputs])))
        given = [np.array(gy.data) for gy in gys]
        gxs = twin.backward(*(map(make, given) if self.formula.on_variables else given))
        del made  # the outputs, to which it may refer weakly
        gxs = gxs if isinstance(gxs, tuple) else (gxs,)
        kept = [gx for gx, absent in zip(gxs, self.absent, strict=True) if not absent]
        return tuple(None if gx is None else np.array(book.array_of(gx), float) for gx in kept)

    def complete(self, xs: Sequence[Any]) -> list[Any]:
        """Return the operands with None where there was none."""
        left = iter(xs)
        return [None if absent else next(left) for absent in self.absent]


def _mirror(theirs: Any, formula: _Formula, absent: Sequence[bool]) -> Function:
    """Make a Function of ours of one of theirs, which is called like it."""
    made: Any = type(type(theirs).__name__, (_Mirror,), {})()
    made.theirs, made.formula, made.absent = theirs, formula, absent
    mirror: Function = made
    return mirror


def _twin(theirs: Any) -> Any:
    """Copy a Function, and the arrays that it keeps."""
    other = copy(theirs)
    for name, value in vars(other).items():
        if isinstance(value, np.ndarray):
            setattr(other, name, value.copy())
    return other
