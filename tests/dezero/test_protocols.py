"""NumPy's functions and operators on Variables."""

import numpy as np
import pytest

from dezero import OPS, Variable
from dezero.protocols import CONSTANT_RESULTS, NUMPY_RULES


def var(data):
    return Variable(np.array(data, float))


def test_every_counterpart_of_an_op_builds_the_graph():
    assert len(NUMPY_RULES) >= 20
    assert not CONSTANT_RESULTS & NUMPY_RULES.keys()
    for op in OPS.values():
        for counterpart in op.numpy:
            assert NUMPY_RULES[counterpart] is op.function


@pytest.mark.parametrize(
    "compute",
    [
        np.sin,
        np.tanh,
        lambda x: np.exp(x) * 2,
        lambda x: np.array([1.0, 2.0]) * x,
        lambda x: np.float64(2) / x,
        lambda x: np.array([3.0, 4.0]) ** x,
        lambda x: np.array([3.0, 4.0]) @ x,
        lambda x: [1.0, 2.0] + x,  # noqa: RUF005 -- an addition
        lambda x: np.where(x > 1.5, x, x * x),
        lambda x: np.sum(x, axis=0, keepdims=True),
        lambda x: np.transpose(np.reshape(x, (1, 2))),
        lambda x: np.stack([x, x], axis=1),
        lambda x: np.broadcast_to(x, (3, 2)),
        lambda x: np.abs(x - 1.5),
        lambda x: np.ravel(x),
        lambda x: np.clip(x, 0.5, 1.5),
        lambda x: np.clip(x, a_min=None, a_max=1.5),
        lambda x: np.mean(x, 0),
        lambda x: np.concatenate((x, x), 0),
        lambda x: np.dot(x, x),
        lambda x: np.expand_dims(x, 1),
        lambda x: np.linalg.norm(x),
        lambda x: np.linalg.norm(x, 1),
        lambda x: np.linalg.norm(np.outer(x, x), axis=1, keepdims=True),
        lambda x: np.linalg.norm(x, np.inf, axis=0),
        lambda x: np.linalg.solve(np.eye(2) + 1, x),
        lambda x: np.linalg.inv(np.diag(x)),
        lambda x: np.linalg.det(np.diag(x)),
        lambda x: np.einsum("i,j->ij", x, np.array([1.0, 3.0])),
        lambda x: np.cumsum(x, 0),
        lambda x: np.roll(x, 1, axis=0),
        lambda x: np.sort(-x),
        lambda x: np.std(x, axis=0),
        lambda x: np.hstack([x, x]),
        lambda x: np.vstack((x, x)),
        lambda x: np.diag(x, k=-1),
        lambda x: np.arctan2(x, 2.0),
        lambda x: np.hypot(1.0, x),
        np.log10,
    ],
)
def test_a_numpy_function_gives_the_same_values_and_a_graph(compute):
    data = np.array([1.0, 2.0])
    x = Variable(data)
    y = compute(x)
    assert isinstance(y, Variable)
    np.testing.assert_allclose(y.data, compute(data), rtol=1e-15)
    y.backward()
    steps = []
    for i in range(2):
        e = np.zeros(2)
        e[i] = 1e-6
        steps.append((np.sum(compute(data + e)) - np.sum(compute(data - e))) / 2e-6)
    np.testing.assert_allclose(x.grad.data, steps, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("compute", "name"),
    [
        (lambda x: np.fft.fft(x), r"^np\.fft\.fft does"),
        (lambda x: np.linalg.pinv(x), r"^np\.linalg\.pinv does"),
        (lambda x: np.linalg.lstsq(np.eye(2), x), r"^np\.linalg\.lstsq does"),
        (lambda x: np.linalg.norm(x, keepdim=True), r"norm\(\) got an unexpected"),
        (lambda x: np.frompyfunc(abs, 1, 1)(x), r"^abs \(vectorized\) does"),
        (lambda x: np.partition(x, 1), "np.partition"),
        (lambda x: np.sort(x, kind="stable"), "np.sort"),
        (lambda x: np.std(x, ddof=1), "np.std"),
        (lambda x: np.cumsum(x, dtype=np.float32), "np.cumsum"),
        (lambda x: np.einsum("i->i", x, optimize=True), "np.einsum"),
        (lambda x: np.hypot(x, x, out=np.zeros(2)), "np.hypot"),
        (lambda x: np.add.reduce(x), "np.add.reduce"),
        (lambda x: np.multiply.outer(x, x), "np.multiply.outer"),
        (lambda x: np.full_like(np.zeros(2), x), "np.copyto"),
        (lambda x: np.heaviside(x, 0.5), "np.heaviside"),
        (lambda x: np.sum(x, dtype=np.float32), "np.sum"),
        (lambda x: np.sin(x, where=np.array([True, False])), "np.sin"),
        (lambda x: np.sum(x, 0, np.float32), "np.sum"),
        (lambda x: np.ravel(x, "F"), "np.ravel"),
        (lambda x: np.var(x, ddof=1), "np.var"),
        (lambda x: np.clip(x, x, 3.0), "clip"),
        (lambda x: np.add(x, x, out=np.zeros(2)), "np.add"),
        (lambda x: np.sum(x, out=np.zeros(())), "np.sum"),
    ],
)
def test_what_would_lose_the_graph_is_refused_by_name(compute, name):
    with pytest.raises(TypeError, match=name):
        compute(var([1.0, 2.0]))


def test_writing_a_variable_into_an_array_is_refused():
    array = np.zeros(2)
    with pytest.raises(TypeError, match="write a Variable into an ndarray"):
        array += var([1.0, 2.0])
    with pytest.raises((TypeError, ValueError)):
        array[0] = var(1.0)
    assert array.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "compute",
    [
        np.zeros_like,
        np.ones_like,
        np.argmax,
        np.floor,
        np.isnan,
        np.shape,
        lambda x: np.less(x, 1.5),
        lambda x: np.any(x > 1),
        lambda x: np.allclose(x, x),
    ],
)
def test_constant_results_are_plain(compute):
    data = np.array([1.0, 2.0])
    result = compute(Variable(data))
    assert not isinstance(result, Variable)
    np.testing.assert_array_equal(result, compute(data))
