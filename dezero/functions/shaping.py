"""Functions that rearrange the same elements: shapes, axes, parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..builtin import Op, lift
from ..core import Variable
from ..ops import UNARY, op
from ..shapes import count, indexed_count, sum_array_to

if TYPE_CHECKING:
    from ..ops import Axis, Data, Operand, Shape


class Reshape(Op):
    """``reshape(x, shape)``."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def forward(self, x: Any) -> Any:
        return np.reshape(x, self.shape)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return np.reshape(gy, x.shape)

    @property
    def label(self) -> str:
        """``reshape (2, 3)``."""
        return f"reshape {self.shape}"


@op(
    "reshape(x, shape)",
    "reshape(gy, x.shape)",
    shapes="x: any; result: shape, of as many elements; one axis may be -1",
    examples={"reshape(x, (3, 2))": [((2, 3),)], "reshape(x, -1)": [((2, 3),), ((),), ((0, 3),)]},
    numpy=[np.reshape, np.ravel],
)
def reshape(x: Operand, shape: Shape = -1) -> Variable:
    """The same elements in another shape."""
    return Reshape(shape)(x)


class Transpose(Op):
    """``transpose(x, axes)``."""

    def __init__(self, axes: tuple[int, ...] | None = None) -> None:
        self.axes = axes

    def forward(self, x: Any) -> Any:
        return np.transpose(x, self.axes)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        if self.axes is None:
            return np.transpose(gy)
        return np.transpose(gy, tuple(np.argsort([axis % gy.ndim for axis in self.axes]).tolist()))

    @property
    def label(self) -> str:
        """``T``, or ``transpose (0, 2, 1)``."""
        return "T" if self.axes is None else f"transpose {self.axes}"


@op(
    "transpose(x, axes)",
    "transpose(gy, inverse of axes)",
    shapes="x: any; result: its axes in the given order, else reversed",
    examples={
        "transpose(x)": UNARY,
        "x.T": [((2, 3),)],
        "transpose(x, (2, 0, 1))": [((2, 3, 4),)],
    },
    numpy=[np.transpose],
)
def transpose(x: Operand, axes: Axis = None) -> Variable:
    """The axes in another order, reversed by default."""
    if isinstance(axes, int):
        axes = (axes,)
    return Transpose(axes)(x)


class GetItem(Op):
    """``x[key]``."""

    def __init__(self, key: Any) -> None:
        self.key = key

    def forward(self, x: Any) -> Any:
        return x[self.key]

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return lift(GetItemGrad(self.key, x.shape), gy)

    @property
    def label(self) -> str:
        """``[0]``, ``[1:3, :]``."""
        keys = self.key if isinstance(self.key, tuple) else (self.key,)
        return f"[{', '.join(map(_key_text, keys))}]"


class GetItemGrad(Op):
    """An array of zeros with ``gy`` added where ``x[key]`` took its elements."""

    def __init__(self, key: Any, shape: tuple[int, ...]) -> None:
        self.key = key
        self.shape = shape

    def forward(self, gy: Any) -> Any:
        gx = np.zeros_like(gy, shape=self.shape)
        np.add.at(gx, self.key, gy)  # an element that was taken twice gets both
        return gx

    def vjp_gy(self, ggx: Any, gx: Any, gy: Any) -> Any:
        return ggx[self.key]

    @property
    def label(self) -> str:
        """``into [0]``."""
        return f"into {GetItem(self.key).label}"


@op(
    "x[key]",
    "gy at key, 0 elsewhere",
    shapes="x: any; result: as NumPy's indexing",
    examples={
        "x[0]": [((3,),), ((2, 3),)],
        "x[-1, 1:]": [((2, 3),)],
        "x[:, ::2]": [((2, 3),)],
        "x[[0, 0, 1]]": [((2, 3),)],
    },
    symbol="[...]",
    elements=lambda x, key: indexed_count(x.shape, key),
)
def get_item(x: Operand, key: Any) -> Variable:
    """A part of an array."""
    return GetItem(key)(x)


class Embedding(Op):
    """``embedding(ids, W)``."""

    def forward(self, ids: Any, W: Any) -> Any:  # the book's name
        return W[_row_numbers(ids, W.shape)]

    def vjp_W(self, gy: Any, y: Any, ids: Any, W: Any) -> Any:
        rows = _row_numbers(getattr(ids, "data", ids), W.shape)
        return lift(GetItemGrad(rows, W.shape), gy)


@op(
    "W[ids]",
    "for W: gy added to the rows that were taken",
    domain="ids: whole numbers, without derivative",
    shapes="ids: any, each the number of a row; W: (n, k); result: ids.shape and k",
    examples={
        "embedding([0, 2, 0], W)": [((3, 2),)],
        "embedding([[1, 0], [1, 1]], W)": [((2, 3),)],
        "embedding(1, W)": [((2, 3),)],
    },
    elements=lambda ids, W: ids.size * W.shape[-1],
)
def embedding(ids: Data, W: Operand) -> Variable:
    """The rows of a table by their numbers, as of words.

    Raises:
        ValueError: There is no such row, or the table is no matrix.
    """
    return Embedding()(ids, W)


def _row_numbers(ids: Any, shape: tuple[int, ...]) -> Any:
    """Read the numbers of rows, which may come as floats."""
    numbers = np.asarray(ids)
    if len(shape) != 2:
        raise ValueError(f"a table of rows must be a matrix, not of shape {shape}")
    with np.errstate(invalid="ignore"):  # a NaN, which is refused
        rows = numbers.astype(int)
    wrong = (rows != numbers) | (rows < 0) | (rows >= shape[0])
    if np.any(wrong):
        first = numbers[wrong].reshape(-1)[0]
        raise ValueError(
            f"the number of a row must be a whole number from 0 to {shape[0] - 1}, not {first:g}, "
            f"for a table of shape {shape}"
        )
    return rows


class BroadcastTo(Op):
    """``broadcast_to(x, shape)``."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def forward(self, x: Any) -> Any:
        return np.broadcast_to(x, self.shape)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy  # the engine sums it to the shape of x

    @property
    def label(self) -> str:
        """``broadcast_to (2, 3)``."""
        return f"broadcast_to {self.shape}"


@op(
    "broadcast_to(x, shape)",
    "sum_to(gy, x.shape)",
    shapes="x: can be broadcast to shape; result: shape",
    examples={"broadcast_to(x, (2, 3))": [((),), ((3,),), ((2, 1),), ((2, 3),)]},
    numpy=[np.broadcast_to],
    elements=lambda x, shape: count(shape),
)
def broadcast_to(x: Operand, shape: Shape) -> Variable:
    """The elements repeated along the axes in which ``shape`` is larger."""
    return BroadcastTo(shape)(x)


class SumTo(Op):
    """``sum_to(x, shape)``."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x: Any) -> Any:
        return sum_array_to(x, self.shape)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return np.broadcast_to(gy, x.shape)

    @property
    def label(self) -> str:
        """``sum_to (1, 3)``."""
        return f"sum_to {self.shape}"


@op(
    "sum_to(x, shape)",
    "broadcast_to(gy, x.shape)",
    shapes="x: shape can be broadcast to it; result: shape",
    examples={"sum_to(x, (1, 3))": [((2, 3),), ((2, 1, 3),), ((1, 3),)], "sum_to(x, ())": UNARY},
)
def sum_to(x: Operand, shape: Shape) -> Variable:
    """The sum along the axes in which ``shape`` is smaller, the reverse of broadcast_to."""
    return SumTo((shape,) if isinstance(shape, int) else shape)(x)


class Identity(Op):
    """``x`` again, as a Variable of its own."""

    symbol = "="
    stateless = False  # each is a Variable of its own

    def forward(self, x: Any) -> Any:
        return x.copy()

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy


def identity(x: Variable) -> Variable:
    """The same elements in a Variable of its own."""
    return Identity().apply(x)


class Astype(Op):
    """``x`` in another dtype."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype

    def forward(self, x: Any) -> Any:
        return x.astype(self.dtype)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return gy  # the engine brings it to the dtype of x

    @property
    def label(self) -> str:
        """``float32``."""
        return self.dtype.name


def astype(x: Operand, dtype: np.dtype[Any]) -> Variable:
    """The elements in another dtype."""
    return Astype(dtype)(x)


class ExpandDims(Op):
    """``expand_dims(x, axis)``."""

    def __init__(self, axis: int | tuple[int, ...]) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        return np.expand_dims(x, self.axis)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return np.reshape(gy, x.shape)

    @property
    def label(self) -> str:
        """``expand_dims 0``."""
        return f"expand_dims {self.axis}"


@op(
    "expand_dims(x, axis)",
    "reshape(gy, x.shape)",
    shapes="x: any; result: with new axes of length 1",
    examples={
        "expand_dims(x, 0)": UNARY,
        "expand_dims(x, -1)": [((2, 3),)],
        "expand_dims(x, (0, 2))": [((3,),)],
    },
    numpy=[np.expand_dims],
)
def expand_dims(x: Operand, axis: int | tuple[int, ...]) -> Variable:
    """The same elements with new axes of length 1."""
    return ExpandDims(axis)(x)


class Squeeze(Op):
    """``squeeze(x, axis)``."""

    def __init__(self, axis: Axis = None) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        return np.squeeze(x, self.axis)

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return np.reshape(gy, x.shape)

    @property
    def label(self) -> str:
        """``squeeze``, ``squeeze axis=1``."""
        return "squeeze" if self.axis is None else f"squeeze axis={self.axis}"


@op(
    "squeeze(x, axis)",
    "reshape(gy, x.shape)",
    shapes="x: any; result: without its axes of length 1, or without the given ones",
    examples={
        "squeeze(x)": [((1, 3),), ((1, 1),), ((2, 3),)],
        "squeeze(x, axis=1)": [((2, 1, 1),)],
    },
    numpy=[np.squeeze],
)
def squeeze(x: Operand, axis: Axis = None) -> Variable:
    """The same elements without axes of length 1."""
    return Squeeze(axis)(x)


def _key_text(key: Any) -> str:
    if isinstance(key, slice):
        parts = ["" if part is None else str(part) for part in (key.start, key.stop)]
        return ":".join(parts + ([] if key.step is None else [str(key.step)]))
    if isinstance(key, np.ndarray | list):
        return f"array {np.shape(key)}" if np.size(key) > 6 else str(np.asarray(key).tolist())
    return "..." if key is Ellipsis else str(key)


def _reshape_method(x: Variable, *shape: Any) -> Variable:
    return reshape(x, shape[0] if len(shape) == 1 else shape)


def _flatten_method(x: Variable) -> Variable:
    return reshape(x, -1)


def _transpose_method(x: Variable, *axes: Any) -> Variable:
    single = len(axes) == 1 and (axes[0] is None or isinstance(axes[0], tuple | list))
    return transpose(x, (axes[0] if single else axes) or None)


for _name, _method in {
    "__getitem__": get_item,
    "reshape": _reshape_method,
    "flatten": _flatten_method,
    "ravel": _flatten_method,
    "transpose": _transpose_method,
    "T": property(transpose),
    "squeeze": squeeze,
}.items():
    setattr(Variable, _name, _method)
