"""The numbers of sweeps, against derivatives that are known otherwise."""

import csv
import io
import json

import mpmath
import numpy as np
import pytest
from support.sweeps import swept

from dzviz.diagnosis.sweeps import sweep_marks
from dzviz.graph.sweep import Sweep
from dzviz.options import Look
from dzviz.pipeline import Computation
from dzviz.sources.function import load
from dzviz.svg.curve import Curve
from dzviz.sweeps.axes import read_axes
from dzviz.sweeps.points import taken
from dzviz.text.sweeps import change_sentences

KNOWN = {
    "a = x**2; a*sin(a)": (lambda x: x**2 * mpmath.sin(x**2), "x=-3:3:61"),
    "tanh(x)*exp(-x)": (lambda x: mpmath.tanh(x) * mpmath.exp(-x), "x=-4:4:17"),
    "log(x)/sqrt(x)": (lambda x: mpmath.log(x) / mpmath.sqrt(x), "x=1e-3:10:23:log"),
}
BRANCHES = """
import numpy as np

def f(x, w=2.0):
    if x.data > 0:
        return w * x * x
    return np.sin(x)

def g(x):
    if x.data > 1:
        raise ValueError("too large")
    return x * 2
"""


def test_result_and_gradient_are_those_of_mathematics(dzviz):
    for expression, (f, axis) in KNOWN.items():
        code, out, err = dzviz("grad", expression, "--sweep", axis)
        assert (code, err) == (0, "")
        head, *rows = (line.split("\t") for line in out.splitlines())
        assert head == ["x", "y", "grad x"]
        assert len(rows) == int(axis.split(":")[2])
        for row in rows:
            x, y, slope = map(float, row)
            assert y == pytest.approx(float(f(mpmath.mpf(x))), rel=1e-12, abs=1e-12)
            assert slope == pytest.approx(float(mpmath.diff(f, x)), rel=1e-9, abs=1e-12)


def test_a_point_says_what_the_command_for_it_says(dzviz):
    code, out, _ = dzviz("grad", "sum(x*W**2)", "--W", "[1, 2]", "--sweep", "x=-1:1:3")
    assert code == 0
    for line in out.splitlines()[1:]:
        x, _, *gradients = line.split("\t")
        _, alone, _ = dzviz("grad", "sum(x*W**2)", "--W", "[1, 2]", "--x", x)
        assert [each.split("\t")[1] for each in alone.splitlines()] == gradients


def test_an_element_and_a_grid(dzviz):
    """Of sum(x * W**3), the derivative by W[1,0] is 3 x W[1,0]**2."""
    given = ("sum(x*W**3)", "--W", "[[1,2],[3,4]]")
    both = ("--sweep", "W[1,0]=-1:1:5", "--sweep", "x=1:2:3")
    code, out, _ = dzviz("grad", *given, *both, "-T", "json")
    assert code == 0
    told = json.loads(out)
    assert told["schema"] == "dzviz/sweep/1"
    assert [axis["name"] for axis in told["axes"]] == ["W[1,0]", "x"]
    points = told["points"]
    assert len(points) == 15
    assert [point["at"] for point in points[:4]] == [[-1, 1], [-1, 1.5], [-1, 2], [-0.5, 1]]
    for point in points:
        w, x = point["at"]
        assert point["gradients"]["W"][1][0] == pytest.approx(3 * x * w**2)
        assert point["outputs"]["y"] == pytest.approx(x * (1 + 8 + w**3 + 64))
    _, out, _ = dzviz("grad", *given, *both, "-T", "csv")
    head, *rows = csv.reader(io.StringIO(out))
    assert head == ["W[1,0]", "x", "y", "grad x", "grad W"]
    assert [json.loads(row[4]) for row in rows] == [point["gradients"]["W"] for point in points]


def test_what_is_not_finite_is_written_and_told(dzviz):
    code, out, err = dzviz("grad", "log(x)", "--sweep", "x=-1:1:3", "-T", "json")
    assert code == 0
    points = json.loads(out)["points"]
    assert [point["outputs"]["y"] for point in points] == ["NaN", "-Infinity", 0.0]
    assert "at x = -1: first NaN: log" in err
    assert "at 1 other point, too" in err
    code, out, err = dzviz("grad", "log(x)", "--sweep", "x=1:-1:3", "--strict")
    assert (code, out) == (4, "")
    assert "at x = 0: first infinity" in err


def test_what_cannot_be_computed_again_is_refused(dzviz, tmp_path):
    _, graph, _ = dzviz("x**2", "--x", "3", "-T", "json", "--full")
    (tmp_path / "g.json").write_text(graph)
    for command in (["grad"], ["draw", "-o", "a.html"]):
        code, out, err = dzviz(*command, "--graph", "g.json", "--sweep", "x=1:2:3")
        assert (code, out) == (2, "")
        assert "--sweep is for what is computed" in err
        assert not (tmp_path / "a.html").exists()


def test_a_graph_that_changes_says_where(dzviz, tmp_path):
    (tmp_path / "branches.py").write_text(BRANCHES)
    target = f"{tmp_path}/branches.py:f"
    code, out, err = dzviz("grad", "--py-function", target, "--sweep", "x=-2:2:9")
    assert code == 0
    assert "the graph changes between x = 0 and x = 0.5" in err
    for line in out.splitlines()[1:]:
        x, y, slope, *_ = (float(cell or "nan") for cell in line.split("\t"))
        assert y == pytest.approx(2 * x * x if x > 0 else np.sin(x))
        assert slope == pytest.approx(4 * x if x > 0 else np.cos(x))
    code, out, err = dzviz(
        "grad", "--py-function", f"{tmp_path}/branches.py:g", "--sweep", "x=0:2:3"
    )
    assert (code, out) == (4, "")
    assert "at x = 2: " in err
    assert "too large" in err
    assert load(target).optional == ("w",)


def test_what_gets_no_gradient_has_not_died(tmp_path):
    (tmp_path / "branches.py").write_text(BRANCHES)
    subject, values = load(f"{tmp_path}/branches.py:f"), {"x": "-1"}
    axes = read_axes(["w=1:2:3"], subject, values)
    found, warnings, _ = taken(Computation(subject, values), axes, events=False)
    assert "'w' does not reach the output" in warnings[0]
    sweep = Sweep(axes, [each.graph for each in found])
    assert sweep_marks(sweep, 0, sweep.line(0, 0)) == []
    curve = Curve(sweep, 0, sweep.line(0, 0), Look())
    assert (curve.title, curve.sentences()) == ("y over w", ["no gradient reaches w"])


def test_a_where_is_no_change_of_the_graph():
    assert change_sentences(swept("where(x > 0, x**2, -x)", "x=-1:1:9")) == []


def test_where_gradients_die_explode_or_are_nan():
    """Each stretch begins and ends where it does in mathematics."""
    expected = {
        "relu(x)": ("x=-3:3:61", [("dies", -3.0, 0.0, "is off")]),
        "sigmoid(x)": (
            "x=-40:40:81",
            [("dies", -40.0, -17.0, "is saturated"), ("dies", 17.0, 40.0, "is saturated")],
        ),  # below 1e-7 from log(1e7) = 16.1 on
        "log(x)": ("x=-1:1:5", [("nan", -1.0, -0.5, "NaN"), ("infinite", 0.0, 0.0, "log(x)")]),
        "1/x": ("x=-1:1:3", [("infinite", 0.0, 0.0, "1/x")]),
        "exp(x)": ("x=0:20:21", [("explodes", 17.0, 20.0, "above 1e7")]),  # log(1e7) = 16.1
        "x**2": ("x=-1:1:9", []),  # where a curve turns, nothing has died
        "x*0": ("x=-1:1:3", [("dies", -1.0, 1.0, "constant 0")]),
    }
    for expression, (axis, wanted) in expected.items():
        sweep = swept(expression, axis)
        marks = sweep_marks(sweep, 0, sweep.line(0, 0))
        values = sweep.axes[0].values
        found = [(mark.kind, values[mark.first], values[mark.last]) for mark in marks]
        assert found == [mark[:3] for mark in wanted], expression
        for mark, (*_, word) in zip(marks, wanted, strict=True):
            assert word in mark.sentence, mark.sentence
    both = swept("relu(x)*sqrt(4 - x**2)", "x=-3:3:13")
    told = [mark.sentence.partition(" (")[0] for mark in sweep_marks(both, 0, both.line(0, 0))]
    assert [text.partition(":")[0] for text in told] == [
        "y is NaN and dy/dx is NaN from x = -3 to x = -2.5",
        "dy/dx is NaN at x = -2",  # there y is 0
        "dy/dx is 0 from x = -1.5 to x = 0",
        "dy/dx is -inf at x = 2",
        "y is NaN and dy/dx is NaN from x = 2.5 to x = 3",
    ]
    grid = swept("relu(x)*w", "x=-1:1:5", "w=1:2:2")
    assert len(sweep_marks(grid, 0, grid.line(0, 3))) == 1
    assert sweep_marks(grid, 1, grid.line(1, 0))[0].kind == "dies"
    assert sweep_marks(grid, 1, grid.line(1, 9)) == []
