"""The Python interface."""

import importlib
import json
import pkgutil
import sys

import graphviz
import numpy as np
import pytest
from support.films import replay
from support.loops import simple
from support.tools import importable

import dzviz
from dezero import Variable
from dezero.functions import sin
from dzviz.errors import EvaluationError, LayoutError, UsageError
from dzviz.formats import FORMATS
from dzviz.sources.snapshot import snapshot


@pytest.fixture
def y():
    x = Variable(np.array(1.0), "x")
    y = sin(x)
    y.name = "y"
    y.backward()
    return y


def test_to_dot(y):
    text = dzviz.to_dot(y)
    assert text.startswith("digraph dzviz {")
    assert "grad None (released)" in text
    assert "rankdir=TB" in dzviz.to_dot(y, rank_dir="TB")
    assert dzviz.to_dot([y, y.creator.inputs[0]]) != text


@pytest.mark.parametrize("format", FORMATS)
def test_render_gives_bytes_and_runs_no_pass(y, format):
    before = (y.grad, y.creator.inputs[0].grad)
    data = dzviz.render(y, format)
    assert isinstance(data, bytes)
    assert data
    assert (y.grad, y.creator.inputs[0].grad) == before


def test_render_takes_layout_options(y):
    assert dzviz.render(y, "svg", engine="wasm", timeout=20.0).startswith(b"<svg")
    with pytest.raises(UsageError, match="engine"):
        dzviz.render(y, "svg", engine="neato")


def test_to_graphviz(y):
    source = dzviz.to_graphviz(y)
    assert isinstance(source, graphviz.Source)
    assert source.source == dzviz.to_dot(y)


def test_unknown_formats_and_options(y):
    with pytest.raises(UsageError, match="unknown format 'jpeg'"):
        dzviz.render(y, "jpeg")
    with pytest.raises(UsageError, match="unknown display option 'colour'"):
        dzviz.to_dot(y, colour="red")


def test_public_names_are_sorted_and_stay_callable_after_any_import():
    assert dzviz.__all__ == sorted(dzviz.__all__)
    for module in pkgutil.walk_packages(dzviz.__path__, "dzviz."):
        if not module.name.endswith("__main__") and importable(module.name):
            importlib.import_module(module.name)
    for name in dzviz.__all__:
        assert not isinstance(getattr(dzviz, name), type(sys)), name
    with pytest.raises(AttributeError):
        dzviz.__getattr__("colour")


def test_record_calls_the_function_and_tells_what_happened():
    graph = dzviz.record(lambda x, w: np.sin(x * w), 1.0, 2.0)
    assert [node.name for node in graph.nodes if getattr(node, "role", "") == "input"] == ["x", "w"]
    assert graph.title == "y = f(x, w)"
    assert replay(graph.events) == {
        "v0": pytest.approx(2 * np.cos(2.0)),
        "v1": pytest.approx(np.cos(2.0)),
    }
    assert {event.kind for event in graph.events} == {
        "forward",
        "seed",
        "pop",
        "rule",
        "release",
        "keep",
    }
    assert "release" not in {e.kind for e in dzviz.record(sin, 1.0, retain_grad=True).events}


def test_record_takes_variables_and_leaves_them_alone():
    x = Variable(np.array([1.0, 2.0]), "weights")
    graph = dzviz.record(lambda w: (w * w).sum(), x)
    assert x.grad is None
    assert graph.nodes[0].name == "weights"
    assert graph.title == "y = f(weights)"
    assert dzviz.record(np.sin, 1).title == "y = sin(x)"
    both = dzviz.record(lambda a, b: a + b, Variable(np.array(1.0), "b"), 2)
    assert [n.name for n in both.nodes if getattr(n, "role", "") == "input"] == ["a", "b"]


def test_record_tells_the_passes_of_derivatives():
    graph = dzviz.record(np.tanh, 1.0, order=2)
    assert max(event.turn for event in graph.events) == 3
    assert graph.order == 2
    with pytest.raises(UsageError, match="with respect to which"):
        dzviz.record(lambda x, y: x * y, 1.0, 2.0, order=1)
    assert dzviz.record(lambda x, y: x * y, 1.0, 2.0, order=1, wrt=["y"]).order == 1


def test_record_refuses_what_left_the_graph():
    with pytest.raises(EvaluationError, match="f returned an ndarray"):
        dzviz.record(lambda x: x.data, 1.0)


def test_a_graph_is_drawn_like_its_variable(y):
    graph = snapshot(y)
    assert dzviz.to_dot(graph) == dzviz.to_dot(y)
    assert dzviz.render(graph, "json") == dzviz.render(y, "json")


def test_draw_shows_itself_in_a_notebook(y):
    picture = dzviz.draw(y, theme="dark")
    bundle = picture._repr_mimebundle_()
    assert bundle["image/svg+xml"] == dzviz.render(y, "svg", theme="dark").decode()
    assert bundle["text/plain"] == repr(picture)
    assert repr(picture) + "\n" == dzviz.render(y, "text").decode()
    assert repr(y) == "variable(0.8414709848078965)"
    with pytest.raises(UsageError, match="unknown display option"):
        dzviz.draw(y, colour="red")


def test_a_picture_is_of_the_moment_it_was_drawn(y):
    picture = dzviz.draw(y)
    before = picture.text
    y.data[...] = 5.0
    assert picture.text == before


def test_large_graphs_are_folded_and_parts_cut_out():
    assert ">400 times</text>" in dzviz.render(simple(400), "svg").decode()
    with pytest.raises(LayoutError, match="too large for a picture"):
        dzviz.render(simple(400), "svg", fold="none")
    assert "400 times" in dzviz.to_dot(simple(400), fold="always")
    part = json.loads(dzviz.render(simple(400), "json", from_="x", to="v1"))
    assert [node["id"] for node in part["nodes"]] == ["v0", "f0", "v1"]
    with pytest.raises(UsageError, match="fold is one of"):
        dzviz.to_dot(simple(4), fold="maybe")
