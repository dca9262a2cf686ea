"""Pooling: one number for each window of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..builtin import Op, lift
from ..core import Variable
from ..ops import op
from ..shapes import count
from .windows import Col2im, Im2col, Lengths, each_axis, in_short, places_of

if TYPE_CHECKING:
    from ..ops import Operand, Shape


class Pool2d(Op):
    """A Function of each window of the last two axes."""

    def __init__(self, size: Shape = 2, stride: Shape | None = None) -> None:
        self.size = each_axis(size, 2, "size", 1)
        self.stride = self.size if stride is None else each_axis(stride, 2, "stride", 1)

    def columns(self, x: Any) -> Any:
        """The windows of ``x``."""
        places_of(x.shape, self.size, self.stride, (0, 0))
        return lift(Im2col(self.size, self.stride, (0, 0)), x)

    def into(self, columns: Any, x: Any) -> Any:
        """The sum of the windows, each at its place in an array like ``x``."""
        return lift(Col2im(self.size, self.stride, (0, 0), x.shape), columns)

    @property
    def label(self) -> str:
        """``max_pool2d 2``, ``max_pool2d 3, stride=1``."""
        stride = "" if self.stride == self.size else f", stride={in_short(self.stride)}"
        return f"{self.symbol} {in_short(self.size)}{stride}"


class MaxPool2d(Pool2d):
    """``max_pool2d(x, size, stride)``."""

    symbol = "max_pool2d"

    def forward(self, x: Any) -> Any:
        return np.max(self.columns(x), axis=(-4, -3))

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        chosen = self.columns(x) == _over(y)
        return self.into(_over(gy) * (chosen / np.sum(chosen, axis=(-4, -3), keepdims=True)), x)


class AvgPool2d(Pool2d):
    """``avg_pool2d(x, size, stride)``."""

    symbol = "avg_pool2d"

    def forward(self, x: Any) -> Any:
        return np.mean(self.columns(x), axis=(-4, -3))

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        part = _over(gy) / count(self.size)
        places = gy.shape[-2:]
        return self.into(np.broadcast_to(part, (*x.shape[:-2], *self.size, *places)), x)


POOLED = "x: (..., h, w), at least as large as the window; what fills no window is left out"


@op(
    "y[i, j] = max(window at i, j)",
    "gy at the largest of each window, 0 elsewhere",
    domain="all x; k equal largest ones of a window get 1/k each",
    shapes=POOLED,
    examples={
        "max_pool2d(x, 2)": [((4, 4),), ((2, 2, 5, 4),)],
        "max_pool2d(x, (2, 3), stride=1)": [((3, 4),)],
    },
    elements=lambda x, size=2, stride=None: _pooled(x.shape, size, stride)[0],
    cost=lambda x, size=2, stride=None: _pooled(x.shape, size, stride)[1],
)
def max_pool2d(x: Operand, size: Shape = 2, stride: Shape | None = None) -> Variable:
    """The largest of each window of an image; the windows lie side by side unless told a stride.

    Raises:
        ValueError: The window is larger than the image.
    """
    return MaxPool2d(size, stride)(x)


@op(
    "y[i, j] = mean(window at i, j)",
    "gy / n at each of the n elements of the window",
    shapes=POOLED,
    examples={
        "avg_pool2d(x, 2)": [((4, 4),), ((2, 2, 5, 4),)],
        "avg_pool2d(x, (2, 3), stride=1)": [((3, 4),)],
    },
    elements=lambda x, size=2, stride=None: _pooled(x.shape, size, stride)[0],
    cost=lambda x, size=2, stride=None: _pooled(x.shape, size, stride)[1],
)
def avg_pool2d(x: Operand, size: Shape = 2, stride: Shape | None = None) -> Variable:
    """The mean of each window of an image; the windows lie side by side unless told a stride.

    Raises:
        ValueError: The window is larger than the image.
    """
    return AvgPool2d(size, stride)(x)


def _over(y: Any) -> Any:
    """One number for each window, in front of the window's own two axes."""
    return y[..., None, None, :, :]


def _pooled(shape: Lengths, size: Shape, stride: Shape | None) -> tuple[int, int]:
    """Count the elements of pooling's result, and those of all windows."""
    sizes = each_axis(size, 2, "size", 1)
    strides = sizes if stride is None else each_axis(stride, 2, "stride", 1)
    found = count(shape[:-2]) * count(places_of(shape, sizes, strides, (0, 0)))
    return found, found * count(sizes)
