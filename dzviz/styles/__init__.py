"""The table of styles: how a graph becomes the shapes and arrows of a picture.

A style is one module with ``scene(graph, look, room)``; ``room`` is the same graph in the state for
which to leave room, see `dzviz.text.words.roomiest`. Where shapes and arrows cannot draw it, the module
also has ``canvas(graph, room, look, layout)``, which gives a `dzviz.svg.canvas.Canvas`; its scene
then serves the other formats.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dzviz.formats import Layout
    from dzviz.graph.model import Graph
    from dzviz.look import Look
    from dzviz.styles.scene import Scene
    from dzviz.svg.canvas import Canvas

STYLES: Mapping[str, str] = {
    "boxes": "Variables as boxes, Functions as circles",
    "merged": "a value and the op that made it in one box, for larger graphs",
    "book": "circles and boxes with what they hold, a panel for each pass",
    "refs": "the objects, and which refers to which",
}
"""Every style by its name, with what it shows."""

UNFOLDED = ("book", "refs")
"""The styles that show every single object, so that nothing is folded in them."""


def scene(graph: Graph, look: Look, room: Graph | None = None) -> Scene:
    """Make the scene of a graph in the style of ``look``."""
    made: Scene = _module(look).scene(graph, look, room or graph)
    if graph.folded is None and graph.part is None:
        return made
    from dzviz.styles.excerpt import noted

    return noted(made, graph)


def own_canvas(look: Look) -> Callable[[Graph, Graph, Look, Layout], Canvas] | None:
    """Return what places the style of ``look`` for SVG, where it does not do with a scene."""
    found: Callable[[Graph, Graph, Look, Layout], Canvas] | None = getattr(
        _module(look), "canvas", None
    )
    return found


def is_local(look: Look) -> bool:
    """Whether the style of ``look`` draws a part of a graph as in the whole.

    That part has each result with its maker.
    """
    return bool(getattr(_module(look), "LOCAL", False))


def legend(look: Look) -> str:
    """Return what the signs of a style mean, for the legend."""
    text: str = _module(look).LEGEND
    return text


def _module(look: Look) -> Any:
    return importlib.import_module(f"dzviz.styles.{look.style}")
