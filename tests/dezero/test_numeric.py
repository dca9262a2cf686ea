"""The checker of gradients, which must not be taken in by small mistakes."""

import numpy as np
import pytest

from dezero import OPS, Function, Variable, constant
from dezero.core import Op
from dezero.functions import abs as abs_
from dezero.functions import exp, log, relu, sigmoid, sin, sqrt, tanh
from dezero.numeric import GradientError, check, faulty_functions, gradcheck, numerical_gradient


class Mine(Function):
    """A rule that is wrong by ``factor``."""

    def __init__(self, factor=1.0):
        self.factor = factor

    def forward(self, x):
        return np.sin(x)

    def backward(self, gy):
        return gy * np.cos(self.inputs[0].data) * self.factor


@pytest.mark.parametrize(
    ("f", "derivative", "x"),
    [
        (np.sin, np.cos, 1.0),
        (np.exp, np.exp, 20.0),
        (np.log, lambda x: 1 / x, 1e-6),
        (np.log, lambda x: 1 / x, 1e6),
        (np.tanh, lambda x: 1 / np.cosh(x) ** 2, -3.0),
        (lambda x: x**5, lambda x: 5 * x**4, 0.0),
        (lambda x: 1e8 * np.sin(x), lambda x: 1e8 * np.cos(x), 1.0),
    ],
)
def test_numerical_gradients_against_closed_forms(f, derivative, x):
    gradient, _ = numerical_gradient(lambda a: float(f(a)), np.array(x))
    np.testing.assert_allclose(gradient, derivative(x), rtol=1e-8, atol=1e-8)


def test_right_gradients_pass():
    gradcheck(sin, 1.0)
    gradcheck(exp, [1.0, 20.0, -3.0])
    gradcheck(log, 1e-6)
    gradcheck(sigmoid, [30.0, -30.0, -5.0])
    gradcheck(lambda x, y: tanh(x @ y), np.ones((2, 3)), np.ones((3, 2)))
    gradcheck(lambda x: tanh(x) ** 3, np.ones((2, 2)), order=2)
    gradcheck(sin, 1.0, order=3)
    gradcheck(sin, Variable(np.array([1, 2])))


@pytest.mark.parametrize("factor", [1.001, 0.999, 0.0, -1.0, np.nan, np.inf])
def test_a_wrong_rule_raises_with_both_numbers_the_place_and_the_class(factor):
    with np.errstate(invalid="ignore"), pytest.raises(GradientError) as caught:
        gradcheck(lambda x: exp(Mine(factor)(x)), [0.5, 1.0])
    message = str(caught.value)
    assert "the gradient of argument 0 at [0]" in message
    assert "by the rules" in message
    assert "by differences" in message
    assert "the backward of Mine is wrong" in message
    assert message.count("the backward of") == 1


@pytest.mark.parametrize("name", [name for name, op in OPS.items() if len(op.examples) > 0])
def test_planted_mistakes_of_a_thousandth_in_every_op(name, monkeypatch):
    from dzviz.language import evaluate as language
    from dzviz.language.parse import parse

    op = OPS[name]
    expression, all_shapes = next(iter(op.examples.items()))
    shapes = [shapes for shapes in all_shapes if 0 not in sum(shapes, ())][-1]
    program = parse(expression)
    generator = np.random.default_rng(0)
    arrays = [generator.uniform(*op.sample, shape) for shape in shapes]

    def f(*xs):
        evaluator = language._Evaluator(program, set(OPS), None)
        return evaluator.run(dict(zip(program.names, xs, strict=True)))[0]

    gradcheck(f, *arrays)
    (y,) = [f(*[Variable(a) for a in arrays])]
    kind = type(y.creator)
    assert issubclass(kind, Op)
    if "vjps" in vars(kind) and isinstance(vars(kind)["vjps"], property):
        right = kind.part
        monkeypatch.setattr(kind, "part", lambda *a, **k: right(*a, **k) * 1.001)
    else:
        wrong = tuple(r and (lambda *a, r=r: r(*a) * 1.001) for r in kind.vjps)
        monkeypatch.setattr(kind, "vjps", wrong)
    if name == "sign":
        return  # a thousandth of nothing
    with pytest.raises(GradientError, match=f"the backward of {kind.__name__} is wrong"):
        gradcheck(f, *arrays)


def test_faulty_functions_are_found_inside_a_graph():
    x = Variable(np.array(1.0))
    y = exp(sin(x) * Mine(1.01)(x))
    assert len(faulty_functions(y)) == 1
    assert faulty_functions(exp(x)) == []


def test_a_rule_that_fails_is_told():
    class Fails(Function):
        def forward(self, x):
            return x

        def backward(self, gy):
            raise RuntimeError("no idea")

    with pytest.raises(RuntimeError, match="no idea"):
        gradcheck(Fails(), 1.0)


def test_constants_are_not_compared():
    assert [c.argument for c in check(lambda x: x * constant(3.0), 2.0).comparisons] == [0]


def test_the_order_is_at_least_one():
    with pytest.raises(ValueError, match="at least 1"):
        gradcheck(sin, 1.0, order=0)


@pytest.mark.parametrize(
    ("f", "x", "state"),
    [
        (relu, 0.0, "no derivative here"),
        (abs_, 0.0, "no derivative here"),
        (sqrt, 0.0, "not finite"),
        (log, 0.0, "not finite"),
        (sin, np.nan, "not finite"),
    ],
)
def test_where_there_is_no_derivative_no_rule_is_blamed(f, x, state):
    report = check(f, x)
    assert [c.state for c in report.comparisons] == [state]
    assert report.blamed == []
    assert report.fails is (state == "not finite")


@pytest.mark.parametrize("x", [1000.0, -1e5])
def test_large_arguments_of_wavy_functions(x):
    gradcheck(sin, x)
    gradcheck(lambda v: sin(v * 1000), 1.0)


def test_the_gradient_of_a_number_is_shown_as_it_is():
    (comparison,) = check(sin, 1.0).comparisons
    assert comparison.gradient == np.cos(1.0)


def test_a_kink_of_the_derivative_is_no_mistake():
    gradcheck(lambda x: abs_(x) * x, 0.0)
    gradcheck(lambda x: relu(x) * x, 0.0)
