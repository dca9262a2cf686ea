"""Activation functions of networks: functions of one number, applied to every element."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..builtin import Op, lift
from ..core import Variable
from ..ops import UNARY, op
from ..special import erfc
from .elementwise import Clip, Sigmoid

if TYPE_CHECKING:
    from ..ops import Number, Operand


class Ndtr(Op):
    """``ndtr(x)``."""

    def forward(self, x: Any) -> Any:
        return 0.5 * erfc(x * -math.sqrt(0.5))  # not 1 + erf(x), which is 0 from x = -8 on

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * (np.exp(-0.5 * x * x) * (1 / math.sqrt(2 * math.pi)))


@op(
    "(1 + erf(x / sqrt(2))) / 2",
    "exp(-x**2 / 2) / sqrt(2*pi)",
    examples={"ndtr(x)": UNARY},
    cost=lambda x: 10 * x.size,
)
def ndtr(x: Operand) -> Variable:
    """The chance that a normal random number is below x, exact also where it is all but 0."""
    return Ndtr().apply(x)


class Gelu(Op):
    """``gelu(x)``."""

    def forward(self, x: Any) -> Any:
        return x * Ndtr().forward(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        density = np.exp(-0.5 * x * x) * (1 / math.sqrt(2 * math.pi))
        return gy * (lift(Ndtr(), x) + x * density)


@op(
    "x * ndtr(x)",
    "ndtr(x) + x * exp(-x**2 / 2) / sqrt(2*pi)",
    examples={"gelu(x)": UNARY},
    cost=lambda x: 10 * x.size,
)
def gelu(x: Operand) -> Variable:
    """The smooth relu of transformers, by the normal distribution itself, not by its tanh."""
    return Gelu().apply(x)


class Silu(Op):
    """``silu(x)``."""

    def forward(self, x: Any) -> Any:
        return x * Sigmoid().forward(x)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy * (lift(Sigmoid(), x) + y * lift(Sigmoid(), -x))


@op("x * sigmoid(x)", "sigmoid(x) + y * sigmoid(-x)", examples={"silu(x)": UNARY})
def silu(x: Operand) -> Variable:
    """The smooth relu x * sigmoid(x), also called swish."""
    return Silu().apply(x)


class Elu(Op):
    """``elu(x, alpha)``."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: Any) -> Any:
        return np.where(x > 0, x, self.alpha * np.expm1(_negative(x)))

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return np.where(x > 0, gy, gy * (self.alpha * np.exp(_negative(x))))

    @property
    def label(self) -> str:
        """``elu 0.5``."""
        return f"elu {self.alpha:.4g}"


@op(
    "x where x > 0, else alpha * (exp(x) - 1)",
    "1 where x > 0, else alpha * exp(x)",
    domain="all x; derivative alpha at the kink x = 0",
    kinks=(0.0,),
    examples={"elu(x, 0.5)": UNARY, "elu(x)": [((3,),)]},
)
def elu(x: Operand, alpha: float = 1.0) -> Variable:
    """The relu that goes on below 0, as an exponential, to -alpha."""
    return Elu(alpha)(x)


class LeakyRelu(Op):
    """``leaky_relu(x, slope)``."""

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = slope

    def forward(self, x: Any) -> Any:
        return np.where(x > 0, x, x * self.slope)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return np.where(x > 0, gy, gy * self.slope)

    @property
    def label(self) -> str:
        """``leaky_relu 0.01``."""
        return f"leaky_relu {self.slope:.4g}"


@op(
    "x where x > 0, else slope * x",
    "1 where x > 0, else slope",
    domain="all x; derivative slope at the kink x = 0",
    kinks=(0.0,),
    examples={"leaky_relu(x)": UNARY, "leaky_relu(x, 0.2)": [((3,),)]},
)
def leaky_relu(x: Operand, slope: float = 0.01) -> Variable:
    """The relu that goes on below 0, as a line."""
    return LeakyRelu(slope)(x)


class Softsign(Op):
    """``softsign(x)``."""

    def forward(self, x: Any) -> Any:
        return x / (1 + np.abs(x))

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        size = 1 + np.abs(x)
        return gy / size / size  # the square would overflow


@op("x / (1 + abs(x))", "1 / (1 + abs(x))**2", examples={"softsign(x)": UNARY})
def softsign(x: Operand) -> Variable:
    """A number between -1 and 1, of the sign of x."""
    return Softsign().apply(x)


class Hardtanh(Clip):
    """``hardtanh(x, low, high)``; its rule is that of clip."""

    @property
    def label(self) -> str:
        """``hardtanh -1, 1``."""
        return f"hardtanh {self.low:.4g}, {self.high:.4g}"


@op(
    "clip(x, low, high)",
    "1 where low <= x <= high, else 0",
    domain="all x; derivative 1 at the ends",
    kinks=(-1.0, 1.0),
    examples={"hardtanh(x)": UNARY, "hardtanh(x, -0.5, 1.5)": [((3,),)]},
)
def hardtanh(x: Operand, low: Number = -1.0, high: Number = 1.0) -> Variable:
    """The nearest number from low to high, by default from -1 to 1."""
    return Hardtanh(low, high)(x)


def _negative(x: Any) -> Any:
    """The numbers below 0, and 0 for the others, which would overflow."""
    return np.where(x > 0, 0.0, x)
