"""The n-th derivative against mpmath, and what belongs to which order."""

import mpmath
import numpy as np
import pytest

from dezero import Constant, Variable, grad
from dezero.functions import cos, exp, log, sigmoid, sin, tanh
from dzviz.errors import EvaluationError, UsageError
from dzviz.sources.derivative import choose, derivative_names, derive
from dzviz.sources.snapshot import snapshot


def exact(f, x, n):
    with mpmath.workdps(60):
        return float(mpmath.diff(f, mpmath.mpf(x), n))


@pytest.mark.parametrize("order", range(1, 7))
@pytest.mark.parametrize(
    ("f", "reference", "at"),
    [
        (tanh, mpmath.tanh, 1.0),
        (exp, mpmath.exp, 0.5),
        (lambda x: log(x) * x, lambda x: mpmath.log(x) * x, 2.0),
        (lambda x: sin(x) / x, lambda x: mpmath.sin(x) / x, 1.5),
        (lambda x: x**2.5, lambda x: x**2.5, 1.3),
        (lambda x: 2.0**x, lambda x: mpmath.mpf(2) ** x, 1.3),
        (sigmoid, lambda x: 1 / (1 + mpmath.exp(-x)), 0.7),
        (lambda x: exp(sin(x) * cos(x)), lambda x: mpmath.exp(mpmath.sin(x) * mpmath.cos(x)), 0.4),
    ],
)
def test_derivatives_against_mpmath(f, reference, at, order):
    x = Variable(np.array(at))
    derivation = derive(f(x), [x] * order)
    assert derivation.output.data == pytest.approx(exact(reference, at, order), rel=1e-9)


def test_sine_to_the_twentieth_order():
    x = Variable(np.array(0.3))
    for order in range(1, 21):
        y = derive(sin(x), [x] * order).output
        assert y.data == pytest.approx(np.sin(0.3 + order * np.pi / 2), rel=1e-12)


def test_orders_and_origins():
    x = Variable(np.array(1.0), "x")
    y = tanh(sin(x))
    first = derive(y, [x], ["y'"])
    graph = snapshot(first.output, derivation=first)
    assert graph.order == 1
    orders = {node.label: node.order for node in graph.nodes if node.id.startswith("f")}
    assert (orders["sin"], orders["tanh"], orders["cos"]) == (0, 0, 1)
    origins = {node.label: node.origin for node in graph.nodes if node.id.startswith("f")}
    assert (origins["sin"], origins["cos"], origins["-"]) == (None, "sin", "tanh")


def test_the_derivative_of_sine_is_cosine_itself():
    x = Variable(np.array(1.0))
    y = derive(sin(x), [x]).output
    assert type(y.creator).__name__ == "Cos"


def test_what_does_not_depend_is_zero():
    x, z = Variable(np.array(1.0)), Variable(np.array([1.0, 2.0]))
    y = derive(sin(x), [z]).output
    assert y.data.tolist() == [0.0, 0.0]
    assert isinstance(y, Constant)
    assert derive(2.0 * x, [x, x]).output.data == 0.0


def test_a_derivative_that_is_an_input_is_a_variable_of_its_own():
    x, w = Variable(np.array(1.0), "x"), Variable(np.array(2.0), "w")
    y = derive(x * w, [w], ["y'"]).output
    assert (y.name, x.name) == ("y'", "x")
    assert y.creator.inputs[0] is x


def test_mixed_partials_agree_with_the_closed_form():
    x, z = Variable(np.array(2.0)), Variable(np.array(3.0))
    assert derive(x**2 * z**3, [x, z]).output.data == 4 * 27
    assert derive(x**2 * z**3, [z, z, x]).output.data == 4 * 18


def test_hessian_vector_products_of_rosenbrock():
    at, v = np.array([1.3, -0.7]), np.array([0.4, 0.9])
    x = Variable(at)
    y = 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    g = grad(y, x, create_graph=True)
    product = grad((g * v).sum(), x)
    a, b = at
    hessian = np.array([[1200 * a * a - 400 * b + 2, -400 * a], [-400 * a, 200]])
    np.testing.assert_allclose(product.data, hessian @ v, rtol=1e-12)


@pytest.mark.parametrize(
    ("f", "hessian"),
    [
        (
            lambda x, y: 0.26 * (x**2 + y**2) - 0.48 * x * y,
            lambda x, y: [[0.52, -0.48], [-0.48, 0.52]],
        ),
        (
            lambda x, y: x**3 * y + sin(x * y),
            lambda x, y: [
                [
                    6 * x * y - y * y * np.sin(x * y),
                    3 * x**2 + np.cos(x * y) - x * y * np.sin(x * y),
                ],
                [3 * x**2 + np.cos(x * y) - x * y * np.sin(x * y), -x * x * np.sin(x * y)],
            ],
        ),
    ],
)
def test_hessians(f, hessian):
    at = (1.3, -0.7)
    x, y = (Variable(np.array(a)) for a in at)
    found = [[float(derive(f(x, y), [a, b]).output.data) for b in (x, y)] for a in (x, y)]
    np.testing.assert_allclose(found, hessian(*at), rtol=1e-12)


def test_names():
    assert derivative_names("y", ["x"] * 5) == [
        "y'",
        "y''",
        "y'''",
        "y\u207d\u2074\u207e",
        "y\u207d\u2075\u207e",
    ]
    assert derivative_names("f", ["x", "z"]) == ["df/dx", "d2f/dx dz"]


def test_choosing_variables():
    inputs = {"x": Variable(np.array(1.0)), "z": Variable(np.array(1.0))}
    assert choose(inputs, 2, ["z"]) == [inputs["z"]] * 2
    assert choose(inputs, 2, ["z", "x"]) == [inputs["z"], inputs["x"]]
    with pytest.raises(UsageError, match="x, z"):
        choose(inputs, 1, [])


def test_too_many_functions(monkeypatch):
    monkeypatch.setattr("dzviz.sources.derivative.MAX_FUNCTIONS", 20)
    x = Variable(np.array(1.0))
    with pytest.raises(EvaluationError, match="more than 20 functions"):
        derive(tanh(tanh(x)), [x] * 3)
