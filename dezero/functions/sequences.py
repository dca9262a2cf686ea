"""Along an axis: running sums, shifts, order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..builtin import Op, lift
from ..core import Variable
from ..ops import UNARY, op
from ..shapes import on_axis
from .shaping import GetItemGrad

if TYPE_CHECKING:
    from ..ops import Axis, Operand, Shape


class Cumsum(Op):
    """``cumsum(x, axis)``."""

    def __init__(self, axis: int | None = None) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        return np.cumsum(x, axis=self.axis)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        axis = 0 if self.axis is None else self.axis
        backwards = on_axis(slice(None, None, -1), axis, gy.ndim)
        return np.reshape(np.cumsum(gy[backwards], axis=axis)[backwards], x.shape)

    @property
    def label(self) -> str:
        """``cumsum``, ``cumsum axis=0``."""
        return "cumsum" if self.axis is None else f"cumsum axis={self.axis}"


@op(
    "y[i] = x[0] + ... + x[i]",
    "gx[i] = gy[i] + ... + gy[n-1]",
    shapes="x: any; result: as x, or without an axis a vector of all its elements",
    examples={
        "cumsum(x)": UNARY,
        "cumsum(x, axis=0)": [((3,),), ((2, 3),), ((0, 3),)],
        "cumsum(x, axis=-1)": [((2, 3),)],
    },
    numpy=[np.cumsum],
)
def cumsum(x: Operand, axis: int | None = None) -> Variable:
    """The sums of the elements so far, of all or along an axis."""
    return Cumsum(axis)(x)


class Roll(Op):
    """``roll(x, shift, axis)``."""

    def __init__(self, shift: Shape, axis: Axis = None) -> None:
        self.shift = shift
        self.axis = axis

    def forward(self, x: Any) -> Any:
        return np.roll(x, self.shift, self.axis)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        back = tuple([-n for n in self.shift]) if isinstance(self.shift, tuple) else -self.shift
        return np.roll(gy, back, self.axis)

    @property
    def label(self) -> str:
        """``roll 1``, ``roll 1, axis=0``."""
        return f"roll {self.shift}" + ("" if self.axis is None else f", axis={self.axis}")


@op(
    "y[i] = x[i - shift]",
    "roll(gy, -shift, axis)",
    shapes="x: has the axes; result: as x, without an axis shifted as one row of all its elements",
    examples={
        "roll(x, 1)": UNARY,
        "roll(x, -1, axis=0)": [((3,),), ((2, 3),)],
        "roll(x, (1, 2), axis=(0, 1))": [((2, 3),)],
    },
    numpy=[np.roll],
)
def roll(x: Operand, shift: Shape, axis: Axis = None) -> Variable:
    """The elements shifted; what leaves at the one end comes in at the other."""
    return Roll(shift, axis)(x)


class Sort(Op):
    """``sort(x, axis)``."""

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        return np.sort(x, axis=self.axis)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        order = np.argsort(x, axis=self.axis, kind="stable")
        return lift(GetItemGrad(_places(order, self.axis), x.shape), gy)

    @property
    def label(self) -> str:
        """``sort``, ``sort axis=0``."""
        return "sort" if self.axis == -1 else f"sort axis={self.axis}"


@op(
    "sort(x, axis)",
    "each element's gy at its old place",
    domain="all x; equal elements keep their order",
    shapes="x: has the axis, by default the last; result: as x",
    examples={"sort(x)": [((3,),), ((2, 3),), ((0,),)], "sort(x, axis=0)": [((2, 3),)]},
    numpy=[np.sort],
)
def sort(x: Operand, axis: int = -1) -> Variable:
    """The elements along an axis in their order, the smallest first."""
    return Sort(axis)(x)


class Topk(Op):
    """``topk(x, k, axis)``."""

    def __init__(self, k: int, axis: int = -1) -> None:
        self.k = k
        self.axis = axis

    def forward(self, x: Any) -> Any:
        y = np.sort(x, axis=self.axis)
        length = x.shape[self.axis]
        if not 0 <= self.k <= length:
            raise ValueError(
                f"there are no {self.k} largest along axis {self.axis} of shape {x.shape}, "
                f"which has {length}"
            )
        return y[self.last(x)]

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        order = np.argsort(x, axis=self.axis, kind="stable")[self.last(x)]
        return lift(GetItemGrad(_places(order, self.axis), x.shape), gy)

    def last(self, x: Any) -> Any:
        """The key of the last ``k`` along the axis, backwards."""
        end = x.shape[self.axis] - self.k - 1
        return on_axis(slice(None, None if end < 0 else end, -1), self.axis, x.ndim)

    @property
    def label(self) -> str:
        """``topk 2``, ``topk 2, axis=0``."""
        return f"topk {self.k}" + ("" if self.axis == -1 else f", axis={self.axis}")


@op(
    "sort(x, axis)[::-1][:k]",
    "gy at the places of the k largest, 0 elsewhere",
    domain="all x; of equal elements the last one comes first",
    shapes="x: k or more along the axis, by default the last; result: k along it",
    examples={"topk(x, 2)": [((3,),), ((2, 3),)], "topk(x, 1, axis=0)": [((2, 3),)]},
)
def topk(x: Operand, k: int, axis: int = -1) -> Variable:
    """The k largest elements along an axis, the largest first."""
    return Topk(k, axis)(x)


def _places(order: Any, axis: int) -> tuple[Any, ...]:
    """The key that takes elements in an order along an axis: ``x[key]``."""
    grid: list[Any] = list(np.ogrid[tuple([slice(n) for n in order.shape])])
    grid[axis] = order
    return tuple(grid)


def _sort_method(x: Variable) -> None:
    raise TypeError("a Variable cannot be sorted in place: write x = sort(x)")


for _name, _method in {"cumsum": cumsum, "sort": _sort_method}.items():
    setattr(Variable, _name, _method)
