"""Inputs that reach no output: each is told once, with where its way ends."""

import subprocess
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest

import dezero
import dzviz
from dezero import Function, Variable, core, watching
from dzviz import DzvizWarning
from dzviz.cli import main as cli
from dzviz.errors import EvaluationError
from dzviz.language import evaluate as language
from dzviz.language.parse import parse
from dzviz.sources.function import evaluate, load

HEAD = """\
import copy
import numpy as np
from dezero import Function, Variable, grad, no_grad
def f(x, y):
"""

BODIES = {
    "return x * 2": "no op takes it",
    "return x * y.shape[0]": "no op takes it",
    "return x + copy.deepcopy(y)": "no op takes it",
    "return x * 2 + y.data": "its path ends at .data (model.py, line 5)",
    "return x * 2 + (y * 3).data": "its path ends at .data (model.py, line 5)",
    "h = y * 3\n    with no_grad():\n        k = h + 1\n    return k * x": (
        "its path ends at no_grad (model.py, line 7)"
    ),
    "with no_grad():\n        k = Twice()(y) + 1\n    return k * x": (
        "its path ends at no_grad (model.py, line 6)"
    ),
    "h = y * 3\n    h.unchain()\n    return h * x": "its path ends at unchain (model.py, line 6)",
    "h = (y * 3) * x\n    h.unchain_backward()\n    return h + x": (
        "its path ends at unchain (model.py, line 6)"
    ),
    "return np.floor(y) + x": "its path ends at np.floor (model.py, line 5)",
    "return x * np.argmax(np.stack([y[0], y[1]]))": (
        "its path ends at np.argmax (model.py, line 5)"
    ),
    "return x * (y > 0)": "its path ends at a comparison (model.py, line 5)",
    "return x * (0 < x) * (x > y)": "its path ends at a comparison (model.py, line 5)",
    "return x if y[0] else 2 * x": "its path ends at a condition (model.py, line 5)",
    "h = y * 3\n    k = np.sin(h)\n    return x * 2": (
        "its path ends at sin (model.py, line 6), whose result is not used"
    ),
    "z = (x * y ** 2).sum()\n    z.backward()\n    return x * y.grad": (
        "its path ends at a backward pass without create_graph (model.py, line 6)"
    ),
    "return x * grad((y ** 2).sum(), y)": (
        "its path ends at a backward pass without create_graph (model.py, line 5)"
    ),
    "print(y, len(y), repr(y), y.ndim)\n    return x * np.rint(y) * np.floor(2 * y)": (
        "its path ends at np.rint (model.py, line 6) and at np.floor (model.py, line 6)"
    ),
    "return Takes(y)(x)": "its path ends at .data (model.py, line 12)",
}

REACHES = [
    "return x * y if y[0].data > 0 else x + y",
    "return np.where(x > y, x, y)",
    "h = x * y\n    with no_grad():\n        print(h * 2)\n    return h",
    "g = grad((x * y ** 2).sum(), y, create_graph=True)\n    return g * x",
    "return x * y * 0",
    "return y",  # where x does not
]

CLASSES = """
class Twice(Function):
    def forward(self, x): return x * 2
    def backward(self, gy): return gy * 2
class Takes(Function):
    def __init__(self, w): self.w = w
    def forward(self, x): return x + self.w.data
    def backward(self, gy): return gy
"""

VALUES = {"x": np.array([1.5, 2.5]), "y": np.array([2.5, 0.5])}


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(body):
        lines = (HEAD + f"    {body}\n").splitlines()
        classes = CLASSES.splitlines()
        (tmp_path / "model.py").write_text("\n".join([*lines, *classes]) + "\n")
        return "model.py:f"

    return write


@pytest.mark.parametrize(("body", "end"), BODIES.items(), ids=range(len(BODIES)))
def test_where_the_way_of_a_parameter_ends(model, body, end):
    told = evaluate(load(model(body)), VALUES).warnings
    assert told == (f"'y' does not reach the output: {end}",)
    assert (core.Config.detach_watchers, watching.active) == ((), 0)


@pytest.mark.parametrize("body", REACHES)
def test_what_reaches_the_output_is_not_told(model, body):
    told = evaluate(load(model(body)), VALUES).warnings
    assert not any(sentence.startswith("'y'") for sentence in told)


def test_what_is_rounded_on_one_of_its_ways_is_told(model):
    told = evaluate(load(model("return np.floor(3 * y) + x * np.rint(y) + y")), VALUES).warnings
    assert told == (
        "'y' does not reach the output on every path: "
        "no gradient comes from np.floor (model.py, line 5) and np.rint (model.py, line 5)",
    )


def test_of_several_parameters_each_is_told(model):
    body = "return Variable(x.data) * 2, np.round(y) + Variable(np.ones(2))"
    assert evaluate(load(model(body)), VALUES).warnings == (
        "'x' does not reach any output: its path ends at .data (model.py, line 5)",
        "'y' does not reach any output: its path ends at np.round (model.py, line 5)",
    )


def test_what_a_rule_reads_is_no_end(model):
    body = (
        "class Cube(Function):\n"
        "        def forward(self, x): return x ** 3\n"
        "        def backward(self, gy): return gy * 3 * self.inputs[0].data ** 2\n"
        "    grad(Cube()(y).sum(), y)\n    return x * 2"
    )
    (told,) = evaluate(load(model(body)), VALUES).warnings
    assert "backward pass" in told
    assert ".data" not in told


EXPRESSIONS = {
    "a = y*2; x + 1": ["'y' does not reach the output: its path ends at 'a', which is never used"],
    "a = y; x": ["'y' does not reach the output: its path ends at 'a', which is never used"],
    "where(y > 0, x, 2*x)": [
        "'y' does not reach the output: its path ends at the comparison y > 0"
    ],
    "h = 2*y; x[[0]] + (h  <  1), x": [
        "'y' does not reach any output: its path ends at the comparison h < 1"
    ],
    "a = 2*x; x + y": ["'a' is never used"],
    "a = 2*x; b = 2*y; x": [
        "'a' is never used",
        "'y' does not reach the output: its path ends at 'b', which is never used",
    ],
    "where(y > 0, y, x)": [],
    "x*y*0": [],
    "x = y; x": [],
    "softmax_cross_entropy([x, x], y*0)": [],
}


@pytest.mark.parametrize(("text", "told"), EXPRESSIONS.items())
def test_variables_of_an_expression(text, told):
    program = parse(text)
    values = {name: VALUES[name] for name in program.names}
    assert list(language.evaluate(program, values).warnings) == told


COMMANDS = [("draw",), ("grad",), ("gradcheck",), ("trace",)]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_tells_it_once(model, command, capsys):
    target = model("return x * 2 + np.floor(y)")
    args = [*command, "--py-function", target, "--x", "1.5", "--y", "2.5"]
    assert cli.run(args) == 0
    line = "dzviz: warning: 'y' does not reach the output: its path ends at np.floor"
    err = capsys.readouterr().err
    assert err == f"{line} (model.py, line 5)\n"
    assert cli.run([*args, "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_grad_prints_what_it_did(model, capsys):
    assert cli.run(["grad", "--py-function", model("return x * 2"), "--x", "1", "--y", "2"]) == 0
    assert capsys.readouterr().out == "x\t2.0\ny\t0.0\n"


def test_the_functions_own_passes_do_not_add_to_the_gradients(model, capsys):
    body = "z = x * y ** 2\n    z.backward()\n    return x * y.grad"
    assert cli.run(["grad", "--py-function", model(body), "--x", "1.5", "--y", "2.5"]) == 0
    assert capsys.readouterr().out == "x\t7.5\ny\t0.0\n"  # y.grad was 2 * x * y, and is a number
    with pytest.warns(DzvizWarning):
        graph = dzviz.record(lambda x, y: (x * y**2).backward() or x * y.grad, 1.5, 2.5)
    assert graph.nodes[0].name == "x"
    assert graph.nodes[0].grad == 7.5


def test_record_warns_where_it_is_called():
    def f(x, y):
        h = y * 3
        return x * h.data

    with pytest.warns(DzvizWarning) as caught:
        dzviz.record(f, 1.0, 2.0)
    (warning,) = caught
    assert warning.filename == __file__
    line = f.__code__.co_firstlineno + 2
    end = f"its path ends at .data (test_reach.py, line {line})"
    assert str(warning.message).replace("tests/dzviz/language/", "") == (
        f"f: 'y' does not reach the output: {end}"
    )


def test_record_tells_of_a_result_that_is_not_used():
    with pytest.warns(DzvizWarning, match=r"its path ends at \*, whose result is not used"):
        dzviz.record(lambda x, y: [y * 3, x][1], 1.0, 2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dzviz.record(lambda x, y: x * y, 1.0, 2.0, order=1, wrt="x")


def test_what_is_typed_has_a_line_alone():
    code = "import dzviz\ndef f(x, y):\n    return x * y.data\ndzviz.record(f, 1.0, 2.0)\n"
    run = subprocess.run(
        [sys.executable, "-"],
        input=code,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        check=True,
    )
    assert "its path ends at .data (line 3)\n" in run.stderr


def test_errors_of_the_function_leave_no_watcher(model):
    with pytest.raises(EvaluationError):
        evaluate(load(model("return 1 / 0")), VALUES)
    assert (core.Config.detach_watchers, watching.active) == ((), 0)


def test_the_engine_tells_only_who_watches_in_this_thread():
    told = []
    x = Variable(np.array(1.0))

    def other():
        np.floor(x)
        (x * 2).unchain()

    with core.watch_detach(lambda x, by: told.append(by)):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert told == []
        np.floor(x)
        x.unchain()  # a leaf has no graph to leave
        with dezero.no_grad():
            x * 2
            Twice()(x)
    assert [by for by in told if by != ".data"] == ["np.floor", "no_grad", "no_grad"]
    np.floor(x)
    assert [by for by in told if by != ".data"] == ["np.floor", "no_grad", "no_grad"]


class Twice(Function):
    def forward(self, x):
        return x * 2

    def backward(self, gy):
        return gy * 2
