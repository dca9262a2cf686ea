"""Functions of one number, applied to every element, and the elementwise choices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dezero.core import Op, Variable
from dezero.ops import UNARY, op

if TYPE_CHECKING:
    from dezero.ops import Data, Operand


class Exp(Op):
    """``exp(x)``."""

    def forward(self, x: Any) -> Any:
        return np.exp(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * y


@op("exp(x)", "exp(x)", examples={"exp(x)": UNARY}, numpy=[np.exp])
def exp(x: Operand) -> Variable:
    """The exponential."""
    return Exp()(x)


class Log(Op):
    """``log(x)``."""

    def forward(self, x: Any) -> Any:
        return np.log(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy / x


@op(
    "log(x)", "1 / x", domain="x > 0", sample=(0.3, 3.0), examples={"log(x)": UNARY}, numpy=[np.log]
)
def log(x: Operand) -> Variable:
    """The natural logarithm."""
    return Log()(x)


class Sqrt(Op):
    """``sqrt(x)``."""

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
    return Sqrt()(x)


class Sin(Op):
    """``sin(x)``."""

    def forward(self, x: Any) -> Any:
        return np.sin(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * np.cos(x)


@op("sin(x)", "cos(x)", examples={"sin(x)": UNARY}, numpy=[np.sin])
def sin(x: Operand) -> Variable:
    """The sine of an angle in radians."""
    return Sin()(x)


class Cos(Op):
    """``cos(x)``."""

    def forward(self, x: Any) -> Any:
        return np.cos(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * -np.sin(x)


@op("cos(x)", "-sin(x)", examples={"cos(x)": UNARY}, numpy=[np.cos])
def cos(x: Operand) -> Variable:
    """The cosine of an angle in radians."""
    return Cos()(x)


class Tanh(Op):
    """``tanh(x)``."""

    def forward(self, x: Any) -> Any:
        return np.tanh(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * (1 - y * y)


@op("tanh(x)", "1 - tanh(x)**2", examples={"tanh(x)": UNARY}, numpy=[np.tanh])
def tanh(x: Operand) -> Variable:
    """The hyperbolic tangent."""
    return Tanh()(x)


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
    return Abs()(x)


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
    return Sign()(x)


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


Variable.__abs__ = abs  # type: ignore[method-assign]
