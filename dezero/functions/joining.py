"""Several operands in one array: along a new axis, or along one that they have."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..builtin import Op
from ..core import Variable
from ..ops import op

if TYPE_CHECKING:
    from ..ops import Operands


class Joining(Op):
    """A Function of any number of operands, with one rule for all of them."""

    def part(self, gy: Any, y: Any, *xs: Any, index: int) -> Any:
        """The gradient of operand number ``index``."""
        raise NotImplementedError

    @property
    def vjps(self) -> tuple[Any, ...]:  # type: ignore[override]  # one rule an operand
        """The rules, one an operand."""
        return tuple(partial(type(self).part, index=i) for i in range(len(self.inputs)))


class Stack(Joining):
    """``stack([x, y, ...], axis)``."""

    def __init__(self, axis: int = 0) -> None:
        self.axis = axis

    def forward(self, *xs: Any) -> Any:
        return np.stack(xs, self.axis)

    def part(self, gy: Any, y: Any, *xs: Any, index: int) -> Any:
        """The gradient of operand number ``index``."""
        return gy[(slice(None),) * (self.axis % gy.ndim) + (index,)]

    @property
    def label(self) -> str:
        """``stack``, ``stack axis=1``."""
        return f"stack axis={self.axis}" if self.axis else "stack"


@op(
    "stack([x, y, ...], axis)",
    "gy[..., i, ...] for operand i",
    shapes="operands: one shape; result: a new axis as long as there are operands",
    examples={
        "stack([x, y])": [((), ()), ((3,), (3,))],
        "[x, 2, x]": [((),)],
        "stack([x, y], axis=-1)": [((2, 3), (2, 3))],
    },
    numpy=[np.stack],
    elements=lambda xs, axis=0: len(xs) * xs[0].size,
)
def stack(xs: Operands, axis: int = 0) -> Variable:
    """Operands of one shape joined along a new axis."""
    return Stack(axis)(*_items(xs, "stack"))


class Concatenate(Joining):
    """``concatenate([x, y, ...], axis)``."""

    def __init__(self, axis: int = 0) -> None:
        self.axis = axis

    def forward(self, *xs: Any) -> Any:
        return np.concatenate(xs, self.axis)

    def part(self, gy: Any, y: Any, *xs: Any, index: int) -> Any:
        """The gradient of operand number ``index``."""
        axis = self.axis % gy.ndim
        return _slice(gy, axis, [x.shape[axis] for x in xs], index)

    @property
    def label(self) -> str:
        """``concatenate``, ``concatenate axis=1``."""
        return f"concatenate axis={self.axis}" if self.axis else "concatenate"


@op(
    "concatenate([x, y, ...], axis)",
    "the part of gy that came from operand i",
    shapes="operands: alike except for axis; result: their lengths along axis added",
    examples={
        "concatenate([x, y])": [((2,), (3,)), ((2, 3), (1, 3)), ((0,), (3,))],
        "concatenate([x, y], axis=-1)": [((2, 3), (2, 1))],
    },
    numpy=[np.concatenate],
    elements=lambda xs, axis=0: builtins.sum(x.size for x in xs),
)
def concatenate(xs: Operands, axis: int = 0) -> Variable:
    """Operands joined along an axis that they have."""
    return Concatenate(axis)(*_items(xs, "concatenate"))


class Hstack(Joining):
    """``hstack([x, y, ...])``."""

    def forward(self, *xs: Any) -> Any:
        return np.hstack(xs)

    def part(self, gy: Any, y: Any, *xs: Any, index: int) -> Any:
        """The gradient of operand number ``index``."""
        axis = min(gy.ndim - 1, 1)
        lengths = [x.shape[axis] if x.ndim else 1 for x in xs]
        return np.reshape(_slice(gy, axis, lengths, index), xs[index].shape)


@op(
    "hstack([x, y, ...])",
    "the columns of gy that came from operand i",
    shapes="operands: numbers and vectors, or arrays alike except for axis 1; result: side by side",
    examples={
        "hstack([x, y])": [((), ()), ((2,), (3,)), ((2, 3), (2, 1)), ((2, 1, 3), (2, 2, 3))],
        "hstack([x, y, x])": [((), (3,))],
    },
    numpy=[np.hstack],
    elements=lambda xs: builtins.sum(x.size for x in xs),
)
def hstack(xs: Operands) -> Variable:
    """Vectors joined, or matrices side by side."""
    return Hstack()(*_items(xs, "hstack"))


class Vstack(Joining):
    """``vstack([x, y, ...])``."""

    def forward(self, *xs: Any) -> Any:
        return np.vstack(xs)

    def part(self, gy: Any, y: Any, *xs: Any, index: int) -> Any:
        """The gradient of operand number ``index``."""
        lengths = [x.shape[0] if x.ndim > 1 else 1 for x in xs]
        return np.reshape(_slice(gy, 0, lengths, index), xs[index].shape)


@op(
    "vstack([x, y, ...])",
    "the rows of gy that came from operand i",
    shapes="operands: rows, or arrays alike except for axis 0; result: one below the other",
    examples={
        "vstack([x, y])": [((), ()), ((3,), (3,)), ((3,), (2, 3)), ((2, 1, 3), (1, 1, 3))],
    },
    numpy=[np.vstack],
    elements=lambda xs: builtins.sum(x.size for x in xs),
)
def vstack(xs: Operands) -> Variable:
    """Vectors as rows, and matrices, one below the other."""
    return Vstack()(*_items(xs, "vstack"))


def _slice(gy: Any, axis: int, lengths: Sequence[int], index: int) -> Any:
    """Part number ``index`` along an axis that is divided into these lengths."""
    start = builtins.sum(lengths[:index])
    return gy[(slice(None),) * axis + (slice(start, start + lengths[index]),)]


def _items(xs: Any, name: str) -> Sequence[Any]:
    if isinstance(xs, Variable | np.ndarray) or not isinstance(xs, Sequence) or not xs:
        raise TypeError(f"{name} takes a list of operands, as in {name}([x, y])")
    return xs
