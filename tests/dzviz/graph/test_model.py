"""The snapshot: what it takes down, in which order, and that it is frozen."""

import numpy as np
import pytest
from support.graphs import CORPUS, graph_of

import dezero
from dezero import Function, Variable
from dezero.functions import Sin, exp, sin
from dzviz.engine import Recording
from dzviz.errors import EvaluationError
from dzviz.graph.model import FunctionNode, VariableNode
from dzviz.sources.snapshot import snapshot


def nodes(graph):
    return {node.id: node for node in graph.nodes}


def test_sin():
    graph = graph_of("sin(x)", x=1.0, retain_grad=True)
    assert [node.id for node in graph.nodes] == ["v0", "f0", "v1"]
    x, f, y = graph.nodes
    assert (x.name, x.role, x.data, x.grad_state) == ("x", "input", 1.0, "leaf")
    assert x.grad == np.cos(1.0)
    assert (f.op, f.label, f.generation, f.span) == ("Sin", "sin", 0, (0, 6))
    assert (y.name, y.role, y.data, y.grad, y.grad_state, y.seed, y.generation) == (
        "y",
        "output",
        np.sin(1.0),
        1.0,
        "retained",
        1.0,
        1,
    )
    assert [edge[:4] for edge in graph.edges] == [("v0", "f0", 0, 0), ("f0", "v1", 0, None)]
    assert graph.outputs == ("v1",)


def test_the_same_operand_twice_is_two_edges():
    graph = graph_of("x*x", x=3.0)
    assert [edge[:4] for edge in graph.edges] == [
        ("v0", "f0", 0, 0),
        ("v0", "f0", 1, 1),
        ("f0", "v1", 0, None),
    ]
    assert [edge.contribution for edge in graph.edges] == [3.0, 3.0, None]


def test_states_of_the_gradient():
    released = nodes(graph_of("sin(x)*2", x=1.0))
    assert released["v1"].grad is None
    assert (released["v1"].grad_state, released["v1"].grad_was) == ("released", 2.0)
    assert released["v2"].grad_state == "constant"
    forward = nodes(graph_of("sin(x)", x=1.0, backward=False))
    assert {node.grad_state for node in forward.values() if isinstance(node, VariableNode)} == {
        "none"
    }
    x = Variable(np.array(1.0))
    y = sin(exp(x))
    y.backward()  # not recorded
    unrecorded = nodes(snapshot(y))
    assert (unrecorded["v1"].grad_state, unrecorded["v1"].grad_was) == ("released", None)


def test_it_runs_no_pass():
    x = Variable(np.array(1.0))
    y = sin(x)
    snapshot(y)
    assert (x.grad, y.released) == (None, False)


@pytest.mark.parametrize("make", CORPUS.values(), ids=CORPUS)
def test_contributions_into_a_variable_add_up_to_its_gradient(make):
    graph = make()
    by_id = nodes(graph)
    sums = {}
    for edge in graph.edges:
        if edge.contribution is not None:
            with np.errstate(invalid="ignore"):
                sums[edge.source] = sums.get(edge.source, 0.0) + edge.contribution
    for id, total in sums.items():
        node = by_id[id]
        if node.seed is not None:
            total = total + node.seed
        gradient = node.grad if node.grad is not None else node.grad_was
        np.testing.assert_allclose(gradient, total, rtol=1e-14)


@pytest.mark.parametrize("make", CORPUS.values(), ids=CORPUS)
def test_nodes_stand_after_all_they_were_computed_from(make):
    graph = make()
    position = {node.id: i for i, node in enumerate(graph.nodes)}
    assert len(position) == len(graph.nodes)
    for edge in graph.edges:
        assert position[edge.source] < position[edge.target]
    for kind, letter in ((VariableNode, "v"), (FunctionNode, "f")):
        ids = [node.id for node in graph.nodes if isinstance(node, kind)]
        assert ids == [f"{letter}{i}" for i in range(len(ids))]


def test_it_is_frozen():
    x = Variable(np.array([1.0, 2.0]), "x")
    y = x * 2
    y.backward()
    graph = snapshot(y)
    x.data[0] = 100.0
    x.grad.data[0] = 100.0
    node = graph.nodes[0]
    assert node.data.tolist() == [1.0, 2.0]
    assert node.grad.tolist() == [2.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        node.data[0] = 0.0
    with pytest.raises(AttributeError):
        node.name = "z"


def test_several_outputs_of_a_function_and_a_dead_one():
    class Split(Function):
        def forward(self, x):
            return x * 2, x * 3, x * 4

        def backward(self, *gys):
            return gys[0] * 2 + gys[1] * 3 + gys[2] * 4

    a, b, c = Split()(Variable(np.array(1.0), "x"))
    del c
    graph = snapshot([a, b])
    assert [node.id for node in graph.nodes] == ["v0", "f0", "v1", "v2"]
    assert graph.outputs == ("v1", "v2")
    assert snapshot([a, a]).outputs == ("v1", "v1")


def test_a_recording_of_several_seeds():
    x = Variable(np.array(1.0))
    y = x * 2
    recording = Recording()
    dezero.backward([y, y], observer=recording)
    assert recording.seeds[y] == 2.0
    assert recording.gradients[y] == 2.0


def test_a_hundred_thousand_functions():
    x = Variable(np.array(1.0))
    y = x
    for _ in range(100_000):
        y = y + x
    graph = snapshot(y)
    assert len(graph.nodes) == 200_001
    assert len(graph.edges) == 300_000


def test_what_cannot_be_drawn():
    with pytest.raises(TypeError, match="Variable"):
        snapshot(np.array(1.0))
    with pytest.raises(TypeError, match="Variable"):
        snapshot([1.0])
    with pytest.raises(ValueError, match="no output"):
        snapshot([])
    with pytest.raises(ValueError, match="x has no data"):
        snapshot(Variable(None, "x"))
    for data in (["<b>"], [object()], [1j], [b"x"], np.zeros(2, [("<b>", float)])):
        with pytest.raises(EvaluationError, match="real numbers, not data of type"):
            snapshot(Variable(np.array(data), "x"))


def test_names_and_labels_are_text_whatever_they_are():
    class Numbered(Function):
        label = 7

        def forward(self, x):
            return x * 2

    y = Numbered()(Variable(np.array(1.0), name=np.array([1, 2])))
    y.name = 3
    x, f, y = snapshot(y).nodes
    assert (x.name, f.label, y.name) == ("[1 2]", "7", "3")


@pytest.mark.parametrize("use", [lambda f, x: f(f(x)), lambda f, x: f(x) + f(x * 2.0)])
def test_a_function_that_was_applied_again_is_refused_and_an_op_is_two(use):
    class Doubled(Function):
        def forward(self, x):
            return 2 * x

    with pytest.raises(RuntimeError, match="this Doubled was called again"):
        snapshot(use(Doubled(), Variable(np.array(1.0))))
    again, apart = (snapshot(use(f, Variable(np.array(1.0)))) for f in (Sin(), sin))
    assert again.nodes == apart.nodes
