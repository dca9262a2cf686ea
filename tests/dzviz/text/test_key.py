"""The key: marks that occur, each with its swatch or its word, and no others."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from support.graphs import graph_of

import dzviz
from dzviz.graph.folding import fold
from dzviz.options import Look
from dzviz.pipeline import Computation, compute
from dzviz.sources.expression import read
from dzviz.text.key import key_line, marks

SVG = "{http://www.w3.org/2000/svg}"
PATHS = "a = x*x; y = a*sin(a) + x*w"


def words(graph, look=Look()):
    return [mark.word for mark in marks(graph, look)]


def derivative():
    run = compute(Computation(read("tanh(x)"), {"x": "1"}, order=2))
    run.backward()
    return run.graph()


OCCUR = {
    "a lone op": (lambda: graph_of("sin(x)", x=1.0, retain_grad=True), ["seed", "float64"]),
    "released": (lambda: graph_of("sin(x)", x=1.0), ["dashed", "seed", "float64"]),
    "no pass": (lambda: graph_of("sin(x)*2", x=1.0, backward=False), ["gen", "float64"]),
    "shares": (
        lambda: graph_of(PATHS, x=3.0, w=2.0),
        ["dashed", "seed", "share", "two arrows", "gen", "float64"],
    ),
    "not finite": (
        lambda: graph_of("log(x - x)", x=1.0),
        ["dashed", "!", "red", "seed", "share", "two arrows", "gen", "float64"],
    ),
    "orders": (
        derivative,
        ["dashed", "seed", "share", "two arrows", "gen", "y", "y''", "float64"],
    ),
    "elements": (
        lambda: graph_of("W[0]*2", W=[2.0, 5.0]),
        ["dashed", "seed", "[ ]", "gen", "float64"],
    ),
    "elements of no pass": (
        lambda: graph_of("W[0]*2", W=[2.0, 5.0], backward=False),
        ["gen", "float64"],
    ),
    "noise": (lambda: graph_of("0.1 + x - 0.3", x=0.2), ["dashed", "seed", "gen", "float64", "~0"]),
    "folded": (
        lambda: fold(graph_of("; ".join(["y = x", *["y = sin(y)"] * 30, "y"]), x=1.0)),
        ["dashed", "seed", "float64", "frame", "a .. b", "dashed arrow"],
    ),
}


@pytest.mark.parametrize("case", OCCUR)
def test_the_marks_that_occur(case):
    make, expected = OCCUR[case]
    assert words(make()) == expected


def test_all_of_them_or_none():
    graph = graph_of("sin(x)", x=1.0, retain_grad=True)
    every = words(graph, Look(legend="on"))
    for make, expected in OCCUR.values():
        known = {word.rstrip("'") for word in every} | {"y"}
        assert {word.rstrip("'") for word in expected} <= known
        assert marks(make(), Look(legend="off")) == []
        assert marks(make(), Look(hide=("caption",))) == []
    assert len(every) == len(set(every))


def test_what_is_hidden_is_not_explained():
    graph = graph_of(PATHS, x=3.0, w=2.0)
    assert words(graph, Look(hide=("grad",))) == ["gen", "float64"]
    assert words(graph, Look(hide=("generation", "data"))) == [
        "dashed",
        "seed",
        "share",
        "two arrows",
    ]
    assert words(graph, Look(show=("dtype",)))[-1] == "gen"
    assert "share" not in words(graph, Look(contributions="none"))


def test_an_edge_without_a_number_means_all_of_it_only_where_it_does():
    whole = "no number: all of it"
    assert whole in key_line(marks(graph_of(PATHS, x=3.0, w=2.0), Look()))
    graph = graph_of(PATHS, x=3.0, w=2.0)
    lost = next(edge for edge in graph.edges if edge.source == "v2")
    edges = tuple(e._replace(contribution=None) if e is lost else e for e in graph.edges)
    assert whole not in key_line(marks(graph._replace(edges=edges), Look()))
    assert whole not in key_line(marks(graph, Look(contributions="all")))


def test_generations_are_said_to_decide_only_where_the_pass_went_so():
    graph = graph_of("sin(cos(x))", x=1.0)
    assert "gen: backward takes the highest first" in key_line(marks(graph, Look()))
    turned = tuple(
        node._replace(back=3 - node.back) if node.id.startswith("f") else node
        for node in graph.nodes
    )
    assert "gen: generation" in key_line(marks(graph._replace(nodes=turned), Look()))


def test_where_generations_tie_the_order_is_shown_and_explained():
    tied = graph_of("sin(x) + cos(x)", x=1.0)
    for format in ("dot", "svg", "mermaid"):
        text = dzviz.render(tied, format).decode()
        assert re.findall(r"back (\d)", text) == ["2", "3", "1"] or "back" in text
    dot = dzviz.render(tied, "dot").decode()
    assert r"sin\ngen 0\nback 3" in dot
    assert r"cos\ngen 0\nback 2" in dot
    assert r"+\ngen 1\nback 1" in dot
    assert "back: order in backward" in dot.replace("\\n", " ")
    assert "back" not in dzviz.render(graph_of("sin(cos(x))", x=1.0), "dot").decode().replace(
        "backward", ""
    )
    shown = dzviz.render(graph_of("sin(cos(x))", x=1.0), "dot", show=("order",)).decode()
    assert "back 2" in shown
    assert "back 3" not in dzviz.render(tied, "dot", hide=("order",)).decode()


@pytest.mark.parametrize("case", OCCUR)
@pytest.mark.parametrize("style", ["boxes", "merged", "refs"])
def test_the_key_lies_within_the_picture_and_names_each_mark(case, style):
    graph = OCCUR[case][0]()
    if style == "refs" and graph.folded:
        return
    picture = ElementTree.fromstring(dzviz.render(graph, "svg", style=style))
    left, top, width, height = map(float, picture.get("viewBox").split())
    (key,) = [g for g in picture.iter(f"{SVG}g") if g.get("aria-label") == "key"]
    found = list(key.iter(f"{SVG}title"))
    assert len(found) == len(list(key))
    for text in key.iter(f"{SVG}text"):
        assert left <= float(text.get("x")) <= left + width
        assert top <= float(text.get("y")) <= top + height
    nodes = [g for g in picture.iter(f"{SVG}g") if g.get("data-id")]
    lowest = max(
        float(rect.get("y")) + float(rect.get("height"))
        for g in nodes
        for rect in g.iter(f"{SVG}rect")
    )
    assert all(float(text.get("y")) > lowest for text in key.iter(f"{SVG}text"))


def test_in_plain_formats_it_is_words_in_ascii():
    graph = graph_of("log(x - x)", x=1.0)
    for format in ("dot", "mermaid"):
        text = dzviz.render(graph, format).decode()
        assert text.isascii()
    dot = dzviz.render(graph, "dot").decode().replace("\\n", " ")
    assert key_line(marks(graph, Look())) in dot


def test_a_large_graph_is_not_looked_at_edge_by_edge():
    from dezero import Variable
    from dzviz.sources.snapshot import snapshot

    x = Variable(np.array(1.0), "x")
    y = x
    for _ in range(600):
        y = y * 1.0001
    y.backward()
    graph = snapshot(y)
    assert "share" not in words(graph)
    assert words(graph)[0] == "dashed"
