"""`dzviz diff`: operands, values for one side, what is written, exit codes, and what is wrong."""

import json
import math
import re

import pytest

SINE = ("diff", "a = x**2; a*sin(a)", "a = x**2; a*cos(a)", "--x", "3")


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A file with functions, and graphs in JSON."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.py").write_text(
        "import numpy as np\n\n\ndef f(x, w=2.0):\n    return np.sin(x) * w\n\n\n"
        "def g(x, w=2.0):\n    return np.cos(x) * w\n"
    )
    return tmp_path


def test_the_first_difference_counts_and_a_table(dzviz):
    result = dzviz(*SINE)
    assert (result.code, result.err) == (1, "")
    lines = result.out.splitlines()
    assert lines[:3] == [
        "first difference, forward: op of sin(a) (column 13)  sin | cos",
        "2 of 4 values, 2 of 4 gradients, 2 of 3 shares differ",
        "equal within rtol 1e-08, atol 1e-13 (float64)",
    ]
    assert re.fullmatch(r"pass +what +where +a = x.*sin.a. +a = x.*cos.a.", lines[4])
    assert re.fullmatch(r"backward +gradient +x +-46.73 +-27.72", lines[-1])


def test_no_difference_is_exit_0(dzviz):
    result = dzviz("diff", "x*y + 1", "1 + y*x", "--x", "3", "--y", "2")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("no difference: 5 values, 4 gradients and 3 shares agree\n")
    renamed = dzviz("diff", "x*x", "z*z", "--x", "3", "--z", "3")
    assert renamed.code == 0
    assert "renamed: x | z\n" in renamed.out


def test_an_output_that_is_an_input(dzviz):
    for a, b in (("x", "log(x)"), ("log(x)", "x"), ("x, x*x", "x*x, x*x")):
        done = dzviz("diff", a, b, "--x", "2")
        assert (done.code, done.err) == (1, "")
        assert done.out.startswith("first difference, forward: ")
    assert dzviz("diff", "x", "x", "--x", "2").code == 0


def test_tolerances(dzviz):
    near = ("diff", "x*2", "x*2", "--x", "1", "--set-b", "x=1.0001")
    assert dzviz(*near).code == 1
    assert dzviz(*near, "--rtol", "1e-3").code == 0
    assert dzviz(*near, "--atol", "1e-3").code == 0
    assert dzviz(*near, "--rtol", "1e-6", "--atol", "0").code == 1
    negative = dzviz(*near, "--rtol", "-1")
    assert (negative.code, negative.out) == (2, "")


def test_values_of_one_side(dzviz):
    result = dzviz("diff", "x*y", "x*y", "--x", "3", "--set-a", "y=1", "--set-b", "y=2")
    assert result.out.startswith("first difference, forward: y  1 | 2\n")
    own = dzviz("diff", "x*y", "x*y", "--x", "3", "--y", "1", "--set-b", "y=2")
    assert own.out == result.out
    one = dzviz("diff", "x*2", "z*2", "--x", "3", "--z", "3")
    assert one.code == 0


def test_operands_of_each_kind_are_compared(dzviz, files):
    assert (
        dzviz("sin(x)*w", "--x", "1", "--w", "2", "-T", "json", "--full", "-o", "g.json").code == 0
    )
    for other in ("model.py:f", "g.json", "sin(x)*w"):
        for one in ("model.py:f", "g.json", "sin(x)*w"):
            given = ["--x", "1", "--w", "2"]
            if one == other == "g.json":
                given = []
            result = dzviz("diff", one, other, *given)
            assert result.code == 0, (one, other, result)
            assert "no difference: 4 values" in result.out
    result = dzviz("diff", "model.py:g", "g.json", "--x", "1")
    assert result.code == 1
    assert "op of cos (model.py, line 9)  cos | sin" in result.out
    assert "forward   added     input w " in result.out
    assert "  model.py:g  g.json\n" in result.out


def test_json_has_all(dzviz):
    told = json.loads(dzviz(*SINE, "-T", "json").out)
    assert (told["schema"], told["equal"]) == ("dzviz/diff/1", False)
    assert told["values"] == {"compared": 4, "differ": 2, "unknown": 0}
    first = told["differences"][0]
    where = {"kind": "op", "pass": "forward", "where": "sin(a) (column 13)", "element": ""}
    assert first == {**where, "a": "sin", "b": "cos", "nodes_a": ["f1"], "nodes_b": ["f1"]}
    assert [d["pass"] for d in told["differences"]] == ["forward"] * 3 + ["backward"] * 4
    assert told["differences"][-1]["a"] == pytest.approx(6 * (math.sin(9) + 9 * math.cos(9)))


@pytest.mark.parametrize("suffix", [".svg", ".dot", ".mmd", ".png"])
def test_one_picture_has_both_numbers_where_they_differ(dzviz, tmp_path, suffix):
    target = tmp_path / f"diff{suffix}"
    assert dzviz(*SINE, "-o", str(target)).code == 1
    assert target.stat().st_size > 100
    if suffix == ".png":
        return
    text = target.read_text().replace("−", "-")
    text = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), text)
    for words in ("data 0.4121 | -0.9111", "grad -46.73 | -27.72", "sin | cos", "data 9"):
        assert words in text, words
    assert "data 3 |" not in text


def test_of_a_large_graph_what_differs_is_drawn(dzviz, tmp_path, files):
    (files / "long.py").write_text(
        "import numpy as np\n\n\ndef f(x, n=400, at=-1):\n    y = x\n    for i in range(int(n)):\n"
        "        y = np.sin(y) if i != at else np.cos(y)\n    return y\n"
    )
    result = dzviz("diff", "long.py:f", "long.py:f", "--x", "1", "--set-b", "at=399", "-o", "d.svg")
    assert result.code == 1
    text = (files / "d.svg").read_text()
    assert text.count("<ellipse") < 50
    assert "sin | cos" in text


def test_shares_alone_may_differ(dzviz, files):
    dzviz("x*y + x", "--x", "3", "--y", "2", "-T", "json", "--full", "-o", "a.json")
    told = json.loads((files / "a.json").read_text())
    edge = next(e for e in told["edges"] if e.get("contribution") == 2.0)
    edge["contribution"] = 7.0
    (files / "b.json").write_text(json.dumps(told))
    result = dzviz("diff", "a.json", "b.json", "-o", "d.svg")
    assert result.out.startswith(
        "first difference, backward: share of x through x*y (column 1)  2 | 7\n"
    )
    assert "share 2 | 7" in (files / "d.svg").read_text()


def test_what_is_not_told_is_said(dzviz, files):
    dzviz("x*y", "--x", "3", "--y", "2", "-T", "json", "--full", "--no-backward", "-o", "a.json")
    result = dzviz("diff", "a.json", "x*y", "--x", "3", "--y", "2")
    assert result.code == 0
    assert "A has no gradients: only the forward pass is compared\n" in result.out
    both = dzviz("diff", "x*y", "x*y", "--x", "3", "--y", "2", "--no-backward")
    assert "no difference: 3 values agree\n" in both.out
    assert "gradient" not in both.out


BAD = {
    ("x+1",): "there is one operand",
    (): "two operands are needed",
    ("x", "x", "x"): "it takes 2 operands: 'x' is one already",
    ("x+1", "z*2", "--x", "3"): "B: no value for 'z'",
    ("x+1", "x*2", "--x", "3", "--set-b", "y=2"): "there is no variable 'y'",
    ("x+1", "x*2", "--x", "3", "--set-b", "x"): "--set-b takes NAME=VALUE",
    ("x+1", "x*2", "--x", "3", "--x", "4"): "x is given twice",
    ("x+1", "none.json", "--x", "3"): "cannot read the graph from 'none.json'",
    ("none.py:f", "x"): "none.py",
    ("x+1", "x*", "--x", "1"): "",
    ("x+1", "x*2", "--x", "3", "-o", "d.html"): "html does not draw two graphs as one",
    ("x+1", "x*2", "--x", "3", "-o", "-"): "-o is for the file of a picture",
    ("x+1", "x*2", "--x", "3", "-o", "d.xyz"): "unknown suffix '.xyz'",
    ("x+1", "x*2", "--x", "[1, 2]", "--set-a", "x=[1"): "",
    ("log(x", "x", "--x", "1"): "",
    ("x", "x", "--x", "1", "--rtol", "nan"): "--rtol takes a number that is not negative",
    ("x", "x", "--x", "1", "--atol", "inf"): "--atol takes a number that is not negative",
    ("x", "x", "--x", "1", "--backend", "torch"): "neither operand is one",
    ("x", "model.py:f", "--x", "1", "--dtype-a", "float32"): "--dtype-a is for functions",
    ("backend*x", "x", "--x", "1", "--backend", "3"): "--set backend=3",
    ("rtol*x", "x", "--x", "1", "--rtol", "1"): "--set rtol=1",
}


def test_what_is_wrong_is_one_clear_error(dzviz, files):
    for args, words in BAD.items():
        result = dzviz("diff", *args)
        assert result.code in (2, 3, 4), (args, result)
        assert result.out == "", args
        assert words in result.err, (args, result.err)
        assert "Traceback" not in result.err
        assert result.err.startswith("dzviz: error: "), result.err
    assert sorted(path.name for path in files.iterdir() if path.is_file()) == ["model.py"]


def test_a_file_that_is_read_is_not_written(dzviz, files):
    dzviz("sin(x)", "--x", "1", "-T", "json", "-o", "g.json")
    (files / "g.json").rename(files / "g.svg.json")
    result = dzviz("diff", "g.svg.json", "sin(x)", "--x", "1", "-o", "g.svg.json")
    assert (result.code, result.out) == (2, "")


@pytest.mark.parametrize("lang", ["ko", "ja"])
@pytest.mark.parametrize(
    ("a", "b", "args"),
    [
        ("x*2", "x*3", ("--x", "[1,2]")),
        ("sin(x) + x", "x", ("--x", "1")),
        ("x*y", "x", ("--x", "1", "--y", "2")),
        ("a = x*2; sum(a*a)", "b = x*2; sum(b*b)", ("--x", "[1,2]")),
        ("x, x*x", "x*x", ("--x", "3")),
        ("x - y", "y - x", ("--x", "1", "--y", "3")),
        ("p = softmax(x); sum(p**2)", "e = exp(x); sum((e/sum(e))**2)", ("--x", "[1,2]")),
        ("x/3", "x*0.3333", ("--x", "1", "--rtol", "1e-3")),
        ("sum(x)", "sum(x)", ("--x", "[1,2]")),
        ("x*2", "x*3", ("--x", "1", "--no-backward")),
    ],
)
def test_it_says_the_same_in_other_languages(dzviz, tmp_path, lang, a, b, args):
    path = tmp_path / "d.svg"
    english, other = (dzviz("diff", a, b, *args, "--lang", each) for each in ("en", lang))
    assert other.code == english.code
    lines = [result.out.splitlines() for result in (english, other)]
    assert len(lines[0]) == len(lines[1])
    assert all(not one.isascii() for one in lines[1] if one)
    for one, same in zip(*lines, strict=True):
        assert sorted(re.findall(r"\d+\.\d+", one)) == sorted(re.findall(r"\d+\.\d+", same))
    told = [
        dzviz("diff", a, b, *args, "-T", "json", "--lang", each, "-o", str(path)).out
        for each in ("en", lang)
    ]
    assert told[0] == told[1]
    assert "lang=" not in path.read_text("utf-8")
    dzviz("diff", a, b, *args, "--lang", lang, "-o", str(path))
    assert f'lang="{lang}"' in path.read_text("utf-8")
