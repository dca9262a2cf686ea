"""The tape: what it keeps, and in which order."""

import copy
import threading
from itertools import pairwise

import numpy as np
import pytest

import dezero
import dzviz
from dezero import Variable
from dezero import tape as tapes
from dezero.core import watch_forward
from dezero.functions import exp, sin
from dzviz.engine import Recording, Tape
from dzviz.formats import FORMATS
from dzviz.graph.model import FunctionNode
from dzviz.options import Layout, Look
from dzviz.pipeline import Computation, compute
from dzviz.sources.expression import read


def taped(function, *values, passes=1, retain_grad=False):
    tape = Tape()
    xs = [Variable(np.array(value)) for value in values]
    with watch_forward(tape.computed):
        y = function(*xs)
    for _ in range(passes):
        dezero.backward(y, retain_grad=retain_grad, observer=tape)
    return tape, xs, y


def kinds(tape):
    return [moment.kind for moment in tape.moments]


def test_a_gradient_is_released_after_the_rule_that_needs_it():
    tape, _, _ = taped(lambda x: sin(sin(x)), 1.0)
    backward = ["seed", "pop", "rule", "release", "pop", "rule", "release", "keep"]
    assert kinds(tape) == ["forward", "forward", *backward]
    assert [m.kind for m in taped(sin, 1.0, retain_grad=True)[0].moments][-3:] == [
        "keep",
        "rule",
        "keep",
    ]


def test_moments_tell_values_as_they_were_then():
    tape, (x,), y = taped(lambda x: x * x, 3.0)
    rules = [m for m in tape.moments if m.kind == "rule"]
    assert [(m.function, m.variable, m.arg, m.value, m.upstream) for m in rules] == [
        (y.creator, x, 0, 3.0, 1.0),
        (y.creator, x, 1, 3.0, 1.0),
    ]
    assert [m.value for m in tape.moments if m.kind == "sum"] == [6.0]
    array = np.array([1.0, 2.0])
    tape, (x,), _ = taped(lambda x: x + 0.0, array)
    x.grad.data[:] = 7.0
    array[:] = 7.0
    values = [m.value if m.value is None else m.value.tolist() for m in tape.moments]
    assert values == [[1, 2], [1, 1], None, [1, 1], [1, 1], [1, 1]]


def test_passes_are_counted_and_the_last_one_is_what_a_recording_holds():
    tape, _, y = taped(sin, 1.0, passes=3)
    assert [m.turn for m in tape.moments if m.kind == "seed"] == [1, 2, 3]
    plain = Recording()
    dezero.backward(y, observer=plain)
    assert tape.gradients == plain.gradients
    assert tape.contributions == plain.contributions
    assert tape.seeds == plain.seeds


def test_several_seeds_are_one_pass():
    tape = Tape()
    x = Variable(np.array(1.0))
    ys = [sin(x), x * x]
    dezero.backward(ys, observer=tape)
    assert [m.turn for m in tape.moments if m.kind == "seed"] == [1, 1]
    assert tape.turn == 1


def test_a_pop_tells_the_queue_in_its_order():
    tape, _, y = taped(lambda x: sin(x) * (x * x) + x, 2.0)
    pops = [m for m in tape.moments if m.kind == "pop"]
    assert pops[0].function is y.creator
    assert sorted((m.function.generation for m in pops), reverse=True) == [
        m.function.generation for m in pops
    ]
    for before, after in pairwise(pops):
        assert not before.queue or after.function.generation >= before.queue[0].generation
    assert [m.waiting for m in pops] == [len(m.queue) for m in pops]


def test_long_queues_are_cut_but_counted(monkeypatch):
    monkeypatch.setattr(tapes, "MAX_QUEUE", 3)
    tape, _, _ = taped(
        lambda *xs: dezero.functions.stack([sin(x) for x in xs]), *map(float, range(9))
    )
    longest = max((m for m in tape.moments if m.kind == "pop"), key=lambda m: m.waiting)
    assert longest.waiting == 8
    assert len(longest.queue) == 3


def test_watchers_within_each_other_both_see_it():
    outer, inner = [], []
    with watch_forward(outer.append):
        with watch_forward(inner.append):
            y = sin(Variable(np.array(1.0)))
        z = sin(y)
    assert outer == [y.creator, z.creator]
    assert inner == [y.creator]


def test_a_watcher_sees_its_own_thread_alone():
    seen, others = [], []
    ready, done = threading.Event(), threading.Event()

    def elsewhere():
        ready.wait(10)
        y = sin(Variable(np.array(1.0)))
        others.append(y.creator)
        done.set()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    with watch_forward(seen.append):
        ready.set()
        assert done.wait(10)
        y = sin(Variable(np.array(2.0)))
    thread.join()
    assert seen == [y.creator]
    assert len(others) == 1


def places(graph):
    return {node.id: node.back for node in graph.nodes if isinstance(node, FunctionNode)}


@pytest.mark.parametrize(
    "expression", ["sin(x)*cos(x) + x*x", "a = x*x; y = a*sin(a) + x*2", "x + 1", "tanh(x)"]
)
def test_the_place_in_a_pass_is_that_of_its_events(expression):
    for order in (0, 2):
        run = compute(Computation(read(expression), {"x": "0.5"}, order=order), recorded=True)
        run.backward()
        graph = run.graph(lower=True)
        last = max(event.turn for event in graph.events)
        pops = [e.function for e in graph.events if e.kind == "pop" and e.turn == last]
        told = places(graph)
        assert {id: told[id] for id in pops} == {id: i for i, id in enumerate(pops, 1)}
        assert {id for id, place in told.items() if place is not None} == set(pops)


def test_a_second_pass_begins_to_count_anew():
    for make in (Recording, Tape):
        recording = make()
        _, _, y = taped(lambda x: sin(sin(x)) * sin(x), 1.0)
        dezero.backward(y, observer=recording)
        if make is Tape:
            dezero.backward(y, observer=recording)
        assert list(recording.order.values()) == [1, 2, 3, 4]
        generations = [function.generation for function in recording.order]
        assert generations == sorted(generations, reverse=True)


def test_without_a_pass_there_is_no_place():
    run = compute(Computation(read("sin(x)*cos(x)"), {"x": "0.5"}))
    assert set(places(run.graph()).values()) == {None}


class Twofold(dezero.Function):
    def forward(self, x):
        return 2.0 * x, 3.0 * x

    def backward(self, gy, gz):
        return 2.0 * gy + 3.0 * gz


@pytest.mark.parametrize("used", [0, 1, None])
@pytest.mark.parametrize("value", [2.0, [2.0, 3.0]])
def test_a_function_of_several_outputs_is_watched(value, used):
    x = Variable(np.array(value), name="x")
    with dzviz.watch() as tape:
        ys = Twofold()(x)
        y, z = ys if used is None else (ys[used], ys[used])
        out = (y * z).sum()
        out.backward()
    factor = {0: 4, 1: 9, None: 6}[used]
    np.testing.assert_array_equal(x.grad.data, 2 * factor * x.data)
    graph = tape.graph(out)
    [sent] = [e.contribution for e in graph.edges if e.source == graph.nodes[0].id]
    np.testing.assert_array_equal(sent, x.grad.data)
    for format in ("svg", "text", "json", "html", "animation"):
        assert FORMATS[format].write(graph, Look(), Layout()), format


def test_the_functions_of_a_recording_have_their_outputs_when_somebody_asks():
    class Doubled(dezero.Function):
        def forward(self, x):
            return 2 * x, 3 * x

        def backward(self, gx, gz):
            return 2 * gx + 3 * gz

    recording, outputs = Recording(), {}
    for value in (1.0, 2.0):  # of another graph each; the leaves are between them
        x = Variable(np.array(value))
        two, three = Doubled()(sin(x) * x)
        y = sin(two * three) + 0.5
        dezero.backward(y, observer=recording)
        assert not y._creator.outputs, "nobody has asked for the output of an op"
        pending = [y]
        while pending:
            made = pending.pop()
            if made._creator is not None:
                outputs[id(made._creator)] = outputs.get(id(made._creator), set()) | {id(made)}
                pending += made._creator.inputs
        two.unchain()  # what was recorded stays
        for function, _ in recording.contributions:
            found = {id(reference()) for reference in function.outputs}
            assert found == outputs[id(function)], function.label
        assert list(recording.order.values()) == list(range(1, len(recording.order) + 1))


def test_an_op_whose_output_was_asked_of_a_copy_that_is_gone_has_its_own():
    x = Variable(np.array(2.0))
    z = exp(sin(x) * x)
    assert copy.copy(z).creator is z._creator
    recording = Recording()
    dezero.backward(z * x, observer=recording)
    assert len(recording.order) == 4
    for function in recording.order:
        assert function.outputs[0]()._creator is function, function.label


def test_who_observes_a_pass_finds_the_outputs():
    class Observer(Recording):
        needs_outputs = True

        def popped(self, function, queue):
            super().popped(function, queue)
            assert [reference() for reference in function.outputs]

    x = Variable(np.array(0.5))
    observer = Observer()
    dezero.backward(sin(sin(x) * x), observer=observer)
    assert len(observer.order) == 3
