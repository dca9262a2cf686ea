"""A long picture is placed piece by piece, cut where a single arrow leads on.

Graphviz takes more than twice the time for twice the shapes, and ends before a long row is
straight. Small pieces are straight, and their time grows like their number. It knows no engine.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from dzviz.layout import Box, Curve, Placement, Point
from dzviz.options import Look
from dzviz.placing import dot
from dzviz.styles.scene import Arrow, Scene, Shape

LEAST = 100
"""A piece has so many shapes at least."""

SLACK = 10
"""Where a row would be so many shapes longer for being cut, it is not."""

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


def source(piece: Scene, look: Look, keys: Mapping[object, str], *, tight: bool) -> str:
    """Write a piece as DOT; ``keys`` are the names of arrows."""
    nodes = [dot.node(shape, piece.usual) for shape in piece.shapes]
    ends = {end for arrow in piece.arrows for end in (arrow.source, arrow.target)}
    for port, rank in ((ENTER, "source"), (LEAVE, "sink")):
        if port in ends:
            nodes.append(f'  {{rank={rank}; {port} [shape=point, width=0, height=0, label=""]}}\n')
    edges = (dot.edge(arrow, keys[arrow.id]) for arrow in piece.arrows)
    return "".join(dot.lines(piece, look, for_layout=True, nodes=nodes, edges=edges, tight=tight))


def joined(parts: Sequence[Placement], caption: tuple[float, float]) -> Placement:
    """Put pieces together where their arrows are cut, above a caption so wide and high."""
    nodes: dict[str, Box] = {}
    edges: dict[str, Curve] = {}
    x = y = 0.0
    corners: list[Point] = []
    for part in parts:
        if nodes:
            here, there = nodes.pop(LEAVE), part.nodes[ENTER]
            x, y = here.x - there.x, here.y - there.y
        corners += [(x, y), (x + part.width, y + part.height)]
        nodes |= {id: _moved_box(box, x, y) for id, box in part.nodes.items() if id != ENTER}
        for key, curve in part.edges.items():
            moved = _moved(curve, x, y)
            edges[key] = _through(edges[key], moved) if key in edges else moved
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    right, bottom = max(x for x, _ in corners), max(y for _, y in corners)
    width, height = max(right - left, caption[0]), bottom - top
    x, y = (width - (right - left)) / 2 - left, -top
    return Placement(
        width=width,
        height=height + caption[1],
        nodes={id: _moved_box(box, x, y) for id, box in nodes.items()},
        edges={key: _moved(curve, x, y) for key, curve in edges.items()},
        clusters={},
        caption=(width / 2, height + caption[1] / 2) if caption[1] else None,
    )


def _through(first: Curve, second: Curve) -> Curve:
    """Join the two parts of an arrow that was cut; the head of the first becomes a line."""
    line = (first.points[-1], second.points[0], second.points[0])
    return second._replace(points=(*first.points, *line, *second.points[1:]), label=first.label)


def _moved_box(box: Box, x: float, y: float) -> Box:
    return box._replace(x=box.x + x, y=box.y + y)


def _moved(curve: Curve, x: float, y: float) -> Curve:
    def moved(point: Point | None) -> Point | None:
        return point and (point[0] + x, point[1] + y)

    points = tuple([(a + x, b + y) for a, b in curve.points])
    return Curve(points, moved(curve.tip), moved(curve.tail), moved(curve.label))
