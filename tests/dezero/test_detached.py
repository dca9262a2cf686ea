"""Rules that lose the graph under create_graph."""

import numpy as np
import pytest

import dezero
from dezero import Function, Variable
from dezero.detached import DetachedError
from dezero.functions import cos, sin


def var(*data):
    return Variable(np.array(data[0] if len(data) == 1 else data, float))


def rule(forward, backward):
    return type("Mine", (Function,), {"forward": forward, "backward": backward})()


DETACHED = {
    "the book's step 30": rule(
        lambda self, x: np.sin(x), lambda self, gy: gy * np.cos(self.inputs[0].data)
    ),
    "saved in forward": rule(
        lambda self, x: setattr(self, "x", x) or x**3, lambda self, gy: gy * 3 * self.x**2
    ),
    "of the output": rule(
        lambda self, x: np.tanh(x), lambda self, gy: gy * (1 - self.outputs[0]().data ** 2)
    ),
    "a part of it": rule(
        lambda self, x: x**3,
        lambda self, gy: gy * 3 * self.inputs[0].data * self.inputs[0].data,
    ),
}

ATTACHED = {
    "later style": rule(lambda self, x: np.sin(x), lambda self, gy: gy * cos(self.inputs[0])),
    "of the output": rule(
        lambda self, x: np.tanh(x), lambda self, gy: gy * (1 - self.outputs[0]() ** 2)
    ),
    "relu": rule(lambda self, x: np.maximum(x, 0), lambda self, gy: gy * (self.inputs[0].data > 0)),
    "abs": rule(lambda self, x: np.abs(x), lambda self, gy: gy * np.sign(self.inputs[0].data)),
    "mask saved in forward": rule(
        lambda self, x: setattr(self, "mask", x > 0) or x * self.mask,
        lambda self, gy: gy * self.mask,
    ),
    "linear": rule(lambda self, x: 2 * x, lambda self, gy: gy * 2),
    "constant": rule(lambda self, x: x * 0, lambda self, gy: np.zeros(self.inputs[0].shape)),
    "none": rule(lambda self, x: x * 0 + 1, lambda self, gy: None),
}


@pytest.mark.parametrize("function", DETACHED.values(), ids=DETACHED)
def test_a_rule_with_data_raises_with_class_and_input(function):
    x = var(0.5, -1.5)
    y = sin(function(x)).sum()
    dezero.grad(y, x)  # a first-order pass is fine
    with pytest.raises(DetachedError, match="backward of Mine loses the graph to input 0"):
        dezero.grad(y, x, create_graph=True)


@pytest.mark.parametrize("function", ATTACHED.values(), ids=ATTACHED)
@pytest.mark.parametrize("data", [(0.5, -1.5), (0.0, 0.0), (1e-5, -1e-5)])
def test_masks_and_whole_rules_do_not(function, data):
    x = var(*data)
    y = (sin(x) + function(x)).sum()
    gx = dezero.grad(y, x, create_graph=True)
    np.testing.assert_allclose(gx.data, dezero.grad(y, x).data)


def test_losing_the_upstream_gradient_is_told():
    wrong = rule(lambda self, x: 3 * x, lambda self, gy: gy.data * 3)
    x = var(2.0)
    y = wrong(x) ** 2
    with pytest.raises(DetachedError, match="upstream gradient 0"):
        dezero.grad(y, x, create_graph=True)


def test_the_input_is_named_by_its_number():
    wrong = rule(
        lambda self, a, b: a * b,
        lambda self, gy: (gy * self.inputs[1], gy * self.inputs[0].data),
    )
    a, b = var(2.0), var(3.0)
    with pytest.raises(DetachedError, match="input 0"):
        dezero.grad(sin(wrong(a, b)), [a, b], create_graph=True)


def test_several_outputs():
    wrong = rule(
        lambda self, x: (x**2, x**3),
        lambda self, ga, gb: (ga + gb * 1.5 * self.inputs[0].data) * 2 * self.inputs[0].data,
    )
    x = var(2.0)
    a, b = wrong(x)
    with pytest.raises(DetachedError, match="input 0"):
        dezero.grad(a * b, x, create_graph=True)
