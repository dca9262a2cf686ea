"""Frames that become one node: what goes in and comes out stays, with what flowed back."""

import json
from importlib.resources import files

import jsonschema
import numpy as np
import pytest
from support.graphs import labels as ops

from dezero import Variable
from dezero.frames import Frame
from dezero.functions import attention, layer_norm, lstm_cell, softmax_cross_entropy
from dzviz import record, render, snapshot
from dzviz.errors import UsageError
from dzviz.graph.groups import collapse, depths, folded, restricted
from dzviz.graph.model import Group, VariableNode
from dzviz.options import View
from dzviz.pipeline.view import chosen
from dzviz.python.api import load


def arrays(*shapes):
    generator = np.random.default_rng(1)
    return [generator.normal(size=shape) for shape in shapes]


def attended(x, w):
    return (attention(x @ w, x, x) ** 2).sum()


def drawn(graph, style="boxes", **view):
    return chosen(graph, graph, View(**view), placed=False, style=style)[0]


def named(graph, name):
    return next(node for node in graph.nodes if getattr(node, "name", None) == name)


def test_an_op_made_of_others_is_one_node_unless_it_is_expanded():
    graph = record(attended, *arrays((3, 2), (2, 2)))
    assert ops(drawn(graph)) == ["@", "attention", "** 2", "sum"]
    for view in ({"expand": "attention"}, {"expand": "all"}, {"depth": 1}):
        assert ops(drawn(graph, **view)) == ["@", "T", "@", "/", "softmax", "@", "** 2", "sum"]
    assert ops(drawn(graph, depth=0)) == ["@", "attention", "** 2", "sum"]


def test_what_shows_every_object_shows_the_parts():
    graph = record(attended, *arrays((3, 2), (2, 2)))
    for style in ("refs", "book"):
        assert "softmax" in ops(drawn(graph, style=style))


def test_a_name_that_is_not_there_is_told():
    graph = record(attended, *arrays((3, 2), (2, 2)))
    with pytest.raises(UsageError, match="no gru_cell to expand") as error:
        drawn(graph, expand="attention,gru_cell")
    assert error.value.hint == "you can expand: attention"


def test_shares_at_the_border_add_up_to_the_gradient():
    x, w = arrays((3, 2), (2, 2))
    graph = drawn(record(attended, x, w))
    shares = {(e.source, e.target): e.contribution for e in graph.edges if e.arg is not None}
    whole = named(graph, "x")
    total = sum(share for (source, _), share in shares.items() if source == whole.id)
    np.testing.assert_allclose(total, whole.grad)
    (node,) = (n for n in graph.nodes if getattr(n, "op", None) == "attention")
    operands = sorted((e.arg, e.source) for e in graph.edges if e.target == node.id)
    assert [arg for arg, _ in operands] == [0, 1]  # q, and x once for k and v
    # By hand: what would flow to q alone, and to k and v alone.
    q, kv = Variable(x @ w), Variable(x)
    (attention(q, kv, kv) ** 2).sum().backward()
    for (_, source), gradient in zip(operands, (q.grad, kv.grad), strict=True):
        np.testing.assert_allclose(shares[source, node.id], gradient.data)


def test_operands_stand_in_the_order_of_the_call():
    q, k, v = map(Variable, arrays((2, 3), (4, 3), (4, 2)))
    graph = drawn(snapshot(attention(q, k, v)))
    edges = [e for e in graph.edges if e.arg is not None]
    values = {n.id: n.data for n in graph.nodes if isinstance(n, VariableNode)}
    for edge, x in zip(edges, (q, k, v), strict=True):
        np.testing.assert_array_equal(values[edge.source], x.data)


def test_a_result_that_is_used_within_is_no_operand():
    x, h, c, w, u = map(Variable, arrays((2,), (3,), (3,), (2, 12), (3, 12)))
    state = lstm_cell(x, h, c, w, u)
    graph = drawn(snapshot([state.h, state.c]))
    assert ops(graph) == ["lstm_cell"]
    assert len(graph.outputs) == 2
    targets = {e.target for e in graph.edges if e.arg is None}
    assert targets == set(graph.outputs)
    assert not targets & {e.source for e in graph.edges if e.arg is not None}


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", ["layer_norm", "softmax_cross_entropy"])
def test_ops_that_are_one_function_are_computed_of_their_parts(name, order):
    x, gamma, beta = arrays((3, 4), (4,), (4,))

    def loss(x, gamma, beta):
        if name == "layer_norm":
            return (layer_norm(x, gamma, beta) ** 3).sum()
        return softmax_cross_entropy(x * gamma + beta, [1, 3, 0])

    whole = record(loss, x, gamma, beta, order=order - 1, wrt=["x"] if order > 1 else [])
    wrt = ["x"] if order > 1 else []
    parts = record(loss, x, gamma, beta, order=order - 1, wrt=wrt, expand=[name])
    assert [g.name for g in parts.groups] == [name]
    assert not whole.groups
    for variable in ("x", "gamma", "beta"):
        np.testing.assert_allclose(
            named(parts, variable).grad, named(whole, variable).grad, rtol=1e-10, atol=1e-12
        )


def test_a_constant_that_an_op_is_given_stays_beside_it():
    q, k = map(Variable, arrays((2, 3), (2, 3)))
    graph = drawn(snapshot(attention(q, k, np.eye(2))))
    assert [n.role for n in graph.nodes if isinstance(n, VariableNode)] == [
        "input",
        "input",
        "constant",
        "output",
    ]


def test_json_keeps_frames_and_their_operands():
    graph = record(attended, *arrays((3, 2), (2, 2)))
    text = render(graph, "json", full=True)
    again = load(json.loads(text))
    assert [(g.name, g.kind, len(g.nodes), len(g.operands)) for g in again.groups] == [
        (g.name, g.kind, len(g.nodes), len(g.operands)) for g in graph.groups
    ]
    for format in ("text", "mermaid", "dot", "svg"):
        assert render(again, format) == render(graph, format)
    schema = json.loads(files("dzviz.formats").joinpath("graph-2.schema.json").read_text())
    frames = schema["$defs"]["frame"]
    jsonschema.Draft202012Validator({**frames, "$defs": schema["$defs"]}).validate(
        json.loads(text)["graph"]["frames"][0]
    )


GROUPS = (
    Group("a", "f", "function", ("v1",)),
    Group("b", "g", "op", ("f1", "v2"), "a"),
    Group("c", "h", "function", ("f2",)),
)


def test_depths_and_what_is_folded():
    assert depths(GROUPS) == {"a": 1, "b": 2, "c": 1}
    graph = snapshot(Variable(np.array(1.0)))._replace(groups=GROUPS)
    assert folded(graph, None) == {"b"}
    assert folded(graph, None, ("g",)) == set()
    assert folded(graph, 1) == {"b"}
    assert folded(graph, 0) == {"a", "b", "c"}
    assert folded(graph, 2) == set()
    assert folded(graph, 2, ("other",)) == {"b"}


def test_what_is_left_of_groups():
    assert [g.id for g in restricted(GROUPS, {"v2", "f2"})] == ["a", "b", "c"]
    assert [g.id for g in restricted(GROUPS, {"v1"})] == ["a"]


def test_a_part_has_no_frame_of_what_is_not_in_it():
    graph = record(attended, *arrays((3, 2), (2, 2)))
    part = drawn(graph, focus="x:1", expand="all")
    ids = {node.id for node in part.nodes}
    assert part.groups
    assert all({*group.nodes} <= ids for group in part.groups)


def test_nothing_to_fold_is_the_same_graph():
    graph = record(lambda x: x * 2, 1.0)
    assert collapse(graph, {"a"}) is graph


def test_frames_keep_no_graph_alive():
    frame = Frame("f")
    assert (frame.parent, frame.operands, frame.kind) == (None, (), "op")


def test_the_part_around_a_node_is_one_of_what_is_drawn():
    with np.errstate(all="ignore"):
        graph = record(lambda x: attention(x, x, x).sum(), np.array([[1e200, 0.0], [0.0, 1.0]]))
    assert ops(drawn(graph, focus="nan:1")) == ["attention"]


def test_films_and_derivatives_have_the_parts():
    graph = record(attended, *arrays((3, 2), (2, 2)))
    assert (
        chosen(graph, graph, View(), placed=True, film=True, parts=True, style="boxes")[0] is graph
    )
    graph = record(lambda x: attention(x, x, x).sum(), arrays((3, 2))[0], order=1)
    assert "softmax" in ops(drawn(graph))
