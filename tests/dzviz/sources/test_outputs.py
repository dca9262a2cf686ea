"""Outputs in dicts, tuples, dataclasses and one another have names."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

import dzviz
from dezero import Variable
from dzviz.cli.main import run
from dzviz.errors import EvaluationError
from dzviz.sources.outputs import outputs_in


class Pair(NamedTuple):
    first: Any
    second: Any


@dataclass
class Made:
    loss: Any
    parts: Any = ()


CASES = [
    (1, [None]),
    ([1, 2], [None, None]),
    ((1,), [None]),
    ({"loss": 1, "aux": {"mean": 2}}, ["loss", "aux.mean"]),
    ({0: 1, 1: 2}, ["out[0]", "out[1]"]),
    ({"aux": [1, (2, 3)]}, ["aux[0]", "aux[1][0]", "aux[1][1]"]),
    ((1, {"a": 2}), ["out[0]", "out[1].a"]),
    (Pair(1, 2), ["first", "second"]),
    (Made(1, [2]), ["loss", "parts[0]"]),
    (OrderedDict(b=1, a=2), ["b", "a"]),
]


@pytest.mark.parametrize(("result", "names"), CASES)
def test_names_by_the_way_to_them(result, names):
    found = outputs_in(result, lambda x: isinstance(x, int))
    assert found.names == names
    assert found.variables == list(range(1, len(names) + 1))
    assert not found.others
    assert not found.wrong


@pytest.mark.parametrize("result", [{}, [], "y", {"a": "b"}, ["b"], None, Made("a")])
def test_what_has_no_outputs_is_wrong(result):
    assert outputs_in(result, lambda x: isinstance(x, int)).wrong


@pytest.mark.parametrize("result", [[1, "b"], (1, None), {"out": 1, "b": 2.5}])
def test_what_is_no_variable_is_left_out(result):
    found = outputs_in(result, lambda x: isinstance(x, int))
    assert (found.variables, len(found.others), found.wrong) == ([1], 1, False)


def test_one_in_two_places_counts_once_but_in_a_list_as_often_as_it_stands_there():
    x = Variable(np.array(1.0))

    def is_variable(value):
        return isinstance(value, Variable)

    assert outputs_in({"a": x, "b": [x]}, is_variable).names == ["a"]
    assert len(outputs_in([x, x], is_variable).variables) == 2


def test_a_structure_that_holds_itself_ends():
    result = {"a": 1}
    result["self"] = result
    assert outputs_in(result, lambda x: x == 1).names[0] == "a"


MODEL = """
import numpy as np

def loss(x):
    h = np.tanh(x)
    return {"loss": np.sum(h * h), "aux": {"mean": np.mean(h), "count": 3}}
"""


def test_the_command_names_them_and_says_of_what_gradients_are(tmp_path, monkeypatch, capsys):
    (tmp_path / "named.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    assert run(["--py-function", "named.py:loss", "--x", "[1, 2]", "-T", "text"]) == 0
    told = capsys.readouterr()
    assert "loss, aux.mean = loss(x)\ngrad = d(loss + aux.mean)/d(node)" in told.out
    assert "'aux.count' of what it returned is not a Variable, and not drawn" in told.err
    h = np.tanh([1.0, 2.0])
    slopes = (2 * h + 0.5) * (1 - h * h)
    assert f"[{slopes[0]:.4g}, {slopes[1]:.4g}]" in told.out


def test_the_same_is_recorded():
    graph = dzviz.record(lambda x: Made(x * x, [x + 1]), 3.0)
    names = {node.id: getattr(node, "name", None) for node in graph.nodes}
    assert [names[id] for id in graph.outputs] == ["loss", "parts[0]"]
    with pytest.raises(EvaluationError, match="left the graph"):
        dzviz.record(lambda x: {"loss": 1.0}, 3.0)
    with pytest.warns(dzviz.DzvizWarning, match="'n' of what it returned is not a Variable"):
        dzviz.record(lambda x: {"loss": x * x, "n": 1.0}, 3.0)


def test_expressions_give_an_ops_results_their_names(capsys):
    values = ["--x", "[1, 2]", "--h", "[0]", "--c", "[0]", "--W", "ones(2, 4)", "--U", "ones(1, 4)"]
    assert run(["lstm_cell(x, h, c, W, U)", *values, "-T", "text"]) == 0
    assert "grad = d(sum of h + sum of c)/d(node)" in capsys.readouterr().out
    assert run(["s = lstm_cell(x, h, c, W, U); sum(s[1] - s[0])", *values, "-T", "text"]) == 0
    assert "s.c" in capsys.readouterr().out
    for wrong in ("lstm_cell(x, h, c, W, U) + 1", "s = lstm_cell(x, h, c, W, U); s[2]"):
        assert run([wrong, *values]) == 4
        assert "is 2 values, but a single value is needed here" in capsys.readouterr().err
