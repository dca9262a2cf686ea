"""Long pictures in rows: nothing lies on anything else, and every edge still joins its nodes."""

import random
from itertools import pairwise

import pytest

from dzviz.layout import place
from dzviz.layout.labels import points_along
from dzviz.layout.wrapping import wrapped

CHAIN = [(i, i + 1) for i in range(12)]
SHAPES = {
    "chain": CHAIN,
    "two lanes": [*CHAIN, *((i, i + 2) for i in range(11))],
    "diamonds": [
        (3 * i + a, 3 * i + b) for i in range(4) for a, b in ((0, 1), (0, 2), (1, 3), (2, 3))
    ],
}


def placement(edges, down=False, frame=()):
    lines = [f"digraph {{rankdir={'TB' if down else 'LR'}; label=caption; node [shape=box]"]
    lines += [f"{a} -> {b} [id=e{i}]" for i, (a, b) in enumerate(edges)]
    lines += [f"subgraph cluster_a {{{'; '.join(map(str, frame))}}}"] if frame else []
    return place("\n".join([*lines, "}"]))


def rectangle(box):
    return (
        box.x - box.width / 2,
        box.y - box.height / 2,
        box.x + box.width / 2,
        box.y + box.height / 2,
    )


def rows_of(made, down):
    """How many times the nodes, in their order, begin anew."""
    axis = "y" if down else "x"
    places = [getattr(made.nodes[str(i)], axis) for i in range(13)]
    return 1 + sum(b < a - 1 for a, b in pairwise(places))


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("rows", [2, 3, 5])
@pytest.mark.parametrize("name", SHAPES)
def test_every_edge_joins_its_nodes_and_touches_no_other(name, rows, down):
    old = placement(SHAPES[name], down)
    made = wrapped(old, rows, down=down)
    assert made != old
    long, short = ("height", "width") if down else ("width", "height")
    assert getattr(made, long) < getattr(old, long)
    assert getattr(made, short) > getattr(old, short)
    boxes = {id: rectangle(box) for id, box in made.nodes.items()}
    for i, (a, b) in enumerate(SHAPES[name]):
        before, after = old.edges[f"e{i}"], made.edges[f"e{i}"]
        ends = ((before.points[0], after.points[0], a), (before.tip, after.tip, b))
        for was, end, node in ends:
            x, y = old.nodes[str(node)][:2]
            u, v = made.nodes[str(node)][:2]
            assert (end[0] - u, end[1] - v) == pytest.approx((was[0] - x, was[1] - y), abs=1e-6)
        assert len(after.points) % 3 == 1
        for x, y in points_along(after):
            assert 0 <= x <= made.width
            assert 0 <= y <= made.height
            for id, (left, top, right, bottom) in boxes.items():
                inside = left + 1 < x < right - 1 and top + 1 < y < bottom - 1
                assert not inside or id in (str(a), str(b)), (i, id)
    nodes = list(boxes.values())
    for i, one in enumerate(nodes):
        for other in nodes[:i]:
            assert (
                one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            )


@pytest.mark.parametrize("rows", [2, 3, 4])
def test_there_are_as_many_rows_as_asked_for_and_they_are_even(rows):
    made = wrapped(placement(CHAIN), rows)
    assert rows_of(made, down=False) == rows
    counts = {}
    for box in made.nodes.values():
        counts[round(box.y)] = counts.get(round(box.y), 0) + 1
    assert len(counts) == rows
    assert max(counts.values()) - min(counts.values()) <= 2


def test_edges_to_the_next_row_do_not_cross():
    edges = SHAPES["two lanes"]
    made = wrapped(placement(edges), 3)
    paths = [points_along(curve) for curve in made.edges.values()]
    long = [path for path in paths if path[-1][0] < path[0][0]]
    assert len(long) >= 4
    for i, one in enumerate(long):
        for other in long[:i]:
            gaps = ((one[:, None, :] - other[None]) ** 2).sum(axis=2) ** 0.5
            near = gaps.min(axis=1) < 2
            assert not near[15:-15].any() or gaps[15:-15, 15:-15].min() > 0.5


def test_a_frame_is_not_cut():
    made = wrapped(placement(CHAIN, frame=(4, 5, 6, 7)), 3)
    left, top, right, bottom = rectangle(made.clusters["cluster_a"])
    for i in (4, 5, 6, 7):
        box = made.nodes[str(i)]
        assert left < box.x < right
        assert top < box.y < bottom


def test_what_cannot_be_cut_stays():
    wide = [(0, i) for i in range(1, 9)] + [(i, 9) for i in range(1, 9)]
    old = placement(wide)
    assert wrapped(old, 2) is old
    assert wrapped(old, 1) is old
    skipping = [*CHAIN, (0, 12)]
    made = wrapped(placement(skipping), 4)
    assert made == placement(skipping)


def test_random_graphs_keep_all_they_have():
    rng = random.Random(3)
    cut = 0
    for _ in range(15):
        edges = sorted(
            {(i, i + 1) for i in range(20)} | {(i, i + 2) for i in range(19) if rng.random() < 0.2}
        )
        old = placement(edges)
        made = wrapped(old, 3, least=300.0)
        cut += made is not old
        assert made.nodes.keys() == old.nodes.keys()
        assert made.edges.keys() == old.edges.keys()
        assert made is old or made.width >= 300
        assert made is old or 0 < made.caption[1] < made.height
    assert cut > 10
