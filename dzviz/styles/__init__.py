"""The table of styles: how a graph becomes the shapes and arrows of a picture.

A style is one module with ``scene(graph, look, room)``; ``room`` is the same graph in the state for
which to leave room, see `dzviz.words.roomiest`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dzviz.graph import Graph
    from dzviz.look import Look
    from dzviz.scene import Scene

STYLES: Mapping[str, str] = {
    "boxes": "Variables as boxes, Functions as circles",
    "merged": "a value and the op that made it in one box, for larger graphs",
}
"""Every style by its name, with what it shows."""


def scene(graph: Graph, look: Look, room: Graph | None = None) -> Scene:
    """Make the scene of a graph in the style of ``look``."""
    module = importlib.import_module(f"dzviz.styles.{look.style}")
    made: Scene = module.scene(graph, look, room or graph)
    return made
