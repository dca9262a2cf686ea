"""A mistake in any rule of the table is found, named, and nothing else with it."""

import math
import re
from collections import Counter
from typing import NamedTuple

import numpy as np
import pytest
from gradcheck_rates import MISTAKES, Planted

from dezero import OPS, Variable
from dezero.builtin import Op
from dezero.numeric import check
from dzviz.language import evaluate as language
from dzviz.language.parse import parse
from dzviz.pipeline.checking import directions

pytestmark = pytest.mark.thorough

WRONG = {
    "a wrong factor": lambda gx, x, dice, gy: gx * 1.5,
    "a wrong sign": MISTAKES["wrong sign"],
    "off by 0.1 %": lambda gx, x, dice, gy: gx * 1.001,
    "a forgotten operand": MISTAKES["operand forgotten"],
}

LARGE = 100_000


class Case(NamedTuple):
    """An op with its operands, as the last one of an expression."""

    text: str
    op: Op
    operands: list[int]


def sample(op, shape, dice):
    """Draw points of an op's domain, not near a kink, on both of its sides."""
    points = np.asarray(dice.uniform(*op.sample, shape))
    for kink in op.kinks:
        near = np.abs(points - kink) < 0.05
        points = np.where(near, kink + 0.3 * np.where(points < kink, -1, 1), points)
    return points


def grown(shapes, size):
    """Make shapes larger that go together, until the largest has about so many elements."""
    now = max(math.prod(shape) for shape in shapes)
    axes = max(sum(side > 1 for side in shape) for shape in shapes)
    factor = max(1, int((size / now) ** (1 / axes))) if axes else 1
    return [tuple(side * factor if side > 1 else side for side in shape) for shape in shapes]


def cases(size=0, texts=None):
    """Make one case of each expression of the table; literal shapes in it are left as they are."""
    dice = np.random.default_rng(3)
    for op in OPS.values():
        for text, examples in op.examples.items():
            shapes = next(each for each in examples if all(math.prod(shape) for shape in each))
            if texts is not None and text not in texts:
                continue
            program = parse(text)
            if size:
                shapes = grown(max(examples, key=lambda e: (len({*e}) == 1, len(e[0]))), size)
            xs = [Variable(sample(op, shape, dice)) for shape in shapes]
            (y,) = language.apply(program, dict(zip(program.names, xs, strict=True)))
            made = y.creator
            assert isinstance(made, Op), text
            live = [i for i, x in enumerate(made.inputs) if not x.constant and made.vjps[i]]
            yield Case(text, made, live)


def planted(case, operand, mistake):
    """Check a formula with a mistake in the middle; return what is blamed."""
    free = [i for i, x in enumerate(case.op.inputs) if not x.constant]

    def formula(*xs):
        operands = list(case.op.inputs)
        for i, x in zip(free, xs, strict=True):
            operands[i] = x * 0.5
        return Planted(case.op, operand, mistake, 0)(*operands) * 0.75

    report = check(formula, *[case.op.inputs[i].data * 2 for i in free])
    return {(type(v.function).__name__, v.operand) for v in report.blamed}, report


def is_flat(case, operand):
    """Whether the right gradient is 0, so that none of these mistakes is one."""
    twin = Planted(case.op, operand, "wrong sign", 0)
    y = twin(*case.op.inputs)
    return not np.any(twin.gradients(np.ones(y.shape))[operand])


@pytest.fixture(autouse=True)
def _with_mistakes(monkeypatch):
    for name, mistake in WRONG.items():
        monkeypatch.setitem(MISTAKES, name, mistake)


@pytest.mark.parametrize("mistake", WRONG)
def test_each_planted_mistake_is_named_and_no_other_rule(mistake):
    counts = Counter()
    for case in cases():
        for operand in case.operands:
            if is_flat(case, operand):
                counts["flat"] += 1
                continue
            blamed, report = planted(case, operand, mistake)
            assert blamed == {("Planted", operand)}, (case.text, operand, report.notes())
            counts["found"] += 1
    assert counts["found"] > 200
    assert counts["flat"] < 12


LARGE_TEXTS = (
    *("a * b", "exp(x)", "where(x > 0, 2*x, x*x)", "sum(x, axis=0)", "a @ b", "softmax(x)"),
)


def test_of_100000_elements_a_mistake_shows_along_sampled_directions():
    tried = Counter()
    names = list(WRONG)
    for case in cases(LARGE, LARGE_TEXTS):
        for operand in case.operands:
            if is_flat(case, operand):
                continue
            mistake = names[tried.total() % len(names)]
            blamed, report = planted(case, operand, mistake)
            assert blamed == {("Planted", operand)}, (case.text, mistake, report.notes())
            tried[case.text] += 1
            sizes = [c.elements for c in report.comparisons if c.argument == 0]
            free = next(x for x in case.op.inputs if not x.constant)
            assert sum(sizes) == free.size
    assert list(tried) == list(dict.fromkeys(each.text for each in cases(LARGE, LARGE_TEXTS)))
    assert len(tried) == len(LARGE_TEXTS), tried
    assert max(x.size for x in case.op.inputs) > 0.99 * LARGE


def test_the_confidence_that_is_said_is_right(monkeypatch):
    """A mistake in one of 100 000 elements shows where it is said, and not far below."""
    (case,) = cases(LARGE, ("exp(x)",))
    report = check(lambda x: x * 1.0, np.ones(LARGE))
    (said,) = directions(report, ["x"], 1e-4)
    one = float(re.search(r"single element from about (\S+) %", said)[1]) / 100
    every = float(re.search(r"all of them shows from about (\S+) %", said)[1]) / 100
    place = 12_345

    def at_one(size):
        def wrong(gx, x, dice, gy):
            gx = np.array(gx)
            gx.reshape(-1)[place] += size * np.abs(gx).mean()
            return gx

        return wrong

    found = {}
    for size in (2 * one, one / 50):
        monkeypatch.setitem(MISTAKES, "one", at_one(size))
        found[size] = bool(planted(case, 0, "one")[0])
    assert found == {2 * one: True, one / 50: False}
    monkeypatch.setitem(MISTAKES, "all", lambda gx, x, dice, gy: gx * (1 + 2 * every))
    assert planted(case, 0, "all")[0]


def test_right_rules_of_100000_elements_are_not_accused():
    for case in cases(LARGE, LARGE_TEXTS):
        free = [i for i, x in enumerate(case.op.inputs) if not x.constant]

        def formula(*xs, case=case, free=free):
            operands = list(case.op.inputs)
            for i, x in zip(free, xs, strict=True):
                operands[i] = x
            return Planted(case.op, free[0], "none", 0)(*operands) * 0.75

        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(MISTAKES, "none", lambda gx, x, dice, gy: gx)
            report = check(formula, *[case.op.inputs[i].data for i in free])
        assert not report.fails, (case.text, report.notes())
