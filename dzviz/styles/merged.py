"""The style ``merged``: each value stands in one box with the op that made it.

It takes half the nodes, for larger graphs. A Function with several outputs keeps its circle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dzviz.graph.model import FunctionNode, Graph, VariableNode
from dzviz.options import Look
from dzviz.styles import signs
from dzviz.styles.appearance import function_appearance
from dzviz.styles.boxes import (
    LARGE,
    ORDERED,
    Copies,
    arrow,
    function_shape,
    is_framed,
    ordered,
)
from dzviz.styles.scene import Arrow, Scene, Shape
from dzviz.styles.strokes import strokes
from dzviz.text.captions import caption_lines
from dzviz.text.key import marks
from dzviz.text.labels import labelled_edges
from dzviz.text.languages import say
from dzviz.text.phrases import clean
from dzviz.text.shares import finer


def scene(graph: Graph, look: Look, room: Graph) -> Scene:
    """Make the scene of a graph."""
    results = Counter(edge.source for edge in graph.edges if edge.arg is None)
    functions = {node.id: node for node in graph.nodes if isinstance(node, FunctionNode)}
    makers = {
        edge.target: functions[edge.source]
        for edge in graph.edges
        if edge.arg is None and results[edge.source] == 1
    }
    return Scene(
        tuple(_shapes(graph, look, room, makers)),
        tuple(_arrows(graph, look, makers)),
        caption_lines(graph, look) + signs(look),
        len(graph.nodes) > LARGE,
        key=tuple(marks(graph, look, merged=True)),
        framed=is_framed(graph),
    )


def _shapes(
    graph: Graph, look: Look, room: Graph, makers: dict[str, FunctionNode]
) -> Iterator[Shape]:
    merged = {function.id for function in makers.values()}
    framed, more, copies = is_framed(graph), finer(graph, look), Copies()
    for node, reserved in zip(graph.nodes, room.nodes, strict=True):
        if isinstance(node, FunctionNode):
            if node.id not in merged:
                yield function_shape(node, look, graph, framed=framed)
        elif isinstance(reserved, VariableNode):
            shape = copies.shape(node, look, reserved, more.get(node.id))
            yield _merged(node, shape, makers[node.id], look, graph) if node.id in makers else shape


def _merged(
    node: VariableNode, shape: Shape, function: FunctionNode, look: Look, graph: Graph
) -> Shape:
    """Put the op above what its result says: ``y = sin``, ``data 0.8415``."""
    op = function_shape(function, look, graph, framed=is_framed(graph))
    (label,), notes = op.lines, op.notes
    named = bool(clean(node.name)) and look.says("name")
    head = f"{clean(node.name)} = {label}" if named else label
    rest = shape.lines[1:] if named else shape.lines
    mark = function.mark or node.mark
    made = function_appearance(function._replace(mark=mark), bool(op.bad), look)
    down = 0 if named else 1
    below = len(shape.lines) + down - 1  # of the op's notes, which come after all lines
    bad = [*(i + down for i in shape.bad), *(i + below for i in op.bad)]
    return shape._replace(
        lines=[head, *rest],
        notes=notes,
        named=True,
        room=shape.room + (not named),
        look=shape.look._replace(
            paint=made.paint,
            dashed=shape.look.dashed or made.dashed,
            bold=shape.look.bold or made.bold,
            mark=made.mark,
        ),
        name=head,
        ordered=label in ORDERED,
        bad=tuple(bad),
        fact=lambda: say(look.lang, "{fact}, made by {op}", fact=shape.fact(), op=op.fact()),
    )


def _arrows(graph: Graph, look: Look, makers: dict[str, FunctionNode]) -> Iterator[Arrow]:
    results = {function.id: variable for variable, function in makers.items()}
    labelled, functions = labelled_edges(graph, look), ordered(graph)
    stroke_of, more = strokes(graph, look), finer(graph, look)
    for edge in graph.edges:
        if edge.source in results:
            continue  # within a box
        target = results.get(edge.target, edge.target)
        says = labelled is not None and labelled(edge)
        fine = more.get(edge.source, look)
        made = arrow(edge, target, says, graph, fine, edge.target in functions)
        yield made._replace(stroke=stroke_of(edge))
