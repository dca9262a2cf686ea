"""The picture in words, for ``alt`` attributes and for readers who cannot see it."""

from __future__ import annotations

from collections.abc import Iterator

from dzviz.graph.model import Graph
from dzviz.options import Layout, Look
from dzviz.text.descriptions import description


def write(graph: Graph, look: Look, layout: Layout | None = None) -> Iterator[str]:
    """Write the description, one paragraph on one line."""
    yield f"{description(graph, look)}\n"
