"""Values of JAX's as a graph keeps them."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dzviz.graph.ranges import Range, range_of

MOST = 4096
"""Arrays with more elements are described by their range."""


def as_array(value: Any) -> Any:
    """Return a value as an array of NumPy's: floats that NumPy has not as float32, keys as data."""
    value = jnp.asarray(value)
    if jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
        value = jax.random.key_data(value)
    array = np.asarray(value)
    return array.astype(np.float32) if array.dtype.kind == "V" else array


def graph_value(value: Any) -> Any:
    """Return what a graph keeps of a value: an array, of large ones the range."""
    array = as_array(value)
    if array.dtype.kind == "c":
        return Range(1, array.shape, None, None)
    if array.size <= MOST:
        return array
    span = range_of([array])
    real = array.dtype.kind == "f" and not span.kind
    return span._replace(norm=np.linalg.norm(array.astype(float))) if real else span


def dtype_word(value: Any) -> str:
    """Return the type of a value in JAX's words."""
    return str(jnp.asarray(value).dtype)
