"""What has no variables has no gradients: each answer says that, and leads nowhere else."""

import json

import pytest

from dzviz.cli.main import run

NONE = "there are no variables, so "


@pytest.fixture
def ask(capsys):
    def ask(*args, code=0):
        assert run(args) == code, args
        return capsys.readouterr()

    return ask


@pytest.mark.parametrize("text", ["3", "2*3 + [1, 2]"])
def test_a_formula_without_variables(ask, text):
    assert ask("why", text).out == f"{NONE}there are no gradients\n"
    assert ask("why", text, "--lang", "ko").out == "변수가 없으므로 기울기도 없음\n"
    assert json.loads(ask("why", text, "-T", "json").out)["answers"] == []
    assert f"{NONE}there are no gradients to compare\n" in ask("gradcheck", text).out
    assert "weighted sum" in ask("gradcheck", "[1, 2]").out  # what is said besides stays
    for options in ((), ("--jacobian",)):
        told = ask("grad", text, *options)
        assert (told.out, told.err) == ("", f"dzviz: {NONE}there are no gradients\n")
        assert ask("grad", text, *options, "-q").err == ""
    for command, nothing in (
        ("flow", "nothing flows back"),
        ("explain", "there is nothing to derive"),
        ("trace", "no pass has anything to do"),
    ):
        told = ask(command, text, code=2)
        assert told.out == ""
        assert told.err.startswith(f"dzviz: error: {NONE}{nothing}\n")
        assert "dzviz why" not in told.err


def test_a_graph_without_variables(ask, tmp_path):
    path = tmp_path / "three.json"
    ask("3", "-T", "json", "--full", "-o", str(path))
    assert ask("why", "--graph", str(path)).out == f"{NONE}there are no gradients\n"
    assert NONE in ask("grad", "--graph", str(path)).err
    for command in ("flow", "explain", "trace"):
        assert NONE in ask(command, "--graph", str(path), code=2).err


def test_a_variable_that_is_the_output_is_one(ask):
    assert ask("why", "x", "--x", "3").out.startswith("x.grad is 1: ")
    assert ask("grad", "x", "--x", "3").err == ""
    assert "no variables" not in ask("gradcheck", "x", "--x", "3").out
    assert "no op computed the output" in ask("flow", "x", "--x", "3", code=2).err
    assert "hint" not in ask("explain", "x", "--x", "3", code=2).err


def test_a_variable_that_reaches_nothing_is_one(ask):
    told = ask("flow", "(x > 0)*2", "--x", "3", code=2).err
    assert "no variables" not in told
    assert "dzviz why says where the path of a variable ends" in told
    assert ask("why", "(x > 0)*2", "--x", "3", code=1).out.startswith("x.grad is None")


def test_one_value_agrees_or_differs(ask):
    assert ask("diff", "3", "3").out.startswith("no difference: 1 value agrees\n")
    assert "\n1 of 1 value differs\n" in ask("diff", "3", "4", code=1).out
