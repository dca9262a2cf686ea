"""Measure how often gradcheck accuses a right rule, and how often it finds a wrong one.

Checks are drawn from a seed: every op of the table and some formulas at ordinary and awkward
points, then the same with a mistake planted into one rule. The tables are those of the docs.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from dezero import OPS, Function, Variable
from dezero.builtin import Op
from dezero.core import raw
from dezero.numeric import check
from dezero.probing import weights
from dezero.reports import Report
from dezero.shapes import sum_array_to
from dezero.verdicts import State
from dzviz.language import evaluate as language
from dzviz.language.parse import parse
from dzviz.language.syntax import Program

FORMULAS = {
    "mean((x @ w + b - 2e5)**2)": ((3, 2), (2,), ()),
    "sum(tanh(x @ w + b))": ((2, 3), (3, 2), (2,)),
    "sum(x / sum(x))": ((3,),),
    "sum(log_softmax(x) * y)": ((2, 3), (2, 3)),
    "sin(x) * exp(-y)": ((), ()),
    "(x + 1e12) - 1e12": ((),),
    "relu(x) - relu(-x)": ((3,),),
    "abs(x) * x": ((3,),),
    "sqrt(x*x + y*y)": ((3,), (3,)),
    "maximum(x, y) + minimum(x, y)": ((3,), (3,)),
    "x**2 * y - x / y": ((), ()),
    "where(x > y, x*x, y)": ((3,), (3,)),
}
"""Formulas of several ops, with the shapes of their variables."""

REGIMES: dict[str, Callable[[np.random.Generator, Any, tuple[int, ...]], Any]] = {
    "inside the domain": lambda dice, op, shape: dice.uniform(*op, shape),
    "scales 1e-8 to 1e8": lambda dice, op, shape: _signed(dice, shape) * 10 ** dice.uniform(-8, 8),
    "mixed scales": lambda dice, op, shape: _signs(dice, shape) * 10 ** dice.uniform(-8, 8, shape),
    "near 1e300": lambda dice, op, shape: (
        _signed(dice, shape) * 10.0 ** dice.choice([300, 299, 290])
    ),
    "poles, kinks, ties": lambda dice, op, shape: dice.choice(
        [0.0, 1.0, -1.0, 0.5, -0.5, 2.0, np.pi / 2, 1e-9, 1 + 1e-9], shape
    ),
}
"""Where a check is done: each draws an array of a shape; the op's own interval is at hand."""

RIGHT = dict(zip(REGIMES, (0.3, 0.3, 0.15, 0.05, 0.2), strict=True))
PLANTED = dict(zip(REGIMES, (0.4, 0.35, 0.25, 0.0, 0.0), strict=True))
"""How often each is drawn."""


def _signed(dice: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return _signs(dice, shape) * dice.uniform(1, 10, shape)


def _signs(dice: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return np.where(dice.random() < 0.5, 1.0, dice.choice([-1.0, 1.0], shape))


class Case(NamedTuple):
    """A formula at a point."""

    text: str
    regime: str
    program: Program
    arrays: list[Any]

    def apply(self, *xs: Variable) -> list[Variable]:
        """Compute it."""
        return language.apply(self.program, dict(zip(self.program.names, xs, strict=True)))


def cases(dice: np.random.Generator, chances: dict[str, float]) -> Iterator[Case]:
    """Draw formulas and points without end."""
    table = [
        (text, shapes, op.sample)
        for op in OPS.values()
        for text, examples in op.examples.items()
        for shapes in examples
        if all(0 not in shape for shape in shapes)
    ]
    table += [(text, shapes, (0.5, 2.0)) for text, shapes in FORMULAS.items()]
    programs = {text: parse(text) for text, _, _ in table}
    while True:
        text, shapes, interval = table[dice.integers(len(table))]
        regime = str(dice.choice(list(chances), p=list(chances.values())))
        arrays = [np.asarray(REGIMES[regime](dice, interval, shape), float) for shape in shapes]
        yield Case(text, regime, programs[text], arrays)


def outcome(report: Report) -> State:
    """Return the worst of what a check said."""
    states = [c.state for c in report.comparisons]
    states += [v.comparison.state for v in report.verdicts if v.comparison is not None]
    return max(states, key=lambda state: state.rank, default=State.AGREES)


def right(count: int, seed: int) -> Iterator[tuple[Case, State, Report]]:
    """Check right rules."""
    dice = np.random.default_rng([seed, 0])
    for _, case in zip(range(count), cases(dice, RIGHT), strict=False):
        report = check(case.apply, *case.arrays)
        yield case, outcome(report), report


# Mistakes: each takes an operand's gradient, the operand, and chance; None where it cannot be made.


def _element(gx: Any, x: Any, dice: Any, gy: Any) -> Any:
    gx = np.array(gx)
    gx.reshape(-1)[dice.integers(gx.size)] *= 1.001
    return gx


def _other_order(gx: Any, x: Any, dice: Any, gy: Any) -> Any:
    square = gx.ndim == 2 and gx.shape[0] == gx.shape[1]
    return gx.T if square else gx.reshape(-1)[::-1].reshape(gx.shape)


MISTAKES: dict[str, Callable[[Any, Any, Any, Any], Any]] = {
    "times 1.001 or 0.999": lambda gx, x, dice, gy: gx * dice.choice([1.001, 0.999]),
    "times 1.01 to 3": lambda gx, x, dice, gy: gx * 10 ** dice.uniform(0.005, 0.5),
    "half or twice": lambda gx, x, dice, gy: gx * dice.choice([0.5, 2.0]),
    "wrong sign": lambda gx, x, dice, gy: -gx,
    "operand forgotten": lambda gx, x, dice, gy: gx * 0.0,
    "one element by 0.1 %": _element,
    "0.1 % of the largest added": lambda gx, x, dice, gy: gx + 1e-3 * np.abs(gx).max(),
    "transposed": _other_order,
    "wrong below 0": lambda gx, x, dice, gy: np.where(x < 0, gx * 1.1, gx),
    "upstream forgotten": lambda gx, x, dice, gy: gx / np.mean(gy),
    "broadcast axis not summed": lambda gx, x, dice, gy: gx / (gy.size / x.size),
}
"""What may be wrong with a rule."""


class Planted(Function):
    """A built-in op with a mistake in the rule for one operand."""

    def __init__(self, op: Op, operand: int, mistake: str, seed: int) -> None:
        self.op, self.operand, self.mistake, self.seed = op, operand, mistake, seed

    def forward(self, *xs: Any) -> Any:
        """Compute as the op does."""
        return np.asarray(self.op.forward(*[x[()] for x in xs]))

    def gradients(self, gy: Any) -> list[Any]:
        """The right gradients."""
        xs = [raw(x) for x in self.inputs]
        y = self.op.forward(*xs)
        return [
            None
            if rule is None
            else np.asarray(sum_array_to(np.asarray(rule(self.op, gy[()], y, *xs)), x.shape))
            for rule, x in zip(self.op.vjps, self.inputs, strict=False)
        ]

    def backward(self, gy: Variable) -> Any:
        """The gradients with the mistake."""
        gxs = self.gradients(gy.data)
        wrong = MISTAKES[self.mistake]
        dice = np.random.default_rng(self.seed)
        x = self.inputs[self.operand].data
        gxs[self.operand] = np.asarray(wrong(gxs[self.operand], x, dice, gy.data))
        results = [None if gx is None else Variable(np.asarray(gx)) for gx in gxs]
        return tuple(results) if len(results) > 1 else results[0]


def plant(case: Case, dice: np.random.Generator, mistake: str) -> Planted | None:
    """Plant a mistake into the last op of a formula; None where it would not show.

    It has to change an element by 0.1 %, and by more than the rounding of the op's result.
    """
    with np.errstate(all="ignore"):
        y = case.apply(*[Variable(a) for a in case.arrays])[0]
        op = y.creator
        if not isinstance(op, Op) or not np.isfinite(y.data).all():
            return None
        operands = [i for i, x in enumerate(op.inputs) if not x.constant and op.vjps[i]]
        if not operands or any(not np.isfinite(x.data).all() for x in op.inputs):
            return None
        planted = Planted(op, int(dice.choice(operands)), mistake, int(dice.integers(1 << 30)))
        again = planted(*op.inputs)
        gy = 1.25 * weights(y.size).reshape(y.shape)
        good = planted.gradients(gy)[planted.operand]
        wrongs = planted.backward(Variable(np.asarray(gy)))
        wrong = (wrongs if isinstance(wrongs, tuple) else (wrongs,))[planted.operand].data
        del again
        if not np.isfinite(good).all() or np.abs(good).max() == 0 or wrong.shape != good.shape:
            return None
        off, x = np.abs(wrong - good), op.inputs[planted.operand].data
        size = np.where(x == 0, max(np.abs(x).max(), 1e-300), np.abs(x))
        rounding = 4 * np.finfo(float).eps * np.abs(gy * y.data).sum() / size
        shows = off >= 0.9995e-3 * np.where(good == 0, np.abs(good).max(), np.abs(good))
        return planted if (shows & (off > rounding)).any() else None


def planted(count: int, seed: int) -> Iterator[tuple[Case, str, State, Report]]:
    """Check rules with mistakes; the state is that of the wrong rule."""
    dice = np.random.default_rng([seed, 1])
    drawn = cases(dice, PLANTED)
    while count:
        case, mistake = next(drawn), str(dice.choice(list(MISTAKES)))
        function = plant(case, dice, mistake)
        if function is None:
            continue
        count -= 1
        inputs = function.op.inputs
        free = [i for i, x in enumerate(inputs) if not x.constant]

        def apply(*xs: Variable, function: Planted = function, free: Any = free) -> Variable:
            operands = list(function.op.inputs)
            for i, x in zip(free, xs, strict=True):
                operands[i] = x
            twin = Planted(function.op, function.operand, function.mistake, function.seed)
            return twin(*operands)  # type: ignore[no-any-return]

        report = check(apply, *[inputs[i].data for i in free])
        states = [
            v.comparison.state
            for v in report.verdicts
            if v.operand == function.operand and v.comparison is not None
        ]
        yield case, mistake, max(states, key=lambda s: s.rank, default=State.AGREES), report


def main() -> int:
    """Print both tables; the exit code is 1 where a right rule was accused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--right", type=int, default=10_000)
    parser.add_argument("--planted", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tell", action="store_true", help="tell each odd case on stderr")
    options = parser.parse_args()
    accused = 0
    columns = list(State)
    for title, rows in (
        ("right rules", _tally(_right_rows(options))),
        ("planted mistakes", _tally(_planted_rows(options))),
    ):
        print(f"| {title} | checks | {' | '.join(columns)} |")
        print(f"|---|{'---|' * (len(columns) + 1)}")
        whole = sum(rows.values(), Counter())
        for name, row in (*rows.items(), ("all", whole)):
            cells = " | ".join(str(row[state]) for state in columns)
            print(f"| {name} | {row.total()} | {cells} |")
        print(flush=True)
        if title == "right rules":
            accused = whole[State.DIFFERS]
    return 1 if accused else 0


def _tally(rows: Iterator[tuple[str, State]]) -> dict[str, Counter[State]]:
    table: dict[str, Counter[State]] = {}
    for name, state in rows:
        table.setdefault(name, Counter())[state] += 1
    return dict(sorted(table.items()))


def _right_rows(options: argparse.Namespace) -> Iterator[tuple[str, State]]:
    for case, state, report in right(options.right, options.seed):
        if options.tell and state in (State.DIFFERS, State.TOO_NOISY):
            _tell(case, state, report)
        yield case.regime, state


def _planted_rows(options: argparse.Namespace) -> Iterator[tuple[str, State]]:
    for case, mistake, state, report in planted(options.planted, options.seed):
        if options.tell and state is not State.DIFFERS:
            _tell(case, state, report, mistake)
        yield mistake, state


def _tell(case: Case, state: State, report: Report, mistake: str = "") -> None:
    points = ", ".join(
        f"{name}={array.tolist()}"
        for name, array in zip(case.program.names, case.arrays, strict=True)
    )
    found = [v.sentence() for v in report.verdicts if v.state == state]
    found += [
        f"{c.argument} {c.sentence()} +- {c.error:.2g}"
        for c in report.comparisons
        if c.state is state
    ]
    print(f"{state} {mistake}: {case.text} at {points}: {found[:2]}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
