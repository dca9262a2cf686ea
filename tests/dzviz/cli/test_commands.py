"""The command line: what it prints where, what it refuses, with which exit code."""

import json
import math
import os
import subprocess
import sys

import click
import numpy as np
import pytest

from dzviz import __version__
from dzviz.arguments.split import split
from dzviz.cli.commands import COMMANDS, load
from dzviz.fields import options_of, written
from dzviz.formats import FORMATS
from dzviz.layout import ENGINES
from dzviz.options import Look

GOLDSTEIN = (
    "(1 + (x+y+1)**2 * (19-14*x+3*x**2-14*y+6*x*y+3*y**2)) * "
    "(30 + (2*x-3*y)**2 * (18-32*x+12*x**2+48*y-36*x*y+27*y**2))"
)


def process(*args, **options):
    """Run a command line in a process of its own."""
    options = {"capture_output": True, "timeout": 120, **options}
    return subprocess.run([sys.executable, "-m", "dzviz", *args], check=False, **options)


# What it draws


def test_dot_on_stdout(dzviz):
    result = dzviz("sin(x)", "--x", "1.0", "--retain-grad")
    assert result.code == 0
    assert result.err == ""
    assert result.out.startswith("digraph dzviz {\n")
    assert 'label="x\\ndata 1\\ngrad 0.5403"' in result.out
    assert 'label="sin\\ngen 0"' in result.out
    assert 'label="y\\ndata 0.8415\\ngrad 1 (seed)"' in result.out
    assert result.out.count("->") == 2


def test_without_retain_grad_the_output_tells_what_its_gradient_was(dzviz):
    assert "grad None (was 1, seed)" in dzviz("sin(x)", "--x", "1.0").out


def test_no_backward(dzviz):
    result = dzviz("sin(x)", "--x", "1.0", "--no-backward", "-T", "json")
    states = {node.get("grad_state") for node in json.loads(result.out)["nodes"]} - {None}
    assert states == {"none"}


def test_a_leaf_alone(dzviz):
    (node,) = json.loads(dzviz("x", "--x", "2.0", "-T", "json").out)["nodes"]
    assert (node["name"], node["data"], node["grad"], node["seed"]) == ("x", 2.0, 1.0, 1.0)


def test_goldstein_price(dzviz):
    result = dzviz("grad", GOLDSTEIN, "--x", "1", "--y", "1")
    assert result.out == "x\t-5376.0\ny\t8064.0\n"


def test_grad_prints_full_precision(dzviz):
    result = dzviz("grad", "sin(x) * sum(W)", "--x", "1", "--W", "[1, 2]")
    x, w = (line.split("\t") for line in result.out.splitlines())
    assert x[0] == "x"
    assert float(x[1]) == math.cos(1) * 3
    assert json.loads(w[1]) == [math.sin(1)] * 2


def test_grad_of_what_the_output_does_not_depend_on(dzviz):
    result = dzviz("grad", "a = x*0; b = y; a", "--x", "1", "--y", "1")
    assert result.out.splitlines()[0] == "x\t0.0"


@pytest.mark.parametrize(
    ("args", "data"),
    [
        (("-x**2", "--x", "3"), -9.0),
        (("--x", "3", "-x**2"), -9.0),
        (("--x=3", "-x**2"), -9.0),
        (("draw", "--set", "x=3", "--", "-x**2"), -9.0),
        (("--set", "x=3", "--", "-x**2"), -9.0),
        (("-x", "--x", "-1e-5"), 1e-5),
        (("x", "--x", "-inf"), "-Infinity"),
        (("--retain-grad", "x*2", "--x", "3"), 6.0),
        (("-q", "x*2", "--x", "3"), 6.0),
        (("x + order", "--x", "1", "--set", "order=2"), 3.0),
        (("x + output", "--x", "1", "--set", "output=2"), 3.0),
        (("ｘ*2", "--x", "3"), 6.0),
        (("x*2", "--ｘ", "3"), 6.0),
        (("변수*2", "--변수", "3"), 6.0),
        (("-q*2", "--q", "3"), -6.0),
        (("-o*2", "--o", "3"), -6.0),
        (("-(x)", "--x", "3"), -3.0),
        (("a_b*2", "--a_b", "3"), 6.0),
        (("pi*x", "--x", "2", "--pi", "3"), 6.0),
        (("x", "--x", "2*pi"), 2 * math.pi),
        (("sum(x)", "--x", "[1, [2][0], 3]"), 6.0),
    ],
)
def test_expressions_and_values_wherever_they_stand(dzviz, args, data):
    result = dzviz(*args, "-T", "json") if "--" not in args else dzviz(*_with_json(args))
    assert result.code == 0, result
    output = json.loads(result.out)
    (id,) = output["graph"]["outputs"]
    assert next(n for n in output["nodes"] if n["id"] == id)["data"] == data


def _with_json(args):
    place = args.index("--")
    return (*args[:place], "-T", "json", *args[place:])


def test_expressions_from_a_file_and_from_stdin(dzviz, tmp_path):
    path = tmp_path / "expression.txt"
    path.write_bytes("\ufeffa = x**2  # squared\r\na*sin(a)\r\n".encode())
    expected = dzviz("a = x**2; a*sin(a)", "--x", "3", "-T", "text").out.splitlines()[:5]
    assert dzviz("-f", str(path), "--x", "3", "-T", "text").out.splitlines()[:5] == expected
    assert dzviz("--file", str(path), "--x", "3", "-T", "text").out.splitlines()[:5] == expected
    given = dzviz("-f", "-", "--x", "3", "-T", "text", stdin="a = x**2; a*sin(a)\n")
    assert given.out.splitlines()[:5] == expected


def test_values_from_files(dzviz, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("w.npy", np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    result = dzviz("grad", "sum(x@W)", "--x", "[[1,2]]", "--W", "@w.npy")
    assert result.out == "x\t[[6.0, 15.0]]\nW\t[[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]\n"


def test_random_values_repeat(dzviz):
    args = ("sum(W)", "--W", "randn(2, 3)", "-T", "json", "--max-elements", "10")
    assert dzviz(*args).out == dzviz(*args).out
    assert dzviz(*args).out != dzviz(*args, "--random-seed", "1").out


def test_display_options_come_from_the_look(dzviz):
    assert "0.84147" in dzviz("sin(x)", "--x", "1", "--precision", "5").out
    assert "rankdir=TB" in dzviz("sin(x)", "--x", "1", "--rank-dir", "TB").out
    names = {option for param in load("draw").params for option in param.opts}
    for field in options_of(Look):
        assert f"--{written(field)}" in names


# Derivatives


def test_orders(dzviz):
    result = dzviz("tanh(x)", "--x", "1", "--order", "3", "-T", "json")
    graph = json.loads(result.out)
    t = math.tanh(1)
    output = graph["nodes"][-1]
    assert graph["graph"]["order"] == 3
    assert output["name"] == "y'''"
    assert output["data"] == pytest.approx((1 - t**2) * (6 * t**2 - 2), rel=1e-12)
    assert {0, 3} <= {node["order"] for node in graph["nodes"]} <= {0, 1, 2, 3}
    origins = {n["origin"] for n in graph["nodes"] if n["kind"] == "function" and n["order"]}
    assert origins == {"tanh"}


def test_with_respect_to(dzviz):
    args = ("x**2 * w**3", "--x", "2", "--w", "3", "-T", "json")
    mixed = json.loads(dzviz(*args, "--order", "2", "--wrt", "x,w").out)["nodes"][-1]
    assert (mixed["name"], mixed["data"]) == ("d2y/dx dw", 2 * 2 * 3 * 9)
    twice = json.loads(dzviz(*args, "--order", "2", "--wrt", "w").out)["nodes"][-1]
    assert (twice["name"], twice["data"]) == ("y''", 4 * 6 * 3)


# The other commands


def test_ops(dzviz):
    table = dzviz("ops").out
    data = json.loads(dzviz("ops", "--json").out)
    assert len(data) >= 45
    for entry in data:
        assert f"  {entry['name']} " in table
        assert entry["formula"] in table
    detail = dzviz("ops", "log").out
    assert "domain      x > 0" in detail
    assert "numpy.log" in detail
    result = dzviz("ops", "simoid")
    assert (result.code, result.out) == (2, "")
    assert "did you mean sigmoid?" in result.err


def test_gradcheck(dzviz):
    result = dzviz("gradcheck", "sin(x)*w", "--x", "[1, 2]", "--w", "3")
    assert result.code == 0
    assert result.out.splitlines()[1].split()[0] == "x[0]"
    assert result.out.endswith("3 compared, 0 differ\n")
    assert dzviz("gradcheck", "tanh(x)", "--x", "1", "--order", "3").code == 0


def test_gradcheck_finds_the_wrong_rule_of_a_users_function(dzviz, tmp_path):
    path = tmp_path / "model.py"
    path.write_text(
        "import numpy as np\n"
        "from dezero import Function\n"
        "class MySin(Function):\n"
        "    def forward(self, x): return np.sin(x)\n"
        "    def backward(self, gy): return gy * np.cos(self.inputs[0].data) * 1.001\n"
        "def f(x): return np.exp(MySin()(x))\n"
    )
    result = dzviz("gradcheck", "--py-function", f"{path}:f", "--x", "1")
    assert result.code == 1
    assert "differs" in result.out
    assert "the backward of MySin is wrong" in result.out


@pytest.mark.parametrize("name", [name for name, format in FORMATS.items() if format.suffixes])
def test_a_file_in_every_format_by_its_suffix(dzviz, tmp_path, name):
    path = tmp_path / f"graph{FORMATS[name].suffixes[0]}"
    result = dzviz("sin(x)", "--x", "1", "-o", str(path))
    assert (result.code, result.out, result.err) == (0, "", "")
    assert path.stat().st_size > 100
    other = tmp_path / "graph.unknown"
    assert dzviz("sin(x)", "--x", "1", "-o", str(other), "-T", name).code == 0
    assert other.read_bytes() == path.read_bytes()


# What it says


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("-o", "a.svg", "-T", "png"), "'a.svg' has the suffix of svg, but -T makes it png"),
        (("-o", "a.json", "-T", "dot"), "'a.json' has the suffix of json, but -T makes it dot"),
        (("-o", "a.txt", "-T", "png"), "'a.txt' has the suffix of text"),
        (("-o", "a.svg", "-T", "png", "-q"), ""),
        (("-o", "a.svg", "-T", "animation"), ""),
        (("-o", "a.htm", "-T", "html"), ""),
        (("-o", "a.txt", "-T", "dot"), ""),
        (("-o", "a.md", "-T", "mermaid"), ""),
        (("-o", "-", "-T", "text"), ""),
    ],
)
def test_a_suffix_of_another_format_is_warned_of(dzviz, tmp_path, monkeypatch, args, said):
    monkeypatch.chdir(tmp_path)
    result = dzviz("sin(x)", "--x", "1", *args)
    assert result.code == 0
    assert said in result.err
    assert ("warning" in result.err) is bool(said)


def test_two_themes_are_two_files_or_none(dzviz, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw = ("sin(x)", "--x", "1", "--theme")
    for name in ("a.svg", "a.png", "a.dot"):
        assert dzviz(*draw, "light,dark", "-o", name, "--depfile", "a.d").code == 0
        other = name.replace("a.", "a-dark.")
        assert (tmp_path / "a.d").read_text().split(":")[0] == f"{name} {other}"
        for theme, file in (("light", name), ("dark", other)):
            assert dzviz(*draw, theme, "-o", f"one-{name}").code == 0
            assert (tmp_path / file).read_bytes() == (tmp_path / f"one-{name}").read_bytes()
    before = sorted(tmp_path.iterdir())
    for args in (["light,dark"], ["light,drk", "-o", "b.svg"], ["light,light", "-o", "b.svg"]):
        result = dzviz(*draw, *args)
        assert (result.code, result.out) == (2, ""), args
    assert dzviz(*draw, "light,dark", "--frames", "b").code == 2
    assert dzviz(*draw, "light,dark", "-o", "-").code == 2
    assert dzviz("x", "--x", "@b-dark.npy", "--theme", "light,dark", "-o", "b.npy").code == 2
    assert sorted(tmp_path.iterdir()) == before


def test_alone_it_says_what_to_try(dzviz):
    for args in ((), ("",), ("  ",)):
        result = dzviz(*args)
        assert (result.code, result.out) == (2, "")
        assert result.err.count("\n  dzviz ") == 3


def test_version_and_help(dzviz):
    assert dzviz("--version").out == f"dzviz {__version__}\n"
    text = dzviz("--help").out
    for name in COMMANDS:
        assert f"  {name}" in text
    assert "Exit codes" in text


def test_help_knows_the_variables(dzviz):
    text = dzviz("sin(x) * w", "--help").out
    assert "--x VALUE" in text
    assert "--w VALUE" in text
    assert "--retain-grad" in text


def test_help_writes_choices_and_limits_in_words(dzviz):
    texts = {name: " ".join(dzviz(name, "--help").out.split()) for name in COMMANDS}
    assert " --only forward|backward|shapes|derivative " in texts["draw"]
    assert " --backend auto|numpy|torch|jax " in texts["draw"]
    assert all(" [text|" not in text for text in texts.values())
    if hasattr(click.Option, "get_help_extra"):  # before 8.2, click writes limits as it likes
        assert "[default: 1; 1 or more]" in texts["batch"]
        assert "[default: 0; 0 to 65535]" in texts["live"]
        assert all("x>=" not in text for text in texts.values())


def test_no_command_offers_a_graph_that_it_refuses(dzviz):
    assert "--graph FILE" in dzviz("grad", "--help").out
    assert "--graph" not in dzviz("gradcheck", "--help").out


def test_every_engine_can_be_chosen():
    (option,) = (param for param in load("draw").params if param.name == "engine")
    assert list(option.words()) == ["auto", *ENGINES]


def test_every_option_is_documented_and_every_short_one_has_a_long_one():
    params = [param for name in COMMANDS for param in load(name).params]
    options = [param for param in params if isinstance(param, click.Option)]
    assert len(options) > 3 * len(COMMANDS)
    for param in options:
        assert param.help.endswith("."), param
        assert any(option.startswith("--") for option in param.opts), param


def test_unused_names_are_a_warning(dzviz):
    result = dzviz("a = 2*x; x", "--x", "1")
    assert (result.code, result.err) == (0, "dzviz: warning: 'a' is never used\n")
    assert dzviz("a = 2*x; x", "--x", "1", "--quiet").err == ""


def test_not_finite_results_are_a_warning_or_an_error(dzviz):
    result = dzviz("1/x", "--x", "0")
    assert (result.code, result.err) == (0, "dzviz: warning: first infinity: /\n")
    result = dzviz("1/x", "--x", "0", "--strict")
    assert (result.code, result.out) == (4, "")
    assert dzviz("9**9**9").code == 0


def test_display_options_come_from_a_file_where_one_is_named(dzviz, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dzviz.toml").write_text('precision = 7\nhide = ["generation"]\n')
    (tmp_path / "pyproject.toml").write_text("[tool.dzviz]\nprecision = 2\n")
    command = ("sin(x)", "--x", "1.0")
    plain = dzviz(*command)  # it reads neither
    assert "0.8415" in plain.out
    told = dzviz(*command, "--config", "dzviz.toml")
    assert told.out == dzviz(*command, "--precision", "7", "--hide", "generation").out != plain.out
    assert "data 0.84\\n" in dzviz(*command, "--config", "pyproject.toml").out
    # What the command line says counts, also where it is the default.
    said = dzviz(*command, "--config", "dzviz.toml", "--precision", "4", "--hide", "")
    assert said.out == plain.out
    for name, words in {
        "none.toml": "No such file",
        "a.toml": "'pace ' in",
        "b.toml": "colour",
    }.items():
        (tmp_path / "a.toml").write_text('"pace " = 1\n')
        (tmp_path / "b.toml").write_text('colour = "red"\n')
        result = dzviz(*command, "--config", name)
        assert (result.code, result.out, words in result.err) == (2, "", True)


# What it refuses


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("sinn(x)", "--x", "1"), 3, ["unknown function 'sinn' (column 1)", "did you mean sin?"]),
        (("sin(x)",), 2, ["no value for 'x'", "--x VALUE"]),
        (("sin(x)*w", "--x", "1"), 2, ["no value for 'w'", "--w VALUE"]),
        (("x + output", "--x", "1"), 2, ["no value for 'output'", "--set output=VALUE"]),
        (("sin(x)", "--x", "1", "--z", "2"), 2, ["no such option --z", "variable is x"]),
        (("sin(x)", "--x", "1", "--set", "z=2"), 2, ["no variable 'z'", "variable is x"]),
        (("sin(x)", "--x", "1", "--set", "x"), 2, ["NAME=VALUE"]),
        (("sin(x)", "--x"), 2, ["--x"]),
        (("sin(x)", "--x", ""), 2, ["the value of x"]),
        (("sin(x)", "--x", "y"), 2, ["the value of x", "variable"]),
        (("sin(x)", "--x", "1 +"), 2, ["the value of x"]),
        (("sin(x)", "--x", "[[1, 2], [3]]"), 2, ["the value of x", "the same shape"]),
        (("sin(x)", "--x", "zeros(10**10)"), 2, ["the value of x", "10 000 000 000"]),
        (("sin(x)", "--x", "@missing.npy"), 2, ["missing.npy"]),
        (("sin(x", "--x", "1"), 3, ["(column 4)", "never closed"]),
        (("x^2", "--x", "1"), 3, ["x**2"]),
        (("2x", "--x", "1"), 3, ["2*x"]),
        (("sin x", "--x", "1"), 3, ["sin(x)"]),
        (("__import__('os').system('id')", "--x", "1"), 3, []),
        (("x.__class__", "--x", "1"), 3, []),
        (("open('/etc/passwd')",), 3, []),
        (("[c for c in x]", "--x", "1"), 3, []),
        (("(" * 200 + "x" + ")" * 200, "--x", "1"), 3, []),
        (("+".join(["x"] * 100_000), "--x", "1"), 3, ["10000"]),
        (("x + y", "--x", "[1,2]", "--y", "[1,2,3]"), 4, ["(2,) and (3,)", "'+'"]),
        (("x @ y", "--x", "[[1,2]]", "--y", "[[1,2]]"), 4, ["(1, 2) and (1, 2)", "'@'"]),
        (("sin(x)", "--x", "1", "-T", "jpeg"), 2, ["unknown format 'jpeg'", "svg"]),
        (("sin(x)", "--x", "1", "-o", "a.jpeg"), 2, ["unknown suffix '.jpeg'", ".svg"]),
        (("sin(x)", "--x", "1", "-o", "a"), 2, ["without a suffix"]),
        (("sin(x)", "--x", "1", "-o", "missing/a.svg"), 6, ["missing/a.svg"]),
        (("sin(x)", "--x", "1", "--precision", "0"), 2, ["precision"]),
        (("sin(x)", "--x", "1", "--precision", "many"), 2, ["precision"]),
        (("sin(x)", "--x", "1", "--rank-dir", "RL"), 2, ["LR"]),
        (("sin(x)", "--x", "1", "--engine", "neato"), 2, ["wasm"]),
        (("sin(x)", "--x", "1", "--layout-timeout", "0"), 2, ["layout-timeout"]),
        (("x*w", "--x", "1", "--w", "1", "--order", "1"), 2, ["x, w", "--wrt x"]),
        (("x*w", "--x", "1", "--w", "1", "--wrt", "x"), 2, ["--order"]),
        (("x", "--x", "1", "--order", "1", "--wrt", "z"), 2, ["'z'", "x"]),
        (("x", "--x", "1", "--order", "3", "--wrt", "x,x"), 2, ["2 variables", "3"]),
        (("x, x", "--x", "1", "--order", "1"), 2, ["several"]),
        (("2", "--order", "1"), 2, ["no variable"]),
        (("tanh(tanh(tanh(tanh(x))))", "--x", "1", "--order", "9"), 4, ["100000 functions"]),
        (("--py-function", "model.py:f"), 2, ["there is no file 'model.py'"]),
        (("--py-function", "nosuchmodule:f"), 2, ["there is no module"]),
        (("--py-function", "model.py"), 2, ["FILE:NAME"]),
        (("x", "--py-function", "model.py:f"), 2, ["given twice"]),
        (("sin(x)", "cos(x)", "--x", "1"), 2, ["one expression at a time", "quotes"]),
        (
            ("completion",),
            2,
            ["takes one of bash, zsh, fish\nhint: as in: dzviz completion bash\n"],
        ),
        (("trcae", "sin(x)", "--x", "1"), 2, ["did you mean: dzviz trace", "sin(x)", "--x 1\n"]),
        (("embde", "--check", "README.md"), 2, ["did you mean: dzviz embed --check README.md"]),
        (("Ops",), 2, ["add --Ops VALUE; or did you mean: dzviz ops\n"]),
        (("help",), 2, ["--set help=VALUE; or did you mean: dzviz --help\n"]),
        (("help", "trace"), 2, ["did you mean: dzviz trace --help\n"]),
        (("version",), 2, ["did you mean: dzviz --version\n"]),
        (("-v",), 2, ["--v VALUE; or did you mean: dzviz --version\n"]),
        (("--verson",), 2, ["did you mean: dzviz --version\n"]),
        (("price",), 2, ["hint: add --price VALUE\n"]),
        (("grid", "--grid", "3", "-T", "sgv"), 2, ["hint: did you mean svg? formats:"]),
        (("x", "--x", "3", "--x", "4"), 2, ["x is given twice: '--x 3' and '--x 4'"]),
        (("x", "--set", "x=3", "--x=-4"), 2, ["x is given twice: '--x -4' and '--set x=3'"]),
        (("x", "--set", "x=3", "--set", "x=3"), 2, ["twice"]),
        (("sin(x)", "-f", "a.txt"), 2, ["given twice"]),
        (("max(x, 0)", "--x", "-1"), 3, ["maximum(x, y)"]),
        (("x", "x=1"), 2, ["--x VALUE"]),
        (("x", "--x", "w.npy"), 2, ["@w.npy"]),
        (("help*x", "--x", "1"), 2, ["--set help=VALUE"]),
        (("sin(x)", "--x", "3", "--retain", "-T", "text"), 2, ["no such option --retain"]),
        (("--x", "3"), 2, ["there is no expression"]),
        (("linear(x, W)", "--x", "[1,2]", "--W", "ones(2,2)"), 4, ["rows of x", "(2,) and (2, 2)"]),
        (("clip(x, 0, [1,2])", "--x", "1"), 4, ["a number"]),
        (("broadcast_to(x, None)", "--x", "1"), 4, ["a shape"]),
        (("sum(x, keepdims=2)", "--x", "1"), 4, ["True or False"]),
        (("x[True]", "--x", "[1,2]"), 4, ["only in a list"]),
        (("x*rand(2)", "--x", "1"), 3, ["rand makes random values"]),
        (("sin(x)", "--x", "1", "--order", "100000000"), 4, ["100000 functions"]),
        (("-f", "missing.txt"), 2, ["missing.txt"]),
        (("model.py:loss",), 3, ["hint: take a function", "--py-function model.py:loss\n"]),
        (("model.py",), 3, ["hint: take a function", "--py-function model.py:NAME\n"]),
        (("why", "my model.py:loss"), 3, ['--py-function "my model.py:loss"\n']),
        (("-f", "model.py:loss"), 2, ["No such file", "--py-function model.py:loss\n"]),
        (("draw",), 2, ["no expression"]),
        (("--retain-gard", "sin(x)", "--x", "1"), 2, ["--retain-gard", "no such option"]),
        (("sin(x)", "--retain-gard", "--x", "1"), 2, ["--retain-gard", "--retain-grad"]),
    ],
)
def test_one_clear_error(dzviz, tmp_path, monkeypatch, args, code, words):
    monkeypatch.chdir(tmp_path)
    result = dzviz(*args)
    assert result.code == code, result
    assert result.out == ""
    assert result.err.startswith("dzviz: error: ")
    assert result.err.count("dzviz: error") == 1
    assert "Traceback" not in result.err
    assert len(result.err.splitlines()) <= 5
    for word in words:
        assert word in result.err
    assert list(tmp_path.iterdir()) == []


def test_the_old_file_survives_an_error(dzviz, tmp_path):
    path = tmp_path / "graph.svg"
    path.write_text("old")
    assert dzviz("1/x", "--x", "0", "--strict", "-o", str(path)).code == 4
    assert (
        dzviz(
            "sin(x)", "--x", "1", "--engine", "wasm", "--layout-timeout", "1e-9", "-o", str(path)
        ).code
        == 5
    )
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["graph.svg"]


def test_the_example_of_a_caret(dzviz):
    assert dzviz("日本 + sinn(x)", "--x", "1", "--日本", "2").err == (
        "dzviz: error: unknown function 'sinn' (column 6)\n"
        "  日本 + sinn(x)\n"
        "         ^^^^\n"
        "hint: did you mean sin?\n"
    )


# How arguments are split


@pytest.mark.parametrize(
    ("args", "text", "rest"),
    [
        (["x"], "x", []),
        (["x", "--x", "1"], "x", ["--x", "1"]),
        (["--x", "-1", "-x"], "-x", ["--x", "-1"]),
        (["--x=-1", "x"], "x", ["--x=-1"]),
        (["--quiet", "x"], "x", ["--quiet"]),
        (["-o", "a.svg", "x"], "x", ["--output", "a.svg"]),
        (["-q", "x", "-o"], "x", ["--quiet", "-o"]),
        (["-o", "-o", "x"], "x", ["--output", "-o"]),
        (["-oa.svg", "x"], "x", ["-oa.svg"]),
        (["-Tjson", "x"], "x", ["-Tjson"]),
        (["--", "--x"], "--x", []),
        (["--x", "1", "--", "-x"], "-x", ["--x", "1"]),
        ([], None, []),
        (["--x"], None, ["--x"]),
    ],
)
def test_the_expression_is_found(args, text, rest):
    found = split(args, load("draw").params)
    assert (found.text, found.file, found.function, found.rest) == (text, None, None, rest)


# Whole processes


def test_the_same_bytes_from_the_module_and_in_a_pipe():
    run = process("sin(x)", "--x", "1.0", "--retain-grad")
    assert (run.returncode, run.stderr) == (0, b"")
    assert run.stdout.startswith(b"digraph dzviz {\n")


def test_help_and_version_load_no_numpy():
    code = (
        "import sys; from dzviz.cli.main import run\n"
        "try: run(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "loaded = {'numpy', 'wasmtime', 'graphviz', 'json', 'dzviz._dezero'} & sys.modules.keys()\n"
        "sys.exit(f'loaded {loaded}' if loaded else 0)"
    )
    for args in (["--help"], ["--version"], ["draw", "--help"], ["sin(x)", "--help"]):
        run = subprocess.run(
            [sys.executable, "-c", code, *args], capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr


def test_no_network_no_cache_no_home(tmp_path):
    environment = {"PATH": "", "PYTHONPATH": os.getcwd(), "HOME": str(tmp_path / "none")}
    path = tmp_path / "sin.svg"
    run = process("sin(x)", "--x", "1", "-o", str(path), env=environment)
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")
    assert path.read_text().startswith("<svg")


def test_a_variable_in_another_case_is_hinted_at(dzviz):
    done = dzviz("x@W", "--x", "[1,2]", "--w", "ones(2,3)")
    assert done.code == 2
    assert "did you mean --W?" in done.err
