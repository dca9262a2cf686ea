"""Numbers and labels for people."""

import math
import re
from decimal import Decimal

import numpy as np
import pytest
from support.graphs import graph_of
from support.hostile import TEXTS

from dzviz.graph.model import Edge, VariableNode
from dzviz.graph.select import named
from dzviz.options import Look
from dzviz.styles import STYLES
from dzviz.text.captions import caption_lines
from dzviz.text.descriptions import MAX_ALT, alt_text, description, first_trouble, origin_texts
from dzviz.text.labels import (
    edge_fact,
    edge_label,
    reference,
    variable_lines,
    variable_trouble,
    with_longest_labels,
)
from dzviz.text.numbers import number, value_lines
from dzviz.text.phrases import clean


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (0.5, "0.5"),
        (10000.0, "10000"),
        (1.00001, "1.000"),
        (0.8414709848, "0.8415"),
        (-46.72832, "-46.73"),
        (-8.200172, "-8.200"),
        (-5376.0, "-5376"),
        (12345.6, "12346"),
        (123456.7, "123457"),
        (999999.0, "999999"),
        (1e6, "1e6"),
        (1.5e6, "1.5e6"),
        (1234567.0, "1.235e6"),
        (1e-4, "0.0001"),
        (0.00012345, "0.0001234"),
        (1e-5, "1e-5"),
        (1.23456e-5, "1.235e-5"),
        (-1e-300, "-1e-300"),
        (5e-324, "4.941e-324"),
        (1.7976931348623157e308, "1.798e308"),
        (0.0, "0"),
        (-0.0, "0"),
        (math.nan, "NaN"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (3, "3"),
        (True, "True"),
        (np.float64(0.1), "0.1"),
        (np.float32(0.1), "0.1"),
        (np.float32(1 / 3), "0.3333"),
        (np.int64(7), "7"),
        (np.bool_(False), "False"),
        (99.996, "100.0"),
        (0.99999, "1.000"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text


@pytest.mark.parametrize("precision", range(1, 18))
def test_a_number_reads_back_within_its_precision(precision):
    generator = np.random.default_rng(0)
    values = generator.normal(size=300) * 10.0 ** generator.integers(-12, 12, 300)
    for value in values.tolist():
        text = number(value, precision)
        assert text != "0"
        error = abs(Decimal(text) - Decimal(value)) / abs(Decimal(value))
        assert error <= Decimal("0.5") * Decimal(10) ** (1 - precision)
        if float(text) != value:
            digits = text.partition("e")[0].strip("-").replace(".", "").lstrip("0")
            assert len(digits) >= precision


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        (np.float64(3), ["3"]),
        (np.array([1.0, 2.5]), ["[1, 2.5]"]),
        (np.array([[1.0, 2.0], [3.0, 4.0]]), ["(2, 2)", "[1, 2]", "[3, 4]"]),
        (np.zeros((0, 3)), ["(0, 3)", "empty"]),
        (np.arange(8.0), ["(8,)", "0 .. 7, mean 3.5"]),
        (np.ones((3, 3)), ["(3, 3)", "all 1"]),
        (
            np.array([np.nan] * 2 + [np.inf] + [1.0, 2.0] * 3),
            ["(9,)", "1 .. 2, mean 1.5, 2 NaN, 1 inf"],
        ),
        (np.full(7, -np.inf), ["(7,)", "7 -inf"]),
        (np.array([True, False]), ["[True, False]"]),
    ],
)
def test_arrays(value, lines):
    assert value_lines(value, Look()) == lines


def caption_of(graph, look=Look()):
    return caption_lines(graph, look, signs=STYLES[look.style].legend)


def labels(graph, look=Look()):
    return [variable_lines(node, look) for node in graph.nodes if node.id.startswith("v")]


def test_labels_say_the_state_of_the_gradient():
    assert labels(graph_of("sin(x)", x=1.0, retain_grad=True)) == [
        ["x", "data 1", "grad 0.5403"],
        ["y", "data 0.8415", "grad 1 (seed)"],
    ]
    assert labels(graph_of("sin(x)", x=1.0)) == [
        ["x", "data 1", "grad 0.5403"],
        ["y", "data 0.8415", "grad None (was 1, seed)"],
    ]
    assert labels(graph_of("2*x", x=1.0, backward=False)) == [
        ["constant 2"],
        ["x", "data 1", "grad None"],
        ["y", "data 2", "grad None"],
    ]
    assert labels(graph_of("a = x**2; a*sin(a)", x=3.0))[1] == [
        "a",
        "data 9",
        "grad None",
        "(was -7.788)",
    ]
    assert labels(graph_of("x*2*pi", x=1.0))[1] == ["constant 2"]
    assert labels(graph_of("x*(2*pi)", x=1.0))[1] == ["2*pi", "constant 6.283"]


def test_precision_and_max_elements():
    graph = graph_of("sin(x)", x=[1.0, 2.0])
    assert labels(graph, Look(precision=2))[1][1] == "data [0.84, 0.91]"
    assert labels(graph, Look(max_elements=1))[0][1:3] == ["data (2,)", "1 .. 2, mean 1.500"[:-2]]


def test_the_dtype_is_told_when_it_is_not_float64():
    from dezero import Variable
    from dzviz.sources.snapshot import snapshot

    graph = snapshot(Variable(np.array(1, np.float32), "x"))
    assert labels(graph) == [["x", "data 1 float32", "grad None"]]


@pytest.mark.parametrize(
    ("expression", "values", "caption"),
    [
        ("sin(x)", {"x": 1.0}, ["y = sin(x)", "grad = dy/d(node)"]),
        ("a = x*x; a + 1", {"x": 1.0}, ["a = x*x; y = a + 1", "grad = dy/d(node)"]),
        ("loss = x*x", {"x": 1.0}, ["loss = x*x", "grad = d(loss)/d(node)"]),
        ("x*y", {"x": 1.0, "y": 1.0}, ["out = x*y", "grad = d(out)/d(node)"]),
        ("x*2", {"x": [1.0, 2.0]}, ["y = x*2", "grad = d(sum of y)/d(node)"]),
        ("2*x, 3*x", {"x": 1.0}, ["y0, y1 = 2*x, 3*x", "grad = d(y0 + y1)/d(node)"]),
        (
            ", ".join(["x*2"] * 7),
            {"x": 1.0},
            [
                "y0, y1, y2, y3, y4, y5, y6 = x*2, x*2, x*2, x*2, x*2, x*2, x*2",
                "grad = d(y0 + y1 + ... + y6)/d(node)",
            ],
        ),
        ("x, x", {"x": 1.0}, ["x, x", "grad = d(x + x)/d(node)"]),
        ("x", {"x": 1.0}, ["x", "grad = dx/d(node)"]),
    ],
)
def test_the_caption_says_of_what_the_gradient_is(expression, values, caption):
    assert caption_of(graph_of(expression, **values)) == caption


def test_a_forward_graph_speaks_of_no_gradient():
    assert caption_of(graph_of("sin(x)", x=1.0, backward=False)) == ["y = sin(x)"]


def test_a_long_caption_is_broken():
    lines = caption_of(graph_of(" + ".join(["x"] * 100), x=1.0))
    assert len(lines) == 6
    assert all(len(line) <= 100 for line in lines)


def test_the_description_tells_each_step():
    assert description(graph_of("sin(x)", x=1.0), Look()) == (
        "Computational graph of y = sin(x): 2 variables, 1 function. The gradients are dy/d(node). "
        "x, input: data 1, grad 0.5403. y, sin of x: data 0.8415, grad None (was 1, seed)."
    )


def test_the_description_of_a_large_graph_is_short():
    text = description(graph_of("+".join(["x"] * 900), x=1.0), Look())
    assert len(text) < 2500


def test_an_alternative_text_is_the_description_as_far_as_it_is_short():
    graph = graph_of("sin(x)", x=1.0)
    assert alt_text(graph, Look()) == description(graph, Look())
    assert alt_text(graph, Look(title="A sine.")) == f"A sine. {description(graph, Look())}"
    assert alt_text(graph, Look(title="a\n b ")).startswith("a  b. Computational")
    long = alt_text(graph_of("+".join(["x"] * 20), x=1.0), Look())
    assert "40 nodes" not in long
    assert "v3" not in long
    assert long.endswith("y, v18 + x: data 20, grad None (was 1, seed).")
    names = "*".join(f"a_rather_long_name_{i}" for i in range(30))
    values = {f"a_rather_long_name_{i}": 1.0 for i in range(30)}
    assert len(alt_text(graph_of(names, **values), Look())) == MAX_ALT


@pytest.mark.parametrize(
    ("expression", "values", "text"),
    [
        ("sin(x)", {"x": 1.0}, ""),
        ("1/x", {"x": 0.0}, "first infinity: /"),
        ("log(x)*0", {"x": 0.0}, "first infinity: log, where x = 0.0"),
        (
            "sqrt(x)",
            {"x": 0.0},
            "first infinity: backward of sqrt, gradient of x, where x = 0.0",
        ),
        (
            "sum(exp(log(x)))",
            {"x": [[1.0, -1.0], [2.0, -3.0]]},
            "first NaN: log, 2 of 4 elements, first at [0, 1], where x = -1.0",
        ),
        ("log(v2 * x)", {"v2": -1.0, "x": 2.0}, "first NaN: log, where t2 (v2 * x) = -2.0"),
        (
            "sqrt(x*0)",
            {"x": 2.0},
            "first infinity: backward of sqrt, gradient of v2 (x * 0), where v2 = 0.0",
        ),
        ("x + 1", {"x": np.nan}, "NaN in x"),
        ("x * y", {"x": np.nan, "y": 2.0}, "NaN in x"),
    ],
)
def test_where_trouble_began(expression, values, text):
    assert first_trouble(graph_of(expression, **values)) == text


def test_zero_gradients_are_told_once():
    graph = graph_of("x*0 + 1", x=1.0, retain_grad=True)
    assert labels(graph)[0] == ["x", "data 1", "grad 0"]
    assert variable_trouble(graph.nodes[0]) == ""


def test_a_seed_is_told_once_unless_more_came():
    graph = graph_of("y = 2*x; y, y*x", x=1.0, retain_grad=True)
    assert ["y", "data 2", "seed 1", "grad 2"] in labels(graph)
    assert ["0", "data 2", "grad 1 (seed)"] not in labels(graph)
    arrays = graph_of("x*x", x=[[1.0, 2.0], [3.0, 4.0]])
    assert labels(arrays)[-1] == [
        "y",
        "data (2, 2)",
        "[1, 4]",
        "[9, 16]",
        "grad None",
        "was (2, 2)",
        "[1, 1]",
        "[1, 1]",
        "(seed)",
    ]


def test_what_is_shown_can_be_chosen():
    graph = graph_of("sin(x)", x=[1.0, 2.0])
    assert labels(graph, Look(hide=("data", "grad"))) == [["x"], ["y"]]
    assert labels(graph, Look(hide=("name", "grad")))[0] == ["data [1, 2]"]
    assert labels(graph, Look(show=("shape", "dtype"), hide=("grad",)))[0] == [
        "x",
        "data (2,) float64",
        "[1, 2]",
    ]


def test_the_room_for_a_gradient_does_not_depend_on_its_state():
    kept = graph_of("a = x*x; sin(a)", x=[1.0, 2.0], retain_grad=True)
    released = graph_of("a = x*x; sin(a)", x=[1.0, 2.0])
    assert (
        labels(with_longest_labels(kept))
        == labels(with_longest_labels(released))
        == labels(released)
    )
    for a, b in zip(labels(kept), labels(with_longest_labels(kept)), strict=True):
        assert len(a) <= len(b)


def test_titles_and_legends():
    graph = graph_of("a = x*x; a*sin(a)", x=1.0)
    assert caption_of(graph, Look(title="Chain rule"))[0] == "Chain rule"
    assert caption_of(graph, Look(title="")) == ["grad = dy/d(node)"]
    assert caption_of(graph, Look(hide=("grad",))) == ["a = x*x; y = a*sin(a)"]
    legend = caption_of(graph, Look(legend="on"))[2:]
    assert [line.partition(":")[0] for line in legend] == [
        "rounded box",
        "dashed",
        *(line.partition(":")[0] for line in legend[2:]),
    ]
    said = " ".join(legend)
    for word in ("thick: output", "seed: ", "share: ", "gen: ", "back: ", "~0: ", "!: not finite"):
        assert word in said


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:20]))
def test_clean_text_is_one_printable_line(text):
    cleaned = clean(text)
    assert cleaned.isprintable()
    assert len(cleaned) <= 200
    cleaned.encode()
    assert clean(cleaned) == cleaned
    if text.isascii():
        assert cleaned.isascii()


@pytest.mark.parametrize(
    ("array", "label"),
    [
        (1.5, "share 1.5"),
        ([1.5, -2.25], "share [1.5, -2.25]"),
        ([[1.0, 1.0], [1.0, 1.0]], "share (2, 2), [1, 1], [1, 1]"),
        ([[1.2345, 2.3456, 3.4567], [0, 0, 0]], "share (2, 3), 0 .. 3.457"),
        (np.full((4, 5), 2.0), "share (4, 5), all 2"),
        ([1.2345, 2.3456, 3.4567, np.nan], "share (4,), 1.234 .. 3.457, 1 NaN"),
    ],
)
def test_an_edge_says_in_short_what_flowed_back(array, label):
    edge = Edge("v0", "f0", 0, 0, np.asarray(array, float) if np.ndim(array) else array)
    assert edge_label(edge, Look()) == label
    if "1.2345" in str(array):
        assert "1.2345, 2.3456" in edge_fact(edge, Look(precision=5))


@pytest.mark.parametrize("value", [True, 3, 0.25, np.float32(0.1)])
def test_a_number_in_an_array_is_written_like_itself(value):
    assert number(np.array(value)) == number(value)


@pytest.mark.parametrize(
    ("names", "letter"),
    [({}, "v"), ({"v2": 1}, "t"), ({"v2": 1, "t9": 1}, "u"), ({"v": 1}, "v_")],
)
def test_automatic_names_are_nobody_elses(names, letter):
    if letter == "v_":
        names = {f"{taken}1": 1 for taken in "vtuwn"}
    values = dict.fromkeys(names, 2.0) | {"a": 1.0, "b": 3.0}
    graph = graph_of(f"{' + '.join(names) or 1} + a*b", **values)
    words = [reference(node) for node in graph.nodes if isinstance(node, VariableNode)]
    assert len(set(words)) == len(words)
    unnamed = [word for word in words if word not in {*values, "1", "y"}]
    assert unnamed
    assert all(re.fullmatch(rf"{letter}\d+", word) for word in unnamed)
    assert all(named(graph, word, "--focus") for word in words if word != "1")


@pytest.mark.parametrize(
    ("expression", "origins"),
    [
        ("(-2)**x", ["constant", "input", "(-2) ** x"]),
        ("-2**x", ["constant", "input", "2 ** x", "-v2"]),
        ("(-x)**2", ["input", "-x", "v1 ** 2"]),
        ("-(-2*x)", ["constant", "input", "-2 * x", "-v2"]),
        ("x - -2", ["input", "constant", "x - -2"]),
        ("(x**2)**3", ["input", "x ** 2", "v1 ** 3"]),
    ],
)
def test_what_a_variable_comes_from_is_read_as_python_reads_it(expression, origins):
    assert list(origin_texts(graph_of(expression, x=2.0)).values()) == origins
