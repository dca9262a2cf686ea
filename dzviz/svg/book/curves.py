"""Curves as points close together, to be cut and led round a name."""

from __future__ import annotations

from math import hypot

from dzviz.layout import Point

SWING = 45.0
"""How long it takes a line to swing into its old course."""


def polyline(points: tuple[Point, ...]) -> list[Point]:
    """Return points close together on a curve, so that it can be cut anywhere."""
    line = [points[0]]
    for i in range(0, len(points) - 1, 3):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = points[i : i + 4]
        steps = max(4, int(hypot(dx - ax, dy - ay) * 2))
        for step in range(1, steps + 1):
            t = step / steps
            s = 1 - t
            a, b, c, d = s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t
            line.append((a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy))
    return line


def bent(start: Point, normal: Point, line: list[Point]) -> list[Point]:
    """Let a line begin elsewhere, in the direction of ``normal``, and swing into its old course."""
    far = (
        i
        for i, point in enumerate(line)
        if hypot(point[0] - line[0][0], point[1] - line[0][1]) > SWING
    )
    join = min(next(far, len(line)), len(line) - 2)
    end, before = line[join], line[max(join - 4, 0)]
    long = hypot(end[0] - start[0], end[1] - start[1]) * 0.4
    back = hypot(before[0] - end[0], before[1] - end[1]) or 1.0
    one = start[0] + normal[0] * long, start[1] + normal[1] * long
    other = (
        end[0] + (before[0] - end[0]) / back * long,
        end[1] + (before[1] - end[1]) / back * long,
    )
    return [*polyline((start, one, other, end)), *line[join + 1 :]]
