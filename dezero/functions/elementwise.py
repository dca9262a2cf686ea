"""Functions of one number, applied to every element, and the elementwise choices.

It is long as a table is: each op has its class and its row.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..builtin import Op, lift
from ..core import Variable, as_variable
from ..ops import BINARY, UNARY, op

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..ops import Data, Number, Operand

LARGE = 2000
"""Arrays of so many elements are worth a way of their own that takes several calls of NumPy."""


class Exp(Op):
    """``exp(x)``."""

    __slots__ = ()

    def forward(self, x: Any) -> Any:
        return np.exp(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * y


@op("exp(x)", "exp(x)", examples={"exp(x)": UNARY}, numpy=[np.exp])
def exp(x: Operand) -> Variable:
    """The exponential."""
    return Exp().apply(x)


class Expm1(Op):
    """``expm1(x)``."""

    def forward(self, x: Any) -> Any:
        return np.expm1(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * (y + 1)


@op("expm1(x)", "exp(x)", examples={"expm1(x)": UNARY}, numpy=[np.expm1])
def expm1(x: Operand) -> Variable:
    """The exponential minus 1, exact also near 0."""
    return Expm1().apply(x)


class Log(Op):
    """``log(x)``."""

    __slots__ = ()

    def forward(self, x: Any) -> Any:
        return np.log(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy / x


@op(
    "log(x)", "1 / x", domain="x > 0", sample=(0.3, 3.0), examples={"log(x)": UNARY}, numpy=[np.log]
)
def log(x: Operand) -> Variable:
    """The natural logarithm."""
    return Log().apply(x)


class Log1p(Op):
    """``log1p(x)``."""

    def forward(self, x: Any) -> Any:
        return np.log1p(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy / (1 + x)


@op(
    "log1p(x)",
    "1 / (1 + x)",
    domain="x > -1",
    sample=(-0.6, 2.0),
    examples={"log1p(x)": UNARY},
    numpy=[np.log1p],
)
def log1p(x: Operand) -> Variable:
    """The natural logarithm of 1 + x, exact also near 0."""
    return Log1p().apply(x)


class Log2(Op):
    """``log2(x)``."""

    def forward(self, x: Any) -> Any:
        return np.log2(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy / (x * math.log(2))


@op(
    "log2(x)",
    "1 / (x * log(2))",
    domain="x > 0",
    sample=(0.3, 3.0),
    examples={"log2(x)": UNARY},
    numpy=[np.log2],
)
def log2(x: Operand) -> Variable:
    """The logarithm to base 2."""
    return Log2().apply(x)


class Log10(Op):
    """``log10(x)``."""

    def forward(self, x: Any) -> Any:
        return np.log10(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * math.log10(math.e) / x


@op(
    "log10(x)",
    "1 / (x * log(10))",
    domain="x > 0",
    sample=(0.3, 3.0),
    examples={"log10(x)": UNARY},
    numpy=[np.log10],
)
def log10(x: Operand) -> Variable:
    """The logarithm to base 10."""
    return Log10().apply(x)


class Sqrt(Op):
    """``sqrt(x)``."""

    __slots__ = ()

    def forward(self, x: Any) -> Any:
        return np.sqrt(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * 0.5 / y


@op(
    "sqrt(x)",
    "1 / (2*sqrt(x))",
    domain="x > 0; infinite derivative at 0",
    sample=(0.3, 3.0),
    examples={"sqrt(x)": UNARY},
    numpy=[np.sqrt],
)
def sqrt(x: Operand) -> Variable:
    """The square root."""
    return Sqrt().apply(x)


class Square(Op):
    """``square(x)``."""

    __slots__ = ()

    def forward(self, x: Any) -> Any:
        return x * x

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * (2 * x)


@op("square(x)", "2 * x", examples={"square(x)": UNARY}, numpy=[np.square])
def square(x: Operand) -> Variable:
    """The square."""
    return Square().apply(x)


class Sin(Op):
    """``sin(x)``."""

    __slots__ = ()

    def forward(self, x: Any) -> Any:
        return np.sin(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * np.cos(x)


@op("sin(x)", "cos(x)", examples={"sin(x)": UNARY}, numpy=[np.sin])
def sin(x: Operand) -> Variable:
    """The sine of an angle in radians."""
    return Sin().apply(x)


class Cos(Op):
    """``cos(x)``."""

    __slots__ = ()

    def forward(self, x: Any) -> Any:
        return np.cos(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * -np.sin(x)


@op("cos(x)", "-sin(x)", examples={"cos(x)": UNARY}, numpy=[np.cos])
def cos(x: Operand) -> Variable:
    """The cosine of an angle in radians."""
    return Cos().apply(x)


class Tan(Op):
    """``tan(x)``."""

    def forward(self, x: Any) -> Any:
        return np.tan(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * (1 + y * y)


@op(
    "tan(x)",
    "1 + tan(x)**2",
    domain="x not pi/2 + n*pi",
    sample=(-1.2, 1.2),
    examples={"tan(x)": UNARY},
    numpy=[np.tan],
)
def tan(x: Operand) -> Variable:
    """The tangent of an angle in radians."""
    return Tan().apply(x)


class Arcsin(Op):
    """``arcsin(x)``."""

    def forward(self, x: Any) -> Any:
        return np.arcsin(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy / np.sqrt(1 - x * x)


@op(
    "arcsin(x)",
    "1 / sqrt(1 - x**2)",
    domain="-1 <= x <= 1; infinite derivative at the ends",
    sample=(-0.8, 0.8),
    examples={"arcsin(x)": UNARY},
    numpy=[np.arcsin],
)
def arcsin(x: Operand) -> Variable:
    """The angle, in radians, of which x is the sine."""
    return Arcsin().apply(x)


class Arccos(Op):
    """``arccos(x)``."""

    def forward(self, x: Any) -> Any:
        return np.arccos(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return -gy / np.sqrt(1 - x * x)


@op(
    "arccos(x)",
    "-1 / sqrt(1 - x**2)",
    domain="-1 <= x <= 1; infinite derivative at the ends",
    sample=(-0.8, 0.8),
    examples={"arccos(x)": UNARY},
    numpy=[np.arccos],
)
def arccos(x: Operand) -> Variable:
    """The angle, in radians, of which x is the cosine."""
    return Arccos().apply(x)


class Arctan(Op):
    """``arctan(x)``."""

    def forward(self, x: Any) -> Any:
        return np.arctan(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy / (1 + x * x)


@op("arctan(x)", "1 / (1 + x**2)", examples={"arctan(x)": UNARY}, numpy=[np.arctan])
def arctan(x: Operand) -> Variable:
    """The angle, in radians, of which x is the tangent."""
    return Arctan().apply(x)


class Sinh(Op):
    """``sinh(x)``."""

    def forward(self, x: Any) -> Any:
        return np.sinh(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * np.cosh(x)


@op("sinh(x)", "cosh(x)", examples={"sinh(x)": UNARY}, numpy=[np.sinh])
def sinh(x: Operand) -> Variable:
    """The hyperbolic sine."""
    return Sinh().apply(x)


class Cosh(Op):
    """``cosh(x)``."""

    def forward(self, x: Any) -> Any:
        return np.cosh(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * np.sinh(x)


@op("cosh(x)", "sinh(x)", examples={"cosh(x)": UNARY}, numpy=[np.cosh])
def cosh(x: Operand) -> Variable:
    """The hyperbolic cosine."""
    return Cosh().apply(x)


class Tanh(Op):
    """``tanh(x)``."""

    __slots__ = ()

    def forward(self, x: Any) -> Any:
        if type(x) is np.ndarray and x.dtype == np.float64 and x.size >= LARGE:
            return _tanh(x)
        return np.tanh(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * (1 - y * y)


def _tanh(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute tanh(x) as expm1(-2|x|) / (expm1(-2|x|) + 2), with the sign of x, as fdlibm does.

    It is within 3 units in the last place, NumPy's within 2. On a processor without AVX-512 it
    takes from half of NumPy's time, for small numbers, to all of it; an MLP with a tanh after each
    product a tenth less.
    """
    e = np.abs(x)
    with np.errstate(over="ignore", under="ignore"):
        e *= -2
        np.expm1(e, out=e)
    y = e + 2
    np.divide(e, y, out=y)
    np.copysign(y, x, out=y)
    return y


@op("tanh(x)", "1 - tanh(x)**2", examples={"tanh(x)": UNARY}, numpy=[np.tanh])
def tanh(x: Operand) -> Variable:
    """The hyperbolic tangent."""
    return Tanh().apply(x)


class Sigmoid(Op):
    """``sigmoid(x)``."""

    __slots__ = ()

    def forward(self, x: Any) -> Any:
        return np.exp(-np.logaddexp(0, -x))

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * y * lift(Sigmoid(), -x)  # not 1 - y, which is 0 from x = 37 on


@op("sigmoid(x)", "sigmoid(x) * (1 - sigmoid(x))", examples={"sigmoid(x)": UNARY})
def sigmoid(x: Operand) -> Variable:
    """The logistic function 1 / (1 + exp(-x)), without overflow."""
    return Sigmoid().apply(x)


def sigmoid_simple(x: Operand) -> Variable:
    """The logistic function as its formula says it, of smaller ops; it overflows below -709."""
    return 1 / (1 + exp(-as_variable(x)))


class Softplus(Op):
    """``softplus(x)``."""

    def forward(self, x: Any) -> Any:
        return np.logaddexp(0, x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * lift(Sigmoid(), x)


@op("softplus(x)", "sigmoid(x)", examples={"softplus(x)": UNARY})
def softplus(x: Operand) -> Variable:
    """The smooth relu log(1 + exp(x)), without overflow."""
    return Softplus().apply(x)


class Relu(Op):
    """``relu(x)``."""

    __slots__ = ()

    def forward(self, x: Any) -> Any:
        if type(x) is np.float64:  # a tenth of the time that NumPy takes for one number
            return x if x > 0.0 or x != x else np.float64(0)
        return np.maximum(x, 0)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        if type(x) is np.float64:  # a third of the time
            return gy if x > 0.0 else gy * 0.0
        return gy * (x > 0)


@op(
    "relu(x)",
    "1 where x > 0, else 0",
    domain="all x; derivative 0 at the kink x = 0",
    kinks=(0.0,),
    examples={"relu(x)": UNARY},
)
def relu(x: Operand) -> Variable:
    """The larger of x and 0."""
    return Relu().apply(x)


ReLU = Relu
"""The book's name for it."""


class Abs(Op):
    """``abs(x)``."""

    def forward(self, x: Any) -> Any:
        return np.abs(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * np.sign(x)


@op(
    "abs(x)",
    "sign(x)",
    domain="all x; derivative 0 at the kink x = 0",
    kinks=(0.0,),
    examples={"abs(x)": UNARY},
    numpy=[np.abs, np.fabs],
)
def abs(x: Operand) -> Variable:
    """The absolute value."""
    return Abs().apply(x)


class Sign(Op):
    """``sign(x)``."""

    def forward(self, x: Any) -> Any:
        return np.sign(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * np.zeros_like(x)


@op(
    "sign(x)",
    "0",
    domain="all x; derivative 0 at the jump x = 0, too",
    kinks=(0.0,),
    examples={"sign(x)": UNARY},
    numpy=[np.sign],
)
def sign(x: Operand) -> Variable:
    """The sign: -1, 0 or 1."""
    return Sign().apply(x)


class Maximum(Op):
    """``maximum(a, b)``."""

    def forward(self, a: Any, b: Any) -> Any:
        return np.maximum(a, b)

    def vjp_a(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return gy * _preference(a > b, a == b)

    def vjp_b(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return gy * _preference(b > a, a == b)


@op(
    "maximum(a, b)",
    "1 for the larger, 0 for the other",
    domain="all a and b; at a tie 1/2 for each",
    examples={"maximum(a, b)": BINARY},
    numpy=[np.maximum],
)
def maximum(a: Operand, b: Operand) -> Variable:
    """The larger of two operands for each element."""
    return Maximum()(a, b)


class Minimum(Op):
    """``minimum(a, b)``."""

    def forward(self, a: Any, b: Any) -> Any:
        return np.minimum(a, b)

    def vjp_a(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return gy * _preference(a < b, a == b)

    def vjp_b(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return gy * _preference(b < a, a == b)


@op(
    "minimum(a, b)",
    "1 for the smaller, 0 for the other",
    domain="all a and b; at a tie 1/2 for each",
    examples={"minimum(a, b)": BINARY},
    numpy=[np.minimum],
)
def minimum(a: Operand, b: Operand) -> Variable:
    """The smaller of two operands for each element."""
    return Minimum()(a, b)


class Clip(Op):
    """``clip(x, low, high)``."""

    def __init__(self, low: float | None, high: float | None) -> None:
        self.low = -math.inf if low is None else low
        self.high = math.inf if high is None else high

    def forward(self, x: Any) -> Any:
        return np.clip(x, self.low, self.high)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * ((x >= self.low) & (x <= self.high))

    @property
    def label(self) -> str:
        """``clip 0, 1``."""
        return f"clip {self.low:.4g}, {self.high:.4g}"


@op(
    "clip(x, low, high)",
    "1 where low <= x <= high, else 0",
    domain="all x; derivative 1 at the ends",
    kinks=(-0.5, 1.0),
    examples={"clip(x, -0.5, 1)": UNARY, "clip(x, low=-0.5)": [((3,),)]},
    numpy=[np.clip],
)
def clip(x: Operand, low: Number = None, high: Number = None) -> Variable:
    """The nearest number that is not below low and not above high.

    Raises:
        TypeError: A bound is not a number.
    """
    for bound in (low, high):
        if bound is not None and not isinstance(bound, int | float | np.number):
            raise TypeError("the bounds of clip must be numbers; maximum and minimum take operands")
    return Clip(low, high)(x)


class Where(Op):
    """``where(condition, a, b)``."""

    def forward(self, condition: Any, a: Any, b: Any) -> Any:
        return np.where(condition, a, b)

    def vjp_a(self, gy: Any, y: Any, condition: Any, a: Any, b: Any) -> Any:
        return np.where(condition, gy, 0.0)

    def vjp_b(self, gy: Any, y: Any, condition: Any, a: Any, b: Any) -> Any:
        return np.where(condition, 0.0, gy)


@op(
    "a where condition holds, else b",
    "condition for a, 1 - condition for b",
    domain="all a and b; no derivative for the condition",
    kinks=(0.0,),
    examples={
        "where(x > 0, 2*x, x*x)": UNARY,
        "where([[1], [0]], a, b)": [((2, 3), (2, 3)), ((), (3,)), ((2, 1), ())],
    },
    numpy=[np.where],
)
def where(condition: Data, a: Operand, b: Operand) -> Variable:
    """One of two operands for each element, by a condition."""
    return Where()(condition, a, b)


for _name, _method in {"__abs__": abs, "clip": clip}.items():
    setattr(Variable, _name, _method)


def _preference(better: Any, tie: Any) -> Any:
    """1 where an operand is chosen, 1/2 where both are the same."""
    return better + 0.5 * tie
