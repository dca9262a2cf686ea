"""The style refs: which objects there are, and which refers to which."""

import numpy as np
import pytest
from support.graphs import graph_of

import dezero
from dezero import Variable
from dezero.functions import reshape, sin
from dzviz.formats.dot import write
from dzviz.graph.model import VariableNode
from dzviz.options import Look
from dzviz.sources.snapshot import snapshot
from dzviz.styles import scene_of


def drawn(graph, **look):
    picture = scene_of(graph, Look(style="refs", **look))
    return {shape.id: shape for shape in picture.shapes}, list(picture.arrows)


def references(arrows):
    return {(arrow.source, arrow.label, arrow.target) for arrow in arrows}


def arrays(graph):
    return [node.array for node in graph.nodes if isinstance(node, VariableNode)]


def test_sin():
    shapes, arrows = drawn(graph_of("sin(x)", x=1.0, retain_grad=True))
    assert references(arrows) == {
        ("v1", "creator", "f0"),
        ("f0", "inputs[0]", "v0"),
        ("f0", "outputs", "v1"),
        ("v0", "data", "a0"),
        ("v0", "grad", "g0"),
        ("v1", "data", "a1"),
        ("v1", "grad", "g1"),
    }
    assert [arrow.label for arrow in arrows if arrow.weak] == ["outputs"]
    assert {arrow.label for arrow in arrows if arrow.back} == {"creator", "inputs[0]"}
    assert shapes["v0"].lines == ["x", "Variable"]
    assert shapes["a1"].lines == ["ndarray", "0.8415"]
    assert shapes["g0"].lines == ["Variable", "data 0.5403"]


def test_a_released_gradient_is_none():
    shapes, _ = drawn(graph_of("sin(x)", x=1.0))
    assert shapes["g1"].lines == ["None", "(was 1, seed)"]
    assert shapes["g1"].look.dashed


def test_a_constant_has_no_gradient():
    shapes, arrows = drawn(graph_of("x*2", x=1.0))
    assert ("v1", "data", "a1") in references(arrows)
    assert "g1" not in shapes


def test_the_operands_are_numbered():
    _, arrows = drawn(graph_of("x*x", x=3.0))
    assert [a.label for a in arrows if a.source == "f0" and not a.weak] == [
        "inputs[0]",
        "inputs[1]",
    ]


def test_weak_references_are_dashed_and_all_others_solid():
    text = "".join(write(graph_of("sin(x)", x=1.0), Look(style="refs"))).splitlines()
    assert '  f0 -> v1 [label="creator", dir=back];' in text
    assert '  f0 -> v1 [label="outputs", style=dashed];' in text
    assert '  v0 -> f0 [label="inputs[0]", dir=back];' in text


def test_a_shared_array_is_one_object():
    x = Variable(np.array([1.0, 2.0]), "x")
    y = Variable(x.data, "y")
    graph = snapshot(x * y)
    shapes, arrows = drawn(graph)
    assert {("v0", "data", "a0"), ("v1", "data", "a0")} <= references(arrows)
    assert shapes["a0"].name == "data of x and y"
    assert "a1" not in shapes


def test_also_a_number():
    x = Variable(np.array(1.0))
    y = sin(x)
    assert len(set(arrays(snapshot(Variable(y.data) * y)))) == 3
    assert len(set(arrays(snapshot(x * Variable(x.data))))) == 2
    assert len(set(arrays(snapshot(x * Variable(x.data.copy()))))) == 3


@pytest.mark.parametrize(
    ("view", "same"),
    [
        (lambda a: a.reshape(4), True),
        (lambda a: a.T, True),
        (lambda a: a[::-1], True),
        (lambda a: a[:1], False),
        (lambda a: a.copy(), False),
        (lambda a: a + 0, False),
    ],
)
def test_views_of_all_of_an_array_are_in_its_memory(view, same):
    data = np.arange(4.0).reshape(2, 2)
    graph = snapshot([Variable(data), Variable(view(data))])
    assert (len(set(arrays(graph))) == 1) is same


def test_the_same_part_of_an_array_is_the_same_memory():
    data = np.arange(4.0)
    assert arrays(snapshot([Variable(data[:2]), Variable(data[2:]), Variable(data[:2])])) == [
        0,
        1,
        0,
    ]


def test_a_reshaped_array_says_its_shapes():
    shapes, _ = drawn(snapshot(reshape(Variable(np.ones((2, 2))), (4,))))
    assert shapes["a0"].notes == ["as (2, 2) and (4,)"]


def test_memory_is_numbered_in_order():
    graph = graph_of("x*y + sin(x)", x=[1.0, 2.0], y=[3.0, 4.0], backward=False)
    assert arrays(graph) == sorted(arrays(graph))
    assert arrays(graph)[0] == 0


def test_a_gradient_that_is_a_variable_of_the_graph_is_drawn_as_that():
    x = Variable(np.array(2.0), "x")
    y = x**3
    y.backward(create_graph=True)
    graph = snapshot(x.grad)
    _, arrows = drawn(graph)
    gradient = graph.outputs[0]
    assert ("v1", "grad", gradient) in references(arrows)


def test_a_gradient_that_two_variables_share_is_one():
    x, y = Variable(np.array(1.0), "x"), Variable(np.array(2.0), "y")
    x.grad = y.grad = Variable(np.array(3.0))
    shapes, arrows = drawn(snapshot(x * y))
    assert {("v0", "grad", "g0"), ("v1", "grad", "g0")} <= references(arrows)
    assert "g1" not in shapes


def test_a_gradient_in_the_memory_of_data_shows_it():
    x = Variable(np.array([1.0, 2.0]), "x")
    x.grad = Variable(x.data)
    shapes, arrows = drawn(snapshot(x))
    assert references(arrows) == {
        ("v0", "data", "a0"),
        ("v0", "grad", "g0"),
        ("g0", "data", "a0"),
    }
    assert shapes["g0"].lines == ["Variable"]
    assert drawn(snapshot(x), hide=("data",))[1] == drawn(snapshot(x))[1][1:2]


def test_gradients_of_a_pass_have_their_own_memory():
    x = Variable(np.array([1.0, 2.0]), "x")
    y = x + x
    dezero.backward(y, retain_grad=True)
    graph = snapshot(y)
    assert all(node.grad_array not in arrays(graph) for node in graph.nodes if node.id[0] == "v")
