"""SVG: every node and edge is there, named, inside the picture, and nothing else."""

import xml.etree.ElementTree as ET

import pytest
from support.graphs import CORPUS, graph_of

from dzviz.formats import FORMATS
from dzviz.options import Layout, Look
from dzviz.text.typeset import plain
from dzviz.themes import THEMES

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
    steady = Look(steady=True)
    assert positions(full, steady) == positions(kept, steady)
    assert positions(full, steady)[1] == positions(forward, steady, room=full)[1]


def test_boxes_hug_their_text_where_nothing_is_to_stay():
    full = graph_of("a = x*x; a*sin(a) + x", x=3.0)
    kept = graph_of("a = x*x; a*sin(a) + x", x=3.0, retain_grad=True)
    heights = [float(positions(graph)[1]["v1"]["height"]) for graph in (full, kept)]
    assert heights[1] < heights[0] - 10  # a line less


def test_an_output_does_not_look_like_what_is_thrown_away():
    root = ET.fromstring(svg_of(graph_of("a = x*x; sin(a)", x=3.0)))
    rects = {
        g.get("data-id"): rect
        for g in root.iter(f"{NAMESPACE}g")
        if (rect := g.find(f"{NAMESPACE}rect")) is not None
    }
    assert rects["v2"].get("fill") == rects["v0"].get("fill") != rects["v1"].get("fill")
    assert rects["v2"].get("stroke-dasharray")


def test_the_auto_theme_has_both_sets_of_colours():
    text = svg_of(graph_of("sin(x)", x=1.0), Look(theme="auto"))
    assert ".dzviz-auto:root{color-scheme:light dark}" in text
    assert 'fill="#ffe8c7"' in text
    assert '[fill="#ffe8c7"]{fill:light-dark(#ffe8c7,#4a3413)}' in text


def test_backgrounds():
    graph = graph_of("sin(x)", x=1.0)
    rects = [
        ET.fromstring(svg_of(graph, Look(background=b))).findall(f"{NAMESPACE}rect")
        for b in ("", "#fffff0", "transparent")
    ]
    assert [len(found) for found in rects] == [1, 1, 0]
    assert rects[1][0].get("fill") == "#fffff0"


@pytest.mark.parametrize("rank_dir", ["LR", "TB"])
def test_a_share_points_back(rank_dir):
    graph = graph_of("a = x*x; a*sin(a)", x=3.0)
    picture = ET.fromstring(svg_of(graph, Look(rank_dir=rank_dir)))
    groups = [g for g in picture.iter(f"{NAMESPACE}g") if g.get("data-label")]
    heads = [(g.find(f"{NAMESPACE}polygon"), g.findall(f"{NAMESPACE}text")[-1]) for g in groups]
    assert len(heads) == 4
    for head, text in heads:
        assert text.text.startswith("share ")
        assert head.get("fill") == text.get("fill") == THEMES["light"].contribution
        corners = [tuple(map(float, c.split(","))) for c in head.get("points").split()]
        tip, *base = corners
        if rank_dir == "LR":
            assert all(tip[0] < x for x, _ in base)
        else:
            assert all(tip[1] < y for _, y in base)
        assert max(x for x, _ in corners) < float(text.get("x"))


def test_the_lines_of_trouble_stand_on_a_ground_of_their_own():
    picture = ET.fromstring(svg_of(graph_of("log(x - x) * 0", x=1.0)))
    red = THEMES["light"].trouble
    texts = [t for t in picture.iter(f"{NAMESPACE}text") if t.get("fill") == red.line]
    strips = [r for r in picture.iter(f"{NAMESPACE}rect") if r.get("fill") == red.fill]
    said = {plain(text.text) for text in texts}
    assert {
        "grad NaN",
        "data -inf",
        "data NaN",
        "first infinity in forward",
        "grad 0 * slope inf = NaN",
    } <= said
    assert "share NaN" in said
    for text in texts:
        if not text.text.startswith(("share", "NaN")):
            x, y, size = (float(text.get(key)) for key in ("x", "y", "font-size"))
            assert any(
                abs(float(r.get("x")) + float(r.get("width")) / 2 - x) < 0.1
                and float(r.get("y")) < y < float(r.get("y")) + float(r.get("height"))
                for r in strips
            ), text.text
            assert size > 0
    boxes = [r for r in picture.iter(f"{NAMESPACE}rect") if r.get("stroke") == red.line]
    assert boxes == []
