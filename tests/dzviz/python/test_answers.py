"""What a command answers, Python answers too; and each answer can be saved."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

import dzviz
from dezero import Variable
from dzviz.cli import main as cli
from dzviz.errors import OutputError, UsageError


@pytest.fixture
def command(capsys):
    """Run a command in this process; return its exit code and what it prints."""

    def run(*args):
        code = cli.run(list(args))
        return SimpleNamespace(code=code, out=capsys.readouterr().out)

    return run


def twice(x):
    return np.tanh(x) * 2


def thrice(x):
    return np.tanh(x) * 3


FILE = """
import numpy as np

def twice(x):
    return np.tanh(x) * 2

def thrice(x):
    return np.tanh(x) * 3
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.py").write_text(FILE, "utf-8")
    return tmp_path


def shown(text):
    """What an answer says, without the places that only a file has."""
    return text.replace(" (m.py, line 5)", "").replace(" (m.py, line 8)", "").replace("m.py:", "")


def columns(text):
    return [line.split() for line in text.splitlines()]


def test_diff_is_that_of_the_command(module, command):
    answer = dzviz.diff(twice, thrice, 0.5)
    result = command("diff", "m.py:twice", "m.py:thrice", "--x", "0.5")
    assert (result.code, answer.equal) == (1, False)
    assert columns(shown(result.out)) == columns(repr(answer))
    assert len(answer.differences) == len(answer.report.differences) == 6
    same = dzviz.diff(twice, twice, 0.5)
    assert same.equal
    assert repr(same).startswith("no difference: 4 values, 3 gradients and 2 shares agree")
    assert "image/svg+xml" in answer._repr_mimebundle_()
    assert list(same._repr_mimebundle_()) == ["text/plain"]


def test_diff_of_what_is_there_already():
    x = Variable(np.array(0.5), "x")
    y = twice(x)
    y.backward()
    assert dzviz.diff(y, y).equal
    assert not dzviz.diff(y, thrice, 0.5).equal
    assert dzviz.diff(y, thrice, 0.5, rtol=0.9).equal
    forward = dzviz.diff(y, thrice, 0.5, backward=False)
    assert {d.backward for d in forward.differences} == {False}


def test_beside_is_that_of_the_command(tmp_path, command):
    x = Variable(np.array(0.5), "x")
    sine, cosine = np.sin(x), np.cos(x)
    sine.backward()
    x.cleargrad()
    both = dzviz.beside(sine, cosine, theme="dark")
    assert "<title>" in both.svg
    both.save(tmp_path / "a.svg")
    both.save(tmp_path / "a.png")
    assert (tmp_path / "a.svg").read_text("utf-8") == both.svg
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert both._repr_mimebundle_()["text/plain"] == repr(both)
    made = dzviz.beside(recorded("sin"), recorded("cos")).svg
    drawn = command("beside", "sin(x)", "cos(x)", "--x", "1").out
    assert made.count("<g ") == drawn.count("<g ")


def recorded(name):
    return dzviz.record(getattr(np, name), Variable(np.array(1.0), "x"))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: dzviz.diff(dzviz.record(twice, 1.0), dzviz.record(twice, 1.0), 1.0),
            "values are for functions",
        ),
        (lambda: dzviz.diff(twice, thrice, 1.0, rtol=-1), "rtol is a number that is not negative"),
        (lambda: dzviz.diff(twice, thrice, 1.0, atol=np.nan), "atol is a number that is not"),
        (lambda: dzviz.beside(twice, thrice, 1.0, title="x"), "title is not for two graphs"),
        (lambda: dzviz.beside(twice, thrice, 1.0, nope=1), "unknown display option 'nope'"),
        (lambda: dzviz.beside(twice, thrice, 1.0).save("a.dot"), "dot does not draw two graphs"),
        (lambda: dzviz.flow(twice(Variable(np.array(1.0), "x"))), "there was no backward pass"),
        (lambda: dzviz.flow(dzviz.record(twice, 1.0), 1.0), "values are for a function"),
        (lambda: dzviz.remarks("x + 1", 2.0), "the values of a formula have names"),
        (lambda: dzviz.remarks("x + 1", values={"y": 2.0}), "no variable 'y'"),
        (lambda: dzviz.remarks(twice, values={"x": 2.0}), "values is for a formula"),
        (lambda: dzviz.explain(twice, 1.0).save("a.png"), "a derivation cannot be 'a.png'"),
        (lambda: dzviz.trace(twice, 1.0).save("a.png"), "a trace is a table or JSON"),
        (lambda: dzviz.trace(dzviz.record(twice, 1.0), 1.0), "values are for a function"),
        (lambda: dzviz.hessian(lambda x: (x, x * x), 1.0), "a Hessian needs one output"),
    ],
)
def test_one_clear_error(call, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=words):
        call()
    assert list(tmp_path.iterdir()) == []


def test_flow_is_that_of_the_command(module, command):
    answer = dzviz.flow(twice, 0.5)
    result = command("flow", "--py-function", "m.py:twice", "--x", "0.5")
    assert columns(shown(result.out)) == columns(repr(answer))
    assert [gain.sent for gain in answer.gains.all][-1] == pytest.approx(2)
    assert dzviz.flow(dzviz.record(twice, 0.5)).gains.all == answer.gains.all
    assert "가장 강한 경로에서" in repr(dzviz.flow(twice, 0.5, lang="ko"))


def test_remarks_are_those_of_the_command(command):
    for text, values in (("log(softmax(x))", {}), ("log(1 + exp(x))", {"x": 2.0}), ("x + 1", {})):
        given = [word for name, x in values.items() for word in (f"--{name}", str(x))]
        found = dzviz.remarks(text, values=values)
        assert command("lint", text, *given).out == f"{found}\n" * found.fails
        assert found.fails == bool(found.remarks)
    (found,) = dzviz.remarks(lambda x: (x + 1) - 1, 1e-13).remarks
    assert found.rule == "difference"


def test_derivatives_are_those_of_the_command(command):
    def f(x, w):
        return np.tanh(x @ w)

    x, w = np.array([[0.5, -1.0]]), np.array([[1.0, 2.0], [0.25, -0.5]])
    found = dzviz.jacobian(f, x, w)
    told = command(
        "grad",
        "tanh(x@w)",
        "--jacobian",
        "-T",
        "json",
        "--x",
        str(x.tolist()),
        "--w",
        str(w.tolist()),
    )
    rows = {row["variable"]: row["derivative"] for row in json.loads(told.out)["jacobian"]}
    for name, value in found["y"].items():
        assert np.allclose(value, rows[name], rtol=1e-12)
    second = dzviz.hessian(lambda x, y: x**3 * y, 2.0, 5.0)
    assert {a: {b: float(v) for b, v in row.items()} for a, row in second.items()} == {
        "x": {"x": 60.0, "y": 12.0},
        "y": {"x": 12.0, "y": 0.0},
    }


def test_every_answer_can_be_saved(tmp_path):
    pictures = [
        dzviz.gradcheck(twice, 0.5),
        dzviz.why(twice, 0.5),
        dzviz.flow(twice, 0.5),
        dzviz.diff(twice, thrice, 0.5),
        dzviz.beside(twice, thrice, 0.5),
        dzviz.draw(dzviz.record(twice, 0.5)),
    ]
    for i, answer in enumerate(pictures):
        path = tmp_path / f"{i}.svg"
        answer.save(path)
        assert path.read_text("utf-8").startswith("<svg"), answer
        with pytest.raises(OutputError, match="cannot write"):
            answer.save(tmp_path / "none" / "a.svg")
    explained, trace = dzviz.explain(twice, 0.5), dzviz.trace(twice, 0.5)
    for suffix, form in ((".tex", "tex"), (".md", "markdown"), (".html", "html"), (".txt", "text")):
        explained.save(tmp_path / f"a{suffix}")
        assert (tmp_path / f"a{suffix}").read_text("utf-8") == explained.write(form)
    trace.save(tmp_path / "trace.txt")
    assert (tmp_path / "trace.txt").read_text("utf-8") == f"{trace}\n"
    trace.save(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text("utf-8"))["events"]
    assert len(events) == len(trace.events)


def test_the_picture_of_flow_has_thick_edges():
    svg = dzviz.flow(twice, 0.5).picture.svg
    assert "edges: the thicker" in svg
    assert "edges: the thicker" not in dzviz.draw(dzviz.record(twice, 0.5)).svg
