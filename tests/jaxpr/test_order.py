"""The order of a pass is that in which JAX asks for the rules; films, pages and traces tell it."""

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import dzviz
from dzviz.graph.model import FunctionNode, VariableNode
from dzviz.graph.rules import close
from dzviz.graph.states import steps


def op(name, asked):
    """Return the square with a rule of its own, which writes down when it is asked for."""

    @jax.custom_vjp
    def square(x):
        return x * x

    def forward(x):
        return x * x, x

    def backward(x, gy):
        asked.append(name)
        return (2 * x * gy,)

    square.defvjp(forward, backward)
    square.__name__ = name
    return square


def test_rules_are_asked_for_in_the_order_that_is_told():
    asked = []
    a, b, c, d = (op(name, asked) for name in "abcd")

    def loss(x, w):
        left = a(x)
        right = b(w * x)
        return jnp.sum(d(left + right) + c(right) * left)

    x, w = jnp.array([1.0, 2.0]), jnp.array(3.0)
    jax.grad(loss)(x, w)
    own = list(asked)
    assert len(own) == 4
    graph = dzviz.record(loss, x, w)
    nodes = {node.id: node for node in graph.nodes}
    rules = [id for id, n in nodes.items() if isinstance(n, FunctionNode) and n.op == "custom_vjp"]
    popped = [event.function for event in graph.events if event.kind == "pop"]
    lines = {"a": 0, "b": 1, "c": 3, "d": 2}  # which of them is computed when
    order = sorted(rules, key=popped.index)
    assert [sorted(rules).index(id) for id in order] == [
        sorted(lines, key=lines.get).index(name) for name in own
    ]


def loss(params, x):
    for w, b in params:
        x = jax.nn.relu(x @ w + b)
    return jnp.mean((x - jnp.where(x > 0, jnp.log(x + 1), 0.0)) ** 2)


PARAMS = [(jnp.full((2, 3), 0.3), jnp.zeros(3)), (jnp.full((3, 2), 0.2), jnp.ones(2))]


def test_the_events_of_a_pass_tell_all_of_it():
    """What they add up to is what JAX gives."""
    x = jnp.array([[1.0, 2.0], [0.5, -1.0]])
    graph = close(dzviz.record(loss, PARAMS, x), None)
    nodes = {node.id: node for node in graph.nodes}
    sent = {}
    seen = []
    for event in graph.events:
        if event.kind == "seed":
            sent[event.variable] = np.asarray(event.value)
        elif event.kind == "rule":
            assert seen[-1] == event.function
            before = sent.get(event.variable, 0.0)
            sent[event.variable] = before + np.asarray(event.value)
        elif event.kind == "sum":
            np.testing.assert_allclose(sent[event.variable], event.value, rtol=1e-12)
        elif event.kind == "pop":
            assert event.waiting is None
            seen.append(event.function)
            assert isinstance(nodes[event.function], FunctionNode)
    gradients = jax.tree_util.tree_leaves(jax.grad(loss, argnums=(0, 1))(PARAMS, x))
    leaves = [n for n in graph.nodes if isinstance(n, VariableNode) and n.role == "input"]
    assert len(leaves) == len(gradients)
    for node in leaves:
        kept = [e for e in graph.events if e.kind == "keep" and e.variable == node.id]
        assert len(kept) == 1, node.name
        np.testing.assert_allclose(sent[node.id], node.grad, rtol=1e-12)
        assert any(
            g.shape == node.grad.shape and np.allclose(g, node.grad, rtol=1e-12) for g in gradients
        )
    assert len(seen) == len(set(seen))
    results = {edge.source: edge.target for edge in graph.edges if edge.arg is None}
    for earlier, later in pairwise(seen):
        assert list(results).index(earlier) > list(results).index(later)


@pytest.mark.parametrize("suffix", ["svg", "html"])
def test_films_and_pages_show_each_step(suffix):
    graph = dzviz.record(loss, PARAMS, jnp.array([[1.0, 2.0]]))
    written = dzviz.render(graph, "animation" if suffix == "svg" else "html")
    assert len(written) > 1000
    states = [each.graph if hasattr(each, "graph") else each for each in steps(close(graph, None))]
    assert len(states) > 40


def test_a_loop_that_cannot_be_reversed_sends_nothing():
    graph = dzviz.record(
        lambda x: jax.lax.while_loop(lambda c: c < 100, lambda c: c * 2, x) * 3, jnp.array(2.0)
    )
    kinds = [event.kind for event in graph.events]
    assert kinds.count("rule") == kinds.count("pop") * 1 <= 1
    assert "keep" not in kinds
