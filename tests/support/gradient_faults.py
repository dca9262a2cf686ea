"""Planted faults of gradients over all sources, each with its cause; and graphs without any.

A case computes a graph and is asked about one name. `BEFORE` were written down before there was
anything that could answer.
"""

import inspect
from typing import NamedTuple

import numpy as np
from support import mydezero
from support.early_engines import step14
from support.mymicrograd import Value

import dzviz
from dezero import Function, Variable, no_grad
from dzviz.pipeline import Computation
from dzviz.pipeline.explanation import explain
from dzviz.sources.backends import BACKENDS, Settings, of_type
from dzviz.sources.expression import read
from dzviz.sources.function import PyFunction


class Fault(NamedTuple):
    """What computes the graph, of which name the gradient is asked for, and the right answer.

    ``words`` have to stand in the sentence, ``mend`` in the mend.
    """

    name: str
    ask: object
    of: str
    cause: str
    words: tuple[str, ...] = ()
    mend: str = ""


def expression(text, **values):
    """Ask about a formula."""
    values = {name: str(value) for name, value in values.items()}
    return lambda: explain(Computation(read(text), values)).answers


def middle(text, name, **values):
    """Ask about a value in the middle of a formula."""
    values = {key: str(value) for key, value in values.items()}
    return lambda: explain(Computation(read(text), values), [name]).answers


def function(f, *xs, of=()):
    """Ask about a function."""
    return lambda: dzviz.why(f, *xs, of=of).answers


def computed(f, backend, of, values):
    """Ask about a function that a backend computes."""

    def ask():
        settings = Settings(backend)
        source, f_ = of_type(f, BACKENDS[backend], settings) or (BACKENDS[backend], f)
        tell = getattr(source.code, "signed", lambda f: f)
        names = tuple(inspect.signature(tell(f_)).parameters)
        file = inspect.getfile(f if inspect.isroutine(f) else type(f))
        target = f"{file}:{getattr(f, '__name__', type(f).__name__)}"
        subject = PyFunction(target, f_, names, (), backend=source, settings=settings)
        told = {name: str(value) for name, value in values.items()}
        return explain(Computation(subject, told), of).answers

    return ask


def variables(make, of=()):
    """Ask about Variables after passes of their own."""
    return lambda: dzviz.why(make(), of=of).answers


def document(change, text="relu(x)*w", **values):
    """Ask about the JSON of a graph after a change."""

    def ask():
        import json

        from dzviz.formats.json import write
        from dzviz.options import Layout, Look

        values_ = {name: str(value) for name, value in values.items()}
        graph = explain(Computation(read(text), values_)).graph
        told = json.loads("".join(write(graph, Look(full=True), Layout())))
        change(told)
        return dzviz.why(dzviz.load(told)).answers

    return ask


def by_data(x, w):
    return np.sum(x * w.data)


def by_item(x, w):
    return x * w.item()


def in_no_grad(x, w):
    with no_grad():
        h = x * w
    return h * x


def floored(x, w):
    return np.floor(x) * w


def branch(x, w):
    return w * 2 if x > 0 else w


def deep(x, w):
    h = np.tanh(np.sin(w * 3) + 1)
    return x * float(h.data)


class ZeroRule(Function):
    def forward(self, x):
        return x * 3

    def backward(self, gy):
        return gy * 0


class NoRule(Function):
    def forward(self, a, b):
        return a * b

    def backward(self, gy):
        return gy * self.inputs[1], None


class NanRule(Function):
    def forward(self, x):
        return x * 2

    def backward(self, gy):
        return gy * np.nan


def zero_rule(x):
    return ZeroRule()(x) + 1


def no_rule(x, w):
    return NoRule()(x, w)


def nan_rule(x):
    return NanRule()(x) * 2


def two_passes():
    x = Variable(np.array(3.0), "x")
    y = x**2
    y.name = "y"
    y.backward()
    y.backward()
    return y


def another_output():
    x, w = Variable(np.array(3.0), "x"), Variable(np.array(2.0), "w")
    (w * w).backward()
    y = x * w
    y.name = "y"
    return y


def unwatched_relu():
    x = Variable(np.array([-1.0, -2.0]), "x")
    y = (np.maximum(x, 0.0) * 2).sum()
    y.name = "y"
    y.backward()
    return y


def seeded_zero():
    x = Variable(np.array(3.0), "x")
    y = x * 2
    y.name = "y"
    y.grad = Variable(np.array(0.0))
    y.backward()
    return y


def micrograd_relu():
    x, w = Value(-2.0, label="x"), Value(3.0, label="w")
    y = x.relu() * w + 1
    y.label = "y"
    y.backward()
    return y


def micrograd_zero():
    x, w = Value(2.0, label="x"), Value(0.0, label="w")
    y = x * w
    y.label = "y"
    y.backward()
    return y


def micrograd_cancelled():
    x = Value(2.0, label="x")
    y = x + x * -1
    y.label = "y"
    y.backward()
    return y


def micrograd_saturated():
    x = Value(40.0, label="x")
    y = x.tanh()
    y.label = "y"
    y.backward()
    return y


def book(compute, **values):
    """Ask about a function of the engine of a reader of the book, whose pass is watched."""

    def ask():
        xs = {name: mydezero.Variable(np.array(x, float), name) for name, x in values.items()}
        with dzviz.watch() as watch, np.errstate(all="ignore"):
            y = compute(**xs)
            y.name = "y"
            y.backward()
        return dzviz.why(watch.graph(y)).answers

    return ask


def overwriting():
    """Ask about an engine of step 14 that overwrites one share with the next."""
    engine = step14(overwrite=True)
    with dzviz.watch() as watch:
        x = engine.Variable(np.array(3.0))
        y = engine.add(engine.square(x), x)
        y.backward()
    return dzviz.why(watch.graph(y)).answers


def drop(key):
    """Take a fact away from all nodes and edges of a document."""

    def change(told):
        for part in (*told["nodes"], *told["edges"]):
            part.pop(key, None)

    return change


def set_of(name, **facts):
    """Change what a document tells of one Variable."""

    def change(told):
        for node in told["nodes"]:
            if node.get("name") == name:
                node.update(facts)

    return change


def elsewhere(*facts):
    """Ask about a graph that another engine tells: for each value its `dzviz.Value`, the last y."""

    def ask():
        values = dict(enumerate(facts))
        things = [object() for _ in facts]
        told = {}
        for i, value in values.items():
            if value.call is not None:
                operands = [things[j] for j in value.call.operands]
                value = value._replace(call=value.call._replace(operands=operands))
            told[id(things[i])] = value
        y = things[-1]
        return dzviz.why(dzviz.graph_from(y, lambda x: told[id(x)], one_pass=True)).answers

    return ask


W = dzviz.Value(3.0, name="w", grad_state="none")
X = dzviz.Value(2.0, name="x", grad=3.0)


def product(grad, **facts):
    """Return y = x * the value before, of which nothing came back to that value."""
    return dzviz.Value(
        6.0, dzviz.Call("mul", "MulBackward0", [0, -2], contributions=[grad, None]), name="y",
        grad_was=1.0, grad_state="released", **facts
    )  # fmt: skip


BEFORE = (
    Fault("not used", expression("h = w*2; x**2", x=2, w=3), "w", "not reached", ("never used",)),
    Fault(
        "comparison",
        expression("(x > 0)*w", x=1, w=2),
        "x",
        "not reached",
        ("x > 0",),
        "smooth form",
    ),
    Fault("dead relu", expression("relu(x)", x=-1), "x", "dead", ("relu(x)", "x = -1"), "leaky"),
    Fault("mask", expression("where(1, x, w)", x=2, w=3), "w", "masked", ("where(1, x, w)",)),
    Fault("times constant 0", expression("x*0 + 1", x=2), "x", "times 0", ("the constant 0",)),
    Fault("times w = 0", expression("x*w", x=2, w=0), "x", "times 0", ("by w, which is 0",)),
    Fault("sigmoid", expression("sigmoid(x)", x=100), "x", "saturated", ("x = 100",), "small"),
    Fault("tanh", expression("w*tanh(x)", x=40, w=2), "x", "saturated", ("tanh(x)",)),
    Fault("x - x", expression("x - x", x=3), "x", "cancelled", ("1 and -1",), "wrong sign"),
    Fault("log of 0", expression("log(x)", x=0), "x", "forward", ("log(x)", "x = 0"), "1e-12"),
    Fault("sqrt of 0", expression("sqrt(x)", x=0), "x", "backward", ("sqrt(x)", "x = 0"), "1e-12"),
    Fault("sqrt times 0", expression("sqrt(x)*0", x=0), "x", "backward", ("sqrt(x)",)),
    Fault("log of -1", expression("log(x)*2 + w", x=-1, w=1), "x", "forward", ("first NaN",)),
    Fault("two passes", variables(two_passes), "x", "doubled", ("2 passes of y",), "cleargrad"),
    Fault("by .data", function(by_data, 2.0, 3.0), "w", "not reached", (".data (", "line")),
    Fault("no_grad", function(in_no_grad, 2.0, 3.0), "w", "not reached", ("no_grad (",)),
    Fault("np.floor", function(floored, 2.5, 3.0), "x", "not reached", ("np.floor (",), "flat"),
    Fault(
        "middle", middle("h = x*2; exp(h)", "h", x=1), "h", "released", ("released it",), "retain"
    ),
    Fault(
        "masked NaN",
        expression("where(x > 0, sqrt(x), 0)", x=0),
        "x",
        "backward",
        ("0 times an infinite slope",),
        "harmless operand",
    ),
    Fault("loser", expression("maximum(x, w)", x=1, w=3), "x", "not chosen", ("w = 3", "x = 1")),
    Fault("clip", expression("clip(x, 0, 1)", x=3), "x", "bound", ("x = 3",)),
    Fault("rule of 0", function(zero_rule, 2.0), "x", "rule", ("ZeroRule",), "gradcheck"),
    Fault("rule of None", function(no_rule, 2.0, 3.0), "w", "no share", ("NoRule", "operand 1")),
    Fault("overflow", expression("exp(x)", x=1000), "x", "forward", ("exp(x)", "infinity")),
    Fault(
        "softmax", expression("sum(softmax(x))", x=[1, 2, 4]), "x", "cancelled", ("add up to 1",)
    ),
    Fault("micrograd", variables(micrograd_relu), "x", "dead", ("relu", "x = -2")),
)
"""Written before there was anything that could answer."""

AFTER = (
    Fault("by item()", function(by_item, 2.0, 3.0), "w", "not reached", (".item() (",), "numbers"),
    Fault(
        "condition", expression("where(m, x, 1)", m=1, x=2), "m", "no derivative", ("condition",)
    ),
    Fault("small but true", expression("1e-30*x", x=2), "x", "small", ("1e-30 times",)),
    Fault("small", expression("sigmoid(x)**4", x=-12), "x", "small", ("5.7", "e-21", "dzviz flow")),
    Fault(
        "small shares",
        expression("x*1e-9 + x*1e-10", x=1),
        "x",
        "small",
        ("2 times", "1.100e-9 times"),
    ),
    Fault("a branch", function(branch, 1.0, 3.0), "x", "not reached", ("comparison",)),
    Fault("float of data", function(deep, 2.0, 3.0), "w", "not reached", (".data (",)),
    Fault("rule of NaN", function(nan_rule, 2.0), "x", "backward", ("NanRule", "its rule gives")),
    Fault("not x's pass", variables(another_output), "w", "other", ("from backward of",)),
    Fault("unwatched", variables(unwatched_relu), "x", "dead", ("maximum",)),
    Fault("seed of 0", variables(seeded_zero), "x", "seed", ("started from 0",)),
    Fault("behind relu", expression("relu(x*w + b)", x=2, w=1, b=-3), "w", "dead", ("x*w + b",)),
    Fault(
        "dead layer",
        expression("sum(relu(x@W)@V)", x=[[1, 2]], W=[[-1], [-1]], V=[[2]]),
        "W",
        "dead",
        ("x@W",),
    ),
    Fault("x**2 at 0", expression("x**2", x=0), "x", "rule", ("x = 0",), "another value"),
    Fault("numerator 0", expression("x/w", x=0, w=2), "w", "times 0", ("x = 0",), "numerator"),
    Fault(
        "mean and mean", expression("sum(x - mean(x))", x=[1, 2, 4]), "x", "cancelled", ("2 times",)
    ),
    Fault(
        "broadcast", expression("sum((x + [1, 2])*[3, -3])", x=1), "x", "cancelled", ("[3, -3]",)
    ),
    Fault(
        "layer_norm",
        expression("sum(layer_norm(x))", x=[1, 2, 5]),
        "x",
        "cancelled",
        ("same mean",),
    ),
    Fault(
        "overflown softmax",
        expression("exp(x)/sum(exp(x))", x=[1000, 2]),
        "x",
        "forward",
        ("first at [0]", "x[0] = 1000"),
        "softmax",
    ),
    Fault("bad input", expression("x*w", x="log(0)", w=2), "w", "input", ("x itself",)),
    Fault(
        "inf at a middle", expression("h = 1/x; h*w", x=0, w=2), "w", "forward", ("1/x",), "1e-12"
    ),
    Fault(
        "elements that cancel",
        expression("sum(x*w)", x=[1, -1], w=2),
        "w",
        "cancelled",
        ("[1, 1], times x, adds up to 0",),
    ),
    Fault(
        "a square matrix that cancels",
        expression("sum(x@W)", x=[[0, 1], [0, 1]], W=[[1, -1], [2, -2]]),
        "x",
        "cancelled",
        ("times W, adds up to 0",),
    ),
    Fault(
        "a bias of 0 is no factor",
        expression("sum(linear(x, W, b))", x=[[0, 1], [0, 1]], W=[[1, -1], [2, -2]], b=[0, 0]),
        "x",
        "cancelled",
        ("times W, adds up to 0",),
    ),
    Fault(
        "the rows of a bias cancel",
        expression("a = linear(x, W, b); a[0, 0] - a[1, 0]", x=[[0], [0]], W=[[1]], b=[0]),
        "b",
        "cancelled",
        ("[[1], [-1]], adds up to 0",),
    ),
    Fault(
        "quotients that cancel",
        expression("sum(x/w)", x=[1, -1], w=2),
        "w",
        "cancelled",
        ("times its slope, adds up to 0",),
    ),
    Fault(
        "numerator 0 where it counts",
        expression("(x/w)[0]", x=[0, 1], w=[2, 3]),
        "w",
        "times 0",
        ("divides x, which is 0 wherever",),
    ),
    Fault(
        "a square overflows",
        expression("x**2", x=1e200),
        "x",
        "forward",
        ("x = 1e200",),
        "where its result is finite",
    ),
    Fault(
        "0 / 0, whose slope is infinite",
        expression("x/y", x=0, y=0),
        "x",
        "forward",
        ("made the first NaN", "made the first infinity", "an infinity for y = 0"),
        "denominator",
    ),
    Fault("cosh overflows", expression("cosh(x)", x=1000), "x", "forward", (), "is finite"),
    Fault("sinh overflows", expression("sinh(x)", x=1000), "x", "forward", (), "is finite"),
    Fault(
        "exp underflows",
        expression("exp(-x**2)", x=30),
        "x",
        "underflow",
        ("underflows", "is 0 in float64", "-x**2 = -900"),
        "logarithm: the operand",
    ),
    Fault("exp of -30", expression("exp(x)", x=-30), "x", "underflow", ("nearly 0", "9e-14")),
    Fault(
        "an element of exp", expression("exp(x)[0]", x=[-900, 1]), "x", "underflow", ("question",)
    ),
    Fault("cosh at 0", expression("cosh(x)", x=0), "x", "rule"),
    Fault("expm1 far down", expression("expm1(x)", x=-900), "x", "rule"),
    Fault("expm1 of -30", expression("expm1(x)*1e5", x=-30), "x", "saturated", ("nearly flat",)),
    Fault("one of two exps", expression("sum(exp([x, 2]))", x=-900), "x", "underflow"),
    Fault(
        "log of softmax",
        expression("log(softmax(x))", x=[1, 1000]),
        "x",
        "forward",
        (),
        "write log_softmax(x)",
    ),
    Fault(
        "log of an element of softmax",
        expression("log(softmax(x)[0])", x=[1, 1000]),
        "x",
        "forward",
        (),
        "write log_softmax(x)",
    ),
    Fault(
        "log of sigmoid",
        expression("log(sigmoid(x))", x=-900),
        "x",
        "forward",
        (),
        "write -softplus(-x)",
    ),
    Fault("log of 0", expression("log(x)", x=0), "x", "forward", (), "log(x + 1e-12)"),
    Fault("exp overflows", expression("exp(x)", x=1000), "x", "forward", (), "the maximum"),
    Fault("a square overflows", expression("x**2", x=-1e200), "x", "forward", (), "is finite"),
    Fault("a root of -1", expression("x**0.5", x=-1), "x", "forward", (), "above 0"),
    Fault("log1p of -1", expression("log1p(x)", x=-1), "x", "forward", ("x = -1",), "above -1"),
    Fault(
        "the other factor is large",
        expression("x*w*w", x=1e-200, w=1e200),
        "x",
        "backward",
        ("an infinity for w = 1e200",),
    ),
    Fault(
        "the same in each row of softmax",
        expression("sum(softmax(x)*w)", x=[[1, 2, 3], [1, 1, 1]], w=[[1], [2]]),
        "x",
        "cancelled",
        ("add up to 1",),
    ),
    Fault(
        "the same in each row of layer_norm",
        expression("sum(layer_norm(x)*w)", x=[[1, 2, 3], [1, 1, 2]], w=[[1], [2]]),
        "x",
        "cancelled",
        ("same mean",),
    ),
    Fault(
        "different rows of a certain softmax",
        expression("sum(softmax(x)*w)", x=[[1000, 0], [0, 1000]], w=[[1, 2], [1, 2]]),
        "x",
        "saturated",
        ("softmax(x)",),
    ),
    Fault("0 among others", expression("sum([x, 2]**2)", x=0), "x", "rule", ("in question",)),
    Fault("log_softmax of equals", expression("sum(log_softmax(x))", x=[1, 1]), "x", "rule"),
    Fault("log_softmax of 1", expression("log_softmax(x)[0]", x=[1000, 0]), "x", "saturated"),
    Fault("prod", expression("prod(x)", x=[0, 0, 2]), "x", "times 0", ("of which one is 0",)),
    Fault("tiny * tiny", expression("x*w*z", x=1e-200, w=1e-200, z=1e-200), "x", "underflow"),
    Fault("tiny / huge", expression("x/w", x=1, w=1e300), "w", "underflow", ("too small",)),
    Fault("1 / inf", expression("x/w", x=1, w="inf"), "x", "times 0", ("divides by w = inf",)),
    Fault(
        "right for certain",
        expression("softmax_cross_entropy(x, t)", x=[[1000, 0]], t=[0]),
        "x",
        "saturated",
        ("x = [[1000, 0]]",),
        "nothing is left to learn",
    ),
    Fault(
        "shares are overwritten",
        overwriting,
        "v0",
        "not the sum",
        ("v0.grad is 6", "6 and 1, add up to 7"),
        "adds each share",
    ),
    Fault(
        "not the sum",
        document(set_of("x", grad=5), "x*x + x", x=3),
        "x",
        "not the sum",
        ("3, 3 and 1, add up to 7",),
        "adds each share",
    ),
    Fault(
        "not the share",
        document(set_of("x", grad=5), "x*w", x=3, w=2),
        "x",
        "not the sum",
        ("flowed back to it is 2",),
    ),
    Fault("micrograd 0", variables(micrograd_zero), "x", "times 0", ("by w",)),
    Fault("micrograd x - x", variables(micrograd_cancelled), "x", "cancelled", ("2 times",)),
    Fault("micrograd tanh", variables(micrograd_saturated), "x", "saturated", ("tanh", "x = 40")),
    Fault("the book, 0", book(lambda x, w: x * w, x=2, w=0), "x", "times 0", ("w",)),
    Fault("the book, tanh", book(lambda x: mydezero.tanh(x), x=40), "x", "saturated", ("tanh",)),
    Fault("the book, -", book(lambda x: x - x, x=2), "x", "cancelled", ("1 and -1",)),
    Fault("the book, log", book(lambda x: mydezero.log(x), x=0), "x", "forward", ("log",)),
    Fault(
        "a maximum of a list", expression("max([a, b])*2", a=1, b=2), "a", "not chosen", ("max",)
    ),
    Fault(
        "labels",
        expression("softmax_cross_entropy(x, t)", x=[[1, 2]], t=[0]),
        "t",
        "no derivative",
        ("class numbers",),
    ),
    Fault(
        "detach",
        elsewhere(
            X,
            W,
            dzviz.Value(
                3.0,
                dzviz.Call("f", "detach", [1], contributions=[None], source=("net.py", 7)),
                grad_state="none",
            ),
            product(3.0),
        ),
        "w",
        "cut",
        ("its only path ends at detach (net.py, line 7)",),
        "detach",
    ),
    Fault(
        "joined",
        expression("sum(concatenate([x, w])*[0, 0, 1, 1])", x=[1, 2], w=[3, 4]),
        "x",
        "times 0",
        ("by the constant [0, 0, 1, 1], which is 0 there",),
    ),
    Fault(
        "joined and dead",
        expression("sum(relu(concatenate([x, w])))", x=[-1, -2], w=[3, 4]),
        "x",
        "dead",
        ("its elements in concatenate([x, w]) are not above 0",),
    ),
    Fault(
        "joined and masked",
        expression("sum(where([0, 1], [x, w], 5))", x=1, w=2),
        "x",
        "masked",
        ("the other operand at its elements",),
    ),
    Fault(
        "frozen",
        elsewhere(X, W._replace(grad_note="requires_grad=False"), product(3.0)),
        "w",
        "frozen",
        ("requires_grad=False",),
        "requires_grad = True",
    ),
    Fault(
        "whole numbers",
        elsewhere(X, W._replace(data=np.array(3)), product(3.0)),
        "w",
        "integer",
        ("int64",),
    ),
    Fault("JSON", document(lambda told: None, x=-1, w=2), "x", "dead", ("relu(x)",)),
    Fault(
        "JSON, frozen",
        document(
            set_of("w", grad=None, grad_state="none", grad_note="requires_grad=False"), x=1, w=2
        ),
        "w",
        "frozen",
        ("requires_grad",),
    ),
    Fault(
        "JSON, whole numbers",
        document(set_of("w", grad=None, grad_state="none", dtype="int64"), x=1, w=2),
        "w",
        "integer",
        ("int64",),
        "float",
    ),
    Fault(
        "a released 0", middle("h = relu(x); h*w", "h", x=1, w=0), "h", "released", ("it was 0",)
    ),
)


MENDED = {
    "not used": expression("h = w*2; x**2 + h", x=2, w=3),
    "comparison": expression("sigmoid(5*x)*w", x=1, w=2),
    "dead relu": expression("leaky_relu(x)", x=-1),
    "mask": expression("0.5*x + (1 - 0.5)*w", x=2, w=3),
    "times w = 0": expression("x*w", x=2, w=0.1),
    "sigmoid": expression("sigmoid(0.05*x)", x=100),
    "log of 0": expression("log(x + 1e-12)", x=0),
    "sqrt of 0": expression("sqrt(x + 1e-12)", x=0),
    "by .data": function(lambda x, w: np.sum(x * w), 2.0, 3.0),
    "loser": expression("logsumexp([x, w])", x=1, w=3),
    "clip": expression("sigmoid(x)", x=3),
    "overflow": expression("logsumexp([x, 0])", x=1000),
    "softmax": expression("log_softmax(x)[1]", x=[1, 2, 4]),
    "overflown softmax": expression("softmax(x)[1]", x=[3, 2]),
    "numerator 0": expression("x/w", x=1, w=2),
    "inf at a middle": expression("h = 1/(x + 1e-12); h*w", x=0, w=2),
    "masked NaN": expression("sum(where(x > 0, sqrt(where(x > 0, x, 1)), 0))", x=[0, 4]),
}
"""Some faults after their mend."""


def chain(n):
    """A long chain that is sound."""
    return "; ".join(["a = x", *(f"a = sin(a) + a/{i + 2}" for i in range(n)), "a"])


SOUND = {
    "power": expression("x**3", x=2),
    "shared": expression("x*x + x", x=2),
    "product": expression("x*w + b", x=2, w=3, b=0),
    "relu that is on": expression("sum(relu(x)*w)", x=[-1, 2], w=[3, 4]),
    "max": expression("max(x)", x=[1, 2, 3]),
    "both masks": expression("sum(where([1, 0], x, w))", x=[1, 2], w=[3, 4]),
    "sigmoid": expression("sigmoid(x)", x=5),
    "softmax": expression("softmax(x)[0]", x=[1, 2, 3]),
    "cross entropy": expression("-log(softmax(x))[1]", x=[1, 2, 3]),
    "layers": expression("sum(tanh(x@W + b)@V)", x=[[1, 2]], W=[[1], [2]], b=[0.1], V=[[2.0]]),
    "norm": expression("sum(layer_norm(x)*w)", x=[1, 2, 5], w=[1, 2, 3]),
    "deep": expression("tanh(tanh(tanh(tanh(x))))", x=1),
    "a condition beside": expression("where(x > 0, x*2, w)*w", x=1, w=2),
    "index": expression("x[1]*w", x=[1, 2], w=2),
    "function": function(lambda x, w: np.sum(np.exp(x) * w), [0.1, 0.2], 2.0),
    "variables": variables(lambda: _passed(Variable(np.array(2.0), "x") ** 2)),
    "micrograd": variables(lambda: _passed((Value(2.0, label="x") * 3).tanh())),
    "the book": book(lambda x, w: mydezero.sin(x) * w + x, x=1, w=2),
    "JSON": document(lambda told: None, x=1, w=2),
    "a long chain": expression(chain(60), x=1),
    "an output that is given": expression("x", x=1),
    "difference of shares": expression("x*w - x", x=2, w=3),
}
"""Graphs of which every leaf has the gradient that it should have."""


def _passed(y):
    y.backward()
    return y
