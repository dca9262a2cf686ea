"""Boxes near a place: the same as by a look at all of them."""

from __future__ import annotations

import numpy as np
import pytest

from dzviz.layout.boxes import STRIP, Boxes


@pytest.mark.parametrize("longer", [0, 1])
def test_boxes_near_a_place_are_those_that_a_look_at_all_finds(longer):
    random = np.random.default_rng(0)

    def corners(count, size):
        low = np.rint(random.uniform(-2, 6, (count, 2)) * STRIP / 2)  # some at the ends of strips
        return low, low + random.uniform(0, size, (count, 2))

    sides = np.hstack(corners(300, 3 * STRIP))
    boxes = Boxes(sides[:50], longer)
    for i in range(50, 300, 10):  # as labels are placed
        boxes.add(sides[i : i + 10])
    found = 0
    for low, high in zip(*corners(200, STRIP), strict=True):
        there = (sides[:, :2] <= high).all(axis=1) & (sides[:, 2:] >= low).all(axis=1)
        near = boxes.near(low, high)
        assert sorted(map(tuple, near)) == sorted(map(tuple, sides[there]))
        found += len(near)
    assert found > 1000


def test_without_boxes_none_is_near():
    assert Boxes(np.empty((0, 4)), 0).near(np.zeros(2), np.ones(2)).shape == (0, 4)
