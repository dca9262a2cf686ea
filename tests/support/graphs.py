"""Graphs to draw in tests."""

import numpy as np

import dezero
from dezero import Variable
from dezero.core import watch_forward
from dzviz.engine import Recording, Tape
from dzviz.graph.model import FunctionNode
from dzviz.language.evaluate import evaluate
from dzviz.options import View
from dzviz.pipeline import Computation, compute
from dzviz.pipeline.view import chosen
from dzviz.sources.expression import read
from dzviz.sources.snapshot import snapshot


def graph_of(expression, *, backward=True, retain_grad=False, **values):
    """Evaluate an expression, run its pass under a recording, and take the graph."""
    arrays = {name: np.array(value, float) for name, value in values.items()}
    with np.errstate(all="ignore"):
        evaluation = evaluate(read(expression).program, arrays)
        recording = Recording()
        if backward:
            dezero.backward(evaluation.outputs, retain_grad=retain_grad, observer=recording)
    return snapshot(
        evaluation.outputs,
        expression=expression,
        title=evaluation.title,
        spans=evaluation.spans,
        recording=recording,
    )


def named(name):
    """A graph of three nodes, whose two Variables and whose Function bear a hostile name."""

    class Odd(dezero.Function):
        def forward(self, x):
            return x * 2

        def backward(self, gy):
            return gy * 2

        @property
        def label(self):
            return name

    x = Variable(np.array(1.0), name)
    y = Odd()(x)
    y.name = name
    return snapshot(y, expression=name)


def crowd(texts, expression="y = f(x)"):
    """A long graph of which all is recorded; each text is the name of two Variables and of a file.

    It is the label of a Function and the name of its class, too, where a class can be called so.
    """
    tape, sources, y = Tape(), {}, None
    with watch_forward(tape.computed):
        for text in texts:
            function = odd(text)
            x = Variable(np.array(1.0), text)
            y = function(x) if y is None else function(x, y)
            y.name = text
            sources[function] = text, 1
    dezero.backward([y], observer=tape)
    return snapshot([y], expression=expression, sources=sources, recording=tape)


def odd(text):
    """A Function whose class and label are called so."""
    fields = {
        "forward": lambda self, *xs: sum(xs),
        "backward": lambda self, gy: (gy,) * len(self.inputs),
        "label": property(lambda self: text),
    }
    try:
        return type(text, (dezero.Function,), fields)()
    except ValueError:  # a NUL, or a lone surrogate
        return type("Odd", (dezero.Function,), fields)()


CORPUS = {
    "sin": lambda: graph_of("sin(x)", x=1.0, retain_grad=True),
    "released": lambda: graph_of("a = x**2; a*sin(a)", x=3.0),
    "forward": lambda: graph_of("x*y + 2*pi", x=1.0, y=2.0, backward=False),
    "leaf": lambda: graph_of("x", x=2.0),
    "square": lambda: graph_of("x*x", x=3.0),
    "arrays": lambda: graph_of(
        "sum(tanh(x@W + b))", x=[[1, 2]], W=[[1, 2, 3], [4, 5, 6]], b=[0, 0, 0]
    ),
    "large array": lambda: graph_of("sum(x*x)", x=np.arange(100.0)),
    "empty array": lambda: graph_of("sum(x)", x=np.zeros((0, 3))),
    "not finite": lambda: graph_of("log(x) + 1/x", x=[0.0, -1.0, 1.0]),
    "two outputs": lambda: graph_of("x + 1, x * y", x=1.0, y=[1.0, 2.0]),
    "constant": lambda: graph_of("2*pi"),
    "wide": lambda: graph_of("stack([x, 2*x, x])[0] + where(x > 0, x, 0)", x=1.0),
    "names": lambda: graph_of("변수 * 名前", 변수=2.0, 名前=3.0),
}
"""Graphs of every kind, by name; each is made anew by its function."""


def with_events(expression, *, order=0, retain_grad=False, backward=True, **values):
    """Evaluate an expression under a tape, run all its passes, and take the graph with its events.

    A value may be a number, an array, or text of the language.
    """
    given = {
        name: value if isinstance(value, str) else str(np.asarray(value).tolist())
        for name, value in values.items()
    }
    run = compute(Computation(read(expression), given, order=order), recorded=True)
    if backward:
        run.backward(retain_grad=retain_grad)
    return run.graph(lower=True)


def powers():
    """A Variable that powers of one class made, each with a label of its own."""
    x = Variable(np.array(0.5)) * Variable(np.array(0.5))
    y = x**2 + x**3 + x**2.5 + x**2
    y.backward(retain_grad=True)
    return y


def labels(graph):
    """What stands on the Functions of a graph, in order."""
    return [node.label for node in graph.nodes if isinstance(node, FunctionNode)]


def drawn(graph, depth=None):
    """The graph as it is drawn, with frames down to a depth open."""
    return chosen(graph, graph, View(depth=depth), placed=True, style="boxes")[0]
