"""Pairs of numbers as one number each."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints: TypeAlias = NDArray[np.intp]


def pairs(a: Ints, b: Ints) -> Ints:
    """Number pairs of numbers from 0; equal ones have one number, below that of greater ones."""
    width = int(b.max(initial=0)) + 1
    codes: Ints = a * width + b
    size = int(codes.max(initial=0)) + 1
    if size > 4 * len(codes) + 1024:
        numbers: Ints = np.unique(codes, return_inverse=True)[1]
        return numbers
    there = np.zeros(size, bool)
    there[codes] = True
    return (np.cumsum(there) - 1)[codes]
