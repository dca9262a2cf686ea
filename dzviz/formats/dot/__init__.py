"""Graphviz DOT, which every reader reads; of a large graph many lines are written at once.

No other folder knows that a graph may be in columns, as `dzviz.graph.columns` has it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dzviz.graph.columns import Rows, rows_of
from dzviz.graph.model import FunctionNode, Graph
from dzviz.options import Layout, Look
from dzviz.placing.dot import lines
from dzviz.styles import scene_of, with_order
from dzviz.styles.boxes import LARGE, ORDERED
from dzviz.text.shares import finer


def write(graph: Graph, look: Look, layout: Layout | None = None) -> Iterator[str]:
    """Write a graph as DOT, a line at a time; a large one by some thousand lines."""
    look = with_order(graph, look)
    plain = (look.style, look.edges) == ("boxes", "plain") and not graph.groups
    # What has no hole in the templates.
    special = look.says("order") or not look.says("constant") or finer(graph, look)
    rows = rows_of(graph) if plain and not special else None
    if rows is None or (len(graph.nodes) <= LARGE and _one_by_one(graph, rows)):
        return lines(scene_of(graph, look), look)
    from dzviz.formats.dot import columns  # which few graphs need

    return columns.write(graph, rows, look)


def _one_by_one(graph: Graph, rows: Rows) -> bool:
    """Whether most rows of a small graph are no steps, or arrows may say which operand they are."""
    return 2 * len(rows.others) > len(rows.kind) or any(
        isinstance(node, FunctionNode) and node.label in ORDERED for node in graph.nodes
    )
