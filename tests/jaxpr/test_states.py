"""States of gradients in JAX's words, and values that are no ordinary numbers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import dzviz
from dzviz.errors import EvaluationError, UsageError
from dzviz.graph.model import VariableNode
from dzviz.graph.ranges import Range


def recorded(f, *args, **options):
    return dzviz.record(f, *args, backend="jax", **options)


def nodes(graph):
    return [node for node in graph.nodes if isinstance(node, VariableNode)]


def named(graph, name):
    return next(node for node in nodes(graph) if node.name == name)


def loop(x):
    return jax.lax.while_loop(lambda a: a < 10.0, lambda a: a * 2, x)


def test_whole_numbers_have_float0():
    graph = recorded(lambda x, i: x[i] * 2.0, np.ones(3), np.array([0, 2]))
    node = named(graph, "i")
    assert (node.grad, node.grad_state, node.grad_note) == (None, "none", "float0")
    assert "grad None (float0)" in dzviz.render(graph, "dot").decode()


def test_keys_have_float0_and_are_shown_as_their_data():
    graph = recorded(lambda x, key: x + jax.random.normal(key), 1.0, jax.random.key(7))
    node = named(graph, "key")
    assert node.data.tolist() == [0, 7]
    assert node.dtype == "key<fry>"
    assert node.grad_note == "float0"


def test_a_while_loop_is_not_reverse_differentiable():
    graph = recorded(lambda x: loop(x) * x, 1.5)
    x, y = named(graph, "x"), named(graph, "y")
    assert x.grad is x.grad_was is None
    assert x.grad_note == "not reverse-differentiable: while_loop of 3 passes"
    assert y.data == 18
    with pytest.raises(ValueError, match="Reverse-mode differentiation does not work"):
        jax.grad(lambda x: loop(x) * x)(1.5)


def test_what_a_while_loop_hides_is_all_that_stands_before_it():
    graph = recorded(lambda x, w: jnp.sin(loop(jnp.exp(x)) * w) + x, 0.5, 2.0)
    assert named(graph, "w").grad is not None
    assert named(graph, "x").grad is None
    unknown = [n for n in nodes(graph) if n.grad_note]
    assert [n.data.item() for n in unknown] == [0.5, np.exp(0.5)]
    loops = [n.id for n in graph.nodes if "while" in getattr(n, "label", "")]
    shares = {e.target: e.contribution for e in graph.edges if e.arg is not None}
    assert shares[loops[0]] is None
    numbers = [e.contribution for e in graph.edges if e.source == named(graph, "x").id]
    assert numbers == [None, 1.0]  # what the sum sent back is known, its total is not
    exp = [n.id for n in graph.nodes if getattr(n, "label", "") == "exp"]
    assert shares[exp[0]] is None


def test_a_while_loop_beside_the_gradient_hides_nothing():
    def f(x, n):
        steps = jax.lax.while_loop(lambda a: a < n, lambda a: a + 1, 0)
        return x * jax.lax.stop_gradient(loop(x)) + steps

    graph = recorded(f, 1.5, np.array(3))
    assert named(graph, "x").grad == jax.grad(f)(1.5, 3) == 12


def test_other_primitives_without_a_reverse_rule():
    def f(x):
        shape = jax.ShapeDtypeStruct((), jnp.float64)
        return jax.pure_callback(lambda a: np.sin(a), shape, x) + x

    graph = recorded(f, 1.5)
    assert named(graph, "x").grad_note == "not reverse-differentiable: pure_callback"


def test_before_backward_nothing_is_said():
    from dzviz.sources.backends import Settings
    from dzviz.sources.jaxpr.backend import JaxEngine

    engine = JaxEngine(Settings())
    evaluation = engine.evaluate("f", lambda x: loop(x), {"x": np.array(1.5)})
    graph = engine.graph(evaluation.outputs)
    assert [(n.grad, n.grad_note, n.grad_state) for n in nodes(graph)] == [(None, None, "none")] * 2
    assert engine.gradient(evaluation.inputs["x"]) == 0


def test_gradients_are_kept_where_they_are_asked_for():
    graph = recorded(lambda x: jnp.sin(x) * 2, 1.0)
    assert [n.grad_state for n in nodes(graph)] == ["leaf", "released", "constant", "released"]
    graph = recorded(lambda x: jnp.sin(x) * 2, 1.0, retain_grad=True)
    assert [n.grad_state for n in nodes(graph)] == ["leaf", "retained", "constant", "retained"]


def test_a_leaf_behind_a_comparison_has_zero_as_in_jax():
    graph = recorded(lambda x, w: jnp.where(x > 0, w, -w), 1.0, 2.0)
    assert named(graph, "x").grad == 0


def test_floats_that_numpy_has_not():
    graph = recorded(lambda x: jnp.sin(x) * x, np.array([1.0, 2.0]), dtype="bfloat16")
    assert {node.dtype for node in nodes(graph)} == {"bfloat16"}
    assert "bfloat16" in dzviz.render(graph, "text").decode()


def test_dtypes_that_jax_has_not(float32):
    with pytest.raises(UsageError, match="JAX has no floats of type 'int8'"):
        recorded(jnp.sin, 1.0, dtype="int8")
    with pytest.raises(UsageError, match="JAX has no floats of type 'real'"):
        recorded(jnp.sin, 1.0, dtype="real")
    with pytest.raises(UsageError, match="float64 only with jax_enable_x64"):
        recorded(jnp.sin, 1.0, dtype="float64")


def test_large_arrays_are_told_by_their_range():
    graph = recorded(lambda x: jnp.sum(x * x), np.linspace(0, 1, 5000))
    x = named(graph, "x")
    assert isinstance(x.data, Range)
    assert (x.data.low, x.data.high, x.shape) == (0, 1, (5000,))
    assert x.grad.high == 2
    assert dzviz.render(graph, "text")


def test_complex_numbers_on_the_way_are_not_shown():
    graph = recorded(lambda x: jnp.sum(jnp.abs(jnp.fft.fft(x)) ** 2), np.array([1.0, 2.0, -1.0]))
    assert "complex128" in {node.dtype for node in nodes(graph)}
    assert named(graph, "x").grad.tolist() == pytest.approx([6, 12, -6])
    assert dzviz.render(graph, "text")


def test_an_array_alone_has_no_graph():
    with pytest.raises(EvaluationError, match="does not know how it was computed"):
        dzviz.draw(jnp.ones(2))
