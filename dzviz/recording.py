"""What happened in one backward pass: an observer that keeps a copy of every gradient it sees.

It knows nothing of pictures.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dezero import Function, Variable
from dezero.engine import Queue


class Recording:
    """A record of one pass, made by handing it to `dezero.backward` as ``observer``.

    ``seeds`` maps outputs to what the pass started from, ``gradients`` each Variable to its whole
    gradient (kept or not), ``contributions`` a Function and the number of its input to the
    gradient that it sent back there.
    """

    def __init__(self) -> None:
        self.seeds: dict[Variable, Any] = {}
        self.gradients: dict[Variable, Any] = {}
        self.contributions: dict[tuple[Function, int], Any] = {}

    def seeded(self, y: Variable, gy: Any) -> None:
        """Keep a seed; an output that is seeded twice starts from the sum."""
        seed = _copy(gy)
        self.seeds[y] = self.seeds[y] + seed if y in self.seeds else seed

    def popped(self, function: Function, queue: Queue) -> None:
        """Nothing to keep."""

    def contributed(self, function: Function, index: int, gx: Any) -> None:
        """Keep what flowed back."""
        self.contributions[function, index] = _copy(gx)

    def summed(self, x: Variable, gx: Any) -> None:
        """Nothing to keep: the whole gradient comes when it is settled."""

    def settled(self, x: Variable, gx: Any, kept: bool) -> None:
        """Keep the whole gradient."""
        self.gradients[x] = _copy(gx)


def _copy(gx: Any) -> Any:
    if isinstance(gx, Variable):
        gx = gx.data
    return gx.copy() if isinstance(gx, np.ndarray) else gx
