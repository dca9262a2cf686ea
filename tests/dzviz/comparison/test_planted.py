"""Faults, each of which is told first; and what is no difference."""

import random
import re

import numpy as np
from support.comparisons import FAULTS, MODEL, VALUES, graph_of
from support.expressions import EXPRESSIONS
from support.graphs import graph_of as drawn

import dezero
from dezero import Variable
from dzviz.comparison.report import compare
from dzviz.graph.model import Graph, VariableNode
from dzviz.sources import graph_of as graph_of_variable

TURNED = {"added": "removed", "removed": "added"}


def first_of(a: Graph, b: Graph):
    differences = compare(a, b).differences
    return differences[0] if differences else None


def test_each_fault_is_the_first_difference_either_way():
    sound = graph_of(MODEL)
    assert len(FAULTS) >= 30
    wrong = []
    for fault in FAULTS:
        other = fault.done(graph_of(fault.text, **fault.values))
        there, back = first_of(sound, other), first_of(other, sound)
        if there is None or there.kind != fault.kind or fault.where not in there.where:
            wrong.append((fault.what, there and there[:3]))
        elif back is None or back.kind != TURNED.get(there.kind, there.kind):
            wrong.append((f"{fault.what}, turned round", back and back[:3]))
        elif back.kind not in TURNED and back.texts != there.texts[::-1]:
            wrong.append((f"{fault.what}, turned round", there[:3], back[:3]))
    assert wrong == []


def shuffled(graph: Graph, random: random.Random) -> Graph:
    """Return the same graph with its nodes in another order of computation, and other ids."""
    behind: dict[str, set[str]] = {node.id: set() for node in graph.nodes}
    for edge in graph.edges:
        behind[edge.target].add(edge.source)
    order = []
    while behind:
        free = [id for id, before in behind.items() if not before]
        order.append(random.choice(free))
        del behind[order[-1]]
        for before in behind.values():
            before.discard(order[-1])
    ids = {id: f"{id[0]}{i}" for i, id in enumerate(order)}
    nodes = {node.id: node for node in graph.nodes}
    edges = [e._replace(source=ids[e.source], target=ids[e.target]) for e in graph.edges]
    return graph._replace(
        nodes=tuple(nodes[id]._replace(id=ids[id]) for id in order),
        edges=tuple(random.sample(edges, len(edges))),
        outputs=tuple(ids[id] for id in graph.outputs),
    )


def test_another_order_of_nodes_is_no_difference():
    graph = graph_of(MODEL)
    orders = set()
    for seed in range(30):
        other = shuffled(graph, random.Random(seed))
        orders.add(tuple(getattr(n, "name", None) or getattr(n, "op", None) for n in other.nodes))
        report = compare(graph, other)
        assert report.equal, (seed, report.differences)
        assert report.remarks == ()
        assert report.values.compared == sum(isinstance(n, VariableNode) for n in graph.nodes)
    assert len(orders) > 20


def test_a_renamed_variable_is_a_rename():
    graph = graph_of(MODEL)
    for name in ("x", "W", "b", "k", "h", "p", "q"):
        nodes = [
            n._replace(name="z") if getattr(n, "name", None) == name else n for n in graph.nodes
        ]
        report = compare(graph, graph._replace(nodes=tuple(nodes)))
        assert report.equal, name
        assert [(r.kind, r.texts) for r in report.remarks] == [("renamed", (name, "z"))]
    every = {"x": "u", "W": "V", "b": "c", "k": "l"}
    text = MODEL
    for old, new in every.items():
        text = "".join(new if word == old else word for word in _words(text))
    values = {new: VALUES[old] for old, new in every.items()}
    report = compare(graph, graph_of(text, **values))
    assert report.equal
    assert {r.texts for r in report.remarks} == set(every.items())


def _words(text: str) -> list[str]:
    return re.findall(r"\w+|\W", text)


STEPS = (
    ("p = softmax(u)", "e = exp(u - max(u)); p = e / sum(e)"),
    ("p = softmax(u)", "e = exp(u); p = e / sum(e)"),
    ("e = exp(u); p = e / sum(e)", "e = exp(u - max(u)); p = e / sum(e)"),
    ("p = log_softmax(u)", "p = log(softmax(u))"),
    ("p = log_softmax(u)", "p = u - log(sum(exp(u)))"),
    ("p = u - mean(u)", "p = u - sum(u)/3"),
    ("p = sigmoid(u)", "p = 1/(1 + exp(-u))"),
    ("p = tanh(u)", "p = (exp(u) - exp(-u))/(exp(u) + exp(-u))"),
    ("p = relu(u)", "p = maximum(u, 0)"),
    ("p = u*sigmoid(u)", "p = u/(1 + exp(-u))"),
)
"""The same numbers by few ops and by many."""


def test_graphs_of_other_granularity_meet_at_their_borders():
    for before in ("x*k", "tanh(x@W + b)"):
        for few, many in STEPS:
            a, b = (graph_of(f"u = {before}; {steps}; sum(p**3*x)") for steps in (few, many))
            report = compare(a, b)
            assert report.equal, (few, many, report.differences[:2])
            assert report.values.compared >= 6
            assert report.gradients.compared >= 5


def test_a_fault_within_other_steps_is_told_at_their_border():
    a = graph_of("p = softmax(x@W); sum(p**2)")
    b = graph_of("e = exp(x@W); p = e / (sum(e) + 1); sum(p**2)")
    report = compare(a, b)
    assert (report.differences[0].kind, report.differences[0].where) == ("value", "p (column 5)")
    assert [r.kind for r in report.remarks] == ["steps"]


def test_every_expression_is_equal_to_itself_and_not_with_a_value_that_is_off():
    for text, values in EXPRESSIONS:
        graph = drawn(text, **values)
        report = compare(graph, drawn(text, **values))
        assert report.equal, text
        assert report.values.unknown == report.gradients.unknown == 0, text
        for node in graph.nodes:
            if isinstance(node, VariableNode):
                off = np.asarray(node.data) * (1 + 1e-5) + 1e-5
                other = [n._replace(data=off) if n is node else n for n in graph.nodes]
                found = compare(graph, graph._replace(nodes=tuple(other))).differences
                assert [d.kind for d in found] == ["value"], (text, node.id)


def test_a_hundred_thousand_nodes_take_one_walk():
    """Both are long chains, one with an op more in the middle; the way back meets the way there."""

    def chain(length: int, more: int) -> Variable:
        x, w = Variable(np.array(0.5), name="x"), Variable(np.array(0.3), name="w")
        y = x
        for i in range(length):
            u = y * w
            y = dezero.functions.sin(u + x if i != more else u * 1.0 + x)
        y.name = "y"
        y.backward()
        return y

    a, b = (graph_of_variable(chain(3000, more)) for more in (-1, 1500))
    report = compare(a, b)
    assert [d.kind for d in report.differences] == ["added"]
    assert report.values.compared == len(a.nodes) - 9000
