"""Names of leaves: arguments, what they hold, and arrays that are captured."""

import functools
import types
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import dzviz
from dzviz.errors import EvaluationError
from dzviz.graph.model import VariableNode

W = np.array([2.0, 3.0])
J = jnp.array([4.0, 5.0])
MODEL = {"layers": [{"w": jnp.array([6.0, 7.0])}], "b": np.array([1.0, 1.5])}


class Pair(NamedTuple):
    left: object
    right: object


def inputs(f, *args, **options):
    graph = dzviz.record(f, *args, backend="jax", **options)
    found = [n for n in graph.nodes if isinstance(n, VariableNode) and n.role == "input"]
    return {node.name: node for node in found}


def gradients(f, *args, **options):
    return {name: node.grad.tolist() for name, node in inputs(f, *args, **options).items()}


def test_leaves_of_trees_are_named_by_their_paths():
    def f(params, pair, rest):
        return params["w"] * pair.left + rest[0] * rest[1]

    found = gradients(f, {"w": 2.0}, Pair(3.0, None), (4.0, 5.0))
    assert found == {"params['w']": 3, "pair.left": 2, "rest[0]": 5, "rest[1]": 4}


def test_star_arguments_are_numbered():
    assert gradients(lambda *xs: xs[0] * xs[1], 2.0, 3.0) == {"xs[0]": 3, "xs[1]": 2}


def test_captured_arrays_are_leaves():
    def f(x):
        return jnp.sum(x * W + J)

    assert gradients(f, np.array([1.0, 2.0])) == {"x": [2, 3], "W": [1, 2], "J": [1, 1]}


def test_captured_trees_are_leaves():
    def f(x):
        return jnp.sum(x * MODEL["layers"][0]["w"] + MODEL["b"])

    found = gradients(f, 2.0)
    assert found == {"x": 13, "MODEL['layers'][0]['w']": [2, 2], "MODEL['b']": [1, 1]}


def test_a_captured_array_is_one_leaf_wherever_it_is_used():
    @jax.jit
    def helper(x):
        return x * J

    def f(x):
        return jnp.sum(helper(x) * J)

    assert gradients(f, 1.0) == {"x": 41, "J": [8, 10]}
    assert gradients(f, 1.0) == {"x": 41, "J": [8, 10]}  # JAX has traced the helper before


def test_closures_methods_and_partials():
    inner = jnp.array(3.0)

    class Layer:
        def __init__(self):
            self.w = jnp.array(5.0)

        def __call__(self, x):
            return self.w * x

        def apply(self, x):
            return self.w * x

    assert gradients(lambda x: x * inner, 2.0) == {"x": 3, "inner": 2}
    assert gradients(Layer().apply, 2.0) == {"self.w": 2, "x": 5}
    assert gradients(Layer(), 2.0) == {"self.w": 2, "x": 5}
    assert gradients(functools.partial(lambda x, y: x * y * inner, y=2.0), 1.0)["inner"] == 2


def test_arrays_of_another_module_are_leaves():
    module = types.ModuleType("weights")
    module.w = jnp.array(3.0)
    assert gradients(lambda x: x * module.w, 2.0)["x"] == 3
    assert gradients(lambda x: x * module.w, 2.0, named={"w": module.w}) == {"x": 3, "w": 2}


def test_what_a_function_makes_itself_is_a_constant():
    def f(x):
        return jnp.sum(x * jnp.array([2.0, 7.0]) + jnp.ones(2) + np.array([5.0, 6.0]))

    graph = dzviz.record(f, 1.0, backend="jax")
    roles = [n.role for n in graph.nodes if isinstance(n, VariableNode)]
    assert roles.count("constant") == 3
    assert roles.count("input") == 1


def test_captured_numpy_arrays_are_leaves_in_float32(float32):
    found = inputs(lambda x: jnp.sum(x * W), np.array([1.0, 2.0]))
    assert {name: (n.dtype, n.grad.tolist()) for name, n in found.items()} == {
        "x": ("float32", [2, 3]),
        "W": ("float32", [1, 2]),
    }


def test_whole_numbers_and_other_things_stay_what_they_are():
    def power(x, n, flag, word):
        for _ in range(n):
            x = x * x
        return x if flag and word == "on" else -x

    assert gradients(power, 1.5, 2, True, "on") == {"x": 4 * 1.5**3}


def test_defaults_that_are_arrays_are_leaves():
    def f(x, w=J, rate=0.5):
        return jnp.sum(x * w * rate)

    assert gradients(f, 2.0) == {"x": 4.5, "w": [1, 1]}


def test_an_output_gets_a_name_that_is_free():
    graph = dzviz.record(lambda y: jnp.sin(y), 1.0, backend="jax")
    assert graph.title == "out = f(y)"
    graph = dzviz.record(lambda x: {"loss": x * 2, "aux": [x]}, 1.0, backend="jax")
    assert graph.title == "aux[0], loss = f(x)"


NAMED = {
    "loss = f(x)": lambda x: {"loss": x * 2},
    "y0, y1 = f(x)": lambda x: (x * 2, x * 3),
    "left, right = f(x)": lambda x: Pair(x * 2, x * 3),
    "out0, y = f(x)": lambda x: {"x": x * 2, "y": x * 3},
    "m.a, m.b[0], m.b[1] = f(x)": lambda x: {"m": {"a": x * 2, "b": [x * 3, x * 4]}},
    "out[0], out[1].a = f(x)": lambda x: (x * 2, {"a": x * 3}),
    "y0, y1[0] = f(x)": lambda x: {"x": x * 2, "y1": [x * 3]},
}


@pytest.mark.parametrize("title", NAMED)
def test_outputs_are_named_as_those_of_other_engines(title):
    f = NAMED[title]
    assert dzviz.record(f, 1.0, backend="jax").title == title
    ours = dzviz.record(f, 1.0, backend="numpy")
    names = {node.id: getattr(node, "name", None) for node in ours.nodes}
    assert [names[id] for id in ours.outputs] == title.partition(" = ")[0].split(", ")


class OwnKeys(list):
    """A class whose keys are no keys of JAX."""


@pytest.mark.parametrize(
    ("keys", "title"),
    [("ab", "a, b"), ((0, 1.5), "out[0], 1.5"), ((("a", 1), None), "('a', 1), None")],
)
def test_outputs_of_a_class_with_keys_of_its_own(keys, title):
    own = type("Own", (OwnKeys,), {})
    jax.tree_util.register_pytree_with_keys(
        own, lambda each: (tuple(zip(keys, each, strict=True)), None), lambda _, parts: own(parts)
    )
    assert dzviz.record(lambda x: own([x, x * 2]), 1.0, backend="jax").title == f"{title} = f(x)"


def test_an_argument_that_reaches_no_output_is_told():
    with pytest.warns(dzviz.DzvizWarning, match="'b' does not reach the output"):
        assert gradients(lambda a, b: a * 2, 1.0, 2.0) == {"a": 2}


def test_wrong_arguments_are_told():
    with pytest.raises(EvaluationError, match="calling f: missing a required argument: 'b'"):
        dzviz.record(lambda a, b: a * b, 1.0, backend="jax")
    with pytest.raises(
        EvaluationError, match="a picture can only show real numbers, but x is complex"
    ):
        dzviz.record(lambda x: x, np.array(1j), backend="jax")


def test_what_jax_makes_of_a_function_is_called_so():
    def loss(x):
        return jnp.tanh(x) * x

    third = jax.grad(jax.grad(jax.grad(loss)))
    graph = dzviz.record(jax.grad(jax.grad(loss)), 0.5, backend="jax")
    assert graph.title == "y = grad(grad(loss))(x)"
    assert graph.nodes[0].grad == pytest.approx(float(third(0.5)), rel=1e-12)
    titles = [
        dzviz.record(f, np.ones(2), backend="jax").title for f in (jax.jit(loss), jax.vmap(loss))
    ]
    assert titles == ["y = loss(x)", "y = vmap(loss)(x)"]
