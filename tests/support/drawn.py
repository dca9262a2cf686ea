"""What an SVG of ours shows, read back from its text alone: where text, shapes and arrows are.

Widths of text are those of Open Sans, in which PNG is set, by Pillow.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
from PIL import ImageFont

from dzviz.svg.fonts import open_sans

SVG = "{http://www.w3.org/2000/svg}"


class Words(NamedTuple):
    """A label: of which arrow or frame, what it says, and its box."""

    owner: str
    text: str
    box: tuple[float, float, float, float]


class Picture(NamedTuple):
    """Boxes of nodes by their ids, points of arrows by theirs, labels, and the page."""

    nodes: dict[str, tuple[float, float, float, float]]
    arrows: dict[str, np.ndarray]
    labels: list[Words]
    page: tuple[float, float, float, float]


@lru_cache
def font(bold):
    return ImageFont.truetype(open_sans("Bold" if bold else "Regular"), 200)


def read(svg: str) -> Picture:
    """Read a picture."""
    root = ElementTree.fromstring(svg)
    left, top, width, height = map(float, root.get("viewBox").split())
    picture = Picture({}, {}, [], (left, top, left + width, top + height))
    for group in root.iter(f"{SVG}g"):
        if (owner := group.get("data-label")) is not None:
            for text in group.iter(f"{SVG}text"):
                if text.get("stroke") is None:
                    picture.labels.append(Words(owner, text.text, box_of(text)))
            continue
        name = group.get("data-id")
        if name is None:
            continue
        path = group.find(f"{SVG}path")
        if path is not None:
            corners = [group.find(f"{SVG}polygon")]
            heads = [
                tuple(map(float, pair.split(",")))
                for polygon in corners
                if polygon is not None
                for pair in polygon.get("points").split()
            ]
            picture.arrows[name] = np.vstack([points_of(path.get("d")), np.reshape(heads, (-1, 2))])
            continue
        rect = group.find(f"{SVG}rect")
        if rect is not None and rect.get("fill") != "none":  # a frame is not filled
            x, y, w, h = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
            picture.nodes[name] = (x, y, x + w, y + h)
        if (ellipse := group.find(f"{SVG}ellipse")) is not None:
            x, y, rx, ry = (float(ellipse.get(key)) for key in ("cx", "cy", "rx", "ry"))
            picture.nodes[name] = (x - rx, y - ry, x + rx, y + ry)
    return picture


def box_of(text):
    """Return the left, top, right and bottom of the ink of a text."""
    size, face = float(text.get("font-size")), font(text.get("font-weight") == "bold")
    left, top, right, bottom = (side * size / 200 for side in face.getbbox(text.text, anchor="ls"))
    x, y = float(text.get("x")), float(text.get("y"))
    if text.get("text-anchor") != "start":
        x -= (right - left) / 2
    return x, y + top, x + right - left, y + bottom


def points_of(path):
    """Return points of a path of M, C and L, some tenths of a point apart."""
    numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", path)]
    pairs = np.reshape(numbers, (-1, 2))
    points, here, rest = [pairs[:1]], pairs[0], pairs[1:]
    t = np.linspace(0, 1, 400)[:, None]
    for command in re.findall(
        "[CL]", re.sub(r"C([^CL]*)", lambda m: "C" * (len(m[1].split()) // 3), path)
    ):
        if command == "C":
            b, c, d = rest[:3]
            s = 1 - t
            points.append(s**3 * here + 3 * s**2 * t * b + 3 * s * t**2 * c + t**3 * d)
            here, rest = d, rest[3:]
        else:
            points.append(here + t * (rest[0] - here))
            here, rest = rest[0], rest[1:]
    return np.vstack(points)


def touched(picture: Picture) -> list[str]:
    """Say of each label what it touches but its own arrow or frame, if there is anything."""
    found = []
    for i, (owner, text, (x0, y0, x1, y1)) in enumerate(picture.labels):
        where = f"{text!r} of {owner}"
        for name, points in picture.arrows.items():
            inside = (points > (x0, y0)).all(axis=1) & (points < (x1, y1)).all(axis=1)
            if inside.any():
                found.append(f"{where} touches the arrow {name}")
        others = [(f"the node {name}", box) for name, box in picture.nodes.items()]
        others += [(f"the label {words.text!r}", words.box) for words in picture.labels[:i]]
        for name, (left, top, right, bottom) in others:
            if x0 < right and left < x1 and y0 < bottom and top < y1:
                found.append(f"{where} touches {name}")
        left, top, right, bottom = picture.page
        if not (left <= x0 and x1 <= right and top <= y0 and y1 <= bottom):
            found.append(f"{where} stands out of the page")
    return found
