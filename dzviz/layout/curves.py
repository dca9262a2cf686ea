"""Curves that an engine found, made calm: they meet boxes at a side, and are straight if nearly so.

It is geometry alone, and knows no engine.
"""

from __future__ import annotations

from math import hypot

from dzviz.layout.placement import Box, Curve, Point

STRAIGHT = 5.0
"""A curve that is nowhere farther than this from the line between its ends becomes that line."""

SIDE = 0.32
"""So far from the middle of a side, in its length, a curve may meet it."""


def calm(curve: Curve, source: Box | None, target: Box | None, *, down: bool) -> Curve:
    """Return a curve that leaves ``source`` and reaches ``target`` at a side, not at a corner.

    None is an end that stays as it is. ``down`` says that edges run from the top to the bottom.
    """
    if down:
        ends = (box and box.turned() for box in (source, target))
        return calm(curve.turned(), *ends, down=False).turned()
    points = list(curve.points)
    tip, tail = curve.tip, curve.tail
    if source is not None and tail is None:
        points[:2] = _moved(points[0], points[1], source, 1.0)
    if target is not None and tip is not None:
        end, before = _moved(tip, points[-2], target, -1.0)
        shift = end[0] - tip[0], end[1] - tip[1]
        points[-1] = points[-1][0] + shift[0], points[-1][1] + shift[1]
        points[-2], tip = before, end
    return curve._replace(points=tuple(points), tip=tip)


def straight(curve: Curve) -> Curve:
    """Return the line between the ends of a curve that is nearly one, else the curve."""
    start, end = curve.tail or curve.points[0], curve.tip or curve.points[-1]
    length = hypot(end[0] - start[0], end[1] - start[1])
    if not length:
        return curve
    x, y = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    along = [(px - start[0]) * x + (py - start[1]) * y for px, py in curve.points]
    off = [abs((px - start[0]) * y - (py - start[1]) * x) for px, py in curve.points]
    if max(off) > STRAIGHT or sorted(along) != along:
        return curve
    first, last = (start[0] + x * along[0], start[1] + y * along[0]), along[-1] - along[0]
    thirds = [
        first,
        *((first[0] + x * last * k / 3, first[1] + y * last * k / 3) for k in (1, 2, 3)),
    ]
    return curve._replace(points=tuple(thirds), label=curve.label)


def _moved(end: Point, control: Point, box: Box, side: float) -> tuple[Point, Point]:
    """Move an end along a box to the middle part of its side, with the control point next to it.

    The right side is 1, the left one -1. What does not come from there stays.
    """
    edge = box.x + side * box.width / 2
    reach = box.height * SIDE
    y = min(max(end[1], box.y - reach), box.y + reach)
    if abs(y - end[1]) < 0.5 or (control[0] - edge) * side < 2.0:
        return end, control
    return (edge, y), (control[0], control[1] + (y - end[1]) / 2)
