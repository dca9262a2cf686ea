"""Long pictures are placed piece by piece; nothing of them gets lost, and nothing overlaps."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dzviz.layout import labels
from dzviz.options import Layout, Look
from dzviz.placing.pieces import LEAST, main_way, pattern, pieces, structure
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
        assert all(a[along] <= b[along] + 1 for a, b in pairwise(labels.points_along(curve)))
        for x, y in labels.points_along(curve)[3:-3]:  # it runs through no other box
            inside = (sides[:, :2] < (x - 1, y - 1)).all(axis=1)
            inside &= (sides[:, 2:] > (x + 1, y + 1)).all(axis=1)
            assert not inside.any()


def test_pieces_that_are_alike_are_placed_once():
    layout = Layout(engine="wasm", known={})
    placed(scene(steps(1000)), Look(), layout)
    assert len(layout.known) == 3  # the first, all between, the last


def test_a_piece_that_is_not_like_the_others_is_placed_on_its_own():
    whole = scene(steps(1000))
    shapes = tuple(s._replace(notes=["a note"]) if s.id == "u500" else s for s in whole.shapes)
    layout = Layout(engine="wasm", known={})
    placed(whole._replace(shapes=shapes), Look(), layout)
    assert len(layout.known) == 4


@pytest.mark.parametrize("rank_dir", ["LR", "TB"])
def test_a_large_picture_is_in_one_row_whatever_is_asked(rank_dir):
    whole, look, known = scene(steps(300)), Look(rank_dir=rank_dir), {}
    one, three = (placed(whole, look, Layout("wasm", rows=n, known=known)) for n in (1, 3))
    assert three == one


def test_an_arrow_that_points_back_is_not_on_the_main_way():
    whole = scene(steps(300))
    back = Arrow("again", "h61", "h60", None, back=True)
    parts = pieces(whole._replace(arrows=(*whole.arrows, back)))
    assert any(arrow.id == "again" for part in parts for arrow in part.arrows)
    ways = [main_way(part) for part in parts]
    assert ways == [main_way(part) for part in pieces(whole)]


def test_a_main_way_ends_where_arrows_lead_in_a_circle():
    whole = scene([*steps(300), ("h61", "h60")])
    (part,) = (part for part in pieces(whole) if "h60" in [s.id for s in part.shapes])
    assert main_way(part) <= {arrow.id for arrow in part.arrows}


def test_a_pattern_has_room_for_the_widest_words():
    whole = scene(steps(400))
    words = {"u200": ["u200", "data -1234.5"]}
    shapes = tuple(s._replace(lines=words.get(s.id, s.lines)) for s in whole.shapes)
    arrows = tuple(
        a._replace(label="share 1.234e-100") if a.source == "u201" else a for a in whole.arrows
    )
    _, *parts, _ = pieces(whole._replace(shapes=shapes, arrows=arrows))
    assert len({structure(part) for part in parts}) == 1
    made = pattern(parts, len)
    assert [s.lines[1] for s in made.shapes].count("data -1234.5") == 1
    assert [a.label for a in made.arrows].count("share 1.234e-100") == 1
    assert [s.id for s in made.shapes] == [f"n{i}" for i in range(len(parts[0].shapes))]


@pytest.mark.parametrize("rank_dir", ["LR", "TB"])
def test_a_long_row_is_level(rank_dir):
    """Its first operand alone leads on, and the other lies below: that was a stairway."""
    step = (
        ("h{0}", "m{0}"),
        ("w{0}", "m{0}"),
        ("u{0}", "v{0}"),
        ("m{0}", "h{1}"),
        ("v{0}", "h{1}"),
    )
    ends = [(a.format(i, i + 1), b.format(i, i + 1)) for i in range(300) for a, b in step]
    whole = scene(ends)
    picture = placed(whole, Look(rank_dir=rank_dir), Layout(engine="wasm"))
    across = 1 if rank_dir == "LR" else 0
    level = [picture.box(f"h{i}")[across] for i in range(301)]
    assert max(level) - min(level) < 60
    assert picture.size[across] < 600
