"""Planted faults of gradients in programs of JAX, each with its cause; and sound programs."""

import jax
import jax.numpy as jnp
from jax import lax
from support.backend_faults import of_backend
from support.gradient_faults import Fault, computed


def by(function, *, of=(), **values):
    """Ask about a function that JAX computes."""
    return computed(function, "jax", of, values)


def stopped(x, w):
    return jnp.sum(x * lax.stop_gradient(w))


def unused(x, w):
    w * 2
    return x**2


def untouched(x, w):
    return x**2


def compared(x, w):
    return jnp.sum((x > 0) * w)


def rounded(x, w):
    return jnp.round(x) * w


def chosen(x, w):
    return jnp.argmax(jnp.stack([x, w])) * w


def whole(x, w):
    return x.astype(int) * w


def branch(x, w):
    return w * 2 if x > 0 else w


def cond(x, w):
    return lax.cond(x > 0, lambda: w * 2, lambda: w)


def product(x, w):
    return jnp.sum(x * w)


def dead(x, w):
    return jnp.sum(jax.nn.relu(x) * w)


def dead_maximum(x):
    return jnp.sum(jnp.maximum(x, 0))


def masked(x, w):
    return jnp.sum(jnp.where(x > 100, w, x))


def times_constant(x):
    return jnp.sum(x * 0)


def saturated(x, w):
    return jax.nn.sigmoid(x) * w


def deep_tanh(x):
    return jnp.sum(jnp.tanh(x * 40))


def far_softmax(x):
    return jax.nn.softmax(x)[0]


def summed_softmax(x):
    return jnp.sum(jax.nn.softmax(x))


def clipped(x):
    return jnp.sum(jnp.clip(x, 0.0, 1.0))


def largest(x, w):
    return jnp.sum(jnp.maximum(x, w))


def subtracted(x):
    return jnp.sum(x - x)


def indexed(x, w):
    return jnp.concatenate([x, w])[:1].sum()


def smallest(x, w):
    return jnp.sort(jnp.stack([x, w]))[0]


def put(x):
    return jnp.sum((x * 2).at[:].set(3.0))


def log_of_zero(x, w):
    return jnp.sum(jnp.log(x) * w)


def root_of_zero(x):
    return jnp.sum(jnp.sqrt(x))


def norm_of_zero(x):
    return jnp.linalg.norm(x)


def masked_log(x):
    return jnp.sum(jnp.where(x > 0, jnp.log(x), 0.0))


def divided(x, w):
    return jnp.sum(x / w)


def overflown(x):
    return (jnp.exp(x) / jnp.exp(x).sum())[0]


def looped(x, w):
    return lax.while_loop(lambda c: c < 100, lambda c: c * w, x)


def scanned(x, w):
    def step(h, a):
        return jax.nn.relu(h * w + a), h

    return lax.scan(step, 0.0, x)[0]


def constant_rule(x):
    @jax.custom_jvp
    def f(x):
        return x * 3

    f.defjvp(lambda primals, tangents: (f(*primals), 0.0 * tangents[0]))
    return f(x)


FAULTS = (
    *of_backend(by, globals()),
    Fault(
        "stop_gradient", by(stopped, x=2, w=3), "w", "cut", ("stop_gradient (", "line"), "remove"
    ),
    Fault("untouched", by(untouched, x=2, w=3), "w", "not reached", ("no op takes it",)),
    Fault("compared", by(compared, x=2, w=3), "x", "cut", ("line",), "sigmoid"),
    Fault("astype", by(whole, x=2, w=3), "x", "cut", ("astype int64 (",), "float"),
    Fault("a branch", by(branch, x=2, w=3), "x", "not reached", ("a condition (",), "mix both"),
    Fault("cond", by(cond, x=2, w=3), "x", "cut", ("line",), "sigmoid"),
    Fault("maximum 0", by(dead_maximum, x=[-1, -2]), "x", "dead", ("maximum", "x"), "leaky"),
    Fault("clip", by(clipped, x=[3, 4]), "x", "bound", ("clip",), "widen"),
    Fault("x - x", by(subtracted, x=[1, 2]), "x", "cancelled", ("1",)),
    Fault("index", by(indexed, x=[1, 2], w=[3, 4]), "w", "not selected", ("[0:1]",), "index"),
    Fault("sort", by(smallest, x=2, w=3), "w", "not selected", (), "index"),
    Fault("set", by(put, x=[1, 2]), "x", "overwritten", ("scatter",)),
    Fault("norm 0", by(norm_of_zero, x=[0, 0]), "x", "backward", ("sqrt", "line"), "1e-12"),
    Fault("masked", by(masked_log, x=[0, 4]), "x", "forward", ("log",), "harmless"),
    Fault("while_loop", by(looped, x=2, w=3), "x", "not reversible", ("while_loop",), "lax.scan"),
    Fault("scan", by(scanned, x=[1, -50, 2], w=3), "w", "dead", ("relu",)),
    Fault("a rule of 0", by(constant_rule, x=2), "x", "rule", ("f", "x = 2"), "check_grads"),
)


def layers(params, x):
    for w, b in params:
        x = jnp.tanh(x @ w + b)
    return jnp.mean(x**2)


PARAMS = [(jnp.full((2, 3), 0.1), jnp.zeros(3)), (jnp.full((3, 1), 0.2), jnp.zeros(1))]


def mlp(x):
    return layers(PARAMS, x)


def crossed(x):
    return -jax.nn.log_softmax(x)[0]


def rnn(x, w):
    return lax.scan(lambda h, a: (jnp.tanh(h * w + a), h), 0.0, x)[0]


def mapped(x, w):
    return jnp.sum(jax.vmap(lambda a: jnp.dot(a, w))(x))


def mixed(x, w):
    return jnp.sum(jnp.where(x > 1.5, x, w) * jax.nn.relu(x))


SOUND = {
    "MLP": by(mlp, x=[[1.0, 2.0]]),
    "cross entropy": by(crossed, x=[1, 2, 3]),
    "rnn": by(rnn, x=[0.1, 0.2, 0.3], w=0.5),
    "vmap": by(mapped, x=[[1, 2], [3, 4]], w=[1, 2]),
    "where": by(mixed, x=[1, 2], w=[3, 4]),
}
