"""What is recorded of programs: gradients are JAX's own, totals the sums of their shares."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from support.jax_programs import PROGRAMS

import dzviz
from dzviz.graph.model import FunctionNode, VariableNode
from dzviz.graph.nonfinite import is_finite
from dzviz.graph.ranges import Range


@cache
def recorded(name):
    f, args = PROGRAMS[name]
    return dzviz.record(f, *args, backend="jax")


def total(f):
    """The function whose gradient is that of all outputs together."""

    def summed(*args):
        leaves = jax.tree_util.tree_leaves(f(*args))
        return sum(jnp.sum(y) for y in leaves if jnp.issubdtype(y.dtype, jnp.floating))

    return summed


def variables(graph):
    return {node.id: node for node in graph.nodes if isinstance(node, VariableNode)}


def inputs(graph):
    return {node.name: node for node in variables(graph).values() if node.role == "input"}


def is_float(x):
    return jnp.issubdtype(jnp.asarray(x).dtype, jnp.floating)


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_are_those_of_jax(name):
    f, args = PROGRAMS[name]
    grad = jax.grad(total(f), argnums=tuple(range(len(args))), allow_int=True)
    expected = jax.tree_util.tree_leaves(grad(*jax.tree_util.tree_map(jnp.asarray, args)))
    leaves = jax.tree_util.tree_leaves(args)
    graph = recorded(name)
    found = [node for node in inputs(graph).values() if node.grad is not None]
    wanted = [g for g, x in zip(expected, leaves, strict=True) if is_float(x)]
    assert len(found) == len(wanted) > 0
    for node, gradient in zip(found, wanted, strict=True):
        np.testing.assert_allclose(node.grad, gradient, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", PROGRAMS)
def test_values_are_those_of_jax(name):
    f, args = PROGRAMS[name]
    expected = jax.tree_util.tree_leaves(f(*jax.tree_util.tree_map(jnp.asarray, args)))
    graph = recorded(name)
    found = [variables(graph)[id] for id in graph.outputs]
    for node, value in zip(found, expected, strict=True):
        np.testing.assert_allclose(node.data, value, rtol=1e-12)
        assert node.shape == value.shape
        assert node.dtype == str(value.dtype)


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_total_is_the_sum_of_its_shares(name):
    graph = recorded(name)
    shares = {}
    for edge in graph.edges:
        if edge.contribution is not None:
            shares.setdefault(edge.source, []).append(edge.contribution)
    looked_at = 0
    for node in variables(graph).values():
        gradient = node.grad if node.grad is not None else node.grad_was
        if gradient is None or isinstance(gradient, Range) or not is_finite(gradient):
            continue
        terms = shares.get(node.id, []) + ([] if node.seed is None else [node.seed])
        size = max([np.max(np.abs(term)) for term in terms], default=0.0)
        np.testing.assert_allclose(sum(terms), gradient, rtol=0, atol=1e-12 * size)
        looked_at += 1
    assert looked_at > 0


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_graph_is_whole_and_can_be_drawn(name):
    graph = recorded(name)
    kinds = {node.id: type(node) for node in graph.nodes}
    assert len(kinds) == len(graph.nodes)
    seen = set()
    for node in graph.nodes:
        operands = [e.source for e in graph.edges if e.target == node.id]
        assert seen.issuperset(operands), f"{node.id} stands before what it is computed from"
        seen.add(node.id)
    members = [id for group in graph.groups for id in group.nodes]
    assert len(members) == len(set(members))
    assert kinds.keys() >= set(members)
    assert FunctionNode in kinds.values()
    for format in ("text", "dot", "mermaid", "json"):
        assert dzviz.render(graph, format)


def test_the_same_call_gives_the_same_bytes():
    f, args = PROGRAMS["cross-entropy"]
    again = dzviz.render(dzviz.record(f, *args, backend="jax"), "json", full=True)
    assert dzviz.render(recorded("cross-entropy"), "json", full=True) == again


def test_what_the_program_computes_is_not_changed():
    f, args = PROGRAMS["pytree MLP"]
    args = jax.tree_util.tree_map(jnp.asarray, args)
    before = jax.tree_util.tree_map(np.array, args)
    graph = dzviz.record(f, *args, backend="jax")
    for kept, now in zip(*map(jax.tree_util.tree_leaves, (before, args)), strict=True):
        assert kept.tobytes() == np.array(now).tobytes()
    (y,) = (variables(graph)[id] for id in graph.outputs)
    assert y.data.tobytes() == np.array(f(*args)).tobytes()


def test_a_planted_mistake_is_seen(monkeypatch):
    from dzviz.sources.jaxpr import shares

    made = shares._pass

    def wrong(*args):
        sent = made(*args)
        first = next(iter(sent))
        return sent | {first: sent[first] * 1.001}

    monkeypatch.setattr(shares, "_pass", wrong)
    recorded.cache_clear()
    with pytest.raises(AssertionError):
        test_gradients_are_those_of_jax("pytree MLP")
    recorded.cache_clear()
