"""What keeps a user's Function from changing the graph that it is a part of.

It gets copies and returns copies. The data of the graph itself, which a rule can reach as well,
cannot be written while the rule runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

import numpy as np

from .core import Function, Variable


def twin(function: Function) -> Function:
    """Return a Function that can be applied instead of this one, which stays as it is.

    What it writes into an array that it keeps, it writes into one of its own.
    """
    other = copy(function)
    for name, value in getattr(other, "__dict__", {}).items():
        if isinstance(value, np.ndarray):
            setattr(other, name, value.copy())
    return other


@contextmanager
def locked(function: Function, gys: Iterable[Variable]) -> Iterator[None]:
    """Let nothing write into what a rule can reach: inputs, outputs, and these gradients.

    Raises:
        ValueError: Within the block something tries to; its traceback leads to the line.
    """
    outputs = (reference() for reference in function.outputs)
    reached = [x.data for x in (*function.inputs, *outputs, *gys) if x is not None]
    arrays = [array for array in reached if array is not None and array.flags.writeable]
    for array in arrays:
        array.flags.writeable = False
    try:
        yield
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise ValueError(
            f"the backward of {type(function).__name__} must not write into the data of the graph "
            f"({error}): write into a copy, as in x = self.inputs[0].data.copy()"
        ).with_traceback(error.__traceback__) from None
    finally:
        for array in sorted(arrays, key=_is_view):  # a view can be written once its owner can
            array.flags.writeable = True


def _is_view(array: Any) -> bool:
    return array.base is not None
