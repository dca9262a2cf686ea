"""Groups of nodes in graphs that are folded: their names, their sizes, which one is around."""

import numpy as np
import pytest

import dzviz
from dzviz.graph.groups import from_to
from dzviz.graph.model import Edge, FunctionNode, Graph, Group, VariableNode
from dzviz.placing.dot import CLUSTER
from dzviz.styles.excerpt import nested
from dzviz.styles.scene import Frame

LAYERS = 4


def variable(id, role, name=None, generation=0):
    one = np.float64(1.0)
    return VariableNode(id, name, role, (), "float64", one, one, "leaf", None, None, generation)


def layered():
    """Layers of two ops, each a group in one of them all."""
    nodes = [variable("v0", "input", "x")]
    edges, groups = [], [Group("m0", "Net: All", "module", ())]
    last = "v0"
    for i in range(LAYERS):
        weight, result, end = f"v{3 * i + 1}", f"v{3 * i + 2}", f"v{3 * i + 3}"
        times, act = f"f{2 * i}", f"f{2 * i + 1}"
        role = "output" if i == LAYERS - 1 else "intermediate"
        nodes += [
            variable(weight, "input", f"{i}.w"),
            FunctionNode(times, "mul", "*", 2 * i),
            variable(result, "intermediate", None, 2 * i + 1),
            FunctionNode(act, "tanh", "tanh", 2 * i + 1),
            variable(end, role, None, 2 * i + 2),
        ]
        edges += [Edge(last, times, 0, 0), Edge(weight, times, 0, 1), Edge(times, result, 0)]
        edges += [Edge(result, act, 0, 0), Edge(act, end, 0)]
        groups.append(Group(f"m{i + 1}", f"{i}: Layer", "module", (weight, times, result), "m0"))
        groups[0] = groups[0]._replace(nodes=(*groups[0].nodes, act, end))
        last = end
    return Graph(tuple(nodes), tuple(edges), (last,), groups=tuple(groups))


def test_a_group_that_repeats_is_named_from_the_first_to_the_last():
    dot = dzviz.to_dot(layered(), fold="always")
    assert f"{LAYERS} times" in dot
    assert f"0 .. {LAYERS - 1}: Layer (1 function)" in dot
    assert f"Net: All ({2 * LAYERS} functions)" in dot
    assert "1: Layer" not in dot
    assert "not framed" not in dot


def test_all_of_them_are_around_what_repeats():
    dot = dzviz.to_dot(layered(), fold="always")
    around, repeat = dot.index("Net: All"), dot.index(f"{LAYERS} times")
    assert around < repeat < dot.index("0 .. ")
    assert dot.count(f"subgraph {CLUSTER}") == 3


def test_groups_that_are_one_node_each_fold_too():
    dot = dzviz.to_dot(layered(), fold="always", depth=1)
    assert f"{LAYERS} times" in dot
    assert f"0 .. {LAYERS - 1}: Layer (1 function)" in dot


@pytest.mark.parametrize("format", ["svg", "mermaid", "html"])
def test_it_is_drawn(format):
    assert dzviz.render(layered(), format, fold="always")


def test_a_frame_of_frames_alone_has_no_empty_statement():
    graph = layered()
    outer = Group("m9", "Shell", "module", ())
    first = graph.groups[0]._replace(parent="m9")
    graph = graph._replace(groups=(outer, first, *graph.groups[1:]))
    dot = dzviz.to_dot(graph)
    assert "\n    ;\n" not in dot
    assert "Shell" in dot
    assert dzviz.render(graph, "svg")


def test_a_frame_of_which_nothing_is_drawn_is_left_out():
    frames = [Frame("a", "A", ("v0",)), Frame("b", "B", ("v9",))]
    assert [frame.id for frame in nested(frames, ["v0"])] == ["a"]


@pytest.mark.parametrize(
    ("texts", "written"),
    [
        ([], ""),
        (["a", "a"], "a"),
        (["W1", "W2", "W9"], "W1 .. W9"),
        (["0: Linear", "2: Linear"], "0 .. 2: Linear"),
        (["0: Linear", "1: Tanh"], "0: Linear .. 1: Tanh"),
    ],
)
def test_from_the_first_to_the_last(texts, written):
    assert from_to(texts) == written
