"""Bounds of rounding errors beside exact results: never too small, and not absurdly large."""

import math
import operator

import mpmath
import numpy as np
import pytest
from fuzzing.exact import Exact

import dezero
from dezero import OPS, Variable
from dezero.rounding import FUNCTIONS, Bounded, UnknownBoundError, bounded, unbounded
from dezero.rounding.linear import SURE, UnsureError, linear
from dezero.special import ERFC
from dzviz.engine import Recording
from dzviz.language.evaluate import evaluate
from dzviz.language.parse import parse
from dzviz.sources.bounds import Bounds

mpmath.mp.prec = 240
EPS = 2.0**-52

CASES = [
    pytest.param(op, expression, shapes, id=f"{expression} {' '.join(map(str, shapes))}")
    for op in OPS.values()
    for expression, all_shapes in op.examples.items()
    for shapes in all_shapes
    if all(0 not in shape for shape in shapes)
]

extended = pytest.mark.skipif(
    np.finfo(np.longdouble).eps > 1e-18, reason="there are no longer numbers to compare with"
)


def arrays_of(op, shapes, seed, scale=1.0):
    low, high = op.sample
    generator = np.random.default_rng(seed)
    return [np.asarray(generator.uniform(low, high, shape) * scale) for shape in shapes]


def computed(expression, arrays, dtype=float):
    """Evaluate with a weighted sum behind it, and run backward; return the outputs and inputs."""
    program = parse(expression)
    given = {n: a.astype(dtype) for n, a in zip(program.names, arrays, strict=True)}
    evaluation = evaluate(program, given)
    y = evaluation.outputs[0]
    weights = np.cos(np.arange(y.size) + 1.0).reshape(y.shape).astype(dtype)
    recording = Recording()
    total = (y * weights * y).sum()
    # What cannot be written down is not recorded, and long doubles are only for comparison.
    observer = None if dtype is np.longdouble else recording
    dezero.backward([total], retain_grad=True, observer=observer)
    return total, y, [evaluation.inputs[name] for name in program.names], recording


def looked_into(expression, arrays):
    total, y, xs, recording = computed(expression, arrays)
    found, pending = [], [total]
    while pending:
        x = pending.pop()
        found.append(x)
        pending += x.creator.inputs if x.creator else ()
    return total, y, xs, Bounds([total], found, recording)


def eliminated(a, b):
    """Solve equations in long doubles, which LAPACK has not."""
    if a.ndim > 2 or b.ndim > 2:
        lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        a = np.broadcast_to(a, (*lead, *a.shape[-2:]))
        b = np.broadcast_to(b, (*lead, *b.shape[-2:]))
        rows = [eliminated(p, q) for p, q in zip(a, b, strict=True)]
        return np.array(rows).reshape(b.shape)
    a, b = np.array(a), np.array(b)
    for i in range(len(a)):
        pivot = i + np.argmax(np.abs(a[i:, i]))
        a[[i, pivot]], b[[i, pivot]] = a[[pivot, i]], b[[pivot, i]]
        for j in range(len(a)):
            if j != i:
                factor = a[j, i] / a[i, i]
                a[j], b[j] = a[j] - factor * a[i], b[j] - factor * b[i]
    return (b.T / np.diag(a)).T


def determinant(a):
    """Expand by the first row."""
    if not a.shape[-1]:
        return np.ones(a.shape[:-2], a.dtype)[()]
    minors = [np.delete(a[..., 1:, :], i, axis=-1) for i in range(a.shape[-1])]
    return sum((-1) ** i * a[..., 0, i] * determinant(m) for i, m in enumerate(minors))


@pytest.fixture
def longer(monkeypatch):
    """Let what NumPy leaves to LAPACK be computed in long doubles, too."""

    def of_long(name, function):
        original = getattr(np.linalg, name)

        def either(*operands):
            is_long = any(type(x) is not Bounded and x.dtype == np.longdouble for x in operands)
            return (function if is_long else original)(*operands)

        monkeypatch.setattr(np.linalg, name, either)

    of_long("solve", eliminated)
    of_long("inv", lambda a: eliminated(a, np.broadcast_to(np.eye(a.shape[-1]), a.shape)))
    of_long("det", determinant)


@pytest.mark.thorough
@extended
@pytest.mark.usefixtures("longer")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("scale", [1.0, 1e-3])
@pytest.mark.parametrize(("op", "expression", "shapes"), CASES)
def test_no_result_and_no_gradient_is_farther_off_than_its_bound(op, expression, shapes, scale):
    for seed in range(3):
        arrays = arrays_of(op, shapes, seed, scale if op.sample[0] < 0 else 1.0)
        total, y, xs, bounds = looked_into(expression, arrays)
        exact_total, exact_y, exact_xs, _ = computed(expression, arrays, np.longdouble)
        pairs = [(bounds.data_again(y), y.data, exact_y.data)]
        pairs += [(bounds.data_again(total), total.data, exact_total.data)]
        for x, exact in zip(xs, exact_xs, strict=True):
            if exact.grad is not None:
                pairs.append((bounds.gradient_again(x), x.grad.data, exact.grad.data))
        for result, value, exact in pairs:
            assert exact.dtype == np.longdouble or exact.dtype.kind in "bi"
            error = np.abs(value - exact).astype(float)
            assert np.all(error <= result.bound), (seed, error, result.bound)
            assert np.all(np.isfinite(result.bound)), (seed, result.bound)
            size = max(np.max(np.abs(value)), scale**2)
            assert np.all(result.bound <= 5000 * value.size * EPS * size), result.bound / size


@pytest.mark.thorough
@pytest.mark.parametrize(("op", "expression", "shapes"), CASES)
def test_results_beside_those_of_mpmath(op, expression, shapes):
    arrays = arrays_of(op, shapes, 7)
    program = parse(expression)
    exact = Exact(expression)
    exact.values = {
        name: np.vectorize(mpmath.mpf, otypes=[object])(a)
        for name, a in zip(program.names, arrays, strict=True)
    }
    truth = exact.value(exact.tree)
    _, y, _, bounds = looked_into(expression, arrays)
    result = bounds.data_again(y)
    for value, bound, true in zip(y.data.flat, np.ravel(result.bound), truth.flat, strict=True):
        assert abs(mpmath.mpf(float(value)) - true) <= bound + mpmath.mpf(10) ** -60


MPMATH = {
    np.exp: mpmath.exp,
    np.expm1: mpmath.expm1,
    np.log: mpmath.log,
    np.log1p: mpmath.log1p,
    np.log2: lambda x: mpmath.log(x, 2),
    np.log10: mpmath.log10,
    ERFC: mpmath.erfc,
    np.sqrt: mpmath.sqrt,
    np.sin: mpmath.sin,
    np.cos: mpmath.cos,
    np.tan: mpmath.tan,
    np.arcsin: mpmath.asin,
    np.arccos: mpmath.acos,
    np.arctan: mpmath.atan,
    np.sinh: mpmath.sinh,
    np.cosh: mpmath.cosh,
    np.tanh: mpmath.tanh,
    np.absolute: abs,
}


def test_there_is_a_truth_for_each_function():
    assert MPMATH.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("kind", [np.float64, lambda x: np.array([x])])
@pytest.mark.parametrize("ufunc", FUNCTIONS)
def test_functions_pass_on_the_errors_of_their_operands(ufunc, kind):
    for x in (0.01, 0.3, 0.7, 0.95):
        for error in (1e-6, 1e-13):
            bound = float(np.max(ufunc(Bounded(kind(x), error)).bound))
            true = MPMATH[ufunc](mpmath.mpf(x))
            moved = [MPMATH[ufunc](mpmath.mpf(x) + e) for e in (-error, error)]
            most = max(abs(end - true) for end in moved)
            assert most <= bound
            assert bound <= 1.2 * most + 1e-14


BINARY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
}


@pytest.mark.parametrize("kind", [np.float64, lambda x: np.array([x])])
@pytest.mark.parametrize("name", BINARY)
def test_operators_pass_on_the_errors_of_their_operands(name, kind):
    f = BINARY[name]
    for a, b in ((0.3, 0.7), (0.9, 0.2), (2.5, 1.7)):
        for e, g in ((1e-6, 1e-9), (1e-12, 1e-7), (0.0, 1e-8), (1e-8, 0.0)):
            bound = float(np.max(f(Bounded(kind(a), e), Bounded(kind(b), g)).bound))
            exact, other = mpmath.mpf(a), mpmath.mpf(b)
            ends = [f(exact + s * e, other + t * g) for s in (-1, 1) for t in (-1, 1)]
            most = max(abs(end - f(exact, other)) for end in ends)
            assert most <= bound
            assert bound <= 1.2 * most + 1e-14


def test_sums_and_products_pass_on_the_errors_of_their_operands():
    generator = np.random.default_rng(3)
    a, b = generator.normal(size=(2, 3, 3))
    e, g = 1e-7 * generator.random((2, 3, 3))
    x, y = Bounded(a, e), Bounded(b, g)
    for result, value in (
        (np.matmul(x, y), lambda p, q: p @ q),
        (np.sum(x, axis=0), lambda p, q: p.sum(axis=0)),
        (np.mean(x), lambda p, q: p.mean()),
        (np.var(x), lambda p, q: p.var()),
        (np.prod(x, axis=1), lambda p, q: p.prod(axis=1)),
        (np.max(x, axis=0), lambda p, q: p.max(axis=0)),
        (np.min(x), lambda p, q: p.min()),
        (np.logaddexp(x, y), np.logaddexp),
        (np.maximum(x, y), np.maximum),
        (np.clip(x, -0.5, 0.5), lambda p, q: np.clip(p, -0.5, 0.5)),
        (np.where(x > 0, x, y), lambda p, q: np.where(a > 0, p, q)),
    ):
        farthest = np.zeros(result.shape)
        for _ in range(200):
            signs = generator.choice([-1, 1], (2, 3, 3))
            moved = value(a + signs[0] * e, b + signs[1] * g)
            farthest = np.maximum(farthest, np.abs(moved - value(a, b)))
        assert np.all(farthest <= result.bound * (1 + 1e-6))
        # What is added in logarithms has the larger bound of the two.
        assert np.all(result.bound <= (4 if value is not np.logaddexp else 50) * farthest + 1e-14)


EXACT = {
    "2 * 3": lambda x: x(2.0) * 3,
    "0.1 * 2": lambda x: x(0.1) * 2,
    "x - 0.6": lambda x: x(0.6000000000000001) - 0.6,
    "1e-30 * 2": lambda x: x(2.0) * 1e-30,
    "0.75 + 0.5": lambda x: x(0.75) + 0.5,
    "6 / 3": lambda x: x(6.0) / 3,
    "0 / 3": lambda x: x(0.0) / 3,
    "3**3": lambda x: x(3.0) ** 3,
    "0.1**1": lambda x: x(0.1) ** 1,
    "sqrt(9)": lambda x: np.sqrt(x(9.0)),
    "exp(0)": lambda x: np.exp(x(0.0)),
    "log2(8)": lambda x: np.log2(x(8.0)),
    "maximum": lambda x: np.maximum(x(-1.0), 0),
    "0 * inexact": lambda x: x(0.0) * (x(0.1) + 0.2),
}
ROUNDED = {
    "0.1 + 0.2": lambda x: x(0.1) + 0.2,
    "0.1 * 3": lambda x: x(0.1) * 3,
    "1 / 3": lambda x: x(1.0) / 3,
    "sqrt(2)": lambda x: np.sqrt(x(2.0)),
    "sin(1)": lambda x: np.sin(x(1.0)),
    "underflow": lambda x: x(1e-200) * 1e-200,
    "too little for exp": lambda x: np.exp(x(-1000.0)),
}


def numbers(value):
    return Bounded(np.float64(value))


def arrays(value):
    return Bounded(np.array([value, value]))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("kind", [numbers, arrays])
@pytest.mark.parametrize("name", EXACT)
def test_what_is_exact_has_a_bound_of_zero(name, kind):
    assert not np.any(EXACT[name](kind).bound)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("kind", [numbers, arrays])
@pytest.mark.parametrize("name", ROUNDED)
def test_what_is_rounded_has_none(name, kind):
    result = ROUNDED[name](kind)
    assert np.all(result.bound > 0)
    assert np.all(result.bound <= 8 * EPS * np.abs(result.value) + 5e-324)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_number_has_the_bound_of_an_array_of_it():
    generator = np.random.default_rng(0)
    for a, b in generator.normal(size=(50, 2)):
        for f in (
            lambda x, y: x + y,
            lambda x, y: x - y,
            lambda x, y: x * y,
            lambda x, y: x / y,
            lambda x, y: np.sin(x) * y,
            lambda x, y: (x - y) * (x + y),
            np.maximum,
            lambda x, y: np.minimum(x, 0),
            lambda x, y: np.maximum(x - y, x - y),
            lambda x, y: x * (x > y),
            lambda x, y: (x - y) * (x * 0 >= y * 0),
            lambda x, y: x * np.equal(x, y),
            lambda x, y: x * ((x + y) - x > y),
        ):
            for error in (0.0, 1e-17):
                one = f(Bounded(np.float64(a), error), Bounded(np.float64(b), 2 * error))
                many = f(Bounded(np.array([a]), error), Bounded(np.array([b]), 2 * error))
                assert one.value == many.value[0]
                assert math.isclose(one.bound, many.bound[0], rel_tol=1e-12)


def test_a_computed_zero_may_be_inexact():
    x = numbers(0.1) + 0.2
    assert (x - x.value).value == 0 < (x - x.value).bound


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_where_rounding_decides_nothing_is_known():
    noise = numbers(0.1) + 0.2 - 0.3
    assert (noise > 0).bound == np.inf
    assert np.sign(noise).bound == np.inf
    assert (numbers(1.0) * (noise > 0)).bound == np.inf
    assert (noise > 1).bound == 0


def test_bounds_of_a_chaotic_loop_end_as_unknown():
    x = numbers(0.3)
    for _ in range(200):
        x = 3.9 * x * (1 - x)
    assert x.bound == np.inf


def test_who_needs_a_bound_that_is_not_known_is_told_of_which():
    x, y = unbounded(np.float64(2)), bounded(3.0)
    assert x.shape == ()
    with pytest.raises(UnknownBoundError) as error:
        y * x
    assert error.value.operand is x


def test_bounds_know_the_dtype():
    single = Bounded(np.float32(0.1)) + np.float32(0.2)
    assert single.dtype == np.float32
    assert 1e-9 < single.bound < 1e-7


def test_elements_taken_twice_are_added():
    x = Bounded(np.zeros(3))
    np.add.at(x, np.array([0, 0, 1]), Bounded(np.array([0.1, 0.2, 0.3]), 1e-17))
    assert x.value.tolist() == [0.30000000000000004, 0.3, 0.0]
    assert x.bound[0] > 2e-17
    assert x.bound[1:].tolist() == [1e-17, 0.0]


def test_one_number_is_added_to_by_a_key_that_gives_it_axes():
    total = Bounded(np.array(0.0), 0.0)
    np.add.at(total, (..., None), Bounded(np.array([0.5]), 1e-17))
    assert (float(total.value), float(total.bound)) == (0.5, 1e-17)


def test_gradients_of_several_passes_have_no_bound():
    x = Variable(np.array([1.0, 2.0, 3.0]))
    for _ in range(2):
        y = dezero.functions.softmax(x * 0.1, axis=0) * np.array([1.0, 2.0, 3.0])
        y.backward()
    bounds = Bounds([y], [x, y.creator.inputs[0], y], Recording())
    assert getattr(bounds.gradient(x, x.grad.data), "bound", None) is None or np.all(
        bounds.gradient(x, x.grad.data).bound == np.inf
    )


@pytest.mark.parametrize("name", ["eq", "gt", "ge", "lt", "le"])
def test_columns_compare_their_numbers(name):
    compare = getattr(operator, name)
    a, b = np.array([0.0, 1.0, -2.0, 0.0]), np.array([0.0, 2.0, -3.0, 1.0])
    x, z = linear(a, b)
    for made, exact in ((compare(x, z), compare(a, b)), (compare(z, x), compare(b, a))):
        assert made.value.tolist() == exact.tolist()
        assert not made.factors.any()
    (x,) = linear(a)
    assert compare(x, 0.0).value.tolist() == compare(a, 0.0).tolist()
    assert compare(0.0, x).value.tolist() == compare(0.0, a).tolist()
    x, z = linear(a, a + SURE * np.abs(a))
    with pytest.raises(UnsureError):
        compare(x, z)


def test_columns_know_nothing_of_what_they_do_not_compute():
    x, z = linear(np.zeros(2), np.ones(2))
    with pytest.raises(UnsureError):
        assert x != z
    with pytest.raises(TypeError):
        hash(x)
