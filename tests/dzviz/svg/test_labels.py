"""Labels of edges in pictures, read back from the SVG: each beside its edge, on nothing else."""

import json
import random
import re

import numpy as np
import pytest
from support.drawn import read, touched
from support.films import filmed
from support.graphs import CORPUS, graph_of

from dzviz.formats import FORMATS
from dzviz.graph.model import FunctionNode, Group
from dzviz.options import Layout, Look, View
from dzviz.pipeline import Computation, prepare
from dzviz.python.api import render
from dzviz.sources.expression import read as parsed
from dzviz.svg.timeline import frames, timeline
from tools.fuzzing.agreement import agreement_case

CASES = 100
"""So many random graphs are drawn in both directions."""


def drawn(text, values, **look):
    taken = Computation(parsed(text), values)
    picture = prepare(taken, FORMATS["svg"], Look(**look), View(fold="none"), Layout())
    return len(picture.graph.nodes), "".join(picture.chunks())


def some_graphs():
    dice = random.Random(20)
    found = 0
    while found < CASES:
        case = agreement_case(dice)
        values = {name: json.dumps(value) for name, value in case["at"].items()}
        nodes, svg = drawn(case["text"], values, contributions="all")
        if 8 <= nodes <= 60:
            found += 1
            yield case["text"], svg
            yield case["text"], drawn(case["text"], values, rank_dir="TB")[1]


@pytest.mark.thorough
def test_labels_touch_nothing_in_random_graphs():
    labels, bad = 0, []
    for text, svg in some_graphs():
        picture = read(svg)
        labels += len(picture.labels)
        bad += [(text, each) for each in touched(picture)]
    assert labels > 500
    assert not bad


@pytest.mark.parametrize("rank_dir", ["LR", "TB"])
@pytest.mark.parametrize("name", CORPUS)
def test_labels_touch_nothing(name, rank_dir):
    graph = CORPUS[name]()
    for style in ("boxes", "merged"):
        svg = render(graph, "svg", rank_dir=rank_dir, style=style, contributions="all").decode()
        assert not touched(read(svg))


EXAMPLE = "y = x**2; z = y - x; w = x/y; z - w"


def test_a_label_stands_near_its_own_edge():
    picture = read(drawn(EXAMPLE, {"x": "3"})[1])
    shares = [words for words in picture.labels if words.text.startswith("share")]
    assert len(shares) == 5
    for owner, text, (x0, y0, x1, y1) in shares:
        middle = np.array(((x0 + x1) / 2, (y0 + y1) / 2))
        away = {
            name: np.hypot(*(points - middle).T).min() for name, points in picture.arrows.items()
        }
        assert min(away, key=away.get) == owner, text


def test_the_reader_of_pictures_sees_a_label_on_an_edge():
    svg = drawn(EXAMPLE, {"x": "3"})[1]
    picture = read(svg)
    share = next(words for words in picture.labels if words.text == "share 1")
    x, y = picture.arrows["e3"][200]
    moved = re.sub(
        r'<text x="[\d.]+" y="[\d.]+"([^>]*>share 1<)', rf'<text x="{x}" y="{y}"\1', svg, count=1
    )
    assert share in picture.labels
    assert any("touches the arrow e3" in each for each in touched(read(moved)))


def operands(graph, format="svg", **look):
    """Return what is said of the operands of each Function, by its label."""
    if format == "svg":
        labels = read(render(graph, "svg", **look).decode()).labels
        words = {label.owner: label.text for label in labels if not label.text.startswith("share")}
        keys = {f"e{i}": edge for i, edge in enumerate(graph.edges)}
        said = [(keys[key], word) for key, word in words.items() if key in keys]
    names = {node.id: node.label for node in graph.nodes if isinstance(node, FunctionNode)}
    return sorted((names[edge.target], edge.arg, word) for edge, word in said)


def test_operands_out_of_order_are_told():
    graph = graph_of(EXAMPLE, x=3.0)
    assert operands(graph)[:2] == [("-", 0, "first"), ("-", 1, "second")]


@pytest.mark.parametrize("expression", ["x + y", "x * y", "maximum(x, y)", "x - x", "sin(x)"])
def test_where_the_order_does_not_matter_nothing_is_said(expression):
    values = {name: 2.0 for name in "xy" if name in expression.replace("max", "")}
    for format in ("svg", "dot", "mermaid"):
        text = render(graph_of(expression, **values), format).decode()
        assert "first" not in text


def test_where_the_order_is_seen_nothing_is_said():
    graph = graph_of("x - y", x=1.0, y=2.0)
    assert operands(graph) == []
    assert "headlabel" not in render(graph, "dot").decode()
    assert '|"first"|' in render(graph, "mermaid").decode()  # whose order nobody knows


def test_an_order_that_graphviz_may_not_keep_is_told():
    lines = render(graph_of(EXAMPLE, x=3.0), "dot").decode().splitlines()
    assert [line for line in lines if 'headlabel="first"' in line and "v1 -> f1" in line]


@pytest.mark.parametrize("rank_dir", ["LR", "TB"])
def test_what_is_said_of_operands_is_so(rank_dir):
    """Where nothing is said, the ends of the arrows are in the order of the operands."""
    for expression in (EXAMPLE, "(x - y) / (y - x) ** x", "a = x - y; b = y / a; a - b * x"):
        graph = graph_of(expression, **{n: 1.5 + i for i, n in enumerate("xy") if n in expression})
        picture = read(render(graph, "svg", rank_dir=rank_dir).decode())
        told = {label.owner for label in picture.labels}
        for node in graph.nodes:
            if isinstance(node, FunctionNode) and node.label in ("-", "/", "**"):
                keys = [f"e{i}" for i, e in enumerate(graph.edges) if e.target == node.id]
                tips = [picture.arrows[key][-2] for key in keys]  # of three corners the middle one
                places = [tip[0 if rank_dir == "TB" else 1] for tip in tips]
                assert places == sorted(places) or set(keys) <= told


def test_no_arrow_runs_through_the_label_of_a_frame():
    graph = graph_of("a = x*x; b = a*sin(a); c = b + x; d = c*a; d - b/x", x=3.0)
    ids = [node.id for node in graph.nodes]
    for start in range(1, 6):
        inner = Group("g1", "inner", "module", tuple(ids[start + 2 : start + 5]), "g0")
        outer = Group("g0", "block", "module", tuple(ids[start : start + 2]))
        framed = graph._replace(groups=(outer, inner))
        picture = read(render(framed, "svg").decode())
        assert {"g0", "g1"} <= {words.owner for words in picture.labels}
        assert not touched(picture)


SCALARS = {"x": "0.7", "w1": "1.2", "b1": "0.1", "w2": "-0.8", "b2": "0.3"}
ARRAYS = {"x": "[[1,2]]", "W1": "randn(2,3)", "b1": "zeros(3)", "W2": "randn(3,1)", "b2": "0"}
LAYERS = "sum(tanh(x@W1 + b1)@W2 + b2)"

DERIVATIVES = {
    "a product": ("sin(x)*x", {"x": "1"}, 3, None),
    "tanh": ("tanh(x)", {"x": "1"}, 3, None),
    "scalars": ("tanh(tanh(x*w1 + b1)*w2 + b2)", SCALARS, 2, "x"),
    "layers": (LAYERS, ARRAYS, 2, "x"),
    "weights": (LAYERS, ARRAYS, 1, "W1"),
}


def derivative(name, style):
    text, values, order, wrt = DERIVATIVES[name]
    taken = Computation(parsed(text), values, order=order, wrt=wrt)
    picture = prepare(taken, FORMATS["svg"], Look(style=style), View(fold="none"), Layout())
    return "".join(picture.chunks())


def away(box, points):
    """Return how far a box is from the nearest of these points."""
    x0, y0, x1, y1 = box
    dx = np.maximum(np.maximum(x0 - points[:, 0], points[:, 0] - x1), 0)
    dy = np.maximum(np.maximum(y0 - points[:, 1], points[:, 1] - y1), 0)
    return np.hypot(dx, dy).min()


@pytest.mark.parametrize("style", ["boxes", "merged"])
@pytest.mark.parametrize("name", DERIVATIVES)
def test_labels_of_derivatives_touch_nothing_and_say_which_operand_beside_it(name, style):
    svg = derivative(name, style)
    picture = read(svg)
    assert not touched(picture)
    for owner, text, box in picture.labels:
        if text in ("first", "second"):
            distances = {key: away(box, points) for key, points in picture.arrows.items()}
            assert min(distances, key=distances.get) == owner
            assert distances[owner] < 6
    for x1, y1, x2, y2 in re.findall(r'd="M([\d.]+),([\d.]+)L([\d.]+),([\d.]+)" [^>]*"0.6"', svg):
        line = np.linspace((float(x1), float(y1)), (float(x2), float(y2)), 50)[:-5]
        for left, top, right, bottom in picture.nodes.values():
            inside = (line > (left, top)).all(axis=1) & (line < (right, bottom)).all(axis=1)
            assert not inside.any()


@pytest.mark.parametrize("style", ["boxes", "merged"])
@pytest.mark.parametrize("name", DERIVATIVES)
def test_titles_of_frames_keep_off_the_boxes_beside_them(name, style):
    picture = read(derivative(name, style))
    titles = [words for words in picture.labels if words.owner not in picture.arrows]
    assert titles
    for _, _, (x0, y0, x1, y1) in titles:
        for left, top, right, bottom in picture.nodes.values():
            assert not (x0 - 6 < right and left < x1 + 6 and y0 < bottom and top < y1)


@pytest.mark.parametrize("style", ["boxes", "merged"])
def test_labels_touch_nothing_at_any_step(style):
    text, values, *_ = DERIVATIVES["scalars"]
    numbers = {name: float(value) for name, value in values.items()}
    film = timeline(filmed(text, **numbers), Look(style=style), Layout())
    drawn = [read(svg) for svg in frames(film)]
    assert len(drawn) > 20
    assert not [each for picture in drawn for each in touched(picture)]
