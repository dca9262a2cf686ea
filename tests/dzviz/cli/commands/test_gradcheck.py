"""A wrong rule is marked in the picture with both numbers, what inherits its mistake is not."""

import json
import re

import pytest

MODEL = """
import numpy as np
from dezero import Function


class Cube(Function):
    def forward(self, x):
        return x**3

    def backward(self, gy):
        return gy * self.inputs[0] ** 2 * 2


class Sign(Function):
    def forward(self, x):
        return np.cos(x)

    def backward(self, gy):
        return gy * np.sin(self.inputs[0])


class Unsummed(Function):
    def forward(self, x, b):
        return x + b

    def backward(self, gy):
        return gy, gy[0]


class Turned(Function):
    def forward(self, a, b):
        return a @ b

    def backward(self, gy):
        a, b = self.inputs
        return gy @ b, a.T @ gy


class Forgotten(Function):
    def forward(self, a, b):
        return a * b

    def backward(self, gy):
        return gy * self.inputs[1], None


class Kink(Function):
    def forward(self, x):
        return np.where(x > 0, x, 0.1 * x)

    def backward(self, gy):
        return gy * 1.0


class Off(Function):
    def forward(self, x):
        return np.exp(x)

    def backward(self, gy):
        return gy * np.exp(self.inputs[0]) * 1.001


def cube(x):
    return Cube()(x) * 2


def sign(x):
    return np.sin(Sign()(x)) + x


def unsummed(x, b):
    return np.sum(Unsummed()(x, b) * [1.0, 2.0, 4.0])


def turned(a, b):
    return np.sum(np.tanh(Turned()(a, b)))


def forgotten(a, b):
    return Forgotten()(a, b) + a


def kink(x):
    return np.sum(Kink()(x) * 3)


def off(x):
    return np.sin(Off()(x))


def two(x, w):
    return np.cos(Sign()(Cube()(x) * w)) + np.sin(x)


def large(x):
    return np.sum(Cube()(x))


def sound(x):
    return np.sum(np.sin(x))
"""

PLANTED = {
    "cube": (["--x", "2"], {("Cube", "16, should be 24")}),
    "sign": (["--x", "2"], {("Sign", None)}),
    "unsummed": (["--x", "[1, 2, 3]", "--b", "0.5"], {("Unsummed", "1, should be 7")}),
    "turned": (["--a", "[[1, 2], [3, 4]]", "--b", "[[.1, .2], [.3, .4]]"], {("Turned", None)}),
    "forgotten": (["--a", "2", "--b", "3"], {("Forgotten", "0, should be 2")}),
    "kink": (["--x", "[-1, 2]"], {("Kink", "3, should be 0.3 at [0]")}),
    "off": (["--x", "1"], {("Off", None)}),
    "two": (["--x", "2", "--w", "3"], {("Cube", None), ("Sign", None)}),
    "sound": (["--x", "[1, 2]"], set()),
}


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.py"
    path.write_text(MODEL)
    return path


@pytest.mark.parametrize("name", PLANTED)
def test_each_wrong_rule_is_marked_and_no_other(dzviz, model, name):
    values, wrong = PLANTED[name]
    target = model.with_name("wrong.svg")
    result = dzviz("gradcheck", "--py-function", f"{model}:{name}", *values, "-o", str(target))
    assert result.code == (1 if wrong else 0)
    svg = target.read_text()
    labels = re.findall(r">([^<>]*, should be [^<>]*)</text>", svg)
    assert len(set(labels)) == len(wrong)
    for function, text in wrong:
        assert f"the backward of {function} is wrong" in result.out
        assert text is None or text in labels
    assert ("grad = " in svg) is (not wrong), "what is wrong is no derivative"


def test_local_lists_each_function(dzviz, model):
    args = ("--py-function", f"{model}:cube", "--x", "2", "--local", "-q", "-T", "text")
    result = dzviz("gradcheck", *args)
    rows = [re.split(r"  +", line) for line in result.out.splitlines()]
    assert rows[0][:4] == ["function", "operand", "gradient", "numerical"]
    assert rows[1] == ["* (model.py, line 61)", "0", "2", "2"] or rows[1][1:] == ["0", "2", "2"]
    assert rows[2][1:] == ["0", "16", "24", "differs"]
    told = dzviz("gradcheck", "x*w", "--x", "2", "--w", "3", "--local")
    assert "* (column 1)" in told.out


def test_a_wrong_rule_of_another_format(dzviz, model):
    target = model.with_name("wrong.json")
    function = f"{model}:cube"
    assert dzviz("gradcheck", "--py-function", function, "--x", "2", "-o", str(target)).code == 1
    assert json.loads(target.read_text())["nodes"]


def test_of_many_elements_it_is_said_how_small_a_mistake_shows(dzviz, model):
    many = ("--x", "rand(20000) + 1")
    sound = dzviz("gradcheck", "--py-function", f"{model}:sound", *many)
    assert sound.code == 0
    assert "20000 elements compared along" in sound.out
    assert dzviz("gradcheck", "--py-function", f"{model}:large", *many).code == 1


@pytest.mark.parametrize(
    ("line", "weighted"),
    [
        (["x**2", "--x", "3"], False),
        (["sum(x**2)", "--x", "[1, 2]"], False),
        (["x**2", "--x", "[1, 2]"], True),
        (["x*y, x + y", "--x", "1", "--y", "2"], True),
        (["x**3", "--x", "2", "--order", "2"], False),
        (["x*y", "--x", "1", "--y", "2", "--order", "2"], True),
    ],
)
def test_a_weighted_sum_is_said_to_be_one(dzviz, line, weighted):
    result = dzviz("gradcheck", *line)
    assert result.code == 0
    assert ("of a weighted sum" in result.out) is weighted
