"""Random expressions: values, gradients and second derivatives against mpmath."""

import math
import random

import mpmath
import numpy as np
import pytest

import dezero
from dzviz.language.evaluate import evaluate
from dzviz.language.parse import parse

NAMES = ("x", "y", "z")

UNARY = {
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log1p": mpmath.log1p,
    "log2": lambda x: mpmath.log(x, 2),
    "sqrt": mpmath.sqrt,
    "square": lambda x: x * x,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "arctan": mpmath.atan,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
}
"""Ops that mpmath has, too; those with kinks are in the contract of the ops."""


def random_expression(dice, depth):
    if depth == 0 or dice.random() < 0.15:
        return dice.choice([*NAMES, *NAMES, "2", "0.5", "3", "pi"])
    kind = dice.random()
    if kind < 0.4:
        return f"{dice.choice(list(UNARY))}({random_expression(dice, depth - 1)})"
    if kind < 0.5:
        return f"({random_expression(dice, depth - 1)})**{dice.choice(['2', '3', '0.5', '-1'])}"
    if kind < 0.55:
        return f"-({random_expression(dice, depth - 1)})"
    operator = dice.choice(["+", "-", "*", "/", "*", "+"])
    left, right = random_expression(dice, depth - 1), random_expression(dice, depth - 1)
    return f"({left}) {operator} ({right})"


def reference(expression):
    """The expression as a function of mpmath numbers, read by Python itself."""
    names = {**UNARY, "pi": mpmath.pi}
    code = compile(expression.replace("0.5", "(mpf(1)/2)"), "expression", "eval")
    return lambda *xs: eval(code, {"mpf": mpmath.mpf, **names, **dict(zip(NAMES, xs, strict=True))})


def tame(value):
    """Whether a number is real, and of a size at which float64 has not lost its digits."""
    return isinstance(value, mpmath.mpf) and mpmath.isfinite(value) and 1e-3 < abs(value) < 1e3


def cases(count, seed):
    """Random expressions, with points at which all their parts are tame."""
    dice = random.Random(seed)
    found = []
    while len(found) < count:
        expression = random_expression(dice, 4)
        point = [dice.uniform(0.3, 1.5) for _ in NAMES]
        if not any(name in expression for name in NAMES):
            continue
        try:
            f = reference(expression)
            parts = [expression, *_brackets(expression)]
            values = [reference(part)(*map(mpmath.mpf, point)) for part in parts]
        except (ValueError, ZeroDivisionError, OverflowError, TypeError):
            continue
        if all(map(tame, values)):
            found.append((expression, f, point))
    return found


def _brackets(expression):
    """Every bracketed part of an expression."""
    starts = []
    for i, character in enumerate(expression):
        if character == "(":
            starts.append(i + 1)
        elif character == ")":
            yield expression[starts.pop() : i]


@pytest.mark.parametrize("seed", range(8))
def test_random_expressions_agree_with_mpmath(seed):
    compared = 0
    for expression, f, point in cases(25, seed):
        program = parse(expression)
        arrays = dict(zip(NAMES, map(np.array, point), strict=True))
        result = evaluate(program, {n: v for n, v in arrays.items() if n in program.names})
        (y,) = result.outputs
        with mpmath.workdps(50):
            xs = tuple(map(mpmath.mpf, point))
            assert _close(y, f(*xs)), expression
            names = list(result.inputs)
            gxs = dezero.grad(y, list(result.inputs.values()), create_graph=True)
            for name, gx in zip(names, gxs, strict=True):
                order = [int(n == name) for n in NAMES]
                exact = mpmath.diff(f, xs, tuple(order))
                assert _close(gx, exact), f"d/d{name} {expression} at {point}"
                other = names[-1]
                second = [a + int(n == other) for a, n in zip(order, NAMES, strict=True)]
                exact = mpmath.diff(f, xs, tuple(second))
                found = dezero.grad(gx, result.inputs[other])
                assert _close(found, exact), f"d2/d{name}d{other} {expression} at {point}"
                compared += 2
    assert compared >= 25


def _close(variable, exact):
    return math.isclose(float(variable.data), float(exact), rel_tol=1e-9, abs_tol=1e-9)


def test_tanh_of_a_large_array_is_within_three_units_in_the_last_place():
    dice = np.random.default_rng(0)
    ends = [0.0, -0.0, 1e-320, 1e-308, 20.0, 400.0, 1.7e308, np.inf, -np.inf, np.nan]
    spread = dice.standard_normal(1000) * 10.0 ** dice.uniform(-12, 1, 1000)
    values = np.concatenate([ends, dice.uniform(-10, 10, 2000), spread])
    y = dezero.functions.tanh(dezero.Variable(values)).data
    with np.errstate(all="raise"):
        assert np.array_equal(dezero.functions.tanh(dezero.Variable(-values)).data, -y, True)
    assert np.array_equal(np.signbit(y), np.signbit(values))
    assert y.dtype == np.float64
    with mpmath.workdps(40):
        for value, found in zip(values.tolist(), y.tolist(), strict=True):
            exact = mpmath.tanh(value)
            assert (found != found) == (value != value)
            assert found != found or abs(found - exact) <= 3 * math.ulp(exact), value
