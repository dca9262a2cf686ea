"""PNG: the SVG in pixels."""

from __future__ import annotations

from collections.abc import Iterator

from dzviz.graph.model import Graph
from dzviz.options import Layout, Look
from dzviz.svg import canvas as svg
from dzviz.svg import raster


def write(graph: Graph, look: Look, layout: Layout) -> Iterator[bytes]:
    """Write a graph as PNG, two pixels a CSS pixel.

    Raises:
        LayoutError: No engine could place the nodes, or no font has a character.
    """
    return iter([pixels("".join(svg.write(graph, look, layout)), look, layout)])


def pixels(picture: str, look: Look, layout: Layout) -> bytes:
    """Turn an SVG of ours into PNG.

    Raises:
        LayoutError: No font has a character.
    """
    background = None if look.background == "transparent" else "white"
    return raster.png(picture, font=layout.font, background=background)
