"""The comparison of gradients with mpmath: all ops are in it, and a wrong rule is found."""

import random
import re

import numpy as np
import pytest
from fuzzing.agreement import agreement_case, try_agreement
from fuzzing.exact import Exact

from dezero.ops import OPS


@pytest.mark.parametrize("seed", range(4))
def test_random_gradients_agree(seed):
    dice = random.Random(seed)
    words = [try_agreement(agreement_case(dice)) for _ in range(40)]
    assert words.count("agrees") >= 34


def test_most_ops_are_in_some_expression():
    dice = random.Random(3)
    texts = [agreement_case(dice)["text"] for _ in range(1500)]
    called = {name for text in texts for name in re.findall(r"\w+(?=\()", text)}
    assert len(OPS.keys() & called) >= 58, "of the others their own examples are tried"
    assert any("-square" in text for text in texts)


CLASSES = {
    "at a kink": ("abs(x)", 0.0),
    "at the edge": ("sqrt(x)", 0.0),
    "no value there": ("log(x)", -1.0),
    "beyond floats": ("exp(exp(x))", 7.0),
    "a part that is left out": ("where(x > 0, sqrt(x), x)", -1.0),
    "next to a kink": ("relu((x + 1e-17) - 1)", 1.0),
    "rounding": ("((100000000 + x) - 100000000)**2", 0.3),
    "agrees": ("sin(x)**2", 0.3),
}


@pytest.mark.parametrize("word", CLASSES)
def test_each_class_has_its_case(word):
    text, x = CLASSES[word]
    assert try_agreement({"text": text, "at": {"x": x}}).startswith(word)


def test_a_wrong_derivative_is_found(monkeypatch):
    from dezero.functions.elementwise import Cos

    monkeypatch.setattr(Cos, "vjps", (lambda self, gy, y, x: gy * x,))
    with pytest.raises(AssertionError, match="off by"):
        try_agreement({"text": "sin(x) + cos(x)", "at": {"x": 0.7}})


def test_a_slightly_wrong_second_derivative_is_found(monkeypatch):
    from dezero.functions.elementwise import Sin

    def rule(self, gy, y, x):
        return gy * (np.cos(x) + 1e-6 * (x - 0.7))  # right at 0.7, but for its own derivative

    monkeypatch.setattr(Sin, "vjps", (rule,))
    with pytest.raises(AssertionError, match="off by"):
        try_agreement({"text": "sin(x)", "at": {"x": 0.7}})


def test_a_wrong_rule_is_found_beside_a_kink(monkeypatch):
    from dezero.functions.elementwise import Abs

    monkeypatch.setattr(Abs, "vjps", (lambda self, gy, y, x: gy * np.sign(x) * 1.001,))
    with pytest.raises(AssertionError, match="off by"):
        try_agreement({"text": "abs(x)", "at": {"x": 0.0}})


@pytest.mark.parametrize(
    ("text", "value"),
    [("2**10", 1024), ("sum([1, 2, 3])", 6), ("max([1, 3, 2])", 3), ("log2(8)", 3), ("1/4", 0.25)],
)
def test_the_truth_is_true(text, value):
    assert float(Exact(text)({})) == pytest.approx(value, rel=1e-15)
