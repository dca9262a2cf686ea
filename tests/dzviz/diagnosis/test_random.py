"""Random formulas: every answer is complete, and what is said to be lost changes nothing."""

import random

import numpy as np
import pytest

from dzviz.errors import EvaluationError
from dzviz.pipeline import Computation, evaluate
from dzviz.pipeline.explanation import explain
from dzviz.sources.expression import read

ONE = (
    *("sin", "tanh", "relu", "sigmoid", "exp", "log", "sqrt", "abs", "sum", "mean", "max"),
    *("softmax", "square", "sign", "softplus", "gelu", "layer_norm", "cumsum"),
)
TWO = ("+", "-", "*", "/", "**", "maximum", "minimum", "where")
VALUES = (
    "1.3",
    "-2.1",
    "[1.7, 2.3]",
    "[0.4, -1.9]",
    "[[1.1, 2.6], [3.2, 4.5]]",
    "-0.55",
    "0.2",
    "900",
)


def formula(dice, depth):
    if depth == 0:
        return dice.choice(["x", "w", "x", "w", "z", "0", "2", "-1.5"])
    if dice.random() < 0.45:
        return f"{dice.choice(ONE)}({formula(dice, depth - 1)})"
    op = dice.choice(TWO)
    a, b = formula(dice, depth - 1), formula(dice, depth - 1)
    if op in ("maximum", "minimum"):
        return f"{op}({a}, {b})"
    if op == "where":
        return f"where({formula(dice, depth - 1)} > 0, {a}, {b})"
    return f"({a}) {op} ({b})"


def answered(seed):
    dice = random.Random(seed)
    program = read(formula(dice, dice.choice([1, 2, 3, 4])))
    values = {name: dice.choice(VALUES) for name in program.names}
    try:
        return program, values, explain(Computation(program, values)).answers
    except EvaluationError:  # shapes that do not go together
        return program, values, ()


def total(program, values):
    found = evaluate(Computation(program, values))
    return float(sum(np.sum(y.data) for y in found.outputs))


def moved(values, name, step):
    return {**values, name: f"{values[name]} + {step}" if step > 0 else f"{values[name]} - {-step}"}


def check(seeds):
    lost = told = 0
    for seed in seeds:
        program, values, answers = answered(seed)
        for answer in answers:
            told += 1
            assert answer.cause != "unknown", (program.text, values)
            assert answer.way, (program.text, values)
            assert answer.mend or answer.state == "fine", (program.text, values)
            if answer.state not in ("zero", "none") or answer.cause == "step":
                continue
            here = total(program, values)
            far, near = (
                [total(program, moved(values, answer.name, h)) - here for h in (step, -step)]
                for step in (1e-6, 1e-8)
            )
            if not np.all(np.isfinite([here, *far, *near])) or abs(here) > 1e6:
                continue
            if max(map(abs, near)) > 0.1 * max(map(abs, far)) > 1e-9:
                continue  # it jumps there, or nothing changes but by rounding
            least = min(*map(abs, far), abs(far[0] - far[1]))  # at a kink one side, or the mean
            assert least <= 1e-9 * max(1.0, abs(here)), (program.text, values, answer.sentence)
            lost += 1
    return told, lost


def test_what_is_lost_changes_nothing():
    told, lost = check(range(200))
    assert told > 200
    assert lost > 10


@pytest.mark.thorough
def test_of_many_formulas_what_is_lost_changes_nothing():
    told, lost = check(range(1000, 4000))
    assert told > 3000
    assert lost > 100
