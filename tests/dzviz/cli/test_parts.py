"""The options of large graphs on the command line."""

import json
import re

import pytest

from dzviz.cli import main as cli

LOOP = """\
import numpy as np


def iterate(x):
    for _ in range(300):
        x = np.sin(x) + 0.5
    return x


def some(x):
    for _ in range(60):
        x = np.sin(x) + 0.5
    return x


def roots(x):
    for _ in range(20):
        x = np.sqrt(x) - 1
    return x
"""


@pytest.fixture
def dzviz(capsys, monkeypatch, tmp_path):
    """Run a command line in a folder with the file above; return code, stdout and stderr."""
    (tmp_path / "loop.py").write_text(LOOP)
    monkeypatch.chdir(tmp_path)

    def run(*args):
        code = cli.run(["--py-function", "loop.py:iterate", "--x", "1", *args])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_a_large_picture_is_folded_and_says_so(dzviz, tmp_path):
    code, out, err = dzviz("-o", "loop.svg")
    assert (code, out) == (0, "")
    assert err == (
        "dzviz: 1501 nodes are drawn as 6, since repeated parts are drawn only once; "
        "--fold none --max-nodes N draws all\n"
    )
    assert ">300 times: x = " in (tmp_path / "loop.svg").read_text()
    assert dzviz("-o", "loop.svg", "-q")[2] == ""
    assert dzviz("-o", "loop.svg", "--fold", "always")[2] == ""


@pytest.mark.parametrize("format", ["dot", "json", "text"])
def test_formats_without_a_limit_are_whole_unless_asked(dzviz, format):
    whole = dzviz("-T", format)
    assert whole[2] == ""
    assert len(whole[1].splitlines()) > 600
    folded = dzviz("-T", format, "--fold", "always")
    assert "300 times" in folded[1] or '"times": 300' in folded[1]
    assert len(folded[1].splitlines()) < 30


def test_what_is_said_of_folding_is_of_the_part(dzviz):
    err = dzviz("-o", "part.svg", "--focus", "y:800")[2]
    assert re.match(
        r"dzviz: 10\d\d nodes are drawn as \d+, since repeated parts are drawn only once; --fold ",
        err,
    )
    assert "nodes drawn" not in dzviz("-o", "part.svg", "--focus", "y:20")[2]


def test_what_does_not_fit_leaves_nothing(dzviz, tmp_path):
    code, out, err = dzviz("--fold", "none", "-o", "loop.svg")
    assert (code, out) == (5, "")
    assert err.startswith("dzviz: error: the graph is too large for a picture: it has 1501 nodes")
    for way in ("--fold auto", "--focus NAME", "--from and --to", "--max-nodes N"):
        assert way in err
    assert not (tmp_path / "loop.svg").exists()


def test_parts(dzviz):
    focus = json.loads(dzviz("-T", "json", "--focus", "x:1")[1])
    assert [node["id"] for node in focus["nodes"]] == ["v0", "f0"]
    assert focus["graph"]["part_of"] == 1501
    between = json.loads(dzviz("-T", "json", "--from", "v1", "--to", "v3")[1])
    assert [node["id"] for node in between["nodes"]] == ["v1", "v2", "f1", "v3"]
    code, out, err = dzviz("-T", "dot", "--from", "y", "--to", "x")
    assert (code, out) == (2, "")
    assert "nothing leads from --from to --to" in err


def test_a_focus_on_nan(dzviz):
    code, out, err = dzviz("-T", "text", "--py-function", "loop.py:roots", "--focus", "nan")
    assert code == 0
    assert "sqrt of" in out
    assert "first NaN" in err
    code, out, err = dzviz("-T", "text", "--focus", "nan")
    assert (code, out) == (2, "")
    assert "there is no NaN and no infinity" in err


@pytest.mark.parametrize("option", ["--focus", "--from", "--to"])
@pytest.mark.parametrize(
    "name", ["", "q", "v9999999", "--x", "-1", "x; rm", '"', "\\", "\n", "x\0", "변수", "a" * 5000]
)
def test_hostile_names_are_refused_in_one_line(dzviz, option, name):
    code, out, err = dzviz("-T", "dot", f"{option}={name}")
    assert (code, out) == (2, "")
    first, hint = err.splitlines()
    assert first.startswith(f"dzviz: error: {option}: there is no node '")
    assert first.isprintable()
    assert len(first) < 120
    assert hint.startswith("hint: ")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--fold", "maybe"], "fold is one of auto, always, none, not 'maybe'"),
        (["--fold", ""], "fold is one of"),
        (["--max-nodes", "0"], "max-nodes is at least 1, not 0"),
        (["--max-nodes", "-3"], "max-nodes is at least 1, not -3"),
        (["--max-nodes", "many"], "--max-nodes takes a whole number, not 'many'\nhint: as in: "),
        (["--max-nodes", "1e3"], "--max-nodes takes a whole number, not '1e3'\nhint: as in: "),
        (["--order", "x"], "--order takes a whole number, not 'x'\nhint: as in: --order 1\n"),
        (["--scale", "x"], "--scale takes a number, not 'x'\nhint: as in: --scale 1\n"),
        (["--seed", "1"], "no such option --seed\nhint: did you mean --random-seed?"),
        (["--wrt", "x"], "--wrt needs --order\nhint: as in: --order 1 --wrt x\n"),
        (["--wrt", "q,r"], "--wrt needs --order\nhint: as in: --order 2 --wrt q,r\n"),
        (["--wrt", "q;"], "--wrt needs --order\nhint: as in: --order 1 --wrt x\n"),
        (["--focus", "x:-1"], "--focus: the radius is a number of edges (0, 1, 2 ...), not '-1'"),
        (["--focus", "x:99999999999"], "--focus: the radius is a number of edges"),
        (["--focus", "x", "--to", "y"], "--focus does not go with --from and --to"),
        (["--fold", "always", "--style", "book"], "the style book shows every object"),
        (["--fold", "always", "--style", "refs"], "the style refs shows every object"),
        (["--focu", "x"], "no such option --focu"),
    ],
)
def test_wrong_options_are_told(dzviz, args, message):
    code, out, err = dzviz("-T", "dot", *args)
    assert (code, out) == (2, "")
    assert err.startswith("dzviz: error: ")
    assert message in err


def test_a_wide_picture_has_a_hint(dzviz):
    function = ("--py-function", "loop.py:some")
    for args, ways in (
        (("-o", "a.svg"), "--fold always draws repeated parts once, --focus NAME draws a part"),
        (("-o", "a.svg", "--style", "refs"), "--focus NAME draws a part"),
    ):
        code, _, err = dzviz(*function, *args)
        assert code == 0
        assert err.startswith("dzviz: 301 nodes make a wide picture; ")
        assert err.endswith(f"picture; {ways}\n")
    for args in (
        ("-o", "a.svg", "-q"),
        ("-o", "a.svg", "--fold", "none"),
        ("-o", "a.svg", "--fold", "always"),
        ("-o", "a.svg", "--focus", "y"),
        ("-T", "dot"),
    ):
        assert dzviz(*function, *args)[2] == ""


def test_nothing_to_fold_is_no_mistake(dzviz):
    plain = dzviz("-T", "dot", "--to", "v1")
    assert dzviz("-T", "dot", "--to", "v1", "--fold", "always") == plain


def test_no_backward_folds_alike(dzviz, tmp_path):
    assert dzviz("--no-backward", "-o", "plain.svg")[0] == 0
    text = (tmp_path / "plain.svg").read_text()
    assert ">300 times: x = " in text
    assert "grad None" in text
    assert "grad =" not in text
