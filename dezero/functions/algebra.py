"""Linear algebra: products of matrices and vectors."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..builtin import Op
from ..core import Variable
from ..ops import op
from ..shapes import matmul_cost, matmul_count
from .arithmetic import add, mul

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..ops import Operand, Text
    from ..subscripts import Axes


class MatMul(Op):
    """``a @ b``."""

    __slots__ = ()

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
            f"dot takes numbers, vectors and matrices, not shapes {shapes[0]} and {shapes[1]}; @ "
            "also takes stacks of matrices"
        )
    return matmul(a, b) if all(shapes) else mul(a, b)


class Linear(Op):
    """``linear(x, W, b)``."""

    def forward(self, x: Any, W: Any, b: Any = None) -> Any:  # the book's name
        if x.ndim < 2 or W.ndim != 2 or x.shape[-1] != W.shape[0]:
            raise ValueError(
                "if the rows of x have k numbers, the matrix W must have k rows; the shapes are "
                f"{x.shape} and {W.shape}"
            )
        if b is None:
            return np.matmul(x, W)
        if b.shape != W.shape[1:]:
            raise ValueError(
                f"if the matrix W has m columns, b must have m numbers; the shapes are {W.shape} "
                f"and {b.shape}"
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


class Outer(Op):
    """``outer(a, b)``."""

    def forward(self, a: Any, b: Any) -> Any:
        if (a.ndim, b.ndim) != (1, 1):
            raise ValueError(f"a and b are vectors, not of shapes {a.shape} and {b.shape}")
        return _column(a) * b

    def vjp_a(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return np.matmul(gy, b)

    def vjp_b(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return np.matmul(a, gy)


@op(
    "y[i, j] = a[i] * b[j]",
    "gy @ b for a, a @ gy for b",
    shapes="a: (n,); b: (m,); result: (n, m)",
    examples={"outer(a, b)": [((2,), (3,)), ((1,), (1,)), ((0,), (3,))]},
    numpy=[np.outer],
    elements=lambda a, b: a.size * b.size,
)
def outer(a: Operand, b: Operand) -> Variable:
    """Each element of a vector times each of another."""
    return Outer()(a, b)


def _axes(subscripts: str, xs: Sequence[Any]) -> Axes:
    from ..subscripts import axes  # which no other op needs

    return axes(subscripts, [x.shape for x in xs])


def _einsum_cost(subscripts: str, *xs: Any) -> float:
    from ..subscripts import einsum_cost

    return einsum_cost(subscripts, [x.shape for x in xs])


class Einsum(Op):
    """``einsum(subscripts, x, y, ...)``."""

    def __init__(self, subscripts: str) -> None:
        self.subscripts = subscripts

    def forward(self, *xs: Any) -> Any:
        operands, result, _ = _axes(self.subscripts, xs)
        return np.einsum(f"{','.join(operands)}->{result}", *xs)

    def part(self, gy: Any, y: Any, *xs: Any, index: int) -> Any:
        """The gradient of operand number ``index``: a sum of products again.

        What stands twice in the operand's subscripts, as in ``ii``, gets its diagonal by a factor
        that is 1 there; along what no other is as long as, it is repeated.
        """
        from ..subscripts import LETTERS

        operands, result, lengths = _axes(self.subscripts, xs)
        others = [*operands[:index], *operands[index + 1 :]]
        factors: list[Any] = [*xs[:index], *xs[index + 1 :]]
        shapes = [gy.shape, *[x.shape for x in factors]]
        found = {
            (letter, length)
            for letters, shape in zip([result, *others], shapes, strict=True)
            for letter, length in zip(letters, shape, strict=True)
        }
        letters, target = operands[index], ""
        kept, wide = [], []
        for letter, length in zip(letters, xs[index].shape, strict=True):
            if letter in target:
                new = next(c for c in LETTERS if c not in {*lengths, *target})
                others.append(letter + new)
                factors.append(np.eye(length, dtype=gy.dtype))
                letter = new
            longest = lengths.get(letter, length)
            known = (letter, longest) in found or letter not in lengths or letters.count(letter) > 1
            target += letter if known else ""
            kept.append(longest if known else 1)
            wide.append(longest)
        gx = np.einsum(f"{','.join([result, *others])}->{target}", gy, *factors)
        if len(target) == len(letters):
            return gx
        return np.broadcast_to(np.reshape(gx, tuple(kept)), tuple(wide))

    @property
    def vjps(self) -> tuple[Any, ...]:  # type: ignore[override]  # one rule an operand
        """The rules, one an operand."""
        return tuple(partial(type(self).part, index=i) for i in range(len(self.inputs)))

    @property
    def label(self) -> str:
        """``einsum ij,jk->ik``."""
        return f"einsum {''.join(self.subscripts.split())}"


@op(
    "the sum of products over the letters that are not in the result",
    "einsum of gy and the other operands, with the operand's letters as result",
    shapes="operands: a letter for each axis, with the same length, or 1, wherever it occurs",
    examples={
        "einsum('ij,jk->ik', a, b)": [((2, 3), (3, 4)), ((0, 3), (3, 2))],
        "einsum('ij->ji', x)": [((2, 3),)],
        "einsum('ii', x)": [((3, 3),)],
        "einsum('ii->i', x)": [((3, 3),)],
        "einsum('ij->i', x)": [((2, 3),)],
        "einsum('i,j->ij', a, b)": [((2,), (3,))],
        "einsum('i,ij,j', a, b, c)": [((2,), (2, 3), (3,))],
        "einsum('...ij,...j->...i', a, b)": [((5, 2, 3), (5, 3)), ((2, 3), (5, 3)), ((2, 3), (3,))],
        "einsum('ij,ij->j', a, b)": [((2, 3), (1, 3))],
    },
    numpy=[np.einsum],
    elements=lambda text, *xs: _axes(text, xs).elements,
    cost=_einsum_cost,
)
def einsum(subscripts: Text, *xs: Operand) -> Variable:
    """A sum of products, by a letter for each axis: with 'ij,jk->ik' it is a @ b.

    Raises:
        TypeError: The subscripts are no text.
        ValueError: They do not fit the operands.
    """
    if not isinstance(subscripts, str) or not xs:
        raise TypeError("write subscripts and operands as in einsum('ij,jk->ik', a, b)")
    return Einsum(subscripts)(*xs)


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
