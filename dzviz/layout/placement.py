"""Where things are: a picture's positions as frozen data, read from Graphviz's ``json0``.

It knows neither the engines nor what is drawn at a position.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from dzviz.records import NamedTuple

POINTS_PER_INCH = 72
Point = tuple[float, float]


class Box(NamedTuple):
    """A rectangle by its centre and its size."""

    x: float
    y: float
    width: float
    height: float

    def turned(self) -> Box:
        """Return it with the axes exchanged."""
        return Box(self.y, self.x, self.height, self.width)


class Curve(NamedTuple):
    """An edge: Bezier control points (1 + 3n), where its arrow ends, and its label's centre.

    The last control point is where the line stops; ``tip`` is where the arrowhead then ends
    (``tail`` likewise at the first point), None where there is no arrowhead.
    """

    points: tuple[Point, ...]
    tip: Point | None
    tail: Point | None
    label: Point | None

    def turned(self) -> Curve:
        """Return it with the axes exchanged."""
        ends = [place and (place[1], place[0]) for place in self[1:]]
        return Curve(tuple((y, x) for x, y in self.points), *ends)


class Placement(NamedTuple):
    """A laid-out graph in points, with the origin at the top left and y growing down.

    ``nodes`` and ``clusters`` are keyed by their names in the DOT, ``edges`` by their attribute
    ``id`` (an edge without one is not there). ``caption`` is the centre of the graph's label.

    Graphviz writes five digits, so that past 10 000 points places are whole points, and past
    100 000 tens of points.
    """

    width: float
    height: float
    nodes: dict[str, Box]
    edges: dict[str, Curve]
    clusters: dict[str, Box]
    caption: Point | None


def read(text: str) -> Placement:
    """Read what ``dot -Tjson0`` printed. Raises ValueError when that is not a whole layout."""
    import json

    try:
        # Not strict: Graphviz leaves some control characters in a label as they are.
        return _placement(json.loads(text, strict=False))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        start = " ".join(text[:60].split())
        raise ValueError(f"what it printed is not a layout: {start!r} ({error})") from error


def _placement(graph: dict[str, Any]) -> Placement:
    left, bottom, right, top = _numbers(graph["bb"])

    def point(text: str) -> Point:
        x, y = _numbers(text)
        return x - left, top - y

    def node(item: dict[str, Any]) -> Box:
        (width,), (height,) = _numbers(item["width"]), _numbers(item["height"])
        return Box(*point(item["pos"]), width * POINTS_PER_INCH, height * POINTS_PER_INCH)

    def cluster(item: dict[str, Any]) -> Box:
        x0, y0, x1, y1 = _numbers(item["bb"])
        return Box((x0 + x1) / 2 - left, top - (y0 + y1) / 2, x1 - x0, y1 - y0)

    def label(item: dict[str, Any]) -> Point | None:
        return point(item["lp"]) if "lp" in item else None

    def curve(item: dict[str, Any]) -> Curve:
        points, ends = [], {}
        for word in item["pos"].split():
            if word[:2] in ("e,", "s,"):
                ends[word[0]] = point(word[2:])
            else:
                points.append(point(word))
        if len(points) % 3 != 1:
            raise ValueError(f"{len(points)} control points")
        return Curve(tuple(points), tip=ends.get("e"), tail=ends.get("s"), label=label(item))

    # Nodes and subgraphs share one list; a subgraph has no "pos", and a "bb" if it is a cluster.
    objects = graph.get("objects", [])
    return Placement(
        width=right - left,
        height=top - bottom,
        nodes={item["name"]: node(item) for item in objects if "pos" in item},
        edges={item["id"]: curve(item) for item in graph.get("edges", []) if "id" in item},
        clusters={item["name"]: cluster(item) for item in objects if "bb" in item},
        caption=label(graph),
    )


def _numbers(text: str) -> list[float]:
    numbers = [float(word) for word in text.split(",")]
    if not all(map(isfinite, numbers)):
        raise ValueError(f"not finite: {text}")
    return numbers
