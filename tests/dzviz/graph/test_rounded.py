"""What is only rounding is told as such, and nothing else is."""

import json

import numpy as np
import pytest
from support.graphs import with_events

import dezero
import dzviz
from dezero import Function, Variable
from dezero.functions import exp, sin, softmax
from dzviz.graph.model import VariableNode
from dzviz.graph.rounded import Rounded, bound_of, extreme, is_zero, mean, rounded
from dzviz.options import FULL, Look, View
from dzviz.pipeline import Computation, compute
from dzviz.pipeline.view import chosen
from dzviz.sources.expression import read
from dzviz.sources.snapshot import LARGE, snapshot
from dzviz.text.numbers import EXACT, NOISE, NOISE_MEANING, number, summary, value_text


def graph_of(expression, *, words=FULL, order=0, recorded=False, **values):
    given = {name: str(value) for name, value in values.items()}
    run = compute(Computation(read(expression), given, order=order), recorded=recorded)
    run.backward(retain_grad=True)
    return run.graph(words=words)


def text_of(expression, **values):
    return dzviz.render(graph_of(expression, **values), "text").decode()


def node(graph, name):
    return next(n for n in graph.nodes if isinstance(n, VariableNode) and n.name == name)


ONLY_ROUNDING = {
    "sum(x) - 0.6": {"x": "[0.1, 0.2, 0.3]"},
    "x + 0.2 - 0.3": {"x": 0.1},
    "0.1 + 0.2 - x": {"x": 0.3},
    "sin(x)**2 + cos(x)**2 - 1": {"x": 0.3},
    "log(exp(x)) - x": {"x": 0.7},
    "1e-30 * (x + 0.2 - 0.3)": {"x": 0.1},
    "1e15 * (x + 0.2 - 0.3)": {"x": 0.1},
    "exp(x)": {"x": -1000},  # what it is cannot be written
    "2 * x - x - x + (x + 0.2) - (0.2 + x)": {"x": 0.1},  # it is computed as 0
}
NUMBERS = {
    "x - 0.6": ({"x": 0.6000000000000001}, "1.110e-16"),
    "sin(x)": ({"x": 1e-9}, "1e-9"),
    "x * 1e-30": ({"x": 2}, "2e-30"),
    "cos(x)": ({"x": 1.5707963267948966}, "6.123e-17"),
    "x - x": ({"x": 0.1}, "0"),
    "0 * sin(x)": ({"x": 0.1}, "0"),
    "relu(x - 0.3)": ({"x": 0.1}, "0"),
    "x**3 - 27": ({"x": 3}, "0"),
    "1 - x": ({"x": 0.99999999}, "1.000e-8"),
    "x + 0.2": ({"x": 0.1}, "0.3"),
    "x * 3 / 3": ({"x": 0.1}, "0.1"),
    "x + 1": ({"x": 1e-5}, "1.000"),
    "sin(x)**2 + cos(x)**2": ({"x": 0.3}, "1"),
}


@pytest.mark.parametrize("expression", ONLY_ROUNDING)
def test_what_is_only_rounding_is_told_as_such(expression):
    graph = graph_of(expression, **ONLY_ROUNDING[expression])
    assert value_text(node(graph, "y").data, Look()) == "~0"
    assert f"{NOISE}: {NOISE_MEANING}" in dzviz.render(graph, "text").decode()
    assert "~0" in dzviz.render(graph, "alt").decode()


@pytest.mark.parametrize("expression", NUMBERS)
def test_what_is_a_number_is_told_as_one(expression):
    values, said = NUMBERS[expression]
    graph = graph_of(expression, **values)
    assert value_text(node(graph, "y").data, Look()) == said
    if said not in ("0", "1"):
        assert f"{NOISE}: {NOISE_MEANING}" not in dzviz.render(graph, "text").decode()


def test_gradients_that_are_only_rounding_count_as_zero():
    graph = graph_of("softmax(z, axis=0), exp(z)/sum(exp(z))", z="[1, 2, 3]")
    z = node(graph, "z")
    assert value_text(z.grad, Look()) == "[~0, ~0, ~0]"
    assert is_zero(z.grad)


def test_a_mean_of_noise_is_noise():
    graph = graph_of("softmax_cross_entropy(x@W, [0, 2])", x="randn(2, 4)", W="randn(4, 3)")
    said = summary(node(graph, "W").grad, Look())
    assert said.endswith("mean ~0")
    assert "~0" not in said.removesuffix("mean ~0")
    assert f"{NOISE}: {NOISE_MEANING}" in dzviz.render(graph, "text").decode()


def logistic(x):
    for _ in range(100):
        x = 3.9 * x * (1 - x)
    return x


def newton(x):
    for _ in range(4):
        x = x - (x * x - 2) / (2 * x)
    return x * x - 2


def descent(x):
    for _ in range(60):
        x = x - 0.1 * 2 * (x - 3)
    return x


@pytest.mark.parametrize("f", [logistic, descent])
def test_loops_mark_no_number_of_theirs(f):
    graph = dzviz.record(f, 0.3)
    said = dzviz.render(graph, "text", max_nodes=10_000).decode()
    data = [line for line in said.splitlines() if "~0" in line]
    assert not data


def test_a_residual_is_noise_when_the_iteration_has_converged():
    x, exact = Variable(np.array(1.4)), 2**0.5
    graph = snapshot(newton(x))
    residuals = [n for n in graph.nodes if isinstance(n, VariableNode) and is_zero(n.data)]
    assert residuals
    for residual in residuals:
        assert abs(float(residual.data)) < 4e-15 * exact


def test_graphs_without_bounds_mark_nothing():
    given = {"x": "[0.1, 0.2, 0.3]"}
    graph = graph_of("sum(x) - 0.6", words=0, **given)
    assert not any(isinstance(n.data, Rounded) for n in graph.nodes if hasattr(n, "data"))
    assert "~0" not in dzviz.render(graph, "text").decode()


def test_nothing_is_known_behind_a_function_of_the_users_own():
    class Own(Function):
        def forward(self, x):
            return x + 0.2

        def backward(self, gy):
            return gy

    x = Variable(np.array(0.1), "x")
    y = Own()(x) - 0.3
    y.backward(retain_grad=True)
    assert "5.551e-17" in dzviz.render(y, "text").decode()


def test_gradients_that_were_changed_have_no_bound():
    z = Variable(np.array([1.0, 2.0, 3.0]), "z")
    y = softmax(z, axis=0)
    y.backward()
    assert is_zero(node(snapshot(y), "z").grad)
    z.grad = np.array([1e-17, 0.0, 0.0])
    assert not is_zero(node(snapshot(y), "z").grad)


def test_json_says_what_was_computed():
    graph = graph_of("sum(x) - 0.6", x="[0.1, 0.2, 0.3]")
    plain = graph_of("sum(x) - 0.6", words=0, x="[0.1, 0.2, 0.3]")
    said = dzviz.render(graph, "json")
    assert said == dzviz.render(plain, "json")
    assert [n["data"] for n in json.loads(said)["nodes"] if n.get("name") == "y"] == [
        np.sum([0.1, 0.2, 0.3]) - 0.6
    ]


def test_a_trace_says_so_too():
    graph = with_events("softmax(z, axis=0)", z="[1, 2, 3]")
    assert any(event.kind == "keep" and bound_of(event.value) is not None for event in graph.events)
    page = dzviz.render(graph, "html").decode()
    assert "[~0, ~0, ~0]" in page
    assert f"{NOISE}: {NOISE_MEANING}" in page
    assert str(node(graph, "z").grad.tolist()[0]) in page.replace(
        "\\u2212", "-"
    )  # the panels have all digits


def test_events_of_derivatives_have_bounds_too():
    graph = with_events("sin(x)**2 + cos(x)**2", order=1, x=0.3)
    last = [e for e in graph.events if e.variable == graph.outputs[0] and e.kind == "forward"]
    assert [value_text(event.value, Look()) for event in last] in ([], ["~0"])
    assert value_text(node(graph, "y'").data, Look()) == "~0"
    sums = [e.value for e in graph.events if e.kind == "sum" and e.turn == 1]
    assert any(is_zero(value) for value in sums)


def test_a_folded_range_of_noise_is_noise():
    y = x = Variable(np.array(0.1), "x")
    for _ in range(600):
        y = (y + 0.2 - 0.2 - y) + x
    graph = snapshot(y)
    folded, _ = chosen(graph, graph, View(), placed=True, film=False, style="boxes")
    assert folded.folded is not None
    assert "~0" in dzviz.render(graph, "text", fold="always").decode()


def test_of_large_graphs_what_matters_is_found_out():
    y = x = Variable(np.array(0.1), "x")
    for _ in range(LARGE):
        y = sin(y) * 0.5 + x
    z = y + (x + 0.2 - 0.3)
    z.backward(retain_grad=True)
    graph = snapshot(z)
    noise = [n for n in graph.nodes if isinstance(n, VariableNode) and is_zero(n.data)]
    assert [float(n.data) for n in noise] == [0.1 + 0.2 - 0.3]
    said = dzviz.render(z, "dot").decode()
    assert said.count("data ~0") == 1
    assert "data 0.3\\n" in said


def test_tooltips_have_twelve_digits():
    assert number(0.1, EXACT.precision) == "0.1"
    assert number(1 / 3, EXACT.precision) == "0.333333333333"
    assert number(0.1 + 0.2, EXACT.precision, 1e-16) == "0.3"
    assert "0.10000000000000001" not in dzviz.render(graph_of("x*3", x=0.1), "svg").decode()


@pytest.mark.parametrize(
    ("x", "bound", "said"),
    [
        (1e-17, 1e-16, "~0"),
        (0.0, 1e-300, "~0"),
        (0.0, 0.0, "0"),
        (1e-17, np.inf, "1e-17"),
        (0.30000000000000004, 1e-16, "0.3"),
        (0.30000000000000004, np.inf, "0.3000"),
        (1.00001, 1e-16, "1.000"),
        (1.0, 1e-16, "1"),
        (0.99999999999999989, 2e-16, "1"),
        (0.12344999999999999, 1e-16, "0.1235"),
        (0.12345000000000002, 1e-16, "0.1235"),
        (-0.12344999999999999, 1e-16, "-0.1235"),
        (123456.49999999999, 1e-10, "123457"),
        (np.nan, 1e-16, "NaN"),
        (np.inf, np.inf, "inf"),
    ],
)
def test_numbers_with_bounds(x, bound, said):
    assert number(np.float64(x), 4, bound) == said
    assert value_text(rounded(np.float64(x), np.float64(bound)), Look()) == said


def test_all_digits_are_those_of_the_number():
    assert number(np.float64(0.30000000000000004), 17, 1e-16) == "0.30000000000000004"
    assert number(np.float64(1e-17), 17, 1e-16) == number(1e-17, 17)


def test_extremes_and_means_of_bounded_numbers():
    values = np.array([1e-17, 5.0, -1e-17])
    bounds = np.array([1e-16, 0.0, 1e-16])
    assert number(extreme(values, bounds)) == "~0"
    assert number(extreme(values, bounds, high=True)) == "5"
    assert number(mean(np.array([1.0, -1.0]), np.array([1e-16, 1e-16]))) == "~0"
    assert number(mean(np.array([1.0, -1.0]), np.array([1e-16, np.inf]))) == "0"
    assert bound_of(extreme(values, np.full(3, np.inf))) is None
    assert bound_of(rounded(values, bounds)[1:]) is None


def test_what_is_exact_stays_a_plain_array():
    values = np.array([1.0, 2.0])
    assert rounded(values, np.zeros(2)) is values
    assert rounded(values, np.full(2, np.inf)) is values
    assert not rounded(values, np.full(2, 1e-16)).flags.writeable


def test_float32_is_told_by_its_own_roundings():
    x = Variable(np.array([0.1, 0.2, 0.3], np.float32), "x")
    y = dezero.functions.sum(exp(x) / exp(x)) - np.float32(3)
    assert value_text(snapshot(y).nodes[-1].data, Look()) == "~0"
