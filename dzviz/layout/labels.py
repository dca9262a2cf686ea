"""Where the labels of edges are placed: each beside its own edge, and on nothing else.

It is geometry alone: it knows curves, boxes and the sizes of labels, and not what they say.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import cos, hypot, pi, sin
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from dzviz.budget import check_time
from dzviz.layout.boxes import Boxes
from dzviz.layout.placement import Box, Curve, Placement, Point
from dzviz.records import NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Points = NDArray[np.float64]

STEP = 2.0
"""Curves are looked at in points so far from each other."""

GAP = 2.5
"""So far a label stands from its own edge."""

CLEAR = 3.0
"""So far it keeps from all else, at least."""

ROOMY = 16.0
"""More than so far from all else is no better."""

HEAD = 3.5
"""Half the width of an arrowhead."""

PLACES = (0.08, 0.14, 0.2, 0.26, 0.34, 0.42, 0.5, 0.58, 0.66, 0.74, 0.8, 0.86, 0.92)
"""Where along an edge a label may stand."""

REACHES = (12.0, 20.0, 30.0, 42.0, 56.0, 72.0)
"""So far from its edge a label may stand that is joined to it by a line."""

DIRECTIONS = 16

FOREIGN_EDGE = 1.0
"""The cost of each point by which a label is nearer to another edge than to its own."""

CROSSING = 25.0
"""A line to a label is as bad where it crosses an edge as if it were so much longer."""

MOST_LINES = 300
"""So many lines to a label are tried."""

MOST_POINTS = 200_000
"""Where all curves together are longer than so many steps, the steps are longer."""

MOST = 1_000_000
"""The number of distances that are computed at a time."""

MARGIN = 10.0
"""The label of a frame stands so far from its sides."""

SIDEWAYS = 5.0
"""So much farther than any other label it keeps from what stands beside it."""

BOXES = 10.0
"""The worth of a place where a frame's label touches no box, in points of distance from edges.

Those count up to `CLEAR`, and a point of distance from boxes is worth as many times less.
"""

FREE = BOXES + CLEAR + CLEAR / BOXES
"""What a place is worth that is near to nothing."""


_T = np.linspace(0, 1, 33)[:, None]
BEZIER = np.hstack([(1 - _T) ** 3, 3 * (1 - _T) ** 2 * _T, 3 * (1 - _T) * _T**2, _T**3])
"""What each of four points counts for on the way along a curve."""


class Label(NamedTuple):
    """A label of the curve ``edge``, so wide and high; ``at`` is where along it, from 0 to 1."""

    edge: str
    width: float
    height: float
    at: float = 0.5


class Spot(NamedTuple):
    """The middle of a label, and the line from it to its edge where it stands farther off.

    It is not ``free`` where there was no room for it.
    """

    x: float
    y: float
    leader: tuple[Point, Point] | None = None
    free: bool = True


PART = 64
"""The number of places for the label of a frame that are examined together."""


class Page:
    """What is drawn, as points of curves and as boxes, and the labels that have their place.

    ``taken`` are boxes besides the nodes.
    """

    def __init__(self, placement: Placement, taken: Sequence[Box] = ()) -> None:
        self.bounds = placement.width, placement.height
        curves = placement.edges
        step = max(STEP, sum(map(_extent, curves.values())) / MOST_POINTS)
        self.paths = {key: points_along(curve, step) for key, curve in curves.items()}
        tips = [_tip(curve) for curve in placement.edges.values()]
        inked = [np.vstack(pair) for pair in zip(self.paths.values(), tips, strict=True)]
        points = np.vstack(inked) if inked else np.empty((0, 2))
        self.ink(points, np.repeat(np.arange(len(inked)), [len(each) for each in inked]))
        self.number = {key: i for i, key in enumerate(self.paths)}
        frames = [edge for box in placement.clusters.values() for edge in _outline(box)]
        sides = _sides([*placement.nodes.values(), *taken, *frames])
        self.boxes = Boxes(sides, int(placement.height > placement.width))

    def ink(self, points: Points, owner: NDArray[np.intp]) -> None:
        """Have these points, from left to right, each of the arrow with a number."""
        order = np.argsort(points[:, 0], kind="stable")
        self.points, self.owner = points[order], owner[order]

    def heading(self, frame: Box, width: float, height: float) -> Box:
        """Place the label of a frame where no edge runs through it and no box touches it.

        It stands at the top, as far to the left as it can; else at the bottom, or just outside. One
        that is wider than its frame may stand out on both sides. Where there is no such place, an
        edge runs through it rather than through a box: the ground below it is clear.
        """
        left, top = frame.x - frame.width / 2, frame.y - frame.height / 2
        first, last = left + MARGIN, left + frame.width - MARGIN - width
        lefts = np.arange(0, abs(last - first) + 1, STEP * 2) * np.sign(last - first) + first
        inside, outside = height * 0.82, height * 0.6
        bottom = top + frame.height
        rows = (top + inside, bottom - inside, top - outside, bottom + outside)
        label, wider = Label("", width, height), Label("", width + 2 * SIDEWAYS, height)
        best = -np.inf, 0.0, 0.0
        # Part by part: all places along a wide frame beside all points of its edges are too many.
        for y in rows:
            for part in np.array_split(lefts, len(lefts) // PART + 1):
                centres = np.column_stack((part + width / 2, part * 0 + y))
                _, edges, boxes = self.distances(label, centres)
                _, _, beside = self.distances(wider, centres)
                clear = np.minimum(edges, CLEAR) + np.minimum(beside, CLEAR) / BOXES
                clear += BOXES * (boxes > 0)
                clear[~self.within(label, centres)] = 0
                at = int(np.argmax(clear))  # the first that is free
                best = max(best, (float(clear[at]), *centres[at]), key=itemgetter(0))
                if best[0] >= FREE:
                    break
            if best[0] >= FREE:
                break
        box = Box(float(best[1]), float(best[2]), width, height)
        self.boxes.add(_sides([box]))
        return box

    def spots(self, labels: Sequence[Label]) -> list[Spot]:
        """Find a place for each label: first for those that have room beside their edges.

        None is left out: one that finds no room beside its edge gets a line to it, and one that
        finds none at all stands where it covers least.
        """
        spots: dict[int, Spot] = {}
        for i, label in enumerate(labels):
            check_time()
            if (spot := self.beside(label)) is not None:
                spots[i] = spot
                self.take(spot, label)
        for i, label in enumerate(labels):
            if i not in spots:
                check_time()
                spots[i] = self.apart(label)
                self.take(spots[i], label)
        return [spots[i] for i in range(len(labels))]

    def take(self, spot: Spot, label: Label) -> None:
        """Keep the place of a label, and of its line."""
        self.boxes.add(_sides([Box(spot.x, spot.y, *label[1:3])]))
        if spot.leader is not None:
            line = _between(np.array(spot.leader))
            line = line[np.argsort(line[:, 0], kind="stable")]
            places = np.searchsorted(self.points[:, 0], line[:, 0], side="right")
            self.points = np.insert(self.points, places, line, axis=0)
            self.owner = np.insert(self.owner, places, -1)

    def beside(self, label: Label) -> Spot | None:
        """Return the best place beside an edge that touches nothing."""
        path = self.paths[label.edge]
        centres, costs = _candidates(path, label)
        own, other, boxes = self.distances(label, centres)
        rank = costs + 1.5 * (ROOMY - np.minimum(np.minimum(other, boxes), ROOMY))
        free = (own >= GAP / 2) & (other >= CLEAR) & (boxes >= CLEAR) & self.within(label, centres)
        if not free.any():
            return None
        best = int(np.argmin(np.where(free, rank, np.inf)))
        return Spot(float(centres[best][0]), float(centres[best][1]))

    def apart(self, label: Label) -> Spot:
        """Return a place farther off, with a line that leads to the edge."""
        path = self.paths[label.edge]
        feet = path[[round(place * (len(path) - 1)) for place in _places(label)[:7]]]
        turns = [2 * pi * k / DIRECTIONS for k in range(DIRECTIONS)]
        ways = np.array(
            [
                (reach + label.width / 2 * abs(cos(turn)) + label.height / 2 * abs(sin(turn)))
                * np.array((cos(turn), sin(turn)))
                for reach in REACHES
                for turn in turns
            ]
        )
        centres = (feet[:, None, :] + ways[None]).reshape(-1, 2)
        starts = np.repeat(feet, len(ways), axis=0)
        own, other, boxes = self.distances(label, centres)
        clear = np.minimum(np.minimum(own, other), boxes)
        free = (clear >= CLEAR) & self.within(label, centres)
        if free.any():
            rank = np.hypot(*(centres - starts).T) + FOREIGN_EDGE * np.maximum(own - other, 0)
            chosen = self.least_crossed(label, centres, starts, np.where(free, rank, np.inf))
        else:
            chosen = int(np.argmax(clear))
        x, y = map(float, centres[chosen])
        foot = float(starts[chosen][0]), float(starts[chosen][1])
        return Spot(x, y, (_edge_of(x, y, label, foot), foot), bool(free.any()))

    def least_crossed(
        self, label: Label, centres: Points, starts: Points, rank: NDArray[np.float64]
    ) -> int:
        """Choose the place of the least rank, to which each line that is crossed adds."""
        chosen, least = 0, np.inf
        for i in np.argsort(rank, kind="stable")[:MOST_LINES]:
            if rank[i] >= least:
                break
            cost = rank[i] + CROSSING * self.crossed(label, centres[i], starts[i])
            if cost < least:
                chosen, least = int(i), cost
        return chosen

    def crossed(self, label: Label, centre: Points, foot: Points) -> int:
        """Count what the line from a label to its edge would cross; nodes count most."""
        start = _edge_of(
            float(centre[0]), float(centre[1]), label, (float(foot[0]), float(foot[1]))
        )
        line = _between(np.array((start, (float(foot[0]), float(foot[1])))))[:-1]
        if not len(line):
            return 0
        reach = max(REACHES) + label.width
        column = slice(*np.searchsorted(self.points[:, 0], (foot[0] - reach, foot[0] + reach)))
        foreign = self.points[column][self.owner[column] != self.number[label.edge]]
        near = foreign[np.abs(foreign[:, 1] - foot[1]) < reach]
        hits = 0
        if len(near):
            gaps = np.abs(line[:, None, :] - near[None]).max(axis=2)
            hits = int((gaps.min(axis=1) < STEP).sum())
        sides = self.boxes.near(line.min(axis=0), line.max(axis=0))
        return hits + 100 * int((_box_distances(line, sides).min(axis=1, initial=1.0) <= 0).sum())

    def distances(
        self, label: Label, centres: Points
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return, for each centre, how far the label is from its edge, other edges, and boxes."""
        half = np.array((label.width, label.height)) / 2
        low, high = centres.min(axis=0) - half - ROOMY, centres.max(axis=0) + half + ROOMY
        column = slice(*np.searchsorted(self.points[:, 0], (low[0], high[0])))
        points, owner = self.points[column], self.owner[column]
        near = (points[:, 1] >= low[1]) & (points[:, 1] <= high[1])
        points, foreign = points[near], owner[near] != self.number.get(label.edge)
        if len(centres) > 1 and len(centres) * len(points) > MOST:  # each half has fewer beside it
            halves = [self.distances(label, part) for part in np.array_split(centres, 2)]
            own, other, boxes = (np.concatenate(parts) for parts in zip(*halves, strict=True))
            return own, other, boxes
        own = _point_distances(centres, half, points[~foreign])
        other = _point_distances(centres, half, points[foreign])
        grown = self.boxes.near(low, high) + np.array((*-half, *half))
        return own, other, _box_distances(centres, grown).min(axis=1, initial=ROOMY)

    def within(self, label: Label, centres: Points) -> NDArray[np.bool_]:
        """Whether a label stands on the page."""
        half = np.array((label.width, label.height)) / 2
        inside = (centres >= half) & (centres <= np.array(self.bounds) - half)
        return np.asarray(inside.all(axis=1))


def _places(label: Label) -> list[float]:
    """Return the places along an edge, beginning with those where the label is wanted most."""
    return sorted(PLACES, key=lambda place: round(abs(place - label.at), 3))


def _candidates(path: Points, label: Label) -> tuple[Points, NDArray[np.float64]]:
    """Return places beside a path on both of its sides, and how bad each is by itself."""
    places = _places(label)
    number = np.array([round(place * (len(path) - 1)) for place in places])
    before, after = np.maximum(number - 2, 0), np.minimum(number + 2, len(path) - 1)
    along = path[after] - path[before]
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    normal = np.column_stack((along[:, 1], -along[:, 0]))
    normal[normal[:, 1] > 0] *= -1  # upwards
    half = np.array((label.width, label.height)) / 2
    reach = (np.abs(normal) * half).sum(axis=1) + GAP
    above, below = path[number] + normal * reach[:, None], path[number] - normal * reach[:, None]
    cost = 1.2 * np.arange(len(places))
    return np.vstack((above, below)), np.concatenate((cost, cost + 1.0))


def _extent(curve: Curve) -> float:
    """Return how long a curve is at most."""
    return float(sum(hypot(c - a, d - b) for (a, b), (c, d) in pairwise(curve.points)))


def points_along(curve: Curve, step: float = STEP) -> Points:
    """Return points along a curve, ``step`` from each other, to the ends of its arrowheads."""
    control = np.array(curve.points)
    pieces = [control[i : i + 4] for i in range(0, len(control) - 1, 3)]
    path = (BEZIER @ np.array(pieces)).reshape(-1, 2) if pieces else control
    tail = [curve.tail] if curve.tail else []
    tip = [curve.tip] if curve.tip else []
    return _between(np.vstack([*tail, path, *tip]), step)


def _between(corners: Points, step: float = STEP) -> Points:
    """Return points on a line with these corners, about so far from each other."""
    lengths = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))))
    count = max(2, int(lengths[-1] / step) + 2)
    at = np.linspace(0, lengths[-1], count)
    return np.column_stack([np.interp(at, lengths, corners[:, i]) for i in (0, 1)])


def _tip(curve: Curve) -> Points:
    """Return the corners of the arrowheads."""
    corners = []
    for base, tip in ((curve.points[-1], curve.tip), (curve.points[0], curve.tail)):
        if tip is not None:
            length = hypot(tip[0] - base[0], tip[1] - base[1]) or 1.0
            x, y = (tip[0] - base[0]) / length, (tip[1] - base[1]) / length
            corners += [
                (base[0] - y * HEAD, base[1] + x * HEAD),
                (base[0] + y * HEAD, base[1] - x * HEAD),
            ]
    return np.array(corners).reshape(-1, 2)


def _outline(box: Box) -> list[Box]:
    """Return the four sides of a frame."""
    x, y, width, height = box
    across = [Box(x, y + side * height / 2, width, 2.0) for side in (-1, 1)]
    return [*across, *(Box(x + side * width / 2, y, 2.0, height) for side in (-1, 1))]


def _sides(boxes: Sequence[Box]) -> Points:
    """Return the left, top, right and bottom of each box."""
    rows = [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for x, y, w, h in boxes]
    return np.array(rows).reshape(-1, 4)


def _point_distances(centres: Points, half: Points, points: Points) -> NDArray[np.float64]:
    """Return how far boxes of one size around ``centres`` are from the nearest of ``points``."""
    squares = np.zeros((len(centres), len(points)))
    for axis in (0, 1):
        gaps = np.abs(centres[:, axis, None] - points[:, axis])
        gaps -= half[axis]
        np.maximum(gaps, 0, out=gaps)
        squares += np.square(gaps, out=gaps)
    nearest: NDArray[np.float64] = np.sqrt(squares.min(axis=1, initial=1e18))
    return nearest


def _box_distances(points: Points, sides: Points) -> NDArray[np.float64]:
    """Return how far each point is from each box, below 0 within it."""
    outside = np.maximum(sides[None, :, :2] - points[:, None], points[:, None] - sides[None, :, 2:])
    beyond = np.maximum(outside, 0)
    distance: NDArray[np.float64] = np.hypot(beyond[..., 0], beyond[..., 1])
    return np.where(outside.max(axis=2) < 0, outside.max(axis=2), distance)


def _edge_of(x: float, y: float, label: Label, foot: Point) -> Point:
    """Return where the line from the middle of a label to a point leaves its box."""
    dx, dy = foot[0] - x, foot[1] - y
    scale = min(
        label.width / 2 / abs(dx) if dx else 1.0, label.height / 2 / abs(dy) if dy else 1.0, 1.0
    )
    return x + dx * scale, y + dy * scale
