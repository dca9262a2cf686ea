"""Expressions as text, read back by Python."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.graphs import with_events

import dzviz
from dezero import Function
from dzviz.text.expressions import applied
from dzviz.text.formulas import LONGEST, names_of

OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}

leaves = st.sampled_from([("2", 2.0), ("0.5", 0.5), ("-3", -3.0), ("x", 1.5)])


def combined(parts):
    def binary(label, a, b):
        return applied(label, [a[0], b[0]]), OPERATORS[label](a[1], b[1])

    return st.one_of(
        st.builds(binary, st.sampled_from(["+", "-", "*"]), parts, parts),
        st.builds(lambda a: (applied("-", [a[0]]), -a[1]), parts),
        st.builds(lambda a: (applied("** 2", [a[0]]), a[1] ** 2), parts),
        st.builds(lambda a: (applied("abs", [a[0]]), abs(a[1])), parts),
    )


@given(st.recursive(leaves, combined, max_leaves=12))
def test_python_reads_what_was_meant(pair):
    text, value = pair
    assert eval(text, {"x": 1.5, "abs": abs}) == pytest.approx(value, rel=1e-12)


def test_there_are_few_brackets():
    assert applied("+", [applied("*", ["a", "b"]), "c"]) == "a * b + c"
    assert applied("*", [applied("+", ["a", "b"]), "c"]) == "(a + b) * c"
    assert applied("-", ["a", applied("-", ["b", "c"])]) == "a - (b - c)"
    assert applied("**", ["-2", "x"]) == "(-2) ** x"
    assert applied("sum axis=0", ["x"]) == "sum(x, axis=0)"
    assert applied("[1:]", [applied("T", ["W"])]) == "W.T[1:]"
    assert applied("-", [applied("-", ["a"])]) == "--a"


def test_a_variable_without_a_name_is_called_by_what_computed_it():
    graph = with_events("a = x**2; a*sin(a)", x=3)
    names, made = names_of(graph.nodes, graph.edges)
    assert [names[n.id] for n in graph.nodes] == ["x", "** 2", "a", "sin", "sin(a)", "*", "y"]
    assert made["v3"] == "a * sin(a)"
    assert made["v2"] == "sin(a)"


def test_a_long_text_is_no_name():
    graph = with_events("sin(" * 12 + "x" + ")" * 12, x=3)
    names, _ = names_of(graph.nodes, graph.edges)
    assert max(map(len, names.values())) <= LONGEST
    assert any(name.startswith("v") for name in names.values())


def test_several_results_of_one_function_have_names_of_their_own():
    class Both(Function):
        def forward(self, x):
            return 2 * x, 3 * x

        def backward(self, a, b):
            return 2 * a + 3 * b

    def product(x):
        a, b = Both()(x)
        return a * b

    graph = dzviz.record(product, 2.0)
    names, made = names_of(graph.nodes, graph.edges)
    results = [edge.target for edge in graph.edges if edge.arg is None][:2]
    assert [names[id] for id in results] == results
    assert {made[id] for id in results} == {"Both(x)"}
    text = repr(dzviz.trace(graph))
    assert f"{results[0]} = Both(x)" in text
    assert f"{results[1]} = Both(x)" in text
    assert f"y = {' * '.join(results)}" in text
