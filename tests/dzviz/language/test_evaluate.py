"""From text to Variables: values, names, limits, errors at their place."""

import math

import numpy as np
import pytest

from dezero import OPS, Constant
from dzviz.errors import EvaluationError, ExpressionError, UsageError
from dzviz.language.evaluate import evaluate, evaluate_value
from dzviz.language.limits import MAX_ELEMENTS
from dzviz.language.makers import MAKERS
from dzviz.language.parse import parse


def run(text, **values):
    with np.errstate(all="ignore"):
        return evaluate(parse(text), {k: np.array(v, float) for k, v in values.items()})


def value(text, seed=0, name="x"):
    with np.errstate(all="ignore"):
        return evaluate_value(parse(text), (seed, name))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + y * 2", 2 + 3 * 2),
        ("-x**2", -4),
        ("(-x)**2", 4),
        ("2**-x", 0.25),
        ("x**y**2", 2.0**9),
        ("x - y - 1", -2),
        ("x / y / 2", 2 / 3 / 2),
        ("+x", 2),
        ("--x", 2),
        ("pi * x", math.pi * 2),
        ("e**x", math.e**2),
        ("sin(cos(x)) * tanh(y)", math.sin(math.cos(2)) * math.tanh(3)),
        ("a = x*y; b = a + 1; a*b", 42),
        ("a = x; a = a + 1; a", 3),
        ("x = x + 1; x", 3),
        ("a = x * y", 6),
        ("x # a comment\n + 1 * 0", None),
        ("sum([x, y, 1])", 6),
        ("[[x, y], [1, 2]][0, 1]", 3),
        ("where(x > 1, x, y)", 2),
        ("where(x > y, x, y)", 3),
        ("where(x == 2, 10, 20) * x", 20),
        ("9**9**9", math.inf),
        ("1e999", math.inf),
        ("0/0 * x", math.nan),
        ("inf - inf", math.nan),
        ("nan", math.nan),
        ("+".join(["x"] * 900), 1800),
        ("x" + ".T" * 900, 2),
        ("reshape(x, (1, 1))[0][0]", 2),
        ("sum(ones(3)) * x", 6),
        ("x ** 0.5", math.sqrt(2)),
    ],
)
def test_values(text, expected):
    if expected is None:
        with pytest.raises(ExpressionError):
            run(text, x=2, y=3)
        return
    (y,) = run(text, x=2, y=3).outputs
    np.testing.assert_allclose(y.data, expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x[0]", [1, 2, 3]),
        ("x[-1, 1]", 5),
        ("x[:, ::2]", [[1, 3], [4, 6]]),
        ("x[..., None]", [[[1], [2], [3]], [[4], [5], [6]]]),
        ("x[[1, 0], [0, 2]]", [4, 3]),
        ("x[x > 2]", [3, 4, 5, 6]),
        ("x[1 - 1, 2*1]", 3),
        ("x.T", [[1, 4], [2, 5], [3, 6]]),
        ("sum(x, axis=0)", [5, 7, 9]),
        ("sum(x, -1, True)", [[6], [15]]),
        ("sum(x, axis=(0, 1))", 21),
        ("reshape(x, (3, -1))", [[1, 2], [3, 4], [5, 6]]),
        ("reshape(x, 2*3)", [1, 2, 3, 4, 5, 6]),
        ("transpose(x, (1, 0))[0]", [1, 4]),
        ("stack([x, x])[1, 1, 1]", 5),
        ("x @ x.T", [[14, 32], [32, 77]]),
        ("x @ [1, 0, 1]", [4, 10]),
        ("sum_to(x, (1, 3))", [[5, 7, 9]]),
        ("broadcast_to(x[0], (2, 3))", [[1, 2, 3], [1, 2, 3]]),
    ],
)
def test_arrays(text, expected):
    (y,) = run(text, x=[[1, 2, 3], [4, 5, 6]]).outputs
    np.testing.assert_array_equal(y.data, np.array(expected, float))


def functions(y):
    """The labels of all Functions in the graph, the last first."""
    labels, seen, pending = [], set(), [y]
    while pending:
        f = pending.pop().creator
        if f is not None and f not in seen:
            seen.add(f)
            labels.append(f.label)
            pending.extend(f.inputs)
    return labels


def test_what_was_written_is_what_is_drawn():
    assert functions(run("x / 2", x=1).outputs[0]) == ["/"]
    assert functions(run("x - -2", x=1).outputs[0]) == ["-"]
    assert functions(run("-x", x=1).outputs[0]) == ["-"]
    assert functions(run("x**3", x=1).outputs[0]) == ["** 3"]
    assert functions(run("x**0.5", x=1).outputs[0]) == ["** 0.5"]
    assert functions(run("n = 4; x**n", x=1).outputs[0]) == ["** 4"]
    assert functions(run("x**(1/3)", x=1).outputs[0]) == ["** (1/3)"]
    assert functions(run("x**12345", x=1).outputs[0]) == ["** 12345"]
    assert functions(run("x**y", x=1, y=1).outputs[0]) == ["**"]
    assert functions(run("2**x", x=1).outputs[0]) == ["**"]
    assert functions(run("x[1:3, 0]", x=np.ones((4, 4))).outputs[0]) == ["[1:3, 0]"]
    assert functions(run("sum(x, axis=0)", x=[1]).outputs[0]) == ["sum axis=0"]
    assert functions(run("[x, 2]", x=1).outputs[0]) == ["stack"]


def constants(y):
    return [x for x in y.creator.inputs if isinstance(x, Constant)]


def test_a_part_without_variables_is_one_constant_with_its_source():
    (y,) = run("x * (2*pi)", x=1).outputs
    assert [c.name for c in constants(y)] == ["2*pi"]
    (y,) = run("x * 2", x=1).outputs
    assert [c.name for c in constants(y)] == [None]
    (y,) = run("x * sum([1, 2])", x=1).outputs
    assert [c.name for c in constants(y)] == ["sum([1, 2])"]
    (y,) = run("x * -2", x=1).outputs
    assert [(c.name, float(c.data)) for c in constants(y)] == [(None, -2.0)]


def test_each_occurrence_of_a_constant_is_its_own_node_but_a_named_one_is_shared():
    (y,) = run("(x * pi) + pi", x=1).outputs
    inner = y.creator.inputs[0].creator.inputs[1]
    assert inner is not y.creator.inputs[1]
    (y,) = run("c = 2; (x * c) + c", x=1).outputs
    assert y.creator.inputs[0].creator.inputs[1] is y.creator.inputs[1]
    assert y.creator.inputs[1].name == "c"


def test_an_alias_makes_no_node_and_keeps_the_first_name():
    result = run("a = x; b = a*a; c = b; c + 1", x=3)
    (y,) = result.outputs
    assert y.creator.inputs[0].name == "b"
    assert y.creator.inputs[0].creator.inputs[0] is result.inputs["x"]


def test_names_of_outputs():
    def names(text, **values):
        return [y.name for y in run(text, **values).outputs]

    assert names("sin(x)", x=1) == ["y"]
    assert names("sin(y)", y=1) == ["out"]
    assert names("y = 2*x; y + 1", x=1) == ["out"]
    assert names("loss = sin(x)", x=1) == ["loss"]
    assert names("2*x, 3*x", x=1) == ["y0", "y1"]
    assert names("x", x=1) == ["x"]


def test_spans_point_at_the_text():
    text = "a = x**2; a*sin(a)"
    evaluation = run(text, x=1)
    parts = {type(f).__name__: text[slice(*span)] for f, span in evaluation.spans.items()}
    assert parts == {"Pow": "x**2", "Sin": "sin(a)", "Mul": "a*sin(a)"}


def test_names_in_call_and_value_position_are_apart():
    assert run("sin(sin)", sin=0).outputs[0].data == 0.0
    assert run("pi * 2", pi=3).outputs[0].data == 6.0


def test_names_are_normalised():
    assert run("ｘ + x", x=1).outputs[0].data == 2.0


@pytest.mark.parametrize(
    ("text", "values", "kind", "message", "where"),
    [
        ("sinn(x)", {"x": 1}, ExpressionError, "unknown function 'sinn'", "sinn"),
        ("rand(3) * x", {"x": 1}, ExpressionError, "rand makes random values", "rand"),
        ("x + y", {"x": 1}, UsageError, "no value for 'y'", "y"),
        ("x + y", {}, UsageError, "no value for 'x' and 'y'", "x"),
        (
            "2 * (x + y)",
            {"x": [1, 2], "y": [1, 2, 3]},
            EvaluationError,
            r"'\+' does not fit shapes \(2,\) and \(3,\)",
            "x + y",
        ),
        (
            "x @ y",
            {"x": [[1, 2]], "y": [[1, 2]]},
            EvaluationError,
            r"'@' does not fit shapes \(1, 2\) and \(1, 2\)",
            "x @ y",
        ),
        ("x @ y", {"x": 1, "y": [1]}, EvaluationError, "'@' does not fit", "x @ y"),
        (
            "x < y",
            {"x": [1, 2], "y": [1, 2, 3]},
            EvaluationError,
            "a comparison does not fit",
            "x < y",
        ),
        (
            "where(x > 0, x, y)",
            {"x": [1, 2], "y": [1, 2, 3]},
            EvaluationError,
            "'where' does not fit",
            "where(x > 0, x, y)",
        ),
        ("[x, [1, 2]]", {"x": 1}, EvaluationError, "must have the same shape", "[x, [1, 2]]"),
        ("[[1, 2], [3]]", {}, EvaluationError, "must have the same shape", "[[1, 2], [3]]"),
        ("x[5]", {"x": [1, 2]}, EvaluationError, "out of bounds", "x[5]"),
        ("x[0, 0]", {"x": [1, 2]}, EvaluationError, "too many indices", "x[0, 0]"),
        ("x[0.5]", {"x": [1, 2]}, EvaluationError, "0.5 is not a whole number", "0.5"),
        ("x[inf]", {"x": [1, 2]}, EvaluationError, "inf is not a whole number", "inf"),
        ("x[y]", {"x": [1, 2], "y": 0}, EvaluationError, "must not depend on a variable", "y"),
        ("sum(x, axis=3)", {"x": [1]}, EvaluationError, "axis 3", "sum(x, axis=3)"),
        ("sum(x, axis=y)", {"x": [1], "y": 0}, EvaluationError, "not a variable", "y"),
        ("sum(x, axis=0.5)", {"x": [1]}, EvaluationError, "an axis", "0.5"),
        ("reshape(x, (2, 2))", {"x": [1]}, EvaluationError, "cannot reshape", "reshape(x, (2, 2))"),
        ("reshape(x, [[2]])", {"x": [1]}, EvaluationError, "not a variable or an array", "[[2]]"),
        ("sin(x, x)", {"x": 1}, ExpressionError, "takes 1 argument", "sin(x, x)"),
        ("sin()", {}, ExpressionError, "sin", "sin()"),
        ("sum(x, y=1)", {"x": 1}, ExpressionError, "sum", "sum(x, y=1)"),
        ("sum(x, x=1)", {"x": 1}, ExpressionError, "sum", "sum(x, x=1)"),
        ("stack(x)", {"x": [1]}, EvaluationError, "list of operands", "x"),
        ("stack([])", {}, EvaluationError, "stack", "stack([])"),
        ("zeros(0.5)", {}, EvaluationError, "whole numbers", "zeros(0.5)"),
        ("zeros(-1)", {}, EvaluationError, "whole numbers", "zeros(-1)"),
        ("zeros()  + eye()", {}, ExpressionError, "eye cannot be called like this", "eye()"),
        ("arange(1, 2, 0)", {}, EvaluationError, "step", "arange(1, 2, 0)"),
        ("linspace(1)", {}, ExpressionError, "linspace cannot be called like this", "linspace(1)"),
        (
            "zeros(3, shape=2)",
            {},
            ExpressionError,
            "zeros cannot be called like this",
            "zeros(3, shape=2)",
        ),
    ],
)
def test_errors_name_the_thing_and_the_place(text, values, kind, message, where):
    with pytest.raises(kind, match=message) as caught:
        run(text, **values)
    assert caught.value.place.text[caught.value.place.start : caught.value.place.end] == where


@pytest.mark.parametrize(
    "text",
    [
        "zeros(10**10)",
        "zeros(10**300)",
        "ones(1000, 1001)",
        "eye(1001)",
        "arange(1e18)",
        "arange(0, inf)",
        "linspace(0, 1, 1e9)",
        "ones(1001, 1) * ones(1, 1000)",
        "ones(1001, 1) @ ones(1, 1000)",
        "broadcast_to(1, (1001, 1000))",
        "broadcast_to(1, 10**15)",
        "ones(1001, 1) > ones(1, 1000)",
        "where(ones(1001, 1), ones(1, 1000), 0)",
        "stack([ones(1000, 1000), ones(1000, 1000)])",
        "[ones(1000, 1000), ones(1000, 1000)]",
        "ones(2, 500001)[[0, 0]]",
        "arange(10)[zeros(1001, 1), zeros(1, 1000)]",
    ],
)
def test_sizes_are_predicted(text):
    with pytest.raises(EvaluationError, match="1 000 000") as caught:
        run(text)
    assert caught.value.place is not None


def test_a_value_of_just_the_limit_is_fine():
    assert run("sum(ones(1000, 1000))").outputs[0].data == MAX_ELEMENTS


def test_all_values_together_are_bounded():
    with pytest.raises(EvaluationError, match="10 000 000"):
        run("+".join(["x"] * 12), x=np.ones(MAX_ELEMENTS))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("-1e-5", -1e-5),
        ("-inf", -math.inf),
        ("2*pi", 2 * math.pi),
        ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        ("zeros(2, 3)", np.zeros((2, 3))),
        ("zeros((2, 3))", np.zeros((2, 3))),
        ("ones(3) * 2", [2, 2, 2]),
        ("eye(2)", np.eye(2)),
        ("arange(3)", [0, 1, 2]),
        ("arange(1, 2, 0.5)", [1, 1.5]),
        ("arange(3, 1)", []),
        ("linspace(0, 1, 3)", [0, 0.5, 1]),
        ("a = 2; a * a", 4),
    ],
)
def test_values_of_variables(text, expected):
    result = value(text)
    assert type(result) is np.ndarray
    assert result.dtype == float
    assert result.flags.writeable
    np.testing.assert_array_equal(result, np.array(expected, float))


def test_random_values_have_a_stream_for_each_name_and_seed():
    first = value("randn(3)", 0, "W")
    np.testing.assert_array_equal(first, value("randn(3)", 0, "W"))
    assert not np.array_equal(first, value("randn(3)", 0, "b"))
    assert not np.array_equal(first, value("randn(3)", 1, "W"))
    twice = value("[rand(2), rand(2)]")
    assert not np.array_equal(twice[0], twice[1])
    assert np.all((value("rand(100)") >= 0) & (value("rand(100)") < 1))


@pytest.mark.parametrize(
    ("text", "message"), [("x + 1", "cannot use a variable"), ("1, 2", "single number or array")]
)
def test_what_is_no_value(text, message):
    with pytest.raises(ExpressionError, match=message):
        value(text)


def test_no_name_is_both_an_op_and_a_maker():
    assert MAKERS
    assert not OPS.keys() & MAKERS.keys()


def test_truth_values_are_numbers_in_arithmetic_and_masks_in_an_index():
    assert run("exp(x > 0) * x", x=1).outputs[0].data == pytest.approx(math.e)
    assert run("(x > 0) + (x > 1) + x", x=2).outputs[0].data == 4.0
    assert run("-(x > 0) * x", x=2).outputs[0].dtype == float
    assert value("1 > 0").dtype == float
    np.testing.assert_array_equal(run("x[[True, False]]", x=[1, 2]).outputs[0].data, [1.0])
    np.testing.assert_array_equal(run("x * [True, False]", x=[1, 2]).outputs[0].data, [1.0, 0.0])


def test_an_output_takes_a_free_name():
    assert run("out * y", out=1, y=2).outputs[0].name == "out2"
    assert [y.name for y in run("y0 * 2, 3 * y0", y0=1).outputs] == ["out0", "out1"]


def test_get_item_by_its_name_takes_what_an_index_takes():
    x = np.array([1.0, 2.0, 3.0])
    for key in ("[2, 0, 0]", "0", "-1", "x > 1"):
        (by_name,) = run(f"get_item(x, {key})", x=x).outputs
        (index,) = run(f"x[{key}]", x=x).outputs
        np.testing.assert_array_equal(by_name.data, index.data)


@pytest.mark.parametrize("text", ["pow(x, (2, 2))", "x + sin(None)", "mul((1, 2), x)", "sum((x,))"])
def test_an_operand_is_no_tuple_and_not_none(text):
    with pytest.raises(EvaluationError, match="a value belongs here, not") as raised:
        run(text, x=1.0)
    assert raised.value.hint == "write an array in square brackets: [1, 2]"
