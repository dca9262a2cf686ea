"""SVG: every node and edge is there, named, inside the picture, and nothing else."""

import xml.etree.ElementTree as ET

import pytest
from support.graphs import CORPUS, graph_of

from dzviz.formats import FORMATS
from dzviz.options import Layout, Look

NAMESPACE = "{http://www.w3.org/2000/svg}"
TAGS = {"svg", "title", "desc", "rect", "g", "path", "polygon", "ellipse", "text"}


def svg_of(graph, look=Look()):
    return "".join(FORMATS["svg"].write(graph, look, Layout()))


def parts(root):
    return {
        g.get("data-id"): (g.get("aria-label"), g.find(f"{NAMESPACE}title").text)
        for g in root.iter(f"{NAMESPACE}g")
        if g.get("data-id")
    }


@pytest.mark.parametrize("make", CORPUS.values(), ids=CORPUS)
def test_every_node_and_edge_is_named(make):
    graph = make()
    root = ET.fromstring(svg_of(graph))
    found = parts(root)
    assert set(found) == {node.id for node in graph.nodes} | {
        f"e{i}" for i in range(len(graph.edges))
    }
    assert all(label and title for label, title in found.values())
    assert root.get("role") == "graphics-document"
    assert root.find(f"{NAMESPACE}title").text
    assert root.find(f"{NAMESPACE}desc").text.startswith("Computational graph of")


def test_edges_are_named_in_words():
    found = parts(ET.fromstring(svg_of(graph_of("sin(x)", x=1.0))))
    assert found["e0"][0] == "from x to sin"
    assert found["e1"][0] == "from sin to y"
    assert "a share of the gradient flowed back along it: 0.5403" in found["e0"][1]


def test_tooltips_have_twelve_digits():
    found = parts(ET.fromstring(svg_of(graph_of("sin(x)", x=1.0))))
    assert "grad 0.540302305868" in found["v0"][1].splitlines()[0]
    assert "0.5403023058681" not in found["v0"][1]


@pytest.mark.parametrize("make", CORPUS.values(), ids=CORPUS)
def test_everything_is_inside(make):
    root = ET.fromstring(svg_of(make()))
    left, top, width, height = map(float, root.get("viewBox").split())
    for element in root.iter():
        for name, low, size in (("x", left, width), ("y", top, height), ("cx", left, width)):
            if element.get(name):
                assert low <= float(element.get(name)) <= low + size


def test_two_edges_of_a_square_are_drawn_apart():
    root = ET.fromstring(svg_of(graph_of("x*x", x=3.0)))
    paths = [path.get("d") for path in root.iter(f"{NAMESPACE}path")]
    assert len(set(paths)) == 3


def positions(graph, look=Look(), room=None):
    root = ET.fromstring("".join(FORMATS["svg"].write(graph, look, Layout(room=room))))
    shapes = {}
    for g in root.iter(f"{NAMESPACE}g"):
        if g.get("data-id"):
            shape = next(
                e for e in g if e.tag.removeprefix(NAMESPACE) in ("rect", "ellipse", "path")
            )
            shapes[g.get("data-id")] = {
                name: shape.get(name) for name in ("x", "y", "width", "height", "cx", "cy", "d")
            }
    return root.get("viewBox"), shapes


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("a = x*x; a*sin(a) + x", {"x": 3.0}),
        ("sum(tanh(x@W + b))", {"x": [[1, 2]], "W": [[1, 2, 3], [4, 5, 6]], "b": [0, 0, 0]}),
    ],
)
def test_nothing_moves_with_the_state_of_the_gradients(expression, values):
    full = graph_of(expression, **values)
    forward = graph_of(expression, **values, backward=False)
    kept = graph_of(expression, **values, retain_grad=True)
    assert positions(full) == positions(kept)
    assert positions(full)[1] == positions(forward, room=full)[1]


def test_the_auto_theme_has_both_sets_of_colours():
    text = svg_of(graph_of("sin(x)", x=1.0), Look(theme="auto"))
    assert "prefers-color-scheme: dark" in text
    assert 'fill="#ffe8c7"' in text
    assert '[fill="#ffe8c7"]{fill:#4a3413}' in text


def test_backgrounds():
    graph = graph_of("sin(x)", x=1.0)
    rects = [
        ET.fromstring(svg_of(graph, Look(background=b))).findall(f"{NAMESPACE}rect")
        for b in ("", "#fffff0", "transparent")
    ]
    assert [len(found) for found in rects] == [1, 1, 0]
    assert rects[1][0].get("fill") == "#fffff0"
