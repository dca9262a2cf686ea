"""The names of frames: where they stand when there is little room."""

import pytest

from dzviz.layout.labels import Page
from dzviz.layout.placement import Box, Curve, Placement

OUTER, INNER = Box(200, 100, 380, 180), Box(330, 110, 100, 140)


def page(nodes=(), edges=()):
    curves = {f"e{i}": Curve((a, a, b, b), None, None, None) for i, (a, b) in enumerate(edges)}
    boxes = {f"v{i}": box for i, box in enumerate(nodes)}
    return Page(Placement(400, 200, boxes, curves, {"a": OUTER, "b": INNER}, None))


def sides(box):
    return (
        box.x - box.width / 2,
        box.y - box.height / 2,
        box.x + box.width / 2,
        box.y + box.height / 2,
    )


def test_one_that_is_wider_than_its_frame_stands_out_to_the_side_that_is_free():
    placed = page().heading(INNER, 180, 14)
    left, _, right, bottom = sides(placed)
    assert right < sides(OUTER)[2]  # else it would cross the frame around
    assert left < sides(INNER)[0]
    assert bottom <= sides(INNER)[1] + 7


@pytest.mark.parametrize("width", [60, 90, 180])
def test_where_all_is_covered_it_stays_at_its_frame(width):
    crowd = [Box(200, 100, 400, 200), Box(330, 110, 90, 130)]
    lines = [((0, y), (400, y)) for y in range(0, 200, 4)]
    placed = page(crowd, lines).heading(INNER, width, 14)
    assert abs(placed.x - INNER.x) <= (INNER.width + width) / 2
    assert abs(placed.y - INNER.y) <= INNER.height / 2 + 14


def test_it_touches_no_box():
    node = Box(80.5, 146, 101, 72)  # at the bottom, since an edge runs along the top
    placed = page([node], [((12, 21), (388, 21))]).heading(OUTER, 100, 14)
    assert sides(placed)[3] > sides(node)[1]
    assert sides(placed)[0] >= sides(node)[2] + 3


def test_one_with_room_stands_at_the_top_left():
    placed = page().heading(OUTER, 100, 14)
    assert sides(placed)[0] == sides(OUTER)[0] + 10
    assert sides(placed)[1] > sides(OUTER)[1]
