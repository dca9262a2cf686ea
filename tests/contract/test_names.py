"""No option and no command silently takes a name that a formula uses; ``--set`` works for all."""

import keyword

import click
import pytest

from dzviz.arguments.expression import ExpressionCommand
from dzviz.cli import main as cli
from dzviz.cli.commands import COMMANDS, load

EXPRESSIONS = [
    name for name in COMMANDS if isinstance(load(name), ExpressionCommand) and name != "live"
]
"""Commands over expressions, but for the one that goes on until it is ended."""

OWN = [
    pytest.param(command, option.removeprefix("--"), id=f"{command} {option}")
    for command in EXPRESSIONS
    for option in ["--help", *(opt for param in load(command).params for opt in param.opts)]
    if option.startswith("--") and option.removeprefix("--").isidentifier()
    if not keyword.iskeyword(option.removeprefix("--"))
]
"""Options of ours that are also names that a formula may use."""

PRODUCT = {
    "draw": ("-T", "text"),
    "grad": (),
    "gradcheck": (),
    "value": (),
    "trace": (),
    "lint": ("-T", "json"),
    "flow": (),
    "why": (),
    "explain": (),
}
"""For each command what makes its table of name * x short."""


def run(capsys, *args):
    code = cli.run(args)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_there_are_such_names():
    assert set(EXPRESSIONS) == PRODUCT.keys()
    assert {("draw", "style"), ("draw", "order"), ("trace", "output"), ("grad", "strict")} <= {
        tuple(param.values) for param in OWN
    }


@pytest.mark.parametrize(("command", "name"), OWN)
def test_set_gives_the_variable_its_value(capsys, command, name):
    args = [command, f"{name}*x", "--x", "2", "--set", f"{name}=3", *PRODUCT[command]]
    code, out, err = run(capsys, *args)
    assert (code, err) == (0, "")
    rows = {tuple(line.split()[:5]) for line in out.splitlines()}
    expected = {
        "draw": (name, "input", "3", "2"),
        "grad": (name, "2.0"),
        "gradcheck": (name, "2", "2"),
        "value": ("6.0",),
        "trace": ("6", "keep", name, "2"),
        "flow": (f"{name}*x", "(column", "1)", name, "2"),
        "lint": ('"expression":', f'"{name}*x",'),
        "why": (f"{name}.grad", "is", "2:"),
        "explain": (f"dy/d{name}", "=", "x", "=", "2"),
    }
    assert any(row[: len(expected[command])] == expected[command] for row in rows), out


@pytest.mark.thorough
@pytest.mark.parametrize("form", [("--{}", "3"), ("--{}=3",)], ids=["separate", "joined"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize(("command", "name"), OWN)
def test_the_option_says_how_the_variable_gets_its_value(capsys, command, name, form, last):
    option = [part.format(name) for part in form]
    formula = [f"{name}*x", "--x", "2"]
    args = [*formula, *option] if last else [*option, *formula]
    code, out, err = run(capsys, command, *args)
    assert (code, out) == (2, "")
    assert f"--set {name}=3" in err
    assert "Traceback" not in err


# These are a second thing to compute beside the function, and --help prints the help.
BESIDE_FUNCTIONS = [param for param in OWN if param.values[1] not in ("file", "graph", "help")]


@pytest.mark.parametrize(("command", "name"), BESIDE_FUNCTIONS)
def test_a_parameter_with_a_default_is_not_passed_over(capsys, command, name, tmp_path):
    path = tmp_path / "model.py"
    path.write_text(f"def f(x, {name}=1.0):\n    return x * {name}\n")
    args = [command, "--py-function", f"{path}:f", "--x", "2"]
    option = next(p for p in load(command).params if f"--{name}" in p.opts)
    code, out, err = run(capsys, *args, f"--{name}", *([] if option.is_flag else ["3"]))
    assert (code, out) == (2, "")
    assert f"there is also a parameter {name}" in err
    assert f"--set {name}=" in err
    assert run(capsys, *args, "--set", f"{name}=3")[0] == 0
    assert run(capsys, *args)[0] == 0


def test_beside_the_variables_value_the_option_is_ours(capsys):
    args = ("style*x", "--x", "2", "--set", "style=3", "--style", "merged", "-T", "dot")
    code, out, err = run(capsys, *args)
    assert (code, err) == (0, "")
    assert out != run(capsys, *args[:5], "-T", "dot")[1]
    code, out, err = run(capsys, "style*x", "--x", "2", "--style", "merged")
    assert (code, out) == (2, "")
    assert "--set style=VALUE; --style remains the option" in err


def test_an_option_that_comes_later(capsys, monkeypatch):
    assert run(capsys, "later*x", "--x", "2", "--later", "3", "-T", "text")[0] == 0
    draw = load("draw")
    for flag in (False, True):
        ours = click.Option(["--later"], is_flag=flag, expose_value=False)
        monkeypatch.setattr(draw, "params", [*draw.params, ours])
        code, out, err = run(capsys, "later*x", "--x", "2", "--later", "3", "-T", "text")
        assert (code, out) == (2, "")
        assert "--set later=3" in err
        args = ("later*x", "--x", "2", "--set", "later=3", "-T", "text")
        assert "later * x  6 " in run(capsys, *args)[1]
        monkeypatch.undo()


@pytest.mark.parametrize("given", [("--{}", "3"), ("--{}=3",), ("--set", "{}=3"), ("--set={}=3",)])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_formula_that_is_the_name_of_a_command(capsys, name, given):
    values = [part.format(name) for part in given]
    code, out, err = run(capsys, name, *values)
    assert (code, out) == (2, "")
    assert f"hint: if the formula is only this name: dzviz draw {name} {' '.join(values)}\n" in err
    code, out, err = run(capsys, "draw", name, *values, "-T", "text")
    assert (code, err) == (0, "")
    assert out.splitlines()[1].split() == [name, "input", "3", "1", "(seed)"]
    assert run(capsys, f"{name}*x", "--x", "2", *values, "-T", "text")[0] == 0
