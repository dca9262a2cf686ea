"""Functions and Variables of files that another engine computes: drawn, traced, checked by it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support import early_engines, mydezero
from support.docs import ROOT

from dzviz.engine import State
from dzviz.sources import foreign, function
from dzviz.sources.foreign_check import PASS, check_foreign

ENGINE = Path(mydezero.__file__).read_text(encoding="utf-8")

MINE = """
import numpy as np
from dezero import Variable, sin

def f(x, w):
    return sin(x * w) + x

def lost(x, w):
    return sin(x), x * 2.0

def leaves(x):
    return x.data

def runs(x):
    y = x**2
    y.backward()
    return y

x = Variable(np.array(2.0), "x")
y = x**2 + x
y.name = "y"
y.backward()
z = y * 2.0
count = 3
"""

TEXT = """\
name  from       data     grad
x     input      2        3.881
w     input      3        1.920
v2    x * w      6        None (was 0.9602)
v3    sin of v2  -0.2794  None (was 1)
y     v3 + x     1.721    None (was 1, seed)

y = f(x, w)
grad from backward of y
shares: from backward of y
"""

MADE = """\
name  from    data  grad
x     input   2     5
v1    x ** 2  4     None (was 1)
y     v1 + x  6     None (was 1, seed)

y of mine.py
grad from backward of y
shares: from backward of y
"""

NOTE = "dzviz: mine.py:f is computed by dezero (dezero.py)\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "dezero.py").write_text(ENGINE)
    (tmp_path / "mine.py").write_text(MINE)
    return tmp_path


def run(folder, *arguments, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "dzviz", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


F = ("--py-function", "mine.py:f", "--x", "2", "--w", "3")


def test_a_function_is_computed_by_the_dezero_that_its_file_imports(folder):
    done = run(folder, *F, "-T", "text")
    assert (done.stdout, done.stderr) == (TEXT, NOTE)
    done = run(folder, *F, "-T", "text", "-q")
    assert (done.stdout, done.stderr) == (TEXT, "")


def test_a_variable_that_the_file_made_is_drawn_as_it_is(folder):
    done = run(folder, "--py-function", "mine.py:y", "-T", "text")
    assert (done.stdout, done.stderr) == (MADE, "")
    assert run(folder, "grad", "--py-function", "mine.py:y").stdout == "x\t5.0\n"
    table = run(folder, "trace", "--py-function", "mine.py:y").stdout
    assert "rule     + -> x ** 2  1    1 * 1 = 1" in table
    unseen = run(folder, "--py-function", "mine.py:z", "-T", "text").stdout
    assert "grad from backward of y" in unseen


def test_other_commands_run_its_pass(folder):
    expected = np.cos(6.0) * np.array([3.0, 2.0]) + [1.0, 0.0]
    lines = run(folder, "grad", *F).stdout.splitlines()
    assert [float(line.split("\t")[1]) for line in lines] == pytest.approx(expected, rel=1e-14)
    assert "release  x * w" in run(folder, "trace", *F).stdout
    assert "None (was" not in run(folder, *F, "--retain-grad", "-T", "text").stdout
    forward = run(folder, *F, "--no-backward", "-T", "text").stdout
    assert "grad from" not in forward
    run(folder, *F, "-o", "f.html")
    assert (folder / "f.html").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ("gradcheck", "--py-function", "mine.py:y"),
            2,
            "the Variable mine.py:y has been computed already",
        ),
        (("--py-function", "mine.py:y", "--order", "1"), 2, "--order is for what is computed"),
        (("--py-function", "mine.py:y", "--x", "1"), 2, "--x is for what is computed"),
        ((*F, "--order", "1"), 2, "--order only works with dzviz's own engine"),
        (("gradcheck", *F, "--order", "2"), 2, "--order only works with dzviz's own engine"),
        (("--py-function", "mine.py:count"), 2, "mine.py has no function 'count'"),
        (
            ("--py-function", "mine.py:leaves", "--x", "1"),
            4,
            "returned something that is not a Variable of dez",
        ),
    ],
)
def test_what_it_cannot_do_is_refused_in_words(folder, arguments, code, message):
    assert message in run(folder, *arguments, code=code).stderr


def test_what_is_odd_is_told(folder):
    done = run(folder, "--py-function", "mine.py:lost", "--x", "2", "--w", "3", "-T", "text")
    assert "dzviz: warning: 'w' does not reach any output" in done.stderr
    done = run(folder, "--py-function", "mine.py:runs", "--x", "2", "-T", "text")
    assert "grad of x: added up over 2 passes" in done.stdout


def test_numpy_functions_are_ours_where_nothing_else_is_imported(folder):
    (folder / "plain.py").write_text("import numpy as np\ndef f(x): return np.sin(x)\n")
    done = run(folder, "--py-function", "plain.py:f", "--x", "1", "-T", "text")
    assert "grad = dy/d(node)" in done.stdout
    assert done.stderr == ""


RULES = {
    "Sin": ("return gy * cos(x)", "return gy * sin(x)"),
    "Add": ("return fit(gy, a), fit(gy, b)", "return fit(gy, a), fit(gy * 2.0, b)"),
}
PASSES = {
    "overwritten": ("x.grad = gx if x.grad is None else x.grad + gx", "x.grad = gx"),
    "generation": ("self.generation = max(x.generation for x in inputs)", "self.generation = 0"),
}


@pytest.mark.parametrize("op", RULES)
def test_a_wrong_rule_is_named(folder, op):
    assert ENGINE.count(RULES[op][0]) == 1
    (folder / "dezero.py").write_text(ENGINE.replace(*RULES[op]))
    done = run(folder, "gradcheck", *F, code=1)
    assert f"the backward of {op} is wrong" in done.stdout
    assert done.stdout.count("is wrong") == 1
    assert "differs" in done.stdout


@pytest.mark.parametrize("mistake", PASSES)
def test_a_wrong_pass_is_told_from_wrong_rules(folder, mistake):
    assert ENGINE.count(PASSES[mistake][0]) == 1
    (folder / "dezero.py").write_text(ENGINE.replace(*PASSES[mistake]))
    (folder / "mine.py").write_text(
        "from dezero import Variable, sin\n"
        "def f(x, w):\n    a = sin(x)\n    b = a * w\n    return b * b * a + sin(a)\n"
    )
    done = run(folder, "gradcheck", *F, code=1)
    assert PASS in done.stdout
    assert "is wrong:" not in done.stdout


def test_a_right_engine_passes(folder):
    done = run(folder, "gradcheck", *F)
    assert done.stdout.endswith("2 compared, 0 differ\n")


@pytest.mark.parametrize("name", ["step7", "step9", "step14", "step18"])
def test_early_engines_are_checked(name):
    engine = getattr(early_engines, name)()
    theirs = foreign.Foreign(engine.Variable)

    def compute(inputs):
        return [engine.square(engine.exp(engine.square(inputs["x"])))]

    values = {"x": np.array([0.3, 0.7])}
    report, notes, _ = check_foreign(theirs, compute, values, rtol=1e-4, atol=0.0)
    assert [c.state for c in report.comparisons] == [State.AGREES] * 2
    assert len(report.verdicts) == 3
    assert notes == []
    engine.Square.backward = lambda self, gy: 3 * self.operand().data * gy
    report, notes, _ = check_foreign(theirs, compute, values, rtol=1e-4, atol=0.0)
    assert "the backward of Square is wrong" in notes[0]
    assert {type(v.function).__name__ for v in report.blamed} == {"Square"}


def test_checking_leaves_their_functions_as_they_were():
    x, w = (mydezero.Variable(np.array([[1.0, 2.0]]).reshape(s), "x") for s in ((1, 2), (2, 1)))
    y = mydezero.linear(x, w)
    before = dict(vars(y.creator))
    theirs = foreign.Foreign(mydezero.Variable)
    report, notes, _ = check_foreign(
        theirs,
        lambda inputs: [mydezero.linear(inputs["x"], inputs["w"])],
        {"x": x.data, "w": w.data},
        rtol=1e-4,
        atol=0.0,
    )
    assert [c.state for c in report.comparisons] == [State.AGREES] * 4
    assert notes == []
    assert dict(vars(y.creator)) == before


def test_the_engine_of_a_module_is_the_one_it_computes_with(folder, monkeypatch):
    monkeypatch.chdir(folder)
    (folder / "own.py").write_text(ENGINE + "\ndef f(x):\n    return sin(x)\n")
    loaded = function.load("own.py:f")
    assert loaded.engine.name == "own (own.py)"
    (folder / "dezero.py").unlink()
    (folder / "ours.py").write_text("from dezero import Variable\ndef f(x):\n    return x * x\n")
    assert function.load("ours.py:f").engine is None


THEIRS = """
import numpy as np
import dezero
x = dezero.Variable(np.array(2.0), "x")
y = dezero.sin(x) * x
"""
OURS = """
import dzviz
graph = dzviz.record(lambda x: np.sin(x) * x, 2.0)
"""
BOTH = """
with dzviz.watch() as tape:
    y.backward()
theirs = tape.graph(y)
assert type(x).__module__ == "dezero"
assert "grad = dy/d(node)" in dzviz.draw(graph).text
assert "grad from backward of the output" in dzviz.draw(theirs).text
for a, b in zip(graph.nodes, theirs.nodes):
    assert getattr(a, "data", None) == getattr(b, "data", None)
    assert getattr(a, "grad_was", None) == getattr(b, "grad_was", None)
for a, b in zip(graph.edges, theirs.edges):
    assert a.contribution == b.contribution
"""


@pytest.mark.parametrize("program", [THEIRS + OURS, "import numpy as np" + OURS + THEIRS])
def test_both_engines_are_drawn_in_one_process(folder, program):
    subprocess.run(
        [sys.executable, "-c", program + BOTH],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
