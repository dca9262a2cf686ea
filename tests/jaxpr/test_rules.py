"""Calls with a rule of their own: one node to a pass, whose body shows values alone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from support.graphs import drawn, labels
from support.jax_programs import clipped, kink, of_clipped, of_scaled

import dzviz
from dzviz.errors import EvaluationError
from dzviz.graph.model import VariableNode


def recorded(f, *args):
    return dzviz.record(f, *args, backend="jax")


def test_the_gradient_is_the_rules_and_not_that_of_the_body():
    graph = recorded(of_clipped, np.array([0.3, -2.0]))
    assert graph.nodes[0].grad.tolist() == [0.1, 0.1]  # by its body 5
    graph = recorded(of_scaled, 0.4)
    assert graph.nodes[0].grad == pytest.approx(100 * np.cos(0.4), rel=1e-15)


def test_relu_at_zero():
    graph = recorded(kink, np.array([0.0]))
    assert graph.nodes[0].grad.tolist() == [0]  # by its body 1.5 and more


def test_such_a_call_is_one_node():
    graph = recorded(of_clipped, np.array([0.3, -2.0]))
    assert labels(drawn(graph)) == ["clipped", "*", "sum"]
    assert drawn(graph).groups == ()
    assert labels(drawn(graph, depth=0)) == ["clipped", "*", "sum"]
    text = dzviz.render(graph, "text").decode()
    assert "clipped of x" in text


def test_it_opens_for_values_alone():
    graph = drawn(recorded(of_clipped, np.array([0.3, -2.0])), depth=1)
    assert labels(graph) == ["*", "clipped", "*", "sum"]
    (frame,) = graph.groups
    assert (frame.name, frame.kind) == ("clipped", "custom_vjp")
    values = [n for n in graph.nodes if isinstance(n, VariableNode) and n.id in frame.nodes]
    inner = next(n for n in values if n.role == "intermediate")
    assert inner.data.tolist() == [0.3, -2.0]
    assert inner.grad is inner.grad_was is None
    assert inner.grad_note == "within clipped, which has a rule of its own"
    sent = {e.source: e.contribution for e in graph.edges if e.target == "f1"}
    assert sent[inner.id] is None
    assert sent["v0"].tolist() == [0.1, 0.1]


def test_the_caption_does_not_claim_what_a_rule_may_not_give():
    assert "dy/d(node)" not in dzviz.render(recorded(of_clipped, np.ones(2)), "text").decode()
    assert "grad from backward of y" in dzviz.render(recorded(of_scaled, 0.4), "text").decode()
    assert "dy/d(node)" in dzviz.render(recorded(jnp.sin, 0.4), "text").decode()


def test_rules_within_rules_and_in_loops():
    @jax.custom_jvp
    def outer(x):
        return clipped(jnp.sin(x)) * 2

    outer.defjvp(lambda xs, dxs: (outer(*xs), dxs[0] * 7.0))

    def f(x):
        return jax.lax.scan(lambda c, _: (outer(c), None), x, None, length=2)[0]

    graph = recorded(f, 0.5)
    assert graph.nodes[0].grad == 49
    assert labels(drawn(graph)) == ["outer", "outer"]
    assert {g.name for g in drawn(graph, 9).groups} >= {"outer", "clipped"}
    assert len(labels(drawn(graph, 9))) == 10
    assert len(labels(drawn(graph, 3))) == 8  # `clipped` lies four deep


def test_a_call_of_a_rule_that_fails_is_told_by_its_line():
    @jax.custom_vjp
    def broken(x):
        return x

    def backward(_, g):
        raise RuntimeError("no rule today")

    broken.defvjp(lambda x: (x, None), backward)
    with pytest.raises(EvaluationError, match=r"backward pass of f.*no rule today.*line \d+"):
        recorded(lambda x: broken(x) * 2, 1.0)


def test_infinities_within_a_rule_are_no_trouble_of_the_picture():
    @jax.custom_jvp
    def safe(x):
        return jnp.where(x > 0, jnp.log(x), 0.0)

    safe.defjvp(lambda xs, dxs: (safe(*xs), dxs[0]))
    graph = recorded(safe, 0.0)
    assert graph.trouble is None
    assert "infinity" not in dzviz.render(graph, "text").decode()
