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
from dezero import Function, Variable
from dezero.functions import sin
from dzviz.errors import EvaluationError, LayoutError, OutputError, UsageError
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
    with pytest.raises(UsageError, match="which variable should it differentiate by"):
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
    svg = bundle["image/svg+xml"].replace(' style="max-width:100%;height:auto"', "")
    assert svg == dzviz.render(y, "svg", theme="dark").decode()
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


def test_a_picture_is_saved_in_the_format_of_its_suffix(y, tmp_path):
    picture = dzviz.draw(y, theme="dark")
    for suffix, begin in {"svg": b"<svg", "png": b"\x89PNG", "json": b'{"schema'}.items():
        picture.save(tmp_path / f"a.{suffix}")
        assert (tmp_path / f"a.{suffix}").read_bytes().startswith(begin)
    assert (tmp_path / "a.svg").read_bytes() == dzviz.render(y, "svg", theme="dark")
    film = dzviz.draw(dzviz.record(np.sin, 1.0), format="animation")
    film.save(tmp_path / "film.svg")
    assert "prefers-reduced-motion" in (tmp_path / "film.svg").read_text()
    with pytest.raises(UsageError, match=r"unknown suffix '\.what'"):
        picture.save(tmp_path / "a.what")
    with pytest.raises(OutputError, match="No such file or directory"):
        picture.save(tmp_path / "missing" / "a.svg")
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(OutputError, match="cannot write"):
        picture.save(tmp_path / "folder.svg")
    assert len(list(tmp_path.iterdir())) == 5  # nothing half written is left


def test_what_a_wide_picture_does_in_a_cell(y):
    chain = dzviz.record(lambda x: np.sin(np.cos(np.sin(np.cos(np.sin(x))))), 1.0)
    wide = dzviz.draw(chain)._repr_mimebundle_()["image/svg+xml"]
    root = wide[: wide.index(">")]
    assert ' width="100%"' in root
    assert " height=" not in root
    assert "max-width:" in root
    assert " width=" in dzviz.draw(y)._repr_mimebundle_()["image/svg+xml"]


def test_a_graph_shows_its_picture_and_says_little_of_itself():
    graph = dzviz.record(lambda x: x**2, 3.0)
    assert graph._repr_mimebundle_() == dzviz.draw(graph)._repr_mimebundle_()
    assert str(graph) == "<Graph of y = f(x): 3 nodes, 2 edges>"


def test_other_formats_in_a_cell(y):
    graph = dzviz.record(np.sin, 1.0)
    assert "text/html" in dzviz.draw(graph, format="html")._repr_mimebundle_()
    assert dzviz.draw(y, format="png")._repr_mimebundle_().keys() == {"image/png", "text/plain"}
    text = dzviz.draw(y, format="mermaid")._repr_mimebundle_()
    assert text == {"text/plain": dzviz.render(y, "mermaid").decode().rstrip("\n")}
    with pytest.raises(UsageError, match="unknown format 'what'"):
        dzviz.draw(y, format="what")


def test_questions_of_a_function():
    trace = dzviz.trace(lambda x: np.sin(x) * x, 1.0, retain_grad=True, precision=6)
    assert "0.841471" in repr(trace)
    assert len(trace.events) == len(repr(trace).splitlines()) - 1
    assert repr(dzviz.trace(trace.graph)).startswith("step ")
    with pytest.raises(UsageError, match="was not recorded"):
        dzviz.trace(trace.graph._replace(events=()))
    with pytest.raises(UsageError, match="no option 'precison'") as error:
        dzviz.trace(np.sin, 1.0, precison=3)
    assert error.value.__notes__ == ["hint: did you mean precision?"]
    check = dzviz.gradcheck(lambda x, w: np.sum(np.tanh(x * w)), [1.0, 2.0], 0.5)
    assert not check.fails
    assert repr(check).endswith("3 compared, 0 differ")
    assert check._repr_mimebundle_() == {"text/plain": repr(check)}


def test_a_wrong_rule_from_python():
    class Wrong(Function):
        def forward(self, x):
            return x**2

        def backward(self, gy):
            return gy * 3

    check = dzviz.gradcheck(lambda x: Wrong()(x), 2.0)
    assert check.fails
    assert "the backward of Wrong is wrong" in repr(check)
    assert "should be 4" in check.picture.svg
    assert "image/svg+xml" in check._repr_mimebundle_()
