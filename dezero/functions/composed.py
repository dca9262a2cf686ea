"""Ops made of other ops: attention, and the cells of recurrent networks.

Each is one node in a picture, or a frame that shows its parts. Their derivatives are those of the
parts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..core import Variable, as_variable
from ..ops import op
from .algebra import matmul
from .elementwise import sigmoid, tanh, where
from .loss import softmax
from .shaping import get_item, transpose

if TYPE_CHECKING:
    from ..ops import Data, Flag, Operand

FAR = -1e9
"""The score of what is masked: softmax makes it 0, and no infinity is on the way."""


def _attention_cost(q: Any, k: Any, *rest: Any, **options: Any) -> float:
    """The scores come six times, with their mask and their softmax."""
    return float(6 * q.size // max(1, q.shape[-1]) * k.shape[-2] + k.size)


@op(
    "softmax(q @ k.T / sqrt(d)) @ v, where masked scores count as -1e9",
    "that of its parts",
    domain="not along an empty axis; mask: what may be seen, without derivative",
    shapes="q: (..., n, d), k: (..., m, d), v: (..., m, e); mask: (n, m); result: (..., n, e)",
    examples={
        "attention(q, k, v)": [((2, 3), (4, 3), (4, 2)), ((2, 3, 2), (2, 2, 2), (2, 2, 1))],
        "attention(x, x, x, causal=True)": [((3, 2),)],
        "attention(q, k, v, mask=[[1, 0], [1, 1]])": [((2, 3), (2, 3), (2, 2))],
    },
    elements=lambda q, k, v, *rest, **options: q.size // max(1, q.shape[-1]) * v.shape[-1],
    cost=_attention_cost,
    composed=True,
)
def attention(
    q: Operand, k: Operand, v: Operand, mask: Data | None = None, causal: Flag = False
) -> Variable:
    """A mean of the rows of v for each row of q, weighted by how well that fits the rows of k.

    Raises:
        ValueError: The shapes do not fit.
    """
    q, k, v = as_variable(q), as_variable(k), as_variable(v)
    if min(q.ndim, k.ndim, v.ndim) < 2 or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError(
            f"q, k and v must have the shapes (n, d), (m, d) and (m, e), not {q.shape}, {k.shape} "
            f"and {v.shape}"
        )
    if not (q.shape[-1] and k.shape[-2]):
        raise ValueError(f"there is nothing to attend to in the shapes {q.shape} and {k.shape}")
    axes = None if k.ndim == 2 else (*range(k.ndim - 2), k.ndim - 1, k.ndim - 2)
    scores = matmul(q, transpose(k, axes)) / math.sqrt(q.shape[-1])
    seen = _seen(mask, causal, scores.shape)
    if seen is not None:
        scores = where(seen, scores, FAR)
    return matmul(softmax(scores, axis=scores.ndim - 1), v)


def _seen(mask: Data | None, causal: bool, shape: tuple[int, ...]) -> Any:
    """Say which scores count; None for all."""
    seen = None if mask is None else np.asarray(mask.data if isinstance(mask, Variable) else mask)
    if seen is not None:
        np.broadcast_to(seen, shape)  # which refuses what is larger
        seen = seen != 0
    if not causal:
        return seen
    before = np.tril(np.ones(shape[-2:], bool))
    return before if seen is None else before & seen


class LstmState(NamedTuple):
    """What an LSTM hands on: its output ``h`` and its memory ``c``."""

    h: Variable
    c: Variable


def _cell_cost(count: int) -> Any:
    def cost(x: Any, h: Any, *rest: Any, **options: Any) -> float:
        rows = max(x.size // max(1, x.shape[-1]), h.size // max(1, h.shape[-1]))
        return float(4 * count * rows * h.shape[-1])

    return cost


@op(
    "c = sigmoid(f) * c + sigmoid(i) * tanh(g), h = sigmoid(o) * tanh(c), "
    "with i, f, g, o the quarters of x @ W + h @ U + b",
    "that of its parts",
    shapes="x: (..., d), h, c: (..., n), W: (d, 4*n), U: (n, 4*n), b: (4*n,) or none; "
    "result: h and c, as [0] and [1]",
    examples={
        "lstm_cell(x, h, c, W, U)[0]": [((2,), (3,), (3,), (2, 12), (3, 12))],
        "lstm_cell(x, h, c, W, U, b)[1]": [((2, 2), (2, 1), (2, 1), (2, 4), (1, 4), (4,))],
        "lstm_cell(x, h, c, W, U, b)[0]": [((2,), (2,), (2,), (2, 8), (2, 8), (8,))],
    },
    elements=lambda x, h, *rest, **options: 2 * h.size,
    cost=_cell_cost(4),
    composed=True,
)
def lstm_cell(
    x: Operand, h: Operand, c: Operand, W: Operand, U: Operand, b: Operand | None = None
) -> LstmState:
    """One step of a long short-term memory, from what it handed on in the step before.

    Raises:
        ValueError: The shapes do not fit.
    """
    n = _check_cell(x, h, W, U, 4)
    gates = matmul(x, W) + matmul(h, U)
    gates = gates if b is None else gates + b
    i, f, g, o = (_part(gates, index, n) for index in range(4))
    memory = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return LstmState(sigmoid(o) * tanh(memory), memory)


@op(
    "h = z * h + (1 - z) * tanh(x @ W[n] + b[n] + r * (h @ U[n] + bh[n])), "
    "with r, z = sigmoid(x @ W + b + h @ U + bh), in the thirds r, z, n of W, U, b, bh",
    "that of its parts",
    shapes="x: (..., d), h: (..., n), W: (d, 3*n), U: (n, 3*n), b, bh: (3*n,) or none; "
    "result: as h",
    examples={
        "gru_cell(x, h, W, U)": [((2,), (3,), (2, 9), (3, 9))],
        "gru_cell(x, h, W, U, b, bh)": [((2, 2), (2, 1), (2, 3), (1, 3), (3,), (3,))],
    },
    elements=lambda x, h, *rest, **options: h.size,
    cost=_cell_cost(4),
    composed=True,
)
def gru_cell(
    x: Operand,
    h: Operand,
    W: Operand,
    U: Operand,
    b: Operand | None = None,
    bh: Operand | None = None,
) -> Variable:
    """One step of a gated recurrent unit.

    Raises:
        ValueError: The shapes do not fit.
    """
    n = _check_cell(x, h, W, U, 3)
    new, old = matmul(x, W), matmul(h, U)
    new = new if b is None else new + b
    old = old if bh is None else old + bh
    r = sigmoid(_part(new, 0, n) + _part(old, 0, n))
    z = sigmoid(_part(new, 1, n) + _part(old, 1, n))
    proposed = tanh(_part(new, 2, n) + r * _part(old, 2, n))
    return z * h + (1 - z) * proposed


def _check_cell(x: Operand, h: Operand, W: Operand, U: Operand, gates: int) -> int:
    """Return the number of units of a cell whose weights stand side by side for each gate."""
    shapes = [np.shape(part.data if isinstance(part, Variable) else part) for part in (x, h, W, U)]
    of_x, of_h, of_w, of_u = shapes
    n = of_h[-1] if of_h else 0
    if not of_x or of_w != (of_x[-1], gates * n) or of_u != (n, gates * n):
        raise ValueError(
            f"x, h, W and U must have the shapes (d,), (n,), (d, {gates}*n) and (n, {gates}*n), "
            f"not {of_x}, {of_h}, {of_w} and {of_u}"
        )
    return n


def _part(gates: Variable, index: int, n: int) -> Variable:
    """One gate of those that stand side by side."""
    return get_item(gates, (..., slice(index * n, (index + 1) * n)))
