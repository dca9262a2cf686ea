"""A long picture is placed piece by piece, cut where a single arrow leads on.

Graphviz takes more than twice the time for twice the shapes, and ends before a long row is
straight. Small pieces are straight, and their time grows like their number. It knows no engine.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dzviz.formats.dot import syntax as dot
from dzviz.layout import Box, Curve, Placement, Point
from dzviz.options import Look
from dzviz.styles.scene import Arrow, Scene, Shape

LEAST = 100
"""A piece has so many shapes, but the last one."""

ENTER, LEAVE = "enter", "leave"
"""The places on the borders of a piece where the arrow comes from that leads to it, and goes to."""


def pieces(scene: Scene) -> list[Scene]:
    """Cut a large scene; one that cannot be cut is one piece.

    The arrow that is cut is in two pieces, with its label in the first.
    """
    place = {id: i for i, id in enumerate(_ordered(scene))}
    cuts = list(_cuts(scene, place)) if scene.large and not scene.frames else []
    if not cuts:
        return [scene]
    piece_of = {id: bisect_right(cuts, i) for id, i in place.items()}
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


def _ordered(scene: Scene) -> Iterable[str]:
    """Order shapes so that each stands right behind what it needs, the longest way first."""
    needs: dict[str, list[str]] = {shape.id: [] for shape in scene.shapes}
    for arrow in scene.arrows:
        needs[arrow.target].append(arrow.source)
    depth: dict[str, int] = {}
    for id, others in needs.items():  # operands stand before results
        depth[id] = 1 + max((depth.get(other, 0) for other in others), default=0)
    ordered: dict[str, None] = {}
    waiting = sorted(needs, key=depth.__getitem__)
    while waiting:
        id = waiting[-1]
        others = sorted(needs.pop(id, ()), key=depth.__getitem__)
        if others:
            waiting += others
        else:
            ordered.setdefault(waiting.pop())
    return ordered


def _cuts(scene: Scene, place: Mapping[str, int]) -> Iterator[int]:
    """Find where one arrow alone leads from what is before to what is after."""
    touching: dict[int, list[Arrow]] = defaultdict(list)
    for arrow in scene.arrows:
        touching[place[arrow.source]].append(arrow)
        touching[place[arrow.target]].append(arrow)
    running: dict[object, Arrow] = {}
    last, begin = None, 0
    for i in range(len(place) - 1):
        for arrow in touching[i]:
            if running.pop(arrow.id, None) is None:
                running[arrow.id] = arrow
        if len(running) == 1 and i + 1 - begin >= LEAST:
            (arrow,) = running.values()
            forward = place[arrow.source] <= i and not arrow.back
            if forward and arrow.id != last:  # else it would lead through a whole piece
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
