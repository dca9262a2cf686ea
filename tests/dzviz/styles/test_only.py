"""--only: one thing alone, in every style and format that can."""

import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from support.graphs import graph_of, with_events

from dzviz.errors import UsageError
from dzviz.formats import FORMATS
from dzviz.options import ONLY, Layout, Look, View
from dzviz.pipeline import Given, prepare
from dzviz.python.api import render
from dzviz.styles import scene_of
from dzviz.svg.timeline import frames, timeline

EXPRESSION = "a = x**2; a*sin(a) + 2*x*W[0]"


def example(**options):
    return graph_of(EXPRESSION, x=3.0, W=[2.0, 5.0], **options)


def drawn(graph, format="svg", **look):
    return render(graph, format, **look).decode()


def texts(svg):
    root = ElementTree.fromstring(svg)
    return [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("style", ["boxes", "merged", "book"])
def test_forward_has_values_and_nothing_of_gradients(style):
    svg = drawn(example(), only="forward", style=style)
    assert not re.search(r"grad|seed|gen \d|stroke-dasharray=\"5 3\"", " ".join(texts(svg)))
    assert 'stroke-dasharray="5 3"' not in svg
    assert any("0.4121" in text for text in texts(svg))


@pytest.mark.parametrize("style", ["boxes", "merged"])
def test_backward_turns_arrows_to_where_gradients_go(style):
    graph = example()
    look = Look(only="backward", style=style)
    scene, plain = scene_of(graph, look), scene_of(graph, Look(style=style))
    ends = {arrow.id: (arrow.source, arrow.target) for arrow in plain.arrows}
    shown = {shape.id for shape in scene.shapes}
    assert scene.arrows
    for arrow in scene.arrows:
        assert (arrow.target, arrow.source) == ends[arrow.id]
        assert arrow.back
        assert {arrow.source, arrow.target} <= shown
    constants = {n.id for n in graph.nodes if getattr(n, "role", "") == "constant"}
    assert constants
    assert not constants & shown
    assert scene.caption[-1] == "arrows: as gradients flow; what gets none is left out"


def test_shares_on_turned_arrows_add_up_to_the_gradient():
    graph = example(retain_grad=True)
    a = next(node for node in graph.nodes if getattr(node, "name", None) == "a")
    arrows = scene_of(graph, Look(only="backward", precision=12)).arrows
    shares = [
        float(re.search(r"-?[\d.]+$", each.label)[0]) for each in arrows if each.target == a.id
    ]
    assert len(shares) == 2
    assert sum(shares) == pytest.approx(np.sin(9) + 9 * np.cos(9), rel=1e-9)


def test_heads_point_back_in_the_picture():
    svg = ElementTree.fromstring(drawn(graph_of("sin(x)", x=1.0), only="backward"))
    (head,) = [
        polygon.get("points")
        for group in svg.iter()
        if group.get("aria-label") == "from sin to x"
        for polygon in group
        if polygon.tag.endswith("polygon")
    ]
    xs = [float(point.split(",")[0]) for point in head.split()]
    assert xs[1] < xs[0]


@pytest.mark.parametrize("style", ["boxes", "merged", "book"])
def test_shapes_are_those_of_numpy(style):
    graph = with_events("sum(tanh(X@W + b))", X="randn(5,3)", W="randn(3,4)", b="zeros(4)")
    words = texts(drawn(graph._replace(events=()), only="shapes", style=style))
    lines = [
        re.search(r"\([\d, ]*\)", word)[0] for word in words if re.search(r"\([\d, ]*\)$", word)
    ]
    assert sorted(lines) == sorted(["(5, 3)", "(3, 4)", "(4,)", "(5, 4)", "(5, 4)", "(5, 4)", "()"])
    assert not re.search(r"data|grad|mean|gen \d", " ".join(words))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_derivative_is_what_computes_it(order):
    graph = with_events("tanh(x)", x=1.0, order=order)._replace(events=())
    whole = json.loads(drawn(graph, "json"))
    part = json.loads(drawn(graph, "json", only="derivative"))
    own = {node["id"] for node in whole["nodes"] if node.get("order") == order}
    kept = {node["id"] for node in part["nodes"]}
    assert own <= kept < {node["id"] for node in whole["nodes"]}
    for link in whole["edges"]:
        if link["target"] in own:
            assert link["source"] in kept


def test_what_there_is_not_is_told():
    for look, words in (
        ({"only": "derivative"}, "--only derivative needs a derivative"),
        ({"only": "forward", "style": "refs"}, "does not work with the style refs"),
        ({"only": "back"}, "only is one of forward, backward, shapes, derivative"),
    ):
        with pytest.raises(UsageError, match=words):
            drawn(graph_of("sin(x)", x=1.0), **look)
    with pytest.raises(UsageError, match="there is none"):
        drawn(graph_of("sin(x)", x=1.0, backward=False), only="backward")


@pytest.mark.parametrize("only", ONLY)
@pytest.mark.parametrize("style", ["boxes", "merged", "book"])
def test_every_format_has_it(only, style):
    graph = with_events("x**2 * sin(x)", x=1.2, order=1)
    look = Look(only=only, style=style)
    for format in FORMATS.values():
        if not format.binary:
            drawing = prepare(Given(graph), format, look, View(), Layout())
            assert "".join(drawing.chunks())


@pytest.mark.parametrize("only", ["forward", "backward"])
def test_a_film_has_it(only):
    graph = with_events(EXPRESSION, x=3.0, W="[2, 5]")
    drawing = prepare(Given(graph), FORMATS["animation"], Look(only=only), View(), Layout())
    pictures = list(frames(timeline(drawing.graph, drawing.look, drawing.layout)))
    assert len(pictures) > 8
    assert not any("grad" in " ".join(texts(p)[:-2]) for p in pictures) or only == "backward"
