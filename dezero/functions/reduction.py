"""Reductions: functions that make few numbers from many, along some axes or all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..builtin import Op
from ..core import Variable
from ..ops import op
from ..scaling import numbers_of, scale_of, scale_of_overflown
from ..shapes import kept_shape, reduced_axes
from . import elementwise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..ops import Axis, Number, Operand, Shapes

ALONG: tuple[Shapes, ...] = (((2, 3),), ((1, 3),), ((0, 3),))
ROWS: tuple[Shapes, ...] = (((2, 3),), ((1, 3),))
WHOLE: tuple[Shapes, ...] = (((),), ((3,),), ((2, 3),), ((0,),))
SOME: tuple[Shapes, ...] = (((),), ((3,),), ((2, 3),))
SHAPES = "x: any; result: without the axes, or with 1 for them under keepdims"


class Reduction(Op):
    """A Function of whole axes: all by default, kept with length 1 under ``keepdims``."""

    def __init__(self, axis: Axis = None, keepdims: bool = False) -> None:
        self.axis = axis
        self.keepdims = keepdims

    def spread(self, gy: Any, x: Any) -> Any:
        """Repeat a result along the axes that were reduced, to the shape of ``x``."""
        if not self.keepdims and x.ndim:
            gy = np.reshape(gy, kept_shape(x.shape, self.axis))
        return np.broadcast_to(gy, x.shape)

    def axes(self, x: Any) -> tuple[int, ...]:
        """The axes of ``x`` that are reduced."""
        return reduced_axes(x.ndim, self.axis)

    def count(self, x: Any) -> int:
        """How many elements of ``x`` go into one of the result."""
        return math.prod([x.shape[i] for i in self.axes(x)])

    def scaled(self, compute: Callable[..., Any], x: Any, power: int) -> Any:
        """Compute a statistic that grows with this power of ``x``; of scaled numbers to be finite.

        That is done only where the numbers themselves overflow on the way.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            y = compute(x, axis=self.axis, keepdims=self.keepdims)
        scale = scale_of_overflown(x, self.axis, y)
        if scale is None:
            return y
        y = compute(x / scale, axis=self.axis, keepdims=self.keepdims)
        for _ in range(power):  # a power of the scale itself might overflow
            y = y * np.reshape(scale, y.shape)
        return y

    def refuse_empty(self, x: Any) -> None:
        """Refuse to make something of nothing; a result that has no elements is none."""
        axes = self.axes(x)
        if all(n for i, n in enumerate(x.shape) if i not in axes):
            name = type(self).__name__.lower()
            raise ValueError(f"there is no {name} of an empty array, of shape {x.shape}")

    @property
    def label(self) -> str:
        """``sum``, ``sum axis=0``, ``sum axis=0, keepdims=True``."""
        settings = [] if self.axis is None else [f"axis={self.axis}"]
        settings += ["keepdims=True"] if self.keepdims else []
        return " ".join([type(self).__name__.lower(), ", ".join(settings)]).rstrip()


class Sum(Reduction):
    """``sum(x, axis, keepdims)``."""

    def forward(self, x: Any) -> Any:
        return np.sum(x, axis=self.axis, keepdims=self.keepdims)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return self.spread(gy, x)


@op(
    "sum(x, axis, keepdims)",
    "1 for every element",
    shapes=SHAPES,
    examples={
        "sum(x)": WHOLE,
        "sum(x, axis=0)": ALONG,
        "sum(x, axis=-1, keepdims=True)": ALONG,
        "sum(x, axis=(0, 2))": [((2, 3, 4),)],
    },
    numpy=[np.sum],
)
def sum(x: Operand, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The sum of the elements, of all or along axes."""
    return Sum(axis, keepdims)(x)


class Mean(Reduction):
    """``mean(x, axis, keepdims)``."""

    def forward(self, x: Any) -> Any:
        if not x.size:
            self.refuse_empty(x)
        return self.scaled(np.mean, x, 1)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return self.spread(gy / (self.count(x) or 1), x)


@op(
    "mean(x, axis, keepdims)",
    "1 / n for every element",
    shapes=SHAPES,
    domain="not of an empty array",
    examples={
        "mean(x)": SOME,
        "mean(x, axis=0)": ROWS,
        "mean(x, axis=(0, -1), keepdims=True)": [((2, 3, 4),)],
    },
    numpy=[np.mean],
)
def mean(x: Operand, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The arithmetic mean of the elements, of all or along axes."""
    return Mean(axis, keepdims)(x)


average = mean
"""The book's name for it."""


class Var(Reduction):
    """``var(x, axis, keepdims)``."""

    def forward(self, x: Any) -> Any:
        if not x.size:
            self.refuse_empty(x)
        return self.scaled(np.var, x, 2)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        part = self.spread(gy * (2 / (self.count(x) or 1)), x)
        scale = scale_of(np.abs(numbers_of(x)), self.axis)
        if scale is None:
            return part * (x - np.mean(x, axis=self.axis, keepdims=True))
        x = x / scale
        return part * (x - np.mean(x, axis=self.axis, keepdims=True)) * scale


@op(
    "var(x, axis, keepdims)",
    "2 * (x - mean(x)) / n",
    shapes=SHAPES,
    domain="not of an empty array; divided by n, not by n - 1",
    examples={"var(x)": SOME, "var(x, axis=0)": ROWS, "var(x, axis=1, keepdims=True)": ROWS},
    numpy=[np.var],
)
def var(x: Operand, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The variance of the elements, the mean square of their distance from the mean."""
    return Var(axis, keepdims)(x)


class Std(Reduction):
    """``std(x, axis, keepdims)``."""

    def forward(self, x: Any) -> Any:
        if not x.size:
            self.refuse_empty(x)
        scale = scale_of(np.abs(numbers_of(x)), self.axis)
        if scale is None:
            return np.std(x, axis=self.axis, keepdims=self.keepdims)
        y = np.std(x / scale, axis=self.axis, keepdims=self.keepdims)
        return y * np.reshape(scale, y.shape)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        part, whole = self.spread(gy / (self.count(x) or 1), x), self.spread(y, x)
        scale = scale_of(np.abs(numbers_of(x)), self.axis)
        if scale is not None:
            x, whole = x / scale, whole / scale
        return part * _parts(x - np.mean(x, axis=self.axis, keepdims=True), whole)


@op(
    "std(x, axis, keepdims)",
    "(x - mean(x)) / (n * y)",
    shapes=SHAPES,
    domain="not of an empty array; divided by n, not by n - 1; derivative 0 where all are equal",
    examples={
        "std(x)": [((3,),), ((2, 3),)],
        "std(x, axis=0)": [((2, 3),)],
        "std(x, axis=1, keepdims=True)": ROWS,
    },
    numpy=[np.std],
)
def std(x: Operand, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The standard deviation of the elements, the root of their variance."""
    return Std(axis, keepdims)(x)


class Norm(Reduction):
    """``norm(x, 2, axis, keepdims)``."""

    def forward(self, x: Any) -> Any:
        scale = scale_of(np.abs(numbers_of(x)), self.axis)
        if scale is not None:
            x = x / scale
        y = np.sqrt(np.sum(x * x, axis=self.axis, keepdims=self.keepdims))
        return y if scale is None else y * np.reshape(scale, y.shape)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return self.spread(gy, x) * _parts(x, self.spread(y, x))


@op(
    "sqrt(sum(x**2, axis, keepdims))",
    "x / y",
    shapes=SHAPES,
    domain="ord 2, 1 (the sum of the absolute values) or inf (the largest); derivative 0 at 0",
    examples={
        "norm(x)": WHOLE,
        "norm(x, axis=0)": ALONG,
        "norm(x, axis=1, keepdims=True)": ALONG,
        "norm(x, 1)": [((3,),)],
        "norm(x, inf, axis=1)": [((2, 3),)],
    },
    numpy=[np.linalg.norm],
)
def norm(x: Operand, ord: Number = None, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The length of a vector, of all elements or along an axis, without overflow.

    Raises:
        ValueError: ``ord`` is another, or for a matrix: its norms are not those of its elements.
    """
    if ord is None:
        return Norm(axis, keepdims)(x)
    shape = x.shape if isinstance(x, Variable) else np.shape(x)
    if len(reduced_axes(len(shape), axis)) > 1:
        raise ValueError(f"with ord, norm works on vectors: give it an axis for the shape {shape}")
    if ord not in NORMS:
        raise ValueError(f"ord is 2, 1 or inf, not {ord:g}")
    return NORMS[ord](x, axis, keepdims)


class Max(Reduction):
    """``max(x, axis, keepdims)``."""

    def forward(self, x: Any) -> Any:
        if not x.size:
            self.refuse_empty(x)
        return np.max(x, axis=self.axis, keepdims=self.keepdims)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        chosen = x == self.spread(y, x)
        ties = np.sum(chosen, axis=self.axis, keepdims=True)
        return self.spread(gy, x) * (chosen / ties)


@op(
    "max(x, axis, keepdims)",
    "1 for the largest element, 0 for the others",
    shapes=SHAPES,
    domain="not of an empty array; k equal largest ones get 1/k each",
    examples={"max(x)": SOME, "max(x, axis=0)": ROWS, "max(x, axis=1, keepdims=True)": ROWS},
    numpy=[np.max, np.amax],
)
def max(x: Operand, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The largest of the elements, of all or along axes."""
    return Max(axis, keepdims)(x)


class Min(Max):
    """``min(x, axis, keepdims)``; its rule is that of max."""

    def forward(self, x: Any) -> Any:
        if not x.size:
            self.refuse_empty(x)
        return np.min(x, axis=self.axis, keepdims=self.keepdims)


@op(
    "min(x, axis, keepdims)",
    "1 for the smallest element, 0 for the others",
    shapes=SHAPES,
    domain="not of an empty array; k equal smallest ones get 1/k each",
    examples={"min(x)": SOME, "min(x, axis=0)": ROWS, "min(x, axis=1, keepdims=True)": ROWS},
    numpy=[np.min, np.amin],
)
def min(x: Operand, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The smallest of the elements, of all or along axes."""
    return Min(axis, keepdims)(x)


class Prod(Reduction):
    """``prod(x, axis, keepdims)``."""

    def forward(self, x: Any) -> Any:
        return np.prod(x, axis=self.axis, keepdims=self.keepdims)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        axes = self.axes(x)
        kept = [i for i in range(x.ndim) if i not in axes]
        order = (*kept, *axes)
        rows = np.reshape(np.transpose(x, order), (*[x.shape[i] for i in kept], self.count(x)))
        others = np.reshape(_products_of_others(rows), tuple([x.shape[i] for i in order]))
        inverse = tuple([order.index(i) for i in range(x.ndim)])
        return self.spread(gy, x) * np.transpose(others, inverse)


@op(
    "prod(x, axis, keepdims)",
    "the product of the other elements",
    shapes=SHAPES,
    examples={
        "prod(x)": WHOLE,
        "prod(x, axis=0)": ALONG,
        "prod(x, axis=-1, keepdims=True)": ROWS,
        "prod(x, axis=(0, 2))": [((2, 3, 4),)],
        "prod(x * [0, 1, 0])": [((3,),)],
    },
    numpy=[np.prod],
)
def prod(x: Operand, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The product of the elements, of all or along axes."""
    return Prod(axis, keepdims)(x)


class Logsumexp(Reduction):
    """``logsumexp(x, axis, keepdims)``."""

    def forward(self, x: Any) -> Any:
        if not x.size:
            self.refuse_empty(x)
        top = np.max(x, axis=self.axis, keepdims=True)
        top = np.where(np.isfinite(top), top, 0.0)
        total = np.sum(np.exp(x - top), axis=self.axis, keepdims=True)
        return np.reshape(
            np.log(total) + top, np.sum(x, axis=self.axis, keepdims=self.keepdims).shape
        )

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return self.spread(gy, x) * np.exp(x - self.spread(y, x))


@op(
    "logsumexp(x, axis, keepdims)",
    "softmax(x)",
    shapes=SHAPES,
    domain="not of an empty array",
    examples={
        "logsumexp(x)": SOME,
        "logsumexp(x, axis=0)": ROWS,
        "logsumexp(x, axis=1, keepdims=True)": ROWS,
    },
)
def logsumexp(x: Operand, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The logarithm of the sum of exponentials, without overflow."""
    return Logsumexp(axis, keepdims)(x)


NORMS: Mapping[float, Callable[[Operand, Axis, bool], Variable]] = {
    2: lambda x, axis, keepdims: Norm(axis, keepdims)(x),
    1: lambda x, axis, keepdims: sum(elementwise.abs(x), axis, keepdims),
    math.inf: lambda x, axis, keepdims: max(elementwise.abs(x), axis, keepdims),
}
"""The norms of vectors, by NumPy's ``ord``."""


def _parts(x: Any, whole: Any) -> Any:
    """``x / whole``, but 0 where that is 0."""
    none = whole == 0
    return np.where(none, 0.0, x) / np.where(none, 1.0, whole)


def _products_of_others(x: Any) -> Any:
    """For each element the product of all others along the last axis.

    By halves instead of by division, so that zeros are no trouble: n log n steps in all.
    """
    n = x.shape[-1]
    if n <= 1:
        return np.ones_like(x)
    if n % 2:
        x = np.concatenate([x, np.ones_like(x[..., :1])], axis=-1)
    even, odd = x[..., 0::2], x[..., 1::2]
    others = _products_of_others(even * odd)
    pairs = np.stack([others * odd, others * even], axis=-1)
    return np.reshape(pairs, x.shape)[..., :n]


for _function in (sum, mean, var, std, prod, max, min):
    setattr(Variable, _function.__name__, _function)
