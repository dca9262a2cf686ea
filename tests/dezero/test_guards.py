"""Functions of a user's that write where they should not: the graph keeps what was computed."""

import numpy as np
import pytest

import dezero
from dezero import Function, Variable, core_simple
from dezero.guards import twin
from dezero.numeric import check


def var(*numbers):
    return Variable(np.array(numbers if len(numbers) > 1 else numbers[0], float))


def made(forward, backward=lambda self, gy: gy, base=Function, **attributes):
    return type("Mine", (base,), {"forward": forward, "backward": backward, **attributes})()


def masked(self, x):
    x[x < 0] *= 0.1
    return x


def through_a_view(self, x):
    x.reshape(-1)[0] = 7
    return x * 2


def into_out(self, x):
    return np.add(x, 1, out=x)


def sorted_in_place(self, x):
    x.sort()
    return x[::-1]


def augmented(self, x):
    x += 1
    return x


def flags_set(self, x):
    x.flags.writeable = True
    x[...] = 0
    return x


WRITERS = [masked, through_a_view, into_out, sorted_in_place, augmented, flags_set]


@pytest.mark.parametrize("base", [Function, core_simple.Function])
@pytest.mark.parametrize("forward", WRITERS)
def test_a_forward_that_writes_into_its_input_changes_its_copy(forward, base):
    for x in (var(-1, 2), var(2, -1, 3)[1:], Variable(np.broadcast_to(np.array(-1.0), (2,)))):
        before = x.data.copy()
        expected = forward(None, before.copy())
        y = made(forward, base=base)(x)
        np.testing.assert_array_equal(x.data, before)
        np.testing.assert_array_equal(y.data, expected)
        assert not np.shares_memory(x.data, y.data)


def test_the_case_of_a_leaky_relu():
    x = var(-1, 2)
    y = made(masked, lambda self, gy: gy * np.where(self.inputs[0].data < 0, 0.1, 1.0))(x) * x
    y.backward()
    assert x.data.tolist() == [-1, 2]
    assert y.data.tolist() == [0.1, 4]
    np.testing.assert_allclose(x.grad.data, [-0.2, 4], rtol=1e-15)  # of 0.1 * x**2 and x**2


def test_a_number_too():
    x = var(3)
    y = made(augmented)(x)
    assert (x.data.item(), y.data.item()) == (3, 4)
    assert isinstance(x.data, np.ndarray)


def test_an_input_that_is_given_twice():
    def forward(self, a, b):
        a += 1
        return a * b

    x = var(2, 3)
    assert made(forward)(x, x).data.tolist() == [6, 12]
    assert x.data.tolist() == [2, 3]


@pytest.mark.parametrize("view", [lambda x: x, lambda x: x[:1], lambda x: x.reshape(1, -1)])
def test_an_output_that_is_the_input_or_a_view_of_it_has_memory_of_its_own(view):
    x = var(1, 2)
    first, second = made(lambda self, x: (view(x), view(x)))(x)
    first.data += 1
    assert x.data.tolist() == [1, 2]
    np.testing.assert_array_equal(second.data, view(x.data))


def test_a_buffer_that_is_returned_by_each_call():
    buffer = np.zeros(2)

    def forward(self, x):
        np.multiply(x, 2, out=buffer)
        return buffer

    y, z = (made(forward)(x) for x in (var(1, 2), var(5, 6)))
    assert y.data.tolist() == [2, 4]
    buffer[...] = 9
    assert z.data.tolist() == [10, 12]


def test_what_forward_keeps_may_be_changed_by_backward():
    def forward(self, x):
        self.kept = x
        self.result = x * x
        return self.result

    def backward(self, gy):
        self.kept *= 2
        self.result[...] = 0
        return gy * self.kept

    x = var(3, 4)
    y = made(forward, backward)(x)
    z = y + x
    z.backward(retain_grad=True)
    assert x.grad.data.tolist() == [7, 9]
    assert (x.data.tolist(), y.data.tolist(), z.data.tolist()) == ([3, 4], [9, 16], [12, 20])


def test_a_backward_that_writes_into_the_gradient_it_gets():
    def backward(self, gy):
        gy.data *= 5
        return gy

    x = var(1, 2)
    shared = x * 1.0
    y = made(augmented, backward)(shared) + shared  # both of which are sent the same ones
    y.backward(retain_grad=True)
    assert x.grad.data.tolist() == [6, 6]
    assert y.grad.data.tolist() == [1, 1]


def test_a_backward_that_returns_one_buffer_for_all():
    buffer = np.zeros(2)

    def backward(self, gy):
        np.multiply(gy.data, self.factor, out=buffer)
        return buffer

    twice, thrice = (
        made(lambda self, x: x * self.factor, backward, factor=factor) for factor in (2, 3)
    )
    a, b = var(1, 2), var(1, 2)
    (twice(a) + thrice(b)).backward()
    assert (a.grad.data.tolist(), b.grad.data.tolist()) == ([2, 2], [3, 3])
    buffer[...] = 9
    assert (a.grad.data.tolist(), b.grad.data.tolist()) == ([2, 2], [3, 3])


def test_a_backward_that_returns_what_it_got_or_an_input():
    both = made(lambda self, a, b: a + b, lambda self, gy: (gy, gy))
    a, b = var(1, 2), var(3, 4)
    both(a, b).backward()
    a.grad.data += 1
    assert b.grad.data.tolist() == [1, 1]
    half = made(lambda self, x: x * x / 2, lambda self, gy: self.inputs[0])
    half(a).backward()
    a.grad.data += 1
    assert a.data.tolist() == [1, 2]


def into_input(self, gy):
    x = self.inputs[0].data
    x *= 2
    return gy * x


def into_output(self, gy):
    y = self.outputs[0]().data
    y[...] = 0
    return gy


@pytest.mark.parametrize("x", [var(3), var(3, 4), var(1, 2, 3)[1:]], ids=["number", "row", "view"])
@pytest.mark.parametrize("backward", [into_input, into_output])
def test_a_backward_that_writes_into_the_graph_is_refused(backward, x):
    y = made(lambda self, x: x * x, backward)(x)
    before = x.data.tolist(), y.data.tolist()
    with pytest.raises(ValueError, match="the backward of Mine must not write") as caught:
        y.backward()
    frames = [entry.name for entry in caught.traceback]
    assert backward.__name__ in frames  # the line is told
    assert (x.data.tolist(), y.data.tolist()) == before
    x.data += 1  # as ever: it is the user's own
    y.data += 1


def test_under_create_graph_the_gradient_it_gets_is_of_the_graph_too():
    def backward(self, gy):
        gy.data *= 5
        return gy

    x = var(1, 2)
    y = made(augmented, backward)(x) * x
    with pytest.raises(ValueError, match="the backward of Mine must not write"):
        dezero.grad(y, x, create_graph=True)


def test_other_errors_of_a_rule_are_its_own():
    def backward(self, gy):
        raise ValueError("no such thing")

    with pytest.raises(ValueError, match=r"^no such thing$"):
        made(augmented, backward)(var(1, 2)).backward()


def test_trying_a_function_again_leaves_what_it_keeps():
    def forward(self, x):
        self.positive[...] = x > 0  # into the array that it has
        return x * self.positive

    def backward(self, gy):
        return gy * self.positive

    x = var(1e-5, -1e-5)  # a small shift takes them to the other side
    y = made(forward, backward, positive=None)
    y.positive = np.zeros(2, bool)
    z = y(x)
    dezero.grad(z, x, create_graph=True)
    assert y.positive.tolist() == [True, False]
    assert check(lambda v: twin(y)(v), x).blamed == []
    assert y.positive.tolist() == [True, False]
    assert dezero.grad(z, x).data.tolist() == [1, 0]


def test_gradcheck_of_a_function_that_writes():
    function = made(masked, lambda self, gy: gy * np.where(self.inputs[0].data < 0, 0.1, 1.0))
    report = check(lambda x: type(function)()(x), np.array([-1.0, 2.0]))
    assert [c.state for c in report.comparisons] == ["agrees", "agrees"]
    assert report.blamed == []
