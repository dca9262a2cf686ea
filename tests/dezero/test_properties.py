"""Properties of the engine, on random graphs."""

import gc
import threading
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dezero
from dezero import Variable, no_grad
from dezero.config import Config

pytestmark = pytest.mark.thorough

OPS = {
    "add": (2, lambda a, b: a + b),
    "sub": (2, lambda a, b: a - b),
    "mul": (2, lambda a, b: a * b),
    "sin": (1, dezero.functions.sin),
    "tanh": (1, dezero.functions.tanh),
    "square": (1, lambda a: a * a),
    "third": (1, lambda a: a / 3.0),
}
COMPLEX = {
    **{name: OPS[name][1] for name in ("add", "sub", "mul", "square", "third")},
    "sin": np.sin,
    "tanh": np.tanh,
}

steps = st.lists(
    st.tuples(st.sampled_from(sorted(OPS)), st.integers(0, 1000), st.integers(0, 1000)),
    min_size=1,
    max_size=30,
)
leaves = st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=4)
shapes = st.sampled_from([(), (3,), (2, 3)])


def built(values, plan, shape=()):
    """Build a graph by a plan: each step takes earlier results; the output adds up the unused."""
    xs = [Variable(np.full(shape, value)) for value in values]
    nodes, used = list(xs), set()
    for name, i, j in plan:
        count, function = OPS[name]
        chosen = [i % len(nodes), j % len(nodes)][:count]
        used.update(chosen)
        nodes.append(function(*(nodes[k] for k in chosen)))
    loose = [node for k, node in enumerate(nodes) if k not in used]
    y = loose[0]
    for node in loose[1:]:
        y = y + node
    return xs, y


def complex_step(values, plan, k):
    """The derivative by the k-th leaf, without any engine: Im f(x + ih) / h."""
    nodes = [complex(value, 1e-30 if i == k else 0.0) for i, value in enumerate(values)]
    used = set()
    for name, i, j in plan:
        count = OPS[name][0]
        chosen = [i % len(nodes), j % len(nodes)][:count]
        used.update(chosen)
        nodes.append(COMPLEX[name](*(nodes[n] for n in chosen)))
    return sum(node for n, node in enumerate(nodes) if n not in used).imag / 1e-30


def gradients(xs):
    return [None if x.grad is None else x.grad.data.copy() for x in xs]


def close(a, b):
    assert (a is None) == (b is None)
    if a is not None:
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@settings(max_examples=300, deadline=None)
@given(leaves, steps)
def test_gradients_are_those_of_a_complex_step(values, plan):
    xs, y = built(values, plan)
    y.backward()
    for k, x in enumerate(xs):
        expected = complex_step(values, plan, k)
        found = 0.0 if x.grad is None else x.grad.data
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12 * max(1, abs(expected)))


def reordered(plan, count, seed):
    """Another plan for the same graph: steps in another order that their operands allow."""
    generator = np.random.default_rng(seed)
    operands = []
    for k, (name, i, j) in enumerate(plan):
        nodes = count + k
        operands.append([i % nodes, j % nodes][: OPS[name][0]])
    place = {k: k for k in range(count)}
    waiting = list(range(len(plan)))
    result = []
    while waiting:
        ready = [k for k in waiting if all(o in place for o in operands[k])]
        k = int(generator.choice(ready))
        waiting.remove(k)
        chosen = [place[o] for o in operands[k]]
        place[count + k] = count + len(result)
        result.append((plan[k][0], chosen[0], chosen[-1]))
    return result


@settings(max_examples=200, deadline=None)
@given(leaves, steps, shapes, st.integers(0, 2**32 - 1))
def test_the_order_of_construction_does_not_matter(values, plan, shape, seed):
    xs, y = built(values, plan, shape)
    again, z = built(values, reordered(plan, len(values), seed), shape)
    y.backward()
    z.backward()
    np.testing.assert_allclose(y.data, z.data, rtol=1e-9, atol=1e-12)
    for a, b in zip(gradients(xs), gradients(again), strict=True):
        close(a, b)


@settings(max_examples=100, deadline=None)
@given(leaves, steps, shapes)
def test_two_passes_accumulate(values, plan, shape):
    xs, y = built(values, plan, shape)
    y.backward()
    once = gradients(xs)
    y.backward()
    twice = gradients(xs)
    if y.creator is None:
        return
    for a, b in zip(once, twice, strict=True):
        close(None if a is None else 2 * a, b)


@settings(max_examples=100, deadline=None)
@given(leaves, steps, shapes)
def test_retained_or_not_the_leaves_get_the_same(values, plan, shape):
    found = []
    for options in ({}, {"retain_grad": True}, {"create_graph": True}):
        xs, y = built(values, plan, shape)
        y.backward(**options)
        found.append(gradients(xs))
    for a, b, c in zip(*found, strict=True):
        if a is None:
            assert b is None
            assert c is None
        else:
            np.testing.assert_array_equal(a, b)
            close(a, c)


def higher(y, xs):
    """A pass whose gradients are a graph: it holds on to the first one until they are cleared."""
    y.backward(create_graph=True)
    for x in xs:
        x.cleargrad()


PASSES = {
    "none": lambda y, xs: None,
    "plain": lambda y, xs: y.backward(),
    "twice": lambda y, xs: [y.backward() for _ in range(2)],
    "retained": lambda y, xs: y.backward(retain_grad=True),
    "of its own": lambda y, xs: dezero.grad(y, xs),
    "higher": higher,
}


@pytest.fixture
def no_collector():
    """What is freed here is freed by counting references alone."""
    collecting = gc.isenabled()
    gc.disable()
    yield
    if collecting:
        gc.enable()


def parts(y, xs):
    """Weak references to all Variables and Functions of a graph but its leaves."""
    found, pending, leaves = {}, [y], set(map(id, xs))
    while pending:
        part = pending.pop()
        if id(part) not in found and id(part) not in leaves:
            found[id(part)] = weakref.ref(part)
            pending += [part.creator] if isinstance(part, Variable) else part.inputs
            pending = [each for each in pending if each is not None]
    return list(found.values())


@pytest.mark.parametrize("how", PASSES)
@pytest.mark.usefixtures("no_collector")
def test_no_cycle_keeps_a_graph_alive(how):
    @settings(max_examples=30, deadline=None)
    @given(leaves, steps)
    def check(values, plan):
        xs, y = built(values, plan)
        seen = parts(y, xs)
        if y.creator is None:
            return
        PASSES[how](y, xs)
        assert all(part() is not None for part in seen)
        del y
        assert [part() for part in seen if part() is not None] == []

    check()


@pytest.mark.usefixtures("no_collector")
def test_gradients_that_are_a_graph_keep_it_alive_until_they_are_cleared():
    x = Variable(np.array(2.0))
    square = x * x
    y = square * x
    y.backward(create_graph=True)
    last = weakref.ref(square)
    del square, y
    assert last() is not None  # The gradient of x is 3 x x, which is made of x: a cycle.
    x.cleargrad()
    assert last() is None


@pytest.mark.usefixtures("no_collector")
def test_a_rule_that_fails_leaves_nothing_behind():
    class Failing(dezero.Function):
        def forward(self, x):
            return x

        def backward(self, gy):
            raise ValueError("no rule")

    x = Variable(np.array(2.0))
    y = dezero.functions.sin(Failing()(x * x))
    seen = parts(y, [x])
    with pytest.raises(ValueError, match="no rule"):
        y.backward()
    del y
    assert [part() for part in seen if part() is not None] == []


# A recursion would end the process at some 10 000 ops; only the plain pass is tried with all.
@pytest.mark.parametrize(
    ("how", "count"), [("plain", 1_000_000), *((how, 100_000) for how in PASSES)]
)
@pytest.mark.usefixtures("no_collector")
def test_a_million_ops_are_freed_without_recursion(how, count):
    x = Variable(np.array(1.0))
    y = x
    for _ in range(count):
        y = y + x
    first, last = weakref.ref(y.creator), weakref.ref(y)
    PASSES[how](y, [x])
    assert y.creator.generation == count - 1
    del y
    assert first() is None
    assert last() is None


@pytest.mark.parametrize("shape", ["a comb", "a ladder", "a fan"])
def test_other_shapes_are_freed_without_recursion(shape):
    x = Variable(np.array(1.0))
    y, z = x, x
    for _ in range(100_000):
        if shape == "a comb":
            y = dezero.functions.sin(x) + y
        elif shape == "a ladder":
            y, z = (y + z) * 0.5, y
        else:
            y = dezero.functions.sin(y) * dezero.functions.cos(y)
    last = weakref.ref(y)
    del y, z
    assert last() is None


def test_no_grad_in_one_thread_is_not_seen_in_another():
    inside, done = threading.Event(), threading.Event()
    seen = []

    def without():
        with no_grad():
            inside.set()
            done.wait(60)
            seen.append((Variable(np.array(1.0)) * 2.0).creator)

    thread = threading.Thread(target=without)
    thread.start()
    try:
        assert inside.wait(60)
        x = Variable(np.array(1.0))
        y = x * 2.0
        assert Config.enable_backprop
        assert y.creator is not None
        y.backward()
        assert x.grad.data == 2.0
        with no_grad():
            pass
    finally:
        done.set()
        thread.join(60)
    assert seen == [None]  # The end of this thread's block did not end the other's.


def test_a_new_thread_begins_with_gradients():
    seen = []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append(Config.enable_backprop))
        thread.start()
        thread.join(60)
    assert seen == [True]


@pytest.mark.parametrize("threads", [8])
def test_threads_in_graphs_of_their_own_do_not_disturb_each_other(threads):
    start = threading.Barrier(threads)
    failures = []

    def work(number):
        try:
            start.wait()
            for round_ in range(60):
                value = 0.1 * number + 0.01 * round_
                if number % 2:
                    with no_grad():
                        y = dezero.functions.sin(Variable(np.array(value)))
                        assert y.creator is None
                        assert not Config.enable_backprop
                else:
                    x = Variable(np.array(value))
                    y = x
                    for _ in range(50):
                        y = dezero.functions.sin(y) * 0.5 + x
                    assert y.creator is not None
                    y.backward()
                    expected = Variable(np.array(value))
                    total, slope = value, 1.0
                    for _ in range(50):
                        slope = np.cos(total) * slope * 0.5 + 1.0
                        total = np.sin(total) * 0.5 + value
                    np.testing.assert_allclose(x.grad.data, slope, rtol=1e-9)
                    assert expected.grad is None
        except BaseException as error:
            failures.append(error)

    running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(120)
    assert failures == []
    assert Config.enable_backprop
