"""A scene with room for the texts of other scenes that have the same shapes and arrows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from dzviz.styles.scene import Arrow, Scene, Shape
from dzviz.text.metrics import text_width


def reserved(scene: Scene, others: Sequence[Scene]) -> Scene:
    """Return a scene that has, at each place, the widest line of all of them."""
    for other in others:
        shapes = {shape.id: shape for shape in other.shapes}
        arrows = {arrow.id: arrow for arrow in other.arrows}
        scene = scene._replace(
            shapes=tuple(_shape(shape, shapes.get(shape.id, shape)) for shape in scene.shapes),
            arrows=tuple(_arrow(arrow, arrows.get(arrow.id, arrow)) for arrow in scene.arrows),
            caption=_widest(scene.caption, other.caption),
        )
    return scene


def _shape(shape: Shape, other: Shape) -> Shape:
    if shape.lines == other.lines and shape.notes == other.notes and shape.room >= other.room:
        return shape
    return shape._replace(
        lines=_widest(shape.lines, other.lines),
        notes=_widest(shape.notes, other.notes),
        room=max(shape.room, other.room),
    )


def _arrow(arrow: Arrow, other: Arrow) -> Arrow:
    labels = _widest([arrow.label or ""], [other.label or ""])
    if labels == [arrow.label or ""]:
        return arrow
    return arrow._replace(label=labels[0], share=other.share, bad=other.bad or arrow.bad)


def _widest(lines: Sequence[str], others: Sequence[str]) -> list[str]:
    if lines == others:
        return list(lines)
    pairs = zip_longest(lines, others, fillvalue="")
    return [max(pair, key=lambda line: text_width(line, 1.0)) for pair in pairs]
