"""Local derivatives by hand; tests/contract/test_events.py has them over the table of ops."""

import numpy as np
import pytest
from support.graphs import with_events

import dezero
from dezero import Variable
from dezero.functions import exp, sin
from dzviz.python.recording import record
from dzviz.sources.local_rules import LONGEST, formula, local_derivative


def rules(graph):
    return [(e.formula, e.local) for e in graph.events if e.kind == "rule"]


@pytest.mark.parametrize(
    ("expression", "text", "local"),
    [
        ("sin(x)", "cos(x)", np.cos(3.0)),
        ("x**3", "3 * x ** 2", 27.0),
        ("exp(x)", "y", np.exp(3.0)),
        ("tanh(x)", "1 - y * y", 1 - np.tanh(3.0) ** 2),
        ("2 / x", "-1 * y / x", -2 / 9),
        ("x - 2", "1", 1.0),
    ],
)
def test_by_hand(expression, text, local):
    ((found, value),) = rules(with_events(expression, x=3))
    assert found == text
    assert value == pytest.approx(local, rel=1e-14)


def test_a_matrix_product_has_a_rule_but_no_local_derivative():
    _, product = rules(with_events("sum(x @ [[1, 2], [3, 4]])", x=[[1, 2]]))
    assert product == ("upstream @ [[1, 2], [3, 4]].T", None)


def test_a_broadcast_operand_gets_a_sum():
    texts = [
        text for text, local in rules(with_events("sum(a*b)", a=2, b=[1, 2, 3])) if local is None
    ]
    assert texts == ["sum_to(upstream * b, ())"]


def test_a_rule_of_ones_own_is_not_run_again_and_has_no_formula():
    calls = []

    class Cube(dezero.Function):
        def forward(self, x):
            return x**3

        def backward(self, gy):
            calls.append(gy)
            return gy * 3 * self.inputs[0] ** 2

    graph = record(lambda x: sin(Cube()(x)), 2.0)
    assert len(calls) == 1
    text, local = rules(graph)[-1]
    assert text is None
    assert local == pytest.approx(12)
    arrays = record(lambda x: Cube()(x), [1.0, 2.0])
    assert rules(arrays) == [(None, None)]


def test_a_formula_that_is_too_long_is_none():
    x = Variable(np.array(1.0), "a name of very many words " * 8)
    y = sin(x)
    assert formula(y.creator, 0, {x: x.name}) is None
    assert len(formula(y.creator, 0, {x: "x" * (LONGEST - 5)})) == LONGEST


def test_a_function_whose_output_is_gone_has_none():
    x = Variable(np.array(1.0), "x")
    y = exp(x)
    creator = y.creator
    del y
    assert formula(creator, 0, {x: "x"}) is None


def test_an_upstream_that_is_missing_or_zero_explains_nothing():
    x = Variable(np.array(1.0), "x")
    y = sin(x)
    assert local_derivative(y.creator, 0, None, 1.0) is None
    assert local_derivative(y.creator, 0, np.float64(0), np.float64(0)) == np.cos(1.0)


def test_an_input_called_upstream_is_another_one():
    texts = [
        text
        for text, _ in rules(
            with_events("sum(upstream @ x)", upstream=[[1, 2]], x=[[1, 2], [3, 4]])
        )
    ]
    assert "upstream_ @ x.T" in texts
