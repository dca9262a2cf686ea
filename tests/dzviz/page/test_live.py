"""The live page in a browser: what a reader types, drags, takes back and takes home."""

import re
from contextlib import contextmanager
from math import cos, sin
from pathlib import Path

import pytest
from playwright.sync_api import expect
from support.live import served
from support.pages import SPY
from support.tools import find_tool

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture(scope="module")
def site():
    with served() as site:
        yield site


@pytest.fixture
def visit(browser, site):
    """Open a live page; when done with it, nothing may have gone wrong or out."""

    @contextmanager
    def visit(address="", at=None, again=None, **options):
        at = at or site
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.add_init_script(SPY)
        page = again(context) if again else context.new_page()
        page.set_default_timeout(20_000)
        requests, complaints = [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{at.address}{address}")
        page.locator("#stage svg").wait_for()
        yield page
        assert page.evaluate("window.ran") == []
        own = (at.address, "data:", "blob:")
        assert [url for url in requests if not url.startswith(own)] == []
        assert complaints == []
        context.close()

    return visit


def shown(page, id):
    return page.locator(f"[data-shape={id}]")


def drag(page, value, name="x"):
    page.locator(f".value input[type=range][aria-label^='{name},']").fill(str(value))


def test_the_picture_follows_a_slider_and_nothing_moves(visit):
    with visit("#step=16") as page:
        expect(shown(page, "v0")).to_contain_text("data 3")
        before = page.locator("[data-shape] :is(rect, ellipse)").evaluate_all(
            "boxes => boxes.map(box => box.getAttribute('x') + box.getAttribute('cx'))"
        )
        page.evaluate("stage.querySelector('svg').dataset.same = 'yes'")
        for value, data, grad in (("2.5", "2.5", "31.12"), ("-1.5", "−1.5", "−0.4287")):
            drag(page, value)
            expect(shown(page, "v0")).to_contain_text(f"data {data}")
            expect(page.locator("#variables tbody tr").first).to_contain_text(data)
            expect(page.locator("html")).not_to_have_class(re.compile("behind"))
            a = float(value) ** 2
            exact = (sin(a) + a * cos(a)) * 2 * float(value)
            told = shown(page, "v0").text_content().replace("−", "-")
            found = float(re.search(r"grad (-?[\d.]+)", told)[1])
            assert found == pytest.approx(exact, rel=1e-3), grad
        after = page.locator("[data-shape] :is(rect, ellipse)").evaluate_all(
            "boxes => boxes.map(box => box.getAttribute('x') + box.getAttribute('cx'))"
        )
        assert after == before
        assert page.evaluate("stage.querySelector('svg').dataset.same") == "yes"
        expect(page.locator("#command")).to_have_text(
            'dzviz draw "a = x**2; a*sin(a)" --x=-1.5 -o graph.svg'
        )
        expect(page).to_have_url(re.compile(r"at\.x=-1\.5"))


def test_what_is_not_of_the_new_numbers_is_seen_to_be_behind(visit):
    with visit() as page:

        def answer(route):
            if '"want":"whole"' not in route.request.post_data:
                route.continue_()

        page.route("**/draw", answer)
        drag(page, "1")
        expect(page.locator("html")).to_have_class(re.compile("behind"))
        assert page.locator("#tables").evaluate("e => getComputedStyle(e).opacity") == "0.3"
        expect(page.locator("#told")).to_contain_text("= 1.382")


def test_formulas_are_typed_mistaken_and_mended(visit):
    with visit() as page:
        field = page.locator("#formula")
        field.fill("a = x**2; a*sinn(a)")
        expect(page.locator("#fault")).to_have_text("unknown function 'sinn' (did you mean sin?)")
        expect(page.locator("#expression mark")).to_have_text("sinn")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(shown(page, "v0")).to_contain_text("data 3")
        field.fill("x*w + cos(x)")
        expect(page.locator("#fault")).to_be_empty()
        expect(field).to_have_attribute("aria-invalid", "false")
        expect(page.locator(".value label")).to_have_text(["x", "w"])
        page.locator("#value-w").fill("[1, 2")
        expect(page.locator(".value .fault").nth(1)).to_contain_text("the value of w")
        page.keyboard.type("]")
        expect(page.locator(".value .fault").nth(1)).to_be_empty()
        expect(page.locator("[aria-label='w[1]']")).to_have_value("2")
        expect(page.locator("#value-w")).to_be_focused()
        page.locator("[aria-label='w[1]']").fill("5")
        expect(page.locator("#value-w")).to_have_value("[1, 5]")
        expect(page.locator("#command")).to_contain_text('--w "[1, 5]"')


def test_functions_are_offered_by_keyboard_alone(visit):
    with visit() as page:
        field = page.locator("#formula")
        field.fill("")
        field.press_sequentially("x*tan")
        options = page.locator("#words [role=option]")
        expect(options.first).to_contain_text("tanh")
        page.keyboard.press("ArrowDown")
        expect(field).to_have_attribute("aria-activedescendant", "word0")
        page.keyboard.press("Enter")
        expect(field).to_have_value("x*tanh(")
        expect(page.locator("#words")).to_be_hidden()
        field.press_sequentially("x)")
        expect(page.locator("#stage")).to_contain_text("tanh")


def test_undo_redo_back_and_reload(visit):
    with visit("#step=3&formula=x*sin(x)&at.x=2&style=merged") as page:
        expect(page.locator("[name=style]")).to_have_value("merged")
        expect(page.locator("#count")).to_have_text(re.compile("Step 3 of"))
        drag(page, "1")
        expect(shown(page, "v0")).to_contain_text("data 1")
        page.wait_for_timeout(800)  # a change has come to rest
        page.locator("#formula").fill("cos(x)")
        expect(page.locator("#stage")).to_contain_text("cos")
        page.locator("#undo").click()
        expect(page.locator("#formula")).to_have_value("x*sin(x)")
        expect(page.locator("#stage")).to_contain_text("sin")
        page.go_back()
        expect(page.locator("#value-x")).to_have_value("2")
        expect(page.locator("#undo")).to_have_attribute("aria-disabled", "true")
        page.locator("#redo").click()
        expect(page.locator("#value-x")).to_have_value("1")
        page.reload()
        expect(page.locator("#value-x")).to_have_value("1")
        expect(page.locator("#formula")).to_have_value("x*sin(x)")
        page.locator("#theme").focus()
        page.keyboard.press("Control+z")
        expect(page.locator("#value-x")).to_have_value("2")


def test_options_and_themes_are_in_the_address_and_the_command(visit):
    with visit() as page:
        page.locator("#options summary").click()
        page.get_by_label("retain-grad").check()
        page.locator("[name=order]").fill("1")
        page.get_by_label("shape").check()
        page.locator("#theme").click()
        command = page.locator("#command")
        expect(command).to_contain_text("--retain-grad")
        expect(command).to_contain_text("--order=1")
        expect(command).to_contain_text("--show=shape")
        expect(command).to_contain_text("--theme=dark")
        expect(page).to_have_url(re.compile("retain-grad=&order=1&show=shape"))
        page.reload()
        expect(command).to_contain_text("--show=shape")
        expect(page.get_by_label("shape")).to_be_checked()
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_two_tabs_are_two_pages(visit, site):
    with visit("#formula=x*x&at.x=2") as one, visit("#formula=sin(x)&at.x=1") as two:
        for x in ("1.5", "2.5"):
            drag(one, x)
            drag(two, x)
            expect(shown(one, "v0")).to_contain_text(f"data {x}")
            expect(shown(two, "v0")).to_contain_text(f"data {x}")
        expect(one.locator("#stage")).not_to_contain_text("sin")
        expect(two.locator("#stage")).to_contain_text("sin")


def test_an_address_may_hold_anything(visit):
    hostile = (
        "#formula=%3Cimg src=x onerror=alert(1)%3E&at.x=@/etc/passwd&style=%22%3E&theme=x&step=9e9"
    )
    with visit("#formula=x") as page:
        page.goto(page.url.partition("#")[0] + hostile)
        page.reload()
        expect(page.locator("#fault")).not_to_be_empty()
        assert page.locator("#editor img").count() == 0


def test_pictures_and_pages_are_saved(visit, tmp_path):
    with visit() as page:
        for button, start in (("#svg", b"<svg"), ("#png", b"\x89PNG"), ("#page", b"<!DOCTYPE")):
            with page.expect_download() as download:
                page.locator(button).click()
            path = tmp_path / "saved"
            download.value.save_as(path)
            assert path.read_bytes().startswith(start)
        assert b"unsafe" not in path.read_bytes()


def test_a_file_that_changes_is_shown(visit, tmp_path):
    path = tmp_path / "f.txt"
    path.write_text("x*x")
    with served("x*x", file=str(path), reads=[str(path)]) as at, visit(at=at) as page:
        drag(page, "2")
        path.write_text("sin(x)")
        expect(page.locator("#formula")).to_have_value("sin(x)")
        expect(page.locator("#stage")).to_contain_text("sin")
        expect(page.locator("#value-x")).to_have_value("2")
        page.locator("#undo").click()
        expect(page.locator("#formula")).to_have_value("x*x")


def test_what_has_focus_or_is_looked_at_stays(visit):
    with visit("#step=16") as page:
        shown(page, "v1").click()
        expect(page.locator("#details h2")).to_have_text("a")
        page.locator("#in").click()
        before = page.evaluate("[view.x, view.y, view.scale]")
        drag(page, "2")
        expect(page.locator("#details")).to_contain_text("4")
        expect(page.locator("html")).not_to_have_class(re.compile("behind"))
        expect(page.locator("#panel")).to_be_visible()
        assert page.evaluate("[view.x, view.y, view.scale]") == before
        assert page.evaluate("document.activeElement.type") == "range"


@pytest.mark.thorough
@pytest.mark.needs("axe")
@pytest.mark.parametrize(
    "size", [(1280, 800), (390, 844), (640, 400)], ids=["wide", "portrait", "200 percent"]
)
def test_it_is_accessible_and_fits(visit, size):
    axe = Path(find_tool("axe")).read_text()
    width, height = size
    address = "#formula=sum(tanh(x@W%2Bb))&at.x=[[1,2]]&at.W=randn(2,3)&at.b=0.5"
    for scheme in ("light", "dark"):
        options = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
        with visit(address, **options) as page:
            page.locator("#options summary").click()
            page.evaluate(axe)
            page.locator("#formula").press("End")
            page.keyboard.type("+si")
            page.locator("#words li").first.wait_for()
            found = page.evaluate("axe.run()")
            assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []
            page.locator("#formula").fill("sum(tanh(x@W+b)")
            expect(page.locator("#fault")).not_to_be_empty()
            page.wait_for_timeout(300)
            found = page.evaluate("axe.run()")
            assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_is_presented_with_its_sliders(visit):
    with visit() as page:
        page.locator("#present").click()
        expect(page.locator("#formula")).to_be_hidden()
        expect(page.locator(".value input[type=range]")).to_be_visible()
        drag(page, "2")
        expect(shown(page, "v0")).to_contain_text("data 2")
        expect(page.locator("html")).not_to_have_class(re.compile("behind"))
        expect(page.locator("html")).to_have_class(re.compile("presenting"))


def test_a_server_that_is_gone_is_told(browser):
    context = browser.new_context()
    page = context.new_page()
    with served("x*x") as at:
        page.goto(at.address)
        page.locator("#stage svg").wait_for()
    drag(page, "2")
    expect(page.locator("#fault")).to_have_text("dzviz live has ended, or cannot be reached")
    context.close()
