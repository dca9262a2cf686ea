"""Shared leaves of large graphs: copied per use, and nothing else changed."""

from collections import Counter

import numpy as np
from support.graphs import graph_of

import dzviz
from dezero import Variable
from dzviz.graph.duplicates import LARGE, spread
from dzviz.graph.folding import fold
from dzviz.graph.select import around, named, part
from dzviz.options import Look
from dzviz.sources.snapshot import snapshot
from dzviz.text.captions import caption_lines, represented
from dzviz.text.descriptions import description
from dzviz.text.narration import beginning, end


def rnn(steps):
    """A recurrent net's steps, which share three weights."""
    x, w, u, b = (Variable(np.array(0.5), name) for name in "xwub")
    h = x
    for _ in range(steps):
        h = np.tanh(w * h + u * x + b)
    return h


def test_a_small_graph_stays_as_it_is():
    graph = graph_of("a = x*x; a*sin(a) + x", x=3.0)
    assert len(graph.nodes) <= LARGE
    assert spread(graph) is graph


def test_each_use_gets_its_own_leaf_and_nothing_else_changes():
    graph = snapshot(rnn(20))
    wide = spread(graph)
    originals = {node.id: node for node in graph.nodes}
    made = {edge.target for edge in graph.edges}
    uses = Counter(edge.source for edge in wide.edges)
    for node in wide.nodes:
        copied = getattr(node, "copy_of", None)
        original = originals[copied or node.id]
        assert (node._replace(id=copied, copy_of=None) if copied else node) == original
        if original.id not in made:
            assert uses[node.id] == 1
    assert len({node.id for node in wide.nodes}) == len(wide.nodes)
    folded = [edge._replace(source=edge.source.partition("c")[0]) for edge in wide.edges]
    assert folded == list(graph.edges)


def test_the_same_leaf_twice_in_one_function_is_one_node_with_two_edges():
    x = Variable(np.array(1.0), "x")
    y = x * x
    for _ in range(60):
        y = y + x * x
    wide = spread(snapshot(y))
    pairs = Counter((edge.source, edge.target) for edge in wide.edges)
    assert max(pairs.values()) == 2


def test_thirty_steps_with_shared_weights_are_drawn():
    svg = dzviz.render(rnn(30), "svg", engine="wasm").decode()
    assert svg.count(">tanh</text>") == 30


def test_what_stands_beside_each_use_is_told():
    y = rnn(30)
    assert "x, w, u, b: drawn beside each use" in caption(y)
    y.backward()
    (told,) = [line for line in caption(y) if "beside" in line]
    assert told == "x, w, u, b: drawn beside each use; the gradient is that of all uses"
    assert "beside" not in " ".join(caption(rnn(3)))
    (told,) = [line for line in caption(many(12)) if "beside" in line]
    assert told.startswith("p0, p1, ..., p11: drawn")


def test_copies_are_counted_and_told_once():
    y = rnn(30)
    y.backward()
    graph = snapshot(y)
    wide = spread(graph)
    assert len(wide.nodes) > len(graph.nodes)
    assert description(wide, Look()) == description(graph, Look())
    assert beginning(wide, Look()) == beginning(graph, Look())
    assert end(wide, Look()) == end(graph, Look())
    near = part(graph, around(graph, named(graph, "w", "--focus"), 2))
    assert represented(spread(near)) == len(near.nodes)
    assert f"{len(near.nodes)} of {len(graph.nodes)} nodes" in " ".join(
        caption_lines(spread(near), Look())
    )
    folded = fold(graph)
    assert represented(spread(folded)) == len(graph.nodes)


def many(count):
    """A sum to which some inputs come again and again."""
    ps = [Variable(np.array(1.0), f"p{i}") for i in range(count)]
    y = ps[0]
    for p in ps * 5:
        y = y + p
    return y


def caption(y):
    return caption_lines(spread(snapshot(y)), Look())
