"""Probabilities of classes, and losses: one number that says how far a prediction is off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..builtin import Op, lift
from ..core import Variable, as_variable, constant
from ..ops import op
from .arithmetic import sub
from .elementwise import clip, exp, log
from .reduction import mean

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

    @property
    def label(self) -> str:
        """``softmax``, ``softmax axis=0`` where that is not the usual one."""
        return f"softmax{_axis_told(self)}"


@op(
    "exp(x) / sum(exp(x), axis, keepdims=True)",
    "y * (gy - sum(gy * y, axis))",
    shapes="x: has the axis, by default 1, of a vector 0; result: as x",
    examples={"softmax(x)": [((2, 3),), ((3,),)], "softmax(x, axis=0)": [((3,),), ((2, 3),)]},
)
def softmax(x: Operand, axis: int | None = None) -> Variable:
    """Numbers made positive that add up to 1, without overflow."""
    return Softmax(_axis(x, axis))(x)


def softmax_simple(x: Operand, axis: int | None = None) -> Variable:
    """Softmax as its formula says it, of smaller ops; it overflows above 709."""
    axis = _axis(x, axis)
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

    @property
    def label(self) -> str:
        """``log_softmax``, ``log_softmax axis=0`` where that is not the usual one."""
        return f"log_softmax{_axis_told(self)}"


@op(
    "x - logsumexp(x, axis, keepdims=True)",
    "gy - softmax(x) * sum(gy, axis)",
    shapes="x: has the axis, by default 1, of a vector 0; result: as x",
    examples={
        "log_softmax(x)": [((2, 3),), ((3,),)],
        "log_softmax(x, axis=0)": [((3,),), ((2, 3),)],
    },
)
def log_softmax(x: Operand, axis: int | None = None) -> Variable:
    """The logarithm of softmax, exact also where softmax is all but 0."""
    return LogSoftmax(_axis(x, axis))(x)


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
        labels = constant(t.data, t.name) if isinstance(t, Variable) else t
        chosen = lift(OneHot(x.shape[1], x.dtype), labels)
        return (lift(Softmax(1), x) - chosen) * (gy / len(x))


class OneHot(Op):
    """``one_hot(t, classes)``: rows of zeros with a 1 at the number of each one's class."""

    def __init__(self, classes: int, dtype: np.dtype[Any]) -> None:
        self.classes = classes
        self.dtype = dtype

    def forward(self, t: Any) -> Any:
        labels = np.asarray(getattr(t, "data", t))
        rows = np.zeros((len(labels), self.classes), self.dtype)  # np.eye would take classes**2
        rows[np.arange(len(rows)), _labels(labels, rows.shape)] = 1.0
        return rows

    @property
    def label(self) -> str:
        """``one_hot 3``."""
        return f"one_hot {self.classes}"


def _cross_entropy_parts(x: Operand, t: Data) -> Variable:
    x = as_variable(x)
    labels = _labels(t.data if isinstance(t, Variable) else t, x.shape)
    return -mean(log_softmax(x)[np.arange(len(labels)), labels])


@op(
    "-mean(log_softmax(x)[i, t[i]])",
    "(softmax(x) - onehot(t)) / n for x",
    domain="not of an empty array; t: the number of a class for each row, without derivative",
    shapes="x: (n, classes); t: (n,); result: a number",
    examples={"softmax_cross_entropy(x, [2, 0])": [((2, 3),)]},
    parts=_cross_entropy_parts,
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


class Huber(Op):
    """``huber(x0, x1, delta)``."""

    def __init__(self, delta: float = 1.0) -> None:
        self.delta = delta

    def forward(self, x0: Any, x1: Any) -> Any:
        _check_pair(x0, x1)
        away = np.abs(x0 - x1)
        near = np.minimum(away, self.delta)
        return np.mean(near * (away - 0.5 * near))

    def vjp_x0(self, gy: Any, y: Any, x0: Any, x1: Any) -> Any:
        return gy * np.clip(x0 - x1, -self.delta, self.delta) / x0.size

    def vjp_x1(self, gy: Any, y: Any, x0: Any, x1: Any) -> Any:
        return gy * np.clip(x1 - x0, -self.delta, self.delta) / x0.size

    @property
    def label(self) -> str:
        """``huber``, ``huber 0.5``."""
        return "huber" if self.delta == 1 else f"huber {self.delta:.4g}"


@op(
    "mean(d**2 / 2 where d <= delta, else delta * (d - delta/2)), d = abs(x0 - x1)",
    "clip(x0 - x1, -delta, delta) / n for x0, the negative for x1",
    domain="not of an empty array",
    shapes="x0, x1: one shape, n numbers; result: a number",
    examples={
        "huber(x0, x1)": [((3,), (3,)), ((2, 3), (2, 3)), ((), ())],
        "huber(x0, x1, 0.5)": [((4,), (4,))],
    },
)
def huber(x0: Operand, x1: Operand, delta: float = 1.0) -> Variable:
    """The mean of squares that go on as lines from delta on: what is far off counts less.

    Raises:
        ValueError: The shapes differ, or delta is not above 0.
    """
    if not delta > 0:
        raise ValueError(f"the delta of huber must be above 0, not {delta:g}")
    return Huber(delta)(x0, x1)


class BinaryCrossEntropy(Op):
    """``binary_cross_entropy(p, t)``."""

    def forward(self, p: Any, t: Any) -> Any:
        _check_pair(p, t, "p and t")
        yes, no = _terms(p, t)
        return -np.mean(t * np.log(yes) + (1 - t) * np.log1p(-no))

    def vjp_p(self, gy: Any, y: Any, p: Any, t: Any) -> Any:
        yes, no = _terms(p, t)
        return gy * ((1 - t) / (1 - no) - t / yes) / p.size

    def vjp_t(self, gy: Any, y: Any, p: Any, t: Any) -> Any:
        return gy * (np.log1p(-p) - np.log(p)) / p.size


def _terms(p: Any, t: Any) -> tuple[Any, Any]:
    """``p`` where it counts as what was to come, and as what was not: 0 * log(0) is 0."""
    values = np.asarray(getattr(t, "data", t))
    return np.where(values == 0, 1.0, p), np.where(values == 1, 0.0, p)


@op(
    "-mean(t * log(p) + (1 - t) * log(1 - p))",
    "((1 - t) / (1 - p) - t / p) / n for p, log((1 - p) / p) / n for t",
    domain="0 < p < 1, also 0 where t is 0, and 1 where t is 1; not of an empty array",
    shapes="p, t: one shape, n numbers; result: a number",
    sample=(0.2, 0.8),
    examples={
        "binary_cross_entropy(p, t)": [((3,), (3,)), ((2, 3), (2, 3)), ((), ())],
        "binary_cross_entropy(p, [1, 0, 1])": [((3,),)],
        "binary_cross_entropy(sigmoid(x), [1, 0])": [((2,),)],
    },
)
def binary_cross_entropy(p: Operand, t: Operand) -> Variable:
    """How improbable what came is, by the probability of each: the mean negative logarithm."""
    return BinaryCrossEntropy()(p, t)


class KlDiv(Op):
    """``kl_div(p, q)``."""

    def forward(self, p: Any, q: Any) -> Any:
        if p.shape != q.shape:
            raise ValueError(f"p and q must have the same shape, not {p.shape} and {q.shape}")
        return np.sum(p * np.log(_ratio(p, q)))

    def vjp_p(self, gy: Any, y: Any, p: Any, q: Any) -> Any:
        return gy * (np.log(p / q) + 1)

    def vjp_q(self, gy: Any, y: Any, p: Any, q: Any) -> Any:
        none = np.asarray(getattr(p, "data", p)) == 0
        return gy * -p / np.where(none, 1.0, q)


def _ratio(p: Any, q: Any) -> Any:
    """``p / q``, but 1 where p is 0, since 0 * log(0) is 0."""
    none = np.asarray(getattr(p, "data", p)) == 0
    return np.where(none, 1.0, p) / np.where(none, 1.0, q)


@op(
    "sum(p * log(p / q))",
    "log(p / q) + 1 for p, -p / q for q",
    domain="p, q > 0; also p = 0, which adds nothing and has an infinite derivative",
    shapes="p, q: one shape; result: a number, in nats",
    sample=(0.2, 2.0),
    examples={"kl_div(p, q)": [((3,), (3,)), ((2, 3), (2, 3)), ((0,), (0,))]},
)
def kl_div(p: Operand, q: Operand) -> Variable:
    """The Kullback-Leibler divergence: what it costs to take q for the distribution p."""
    return KlDiv()(p, q)


def _top(x: Any, axis: int) -> Any:
    """Find the largest number along an axis, which is kept."""
    try:
        return np.max(x, axis=axis, keepdims=True)
    except np.exceptions.AxisError:
        raise ValueError(f"there is no axis {axis} in the shape {x.shape}") from None


def _axis(x: Any, axis: int | None) -> int:
    """The book's axis by default, of a vector its only one."""
    if axis is not None:
        return axis
    return 0 if (x.ndim if isinstance(x, Variable) else np.ndim(x)) == 1 else 1


def _axis_told(function: Softmax | LogSoftmax) -> str:
    usual = _axis(function.inputs[0], None)
    return "" if function.axis == usual else f" axis={function.axis}"


def _check_pair(x0: Any, x1: Any, names: str = "x0 and x1") -> None:
    if x0.shape != x1.shape:
        raise ValueError(f"{names} must have the same shape, not {x0.shape} and {x1.shape}")
    if not x0.size:
        raise ValueError(f"there is no mean of an empty array, of shape {x0.shape}")


def _rows(x: Any) -> int:
    return int(x.shape[0]) if x.ndim else 1


def _labels(t: Any, shape: tuple[int, ...]) -> Any:
    """Read the numbers of classes, which may come as floats."""
    labels = np.asarray(t)
    if labels.shape != shape[:1] or len(shape) != 2:
        raise ValueError(
            f"scores of shape (n, classes) need n labels; the shapes are {shape} and {labels.shape}"
        )
    if not labels.size:
        raise ValueError(f"there is no mean over the rows of an empty array, of shape {shape}")
    with np.errstate(invalid="ignore"):  # a NaN, which is refused
        whole = labels.astype(int)
    wrong = (whole != labels) | (whole < 0) | (whole >= shape[1])
    if np.any(wrong):
        label = labels[wrong][0]
        raise ValueError(f"a label must be a whole number from 0 to {shape[1] - 1}, not {label:g}")
    return whole
