"""Faults, each of which is told first; and what is no difference."""

import json
import random
import re

import numpy as np
from support.comparisons import FAULTS, MODEL, VALUES, graph_of
from support.expressions import EXPRESSIONS
from support.graphs import graph_of as drawn
from support.schemas import validate

import dezero
from dezero import Variable
from dzviz.comparison.drawn import drawn as joined
from dzviz.comparison.report import compare
from dzviz.comparison.words import as_json
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
        elif back.kind not in (*TURNED, "moved") and back.texts != there.texts[::-1]:
            wrong.append((f"{fault.what}, turned round", there[:3], back[:3]))
    assert wrong == []


def test_the_json_of_each_fault_is_as_its_schema_says():
    sound, kinds = graph_of(MODEL), set()
    for fault in (*FAULTS, FAULTS[0]._replace(text=MODEL)):
        report = compare(sound, fault.done(graph_of(fault.text, **fault.values)))
        document = json.loads("".join(as_json(report, ("A", "B"))))
        validate("diff", document)
        assert document["equal"] == report.equal
        kinds |= {difference["kind"] for difference in document["differences"]}
        assert ("NaN" in str(document)) == any("NaN" in d.texts for d in report.differences)
    assert kinds >= {"value", "op", "added", "removed", "moved", "gradient", "share"}
    for a, b in (("softmax(x)", "e = exp(x); e / sum(e)"), ("sin(k)", "q = sin(k)"), ("x", "x")):
        validate("diff", json.loads("".join(as_json(compare(graph_of(a), graph_of(b)), "AB"))))


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


EQUAL = (
    ("a*(b+c)", "a*b + a*c"),
    ("sin(a)**2", "1 - cos(a)**2"),
    ("exp(a)*exp(b)", "exp(a+b)"),
    ("(a-1)*(a+1)", "a**2 - 1"),
    ("a**3", "a*a*a"),
    ("a*sigmoid(a)", "silu(a)"),
    ("log(exp(a)*exp(b))", "a + b"),
    ("2*sin(a)*cos(a)", "sin(2*a)"),
)
"""Formulas that are equal, by steps that are not."""


def test_equal_formulas_by_several_other_steps_are_equal():
    for few, many in EQUAL:
        for texts in ((few, many), (many, few)):
            report = compare(*(drawn(text, a=2.0, b=3.0, c=4.0) for text in texts))
            assert report.equal, (texts, report.differences[:2])
            assert [r.kind for r in report.remarks] == ["steps"], texts


def test_an_output_is_compared_with_the_output_of_its_place():
    """What is told of an output is its own number, not one of the middle of the other graph."""
    formulas = (*(text for pair in EQUAL for text in pair), "a*(b+c+1)", "sin(a) + 1", "sin(a)")
    for one in formulas:
        for other in formulas:
            report = compare(*(drawn(text, a=2.0, b=3.0, c=4.0) for text in (one, other)))
            a, b = report.matching.sides
            assert report.matching.values[0][a.outputs[0]] == b.outputs[0], (one, other)
            told = [d for d in report.differences if d.kind == "value" and d.where[:2] == "y "]
            numbers = [side.values[side.outputs[0]].data for side in (a, b)]
            assert [d.values for d in told] in ([], [tuple(numbers)]), (one, other)
            assert bool(told) == (not np.isclose(*numbers)), (one, other)
            assert all(d.kind != "output" for d in report.differences), (one, other)


def test_an_op_more_at_the_output_is_told_as_one():
    report = compare(drawn("sin(x)", x=3.0), drawn("sin(x) + 1", x=3.0))
    assert [d.kind for d in report.differences] == ["added", "value"]
    assert report.shares.compared == 1


def test_other_ops_in_the_middle_stay_a_difference_where_outputs_differ_or_steps_agree():
    for a, b in (("sin(x)**2", "cos(x)**2 - 1"), ("0*sin(x)", "0*cos(x)"), ("x*x", "x**2")):
        report = compare(drawn(a, x=1.0), drawn(b, x=1.0))
        assert report.differences[0].kind == "op", (a, b)


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


def chain(length: int, function=dezero.functions.sin, more=()) -> Graph:
    """A long chain; at the steps of ``more`` there is one op more."""
    x, w = Variable(np.array(0.5), name="x"), Variable(np.array(0.9), name="w")
    y = x
    for i in range(length):
        u = y * w
        y = function((u * 1.001 if i in more else u) + x)
    y.name = "y"
    y.backward()
    return graph_of_variable(y)


def test_several_ops_more_and_another_op_at_each_step_are_told_one_by_one():
    for more in ((7,), (0, 20), range(0, 40, 3)):
        report = compare(chain(40), chain(40, more=more))
        added = [d for d in report.differences if d.kind == "added"]
        assert len(added) == len(more)
        assert report.differences[0].kind == "added"
        assert report.remarks == ()
    long = compare(chain(3000), chain(3000, more=(1500,)))
    assert [d.kind for d in long.differences][:2] == ["added", "value"]
    report = compare(chain(20), chain(20, dezero.functions.cos))
    assert [d.kind for d in report.differences].count("op") == 20
    assert report.differences[0].texts == ("sin", "cos")


def test_any_two_expressions_can_be_compared_and_drawn_either_way():
    graphs = [drawn(text, **values) for text, values in EXPRESSIONS]
    equal = []
    for i, a in enumerate(graphs):
        for j in range(i % 3, len(graphs), 3):
            b = graphs[j]
            report = compare(a, b)
            assert report.equal == compare(b, a).equal, (i, j)
            if report.equal:
                equal.append({EXPRESSIONS[i][0], EXPRESSIONS[j][0]})
            both = joined(report, ("A", "B"), ())
            ids = {node.id for node in both.nodes}
            assert len(ids) == len(both.nodes)
            assert {end for edge in both.edges for end in edge[:2]} <= ids
            assert len({edge[:3] for edge in both.edges}) == len(both.edges)
    assert {"x ** 2", "square(x)"} in equal
    assert all(len(pair) == 1 or pair == {"x ** 2", "square(x)"} for pair in equal)
