"""Functions of whole arrays: sums in any order, the order of elements, where they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .arithmetic import cancels, divide
from .bounded import ARRAY_FUNCTIONS, UFUNCS, WHOLE, Bounded, as_result, bounded, unit, value_of
from .elementwise import apply

GRID = 2.0**12
"""Multiples of 1 / GRID are added and multiplied without error while the results are not large."""


def on_grid(x: Any, total: Any) -> bool:
    """Whether sums of products of these, or of these alone, are exact; ``total`` is their size."""
    scaled = x * GRID
    return bool(np.all(scaled == np.rint(scaled)) and np.all(total * GRID * GRID < WHOLE))


def add_up(x: Any, axis: Any = None, keepdims: bool = False) -> Bounded:
    """Add up, in any order."""
    value = np.sum(x.value, axis=axis, keepdims=keepdims)
    size = np.sum(np.abs(x.value), axis=axis, keepdims=keepdims)
    errors = np.sum(x.bound, axis=axis, keepdims=keepdims)
    if value.dtype.kind != "f" or (not x.bound.any() and on_grid(x.value, size)):
        return Bounded(value, errors)
    terms = x.size // max(value.size, 1)
    bound = errors + (terms - 1) * unit(value.dtype) * size
    return as_result(value, bound, cancels(bound, size))


def _mean(x: Any, axis: Any = None, keepdims: bool = False) -> Bounded:
    total = add_up(x, axis, keepdims)
    count = x.size // max(total.size, 1)
    return Bounded(
        np.mean(x.value, axis=axis, keepdims=keepdims), divide(total, float(count)).bound
    )


def _var(x: Any, axis: Any = None, keepdims: bool = False) -> Bounded:
    difference = x - _mean(x, axis, True)
    bound = _mean(difference * difference, axis, keepdims).bound
    return Bounded(np.var(x.value, axis=axis, keepdims=keepdims), bound)


def _std(x: Any, axis: Any = None, keepdims: bool = False) -> Bounded:
    bound = apply(np.sqrt, _var(x, axis, keepdims)).bound
    return Bounded(np.std(x.value, axis=axis, keepdims=keepdims), bound)


def _cumsum(x: Any, axis: Any = None) -> Bounded:
    """Add up, the one after the other."""
    value = np.cumsum(x.value, axis=axis)
    size = np.cumsum(np.abs(x.value), axis=axis)
    errors = np.cumsum(x.bound, axis=axis)
    if value.dtype.kind != "f" or (not x.bound.any() and on_grid(x.value, size)):
        return Bounded(value, errors)
    terms = np.cumsum(np.ones_like(size), axis=axis)
    bound = errors + (terms - 1) * unit(value.dtype) * size
    return as_result(value, bound, cancels(bound, size))


def _sort(x: Any, axis: int = -1) -> Bounded:
    """Sort: what is the k-th of all is between the k-th of the lower and of the upper ends."""
    order = np.argsort(x.value, axis=axis, kind="stable")
    value = np.take_along_axis(x.value, order, axis=axis)
    bound = np.take_along_axis(x.bound, order, axis=axis)
    for end in (x.value - x.bound, x.value + x.bound):
        bound = np.maximum(bound, np.abs(np.sort(end, axis=axis) - value))
    return Bounded(value, bound)


def _argsort(x: Any, axis: int = -1, kind: Any = None) -> Bounded:
    """Find the order; unknown is the place of what may come before or after another."""
    order = np.argsort(x.value, axis=axis, kind=kind)
    value = np.moveaxis(np.take_along_axis(x.value, order, axis=axis), axis, -1)
    bound = np.moveaxis(np.take_along_axis(x.bound, order, axis=axis), axis, -1)
    upper = np.maximum.accumulate(value + bound, axis=-1)
    lower = np.minimum.accumulate((value - bound)[..., ::-1], axis=-1)[..., ::-1]
    equal = (upper[..., :-1] == value[..., :-1]) & (lower[..., 1:] == value[..., 1:])
    crossed = (upper[..., :-1] >= lower[..., 1:]) & ~equal
    unsure = np.zeros(value.shape, bool)
    unsure[..., :-1] |= crossed
    unsure[..., 1:] |= crossed
    return Bounded(order, np.where(np.moveaxis(unsure, -1, axis), np.inf, 0.0))


def _prod(x: Any, axis: Any = None, keepdims: bool = False) -> Bounded:
    """Multiply all along axes, by halves."""
    value = np.prod(x.value, axis=axis, keepdims=keepdims)
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis) % max(x.ndim, 1)
    kept = [i for i in range(x.ndim) if i not in axes]
    rest: Any = np.transpose(x, (*kept, *[i for i in range(x.ndim) if i not in kept]))
    rest = np.reshape(rest, (*[x.shape[i] for i in kept], x.size // max(value.size, 1)))
    while rest.shape[-1] > 1:
        n = rest.shape[-1] // 2
        halves = rest[..., :n] * rest[..., n : 2 * n]
        rest = np.concatenate([halves, rest[..., 2 * n :]], axis=-1)
    bound = rest.bound.sum(axis=-1)  # of one, or of none
    return Bounded(value, np.reshape(bound, value.shape)[()])


def _extreme(function: Callable[..., Any]) -> Callable[..., Bounded]:
    """Take the largest or smallest element: it is between those of the bounds' ends."""

    def extreme(x: Any, axis: Any = None, keepdims: bool = False) -> Bounded:
        value = function(x.value, axis=axis, keepdims=keepdims)
        ends = [
            function(end, axis=axis, keepdims=keepdims)
            for end in (x.value - x.bound, x.value + x.bound)
        ]
        bound = np.maximum(*[np.abs(end - value) for end in ends])
        exact = function(x.bound == 0, axis=axis, keepdims=keepdims)
        return Bounded(value, np.where(x.bound.any() | ~exact, bound, 0.0)[()])

    return extreme


def _where(condition: Any, a: Any, b: Any) -> Bounded:
    c = bounded(condition)
    value = np.where(c.value, value_of(a), value_of(b))[()]
    bound = np.where(c.value, bounded(a).bound, bounded(b).bound)
    return Bounded(value, np.where(c.bound > 0, np.inf, bound)[()])


def _clip(x: Any, low: float, high: float) -> Bounded:
    bound = UFUNCS[np.minimum](UFUNCS[np.maximum](x, low), high).bound
    return Bounded(np.clip(x.value, low, high), bound)


def _same(function: Callable[..., Any]) -> Callable[..., Bounded]:
    """Arrange elements otherwise, and their bounds with them."""

    def arrange(x: Any, *settings: Any, **options: Any) -> Bounded:
        if isinstance(x, list | tuple):
            parts = [bounded(part) for part in x]
            return Bounded(
                function([part.value for part in parts], *settings, **options),
                function([part.bound for part in parts], *settings, **options),
            )
        return Bounded(
            function(x.value, *settings, **options), function(x.bound, *settings, **options)
        )

    return arrange


def _alike(function: Callable[..., Any]) -> Callable[..., Bounded]:
    return lambda x, **options: Bounded(function(x.value, **options))


_FUNCTIONS: Mapping[Any, Callable[..., Any]] = {
    np.sum: add_up,
    np.mean: _mean,
    np.var: _var,
    np.std: _std,
    np.prod: _prod,
    np.cumsum: _cumsum,
    np.sort: _sort,
    np.argsort: _argsort,
    np.max: _extreme(np.max),
    np.min: _extreme(np.min),
    np.where: _where,
    np.clip: _clip,
    np.ndim: lambda x: x.ndim,
    np.ones_like: _alike(np.ones_like),
    np.zeros_like: _alike(np.zeros_like),
    **{
        function: _same(function)
        for function in (
            *(np.reshape, np.transpose, np.expand_dims, np.squeeze, np.broadcast_to),
            *(np.stack, np.concatenate, np.hstack, np.vstack, np.diag, np.roll, np.pad),
        )
    },
}

ARRAY_FUNCTIONS.update(_FUNCTIONS)
