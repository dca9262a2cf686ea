"""Products of matrices, and what elimination makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..subscripts import axes as einsum_axes
from .arithmetic import cancels
from .arrays import on_grid
from .bounded import (
    ARRAY_FUNCTIONS,
    UFUNCS,
    ULPS,
    WHOLE,
    Bounded,
    as_result,
    bounded,
    pair,
    rounding_of,
    unit,
    value_of,
)


def _matmul(a: Any, b: Any) -> Bounded:
    """Multiply matrices, in any order of summation, with or without fused operations."""
    x, y, value = pair(a, b, np.matmul)
    p, q = np.abs(x.value), np.abs(y.value)
    size = np.matmul(p, q)
    errors = np.zeros_like(size)
    if x.bound.any() or y.bound.any():
        errors = errors + _times(p, y.bound) + _times(x.bound, q + y.bound)
    elif on_grid(x.value, size) and on_grid(y.value, size):
        return Bounded(value)
    terms = x.value.shape[-1]
    bound = (errors + terms * rounding_of(size))[()]
    return as_result(value, bound, cancels(bound, size))


def _times(a: Any, b: Any) -> Any:
    """Multiply matrices of which one holds bounds: 0 times the unknown is 0."""
    if not (np.isinf(a).any() or np.isinf(b).any()):  # nearly always
        return np.matmul(a, b)
    product = np.matmul(np.where(np.isinf(a), 0.0, a), np.where(np.isinf(b), 0.0, b))
    unknown = np.matmul(np.isinf(a) * 1.0, (b != 0) * 1.0) + np.matmul(
        (a != 0) * 1.0, np.isinf(b) * 1.0
    )
    return np.where(unknown > 0, np.inf, product)


def _einsum(subscripts: str, *operands: Any) -> Bounded:
    """Add up products, in any order."""
    xs = [bounded(x) for x in operands]
    value = np.einsum(subscripts, *[x.value for x in xs])
    sizes = [np.abs(x.value) for x in xs]
    size = np.einsum(subscripts, *sizes)
    errors = np.zeros_like(size)
    for i, x in enumerate(xs):
        if x.bound.any():
            farthest = [y.bound + np.abs(y.value) for y in xs[i + 1 :]]
            errors = errors + np.einsum(subscripts, *sizes[:i], x.bound, *farthest)
    errors = np.where(np.isnan(errors), np.inf, errors)  # 0 times what is unknown
    whole = all(not x.bound.any() and np.all(x.value == np.rint(x.value)) for x in xs)
    if value.dtype.kind != "f" or (whole and np.all(size < WHOLE)):
        return Bounded(value, errors[()])
    found = einsum_axes(subscripts, [x.shape for x in xs])
    terms = found.products // max(found.elements, 1) + len(xs) - 2
    bound = (errors + max(terms, 0) * unit(value.dtype) * size)[()]
    return as_result(value, bound, cancels(bound, size))


def _solve(a: Any, b: Any) -> Bounded:
    """Solve equations, as exactly as elimination with pivots does in practice.

    Its result is that of a matrix a little off, see Higham, 9.3; that the elements grow by more
    than a few times, as they can, is as good as never seen.
    """
    x, y, value = *_floats(a, b), np.linalg.solve(value_of(a), value_of(b))
    wide = value[..., None] if y.ndim == 1 else value
    errors = y.bound[..., None] if y.ndim == 1 else y.bound
    inverse = np.abs(np.linalg.inv(x.value))
    bound = np.matmul(inverse, np.matmul(_off(x), np.abs(wide)) + errors)
    bound = np.reshape(bound * _farther(inverse, _off(x)), value.shape)
    return as_result(value, bound, cancels(bound, np.max(np.abs(value), initial=0.0)))


def _inv(a: Any) -> Bounded:
    x = _floats(a)[0]
    value = np.linalg.inv(x.value)
    inverse = np.abs(value)
    bound = np.matmul(inverse, np.matmul(_off(x), inverse)) * _farther(inverse, _off(x))
    return as_result(value, bound, cancels(bound, np.max(inverse, initial=0.0)))


def _det(a: Any) -> Bounded:
    """Find a determinant: an element counts for less than the lengths of the other rows."""
    x = _floats(a)[0]
    value = np.linalg.det(x.value)
    off, rows = _off(x), x.shape[-1]
    lengths = np.sqrt(np.sum((np.abs(x.value) + off) ** 2, axis=-1))
    others = [np.prod(np.delete(lengths, i, axis=-1), axis=-1) for i in range(rows)]
    # NumPy adds up the logarithms of the pivots, and takes the exponential.
    largest = np.max(np.abs(x.value), axis=(-2, -1), initial=0.0)
    logarithms = np.abs(np.log(np.where(value == 0, 1.0, np.abs(value))))
    logarithms = logarithms + 2 * rows * np.log(np.maximum(rows * largest, 1))
    bound = rounding_of(value, units=ULPS) * (1 + logarithms)
    for i in range(rows):
        bound = bound + others[i] * np.sqrt(np.sum(off[..., i, :] ** 2, axis=-1))
    return as_result(value, bound[()], cancels(bound, np.prod(lengths, axis=-1)))


def _floats(*operands: Any) -> list[Bounded]:
    xs = [bounded(x) for x in operands]
    return [x if x.dtype.kind == "f" else Bounded(x.value.astype(float), x.bound) for x in xs]


def _off(x: Bounded) -> Any:
    """How far the matrix of which an elimination is exact can be from ``x``."""
    rows = x.shape[-1]
    largest = np.max(np.abs(x.value), axis=(-2, -1), keepdims=True, initial=0.0)
    return x.bound + 2 * rows * unit(x.dtype) * largest


def _farther(inverse: Any, off: Any) -> Any:
    """What a first-order bound is multiplied by for all orders; infinite where there is none."""
    part = np.max(np.sum(np.matmul(inverse, off), axis=-1), axis=-1, initial=0.0)
    return np.where(part < 1, 1 / (1 - part), np.inf)[..., None, None]


UFUNCS[np.matmul] = _matmul

ARRAY_FUNCTIONS.update(
    {
        np.einsum: _einsum,
        np.linalg.solve: _solve,
        np.linalg.inv: _inv,
        np.linalg.det: _det,
    }
)
