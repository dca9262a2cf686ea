"""Long pictures are placed piece by piece; nothing of them gets lost, and nothing overlaps."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dzviz.layout import labels
from dzviz.options import Layout, Look
from dzviz.placing.pieces import LEAST, pieces
from dzviz.placing.placed import placed
from dzviz.styles.appearance import Appearance, Paint
from dzviz.styles.scene import Arrow, Frame, Scene, Shape

LOOK = Appearance(Paint("#ffffff", "#000000"))


def shape(id):
    return Shape(id, "box", [id, "data 1.5"], [], False, 2, LOOK, id, str)


def scene(ends, *, large=True, frames=()):
    """Make a scene of arrows, the shapes in order of their first appearance."""
    ids = dict.fromkeys(id for pair in ends for id in pair)
    arrows = tuple(Arrow((*pair, i), *pair, "share 0.25") for i, pair in enumerate(ends))
    return Scene(tuple(map(shape, ids)), arrows, ["a caption"], large, frames)


def steps(count):
    """Make a loop like a recurrent net's: all inputs come first, and each step takes one."""
    inputs = [(f"x{i}", f"u{i}") for i in reversed(range(count))]
    return inputs + [
        pair for i in range(count) for pair in ((f"u{i}", f"h{i}"), (f"h{i}", f"h{i + 1}"))
    ]


def test_what_is_cut_is_in_two_pieces_and_all_else_in_one():
    whole = scene(steps(200))
    parts = pieces(whole)
    assert len(parts) == 5
    assert sorted(s.id for part in parts for s in part.shapes) == sorted(s.id for s in whole.shapes)
    assert all(len(part.shapes) >= LEAST for part in parts)
    known = [arrow.id for part in parts for arrow in part.arrows]
    cut = {id for id in known if known.count(id) == 2}
    assert set(known) == {arrow.id for arrow in whole.arrows}
    assert len(cut) == len(known) - len(whole.arrows) == 4
    for before, after in pairwise(parts):
        ((left,), (right,)) = (
            [a for a in before.arrows if a.target == "leave"],
            [a for a in after.arrows if a.source == "enter"],
        )
        assert (left.id, left.label, right.label) == (right.id, "share 0.25", None)


@pytest.mark.parametrize(
    "whole",
    [
        scene(steps(200), large=False),
        scene(steps(200), frames=(Frame("r0", "loop", ("h0",)),)),
        scene(
            [pair for i in range(400) for pair in ((f"a{i}", f"a{i + 1}"), (f"b{i}", f"b{i + 1}"))]
        ),
        scene([("w", f"h{i}") for i in range(300)] + [(f"h{i}", f"h{i + 1}") for i in range(299)]),
    ],
    ids=["small", "framed", "two chains", "one leaf for all"],
)
def test_what_cannot_be_cut_is_one_piece(whole):
    assert pieces(whole) == [whole]


@pytest.mark.parametrize("rank_dir", ["LR", "TB"])
def test_pieces_are_put_together_where_their_arrows_are_cut(rank_dir):
    whole = scene(steps(200))
    look = Look(rank_dir=rank_dir)
    picture = placed(whole, look, Layout(engine="wasm"))
    boxes = {s.id: picture.box(s.id) for s in whole.shapes}
    sides = labels._sides(list(boxes.values()))
    wide, high = picture.size
    assert (sides[:, :2] > -1).all()  # Graphviz rounds
    assert (sides[:, 2] < wide + 1).all()
    assert (sides[:, 3] < picture.caption[1]).all()
    assert picture.caption[1] < high
    for box in boxes.values():  # each touches itself alone
        low, top, right, bottom = labels._sides([box])[0]
        across = (sides[:, 0] < right) & (sides[:, 2] > low)
        assert (across & (sides[:, 1] < bottom) & (sides[:, 3] > top)).sum() == 1
    along = 0 if rank_dir == "LR" else 1
    for arrow in whole.arrows:
        curve = picture.curve(arrow.id)
        assert len(curve.points) % 3 == 1
        for id, end in ((arrow.source, curve.points[0]), (arrow.target, curve.tip)):
            assert abs(end[0] - boxes[id].x) <= boxes[id].width / 2 + 1
            assert abs(end[1] - boxes[id].y) <= boxes[id].height / 2 + 1
        assert all(a[along] <= b[along] + 1 for a, b in pairwise(curve.points))
        for x, y in labels.points_along(curve)[3:-3]:  # it runs through no other box
            inside = (sides[:, :2] < (x - 1, y - 1)).all(axis=1)
            inside &= (sides[:, 2:] > (x + 1, y + 1)).all(axis=1)
            assert not inside.any()
