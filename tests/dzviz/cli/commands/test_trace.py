"""``dzviz trace``."""

import json
import re

import pytest
from wcwidth import wcswidth

from dzviz.cli.commands.trace import COLOURS
from dzviz.graph.events import KINDS

EXPRESSION = ("a = x**2; a*sin(a)", "--x", "3")


def test_the_events_stand_in_a_table(dzviz):
    result = dzviz("trace", *EXPRESSION)
    assert result.code == 0
    assert result.err == ""
    lines = result.out.splitlines()
    assert lines[0].split() == ["step", "pass", "event", "about", "gen", "value", "waiting"]
    assert "rule     * -> a          2    1 * 0.4121 = 0.4121" in result.out
    assert "release  a                    None (was -7.788)" in result.out
    assert "** 2 (0)" in result.out


def test_json_is_for_scripts(dzviz):
    data = json.loads(dzviz("trace", *EXPRESSION, "-T", "json").out)
    assert data["schema"] == "dzviz/trace/1"
    drawn = json.loads(dzviz(*EXPRESSION, "-T", "json").out)
    assert data["nodes"] == drawn["nodes"]
    last = [event for event in data["events"] if event["event"] == "keep"][-1]
    assert last["value"] == next(n for n in drawn["nodes"] if n["name"] == "x")["grad"]


def test_orders_retained_gradients_and_the_forward_pass_alone(dzviz):
    second = dzviz("trace", "tanh(x)", "--x", "1", "--order", "2").out
    assert "backward for y'" in second
    assert "backward for y''" in second
    assert "release" not in dzviz("trace", *EXPRESSION, "--retain-grad").out
    forward = dzviz("trace", *EXPRESSION, "--no-backward").out.splitlines()
    assert len(forward) == 4


def test_a_function_of_a_file(dzviz, tmp_path):
    path = tmp_path / "model.py"
    path.write_text("import numpy as np\n\ndef f(x, w):\n    return np.tanh(x * w)\n")
    result = dzviz("trace", "--py-function", f"{path}:f", "--x", "1", "--w", "2")
    assert result.code == 0
    assert "y = tanh(x * w)" in result.out


def test_wide_characters_keep_the_columns(dzviz):
    result = dzviz("trace", "sin(日本) + 日本", "--日本", "1")
    lines = result.out.splitlines()
    starts = {wcswidth(re.match(r".*?  (?=\d  )", line)[0]) for line in lines if "  0  " in line}
    assert len(starts) == 1
    values = [line for line in lines if "日本" in line]
    assert values


def test_a_file_instead(dzviz, tmp_path):
    path = tmp_path / "trace.txt"
    result = dzviz("trace", *EXPRESSION, "-o", str(path))
    assert (result.code, result.out) == (0, "")
    assert path.read_text() == dzviz("trace", *EXPRESSION).out


def test_a_file_s_suffix_says_the_format(dzviz, tmp_path):
    path = tmp_path / "trace.json"
    assert dzviz("trace", *EXPRESSION, "-o", str(path)).code == 0
    assert json.loads(path.read_text())["schema"] == "dzviz/trace/1"
    assert dzviz("trace", *EXPRESSION, "-o", str(path), "-T", "text").code == 0
    assert path.read_text().startswith("step")


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({"FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({}, False),
    ],
)
def test_colour_is_for_terminals_or_as_the_environment_says(
    dzviz, monkeypatch, environment, coloured
):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    plain = dzviz("trace", *EXPRESSION).out
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    out = dzviz("trace", *EXPRESSION).out
    assert ("\x1b[" in out) == coloured
    assert re.sub(r"\x1b\[\d+m", "", out) == plain
    assert "\x1b" not in dzviz("trace", *EXPRESSION, "-T", "json").out


def test_colours_are_of_kinds():
    assert set(COLOURS) <= {"", *KINDS}


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("-T", "jsn"), 2, ["a trace has no format 'jsn'", "did you mean json?"]),
        (("--wrt", "x"), 2, ["--wrt needs --order"]),
        (("--order", "1", "--wrt", "z"), 2, ["there is no variable 'z'"]),
        (("--precision", "0"), 2, ["precision is at least 1"]),
        (("-o", "no/such/folder/t.txt"), 6, ["cannot write 'no/such/folder/t.txt'"]),
    ],
)
def test_what_is_wrong_is_told(dzviz, args, code, words):
    result = dzviz("trace", *EXPRESSION, *args)
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith("dzviz: error: ")
    for word in words:
        assert word in result.err


def test_what_is_odd_is_a_warning(dzviz):
    result = dzviz("trace", "log(x)", "--x", "-1")
    assert result.code == 0
    assert "warning: first NaN: log" in result.err
    assert dzviz("trace", "log(x)", "--x", "-1", "--strict").code == 4
    assert dzviz("trace", "log(x)", "--x", "-1", "-q").err == ""


def test_a_picture_s_suffix_is_no_trace(dzviz, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = dzviz("trace", "sin(x)", "--x", "1", "-o", "t.svg")
    assert done.code == 2
    assert "a trace is a table or JSON, but 't.svg' would be svg" in done.err
    assert list(tmp_path.iterdir()) == []
