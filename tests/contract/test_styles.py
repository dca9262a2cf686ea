"""What every style of the table keeps."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pydot
import pytest
from support.graphs import CORPUS, graph_of

from dezero import Variable
from dzviz import render
from dzviz.formats import FORMATS, dot
from dzviz.graph.model import VariableNode
from dzviz.layout import place
from dzviz.options import Layout, Look
from dzviz.sources.snapshot import snapshot
from dzviz.styles import STYLES, scene_of
from dzviz.text.labels import with_longest_labels
from dzviz.text.typeset import plain
from dzviz.themes import AUTO, THEMES, colours

NAMESPACE = "{http://www.w3.org/2000/svg}"
TAGS = {"svg", "title", "desc", "rect", "g", "path", "polygon", "ellipse", "text"}


def written(graph, name, format="svg", room=None, **look):
    return "".join(FORMATS[format].write(graph, Look(style=name, **look), Layout(room=room)))


def ids(root):
    return {g.get("data-id") for g in root.iter(f"{NAMESPACE}g")} - {None}


def names(graph):
    return {node.id for node in graph.nodes if isinstance(node, VariableNode)}


def structure(dot):
    (graph,) = pydot.graph_from_dot_data(dot)
    nodes = [node.get_name() for node in graph.get_nodes()]
    return nodes, [(edge.get_source(), edge.get_destination()) for edge in graph.get_edges()]


def test_the_table_is_not_empty():
    assert {"boxes", "merged", "book", "refs"} <= set(STYLES)
    for name in STYLES:
        assert STYLES[name].code.__doc__.startswith("The style ``")
        assert STYLES[name].legend.isascii()


def test_a_style_draws_its_own_svg_or_leaves_it_to_its_scene():
    assert not hasattr(STYLES["boxes"].code, "canvas")
    assert hasattr(STYLES["book"].code, "canvas")


@pytest.mark.thorough
@pytest.mark.parametrize("name", STYLES)
@pytest.mark.parametrize("key", CORPUS)
def test_dot(name, key):
    text = written(CORPUS[key](), name, "dot")
    assert text == written(CORPUS[key](), name, "dot")
    assert text.isascii() or key == "names"
    assert names(CORPUS[key]()) <= set(structure(text)[0])


@pytest.mark.parametrize("name", STYLES)
@pytest.mark.parametrize("key", CORPUS)
def test_svg(name, key):
    text = written(CORPUS[key](), name)
    assert text == written(CORPUS[key](), name)
    assert plain(text).isascii() or key == "names"
    root = ET.fromstring(text)
    assert root.get("role") == "graphics-document"
    assert root.find(f"{NAMESPACE}title").text
    assert root.find(f"{NAMESPACE}desc").text.startswith("Computational graph of")
    assert names(CORPUS[key]()) <= ids(root)
    assert {element.tag.removeprefix(NAMESPACE) for element in root.iter()} <= TAGS
    groups = [group for group in root.iter(f"{NAMESPACE}g") if group.get("data-id")]
    for group in groups:
        assert group.get("aria-label")
        assert group.find(f"{NAMESPACE}title").text
    assert len({(g.get("data-id"), g.get("data-panel")) for g in groups}) == len(groups)


@pytest.mark.thorough
@pytest.mark.parametrize("name", STYLES)
@pytest.mark.parametrize("make", CORPUS.values(), ids=CORPUS)
@pytest.mark.parametrize("rank_dir", ["LR", "TB"])
def test_everything_is_inside(name, make, rank_dir):
    root = ET.fromstring(written(make(), name, rank_dir=rank_dir))
    left, top, wide, high = map(float, root.get("viewBox").split())
    for element in root.iter():
        x, y = element.get("x"), element.get("y")
        if x is not None:
            assert left <= float(x) <= left + wide
            assert top <= float(y) <= top + high
        if element.get("cx") is not None:
            reach = float(element.get("rx"))
            assert left <= float(element.get("cx")) - reach
            assert float(element.get("cx")) + reach <= left + wide


@pytest.mark.parametrize("name", STYLES)
@pytest.mark.parametrize("theme", [*THEMES, AUTO])
def test_only_the_colours_of_the_theme(name, theme):
    known = set(colours(THEMES["light" if theme == AUTO else theme]).values())
    for key in ("released", "not finite", "arrays"):
        text = written(CORPUS[key](), name, theme=theme)
        if theme == AUTO:
            assert "light-dark(" in text
            text = re.sub("<style>.*</style>", "", text)
        assert set(re.findall("#[0-9a-fA-F]{6}", text)) <= known
        used = re.findall('(?:fill|stroke)="([^"]*)"', text)
        assert set(used) <= known | {"none"}
        dot = written(CORPUS[key](), name, "dot", theme=theme)
        assert set(re.findall("#[0-9a-fA-F]{6}", dot)) <= known


def places(text):
    """Where each node of a picture, or of its first panel, is."""
    found = {}
    for group in ET.fromstring(text).iter(f"{NAMESPACE}g"):
        id = group.get("data-id")
        if id and id[0] in "vf" and group.get("data-panel") in (None, "forward"):
            shape = group[1]
            found[id] = [shape.get(key) for key in ("x", "y", "width", "height", "cx", "cy", "rx")]
    return found


@pytest.mark.parametrize("name", STYLES)
@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("a = x*x; a*sin(a) + x*0", {"x": 3.0}),
        ("sum(tanh(x@W + b))", {"x": [[1, 2]], "W": [[1, 2, 3], [4, 5, 6]], "b": [0, 0, 0]}),
    ],
)
def test_nothing_moves_with_the_state_of_the_gradients(name, expression, values):
    full = graph_of(expression, **values)
    forward = graph_of(expression, **values, backward=False)
    kept = graph_of(expression, **values, retain_grad=True)
    assert places(written(full, name, steady=True)) == places(written(kept, name, steady=True))
    assert places(written(full, name, steady=True)) == places(
        written(forward, name, room=full, steady=True)
    )


@pytest.mark.parametrize("name", STYLES)
def test_with_little_to_say(name):
    for hide in (("data",), ("grad",), ("name",), ("name", "data", "grad", "generation")):
        graph = CORPUS["released"]()
        assert names(graph) <= ids(ET.fromstring(written(graph, name, hide=hide)))
        assert names(graph) <= set(structure(written(graph, name, "dot", hide=hide))[0])


@pytest.mark.parametrize("name", STYLES)
def test_without_a_recorded_pass(name):
    x = Variable(np.array(2.0), "x")
    y = x * x
    for backward in (False, True):
        if backward:
            y.backward()
        ET.fromstring(render(y, "svg", style=name))


@pytest.mark.parametrize("name", STYLES)
def test_a_scene_has_every_arrows_ends(name):
    for make in CORPUS.values():
        graph = make()
        for state in (graph, with_longest_labels(graph), snapshot(Variable(np.ones(2)))):
            picture = scene_of(state, replace(Look(), style=name))
            shapes = [shape.id for shape in picture.shapes]
            assert len(set(shapes)) == len(shapes)
            for arrow in picture.arrows:
                assert {arrow.source, arrow.target} <= set(shapes)


@pytest.mark.parametrize("style", ["boxes", "merged"])
@pytest.mark.parametrize("rank_dir", ["LR", "TB"])
@pytest.mark.parametrize(
    "text", ["b - a*x", "b / (a*x)", "a*b - b", "c = a*x; (b - c) / c", "a - b"]
)
def test_the_first_operand_comes_in_first(style, rank_dir, text):
    graph = graph_of(text, a=2.0, b=3.0, x=5.0)
    look = Look(style=style, rank_dir=rank_dir)
    picture = scene_of(graph, look)
    arrows = list(picture.arrows)
    source = "".join(dot.lines(scene_of(graph, look), look, for_layout=True))
    edges = place(source, engine="wasm").edges
    ordered = {shape.id for shape in picture.shapes if shape.ordered}
    assert ordered
    for id in ordered:
        tips = [edges[f"e{i}"].tip for i, arrow in enumerate(arrows) if arrow.target == id]
        across = [tip[0 if rank_dir == "TB" else 1] for tip in tips]
        assert len(across) == 2
        assert across[0] < across[1]
