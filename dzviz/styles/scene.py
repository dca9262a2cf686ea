"""What a picture is made of: shapes with lines of words, and arrows between them.

A style makes a scene of a graph; DOT, SVG and Mermaid draw any scene. It knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable

from dzviz.options import ENGLISH
from dzviz.records import NamedTuple
from dzviz.styles.appearance import Appearance
from dzviz.text.key import Mark
from dzviz.text.languages import say
from dzviz.text.phrases import ordinal


class Shape(NamedTuple):
    """One node of the picture.

    ``outline`` is ``box``, ``circle``, ``ellipse`` or ``octagon``. Of the ``lines`` the first is
    bold where ``named``; ``notes`` stand below, small and quiet. Those of all these that are
    ``bad``, by their places, describe what is not finite. ``room`` lines are kept for ``lines``.
    The operands of an ``ordered`` one come in at its side in their order, the first on top or left.
    ``name`` and ``fact`` tell it to who cannot see it; the fact is found when it is asked for,
    since DOT has no place for it.
    """

    id: str
    outline: str
    lines: list[str]
    notes: list[str]
    named: bool
    room: int
    look: Appearance
    name: str
    fact: Callable[[], str]
    ordered: bool = False
    bad: tuple[int, ...] = ()


class Stroke(NamedTuple):
    """The colour and the width in points of a line, and the ``band`` that a key explains."""

    colour: str
    width: float
    band: str = ""


class Arrow(NamedTuple):
    """One edge of the picture, from one shape to another; ``weak`` ones are dashed.

    ``id`` tells it from all others of the same graph.
    Where it points ``back``, its target stands before its source, as what is computed from does.
    ``label`` is what stands on it, ``fact`` what else is known about it, ``mark`` a word of
    `dzviz.graph.model.MARKS`. ``operand`` counts those of a target to which their order matters.
    ``stroke`` is how it is drawn where it is not like all others. What a ``share`` says flows
    against the arrow; it may be ``bad``.
    """

    id: object
    source: str
    target: str
    label: str | None
    fact: Callable[[], str] = str
    weak: bool = False
    back: bool = False
    mark: str = ""
    operand: int | None = None
    stroke: Stroke | None = None
    share: bool = False
    bad: bool = False


class Frame(NamedTuple):
    """A frame around the shapes of these ids, some of which may not be drawn; it says its label.

    ``parent`` is the frame that it lies in, ``fact`` what else is known about it.
    """

    id: str
    label: str
    shapes: tuple[str, ...]
    parent: str | None = None
    fact: str = ""


Usual = tuple[str, Appearance]
"""The outline and the look that need not be said of each shape."""


class Scene(NamedTuple):
    """A whole picture: its shapes and arrows, the lines below it, and the key of its marks.

    ``usual`` is how most Variables of a large one look. In a ``framed`` one the frames tell what
    belongs to which derivative.
    """

    shapes: tuple[Shape, ...]
    arrows: tuple[Arrow, ...]
    caption: list[str]
    large: bool
    frames: tuple[Frame, ...] = ()
    usual: Usual | None = None
    key: tuple[Mark, ...] = ()
    framed: bool = False


def ordered_operands(scene: Scene) -> list[list[Arrow]]:
    """Return the arrows to each shape to which their order matters, in that order.

    What has only one source, or only one operand at several times, is not among them.
    """
    groups: dict[str, list[Arrow]] = {}
    for arrow in scene.arrows:
        if arrow.operand is not None:
            groups.setdefault(arrow.target, []).append(arrow)
    return [
        sorted(arrows, key=lambda arrow: arrow.operand or 0)
        for arrows in groups.values()
        if len({arrow.source for arrow in arrows}) > 1
        and len({arrow.operand for arrow in arrows}) > 1
    ]


def operand_word(arrow: Arrow, lang: str = ENGLISH) -> str:
    """Say which operand an arrow is: ``first``."""
    number = (arrow.operand or 0) + 1
    if lang != ENGLISH:
        return say(lang, "operand {number}", number=number)
    return ordinal(number)
