"""PDF: the SVG as one page, its text as text."""

from __future__ import annotations

from collections.abc import Iterator

from dzviz.graph.model import Graph
from dzviz.options import Layout, Look
from dzviz.svg import canvas as svg
from dzviz.svg import pdf_pages as pdf


def write(graph: Graph, look: Look, layout: Layout) -> Iterator[bytes]:
    """Write a graph as PDF.

    Raises:
        LayoutError: No engine could place the nodes, or the extra ``pdf`` is not installed.
    """
    return iter([pdf.pdf("".join(svg.write(graph, look, layout)), font=layout.font)])
