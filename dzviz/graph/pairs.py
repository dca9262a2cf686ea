"""Pairs of numbers as one number each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints: TypeAlias = NDArray[np.intp]


def pairs(a: NDArray[np.integer[Any]], b: NDArray[np.integer[Any]]) -> Ints:
    """Number pairs of numbers from 0; equal ones have one number, below that of greater ones."""
    width = int(b.max(initial=0)) + 1
    codes: Ints = a.astype(np.intp, copy=False) * width + b  # columns of int32 would overflow
    size = int(codes.max(initial=0)) + 1
    if size > 4 * len(codes) + 1024:
        numbers: Ints = np.unique(codes, return_inverse=True)[1]
        return numbers
    there = np.zeros(size, bool)
    there[codes] = True
    return (np.cumsum(there) - 1)[codes]
