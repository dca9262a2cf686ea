"""What every op of the table keeps: its derivatives are right, for all shapes and both dtypes."""

import math
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import dezero
from dezero import OPS, Variable, functions
from dezero.ops import FAMILIES
from dezero.ops import op as enter
from dzviz import snapshot
from dzviz.language.evaluate import evaluate
from dzviz.language.parse import parse

CASES = [
    pytest.param(op, expression, shapes, id=f"{expression} {' '.join(map(str, shapes))}")
    for op in OPS.values()
    for expression, all_shapes in op.examples.items()
    for shapes in all_shapes
]


def test_the_table_is_not_empty():
    assert len(OPS) >= 20
    assert len(CASES) >= 80
    assert len(KINKS) >= 6
    for op in OPS.values():
        assert op.name == op.function.__name__
        assert op.examples, op.name
        assert op.summary.endswith("."), op.name
        for text in (op.formula, op.derivative, op.domain, op.shapes):
            assert text, op.name


def sample(op, shape, generator):
    """Draw points of the op's domain, on both sides of every kink and not near one."""
    low, high = op.sample
    points = np.asarray(generator.uniform(low, high, shape))
    for kink in op.kinks:
        near = np.abs(points - kink) < 0.05
        points = np.where(near, kink + 0.3 * np.where(points < kink, -1, 1), points)
    return points


def function_of(expression):
    program = parse(expression)
    names = program.names

    def function(*arrays):
        result = evaluate(program, dict(zip(names, arrays, strict=True)))
        return result.outputs[0], [result.inputs[name] for name in names]

    return function


def weights(shape):
    return np.cos(np.arange(np.prod(shape, dtype=int)) + 1.0).reshape(shape)


def weighted(y):
    """Make one number of all outputs, of which no part cancels another."""
    return (y * weights(y.shape)).sum()


def central(f, x, h):
    """Differentiate f, which maps an array to a number, to fourth order in h."""
    x = np.array(x)
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):

        def at(step, i=i):
            moved = x.copy()
            moved[i] += step
            return f(moved)

        gradient[i] = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
    return gradient


@pytest.mark.parametrize(("op", "expression", "shapes"), CASES)
def test_first_derivatives(op, expression, shapes):
    f = function_of(expression)
    generator = np.random.default_rng(1)
    arrays = [sample(op, shape, generator) for shape in shapes]
    y, xs = f(*arrays)
    weighted(y).backward()
    for i, x in enumerate(xs):

        def along(point, i=i):
            return float(weighted(f(*arrays[:i], point, *arrays[i + 1 :])[0]).data)

        assert x.grad.shape == x.shape
        np.testing.assert_allclose(
            x.grad.data, central(along, arrays[i], 1e-3), rtol=1e-7, atol=1e-8
        )


@pytest.mark.thorough
@pytest.mark.parametrize(("op", "expression", "shapes"), CASES)
def test_second_derivatives(op, expression, shapes):
    f = function_of(expression)
    generator = np.random.default_rng(2)
    arrays = [sample(op, shape, generator) for shape in shapes]

    def slope(*points):
        """A weighted sum of all first derivatives."""
        y, xs = f(*points)
        gxs = dezero.grad(weighted(y), xs, create_graph=True)
        total = weighted(gxs[0])
        for gx in gxs[1:]:
            total = total + weighted(gx)
        return total, xs

    total, xs = slope(*arrays)
    for i, (x, gx) in enumerate(zip(xs, dezero.grad(total, xs), strict=True)):

        def along(point, i=i):
            return float(slope(*arrays[:i], point, *arrays[i + 1 :])[0].data)

        assert gx.shape == x.shape
        np.testing.assert_allclose(gx.data, central(along, arrays[i], 1e-3), rtol=1e-7, atol=1e-8)


@pytest.mark.thorough
@pytest.mark.parametrize(("op", "expression", "shapes"), CASES)
def test_create_graph_gives_the_same_first_derivatives(op, expression, shapes):
    generator = np.random.default_rng(3)
    y, xs = function_of(expression)(*[sample(op, shape, generator) for shape in shapes])
    plain = dezero.grad(weighted(y), xs)
    graph = dezero.grad(weighted(y), xs, create_graph=True)
    for a, b in zip(plain, graph, strict=True):
        np.testing.assert_allclose(a.data, b.data, rtol=1e-13, atol=1e-15)


@pytest.mark.thorough
@pytest.mark.parametrize(("op", "expression", "shapes"), CASES)
def test_float32_stays_float32(op, expression, shapes):
    generator = np.random.default_rng(4)
    arrays = [sample(op, shape, generator).astype(np.float32) for shape in shapes]
    y, xs = function_of(expression)(*arrays)
    assert all(x.dtype == np.float32 for x in xs)
    y.backward()
    assert all(x.grad.dtype == np.float32 for x in xs)


@pytest.mark.thorough
@pytest.mark.parametrize(("op", "expression", "shapes"), CASES)
def test_derivatives_in_float32_are_those_in_float64(op, expression, shapes):
    f = function_of(expression)
    generator = np.random.default_rng(6)
    exact = [sample(op, shape, generator).astype(np.float32) for shape in shapes]
    found = []
    for dtype in (np.float32, np.float64):
        y, xs = f(*[array.astype(dtype) for array in exact])
        gxs = dezero.grad((y * weights(y.shape).astype(dtype)).sum(), xs, create_graph=True)
        total = weighted(gxs[0])
        for gx in gxs[1:]:
            total = total + weighted(gx)
        found.append([g.data for g in (*gxs, *dezero.grad(total, xs))])
    for single, double in zip(*found, strict=True):
        np.testing.assert_allclose(single, double, rtol=1e-4, atol=1e-4)


KINKS = [
    pytest.param(op, kink, id=f"{name} at {kink}") for name, op in OPS.items() for kink in op.kinks
]


@pytest.mark.parametrize("side", [-0.3, 0.3])
@pytest.mark.parametrize(("op", "kink"), KINKS)
def test_both_sides_of_each_kink(op, kink, side):
    f = function_of(next(e for e, all_shapes in op.examples.items() if all_shapes[0] == ((),)))
    point = np.array(kink + side)
    y, (x,) = f(point)
    y.backward()
    slope = central(lambda p: float(f(p)[0].data), point, 1e-3)
    np.testing.assert_allclose(x.grad.data, slope, rtol=1e-8, atol=1e-10)


@pytest.mark.thorough
@pytest.mark.parametrize(("op", "expression", "shapes"), CASES)
def test_first_order_grads_own_their_memory(op, expression, shapes):
    generator = np.random.default_rng(5)
    y, xs = function_of(expression)(*[sample(op, shape, generator) for shape in shapes])
    y.backward(retain_grad=True)
    arrays = [a for x in (*xs, y) for a in (x.grad.data,)]
    for i, first in enumerate(arrays):
        assert first.flags.writeable
        assert not any(np.shares_memory(first, x.data) for x in (*xs, y))
        assert not any(np.shares_memory(first, second) for second in arrays[i + 1 :])


def test_a_planted_mistake_is_found(monkeypatch):
    sin = OPS["sin"]
    rule = sin.function(Variable(np.array(1.0))).creator
    monkeypatch.setattr(type(rule), "vjps", (lambda self, gy, y, x: gy * np.cos(x) * 1.001,))
    with pytest.raises(AssertionError):
        test_first_derivatives(sin, "sin(x)", ((3,),))


METHODS = sorted(name for name in OPS if hasattr(np.ndarray, name) and name != "sort")
ARGUMENTS = {"dot": ([[1.0], [2.0], [3.0]],), "clip": (0.0, 1.5), "reshape": (3, 2)}


@pytest.mark.parametrize("name", METHODS)
def test_what_is_a_method_of_arrays_is_one_of_variables(name):
    array = np.array([[1.0, -2.0, 3.0], [0.5, 2.5, -1.5]])
    arguments = ARGUMENTS.get(name, ())
    found = getattr(Variable(array), name)(*arguments)
    assert isinstance(found, Variable)
    np.testing.assert_allclose(found.data, getattr(array, name)(*arguments))
    if name in ("sum", "mean", "var", "std", "prod", "max", "min"):
        found = getattr(Variable(array), name)(axis=1, keepdims=True)
        np.testing.assert_allclose(found.data, getattr(array, name)(axis=1, keepdims=True))


def test_what_would_sort_in_place_says_what_to_write():
    with pytest.raises(TypeError, match=r"in place: write x = sort\(x\)"):
        Variable(np.array([2.0, 1.0])).sort()


@pytest.mark.parametrize("name", ["flatten", "ravel"])
def test_a_vector_of_all_elements(name):
    x = Variable(np.arange(6.0).reshape(2, 3))
    y = getattr(x, name)()
    assert y.data.tolist() == [0, 1, 2, 3, 4, 5]
    (y * np.arange(6.0)).sum().backward()
    assert x.grad.data.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_item_is_a_number_of_pythons():
    number = Variable(np.array([[2.5]])).item()
    assert type(number) is float
    assert number == 2.5
    with pytest.raises(ValueError, match="size 1"):
        Variable(np.zeros(2)).item()


def test_there_are_such_methods():
    assert {"sum", "mean", "max", "reshape", "transpose"} <= set(METHODS)


@pytest.mark.thorough
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("op", "expression", "shapes"), CASES)
def test_a_picture_never_says_of_what_was_just_computed_that_it_has_changed(
    op, expression, shapes, dtype
):
    generator = np.random.default_rng(1)
    function = function_of(expression)
    arrays = [sample(op, shape, generator).astype(dtype) for shape in shapes]
    with np.errstate(all="ignore"):
        y, _ = function(*arrays)
        if not y.constant:
            y.backward(retain_grad=True)
    graph = snapshot(y)
    assert (graph.changed, graph.passes) == (None, ())


@pytest.mark.parametrize(
    "x",
    [[1e308, 1e308], [1e200, 1e308], [1.7e308, 0], [3e-320, 4e-320], [5e-324, 0], [0, 0]],
)
def test_a_norm_neither_overflows_nor_vanishes(x):
    v = Variable(np.array(x))
    y = OPS["norm"].function(v)
    y.backward()
    largest = max(x) or 1.0
    parts = np.array(x) / largest
    length = float(np.sqrt(np.sum(parts**2)))
    np.testing.assert_allclose(y.data / largest, length, rtol=1e-3)
    np.testing.assert_allclose(v.grad.data, parts / (length or 1.0), rtol=1e-3)


def test_the_families_name_all_ops():
    found = dict.fromkeys(FAMILIES, "")
    for op in OPS.values():
        found[op.family] = f"{found[op.family]} {op.name}".strip()
    assert found == dict(FAMILIES)
    assert {path.stem for path in Path(functions.__file__).parent.glob("*.py")} == {
        *FAMILIES,
        "__init__",
        "windows",
    }


LATER = """
import sys
import numpy as np
from dezero import OPS, Variable, functions
assert "dezero.functions.loss" not in sys.modules
{use}
sys.exit(3 if "dezero.functions.loss" in sys.modules else 4)
"""


def ends(use):
    """Return how a process ends: 3 if the family was loaded, 4 if not."""
    program = [sys.executable, "-c", LATER.format(use=use)]
    return subprocess.run(program, capture_output=True, text=True, check=False).returncode


@pytest.mark.parametrize(
    "use",
    [
        "from dezero.functions import softmax",
        "from dezero.functions import Softmax",
        "functions.huber",
        "functions.loss.Huber",
        "OPS['kl_div'].summary",
        "dict(OPS)",
        "list(OPS.values())",
        "dir(functions)",
        "from dezero.functions import *; Softmax, softmax, conv2d",
        "import dezero.functions.loss",
        "import dzviz; dzviz.draw(functions.softmax(Variable(np.ones((1, 2)))))",
        "from dzviz.cli.main import run; run(['softmax(x)', '--x', '[[1, 2]]'])",
        "from dzviz.cli.main import run; run(['ops', 'softmax'])",
        "from dzviz.cli.main import run; run(['ops'])",
    ],
)
def test_a_family_is_loaded_when_it_is_needed(use):
    assert ends(use) == 3


@pytest.mark.parametrize(
    "use",
    [
        "len(OPS), 'softmax' in OPS, {*OPS}",
        "functions.sin(Variable(np.ones(1))).backward()",
    ],
)
def test_a_family_is_not_loaded_for_a_name_alone(use):
    assert ends(use) == 4


def test_what_is_not_there_is_missing():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        functions.nothing  # noqa: B018
    with pytest.raises(KeyError):
        OPS["nothing"]
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        from dezero.functions import nothing  # noqa: F401


def test_no_op_takes_the_name_of_another():
    for name in ("sin", "softmax"):

        def function(x):
            """Another."""

        function.__name__ = name
        with pytest.raises(ValueError, match=f"there already is an op '{name}'"):
            enter("x", "1", examples={})(function)


LARGE = [[1e308, -1e308], [1e308, 1e308], [1.7e308, -1.7e308, -1.7e308], [1e200, 3e200, -1e200]]
SMALL = [[1e-200, -1e-200], [3e-160, 1e-160, 2e-160]]


@pytest.mark.parametrize("x", [*LARGE, *SMALL, [1.0, 2.0, 4.0]])
@pytest.mark.parametrize("name", ["mean", "var", "std"])
def test_a_statistic_overflows_only_where_it_is_too_large_itself(name, x):
    """Against fractions, which have no bounds: x is scaled to integers there."""
    exact = [Fraction(number) for number in x]
    mean = sum(exact) / len(x)
    var = sum((number - mean) ** 2 for number in exact) / len(x)
    top = max(map(abs, exact))
    deviation = Fraction(math.sqrt(var / top**2)) * top
    value = {"mean": mean, "var": var, "std": deviation}[name]
    slopes = {
        "mean": [Fraction(1, len(x))] * len(x),
        "var": [2 * (number - mean) / len(x) for number in exact],
        "std": [(number - mean) / (len(x) * deviation or 1) for number in exact],
    }[name]
    largest = Fraction(np.finfo(float).max)
    overflows = any(abs(number) > largest for number in (value, *slopes))
    for keepdims in (False, True):
        v = Variable(np.array(x))
        with np.errstate(over="ignore" if overflows else "raise"):
            y = OPS[name].function(v, None, keepdims)
            y.backward(create_graph=True)
        assert y.shape == ((1,) if keepdims else ())
        expected = [float(number) if abs(number) <= largest else math.inf for number in slopes]
        assert y.data.item() == pytest.approx(float(value) if value <= largest else math.inf)
        np.testing.assert_allclose(v.grad.data, expected, rtol=1e-12)
        with np.errstate(over="ignore" if overflows else "raise"):
            plain = OPS[name].function(v, None, keepdims)
            v.cleargrad()
            plain.backward()
        np.testing.assert_allclose(v.grad.data, expected, rtol=1e-12)


def test_statistics_of_rows_are_scaled_row_by_row():
    v = Variable(np.array([[1e308, -1e308], [1e-200, -1e-200], [1.0, 2.0]]))
    y = OPS["std"].function(v, 1)
    y.backward()
    np.testing.assert_allclose(y.data, [1e308, 1e-200, 0.5])
    np.testing.assert_allclose(v.grad.data, [[0.5, -0.5], [0.5, -0.5], [-0.5, 0.5]])
