"""The page as a text: what is in it, what it may do, what cannot break it."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from support.graphs import CORPUS, graph_of, with_events

from dezero import Variable
from dzviz.errors import LayoutError
from dzviz.formats import FORMATS
from dzviz.options import Layout, Look, View
from dzviz.page.data import quote
from dzviz.page.html import write
from dzviz.pipeline import Computation, prepare
from dzviz.pipeline.view import chosen
from dzviz.python.api import render
from dzviz.sources.expression import read
from dzviz.styles import STYLES

EXPRESSION = "a = x**2; a*sin(a)"


def page_of(graph, **look):
    return "".join(write(graph, Look(**look), Layout()))


def between(text, start, end):
    return text.partition(start)[2].partition(end)[0]


def data_of(page):
    return json.loads(between(page, '<script type="application/json" id="data">', "</script>"))


def text_at(data, key, step):
    """What a layer shows at a step."""
    number = [text for since, text in data["layers"][key] if since <= step][-1]
    return "\n".join(data["lines"][line] for line in data["texts"][number])


@pytest.fixture(scope="module")
def page():
    return page_of(with_events(EXPRESSION, x=3))


class Elements(HTMLParser):
    """Collects the elements of a page, and the text outside of scripts and styles."""

    def __init__(self, page):
        super().__init__()
        self.found, self.text, self.hidden = [], [], False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        self.hidden = tag in ("script", "style")

    def handle_endtag(self, tag):
        self.hidden = False

    def handle_data(self, data):
        if not self.hidden:
            self.text.append(data)


@pytest.mark.parametrize(
    "options", [{"focus": "x:1"}, {"focus": "x:2"}, {"from_": "a"}, {"to": "a"}]
)
def test_a_part_of_a_graph_is_a_page(options):
    computation = Computation(read("a = x*w; b = a*a; sin(b) + a"), {"x": "1", "w": "2"})
    drawing = prepare(computation, FORMATS["html"], Look(), View(**options), Layout())
    assert "<svg" in "".join(drawing.chunks())


def test_what_is_0_is_a_page():
    computation = Computation(read("log(0*x)"), {"x": "3"})
    drawing = prepare(computation, FORMATS["html"], Look(), View(), Layout())
    assert "<svg" in "".join(drawing.chunks())


def test_the_script_and_the_style_are_small(page):
    style = between(page, "<style>", "</style>")
    script = between(page, "<script>", "</script>")
    assert len(script) > 5000
    assert len(style) > 2000
    assert len(style.encode()) + len(script.encode()) < 42_000


def test_the_policy_lets_nothing_run_but_them(page):
    policy = between(page, 'Content-Security-Policy" content="', '"')
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules.pop("default-src") == rules.pop("base-uri") == rules.pop("form-action") == "'none'"
    assert rules.pop("img-src") == "data: blob:"
    for name in ("script", "style"):
        digest = hashlib.sha256(between(page, f"<{name}>", f"</{name}>").encode()).digest()
        assert rules.pop(f"{name}-src") == f"'sha256-{base64.b64encode(digest).decode()}'"
    assert rules == {}
    assert page.index("Content-Security-Policy") < page.index("<style>")
    assert not any("style" in attributes for _, attributes in Elements(page).found)


def test_it_names_no_other_file(page):
    for tag, attributes in Elements(page).found:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form")
        assert "src" not in attributes
        assert attributes.get("href", "#").startswith("#")
    assert "url(" not in page
    assert "@import" not in page
    assert set(re.findall(r"https?://[^\s\"']+", page)) == {"http://www.w3.org/2000/svg"}


def test_the_last_step_is_the_final_picture(page):
    data = data_of(page)
    page = page.partition("<template")[0]
    assert data["steps"] == 17
    for key in data["layers"]:
        if element := re.search(f'<g data-key="{key}">\n(.*?)</g>\n<g data-key', page, re.DOTALL):
            assert element[1] == text_at(data, key, data["steps"] - 1)


def test_every_shape_has_a_panel_in_every_style():
    for style in STYLES:
        data = data_of(page_of(with_events(EXPRESSION, x=3), style=style))
        named = [id for id in data["shapes"] if id[0] in "vf"]
        assert len(named) >= 4
        for id in named:
            assert data["shapes"][id]["pieces"]
            for piece in data["shapes"][id]["pieces"]:
                assert piece in data["layers"]
        shown = {piece for shape in data["shapes"].values() for piece in shape["pieces"]}
        assert {"v0 data", "v3 grad", "f0 back"} <= shown


def test_the_panel_tells_what_was_sent_back():
    data = data_of(page_of(with_events(EXPRESSION, x=3)))
    last = data["steps"] - 1
    sent = re.sub("<[^>]+>", " ", text_at(data, "f1 back", last))
    assert "a cos(a) = \u22120.9111 9 \u00d7 \u22120.9111 = \u22128.200" in " ".join(sent.split())
    assert text_at(data, "f1 back", 0) == ""
    came = text_at(data, "v1 back", last)
    assert came.count("<tr>") == 3
    assert "sin(a) = 0.4121" in came
    assert "not computed yet" in text_at(data, "v1 data", 0)
    assert "<code>9</code>" in text_at(data, "v1 data", last)


def test_each_step_has_its_line_of_the_derivation():
    data = data_of(page_of(with_events(EXPRESSION, x=3)))
    last = data["steps"] - 1
    lines = {step: text_at(data, "line", step) for step in range(last + 1)}
    assert lines[0] == lines[last] == ""
    assert "<mn>9</mn>" in lines[1]
    assert lines[2] == lines[3]  # sin(a) has no line of its own
    assert "<mn>8.200</mn>" in lines[6]
    assert "<mn>46.73</mn>" in lines[last - 1]
    assert 'data-key="line"' in page_of(with_events(EXPRESSION, x=3))
    plain = page_of(graph_of("x*y", x=1, y=2))
    assert 'data-key="line"' not in plain


def test_the_queue_has_who_waits_with_generations():
    data = data_of(page_of(with_events(EXPRESSION, x=3)))
    seen = [text_at(data, "queue", step) for step in range(data["steps"])]
    assert "<li>** 2, generation 0</li>" in seen
    assert "<li>empty</li>" in seen
    assert seen[0] == seen[3] == seen[-1] == ""


def test_spans_are_those_of_the_expression():
    text = "sin = 2*x; x + sin(x)*sin  # x"
    data = data_of(page_of(with_events(text, x=1)))
    spans = {
        id: [text[start:end] for start, end in shape["spans"]]
        for id, shape in data["shapes"].items()
    }
    assert ["x", "x", "x"] in spans.values()
    assert ["2*x"] in spans.values()
    assert ["sin(x)"] in spans.values()
    assert data["expression"] == text


def test_a_graph_without_events_has_no_slider():
    x = Variable(np.array(1.0), "x")
    for page in (render(x * x, "html").decode(), page_of(graph_of("sin(x)", x=1.0))):
        assert data_of(page)["steps"] == 1
        assert 'id="slider"' not in page
        assert 'id="story"' not in page
        assert "<td>1</td>" in page


def test_a_page_without_steps_says_why():
    run = with_events(f"{'sin(' * 9}x{')' * 9}", x=1)
    folded, _ = chosen(run, run, View(fold="always"), placed=True, style="boxes")
    for graph, words in (
        (folded, "what repeats is drawn once"),
        (graph_of("sin(x)", x=1.0), "dzviz.record"),
        (run, ""),
        (graph_of("x", x=1.0, backward=False), ""),
    ):
        text = "".join(Elements(page_of(graph)).text)
        assert ("This page has no steps" in text) is bool(words)
        assert words in text


def test_without_backward_the_forward_steps_are_told():
    page = page_of(with_events("x*y + 2*pi", x=1, y=2, backward=False))
    assert data_of(page)["steps"] == 4
    assert "Forward: x \u00b7 y is 2." in page
    assert "Backward" not in page


def test_the_theme_is_where_the_page_starts():
    graph = CORPUS["sin"]()
    pages = {theme: page_of(graph, theme=theme) for theme in ("light", "dark", "auto", "print")}
    assert '<html lang="en" data-theme="light">' in pages["light"]
    assert '<html lang="en" data-theme="dark">' in pages["dark"]
    assert '<html lang="en">' in pages["auto"]
    for theme in ("light", "dark", "auto"):
        assert 'id="theme"' in pages[theme]
        assert 'svg [fill="#ffffff"]{fill:light-dark(#ffffff,#0f172a)}' in pages[theme]
    assert 'id="theme"' not in pages["print"]
    assert "light-dark" not in pages["print"]


def test_a_background_is_exchanged_in_the_dark():
    page = page_of(CORPUS["sin"](), background="#fffff0")
    assert 'svg [fill="#fffff0"]{fill:light-dark(#fffff0,#0f172a)}' in page
    assert "--background:light-dark(#fffff0,#0f172a)" in page


def test_a_title_stands_above_the_expression():
    text = " ".join(Elements(page_of(with_events(EXPRESSION, x=3), title="Chain rule")).text)
    assert "Chain rule" in text
    assert EXPRESSION in text
    assert "<h1><code" in page_of(with_events(EXPRESSION, x=3))


def test_options_hold_in_tables_and_steps():
    page = page_of(with_events("sin(x)", x=1), precision=2)
    assert "<td>0.84</td>" in page
    assert "Forward: sin(x) is 0.84." in page or "y = sin(x) is 0.84." in page


def test_json_is_quoted_for_a_script():
    text = "</script><!--&\u2028\u2029"
    assert json.loads(quote(text)) == text
    assert not set("<>&\u2028\u2029") & set(quote(text))


def test_a_file_of_the_page_that_cannot_be_read(monkeypatch, tmp_path):
    monkeypatch.setattr("dzviz.page.files", lambda package: tmp_path)
    with pytest.raises(LayoutError, match=r"own file 'page\.css' cannot be read: No such file"):
        page_of(with_events(EXPRESSION, x=3))
