"""Graphviz DOT, which every reader reads; of a large graph many lines are written at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dzviz.formats.dot_lines import lines
from dzviz.graph.columns import Nodes
from dzviz.graph.model import Graph
from dzviz.options import Look
from dzviz.styles import boxes, scene_of

if TYPE_CHECKING:
    from dzviz.options import Layout


def write(graph: Graph, look: Look, layout: Layout | None = None) -> Iterator[str]:
    """Write a graph as DOT, a line at a time; a large one by some thousand lines."""
    if not isinstance(graph.nodes, Nodes):
        return lines(scene_of(graph, look), look)
    from dzviz.formats import dot_columns  # which few graphs need

    if not dot_columns.serve(graph, look):
        return lines(scene_of(graph, look), look)
    picture = boxes.without_parts(graph, look)
    nodes, edges = dot_columns.nodes(graph, look, picture.usual), dot_columns.edges(graph, look)
    return lines(picture, look, nodes=nodes, edges=edges)
