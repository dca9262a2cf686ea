"""The style ``boxes``: Variables are boxes, Functions circles, every operand an arrow."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache, partial

from dzviz.graph.model import KINDS, Edge, FunctionNode, Graph, VariableNode
from dzviz.graph.nonfinite import kind_of
from dzviz.options import Look
from dzviz.styles import signs
from dzviz.styles.appearance import function_appearance, variable_appearance
from dzviz.styles.scene import Arrow, Scene, Shape, Usual
from dzviz.styles.strokes import strokes
from dzviz.text.captions import caption_lines
from dzviz.text.gradients import outputs_of
from dzviz.text.key import marks
from dzviz.text.labels import (
    bad_lines,
    bundle_label,
    edge_fact,
    edge_label,
    function_fact,
    function_lines,
    labelled_edges,
    not_finite,
    reference,
    variable_fact,
    variable_lines,
)
from dzviz.text.phrases import clean
from dzviz.text.shares import finer
from dzviz.text.troubles import trouble_lines

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
    """Make the scene of a graph, except for its shapes and arrows."""
    large = len(graph.nodes) > LARGE
    usual = _usual(graph, look) if large else None
    key = tuple(marks(graph, look))
    caption, framed = caption_lines(graph, look) + signs(look), is_framed(graph)
    return Scene((), (), caption, large, usual=usual, key=key, framed=framed)


def is_framed(graph: Graph) -> bool:
    """Whether what belongs to a derivative stands in a frame."""
    return graph.order > 0 and len(graph.nodes) <= LARGE


def _usual(graph: Graph, look: Look) -> Usual | None:
    """Return how most Variables look: intermediate ones, with gradients like the output's."""
    model = next(iter(outputs_of(graph)), None)
    if model is None:
        return None
    return "box", variable_appearance(model._replace(role="intermediate", mark=""), "", look)


def variable_shape(
    node: VariableNode, look: Look, room: VariableNode, finer: Look | None = None
) -> Shape:
    """Make a Variable's box; its gradient is written as ``finer`` says, where that is given."""
    lines = variable_lines(node, look, finer)
    return _new(
        Shape,
        (
            node.id,
            "box",
            lines,
            [],
            bool(node.name and clean(node.name)) and look.says("name"),
            len(lines if room is node else variable_lines(room, look)),
            variable_appearance(node, "", look),
            reference(node),
            partial(variable_fact, node, look.lang),
            False,
            bad_lines(node, lines, look),
        ),
    )


class Copies:
    """The shapes of Variables that are drawn beside each use: all copies of one say the same."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[VariableNode, Shape]] = {}

    def shape(
        self, node: VariableNode, look: Look, room: VariableNode, finer: Look | None = None
    ) -> Shape:
        """Make a Variable's box, or take that of another copy, as `variable_shape` makes it."""
        of = node.copy_of
        if of is None or room is not node or finer is not None:
            return variable_shape(node, look, room, finer)
        if of in self._known:
            other, shape = self._known[of]
            same = other._replace(id=node.id, copy_of=of)
            if all(a is b for a, b in zip(same, node, strict=True)):
                return shape._replace(id=node.id)
        made = variable_shape(node, look, room)
        self._known[of] = node, made._replace(fact=cache(made.fact))
        return self._known[of][1]


def function_shape(node: FunctionNode, look: Look, graph: Graph, *, framed: bool = False) -> Shape:
    """Make a Function's circle, an octagon where something arose that is not finite.

    One that is not ``framed`` says which derivative it belongs to.
    """
    label, *notes = function_lines(node, look, graph, framed=framed)
    began = len(trouble_lines(node, graph, look.lang)) if graph.troubles else 0
    bad = [*range(1 + len(notes) - began, 1 + len(notes))]
    if node.parameters is not None:
        bad = [*not_finite(["", *notes[: len(notes) - began]]), *bad]
    return _new(
        Shape,
        (
            node.id,
            "octagon" if began else "circle" if len(label) <= CIRCLE else "ellipse",
            [label],
            notes,
            True,
            1,
            function_appearance(node, began > 0, look),
            label,
            partial(_function_fact, node, notes[len(notes) - began :], look.lang),
            label in ORDERED,
            tuple(bad),
        ),
    )


def _function_fact(node: FunctionNode, began: list[str], lang: str) -> str:
    return ", ".join([function_fact(node, lang), *began])


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
        more = (mark, operand, None, False, False)
        return _new(Arrow, (edge[:3], source, target, None, str, False, False, *more))
    label = edge_label(edge, look) if labelled else None
    which = bundle_label(edge, graph, look.lang)
    bundle = graph.folded.bundles.get(edge[:3]) if graph.folded else None
    later = bundle is not None and bundle.lag > 0
    if later and look.contributions == "auto":
        label = None  # the values' ranges tell as much, and several of these arrows stand close
    share, bad = bool(label), bool(label and not_finite([label]) and kind_of(contribution))
    label = ", ".join(text for text in (which, label) if text) or None
    fact = str if contribution is None else partial(edge_fact, edge, look)
    made = Arrow(
        edge[:3], source, target, label, fact, weak=later, back=later, mark=mark, operand=operand
    )
    return made._replace(share=share, bad=bad) if share else made


def ordered(graph: Graph) -> Collection[str]:
    """Return the ids of the Functions to which the order of their operands matters."""
    return {
        node.id
        for node in graph.nodes
        if isinstance(node, FunctionNode) and node.op.lower() not in COMMUTATIVE | KINDS
    }


def _shapes(graph: Graph, look: Look, room: Graph) -> Iterator[Shape]:
    framed, more, copies = is_framed(graph), finer(graph, look), Copies()
    for node, reserved in zip(graph.nodes, room.nodes, strict=True):
        if isinstance(node, FunctionNode):
            yield function_shape(node, look, graph, framed=framed)
        elif isinstance(reserved, VariableNode):
            yield copies.shape(node, look, reserved, more.get(node.id))


def _arrows(graph: Graph, look: Look) -> Iterator[Arrow]:
    labelled, functions = labelled_edges(graph, look), ordered(graph)
    stroke_of, more = strokes(graph, look), finer(graph, look)
    for edge in graph.edges:
        says = labelled is not None and labelled(edge)
        fine = more.get(edge[0], look)
        made = arrow(edge, edge[1], says, graph, fine, edge[1] in functions)
        stroke = stroke_of(edge)
        yield made if stroke is None else made._replace(stroke=stroke)


_new = tuple.__new__
"""Makes a shape or an arrow of all its fields in order, in half the time of a call."""
