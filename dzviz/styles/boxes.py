"""The style ``boxes``: Variables are boxes, Functions circles, every operand an arrow."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial

from dzviz.graph.groups import KINDS
from dzviz.graph.model import Edge, FunctionNode, Graph, VariableNode
from dzviz.options import Look
from dzviz.styles import style_named
from dzviz.styles.appearance import function_appearance, variable_appearance
from dzviz.styles.scene import Arrow, Scene, Shape, Usual
from dzviz.styles.strokes import strokes
from dzviz.text.captions import caption_lines
from dzviz.text.gradients import outputs_of
from dzviz.text.labels import (
    bundle_label,
    edge_fact,
    edge_label,
    function_fact,
    function_lines,
    labelled_edges,
    reference,
    variable_fact,
    variable_lines,
    variable_trouble,
)
from dzviz.text.phrases import clean

CIRCLE = 6
"""Labels of Functions up to so many characters stand in a circle, longer ones in an ellipse."""

ORDERED = frozenset({"-", "/", "**", "@"})
"""Ops of which the picture must show which operand is the first."""

COMMUTATIVE = frozenset(
    {"add", "mul", "multiply", "maximum", "minimum", "hypot", "logaddexp"}
    | {"and", "or", "xor", "eq", "ne"}
)
"""Ops to which the order of their operands does not matter, in small letters."""

LARGE = 500
"""Graphs with more nodes are placed with less care."""


def scene(graph: Graph, look: Look, room: Graph) -> Scene:
    """Make the scene of a graph."""
    shapes, arrows = tuple(_shapes(graph, look, room)), tuple(_arrows(graph, look))
    return without_parts(graph, look)._replace(shapes=shapes, arrows=arrows)


def without_parts(graph: Graph, look: Look) -> Scene:
    """Make the scene of a graph, but for its shapes and arrows."""
    large = len(graph.nodes) > LARGE
    caption = caption_lines(graph, look, signs=style_named(look.style).legend)
    return Scene((), (), caption, large, usual=_usual(graph, look) if large else None)


def _usual(graph: Graph, look: Look) -> Usual | None:
    """Return how most Variables look: intermediate ones, with gradients like the output's."""
    model = next(iter(outputs_of(graph)), None)
    if model is None:
        return None
    return "box", variable_appearance(model._replace(role="intermediate", mark=""), "", look)


def variable_shape(node: VariableNode, look: Look, room: VariableNode) -> Shape:
    """Make a Variable's box."""
    lines = variable_lines(node, look)
    return _new(
        Shape,
        (
            node.id,
            "box",
            lines,
            [],
            bool(node.name and clean(node.name)) and look.says("name"),
            len(lines if room is node else variable_lines(room, look)),
            variable_appearance(node, variable_trouble(node), look),
            reference(node),
            partial(variable_fact, node),
            False,
        ),
    )


def function_shape(node: FunctionNode, look: Look, graph: Graph) -> Shape:
    """Make a Function's circle."""
    label, *notes = function_lines(node, look, graph)
    is_origin = graph.trouble is not None and graph.trouble.function == node.id
    return _new(
        Shape,
        (
            node.id,
            "circle" if len(label) <= CIRCLE else "ellipse",
            [label],
            notes,
            True,
            1,
            function_appearance(node, is_origin, look),
            label,
            partial(function_fact, node),
            label in ORDERED,
        ),
    )


def arrow(
    edge: Edge, target: str, labelled: bool, graph: Graph, look: Look, ordered: bool = False
) -> Arrow:
    """Make an edge's arrow; to a later time of what repeats it is dashed and leads back."""
    source, _, _, arg, contribution, mark = edge
    operand = arg if ordered else None
    if edge[:3] in graph.edge_notes:
        note = graph.edge_notes[edge[:3]]
        return Arrow(edge[:3], source, target, note, lambda: note, mark=mark, operand=operand)
    if contribution is None and graph.folded is None:  # nothing to say
        return _new(Arrow, (edge[:3], source, target, None, str, False, False, mark, operand, None))
    label = edge_label(edge, look) if labelled else None
    which = bundle_label(edge, graph)
    bundle = graph.folded.bundles.get(edge[:3]) if graph.folded else None
    later = bundle is not None and bundle.lag > 0
    if later and look.contributions == "auto":
        label = None  # the values' ranges tell as much, and several of these arrows stand close
    label = ", ".join(text for text in (which, label) if text) or None
    fact = str if contribution is None else partial(edge_fact, edge, look)
    return Arrow(
        edge[:3], source, target, label, fact, weak=later, back=later, mark=mark, operand=operand
    )


def ordered(graph: Graph) -> Collection[str]:
    """Return the ids of the Functions to which the order of their operands matters."""
    return {
        node.id
        for node in graph.nodes
        if isinstance(node, FunctionNode) and node.op.lower() not in COMMUTATIVE | KINDS
    }


def _shapes(graph: Graph, look: Look, room: Graph) -> Iterator[Shape]:
    for node, reserved in zip(graph.nodes, room.nodes, strict=True):
        if isinstance(node, FunctionNode):
            yield function_shape(node, look, graph)
        elif isinstance(reserved, VariableNode):
            yield variable_shape(node, look, reserved)


def _arrows(graph: Graph, look: Look) -> Iterator[Arrow]:
    labelled, functions = labelled_edges(graph, look), ordered(graph)
    stroke_of = strokes(graph, look)
    for edge in graph.edges:
        says = labelled is not None and labelled(edge)
        made = arrow(edge, edge[1], says, graph, look, edge[1] in functions)
        stroke = stroke_of(edge)
        yield made if stroke is None else made._replace(stroke=stroke)


_new = tuple.__new__
"""Makes a shape or an arrow of all its fields in order, in half the time of a call."""
