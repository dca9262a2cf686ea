"""What a loop computes: as it is written, or not at all."""

import re
import textwrap

import numpy as np
import pytest

from dzviz.cli import main as cli
from dzviz.graph.model import Recurrence
from dzviz.sources.recurrence import recurrences

LOOP = """
import numpy as np
def f(x, r):
    for _ in range(60):
{body}
    return x
"""


def text_of(*lines):
    return LOOP.format(body=textwrap.indent("\n".join(lines), 8 * " "))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["x = x + r*np.sin(x)"], Recurrence("x = x + r*np.sin(x)", "x", 3)),
        (["x += r * x"], Recurrence("x += r * x", "x", 2)),
        (["g = 2 * x", "x = x - r * g"], Recurrence("g = 2 * x; x = x - r * g", "x", 3)),
        (["x, r = r, x + r"], None),
        (["y = x", "x = r * x", "r = y"], Recurrence("y = x; x = r * x; r = y", "", 1)),
        (["z = r * 2"], None),
        (["if r > 0:", "    x = x * 2"], None),
        (["x = np.sin(x)", "print(x)"], None),
        (["x = x + " + " + ".join(["r"] * 40)], None),
        (["x = (x +", "     r)"], Recurrence("x = (x + r)", "x", 1)),
    ],
)
def test_what_a_loop_computes(lines, expected):
    found = recurrences(text_of(*lines), {5})
    assert found == ({5: expected} if expected else {})


def test_the_inner_loop_counts():
    text = text_of("x = x * 2", "for i in range(3):", "    x = x + r")
    assert recurrences(text, {5, 7}) == {7: Recurrence("x = x + r", "x", 1)}
    assert recurrences(text, {2, 8}) == {}
    assert recurrences("def (", {1}) == {}


def frame(capsys, tmp_path, lines, *args):
    file = tmp_path / "loop.py"
    file.write_text(text_of(*lines))
    command = ["--py-function", f"{file}:f", "--x", "0.3", "--r", "0.1", "--fold", "always", *args]
    assert cli.run(["draw", *command, "-T", "dot", "-q"]) == 0
    return re.search(r'label="(\d+ times[^"]*)"', capsys.readouterr().out)[1]


def test_the_frame_says_it_with_the_first_and_the_last_value(capsys, tmp_path):
    x = [0.3]
    for _ in range(60):
        x.append(x[-1] + 0.1 * np.sin(x[-1]))
    said = frame(capsys, tmp_path, ["x = x + r*np.sin(x)"])
    assert said == f"60 times: x = x + r*np.sin(x) (x: first {x[1]:.4g}, last {x[-1]:.4g})"
    said = frame(capsys, tmp_path, ["x = x + r*np.sin(x)"], "--hide", "data")
    assert said == "60 times: x = x + r*np.sin(x)"


def test_the_range_is_said_where_it_is_not_from_the_first_to_the_last(capsys, tmp_path):
    x = [0.3]
    for _ in range(60):
        x.append(-0.9 * x[-1])
    said = frame(capsys, tmp_path, ["x = -9 * r * x"])
    low, high = min(x[1:]), max(x[1:])
    assert f"{low:.4g} .. {high:.4g}" == "-0.27 .. 0.243"
    assert said.endswith(f"first -0.27, last {x[-1]:.4g}, all in -0.27 .. 0.243)")


@pytest.mark.parametrize(
    "lines",
    [
        ["x = r * x", "x = r * x"],  # 120 times half of it
        ["x = np.sin(np.sin(x))"],
        ["if _ % 2:", "    x = x * r", "else:", "    x = np.sin(x)"],
    ],
)
def test_a_part_of_a_round_and_two_rounds_are_not_told(capsys, tmp_path, lines):
    assert re.fullmatch(r"\d+ times", frame(capsys, tmp_path, lines))


def test_one_of_two_values_that_are_carried_apart_is_not_told(capsys, tmp_path):
    said = frame(capsys, tmp_path, ["x = np.sin(x)", "r = np.tanh(r)"])
    assert said == "60 times"
