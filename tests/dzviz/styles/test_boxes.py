"""The style ``boxes``, measured in its pictures."""

from math import hypot
from xml.etree import ElementTree

import pytest
from PIL import ImageFont
from support.graphs import graph_of

import dezero
import dzviz
from dzviz.styles.boxes import CIRCLE
from dzviz.svg import fonts

SVG = "{http://www.w3.org/2000/svg}"
LABELS = sorted(
    name
    for name, info in dezero.OPS.items()
    if len(name) <= CIRCLE and list(info.examples) == [f"{name}(x)"]
)


@pytest.mark.parametrize("hidden", [(), ("generation",)], ids=["generation", "bare"])
def test_labels_stand_within_their_circles(hidden):
    expression = "x + 0"
    for label in LABELS:
        expression = f"{label}({expression})"
    graph = graph_of(expression, x=0.5)
    picture = ElementTree.fromstring(dzviz.render(graph, "svg", hide=hidden))
    ellipses = [
        [float(ellipse.get(key)) for key in ("cx", "cy", "rx")]
        for ellipse in picture.iter(f"{SVG}ellipse")
    ]
    for polygon in picture.iter(f"{SVG}polygon"):  # where a NaN arose
        corners = [tuple(map(float, corner.split(","))) for corner in polygon.get("points").split()]
        if len(corners) == 8:
            (low, high), ys = (
                [f(x for x, _ in corners) for f in (min, max)],
                [y for _, y in corners],
            )
            ellipses.append([(low + high) / 2, (min(ys) + max(ys)) / 2, (high - low) / 2])
    bold = ImageFont.truetype(fonts.open_sans("Bold"), 100)
    found = set()
    for text in picture.iter(f"{SVG}text"):
        if text.text not in LABELS:
            continue
        found.add(text.text)
        size = float(text.get("font-size"))
        half = bold.getlength(text.text) * size / 200
        x, y = float(text.get("x")), float(text.get("y")) - 0.35 * size  # the middle of its letters
        cx, _, radius = min(ellipses, key=lambda e: hypot(e[0] - x, e[1] - y))
        assert abs(x - cx) + half + 2 < radius, text.text
    assert len(found) > 10
    assert found == set(LABELS)


NAMES = (
    "mmmmmmmmmmmmmmm",
    "a_very_long_variable_name_indeed",
    "WWWWWWWWWWWWWWWWWW",
    "learning_rate",
)


@pytest.mark.parametrize("style", ["boxes", "merged"])
def test_names_stand_within_their_boxes(style):
    graph = graph_of(" + ".join(NAMES), **dict.fromkeys(NAMES, 1.0))
    picture = ElementTree.fromstring(dzviz.render(graph, "svg", style=style))
    bold = ImageFont.truetype(fonts.open_sans("Bold"), 100)
    found = set()
    for node in picture.iter(f"{SVG}g"):
        box = node.find(f"{SVG}rect")
        for text in node.findall(f"{SVG}text"):
            if box is not None and text.text in NAMES:
                found.add(text.text)
                wide = bold.getlength(text.text) * float(text.get("font-size")) / 100
                assert wide + 6 < float(box.get("width")), text.text
    assert found == set(NAMES)
