"""Sweeps as plots and films: what is drawn is what was computed, and nothing moves."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from support.sweeps import data_of, swept, text_at

from dzviz.graph.duplicates import spread
from dzviz.graph.sweep import Sweep
from dzviz.options import Layout, Look
from dzviz.page.data import Texts
from dzviz.page.swept import write
from dzviz.pipeline import Computation
from dzviz.sources.function import load
from dzviz.svg.curve import Curve
from dzviz.svg.scales import round_numbers, scale_of_axis, scale_of_values
from dzviz.svg.swept import over_values, plot, sheet_of
from dzviz.svg.timeline import frames
from dzviz.sweeps.axes import read_axes
from dzviz.sweeps.points import taken
from dzviz.text.metrics import text_width

SVG = "{http://www.w3.org/2000/svg}"
BRANCH = """
import numpy as np

def f(x):
    return np.exp(x) if x.data > 0 else np.sin(x) * 2
"""
EXAMPLE = "a = x**2; a*sin(a)"


def test_the_tangent_has_the_slope_of_the_derivative():
    for expression, axis, log in ((EXAMPLE, "x=-3:3:61", False), ("sqrt(x)", "x=0.1:9:31:log", 1)):
        sweep = swept(expression, axis)
        curve = Curve(sweep, 0, sweep.line(0, 0), Look())
        panel = curve.panels[0]
        for place, x in enumerate(curve.xs):
            found = re.search(r'd="M([\d.-]+),([\d.-]+)L([\d.-]+),([\d.-]+)"', curve.at(place))
            if found is None:
                assert not panel.scale.has(panel.values[place])
                continue
            x1, y1, x2, y2 = map(float, found.groups())
            drawn = (y2 - y1) / (x2 - x1)
            step = 1e-6
            f = {EXAMPLE: lambda v: v**2 * np.sin(v**2), "sqrt(x)": np.sqrt}[expression]
            ends = [x * (1 + side * step) if log else x + side * step for side in (-1, 1)]
            ys, xs = [panel.scale(f(v)) for v in ends], [curve.x(v) for v in ends]
            slope = (ys[1] - ys[0]) / (xs[1] - xs[0])
            assert drawn == pytest.approx(slope, rel=0.02, abs=0.02)


def test_a_plot_shows_each_value_and_says_its_marks():
    sweep = swept("log(x)", "x=-1:1:21")
    text = "".join(plot(sweep, Look()))
    tree = ElementTree.fromstring(text)
    words = tree.find(f"{SVG}desc").text
    assert words.startswith("Curves of y and dy/dx over x, 21 values from -1 to 1.")
    assert "y is NaN from x = -1 to x = -0.1 (10 of 21 values)" in words
    assert "y is -inf and dy/dx is inf at x = 0" in words
    shown = {element.text for element in tree.iter(f"{SVG}text")}
    assert {"NaN", "inf", "y", "dy/dx", "x", "\u22121"} <= shown
    dots = list(tree.iter(f"{SVG}ellipse"))
    assert len(dots) == 10 + 20  # y of the values above 0, dy/dx of all but 0
    scale = Curve(sweep, 0, sweep.line(0, 0), Look()).panels[0].scale
    heights = [float(dot.get("cy")) for dot in dots[:10]]
    assert heights == pytest.approx([scale(np.log(x / 10)) for x in range(1, 11)], abs=0.01)


def test_scales_keep_what_is_usual_in_sight():
    scale = scale_of_values([*np.linspace(0, 1, 50), 1e12, float("nan"), None], 0.0, 100.0)
    assert scale.has(0.5)
    assert not scale.has(1e12)
    for low, high in ((0, 1), (-3, 3), (1e-12, 2e-12), (-1e200, 3e200), (999.5, 1000.5)):
        ticks = round_numbers(low, high, 5)
        assert 3 <= len(ticks) <= 11
        assert all(low - 1e-9 * abs(low) <= tick <= high * (1 + 1e-9) for tick in ticks)
    log = scale_of_axis((0.001, 10.0), 0.0, 100.0, log=True)
    assert log.ticks(5) == pytest.approx([0.001, 0.01, 0.1, 1, 10])
    assert [log(v) for v in (0.001, 0.1, 10)] == pytest.approx([0, 50, 100])
    below = scale_of_axis((-100.0, -1.0), 0.0, 100.0, log=True)
    assert [below(v) for v in (-100, -10, -1)] == pytest.approx([0, 50, 100])
    assert scale_of_values([], 0.0, 1.0).has(0.5)
    assert scale_of_values([-1e308, 1e308], 0.0, 1.0).high < float("inf")


@pytest.mark.parametrize("style", ["boxes", "merged", "refs", "book"])
def test_nothing_moves_in_a_film_over_values(style):
    """Boxes stay where they are, and what stands in them fits in."""
    for expression, axis in (("log(x)*sqrt(x)", "x=-1:1e6:9"), (EXAMPLE, "x=-3:3:9")):
        check_film(swept(expression, axis, events=False), style)


def check_film(sweep, style):
    film = over_values(sweep, Look(style=style), Layout())
    drawn = list(frames(film))
    assert len(drawn) == 9
    places = []
    for number, frame in enumerate(drawn):
        tree = ElementTree.fromstring(frame)
        texts = [element.text for element in tree.iter(f"{SVG}text")]
        assert f"Value {number + 1} of 9" in texts
        assert any((text or "").startswith("x = ") for text in texts)
        if style == "boxes":
            boxes = [e for e in tree.iter(f"{SVG}g") if e.find(f"{SVG}rect") is not None]
            boxes = [e for e in boxes if e.get("data-id", "").startswith("v")]
            places.append([tuple(map(e.find(f"{SVG}rect").get, "xy")) for e in boxes])
            for box in boxes:
                wide = float(box.find(f"{SVG}rect").get("width"))
                for text in box.iter(f"{SVG}text"):
                    size = float(text.get("font-size"))
                    assert text_width(text.text, size) <= wide, (number, text.text)
    assert all(each == places[0] for each in places)
    assert style != "boxes" or len(places[0]) == 4
    sizes = {re.match(r"<svg[^>]*>", frame)[0] for frame in drawn}
    assert len(sizes) == 1


def test_a_film_draws_the_graph_that_there_is(tmp_path):
    (tmp_path / "branch.py").write_text(BRANCH)
    subject = load(f"{tmp_path}/branch.py:f")
    axes = read_axes(["x=-1:1:4"], subject, {})
    found, _, _ = taken(Computation(subject, {}), axes, events=False)
    sweep = Sweep(axes, [each.graph for each in found])
    assert sweep.structure == (0, 0, 1, 1)
    for number, frame in enumerate(frames(over_values(sweep, Look(), Layout()))):
        texts = [e.text for e in ElementTree.fromstring(frame).iter(f"{SVG}text")]
        assert ("exp" in texts, "sin" in texts) == (number > 1, number < 2)
    curve = Curve(sweep, 0, sweep.line(0, 0), Look())
    assert curve.sentences() == ["the graph changes between x = -0.3333 and x = 0.3333"]
    lines = re.findall(r'<path d="([^"]*)"[^>]*stroke-width="1.6"', curve.still())
    assert [line.count("M") for line in lines] == [2, 2]  # a gap in both curves


def test_without_a_pass_the_result_is_alone():
    sweep = swept("x**2", "x=-1:1:3", backward=False)
    curve = Curve(sweep, 0, sweep.line(0, 0), Look())
    assert (curve.title, curve.sentences()) == ("y over x", [])


def test_a_page_says_at_each_point_what_was_drawn_there():
    """Put together from columns, each part is the one that the canvas draws at that point."""
    for expression, axes in (
        (EXAMPLE, ["x=-3:3:7"]),
        ("log(x)*sqrt(x)", ["x=-1:1:5"]),
        ("sum(tanh(W*x))", ["x=-1:1:3", "W[0]=-2:2:3"]),
    ):
        given = {"W": "[1,2,3]"} if "W" in expression else {}
        sweep = swept(expression, *axes, **given)
        data = data_of("".join(write(sweep, Look(), Layout())))
        (picture,) = data["pictures"]
        graphs = [spread(graph)._replace(film=True) for graph in sweep.graphs]
        sheet = sheet_of(graphs, Look(), Layout())
        for point, graph in enumerate(graphs):
            parts = dict(sheet.parts(graph))
            assert len(parts) > 8
            for key, part in parts.items():
                assert text_at(data, picture["layers"][key][-1][1], point) == part
            caption = text_at(data, picture["layers"]["caption"][-1][1], point)
            assert caption == sheet.foot(graph)[0]


def test_texts_over_points_come_back_as_they_were():
    words = [
        "a",
        "<b x='1'>",
        "data ",
        "",
        "share \u22121.5e\u22123",
        "NaN",
        "inf",
        "12",
        "1.5.2",
        "x1",
    ]
    random = np.random.default_rng(0)
    for _ in range(200):
        count = int(random.integers(1, 6))
        some = {
            point: "\n".join(
                " ".join(random.choice(words, 2)) + str(random.integers(3))
                for _ in range(random.integers(1, 3))
            )
            for point in random.choice(6, count, replace=False).tolist()
        }
        texts = Texts(6)
        number = texts.over(some)
        told = texts.as_data()
        for point, text in some.items():
            assert text_at(told, number, point) == text


def test_a_page_is_small_since_numbers_are_stored_once():
    page = "".join(write(swept(EXAMPLE, "x=-3:3:61"), Look(), Layout()))
    assert len(page) < 420_000  # in three languages
    few = "".join(write(swept(EXAMPLE, "x=-3:3:3"), Look(), Layout()))
    each = (len(page) - len(few)) / 58
    assert each < 3000  # bytes a point more, in three languages
