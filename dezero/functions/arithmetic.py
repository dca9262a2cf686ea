"""Python's operators: ``+ - * / **`` and the signs; ``@`` is in `dezero.functions.algebra`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..builtin import Op
from ..core import Variable
from ..ops import BINARY, UNARY, op

if TYPE_CHECKING:
    from ..ops import Operand

__all__ = [
    "Add",
    "Div",
    "Mul",
    "Neg",
    "Pow",
    "Power",
    "Sub",
    "add",
    "div",
    "mul",
    "neg",
    "pow",
    "rdiv",
    "rsub",
    "setup_variable",
    "sub",
]


class Add(Op):
    """``a + b``."""

    __slots__ = ()

    symbol = "+"

    def forward(self, a: Any, b: Any) -> Any:
        return a + b

    def vjp_a(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return gy

    def vjp_b(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return gy


@op("a + b", "1 for a, 1 for b", examples={"a + b": BINARY}, numpy=[np.add], symbol="+")
def add(a: Operand, b: Operand) -> Variable:
    """The sum of two operands."""
    return Add().apply(a, b)


class Sub(Op):
    """``a - b``."""

    __slots__ = ()

    symbol = "-"

    def forward(self, a: Any, b: Any) -> Any:
        return a - b

    def vjp_a(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return gy

    def vjp_b(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return -gy


@op("a - b", "1 for a, -1 for b", examples={"a - b": BINARY}, numpy=[np.subtract], symbol="-")
def sub(a: Operand, b: Operand) -> Variable:
    """The difference of two operands."""
    return Sub().apply(a, b)


def rsub(a: Operand, b: Operand) -> Variable:
    """``b - a``, as Python asks of a right operand."""
    return Sub().apply(b, a)


class Mul(Op):
    """``a * b``."""

    __slots__ = ()

    symbol = "*"

    def forward(self, a: Any, b: Any) -> Any:
        return a * b

    def vjp_a(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return gy * b

    def vjp_b(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return gy * a


@op("a * b", "b for a, a for b", examples={"a * b": BINARY}, numpy=[np.multiply], symbol="*")
def mul(a: Operand, b: Operand) -> Variable:
    """The product of two operands, elementwise."""
    return Mul().apply(a, b)


class Div(Op):
    """``a / b``."""

    __slots__ = ()

    symbol = "/"

    def forward(self, a: Any, b: Any) -> Any:
        return a / b

    def vjp_a(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return gy / b

    def vjp_b(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return -gy * y / b


@op(
    "a / b",
    "1 / b for a, -a / b**2 for b",
    domain="b not 0",
    sample=(0.5, 2.0),
    examples={"a / b": BINARY},
    numpy=[np.divide],
    symbol="/",
)
def div(a: Operand, b: Operand) -> Variable:
    """The quotient of two operands, elementwise."""
    return Div().apply(a, b)


def rdiv(a: Operand, b: Operand) -> Variable:
    """``b / a``, as Python asks of a right operand."""
    return Div().apply(b, a)


class Neg(Op):
    """``-x``."""

    __slots__ = ()

    symbol = "-"

    def forward(self, x: Any) -> Any:
        return -x

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return -gy


@op("-x", "-1", examples={"-x": UNARY}, numpy=[np.negative], symbol="-")
def neg(x: Operand) -> Variable:
    """The negative."""
    return Neg().apply(x)


class Pow(Op):
    """``x ** c`` with a constant exponent, which is part of the op."""

    def __init__(self, c: float) -> None:
        self.c = c
        self.text: str | None = None

    def forward(self, x: Any) -> Any:
        return x**self.c

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        c = self.c
        if c == 0:
            return gy * np.zeros_like(x)
        if c == 1:
            return gy
        return gy * (c * x if c == 2 else c * x ** (c - 1))

    @property
    def label(self) -> str:
        """``** 3``, or with the exponent as ``text`` says."""
        whole = self.c == int(self.c) if np.isfinite(self.c) else False
        return f"** {self.text or (int(self.c) if whole else float(self.c))}"


class Power(Op):
    """``a ** b`` with an exponent that is an operand too."""

    symbol = "**"

    def forward(self, a: Any, b: Any) -> Any:
        return a**b

    # At a = 0, and where 1 / a overflows, the textbook formulas meet 0 * inf; limits are finite.
    # Elsewhere the exponent stays b - 1, at b = 0 too: the derivative of this rule by b has it.
    def vjp_a(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        tiny = np.finfo(a.dtype).tiny if a.dtype.kind == "f" else 0
        constant = (b == 0) & (a <= tiny) & (a >= -tiny)
        return gy * b * a ** np.where(constant, 1.0, b - 1)

    def vjp_b(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return gy * y * np.log(np.where(a == 0, 1.0, a))


@op(
    "a ** b",
    "b * a**(b-1) for a, a**b * log(a) for b",
    domain="a > 0, or b an integer; as a function of b: a > 0, and at a = 0 its derivative is 0",
    sample=(0.5, 2.0),
    examples={"a ** b": BINARY, "x ** 3": UNARY, "x ** 2": UNARY, "x ** 0.5": UNARY},
    numpy=[np.power, np.float_power],
    symbol="**",
)
def pow(a: Operand, b: Operand) -> Variable:
    """The power; a number as exponent is part of the op."""
    if isinstance(b, int | float | np.number) or (isinstance(b, np.ndarray) and not b.ndim):
        c = b.item() if isinstance(b, np.ndarray | np.generic) else b
        return Pow(c)(a)
    return Power()(a, b)


def setup_variable() -> None:
    """Bind Python's operators on Variables to their ops."""
    for name, function in {
        "__add__": add,
        "__radd__": _swapped(add),
        "__sub__": sub,
        "__rsub__": rsub,
        "__mul__": mul,
        "__rmul__": _swapped(mul),
        "__truediv__": div,
        "__rtruediv__": rdiv,
        "__pow__": pow,
        "__rpow__": _swapped(pow),
        "__neg__": neg,
        "__pos__": lambda x: x,
    }.items():
        setattr(Variable, name, function)


def _swapped(function: Any) -> Any:
    return lambda a, b: function(b, a)


setup_variable()
