"""The style ``boxes``: Variables are boxes, Functions circles, every operand an arrow."""

from __future__ import annotations

from collections.abc import Iterator

from dzviz.graph import FunctionNode, Graph, VariableNode
from dzviz.look import Look, function_appearance, variable_appearance
from dzviz.scene import Arrow, Scene, Shape
from dzviz.words import (
    caption_lines,
    clean,
    edge_label,
    exact_lines,
    function_fact,
    function_lines,
    labelled_edges,
    reference,
    variable_lines,
    variable_trouble,
)

LEGEND = "rounded box: Variable, square box: constant, circle: Function"
"""What the outlines mean."""

CIRCLE = 6
"""Labels of Functions up to so many characters stand in a circle, longer ones in an ellipse."""

LARGE = 500
"""Graphs with more nodes are placed with less care."""


def scene(graph: Graph, look: Look, room: Graph) -> Scene:
    """Make the scene of a graph."""
    return Scene(
        _shapes(graph, look, room),
        _arrows(graph, look),
        caption_lines(graph, look),
        len(graph.nodes) > LARGE,
    )


def variable_shape(node: VariableNode, look: Look, room: VariableNode) -> Shape:
    """Make a Variable's box."""
    lines = variable_lines(node, look)
    return Shape(
        node.id,
        "box",
        lines,
        [],
        bool(clean(node.name)) and look.says("name"),
        len(lines if room is node else variable_lines(room, look)),
        variable_appearance(node, variable_trouble(node), look.colours),
        reference(node),
        ", ".join(exact_lines(node)),
    )


def function_shape(node: FunctionNode, look: Look, graph: Graph) -> Shape:
    """Make a Function's circle."""
    label, *notes = function_lines(node, look, graph)
    is_origin = graph.trouble is not None and graph.trouble.function == node.id
    return Shape(
        node.id,
        "circle" if len(label) <= CIRCLE else "ellipse",
        [label],
        notes,
        True,
        1,
        function_appearance(node, is_origin, look.colours),
        label,
        function_fact(node),
    )


def _shapes(graph: Graph, look: Look, room: Graph) -> Iterator[Shape]:
    for node, roomy in zip(graph.nodes, room.nodes, strict=True):
        if isinstance(node, FunctionNode):
            yield function_shape(node, look, graph)
        elif isinstance(roomy, VariableNode):
            yield variable_shape(node, look, roomy)


def _arrows(graph: Graph, look: Look) -> Iterator[Arrow]:
    labelled = labelled_edges(graph, look)
    for edge in graph.edges:
        fact = ""
        if edge.contribution is not None:
            fact = f"back along it flowed {edge_label(edge, look)}"
        label = edge_label(edge, look) if edge[:3] in labelled else None
        yield Arrow(edge.source, edge.target, label, fact)
