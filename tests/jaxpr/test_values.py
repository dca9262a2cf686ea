"""Python that asks for values: computed with them where JAX would, else refused by its line."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from support.jax_programs import clipped

import dzviz
from dzviz.errors import EvaluationError
from dzviz.graph.model import FunctionNode, VariableNode


def recorded(f, *args):
    return dzviz.record(f, *args, backend="jax")


def gradient(f, *args):
    return next(n.grad for n in recorded(f, *args).nodes if isinstance(n, VariableNode))


def branching(x):
    if x > 1:
        return jnp.log(x) * x
    return -x


def counting(x):
    steps = 0
    while x < 100:
        x = x * x
        steps += 1
    return x * steps


def indexing(x):
    return x[int(jnp.argmax(x))] * [2.0, 3.0, 4.0][jnp.argmin(x)]


def calls(x):
    if x.sum() > 0:
        x = jax.nn.relu(x) + jax.nn.softmax(x) + clipped(x)
    y = jax.lax.scan(lambda c, t: (c * t, None), 1.0, x)[0]
    return jax.vmap(jnp.sin)(x).sum() * y + jax.jit(lambda a: a @ a)(x)


CASES = {
    "if": (branching, 2.0),
    "the other way": (branching, 0.5),
    "while": (counting, 3.0),
    "int": (indexing, np.array([1.0, 3.0, 2.0])),
    "calls": (calls, np.array([0.5, 0.0, 2.0])),
}


@pytest.mark.parametrize("name", CASES)
def test_python_may_ask_for_values(name):
    f, x = CASES[name]
    x = jnp.asarray(x)
    expected = jax.grad(lambda x: jnp.sum(f(x)))(x)
    np.testing.assert_allclose(gradient(f, x), expected, rtol=1e-12)


def test_only_what_was_computed_is_drawn():
    labels = [n.label for n in recorded(branching, 2.0).nodes if isinstance(n, FunctionNode)]
    assert labels == ["log", "*"]
    labels = [n.label for n in recorded(branching, 0.5).nodes if isinstance(n, FunctionNode)]
    assert labels == ["-"]


def test_lines_are_told_there_too():
    sources = {n.source for n in recorded(branching, 2.0).nodes if isinstance(n, FunctionNode)}
    ((file, line),) = sources
    assert file == "tests/jaxpr/test_values.py"
    assert line == branching.__code__.co_firstlineno + 2


def test_within_jit_it_is_refused_by_its_line():
    line = branching.__code__.co_firstlineno + 1
    with pytest.raises(EvaluationError) as caught:
        recorded(jax.jit(branching), 2.0)
    assert f"(tests/jaxpr/test_values.py, line {line})" in str(caught.value)
    assert "Python asked for the value of an array that JAX traces" in str(caught.value)
    assert caught.value.hint == (
        "inside jax.jit, vmap, scan and similar functions, use jnp.where or jax.lax.cond"
    )


def test_numpy_on_what_is_traced_is_refused_by_its_line():
    def f(x):
        return np.sin(x)

    with pytest.raises(EvaluationError) as caught:
        recorded(f, 2.0)
    assert f"line {f.__code__.co_firstlineno + 1}" in str(caught.value)
    assert "NumPy received an array that JAX traces" in str(caught.value)
    assert caught.value.hint == "use jax.numpy, as jnp.sin(x)"


def test_other_errors_are_told_in_few_words():
    def f(x):
        return x @ jnp.ones((3, 2))

    with pytest.raises(EvaluationError) as caught:
        recorded(f, np.ones(2))
    assert str(caught.value).startswith("calling f raised TypeError: dot_general requires")
    assert f"line {f.__code__.co_firstlineno + 1})" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_array_is_refused():
    with pytest.raises(EvaluationError, match=r"^f returned str, not an array"):
        recorded(lambda x: "y", 1.0)
    with pytest.raises(EvaluationError, match=r"^f returned object at \['a'\], not an array"):
        recorded(lambda x: {"a": object()}, 1.0)
    with pytest.raises(EvaluationError, match=r"^f returned nothing"):
        recorded(lambda x: None, 1.0)


def test_float_is_refused_as_by_jax():
    f = lambda x: float(x) * x  # noqa: E731
    with pytest.raises(jax.errors.ConcretizationTypeError):
        jax.grad(f)(2.0)
    with pytest.raises(EvaluationError, match=r"float\(\) asked for the value") as caught:
        recorded(f, 2.0)
    assert caught.value.hint == "leave it out: an array with one number works like a number"


def test_scopes_and_indexing_are_told_there_too():
    def f(x):
        with jax.named_scope("block"):
            y = jnp.sin(x) * x if x[0] > 0 else x
        return y[jnp.argmax(x)] * y[0]

    frames = {group.name for group in recorded(f, np.ones(2)).groups}
    assert frames == {"block", "index"}
