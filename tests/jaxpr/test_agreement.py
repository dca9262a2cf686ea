"""The same expressions through our engine and through JAX: values, gradients and shares."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from support.expressions import EXPRESSIONS, arrays, function_of
from support.graphs import graph_of

import dzviz
from dzviz.graph.model import VariableNode

WITHIN = 1e-12


def gradient(node):
    return node.grad if node.grad is not None else node.grad_was


def borders(graph):
    """Each value with its gradient, and what flowed back to it."""
    shares = {}
    for edge in graph.edges:
        if edge.contribution is not None:
            shares.setdefault(edge.source, []).append(np.asarray(edge.contribution))
    return [
        (node, gradient(node), shares.get(node.id, []))
        for node in graph.nodes
        if isinstance(node, VariableNode) and gradient(node) is not None
    ]


def same(a, b, size=None):
    if np.shape(a) != np.shape(b):
        return False
    size = max(np.max(np.abs(a)), np.max(np.abs(b))) if size is None else size
    return bool(np.max(np.abs(np.asarray(a) - b)) <= WITHIN * size)


def by_size(shares):
    return sorted(shares, key=lambda share: share.ravel().tolist())


@pytest.mark.parametrize(("text", "values"), EXPRESSIONS, ids=[text for text, _ in EXPRESSIONS])
def test_both_engines_agree(text, values):
    ours = graph_of(text, **values)
    theirs = record(text, values)
    compared = 0
    found = borders(theirs)
    for node, total, shares in borders(ours):
        size = max([np.max(np.abs(share)) for share in shares], default=None)
        alike = [b for b in found if same(node.data, b[0].data) and same(total, b[1], size)]
        if node.role == "input":
            alike = [b for b in alike if b[0].name == node.name]
            assert alike, f"the gradients of {node.name} differ"
        for _, _, others in alike:
            if len(others) == len(shares):
                pairs = zip(by_size(shares), by_size(others), strict=True)
                assert all(same(a, b, size) for a, b in pairs), f"shares of {node.id} differ"
                compared += 1
                break
    assert compared >= 2
    outputs = [next(n for n in g.nodes if n.id == g.outputs[0]) for g in (ours, theirs)]
    assert same(*(y.data for y in outputs))


@pytest.mark.parametrize(("text", "values"), EXPRESSIONS, ids=[text for text, _ in EXPRESSIONS])
def test_gradients_are_those_of_jax_itself(text, values):
    f = function_of(text, vars(jnp))
    expected = jax.grad(lambda xs: jnp.sum(f(**xs)))({k: jnp.asarray(v) for k, v in values.items()})
    nodes = {n.name: n for n in record(text, values).nodes if isinstance(n, VariableNode)}
    for name, gradient in expected.items():
        assert same(nodes[name].grad, np.asarray(gradient), 1 + np.max(np.abs(gradient)))


def record(text, values):
    given = arrays(values)
    names = list(given)
    scope = {"f": function_of(text, vars(jnp))}
    call = ", ".join(f"{name}={name}" for name in names)
    f = eval(f"lambda {', '.join(names)}: f({call})", scope)
    return dzviz.record(f, *given.values(), backend="jax")


def test_there_are_sixty():
    assert len({text for text, _ in EXPRESSIONS}) == len(EXPRESSIONS) == 60
