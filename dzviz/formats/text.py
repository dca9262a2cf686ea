"""A table in plain text: one aligned line per Variable, in order of computation."""

from __future__ import annotations

from collections.abc import Iterator

from dzviz.graph.model import Graph
from dzviz.options import Layout, Look
from dzviz.styles import style_named
from dzviz.text.captions import caption_lines
from dzviz.text.table import aligned
from dzviz.text.variables import Table


def write(graph: Graph, look: Look, layout: Layout | None = None) -> Iterator[str]:
    """Write a graph as a table with its caption below."""
    yield from aligned(Table(graph, look))
    if caption := caption_lines(graph, look, signs=style_named(look.style).legend, drawn=False):
        yield "\n"
        yield from (f"{line}\n" for line in caption)
