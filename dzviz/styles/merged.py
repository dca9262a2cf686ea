"""The style ``merged``: each value stands in one box with the op that made it.

It takes half the nodes, for larger graphs. A Function with several outputs keeps its circle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dzviz.graph.model import FunctionNode, Graph, VariableNode
from dzviz.options import Look
from dzviz.styles import style_named
from dzviz.styles.appearance import function_appearance
from dzviz.styles.boxes import LARGE, ORDERED, arrow, function_shape, ordered, variable_shape
from dzviz.styles.scene import Arrow, Scene, Shape
from dzviz.styles.strokes import strokes
from dzviz.text.captions import caption_lines
from dzviz.text.labels import function_fact, function_lines, labelled_edges
from dzviz.text.phrases import clean


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
        caption_lines(graph, look, signs=style_named(look.style).legend),
        len(graph.nodes) > LARGE,
    )


def _shapes(
    graph: Graph, look: Look, room: Graph, makers: dict[str, FunctionNode]
) -> Iterator[Shape]:
    merged = {function.id for function in makers.values()}
    for node, reserved in zip(graph.nodes, room.nodes, strict=True):
        if isinstance(node, FunctionNode):
            if node.id not in merged:
                yield function_shape(node, look, graph)
        elif isinstance(reserved, VariableNode):
            shape = variable_shape(node, look, reserved)
            yield _merged(node, shape, makers[node.id], look, graph) if node.id in makers else shape


def _merged(
    node: VariableNode, shape: Shape, function: FunctionNode, look: Look, graph: Graph
) -> Shape:
    """Put the op above what its result says: ``y = sin``, ``data 0.8415``."""
    label, *notes = function_lines(function, look, graph)
    named = bool(clean(node.name)) and look.says("name")
    head = f"{clean(node.name)} = {label}" if named else label
    rest = shape.lines[1:] if named else shape.lines
    is_origin = graph.trouble is not None and graph.trouble.function == function.id
    mark = function.mark or node.mark
    made = function_appearance(function._replace(mark=mark), is_origin, look)
    return shape._replace(
        lines=[head, *rest],
        notes=notes,
        named=True,
        room=shape.room + (not named),
        look=shape.look._replace(
            paint=made.paint, dashed=shape.look.dashed or made.dashed, mark=made.mark
        ),
        name=head,
        ordered=label in ORDERED,
        fact=lambda: f"{shape.fact()}, made by {function_fact(function)}",
    )


def _arrows(graph: Graph, look: Look, makers: dict[str, FunctionNode]) -> Iterator[Arrow]:
    results = {function.id: variable for variable, function in makers.items()}
    labelled, functions = labelled_edges(graph, look), ordered(graph)
    stroke_of = strokes(graph, look)
    for edge in graph.edges:
        if edge.source in results:
            continue  # within a box
        target = results.get(edge.target, edge.target)
        says = labelled is not None and labelled(edge)
        made = arrow(edge, target, says, graph, look, edge.target in functions)
        yield made._replace(stroke=stroke_of(edge))
