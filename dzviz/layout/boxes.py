"""Many boxes, of which those near a place are found at once.

It is geometry alone, and knows nothing of what a box is.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Sides = NDArray[np.float64]

STRIP = 256.0
"""Boxes are looked for in strips of the page, so wide."""


class Boxes:
    """Boxes by their left, top, right and bottom, found by the strips of the page they lie in.

    The strips go across the ``longer`` axis: 0 is from left to right. Without them, each question
    would look at all boxes.
    """

    def __init__(self, sides: Sides, longer: int) -> None:
        self.longer = longer
        self._sides, self._count = np.empty((max(16, 2 * len(sides)), 4)), 0
        self._strips: dict[int, list[int]] = defaultdict(list)
        self.add(sides)

    def add(self, sides: Sides) -> None:
        """Add boxes."""
        begin, self._count = self._count, self._count + len(sides)
        if self._count > len(self._sides):
            more = np.empty((2 * self._count, 4))
            more[:begin] = self._sides[:begin]
            self._sides = more
        self._sides[begin : self._count] = sides
        strips = sides[:, [self.longer, self.longer + 2]] // STRIP
        for i, (first, last) in enumerate(strips.astype(int).tolist(), begin):
            for strip in range(first, last + 1):
                self._strips[strip].append(i)

    def near(self, low: Sides, high: Sides) -> Sides:
        """Return those that have a part between these two corners."""
        first, last = int(low[self.longer] // STRIP), int(high[self.longer] // STRIP)
        strips = range(first, last + 1)
        found = {i for strip in strips if strip in self._strips for i in self._strips[strip]}
        sides = self._sides[list(found)]
        there = (sides[:, :2] <= high).all(axis=1) & (sides[:, 2:] >= low).all(axis=1)
        near: Sides = sides[there]
        return near
