"""Lines by stencils, beside the same lines written the ordinary way."""

import numpy as np
import pytest
from support.graphs import CORPUS, graph_of

from dezero import Variable
from dezero.functions import Add, relu, sin
from dzviz import camera
from dzviz.camera import snapshot
from dzviz.formats import dot, stencils
from dzviz.look import Look
from dzviz.styles import scene

LOOKS = {
    "default": Look(),
    "few digits": Look(precision=1, theme="dark"),
    "all digits": Look(precision=17, show=("dtype", "shape"), contributions="all"),
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


GRAPHS = {
    **CORPUS,
    "chain": lambda: chain(),
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
    [str(stencils.GENERATION), "2e300", "3e300", "%s", "{}", stencils.FUNCTION, "v_"],
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
