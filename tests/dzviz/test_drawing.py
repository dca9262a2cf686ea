"""The Python interface."""

import importlib
import json
import pkgutil
import sys

import graphviz
import numpy as np
import pytest
from support.loops import simple

import dzviz
from dezero import Variable
from dezero.functions import sin
from dzviz.errors import LayoutError, UsageError
from dzviz.formats import FORMATS


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
    with pytest.raises(UsageError, match="unknown format 'gif'"):
        dzviz.render(y, "gif")
    with pytest.raises(UsageError, match="unknown display option 'colour'"):
        dzviz.to_dot(y, colour="red")


def test_public_names_are_sorted_and_stay_callable_after_any_import():
    assert dzviz.__all__ == sorted(dzviz.__all__)
    for module in pkgutil.walk_packages(dzviz.__path__, "dzviz."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in dzviz.__all__:
        assert not isinstance(getattr(dzviz, name), type(sys)), name
    with pytest.raises(AttributeError):
        dzviz.__getattr__("colour")


def test_large_graphs_are_folded_and_parts_cut_out():
    assert ">400 times</text>" in dzviz.render(simple(400), "svg").decode()
    with pytest.raises(LayoutError, match="too large for a picture"):
        dzviz.render(simple(400), "svg", fold="none")
    assert "400 times" in dzviz.to_dot(simple(400), fold="always")
    part = json.loads(dzviz.render(simple(400), "json", from_="x", to="v1"))
    assert [node["id"] for node in part["nodes"]] == ["v0", "f0", "v1"]
    with pytest.raises(UsageError, match="fold is one of"):
        dzviz.to_dot(simple(4), fold="maybe")
