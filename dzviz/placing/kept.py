"""Places that stay: a scene is placed again where its structure changed, or a text outgrew its box.

What moves in a picture whose numbers change should be its numbers alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dzviz.options import Layout, Look
from dzviz.placing import dot
from dzviz.placing.placed import Placed, placed
from dzviz.styles.scene import Arrow, Scene, Shape
from dzviz.text.metrics import text_width

NUMBER = re.compile(r"(?<![\w.])-?\d[\d.]*(?:e[+-]?\d+)?|~0")

ROOM = "-0.000"
"""Numbers get the room of this and all their digits: none but those with an exponent is longer."""


class Kept:
    """The places of one scene, for those that follow.

    ``count`` says how often an engine was asked: what was drawn on the same count lies at the same
    places.
    """

    def __init__(self) -> None:
        self.count = 0
        self._structure: Any = None
        self._room: Scene | None = None
        self._picture: Placed | None = None

    def placed(self, scene: Scene, look: Look, layout: Layout) -> Placed:
        """Return the places of a scene: those that it had, or new ones.

        Raises:
            LayoutError: No engine could place it.
        """
        structure = _structure(scene, look, layout)
        before = self._room if structure == self._structure else None
        if self._picture is None or before is None or not _fits(scene, before):
            room = _roomy(scene, before, f"{ROOM}{'0' * look.precision}")
            self._picture = placed(room, look, replace(layout, kept=None))
            self._structure, self._room = structure, room
            self.count += 1
        return self._picture._replace(scene=scene)


def _structure(scene: Scene, look: Look, layout: Layout) -> Any:
    """Return what places depend on, except for the widths of texts."""
    shapes = tuple((s.id, s.outline, s.ordered, bool(s.notes)) for s in scene.shapes)
    arrows = tuple(
        (a.id, a.source, a.target, a.weak, a.back, a.operand, bool(a.label)) for a in scene.arrows
    )
    frames = tuple(frame[:4] for frame in scene.frames)
    return shapes, arrows, frames, look, layout.engine, layout.rows, layout.tight


def _fits(scene: Scene, room: Scene) -> bool:
    """Whether each text of a scene fits where one of another stands."""
    return (
        all(_shape_fits(*pair) for pair in zip(scene.shapes, room.shapes, strict=True))
        and all(
            _wide([a.label or ""]) <= _wide([b.label or ""])
            for a, b in zip(scene.arrows, room.arrows, strict=True)
        )
        and len(scene.caption) <= len(room.caption)
        and _wide(scene.caption) <= _wide(room.caption)
    )


def _shape_fits(shape: Shape, room: Shape) -> bool:
    lines, notes = shape.lines, shape.notes
    if lines == room.lines and notes == room.notes:
        return True
    return (
        max(len(lines), shape.room) + len(notes)
        <= max(len(room.lines), room.room) + len(room.notes)
        and _wide(lines, bold=shape.named) <= _wide(room.lines, bold=room.named)
        and _wide(notes) <= _wide(room.notes)
    )


def _wide(lines: Sequence[str], *, bold: bool = False) -> float:
    return max((text_width(line, dot.NODE_SIZE, bold=bold) for line in lines), default=0.0)


def _roomy(scene: Scene, before: Scene | None, number: str) -> Scene:
    """Return a scene whose numbers have room for this one, and for those of the scene before."""
    shapes, arrows = scene.shapes, scene.arrows
    old_shapes, old_arrows = (before or scene).shapes, (before or scene).arrows
    return scene._replace(
        shapes=tuple(_roomy_shape(*pair, number) for pair in zip(shapes, old_shapes, strict=True)),
        arrows=tuple(_roomy_arrow(*pair, number) for pair in zip(arrows, old_arrows, strict=True)),
    )


def _roomy_shape(shape: Shape, before: Shape, number: str) -> Shape:
    if shape.outline != "box" or not shape.look.rounded:  # what stands there never changes
        return shape
    named = int(shape.named)
    lines = shape.lines[:named]
    lines += [room for line in shape.lines[named:] for room in _room_of(line, number)]
    old = [*before.lines, *lines[len(before.lines) :]]
    wider = [max(pair, key=lambda line: _wide([line])) for pair in zip(lines, old, strict=False)]
    return shape._replace(lines=[*wider, *old[len(wider) :]], room=max(shape.room, before.room))


def _roomy_arrow(arrow: Arrow, before: Arrow, number: str) -> Arrow:
    if not arrow.label:
        return arrow
    labels = [_padded(arrow.label, number), before.label or ""]
    return arrow._replace(label=max(labels, key=lambda label: _wide([label])))


def _room_of(line: str, number: str) -> list[str]:
    """Return lines that have the room of one; what was may come to stand on a line of its own."""
    first, was, value = line.partition(" (was ")
    return [line, _padded(was[1:] + value, number)] if first and was else [_padded(line, number)]


def _padded(line: str, number: str) -> str:
    """Give the numbers of a line the room of this one."""
    return NUMBER.sub(lambda found: max(found[0], number, key=lambda text: _wide([text])), line)
