"""What CONTRIBUTING says of adding a thing: one file and its row, entered here at run time."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import dzviz
from dezero import OPS, Variable
from dezero.builtin import Op
from dezero.ops import op
from dzviz.errors import UsageError
from dzviz.formats import FORMATS, Format
from dzviz.graph.events import KINDS
from dzviz.graph.model import Edge, FunctionNode, Graph, VariableNode
from dzviz.options import Layout
from dzviz.pipeline import Computation, prepare
from dzviz.placing.placed import placed
from dzviz.sources import SOURCES, Source
from dzviz.sources.expression import read
from dzviz.styles import STYLES, Style, boxes, scene_of
from dzviz.themes import THEMES


@pytest.fixture
def module(monkeypatch):
    """Enter a module that is no file."""

    def enter(name, **names):
        made = ModuleType(name)
        vars(made).update(names)
        monkeypatch.setitem(sys.modules, name, made)
        return name

    return enter


def y():
    x = Variable(np.array(3.0), "x")
    result = x**2
    result.backward()
    return result


def test_a_format_with_places(module, monkeypatch):
    def write(graph, look, layout):
        spot = placed(scene_of(graph, look), look, layout)
        for shape in spot.scene.shapes:
            yield f"{shape.name} {spot.box(shape.id).x:.0f}\n"
        for arrow in spot.scene.arrows:
            yield f"{arrow.source} -> {arrow.target} {len(spot.curve(arrow.id).points)}\n"

    name = module("toy_format", write=write)
    monkeypatch.setitem(FORMATS, "toy", Format("toy", name, "picture", "places", (".toy",)))
    *shapes, first, second = dzviz.render(y(), "toy").decode().splitlines()
    assert [line.split()[0] for line in shapes] == ["x", "**", "output"] or len(shapes) == 3
    middles = [int(line.split()[-1]) for line in shapes]
    assert middles == sorted(middles)
    assert first.startswith("v0 -> f0 ")
    assert second.startswith("f0 -> v1 ")


def test_a_style(module, monkeypatch):
    def scene(graph, look, room):
        made = boxes.scene(graph, look, room)
        return made._replace(shapes=tuple(s._replace(outline="ellipse") for s in made.shapes))

    name = module("toy_style", scene=scene)
    with pytest.raises(UsageError, match="style is one of"):
        dzviz.render(y(), "svg", style="toy")
    monkeypatch.setitem(STYLES, "toy", Style("toy", name, "ellipses alone", "ellipse: all"))
    svg = dzviz.render(y(), "svg", style="toy", legend="on").decode()
    assert svg.count("<ellipse") == 3
    assert "ellipse: all" in svg
    assert "shape=box" not in dzviz.render(y(), "dot", style="toy").decode()
    assert dzviz.render(y(), "mermaid", style="toy")


def test_a_source(module, monkeypatch):
    def graph(thing, *, words=True):
        return by_hand(thing.value)

    def recognises(thing):
        return isinstance(thing, SimpleNamespace)

    name = module("toy_source", graph=graph, recognises=recognises)
    with pytest.raises(TypeError, match="dzviz draws a Variable"):
        dzviz.render(SimpleNamespace(value=2.0), "text")
    monkeypatch.setitem(SOURCES, "toy", Source("toy", name, "toys"))
    text = dzviz.render(SimpleNamespace(value=2.0), "text").decode()
    assert "twice of acc" in text


def by_hand(value):
    leaf = ("none", None, None, 0)
    nodes = (
        VariableNode("cab", "acc", "input", (), "float64", np.float64(value), None, *leaf),
        FunctionNode("cube", "Twice", "twice", 0),
        VariableNode(
            "ice", "y", "output", (), "float64", np.float64(2 * value), None, "none", None, None, 1
        ),
    )
    return Graph(nodes, (Edge("cab", "cube", 0, 0), Edge("cube", "ice", 0)), ("ice",))


@pytest.mark.parametrize("format", [name for name, f in FORMATS.items() if not f.film])
@pytest.mark.parametrize("style", STYLES)
def test_a_graph_by_hand_is_drawn_like_any_other(format, style):
    drawn = dzviz.render(by_hand(2.0), format, style=style)
    if format == "alt":
        assert drawn.startswith(b"Computational graph: 2 variables, 1 function.")


def test_an_op(monkeypatch):
    class Cube(Op):
        def forward(self, x):
            return x * x * x

        def vjp_x(self, gy, y, x):
            return gy * 3 * x * x

    before = dict(OPS)
    try:

        @op("cube(x)", "3 * x**2", examples={"cube(x)": [((),)]})
        def cube(x: "Operand"):  # noqa: F821 -- the language reads the word
            """The cube."""
            return Cube()(x)

        text = "".join(
            prepare(
                Computation(read("cube(x)"), {"x": "2"}),
                FORMATS["text"],
                dzviz.Look(),
                dzviz.options.View(),
                Layout(),
            ).chunks()
        )
    finally:
        OPS.clear()
        OPS.update(before)
    assert "cube of x" in text
    assert "12" in text


def test_a_theme(monkeypatch):
    monkeypatch.setitem(THEMES, "toy", THEMES["light"]._replace(text="#123456"))
    drawn = prepare(
        Computation(read("sin(x)"), {"x": "2"}),
        FORMATS["dot"],
        dzviz.Look(),
        dzviz.options.View(),
        Layout(),
    )
    monkeypatch.setattr(dzviz.Look, "__post_init__", lambda look: None)  # it knows other choices
    look = dzviz.Look(theme="toy")
    assert "#123456" in "".join(drawn._replace(look=look).chunks())


def test_kinds_of_events_are_a_table():
    assert len(KINDS) >= 7
