"""A point of the plane by its coordinates: how far it is from 0, and in which direction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..builtin import Op
from ..core import Variable
from ..ops import BINARY, op

if TYPE_CHECKING:
    from ..ops import Operand


class Hypot(Op):
    """``hypot(a, b)``."""

    def forward(self, a: Any, b: Any) -> Any:
        return np.hypot(a, b)

    def vjp_a(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return gy * _part(a, y)

    def vjp_b(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        return gy * _part(b, y)


@op(
    "sqrt(a**2 + b**2)",
    "a / y for a, b / y for b",
    domain="all a and b; derivative 0 where both are 0",
    examples={"hypot(a, b)": BINARY},
    numpy=[np.hypot],
)
def hypot(a: Operand, b: Operand) -> Variable:
    """The length of the hypotenuse above two sides, without overflow."""
    return Hypot()(a, b)


class Arctan2(Op):
    """``arctan2(a, b)``."""

    def forward(self, a: Any, b: Any) -> Any:
        return np.arctan2(a, b)

    # By the length, since the sum of the squares would overflow.
    def vjp_a(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        length = np.hypot(a, b)
        return gy * (b / length) / length

    def vjp_b(self, gy: Any, y: Any, a: Any, b: Any) -> Any:
        length = np.hypot(a, b)
        return -gy * (a / length) / length


@op(
    "the angle of the point at b to the right and a above",
    "b / (a**2 + b**2) for a, -a / (a**2 + b**2) for b",
    domain="a and b not both 0; a jump from -pi to pi where a = 0 and b < 0",
    sample=(-2.0, 1.5),
    examples={"arctan2(a, b)": BINARY},
    numpy=[np.arctan2],
)
def arctan2(a: Operand, b: Operand) -> Variable:
    """The angle, in radians from -pi to pi, of which a / b is the tangent."""
    return Arctan2()(a, b)


def _part(side: Any, length: Any) -> Any:
    """The cosine of a side's angle to the hypotenuse; 0 where both sides are 0."""
    none = length == 0
    return np.where(none, 0.0, side) / np.where(none, 1.0, length)
