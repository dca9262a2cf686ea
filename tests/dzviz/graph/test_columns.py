"""The graph in few words, beside the same graph taken down node by node."""

import numpy as np
import pytest
from support.graphs import CORPUS, graph_of, powers

import dezero
from dezero import Variable
from dezero.functions import relu, sin
from dzviz.engine import Recording
from dzviz.graph.columns import Edges, Nodes
from dzviz.graph.model import FunctionNode, VariableNode
from dzviz.graph.overview import bounded, repeated, samples
from dzviz.graph.rounded import bound_of
from dzviz.pipeline import Computation, compute
from dzviz.sources import columns
from dzviz.sources import snapshot as source
from dzviz.sources.expression import read
from dzviz.sources.snapshot import snapshot


def chain(length=30, *, retain_grad=True, recording=None, factor=0.9, function=sin):
    y, a = Variable(np.array(0.5)), Variable(np.array(factor))
    with np.errstate(all="ignore"):
        for _ in range(length):
            y = function(y) * a + y
        dezero.backward(y, retain_grad=retain_grad, observer=recording)
    return y


def derived():
    x = Variable(np.array(0.5))
    y = sin(x) * x
    y.backward(retain_grad=True, create_graph=True)
    return snapshot([x.grad, y])


GRAPHS = {
    **CORPUS,
    "labels of one class": lambda: snapshot(powers()),
    "kept": lambda: snapshot(chain()),
    "released": lambda: snapshot(chain(retain_grad=False)),
    "infinite": lambda: snapshot(chain(factor=1e200)),
    "zeros": lambda: snapshot(chain(function=relu, factor=-3.0)),
    "recorded": lambda: graph_of("a = sin(x); b = a*a + a; b/a + x**3 - x", x=1.0),
    "third derivative": lambda: compute(
        Computation(read("tanh(x)"), {"x": "1"}, order=3, wrt="x")
    ).graph(),
    "gradients that are nodes": derived,
    "one operand, and three": lambda: graph_of("y = sin(x*2); where(x > 0, y*y, y) + 1", x=0.5),
}


def nothing_is_a_step(monkeypatch):
    monkeypatch.setattr(columns, "_irregular", lambda _, xs, *__: set(range(len(xs))))


@pytest.mark.parametrize("name", GRAPHS)
def test_steps_make_what_is_taken_without_them(name, monkeypatch):
    monkeypatch.setattr(source, "LARGE", 0)
    graph = GRAPHS[name]()
    assert isinstance(graph.edges, Edges)
    nothing_is_a_step(monkeypatch)
    whole = GRAPHS[name]()
    assert not whole.edges.rows.kinds
    for made, expected in ((graph.nodes, whole.nodes), (graph.edges, whole.edges)):
        assert len(made) == len(list(made)) == len(expected)
        assert repr(list(made)) == repr(list(expected))
    assert repr(graph._replace(nodes=(), edges=())) == repr(whole._replace(nodes=(), edges=()))


def sort(node):
    """What a node is, but for what those of one kind differ in."""
    if isinstance(node, FunctionNode):
        return node._replace(id="", generation=0)
    there = [value is not None for value in (node.grad, node.grad_was)]
    return node._replace(id="", generation=0, data=0, grad=0, grad_was=0), *there


@pytest.mark.parametrize("name", GRAPHS)
def test_they_answer_as_if_each_was_looked_at(name, monkeypatch):
    monkeypatch.setattr(source, "LARGE", 0)
    graph = GRAPHS[name]()
    nodes, edges = tuple(graph.nodes), tuple(graph.edges)
    ids = {node.id for node in nodes if isinstance(node, VariableNode)}
    several = repeated(edges, nodes)
    assert {id for id in ids if id in repeated(graph.edges, graph.nodes)} == several
    variables = [node for node in nodes if isinstance(node, VariableNode)]
    found = list(samples(graph.nodes))
    assert set(map(repr, map(sort, found))) >= set(map(repr, map(sort, variables)))
    ordinary = {node.id for node in nodes} - {node.id for node in found}
    for node in variables:
        if node.id in ordinary:
            assert node.name is None
            assert node.role != "output"
            assert all(
                value is None or (np.isfinite(value) and bound_of(value) is None)
                for value in (node.data, node.grad, node.grad_was)
            )
    known = {edge[:3] for edge in edges if bound_of(edge.contribution) is not None}
    assert known <= {edge[:3] for edge in bounded(graph.edges)}


def test_most_of_a_large_graph_is_steps():
    graph = snapshot(chain(1000, factor=1e-3))
    assert isinstance(graph.nodes, Nodes)
    rows = graph.nodes.rows
    assert np.count_nonzero(rows.applied) == 2999  # the last Function made the output
    assert len(rows.kinds) == 3
    assert [node.id for node in rows.other_nodes()] == ["v0", "v2", "f2999", "v3001"]


def test_small_graphs_are_tuples():
    graph = snapshot(chain(10))
    assert type(graph.nodes) is type(graph.edges) is tuple


def test_they_are_sequences():
    graph = snapshot(chain(200))
    nodes, edges = graph.nodes, graph.edges
    assert nodes[3] == list(nodes)[3]
    assert nodes[-1].role == "output"
    assert edges[10:12] == tuple(edges)[10:12]
    with pytest.raises(IndexError):
        nodes[len(nodes)]
    assert nodes == tuple(nodes) == snapshot(chain(200)).nodes
    assert nodes != tuple(nodes)[1:]
    assert edges != snapshot(chain(200, function=relu)).edges[1:]


def test_what_flowed_back_is_known_where_it_was_recorded():
    assert snapshot(chain(200)).edges.rows.contribution is None
    recording = Recording()
    edges = snapshot(chain(200, recording=recording), recording=recording).edges
    assert edges.rows.contribution is not None
    found = {edge[:3]: edge.contribution for edge in edges if edge.arg is not None}
    assert len(found) == len(recording.contributions)
    assert sorted(found.values()) == sorted(recording.contributions.values())
