"""Calls with a rule of their own are one Function, functions of packages one node, till opened."""

import pytest
from support.graphs import drawn

import dzviz
from dzviz.graph.groups import collapse, folded
from dzviz.graph.model import FunctionNode, VariableNode
from dzviz.graph.nonfinite import Trouble
from dzviz.graph.rules import close

NODES = [
    {"id": "v0", "name": "x", "data": 2.0, "grad": 3.0},
    {"id": "f0", "op": "Exp", "label": "exp"},
    {"id": "v1", "data": 7.0},
    {"id": "v2", "data": 1.0},
    {"id": "f1", "op": "Sub", "label": "-"},
    {"id": "v3", "data": 6.0},
    {"id": "f2", "op": "custom_vjp", "label": "clip"},
    {"id": "v4", "data": 6.0, "grad": 3.0},
    {"id": "f3", "op": "Sin", "label": "sin"},
    {"id": "v5", "name": "y", "data": 0.5},
]
EDGES = [
    {"source": "v0", "target": "f0", "contribution": None},
    {"source": "f0", "target": "v1"},
    {"source": "v1", "target": "f1", "contribution": None},
    {"source": "v2", "target": "f1", "contribution": None},
    {"source": "f1", "target": "v3"},
    {"source": "v0", "target": "f2", "contribution": 3.0},
    {"source": "v3", "target": "f2", "contribution": None},
    {"source": "f2", "target": "v4"},
    {"source": "v4", "target": "f3", "contribution": 3.0},
    {"source": "f3", "target": "v5"},
]


def graph_with(*frames):
    document = {"schema": "dzviz/graph/2", "nodes": NODES, "edges": EDGES}
    return dzviz.load(document | {"graph": {"frames": list(frames)}})


def rule(**more):
    nodes = ["f0", "v1", "v2", "f1", "v3", "f2", "v4"]
    return {"id": "clip", "name": "clip", "kind": "custom_vjp", "nodes": nodes, **more}


def ids(graph):
    return [node.id for node in graph.nodes]


def ends(graph):
    return [(edge.source, edge.target) for edge in graph.edges]


def test_a_rule_is_one_function():
    graph = graph_with(rule())
    call = next(n.id for n in graph.nodes if getattr(n, "label", "") == "clip")
    closed = close(graph, None)
    assert [n.label for n in closed.nodes if isinstance(n, FunctionNode)] == ["clip", "sin"]
    assert [n.data for n in closed.nodes if isinstance(n, VariableNode)] == [2, 6, 0.5]
    assert [e.contribution for e in closed.edges if e.target == call] == [3]
    assert closed.groups == ()
    assert close(closed, None) is closed


def test_opened_by_a_depth_it_is_all_there():
    graph = graph_with(rule())
    assert close(graph, 1) is graph
    assert ids(close(graph, 0)) == ids(close(graph, None)) == ids(drawn(graph))
    assert ids(drawn(graph, 1)) == ids(graph)
    assert ids(drawn(graph, 0)) == ids(drawn(graph))


def test_within_another_frame_it_stays_a_part_of_that():
    graph = graph_with(
        {"id": "layer", "name": "layer", "kind": "call", "nodes": []}, rule(parent="layer")
    )
    (layer,) = close(graph, None).groups
    assert layer.name == "layer"
    kept = {n.id: n for n in graph.nodes}
    assert [getattr(kept[id], "label", None) or kept[id].data for id in layer.nodes] == ["clip", 6]
    assert ids(close(graph, 2)) == ids(graph)
    assert close(graph, 1).groups == close(graph, None).groups


def test_what_a_rule_hides_is_no_trouble():
    graph = graph_with(rule())
    inner = next(n.id for n in graph.nodes if getattr(n, "label", "") == "exp")
    last = next(n.id for n in graph.nodes if getattr(n, "label", "") == "sin")
    trouble = Trouble(inner, None, "NaN", 1, 1, (), None, None)
    assert close(graph._replace(troubles=(trouble,)), None).trouble is None
    seen = trouble._replace(function=last)
    assert close(graph._replace(troubles=(seen,)), None).trouble == seen


def test_functions_of_packages_are_folded_alone():
    nodes = ["f0", "v1", "v2", "f1", "v3"]
    library = {"id": "expm1", "name": "expm1", "kind": "library", "nodes": nodes}
    own = {"id": "mine", "name": "mine", "kind": "call", "nodes": ["f3", "v5"]}
    graph = graph_with(library, own)
    closed = collapse(graph, folded(graph, None))
    labels = [n.label for n in closed.nodes if isinstance(n, FunctionNode)]
    assert labels == ["expm1 (2 functions)", "clip", "sin"]
    assert [group.name for group in closed.groups] == ["mine"]
    assert drawn(graph).nodes == closed.nodes
    assert [g.name for g in drawn(graph, 1).groups] == ["expm1", "mine"]
    assert len(drawn(graph, 0).groups) == 0


@pytest.mark.parametrize("depth", [None, 0, 1, 5])
def test_a_graph_without_such_frames_is_itself(depth):
    graph = graph_with({"id": "mine", "name": "mine", "kind": "call", "nodes": ["f3", "v5"]})
    assert close(graph, depth) is graph
    assert collapse(graph, folded(graph, None)) is graph
