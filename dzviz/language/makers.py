"""Arrays made by a formula (``zeros(3)``, ``linspace(0, 1, 5)``, ``randn(2, 3)``), as constants.

Each maker says how many elements it would make before it makes them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dzviz.records import NamedTuple


class Maker(NamedTuple):
    """One maker: ``elements(*arguments)`` tells the size, ``make(generator, *arguments)`` makes it.

    Arguments are floats, or tuples of them; ``usage`` shows how it is written.
    """

    usage: str
    elements: Callable[..., float]
    make: Callable[..., Any]
    random: bool = False


def _shape(*shape: Any) -> tuple[int, ...]:
    """Read a shape: ``(2, 3)`` or ``((2, 3),)``, of non-negative whole numbers."""
    lengths = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape
    if not all(0 <= n < math.inf and n == int(n) for n in lengths):
        raise ValueError("a shape consists of whole numbers that are not negative")
    return tuple(int(n) for n in lengths)


def _count(start: float, stop: float | None = None, step: float = 1.0) -> float:
    low, high = (0.0, start) if stop is None else (start, stop)
    if step == 0 or math.isnan(low + high + step):
        raise ValueError("the step must not be 0")
    count = (high - low) / step
    return max(0.0, count if math.isinf(count) else math.ceil(count))


MAKERS: dict[str, Maker] = {
    "arange": Maker(
        "arange(start, stop, step)",
        _count,
        lambda _, *bounds: np.arange(*bounds, dtype=float),
    ),
    "eye": Maker("eye(n)", lambda n: math.prod(_shape(n, n)), lambda _, n: np.eye(_shape(n)[0])),
    "linspace": Maker(
        "linspace(start, stop, n)",
        lambda start, stop, n=50: _shape(n)[0],
        lambda _, start, stop, n=50: np.linspace(start, stop, int(n)),
    ),
    "ones": Maker(
        "ones(n, ...)",
        lambda *shape: math.prod(_shape(*shape)),
        lambda _, *shape: np.ones(_shape(*shape)),
    ),
    "rand": Maker(
        "rand(n, ...)",
        lambda *shape: math.prod(_shape(*shape)),
        lambda generator, *shape: generator.random(_shape(*shape)),
        random=True,
    ),
    "randn": Maker(
        "randn(n, ...)",
        lambda *shape: math.prod(_shape(*shape)),
        lambda generator, *shape: generator.standard_normal(_shape(*shape)),
        random=True,
    ),
    "zeros": Maker(
        "zeros(n, ...)",
        lambda *shape: math.prod(_shape(*shape)),
        lambda _, *shape: np.zeros(_shape(*shape)),
    ),
}
"""Every maker by its name. The random ones are for values alone."""
