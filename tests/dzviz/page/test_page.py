"""The page in a browser: what a reader sees, hears, types and takes home."""

import io
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from pypdf import PdfReader
from support.graphs import with_events
from support.pages import visited
from support.tools import find_tool

from dzviz.formats import json
from dzviz.graph.model import VariableNode
from dzviz.options import Layout, Look
from dzviz.svg import canvas as svg
from dzviz.svg.timeline import timeline
from dzviz.text.key import MOMENTS
from dzviz.text.typeset import plain

pytestmark = pytest.mark.needs("chromium")

ARRAYS = "sum(tanh(x@W + b))"
SECOND = "x**3 * sin(x)"


def arrays():
    return with_events(ARRAYS, x="randn(5,20)", W="randn(20,3)", b="zeros(3)")


def text_of(page, selector):
    return " ".join(page.locator(selector).inner_text().split())


def step_of(page):
    return page.locator("#count").inner_text()


def name_of(page, id):
    return page.locator(f"[data-shape={id}]").first.get_attribute("aria-label")


def said_of(page, id):
    return page.locator(f"[data-shape={id}]").first.get_attribute("aria-description")


def focused(page):
    return page.evaluate("document.activeElement.dataset.shape ?? document.activeElement.id")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def transform(page):
    return page.evaluate(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>"
        " done(document.querySelector('#stage svg').style.transform))))"
    )


def address(page, expected):
    expect(page).to_have_url(re.compile(f"{re.escape(expected)}$"))


@pytest.mark.parametrize(
    ("expression", "step", "why"),
    [
        ("a = x**2; a*sin(a)", 11, "at the step that adds up the shares of a."),
        ("x*x + x", 12, "at the step that adds up the shares of x."),
        ("sin(x)", 4, "at the last use of the chain rule, for x."),
    ],
)
def test_it_opens_where_a_gradient_is_explained(show, expression, step, why):
    page = show(with_events(expression, x=3))
    assert step_of(page).startswith(f"Step {step} of ")
    assert text_of(page, "#why") == f"Opened here, {why}"
    assert text_of(page, "#told").startswith(("a adds up", "x adds up", "sin sends back to x"))
    assert inside(page, "#stage svg")
    press(page, "ArrowRight")
    assert text_of(page, "#why") == ""


def test_the_last_step_is_the_final_picture(show, example):
    page = show(address="#step=16")
    assert step_of(page) == "Step 16 of 16"
    assert page.locator("#slider").input_value() == "16"
    assert name_of(page, "v1") == "a data 9 grad None (was \u22127.788)"
    assert said_of(page, "v1").startswith(
        "a: intermediate, generation 1, data 9, grad None (was -7.788"
    )
    address(page, "#step=16")


@pytest.mark.parametrize(
    ("expression", "order", "style", "values"),
    [
        ("a = x**2; a*sin(a)", 0, "boxes", {"x": 3}),
        ("a = x**2; a*sin(a)", 0, "merged", {"x": 3}),
        ("a = x**2; a*sin(a)", 0, "book", {"x": 3}),
        (SECOND, 2, "boxes", {"x": 1.2}),
        ("sum(x*y)", 0, "boxes", {"x": [1, 2], "y": [3, 4]}),
    ],
)
def test_the_sliders_last_step_has_the_gradients_of_json(show, expression, order, style, values):
    graph = with_events(expression, order=order, retain_grad=True, **values)
    page = show(graph, look={"style": style})
    press(page, "Home")
    assert not re.search("grad [^N]", said_of(page, graph.outputs[0]))
    page.locator("#slider").focus()
    press(page, "End")
    compared = 0
    for node in graph.nodes:
        if isinstance(node, VariableNode) and node.grad is not None:
            expected = json.plain(node.grad, Look())
            found = said_of(page, node.id).partition("grad ")[2]
            numbers = [float(n) for n in re.findall(r"-?\d[\d.]*(?:e-?\d+)?", found)]
            if np.ndim(node.grad) == 0:
                assert numbers[0] == pytest.approx(expected, rel=5e-12)
            else:
                assert numbers[: node.grad.size] == expected
            compared += 1
    assert compared >= 3


def test_every_step_is_told_shown_and_announced(show, example):
    film = timeline(example, Look(), Layout())
    page = show()
    assert page.locator("#told").get_attribute("role") == "status"
    press(page, "Home")
    for number in range(len(film.steps)):
        assert step_of(page) == f"Step {number} of 16"
        assert page.locator("#slider").get_attribute("aria-valuetext") == step_of(page)
        assert plain(page.locator("#told").inner_text()) == film.texts[number]
        row = page.locator("[aria-current]").inner_text().split("\t")[-1]
        assert plain(row) == film.texts[number]
        for layer in film.tracks:
            state = [text for since, text in layer.states if since <= number][-1]
            words = ElementTree.fromstring(f"<g>{state}</g>").itertext()
            drawn = page.locator(f'[data-key="{layer.key}"]').text_content()
            assert "".join(drawn.split()) == "".join("".join(words).split()), layer.key
        press(page, "ArrowRight")
    assert step_of(page) == "Step 16 of 16"
    press(page, "ArrowLeft", "ArrowLeft")
    assert step_of(page) == "Step 14 of 16"


def test_the_queue_is_there_while_someone_waits(show):
    page = show(address="#step=9")
    assert text_of(page, "#player ol") == "** 2, generation 0"
    assert page.locator("[data-shape=f0] ellipse").count() == 2
    press(page, "Home")
    assert page.locator("#player li").count() == 0
    assert not page.locator("#waiting").is_visible()


def test_the_accessibility_tree_tells_the_story(show, example):
    film = timeline(example, Look(), Layout())
    page = show(address="#step=0")
    client = page.context.new_cdp_session(page)
    for number in range(len(film.steps)):
        tree = client.send("Accessibility.getFullAXTree")["nodes"]
        known = [
            tuple(node.get(what, {}).get("value") for what in ("role", "name", "description"))
            for node in tree
            if not node["ignored"]
        ]
        regions = [node for node in tree if node["role"]["value"] == "status"]
        children = {node["nodeId"]: node for node in tree}
        spoken = {children[id]["name"]["value"] for region in regions for id in region["childIds"]}
        assert film.texts[number] in map(plain, spoken)
        for id in ("v0", "f0", "v1", "f1", "v2", "f2", "v3"):
            assert ("button", name_of(page, id), said_of(page, id)) in known
        ahead = "not computed yet" in said_of(page, "v3")
        assert ahead is (number < 3)
        assert any(facts[:2] == ("slider", "Step") for facts in known)
        press(page, "ArrowRight")


def test_all_can_be_done_by_keys_alone(show, tmp_path):
    page = show(address="#step=16")
    press(page, "/")
    assert focused(page) == "search"
    page.keyboard.type("sin")
    assert text_of(page, "#said") == "1 found"
    press(page, "Enter")
    assert focused(page) == "f1"
    press(page, "ArrowLeft")
    assert focused(page) == "v1"
    press(page, "ArrowRight")
    assert focused(page) == "f2"
    press(page, "End")
    assert focused(page) == "v3"
    press(page, "ArrowUp")
    assert focused(page) == "f2"
    press(page, "Home", "ArrowDown")
    assert focused(page) == "f0"
    assert step_of(page) == "Step 16 of 16"
    press(page, "Enter")
    assert text_of(page, "#panel h2") == "** 2"
    assert page.locator("[data-shape=f0]").get_attribute("aria-pressed") == "true"
    assert text_of(page, "#said") == "Details of ** 2"
    press(page, "Escape")
    assert page.locator("#panel").is_hidden()
    assert focused(page) == "f0"
    reached = set()
    for _ in range(60):
        press(page, "Tab")
        reached.add(focused(page))
        if focused(page) == "play":
            press(page, "Enter")
            assert page.locator("#play").inner_text() == "Pause"
            press(page, " ")
            assert page.locator("#play").inner_text() == "Play"
        if focused(page) == "slider":
            press(page, "End", "ArrowLeft")
            assert step_of(page) == "Step 15 of 16"
        if focused(page) == "theme":
            press(page, "Enter")
            assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        if focused(page) == "svg" and "svg" not in reached - {"svg"}:
            with page.expect_download() as download:
                press(page, "Enter")
            assert download.value.suggested_filename.endswith(".svg")
    assert {"search", "in", "out", "fit", "theme", "svg", "png", "f0", "play"} <= reached
    assert {"first", "back", "slider"} <= reached


def test_space_plays_and_stops(show):
    page = show(address="#step=3")
    press(page, " ")
    assert page.locator("#play").inner_text() == "Pause"
    expect(page.locator("#slider")).to_have_value("4")
    press(page, " ")
    assert page.locator("#play").inner_text() == "Play"
    assert step_of(page) == "Step 4 of 16"


def test_the_address_restores_the_state(show):
    page = show(address="#step=7&node=v2&theme=dark")
    assert step_of(page) == "Step 7 of 16"
    assert text_of(page, "#panel h2") == "sin(a)"
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    press(page, "ArrowRight")
    address(page, "#step=8&node=v2&theme=dark")
    page.locator("#row3 a").click()  # A link: what it does comes by an event, a little later.
    expect(page.locator("#count")).to_have_text("Step 3 of 16")
    page.locator("#panel a").first.click()
    expect(page.locator("#panel h2")).to_have_text("sin")
    address(page, "#step=3&node=f1&theme=dark")


@pytest.mark.parametrize(
    "hash", ["#step=99", "#step=-1", "#node=v9", "#theme=x", "#%", "#step=1e3"]
)
def test_an_address_that_makes_no_sense_does_no_harm(show, hash):
    page = show(address=hash)
    assert step_of(page) == ("Step 16 of 16" if hash == "#step=99" else "Step 11 of 16")
    assert page.locator("#panel").is_hidden()


def test_a_node_lights_what_it_hangs_together_with(show):
    page = show()
    page.locator("[data-shape=f1]").hover()
    classes = {
        id: page.locator(f"[data-key={id}]").get_attribute("class")
        for id in ("v0", "f0", "v1", "f1", "v2", "f2", "v3", "e0", "e2", "e3", "e4")
    }
    assert {id for id, name in classes.items() if name == "before"} >= {"v0", "f0", "v1", "e0"}
    assert {id for id, name in classes.items() if name == "after"} >= {"v2", "f2", "v3"}
    assert classes["f1"] == "here"
    line = "getComputedStyle(document.querySelector('[data-key=%s] path')).%s"
    assert page.evaluate(line % ("e0", "strokeDasharray")) == "none"
    assert page.evaluate(line % ("e3", "strokeDasharray")) != "none"
    assert page.locator("#expression mark").all_inner_texts() == ["sin(a)"]
    page.locator("#tools label").hover()
    assert not page.locator("svg.lit").count()
    assert text_of(page, "#expression") == "a = x**2; a*sin(a)"


@pytest.mark.parametrize("node", ["f0", "f1", "v2"])
def test_what_waits_keeps_its_double_line_whatever_is_selected(show, node):
    page = show(address="#step=10")
    page.locator(f"[data-shape={node}]").click()
    found = (
        "[...document.querySelectorAll('[data-shape=f0] ellipse')].map(e => getComputedStyle(e))"
    )
    outline, groove = page.evaluate(f"{found}.map(s => [s.strokeWidth, s.strokeDasharray])")
    assert outline == ["5.5px", "none"]
    assert groove == ["1.9px", "none"]
    assert page.evaluate("getComputedStyle(document.querySelector('#player li')).borderStyle") == (
        "double"
    )


def test_spans_count_characters_as_python_does(show):
    graph = with_events("\U0002000b*2 + sin(\U0002000b)", 𠀋=1)
    page = show(graph, address="#node=f1")
    marks = page.locator("#expression mark").all_inner_texts()
    assert marks == ["sin(\U0002000b)"]
    press(page, "Escape", "Home", "Enter")
    assert page.locator("#expression mark").all_inner_texts() == ["\U0002000b", "\U0002000b"]


def test_a_click_pins_and_a_drag_does_not(show):
    page = show()
    before = transform(page)
    page.locator("[data-shape=v1]").click()
    assert text_of(page, "#panel h2") == "a"
    assert "\u22127.788" in text_of(page, "#details")
    assert "9 × \u22120.9111 = \u22128.200" in text_of(page, "#details")
    page.locator("#close").click()
    assert page.locator("#panel").is_hidden()
    box = page.locator("[data-shape=v1]").bounding_box()
    x, y = box["x"] + 20, box["y"] + 20
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 30, steps=4)
    page.mouse.up()
    assert page.locator("#panel").is_hidden()
    moved = page.locator("[data-shape=v1]").bounding_box()
    assert (moved["x"], moved["y"]) == pytest.approx((box["x"] + 60, box["y"] + 30), abs=1)
    press(page, "0")
    assert transform(page) == before


def test_zoom_by_wheel_keys_and_buttons_keeps_its_point(show):
    page = show()
    fitted = transform(page)
    box = page.locator("[data-shape=v3]").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.wheel(0, -300)
    transform(page)
    zoomed = page.locator("[data-shape=v3]").bounding_box()
    assert zoomed["width"] > 1.3 * box["width"]
    assert zoomed["x"] + zoomed["width"] / 2 == pytest.approx(x, abs=1)
    for larger, smaller in (("+", "-"), ("#in", "#out")):
        page.locator("#fit").click()
        act = page.keyboard.press if larger == "+" else page.click
        act(larger)
        assert transform(page) != fitted
        act(smaller)
        assert transform(page) == fitted


def test_two_fingers_zoom(show):
    page = show(has_touch=True, viewport={"width": 390, "height": 844})
    box = page.locator("[data-shape=v1]").bounding_box()
    stage = page.locator("#stage").bounding_box()
    x, y = stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2
    client = page.context.new_cdp_session(page)

    def touch(kind, distance):
        points = [{"x": x - distance, "y": y, "id": 0}, {"x": x + distance, "y": y, "id": 1}]
        client.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": points if kind != "touchEnd" else []},
        )

    touch("touchStart", 30)
    for distance in (40, 60, 90):
        touch("touchMove", distance)
    touch("touchEnd", 0)
    transform(page)
    assert page.locator("[data-shape=v1]").bounding_box()["width"] > 2 * box["width"]


def test_what_the_keyboard_reaches_is_in_sight(show):
    page = show(with_events(SECOND, x=1, order=2))
    for _ in range(12):
        press(page, "+")
    press(page, "/")
    page.keyboard.type("y''")
    press(page, "Enter")
    transform(page)
    stage, node = (
        page.locator(f"{selector}:focus" if selector != "#stage" else selector).bounding_box()
        for selector in ("#stage", "[data-shape]")
    )
    for start, length in (("x", "width"), ("y", "height")):
        middle = node[start] + node[length] / 2
        assert stage[start] <= middle <= stage[start] + stage[length]


WIDE = "a = x**2; b = sin(a); c = b*a; d = exp(c)/(1 + c); e = tanh(d*d*x + a); e*b + cos(c)/e"


def inside(page, selector):
    """Whether all of an element stands within the stage."""
    stage, box = (page.locator(s).first.bounding_box() for s in ("#stage", selector))
    return all(
        stage[side] - 1 <= box[side] and box[side] + box[size] <= stage[side] + stage[size] + 1
        for side, size in (("x", "width"), ("y", "height"))
    )


def letters(page):
    """How high the letters in the picture are, in pixels."""
    size = "getComputedStyle(document.querySelector('[data-shape] text')).fontSize"
    return float(page.evaluate(size).removesuffix("px")) * page.evaluate(
        "svg.getBoundingClientRect().width / svg.viewBox.baseVal.width"
    )


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_picture_too_large_to_be_read_starts_where_its_graph_does(show, direction, width):
    viewport = {"width": width, "height": 800}
    page = show(with_events(WIDE, x=1.3), look={"rank_dir": direction}, viewport=viewport)
    readable = transform(page)
    assert letters(page) > 8
    assert inside(page, "[data-shape=v0]")
    assert not inside(page, "#stage svg")
    page.locator("#fit").click()
    transform(page)
    assert inside(page, "#stage svg")
    page.locator("#fit").click()
    assert transform(page) == readable


@pytest.mark.parametrize("style", ["boxes", "merged"])
def test_what_a_step_is_about_is_in_sight(show, style):
    graph = with_events(WIDE, x=1.3)
    page = show(graph, look={"style": style}, address="#step=0", reduced_motion="reduce")
    assert inside(page, "[data-shape=v0]")
    active = page.evaluate("data.active")
    assert len(active) > 50
    assert all(active[1:-1])
    places = {transform(page)}
    for ids in active[1:]:
        press(page, "ArrowRight")
        places.add(transform(page))
        assert not ids or inside(page, f"[data-shape={ids[-1]}]"), ids
    assert 2 < len(places) < len(active) / 4
    press(page, "Home")
    transform(page)
    assert inside(page, "[data-shape=v0]")


def test_the_readers_own_view_stays_while_the_step_is_in_sight(show):
    page = show(with_events(WIDE, x=1.3), address="#step=1", reduced_motion="reduce")
    page.mouse.move(640, 240)
    page.mouse.wheel(0, 60)
    page.mouse.down()
    page.mouse.move(660, 250, steps=3)
    page.mouse.up()
    own = transform(page)
    press(page, "ArrowRight")
    assert transform(page) == own
    assert inside(page, f"[data-shape={page.evaluate('data.active[2].at(-1)')}]")


@pytest.mark.parametrize(("motion", "gliding"), [("no-preference", 1), ("reduce", 0)])
def test_the_picture_glides_for_who_has_nothing_against_it(show, motion, gliding):
    viewport = {"width": 700, "height": 700}  # on which the picture has no room, also in rows
    page = show(with_events(WIDE, x=1.3), reduced_motion=motion, viewport=viewport)
    before = transform(page)
    assert page.evaluate("document.getAnimations().length") == 0
    # On a busy machine it may have glided to its end before it is asked what moves.
    page.evaluate("window.begun = 0; document.addEventListener('transitionrun', () => begun++)")
    page.evaluate("showStep(16)")
    assert transform(page) != before
    assert page.evaluate("begun") == gliding
    press(page, "+")
    transform(page)
    assert page.evaluate("document.getAnimations().length") == 0


def test_search_by_name_op_and_value(show):
    page = show(address="#step=16")
    for query, ids in (("a", "v1"), ("SIN", "f1"), ("0.4121", "v2"), ("-46.7", "v0")):
        page.locator("#search").fill(query)
        found = page.locator("[data-shape].found").evaluate_all(
            "all => all.map(e => e.dataset.shape)"
        )
        assert ids in found
    page.locator("#search").fill("no such thing")
    assert text_of(page, "#said") == "0 found"
    press(page, "Escape")
    assert page.locator(".found").count() == 0


def test_what_is_copied_has_the_signs_of_a_keyboard(show):
    page = show(address="#step=16&node=v1")
    assert "\u22127.788" in text_of(page, "#details")
    copied = page.evaluate(
        """() => {
            getSelection().selectAllChildren(byId("details"));
            const data = new DataTransfer();
            const options = {clipboardData: data, cancelable: true, bubbles: true};
            const event = new ClipboardEvent("copy", options);
            document.body.dispatchEvent(event);
            return data.getData("text/plain");
        }"""
    )
    assert "-7.788" in copied
    assert "9 * -0.9111 = -8.200" in " ".join(copied.split())
    page.locator("#search").fill("\u22127.788")
    assert "v1" in page.locator(".found").evaluate_all("all => all.map(e => e.dataset.shape)")


def texts_of(root):
    return [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]


def saved(page, button):
    with page.expect_download() as download:
        page.locator(button).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_a_saved_svg_is_what_is_seen(show, example):
    page = show(address="#step=9")
    name, data = saved(page, "#svg")
    assert name == "graph-step-9.svg"
    root = ElementTree.fromstring(data)
    assert texts_of(root) == page.locator("#stage svg text").all_text_contents()
    film = timeline(example, Look(), Layout())
    groups = [group for group in root if group.get("data-id")]
    assert len(groups) == 14
    state = {k: [t for since, t in states if since <= 9][-1] for k, states in film.tracks}
    for group in groups:
        expected = ElementTree.fromstring(state[group.get("data-id")])
        assert [e.get("points") for e in group] == [e.get("points") for e in expected]
        assert group.get("aria-label") == expected.get("aria-label")
    assert b"data-key" not in data
    assert b"tabindex" not in data
    last = show(address="#step=16")
    root = ElementTree.fromstring(saved(last, "#svg")[1])
    drawn = svg.write(example, Look(contributions="all"), Layout())
    moments = {mark.text for mark in MOMENTS}  # which the key of a film has besides
    seen = [text for text in texts_of(root) if text not in moments]
    assert seen == texts_of(ElementTree.fromstring("".join(drawn)))


def test_a_saved_picture_has_the_colours_of_the_theme(show):
    page = show(address="#step=16&theme=dark")
    data = saved(page, "#svg")[1].decode()
    assert 'fill="rgb(15, 23, 42)"' in data
    assert "#ffffff" not in data
    name, data = saved(page, "#png")
    assert name == "graph-step-16.png"
    image = Image.open(io.BytesIO(data)).convert("RGB")
    assert image.width > 1000
    assert image.getpixel((1, 1)) == (15, 23, 42)
    assert len(image.getcolors(1 << 24)) > 50
    data = saved(show(address="#step=16"), "#png")[1]
    assert Image.open(io.BytesIO(data)).convert("RGB").getpixel((1, 1)) == (255, 255, 255)


def test_it_is_light_or_dark_as_the_screen_or_the_reader_wants(show):
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    box = "getComputedStyle(document.querySelector('#stage svg > rect')).fill"
    light, dark = "rgb(255, 255, 255)", "rgb(15, 23, 42)"
    for theme, scheme, expected in (
        ("light", "dark", light),
        ("dark", "light", dark),
        ("auto", "light", light),
        ("auto", "dark", dark),
        ("print", "dark", light),
    ):
        page = show(look={"theme": theme}, color_scheme=scheme)
        assert page.evaluate(ground) == page.evaluate(box) == expected
        if theme != "print":
            page.locator("#theme").click()
            assert page.evaluate(ground) == page.evaluate(box)
            assert page.evaluate(ground) == (light if expected == dark else dark)


def test_without_a_script_the_picture_and_the_tables_are_there(show):
    page = show(java_script_enabled=False, color_scheme="dark", look={"theme": "auto"})
    assert page.locator("[data-key=v3]").is_visible()
    box = page.locator("#stage svg").bounding_box()
    assert box["width"] <= 1280
    assert "None (was \u22127.788)" in text_of(page, "#variables")
    assert page.locator("#story tbody tr").count() == 17


def test_paper_has_the_picture_and_the_tables(show):
    page = show(address="#step=9&node=v1&theme=dark")
    text = " ".join(p.extract_text() for p in PdfReader(io.BytesIO(page.pdf())).pages)
    text = " ".join(text.split())
    assert "Taken from the queue: sin, generation 1." in text
    assert "The inputs: x = 3." in text
    assert "data 0.4121" in text
    assert "Save SVG" not in text
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    assert page.locator("#tools").is_hidden()


@pytest.mark.parametrize("viewport", [(1280, 720), (1920, 1080), (390, 844)])
def test_it_opens_with_no_node_cut_and_all_controls_in_sight(show, viewport):
    wide, high = viewport
    for graph in (None, with_events(WIDE, x=1.3), with_events("sin(x)", x=1), arrays()):
        page = show(graph, viewport={"width": wide, "height": high})
        transform(page)
        stage = page.locator("#stage").bounding_box()
        cut = 0
        for node in page.locator("[data-shape]").all():
            box = node.bounding_box()
            left, right = box["x"] - stage["x"], box["x"] + box["width"] - stage["x"]
            cut += left < stage["width"] - 1 < right - 1
        widest = page.evaluate("Math.max(...spans.map(([from, end]) => end - from)) * view.scale")
        in_rows = graph is not None and wide < 500  # of which one ends where another goes on
        assert not cut or widest > stage["width"] or in_rows
        assert letters(page) > 8
        for id in ("search", "present", "play", "next", "slider", "told", "why"):
            box = page.locator(f"#{id}").bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= wide + 1
            assert box["y"] + box["height"] <= high, id


def test_a_long_picture_is_in_rows_and_takes_its_room(show):
    for wide, high in ((1920, 1080), (2560, 1440)):
        chain = with_events("tanh(sin(exp(cos(tanh(sin(x))))))", x=1.3)
        page = show(chain, viewport={"width": wide, "height": high})
        transform(page)
        stage = page.locator("#stage").bounding_box()
        boxes = [node.bounding_box() for node in page.locator("[data-shape]").all()]
        for box in boxes:
            assert box["x"] >= stage["x"]
            assert box["x"] + box["width"] <= stage["x"] + stage["width"]
        assert len({round(box["y"] / 100) for box in boxes}) > 1
        assert letters(page) > 12
        assert stage["width"] * stage["height"] > 0.3 * wide * high


def test_a_stage_is_no_higher_than_its_picture(show):
    page = show(with_events(WIDE, x=1.3), viewport={"width": 1920, "height": 1080})
    transform(page)
    picture, stage = (page.locator(s).bounding_box() for s in ("#stage svg", "#stage"))
    assert stage["height"] < picture["height"] + 20


@pytest.mark.parametrize("node", ["v0", "f0", "v1"])
def test_details_fit_at_720_lines(show, node):
    page = show(address=f"#node={node}", viewport={"width": 1280, "height": 720})
    panel = page.locator("#panel")
    assert panel.evaluate("e => e.scrollHeight <= e.clientHeight")
    assert panel.evaluate("e => e.scrollWidth <= e.clientWidth")
    box = panel.bounding_box()
    assert box["y"] + box["height"] <= 720


def test_no_button_goes_away_at_either_end(show):
    page = show(address="#step=15")
    page.locator("#next").focus()
    press(page, "Enter", "Enter")
    assert step_of(page) == "Step 16 of 16"
    assert focused(page) == "next"
    assert page.locator("#next").get_attribute("aria-disabled") == "true"
    assert page.locator("#first").get_attribute("aria-disabled") == "false"


def test_presenting_is_the_picture_and_what_is_told(show):
    page = show(address="#step=3", viewport={"width": 1280, "height": 720})
    before = letters(page)
    press(page, "p")
    transform(page)
    for hidden in ("#tables", "#search", "#theme"):
        assert not page.locator(hidden).is_visible()
    for seen in ("#stage svg", "#told", "#slider", "#present"):
        assert page.locator(seen).is_visible()
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate("parseFloat(getComputedStyle(byId('told')).fontSize)") >= 24
    assert letters(page) >= before
    page.evaluate("nodes[0].focus()")
    press(page, "PageDown")
    assert step_of(page) == "Step 4 of 16"
    press(page, "PageUp", "PageUp")
    assert step_of(page) == "Step 2 of 16"
    address(page, "#step=2&present=1")
    press(page, "Escape")
    expect(page.locator("#tables")).to_be_visible()
    address(page, "#step=2")
    page.locator("#present").click()
    assert page.locator("#present").inner_text() == "Leave"
    page.locator("#present").click()
    assert page.locator("#tables").is_visible()


def test_a_wide_picture_is_printed_across(show, example):
    for graph, direction, across in ((example, "LR", True), (example, "TB", False)):
        page = show(graph, look={"rank_dir": direction})
        sheets = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
        assert (sheets[0].mediabox.width > sheets[0].mediabox.height) is across


def test_nothing_moves_but_what_the_reader_moves(show):
    page = show()
    for key in ("/", "End", "Home", "+", "0"):
        press(page, key)
        page.locator("[data-shape=f1]").hover()
        page.locator("[data-shape=v1]").click()
        assert page.evaluate("document.getAnimations().length") == 0
    styles = "[...document.querySelectorAll('*')].map(e => getComputedStyle(e).%s)"
    assert set(page.evaluate(styles % "transitionDuration")) == {"0s"}
    assert set(page.evaluate(styles % "animationName")) == {"none"}


def test_an_array_is_a_heat_map(show):
    page = show(arrays(), address="#node=v0")
    image = page.locator("#details img").first
    assert image.evaluate("e => [e.naturalWidth, e.naturalHeight]") == [20, 5]
    assert "shape (5, 20)" in image.get_attribute("alt")
    assert page.locator("#details table").count() >= 1


@pytest.mark.needs("axe")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(show, scheme):
    script = Path(find_tool("axe")).read_text(encoding="utf-8")
    wide, narrow = 1280, 390
    cases = [
        ("#step=0", None, wide),
        ("#step=9&node=v1", None, wide),
        ("#step=9&present=1", None, wide),
        ("#step=10&node=f1", None, narrow),
        ("#step=12&node=v0", arrays(), wide),
        ("", with_events("x*y", x=1, y=2, backward=False), narrow),
    ]
    checked = 0
    for hash, graph, width in cases:
        viewport = {"width": width, "height": 800}
        page = show(graph, hash, {"theme": "auto"}, color_scheme=scheme, viewport=viewport)
        page.evaluate(script)
        result = page.evaluate("axe.run()")
        found = [
            (rule["id"], node["html"][:100], node["any"])
            for rule in result["violations"]
            for node in rule["nodes"]
        ]
        assert found == []
        checked += len(result["passes"])
    assert checked > 100


def test_the_policy_holds(browser, page_file, example, tmp_path):
    text = page_file(example).read_text(encoding="utf-8")
    foreign = (
        "<script>ran.push('script')</script>"
        "<img src='data:image/png;base64,AAAA' onerror=\"ran.push('handler')\">"
        "<style>body { color: rgb(1, 2, 3) }</style>"
        '<a id="link" href="javascript:ran.push(1)">x</a>'
    )
    file = tmp_path / "page.html"
    file.write_text(text.replace("</main>", f"{foreign}</main>"), encoding="utf-8")
    with visited(browser, file) as (page, requests, complaints):
        page.locator("#link").click()
        page.evaluate("fetch('https://example.invalid/').catch(() => 0)")
        assert page.evaluate("getComputedStyle(document.body).color") != "rgb(1, 2, 3)"
        assert page.evaluate("ran") == []
        page.locator("#first").click()
        assert step_of(page) == "Step 0 of 16"
    refused = [text for text in complaints if "Content Security Policy" in text]
    assert len(refused) >= 5
    assert not any(url.startswith("http") for url in requests)
