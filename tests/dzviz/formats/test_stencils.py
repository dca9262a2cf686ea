"""Lines by stencils, beside the same lines written the ordinary way."""

import numpy as np
import pytest
from support.graphs import CORPUS, graph_of

from dezero import Variable
from dezero.functions import relu, sin
from dzviz.camera import snapshot
from dzviz.formats import dot, stencils
from dzviz.graph import FunctionNode
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


def ordinary(graph, look):
    return "".join(dot.lines(scene(graph, look), look))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", GRAPHS)
def test_they_write_what_is_written_without_them(name, look):
    graph = GRAPHS[name]()
    assert "".join(dot.write(graph, LOOKS[look])) == ordinary(graph, LOOKS[look])


def test_marked_nodes_and_numbers_of_the_stencils_themselves():
    graph = chain()
    marks = ["", "ahead", "active", "waiting"]
    nodes = [node._replace(mark=marks[i % 4]) for i, node in enumerate(graph.nodes)]
    nodes = [
        node._replace(label=f"** {stencils.GENERATION}", order=i % 5, origin=["sin", None][i % 2])
        if isinstance(node, FunctionNode)
        else node._replace(data=[stencils.DATA, stencils.GRAD, node.data][i % 3])
        for i, node in enumerate(nodes)
    ]
    graph = graph._replace(nodes=tuple(nodes))
    assert "".join(dot.write(graph, Look())) == ordinary(graph, Look())


def test_a_kind_of_nodes_is_put_into_words_once(monkeypatch):
    written = []
    node = dot.node
    monkeypatch.setattr(dot, "node", lambda shape: written.append(shape.id) or node(shape))
    graph = chain(length=200)
    assert "".join(dot.write(graph, Look())).count("\n") > 1500
    assert len(written) < 10
