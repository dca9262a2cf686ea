"""Linear algebra: products of matrices and vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..core import Op, Variable
from ..ops import op
from ..shapes import matmul_cost, matmul_count
from .arithmetic import add, mul

if TYPE_CHECKING:
    from ..ops import Operand


class MatMul(Op):
    """``a @ b``."""

    symbol = "@"

    def forward(self, a: Any, b: Any) -> Any:
        return np.matmul(a, b)

    def vjp_a(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        if b.ndim == 1:
            return _column(gy) * b  # the outer product; where a is a vector too, gy is a number
        if a.ndim == 1:
            return np.matmul(b, _column(gy))[..., 0]
        return np.matmul(gy, _swap(b))

    def vjp_b(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        if a.ndim == 1:
            return gy * a if b.ndim == 1 else _column(a) * gy[..., None, :]
        if b.ndim == 1:
            return np.matmul(_swap(a), _column(gy))[..., 0]
        return np.matmul(_swap(a), gy)


@op(
    "a @ b",
    "gy @ b.T for a, a.T @ gy for b",
    shapes="a: (..., n, k) or (k,); b: (..., k, m) or (k,); result: (..., n, m)",
    examples={
        "a @ b": [
            ((2, 3), (3, 4)),
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((3,), (3, 4)),
            ((5, 2, 3), (3, 4)),
            ((2, 3), (5, 3, 4)),
            ((5, 2, 3), (3,)),
            ((3,), (5, 3, 4)),
            ((0, 3), (3, 4)),
        ]
    },
    numpy=[np.matmul],
    symbol="@",
    elements=lambda a, b: matmul_count(a.shape, b.shape),
    cost=lambda a, b: matmul_cost(a.shape, b.shape),
)
def matmul(a: Operand, b: Operand) -> Variable:
    """The product of matrices; a vector counts as a row on the left and a column on the right."""
    return MatMul()(a, b)


@op(
    "dot(a, b)",
    "gy @ b.T for a, a.T @ gy for b",
    shapes="a, b: vectors or matrices as in a @ b; or one of them a number",
    examples={"dot(a, b)": [((3,), (3,)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((), (3,)), ((), ())]},
    numpy=[np.dot],
    elements=lambda a, b: (
        matmul_count(a.shape, b.shape) if a.ndim and b.ndim else max(a.size, b.size)
    ),
    cost=lambda a, b: matmul_cost(a.shape, b.shape) if a.ndim and b.ndim else 0,
)
def dot(a: Operand, b: Operand) -> Variable:
    """The product of vectors and matrices; a number multiplies every element."""
    shapes = [x.shape if isinstance(x, Variable) else np.shape(x) for x in (a, b)]
    if max(map(len, shapes)) > 2:
        raise ValueError(
            f"dot takes numbers, vectors and matrices, not shapes {shapes[0]} and {shapes[1]}; "
            "@ also takes stacks of them"
        )
    return matmul(a, b) if all(shapes) else mul(a, b)


class Linear(Op):
    """``linear(x, W, b)``."""

    def forward(self, x: Any, W: Any, b: Any = None) -> Any:  # the book's name
        if x.ndim < 2 or W.ndim != 2 or x.shape[-1] != W.shape[0]:
            raise ValueError(
                f"rows x of k numbers go with a matrix W of k rows, not {x.shape} with {W.shape}"
            )
        if b is None:
            return np.matmul(x, W)
        if b.shape != W.shape[1:]:
            raise ValueError(
                f"a matrix W of m columns goes with m numbers b, not {W.shape} with {b.shape}"
            )
        return np.matmul(x, W) + b

    def vjp_x(self, gy: Any, y: Any, x: Any, W: Any, b: Any = None) -> Any:
        return np.matmul(gy, _swap(W))

    def vjp_W(self, gy: Any, y: Any, x: Any, W: Any, b: Any = None) -> Any:
        return np.matmul(_swap(x), gy)

    def vjp_b(self, gy: Any, y: Any, x: Any, W: Any, b: Any = None) -> Any:
        return gy


@op(
    "x @ W + b",
    "gy @ W.T for x, x.T @ gy for W, sum_to(gy, b.shape) for b",
    shapes="x: (..., n, k); W: (k, m); b: (m,) or none; result: (..., n, m)",
    examples={
        "linear(x, W)": [((2, 3), (3, 4))],
        "linear(x, W, b)": [((2, 3), (3, 4), (4,)), ((5, 2, 3), (3, 4), (4,))],
    },
    elements=lambda x, W, b=None: matmul_count(x.shape, W.shape),
    cost=lambda x, W, b=None: matmul_cost(x.shape, W.shape),
)
def linear(x: Operand, W: Operand, b: Operand | None = None) -> Variable:  # the book's name
    """A layer's affine map of rows."""
    return Linear()(x, W) if b is None else Linear()(x, W, b)


def linear_simple(x: Operand, W: Operand, b: Operand | None = None) -> Variable:
    """A layer's affine map of rows, made of smaller ops."""
    y = matmul(x, W)
    return y if b is None else add(y, b)


def _column(x: Any) -> Any:
    return x[..., None]


def _swap(x: Any) -> Any:
    """Transpose each matrix of a stack."""
    if x.ndim == 2:
        return np.transpose(x)
    return np.transpose(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


for _name, _method in {
    "__matmul__": matmul,
    "__rmatmul__": lambda b, a: matmul(a, b),
    "matmul": matmul,
    "dot": dot,
}.items():
    setattr(Variable, _name, _method)
