"""Functions that make few numbers of many, along all axes or some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from dezero.core import Op, Variable
from dezero.ops import op

if TYPE_CHECKING:
    from dezero.ops import Axis, Operand, Shapes

ALONG: tuple[Shapes, ...] = (((2, 3),), ((1, 3),), ((0, 3),))
WHOLE: tuple[Shapes, ...] = (((),), ((3,),), ((2, 3),), ((0,),))


class Reduction(Op):
    """A Function of whole axes: all by default, kept with length 1 under ``keepdims``."""

    def __init__(self, axis: Axis = None, keepdims: bool = False) -> None:
        self.axis = axis
        self.keepdims = keepdims

    def spread(self, gy: Any, x: Any) -> Any:
        """Repeat a result along the axes that were reduced, to the shape of ``x``."""
        if not self.keepdims and x.ndim:
            axes = range(x.ndim) if self.axis is None else normalize_axis_tuple(self.axis, x.ndim)
            gy = np.reshape(gy, tuple(1 if i in axes else n for i, n in enumerate(x.shape)))
        return np.broadcast_to(gy, x.shape)

    @property
    def label(self) -> str:
        """``sum``, ``sum axis=0``."""
        name = type(self).__name__.lower()
        return name if self.axis is None else f"{name} axis={self.axis}"


class Sum(Reduction):
    """``sum(x, axis, keepdims)``."""

    def forward(self, x: Any) -> Any:
        return np.sum(x, axis=self.axis, keepdims=self.keepdims)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return self.spread(gy, x)


@op(
    "sum(x, axis, keepdims)",
    "1 for every element",
    shapes="x: any; result: without the axes, or with 1 for them under keepdims",
    examples={
        "sum(x)": WHOLE,
        "sum(x, axis=0)": ALONG,
        "sum(x, axis=-1, keepdims=True)": ALONG,
        "sum(x, axis=(0, 2))": [((2, 3, 4),)],
    },
    numpy=[np.sum],
)
def sum(x: Operand, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The sum of the elements, of all or along axes."""
    return Sum(axis, keepdims)(x)


Variable.sum = sum  # type: ignore[method-assign, assignment]  # it takes arrays, too
