r"""Graphviz DOT that every reader reads: plain quoted labels, numbered ids, nothing of the machine.

Quoting follows https://graphviz.org/doc/info/lang.html: within quotes ``\`` and ``"`` are escaped,
and ``&`` begins an entity in a label.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dzviz.graph import FunctionNode, Graph, VariableNode
from dzviz.look import (
    APPEARANCES,
    BACKGROUND,
    CAPTION,
    EDGE,
    EDGE_TEXT,
    TEXT,
    Appearance,
    Look,
    appearance,
)
from dzviz.words import (
    caption_lines,
    edge_label,
    function_lines,
    labelled_edges,
    variable_lines,
)

if TYPE_CHECKING:
    from dzviz.formats import Layout

FONT = "Helvetica"
NODE_SIZE = 11
EDGE_SIZE = 9
CAPTION_SIZE = 12
"""Sizes of text in points."""

CIRCLE = 6
"""Labels of Functions up to so many characters stand in a circle, longer ones in an ellipse."""

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "&": "&amp;", "\n": "\\n"})


def write(graph: Graph, look: Look, layout: Layout | None = None) -> Iterator[str]:
    """Write a graph as DOT, a line at a time."""
    return lines(graph, look)


def lines(graph: Graph, look: Look, *, edge_ids: bool = False) -> Iterator[str]:
    """Write a graph as DOT; ``edge_ids`` numbers the edges (``e0 ...``) for who places them."""
    large = len(graph.nodes) > 500
    settings = [f"rankdir={look.rank_dir}", "ranksep=0.45", "nodesep=0.3"]
    if large:
        settings.append("nslimit=0.1")  # 2 to 20 times faster on large graphs, to the eye the same
    if caption := caption_lines(graph):
        settings += [f"label={quote(caption)}", "labelloc=b"]
    yield "digraph dzviz {\n"
    yield (
        f'  graph [{", ".join(settings)}, bgcolor="{BACKGROUND}", '
        f'fontname="{FONT}", fontsize={CAPTION_SIZE}, fontcolor="{CAPTION}"];\n'
    )
    yield (
        f'  node [fontname="{FONT}", fontsize={NODE_SIZE}, fontcolor="{TEXT}", penwidth=1.2, '
        f'margin="0.12,0.06"];\n'
    )
    yield (
        f'  edge [fontname="{FONT}", fontsize={EDGE_SIZE}, color="{EDGE}", '
        f'fontcolor="{EDGE_TEXT}", arrowsize=0.7];\n'
    )
    for node in graph.nodes:
        if isinstance(node, FunctionNode):
            label = function_lines(node)
            style = _FUNCTION
            shape = "circle, margin=0.02" if len(label[0]) <= CIRCLE else "ellipse, margin=0.04"
            yield f"  {node.id} [label={quote(label)}, shape={shape}, {style}];\n"
        else:
            label = variable_lines(node, look)
            yield f"  {node.id} [label={quote(label)}, {_box(node)}];\n"
    labelled = labelled_edges(graph)
    for number, edge in enumerate(graph.edges):
        attributes = [f'id="e{number}"'] if edge_ids else []
        if (edge.source, edge.target, edge.key) in labelled:
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
    font = f', fontcolor="{look.text}"' if look.text != TEXT else ""
    return f'style={style}, fillcolor="{look.fill}", color="{look.line}"{font}'


_FUNCTION = _style(APPEARANCES["function"]._replace(rounded=False))


def _box(node: VariableNode) -> str:
    return f"shape=box, {_style(appearance(node.role, node.grad_state))}"
