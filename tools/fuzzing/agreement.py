"""Gradients against mpmath: random expressions of all ops, and why any of them disagrees.

Each case ends in one class; a class other than agreement is proven by what is computed for it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Any, NamedTuple

import mpmath
import numpy as np

from dzviz.engine import grad
from dzviz.language.evaluate import evaluate
from dzviz.language.parse import parse
from fuzzing.exact import DIGITS, ELEMENTWISE, STEP, Exact, box

VARIABLES: Mapping[str, tuple[int, ...]] = {"x": (), "y": (), "v": (3,), "m": (2, 3), "s": (2, 2)}
TOLERANCE = 1e-9
UNIT = 2.0**-53
LIMIT = 300.0
"""Decimal exponents beyond it, up or down, are beyond floats."""

GUARDS: Mapping[str, str] = {
    "arccos": "0.9*tanh({})",
    "arcsin": "0.9*sin({})",
    "cosh": "arctan({})",
    "exp": "2*tanh({})",
    "expm1": "2*cos({})",
    "log": "1 + square({})",
    "log1p": "square({})",
    "log2": "0.1 + exp(sin({}))",
    "sinh": "2*sin({})",
    "sqrt": "0.5 + square({})",
    "tan": "tanh({})",
}
"""Most arguments of these ops are brought into their domain so."""


def scalar(dice: random.Random, depth: int) -> str:
    """Make an expression of shape ()."""
    if depth <= 0 or dice.random() < 0.1:
        return dice.choice(("x", "y", "x", "y", "0.5", "2", "pi", "v[0]", "m[1, 2]", "sum(v)"))
    a, b = (scalar(dice, depth - dice.randint(1, 2)) for _ in range(2))
    match dice.randrange(14):
        case 0 | 1 | 2:
            return unary(dice, a)
        case 3 | 4 | 5:
            return binary(dice, a, b)
        case 6:
            return choice(dice, a, b)
        case 7 | 8:
            whole = dice.choice(("sum", "mean", "var", "max", "min", "prod", "logsumexp"))
            return f"{whole}({array(dice, dice.choice('vms'), depth - 1)})"
        case 9:
            kind = dice.choice("vms")
            error = f"mean_squared_error({array(dice, kind, depth - 1)}, {kind})"
            return error if dice.random() < 0.7 else "mean_squared_error(x, y)"
        case 10:
            return f"softmax_cross_entropy({array(dice, 'm', depth - 1)}, [2, 0])"
        case 11:
            product = dice.choice(("dot({}, {})", "{} @ {}", "matmul({}, {})"))
            return f"({product.format(array(dice, 'v', depth - 1), array(dice, 'v', depth - 2))})"
        case 12:
            kind, index = dice.choice((("v", "[-1]"), ("m", "[0, 1]"), ("s", "[1, 1]")))
            return f"({array(dice, kind, depth - 1)}){index}"
        case _:
            return f"sum_to({array(dice, dice.choice('vms'), depth - 1)}, ())"


def array(dice: random.Random, kind: str, depth: int) -> str:
    """Make an expression of the shape of a variable."""
    if depth <= 0 or dice.random() < 0.15:
        return kind
    a, b = (array(dice, kind, depth - dice.randint(1, 2)) for _ in range(2))
    if dice.random() < 0.35:
        return unary(dice, a)
    if dice.random() < 0.35:
        return binary(dice, a, b if dice.random() < 0.6 else scalar(dice, depth - 2))
    if dice.random() < 0.2:
        return choice(dice, a, b)
    one = scalar(dice, depth - 2)
    ways = {
        "v": (
            "reshape({s}, -1)[0:3]",
            "stack([{x}, {x}, y])",
            "[{x}, 2, x]",
            "concatenate([{v}[0:1], {v}[1:]])",
            "broadcast_to({x}, 3)",
            "softmax({v}, axis=0)",
            "log_softmax({v}, axis=0)",
            "({m})[1]",
            "{m}.T @ v[[0, 1]]",
            "dot({s}, m)[0]",
            "squeeze(reshape({v}, (1, 3)))",
            "squeeze(expand_dims({v}, 0), axis=0)",
            "sum({m}, axis=0)",
            "logsumexp({m}, axis=0)",
            "max({m}, axis=0)",
            "({v})[[0, 0, 2]]",
            "{v}[::-1]",
            "get_item({v}, [2, 1, 1])",
            "prod({m}, axis=0)",
        ),
        "m": (
            "{s} @ {m}",
            "linear({s}, {m})",
            "linear({s}, m, {v})",
            "reshape({m}, (3, 2)).T",
            "transpose({m}, (0, 1))",
            "stack([{v}, {v}])",
            "concatenate([{m}[0:1], {m}[1:]], axis=0)",
            "broadcast_to({v}, (2, 3))",
            "softmax({m})",
            "log_softmax({m})",
            "{v} + {m}",
            "{m} - mean({m}, axis=1, keepdims=True)",
            "{m} * sum_to({m}, (1, 3))",
            "{m} / (1 + max({m}, axis=0, keepdims=True)**2)",
            "softmax({m}, axis=0)",
            "expand_dims({v}, 0) * m",
        ),
        "s": (
            "{s} @ {s}",
            "{m} @ m.T",
            "matmul({s}, s)",
            "{s}.T",
            "({m})[:, 0:2]",
            "({m})[:, ::2]",
            "reshape(concatenate([{v}, v[0:1]]), (2, 2))",
            "stack([{v}[0:2], v[1:]], axis=1)",
            "expand_dims({v}[0:2], 1) * {v}[1:]",
            "{s} * var({s}, axis=0)",
            "min({s}, axis=1, keepdims=True) + {s}",
        ),
    }
    way = dice.choice(ways[kind])
    parts = {kind: f"({array(dice, kind, depth - 2)})" for kind in "vms" if f"{{{kind}}}" in way}
    return f"({way.format(x=one, **parts)})"


def unary(dice: random.Random, a: str) -> str:
    """Apply an op of one operand, most often within its domain."""
    op = dice.choice((*ELEMENTWISE, "abs", "relu", "sign", "clip", "**"))
    if op == "**":
        return f"({a})**{dice.choice(('2', '3', '0', '1'))}"
    if op == "clip":
        return f"clip({a}, {dice.choice(('-0.5, 1', 'low=0', 'high=0.25'))})"
    if op in GUARDS and dice.random() < 0.95:
        a = GUARDS[op].format(a)
    return f"{op}({a})"


def binary(dice: random.Random, a: str, b: str) -> str:
    """Apply an op of two operands, most often within its domain."""
    op = dice.choice(("+", "-", "*", "*", "/", "**", "add", "sub", "mul", "div", "pow", "//"))
    if op in ("/", "div") and dice.random() < 0.95:
        b = f"(2 + square({b}))"
    if op in ("**", "pow") and dice.random() < 0.95:
        a, b = f"(0.5 + square({a}))", f"(2*tanh({b}))"
    if op == "//":
        return f"(exp(-square({a})) * ({b}))"
    return f"{op}({a}, {b})" if op.isalpha() else f"(({a}) {op} ({b}))"


def choice(dice: random.Random, a: str, b: str) -> str:
    """Choose between two operands."""
    op = dice.choice(("maximum", "minimum", "where"))
    if op == "where":
        return f"where({a} {dice.choice('<>')} {dice.choice(('0', 'x', '0.25'))}, {a}, {b})"
    return f"{op}({a}, {b})"


def agreement_case(dice: random.Random) -> dict[str, Any]:
    """Make an expression with x or another variable in it, and a point."""
    text = scalar(dice, dice.randint(2, 6))
    while not parse(text).names or len(text) > 1500:
        text = scalar(dice, dice.randint(2, 6))
    at = {}
    for name in parse(text).names:
        shape = VARIABLES[name]
        numbers = [
            dice.choice((0.0, 0.5, 1.0, -1.0)) if dice.random() < 0.08 else dice.uniform(-2, 2)
            for _ in range(int(np.prod(shape)))
        ]
        at[name] = np.array(numbers).reshape(shape).tolist()
    return {"text": text, "at": at}


class Derivatives(NamedTuple):
    """A value, its gradient, and the gradient of the gradient's sum, weighted by ``weights``."""

    value: Any
    first: Any
    second: Any


def weights(count: int) -> list[float]:
    """Return numbers of few digits, among which no derivatives cancel."""
    return [1 + (7 * i % 5) / 4 for i in range(count)]


def found(text: str, at: Mapping[str, Any], dtype: Any = np.float64) -> tuple[Derivatives, bool]:
    """Compute by the project's rules; also tell whether all values on the way are finite."""
    program = parse(text)
    with np.errstate(all="ignore"):
        made = evaluate(program, {name: np.array(at[name], dtype) for name in program.names})
        (y,) = made.outputs
        xs = [made.inputs[name] for name in program.names]
        first = grad(y, xs, create_graph=True)
        along = iter(weights(sum(x.size for x in xs)))
        total = None
        for x, gx in zip(xs, first, strict=True):
            term = (gx * np.array([next(along) for _ in range(x.size)]).reshape(x.shape)).sum()
            total = term if total is None else total + term
        second = grad(total, xs)
    finite, pending, seen = True, [y], set()
    while pending:
        part = pending.pop()
        if part not in seen:
            seen.add(part)
            finite &= bool(np.all(np.isfinite(part.data)))
            pending += part.creator.inputs if part.creator else ()
    flat = [np.concatenate([g.data.reshape(-1) for g in gs]) for gs in (first, second)]
    return Derivatives(np.asarray(y.data).reshape(()), *flat), finite


class Differences:
    """Derivatives of the exact function by differences of many digits."""

    def __init__(self, function: Exact, at: Mapping[str, Any]) -> None:
        self.function = function
        self.names = parse_names(at)
        self.shapes = {name: np.shape(at[name]) for name in self.names}
        self.point = [mpmath.mpf(n) for name in self.names for n in np.ravel(at[name]).tolist()]
        self.value = self.at([])
        self.margin = function.margin
        self.choices = list(function.choices)
        self.largest = function.largest
        self.crossed = False

    def at(self, moves: list[tuple[list[float] | int, Any]]) -> Any:
        """Return the value at the point after some moves, each of a direction and a length."""
        point = list(self.point)
        for direction, length in moves:
            if isinstance(direction, int):
                point[direction] += length
            else:
                point = [p + w * length for p, w in zip(point, direction, strict=True)]
        numbers, values = iter(point), {}
        for name in self.names:
            shape = self.shapes[name]
            array = np.empty(shape, object)
            for index in np.ndindex(shape):
                array[index] = next(numbers)
            values[name] = array if shape else box(array[()])
        return self.function(values)

    def moved(self, moves: list[tuple[Any, Any]]) -> Any:
        """Return the value there, and note whether a choice fell otherwise."""
        value = self.at(moves)
        self.crossed |= self.function.choices != self.choices
        return value

    def derivatives(self) -> Derivatives:
        """Take the differences: one to each side to see what is there, and those that are needed.

        They are forward ones, whose error is about the step: there are digits enough.
        """
        h, along = STEP, weights(len(self.point))
        ahead, behind = self.moved([(along, h)]), self.moved([(along, -h)])
        nowhere = 0 * (ahead + behind)  # NaN, where one side has no value
        first, second = [], []
        for i in range(len(self.point)):
            there, corner = self.moved([(i, h)]), self.moved([(i, h), (along, h)])
            first.append((there - self.value) / h + nowhere)
            second.append((corner - there - ahead + self.value) / (h * h) + nowhere)
        return Derivatives(self.value, first, second)


def parse_names(at: Mapping[str, Any]) -> list[str]:
    """Return the variables in the order of the gradients."""
    return list(at)


def gap(a: Derivatives, b: Derivatives, size: Any = None) -> float:
    """Return how far two are apart, as a part of the largest number in ``b``, or of 1."""
    numbers = [*b.first, *b.second]
    size = size or max([mpmath.mpf(1), abs(b.value), *map(abs, numbers)])
    worst = mpmath.mpf(0)
    for x, y in zip([*a.first, *a.second], numbers, strict=True):
        x = mpmath.mpf(repr_exact(x))
        if not mpmath.isfinite(x):
            return math.inf
        worst = max(worst, abs(x - y) / size)
    return float(worst)


def repr_exact(x: Any) -> Any:
    """Return a number without loss: a long double as a sum of two doubles."""
    if isinstance(x, np.longdouble):
        high = float(x)
        return mpmath.mpf(high) + mpmath.mpf(float(x - np.longdouble(high)))
    return mpmath.mpf(x) if isinstance(x, mpmath.mpf) else mpmath.mpf(float(x))


def finite(derivatives: Derivatives) -> bool:
    """Tell whether all numbers are."""
    numbers = [derivatives.value, *derivatives.first, *derivatives.second]
    return all(mpmath.isfinite(repr_exact(number)) for number in numbers)


def try_agreement(case: Mapping[str, Any], *, beside: bool = False) -> str:
    """Compare first and second gradients with mpmath's; name the class that the case is in.

    Raises:
        AssertionError: They disagree, and nothing explains it.
    """
    text, at = case["text"], case["at"]
    with mpmath.workdps(DIGITS):
        ours, sound = found(text, at)
        truth = Differences(Exact(text), at)
        if not mpmath.isfinite(truth.value):
            assert not sound or not finite(ours), "a value where there is none"
            return "no value there (outside the domain, and ours is not finite either)"
        exact = truth.derivatives()
        if finite(exact) and not truth.crossed and gap(ours, exact) <= TOLERANCE:
            return "agrees"
        word = explained(text, at, ours, sound, truth, exact)
    if word.startswith(BESIDE) and not beside:  # there is no derivative here, but next to it
        try_agreement({"text": text, "at": moved_aside(at)}, beside=True)
    return word


BESIDE = ("at a kink", "at the edge", "next to")
"""How the classes begin whose rules are tried once more, a little to the side."""


def moved_aside(at: Mapping[str, Any]) -> dict[str, Any]:
    """Return a point to the side of another one, each number by a way of its own."""
    aside = {}
    for number, (name, value) in enumerate(at.items(), 1):
        array = np.array(value, float)
        ways = 0.01 * np.sqrt(np.arange(array.size) + 1.0 + number).reshape(array.shape)
        aside[name] = (array + ways).tolist()
    return aside


def explained(
    text: str,
    at: Mapping[str, Any],
    ours: Derivatives,
    sound: bool,
    truth: Differences,
    exact: Derivatives,
) -> str:
    """Name the class of a disagreement, having proven it."""
    if truth.crossed or truth.margin == 0:
        return "at a kink or a jump (a choice falls otherwise within 1e-20)"
    if not finite(exact):
        return "at the edge of the domain (no value within 1e-20)"
    if truth.margin < 1e-9:
        return "next to a kink (two sides nearer than their rounding)"
    sizes = [abs(n) for n in (exact.value, *exact.first, *exact.second) if n]
    exponents = [float(mpmath.log10(size)) for size in sizes]
    if max([truth.largest, *exponents]) > LIMIT:
        return "beyond floats (a number on the way is above 1e300)"
    long, long_sound = found(text, at, np.longdouble)
    off, long_off = gap(ours, exact), gap(long, exact)
    if not finite(ours):
        if finite(long) and long_off <= TOLERANCE:
            return "beyond floats (in long doubles it agrees)"
        if not sound and not long_sound:
            return "a part that is left out has no value (where() of a NaN, 0 * NaN)"
    # What would roundings of every result do? The same function with noise says it.
    noise = mpmath.mpf(10) ** -25
    condition = 0.0
    for seed in (1, 2, 3):
        noisy = Differences(Exact(text, noise, seed), at).derivatives()
        condition = max(condition, gap(noisy, exact) / float(noise))
    if off <= 100 * condition * UNIT:
        return "rounding (the condition number, by exact values with noise, is as large)"
    if long_off <= off / 100:
        return "rounding (in long doubles the error is a hundredth, or less)"
    raise AssertionError(
        f"off by {off:.3g}, in long doubles by {long_off:.3g}, condition {condition:.3g}: "
        f"{[ours.first.tolist(), ours.second.tolist()]} is not "
        f"{[[float(n) for n in numbers] for numbers in (exact.first, exact.second)]}"
    )
