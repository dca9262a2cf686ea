"""Engines of readers, drawn and watched: against ours, against plain sums, with planted bugs."""

import cProfile
import gc
import sys
import threading
import tracemalloc
from unittest.mock import MagicMock, Mock

import numpy as np
import pytest
from support import mydezero
from support.early_engines import step7, step9, step14, step18
from support.films import replay

import dzviz
from dzviz.engine import Tape
from dzviz.errors import EvaluationError
from dzviz.formats import FORMATS
from dzviz.formats.trace import write_json, write_text
from dzviz.graph.model import FunctionNode, VariableNode
from dzviz.language.evaluate import evaluate
from dzviz.language.parse import parse
from dzviz.styles import STYLES

SCALARS = [
    *("-x", "x + w", "x - w", "x * w", "x / w", "x ** 2", "x ** 3", "x ** -1", "x * x"),
    *("x + x", "x - x", "x / x", "x * x * x", "x + x + x", "square(x)", "sin(x)", "cos(x)"),
    *("tanh(x)", "exp(x)", "log(x)", "sin(x) * w", "sin(x) + cos(x)", "exp(-x ** 2)"),
    *("tanh(x * w + x)", "log(x + w)", "sin(x * x) / w", "(x + w) * (x - w)", "x * sin(x)"),
    *("exp(x) / (exp(x) + exp(w))", "a = x ** 2; square(a) + square(a)", "x ** 2 + w ** 2"),
    *("a = x * w; a * a + a", "a = sin(x); b = a * w; a + b * b", "(x / w) ** 3 - x"),
    *("a = exp(x); b = sin(a); c = cos(a); b * c", "log(exp(x))", "tanh(tanh(tanh(x)))"),
    *("a = x + w; b = a + x; c = b + a; c * b * a", "x * w - sin(x * w)", "square(x - w)"),
    *("sin(x) ** 2 + cos(x) ** 2", "a = x / w; exp(a) - a", "a = x * x; b = a * a; b * b"),
]
ARRAYS = [
    *("sum(x)", "sum(x * w)", "sum(x @ w)", "x @ w", "sum(x + 1)", "sum(x, axis=0)", "sum(sin(x))"),
    *("sum(x, axis=1, keepdims=True)", "tanh(x @ w)", "sum(square(x - w))", "x.T @ w", "x * b"),
    *("sum(x + b)", "sum(x / b)", "sum((x @ w + b) ** 2)", "b - x", "reshape(x, (4,)) ** 2"),
    *("a = x @ w; sum(a * a)", "sum(exp(x) / sum(exp(x)))"),
]
X, W = np.array(0.7), np.array(1.3)
MATRIX = {"x": [[0.3, 1.1], [0.8, 2.0]], "w": [[1.4, 0.2], [0.5, 0.9]], "b": [0.6, 1.7]}


def ours(expression, values):
    tape = Tape()
    program = parse(expression)
    evaluation = evaluate(program, {n: np.array(values[n], float) for n in program.names})
    from dzviz.engine import backward

    backward(evaluation.outputs, observer=tape)
    return dzviz.snapshot(evaluation.outputs, recording=tape)


def theirs(expression, values):
    names = {
        name: mydezero.Variable(np.array(values[name], float), name)
        for name in parse(expression).names
    }
    *before, last = expression.split(";")
    known = {**vars(mydezero), **names}
    for statement in before:
        exec(statement.strip(), known)
    y = eval(last.strip(), known)
    with dzviz.watch() as tape:
        y.backward()
    return tape.graph(y)


def facts(graph, constants):
    """All that two engines must agree on, by the nodes without those of constants."""
    number = {}
    for node in graph.nodes:
        if node.id not in constants:
            kind = isinstance(node, FunctionNode)
            number[node.id] = kind, sum(k == kind for k, _ in number.values())
    nodes, values = [], []
    for node in graph.nodes:
        if node.id not in number:
            continue
        if isinstance(node, FunctionNode):
            nodes.append((node.label, node.generation))
        else:
            nodes.append((node.shape, node.generation, node.grad_state))
            values += [node.data, node.grad, node.grad_was, node.seed]
    for edge in graph.edges:
        if edge.source in number:
            nodes.append((number[edge.source], number[edge.target], edge.key, edge.arg))
            values.append(edge.contribution)
    for event in graph.events:
        if event.variable in number or event.variable is None:
            functions = [number[id] for id in (event.function, *event.queue) if id]
            where = number.get(event.variable)
            nodes.append((event.kind, event.turn, where, event.arg, event.waiting, *functions))
            values += [event.value, event.upstream]
    return nodes, values


def leaves_of_constants(graph):
    """The unnamed inputs: what is a Constant in our engine is a Variable in theirs."""
    return {
        n.id
        for n in graph.nodes
        if isinstance(n, VariableNode) and n.role in ("input", "constant") and n.name is None
    }


def agree(a, b):
    if a is None or b is None:
        return a is b
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize("expression", [*SCALARS, *ARRAYS])
def test_both_engines_say_the_same(expression):
    values = MATRIX if expression in ARRAYS else {"x": X, "w": W}
    mine, other = ours(expression, values), theirs(expression, values)
    nodes, numbers = facts(mine, leaves_of_constants(mine))
    other_nodes, other_numbers = facts(other, leaves_of_constants(other))
    assert other_nodes == nodes
    for a, b in zip(other_numbers, numbers, strict=True):
        assert agree(a, b), (a, b)


def test_there_are_sixty():
    assert len(SCALARS) + len(ARRAYS) >= 60


def chain(engine):
    x = engine.Variable(np.array(0.5))
    return x, engine.square(engine.exp(engine.square(x)))


@pytest.mark.parametrize("step", [step7, step9, step14, step18])
def test_a_chain_at_every_step_of_the_book(step):
    x, y = chain(step())
    before = dzviz.snapshot(y)
    assert [n.label for n in before.nodes if isinstance(n, FunctionNode)] == [
        "square",
        "exp",
        "square",
    ]
    assert not before.passes
    y.grad = np.array(1.0)
    with dzviz.watch() as tape:
        y.backward()
    graph = tape.graph(y)
    sent = [e.contribution for e in graph.edges if e.arg is not None]
    e = np.exp(0.25)
    assert np.allclose(sent, [4 * 0.5 * e * e, 2 * e * e, 2 * e])
    assert np.allclose(x.grad, 4 * 0.5 * e * e)
    states = [n.grad_state for n in graph.nodes if isinstance(n, VariableNode)]
    released = step is step18
    assert states == ["leaf", *["released" if released else "retained"] * 3]
    assert [n.generation for n in graph.nodes] == [0, 0, 1, 1, 2, 2, 3]
    if step is not step7:  # which has no queue
        assert all(e.waiting == 0 for e in graph.events if e.kind == "pop")
    assert replay(graph.events)["v0"] == x.grad


def test_steps_without_a_pass_make_no_claim():
    engine = step14()
    x = engine.Variable(np.array(3.0))
    y = engine.add(engine.square(x), x)
    y.backward()
    text = dzviz.draw(y).text
    assert "as found: which passes made it is not known" in text
    assert "d(output)" not in text
    with dzviz.watch() as tape:
        z = engine.square(x)
        x.cleargrad()
        z.backward()
    text = dzviz.draw(tape.graph(z)).text
    assert "grad from backward of the output" in text


def test_an_engine_that_overwrites_is_drawn_as_it_computes():
    engine = step14(overwrite=True)
    x = engine.Variable(np.array(3.0))
    y = engine.add(engine.add(x, x), x)
    with dzviz.watch() as tape:
        y.backward()
    graph = tape.graph(y)
    assert x.grad == 1  # and not 3
    assert graph.nodes[0].grad == 1
    assert [e.contribution for e in graph.edges if e.source == "v0"] == [1, 1, 1]
    assert [(e.kind, e.value) for e in graph.events if e.variable == "v0"] == [
        ("rule", 1),
        ("rule", 1),
        ("rule", 1),
        ("set", 1),
        ("keep", 1),
    ]
    assert "not the sum of its shares (1 + 1 + 1)" in "".join(write_json(graph, dzviz.Look()))


def test_an_engine_that_adds_in_place_changes_what_it_shares():
    engine = step14(in_place=True)
    x = engine.Variable(np.array(3.0))
    y = engine.add(x, x)
    with dzviz.watch() as tape:
        y.backward()
    assert y.grad == 2  # the book's appendix A
    graph = tape.graph(y)
    nodes = [n for n in graph.nodes if isinstance(n, VariableNode)]
    assert [n.grad for n in nodes] == [2, 2]
    assert nodes[-1].seed == 1
    assert [e.contribution for e in graph.edges if e.arg is not None] == [1, 1]


def test_an_engine_without_generations_is_drawn_as_it_computes():
    right, wrong = step18(), step18(generations=False)
    graphs = []
    for engine in (right, wrong):
        x = engine.Variable(np.array(2.0), "x")
        a = engine.square(x)
        y = engine.add(engine.square(a), engine.square(a))
        with dzviz.watch() as tape:
            y.backward()
        graphs.append(tape.graph(y))
        if engine is right:
            assert x.grad == 64
        else:
            assert x.grad == 32
    good, bad = graphs
    assert [n.generation for n in good.nodes if isinstance(n, FunctionNode)] == [0, 1, 1, 2]
    assert [n.generation for n in bad.nodes if isinstance(n, FunctionNode)] == [0] * 4
    a = next(n for n in bad.nodes if n.id == "v1")
    assert (a.grad_state, a.grad) == ("retained", 8)  # what came after its Function was done
    assert sum(e.contribution for e in bad.edges if e.source == "v1") == 16


def test_an_engine_that_forgets_to_add_is_drawn_as_it_computes():
    engine = step18(add=False)
    x = engine.Variable(np.array(2.0), "x")
    y = engine.add(engine.square(x), x)
    with dzviz.watch() as tape:
        y.backward()
    graph = tape.graph(y)
    total = sum(e.contribution for e in graph.edges if e.source == "v0")
    assert (total, graph.nodes[0].grad) in ((5, 1), (5, 4))
    assert any(e.kind == "set" for e in graph.events)


def test_a_function_applied_twice_is_refused_in_words():
    for step in (step7, step9, step14, step18):
        engine = step()
        f = engine.Square()
        y = f(f(engine.Variable(np.array(2.0))))
        with pytest.raises(EvaluationError, match="this Square was called again"):
            dzviz.draw(y)
        f = engine.Square()
        kept = f(engine.Variable(np.array(2.0)))
        f(engine.Variable(np.array(3.0)))
        with pytest.raises(EvaluationError, match="this Square was called again"):
            dzviz.draw(kept)


def test_a_pass_that_is_run_twice_is_told():
    engine = step18()
    x = engine.Variable(np.array(3.0), "x")
    with dzviz.watch() as tape:
        for _ in range(2):
            y = engine.square(x)
            y.name = "y"
            y.backward()
    graph = tape.graph(y)
    assert "grad of x: added up over 2 passes" in dzviz.draw(graph).text
    assert graph.nodes[0].grad == 12
    assert [(e.kind, e.value) for e in graph.events if e.variable == "v0"] == [
        ("rule", 6),
        ("set", 12),
        ("keep", 12),
    ]


def test_a_pass_by_hand_as_in_step_6():
    _, y = chain(step9())
    with dzviz.watch() as tape:
        y.grad = np.array(1.0)
        f = y.creator
        while f is not None:
            f.input.grad = f.backward(f.output.grad)
            f = f.input.creator
    graph = tape.graph(y)
    assert [e.kind for e in graph.events] == ["seed", *["pop", "keep", "rule"] * 3, "keep"]
    assert graph.nodes[-1].seed == 1


def test_a_seed_is_told():
    engine = step18()
    x = engine.Variable(np.array(3.0), "x")
    y = engine.square(x)
    y.name = "y"
    y.grad = np.array(10.0)
    with dzviz.watch() as tape:
        y.backward()
    text = dzviz.draw(tape.graph(y)).text
    assert "grad from backward of y from seed 10" in text
    assert "seed 10" in text


def test_gradients_that_are_variables_with_graphs_of_their_own():
    x = mydezero.Variable(np.array(2.0), "x")
    with dzviz.watch() as tape:
        y = x**3
        y.backward(create_graph=True)
        gx = x.grad
        x.cleargrad()
        gx.backward()
    assert x.grad.data == 12
    graph = tape.graph(gx)
    assert next(n.grad for n in graph.nodes if getattr(n, "name", "") == "x") == 12
    assert graph.nodes[-1].seed == 1
    assert dzviz.snapshot(gx).nodes[-1].data == 12


def test_an_operand_without_data_is_none():
    x, w = (
        mydezero.Variable(np.array(v, float), n) for v, n in (([[1, 2]], "x"), ([[3], [4]], "W"))
    )
    y = mydezero.linear(x, w)
    assert len(dzviz.snapshot(y).nodes) == 4
    with pytest.raises(EvaluationError, match="has no data"):
        dzviz.draw(mydezero.Variable(None))


def test_an_infinity_is_found_forward_and_backward():
    x = mydezero.Variable(np.array(0.0), "x")
    with np.errstate(all="ignore"), dzviz.watch() as tape:
        y = mydezero.log(x)
        y.backward()
    graph = tape.graph(y)
    assert graph.trouble.function == "f0"
    assert graph.trouble.kind == "infinity"
    assert graph.trouble.at == 0
    with np.errstate(all="ignore"), dzviz.watch() as tape:
        z = x**0.5
        z.backward()
    trouble = tape.graph(z).trouble
    assert (trouble.function, trouble.argument) == ("f0", "v0")


@pytest.fixture(scope="module")
def watched():
    x, w = (mydezero.Variable(np.array(v), n) for v, n in ((2.0, "x"), (3.0, "w")))
    y = mydezero.sin(x) * w + x**2
    y.name = "y"
    with dzviz.watch() as tape:
        y.backward()
    return tape.graph(y)


@pytest.mark.parametrize("format", [name for name in FORMATS if name not in ("pdf", "gif")])
@pytest.mark.parametrize("style", STYLES)
def test_it_is_drawn_in_every_format(watched, format, style):
    assert dzviz.render(watched, format, style=style)


def test_it_is_traced(watched):
    table = "".join(write_text(watched, dzviz.Look()))
    assert "rule     * -> sin(x)      1    1 * 3 = 3" in table


def test_nothing_of_theirs_is_changed():
    engine = step18()
    methods = {name: vars(engine.Variable)[name] for name in vars(engine.Variable)}
    x, y = chain(engine)
    z = engine.add(y, x)
    before = [dict(vars(v)) for v in (x, y, z, z.creator)]
    with dzviz.watch() as tape:
        pass
    tape.graph(z)
    assert [dict(vars(v)) for v in (x, y, z, z.creator)] == before
    assert {name: vars(engine.Variable)[name] for name in vars(engine.Variable)} == methods


def test_the_profiler_that_was_there_is_told_and_comes_back():
    heard = []

    def profiler(frame, event, arg):
        heard.append(frame.f_code.co_name)

    _, y = chain(step9())
    sys.setprofile(profiler)
    try:
        with dzviz.watch():
            y.backward()
        with pytest.raises(ZeroDivisionError), dzviz.watch():
            raise ZeroDivisionError
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(None)
    assert "backward" in heard
    with dzviz.watch() as tape:
        y.backward()
    assert sys.getprofile() is None
    assert tape.graph(y).events


def test_beside_a_profiler_in_c():
    profile = cProfile.Profile()
    _, y = chain(step9())
    profile.enable()
    with dzviz.watch() as tape:
        y.backward()
    len([])
    profile.disable()
    assert sys.getprofile() is None
    assert tape.graph(y).events
    assert profile.getstats()


def test_an_error_in_their_backward_is_theirs():
    engine = step9()

    class Wrong(engine.Square):
        def backward(self, gy):
            raise KeyError("mine")

    x = engine.Variable(np.array(1.0))
    y = engine.square(Wrong()(x))
    with pytest.raises(KeyError, match="mine"), dzviz.watch() as tape:
        y.backward()
    assert sys.getprofile() is None
    graph = tape.graph(y)
    assert [e.kind for e in graph.events if e.kind == "rule"] == ["rule"]
    assert x.grad is None


def test_another_thread_is_not_watched():
    x, y = chain(step9())
    with dzviz.watch() as tape:
        thread = threading.Thread(target=y.backward)
        thread.start()
        thread.join()
    assert not tape.graph(y).events
    assert x.grad is not None


def test_a_training_loop_takes_no_more_and_more_memory():
    x = mydezero.Variable(np.ones(1000), "x")

    def iterate(times):
        for _ in range(times):
            y = mydezero.sum(x * x + x)
            x.cleargrad()
            y.backward()
        return y

    with dzviz.watch() as tape:
        iterate(20)
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.take_snapshot()
        y = iterate(200)
        gc.collect()
        after = tracemalloc.take_snapshot()
        tracemalloc.stop()
    grown = sum(s.size_diff for s in after.compare_to(before, "filename"))
    assert grown < 200_000  # a pass has 6 gradients of 8 kB: 200 of them would be 10 MB
    assert len(tape.graph(y).events) > 10


def test_a_watch_keeps_no_graph_alive():
    from weakref import ref

    x = mydezero.Variable(np.array(1.0), "x")
    with dzviz.watch() as tape:
        y = mydezero.sin(x)
        y.backward()
    gone = ref(y.creator)
    del y
    gc.collect()
    assert gone() is None
    assert dzviz.draw(tape.graph(x)).text


def test_our_own_engine_is_watched_too():
    from dezero import Variable

    x = Variable(np.array(3.0), "x")
    with dzviz.watch() as tape:
        for _ in range(3):
            x.cleargrad()
            y = x * x + x
            y.name = "y"
            y.backward()
    graph = tape.graph(y)
    assert "grad = dy/d(node)" in dzviz.draw(graph).text
    assert [e.turn for e in graph.events][-1] == 1
    assert [e.contribution for e in graph.edges if e.source == "v0"] == [3, 3, 1]
    y.backward()  # nobody watches any more
    assert len(tape.graph(y).events) == len(graph.events)


def test_what_is_no_variable_is_refused():
    class Odd:
        data, grad, creator = 1, None, "somebody"

    for thing in (
        Mock(),
        MagicMock(),
        Odd(),
        Odd,
        np.array(1.0),
        mydezero.Variable,
        [1, 2],
        None,
        3,
    ):
        with pytest.raises(TypeError, match="dzviz draws a Variable"):
            dzviz.draw(thing)


def test_the_place_of_each_function_in_the_pass_is_that_of_the_events(watched):
    pops = [event.function for event in watched.events if event.kind == "pop"]
    told = {node.id: node.back for node in watched.nodes if node.id.startswith("f")}
    assert len(pops) > 1
    assert [told[id] for id in pops] == list(range(1, len(pops) + 1))
