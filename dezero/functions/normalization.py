"""Normalization and dropout, which keep the numbers in a network at a stable size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..builtin import Op
from ..config import Config
from ..core import Variable, as_variable, raw
from ..ops import UNARY, op
from .elementwise import sqrt, square
from .reduction import mean

if TYPE_CHECKING:
    from ..ops import Operand


EPS = 1e-5
"""What is added to variances, as in other frameworks: no square root is 0."""


MOST_SHOWN = 100
"""A mask of so many elements is written out."""


class Normalization(Op):
    """``(x - mean) / sqrt(var + eps) * gamma + beta``; subclasses say along which axes."""

    def __init__(self, eps: float = EPS) -> None:
        self.eps = eps

    @property
    def label(self) -> str:
        """``layer_norm``, ``layer_norm eps=0.1``."""
        return f"{self.symbol} eps={self.eps:.4g}" if self.eps != EPS else str(self.symbol)

    def axes(self, x: Any) -> tuple[int, ...]:
        """The axes of which the mean and the variance are taken."""
        raise NotImplementedError

    def check(self, x: Any, gamma: Any, beta: Any) -> None:
        """Refuse shapes that do not fit."""
        raise NotImplementedError

    def wide(self, gamma: Any, x: Any) -> Any:
        """``gamma`` with the axes of ``x``."""
        return gamma

    def forward(self, x: Any, gamma: Any = None, beta: Any = None) -> Any:
        self.check(x, gamma, beta)
        y = self.normal(x)[0]
        y = y if gamma is None else y * self.wide(gamma, x)
        return y if beta is None else y + self.wide(beta, x)

    def vjp_x(self, gy: Any, y: Any, x: Any, gamma: Any = None, beta: Any = None) -> Any:
        normal, deviation = self.normal(x)
        g = gy if gamma is None else gy * self.wide(gamma, x)
        axes = self.axes(x)
        mean = np.mean(g, axis=axes, keepdims=True)
        along = np.mean(g * normal, axis=axes, keepdims=True)
        return (g - mean - normal * along) / deviation

    def vjp_gamma(self, gy: Any, y: Any, x: Any, gamma: Any, beta: Any = None) -> Any:
        return self.narrow(gy * self.normal(x)[0], x)

    def vjp_beta(self, gy: Any, y: Any, x: Any, gamma: Any, beta: Any) -> Any:
        return self.narrow(gy, x)

    def narrow(self, gy: Any, x: Any) -> Any:
        """The sum of ``gy`` for each element of gamma."""
        return gy  # the engine sums it to the shape of gamma

    def normal(self, x: Any) -> tuple[Any, Any]:
        """``x`` with mean 0 and variance 1, and the deviation it was divided by."""
        axes = self.axes(x)
        away = x - np.mean(x, axis=axes, keepdims=True)
        deviation = np.sqrt(np.mean(away * away, axis=axes, keepdims=True) + self.eps)
        return away / deviation, deviation


class LayerNorm(Normalization):
    """``layer_norm(x, gamma, beta)``."""

    symbol = "layer_norm"

    def axes(self, x: Any) -> tuple[int, ...]:
        return (x.ndim - 1,)

    def check(self, x: Any, gamma: Any, beta: Any) -> None:
        if not x.ndim or not x.shape[-1]:
            raise ValueError(f"there is no mean along the last axis of the shape {x.shape}")
        for part, name in ((gamma, "gamma"), (beta, "beta")):
            if part is not None and part.shape != x.shape[-1:]:
                raise ValueError(
                    f"{name} must have a number for each column of x; the shapes are {part.shape} "
                    f"and {x.shape}"
                )


def _layer_norm_parts(
    x: Operand, gamma: Operand | None = None, beta: Operand | None = None, eps: float = EPS
) -> Variable:
    x = as_variable(x)
    LayerNorm(eps).check(
        x, *[part if part is None else as_variable(part) for part in (gamma, beta)]
    )
    away = x - mean(x, axis=-1, keepdims=True)
    y = away / sqrt(mean(square(away), axis=-1, keepdims=True) + eps)
    y = y if gamma is None else y * gamma
    return y if beta is None else y + beta


@op(
    "(x - mean) / sqrt(var + eps) * gamma + beta, along the last axis",
    "(g - mean(g) - n * mean(g * n)) / sqrt(var + eps) for x, with g = gy * gamma and n of x; "
    "gy * n for gamma, gy for beta",
    domain="not along an empty axis",
    shapes="x: (..., k); gamma, beta: (k,) or none; result: as x",
    examples={
        "layer_norm(x)": [((2, 3),), ((3,),)],
        "layer_norm(x, gamma, beta)": [((2, 3), (3,), (3,)), ((2, 2, 3), (3,), (3,))],
    },
    parts=_layer_norm_parts,
)
def layer_norm(
    x: Operand, gamma: Operand | None = None, beta: Operand | None = None, eps: float = EPS
) -> Variable:
    """Each row brought to mean 0 and variance 1, then scaled by gamma and moved by beta."""
    return _applied(LayerNorm(eps), x, gamma, beta)


class BatchNorm(Normalization):
    """``batch_norm(x, gamma, beta)``."""

    symbol = "batch_norm"

    def axes(self, x: Any) -> tuple[int, ...]:
        return (0, *range(2, x.ndim))

    def check(self, x: Any, gamma: Any, beta: Any) -> None:
        if x.ndim < 2 or not x.size:
            raise ValueError(f"there is no mean of each channel in the shape {x.shape}")
        for part, name in ((gamma, "gamma"), (beta, "beta")):
            if part is not None and part.shape != x.shape[1:2]:
                raise ValueError(
                    f"{name} must have a number for each channel of x; the shapes are "
                    f"{part.shape} and {x.shape}"
                )

    def wide(self, gamma: Any, x: Any) -> Any:
        return np.reshape(gamma, (*gamma.shape, *[1] * (x.ndim - 2)))

    def narrow(self, gy: Any, x: Any) -> Any:
        return np.sum(gy, axis=self.axes(x))


@op(
    "(x - mean) / sqrt(var + eps) * gamma + beta, of each channel",
    "(g - mean(g) - n * mean(g * n)) / sqrt(var + eps) for x, with g = gy * gamma and n of x; "
    "sum(gy * n) for gamma, sum(gy) for beta",
    domain="not of an empty array; always by the mean and variance of this batch, as in training",
    shapes="x: (n, c, ...); gamma, beta: (c,) or none; result: as x",
    examples={
        "batch_norm(x)": [((3, 2),)],
        "batch_norm(x, gamma, beta)": [((3, 2), (2,), (2,)), ((2, 3, 2, 2), (3,), (3,))],
    },
    elements=lambda x, gamma=None, beta=None, eps=0: x.size,
)
def batch_norm(
    x: Operand, gamma: Operand | None = None, beta: Operand | None = None, eps: float = EPS
) -> Variable:
    """Each channel of a batch brought to mean 0 and variance 1, then scaled and moved."""
    return _applied(BatchNorm(eps), x, gamma, beta)


class Dropout(Op):
    """``dropout(x, ratio, seed)``."""

    def __init__(self, ratio: float = 0.5, seed: int = 0) -> None:
        self.ratio = ratio
        self.seed = seed

    def forward(self, x: Any) -> Any:
        return x * self.mask(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * self.mask(x)

    def mask(self, x: Any) -> Any:
        """What each element is multiplied by: 0, or what makes up for those that are 0."""
        kept = np.random.default_rng(self.seed).random(x.shape) >= self.ratio
        return (kept / (1 - self.ratio)).astype(x.dtype if x.dtype.kind == "f" else float)

    @property
    def label(self) -> str:
        """``dropout 0.5``, ``dropout 0.5, seed=1``."""
        return f"dropout {self.ratio:.4g}" + (f", seed={self.seed}" if self.seed else "")

    @property
    def detail(self) -> str:  # type: ignore[override]  # from what it was applied to
        """``mask [2, 0, 2]``, of a large one only how much is left out."""
        mask = self.mask(raw(self.inputs[0]))
        if np.size(mask) > MOST_SHOWN:
            return (
                f"mask 0 at {np.count_nonzero(mask == 0)} of {mask.size}, else {np.max(mask):.4g}"
            )
        return f"mask {_written(mask.tolist())}"


@op(
    "x * mask, with mask 0 or 1 / (1 - ratio)",
    "mask",
    domain="all x; two of one shape and seed have one mask; in test_mode it is x itself",
    examples={"dropout(x)": UNARY, "dropout(x, 0.25, seed=3)": [((2, 3),)]},
)
def dropout(x: Operand, ratio: float = 0.5, seed: int = 0) -> Variable:
    """The elements, each left out with a chance of ratio, the others made as much larger.

    Raises:
        ValueError: The ratio is not from 0 to below 1, or the seed is negative.
    """
    if not 0 <= ratio < 1:
        raise ValueError(f"the ratio of dropout must be at least 0 and below 1, not {ratio:g}")
    if seed < 0:
        raise ValueError(f"a seed must be a whole number that is not negative, not {seed}")
    return Dropout(ratio, seed)(x) if Config.train else as_variable(x)


def _written(numbers: Any) -> str:
    """Write nested lists of numbers in short."""
    if isinstance(numbers, list):
        return f"[{', '.join(map(_written, numbers))}]"
    return f"{numbers:.4g}"


def _applied(op: Op, x: Operand, gamma: Operand | None, beta: Operand | None) -> Variable:
    """Apply to those that there are; with ``beta`` alone, gamma is 1."""
    if gamma is None and beta is not None:
        gamma = np.ones(np.shape(beta.data if isinstance(beta, Variable) else beta))
    return op(*[operand for operand in (x, gamma, beta) if operand is not None])
