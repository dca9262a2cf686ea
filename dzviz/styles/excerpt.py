"""What a picture of a folded graph or of a part says more, in any style: frames, and cut edges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from dzviz.graph.duplicates import originals
from dzviz.graph.model import Graph
from dzviz.styles.scene import Frame, Scene, Shape
from dzviz.text.phrases import grouped, times


def noted(scene: Scene, graph: Graph) -> Scene:
    """Draw a frame around what repeats, and note how many edges lead out of the part."""
    repeats = graph.folded.repeats if graph.folded else ()
    return scene._replace(
        shapes=tuple(_noted(scene.shapes, graph)),
        frames=tuple(Frame(r.id, times(r.times), r.nodes, r.parent) for r in repeats),
    )


def _noted(shapes: Iterable[Shape], graph: Graph) -> Iterator[Shape]:
    cut = graph.part.cut if graph.part else {}
    members = graph.folded.members if graph.folded else {}
    known = originals(graph)
    for shape in shapes:
        count = cut.get(known.get(shape.id, shape.id))
        if count:
            shape = shape._replace(notes=[*shape.notes, f"+{grouped(count)} more"])
        if shape.id in members:
            shape = shape._replace(fact=partial(_repeated_fact, shape, len(members[shape.id])))
        yield shape


def _repeated_fact(shape: Shape, count: int) -> str:
    fact = shape.fact().replace("generation", "first generation", 1)
    return f"{times(count)}: {fact}"
