"""What CONTRIBUTING says of adding a thing: one file and its row, entered here at run time."""

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import dzviz
from dezero import OPS, Variable
from dezero.builtin import Op
from dezero.ops import op
from dzviz.cli import main as cli
from dzviz.errors import UsageError
from dzviz.formats import FORMATS, Format, trace
from dzviz.graph.events import KINDS, Event, EventKind
from dzviz.graph.model import Edge, FunctionNode, Graph, VariableNode
from dzviz.graph.states import steps
from dzviz.language.makers import MAKERS, Maker
from dzviz.options import LANGUAGES, Layout
from dzviz.pipeline import Computation, prepare
from dzviz.placing.placed import placed
from dzviz.sources import SOURCES, Source
from dzviz.sources.expression import read
from dzviz.styles import STYLES, Style, boxes, scene_of
from dzviz.text.narration import sentences
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


@pytest.fixture
def dzviz_in(capsys, monkeypatch, tmp_path):
    """Run a command line in an empty folder, and return what it wrote."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        code = cli.run(words)
        captured = capsys.readouterr()
        assert code in (0, None), captured.err
        return captured.out

    return run


@pytest.fixture
def untranslated(everything_translated, monkeypatch):
    """Let what has no translation yet be said as for users."""
    monkeypatch.setattr("dzviz.text.languages.untranslated", everything_translated)


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
    assert [line.split()[0] for line in shapes] == ["x", "**", "v1"]
    middles = [int(line.split()[-1]) for line in shapes]
    assert middles == sorted(middles)
    assert first.startswith("v0 -> f0 ")
    assert second.startswith("f0 -> v1 ")


def toy_lines(graph, look, layout):
    yield "toy of "
    yield f"{graph.title}\n"


def test_a_format_in_files_and_documents(module, monkeypatch, dzviz_in, tmp_path):
    name = module("toy_format", write=toy_lines)
    row = Format("toy", name, "chart", "a toy", (".toy",), begins=b"toy of ", block="toylang")
    monkeypatch.setitem(FORMATS, "toy", row)
    page, lines = tmp_path / "a.md", tmp_path / "lines.txt"
    page.write_text('<!-- dzviz "sin(x)" --x 1 -T toy -->\n<!-- /dzviz -->\n')
    lines.write_text('a.toy: "cos(x)" --x 1\n')
    for _ in range(2):
        dzviz_in("embed", "a.md")
        dzviz_in("batch", "lines.txt", "--output-dir", "out")
    assert "```toylang\ntoy of y = sin(x)\n```" in page.read_text()
    dzviz_in("embed", "--check", "a.md")
    assert (tmp_path / "out/a.toy").read_text() == "toy of y = cos(x)\n"
    shown = dzviz.draw(y(), format="toy")._repr_mimebundle_()
    assert shown["text/plain"].startswith("toy of")


def test_a_file_of_a_format_that_says_no_more_is_not_written_over(
    module, monkeypatch, capsys, tmp_path
):
    monkeypatch.chdir(tmp_path)
    name = module("toy_format", write=toy_lines)
    monkeypatch.setitem(FORMATS, "toy", Format("toy", name, "chart", "a toy", (".toy",)))
    (tmp_path / "lines.txt").write_text('a.toy: "cos(x)" --x 1\n')
    (tmp_path / "a.toy").write_text("mine")
    assert cli.run(("batch", "lines.txt")) == 2
    assert "nothing tells a picture of its format" in capsys.readouterr().err
    (tmp_path / "a.md").write_text('<!-- dzviz "sin(x)" --x 1 -T toy -->\n<!-- /dzviz -->\n')
    assert cli.run(("embed", "a.md")) == 2
    assert "toy cannot be part of a document" in capsys.readouterr().err
    assert (tmp_path / "a.toy").read_text() == "mine"


def test_a_style(module, monkeypatch, dzviz_in, untranslated):
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
    assert "ellipse: all" in dzviz_in(
        *("sin(x)", "--x", "1", "-T", "svg"),
        *("--style", "toy", "--lang", "ko", "--legend", "on"),
    )


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


def test_a_source_of_files(module, monkeypatch, dzviz_in, tmp_path):
    def read_graph(file):
        return by_hand(float(Path(file.path).read_text()))

    name = module("toy_files", read_graph=read_graph, recognises=lambda thing: False, graph=None)
    (tmp_path / "two.toy").write_text("2.5")
    monkeypatch.setitem(SOURCES, "toy", Source("toy", name, "toys", suffixes=(".toy",)))
    assert "twice of acc" in dzviz_in("--graph", "two.toy", "-T", "text")
    assert dzviz.load("two.toy") == by_hand(2.5)
    dzviz_in("diff", "two.toy", "two.toy")


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

        @op("toy_cube(x)", "3 * x**2", examples={"toy_cube(x)": [((),)]})
        def toy_cube(x: "Operand"):  # noqa: F821 -- the language reads the word
            """The cube."""
            return Cube()(x)

        text = "".join(
            prepare(
                Computation(read("toy_cube(x)"), {"x": "2"}),
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


def test_a_maker(monkeypatch, dzviz_in):
    maker = Maker("toys(n)", lambda n: n, lambda _, n: np.full(int(n), 3.0))
    monkeypatch.setitem(MAKERS, "toys", maker)
    assert "[9, 9]" in dzviz_in("x*x", "--x", "toys(2)", "-T", "text")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_event(monkeypatch, untranslated, lang):
    graph = dzviz.record(lambda x: x * x, 3.0)
    place = next(i for i, event in enumerate(graph.events) if event.kind == "sum")
    event = Event("blink", 1, variable=graph.events[place].variable, value=np.float64(4.5))
    graph = graph._replace(events=(*graph.events[:place], event, *graph.events[place:]))
    with pytest.raises(KeyError):
        list(sentences(graph, dzviz.Look()))
    kind = EventKind("a gradient blinks", ("variable", "value"), "{variable} blinks {value}.")
    monkeypatch.setitem(KINDS, "blink", kind)
    assert list(sentences(graph, dzviz.Look(lang=lang)))[place] == "x blinks 4.5."
    assert " blink " in "".join(trace.write_text(graph, dzviz.Look(lang=lang)))
    drawn = {name: dzviz.render(graph, name, lang=lang).decode() for name in ("animation", "html")}
    assert all("x blinks 4.5." in text for text in drawn.values())
    document = dzviz.render(graph, "json", full=True).decode()
    assert json.loads(document)["events"][place]["event"] == "blink"
    read = SOURCES["json"].code.graph(json.loads(document))
    assert read.events[place].kind == "blink"
    monkeypatch.setitem(KINDS, "blink", kind._replace(changes="arrive"))
    states = [step.graph for step in steps(graph) if place in step.events]
    assert [node.grad for node in states[0].nodes if node.id == event.variable] == [4.5]
