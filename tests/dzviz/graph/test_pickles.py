"""A Graph can be pickled and copied: what comes back draws the same."""

import copy
import pickle

import numpy as np
import pytest
from support.graphs import CORPUS, with_events

import dzviz
from dezero import Function, Variable

COPIES = [lambda graph: pickle.loads(pickle.dumps(graph)), copy.deepcopy, copy.copy]


def check_same(graph):
    for copied in COPIES:
        again = copied(graph)
        assert type(again) is dzviz.Graph
        assert len(again.events) == len(graph.events)
        for format in ("json", "dot", "text"):
            for look in ({"full": True}, {}) if format == "json" else ({},):
                assert dzviz.render(again, format, **look) == dzviz.render(graph, format, **look)
        if graph.events:
            assert repr(dzviz.trace(again)) == repr(dzviz.trace(graph))


def compound(x):
    for _ in range(2000):
        x = x * 1.001
    return x


def test_recorded_graphs_of_every_size():
    check_same(dzviz.record(lambda x: x**4, 2.0, order=2))
    check_same(dzviz.record(lambda x, w: np.tanh(x @ w), np.ones((2, 3)), np.ones((3, 2))))
    check_same(dzviz.record(compound, 2.0))


def test_a_watched_graph_and_one_without_events():
    with dzviz.watch() as tape:
        y = compound(Variable(np.array(2.0), "x"))
        y.backward()
    check_same(tape.graph(y))
    check_same(dzviz.snapshot(y))


def test_a_graph_of_what_cannot_be_pickled_itself():
    class Twice(Function):
        def forward(self, x):
            self.kept = lambda: x
            return 2 * x

        def backward(self, gy):
            return 2 * gy

    graph = dzviz.record(lambda x: Twice()(x), 3.0)
    with pytest.raises((AttributeError, pickle.PicklingError)):
        pickle.dumps(Twice())
    check_same(graph)


@pytest.mark.parametrize("name", list(CORPUS))
def test_graphs_of_expressions(name):
    check_same(CORPUS[name]())


def test_a_graph_with_its_derivation():
    check_same(with_events("tanh(x) * x", x=1.0, order=1))
