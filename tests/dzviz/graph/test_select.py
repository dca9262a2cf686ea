"""Parts of a graph: the surroundings of a node, what lies between two, and where it was cut."""

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.graphs import CORPUS, graph_of
from support.loops import LOOPS, chain, leaf, simple, taken

from dzviz.errors import UsageError
from dzviz.graph.select import around, between, named, part, troubled


def drawn(graph):
    picture = networkx.MultiDiGraph()
    picture.add_nodes_from(node.id for node in graph.nodes)
    picture.add_edges_from((edge.source, edge.target) for edge in graph.edges)
    return picture


@pytest.fixture
def graph():
    return graph_of("a = x*x; b = sin(a) + w; b * a", x=3.0, w=2.0)


def test_a_name_is_a_variables_or_a_nodes_id(graph):
    (a,) = named(graph, "a", "--focus")
    assert next(node for node in graph.nodes if node.id == a).name == "a"
    assert named(graph, "f1", "--focus") == ["f1"]
    assert named(graph, " w ", "--focus") == named(graph, "ｗ", "--focus")


def test_all_of_a_name_are_meant():
    x = leaf(1.0, "h")
    y = np.sin(x)
    y.name = "h"
    assert named(taken(y), "h", "--focus") == ["v0", "v1"]


def test_a_variable_called_like_an_id_is_that_variable():
    x = leaf(1.0, "v1")
    assert named(taken(np.sin(x)), "v1", "--focus") == ["v0"]


@pytest.mark.parametrize("name", ["", "z", "v99", "F0", "v0 ", "\0", "v0;", "x" * 10_000, "-1"])
def test_an_unknown_name_is_told_with_a_hint(graph, name):
    if name.strip() == "v0":
        assert named(graph, name, "--to") == ["v0"]
        return
    with pytest.raises(UsageError, match=r"^--to: there is no node '") as caught:
        named(graph, name, "--to")
    assert len(str(caught.value)) < 120
    assert "-T json shows the ids" in caught.value.hint


def test_a_name_nearly_right_is_offered():
    graph = taken(np.sin(leaf(1.0, "weight")))
    with pytest.raises(UsageError) as caught:
        named(graph, "wieght", "--focus")
    assert caught.value.hint.startswith("did you mean weight?")


@pytest.mark.thorough
@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("radius", [0, 1, 2, 5])
def test_surroundings_are_what_is_near_without_ways_through_leaves(name, radius):
    graph = taken(LOOPS[name][0]())
    picture = drawn(graph)
    leaves = {id for id in picture if not picture.in_degree(id)}
    centre = graph.nodes[len(graph.nodes) // 2].id
    inner = picture.subgraph(set(picture) - leaves | {centre}).to_undirected()
    near = networkx.single_source_shortest_path_length(inner, centre, cutoff=radius)
    expected = set(near)
    for id, distance in near.items():
        if distance < radius:
            expected |= set(picture.predecessors(id)) & leaves
    assert around(graph, [centre], radius) == expected


def test_a_leaf_in_the_centre_shows_its_uses():
    graph = taken(chain(30))
    (a,) = named(graph, "a", "--focus")
    assert len(around(graph, [a], 1)) == 31


@pytest.mark.parametrize("name", LOOPS)
def test_between_is_what_lies_on_a_way_with_its_operands(name):
    graph = taken(LOOPS[name][0]())
    picture = drawn(graph)
    end = graph.outputs[-1]
    for start in [graph.nodes[0].id, graph.nodes[len(graph.nodes) // 2].id]:
        on_way = {start, *networkx.descendants(picture, start)}
        on_way &= {end, *networkx.ancestors(picture, end)}
        operands = {s for s, t in picture.edges() if t in on_way and t.startswith("f")}
        assert between(graph, [start], [end]) == on_way | operands


def test_only_one_end(graph):
    everything = {node.id for node in graph.nodes}
    (a,) = named(graph, "a", "--to")
    assert between(graph, None, list(graph.outputs)) == everything
    assert between(graph, None, [a]) == {"v0", "f0", a}
    assert between(graph, [graph.outputs[0]], None) == {graph.outputs[0]}


def test_no_way_is_told(graph):
    with pytest.raises(UsageError, match="nothing leads from --from to --to") as caught:
        between(graph, list(graph.outputs), named(graph, "x", "--to"))
    assert "exchange them" in caught.value.hint
    with pytest.raises(UsageError, match="nothing leads from --from to --to") as caught:
        between(graph_of("x + w", x=1.0, w=2.0), ["v0"], ["v1"])
    assert caught.value.hint is None


@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_a_part_tells_of_every_edge_that_was_cut(data):
    graph = CORPUS[data.draw(st.sampled_from(sorted(CORPUS)))]()
    ids = data.draw(st.sets(st.sampled_from([node.id for node in graph.nodes]), min_size=1))
    found = part(graph, ids)
    if len(ids) == len(graph.nodes):
        assert found is graph
        return
    assert [node.id for node in found.nodes] == [n.id for n in graph.nodes if n.id in ids]
    assert found.part.nodes == len(graph.nodes)
    touching = sum((edge.source in ids) + (edge.target in ids) for edge in graph.edges)
    assert 2 * len(found.edges) + sum(found.part.cut.values()) == touching
    assert all(found.part.cut.values())


def test_where_a_nan_arose():
    with np.errstate(all="ignore"):
        graph = graph_of("a = x - 3; sqrt(a) * 2", x=1.0)
    (id,) = troubled(graph)
    assert next(node for node in graph.nodes if node.id == id).label == "sqrt"
    graph = taken(leaf(np.nan, "x") * 2)
    assert troubled(graph._replace(troubles=())) == ["v0"]
    with pytest.raises(UsageError, match="no NaN and no infinity"):
        troubled(taken(simple(3)))
