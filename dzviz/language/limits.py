"""The limits of a computation, checked before memory and time are spent; it knows no Variables.

The limits hold for an expression and its derivatives together, so that no text makes the command
need more than 1 GiB. A Python function of the user's own is counted from its first derivative on.
"""

from __future__ import annotations

import math

from dzviz.errors import EvaluationError, Place

MAX_ELEMENTS = 1_000_000
"""The most elements that one value may have."""

MAX_TOTAL_ELEMENTS = 10_000_000
"""The most elements that all values may have together; an op counts for its largest one."""

MAX_FUNCTIONS = 100_000
"""The most Functions that the graphs of all orders may have together."""


class Budget:
    """Counts elements, and refuses what would go beyond the limits."""

    def __init__(self) -> None:
        self.total = 0

    def spend(self, size: float, what: str, place: Place | None = None, *, cost: float = 0) -> None:
        """Count a value of ``size`` elements that takes the room or time of ``cost`` ones.

        Raises:
            EvaluationError: It has too many, or all values together.
        """
        amount = max(size, cost)
        self.total += int(min(amount, MAX_TOTAL_ELEMENTS + 1)) if amount > 0 else 0
        if size > MAX_ELEMENTS:
            raise EvaluationError(
                f"{what} would have {grouped(size)} elements; a value can have at most "
                f"{grouped(MAX_ELEMENTS)}",
                place=place,
            )
        if self.total > MAX_TOTAL_ELEMENTS:
            raise EvaluationError(
                f"with {what}, all values together would have more than "
                f"{grouped(MAX_TOTAL_ELEMENTS)} elements",
                place=place,
                hint="an op counts as the largest of its operands, its result and its gradients",
            )

    def check_empty(self, shape: tuple[int, ...], what: str, place: Place | None = None) -> None:
        """Refuse a shape like (0, 10**9): it takes no room, but a sum along its first axis does.

        Raises:
            EvaluationError: Its other lengths make more elements than a value may have.
        """
        if 0 in shape and (size := math.prod(length or 1 for length in shape)) > MAX_ELEMENTS:
            raise EvaluationError(
                f"{what} is empty, but of the shape {_shape(shape)}; its other lengths may make "
                f"at most {grouped(MAX_ELEMENTS)} elements, not {grouped(size)}",
                place=place,
            )


def grouped(count: float) -> str:
    """Write a count with its digits in threes, a very large one as a power."""
    if count < 1e18:
        return f"{int(count):,}".replace(",", " ")
    return f"{float(count):.3g}" if count <= 1e300 or count == math.inf else "over 1e+300"


def _shape(shape: tuple[int, ...]) -> str:
    text = str(shape)
    return text if len(text) <= 60 else f"{text[:57]}..."
