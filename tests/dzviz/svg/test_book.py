"""The style book: what the two panels show, and that text stays where it belongs."""

import re
import xml.etree.ElementTree as ET
from math import hypot

import numpy as np
import pytest
from support.colours import contrast
from support.graphs import CORPUS, graph_of, with_events

from dzviz.formats import FORMATS
from dzviz.options import Layout, Look
from dzviz.svg import fonts
from dzviz.svg.book.values import short
from dzviz.svg.timeline import frames, timeline
from dzviz.text.numbers import value_lines
from dzviz.themes import THEMES

NAMESPACE = "{http://www.w3.org/2000/svg}"


def svg_of(graph, **look):
    text = "".join(FORMATS["svg"].write(graph, Look(style="book", **look), Layout()))
    return ET.fromstring(text)


def panels(root):
    """From a panel and an id to the group."""
    found = {}
    for group in root.iter(f"{NAMESPACE}g"):
        if group.get("data-id"):
            found.setdefault(group.get("data-panel"), {})[group.get("data-id")] = group
    return found


def words(group):
    return [text.text for text in group.iter(f"{NAMESPACE}text")]


def filled(group):
    """Which halves are filled: of a Variable those of its circle, of a Function its small boxes."""
    small = [r for r in group.iter(f"{NAMESPACE}rect") if r.get("rx") == "6"]
    if small:
        return [rect.get("stroke-dasharray") is None for rect in small]
    arcs = [path for path in group.iter(f"{NAMESPACE}path") if path.get("fill") != "none"]
    sweeps = {re.search(r" 0 0 ([01]) ", path.get("d"))[1] for path in arcs}
    return ["1" in sweeps, "0" in sweeps]


def labels(root, panel):
    return {
        group.get("data-label"): words(group)[-1]
        for group in root.iter(f"{NAMESPACE}g")
        if group.get("data-label") and group.get("data-panel") == panel
    }


def test_sin():
    root = svg_of(graph_of("sin(x)", x=1.0, retain_grad=True))
    forward, backward = panels(root)["forward"], panels(root)["backward"]
    assert words(forward["v0"]) == ["1", "data", "grad None", "x"]
    assert words(backward["v0"]) == ["1", "data", "0.5403", "grad", "x"]
    assert words(backward["v1"]) == ["0.8415", "data", "1", "grad", "y", "seed 1"]
    assert words(forward["f0"]) == ["sin", "forward", "backward", "gen 0"]
    assert labels(root, "forward") == {}  # the circles say it
    assert labels(root, "backward") == {"e0": "0.5403"}


@pytest.mark.parametrize("make", CORPUS.values(), ids=CORPUS)
def test_numbers_are_the_largest(make):
    root = svg_of(make())
    sizes = {"value": set(), "other": set()}
    for groups in panels(root).values():
        for id, group in groups.items():
            for text in group.iter(f"{NAMESPACE}text"):
                number = id[0] == "v" and re.fullmatch(r"-?\d[\d.]{,5}", text.text)
                sizes["value" if number else "other"].add(float(text.get("font-size")))
    if sizes["value"]:
        assert min(sizes["value"]) >= max(sizes["other"] | {12.0})


def test_circles_are_full():
    """Text takes a third of a circle's height at least, and of its width in the widest one."""
    for groups in panels(svg_of(graph_of("a = x*x; a*sin(a)", x=3.0))).values():
        shares = []
        for id, group in groups.items():
            if id[0] == "v":
                size = 2 * float(group.find(f"{NAMESPACE}ellipse").get("rx"))
                texts = [t for t in group.iter(f"{NAMESPACE}text") if t.get("font-weight") is None]
                heights = sum(float(text.get("font-size")) for text in texts)
                widest = max(measured(t.text, float(t.get("font-size"))) for t in texts)
                assert heights / size > 0.33, id
                shares.append(widest / size)
        assert max(shares) > 0.55


def test_what_is_there_is_filled():
    found = panels(svg_of(graph_of("sin(x)", x=1.0)))
    assert filled(found["forward"]["v0"]) == [True, False]
    assert filled(found["backward"]["v0"]) == [True, True]
    assert filled(found["backward"]["v1"]) == [True, False]
    assert "(was 1)" in words(found["backward"]["v1"])
    assert filled(found["forward"]["f0"]) == [True, False]
    assert filled(found["backward"]["f0"]) == [False, True]


def test_without_a_pass_there_is_one_panel():
    assert set(panels(svg_of(graph_of("sin(x)", x=1.0, backward=False)))) == {"forward"}


def test_arrows_turn_round():
    found = panels(svg_of(graph_of("sin(x)", x=1.0)))
    assert found["forward"]["e0"].get("aria-label") == "from x to sin"
    assert found["backward"]["e0"].get("aria-label") == "from sin to x"
    tips = [
        float(found[panel]["e0"].find(f"{NAMESPACE}polygon").get("points").split()[1].split(",")[0])
        for panel in ("forward", "backward")
    ]
    assert tips[0] > tips[1]


def test_constants_have_no_gradient_and_get_none():
    found = panels(svg_of(graph_of("x*2", x=1.0)))
    assert words(found["backward"]["v1"]) == ["2", "data"]
    assert found["backward"]["e1"].find(f"{NAMESPACE}polygon") is None
    assert found["forward"]["e1"].find(f"{NAMESPACE}polygon") is not None


def test_no_arrow_leads_back_to_what_gets_no_gradient():
    graph = graph_of("softmax_cross_entropy(x, t)*x[0, 0]", x=[[1.0, 2.0]], t=[0])
    names = {node.id: node.name for node in graph.nodes if node.id[0] == "v"}
    found = panels(svg_of(graph))
    for number, edge in enumerate(graph.edges):
        shown = [found[panel][f"e{number}"] for panel in ("forward", "backward")]
        heads = [group.find(f"{NAMESPACE}polygon") is not None for group in shown]
        assert heads == [True, names.get(edge.source) != "t"], edge


def test_the_panels_are_the_same_but_for_their_height():
    found = panels(svg_of(graph_of("a = x**2; a*sin(a)", x=3.0)))
    shifts = set()
    for id, group in found["forward"].items():
        if id[0] != "e":
            a, b = group[1], found["backward"][id][1]
            assert a.get("cx") == b.get("cx")
            assert a.get("x") == b.get("x")
            y = "cy" if a.get("cy") else "y"
            shifts.add(round(float(b.get(y)) - float(a.get(y)), 1))
    assert len(shifts) == 1


@pytest.mark.parametrize("make", CORPUS.values(), ids=CORPUS)
def test_values_stay_within_their_circles(make):
    for groups in panels(svg_of(make())).values():
        for id, group in groups.items():
            if id[0] != "v":
                continue
            circle = group.find(f"{NAMESPACE}ellipse")
            x, y, radius = (float(circle.get(key)) for key in ("cx", "cy", "rx"))
            for text in group.iter(f"{NAMESPACE}text"):
                dx, dy = float(text.get("x")) - x, float(text.get("y")) - y
                if dy < radius:  # not the name
                    half = measured(text.text, float(text.get("font-size"))) / 2
                    assert hypot(abs(dx) + half, dy) < radius


def measured(text, size):
    from PIL import ImageFont

    return ImageFont.truetype(fonts.open_sans("Regular"), 100).getlength(text) * size / 100


@pytest.mark.parametrize("make", CORPUS.values(), ids=CORPUS)
@pytest.mark.parametrize("rank_dir", ["LR", "TB"])
def test_nodes_do_not_overlap(make, rank_dir):
    for groups in panels(svg_of(make(), rank_dir=rank_dir)).values():
        boxes = []
        for id, group in groups.items():
            if id[0] == "v":
                circle = group.find(f"{NAMESPACE}ellipse")
                x, y, r = (float(circle.get(key)) for key in ("cx", "cy", "rx"))
                boxes.append((x - r, y - r, x + r, y + r))
            elif id[0] == "f":
                x, y, w, h = (float(group[1].get(k)) for k in ("x", "y", "width", "height"))
                boxes.append((x, y, x + w, y + h))
        for i, a in enumerate(boxes):
            for b in boxes[:i]:
                assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]


def off(group, point):
    """How far a point is from the outline of a node."""
    circle = group.find(f"{NAMESPACE}ellipse")
    if circle is not None:
        x, y, radius = (float(circle.get(key)) for key in ("cx", "cy", "rx"))
        return abs(hypot(point[0] - x, point[1] - y) - radius)
    x, y, wide, high = (float(group[1].get(k)) for k in ("x", "y", "width", "height"))
    dx = max(x - point[0], 0, point[0] - x - wide)
    return hypot(dx, max(y - point[1], 0, point[1] - y - high))


@pytest.mark.parametrize(
    ("expression", "order"), [("x**3 * sin(x)", 2), ("sin(x) * tanh(x) + tanh(x)", 1)]
)
@pytest.mark.parametrize("name", ["x", "a_name_of_20_letters"])
def test_arrows_go_from_node_to_node(expression, order, name):
    graph = with_events(expression.replace("x", name), order=order, **{name: 1.2})
    graph = graph._replace(events=())
    for groups in panels(svg_of(graph)).values():
        for number, edge in enumerate(graph.edges):
            arrow = groups[f"e{number}"]
            line = arrow.find(f"{NAMESPACE}path").get("d")
            head = arrow.find(f"{NAMESPACE}polygon")
            if head is None:
                continue
            begin = tuple(map(float, line[1:].partition("L")[0].split(",")))
            tip = tuple(map(float, head.get("points").split()[1].split(",")))
            ends = {edge.source, edge.target}
            near = {id for id in ends if min(off(groups[id], begin), off(groups[id], tip)) < 4}
            assert near == ends, number


@pytest.mark.parametrize(
    ("expression", "order"), [("a = x**2; a*sin(a)", 0), ("x**3 * sin(x)", 1), ("x*x + x", 0)]
)
def test_in_a_film_nothing_flows_out_of_a_function_before_its_turn(expression, order):
    graph = with_events(expression, order=order, x=3.0)
    film = timeline(graph, Look(style="book"), Layout())
    functions = {f"e{i}": edge.target for i, edge in enumerate(graph.edges) if edge.arg is not None}
    popped, flows = set(), 0
    for step, frame in zip(film.steps[:-1], frames(film), strict=False):
        for event in (graph.events[i] for i in step.events):
            popped = set() if event.kind == "seed" else popped
            popped |= {event.function} if event.kind == "pop" else set()
        shown = {functions[label] for label in labels(ET.fromstring(frame), "backward")}
        assert shown <= popped, step.text
        flows += len(shown)
    assert flows


def test_large_values_are_short():
    look = Look()
    assert short(np.arange(100.0), look) == ["(100,)", "0 .. 99"]
    assert short(np.array([np.nan, 1.0, 2.0] * 5), look) == ["(15,)", "5 NaN"]
    assert short(np.arange(4.0).reshape(2, 2), look) == ["(2, 2)", "0 .. 3"]
    assert short(np.zeros((0, 3)), look) == ["(0, 3)", "empty"]
    assert short(np.float64(-1.234e-10), look) == ["-1.234e-10"]


def test_a_number_is_never_cut():
    assert short(np.float64(-1e-9 / 3), Look(precision=12)) == ["-3.33333333333e-10"]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("softmax_cross_entropy", ["softmax_cross_", "entropy"]),
        ("a_name_of_20_columns", ["a_name_of_20_columns"]),
        ("net.layers.0.self_attn.weight", ["net.layers.0.self_", "attn.weight"]),
        ("axis=(0, 1, 2), keepdims=True", ["axis=(0, 1, 2),", "keepdims=True"]),
        ("__" + "x" * 30, ["__", "x" * 30]),
        ("x" * 30, ["x" * 30]),
        ("einsum ...ij,...j->...i", ["einsum", "...ij,...j->...i"]),
    ],
)
def test_long_names_are_broken_and_whole(name, lines):
    graph = graph_of("sin(x)", x=1.0)
    x, sin, y = graph.nodes
    graph = graph._replace(nodes=(x._replace(name=name), sin._replace(label=name), y))
    for direction in ("LR", "TB"):
        root = svg_of(graph, rank_dir=direction)
        for drawn in panels(root).values():
            assert words(drawn["v0"])[-len(lines) :] == lines
            assert words(drawn["f0"])[: len(lines)] == lines
            box = next(drawn["f0"].iter(f"{NAMESPACE}rect"))
            top, high = float(box.get("y")), float(box.get("height"))
            written = list(drawn["f0"].iter(f"{NAMESPACE}text"))[: len(lines) + 2]
            assert all(top < float(text.get("y")) < top + high for text in written)
            assert float(box.get("width")) > max(map(len, lines)) * 7.5


def test_as_dot_it_is_plain():
    write = FORMATS["dot"].write
    graph = graph_of("sin(x)", x=1.0)
    plain = list(write(graph, Look(legend="on"), Layout()))
    assert list(write(graph, Look(style="book", legend="on"), Layout())) == plain


@pytest.mark.parametrize("name", THEMES)
def test_text_has_the_contrast_of_level_aa(name):
    theme = THEMES[name]
    for paint in (*theme.functions, theme.trouble):
        assert contrast(theme.background, paint.line) >= 4.5
    surfaces = (theme.variable, theme.intermediate, theme.released, theme.constant, theme.trouble)
    for paint in surfaces:
        assert contrast(theme.quiet, paint.fill) >= 4.5
        assert contrast(paint.line, paint.fill) >= 3


def test_a_picture_has_no_character_of_its_own():
    text = "".join(FORMATS["svg"].write(CORPUS["sin"](), Look(style="book"), Layout()))
    assert text.isascii()
    assert not re.search("class=|marker|dominant-baseline|<style", text)


def test_an_array_is_written_in_full_or_as_its_shape_and_range():
    dice = np.random.default_rng(3)
    look = Look()
    for power in (0, 1, -3, -9, 12):
        for size in (1, 2, 3, 9):
            value = dice.normal(size=size) * 10.0**power
            for array in (value, value.reshape(-1, 1), -np.abs(value)):
                first, *rest = short(array, look)
                if [first, *rest] == value_lines(array, look):
                    continue
                assert first == str(array.shape)
                low, high = rest[0].split(" .. ")
                assert float(low) == pytest.approx(array.min(), rel=0.5)
                assert float(high) == pytest.approx(array.max(), rel=0.5)
    assert short(np.array([-0.55, -0.61, -0.7, -0.5]), look) == ["(4,)", "-0.7 .. -0.5"]
    assert short(np.full(9, 0.25), look) == ["(9,)", "all 0.25"]


def test_what_was_recorded_has_both_panels_and_a_film_has_one():
    graph = with_events("x*sin(x)", x=1.0)
    still = "".join(FORMATS["svg"].write(graph, Look(style="book"), Layout()))
    alone = graph._replace(events=())
    assert still == "".join(FORMATS["svg"].write(alone, Look(style="book"), Layout()))
    paint = Look().colours.functions[0].line
    for half in ("forward", "backward"):  # of each of two Functions the half that runs is filled
        assert len(re.findall(f'fill="{paint}"[^>]*/>\n<text[^>]*>{half}<', still)) == 2
    film = list(frames(timeline(graph, Look(style="book"), Layout())))
    assert all(len(panels(ET.fromstring(frame))) == 1 for frame in film)
