"""Programs of the kind that the book's steps 23 to 43 write, run to the numbers they must give."""

import math

import numpy as np
import pytest

import dezero
import dezero.functions as F  # noqa: N812 -- the book's name for it
from dezero import Function, Parameter, Variable, using_config
from dezero.core import Add, Mul, Pow, add, as_array, mul, pow, rdiv, rsub  # noqa: A004


def var(data, name=None):
    return Variable(np.array(data, float), name)


# Functions of two variables (steps 24 to 26)


def sphere(x, y):
    return x**2 + y**2


def matyas(x, y):
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


def goldstein(x, y):
    first = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    second = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return first * second


@pytest.mark.parametrize(
    ("f", "value", "gx", "gy"),
    [
        (sphere, 2.0, 2.0, 2.0),
        (matyas, 0.04, 0.04, 0.04),
        (goldstein, 1876.0, -5376.0, 8064.0),
    ],
)
def test_functions_of_two_variables(f, value, gx, gy):
    x, y = var(1.0), var(1.0)
    z = f(x, y)
    z.backward()
    assert float(z.data) == pytest.approx(value, rel=1e-13)
    assert float(x.grad.data) == pytest.approx(gx, rel=1e-13)
    assert float(y.grad.data) == pytest.approx(gy, rel=1e-13)


def test_names_and_repr_as_the_book_prints_them():
    x = var([[1, 2, 3], [4, 5, 6]], name="x")
    assert (x.name, len(x), x.shape, x.ndim, x.size, x.dtype) == ("x", 2, (2, 3), 2, 6, float)
    assert repr(x) == "variable([[1. 2. 3.]\n          [4. 5. 6.]])"
    assert repr(Variable(None)) == "variable(None)"
    assert repr(var(3.0) * 2) == "variable(6.0)"


def test_the_operators_have_functions():
    a, b = var(3.0), var(2.0)
    x = Variable(np.array(3.0))
    results = [add(a, b), mul(a, b), rsub(a, b), rdiv(a, b), pow(a, 3), 2 - x, 6 / x, -x, x**2]
    assert [float(y.data) for y in results] == [5, 6, -1, 2 / 3, 27, -1, 2, -3, 9]
    kinds = [type(y.creator) for y in results[:2] + results[4:5]]
    assert kinds == [Add, Mul, Pow]
    assert float((np.array(2.0) * a).data) == 6.0


# Taylor series (step 27)


class Sine(Function):
    def forward(self, x):
        return np.sin(x)

    def backward(self, gy):
        x = self.inputs[0].data
        return gy * np.cos(x)


def taylor_sine(x, threshold):
    y = 0
    for i in range(1000):
        t = (-1) ** i / math.factorial(2 * i + 1) * x ** (2 * i + 1)
        y = y + t
        if abs(t.data) < threshold:
            break
    return y


@pytest.mark.parametrize(("threshold", "accuracy"), [(1e-4, 1e-5), (1e-15, 1e-15)])
def test_sine_by_its_taylor_series(threshold, accuracy):
    x = var(np.pi / 4)
    y = taylor_sine(x, threshold)
    y.backward()
    assert float(y.data) == pytest.approx(math.sqrt(0.5), abs=accuracy)
    assert float(x.grad.data) == pytest.approx(math.sqrt(0.5), abs=10 * accuracy)


def test_a_function_in_the_style_of_step_27():
    x = var(np.pi / 4)
    y = Sine()(x)
    y.backward()
    assert float(x.grad.data) == pytest.approx(math.sqrt(0.5), abs=1e-15)


# Optimisation (steps 28, 29 and 33)


def rosenbrock(x0, x1):
    return 100 * (x1 - x0**2) ** 2 + (x0 - 1) ** 2


def test_rosenbrock_by_gradient_descent():
    x0, x1 = var(0.0), var(2.0)
    a, b = 0.0, 2.0
    for _ in range(1000):
        x0.cleargrad()
        x1.cleargrad()
        rosenbrock(x0, x1).backward()
        x0.data -= 0.001 * x0.grad.data
        x1.data -= 0.001 * x1.grad.data
        ga, gb = -400 * a * (b - a * a) + 2 * (a - 1), 200 * (b - a * a)
        a, b = a - 0.001 * ga, b - 0.001 * gb
    np.testing.assert_allclose([x0.data, x1.data], [a, b], rtol=1e-12)
    np.testing.assert_allclose([a, b], [0.68, 0.47], atol=0.01)  # still on its way to (1, 1)


def test_rosenbrock_has_its_minimum_where_it_should():
    x0, x1 = var(1.0), var(1.0)
    y = rosenbrock(x0, x1)
    y.backward()
    assert float(y.data) == 0
    assert float(x0.grad.data) == 0
    assert float(x1.grad.data) == 0


def test_newtons_method_by_double_backward():
    x = var(2.0)
    steps = []
    for _ in range(8):
        y = x**4 - 2 * x**2
        x.cleargrad()
        y.backward(create_graph=True)
        gx = x.grad
        x.cleargrad()
        gx.backward()
        x.data -= gx.data / x.grad.data
        steps.append(float(x.data))
    point = 2.0
    for step in steps:
        point -= (4 * point**3 - 4 * point) / (12 * point**2 - 4)
        assert step == pytest.approx(point, rel=1e-14)
    assert steps[-1] == pytest.approx(1.0, abs=1e-15)


# Higher derivatives (steps 30 to 36)


def derivatives(y, x, count):
    """Differentiate again and again, as the book does it: a cleared grad, a new pass."""
    found = []
    for _ in range(count):
        x.cleargrad()
        y.backward(create_graph=True)
        y = x.grad
        found.append(y.data)
    return found


def test_sines_derivatives_on_a_line():
    x = Variable(np.linspace(-7, 7, 200))
    expected = [np.cos(x.data), -np.sin(x.data), -np.cos(x.data), np.sin(x.data)]
    for found, wanted in zip(derivatives(F.sin(x), x, 8), expected * 2, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-14)


def test_tanhs_derivatives():
    x = var([-1.0, 0.0, 0.5, 1.0])
    t = np.tanh(x.data)
    expected = [
        1 - t**2,
        -2 * t * (1 - t**2),
        (1 - t**2) * (6 * t**2 - 2),
        (1 - t**2) * (16 * t - 24 * t**3),
    ]
    for found, wanted in zip(derivatives(F.tanh(x), x, 4), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)


def test_a_gradient_in_a_further_formula():
    x = var(2.0)
    y = x**2
    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    z = gx**3 + y
    z.backward()
    assert float(x.grad.data) == 100.0  # 24 x^2 + 2 x


def test_a_hessian_times_a_vector():
    x = var([1.5, 2.0])
    vector = var([4.0, 5.0])
    y = F.sum(x[0] ** 2 * x[1] + x[1] ** 3)
    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    F.matmul(vector, gx).backward()
    hessian = np.array([[2 * 2.0, 2 * 1.5], [2 * 1.5, 6 * 2.0]])
    np.testing.assert_allclose(x.grad.data, hessian @ vector.data, rtol=1e-14)


def test_a_derivative_can_be_named_and_drawn():
    x = var(1.0, name="x")
    y = F.tanh(x)
    y.name = "y"
    derivatives(y, x, 2)
    gx2 = x.grad
    gx2.name = "second derivative"
    dot = dezero.utils.get_dot_graph(gx2, verbose=False)
    assert "second derivative" in dot
    assert dot.count("tanh") == 1


# Tensors (steps 37 to 41)


def test_elementwise_and_sum():
    x, c = var([[1, 2, 3], [4, 5, 6]]), var([[10, 20, 30], [40, 50, 60]])
    t = x + c
    y = F.sum(t)
    y.backward(retain_grad=True)
    assert float(y.data) == 231.0
    for variable in (y, t, x, c):
        np.testing.assert_array_equal(variable.grad.data, np.ones(variable.shape))


@pytest.mark.parametrize(
    "move",
    [
        lambda x: F.reshape(x, (6,)),
        lambda x: x.reshape((6,)),
        lambda x: x.reshape(3, 2),
        lambda x: x.reshape([3, 2]),
        lambda x: F.transpose(x),
        lambda x: x.transpose(),
        lambda x: x.transpose(1, 0),
        lambda x: x.transpose((1, 0)),
        lambda x: x.T,
        lambda x: F.expand_dims(x, 1),
    ],
)
def test_moved_elements_carry_their_gradients_back(move):
    x = var([[1, 2, 3], [4, 5, 6]])
    y = move(x)
    y.grad = Variable(y.data * 10)
    y.backward()
    np.testing.assert_array_equal(x.grad.data, x.data * 10)


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({}, ()),
        ({"axis": 0}, (3,)),
        ({"axis": -1}, (2,)),
        ({"axis": (0, 1)}, ()),
        ({"axis": 1, "keepdims": True}, (2, 1)),
        ({"keepdims": True}, (1, 1)),
    ],
)
def test_sums_along_axes(options, shape):
    x = var([[1, 2, 3], [4, 5, 6]])
    for y in (F.sum(x, **options), x.sum(**options)):
        assert y.shape == shape
        np.testing.assert_array_equal(y.data, x.data.sum(**options))
        x.cleargrad()
        y.backward()
        np.testing.assert_array_equal(x.grad.data, np.ones((2, 3)))


def test_broadcasting_is_undone_on_the_way_back():
    x0, x1 = var([1, 2, 3]), var([10])
    y = x0 + x1
    y.backward()
    np.testing.assert_array_equal(y.data, [11, 12, 13])
    np.testing.assert_array_equal(x1.grad.data, [3])

    x = var([[1, 2, 3], [4, 5, 6]])
    y = F.sum_to(x, (1, 3))
    assert y.data.tolist() == [[5, 7, 9]]
    z = F.broadcast_to(y, (2, 3))
    z.backward()
    np.testing.assert_array_equal(x.grad.data, np.full((2, 3), 2.0))


def test_matrix_products():
    x = Variable(np.random.default_rng(0).normal(size=(2, 3)))
    W = Variable(np.random.default_rng(1).normal(size=(3, 4)))  # noqa: N806 -- the book's name
    for product in (F.matmul, Variable.matmul, Variable.dot, F.linear, F.linear_simple):
        x.cleargrad()
        W.cleargrad()
        y = product(x, W)
        y.backward()
        np.testing.assert_allclose(y.data, x.data @ W.data, rtol=1e-14)
        np.testing.assert_allclose(x.grad.data, np.ones((2, 4)) @ W.data.T, rtol=1e-14)
        np.testing.assert_allclose(W.grad.data, x.data.T @ np.ones((2, 4)), rtol=1e-14)


# Learning (steps 42 and 43)


def mean_squared_error(x0, x1):
    difference = x0 - x1
    return F.sum(difference**2) / len(difference)


@pytest.mark.parametrize(
    "loss_of", [mean_squared_error, F.mean_squared_error, F.mean_squared_error_simple]
)
def test_linear_regression(loss_of):
    generator = np.random.default_rng(0)
    x = generator.random((100, 1))
    y = 5 + 2 * x + generator.random((100, 1))
    W, b = Variable(np.zeros((1, 1))), Variable(np.zeros(1))  # noqa: N806 -- the book's name
    losses = []
    for _ in range(1500):
        loss = loss_of(y, F.matmul(x, W) + b)
        W.cleargrad()
        b.cleargrad()
        loss.backward()
        W.data -= 0.1 * W.grad.data
        b.data -= 0.1 * b.grad.data
        losses.append(float(loss.data))
    best, residues, *_ = np.linalg.lstsq(np.hstack([x, np.ones((100, 1))]), y, rcond=None)
    np.testing.assert_allclose([W.data.item(), b.data.item()], best.ravel(), rtol=1e-6)
    assert losses[-1] == pytest.approx(residues.item() / 100, rel=1e-9)
    assert losses[:500] == sorted(losses[:500], reverse=True)


@pytest.mark.parametrize("linear", [F.linear, F.linear_simple])
@pytest.mark.parametrize("sigmoid", [F.sigmoid, F.sigmoid_simple])
def test_a_net_of_two_layers(linear, sigmoid):
    generator = np.random.default_rng(0)
    x = generator.random((50, 1))
    t = np.sin(2 * np.pi * x) + generator.random((50, 1))
    parts = [0.5 * generator.normal(size=(1, 10)), np.zeros(10)]
    parts += [0.5 * generator.normal(size=(10, 1)), np.zeros(1)]
    twins = [part.copy() for part in parts]
    parameters = [Parameter(part) for part in parts]
    W1, b1, W2, b2 = parameters  # noqa: N806 -- the book's names
    losses = []
    for _ in range(300):
        y = linear(sigmoid(linear(x, W1, b1)), W2, b2)
        loss = F.mean_squared_error(t, y)
        for parameter in parameters:
            parameter.cleargrad()
        loss.backward()
        for parameter in parameters:
            parameter.data -= 0.2 * parameter.grad.data
        losses.append(float(loss.data))
        train_by_hand(x, t, twins, 0.2)
    for parameter, twin in zip(parameters, twins, strict=True):
        np.testing.assert_allclose(parameter.data, twin, rtol=1e-9, atol=1e-12)
    assert losses[-1] < 0.5 * losses[0]


def train_by_hand(x, t, parts, rate):
    """Do one step of the same training with the chain rule written out."""
    W1, b1, W2, b2 = parts  # noqa: N806 -- the book's names
    h = 1 / (1 + np.exp(-(x @ W1 + b1)))
    gy = 2 * (h @ W2 + b2 - t) / len(x)
    gh = gy @ W2.T * h * (1 - h)
    for part, gradient in zip(parts, (x.T @ gh, gh.sum(0), h.T @ gy, gy.sum(0)), strict=True):
        part -= rate * gradient


# Functions that come with the book's later steps


@pytest.mark.parametrize(
    ("simple", "whole", "shapes"),
    [
        (F.sigmoid_simple, F.sigmoid, [(2, 3)]),
        (F.softmax_simple, F.softmax, [(2, 3)]),
        (F.linear_simple, F.linear, [(2, 3), (3, 4)]),
        (F.linear_simple, F.linear, [(2, 3), (3, 4), (4,)]),
        (F.mean_squared_error_simple, F.mean_squared_error, [(2, 3), (2, 3)]),
        (
            lambda x: F.softmax_cross_entropy_simple(x, np.array([2, 0])),
            lambda x: F.softmax_cross_entropy(x, np.array([2, 0])),
            [(2, 3)],
        ),
    ],
)
def test_a_function_and_its_simple_twin_agree(simple, whole, shapes):
    generator = np.random.default_rng(0)
    arrays = [generator.normal(size=shape) for shape in shapes]
    for order in (1, 2):
        results = []
        for f in (simple, whole):
            xs = [Variable(array) for array in arrays]
            y = f(*xs)
            weights = np.cos(np.arange(y.size)).reshape(y.shape)
            gxs = dezero.grad(F.sum(y * weights), xs, create_graph=True)
            if order == 2:
                gxs = dezero.grad(gxs[0] * np.cos(np.arange(6.0)).reshape(gxs[0].shape), xs)
            results.append([y.data, *[gx.data for gx in gxs]])
        for a, b in zip(*results, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)


def test_the_simple_twins_take_arrays_and_variables():
    x, t = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0, 1])
    for labels in (t, Variable(t)):
        for scores in (x, Variable(x)):
            loss = F.softmax_cross_entropy_simple(scores, labels)
            assert float(loss.data) == pytest.approx(0.813261687518222827, rel=1e-12)
    assert F.sigmoid_simple(0.0).data == 0.5
    np.testing.assert_allclose(F.softmax_simple(x, axis=0).data.sum(axis=0), 1, rtol=1e-15)


def test_the_largest_the_smallest_and_what_is_between():
    x = var([[1, 5, 2], [4, 0, 3]])
    assert F.max(x).data == x.max().data == 5
    assert F.min(x, axis=0).data.tolist() == x.min(axis=0).data.tolist() == [1, 0, 2]
    assert F.max(x, axis=1, keepdims=True).shape == (2, 1)
    assert F.clip(x, 1, 4).data.tolist() == [[1, 4, 2], [4, 1, 3]]
    assert F.average(x).data == F.mean(x).data == 2.5
    assert F.get_item(x, (slice(None), [0, 0])).data.tolist() == [[1, 1], [4, 4]]
    assert F.relu(x - 3).data.tolist() == [[0, 2, 0], [1, 0, 0]]


def test_the_switches():
    assert dezero.Config.enable_backprop
    assert dezero.Config.train
    with dezero.test_mode(), using_config("enable_backprop", False):
        assert not dezero.Config.train
        assert (var(1.0) * 2).creator is None
    assert dezero.Config.train
    with dezero.no_grad():
        assert (var(1.0) * 2).creator is None


def test_a_chain_can_be_cut():
    x = var(3.0)
    a = x * 2
    b = a * 2
    y = b * 2
    a.unchain()
    y.backward()
    assert x.grad is None
    y.unchain_backward()
    assert y.creator is not None
    assert b.creator is None


def test_as_array():
    array = np.array(1.0)
    assert as_array(array) is array
    assert type(as_array(np.float64(1.0))) is np.ndarray
    assert type(as_array(1.0)) is np.ndarray
