"""Graphs from JSON: the same pictures as without it, what may be missing, what is refused where."""

import html
import json

import jsonschema
import numpy as np
import pytest
from referencing import Registry, Resource
from support.graphs import CORPUS
from support.schemas import schema

from dzviz.errors import UsageError
from dzviz.formats import FORMATS
from dzviz.graph.model import FunctionNode
from dzviz.graph.select import forward as before_backward
from dzviz.options import Layout, Look, View
from dzviz.pipeline import Computation, Given, prepare
from dzviz.python.api import render
from dzviz.sources.expression import read
from dzviz.sources.json import graph, parse
from dzviz.styles import STYLES

VALIDATOR = jsonschema.Draft202012Validator(
    schema("graph-2"),
    registry=Registry().with_resource("graph.schema.json", Resource.from_contents(schema("graph"))),
)

COMPUTATIONS = {
    "released": ("a = x**2; a*sin(a)", {"x": "3"}, {}),
    "retained": ("a = x**2; a*sin(a)", {"x": "3"}, {"retain_grad": True}),
    "arrays": ("sum(tanh(x@W + b))", {"x": "[[1,2]]", "W": "randn(2,3)", "b": "zeros(3)"}, {}),
    "rounding": ("softmax_cross_entropy(x@W,[0,2])", {"x": "randn(2,4)", "W": "randn(4,3)"}, {}),
    "not finite": ("log(x)*x", {"x": "-1"}, {}),
    "infinite slope": ("sqrt(x)", {"x": "0"}, {"order": 1}),
    "empty": ("x*x", {"x": "zeros(0,3)"}, {}),
    "third derivative": ("tanh(x)", {"x": "1"}, {"order": 3}),
    "mixed derivative": ("x**2 * sin(w)", {"x": "1.5", "w": "0.5"}, {"order": 2, "wrt": "x,w"}),
    "automatic names": ("v2*x+x*3", {"v2": "1", "x": "2"}, {}),
    "an output that is an input": ("x, x*2", {"x": "2"}, {}),
    "two outputs": ("x + 1, x * y", {"x": "1", "y": "[1,2]"}, {}),
    "large": ("sum(x)*2", {"x": "arange(100)"}, {}),
}

MINIMAL = {
    "nodes": [
        {"id": "y", "name": "y", "data": 6.0},
        {"id": "times", "op": "Mul"},
        {"id": "a", "name": "a", "data": 2.0, "grad": 3.0},
        {"id": "b", "name": "b", "data": 3.0, "grad": 2.0},
    ],
    "edges": [
        {"source": "a", "target": "times", "contribution": 3.0},
        {"source": "b", "target": "times", "contribution": 2.0},
        {"source": "times", "target": "y"},
    ],
}


def written(taken, format, **look):
    chunks = list(prepare(taken, FORMATS[format], Look(**look), View(), Layout()).chunks())
    return b"".join(c.encode() if isinstance(c, str) else c for c in chunks)


def document(name):
    text, values, options = COMPUTATIONS[name]
    full = written(Computation(read(text), values, **options), "json", full=True)
    VALIDATOR.validate(json.loads(full))
    return full


@pytest.fixture
def no_mathematics(monkeypatch):
    """Rules are not told in JSON, so pages have no line of them."""
    monkeypatch.setattr("dzviz.page.html.formulas", lambda *args: None)


@pytest.mark.usefixtures("no_mathematics")
@pytest.mark.parametrize("name", COMPUTATIONS)
def test_a_picture_by_way_of_json_is_the_same(name):
    text, values, options = COMPUTATIONS[name]
    full = document(name)
    given = Given(graph(parse(full)))
    assert written(given, "json", full=True) == full
    for format in ("dot", "svg", "html", "animation", "json", "mermaid", "text", "alt"):
        direct = written(Computation(read(text), values, **options), format)
        assert written(given, format) == direct, format
    for style in STYLES:
        direct = written(Computation(read(text), values, **options), "svg", style=style)
        assert written(given, "svg", style=style) == direct, style


@pytest.mark.thorough
@pytest.mark.usefixtures("no_mathematics")
@pytest.mark.parametrize("name", COMPUTATIONS)
def test_it_can_be_shown_before_its_pass(name):
    text, values, options = COMPUTATIONS[name]
    given = Given(graph(parse(document(name))), backward=False)
    for format in ("svg", "text", "html", "animation"):
        direct = written(Computation(read(text), values, backward=False, **options), format)
        assert written(given, format) == direct, format


@pytest.mark.parametrize("make", CORPUS.values(), ids=CORPUS)
def test_plain_json_of_before_is_read(make):
    drawn = make()
    again = graph(json.loads(render(drawn, "json")))
    assert [node[:3] for node in again.nodes] == [node[:3] for node in drawn.nodes]
    assert [edge[:4] for edge in again.edges] == [edge[:4] for edge in drawn.edges]
    assert again.outputs == drawn.outputs
    if all(np.size(getattr(node, "data", 0)) <= Look().max_elements for node in drawn.nodes):
        assert render(again, "dot") == render(drawn, "dot", title=drawn.expression or "")


NOTES = {
    "a": ({"grad": None, "grad_note": "not a leaf"}, "grad None (not a leaf)"),
    "b": ({"grad": 2.0, "grad_note": "summed by a hook"}, "grad 2 (summed by a hook)"),
    "y": ({"grad_was": 1.0, "grad_note": "not asked to be kept"}, "grad None (was 1"),
}
"""Gradients whose state an engine says itself, by their names."""


def with_notes():
    document = json.loads(json.dumps(MINIMAL))
    for node in document["nodes"]:
        if node.get("name") in NOTES:
            node |= NOTES[node["name"]][0]
    return document


@pytest.mark.parametrize("format", ["dot", "svg", "html", "mermaid", "text", "alt", "json"])
def test_an_engine_says_the_state_of_a_gradient_itself(format):
    VALIDATOR.validate(with_notes())
    text = html.unescape(render(graph(with_notes()), format).decode())
    for facts, words in NOTES.values():
        assert facts["grad_note"] in text
        if format in ("dot", "alt"):
            assert words in text


@pytest.mark.parametrize("style", STYLES)
def test_every_style_has_its_words(style):
    text = render(graph(with_notes()), "svg", style=style).decode()
    assert all(facts["grad_note"] in text for facts, _ in NOTES.values())


def test_its_words_are_kept():
    full = render(graph(with_notes()), "json", full=True)
    VALIDATOR.validate(json.loads(full))
    assert [getattr(node, "grad_note", None) for node in graph(parse(full)).nodes] == [
        *("not a leaf", "summed by a hook", None, "not asked to be kept")
    ]


def test_of_what_did_not_flow_nothing_is_said():
    document = with_notes()
    assert "shares" in render(graph(document), "text").decode()
    for edge in document["edges"]:
        edge.pop("contribution", None)
    assert "shares" not in render(graph(document), "text").decode()


def test_a_constant_says_why_it_has_no_gradient():
    document = with_notes()
    document["nodes"][2] |= {"grad_state": "constant", "grad_note": "requires_grad False"}
    made = graph(document)
    assert "requires_grad False" in render(made, "text").decode()
    assert "grad None (requires_grad" not in render(made, "dot").decode()
    assert "requires_grad False" in before_backward(made).nodes[0].grad_note


def test_before_a_pass_nothing_is_said_of_what_it_leaves():
    a, b, _, y = before_backward(graph(with_notes())).nodes
    assert (a.grad_note, b.grad_note, y.grad_note) == ("not a leaf", None, None)


def test_what_is_missing_is_derived():
    VALIDATOR.validate(MINIMAL)
    made = graph(MINIMAL)
    a, b, times, y = made.nodes
    assert [node.id for node in made.nodes] == ["v0", "v1", "f0", "v2"]
    assert (a.role, a.grad_state, a.generation, a.shape, a.dtype) == (
        *("input", "leaf", 0, (), "float64"),
    )
    assert (b.name, times.op, times.label, times.generation) == ("b", "Mul", "Mul", 0)
    assert (y.role, y.grad_state, y.generation, y.data) == ("output", "none", 1, 6.0)
    assert [edge[:4] for edge in made.edges] == [
        *(("v0", "f0", 0, 0), ("v1", "f0", 0, 1), ("f0", "v2", 0, None)),
    ]
    assert made.outputs == ("v2",)
    assert [edge.contribution for edge in made.edges] == [3.0, 2.0, None]


def test_one_operand_twice_is_two_edges():
    nodes = [{"id": 1, "data": 3.0}, {"id": 2, "op": "*"}, {"id": 3, "data": 9.0}]
    ends = [(1, 2), (1, 2), (2, 3)]
    made = graph({"nodes": nodes, "links": [{"source": s, "target": t} for s, t in ends]})
    assert [(e.key, e.arg) for e in made.edges] == [(0, 0), (1, 1), (0, None)]


def test_an_engines_own_generations_stay():
    made = graph(
        {
            **MINIMAL,
            "nodes": [
                *MINIMAL["nodes"][:1],
                {"id": "times", "op": "Mul", "generation": 7},
                *MINIMAL["nodes"][2:],
            ],
        }
    )
    assert [n.generation for n in made.nodes if isinstance(n, FunctionNode)] == [7]
    assert made.nodes[-1].generation == 8


def test_what_is_not_known_is_said():
    nodes = [{"id": "x"}, {"id": "f", "op": "sum"}, {"id": "y", "data": 1.0}]
    nodes[0]["data"] = {"shape": [10, 10], "min": 0, "max": 1, "mean": 0.5}
    edges = [{"source": "x", "target": "f"}, {"source": "f", "target": "y"}]
    text = render(graph({"nodes": nodes, "edges": edges}), "text").decode()
    assert "(10, 10), 0 .. 1  None" in text
    del nodes[0]["data"]
    made = graph({"nodes": nodes, "edges": edges})
    for format in ("text", "dot", "mermaid", "alt"):
        assert "unknown" in render(made, format).decode(), format
    for style in STYLES:
        assert render(made, "svg", style=style)


def changed(path, value):
    """Return the minimal document with another value at a path of keys, or without it."""
    copied = json.loads(json.dumps(MINIMAL))
    place = copied
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return copied


@pytest.mark.parametrize(
    ("path", "value", "error"),
    [
        (["nodes"], None, "$: it has no 'nodes'"),
        (["nodes"], [], "$.nodes: a graph has at least one node"),
        (["nodes"], 3, "$.nodes: a list belongs here, not a number"),
        (["node"], [], "$.node: there is no such member"),
        (["schema"], "dzviz/graph/9", "$.schema: one of dzviz/graph/1"),
        (["nodes", 0], 3, "$.nodes[0]: an object belongs here, not a number"),
        (["nodes", 0, "id"], None, "$.nodes[0]: it has no 'id'"),
        (["nodes", 0, "id"], "a", "$.nodes[2].id: there are two nodes 'a'"),
        (["nodes", 0, "dat"], 1, "$.nodes[0].dat: there is no such member"),
        (["nodes", 0, "data"], "6", "$.nodes[0].data: a number or a list of numbers belongs here"),
        (["nodes", 0, "data"], [[1], [1, 2]], "$.nodes[0].data[1]: its shape is (2,)"),
        (["nodes", 0, "data"], [10**400], "$.nodes[0].data: it has a number that is not of type"),
        (["nodes", 0, "data"], {"values": [1], "shape": [2]}, "the shape (1,), not (2,)"),
        (["nodes", 0, "data"], {"values": 1, "dtype": "object"}, "$.nodes[0].data.dtype: one of"),
        (["nodes", 0, "data"], {"times": 2}, "$.nodes[0].data: it is folded"),
        (["nodes", 0, "grad_state"], "lost", "$.nodes[0].grad_state: one of none, leaf"),
        (["nodes", 0, "shape"], [-1], "$.nodes[0].shape[0]: a number from 0"),
        (["nodes", 1, "op"], 3, "$.nodes[1].op: text belongs here, not a number"),
        (["nodes", 1, "source"], ["a.py"], "$.nodes[1].source: the name of a file and a line"),
        (["edges", 0, "source"], "c", "$.edges[0].source: there is no node 'c'"),
        (["edges", 0, "source"], "times", "$.edges[0]: it connects two functions"),
        (["edges", 0, "target"], "y", "$.edges[0]: it connects two variables"),
        (["edges", 1, "arg"], 0, "$.edges[1].arg: 'times' has two operands with index 0"),
        (["edges", 0, "contribution"], True, ""),
        (["graph"], {"outputs": ["times"]}, "$.graph.outputs[0]: 'times' is a function"),
        (["graph"], {"repeats": [{}]}, "$.graph.repeats: it is folded"),
        (["graph"], {"passes": [3]}, "$.graph.passes[0]: an object belongs here"),
        (["events"], [{"turn": 0, "event": "jump"}], "$.events[0].event: one of forward"),
        (["events"], [{"turn": 0, "event": "pop"}], "$.events[0]: it has no 'function'"),
        (
            ["events"],
            [
                {
                    "turn": 1,
                    "event": "rule",
                    "function": "times",
                    "variable": "y",
                    "arg": 0,
                    "value": 1,
                }
            ],
            "$.events[0]: its variable is not this operand of its function",
        ),
    ],
)
def test_an_error_has_its_path(path, value, error):
    if not error:
        assert graph(changed(path, value))
        return
    with pytest.raises(UsageError) as raised:
        graph(changed(path, value))
    assert error in str(raised.value)
    assert str(raised.value).startswith("$")


def test_a_circle_is_refused():
    nodes = [{"id": "x"}, {"id": "f", "op": "sin"}]
    edges = [{"source": "x", "target": "f"}, {"source": "f", "target": "x"}]
    with pytest.raises(UsageError, match=r"\$\.nodes\[0\]: it is computed from itself"):
        graph({"nodes": nodes, "edges": edges})


def test_a_long_chain_needs_no_recursion():
    nodes = [{"id": f"v{i}"} for i in range(3001)] + [
        {"id": f"f{i}", "op": "f"} for i in range(3000)
    ]
    edges = [(f"f{i}", f"v{i + 1}") for i in range(3000)] + [
        (f"v{i}", f"f{i}") for i in range(3000)
    ]
    edges = [{"source": s, "target": t} for s, t in edges]
    made = graph({"nodes": nodes[::-1], "edges": edges[::-1]})
    assert made.nodes[-1].id == "v3000"
    assert made.nodes[-1].generation == 3000


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"\xff", "not UTF-8"),
        (b"{", "not JSON (line 1, column 2"),
        (b"[]", "not an object with nodes and edges"),
        (b"[" * 100_000, "nested too deep"),
        (b"9" * 5000, "thousands of digits"),
        (b"[" * (9 << 20), "MiB"),
        (b" " * ((64 << 20) + 1), "larger than 64 MiB"),
    ],
)
def test_a_text_that_is_none(text, error):
    with pytest.raises(UsageError) as raised:
        parse(text)
    assert error in str(raised.value)


def test_a_part_or_a_fold_cannot_be_full():
    taken = Computation(read("a = x**2; a*sin(a)"), {"x": "3"})
    drawing = prepare(taken, FORMATS["json"], Look(full=True), View(focus="a:1"), Layout())
    with pytest.raises(UsageError, match="--full writes a whole graph"):
        drawing.chunks()
