"""The button of a page that leads to the next language, and what stays as it is then."""

import re
from contextlib import contextmanager

import numpy as np
import pytest
from playwright.sync_api import expect
from support.graphs import with_events
from support.live import served
from support.pages import visited
from support.sweeps import swept

from dezero.functions import attention
from dzviz import record
from dzviz.options import Layout, Look
from dzviz.page import languages
from dzviz.page.swept import write
from dzviz.python.api import render

pytestmark = pytest.mark.needs("chromium")

HANGUL, KANA = re.compile("[\uac00-\ud7a3]"), re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


@pytest.fixture
def show(browser, tmp_path):
    @contextmanager
    def show(text, address=""):
        path = tmp_path / "page.html"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with visited(browser, path, address) as visit:
            yield visit.page
        assert visit.complaints == []

    return show


def says(page, pattern):
    """See that all parts of a page are in a language."""
    for part in ("#fit", "#told", "#story h2", "#keys h2", "#play", "#stage [role=group]"):
        expect(page.locator(part).first).to_have_text(pattern)


def test_the_button_leads_through_the_languages(show):
    with show(render(with_events("a = x*x; a*sin(a) + x", x=3), "html"), "#step=7&node=v1") as page:
        expect(page.locator("#language")).to_have_text("\ud55c\uad6d\uc5b4")
        page.locator("#language").click()
        says(page, HANGUL)
        expect(page.locator("html")).to_have_attribute("lang", "ko")
        assert page.locator("#slider").input_value() == "7"
        expect(page.locator("#details")).to_have_text(HANGUL)
        page.locator("#next").click()
        expect(page.locator("#count")).to_have_text(re.compile("8 / "))
        page.locator("#language").click()
        says(page, KANA)
        page.wait_for_url(re.compile("lang=ja"))
        page.reload()
        says(page, KANA)
        page.locator("#language").click()
        expect(page.locator("#count")).to_have_text(re.compile("Step 8 of "))
        expect(page.locator("#fit")).to_have_text("Fit")


def test_a_page_begins_in_the_language_that_is_asked_for(show):
    with show(render(with_events("x*x", x=3), "html", lang="ja")) as page:
        says(page, KANA)
        expect(page.locator("#language")).to_have_text("English")


def test_the_sliders_of_a_sweep_stay(show):
    page = "".join(write(swept("x*sin(x)", "x=-1:1:5"), Look(), Layout()))
    with show(page) as page:
        page.locator("[data-axis]").fill("1")
        page.locator("#language").click()
        assert page.locator("[data-axis]").input_value() == "1"
        expect(page.locator("[data-value]")).to_have_text("x = \u22120.5")
        page.locator("[data-axis]").fill("4")
        expect(page.locator("[data-value]")).to_have_text("x = 1")
        says(page, HANGUL)


def test_views_are_kept_apart(show):
    graph = record(lambda x: attention(x, x, x).sum(), np.eye(2))
    with show(render(graph, "html")) as page:
        page.locator("#language").click()
        expect(page.locator("p.note").last).to_have_text(HANGUL)
        page.locator("[data-leads]").first.click()
        page.wait_for_url(re.compile("view="))
        says(page, HANGUL)


def test_a_long_page_has_one_language(monkeypatch):
    monkeypatch.setattr(languages, "MOST_SPOKEN", 10_000)
    page = render(with_events("x*x", x=3), "html", lang="ko").decode()
    assert "<template" not in page
    assert HANGUL.search(page)


def test_a_live_page_is_drawn_in_another_language(browser):
    with served() as site:
        page = browser.new_page()
        page.goto(site.address)
        page.locator("#stage svg").wait_for()
        page.locator("#language").click()
        says(page, HANGUL)
        expect(page.locator("#command")).to_contain_text("--lang=ko")
        expect(page.locator("#copy")).to_have_text(HANGUL)
        page.close()
