"""The book's helpers."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import dzviz
import dzviz.svg.png
from dezero import Function, Variable
from dezero.functions import sin
from dezero.utils import (
    array_allclose,
    array_equal,
    get_dot_graph,
    gradient_check,
    logsumexp,
    max_backward_shape,
    numerical_grad,
    plot_dot_graph,
    reshape_sum_backward,
    sum_to,
)
from dzviz.errors import LayoutError, OutputError, UsageError


def var(data, name=None):
    return Variable(np.array(data, float), name)


@pytest.fixture
def y():
    x = var([[1, 2, 3], [4, 5, 6]], "x")
    y = sin(x) * 7
    y.name = 'the "result"'
    return y


# Pictures


def test_the_dot_is_the_one_of_dzviz(y):
    y.backward()
    assert get_dot_graph(y) == dzviz.to_dot(y, show=("shape", "dtype"))
    assert get_dot_graph(y) == get_dot_graph(y, verbose=True)
    assert get_dot_graph([y, y.creator.inputs[0]], verbose=False).startswith("digraph")


def test_verbose_adds_values_shape_and_dtype_to_the_names(y):
    long, short = get_dot_graph(y), get_dot_graph(y, verbose=False)
    for text in (long, short):
        assert 'label="x' in text
        assert r"the \"result\"" in text
    for word in ("(2, 3) float64", "data", "grad None", "gen 0"):
        assert word in long
        assert word not in short


@pytest.mark.parametrize("name", ["graph.dot", "graph.json", "graph.svg", "graph.PNG"])
def test_a_picture_in_the_format_of_its_suffix(y, tmp_path, name):
    path = tmp_path / name
    assert plot_dot_graph(y, to_file=str(path)) is None
    format = dzviz.formats.format_of_file(name).name
    assert path.read_bytes() == dzviz.render(y, format, show=("shape", "dtype"))
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_picture_without_a_name_is_graph_png(y, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plot_dot_graph(y, verbose=False)
    assert (tmp_path / "graph.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["graph.xyz", "graph"])
def test_an_unknown_suffix_is_refused(y, tmp_path, name):
    with pytest.raises(UsageError, match="suffix"):
        plot_dot_graph(y, to_file=str(tmp_path / name))
    assert not list(tmp_path.iterdir())


def test_the_old_file_survives_a_failure(y, tmp_path, monkeypatch):
    def fail(*_):
        raise LayoutError("no engine")

    monkeypatch.setattr(dzviz.svg.png, "write", fail)
    path = tmp_path / "graph.png"
    path.write_text("old")
    with pytest.raises(LayoutError, match="no engine"):
        plot_dot_graph(y, to_file=str(path))
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["graph.png"]


def test_a_file_that_cannot_be_written_is_named(y, tmp_path):
    with pytest.raises(OutputError, match="missing"):
        plot_dot_graph(y, to_file=str(tmp_path / "missing" / "graph.dot"))


@pytest.mark.parametrize(("name", "kind"), [("a.png", "Image"), ("a.svg", "SVG"), ("a.dot", None)])
def test_a_notebook_is_given_the_picture(y, tmp_path, monkeypatch, name, kind):
    display = ModuleType("IPython.display")
    for known in ("Image", "SVG"):
        setattr(display, known, lambda filename, known=known: SimpleNamespace(**{known: filename}))
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    path = str(tmp_path / name)
    shown = plot_dot_graph(y, to_file=path)
    assert shown == (SimpleNamespace(**{kind: path}) if kind else None)


@pytest.mark.parametrize("call", [get_dot_graph, plot_dot_graph])
def test_without_dzviz_a_picture_says_what_to_do(y, monkeypatch, tmp_path, call):
    monkeypatch.chdir(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "dzviz"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [SimpleNamespace(find_spec=lambda *_: None)])
    with pytest.raises(ImportError, match=r"but it is not installed: pip install dzviz"):
        call(y)
    assert not list(tmp_path.iterdir())


def test_what_else_is_missing_is_not_blamed_on_dzviz(y, monkeypatch):
    monkeypatch.setitem(sys.modules, "dzviz.python.api", None)
    with pytest.raises(ImportError, match=r"dzviz\.python\.api"):
        get_dot_graph(y)


# Shapes and sums of arrays


@pytest.mark.parametrize(
    ("shape", "result"),
    [
        ((1, 3), [[5, 7, 9]]),
        ((2, 1), [[6], [15]]),
        ((3,), [5, 7, 9]),
        ((), 21),
        ((2, 3), [[1, 2, 3], [4, 5, 6]]),
    ],
)
def test_sum_to(shape, result):
    x = np.array([[1.0, 2, 3], [4, 5, 6]])
    assert sum_to(x, shape).tolist() == result
    assert sum_to(x, shape).shape == shape


def test_sum_to_what_cannot_be():
    with pytest.raises(ValueError, match="cannot sum"):
        sum_to(np.ones((2, 3)), (2,))


@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 3, 4)])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("kind", [np.asarray, Variable])
def test_a_sums_gradient_can_be_broadcast(shape, keepdims, kind):
    x = np.ones(shape)
    axes = [None, *range(-x.ndim, x.ndim), *([(0, -1)] if x.ndim > 1 else [])]
    for axis in axes:
        y = np.asarray(x.sum(axis=axis, keepdims=keepdims))
        gy = reshape_sum_backward(kind(y), shape, axis, keepdims)
        assert isinstance(gy, Variable if kind is Variable else np.ndarray)
        assert np.broadcast_shapes(gy.shape, shape) == shape
        if axis is None:
            assert gy.shape == y.shape
        else:
            assert list(gy.shape) == max_backward_shape(x, axis)
            assert gy.shape == x.sum(axis=axis, keepdims=True).shape


def test_max_backward_shape():
    x = np.ones((2, 3, 4))
    assert max_backward_shape(x, None) == [1, 1, 1]
    assert max_backward_shape(x, 1) == [2, 1, 4]
    assert max_backward_shape(Variable(x), (0, 2)) == [1, 3, 1]
    assert max_backward_shape(x, -1) == [2, 3, 1]


def test_logsumexp():
    x = np.array([[0.0, 0.0], [1000.0, 1000.0], [-1000.0, -1000.0]])
    expected = np.array([[0.0], [1000.0], [-1000.0]]) + np.log(2)
    np.testing.assert_allclose(logsumexp(x), expected, rtol=1e-15)
    assert logsumexp(x, axis=0).shape == (1, 2)
    assert type(logsumexp(np.array([1.0]), axis=0)) is np.ndarray


# Gradients by differences


class Wrong(Function):
    """x^2, of whose derivative one part in a thousand is missing."""

    def forward(self, x):
        return x * x

    def backward(self, gy):
        (x,) = self.inputs
        return gy * 1.998 * x


def test_gradient_check_tells_right_from_wrong(capsys):
    x = np.array([[1.0, -2.0], [3.0, 0.5]])
    assert gradient_check(sin, x) is True
    assert capsys.readouterr().out == ""
    assert gradient_check(lambda x: Wrong()(x), x) is False
    assert "1.998" in capsys.readouterr().out
    assert gradient_check(lambda x: Wrong()(x), x, rtol=0.01) is True


def test_gradient_check_takes_further_arguments():
    def f(x, a, *, b):
        return x**a * b

    assert gradient_check(f, var([1.0, 2.0]), 3, b=var([4.0, 5.0]))
    assert gradient_check(f, np.array([1, 2]), 3, b=5)


def test_gradient_check_computes_in_double_precision():
    assert gradient_check(sin, np.array([0.1, 2.0], np.float32), rtol=1e-9, atol=0.0)


def test_gradient_check_leaves_everything_as_it_was():
    x, b = var([1.0, 2.0]), var(3.0)
    x.grad = np.array([7.0, 7.0])
    assert gradient_check(lambda x: x * b, x)
    assert x.data.tolist() == [1, 2]
    assert x.grad.data.tolist() == [7, 7]
    assert b.grad is None


def test_gradient_check_of_what_does_not_depend_on_x():
    assert gradient_check(lambda x: var(3.0) * 2, var([1.0, 2.0]))
    assert not gradient_check(lambda x: Variable(x.data * 2), var([1.0, 2.0]))


def test_numerical_grad_calls_with_what_it_was_given():
    seen = []

    def f(x):
        seen.append(type(x))
        return x * x

    for x in (np.array([1.0, 2.0]), var([1.0, 2.0])):
        seen.clear()
        gradient = numerical_grad(f, x)
        assert set(seen) == {type(x)}
        assert type(gradient) is np.ndarray
        np.testing.assert_allclose(gradient, [2, 4], rtol=1e-10)
        np.testing.assert_array_equal(getattr(x, "data", x), [1, 2])


# Comparisons


def test_equal_and_close():
    a = np.array([1.0, 2.0])
    assert array_equal(a, var([1.0, 2.0])) is True
    assert array_equal(a, a + 1e-9) is False
    assert array_equal(a, a[:1]) is False
    assert array_allclose(var(a), a * (1 + 9e-5)) is True
    assert array_allclose(a, a * (1 + 2e-4)) is False
    assert array_allclose(a, a + 1e-6, rtol=0) is True
    assert array_allclose(a, a + 1e-6, rtol=0, atol=1e-7) is False
