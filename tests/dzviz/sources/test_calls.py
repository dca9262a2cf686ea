"""A user's functions are frames, by their own names."""

import sys

import numpy as np
import pytest

from dezero import Variable
from dzviz import record
from dzviz.cli.main import run
from dzviz.graph.model import VariableNode
from dzviz.sources.function import load

MODEL = """
import numpy as np
from layers import scaled

def dense(x, W):
    return np.tanh(x @ W)

def block(x, W):
    return dense(dense(x, W), W) + x

class Twice:
    def __call__(self, x):
        return self.more(x) + x

    def more(self, x):
        return sum([x * each for each in (1.0, 2.0)])

def outer(x):
    def inner(y):
        return y * 3
    return inner(x)

def nothing(x):
    return x

def power(x, n):
    return x if n == 0 else power(x, n - 1) * x

def loss(x, W):
    return np.sum(block(block(x, W), W))

def others(x):
    return Twice()(outer(nothing(scaled(x))))

def recursive(x):
    return power(x, 2)

def typical(x):
    return np.sum((lambda y: y * y)(x))
"""


@pytest.fixture
def groups(tmp_path, monkeypatch):
    (tmp_path / "layers.py").write_text("def scaled(x):\n    return 0.5 * x\n")
    (tmp_path / "framed.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "layers", raising=False)

    def find(name, **values):
        from dzviz.sources.snapshot import snapshot

        function = load(f"framed.py:{name}")
        made = function.evaluate({k: np.array(v) for k, v in values.items()})
        graph = snapshot(made.outputs)
        names = {group.id: group.name for group in graph.groups}
        return [(g.name, names.get(g.parent), g.kind) for g in graph.groups], graph

    return find


def test_calls_within_calls(groups):
    found, graph = groups("loss", x=[1.0, 2.0], W=np.eye(2))
    assert found == [
        ("block", None, "function"),
        ("dense", "block", "function"),
        ("dense 2", "block", "function"),
        ("block 2", None, "function"),
        ("dense", "block 2", "function"),
        ("dense 2", "block 2", "function"),
    ]
    framed = {id for group in graph.groups for id in group.nodes}
    named = {node.id for node in graph.nodes if getattr(node, "name", None)}
    assert not framed & named  # inputs and the output are in none


def test_methods_closures_and_files_beside(groups):
    found, _ = groups("others", x=1.0)
    assert [(name, parent) for name, parent, _ in found] == [
        ("scaled", None),
        ("outer", None),
        ("inner", "outer"),
        ("Twice", None),
        ("Twice.more", "Twice"),
    ]


def test_a_function_that_calls_itself(groups):
    found, _ = groups("recursive", x=2.0)
    assert [(name, parent) for name, parent, _ in found] == [("power", None), ("power", "power")]


def test_what_has_no_name_and_what_is_drawn_are_no_frames(groups):
    assert groups("typical", x=[1.0, 2.0])[0] == []


def helper(x):
    return x * x


def test_a_recorded_function():
    graph = record(lambda x: helper(helper(x)), 2.0)
    assert [group.name for group in graph.groups] == ["helper", "helper 2"]


def times(x, w):
    return x * w


def test_what_two_calls_take_is_in_none_and_what_one_makes_and_takes_is_in_it():
    shared = Variable(np.array(2.0))  # without a name
    graph = record(lambda x: times(times(x, shared), shared) + times(x, 5.0), 3.0)
    homes = {id: group.name for group in graph.groups for id in group.nodes}
    of = {float(n.data): homes.get(n.id) for n in graph.nodes if isinstance(n, VariableNode)}
    assert of == {
        3.0: None,
        2.0: None,
        6.0: None,
        12.0: None,
        5.0: "times 3",
        15.0: None,
        27.0: None,
    }


@pytest.mark.parametrize("format", ["svg", "dot", "mermaid", "json", "html"])
def test_every_format_shows_them(groups, capsys, format):
    args = ["--py-function", "framed.py:loss", "--x", "[1, 2]", "--W", "[[1, 0], [0, 1]]"]
    assert run([*args, "-T", format]) == 0
    assert "block 2" in capsys.readouterr().out
    assert run([*args, "-T", "text", "--depth", "0"]) == 0
    assert "block 2 (5 functions) of v" in capsys.readouterr().out


def test_a_loop_of_many_calls_folds(tmp_path, monkeypatch, capsys):
    (tmp_path / "looped.py").write_text(
        "def step(x):\n    return x - 0.1 * x * x\n\n"
        "def run(x):\n    for _ in range(400):\n        x = step(x)\n    return x\n"
    )
    monkeypatch.chdir(tmp_path)
    assert (
        run(["--py-function", "looped.py:run", "--x", "0.5", "-T", "dot", "--fold", "always"]) == 0
    )
    assert "400 times" in capsys.readouterr().out
