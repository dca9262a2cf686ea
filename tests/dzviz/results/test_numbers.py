"""grad, value and gradcheck for scripts: text, TSV and JSON say the same, and what is so."""

import csv
import io
import json
from importlib.resources import files

import jsonschema
import numpy as np
import pytest

from dezero import Variable
from dzviz.cli.main import run
from dzviz.errors import EvaluationError
from dzviz.sources.jacobian import hessian, jacobians


@pytest.fixture
def told(capsys):
    def told(*args, code=0):
        assert run(args) == code
        return capsys.readouterr().out

    return told


def loaded(text):
    """Parse JSON, which is as its schema says."""
    data = json.loads(text)
    name = data["schema"].split("/")[1]
    schema = json.loads(files("dzviz.formats").joinpath(f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(data)
    return data


def rows(text):
    return list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize(
    "args",
    [
        ("grad", "sum(x**2*y)", "--x", "[[1,2],[3,4]]", "--y", "0.5"),
        ("grad", "x*y", "--x", "1", "--y", "2", "--hessian"),
        ("value", "x**2, x", "--x", "[[1,2]]"),
        ("gradcheck", "sum(x**2)", "--x", "[[1,2],[3,4]]"),
        ("gradcheck", "x**2*y", "--x", "1", "--y", "2", "--local"),
    ],
)
def test_csv_has_the_rows_of_tsv(told, args):
    read = list(csv.reader(io.StringIO(told(*args, "-T", "csv"))))
    lines = told(*args, "-T", "tsv").splitlines()
    assert read == [line.split("\t") for line in lines]
    assert len(read) > 1


def test_the_forms_of_grad_say_the_same(told):
    args = ("grad", "sum(x**2*y)", "--x", "[[1,2],[3,4]]", "--y", "0.5")
    data = loaded(told(*args, "-T", "json"))
    assert data["schema"] == "dzviz/grad/1"
    assert (data["expression"], data["order"]) == ("sum(x**2*y)", 0)
    assert data["outputs"] == [{"output": "out", "shape": [], "value": 15.0}]
    by_name = {each["variable"]: each for each in data["gradients"]}
    assert by_name["x"] == {
        "variable": "x",
        "shape": [2, 2],
        "gradient": [[1.0, 2.0], [3.0, 4.0]],
    }
    lines = dict(line.split("\t") for line in told(*args).splitlines())
    assert {name: json.loads(value) for name, value in lines.items()} == {
        name: each["gradient"] for name, each in by_name.items()
    }
    table = rows(told(*args, "-T", "tsv"))
    assert [(r["variable"], r["index"], float(r["gradient"])) for r in table] == [
        ("x", "0,0", 1.0),
        ("x", "0,1", 2.0),
        ("x", "1,0", 3.0),
        ("x", "1,1", 4.0),
        ("y", "", 30.0),
    ]


def test_a_derivatives_gradient_and_value(told):
    cube = ("x**3*y", "--x", "2", "--y", "5")
    assert told("grad", *cube, "--order", "1", "--wrt", "x") == "x\t60.0\ny\t12.0\n"
    assert told("value", *cube, "--order", "2", "--wrt", "x,y") == "12.0\n"
    data = loaded(told("grad", *cube, "--order", "1", "--wrt", "x", "-T", "json"))
    assert (data["order"], data["outputs"][0]["value"]) == (1, 60.0)


def test_values_alone(told):
    assert told("value", "x**2", "--x", "3") == "9.0\n"
    assert told("value", "x**2, -x", "--x", "[1,2]").split("\n")[1].endswith("\t[-1.0, -2.0]")
    assert loaded(told("value", "[0, 1]/x", "--x", "0", "-T", "json", "-q"))["outputs"][0][
        "value"
    ] == ["NaN", "Infinity"]


def test_a_graph_from_a_file_has_values_and_gradients(told, tmp_path):
    path = tmp_path / "g.json"
    path.write_text(told("x*y", "--x", "2", "--y", "3", "-T", "json", "--full"))
    assert told("grad", "--graph", str(path)) == "x\t3.0\ny\t2.0\n"
    assert told("value", "--graph", str(path)) == "6.0\n"
    assert told("grad", "--graph", str(path), "--jacobian", code=2) == ""


def differences(f, xs, i, h=1e-5):
    """Return the derivative of ``f`` by argument ``i``, by central differences."""
    base = np.asarray(f(*xs))
    found = np.zeros((*base.shape, *xs[i].shape))
    for place in np.ndindex(xs[i].shape):
        sides = []
        for step in (h, -h):
            moved = [x.copy() for x in xs]
            moved[i][place] += step
            sides.append(np.asarray(f(*moved)))
        found[(..., *place)] = (sides[0] - sides[1]) / (2 * h)
    return found


def test_jacobians_are_those_of_differences(told):
    x, w = np.array([[1.0, 2.0]]), np.array([[0.3, -0.2, 0.5], [0.1, 0.7, -0.4]])
    args = ("tanh(x@W)*sum(x), x**3", "--x", str(x.tolist()), "--W", str(w.tolist()), "-T", "json")
    data = loaded(told("grad", *args, "--jacobian"))["jacobian"]
    functions = [lambda x, w: np.tanh(x @ w) * x.sum(), lambda x, w: x**3]
    expected = [differences(f, [x, w], i) for f in functions for i in range(2)]
    assert [each["variable"] for each in data] == ["x", "W", "x", "W"]
    for each, right in zip(data, expected, strict=True):
        assert tuple(each["shape"]) == right.shape
        np.testing.assert_allclose(each["derivative"], right, atol=1e-8)


def test_a_hessian_is_that_of_differences_of_the_gradient(told):
    x, y = np.array([0.3, -1.2, 2.0]), np.array(0.7)

    def gradients(x, y):
        return [np.cos(x) * np.exp(y * x.sum()) + y * f(x, y), x.sum() * f(x, y)]

    def f(x, y):
        return np.sin(x).sum() * np.exp(y * x.sum())

    args = ("sum(sin(x))*exp(y*sum(x))", "--x", str(x.tolist()), "--y", "0.7", "--hessian")
    data = loaded(told("grad", *args, "-T", "json"))["hessian"]
    assert [(each["variable"], each["by"]) for each in data] == [
        ("x", "x"), ("x", "y"), ("y", "x"), ("y", "y")
    ]  # fmt: skip
    for each in data:
        i, j = ("xy".index(each[key]) for key in ("variable", "by"))
        right = differences(lambda *xs, i=i: gradients(*xs)[i], [x, y], j)
        np.testing.assert_allclose(each["derivative"], right, rtol=1e-6, atol=1e-7)
    with pytest.raises(EvaluationError, match="a single number"):
        hessian(Variable(np.ones(2)) * 2, [])


def test_what_does_not_reach_the_output_is_zero():
    x, w = Variable(np.ones(2), "x"), Variable(np.ones(3), "w")
    ((by_x, by_w),) = jacobians([2 * x], [x, w])
    assert by_x.tolist() == [[2, 0], [0, 2]]
    assert by_w.shape == (2, 3)
    assert not by_w.any()
    assert x.grad is None


def test_gradcheck_for_scripts(told):
    args = ("gradcheck", "x**2*y", "--x", "3", "--y", "2")
    assert told(*args, "-q") == ""
    data = loaded(told(*args, "-T", "json"))
    assert (data["schema"], data["fails"]) == ("dzviz/gradcheck/1", False)
    table = rows(told(*args, "-T", "tsv"))
    assert [row["state"] for row in table] == ["", ""]
    for each, row in zip(data["variables"], table, strict=True):
        assert (each["variable"], each["state"]) == (row["variable"], "agrees")
        assert float(row["gradient"]) == each["gradient"]
        assert float(row["numerical"]) == each["numerical"]


def test_gradcheck_tells_a_wrong_rule_in_every_form(told, tmp_path):
    path = tmp_path / "wrong.py"
    path.write_text(
        "from dezero import Function\n\n\nclass Bad(Function):\n"
        "    def forward(self, x):\n        return x**2\n\n"
        "    def backward(self, gy):\n        return gy * 3\n\n\n"
        "def f(x):\n    return Bad()(x)\n"
    )
    args = ("gradcheck", "--py-function", f"{path}:f", "--x", "2")
    assert told(*args, "-q", code=1) == ""
    data = loaded(told(*args, "-T", "json", code=1))
    assert data["fails"]
    assert [each["state"] for each in data["functions"]] == ["differs"]
    assert [row["state"] for row in rows(told(*args, "-T", "tsv", code=1))] == ["differs"]
