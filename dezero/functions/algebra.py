"""Linear algebra: products of matrices and vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dezero.core import Op, Variable
from dezero.ops import op
from dezero.shapes import matmul_count

if TYPE_CHECKING:
    from dezero.ops import Operand


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
)
def matmul(a: Operand, b: Operand) -> Variable:
    """The product of matrices; a vector counts as a row on the left and a column on the right."""
    return MatMul()(a, b)


def _column(x: Any) -> Any:
    return x[..., None]


def _swap(x: Any) -> Any:
    """Transpose each matrix of a stack."""
    if x.ndim == 2:
        return np.transpose(x)
    return np.transpose(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


Variable.__matmul__ = matmul  # type: ignore[method-assign]
Variable.__rmatmul__ = lambda b, a: matmul(a, b)  # type: ignore[method-assign]
