"""The page of a sweep in a browser: it is dragged, stepped, addressed and read."""

import re
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect
from support.pages import shown
from support.sweeps import swept
from support.tools import find_tool

from dzviz.graph.sweep import Sweep
from dzviz.options import Layout, Look
from dzviz.page.swept import write
from dzviz.pipeline import Computation
from dzviz.sources.function import load
from dzviz.sweeps.axes import read_axes
from dzviz.sweeps.points import taken
from dzviz.text.typeset import plain

pytestmark = pytest.mark.needs("chromium")

EXAMPLE = "a = x**2; a*sin(a)"
BRANCHES = """
import numpy as np

def f(x):
    if x.data > 0:
        return np.exp(x) * x
    return np.sin(x)
"""


@pytest.fixture
def show(browser, tmp_path):
    """Show the page of a sweep; see `support.pages.shown` for what is asked of it at the end."""
    with ExitStack() as stack:

        def show(sweep, address="", look=None, **options):
            file = tmp_path / "sweep.html"
            page = "".join(write(sweep, Look(**(look or {})), Layout()))
            file.write_text(page, encoding="utf-8")
            return stack.enter_context(shown(browser, file, address, **options))

        yield show


def numbers_in(page, selector):
    text = plain(page.locator(selector).first.text_content())
    return [float(n) for n in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", text)]


def drag(page, place, axis=0):
    page.locator(f"#axis{axis}").evaluate(
        "(slider, place) => { slider.value = place;"
        " slider.dispatchEvent(new Event('input', { bubbles: true })); }",
        place,
    )


def boxes(page):
    return page.evaluate(
        "[...document.querySelectorAll('#stage [data-shape] > g > :is(rect, ellipse)')]"
        ".map(e => [...e.attributes].filter(a => /^(x|y|cx|cy|width|height|rx|ry)$/.test(a.name))"
        ".map(a => a.value).join())"
    )


def test_the_picture_follows_the_slider_and_nothing_moves(show):
    """At each value picture, table and curve have the numbers of mathematics."""
    page = show(swept(EXAMPLE, "x=-3:3:61"))
    assert page.locator("#count").inner_text() == "Step 16 of 16"
    places, view = boxes(page), page.locator("#stage svg").get_attribute("style")
    for place in (0, 7, 30, 42, 60):
        drag(page, place)
        x = round(-3 + place / 10, 1)
        y, slope = x**2 * np.sin(x**2), 2 * x * (np.sin(x**2) + x**2 * np.cos(x**2))
        assert numbers_in(page, "#stage [data-shape=v0] text:nth-of-type(2)") == [x]
        node = numbers_in(page, "#stage [data-shape=v0] text:nth-of-type(3)")
        assert node == pytest.approx([slope], rel=5e-4)
        told = page.locator("[data-shape=v0]").get_attribute("aria-description")
        assert float(told.rpartition("grad ")[2]) == pytest.approx(slope, rel=5e-12)
        row = plain(page.locator("#variables tbody tr").first.inner_text()).split("\t")
        assert [float(row[2]), float(row[3])] == pytest.approx([x, slope], rel=5e-4)
        readings = page.locator("[data-key=point0] text").all_text_contents()
        assert float(plain(readings[0]).partition(" = ")[2]) == pytest.approx(y, rel=5e-4)
        assert float(plain(readings[1]).partition(" = ")[2]) == pytest.approx(slope, rel=5e-4)
        assert plain(page.locator("[data-value='0']").inner_text()) == f"x = {x:g}"
        assert plain(page.locator("#axis0").get_attribute("aria-valuetext")) == f"x = {x:g}"
        assert f"data {x:g}" in page.locator("#stage desc").text_content()
        assert boxes(page) == places
        assert page.locator("#stage svg").get_attribute("style") == view


def test_steps_and_panels_are_those_of_the_value(show):
    page = show(swept(EXAMPLE, "x=1:3:3"), "#at.x=2&step=2&node=v1&theme=dark")
    assert "sin(a) is -0.7568" in plain(page.locator("#told").inner_text())
    assert "not computed" not in page.locator("#details").inner_text()
    assert numbers_in(page, "#details code >> nth=1") == [4.0]
    assert page.locator("html").get_attribute("data-theme") == "dark"
    expect(page).to_have_url(re.compile(r"#step=2&node=v1&theme=dark&at.x=2$"))
    page.keyboard.press(".")
    assert numbers_in(page, "#details code >> nth=1") == [9.0]
    assert "sin(a) is 0.4121" in page.locator("#told").inner_text()
    page.keyboard.press("PageDown")
    assert page.locator("#count").inner_text() == "Step 3 of 16"
    expect(page).to_have_url(re.compile(r"#step=3&node=v1&theme=dark&at.x=3$"))
    page.keyboard.press(",")
    page.keyboard.press(",")
    page.keyboard.press(",")
    assert page.locator("[data-value='0']").inner_text() == "x = 1"
    assert plain(page.locator("#row3").inner_text()).endswith("is 0.8415.")
    assert page.locator("[aria-current]").get_attribute("id") == "row3"


def test_an_address_takes_the_nearest_value(show):
    page = show(swept("x*w", "x=-1:1:5", "w=1:100:3:log"), "#at.x=0.6&at.w=9")
    values = page.locator("output[data-value]").all_inner_texts()
    assert values == ["x = 0.5", "w = 10"]
    page.evaluate("location.hash = 'at.w=1000&at.x=hello'")
    expect(page.locator("[data-value='1']")).to_have_text("w = 100")
    page.keyboard.press("<")
    page.keyboard.press(".")
    values = page.locator("output[data-value]").all_inner_texts()
    assert values == ["x = 1", "w = 10"]
    titles = page.locator("#curves title").all_text_contents()
    assert titles == ["y and dy/dx over x, at w = 10", "y and dy/dw over w, at x = 1"]
    assert numbers_in(page, "[data-key=point0] text:nth-of-type(2) >> nth=0") == [10.0]


def test_a_curve_takes_a_pointer_and_the_slider_its_keys(show):
    page = show(swept(EXAMPLE, "x=-3:3:61"))
    dot = page.locator("[data-key=curve0] ellipse").nth(20)
    box = dot.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"])
    page.mouse.down()
    assert page.locator("[data-value='0']").inner_text() == "x = \u22121"
    page.mouse.move(box["x"] + 4000, box["y"])
    page.mouse.up()
    assert page.locator("[data-value='0']").inner_text() == "x = 3"
    page.mouse.move(box["x"], box["y"])
    assert page.locator("[data-value='0']").inner_text() == "x = 3"
    page.locator("#axis0").focus()
    page.keyboard.press("Home")
    assert page.locator("[data-value='0']").inner_text() == "x = \u22123"
    page.keyboard.press("ArrowRight")
    assert page.locator("[data-value='0']").inner_text() == "x = \u22122.9"
    assert page.locator("#count").inner_text() == "Step 16 of 16"


def test_where_the_graph_changes_the_other_one_is_drawn(show, tmp_path):
    (tmp_path / "branches.py").write_text(BRANCHES)
    subject = load(f"{tmp_path}/branches.py:f")
    axes = read_axes(["x=-1:1:5"], subject, {})
    found, _, _ = taken(Computation(subject, {}), axes, events=True)
    page = show(Sweep(axes, [each.graph for each in found]), "#at.x=0&node=v0")
    marks = plain(page.locator("#marks").inner_text())
    assert "the graph changes between x = 0 and x = 0.5" in marks
    for place, x in enumerate((-1.0, -0.5, 0.0, 0.5, 1.0)):
        drag(page, place)
        ops = page.locator("#stage [data-shape^=f] text:nth-of-type(1)").all_text_contents()
        assert ops == (["exp", "\u00d7"] if x > 0 else ["sin"])
        steps = len(page.locator("#story tbody tr").all())
        assert page.locator("#count").inner_text() == f"Step {steps - 1} of {steps - 1}"
        assert page.locator("#slider").get_attribute("max") == str(steps - 1)
        slope = np.exp(x) * (x + 1) if x > 0 else np.cos(x)
        told = page.locator("#stage [data-shape=v0]").get_attribute("aria-description")
        assert float(told.rpartition("grad ")[2]) == pytest.approx(slope, rel=5e-12)
        assert page.locator("#details h2").inner_text() == "x"
    page.keyboard.press("Home")
    assert page.locator("#count").inner_text().startswith("Step 0")
    page.locator("#stage [data-shape=v0]").click()
    assert page.locator("#panel").is_hidden()


def test_what_dies_and_what_is_not_finite_is_named_beside_the_curve(show):
    page = show(
        swept("relu(x) + log(x + 2)", "x=-3:3:13"), look={"theme": "auto"}, color_scheme="dark"
    )
    marks = page.locator("#marks li").all_inner_texts()
    assert [plain(mark)[:30] for mark in marks] == [
        "y is NaN from x = -3 to x = -2",
        "y is -inf and dy/dx is inf at ",
    ]
    words = page.locator(
        "[data-key=curve0] text[font-weight=bold]:not([stroke])"
    ).all_text_contents()
    assert words == ["y", "dy/dx", "NaN", "inf"]
    assert page.locator("#curves svg").get_attribute("aria-labelledby") == "name0"
    fill = page.locator("[data-key=curve0] text").first.evaluate("e => getComputedStyle(e).fill")
    assert sum(map(int, re.findall(r"\d+", fill)[:3])) > 3 * 150  # light on dark


def test_a_sweep_without_steps_has_its_slider(show):
    page = show(swept("sum(attention(x*[[1,2]],[[1,2]],[[3,4]]))", "x=-1:1:5"))
    assert page.locator("#player").count() == 0
    assert "--expand all" in page.locator("#dock .note").inner_text()
    drag(page, 0)
    assert numbers_in(page, "#stage [data-shape=v0] text:nth-of-type(2)") == [-1.0]


@pytest.mark.needs("axe")
def test_axe_finds_nothing_in_the_page_of_a_sweep(show):
    script = Path(find_tool("axe")).read_text(encoding="utf-8")
    for scheme, width in (("light", 1280), ("dark", 390)):
        viewport = {"width": width, "height": 800}
        sweep, look = swept("relu(x)*log(w)", "x=-3:3:7", "w=-1:2:4"), {"theme": "auto"}
        page = show(sweep, "", look, color_scheme=scheme, viewport=viewport)
        page.evaluate(script)
        found = page.evaluate("axe.run()")
        assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
        assert len(found["passes"]) > 20
