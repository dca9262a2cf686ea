"""The backward pass: what it computes, in which order, what it leaves behind."""

import copy
import pickle
import platform
import subprocess
import sys
import weakref

import mpmath
import numpy as np
import pytest

import dezero
from dezero import OPS, Function, Variable, backward, grad
from dezero.builtin import Op
from dezero.config import Config, no_grad, remember, special
from dezero.core import Constant, wrap
from dezero.detached import DetachedError
from dezero.functions import Pow, Sin, add, exp, reshape, sin, tanh
from dezero.passes import ASSIGNED
from dzviz.language.evaluate import apply
from dzviz.sources.expression import read as read_formula


def var(data, dtype=float):
    return Variable(np.array(data, dtype))


class Split(Function):
    """Two outputs, the book's style."""

    def forward(self, x):
        return x * 2, x * 3

    def backward(self, ga, gb):
        return ga * 2 + gb * 3


def goldstein(x, y):
    return (1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)) * (
        30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    )


def test_goldstein_price():
    x, y = var(1.0), var(1.0)
    goldstein(x, y).backward()
    assert (x.grad.data, y.grad.data) == (-5376.0, 8064.0)


def test_intermediates_end_at_none_and_remember_that_they_were_released():
    x = var(1.0)
    a = sin(x)
    y = a * 2
    assert not a.released
    y.backward()
    assert (a.grad, y.grad) == (None, None)
    assert a.released
    assert y.released
    assert not x.released


def test_retain_grad_keeps_them():
    x = var(1.0)
    a = sin(x)
    y = a * 3
    y.backward(retain_grad=True)
    assert (a.grad.data, y.grad.data) == (3.0, 1.0)
    assert not a.released


def test_a_leaf_alone():
    x = var([2.0, 3.0])
    x.backward()
    assert x.grad.data.tolist() == [1.0, 1.0]
    x.backward()
    assert x.grad.data.tolist() == [2.0, 2.0]


def test_leaves_accumulate_as_a_new_array():
    x = var(3.0)
    y = x * x
    y.backward()
    first = x.grad
    y.backward()
    assert first.data == 6.0
    assert x.grad.data == 12.0


def test_a_second_pass_starts_from_ones_again():
    x = var(3.0)
    y = x * x
    y.backward(retain_grad=True)
    y.backward(retain_grad=True)  # the grad that the first pass left on y is no seed
    assert (x.grad.data, y.grad.data) == (12.0, 1.0)


def test_an_assigned_grad_seeds_once():
    x = var(3.0)
    y = x * x
    y.grad = np.array(10.0)
    y.backward()
    assert x.grad.data == 60.0
    y.backward()
    assert x.grad.data == 66.0


def test_an_assigned_grad_on_a_leaf_seeds_it():
    x = var(1.0)
    x.grad = np.array(5.0)
    x.backward()
    assert x.grad.data == 5.0
    x.backward()
    assert x.grad.data == 6.0


def test_old_grads_on_intermediates_do_not_leak_in():
    x = var(2.0)
    a = x * x
    y = a * a
    y.backward(retain_grad=True)
    x.cleargrad()
    a.grad = np.array(1000.0)
    y.backward()
    assert x.grad.data == 32.0
    x.cleargrad()
    y.backward(retain_grad=True)
    x.cleargrad()
    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    gx.backward()
    assert x.grad.data == 48.0


def test_the_same_operand_twice():
    x = var(3.0)
    y = add(x, x)
    y.backward()
    assert x.grad.data == 2.0


def test_a_dead_output_counts_as_zero():
    x = var([1.0, 2.0])
    a, b = Split()(x)
    del b
    a.backward()
    assert x.grad.data.tolist() == [2.0, 2.0]


def test_an_unused_output_counts_as_zero_and_both_add_up():
    x = var(1.0)
    a, b = Split()(x)
    b.backward()
    assert x.grad.data == 3.0
    x.cleargrad()
    (a * b).backward()
    assert x.grad.data == 2 * 3 + 3 * 2
    x.cleargrad()
    dezero.backward([a, b])
    assert x.grad.data == 5.0


def test_several_outputs_are_one_pass():
    x = var(2.0)
    a = x * x
    y = a * x
    dezero.backward([a, y])
    assert x.grad.data == 4 + 12
    x.cleargrad()
    dezero.backward([y, y])
    assert x.grad.data == 24


def test_equal_generations_go_last_discovered_first():
    order = []

    class Watch:
        def seeded(self, y, gy): ...
        def contributed(self, function, index, gx): ...
        def summed(self, x, gx): ...
        def settled(self, x, gx, kept): ...
        def popped(self, function, queue):
            order.append((names[function], [names[f] for f in queue]))

    x = var(1.0)
    a, b, c = sin(x), exp(x), tanh(x)
    ab = a * b
    y = ab + c * c
    names = {f: type(f).__name__ for f in (a.creator, b.creator, c.creator, ab.creator, y.creator)}
    names[y.creator.inputs[1].creator] = "Mul2"
    dezero.backward(y, observer=Watch())
    assert order == [
        ("Add", []),
        ("Mul2", ["Mul"]),
        ("Mul", ["Tanh"]),
        ("Exp", ["Sin", "Tanh"]),
        ("Sin", ["Tanh"]),
        ("Tanh", []),
    ]


def test_an_observer_sees_the_whole_pass():
    events = []

    class Watch:
        def seeded(self, y, gy):
            events.append(("seed", gy))

        def popped(self, function, queue):
            events.append(("pop", type(function).__name__))

        def contributed(self, function, index, gx):
            events.append(("send", index, gx))

        def summed(self, x, gx):
            events.append(("sum", gx))

        def settled(self, x, gx, kept):
            events.append(("settle", gx, kept))

    x = var(3.0)
    y = (x * x) * 2.0
    dezero.backward(y, observer=Watch())
    assert events == [
        ("seed", 1.0),
        ("pop", "Mul"),
        ("settle", 1.0, False),
        ("send", 0, 2.0),
        ("pop", "Mul"),
        ("settle", 2.0, False),
        ("send", 0, 6.0),
        ("send", 1, 6.0),
        ("sum", 12.0),
        ("settle", 12.0, True),
    ]


@pytest.mark.parametrize("retain_grad", [False, True])
def test_grads_share_no_memory_with_each_other_or_with_data(retain_grad):
    x, b = var([[1.0, 2.0], [3.0, 4.0]]), var([1.0, 2.0])
    a = add(x, b)
    c = reshape(a, (4,))
    d = add(c, c)
    y = d.sum()
    y.grad = np.array(1.0)
    y.backward(retain_grad=retain_grad)
    arrays = [v.data for v in (x, b, a, c, d, y)]
    arrays += [v.grad.data for v in (x, b, a, c, d, y) if v.grad is not None]
    for i, first in enumerate(arrays):
        assert first.flags.writeable or first is c.data
        for second in arrays[i + 1 :]:
            assert not np.shares_memory(first, second) or {id(first), id(second)} == {
                id(a.data),
                id(c.data),
            }


def test_an_assigned_seed_is_not_shared():
    x = var([1.0, 2.0])
    seed = np.array([3.0, 4.0])
    y = add(x, 0.0)
    y.grad = seed
    y.backward(retain_grad=True)
    x.grad.data[0] = 100.0
    y.grad.data[1] = 100.0
    assert seed.tolist() == [3.0, 4.0]


def test_float_grads_have_their_variables_dtype():
    x, w = var([1.0, 2.0], np.float32), var([1.0, 2.0])
    y = (x * w).sum()
    y.backward(retain_grad=True)
    assert (x.grad.dtype, w.grad.dtype) == (np.float32, np.float64)
    dx = dezero.grad((x * x * w).sum(), x, create_graph=True)
    assert dx.dtype == np.float32


def test_integer_variables_keep_integer_grads():
    x = var(3, int)
    y = x**2
    y.backward()
    assert x.grad.data == 6
    assert x.grad.dtype == x.dtype


def test_create_graph_to_the_third_derivative_of_tanh():
    x = var(1.0)
    y = tanh(x)
    t = np.tanh(1.0)
    expected = [1 - t**2, -2 * t * (1 - t**2), (1 - t**2) * (6 * t**2 - 2)]
    for value in expected:
        y = dezero.grad(y, x, create_graph=True)
        assert y.data == pytest.approx(value, rel=1e-12)


def test_the_book_s_newton_method_by_double_backward():
    x = var(2.0)
    for _ in range(10):
        y = x**4 - 2 * x**2
        x.cleargrad()
        y.backward(create_graph=True)
        gx = x.grad
        x.cleargrad()
        gx.backward()
        x.data -= gx.data / x.grad.data
    assert x.data == 1.0


def test_the_derivative_of_a_penalty_on_the_gradient():
    x = var(2.0)
    gx = dezero.grad(x**2, x, create_graph=True)
    z = gx**3 + x**2
    z.backward()
    assert x.grad.data == 3 * 4.0**2 * 2 + 2 * 2.0


def test_grad_touches_no_grad_and_gives_zeros_without_dependence():
    x, z = var(2.0), var([1.0, 2.0])
    y = x * x
    gx, gz = dezero.grad(y, [x, z])
    assert gx.data == 4.0
    assert gz.data.tolist() == [0.0, 0.0]
    assert (x.grad, y.grad, z.grad) == (None, None, None)
    assert not y.released
    assert dezero.grad([y, y * 2], x).data == 12.0


def test_grad_of_an_intermediate():
    x = var(2.0)
    a = x * x
    y = a * a
    ga, gy = dezero.grad(y, [a, y])
    assert (ga.data, gy.data) == (8.0, 1.0)


def test_under_no_grad_create_graph_still_makes_a_graph():
    x = var(2.0)
    y = x**3
    with dezero.no_grad():
        gx = dezero.grad(y, x, create_graph=True)
    assert dezero.grad(gx, x).data == 12.0


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ((1.0, 1.0), "the backward of Bad returned 2 gradients for 1 inputs"),
        (np.zeros(3), r"the backward of Bad returned a gradient of shape \(3,\) for input 0"),
        (np.zeros((2, 3)), "the backward of Bad returned a gradient of shape"),
    ],
)
def test_a_wrong_rule_is_told_by_name(returned, message):
    class Bad(Function):
        def forward(self, x):
            return x

        def backward(self, gy):
            return returned

    with pytest.raises(ValueError, match=message):
        Bad()(var([1.0, 2.0])).backward()


def test_a_rule_that_returns_what_is_no_gradient():
    class Bad(Function):
        def forward(self, x):
            return x

        def backward(self, gy):
            return "nothing"

    with pytest.raises(TypeError):
        Bad()(var(1.0)).backward()


def test_leaves_are_untouched_when_a_rule_fails():
    class Fails(Function):
        def forward(self, x):
            return x

        def backward(self, gy):
            raise RuntimeError

    x, z = var(1.0), var(1.0)
    y = Fails()(sin(x)) + z
    with pytest.raises(RuntimeError):
        y.backward()
    assert (x.grad, z.grad) == (None, None)


def test_none_means_no_gradient():
    class Half(Function):
        def forward(self, a, b):
            return a * b

        def backward(self, gy):
            return gy * self.inputs[1], None

    a, b = var(2.0), var(3.0)
    Half()(a, b).backward()
    assert a.grad.data == 3.0
    assert b.grad is None


def test_a_long_chain_without_recursion():
    limit = sys.getrecursionlimit()
    x = var(1.0)
    y = x
    for _ in range(100_000):
        y = y + x
    y.backward()
    assert x.grad.data == 100_001
    del y
    assert sys.getrecursionlimit() == limit


def test_a_hundred_thousand_terms():
    x = var(2.0)
    terms = [x * 1.0 for _ in range(100_000)]
    while len(terms) > 1:  # a balanced sum: half of the terms wait in the queue
        terms = [a + b for a, b in zip(terms[::2], terms[1::2], strict=False)] + terms[
            len(terms) // 2 * 2 :
        ]
    terms[0].backward()
    assert x.grad.data == 100_000


def test_powers_with_a_variable_exponent():
    x, y = var(2.0), var(3.0)
    z = x**y
    z.backward()
    assert (x.grad.data, y.grad.data) == (12.0, pytest.approx(8 * np.log(2)))
    x.cleargrad()
    w = 2.0**x
    w.backward()
    assert x.grad.data == pytest.approx(4 * np.log(2))


def test_powers_at_zero():
    for a, b, ga, gb in [(0.0, 2.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0), (3.0, 0.0, 0.0, np.log(3))]:
        x, y = var(a), var(b)
        (x**y).backward()
        assert (x.grad.data, y.grad.data) == (ga, pytest.approx(gb))


@pytest.mark.parametrize("f", [lambda x, w: x * w, lambda x, w: exp(x) + w])
def test_a_grad_under_create_graph_is_no_variable_of_the_forward_graph(f):
    x, w = var(2.0), var(3.0)
    y = f(x, w)
    y.backward(create_graph=True)
    forward = {x, w, y, *y.creator.inputs}
    for v in (x, w):
        assert v.grad not in forward
        assert not any(np.shares_memory(v.grad.data, other.data) for other in forward)
    gx, gw = dezero.grad(y, [x, w], create_graph=True)
    assert not {gx, gw} & forward
    assert dezero.grad(gx, w).data == dezero.grad(gw, x).data


def test_a_rule_that_writes_into_its_gradient_disturbs_nobody():
    class Writes(Function):
        def forward(self, x):
            return x * 2

        def backward(self, gy):
            gy.data *= 2
            return gy

    x = var([1.0, 2.0])
    y = Writes()(x) * 1.0
    y.backward(retain_grad=True)
    assert x.grad.data.tolist() == [2.0, 2.0]
    assert y.creator.inputs[0].grad.data.tolist() == [1.0, 1.0]


def test_a_gradient_of_a_shape_of_its_own_is_refused():
    class Seven(Function):
        def forward(self, x):
            return x * 2

        def backward(self, gy):
            return Variable(np.ones(7))

    with pytest.raises(ValueError, match=r"shape \(7,\) for input 0 of shape \(\)"):
        Seven()(var(1.0)).backward()


def test_an_assigned_grad_takes_the_dtype_and_survives_a_failure():
    class Fails(Function):
        def forward(self, x):
            return x

        def backward(self, gy):
            raise RuntimeError

    x = var([1.0, 2.0], np.float32)
    y = Fails()(x)
    y.grad = np.array([3.0, 4.0])
    assert y.grad.dtype == np.float32
    with pytest.raises(RuntimeError):
        y.backward()
    assert y._passes is ASSIGNED or y.released


def test_functions_with_several_outputs_are_linear_in_their_number():
    x = var(1.0)
    total = x * 0.0
    pairs = [Split()(x) for _ in range(3000)]
    for a, b in pairs:
        total = total + a * b
    total.backward()
    assert x.grad.data == 3000 * 12


def test_a_gradient_that_is_a_node_of_its_own_is_kept_as_it_is():
    x, b = var([[1.0, 2.0], [3.0, 4.0]]), var([1.0, 2.0])
    y = add(x, b) ** 2
    y.backward(create_graph=True)
    assert type(b.grad.creator).__name__ == "SumTo"  # no copy of a copy
    x, w = var(2.0), var(3.0)
    y = x * w * 1.0
    y.backward(create_graph=True)
    assert x.grad is not w
    assert w.grad is not x


@pytest.mark.parametrize("b", [0.0, 1.0, 2.0, -1.0, 0.5])
def test_all_second_derivatives_of_a_power(b):
    a, x, y = 2.5, Variable(np.array(2.5)), Variable(np.array(b))
    by_a, by_b = dezero.grad(x**y, [x, y], create_graph=True)
    np.testing.assert_allclose(by_a.data, b * a ** (b - 1))
    np.testing.assert_allclose(by_b.data, a**b * np.log(a))
    mixed = a ** (b - 1) * (1 + b * np.log(a))  # at b = 0 too: 1 / a
    np.testing.assert_allclose(dezero.grad(by_a, y).data, mixed)
    np.testing.assert_allclose(dezero.grad(by_b, x).data, mixed)
    np.testing.assert_allclose(dezero.grad(by_b, y).data, a**b * np.log(a) ** 2)


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("a", [0.0, 1e-310, 1e-40])
def test_a_power_of_zero_is_constant_however_small_its_base(a, dtype):
    x, y = Variable(np.array(a, dtype)), Variable(np.array(0.0, dtype))
    assert dezero.grad(x**y, x).data == 0.0


def in_a_row(f, x):
    return f(f(x))


def side_by_side(f, x):
    return f(x) + f(x * 2.0)


def again_elsewhere(f, x):
    y = f(x)
    unused = f(x * 1.0 * 1.0)
    return y * 2.0 + 0.0 * unused.data


class Tripled(Function):
    def forward(self, x):
        return 3.0 * x

    def backward(self, gy):
        return 3.0 * gy


@pytest.mark.parametrize("use", [in_a_row, side_by_side, again_elsewhere])
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_function_that_was_applied_again_is_refused(create_graph, use):
    y = use(Tripled(), Variable(np.array(1.0)))
    with pytest.raises(RuntimeError, match="this Tripled was called again after"):
        y.backward(create_graph=create_graph)


class Twofold(Function):
    def forward(self, x):
        return 2.0 * x, 3.0 * x

    def backward(self, gy, gz):
        return 2.0 * gy + 3.0 * gz


@pytest.mark.parametrize(
    "again", [copy.deepcopy, lambda things: pickle.loads(pickle.dumps(things))]
)
def test_a_graph_with_a_function_of_the_users_own_can_be_copied(again):
    x = Variable(np.array(2.0))
    y, z = Twofold()(x)
    twin, w = again((x, Tripled()(z) * z))
    del y, z
    for create_graph in (False, True):
        twin.cleargrad()
        w.backward(create_graph=create_graph)
        assert twin.grad.data == 108.0
    assert x.grad is None
    first, second = w.creator.inputs[1].creator.outputs
    assert second() is w.creator.inputs[1]
    assert first() is None
    twin.cleargrad()
    function = again(w.creator.inputs[1].creator)
    assert [y() for y in function.outputs] == [None, None]
    assert w.creator.inputs[1].creator.outputs == (first, second)


def test_a_function_with_slots_has_a_dictionary_too():
    with pytest.raises(TypeError, match="the __slots__ of Scaled need '__dict__'"):
        type("Scaled", (Function,), {"__slots__": ("k",)})
    scaled = type("Scaled", (Tripled,), {"__slots__": ("k",)})()
    scaled.k = 2
    y = copy.deepcopy(scaled(Variable(np.array(1.0))))
    y.backward()
    assert y.creator.inputs[0].grad.data == 3
    assert y.creator.k == 2


def test_copies_keep_what_is_known_of_a_gradient():
    for again in (copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))):
        x = Variable(np.array(3.0))
        y = x * x
        (y + 1).backward()
        assert again(y).released
        assert again(y).grad is None
        y.grad = np.array(5.0)
        z = again(y)
        z.creator.inputs[0].cleargrad()
        z.backward()
        assert z.creator.inputs[0].grad.data == 5 * 2 * 3
        for op in (Sin(), Pow(3), Tripled()):
            assert again(op)(x).data == op(x).data


@pytest.mark.parametrize("create_graph", [False, True])
def test_generations_may_be_any_numbers(create_graph):
    for generations in ((10**15, 7), (-(10**15), 10**15), (-3, 0), (0.5, 10**9)):
        x, z = Variable(np.array(2.0)), Variable(np.array(3.0))
        x.generation, z.generation = generations
        a, b = x * x, z * z
        y = a * b + a + sin(b)
        for observer in (None, Onlooker()):
            for variable in (x, z):
                variable.cleargrad()
            backward(y, create_graph=create_graph, observer=observer)
            assert x.grad.data == 2 * 2 * 9 + 2 * 2
            np.testing.assert_allclose(z.grad.data, 4 * 2 * 3 + np.cos(9) * 2 * 3)


@pytest.mark.parametrize("use", [in_a_row, side_by_side, again_elsewhere])
@pytest.mark.parametrize("create_graph", [False, True])
def test_an_op_that_was_applied_again_is_two(create_graph, use):
    for again, apart in ((Sin(), sin), (Pow(3), lambda x: x**3)):
        x, z = Variable(np.array(1.0)), Variable(np.array(1.0))
        for f, by in ((again, x), (apart, z)):
            y = use(f, by)
            assert y.creator.outputs[0]() is y
            assert weakref.ref(y.creator)() is y.creator
            y.backward(create_graph=create_graph)
        assert x.grad.data == z.grad.data


def test_a_functions_own_attributes_may_have_any_name():
    class Scaled(Function):
        def __init__(self, output):
            self.output = output

        def forward(self, x):
            return x * x * self.output

        def backward(self, gy):
            return gy * 2.0 * self.inputs[0].data * self.output

    x = Variable(np.array(3.0))
    y = Scaled(2.0)(x)
    y.backward()
    assert x.grad.data == 12.0
    with pytest.raises(DetachedError):
        y.backward(create_graph=True)


def test_a_function_may_be_of_another_class_too():
    class TriplingError(Tripled, Exception):
        pass

    x = Variable(np.array(0.5))
    TriplingError()(x).backward()
    assert x.grad.data == 3.0


def test_gradients_that_are_one_under_create_graph():
    a, b = Variable(np.array(1.0)), Variable(np.array(2.0))
    y = (a + b) + 0.0
    y.backward(create_graph=True, retain_grad=True)
    assert a.grad is b.grad


def test_gradients_add_up_over_passes_and_are_read_between_or_not():
    for read in (True, False):
        x = Variable(np.array(2.0))
        for times in range(1, 4):
            (x * x).backward()
            if read:
                assert x.grad.data == 4.0 * times
        assert type(x.grad) is Variable
        assert x.grad is x.grad
        assert x.grad.data == 12.0


PASSES = """
import resource, sys
import numpy as np
from dezero import Variable
from dezero.functions import tanh

ws = [Variable(np.eye(256)) for _ in range(20)]
for _ in range(6):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    y = Variable(np.ones((64, 256)))
    for w in ws:
        w.grad = None
        y = tanh(y @ w)
    y.backward()
    del y
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told to keep memory")
def test_memory_is_not_asked_for_anew_in_each_pass():
    run = subprocess.run([sys.executable, "-c", PASSES], capture_output=True, check=True, text=True)
    assert int(run.stdout) < 256  # pages; the gradients of the weights alone are 2560


def derivatives(x, count, observer=None):
    """Return tanh(x) and its derivatives as graphs."""
    ys = [tanh(x)]
    for _ in range(count):
        ys.append(grad(ys[-1], x, create_graph=True, observer=observer))
    return ys


def test_equal_nodes_of_derivatives_are_one_but_where_somebody_watches():
    with mpmath.workdps(40):
        expected = [float(mpmath.diff(mpmath.tanh, mpmath.mpf(0.5), n)) for n in range(7)]
    for observer, most in ((None, 175), (Onlooker(), 307)):
        ys = derivatives(var(0.5), 6, observer)
        np.testing.assert_allclose([float(y.data) for y in ys], expected, rtol=1e-12)
        made = [x.creator for x in behind(ys[-1])]
        assert len(made) == most
    assert len({id(y) for y in ys}) == 7


def test_what_has_a_name_or_another_number_or_sign_stays_apart():
    x = var(0.5)
    y = tanh(x)
    square = y * y
    first = grad(y + square * 0.0, x, create_graph=True)
    products = [z for z in behind(first) if z.creator.inputs == (y, y)]
    assert len(products) == 1
    assert products[0] is not square  # which is the user's
    products[0].name = "y^2"
    second = grad(first, x, create_graph=True)
    products = [z for z in behind(second) if z.creator.inputs == (y, y)]
    assert sorted(z.name or "" for z in products) == ["", "y^2"]
    for a, b in ((2.0, 3.0), (0.0, -0.0)):
        x = var(5.0)
        z = grad(sin(x * a) + sin(x * b), x, create_graph=True)
        numbers = [v for y in behind(z) for v in y.creator.inputs if v.constant]
        assert {str(float(v.data)) for v in numbers} == {str(a), str(b)}


def test_what_has_changed_between_two_passes_is_not_met_again():
    for again in (False, True):
        x = var(1.0)
        first = grad(sin(x) * sin(x), x, create_graph=True)  # cos(x) sin(x), twice
        x.data = np.array(3.0)
        second = grad(first, x, create_graph=again)
        assert np.isclose(
            float(second.data), 2 * (np.cos(3.0) * np.cos(1.0) - np.sin(1.0) * np.sin(3.0))
        )


@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_equal_numbers_are_one_operand_only_where_they_compute_the_same(dtype):
    x = wrap(np.dtype(dtype).type(0.5))
    tenth, weak = wrap(np.float64(0.1), Constant), 0.1
    before = Config.state
    remember((True, {}))
    try:
        assert (tenth * x is weak * x) == (dtype == "f8")
        assert (weak * x is weak * x) == (dtype == "f8")
        assert (weak * x).dtype == dtype
        assert weak * x is not x * weak
        zeros = [0 * x, 0.0 * x, -0.0 * x]
        assert [np.signbit(zero.data) for zero in zeros] == [False, False, True]
        with no_grad():
            assert (weak * x).creator is None
    finally:
        remember(before)


def test_no_thread_is_special_after_a_pass_or_a_block():
    x = Variable(np.array(0.5))
    assert not special
    with no_grad():
        assert special
        with pytest.raises(ValueError, match="shape"):
            Variable(np.zeros(2)) + Variable(np.zeros(3))
    for create_graph in (False, True):
        sin(x).backward(create_graph=create_graph)
        with pytest.raises(ZeroDivisionError):
            Failing()(x).backward(create_graph=create_graph)
    assert not special


class Failing(Function):
    def forward(self, x):
        return x

    def backward(self, gy):
        raise ZeroDivisionError


def test_equal_gradients_are_variables_of_their_own():
    for retain in (False, True):
        a, b, c = var(1.0), var(2.0), var(3.0)
        v = a * c + b * c
        (v * v * v).backward(create_graph=True, retain_grad=retain)
        assert a.grad is not b.grad
        a.grad.data = np.array(0.0)
        assert float(b.grad.data) == 3 * 9**2 * 3
        second = grad(b.grad, (a, b))  # 6 c^2 v
        assert [float(gx.data) for gx in second] == [6 * 3**2 * 9] * 2


def test_an_op_with_attributes_of_its_own_is_no_other():
    x = var(3.0)
    z = grad(x**3 + x**4, x, create_graph=True)
    assert grad(z, x).data == 6 * 3.0 + 12 * 9.0


def test_copies_of_a_derivatives_graph():
    x = var(0.5)
    ys = derivatives(x, 3)
    expected = grad(ys[-1], x).data
    for again in (copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))):
        z, w = again((x, ys[-1]))
        assert grad(w, z, create_graph=True).data == expected
        assert not set(behind(w)) & set(behind(ys[-1]))


CASES = [
    (text, shapes, op.sample)
    for op in OPS.values()
    for text, several in op.examples.items()
    for shapes in several
] + [
    ("a = x**2; a*sin(a)", ((),), (1.0, 3.0)),
    ("sum(tanh(X@W + b))", ((2, 3), (3, 2), (2,)), (-1.0, 1.0)),
    ("mean((X@W - b)**2)*x + x/w", ((2, 3), (3, 2), (2,), (), ()), (1.0, 2.0)),
    ("h = tanh(X@W); sum(h*h + h)", ((2, 3), (3, 2)), (-1.0, 1.0)),
]


class Onlooker:
    """Observes a pass and does nothing, so that the readable loop runs it."""

    def __getattr__(self, name):
        return lambda *_: None


@pytest.mark.parametrize("retain_grad", [False, True])
@pytest.mark.parametrize("create_graph", [False, True])
def test_what_is_written_out_does_what_the_readable_does(monkeypatch, create_graph, retain_grad):
    seen = 0
    kinds = [kind for kind in subclasses(Op) if "apply" in vars(kind)]
    assert len(kinds) > 70
    for text, shapes, (low, high) in CASES:
        program = read_formula(text).program
        left = []
        for observer in (None, Onlooker()):
            for kind in kinds if observer else ():
                monkeypatch.setattr(kind, "apply", Op.apply)
            chance = np.random.default_rng(1)
            names = zip(program.names, shapes, strict=True)
            inputs = {n: Variable(np.array(chance.uniform(low, high, s)), n) for n, s in names}
            y = apply(program, inputs)[0]
            backward(y, retain_grad=retain_grad, create_graph=create_graph, observer=observer)
            kept = [(x, x.grad, x.released) for x in (*inputs.values(), *behind(y))]
            told = [(type(x), type(x.creator), x.data.tobytes(), x.generation) for x, *_ in kept]
            grads = [gx is not None and gx.data.tobytes() for _, gx, _ in kept]
            left.append((grads, told, [gone for *_, gone in kept]))
            monkeypatch.undo()
        assert left[0] == left[1], text
        seen += sum(gx is not False for gx in left[0][0])
    assert seen > 200


def subclasses(kind):
    """Return a class and all that are made of it."""
    return [kind, *(each for below in kind.__subclasses__() for each in subclasses(below))]


def behind(y):
    """Return what was computed on the way to ``y``, in one order."""
    found, pending = {}, [y]  # by a dictionary, since == compares elements
    while pending:
        x = pending.pop()
        if x not in found and x.creator is not None:
            found[x] = None
            pending.extend(x.creator.inputs)
    return list(found)
