"""The windows of what slides over an image or a row, as arrays; it enters no ops into the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..builtin import Op, lift

if TYPE_CHECKING:
    from ..ops import Shape

Lengths = tuple[int, ...]


class Im2col(Op):
    """Each window of the last axes: ``(..., h, w)`` to ``(..., kh, kw, rows, columns)``."""

    def __init__(self, size: Lengths, stride: Lengths, pad: Lengths) -> None:
        self.size = size
        self.stride = stride
        self.pad = pad

    def forward(self, x: Any) -> Any:
        return _padded(x, self.pad)[_window_key(x.shape, self.size, self.stride, self.pad)]

    def vjp_x(self, gy: Any, y: Any, x: Any) -> Any:
        return lift(Col2im(self.size, self.stride, self.pad, x.shape), gy)


class Col2im(Op):
    """The sum of all windows, each at its place: what is the gradient of `Im2col`."""

    def __init__(self, size: Lengths, stride: Lengths, pad: Lengths, shape: Lengths) -> None:
        self.size = size
        self.stride = stride
        self.pad = pad
        self.shape = shape

    def forward(self, columns: Any) -> Any:
        lead = len(self.shape) - len(self.pad)
        padding = (*[0] * lead, *self.pad)
        padded = tuple(n + 2 * p for n, p in zip(self.shape, padding, strict=True))
        total = np.zeros_like(columns, shape=padded)
        key = _window_key(self.shape, self.size, self.stride, self.pad)
        np.add.at(total, key, columns)
        inner = [slice(p, p + n) for n, p in zip(self.shape, padding, strict=True)]
        return total[tuple(inner)]

    def vjp_columns(self, gy: Any, y: Any, columns: Any) -> Any:
        return lift(Im2col(self.size, self.stride, self.pad), gy)


def each_axis(setting: Shape, axes: int, name: str, least: int) -> Lengths:
    """Read a setting that is one number for all axes, or one for each."""
    numbers = (setting,) * axes if isinstance(setting, int | np.integer) else tuple(setting)
    if len(numbers) != axes or min(numbers) < least:
        form = "a number" if axes == 1 else f"a number, or {axes} of them"
        raise ValueError(f"{name} is {form}, at least {least}, not {setting}")
    return numbers


def in_short(setting: Lengths) -> str:
    """Write a setting: one number if it is the same for all axes."""
    return str(setting[0] if len(set(setting)) == 1 else setting)


def _padded(x: Any, pad: Lengths) -> Any:
    if not any(pad):
        return x
    return np.pad(x, [(0, 0)] * (x.ndim - len(pad)) + [(n, n) for n in pad])


def places_of(shape: Lengths, size: Lengths, stride: Lengths, pad: Lengths) -> Lengths:
    """How many windows there are along each axis."""
    lengths = [n + 2 * p for n, p in zip(shape[-len(pad) :], pad, strict=False)]
    if len(lengths) < len(size) or any(n < k for n, k in zip(lengths, size, strict=True)):
        padded = f" with pad {in_short(pad)}" if any(pad) else ""
        raise ValueError(f"a window of {size} is larger than the array, {shape}{padded}")
    return tuple((n - k) // s + 1 for n, k, s in zip(lengths, size, stride, strict=True))


def _window_key(shape: Lengths, size: Lengths, stride: Lengths, pad: Lengths) -> tuple[Any, ...]:
    """The key that takes all windows: the last axes become those of a window and of the places."""
    places = places_of(shape, size, stride, pad)
    axes = len(size)
    within = np.ogrid[tuple([slice(n) for n in (*size, *places)])]
    return (..., *[within[i] + stride[i] * within[axes + i] for i in range(axes)])
