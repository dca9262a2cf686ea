"""What layers, losses and NumPy's functions of whole arrays are, over arrays of mpmath's numbers.

Each is its definition in loops or plain sums, and shares nothing with the project.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import mpmath
import numpy as np


def filled(shape: Any, value: Callable[..., Any]) -> Any:
    """Return an array of what a function gives for each index."""
    result = np.empty(shape, object)
    for index in np.ndindex(shape):
        result[index] = value(*index)
    return result


def each_matrix(function: Callable[..., Any], *stacks: Any) -> Any:
    """Apply a function of matrices to stacks of them, which are broadcast."""
    lead = np.broadcast_shapes(*[stack.shape[:-2] for stack in stacks])
    wide = [np.broadcast_to(stack, (*lead, *stack.shape[-2:])) for stack in stacks]
    found = filled(lead, lambda *i: function(*[mpmath.matrix(w[i].tolist()) for w in wide]))
    if not isinstance(found[(0,) * len(lead)] if lead else found[()], mpmath.matrix):
        return found
    sample = found.flat[0]
    return filled((*lead, sample.rows, sample.cols), lambda *i: found[i[:-2]][i[-2], i[-1]])


def solve(a: Any, b: Any) -> Any:
    """Solve equations."""
    columns = b[:, None] if b.ndim == 1 else b
    result = each_matrix(lambda p, q: mpmath.inverse(p) * q, a, columns)
    return result[..., 0] if b.ndim == 1 else result


def norm(x: Any, ord: Any = 2, axis: Any = None, keepdims: bool = False) -> Any:
    """Compute the length by an order."""
    sizes = np.abs(x)
    if ord == mpmath.inf:
        return np.max(sizes, axis=axis, keepdims=keepdims)
    total = np.asarray(np.sum(sizes**ord, axis=axis, keepdims=keepdims), object)
    return filled(total.shape, lambda *i: mpmath.mpf(total[i]) ** (mpmath.mpf(1) / ord))


def spread(x: Any, axes: Any) -> tuple[Any, Any]:
    """Return the distances from the mean along axes, and the variance."""
    count = int(np.prod([x.shape[axis] for axis in axes]))
    away = x - np.sum(x, axis=axes, keepdims=True) / count
    return away, np.sum(away * away, axis=axes, keepdims=True) / count


def standard(x: Any, axes: Any, eps: Any = 1e-5) -> Any:
    """Bring to mean 0 and variance 1."""
    away, variance = spread(x, axes)
    wide = np.broadcast_to(variance, x.shape)
    return filled(x.shape, lambda *i: away[i] / mpmath.sqrt(wide[i] + mpmath.mpf(eps)))


def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Compute the standard deviation."""
    axes = tuple(range(x.ndim)) if axis is None else (axis,)
    variance = spread(x, axes)[1]
    root = filled(variance.shape, lambda *i: mpmath.sqrt(variance[i]))
    return root if keepdims else np.squeeze(root, axes)


def layer_norm(x: Any, gamma: Any = 1, beta: Any = 0, eps: float = 1e-5) -> Any:
    """Normalize along the last axis."""
    return standard(x, (x.ndim - 1,), eps) * gamma + beta


def batch_norm(x: Any, gamma: Any = None, beta: Any = None, eps: float = 1e-5) -> Any:
    """Normalize each channel."""
    y = standard(x, tuple(i for i in range(x.ndim) if i != 1), eps)
    shape = [1, x.shape[1], *[1] * (x.ndim - 2)]
    return y if gamma is None else y * gamma.reshape(shape) + beta.reshape(shape)


def dropout(x: Any, ratio: float = 0.5, seed: int = 0) -> Any:
    """Leave out what the generator says."""
    chances = np.random.default_rng(seed).random(x.shape)
    return filled(x.shape, lambda *i: x[i] / (1 - mpmath.mpf(ratio)) * (chances[i] >= ratio))


def pairs(setting: Any, axes: int) -> tuple[int, ...]:
    """Read a setting for each axis."""
    return setting if isinstance(setting, tuple) else (setting,) * axes


def convolution(axes: int) -> Callable[..., Any]:
    """Return the convolution over so many axes."""

    def conv(x: Any, w: Any, b: Any = None, stride: Any = 1, pad: Any = 0) -> Any:
        alone = w.ndim == axes
        if alone:
            x, w = x[None, None], w[None, None]
            b = None if b is None else b.reshape(1)
        steps, pads = pairs(stride, axes), pairs(pad, axes)
        lengths, sizes = x.shape[2:], w.shape[2:]
        places = tuple(
            (n + 2 * p - k) // s + 1 for n, p, k, s in zip(lengths, pads, sizes, steps, strict=True)
        )

        def value(n: int, o: int, *place: int) -> Any:
            total = mpmath.mpf(0) if b is None else b[o]
            for c, *at in product(range(x.shape[1]), *map(range, sizes)):
                where = [i * s - p + k for i, s, p, k in zip(place, steps, pads, at, strict=True)]
                if all(0 <= i < n for i, n in zip(where, lengths, strict=True)):
                    total += x[(n, c, *where)] * w[(o, c, *at)]
            return total

        y = filled((x.shape[0], w.shape[0], *places), value)
        return y[0, 0] if alone else y

    return conv


def windows(x: Any, size: Any, stride: Any = None) -> Any:
    """Return the windows of an image: the last axis holds each one's numbers."""
    kh, kw = pairs(size, 2)
    sh, sw = pairs(size if stride is None else stride, 2)
    h, w = x.shape[-2:]
    rows = [
        [
            x[..., i : i + kh, j : j + kw].reshape(*x.shape[:-2], kh * kw)
            for j in range(0, w - kw + 1, sw)
        ]
        for i in range(0, h - kh + 1, sh)
    ]
    return np.stack([np.stack(row, axis=-2) for row in rows], axis=-3)


def binary_cross_entropy(p: Any, t: Any) -> Any:
    """Compute the mean of the negative logarithms of what came."""
    terms = [
        (b and b * mpmath.log(a)) + (1 - b and (1 - b) * mpmath.log(1 - a))
        for a, b in zip(p.flat, np.broadcast_to(t, p.shape).flat, strict=True)
    ]
    return -sum(terms, mpmath.mpf(0)) / len(terms)


def kl_div(p: Any, q: Any) -> Any:
    """Compute the sum of p * log(p / q)."""
    terms = [a and a * mpmath.log(a / b) for a, b in zip(p.flat, q.flat, strict=True)]
    return sum(terms, mpmath.mpf(0))


def embedding(ids: Any, w: Any) -> Any:
    """Take rows."""
    return w[np.vectorize(int, otypes=[int])(ids)]


def attention(q: Any, k: Any, v: Any, mask: Any = None, causal: bool = False) -> Any:
    """Weigh the rows of v, row by row; what is masked is left out."""

    def row(*i: int) -> Any:
        *lead, number, column = i
        keys, values = k[tuple(lead)], v[tuple(lead)]
        seen = [
            j
            for j in range(len(keys))
            if (mask is None or mask[number][j]) and not (causal and j > number)
        ]
        scores = [q[(*lead, number)] @ keys[j] / mpmath.sqrt(q.shape[-1]) for j in seen]
        powers = [mpmath.exp(score) for score in scores]
        products = [power * values[j, column] for power, j in zip(powers, seen, strict=True)]
        return mpmath.fsum(products) / mpmath.fsum(powers)

    return filled((*q.shape[:-1], v.shape[-1]), row)


def sigmoid(x: Any) -> Any:
    """Compute 1 / (1 + exp(-x))."""
    return filled(x.shape, lambda *i: 1 / (1 + mpmath.exp(-x[i])))


def tanh(x: Any) -> Any:
    """Compute the hyperbolic tangent."""
    return filled(x.shape, lambda *i: mpmath.tanh(x[i]))


def columns(weights: Any, index: int, count: int) -> Any:
    """Return those of one gate."""
    return weights if np.ndim(weights) == 0 else np.split(weights, count, axis=-1)[index]


def lstm_cell(x: Any, h: Any, c: Any, w: Any, u: Any, b: Any = 0) -> tuple[Any, Any]:
    """Compute one step, gate by gate."""
    i, f, g, o = (
        x @ columns(w, gate, 4) + h @ columns(u, gate, 4) + columns(b, gate, 4) for gate in range(4)
    )
    memory = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(memory), memory


def gru_cell(x: Any, h: Any, w: Any, u: Any, b: Any = 0, bh: Any = 0) -> Any:
    """Compute one step, gate by gate."""
    new = [x @ columns(w, gate, 3) + columns(b, gate, 3) for gate in range(3)]
    old = [h @ columns(u, gate, 3) + columns(bh, gate, 3) for gate in range(3)]
    r, z = (sigmoid(new[gate] + old[gate]) for gate in range(2))
    return (1 - z) * tanh(new[2] + r * old[2]) + z * h


LAYERS: Mapping[str, tuple[int, Callable[..., Any]]] = {
    "attention": (3, attention),
    "avg_pool2d": (1, lambda x, *s, **o: np.mean(windows(x, *s, **o), axis=-1)),
    "batch_norm": (3, batch_norm),
    "binary_cross_entropy": (2, binary_cross_entropy),
    "conv1d": (3, convolution(1)),
    "conv2d": (3, convolution(2)),
    "cumsum": (1, lambda x, axis=None: np.cumsum(x, axis=axis)),
    "det": (1, lambda a: each_matrix(mpmath.det, a)),
    "diag": (1, lambda x, k=0: np.diag(x, k)),
    "dropout": (1, dropout),
    "embedding": (2, embedding),
    "gru_cell": (6, gru_cell),
    "inv": (1, lambda a: each_matrix(mpmath.inverse, a)),
    "kl_div": (2, kl_div),
    "layer_norm": (3, layer_norm),
    "lstm_cell": (6, lstm_cell),
    "outer": (2, lambda a, b: filled((len(a), len(b)), lambda i, j: a[i] * b[j])),
    "roll": (1, lambda x, *s, **o: np.roll(x, *s, **o)),
    "solve": (2, solve),
    "std": (1, std),
}
"""The number of operands of each, and what it is; the arguments after them are settings."""
