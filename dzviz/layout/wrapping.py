"""A long picture in several rows, one below the other, as a text has lines.

It cuts a placement where no node and no frame is, and leads the edges that go over a cut from the
end of a row to the beginning of the next. It knows nothing of what is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import hypot

from dzviz.layout.placement import Box, Curve, Placement, Point
from dzviz.records import NamedTuple

LANE = 8.0
"""Between two edges that lead to the next row, and between them and all else."""

MOST_LANES = 3
"""A cut may go through so many edges."""

MOST_NODES = 400
"""Larger pictures are not wrapped."""

CORNER = 6.0
"""The radius of a corner of such an edge."""

Points = tuple[Point, ...]


def wrapped(
    placement: Placement, rows: int, *, down: bool = False, least: float = 0.0
) -> Placement:
    """Return the placement in that many rows, or columns where it runs ``down``.

    Returns it as it is where it cannot be cut so often. The caption below needs ``least`` width.
    """
    if rows < 2 or not 2 <= len(placement.nodes) <= MOST_NODES:
        return placement
    content = _turned(placement) if down else placement
    cuts = _cuts(content, rows)
    if len(cuts) != rows - 1:
        return placement
    made = _stacked(content, cuts)
    return _with_caption(_turned(made) if down else made, placement, least)


class _Row(NamedTuple):
    """A row by its first and last place, before, and how far its places move."""

    begin: float
    end: float
    dx: float
    dy: float

    def move(self, point: Point) -> Point:
        return point[0] + self.dx, point[1] + self.dy


def _cuts(placement: Placement, rows: int) -> list[float]:
    """Choose where to cut so that the longest row is as short as can be."""
    boxes = [*placement.nodes.values(), *placement.clusters.values()]
    spans = sorted((box.x - box.width / 2, box.x + box.width / 2) for box in boxes)
    first, reach = spans[0]
    gaps = []
    for begin, end in spans:
        if begin - reach > 2 * LANE:
            gaps.append((reach + begin) / 2)
        reach = max(reach, end)
    gaps = [gap for gap in gaps if _crossing(placement, gap) is not None]
    ends = [*gaps, reach]
    best: list[float] = []
    for longest in sorted(end - begin for begin in (first, *gaps) for end in ends if end > begin):
        cuts, begin = [], first
        while begin + longest < reach - 1e-6:
            fitting = [gap for gap in gaps if begin < gap <= begin + longest + 1e-6]
            if not fitting:
                break
            begin = fitting[-1]
            cuts.append(begin)
        else:
            if len(cuts) <= rows - 1 and _once(placement, cuts):
                best = cuts
                break
    return best


def _crossing(placement: Placement, cut: float) -> list[str] | None:
    """Return the edges that a cut goes through; None where they cannot lead to the next row."""
    found = []
    for id, curve in placement.edges.items():
        xs = [x for x, _ in curve.points]
        if min(xs) < cut < max(xs):
            if not xs[0] < cut < xs[-1]:
                return None
            found.append(id)
    return found if len(found) <= MOST_LANES else None


def _once(placement: Placement, cuts: Sequence[float]) -> bool:
    """Whether no edge goes over two cuts."""
    ends = [(curve.points[0][0], curve.points[-1][0]) for curve in placement.edges.values()]
    return all(sum(begin < cut < end for cut in cuts) < 2 for begin, end in ends)


def _stacked(placement: Placement, cuts: Sequence[float]) -> Placement:
    """Put the rows below one another, all beginning at the same place."""
    boxes = [*placement.nodes.values(), *placement.clusters.values()]
    begins = [min(box.x - box.width / 2 for box in boxes), *cuts]
    ends = [*cuts, max(box.x + box.width / 2 for box in boxes)]
    lanes = [_lanes(placement, cut) for cut in cuts]
    margin = LANE * (1 + max(map(len, lanes)))
    rows: list[_Row] = []
    bottom = 0.0
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        top, low = _height(placement, begin, end, cuts)
        gutter = LANE * (3 + len(lanes[number - 1])) if number else 0.0
        rows.append(_Row(begin, end, margin - begin, bottom + gutter - top))
        bottom += gutter + low - top

    def row_of(x: float) -> _Row:
        return rows[sum(cut < x for cut in cuts)]

    edges = {id: _moved(curve, row_of) for id, curve in placement.edges.items()}
    for number, crossing in enumerate(lanes):
        first, second = rows[number], rows[number + 1]
        top, _ = _height(placement, second.begin, second.end, cuts)
        for lane, id in enumerate(crossing):
            across = _Lane(lane, len(crossing), cuts[number], top + second.dy - LANE)
            edges[id] = _led(placement.edges[id], first, second, across)

    def box(old: Box) -> Box:
        return old._replace(**dict(zip("xy", row_of(old.x).move((old.x, old.y)), strict=True)))

    width = max(end - begin for begin, end in zip(begins, ends, strict=True)) + 2 * margin
    return placement._replace(
        width=width,
        height=bottom,
        nodes={id: box(old) for id, old in placement.nodes.items()},
        clusters={id: box(old) for id, old in placement.clusters.items()},
        edges=edges,
    )


def _lanes(placement: Placement, cut: float) -> list[str]:
    """Return the edges that a cut goes through, from top to bottom."""
    crossing = _crossing(placement, cut) or []
    return sorted(crossing, key=lambda key: _split(placement.edges[key].points, cut)[0][-1][1])


def _height(
    placement: Placement, begin: float, end: float, cuts: Sequence[float]
) -> tuple[float, float]:
    """Return the top and bottom of all between two places."""
    tops, lows = [], []
    for box in (*placement.nodes.values(), *placement.clusters.values()):
        if begin <= box.x <= end:
            tops.append(box.y - box.height / 2)
            lows.append(box.y + box.height / 2)
    for curve in placement.edges.values():
        points = [curve.points]
        for cut in cuts:
            if curve.points[0][0] < cut < curve.points[-1][0]:
                points = list(_split(curve.points, cut))
        for part in points:
            if begin <= sum(x for x, _ in part) / len(part) <= end:
                tops += [y for _, y in part]
                lows += [y for _, y in part]
        if curve.label and begin <= curve.label[0] <= end:
            tops.append(curve.label[1] - LANE)
            lows.append(curve.label[1] + LANE)
    return min(tops), max(lows)


class _Lane(NamedTuple):
    """The way of one edge from a row to the next: which of how many, the cut, the gutter's end."""

    number: int
    of: int
    cut: float
    low: float


def _led(curve: Curve, first: _Row, second: _Row, lane: _Lane) -> Curve:
    """Lead an edge from the end of a row to the beginning of the next.

    Of several the upper one goes further out at the end, lower between the rows and further in at
    the beginning, so that none crosses another.
    """
    left, right = _split(curve.points, lane.cut)
    before, after = [first.move(p) for p in left], [second.move(p) for p in right]
    a, b = before[-1], after[0]
    out = a[0] + LANE * (lane.of - lane.number)
    back = b[0] - LANE * (1 + lane.number)
    low = lane.low - LANE * (lane.number + 1)
    way = _rounded([a, (out, a[1]), (out, low), (back, low), (back, b[1]), b])
    return Curve(
        points=(*before, *way[1:], *after[1:]),
        tip=curve.tip and second.move(curve.tip),
        tail=curve.tail and first.move(curve.tail),
        label=curve.label and (first if curve.label[0] < lane.cut else second).move(curve.label),
    )


def _rounded(corners: list[Point]) -> list[Point]:
    """Return the control points of lines from corner to corner, with round corners."""
    points = [corners[0]]

    def line(end: Point) -> None:
        (x, y), (u, v) = points[-1], end
        points.extend([(x + (u - x) / 3, y + (v - y) / 3), (u - (u - x) / 3, v - (v - y) / 3), end])

    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        enter, leave = _towards(corner, before), _towards(corner, after)
        line(enter)
        points.extend([corner, corner, leave])
    line(corners[-1])
    return points


def _towards(corner: Point, other: Point) -> Point:
    long = hypot(other[0] - corner[0], other[1] - corner[1]) or 1.0
    share = min(CORNER, long / 2) / long
    return corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share


def _split(points: Points, cut: float) -> tuple[Points, Points]:
    """Cut a curve from left to right in two, at a place between its ends."""
    for i in range(0, len(points) - 1, 3):
        piece = points[i : i + 4]
        if piece[3][0] >= cut:
            break
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        left, right = _halves(piece, middle)
        low, high = (middle, high) if left[-1][0] < cut else (low, middle)
    return (*points[:i], *left), (*right, *points[i + 4 :])


def _halves(piece: Points, t: float) -> tuple[Points, Points]:
    """Cut one Bezier curve in two, by de Casteljau's way."""

    def between(a: Point, b: Point) -> Point:
        return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t

    levels = [list(piece)]
    while len(levels[-1]) > 1:
        last = levels[-1]
        levels.append([between(a, b) for a, b in pairwise(last)])
    return tuple(level[0] for level in levels), tuple(level[-1] for level in reversed(levels))


def _moved(curve: Curve, row_of: Callable[[float], _Row]) -> Curve:
    """Move an edge that stays in its row."""
    row = row_of(curve.points[0][0])
    return Curve(
        points=tuple(map(row.move, curve.points)),
        tip=curve.tip and row.move(curve.tip),
        tail=curve.tail and row.move(curve.tail),
        label=curve.label and row.move(curve.label),
    )


def _with_caption(made: Placement, old: Placement, least: float) -> Placement:
    """Put the caption below, in the middle, and all else above its middle."""
    width = max(made.width, least)
    shift = (width - made.width) / 2
    boxes = [*old.nodes.values(), *old.clusters.values()]
    points = [y for curve in old.edges.values() for _, y in curve.points]
    bottom = max([*(box.y + box.height / 2 for box in boxes), *points])
    below = old.height - bottom
    caption = None
    if old.caption:
        caption = width / 2, made.height + old.caption[1] - bottom
    row = _Row(0.0, 0.0, shift, 0.0)
    return made._replace(
        width=width,
        height=made.height + below,
        caption=caption,
        nodes={id: box._replace(x=box.x + shift) for id, box in made.nodes.items()},
        clusters={id: box._replace(x=box.x + shift) for id, box in made.clusters.items()},
        edges={id: _moved(curve, lambda _: row) for id, curve in made.edges.items()},
    )


def _turned(placement: Placement) -> Placement:
    """Exchange across and down."""
    return Placement(
        width=placement.height,
        height=placement.width,
        nodes={id: box.turned() for id, box in placement.nodes.items()},
        edges={id: curve.turned() for id, curve in placement.edges.items()},
        clusters={id: box.turned() for id, box in placement.clusters.items()},
        caption=placement.caption,
    )
