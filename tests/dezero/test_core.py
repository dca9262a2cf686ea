"""Variable and Function as the book's reader knows them, and where its code goes wrong."""

import gc
import threading
import weakref

import numpy as np
import pytest

import dezero
from dezero import Config, Constant, Function, Parameter, Variable, no_grad, using_config
from dezero.functions import sin


class Sin(Function):
    """As printed at step 30."""

    def forward(self, x):
        return np.sin(x)

    def backward(self, gy):
        x = self.inputs[0].data
        return gy * np.cos(x)


class LaterSin(Function):
    """As the book writes it once gradients are Variables."""

    def forward(self, x):
        return np.sin(x)

    def backward(self, gy):
        (x,) = self.inputs
        return gy * dezero.functions.cos(x)


class Both(Function):
    """Two outputs."""

    def forward(self, x):
        return x * 2, x * 3

    def backward(self, ga, gb):
        return ga * 2 + gb * 3


def var(*numbers, dtype=float):
    return Variable(np.array(numbers[0] if len(numbers) == 1 else numbers, dtype))


@pytest.mark.parametrize("data", [1.0, 1, [1.0], "x", np.float64(1.0)])
def test_only_an_ndarray_or_none_is_data(data):
    with pytest.raises(TypeError, match=f"{type(data)} is not supported"):
        Variable(data)


def test_data_is_an_ndarray_and_always_the_same_one():
    y = var(1.0) * 2.0
    assert type(y.data) is np.ndarray
    assert y.data is y.data
    y.data[...] = 5.0
    assert float((y + 1.0).data) == 6.0


def test_data_can_be_assigned_as_in_gradient_descent():
    x = var(3.0)
    x.data -= 0.5
    assert x.data == 2.5
    x.data = x.data - np.float64(0.5)  # a NumPy scalar: what 0-d arithmetic gives
    assert type(x.data) is np.ndarray
    with pytest.raises(TypeError):
        x.data = 1.0


def test_facts_of_the_array():
    x = Variable(np.zeros((2, 3), np.float32), name="x")
    assert (x.shape, x.ndim, x.size, x.dtype, len(x), x.name) == ((2, 3), 2, 6, "float32", 2, "x")
    assert x.T.shape == (3, 2)
    assert x.reshape(3, 2).shape == x.reshape((3, 2)).shape == (3, 2)
    assert x.transpose(1, 0).shape == x.transpose((1, 0)).shape == x.transpose().shape == (3, 2)
    assert x.sum(axis=0).shape == (3,)


def test_repr_is_the_books():
    assert repr(var(1.5)) == "variable(1.5)"
    assert repr(Variable(np.eye(2))) == "variable([[1. 0.]\n          [0. 1.]])"
    assert repr(Variable(None)) == "variable(None)"


def test_creators_and_generations():
    x = var(1.0)
    a = sin(x)
    y = a + sin(a)
    assert x.creator is None
    assert (x.generation, a.generation, y.generation) == (0, 1, 3)
    assert y.creator.generation == 2
    assert y.creator.inputs[0] is a
    assert y.creator.outputs[0]() is y


def test_outputs_are_held_weakly():
    function = Sin()
    y = function(var(1.0))
    seen = weakref.ref(y)
    del y
    assert seen() is None
    assert function.outputs[0]() is None


def test_no_reference_cycle_keeps_a_graph_alive():
    gc.collect()
    gc.disable()
    try:
        x = var(1.0)
        y = sin(x) * x
        seen = weakref.ref(y.creator.inputs[0])
        y.backward(retain_grad=True)
        del y
        assert seen() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("function", [Sin, LaterSin])
def test_a_users_function_in_both_styles_of_the_book(function):
    x = var(1.0)
    y = function()(x)
    y.backward()
    assert y.data == np.sin(1.0)
    assert x.grad.data == np.cos(1.0)


def test_a_users_forward_gets_ndarrays():
    seen = []

    class Look(Function):
        def forward(self, x):
            seen.append(x)
            return 2.0  # a plain number is made an array

        def backward(self, gy):
            seen.append(gy)
            return 7.0

    x = var(1.0)
    y = Look()(sin(x))
    y.backward()
    assert type(seen[0]) is np.ndarray
    assert type(seen[1]) is Variable
    assert type(y.data) is np.ndarray
    assert x.grad.data == 7.0 * np.cos(1.0)


def test_several_outputs_come_as_a_list():
    ys = Both()(var(1.0))
    assert isinstance(ys, list)
    assert [float(y.data) for y in ys] == [2.0, 3.0]


def test_a_function_without_backward_says_so():
    class Half(Function):
        def forward(self, x):
            return x / 2

    with pytest.raises(NotImplementedError, match="Half has no backward"):
        Half()(var(1.0)).backward()
    with pytest.raises(NotImplementedError, match="Function has no forward"):
        Function()(var(1.0))


def test_a_subclass_of_a_built_in_op_may_bring_its_own_backward():
    class WrongSin(dezero.functions.Sin):
        def backward(self, gy):
            return gy * 0.5

    x = var(1.0)
    WrongSin()(x).backward()
    assert x.grad.data == 0.5


def test_a_built_in_op_can_be_called_by_hand():
    x = var(1.0)
    y = dezero.functions.Sin()(x)
    assert y.creator.backward(var(2.0)).data == 2.0 * np.cos(1.0)
    a, b = (x * y).creator.backward(var(1.0))
    assert (a.data, b.data) == (y.data, x.data)


def test_no_grad_makes_leaves():
    with no_grad():
        y = sin(var(1.0))
    assert y.creator is None
    y.backward()
    assert y.grad.data == 1.0


def test_using_config_restores_after_an_error():
    with pytest.raises(RuntimeError), using_config("enable_backprop", False):
        raise RuntimeError
    assert Config.enable_backprop
    with pytest.raises(AttributeError), using_config("enable_backdrop", False):
        pass


def test_using_config_refuses_what_goes_with_more():
    with pytest.raises(AttributeError, match="'enable_backprop' is one"):  # noqa: SIM117
        with using_config("state", (False, None)):
            pass
    assert Config.enable_backprop
    assert sin(var(1.0)).creator is not None


def test_no_grad_in_one_thread_is_not_seen_in_another():
    inside, checked = threading.Event(), threading.Event()
    seen = []

    def other():
        inside.wait(10)
        seen.append(Config.enable_backprop)
        checked.set()

    thread = threading.Thread(target=other)
    thread.start()
    with no_grad():
        inside.set()
        assert checked.wait(10)
    thread.join()
    assert seen == [True]


def test_arrays_beside_a_variable_are_constants_and_alone_are_variables():
    x = var(1.0)
    y = x * np.array(2.0)
    assert isinstance(y.creator.inputs[1], Constant)
    y.backward()
    assert y.creator.inputs[1].grad is None
    z = sin(np.array(1.0))
    z.backward()
    assert z.creator.inputs[0].grad.data == np.cos(1.0)


def test_numbers_take_the_dtype_of_the_variable():
    x = Variable(np.ones(3, np.float32))
    assert (2.0 * x + 1).dtype == np.float32
    assert (Variable(np.arange(3)) + 1).dtype == np.arange(3).dtype
    assert (Variable(np.arange(3)) * 0.5).dtype == np.float64


def test_what_is_no_number_is_refused():
    with pytest.raises(TypeError, match="is not supported"):
        var(1.0) + None
    with pytest.raises(TypeError, match="is not supported"):
        var(1.0) * "a"


def test_leaving_the_graph_is_loud():
    x, y = var(1.0), var(2.0)
    with pytest.raises(TypeError, match=r"use np\.stack"):
        np.array([x, y])
    with pytest.raises(TypeError, match=r"use np\.stack"):
        np.asarray(x)
    with pytest.raises(TypeError, match=r"x\.item\(\) gives the number"):
        float(x)
    array = np.zeros(2)
    with pytest.raises(ValueError, match="sequence") as error:  # NumPy's words, and ours
        array[0] = x
    assert "write y = np.stack([x, z]) instead of y[0] = x" in str(error.value.__cause__)
    with pytest.raises(TypeError, match="0-d"):
        sum(x)


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
@pytest.mark.parametrize(
    ("key", "instead"),
    [
        (0, "instead of a[0] = value write a = np.?stack([value, a[1:]])"),
        (2, "instead of a[2] = value write a = np.?stack([a[:2], value, a[3:]])"),
        (-1, "instead of a[-1] = value write a = np.?stack([a[:-1], value])"),
        (slice(1), "instead of a[...] = value write a = np.where(mask, value, a)"),
    ],
)
def test_what_would_write_into_a_variable_says_what_to_write(key, instead, shape):
    a = Variable(np.arange(4.0).reshape(shape), "a")
    with pytest.raises(TypeError, match="cannot assign to elements") as error:
        a[key] = 5.0
    instead = instead.replace("?", "h" if len(shape) == 1 else "v")
    assert instead in str(error.value)
    written = instead.partition("write a = ")[2]
    mask = np.array([1, 0, 0, 0]).reshape(shape)
    names = {"a": a, "value": Variable(np.array(5.0)), "mask": mask}
    expected = a.data.copy()
    expected[key] = 5.0
    assert eval(written, vars(dezero.functions), names).data.tolist() == expected.tolist()


def test_a_vector_iterates_over_its_parts_in_the_graph():
    x = var(1.0, 2.0, 3.0)
    a, b, c = x
    (a * b * c).backward()
    assert x.grad.data.tolist() == [6.0, 3.0, 2.0]


def test_truth_and_comparisons_follow_the_data():
    x = var(1.0, -1.0)
    assert bool(var(2.0))
    assert not bool(var(0.0))
    for result in (x > 0, x > 0, np.zeros(2) < x):
        assert type(result) is np.ndarray
        assert result.tolist() == [True, False]
    assert (x == x).tolist() == [True, True]
    assert (x != np.array([1.0, 0.0])).tolist() == [False, True]


def test_hash_is_identity():
    a, b = var(1.0), var(1.0)
    assert len({a, b, a}) == 2


def test_grad_takes_an_array_of_the_same_shape_alone():
    x = var(1.0, 2.0)
    x.grad = np.array([3.0, 4.0])
    assert type(x.grad) is Variable
    x.grad = None
    assert x.grad is None
    with pytest.raises(ValueError, match=r"\(3,\).*\(2,\)"):
        x.grad = np.zeros(3)
    with pytest.raises(TypeError):
        x.grad = 1.0
    x.grad = np.ones(2)
    x.cleargrad()
    assert x.grad is None


def test_unchain():
    x = var(1.0)
    a = sin(x)
    y = a * a
    a.unchain()
    y.backward()
    assert x.grad is None
    assert a.grad is not None


def test_unchain_backward_keeps_the_last_step():
    x = var(1.0)
    a = sin(x)
    y = a * x
    y.unchain_backward()
    assert y.creator is not None
    assert a.creator is None
    y.backward()
    assert x.grad.data == a.data


def test_parameters_are_variables():
    p = Parameter(np.array(2.0))
    y = p * p
    assert type(y) is Variable
    y.backward()
    assert p.grad.data == 4.0
