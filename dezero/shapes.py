"""Shapes of plain arrays: which axes a broadcast or a reduction touched. It knows no Variables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

if TYPE_CHECKING:
    from numpy.typing import NDArray


def sum_array_to(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Sum ``array`` over the axes along which ``shape`` would be broadcast to it.

    Raises:
        ValueError: ``shape`` cannot be broadcast to the shape of ``array``.
    """
    lead = array.ndim - len(shape)
    if lead < 0 or any(n not in (1, m) for n, m in zip(shape, array.shape[lead:], strict=True)):
        raise ValueError(f"cannot sum shape {array.shape} to {shape}")
    stretched = tuple(
        lead + i for i, n in enumerate(shape) if n == 1 and array.shape[lead + i] != 1
    )
    result: NDArray[Any] = array.sum(axis=(*range(lead), *stretched), keepdims=True)
    return result.reshape(shape)


def reduced_axes(ndim: int, axis: int | tuple[int, ...] | None) -> tuple[int, ...]:
    """Return the axes, counted from 0, that a reduction along ``axis`` takes away; None is all."""
    if not ndim and axis in (0, -1):  # NumPy lets a number be reduced so
        return ()
    return tuple(range(ndim)) if axis is None else normalize_axis_tuple(axis, ndim)


def kept_shape(shape: tuple[int, ...], axis: int | tuple[int, ...] | None) -> tuple[int, ...]:
    """Return the shape of a reduction that keeps its axes, with length 1."""
    axes = reduced_axes(len(shape), axis)
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


def count(shape: int | tuple[int, ...]) -> int:
    """Return the number of elements of an array of this shape."""
    return math.prod(shape) if isinstance(shape, tuple) else shape


def matmul_count(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    """Return the number of elements of the matrix product of arrays of shapes ``a`` and ``b``."""
    batch = np.broadcast_shapes(a[:-2], b[:-2])
    return math.prod((*batch, *a[-2:-1], *(b[-1:] if len(b) > 1 else ())))


def matmul_cost(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """Return what the matrix product and its gradients take, as a number of elements.

    It is that of their largest array, which matrices that are broadcast make: the gradient of each
    copy comes before the sum over all. A product of many numbers counts for its time: the sum of
    300 products takes as long as ten ops on one element.
    """
    batch = np.broadcast_shapes(a[:-2], b[:-2])
    rows, inner, columns = math.prod(a[-2:-1]), a[-1], math.prod(b[-1:] if len(b) > 1 else ())
    largest = max(rows * inner, inner * columns, rows * inner * columns / 300)
    return math.prod(batch) * largest


def indexed_count(shape: tuple[int, ...], key: Any) -> int:
    """Return the number of elements of ``x[key]`` for an ``x`` of this shape.

    Arrays in the key are broadcast together; a mask counts for the elements it selects.
    """
    total = 1
    picks: list[tuple[int, ...]] = []
    keys = key if isinstance(key, tuple) else (key,)
    axes = iter(shape[: len(shape)])
    taken = sum(k.ndim if _is_mask(k) else k is not None and k is not Ellipsis for k in keys)
    for k in keys:
        if k is None:
            continue
        if k is Ellipsis:
            total *= math.prod([next(axes, 1) for _ in range(len(shape) - taken)])
        elif isinstance(k, slice):
            total *= len(range(*k.indices(next(axes, 1))))
        elif _is_mask(k):
            picks.append((int(np.count_nonzero(k)),))
            for _ in range(k.ndim):
                next(axes, 1)
        else:
            picks.append(np.shape(k))
            next(axes, 1)
    return total * math.prod(axes) * math.prod(np.broadcast_shapes(*picks))


def on_axis(part: slice, axis: int, ndim: int) -> tuple[slice, ...]:
    """Return the key that takes a part along one axis, and all of the others."""
    return tuple(part if i == axis % ndim else slice(None) for i in range(ndim))


def _is_mask(key: Any) -> bool:
    return isinstance(key, np.ndarray) and key.dtype == bool
