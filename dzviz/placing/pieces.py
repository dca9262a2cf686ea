"""A long picture is placed piece by piece, cut where a single arrow leads on.

Graphviz takes more than twice the time for twice the shapes, and ends before a long row is
straight. Small pieces are straight, and their time grows like their number. Pieces that are alike
but for their words, like the steps of a loop, are placed once, with room for the words of all. It
knows no engine.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from dzviz.layout import Box, Curve, Placement, Point
from dzviz.layout.curves import straight
from dzviz.records import NamedTuple
from dzviz.styles.scene import Arrow, Scene, Shape

LEAST = 100
"""A piece has so many shapes at least."""

SLACK = 10
"""Where a row would be so many shapes longer for being cut, it is not."""

SPACE = 6.0
"""So far pieces are from each other, at least."""

ENTER, LEAVE = "enter", "leave"
"""The places on the borders of a piece where the arrow comes from that leads to it, and goes to."""


def pieces(scene: Scene) -> list[Scene]:
    """Cut a large scene; one that cannot be cut is one piece.

    The arrow that is cut is in two pieces, with its label in the first.
    """
    if not scene.large or scene.frames:
        return [scene]
    needs: dict[str, list[str]] = {shape.id: [] for shape in scene.shapes}
    for arrow in scene.arrows:
        if arrow.back:  # its target stands before its source
            needs[arrow.source].append(arrow.target)
        else:
            needs[arrow.target].append(arrow.source)
    depths = _depths(needs)
    ordered = _ordered(needs, depths)
    cuts = list(_cuts(scene, ordered, depths, _heights(needs, ordered)))
    if not cuts:
        return [scene]
    piece_of = {id: bisect_right(cuts, i) for i, id in enumerate(ordered)}
    shapes: list[list[Shape]] = [[] for _ in (*cuts, None)]
    arrows: list[list[Arrow]] = [[] for _ in shapes]
    for shape in scene.shapes:
        shapes[piece_of[shape.id]].append(shape)
    for arrow in scene.arrows:
        first, second = piece_of[arrow.source], piece_of[arrow.target]
        if first == second:
            arrows[first].append(arrow)
        else:
            arrows[first].append(arrow._replace(target=LEAVE))
            arrows[second].append(arrow._replace(source=ENTER, label=None))
    return [
        scene._replace(shapes=tuple(own), arrows=tuple(those), caption=[], large=False)
        for own, those in zip(shapes, arrows, strict=True)
    ]


def _depths(needs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return how many shapes the longest way to each has; each ``needs`` some that come before."""
    depth: dict[str, int] = {}
    for id, others in needs.items():  # operands stand before results
        depth[id] = 1 + max((depth.get(other, 0) for other in others), default=0)
    return depth


def _ordered(needs: Mapping[str, Sequence[str]], depths: Mapping[str, int]) -> list[str]:
    """Order shapes so that each stands right behind what it needs, the longest way first."""
    ordered: dict[str, None] = {}
    left = {id: sorted(others, key=depths.__getitem__) for id, others in needs.items()}
    waiting = sorted(needs, key=depths.__getitem__)
    while waiting:
        others = left.pop(waiting[-1], [])
        if others:
            waiting += others
        else:
            ordered.setdefault(waiting.pop())
    return list(ordered)


def _heights(needs: Mapping[str, Sequence[str]], ordered: Sequence[str]) -> dict[str, int]:
    """Return how many shapes follow on the longest way from each."""
    height = dict.fromkeys(ordered, 0)
    for id in reversed(ordered):
        for other in needs[id]:
            height[other] = max(height[other], height[id] + 1)
    return height


def _cuts(
    scene: Scene, ordered: Sequence[str], depths: Mapping[str, int], heights: Mapping[str, int]
) -> Iterator[int]:
    """Find where one arrow alone leads from what is before to what is after.

    It is on the longest ways of both: else a part of one could stand beside the other.
    """
    place = {id: i for i, id in enumerate(ordered)}
    before = list(accumulate(map(depths.__getitem__, ordered), max))
    after = list(accumulate(map(heights.__getitem__, reversed(ordered)), max))[::-1]
    touching: dict[int, list[Arrow]] = defaultdict(list)
    for arrow in scene.arrows:
        touching[place[arrow.source]].append(arrow)
        touching[place[arrow.target]].append(arrow)
    running: dict[object, Arrow] = {}
    last, begin = None, 0
    for i in range(len(ordered) - LEAST):
        for arrow in touching[i]:
            if running.pop(arrow.id, None) is None:
                running[arrow.id] = arrow
        if len(running) == 1 and i + 1 - begin >= LEAST:
            (arrow,) = running.values()
            source = arrow.source
            beside = max(before[i] - depths[source], after[i + 1] - heights[source])
            forward = place[source] <= i and not arrow.back
            # The one that was cut last would lead through a whole piece.
            if forward and beside < SLACK and arrow.id != last:
                last, begin = arrow.id, i + 1
                yield begin


def structure(piece: Scene) -> Hashable:
    """Return what pieces that are alike have in common: all but names and words."""
    number = {shape.id: i for i, shape in enumerate(piece.shapes)}
    shapes = tuple(
        (
            *(shape.outline, len(shape.lines), len(shape.notes), shape.named, shape.room),
            *(shape.look, shape.ordered, shape.bad),
        )
        for shape in piece.shapes
    )
    arrows = tuple(
        (
            *(number.get(arrow.source, ENTER), number.get(arrow.target, LEAVE)),
            *(arrow.label is None, arrow.weak, arrow.back, arrow.operand, arrow.share, arrow.bad),
        )
        for arrow in piece.arrows
    )
    return shapes, arrows


def pattern(pieces: Sequence[Scene], width: Callable[[str], float]) -> Scene:
    """Return a piece as all of these are that are alike, with the widest words of them.

    Its shapes are called by their places, and so are its arrows.
    """
    first = pieces[0]
    names = {shape.id: f"n{i}" for i, shape in enumerate(first.shapes)}

    def widest(texts: Iterable[str]) -> str:
        return max(dict.fromkeys(texts), key=width)

    def lines(columns: Iterable[Sequence[str]]) -> list[str]:
        return [widest(column) for column in zip(*columns, strict=True)]

    shapes = [
        same[0]._replace(
            id=names[same[0].id],
            lines=lines(shape.lines for shape in same),
            notes=lines(shape.notes for shape in same),
        )
        for same in zip(*(piece.shapes for piece in pieces), strict=True)
    ]
    arrows = [
        same[0]._replace(
            id=i,
            source=names.get(same[0].source, ENTER),
            target=names.get(same[0].target, LEAVE),
            label=same[0].label and widest(arrow.label or "" for arrow in same),
        )
        for i, same in enumerate(zip(*(piece.arrows for piece in pieces), strict=True))
    ]
    return first._replace(shapes=tuple(shapes), arrows=tuple(arrows))


def ends(piece: Scene) -> Iterator[tuple[str, str]]:
    """Return the borders of a piece that an arrow goes through, and which rank is theirs."""
    if any(arrow.source == ENTER for arrow in piece.arrows):
        yield ENTER, "source"
    if any(arrow.target == LEAVE for arrow in piece.arrows):
        yield LEAVE, "sink"


def main_way(piece: Scene) -> set[object]:
    """Return the arrows of the longest way through a piece, from one border to the other."""
    into: dict[str, list[Arrow]] = defaultdict(list)
    for arrow in piece.arrows:
        if not arrow.back:
            into[arrow.target].append(arrow)
    entered = any(arrow.source == ENTER for arrow in piece.arrows)
    depths = {ENTER: 0} if entered else {}
    for id in (
        *(shape.id for shape in piece.shapes),
        *([LEAVE] if into[LEAVE] else []),
    ):  # operands stand before results
        known = [depths[arrow.source] + 1 for arrow in into[id] if arrow.source in depths]
        if known or not entered:
            depths[id] = max(known, default=0)
    way, at = set(), LEAVE if into[LEAVE] else max(depths, key=depths.__getitem__)
    while found := [arrow for arrow in into.pop(at, ()) if arrow.source in depths]:
        last = max(found, key=lambda arrow: depths[arrow.source])
        way.add(last.id)
        at = last.source
    return way


class Part(NamedTuple):
    """A piece with the placement of its pattern; ``keys`` are the names of its arrows."""

    piece: Scene
    placement: Placement
    keys: Sequence[str]


class Row(NamedTuple):
    """All pieces together, and how far each of them was moved."""

    placement: Placement
    moves: Sequence[Point]


def joined(parts: Sequence[Part], caption: tuple[float, float], *, down: bool) -> Row:
    """Put pieces beside one another, or below where it leads ``down``, above a caption so large.

    All arrows that lead from one to the next enter at the same height: else it would be stairs.
    """
    along, across = (1, 0) if down else (0, 1)
    moves: list[Point] = []
    place = off = 0.0
    for part in parts:
        inner = part.placement
        level = inner.nodes[ENTER if ENTER in inner.nodes else LEAVE][across]
        place += (SPACE + abs(off) / 2) if moves else 0.0
        moves.append((-level, place) if down else (place, -level))
        place += (inner.width, inner.height)[along]
        off = inner.nodes[LEAVE][across] - level if LEAVE in inner.nodes else 0.0
    top = min(move[across] for move in moves)
    pairs = list(zip(parts, moves, strict=True))
    high = max(m[across] + (p.placement.width, p.placement.height)[across] for p, m in pairs) - top
    size = (high, place) if down else (place, high)
    width, height = max(size[0], caption[0]), size[1] + caption[1]
    shift = (width - size[0]) / 2 - (top if down else 0.0), 0.0 if down else -top
    moves = [(x + shift[0], y + shift[1]) for x, y in moves]
    nodes: dict[str, Box] = {}
    edges: dict[str, Curve] = {}
    end = 0.0
    for (piece, inner, keys), (x, y) in zip(parts, moves, strict=True):
        for i, shape in enumerate(piece.shapes):
            box = inner.nodes[f"n{i}"]
            nodes[shape.id] = Box(box[0] + x, box[1] + y, box[2], box[3])
        begin = (x, y)[along]
        for i, key in enumerate(keys):
            curve = _moved(inner.edges[f"e{i}"], x, y)
            edges[key] = _through(edges[key], curve, end, begin, along) if key in edges else curve
        end = begin + (inner.width, inner.height)[along]
    middle = (width / 2, size[1] + caption[1] / 2) if caption[1] else None
    return Row(Placement(width, height, nodes, edges, {}, middle), moves)


def _through(first: Curve, second: Curve, end: float, begin: float, along: int) -> Curve:
    """Join the two parts of an arrow that was cut where one piece ends and the next begins.

    The head of the first becomes a line.
    """
    start, stop = first.tip or first.points[-1], second.points[0]
    corners = [_at(start, end, along), _at(stop, begin, along)]
    turn = [_at(corner, (end + begin) / 2, along) for corner in corners]
    ways = _line(first.points[-1], corners[0]), (*turn, corners[1]), _line(corners[1], stop)
    points = (*first.points, *(point for way in ways for point in way), *second.points[1:])
    return straight(second._replace(points=points, label=first.label))


def _at(point: Point, place: float, along: int) -> Point:
    return (point[0], place) if along else (place, point[1])


def _line(start: Point, end: Point) -> tuple[Point, Point, Point]:
    return (start, end, end)


def _moved(curve: Curve, x: float, y: float) -> Curve:
    points, tip, tail, label = curve
    return Curve(
        tuple([(a + x, b + y) for a, b in points]),
        tip and (tip[0] + x, tip[1] + y),
        tail and (tail[0] + x, tail[1] + y),
        label and (label[0] + x, label[1] + y),
    )
