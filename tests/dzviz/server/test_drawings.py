"""What a page is shown is what every other command draws, and it can ask for no more."""

import os
import re
import shlex

import pytest
from support.live import request

from dzviz.cli import main as cli
from dzviz.files import release_folder
from dzviz.formats import FORMATS, json
from dzviz.options import Layout, Look, View
from dzviz.page import html
from dzviz.pipeline import Computation, prepare
from dzviz.server.drawings import MOST_TABS, Drawings
from dzviz.server.start import Start, page_options
from dzviz.sources.expression import read

SETTINGS = {"backend": None, "dtype": None}


@pytest.fixture(autouse=True)
def a_process_of_its_own():
    """What users' code is kept from ends with the test, as it ends with the process."""
    yield
    release_folder()


def started(**facts):
    return Drawings(
        Start(**{"formula": "x", "values": {}, "options": {}, "settings": SETTINGS, **facts})
    )


@pytest.fixture
def drawings():
    return started()


def test_a_whole_is_the_page_of_the_same_command(drawings):
    answer = drawings.answer(request(want="page", options={"style": "merged", "order": "1"}))
    drawing = prepare(
        Computation(read("a = x**2; a*sin(a)"), {"x": "3"}, order=1),
        FORMATS["html"],
        Look(style="merged"),
        View(),
        Layout(),
    )
    assert answer["page"] == "".join(drawing.chunks())


def test_the_command_draws_the_same(drawings, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    cases = [
        ("a = x**2; a*sin(a)", {"x": "3"}, {}),
        ("-x**2", {"x": "-3"}, {"style": "merged", "retain-grad": ""}),
        ("style*x", {"style": "2", "x": "-0.5"}, {"order": "1", "wrt": "x", "show": "shape,order"}),
        ("sum(x@W)", {"x": "[[1,2]]", "W": "randn(2, 3)"}, {"random-seed": "7", "theme": "dark"}),
        ('x*2  # a "b" $c', {"x": "1"}, {"title": 'say "x" & `y` \\ %', "no-backward": ""}),
        ("draw", {"draw": "1"}, {}),
        ("sin(x)*x + x", {"x": "1"}, {"focus": "x:1"}),
    ]
    for formula, values, options in cases:
        asked = request(want="page", formula=formula, values=values, options=options)
        answer = drawings.answer(asked)
        words = shlex.split(answer["command"])
        assert words[0] == "dzviz"
        words[words.index("graph.svg")] = "graph.html"
        assert cli.run(words[1:]) == 0, (answer["command"], capsys.readouterr().err)
        assert (tmp_path / "graph.html").read_text() == answer["page"], answer["command"]


def test_a_moment_is_what_the_whole_shows_at_that_step(drawings):
    whole = drawings.answer(request())
    moved = drawings.answer(
        request(want="moment", step=11, structure=whole["structure"], values={"x": "2.5"})
    )
    assert moved["structure"] == whole["structure"]
    again = drawings.answer(request(values={"x": "2.5"}))
    assert again["structure"] == whole["structure"]
    assert dict(map(tuple, moved["parts"])).keys() >= {"v0", "f0", "e0"}
    film = html.moment(*_drawing("a = x**2; a*sin(a)", {"x": "2.5"}), 11)
    texts = {key: _words(part) for key, part in moved["parts"]}
    assert texts == {track.key: _words(track.states[0][1]) for track in film.tracks}


def _drawing(formula, values):
    drawing = prepare(Computation(read(formula), values), FORMATS["html"], Look(), View(), Layout())
    return drawing.graph, drawing.look, drawing.layout


def _words(part):
    return re.findall(r">([^<>\n]+)<", part)


def test_who_shows_another_structure_gets_all(drawings):
    drawings.answer(request())
    other = drawings.answer(request(want="moment", formula="sin(x)", structure="nothing"))
    assert "main" in other
    assert "parts" not in other


def test_a_text_that_outgrows_its_box_moves_the_picture(drawings):
    first = drawings.answer(request(formula="x*w", values={"x": "3", "w": "2"}))
    same = first["structure"]
    near = drawings.answer(request(formula="x*w", values={"x": "3.25", "w": "-2"}, structure=same))
    assert near["structure"] == same
    far = drawings.answer(
        request(formula="x*w", values={"x": "-3.123456e-200", "w": "1e-90"}, structure=same)
    )
    assert far["structure"] != same
    back = drawings.answer(request(formula="x*w", values={"x": "3", "w": "2"}))
    assert back["structure"] == far["structure"], "what has room keeps it"


def test_the_book_style_is_drawn_as_a_whole(drawings):
    whole = drawings.answer(request(options={"style": "book"}))
    moved = drawings.answer(
        request(want="moment", options={"style": "book"}, structure=whole["structure"])
    )
    assert "main" in moved
    assert moved["structure"] != whole["structure"]


FAULTS = [
    ({"formula": "a = x**2; a*sinn(a)"}, "unknown function 'sinn'", [12, 16], None),
    ({"formula": "x +"}, "", None, None),
    ({"formula": "x@W", "values": {"x": "[1,2]", "W": "[1,2,3]"}}, "does not fit", [0, 3], None),
    ({"values": {"x": "[1,"}}, "the value of x", None, "x"),
    ({"values": {"x": "y"}}, "the value of x", None, "x"),
    ({"values": {"x": "@/etc/passwd"}}, "a page cannot read a file", None, None),
    ({"values": {"x": "\t @w.npy"}}, "a page cannot read a file", None, None),
    ({"options": {"style": "nope"}}, "style is one of", None, None),
    ({"options": {"order": "21"}}, "at most 20", None, None),
    ({"options": {"order": "x"}}, "takes a whole number", None, None),
    ({"options": {"max-nodes": "100000"}}, "at most 3000 for a picture of a live page", None, None),
    ({"options": {"font": "/etc/passwd"}}, "not an option of a page", None, None),
    ({"options": {"engine": "dot"}}, "not an option of a page", None, None),
    ({"options": {"config": "/etc/passwd"}}, "not an option of a page", None, None),
    ({"options": {"output": "x.svg"}}, "not an option of a page", None, None),
    ({"formula": "x" * 300_000}, "at most", None, None),
    ({"formula": "zeros(2000, 2000) + x"}, "elements", None, None),
    ({"formula": "\ud800"}, "is text", None, None),
    ({"tab": 3}, "the tab of a request", None, None),
    ({"want": "file"}, "not a request of a page", None, None),
    ({"more": 1}, "not a request of a page", None, None),
    ({"formula": None}, "", None, None),
]


def test_faults_are_told_where_they_are(drawings):
    for facts, says, span, value in FAULTS:
        answer = drawings.answer(request(**facts))
        assert says in answer.get("error", "no error"), facts
        if span is not None:
            assert answer["span"] == span, facts
        assert answer["value"] == value, facts
        assert "main" not in answer
    assert "main" in drawings.answer(request())


def test_values_are_told_beside_a_fault(drawings):
    answer = drawings.answer(request(formula="x@W", values={"x": "[1,2]"}))
    assert answer["error"]
    assert answer["values"]["x"]["elements"] == ["1", "2"]
    assert answer["values"]["W"]["text"] == "1"
    broken = drawings.answer(request(formula="x*w", values={"x": "[1,", "w": "2"}))
    assert broken["values"]["x"] == {"text": "[1,", "shape": None, "elements": None, "whole": False}
    assert broken["values"]["w"]["elements"] == ["2"]


def test_elements_are_read_as_what_they_were(drawings):
    text = "[0.1, -0, 1e-300, 123456789.25, 1e20, 0.30000000000000004]"
    answer = drawings.answer(request(formula="sum(x)", values={"x": text}))
    elements = answer["values"]["x"]["elements"]
    assert [float(e) for e in elements] == [0.1, 0, 1e-300, 123456789.25, 1e20, 0.30000000000000004]


def test_files_are_those_of_the_command_line(tmp_path):
    (tmp_path / "w.csv").write_text("1,2\n3,4\n")
    path = str(tmp_path / "w.csv")
    drawings = started(formula="sum(x@W)", values={"W": f"@{path}", "x": "[1, 1]"})
    answer = drawings.answer(request(formula="sum(x@W)", values={"x": "[1, 2]"}))
    assert answer["values"]["W"]["text"] == f"@{path}"
    assert answer["values"]["W"]["elements"] == ["1", "2", "3", "4"]
    assert f"--W @{path}" in answer["command"]


def test_a_function_and_a_graph(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.py").write_text(
        "import numpy as np\ndef loss(x, w):\n    return np.sum((x * w) ** 2)\n"
    )
    drawings = started(formula=None, function="model.py:loss", values={"x": "[1, 2]"})
    answer = drawings.answer(request(formula=None, values={"x": "[1, 2]", "w": "3"}))
    assert "main" in answer
    assert answer["command"].startswith("dzviz draw --py-function model.py:loss --x")
    assert "not started with a formula" in drawings.answer(request())["error"]
    graph, _, _ = _drawing("sin(x)", {"x": "1"})
    (tmp_path / "g.json").write_text("".join(json.write(graph, Look(full=True), Layout())))
    drawings = started(formula=None, graph="g.json")
    answer = drawings.answer(request(formula=None, values={}))
    assert "main" in answer
    assert answer["values"] == {}


def test_every_option_of_a_page_is_taken(drawings):
    names = {option.name for _, option in page_options()}
    assert {"retain_grad", "order", "style", "show", "theme", "focus"} <= names
    assert names.isdisjoint({"font", "engine", "timeout", "fit", "pace", "full"})


def test_places_are_kept_of_some_tabs_alone(drawings):
    for tab in range(3 * MOST_TABS):
        drawings.answer(request(tab=str(tab), formula="x"))
    assert len(drawings.kept) == MOST_TABS


def test_nothing_is_written(drawings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    drawings.answer(request())
    drawings.answer(request(want="page"))
    assert os.listdir(tmp_path) == []
