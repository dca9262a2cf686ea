"""Lines by templates, beside the same lines written the ordinary way."""

import numpy as np
import pytest
from support.graphs import CORPUS, graph_of, powers

import dezero
from dezero import Variable
from dezero.functions import Add, relu, sin
from dzviz.engine import Recording
from dzviz.formats import dot
from dzviz.formats.dot import columns as templates
from dzviz.graph.columns import rows_of
from dzviz.options import Look
from dzviz.pipeline import Computation, compute
from dzviz.placing import dot as syntax
from dzviz.sources import columns
from dzviz.sources import snapshot as source
from dzviz.sources.expression import read
from dzviz.sources.snapshot import snapshot
from dzviz.styles import boxes, scene_of
from dzviz.text.numbers import number

LOOKS = {
    "default": Look(),
    "few digits": Look(precision=1, theme="dark"),
    "all digits": Look(precision=17, show=("dtype", "shape"), contributions="all"),
    "no contributions": Look(contributions="none", precision=7, rank_dir="TB"),
    "less": Look(hide=("data", "generation")),
    "no gradients": Look(hide=("grad", "name")),
}


def chain(function=sin, factor=0.9, length=50):
    y, a = Variable(np.array(0.5)), Variable(np.array(factor))
    with np.errstate(all="ignore"):
        for _ in range(length):
            y = function(y) * a + y
        y.backward(retain_grad=True)
    return snapshot(y)


def recorded(start=0.5, factor=0.9, function=sin, *, retain_grad=False):
    y, a = Variable(np.array(start)), Variable(np.array(factor))
    for _ in range(20):
        y = function(y) * a + y
    recording = Recording()
    dezero.backward(y, retain_grad=retain_grad, observer=recording)
    return snapshot(y, recording=recording)


GRAPHS = {
    **CORPUS,
    "labels of one class": lambda: snapshot(powers()),
    "chain": lambda: chain(),
    "released": lambda: recorded(),
    "kept and recorded": lambda: recorded(retain_grad=True),
    "released, whole numbers of any length": lambda: recorded(1.0, 2.0, relu),
    "released, zero": lambda: recorded(1.0, -3.0, relu),
    "several operands": lambda: graph_of(
        "y = sin(x); where(y > 0, y*y, y) + where(x > 0, x, y*x)", x=0.5
    ),
    "zero gradients": lambda: chain(relu, -3.0),
    "growing until infinite": lambda: chain(factor=1e200),
    "recorded": lambda: graph_of("a = sin(x); b = a*a + a; b/a + x", x=1.0, retain_grad=True),
    "byte order": lambda: snapshot(sin(Variable(np.array(0.5, ">f8")))),
}


@pytest.fixture(autouse=True, params=["usual looks told once", "all told"])
def steps_in_small_graphs(monkeypatch, request):
    monkeypatch.setattr(source, "LARGE", 0)
    monkeypatch.setattr(boxes, "LARGE", 0 if request.param == "usual looks told once" else 10**9)


def ordinary(graph, look):
    whole = graph._replace(nodes=tuple(graph.nodes), edges=tuple(graph.edges))
    assert rows_of(whole) is None
    return "".join(syntax.lines(scene_of(whole, look), look))


@pytest.mark.thorough
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", GRAPHS)
def test_they_write_what_is_written_without_them(name, look, monkeypatch):
    monkeypatch.setattr(syntax, "_operands", lambda picture: {})  # as in all that is large
    graph = GRAPHS[name]()
    assert rows_of(graph) is not None
    assert "".join(dot.write(graph, LOOKS[look])) == ordinary(graph, LOOKS[look])


@pytest.mark.parametrize("value", [templates.DATA, templates.GRAD, templates.GENERATION])
def test_numbers_of_the_templates_themselves(value, monkeypatch):
    x = Variable(np.array(float(value)))
    y = x * 1.0
    u = y * 1.0
    z = u + y
    z.backward(retain_grad=True)
    for each in (x, y, u, z, *(v.creator for v in (y, u, z))):  # a pass would go down all of them
        each.generation += templates.GENERATION - 1
    y.grad = Variable(np.array(float(value)))
    text = "".join(dot.write(snapshot(z), Look()))
    assert f"gen {templates.GENERATION}" in text
    monkeypatch.setattr(columns, "_irregular", lambda _, xs, *__: set(range(len(xs))))
    assert text == ordinary(snapshot(z), Look())


class Labelled(Add):
    text = ""

    @property
    def label(self):
        return self.text


HOLES = [
    str(templates.GENERATION),
    number(templates.DATA),
    number(templates.GRAD),
    "%s",
    "{}",
    "\0f",
    "v_",
]


@pytest.mark.parametrize("hide", [(), ("generation",), ("data",), ("grad",)])
@pytest.mark.parametrize("text", HOLES)
def test_labels_like_the_holes_of_templates(text, hide):
    Labelled.text = text
    y = Variable(np.array(0.5)) * 1.0
    for _ in range(5):
        y = Labelled()(y, y)
    y.backward(retain_grad=True)
    graph, look = snapshot(y), Look(hide=hide)
    assert "".join(dot.write(graph, look)) == ordinary(graph, look)


@pytest.mark.parametrize("hide", [(), ("generation",)])
@pytest.mark.parametrize("power", [templates.GENERATION, int(templates.DATA), 3])
def test_origins_like_the_holes_of_templates(power, hide):
    run = compute(
        Computation(read(f"(x*1.0)**{power} + (x*2.0)**{power}"), {"x": "1"}, order=1, wrt="x")
    )
    run.backward()
    graph, look = run.graph(), Look(hide=hide)
    text = "".join(dot.write(graph, look))
    assert text == ordinary(graph, look)
    assert "y', first derivative" in text or r"\ny'" in text  # in a frame, or said by each


def test_a_kind_of_steps_is_put_into_words_once(monkeypatch):
    written = []
    node = syntax.node
    monkeypatch.setattr(
        syntax, "node", lambda shape, usual: written.append(shape.id) or node(shape, usual)
    )
    graph = chain(factor=1e-3, length=200)
    assert "".join(dot.write(graph, Look())).count("\n") > 1500
    assert len(written) == 4 + 2 * 3  # two inputs, the last Function and the output, three kinds
