"""A table in plain text: one aligned line a Variable, in order of computation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dzviz.columns import aligned
from dzviz.graph import Graph, VariableNode
from dzviz.look import Look
from dzviz.words import caption_lines, grad_lines, origin_texts, reference, value_lines

if TYPE_CHECKING:
    from dzviz.formats import Layout

HEADINGS = ("name", "from", "data", "grad")


def write(graph: Graph, look: Look, layout: Layout | None = None) -> Iterator[str]:
    """Write a graph as a table with its caption below."""
    yield from aligned(table(graph, look))
    if caption := caption_lines(graph, look):
        yield "\n"
        yield from (f"{line}\n" for line in caption)


def table(graph: Graph, look: Look) -> list[tuple[str, ...]]:
    """Tell each Variable in a row, below a row of headings."""
    origins = origin_texts(graph)
    columns = [i for i, heading in enumerate(HEADINGS) if heading == "from" or look.says(heading)]
    rows: list[tuple[str, ...]] = [HEADINGS]
    for node in graph.nodes:
        if isinstance(node, VariableNode):
            data = ", ".join(value_lines(node.data, look))
            rows.append((reference(node), origins[node.id], data, _grad(node, look)))
    return [tuple(row[i] for i in columns) for row in rows]


def _grad(node: VariableNode, look: Look) -> str:
    words = " ".join(grad_lines(node, look)).removeprefix("grad ") or "constant"
    if node.seed is None:
        return words
    return f"{words}, seed {', '.join(value_lines(node.seed, look))}"
