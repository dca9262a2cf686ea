"""`dzviz why`: what is written, exit codes, and what cannot be answered."""

import json
import re

import pytest

RELU = ("why", "relu(x)*w", "--x", "-1", "--w", "2")


def test_a_lost_gradient_is_exit_1_and_allowed_states_are_not(dzviz):
    result = dzviz(*RELU)
    assert result.code == 1
    assert result.out.splitlines()[:3] == [
        "x.grad is 0: relu(x) is off and sends nothing back: x = -1 is not above 0 (column 1)",
        "  path: x | relu <- * <- y",
        "  fix: use leaky_relu, softplus or gelu, which have a slope below 0, too; or start "
        "from values above 0",
    ]
    assert dzviz(*RELU, "--allow", "zero").code == 0
    assert dzviz(*RELU, "--allow", "none, zero").code == 0
    assert dzviz(*RELU, "--allow", "none").code == 1
    unknown = dzviz(*RELU, "--allow", "zeros")
    assert (unknown.code, unknown.out) == (2, "")
    assert "did you mean zero?" in unknown.err


def test_what_asks_for_no_gradient_fails_only_where_it_is_named(dzviz):
    args = ("why", "where(m, x, 1)", "--m", "1", "--x", "2")
    assert dzviz(*args).code == 0
    assert dzviz(*args, "--of", "m").code == 1
    assert dzviz(*args, "--of", "x").code == 0
    missing = dzviz(*args, "--of", "z")
    assert missing.code == 2
    assert "--of: there is no node 'z'" in missing.err


def test_a_value_in_the_middle_is_kept_on_demand(dzviz):
    args = ("why", "h = x*2; sin(h)", "--x", "1", "--of", "h")
    assert "released it" in dzviz(*args).out
    kept = dzviz(*args, "--retain-grad")
    assert kept.code == 0
    assert kept.out.startswith("h.grad is ")


@pytest.mark.parametrize("suffix", [".svg", ".png", ".dot", ".json", ".html", ".txt"])
def test_the_picture_is_written_also_where_a_gradient_is_lost(dzviz, tmp_path, suffix):
    target = tmp_path / f"why{suffix}"
    assert dzviz(*RELU, "-o", str(target)).code == 1
    assert target.stat().st_size > 100


def test_the_way_is_in_front(dzviz, tmp_path):
    target = tmp_path / "why.svg"
    dzviz("why", "relu(x)*2 + w", "--x", "-1", "--w", "3", "-o", str(target))
    svg = target.read_text()
    widths = re.findall(r'<path [^>]*stroke="(#\w+)" stroke-width="(\S+)"', svg)
    assert {width for _, width in widths} == {"1", "2.4"}
    assert "x.grad is 0: relu(x) is off" in svg
    dot = tmp_path / "why.dot"
    dzviz("why", "relu(x)*2 + w", "--x", "-1", "--w", "3", "-o", str(dot))
    assert dot.read_text().count("penwidth=2.4") == 6


def test_json_has_the_same(dzviz):
    told = json.loads(dzviz(*RELU, "-T", "json").out)
    assert told["schema"] == "dzviz/why/1"
    x, w = told["answers"]
    assert (x["name"], x["state"], x["cause"], x["ends"]) == ("x", "zero", "dead", "f0")
    assert x["way"] == ["v0", "f0", "v1", "f1", "v3"]
    assert x["fails"] is w["fails"] is True


def test_a_graph_that_does_not_tell_is_refused(dzviz, tmp_path):
    path = tmp_path / "graph.json"
    dzviz(*RELU[1:], "-T", "json", "-o", str(path))
    assert dzviz("why", "--graph", str(path)).code == 1
    told = json.loads(path.read_text())
    for edge in told["edges"]:
        edge.pop("contribution", None)
    path.write_text(json.dumps(told))
    refused = dzviz("why", "--graph", str(path))
    assert (refused.code, refused.out) == (2, "")
    assert "does not say what flowed back" in refused.err
    assert "hint: record the pass" in refused.err
    dzviz(*RELU[1:], "--no-backward", "-T", "json", "-o", str(path))
    assert dzviz("why", "--graph", str(path)).code == 2
    assert dzviz("flow", "--graph", str(path)).code == 2


def test_two_causes_are_told_the_first_of_each_way(dzviz):
    out = dzviz("why", "sqrt(x) + log(x)", "--x", "0").out
    assert "in the forward pass, log(x) made the first infinity" in out
    assert "in the backward pass, sqrt(x) made the first infinity" in out


def test_a_variable_that_a_file_made(dzviz, tmp_path):
    path = tmp_path / "made.py"
    path.write_text(
        "import numpy as np\nfrom dezero import Variable\nx = Variable(np.array(3.0), 'x')\n"
        "y = x**2\ny.name = 'y'\ny.backward()\ny.backward()\n"
    )
    result = dzviz("why", "--py-function", f"{path}:y")
    assert result.code == 0
    assert "x.grad is 12: it is added up over 2 passes of y" in result.out


def test_many_that_are_well_are_one_line(dzviz):
    names = [f"x{i}" for i in range(30)]
    values = [word for name in names for word in (f"--{name}", "2")]
    out = dzviz("why", f"{'*'.join(names)} + relu(z)", *values, "--z", "-1").out
    assert "no problem with 30 more: x0, x1, ..., x29" in out
    assert out.startswith("z.grad is 0")


def test_small_gradients_are_no_failure_and_it_is_said_how_small_they_are(dzviz):
    small = dzviz("why", "x*1e-20", "--x", "3")
    assert small.code == 0
    assert small.out.splitlines()[0].endswith(
        "; its norm is 1e-20 times that of the seed (dzviz flow shows where it becomes so small)"
    )
    assert "fix: " not in small.out
    assert "dzviz flow" not in dzviz("why", "x*2e-7", "--x", "3").out
    assert "dzviz flow" not in dzviz("why", "x*0", "--x", "3").out


@pytest.mark.parametrize("u", ["x", "x*1"])
def test_what_nearly_cancels_becomes_small_at_no_op(dzviz, tmp_path, u):
    """`dzviz flow` shows products of about 1 along both paths."""
    path = tmp_path / "small_gradients.py"
    path.write_text(f"def f(x):\n    u = {u}\n    return u*1 - u*(1 - 2**-30)\n")
    out = dzviz("why", "--py-function", f"{path}:f", "--x", "3").out
    assert out.startswith("x.grad is 9.313e-10: ")
    assert "dzviz flow" not in out


def test_what_is_small_needs_no_fix(dzviz):
    (answer,) = json.loads(dzviz("why", "x*1e-20", "--x", "3", "-T", "json").out)["answers"]
    assert (answer["cause"], answer["mend"]) == ("small", "")


def test_many_small_ones_are_one_line(dzviz):
    names = [f"x{i}" for i in range(30)]
    values = [word for name in names for word in (f"--{name}", "2")]
    out = dzviz("why", f"({' + '.join(names[1:])})*1e-9 + x0*1e-12 + w", *values, "--w", "3").out
    assert out.splitlines()[-1:] == [
        "30 gradients are smaller than 1e-7 times the seed, down to 1e-12 (dzviz flow shows where "
        "they become so small): x1, x2, ..., x0"
    ]
    assert "no problem" not in out


def test_the_panel_of_a_page_says_it(dzviz, tmp_path):
    target = tmp_path / "page.html"
    dzviz(*RELU[1:], "-o", str(target))
    assert "x.grad is 0: relu(x) is off and sends nothing back" in target.read_text()
