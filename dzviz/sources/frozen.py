"""Values as a graph keeps them: copies that nobody can write, of types that can be written down."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from dzviz.errors import EvaluationError


def freeze(value: Any) -> Any:
    """Copy an ndarray to one that cannot be written; a scalar, or None, is its own copy."""
    if isinstance(value, np.ndarray):
        value = value.copy()
        value.setflags(write=False)
    return value


@lru_cache
def dtype_name(dtype: np.dtype[Any]) -> str:
    """Return a type of real numbers as a word, which takes NumPy 5 us for "float64".

    Raises:
        EvaluationError: It is none that can be written: complex, or wider than 64 bits.
    """
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        what = "numbers of up to 64 bits" if dtype.kind == "f" else "real numbers"
        raise EvaluationError(f"a picture shows {what}, not data of type {dtype}")
    return str(dtype)
