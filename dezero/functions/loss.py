"""Probabilities of classes, and losses: one number that says how far a prediction is off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..core import Op, Variable, as_variable
from ..ops import op
from .arithmetic import sub
from .elementwise import clip, exp, log

if TYPE_CHECKING:
    from ..ops import Data, Operand


class Softmax(Op):
    """``softmax(x, axis)``."""

    def __init__(self, axis: int = 1) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        powers = np.exp(x - _top(x, self.axis))
        return powers / np.sum(powers, axis=self.axis, keepdims=True)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        product = gy * y
        return product - y * np.sum(product, axis=self.axis, keepdims=True)


@op(
    "exp(x) / sum(exp(x), axis, keepdims=True)",
    "y * (gy - sum(gy * y, axis))",
    shapes="x: has the axis, by default 1; result: as x",
    examples={"softmax(x)": [((2, 3),)], "softmax(x, axis=0)": [((3,),), ((2, 3),)]},
)
def softmax(x: Operand, axis: int = 1) -> Variable:
    """Numbers made positive that add up to 1, without overflow."""
    return Softmax(axis)(x)


def softmax_simple(x: Operand, axis: int = 1) -> Variable:
    """Softmax as its formula says it, of smaller ops; it overflows above 709."""
    powers = exp(x)
    return powers / powers.sum(axis=axis, keepdims=True)


class LogSoftmax(Op):
    """``log_softmax(x, axis)``."""

    def __init__(self, axis: int = 1) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        shifted = x - _top(x, self.axis)
        return shifted - np.log(np.sum(np.exp(shifted), axis=self.axis, keepdims=True))

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy - np.exp(y) * np.sum(gy, axis=self.axis, keepdims=True)


@op(
    "x - logsumexp(x, axis, keepdims=True)",
    "gy - softmax(x) * sum(gy, axis)",
    shapes="x: has the axis, by default 1; result: as x",
    examples={"log_softmax(x)": [((2, 3),)], "log_softmax(x, axis=0)": [((3,),), ((2, 3),)]},
)
def log_softmax(x: Operand, axis: int = 1) -> Variable:
    """The logarithm of softmax, exact also where softmax is all but 0."""
    return LogSoftmax(axis)(x)


class MeanSquaredError(Op):
    """``mean_squared_error(x0, x1)``."""

    def forward(self, x0: Any, x1: Any) -> Any:
        _check_pair(x0, x1)
        difference = x0 - x1
        return np.sum(difference * difference) / _rows(difference)

    def vjp_x0(self, gy: Any, y: Any, x0: Any, x1: Any) -> Any:
        difference = x0 - x1
        return gy * difference * (2.0 / (_rows(difference) or 1))

    def vjp_x1(self, gy: Any, y: Any, x0: Any, x1: Any) -> Any:
        difference = x1 - x0
        return gy * difference * (2.0 / (_rows(difference) or 1))


@op(
    "sum((x0 - x1)**2) / n",
    "2 * (x0 - x1) / n for x0, the negative for x1",
    domain="not of an empty array",
    shapes="x0, x1: one shape, n rows; result: a number",
    examples={"mean_squared_error(x0, x1)": [((3,), (3,)), ((2, 3), (2, 3)), ((), ())]},
)
def mean_squared_error(x0: Operand, x1: Operand) -> Variable:
    """The sum of squared differences, divided by the number of rows."""
    return MeanSquaredError()(x0, x1)


def mean_squared_error_simple(x0: Operand, x1: Operand) -> Variable:
    """The sum of squared differences, divided by the number of rows, made of smaller ops."""
    x0, x1 = as_variable(x0), as_variable(x1)
    _check_pair(x0, x1)
    difference = sub(x0, x1)
    return (difference**2).sum() / _rows(difference)


class SoftmaxCrossEntropy(Op):
    """``softmax_cross_entropy(x, t)``."""

    def forward(self, x: Any, t: Any) -> Any:
        classes = _labels(t, x.shape)
        rows = np.arange(len(x))
        top = np.max(x, axis=1)
        return np.mean(np.log(np.sum(np.exp(x - top[:, None]), axis=1)) + top - x[rows, classes])

    def vjp_x(self, gy: Any, y: Any, x: Any, t: Any) -> Any:
        chosen = np.zeros(x.shape, x.dtype)  # rows of np.eye(classes) would take classes**2
        chosen[np.arange(len(x)), _labels(getattr(t, "data", t), x.shape)] = 1.0
        powers = np.exp(x - np.max(getattr(x, "data", x), axis=1, keepdims=True))
        return (powers / np.sum(powers, axis=1, keepdims=True) - chosen) * (gy / len(x))


@op(
    "-mean(log_softmax(x)[i, t[i]])",
    "(softmax(x) - onehot(t)) / n for x",
    domain="not of an empty array; t: the number of a class for each row, without derivative",
    shapes="x: (n, classes); t: (n,); result: a number",
    examples={"softmax_cross_entropy(x, [2, 0])": [((2, 3),)]},
)
def softmax_cross_entropy(x: Operand, t: Data) -> Variable:
    """How improbable the right classes are, by softmax of scores: the mean negative logarithm."""
    return SoftmaxCrossEntropy()(x, t)


def softmax_cross_entropy_simple(x: Operand, t: Data) -> Variable:
    """How improbable the right classes are, made of smaller ops; it says no more than 34.5."""
    x = as_variable(x)
    labels = _labels(t.data if isinstance(t, Variable) else t, x.shape)
    chosen = clip(softmax(x), 1e-15, 1.0)[np.arange(len(x)), labels]  # log(0) is -inf
    return -log(chosen).sum() / len(x)


def _top(x: Any, axis: int) -> Any:
    """Find the largest number along an axis, which is kept."""
    try:
        return np.max(x, axis=axis, keepdims=True)
    except np.exceptions.AxisError:
        way = "; of a vector it is axis=0" if x.ndim == 1 else ""
        raise ValueError(f"there is no axis {axis} in the shape {x.shape}{way}") from None


def _check_pair(x0: Any, x1: Any) -> None:
    if x0.shape != x1.shape:
        raise ValueError(f"x0 and x1 have one shape, not {x0.shape} and {x1.shape}")
    if not x0.size:
        raise ValueError(f"there is no mean of an empty array, of shape {x0.shape}")


def _rows(x: Any) -> int:
    return int(x.shape[0]) if x.ndim else 1


def _labels(t: Any, shape: tuple[int, ...]) -> Any:
    """Read the numbers of classes, which may come as floats."""
    labels = np.asarray(t)
    if labels.shape != shape[:1] or len(shape) != 2:
        raise ValueError(
            f"scores of shape (n, classes) go with n labels, not {shape} with {labels.shape}"
        )
    if not labels.size:
        raise ValueError(f"there is no mean over the rows of an empty array, of shape {shape}")
    with np.errstate(invalid="ignore"):  # a NaN, which is refused
        whole = labels.astype(int)
    wrong = (whole != labels) | (whole < 0) | (whole >= shape[1])
    if np.any(wrong):
        label = labels[wrong][0]
        raise ValueError(f"a label is a whole number from 0 to {shape[1] - 1}, not {label:g}")
    return whole
