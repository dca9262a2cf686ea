r"""Graphviz DOT that every reader reads: plain quoted labels, numbered ids, nothing of the machine.

Quoting follows https://graphviz.org/doc/info/lang.html: within quotes ``\`` and ``"`` are escaped,
and ``&`` begins an entity in a label.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dzviz.columns import width
from dzviz.graph import FunctionNode, Graph
from dzviz.look import Appearance, Look, function_appearance, variable_appearance
from dzviz.words import (
    caption_lines,
    edge_label,
    function_lines,
    labelled_edges,
    reserved_lines,
    variable_lines,
    variable_trouble,
)

if TYPE_CHECKING:
    from dzviz.formats import Layout

FONT = "Helvetica"
NODE_SIZE = 11
EDGE_SIZE = 9
CAPTION_SIZE = 12
"""Sizes of text in points."""

LAYOUT_EDGE_SIZE = 12
"""What layout takes for the size of edges' labels, so that they keep off the lines."""

CIRCLE = 6
"""Labels of Functions up to so many characters stand in a circle, longer ones in an ellipse."""

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "&": "&amp;", "\n": "\\n"})


def write(graph: Graph, look: Look, layout: Layout | None = None) -> Iterator[str]:
    """Write a graph as DOT, a line at a time."""
    return lines(graph, look)


def lines(graph: Graph, look: Look, *, for_layout: bool = False) -> Iterator[str]:
    """Write a graph as DOT.

    ``for_layout`` is for who only wants positions: edges get ids (``e0 ...``), and labels are
    those that need most room.
    """
    theme = look.colours
    settings = [f"rankdir={look.rank_dir}", "ranksep=0.45", "nodesep=0.3"]
    if len(graph.nodes) > 500:
        settings.append("nslimit=0.1")  # 2 to 20 times faster on large graphs, to the eye the same
    if caption := caption_lines(graph, look):
        space = [""] if for_layout else []  # keep the caption off the lowest node
        settings += [f"label={quote([*space, *caption])}", "labelloc=b"]
    yield "digraph dzviz {\n"
    yield (
        f'  graph [{", ".join(settings)}, bgcolor="{look.background or theme.background}", '
        f'fontname="{FONT}", fontsize={CAPTION_SIZE}, fontcolor="{theme.quiet}"];\n'
    )
    yield (
        f'  node [fontname="{FONT}", fontsize={NODE_SIZE}, fontcolor="{theme.text}", '
        f'penwidth=1.2, margin="0.12,0.06"];\n'
    )
    yield (
        f'  edge [fontname="{FONT}", fontsize={LAYOUT_EDGE_SIZE if for_layout else EDGE_SIZE}, '
        f'color="{theme.edge}", fontcolor="{theme.contribution}", arrowsize=0.7];\n'
    )
    origin = graph.trouble.function if graph.trouble else None
    words = reserved_lines if for_layout else variable_lines
    for node in graph.nodes:
        if isinstance(node, FunctionNode):
            label = function_lines(node, look, graph)
            style = _style(function_appearance(node, node.id == origin, theme))
            shape = "circle, margin=0.02" if len(label[0]) <= CIRCLE else "ellipse, margin=0.04"
        else:
            label = words(node, look)
            style = _style(variable_appearance(node, variable_trouble(node), theme))
            shape = "box"
        yield f"  {node.id} [label={quote(label)}, shape={shape}, {style}{_room(label)}];\n"
    labelled = labelled_edges(graph, look)
    for number, edge in enumerate(graph.edges):
        attributes = [f'id="e{number}"'] if for_layout else []
        if edge[:3] in labelled:
            attributes.append(f"label={quote([edge_label(edge, look)])}")
        suffix = f" [{', '.join(attributes)}]" if attributes else ""
        yield f"  {edge.source} -> {edge.target}{suffix};\n"
    yield "}\n"


def quote(label: Sequence[str]) -> str:
    r"""Quote the lines of a label, which `dzviz.words` has cleaned of control characters.

    >>> print(quote(['say "x"', "a & <b>"]))
    "say \"x\"\na &amp; <b>"
    """
    return '"' + "\n".join(label).translate(_ESCAPES) + '"'


def _style(look: Appearance) -> str:
    words = ["rounded"] * look.rounded + ["filled"] + ["dashed"] * look.dashed
    words += ["bold"] * look.bold
    style = f'"{",".join(words)}"' if len(words) > 1 else words[0]
    return f'style={style}, fillcolor="{look.paint.fill}", color="{look.paint.line}"'


def _room(label: Sequence[str]) -> str:
    """Give labels with wide characters a least width, which Graphviz reckons 20 % too small."""
    wide = max((width(line) for line in label if not line.isascii()), default=0)
    return f", width={wide * NODE_SIZE * 0.55 / 72 + 0.24:.2f}" if wide else ""
