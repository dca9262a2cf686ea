"""Values of micrograd: repeated operands, shares from its own rules, nothing of theirs moved."""

import subprocess
import sys

import numpy as np
import pytest
from support.docs import ROOT
from support.mymicrograd import Value, total

import dzviz
from dzviz.graph.model import FunctionNode, VariableNode
from dzviz.styles import STYLES

EXPRESSIONS = [
    *("x * x", "x + x", "x * w", "x * x * x", "x ** 3", "x * w + x", "x.tanh() * w", "x * 2 + 1"),
    *("(x * w + x ** 2).relu() + w", "x * x + x * x", "total([x, w, x])", "(x * w).tanh() ** 2"),
]


def make(expression):
    x, w = Value(0.7, label="x"), Value(-1.3, label="w")
    return x, w, eval(expression, {"x": x, "w": w, "total": total})


def shares(graph, id):
    return [edge.contribution for edge in graph.edges if edge.source == id and edge.arg is not None]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_shares_add_up_to_gradients(expression):
    *_, y = make(expression)
    y.backward()
    graph = dzviz.snapshot(y)
    for node in graph.nodes:
        if isinstance(node, VariableNode):
            expected = sum(shares(graph, node.id)) + (node.role == "output")
            assert node.grad == pytest.approx(expected, rel=1e-14)
    assert "grad from backward of the output" in dzviz.draw(y).text
    assert "as found" not in dzviz.draw(y).text


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_gradients_are_those_of_differences(expression):
    x, w, y = make(expression)
    y.backward()
    names = {n.name: n.grad for n in dzviz.snapshot(y).nodes if isinstance(n, VariableNode)}
    known = {"x": x.data, "w": w.data}
    for name in known:
        if name not in names:
            continue
        at = []
        for step in (1e-6, -1e-6):
            values = {n: Value(v + step * (n == name)) for n, v in known.items()}
            at.append(eval(expression, {**values, "total": total}).data)
        assert names[name] == pytest.approx((at[0] - at[1]) / 2e-6, rel=1e-7)


def test_a_square_has_two_edges():
    x, _, y = make("x * x")
    y.backward()
    graph = dzviz.snapshot(y)
    edges = [edge for edge in graph.edges if edge.arg is not None]
    assert [(e.source, e.key, e.arg, e.contribution) for e in edges] == [
        ("v0", 0, 0, 0.7),
        ("v0", 1, 1, 0.7),
    ]
    assert x.grad == 1.4


def test_operands_stand_in_the_order_in_which_they_were_written():
    _, _, y = make("w * x")
    assert [e.source for e in dzviz.snapshot(y).edges if e.arg is not None] == ["v0", "v1"]
    assert dzviz.snapshot(y).nodes[0].name == "w"


def test_labels_and_names():
    *_, y = make("(x * w + x ** 2).relu().tanh()")
    graph = dzviz.snapshot(y)
    labels = [n.label for n in graph.nodes if isinstance(n, FunctionNode)]
    assert labels == ["*", "** 2", "+", "relu", "tanh"]
    assert [n.name for n in graph.nodes if isinstance(n, VariableNode)][:2] == ["x", "w"]


def test_before_a_pass_there_are_no_gradients():
    *_, y = make("x * w + x")
    graph = dzviz.snapshot(y)
    assert {n.grad_state for n in graph.nodes if isinstance(n, VariableNode)} == {"none"}
    assert not graph.passes
    assert "zero" not in dzviz.draw(y).text


def test_nothing_of_theirs_is_touched():
    x, w, y = make("x * w + x ** 2")
    y.backward()
    values = [x, w, y, *y._prev]
    before = [dict(vars(v)) for v in values]
    for _ in range(2):
        dzviz.render(y, "svg")
    assert [dict(vars(v)) for v in values] == before


def test_a_pass_that_is_run_twice_makes_no_claim():
    *_, y = make("x * w + x ** 2")
    y.backward()
    y.backward()
    text = dzviz.draw(y).text
    assert "grad as found: which passes made it is not known" in text
    assert "shares: by the rules, from gradients as found" in text


def test_a_forgotten_sum_is_drawn_as_it_was_computed():
    class Wrong(Value):
        def __mul__(self, other):
            out = Wrong(self.data * other.data, (self, other), "*")

            def backward():
                self.grad = other.data * out.grad
                other.grad = self.data * out.grad

            out._backward = backward
            return out

    x = Wrong(3.0, label="x")
    y = x * x
    y.backward()
    graph = dzviz.snapshot(y)
    assert graph.nodes[0].grad == 3
    assert shares(graph, "v0") == [3, 3]
    assert "as found" in dzviz.draw(y).text


def test_a_rule_that_cannot_be_copied_has_no_shares():
    class Bound(Value):
        def rule(self):
            pass

    x = Bound(2.0)
    y = Bound(4.0, (x,), "odd")
    y._backward = y.rule
    y.grad = 1.0
    graph = dzviz.snapshot(y)
    assert shares(graph, "v0") == [None]


def test_it_is_the_same_in_every_process():
    program = (
        "from support.mymicrograd import Value, total\nimport dzviz\n"
        "x, w = Value(2.0), Value(2.0)\n"
        "y = total([x * w, w * x, x, w + 1, x ** 2]).tanh() * x\ny.backward()\n"
        "print(dzviz.to_dot(y))\n"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(3)
    }
    assert len(printed) == 1


def test_a_deep_graph_needs_no_stack():
    x = y = Value(1.0, label="x")
    for _ in range(5000):
        y = y + x
    assert len(dzviz.snapshot(y).edges) == 15_000


@pytest.mark.parametrize("style", STYLES)
def test_every_style_draws_it(style):
    *_, y = make("(x * w + x ** 2).relu() + w")
    y.backward()
    assert dzviz.render(y, "svg", style=style)


def test_a_list_of_values_and_a_watch():
    x = Value(2.0, label="x")
    with dzviz.watch() as tape:
        y = x * x
        y.backward()
    assert shares(tape.graph(y), "v0") == [2, 2]
    assert len(dzviz.snapshot([y, x + y]).outputs) == 2
    assert np.isfinite(dzviz.snapshot([y, x + y]).nodes[0].grad)
