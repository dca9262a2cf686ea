"""The simple core: the same engine, gradients as ndarrays."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dezero
import dezero.functions as F  # noqa: N812 -- the book's name for it
from dezero import core
from dezero.core_simple import (
    Add,
    Function,
    Variable,
    add,
    as_array,
    as_variable,
    no_grad,
    rsub,
    setup_variable,
    using_config,
)


class Sine(Function):
    def forward(self, x):
        return np.sin(x)

    def backward(self, gy):
        assert type(gy) is np.ndarray
        x = self.inputs[0].data
        return gy * np.cos(x)


class Halves(Function):
    """Two outputs, and a rule that writes into what it is given."""

    def forward(self, x):
        return x / 2, x / 2

    def backward(self, ga, gb):
        ga += gb
        ga /= 2
        return ga


def var(data):
    return Variable(np.array(data, float))


def rosenbrock(x0, x1):
    return 100 * (x1 - x0**2) ** 2 + (x0 - 1) ** 2


def test_a_gradient_is_an_ndarray():
    x = var([1.0, 2.0])
    y = x * x
    assert x.grad is None
    y.backward()
    assert type(x.grad) is np.ndarray
    assert x.grad.tolist() == [2, 4]
    assert x.grad is x.grad
    assert y.grad is None
    y.backward(retain_grad=True)
    assert y.grad.tolist() == [1, 1]
    assert x.grad.tolist() == [4, 8]
    x.cleargrad()
    assert x.grad is None


def test_a_zero_dimensional_gradient_is_an_ndarray_too():
    x = var(3.0)
    (x**2).backward()
    assert type(x.grad) is np.ndarray
    assert x.grad.shape == ()


def test_gradient_descent_as_step_28_writes_it():
    x0, x1 = var(0.0), var(2.0)
    twins = core.Variable(np.array(0.0)), core.Variable(np.array(2.0))
    for _ in range(200):
        y = rosenbrock(x0, x1)
        x0.cleargrad()
        x1.cleargrad()
        y.backward()
        x0.data -= 0.001 * x0.grad
        x1.data -= 0.001 * x1.grad
        rosenbrock(*twins).backward()
        for twin in twins:
            twin.data -= 0.001 * twin.grad.data
            twin.cleargrad()
    assert [x0.data, x1.data] == [twin.data for twin in twins]


def test_newtons_method_as_step_29_writes_it():
    x = var(2.0)
    for _ in range(10):
        y = x**4 - 2 * x**2
        x.cleargrad()
        y.backward()
        x.data -= x.grad / (12 * x.data**2 - 4)
    assert float(x.data) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize(
    "compute",
    [
        lambda x: x + 1,
        lambda x: 1 - x,
        lambda x: 2 / x,
        lambda x: -x,
        lambda x: x**2,
        lambda x: x**x,
        lambda x: x @ x,
        lambda x: abs(x),
        lambda x: x[0],
        lambda x: x.T,
        lambda x: x.reshape(2, 1),
        lambda x: x.sum(),
        lambda x: add(x, 1.0),
        lambda x: rsub(x, 1.0),
        lambda x: np.array([1.0, 2.0]) * x,
        lambda x: np.exp(x),
        lambda x: np.concatenate([x, x]),
        lambda x: F.sin(x),
        lambda x: F.softmax(x, axis=0),
        lambda x: F.softmax_cross_entropy(x.reshape(1, 2), np.array([1])),
        lambda x: Sine()(x),
        lambda x: Halves()(x)[1],
        lambda x: x * core.Variable(np.array(2.0)),
        lambda x: core.Variable(np.array(2.0)) * x,
    ],
)
def test_what_is_computed_from_a_simple_variable_is_one(compute):
    x = var([1.0, 2.0])
    y = compute(x)
    assert type(y) is Variable
    y.backward(retain_grad=True)
    assert type(y.grad) is np.ndarray
    with no_grad():
        assert type(compute(x)) is Variable


def test_a_plain_function_of_a_simple_variable_gives_one():
    class Double(core.Function):
        def forward(self, x):
            return 2 * x

        def backward(self, gy):
            assert type(gy) is core.Variable
            return 2 * gy

    x = var(3.0)
    y = Double()(x)
    assert type(y) is Variable
    y.backward()
    assert x.grad == 2


def test_the_usual_core_stays_as_it_is():
    x = core.Variable(np.array(2.0))
    y = F.sin(x) * x + 1
    assert type(y) is core.Variable
    assert type(dezero.Parameter(np.array(1.0)) * 2) is core.Variable
    y.backward()
    assert type(x.grad) is core.Variable
    assert type(dezero.constant(2.0) * 3) is dezero.Constant


def test_a_rule_gets_arrays_of_its_own():
    x = var([1.0, 2.0])
    a, b = Halves()(x)
    y = a * 3 + b * 5 + x
    y.backward(retain_grad=True)
    grads = [v.grad.tolist() for v in (x, a, b, y)]
    assert grads == [[5, 5], [3, 3], [5, 5], [1, 1]]

    class Tenfold(Function):
        def forward(self, x):
            return x * 10

        def backward(self, gy):
            gy *= 10
            return gy

    x = var([1.0, 2.0])
    (Tenfold()(x) + x).backward()
    assert x.grad.tolist() == [11, 11]


def test_a_rule_can_be_called_by_hand():
    function = Sine()
    function(var(0.0))
    assert function.backward(np.array(3.0)) == 3
    assert function.backward(core.Variable(np.array(3.0))) == 3


def test_a_rule_may_call_the_one_it_extends():
    class Cautious(Sine):
        def backward(self, gy):
            return np.clip(super().backward(gy), -0.5, 0.5)

    x = var(0.0)
    Cautious()(x).backward()
    assert x.grad == 0.5


def test_arrays_and_numbers_become_simple_variables():
    assert type(Sine()(np.array(1.0))) is Variable
    assert type(Sine()(1.0)) is Variable
    assert type(as_variable(np.array(1.0))) is Variable
    x = var(1.0)
    assert as_variable(x) is x
    assert type(as_array(1.0)) is np.ndarray


def test_a_gradient_can_be_assigned_and_changed_in_place():
    x = var([1.0, 2.0])
    y = x * 2
    y.grad = np.array([1.0, 10.0])
    y.backward()
    assert x.grad.tolist() == [2, 20]
    x.grad *= 2
    assert x.grad.tolist() == [4, 40]
    x.grad[0] = 0
    assert x.grad.tolist() == [0, 40]
    y = x * 2
    y.grad = core.Variable(np.array([1.0, 10.0]))
    assert type(y.grad) is np.ndarray
    with pytest.raises(ValueError, match="shape"):
        y.grad = np.array(1.0)


def test_higher_derivatives_are_refused_not_lost():
    x = var(2.0)
    y = x**3
    with pytest.raises(TypeError, match="no higher derivatives"):
        y.backward(create_graph=True)
    assert x.grad is None
    with pytest.raises(dezero.DetachedError, match="Sine"):
        dezero.grad(Sine()(x), x, create_graph=True)


def test_the_names_of_the_book_s_simple_core():
    x = var(1.0)
    with using_config("enable_backprop", False):
        assert (x * 2).creator is None
    assert type((x + 1).creator) is Add
    setup_variable()
    assert float((x + 1).data) == 2


def test_a_graph_of_simple_variables_is_drawn_as_any_other():
    pictures = []
    for kind in (Variable, core.Variable):
        x = kind(np.array(1.0), name="x")
        y = F.sin(x) * x
        y.backward(retain_grad=True)
        pictures.append(dezero.utils.get_dot_graph(y))
    assert pictures[0] == pictures[1]
    assert "grad 1.382" in pictures[0]


SCRIPT = """
import numpy as np
from dezero import Function, Variable
from dezero.utils import get_dot_graph

class Square(Function):
    def forward(self, x):
        return x ** 2
    def backward(self, gy):
        return 2 * self.inputs[0].data * gy

x = Variable(np.array(3.0))
for i in range(100):
    y = Square()(x - 1)
    x.cleargrad()
    y.backward()
    x.data -= 0.1 * x.grad
print(round(float(x.data), 6), type(x.grad).__name__, get_dot_graph(y)[:8])
"""


@pytest.mark.parametrize(
    ("switch", "printed"),
    [
        ("import dezero; dezero.is_simple_core = True", "1.0 ndarray digraph \n"),
        ("import dezero; dezero.is_simple_core = False", None),
    ],
)
def test_a_program_chooses_its_core(switch, printed):
    run = subprocess.run(
        [sys.executable, "-c", f"{switch}\n{SCRIPT}"],
        capture_output=True,
        text=True,
        cwd=Path(dezero.__file__).parents[1],
    )
    if printed is None:
        assert "np.subtract does not work on Variables" in run.stderr
    else:
        assert (run.stdout, run.stderr) == (printed, "")


def test_the_switch_changes_the_names_and_back():
    assert dezero.is_simple_core is False
    try:
        dezero.is_simple_core = True
        assert dezero.Variable is Variable
        assert dezero.Function is Function
        assert dezero.as_variable is as_variable
        assert dezero.is_simple_core is True
    finally:
        dezero.is_simple_core = False
    assert dezero.Variable is core.Variable
    assert dezero.Function is core.Function
    assert dezero.is_simple_core is False
