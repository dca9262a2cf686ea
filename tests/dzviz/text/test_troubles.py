"""Where the first NaN and the first infinity arose, forward and backward, and why."""

import json

import numpy as np
import pytest
from support.graphs import graph_of

import dezero
import dzviz
from dezero import Function, Variable
from dezero.functions import log, softmax
from dzviz.engine import Recording
from dzviz.options import Look
from dzviz.sources import json as source
from dzviz.sources.snapshot import snapshot
from dzviz.styles import scene_of
from dzviz.text.descriptions import description, first_trouble
from dzviz.text.troubles import trouble_lines, trouble_sentences


def told(graph):
    """Return by its label what each Function says of trouble."""
    functions = [node for node in graph.nodes if node.id.startswith("f")]
    return {f.label: lines for f in functions if (lines := trouble_lines(f, graph))}


CASES = {
    "log(x - x) * 0": (
        1.0,
        {
            "log": [
                "first infinity in forward",
                "log(0) = -inf",
                "first NaN in backward",
                "grad 0 * slope inf = NaN",
            ],
            "*": ["first NaN in forward", "-inf * 0 = NaN"],
        },
    ),
    "log(x)": (-1.0, {"log": ["first NaN in forward", "log(-1) = NaN"]}),
    "sqrt(x)": (0.0, {"sqrt": ["first infinity in backward", "grad 1 * slope inf = inf"]}),
    "x/0 * 0": (
        2.0,
        {
            "/": [
                "first infinity in forward",
                "2 / 0 = inf",
                "first NaN in backward",
                "grad 0 * slope inf = NaN",
            ],
            "*": ["first NaN in forward", "inf * 0 = NaN"],
        },
    ),
    "exp(x*1000)": (
        1.0,
        {
            "exp": [
                "first infinity in forward",
                "exp(1000) = inf",
                "first infinity in backward",
                "grad 1 * slope inf = inf",
            ]
        },
    ),
    "sum(log(x))": (
        [1.0, 0.0, -1.0],
        {
            "log": [
                "first NaN in forward",
                "log(-1) = NaN at [2]",
                "first infinity in forward",
                "log(0) = -inf at [1]",
                "first infinity in backward",
                "grad 1 * slope inf = inf at [1]",
            ]
        },
    ),
}


@pytest.mark.parametrize("expression", CASES)
def test_the_op_and_the_cause(expression):
    x, expected = CASES[expression]
    found = told(graph_of(expression, x=x))
    assert found == expected


@pytest.mark.parametrize("expression", CASES)
def test_what_stands_there_is_so(expression):
    """Each cause is computed again by NumPy."""
    names = {"log": np.log, "sqrt": np.sqrt, "exp": np.exp, "inf": np.inf}
    causes = [
        line.partition(" at ")[0].replace("grad ", "").replace("slope ", "")
        for lines in told(graph_of(expression, x=CASES[expression][0])).values()
        for line in lines
        if " = " in line
    ]
    assert causes
    with np.errstate(all="ignore"):
        for cause in causes:
            made, _, value = cause.partition(" = ")
            result = eval(made.replace(" / 0", " / np.float64(0)"), {**names, "np": np})
            assert np.array_equal(result, float(value), equal_nan=True), cause


def test_of_what_more_went_in_no_cause_is_told():
    with np.errstate(all="ignore"):
        x = Variable(np.array([np.inf, 1.0]), "x")
        y = softmax(x, axis=0)
        assert told(snapshot(y)) == {"softmax": ["first NaN in forward"]}


def test_a_rule_of_the_users_is_not_run_again():
    class Own(Function):
        def forward(self, x):
            return x * 2

        def backward(self, gy):
            return gy * np.nan

    x = Variable(np.array(1.0), "x")
    y = Own()(x)
    recording = Recording()
    dezero.backward([y], observer=recording)
    (lines,) = told(snapshot(y, recording=recording)).values()
    assert lines == ["first NaN in backward"]


@pytest.mark.parametrize(
    ("text", "x", "kind"),
    [
        ("x*y + 1", np.nan, "NaN"),
        ("x*y + 1", np.inf, "infinity"),
        ("x**2 + y", -np.inf, "infinity"),
        ("exp(x) + y", [1.0, np.inf], "infinity"),
    ],
)
def test_what_was_not_finite_to_begin_with_arises_nowhere(text, x, kind):
    graph = graph_of(text, x=x, y=2.0)
    assert graph.troubles == ()
    assert told(graph) == {}
    assert first_trouble(graph) == f"{kind} in x"


def test_an_infinity_of_the_input_does_not_hide_the_first_nan():
    graph = graph_of("x - x", x=np.inf)
    assert [trouble.kind for trouble in graph.troubles] == ["NaN"]


def test_the_bad_line_is_marked_and_not_the_node():
    graph = graph_of("log(x - x) * 0", x=1.0)
    shapes = {shape.id: shape for shape in scene_of(graph, Look()).shapes}
    x = shapes["v0"]
    assert [x.lines[i] for i in x.bad] == ["grad NaN"]
    fine = {s.id: s for s in scene_of(graph_of("log(x + x) * 3", x=1.0), Look()).shapes}["v0"]
    assert x.look == fine.look
    strong = [shape.name for shape in shapes.values() if shape.outline == "octagon"]
    assert strong == ["log", "*"]
    assert shapes["f0"].bad == ()


def test_merged_and_refs_mark_the_same_lines():
    graph = graph_of("log(x - x) * 0", x=1.0)
    for style in ("boxes", "merged", "refs"):
        shapes = scene_of(graph, Look(style=style)).shapes
        marked = [line for s in shapes for i, line in enumerate(s.lines + s.notes) if i in s.bad]
        assert marked.count("grad 0 * slope inf = NaN") == 1
        assert all("NaN" in line or "inf" in line for line in marked)
        unmarked = [
            line for s in shapes for i, line in enumerate(s.lines + s.notes) if i not in s.bad
        ]
        assert not [line for line in unmarked if "NaN" in line or "inf" in line.split()]


def test_zero_gradients_are_no_trouble():
    graph = graph_of("x*0 + 1", x=1.0)
    assert all(not shape.bad for shape in scene_of(graph, Look()).shapes)


def test_it_is_said_to_who_cannot_see_it():
    graph = graph_of("log(x - x) * 0", x=1.0)
    assert trouble_sentences(graph) == [
        "First infinity in forward: log, log(0) = -inf.",
        "First NaN in forward: *, -inf * 0 = NaN.",
        "First NaN in backward: log, grad 0 * slope inf = NaN.",
    ]
    for sentence in trouble_sentences(graph):
        assert sentence in description(graph, Look())
    svg = dzviz.render(graph, "svg").decode()
    assert "first NaN in backward, grad 0 * slope inf = NaN" in svg


def test_plain_text_marks_the_line_by_a_sign():
    graph = graph_of("log(x - x) * 0", x=1.0)
    dot = dzviz.render(graph, "dot").decode()
    assert r"x\ndata 1\n! grad NaN" in dot
    assert r"! first infinity in forward\n! log(0) = -inf" in dot
    assert dot.isascii()
    assert "!: not finite" in dot


def test_the_whole_graph_knows_what_its_json_knew():
    graph = graph_of("log(x - x) * 0", x=1.0)
    for full in (True, False):
        read = source.graph(json.loads(dzviz.render(graph, "json", full=full)))
        assert [repr(t) for t in read.troubles] == [repr(t) for t in graph.troubles]


def test_forward_alone_tells_of_forward_alone():
    with np.errstate(all="ignore"):
        graph = snapshot(log(Variable(np.array(0.0), "x")))
    assert told(graph) == {"log": ["first infinity in forward", "log(0) = -inf"]}
