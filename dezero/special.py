"""The function of one number that the ops need and that `math` has, but NumPy lacks."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

ERFC: Final = np.frompyfunc(math.erfc, 1, 1)
"""The complementary error function of each element, as Python's floats."""


def erfc(x: Any) -> Any:
    """Return the complementary error function of floats, in their dtype; as slow as ten tanh."""
    y = ERFC(x)
    return np.asarray(y, x.dtype)[()] if isinstance(y, np.ndarray | float) else y
