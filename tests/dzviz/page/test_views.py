"""Ops that are made of others: a click opens and closes them."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect
from support.pages import visited

from dezero.functions import attention
from dzviz import record
from dzviz.page.views import ALL, views
from dzviz.python.api import render


def model(x, w):
    a = attention(x @ w, x, x)
    return (attention(a, x, x) ** 2).sum()


@pytest.fixture(scope="module")
def graph():
    generator = np.random.default_rng(1)
    return record(model, generator.normal(size=(3, 2)), generator.normal(size=(2, 2)))


def test_a_view_with_each_op_open_and_one_with_all(graph):
    found = {view.key: view for view in views(graph, (), "boxes")}
    first, second = (group.id for group in graph.groups)
    assert list(found) == ["", first, second, ALL]
    assert [len(view.opens) for view in found.values()] == [2, 1, 1, 0]
    assert [len(view.closes) for view in found.values()] == [0, 1, 1, 2]
    assert {key for key, _ in found[""].opens} == {first, second}
    assert found[first].closes == (("", first),)
    assert found[first].opens[0][0] == second
    assert found[ALL].graph is not None
    assert len(found[ALL].graph.events) == len(graph.events)
    for view in found.values():
        ids = {node.id for node in view.graph.nodes}
        assert all({*nodes} <= ids for _, nodes in view.opens)
        for _, (node, *results) in view.opens:
            assert {e.target for e in view.graph.edges if e.source == node} == {*results}
        for key, _ in (*view.opens, *view.closes):
            assert key in found


def test_what_is_expanded_is_open_first(graph):
    first, *others = views(graph, ("attention",), "boxes")
    assert not first.opens
    assert len(first.closes) == 2
    assert all(len(view.opens) == 1 for view in others[:-1])


def test_other_graphs_have_one_view():
    plain = record(lambda x: x * x, 2.0)
    assert [view.key for view in views(plain, (), "boxes")] == [""]
    assert set(re.findall('data-view="(.*?)"', render(plain, "html").decode())) == {""}


def test_of_many_ops_a_click_opens_all():
    def deep(x):
        for _ in range(20):
            x = attention(x, x, x)
        return x.sum()

    found = list(views(record(deep, np.eye(2)), (), "boxes"))
    assert [view.key for view in found] == ["", ALL]
    assert {key for key, _ in found[0].opens} == {ALL}
    assert {key for key, _ in found[1].closes} == {""}


def test_what_repeats_has_one_view():
    def deep(x):
        for _ in range(200):
            x = attention(x, x, x)
        return x.sum()

    page = render(record(deep, np.eye(2)), "html").decode()
    assert set(re.findall('data-view="(.*?)"', page)) == {""}
    assert "200 times" in page


@pytest.fixture
def page_of(browser, graph, tmp_path):
    path = tmp_path / "page.html"

    def show(style="boxes", address=""):
        path.write_bytes(render(graph, "html", style=style))
        return visited(browser, path, address)

    return show


def labels(page):
    return page.locator("#stage [data-shape]").evaluate_all(
        "all => all.map(one => one.getAttribute('aria-label').split(' ')[0])"
    )


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("style", ["boxes", "merged"])
def test_a_click_opens_and_closes(page_of, style):
    with page_of(style) as visit:
        page = visit.page
        closed = page.locator("#stage [aria-expanded=false]")
        opened = page.locator("#stage [aria-expanded=true]")
        expect(closed).to_have_count(2)
        assert "softmax" not in " ".join(labels(page))
        closed.first.click()
        expect(opened).to_have_count(1)
        expect(closed).to_have_count(1)
        assert "softmax" in " ".join(labels(page))
        closed.first.press("Enter")  # the other one
        expect(opened).to_have_count(1)
        opened.first.click()
        expect(closed).to_have_count(2)
        assert not visit.complaints


@pytest.mark.needs("chromium")
def test_all_parts_have_steps(page_of):
    with page_of() as visit:
        page = visit.page
        assert page.locator("#slider").count() == 0
        page.get_by_role("link", name="the page of all parts").click()
        expect(page.locator("#slider")).to_have_count(1)
        page.locator("#first").click()
        assert "Step 0" in page.locator("#count").inner_text()
        page.locator("[aria-expanded=true]").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#slider")).to_have_count(0)
        assert not visit.complaints


@pytest.mark.needs("chromium")
def test_the_address_says_which_view(page_of):
    with page_of(address="#view=all") as visit:
        expect(visit.page.locator("#slider")).to_have_count(1)
        visit.page.wait_for_timeout(300)
        assert "view=all" in visit.page.url
    with page_of(address="#view=other") as visit:
        expect(visit.page.locator("[aria-expanded=false]")).to_have_count(2)
        assert not visit.complaints
