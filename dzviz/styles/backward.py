"""A scene as gradients flow: its arrows turned round, and without what gets no gradient."""

from __future__ import annotations

from dzviz.graph.model import Graph
from dzviz.styles.scene import Scene
from dzviz.text.languages import say

LEFT_OUT = "arrows: as gradients flow; what gets none is left out"
TURNED = "arrows: as gradients flow"


def backward(scene: Scene, room: Graph, lang: str) -> Scene:
    """Turn the arrows of a scene round, where nodes keep their places.

    ``room`` knows of all edges what flows back along them at any time; where it knows of none, all
    are taken to carry something.
    """
    silent = silent_of(room)
    joined = {id for edge in room.edges if edge[:3] not in silent for id in edge[:2]}
    lone = {edge[0] for edge in silent} - joined
    shapes = tuple(shape for shape in scene.shapes if shape.id not in lone)
    arrows = tuple(
        arrow._replace(source=arrow.target, target=arrow.source, back=not arrow.back, operand=None)
        for arrow in scene.arrows
        if arrow.id not in silent
    )
    note = say(lang, LEFT_OUT if silent else TURNED)
    return scene._replace(shapes=shapes, arrows=arrows, caption=[*scene.caption, note])


def silent_of(room: Graph) -> set[tuple[str, str, int]]:
    """Find the edges of operands along which nothing flows back, where that is known."""
    known = any(edge.contribution is not None for edge in room.edges)
    return {
        edge[:3]
        for edge in room.edges
        if known and edge.arg is not None and edge.contribution is None
    }
