"""Scales of numbers whose sums or squares would overflow or vanish."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .core import Variable, raw

if TYPE_CHECKING:
    from .ops import Axis


def numbers_of(x: Any) -> Any:
    """Return the numbers of an operand, which is a Variable where a rule makes a graph."""
    return np.asarray(raw(x) if isinstance(x, Variable) else x)


def scale_of(sizes: Any, axis: Axis) -> Any:
    """Return a power of 2 by which squares neither overflow nor vanish; None if they do not."""
    limits = np.finfo(sizes.dtype if sizes.dtype.kind == "f" else float)
    top = np.max(sizes, axis=axis, keepdims=True, initial=0)
    if np.all((top > limits.tiny**0.25) & (top < limits.max**0.25) | (top == 0)):
        return None
    exponents = np.frexp(np.where(np.isfinite(top), top, 1.0))[1] - 1  # of the largest, too, finite
    return np.ldexp(np.ones_like(top), exponents)


def scale_of_overflown(x: Any, axis: Axis, y: Any) -> Any:
    """Return the `scale_of` operands of which a result overflowed; None if all of it is finite."""
    number = type(y) is np.float64  # which takes a tenth of the time
    finite = math.isfinite(y) if number else np.isfinite(numbers_of(y)).all()
    return None if finite else scale_of(np.abs(numbers_of(x)), axis)
