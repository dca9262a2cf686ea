"""What has changed is found, and what rounding alone makes different is not."""

import numpy as np
import pytest

from dezero import Function, Variable
from dezero.functions import matmul
from dezero.functions import sum as total
from dzviz import snapshot
from dzviz.errors import EvaluationError
from dzviz.sources.staleness import _same


def var(data):
    return Variable(np.array(data, float))


@np.errstate(invalid="ignore")
def test_rounding_is_no_change():
    x = np.array([1.0, -2.0, np.nan, np.inf])
    assert _same(x, x.copy())
    assert _same(x, x * (1 + 4 * np.finfo(float).eps))
    assert not _same(x, x * (1 + 1e-12))
    assert not _same(x, np.array([1.0, -2.0, 0.0, np.inf]))
    assert not _same(x, np.array([1.0, -2.0, np.nan, -np.inf]))
    assert not _same(x, x.astype(np.float32))
    assert not _same(x, x[:3])
    assert _same(np.array([0.0]), np.array([1e-15]), slack=10)
    assert not _same(np.array([0.0]), np.array([1e-13]), slack=10)
    assert _same(np.array([True, False]), np.array([True, False]))
    assert not _same(np.array([1, 2]), np.array([1, 3]))


def test_a_product_of_matrices_may_be_added_up_in_another_order(monkeypatch):
    # As where an array begins elsewhere in memory: here the terms, which cancel, come backwards.
    a, b = np.array([[0.1, 0.2, 0.3, -0.6]]), np.ones((4, 1))
    y = matmul(Variable(a), Variable(b))
    backwards = a[:, ::-1] @ b[::-1]
    y.data = np.array([[sum(a[0, i] for i in (3, 2, 1, 0))]])
    assert y.data != backwards or y.data != a @ b
    assert snapshot(y).changed is None
    y.data += 1e-12
    assert snapshot(y).changed is not None


@pytest.mark.parametrize("size", [5, 5000])
def test_samples_of_a_users_function(size):
    class Twice(Function):
        def forward(self, x):
            return x * 2

        def backward(self, gy):
            return gy * 2

    x = var(np.ones(size))
    y = Twice()(x)
    assert snapshot(y).changed is None
    assert sum(each.size for each in y.creator._samples) <= 2000
    x.data[...] = 1.0
    assert snapshot(y).changed is None
    x.data *= 1.5
    assert snapshot(y).changed.unknown == (("v1", "the output"),)
    x.data[...] = 1.0
    y.data *= 1.5
    assert snapshot(y).changed.results == (("v1", "the output"),)


def test_an_op_that_cannot_take_its_operands_any_more():
    x, w = var(np.ones((2, 3))), var(np.ones((3, 2)))
    y = total(x @ w)
    y.backward()
    w.data = np.ones((2, 2))
    assert snapshot(y).changed.results == (("v2", "v0 @ v1"),)


def test_nothing_is_warned_of_twice():
    x = var([1.0, 0.0])
    with np.errstate(all="ignore"):
        y = total(1 / x)
        y.backward()
    assert snapshot(y).changed is None  # a RuntimeWarning would be an error here


def test_a_fresh_graph_is_believed():
    x = var(2.0)
    y = x * x
    x.data = np.array(3.0)
    assert snapshot(y, fresh=True).changed is None
    assert snapshot(y).changed is not None


def test_what_cannot_be_drawn_is_still_told_so():
    x = var([1.0, 2.0])
    y = total(x @ x)
    y.backward()
    x.data = None
    with pytest.raises(ValueError, match="has no data"):
        snapshot(y)
    z = total(Variable(np.array([1j])))
    with pytest.raises(EvaluationError, match="real numbers"):
        snapshot(z)
