"""The same expressions through our engine and through JAX: values, gradients and shares."""

import jax
import jax.numpy as jnp
import numpy as np
from support.agreement import differences, record, same
from support.expressions import EXPRESSIONS, function_of

from dzviz.graph.model import VariableNode


def test_both_engines_agree_and_so_does_jax_itself():
    """PyTorch is compared with our engine in the same way, in `tests/pytorch`."""
    assert len({text for text, _ in EXPRESSIONS}) == len(EXPRESSIONS) == 60
    wrong = []
    for text, values in EXPRESSIONS:
        graph = record(text, values, vars(jnp), "jax")
        wrong += differences(text, values, graph)
        f = function_of(text, vars(jnp))
        given = {name: jnp.asarray(value) for name, value in values.items()}
        expected = jax.grad(lambda xs, f=f: jnp.sum(f(**xs)))(given)
        nodes = {n.name: n for n in graph.nodes if isinstance(n, VariableNode)}
        wrong += [
            f"{text}: {name} is not what JAX gives"
            for name, gx in expected.items()
            if not same(nodes[name].grad, np.asarray(gx), 1 + np.max(np.abs(gx)))
        ]
    assert not wrong, "\n".join(wrong)
