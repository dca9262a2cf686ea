"""Programs of JAX for tests: a function and its arguments, whose gradients JAX computes, too."""

import functools
import itertools

import jax
import jax.numpy as jnp
import numpy as np


def cross_entropy(params, x, targets):
    logits = jnp.tanh(x @ params["w"] + params["b"])
    return -jax.nn.log_softmax(logits)[jnp.arange(2), targets].mean()


def mlp(params, x):
    for layer in params[:-1]:
        x = jax.nn.relu(x @ layer["w"] + layer["b"])
    return jnp.sum((x @ params[-1]["w"] + params[-1]["b"]) ** 2)


def rnn(params, xs):
    def step(h, x):
        h = jnp.tanh(params["w"] * h + x)
        return h, h * h

    h, squares = jax.lax.scan(step, jnp.zeros(2), xs)
    return h.sum() + squares.mean()


def backwards(x):
    return jax.lax.scan(lambda c, t: (jnp.sin(c) * t, c + t), x, jnp.arange(1.0, 4.0), reverse=True)


def nested(x):
    def outer(c, _):
        return jax.lax.fori_loop(0, 3, lambda i, a: jnp.sin(a) * (i + 1.0), c), None

    return jax.lax.scan(outer, x, None, length=2)[0]


def long(x):
    return jax.lax.scan(lambda c, _: (jnp.cos(c), None), x, None, length=1000)[0]


def batched(w, x):
    return jax.vmap(lambda row: jax.nn.softmax(w @ row) @ jnp.arange(2.0))(x).sum()


@jax.custom_vjp
def clipped(x):
    return x * 1.0


clipped.defvjp(lambda x: (x * 1.0, None), lambda _, g: (jnp.clip(g, -0.1, 0.1),))


def of_clipped(x):
    return jnp.sum(clipped(x) * 5.0)


@functools.partial(jax.custom_jvp, nondiff_argnums=(1,))
def scaled(x, power):
    return x**power


@scaled.defjvp
def scaled_jvp(power, primals, tangents):
    (x,), (dx,) = primals, tangents
    return x**power, 100.0 * dx


def of_scaled(x):
    return scaled(jnp.sin(x), 2)


def kink(x):
    return jnp.sum(jax.nn.relu(x) * 3.0) + jnp.sum(jax.nn.relu6(x))


def masked(x):
    return jnp.sum(jnp.where(x > 0, jnp.log(x), 0.0))


def branches(x):
    y = jax.lax.cond(x > 0, lambda a: a * jnp.sin(a), lambda a: -a, x)
    return jax.lax.switch(2, [jnp.cos, jnp.tanh, jnp.exp], y)


@jax.jit
def layer(w, x):
    return jnp.tanh(w @ x) + x


@jax.jit
def helpers(w, x):
    return layer(w, layer(w, x)).sum()


def scopes(x):
    with jax.named_scope("encoder"):
        y = jnp.sin(x) * x
        with jax.named_scope("norm"):
            y = y / jnp.sqrt(jnp.mean(y * y) + 1e-6)
    return y.sum()


def remembered(x):
    return jax.checkpoint(lambda a: jnp.sin(jnp.sin(a) * a))(x)


def noisy(key, x):
    return jnp.sum(x * jax.random.normal(key, x.shape))


def stopped(x):
    return jnp.sum(x * jax.lax.stop_gradient(jnp.exp(x)))


def indexed(x, i):
    return jnp.sum(x[i] * x[0]) + x.at[1].set(2.0).sum() + x[:, 1].mean()


def outputs(x):
    return {"loss": jnp.sum(x * x), "parts": (x[0], jnp.sin(x))}


def normalised(x):
    y = (x - x.mean(0)) / jnp.sqrt(x.var(0) + 1e-5)
    return jnp.sum(jax.nn.gelu(y) * jax.nn.silu(y)) + jax.nn.logsumexp(y)


def sorted_sums(x):
    return jnp.cumsum(jnp.sort(x)) @ jnp.linalg.norm(x) ** jnp.arange(3.0)


def convolved(w, x):
    return jax.lax.conv(x, w, (1, 1), "SAME").sum() + jnp.einsum("abcd,abcd->", x, x)


def signs(x):
    return 1 / jnp.copysign(1.0, x) + jnp.arctan2(x, -1.0)


def _normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def _params(*sizes):
    return [
        {"w": _normal(a, b, seed=a), "b": _normal(b, seed=b)} for a, b in itertools.pairwise(sizes)
    ]


PROGRAMS = {
    "cross-entropy": (cross_entropy, (_params(3, 4)[0], _normal(2, 3), np.array([0, 2]))),
    "pytree MLP": (mlp, (_params(3, 4, 4, 2), _normal(2, 3))),
    "scan RNN": (rnn, ({"w": _normal(2)}, _normal(3, 2, seed=1))),
    "reverse scan": (backwards, (0.5,)),
    "nested loops": (nested, (0.5,)),
    "long scan": (long, (0.5,)),
    "vmap": (batched, (_normal(2, 2), _normal(3, 2, seed=1))),
    "custom_vjp": (of_clipped, (np.array([0.3, -2.0]),)),
    "custom_jvp": (of_scaled, (0.4,)),
    "relu at 0": (kink, (np.array([0.0, -1.0, 2.0]),)),
    "where of log": (masked, (np.array([1.0, 0.0]),)),
    "cond and switch": (branches, (0.6,)),
    "cond, the other way": (branches, (-0.6,)),
    "jitted helpers": (helpers, (_normal(3, 3), _normal(3, seed=1))),
    "named scopes": (scopes, (_normal(3),)),
    "checkpoint": (remembered, (0.7,)),
    "random keys": (noisy, (jax.random.key(3), _normal(3))),
    "old random keys": (noisy, (jax.random.PRNGKey(3), _normal(3))),
    "stop_gradient": (stopped, (_normal(3),)),
    "indices": (indexed, (_normal(3, 2), np.array([0, 2]))),
    "several outputs": (outputs, (_normal(3),)),
    "normalised": (normalised, (_normal(4, 3),)),
    "sort and cumsum": (sorted_sums, (_normal(3),)),
    "convolution": (convolved, (_normal(1, 2, 3, 3), _normal(1, 2, 4, 4, seed=1))),
    "negative zero": (signs, (-0.0,)),
}
"""By what they show."""
