"""Lines by stencils, beside the same lines written the ordinary way."""

import numpy as np
import pytest
from support.graphs import CORPUS, graph_of

import dezero
from dezero import Variable
from dezero.functions import Add, relu, sin
from dzviz import camera
from dzviz.camera import snapshot
from dzviz.formats import dot, stencils
from dzviz.look import Look
from dzviz.recording import Recording
from dzviz.styles import scene
from dzviz.words import number

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


@pytest.fixture(autouse=True)
def steps_in_small_graphs(monkeypatch):
    monkeypatch.setattr(camera, "LARGE", 0)


def ordinary(graph, look):
    whole = graph._replace(nodes=tuple(graph.nodes), edges=tuple(graph.edges))
    assert not stencils.serve(whole, look)
    return "".join(dot.lines(scene(whole, look), look))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", GRAPHS)
def test_they_write_what_is_written_without_them(name, look):
    graph = GRAPHS[name]()
    assert stencils.serve(graph, LOOKS[look])
    assert "".join(dot.write(graph, LOOKS[look])) == ordinary(graph, LOOKS[look])


@pytest.mark.parametrize("value", [stencils.DATA, stencils.GRAD, stencils.GENERATION])
def test_numbers_of_the_stencils_themselves(value):
    y = Variable(np.array(float(value))) * 1.0
    z = y * 1.0 + y
    z.backward(retain_grad=True)
    y.grad = Variable(np.array(float(value)))
    for function in (y.creator, z.creator):
        function.generation = stencils.GENERATION
    graph = snapshot(z)
    assert "".join(dot.write(graph, Look())) == ordinary(graph, Look())


class Labelled(Add):
    text = ""

    @property
    def label(self):
        return self.text


@pytest.mark.parametrize(
    "text",
    [
        str(stencils.GENERATION),
        number(stencils.DATA),
        number(stencils.GRAD),
        "%s",
        "{}",
        "\0f",
        "v_",
    ],
)
def test_labels_like_the_holes_of_stencils(text):
    Labelled.text = text
    y = Variable(np.array(0.5)) * 1.0
    for _ in range(5):
        y = Labelled()(y, y)
    y.backward(retain_grad=True)
    graph = snapshot(y)
    assert "".join(dot.write(graph, Look())) == ordinary(graph, Look())


def test_a_kind_of_steps_is_put_into_words_once(monkeypatch):
    written = []
    node = dot.node
    monkeypatch.setattr(
        dot, "node", lambda shape, usual: written.append(shape.id) or node(shape, usual)
    )
    graph = chain(length=200)
    assert "".join(dot.write(graph, Look())).count("\n") > 1500
    assert len(written) == 4 + 2 * 3  # two inputs, the last Function and the output, three kinds
