"""Which numbers rounding may write otherwise: no others are, beside bounds of all numbers."""

import random

import numpy as np
import pytest

import dzviz
from dezero import OPS, Function, Variable, functions
from dezero.engine import backward
from dezero.recorder import Recording
from dezero.rounding import Bounded, bounded
from dezero.rounding.linear import SURE, UnsureError, linear
from dzviz.graph.rounded import is_zero
from dzviz.language.evaluate import evaluate
from dzviz.language.parse import parse
from dzviz.sources.columns import columns, gradients
from dzviz.sources.numbering import number
from dzviz.sources.snapshot import snapshot
from dzviz.sources.suspects import suspects

UNARY = (
    *("sin", "cos", "tanh", "exp", "log", "sqrt", "relu", "sigmoid", "square", "abs", "arctan"),
    *("softplus", "expm1", "log1p", "tan", "sinh", "cosh", "arcsin", "log2", "log10", "gelu"),
)
NUMBERS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.9, 1.0, 1.5, 3.0, 3.14159265358979, 0.7, 1e-9, 1e9, -0.4)


def scalar(value):
    return Variable(np.asarray(float(value)))


def tower(dice, size):
    """Compute a number from a few, with sums and differences of what is nearly the same."""
    made = [scalar(dice.choice(NUMBERS)) for _ in range(3)]
    for _ in range(size):
        x = dice.choice(made[-4:])
        z = dice.choice(made)
        way = dice.randrange(10)
        if way < 4:
            y = getattr(functions, dice.choice(UNARY))(x)
        elif way == 4:
            y = x - z
        elif way == 5:
            y = x + z * dice.choice(NUMBERS)
        elif way == 6:
            y = x * z
        elif way == 7:
            y = x / z if float(z.data) else x + z
        elif way == 8:
            y = (x + dice.choice(NUMBERS)) - x  # noise, or nearly a short number
        else:
            y = x ** dice.choice((2, 3, 0.5, -1))
        if not np.isfinite(y.data) or abs(float(y.data)) > 1e30:
            continue
        made.append(y)
    return made[-1] + made[-2] * 0.5


def chain(step, size, x=0.5, a=0.9):
    x, a = scalar(x), scalar(a)
    y = x
    for _ in range(size):
        y = step(y, a)
    return y


CHAINS = {
    "to pi": lambda y, a: functions.sin(y) * a + y,
    "relu": lambda y, a: functions.relu(y) * 1e-4 + y,
    "fixed point": lambda y, a: functions.cos(y) * a + 0.3,
    "differences": lambda y, a: (y - a) * a + y,
    "chaos": lambda y, a: 3.9 * y * (1 - y),
    "there and back": lambda y, a: (y + 0.1) - 0.1,
    "quotients": lambda y, a: (y * 3) / 3,
    "noise passed on": lambda y, a: functions.exp((y + a) - y) * y - y,
    "vanishing": lambda y, a: functions.tanh(y) * 0.1,
}


def same(y, **look):
    """Whether a diagram is written as with bounds of all numbers."""
    assert dzviz.to_dot(y, **look) == dzviz.to_dot(dzviz.snapshot(y), **look)


def nodes(y):
    """Return what a diagram says of its Variables."""
    return [line for line in dzviz.to_dot(y).splitlines() if line.startswith("  v")]


def read(y, dice):
    """Look at the numbers of some gradients, which makes arrays without axes of them."""
    for x in number([y]).variables:
        if x.grad is not None and dice.random() < 0.5:
            assert x.grad.data.shape == ()


def found(y, digits=4):
    numbering = number([y])
    return suspects(columns(numbering, {y}), {y}, gradients(numbering, Recording(), {}), digits)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("retain", [False, True])
@pytest.mark.parametrize("size", [1, 3, 10, 30, 80])
@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_is_written_as_with_all_bounds(name, size, retain):
    y = chain(CHAINS[name], size)
    same(y)
    y.backward(retain_grad=retain)
    for precision in (1, 4, 6):
        same(y, precision=precision)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("size", [5, 15, 40])
@pytest.mark.parametrize("seed", range(40))
def test_random_graphs_are_written_as_with_all_bounds(seed, size):
    dice = random.Random(seed)
    y = tower(dice, size)
    y.backward(retain_grad=seed % 3 > 0, create_graph=seed % 4 == 0)
    same(y)
    read(y, dice)
    same(y)
    same(y, precision=2)


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_many_random_graphs_are_written_as_with_all_bounds():
    known = 0
    for seed in range(100, 700):
        dice = random.Random(seed)
        y = tower(dice, dice.randrange(3, 60))
        y.backward(retain_grad=dice.random() < 0.7, create_graph=dice.random() < 0.3)
        known += found(y) is not None
        if dice.random() < 0.5:
            read(y, dice)
        same(y, precision=dice.choice((1, 3, 4, 6)))
    assert known > 300


@pytest.mark.parametrize("steps", [0, 150])
@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize(("factors", "text"), [((0.1, 0.2), "0.3"), ((0.1, 0.2, -0.3), "~0")])
def test_gradients_are_written_alike_however_they_are_kept(factors, text, create_graph, steps):
    x, h = scalar(0.5), scalar(0.3)
    for _ in range(steps):
        h = functions.sin(h) * 0.99 + h * 0.013
    y = h + 1
    for factor in factors:
        y = y + x * factor
    y.backward(create_graph=create_graph, retain_grad=True)
    before = nodes(y)
    assert any(f"data 0.5\\ngrad {text}" in line for line in before)
    for node in number([y]).variables:
        assert node.grad is None or node.grad.data.shape == ()
    assert nodes(y) == before
    same(y)


@pytest.mark.parametrize("gradient", [np.float32(0.5), np.ones(2), Variable(np.ones(2))])
def test_nothing_is_said_of_gradients_that_are_no_numbers(gradient):
    x = scalar(0.3)
    y = x * 0.1 + x * 0.2
    y.backward()
    known = columns(numbering := number([y]), {y})
    grads = list(gradients(numbering, Recording(), {}))
    assert suspects(known, {y}, grads, 4) is not None
    grads[1] = gradient
    assert suspects(known, {y}, grads, 4) is None


@pytest.mark.parametrize("name", ["maximum", "minimum"])
@pytest.mark.parametrize("factors", [(0.1, 0.2), (0.1, 0.2, -0.3)])
def test_a_tie_is_written_as_with_all_bounds(name, factors):
    x, z = scalar(0), scalar(0)
    m = getattr(functions, name)(x, z)
    y = m * 0.0 + 7
    for factor in factors:
        y = y + m * factor
    y.backward(retain_grad=True)
    assert found(y) is not None
    assert f"data 0\\ngrad {'0.15' if len(factors) == 2 else '~0'}" in dzviz.to_dot(y)
    same(y)


def test_bounds_of_gradients_hold_for_sums_in_any_order():
    x = scalar(1)
    y = x * (1 + 2.0**-45)
    for _ in range(20):  # the positive ones first are off by up to 400 units of 2**-53
        y = y + x * 1.0
        y = y - x * 1.0
    y.backward()
    assert float(x.grad.data) == 1 + 2.0**-45
    numbering = number([y])
    assert len(numbering.variables) + numbering.variables[x] in found(y)


def test_of_a_large_recorded_graph_nothing_is_found_in_columns(monkeypatch):
    def never(*_):
        raise AssertionError

    y = chain(CHAINS["to pi"], 100)
    recording = Recording()
    backward(y, observer=recording)
    assert recording.contributions
    monkeypatch.setattr("dzviz.sources.suspects.suspects", never)
    snapshot(y, recording=recording)
    with pytest.raises(AssertionError):
        dzviz.to_dot(y)


def test_a_share_of_noise_is_found_in_a_large_recorded_graph():
    """Of shares, columns know nothing: where few numbers are in doubt, too, bounds are asked."""
    w, noise = scalar(2), (scalar(0.1) + 0.2) - 0.3
    y = chain(CHAINS["there and back"], 200) + w * noise
    recording = Recording()
    backward(y, observer=recording)
    graph = snapshot(y, recording=recording)
    assert len(graph.nodes) > 500
    (share,) = (
        edge.contribution
        for edge in graph.edges
        if edge.contribution is not None and 0 < abs(edge.contribution) < 1e-9
    )
    assert float(share) == (0.1 + 0.2) - 0.3
    assert is_zero(share)


SCALARS = sorted(
    (op, expression)
    for op in OPS
    for expression in OPS[op].examples
    if any(not any(shapes) for shapes in OPS[op].examples[expression])
)


KNOWN = {
    *("a + b", "a - b", "a * b", "a / b", "-x", "x ** 2", "x ** 3", "x ** 0.5", "dot(a, b)"),
    *("maximum(a, b)", "minimum(a, b)", "gelu(x)", "ndtr(x)", "silu(x)", "sigmoid(x)", "relu(x)"),
    *("abs(x)", "square(x)", "sqrt(x)", "softplus(x)", "softsign(x)", "tanh(x)", "arctan(x)"),
    *("exp(x)", "expm1(x)", "log(x)", "log1p(x)", "log2(x)", "log10(x)", "sinh(x)", "cosh(x)"),
    *("sin(x)", "cos(x)", "tan(x)", "arcsin(x)", "arccos(x)"),
}
"""The examples of ops of which linear bounds are known, and of their rules."""


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("op", "expression"), SCALARS)
def test_linear_bounds_are_no_smaller_than_others(op, expression):
    program = parse(expression)
    generator = np.random.default_rng(1)
    low, high = OPS[op].sample
    given = {name: generator.uniform(low, high, ()) for name in program.names}
    y = evaluate(program, given).outputs[0]
    function = y.creator
    if function is None or y.ndim or not function.rules:
        pytest.skip("it is of no scalar alone")
    points = generator.uniform(low, high, (len(function.inputs), 200))
    errors = [SURE * generator.uniform(0, 1, 200) * np.abs(x) for x in points]
    gy = generator.normal(size=200)
    ends = [Bounded(x, e) for x, e in zip(points, errors, strict=True)]
    if expression not in KNOWN:
        with pytest.raises(UnsureError):
            applied(function, *linear(gy, gy, *points))
        return
    made = function.forward(*linear(*points))
    beside = function.forward(*ends)
    off = sum(f * e for f, e in zip(made.factors, [*errors, 1.0], strict=True))
    assert np.all(bounded(beside).bound <= off * (1 + 2.0**-20))
    value = bounded(beside).value
    columns_of = [gy, value, *points]
    of_gy = SURE * np.abs(gy)
    for rule in function.vjps:
        if rule is None:
            continue
        part = rule(function, *linear(*columns_of))
        there = [Bounded(gy, of_gy), Bounded(value, bounded(beside).bound), *ends]
        exact = bounded(rule(function, *there))
        known = [of_gy, bounded(beside).bound, *errors, 1.0]
        off = sum(f * e for f, e in zip(part.factors, known, strict=True))
        assert np.all(exact.bound <= off * (1 + 2.0**-20))


def applied(function, gy, y, *xs):
    """Apply an op and its rules."""
    function.forward(*xs)
    for rule in filter(None, function.vjps):
        rule(function, gy, y, *xs)


def test_what_is_known_are_examples_of_ops():
    assert {expression for _, expression in SCALARS} >= KNOWN


def test_what_cancels_is_found():
    x = scalar(0.1)
    y = (x + 0.2) - 0.3
    assert found(y)
    assert found(functions.sin(scalar(0.3)) * 0.77) == set()


def test_nothing_is_said_of_arrays_and_ops_of_the_users_own():
    class Own(Function):
        def forward(self, x):
            return x * 2

        def backward(self, gy):
            return gy * 2

    class Own2(type(functions.sin(scalar(0.3)).creator)):
        def forward(self, x):
            assert type(x) is np.float64
            return x * 2

    assert found(Own()(scalar(0.3))) is None
    assert found(Own2()(scalar(0.3))) is None
    assert found(functions.sum(Variable(np.ones(3)))) is None
