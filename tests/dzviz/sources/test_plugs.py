"""Sources from elsewhere: registered, installed, broken, and never for documents."""

import importlib.metadata
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
from support import mydezero

import dzviz
from dzviz.cli import main as cli
from dzviz.errors import EvaluationError, UsageError
from dzviz.graph.model import Edge, FunctionNode, Graph
from dzviz.sources import plugs


class Number:
    """What a homemade engine computes with."""

    def __init__(self, data, how=None, operands=()):
        self.value, self.how, self.operands, self.slope = data, how, operands, None

    def __mul__(self, other):
        return Number(self.value * other.value, "mul", (self, other))


def tell(x):
    call = None if x.how is None else dzviz.Call(x, x.how, x.operands)
    return dzviz.Value(x.value, call, x.slope)


SOURCE = SimpleNamespace(
    recognises=lambda thing: isinstance(thing, Number),
    graph=lambda thing: dzviz.graph_from(thing, tell),
)


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    monkeypatch.setattr(plugs, "_registered", {})
    plugs.installed.cache_clear()
    yield
    plugs.installed.cache_clear()


class Entry(SimpleNamespace):
    def load(self):
        return self.loaded()


@pytest.fixture
def install(monkeypatch):
    def enter(**sources):
        entries = [Entry(name=n, value=f"{n}:source", loaded=s) for n, s in sources.items()]
        asked = []

        def entry_points(group):
            asked.append(group)
            return entries

        monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
        return asked

    return enter


def test_a_registered_source_draws():
    x = Number(3.0)
    y = x * x
    with pytest.raises(TypeError, match="dzviz draws a Variable"):
        dzviz.draw(y)
    dzviz.register_source("numbers", SOURCE)
    graph = dzviz.snapshot(y)
    assert [n.data for n in graph.nodes if not isinstance(n, FunctionNode)] == [3, 9]
    assert graph.edges == (Edge("v0", "f0", 0, 0), Edge("v0", "f0", 1, 1), Edge("f0", "v1", 0))
    assert dzviz.render(y, "svg")


def test_an_installed_source_draws_and_is_looked_for_last(install):
    asked = install(numbers=lambda: SOURCE)
    dzviz.draw(mydezero.sin(mydezero.Variable(np.array(1.0))))
    assert asked == []
    assert len(dzviz.snapshot(Number(3.0) * Number(2.0)).nodes) == 4
    assert asked == ["dzviz.sources"]


def test_a_registered_source_is_asked_first():
    made = dzviz.graph_from(Number(1.0), tell)
    dzviz.register_source("all", SimpleNamespace(recognises=lambda _: True, graph=lambda _: made))
    assert dzviz.snapshot(mydezero.Variable(np.array(2.0))) is made


def broken():
    raise ImportError("no module of mine")


def test_a_source_that_cannot_be_loaded_is_named(install):
    install(mine=broken)
    for action in (lambda: dzviz.draw(Number(1.0)), lambda: dzviz.watch().__enter__()):
        with pytest.raises(UsageError, match=r"the source .mine. .mine:source. cannot"):
            action()
    assert dzviz.draw(mydezero.Variable(np.array(2.0))).text


def fail(thing):
    raise KeyError("mine")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"recognises": fail}, "the source 'mine' .recognises. raised KeyError: 'mine'"),
        ({"graph": fail}, "the source 'mine' .graph. raised KeyError: 'mine'"),
        ({"graph": lambda thing: 3}, "the source 'mine' gave int, not a Graph"),
        ({"graph": lambda thing: Graph((), (), ())}, "gave a Graph that has no outputs"),
        ({"graph": lambda thing: Graph((), (), ("v0",))}, "that has no nodes for 'v0'$"),
        (
            {"graph": lambda t: SOURCE.graph(t)._replace(edges=(Edge("v0", "v1", 0, 0),))},
            "that has no nodes for 'v0 -> v1'",
        ),
        (
            {"graph": lambda t: SOURCE.graph(t)._replace(nodes=SOURCE.graph(t).nodes * 2)},
            "that has two nodes with one id",
        ),
        ({"watch": lambda: fail(None)}, "the source 'mine' .watch. raised KeyError"),
    ],
)
def test_a_broken_source_is_named(changes, words):
    dzviz.register_source("mine", SimpleNamespace(**{**vars(SOURCE), **changes}))
    with pytest.raises(EvaluationError, match=words), dzviz.watch() as tape:
        tape.graph(Number(3.0) * Number(2.0))


def test_a_source_lacks_a_method():
    with pytest.raises(UsageError, match="the source 'mine' has no graph"):
        dzviz.register_source("mine", SimpleNamespace(recognises=bool))


def test_a_source_may_watch():
    seen = []

    @contextmanager
    def watch():
        seen.append("in")
        yield SimpleNamespace(graph=lambda y: SOURCE.graph(y)._replace(title="watched"))
        seen.append("out")

    dzviz.register_source("numbers", SimpleNamespace(**vars(SOURCE), watch=watch))
    with dzviz.watch() as tape:
        assert seen == ["in"]
    assert seen == ["in", "out"]
    assert tape.graph(Number(2.0) * Number(3.0)).title == "watched"


def test_facts_that_are_not_told_follow():
    x, w = Number(np.ones((2, 3))), Number(2)
    y = Number(np.ones((2, 3)), "scale", (x, None, w))
    y.slope = np.ones((2, 3))
    dzviz.register_source("numbers", SOURCE)
    graph = dzviz.snapshot([y, x])
    shapes = [(n.role, n.shape, n.dtype, n.generation) for n in graph.nodes if n.id[0] == "v"]
    assert shapes == [
        ("output", (2, 3), "float64", 0),
        ("input", (), "int64", 0),
        ("output", (2, 3), "float64", 1),
    ]
    assert [e.arg for e in graph.edges] == [0, 2, None]
    assert [n.grad_state for n in graph.nodes if n.id[0] == "v"] == ["none", "none", "retained"]


def test_a_value_of_itself_and_odd_data_are_refused():
    dzviz.register_source("numbers", SOURCE)
    y = Number(1.0, "f", [])
    y.operands.append(y)
    with pytest.raises(EvaluationError, match="this f was called again"):
        dzviz.draw(y)
    for data in ("text", 1j, object(), None):
        with pytest.raises(EvaluationError):
            dzviz.draw(Number(data))


def test_documents_ask_no_plug(install, tmp_path):
    asked = install(mine=broken)
    page = tmp_path / "page.md"
    page.write_text('<!-- dzviz "x**2" --x 3 -T text -->\n<!-- /dzviz -->\n')
    assert cli.run(["embed", str(page)]) == 0
    assert "x ** 2" in page.read_text()
    assert asked == []


def test_values_may_be_told_by_their_range():
    from dzviz.graph.ranges import Range

    known = Range(1, (3,), -1.0, 2.0)

    def told(x):
        data = known if x.how is None else x.value
        return tell(x)._replace(data=data, dtype="bfloat16", name=f"w['{x.how or 'x'}']")

    x = Number(2.0)
    graph = dzviz.graph_from(x * x, told)
    assert [node.dtype for node in graph.nodes if hasattr(node, "dtype")] == ["bfloat16"] * 2
    assert (graph.nodes[0].data, graph.nodes[0].shape) == (known, (3,))
    text = dzviz.render(graph, "text").decode()
    assert "-1 .. 2" in text
    assert "mul of w['x'], w['x']" in text  # names that need no brackets
