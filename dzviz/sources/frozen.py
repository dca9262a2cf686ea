"""Values as a graph keeps them: copies of known types that nobody can write, and their memory."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, count
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from dzviz.errors import EvaluationError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@lru_cache
def dtype_name(dtype: np.dtype[Any]) -> str:
    """Return a type of real numbers as a word, which takes NumPy 5 us for "float64".

    Raises:
        EvaluationError: It is none that can be written: complex, or wider than 64 bits.
    """
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        what = "numbers of up to 64 bits" if dtype.kind == "f" else "real numbers"
        raise EvaluationError(f"a picture can only show {what}, not data of type {dtype}")
    return str(dtype)


def free_letter(names: Iterable[str | None]) -> str:
    """Return what to write before the numbers of Variables without names: ``v`` if none is so."""
    taken = {str(name).rstrip("0123456789") for name in names if name is not None}
    letters = chain("vtuwn", (f"v{'_' * i}" for i in count(1)))
    return next(letter for letter in letters if letter not in taken)


class Memory:
    """Numbers the memory of arrays, as long as they are alive.

    Views of all of an array, as by reshape or transpose, are in its memory; a part is not.
    """

    def __init__(self) -> None:
        self.numbers: dict[object, int] = {}

    def number(self, data: Any) -> int | None:
        """Return the number of an array's memory; what is no array has none."""
        if not isinstance(data, np.ndarray):
            return None
        memory: NDArray[Any] = data
        while isinstance(memory.base, np.ndarray):
            memory = memory.base
        key: object = id(memory)  # unique, since everything here is alive at the same time
        if data.size != memory.size:
            key = (key, byte_bounds(data), data.size)
        return self.numbers.setdefault(key, len(self.numbers))
