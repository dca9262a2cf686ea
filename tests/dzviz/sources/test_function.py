"""Functions from a user's file: what they draw, and what is told when they fail."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dzviz.cli import main as cli
from dzviz.errors import EvaluationError, UsageError
from dzviz.sources.function import evaluate, load

MODEL = """\
import numpy as np
from dezero import Function

print("loading")

class MyLog(Function):
    def forward(self, x):
        return np.log(x)
    def backward(self, gy):
        return gy / self.inputs[0].data

def loss(x, W, b=0.0):
    print("calling")
    h = np.tanh(x @ W + b)
    return np.sum(h ** 2)

def mine(x):
    return MyLog()(x) * 2

def two(x):
    return x * 2, x * 3

def sorts(x):
    return np.partition(x, 0)

def leaves(x):
    return x.data

def nothing(x):
    pass

def fails(x):
    return helper(x)

def helper(x):
    return 1 / 0

def exits(x):
    raise SystemExit(3)

def many(*xs):
    return xs[0]

constant = 3

class Mute(Exception):
    def __str__(self):
        raise RuntimeError

def mute(x):
    raise Mute

def empty(x):
    return type(x)(None)

def words(x):
    return type(x)(np.array(["a"]))

class Writes(Function):
    def forward(self, x):
        x[x < 0] *= 0.1
        return x
    def backward(self, gy):
        x = self.inputs[0].data
        x *= 2
        return gy * x

def writes(x):
    return Writes()(x) * x
"""


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model_under_test.py").write_text(MODEL)
    return "model_under_test.py"


def test_a_function_is_drawn_with_its_sources(model, capsys):
    function = load(f"{model}:loss")
    assert (function.names, function.optional) == (("x", "W"), ("b",))
    evaluation = evaluate(function, {"x": np.ones((1, 2)), "W": np.ones((2, 3))})
    (y,) = evaluation.outputs
    assert (y.name, evaluation.title) == ("y", "y = loss(x, W)")
    assert y.data == pytest.approx(3 * np.tanh(2) ** 2)
    lines = {type(f).__name__: source for f, source in evaluation.sources.items()}
    assert lines["Tanh"] == (model, 14)
    assert lines["Pow"] == (model, 15)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "calling" in captured.err


def test_a_users_function_has_a_source_too(model):
    evaluation = evaluate(load(f"{model}:mine"), {"x": np.array(2.0)})
    lines = {type(f).__name__: source for f, source in evaluation.sources.items()}
    assert lines == {"MyLog": (model, 18), "Mul": (model, 18)}


def test_modules_by_name_and_several_outputs(model):
    evaluation = evaluate(load("model_under_test:two"), {"x": np.array(2.0)})
    assert [y.name for y in evaluation.outputs] == ["y0", "y1"]


def test_sources_do_not_depend_on_the_folder(model, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    evaluation = evaluate(load(f"../{model}:mine"), {"x": np.array(2.0)})
    assert {source for source, _ in evaluation.sources.values()} == {model}


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("{}", "takes FILE:NAME"),
        ("{}:", "takes FILE:NAME"),
        (":f", "takes FILE:NAME"),
        ("missing.py:f", "there is no file 'missing.py'"),
        ("missing_module:f", "there is no module 'missing_module'"),
        ("{}:los", "has no function 'los'"),
        ("{}:constant", "has no function 'constant'"),
        ("{}:many", r"takes \*xs"),
    ],
)
def test_what_cannot_be_loaded(model, target, message):
    with pytest.raises(UsageError, match=message):
        load(target.format(model))


def test_did_you_mean(model):
    with pytest.raises(UsageError) as caught:
        load(f"{model}:los")
    assert caught.value.hint == "did you mean loss?"


def test_all_that_a_file_has_is_named_that_would_be_accepted(tmp_path):
    """Functions, objects that can be called, and Variables; no classes, modules or numbers."""
    path = tmp_path / "several.py"
    path.write_text(
        "from functools import partial\nfrom dezero import Variable\nimport numpy as np\n"
        "class Twice:\n    def __call__(self, x):\n        return x * 2\n"
        "def loss(x):\n    return x\n"
        "def _hidden(x):\n    return x\n"
        "twice = Twice()\nhalf = partial(np.multiply, 0.5)\nnumber = 3\n"
        "seven = Variable(np.array(7.0))\n"
    )
    with pytest.raises(UsageError) as caught:
        load(f"{path}:zzz")
    assert caught.value.hint == "it has loss, twice, half, seven"
    with pytest.raises(UsageError) as caught:
        load(f"{path}:twoce")
    assert caught.value.hint == "did you mean twice?"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "sorts",
            r"TypeError: np.partition does not work .* \(model_under_test.py, line 24, in sorts\)",
        ),
        (
            "fails",
            r"ZeroDivisionError: division by zero \(model_under_test.py, line 36, in helper\)",
        ),
        ("exits", r"SystemExit: 3 \(model_under_test.py, line 39, in exits\)"),
        ("leaves", "returned an ndarray, not a Variable"),
        ("nothing", "returned nothing, not a Variable"),
        ("mute", r"raised Mute \(model_under_test.py, line 51, in mute\)"),
        ("empty", "returned a Variable with no data; dzviz needs numbers"),
        ("words", "returned a Variable with data of the dtype <U1; dzviz needs numbers"),
    ],
)
def test_an_error_inside_names_file_and_line(model, name, message):
    with pytest.raises(EvaluationError, match=message):
        evaluate(load(f"{model}:{name}"), {"x": np.array([1.0, 2.0])})


def test_a_missing_value(model):
    with pytest.raises(UsageError, match="needs values for x, W") as caught:
        evaluate(load(f"{model}:loss"), {})
    assert caught.value.hint == "add --x VALUE --W VALUE"


def test_a_file_that_is_not_python(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.py").write_text("def f(:\n")
    with pytest.raises(EvaluationError, match=r"SyntaxError.*broken.py, line 1"):
        load("broken.py:f")
    (tmp_path / "imports.py").write_text("import missing_thing\n")
    with pytest.raises(EvaluationError, match=r"ModuleNotFoundError.*imports.py, line 1"):
        load("imports.py:f")


def test_a_forward_that_writes_into_its_input_and_a_backward_that_may_not(model, capsys):
    args = ["--py-function", f"{model}:writes", "--x", "[-1, 2]"]
    assert cli.run([*args, "--no-backward", "-T", "text"]) == 0
    rows = [re.split("  +", line) for line in capsys.readouterr().out.splitlines()]
    assert [(row[0], row[2]) for row in rows[1:4]] == [
        ("x", "[-1, 2]"),
        ("v1", "[-0.1, 2]"),
        ("y", "[0.1, 4]"),
    ]
    assert cli.run(args) == 4
    told = capsys.readouterr()
    assert told.out.count("digraph") == 0
    assert "the backward of Writes must not write into the data of the graph" in told.err
    assert "(model_under_test.py, line 65, in backward)" in told.err


def test_the_watcher_is_removed_again(model):
    from dezero import core, watching

    with pytest.raises(EvaluationError):
        evaluate(load(f"{model}:fails"), {"x": np.array(1.0)})
    assert core.Config.watchers == ()
    assert watching.active == 0


@pytest.mark.parametrize("name", ["re", "pickle", "numpy", "typing", "dzviz"])
def test_a_file_with_the_name_of_a_module(name, tmp_path):
    (tmp_path / f"{name}.py").write_text(
        "from dezero.functions import sin\ndef f(x): return sin(x)\n"
    )
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "dzviz",
            "grad",
            "--py-function",
            f"{tmp_path}/{name}.py:f",
            "--x",
            "0",
        ],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert (run.stdout, run.stderr, run.returncode) == ("x\t1.0\n", "", 0)


@pytest.mark.parametrize(
    ("call", "hint"), [("math.sin(x)", "np.sin"), ("float(x)", "np.sin"), ("x + 'a'", None)]
)
def test_what_takes_no_variable_has_a_hint(tmp_path, call, hint):
    (tmp_path / "f.py").write_text(f"import math\ndef f(x):\n    return {call}\n")
    with pytest.raises(EvaluationError, match="line 3, in f") as error:
        evaluate(load(f"{tmp_path}/f.py:f"), {"x": np.array(1.0)})
    assert (hint in error.value.hint) if hint else error.value.hint is None


def test_an_error_within_compiled_code_is_told_at_the_users_line(tmp_path):
    (tmp_path / "f.py").write_text(
        "import numpy as np\ndef f(x):\n    return np.random.normal(x)\n"
    )
    with pytest.raises(EvaluationError, match="line 3, in f"):
        evaluate(load(f"{tmp_path}/f.py:f"), {"x": np.array(1.0)})


def test_outputs_are_not_called_as_inputs_are(tmp_path):
    (tmp_path / "f.py").write_text("def f(y, out):\n    return y * out\n")
    values = {"y": np.array(1.0), "out": np.array(2.0)}
    (output,) = evaluate(load(f"{tmp_path}/f.py:f"), values).outputs
    assert output.name == "out2"
