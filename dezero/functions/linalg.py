"""Square matrices, and stacks of them: equations, inverse, determinant; the diagonal of any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..builtin import Op, lift
from ..core import Variable
from ..ops import op
from ..shapes import count
from .algebra import _column, _swap
from .shaping import GetItemGrad

if TYPE_CHECKING:
    from ..ops import Operand

MOST_ROWS = 30
"""A singular matrix of more has no gradient of its determinant here: it takes rows**4 elements."""


class Solve(Op):
    """``solve(A, b)``."""

    def forward(self, A: Any, b: Any) -> Any:
        _check_square(A)
        if not b.ndim or A.shape[-1] != b.shape[0 if b.ndim == 1 else -2]:
            raise ValueError(
                "if the matrix has n rows, b must have n numbers or n rows; the shapes are "
                f"{A.shape} and {b.shape}"
            )
        return _or_singular(np.linalg.solve, A, b)

    def vjp_A(self, gy: Any, y: Any, A: Any, b: Any) -> Any:
        gb = np.linalg.solve(_swap(A), gy)
        if b.ndim == 1:
            return -_column(gb) * y[..., None, :]
        return np.matmul(-gb, _swap(y))

    def vjp_b(self, gy: Any, y: Any, A: Any, b: Any) -> Any:
        return np.linalg.solve(_swap(A), gy)


@op(
    "inv(A) @ b",
    "solve(A.T, gy) for b, -outer(solve(A.T, gy), y) for A",
    domain="A is not singular",
    shapes="A: (..., n, n); b: (n,) or (..., n, k); result: as b",
    examples={
        "solve(A, b)": [
            ((2, 2), (2,)),
            ((3, 3), (3, 2)),
            ((2, 2, 2), (2, 2, 1)),
            ((2, 2, 2), (2, 1)),
            ((2, 2), (2, 2, 1)),
        ],
    },
    numpy=[np.linalg.solve],
    elements=lambda A, b: _solve_count(A.shape, b.shape),
    cost=lambda A, b: _solve_count(A.shape, b.shape) * max(1, A.shape[-1] / 300) + _cost(A.shape),
)
def solve(A: Operand, b: Operand) -> Variable:
    """The solution y of the equations A @ y = b.

    Raises:
        ValueError: The matrix is singular, or no square, or of another size than b.
    """
    return Solve()(A, b)


class Inv(Op):
    """``inv(A)``."""

    def forward(self, A: Any) -> Any:
        _check_square(A)
        return _or_singular(np.linalg.inv, A)

    def vjp_A(self, gy: Any, y: Any, A: Any) -> Any:
        return -np.matmul(np.matmul(_swap(y), gy), _swap(y))


@op(
    "A**-1 as matrices",
    "-y.T @ gy @ y.T",
    domain="A is not singular",
    shapes="A: (..., n, n); result: as A",
    sample=(-2.0, 1.5),
    examples={"inv(A)": [((2, 2),), ((3, 3),), ((2, 2, 2),)]},
    numpy=[np.linalg.inv],
    cost=lambda A: _cost(A.shape),
)
def inv(A: Operand) -> Variable:
    """The inverse of a matrix; where it is to be multiplied, solve is more exact.

    Raises:
        ValueError: The matrix is singular, or no square.
    """
    return Inv()(A)


class Det(Op):
    """``det(A)``."""

    def forward(self, A: Any) -> Any:
        _check_square(A)
        return np.linalg.det(A)

    def vjp_A(self, gy: Any, y: Any, A: Any) -> Any:
        rows = A.shape[-1]
        values = np.asarray(getattr(A, "data", A)).astype(float)
        if not values.size or np.all(np.linalg.matrix_rank(values) == rows):
            return gy[..., None, None] * y[..., None, None] * _swap(np.linalg.inv(A))
        if rows > MOST_ROWS:
            raise ValueError(
                f"the gradient of det at a singular matrix is that of {rows}**2 smaller ones: at "
                f"most {MOST_ROWS} rows, not the shape {A.shape}"
            )
        return gy[..., None, None] * _cofactors(A, rows)


def _cofactors(A: Any, rows: int) -> Any:
    """The determinants of what is left without a row and a column, with signs: at 0 / 0, too."""
    places = np.arange(rows)
    left = np.stack([places[places != i] for i in range(rows)])  # (row, the others)
    minors = A[..., left[:, None, :, None], left[None, :, None, :]]
    signs = (-1.0) ** (places[:, None] + places)
    return np.linalg.det(minors) * signs.astype(A.dtype)


@op(
    "the sum over permutations of products of elements, with signs",
    "y * inv(A).T, or its limit: the cofactors",
    domain=f"all A; derivative at a singular A of at most {MOST_ROWS} rows",
    shapes="A: (..., n, n); result: (...)",
    examples={"det(A)": [((1, 1),), ((2, 2),), ((3, 3),), ((2, 2, 2),)]},
    numpy=[np.linalg.det],
    cost=lambda A: max(_cost(A.shape), A.size * min(A.shape[-1], MOST_ROWS) ** 2),
)
def det(A: Operand) -> Variable:
    """The determinant: how many times as large a matrix makes a volume.

    Raises:
        ValueError: The matrix is no square.
    """
    return Det()(A)


class Diag(Op):
    """``diag(x, k)``."""

    def __init__(self, k: int = 0) -> None:
        self.k = k

    def forward(self, x: Any) -> Any:
        if x.ndim not in (1, 2):
            raise ValueError(f"x is a vector or a matrix, not of shape {x.shape}")
        return np.diag(x, self.k)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        if x.ndim == 1:
            return np.diag(gy, self.k)
        places = np.arange(gy.shape[0])
        key = places + max(-self.k, 0), places + max(self.k, 0)
        return lift(GetItemGrad(key, x.shape), gy)

    @property
    def label(self) -> str:
        """``diag``, ``diag 1``."""
        return f"diag {self.k}" if self.k else "diag"


@op(
    "y[i, i] = x[i], or y[i] = x[i, i]",
    "diag(gy), or gy on the diagonal and 0 elsewhere",
    shapes="x: (n,) or (n, m); result: (n, n), or the diagonal; k above the main one",
    examples={
        "diag(x)": [((3,),), ((0,),), ((2, 3),), ((3, 3),)],
        "diag(x, 1)": [((2,),), ((2, 3),)],
        "diag(x, -1)": [((2,),), ((3, 2),)],
    },
    numpy=[np.diag],
    elements=lambda x, k=0: (x.size + abs(k)) ** 2 if x.ndim == 1 else x.size,
)
def diag(x: Operand, k: int = 0) -> Variable:
    """The matrix with a vector as its diagonal, or the diagonal of a matrix."""
    return Diag(k)(x)


def _check_square(A: Any) -> None:
    if A.ndim < 2 or A.shape[-1] != A.shape[-2]:
        raise ValueError(f"the matrix must be square, not of shape {A.shape}")


def _or_singular(function: Any, A: Any, *rest: Any) -> Any:
    try:
        return function(A, *rest)
    except np.linalg.LinAlgError:
        raise ValueError(f"the matrix is singular, of shape {A.shape}") from None


def _solve_count(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    """The number of elements of the solution."""
    if len(b) == 1:
        return count(a[:-1])
    return count((*np.broadcast_shapes(a[:-2], b[:-2]), *b[-2:]))


def _cost(shape: tuple[int, ...]) -> float:
    """What an elimination takes: its time is that of a product of such matrices."""
    return count(shape) * max(1, shape[-1] / 300)
