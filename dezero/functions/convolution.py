"""Convolutions: a kernel that slides over a row or an image."""

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


class Convolution(Op):
    """A kernel's products with each window of ``x``, summed up; subclasses say how many axes."""

    axes = 0

    def __init__(self, stride: Shape = 1, pad: Shape = 0) -> None:
        self.stride = each_axis(stride, self.axes, "stride", 1)
        self.pad = each_axis(pad, self.axes, "pad", 0)

    def forward(self, x: Any, W: Any, b: Any = None) -> Any:  # the book's name
        places = _convolved(x.shape, W.shape, self.stride, self.pad)
        if b is not None and b.shape != W.shape[: -self.axes - 1]:
            raise ValueError(
                "if the kernel has m output channels, b must have m numbers; the shapes are "
                f"{W.shape} and {b.shape}"
            )
        y = np.reshape(np.matmul(self.rows(W), self.columns(x, W)), self.result(x, W, places))
        return y if b is None else y + self.biases(b)

    def vjp_x(self, gy: Any, y: Any, x: Any, W: Any, b: Any = None) -> Any:
        columns = np.matmul(np.transpose(self.rows(W)), self.gradients(gy, W))
        size = W.shape[-self.axes :]
        places = gy.shape[-self.axes :]
        windows = np.reshape(columns, (*x.shape[: -self.axes], *size, *places))
        return lift(Col2im(size, self.stride, self.pad, x.shape), windows)

    def vjp_W(self, gy: Any, y: Any, x: Any, W: Any, b: Any = None) -> Any:
        columns = self.columns(x, W)
        products = np.matmul(self.gradients(gy, W), np.transpose(columns, (0, 2, 1)))
        return np.reshape(np.sum(products, axis=0), W.shape)

    def vjp_b(self, gy: Any, y: Any, x: Any, W: Any, b: Any = None) -> Any:
        places = tuple(range(-self.axes, 0))
        return np.sum(gy, axis=places if W.ndim == self.axes else (0, *places))

    def columns(self, x: Any, W: Any) -> Any:
        """The windows of each example as a matrix: a row for each number of the kernel."""
        windows = lift(Im2col(W.shape[-self.axes :], self.stride, self.pad), x)
        examples = x.shape[0] if W.ndim > self.axes else 1
        rows = count(W.shape[1:] if W.ndim > self.axes else W.shape)
        return np.reshape(windows, (examples, rows, count(windows.shape[-self.axes :])))

    def rows(self, W: Any) -> Any:
        """The kernel as a matrix: a row for each output channel."""
        channels = W.shape[0] if W.ndim > self.axes else 1
        return np.reshape(W, (channels, W.size // (channels or 1)))

    def gradients(self, gy: Any, W: Any) -> Any:
        """What comes from above as a matrix for each example: a row for each output channel."""
        lead = gy.shape[:2] if W.ndim > self.axes else (1, 1)
        return np.reshape(gy, (*lead, count(gy.shape[-self.axes :])))

    def result(self, x: Any, W: Any, places: Lengths) -> Lengths:
        """The shape of the result."""
        return (x.shape[0], W.shape[0], *places) if W.ndim > self.axes else places

    def biases(self, b: Any) -> Any:
        """The numbers ``b``, each for a channel."""
        return np.reshape(b, (*b.shape, *[1] * self.axes)) if b.ndim else b

    @property
    def label(self) -> str:
        """``conv2d``, ``conv2d stride=2, pad=1``."""
        settings = [f"stride={in_short(self.stride)}"] if set(self.stride) != {1} else []
        settings += [f"pad={in_short(self.pad)}"] if any(self.pad) else []
        return f"{type(self).__name__.lower()} {', '.join(settings)}".rstrip()


class Conv1d(Convolution):
    """``conv1d(x, W, b, stride, pad)``."""

    axes = 1


class Conv2d(Convolution):
    """``conv2d(x, W, b, stride, pad)``."""

    axes = 2


@op(
    "y[n, o, i] = sum(x[n, :, window at i] * W[o]) + b[o], x with pad zeros at its ends",
    "for x the sum of gy * W at the windows, for W that of gy * windows, for b that of gy",
    shapes="x: (n, c, length); W: (m, c, k); b: (m,) or none; or x: (length,); W: (k,)",
    examples={
        "conv1d(x, W)": [((2, 3, 5), (4, 3, 2)), ((5,), (3,))],
        "conv1d(x, W, b, stride=2, pad=1)": [((1, 2, 5), (2, 2, 3), (2,)), ((5,), (2,), ())],
    },
    elements=lambda x, W, b=None, stride=1, pad=0: _count(1, x, W, stride, pad)[0],
    cost=lambda x, W, b=None, stride=1, pad=0: _count(1, x, W, stride, pad)[1],
)
def conv1d(
    x: Operand, W: Operand, b: Operand | None = None, stride: Shape = 1, pad: Shape = 0
) -> Variable:
    """A kernel that slides over rows of numbers: the sums of its products with what it covers.

    Raises:
        ValueError: The shapes do not fit, or the kernel is longer than the row.
    """
    return Conv1d(stride, pad)(x, W) if b is None else Conv1d(stride, pad)(x, W, b)


@op(
    "y[n, o, i, j] = sum(x[n, :, window at i, j] * W[o]) + b[o], x with pad zeros around it",
    "for x the sum of gy * W at the windows, for W that of gy * windows, for b that of gy",
    shapes="x: (n, c, h, w); W: (m, c, kh, kw); b: (m,) or none; or x: (h, w); W: (kh, kw)",
    examples={
        "conv2d(x, W)": [((2, 3, 4, 5), (2, 3, 3, 2)), ((4, 4), (3, 3))],
        "conv2d(x, W, b, stride=2, pad=1)": [((1, 2, 4, 4), (3, 2, 3, 3), (3,))],
        "conv2d(x, W, pad=(1, 0))": [((3, 3), (3, 3))],
    },
    elements=lambda x, W, b=None, stride=1, pad=0: _count(2, x, W, stride, pad)[0],
    cost=lambda x, W, b=None, stride=1, pad=0: _count(2, x, W, stride, pad)[1],
)
def conv2d(
    x: Operand, W: Operand, b: Operand | None = None, stride: Shape = 1, pad: Shape = 0
) -> Variable:
    """A kernel that slides over images: the sums of its products with what it covers.

    It is not turned round, as in all frameworks.

    Raises:
        ValueError: The shapes do not fit, or the kernel is larger than the image.
    """
    return Conv2d(stride, pad)(x, W) if b is None else Conv2d(stride, pad)(x, W, b)


def _convolved(x: Lengths, W: Lengths, stride: Lengths, pad: Lengths) -> Lengths:
    """How many places there are along each axis for a kernel."""
    axes = len(stride)
    alike = len(x) == len(W) and (len(W) == axes or (len(W) == axes + 2 and x[1] == W[1]))
    if not alike:
        forms = {
            1: "(n, c, length) needs a kernel (m, c, k), and (length,) a kernel (k,)",
            2: "(n, c, h, w) needs a kernel (m, c, kh, kw), and (h, w) a kernel (kh, kw)",
        }
        raise ValueError(f"x of shape {forms[axes]}, not {x} with {W}")
    if 0 in W[-axes:]:
        raise ValueError(f"there is no sum over an empty kernel, of shape {W}")
    try:
        return places_of(x, W[-axes:], stride, pad)
    except ValueError:
        padded = f" with pad {in_short(pad)}" if any(pad) else ""
        raise ValueError(f"a kernel of shape {W} is larger than {x}{padded}") from None


def _count(axes: int, x: Any, W: Any, stride: Shape, pad: Shape) -> tuple[float, float]:
    """Count the elements of a convolution's result, and what it and its gradients take.

    That is all the windows, or the padded ``x``, or the time of the product (see `matmul_cost`).
    """
    strides, pads = each_axis(stride, axes, "stride", 1), each_axis(pad, axes, "pad", 0)
    places = count(_convolved(x.shape, W.shape, strides, pads))
    alone = W.ndim == axes
    examples, outputs = (1, 1) if alone else (x.shape[0], W.shape[0])
    windows = examples * places * (W.size if alone else count(W.shape[1:]))
    padded = count(x.shape[:-axes]) * count(
        tuple(n + 2 * p for n, p in zip(x.shape[-axes:], pads, strict=True))
    )
    return examples * outputs * places, max(windows, windows * outputs / 300, padded)
