"""What the figures of the style ``book`` hold, in short, and how large that makes them."""

from __future__ import annotations

from dataclasses import replace
from math import hypot

import numpy as np

from dzviz.graph.model import Edge, FunctionNode, Graph, Value, VariableNode
from dzviz.options import Look
from dzviz.svg import primitives as pen
from dzviz.text.labels import (
    dtype_word,
    function_lines,
    gradient_of,
    passes_note,
    state_note,
    type_lines,
    was_lines,
)
from dzviz.text.numbers import summary, value_lines
from dzviz.text.phrases import clean
from dzviz.text.table import width

NAME, TEXT, NOTE = 12.0, 10.0, 9.0
"""Sizes of names, of values, of what stands beside them."""

GLYPH = 0.58
"""The width of a character in font sizes; most are narrower."""

SLOT = 18.0
RISE = 5.0
VALUE = SLOT / 2 + 2 - RISE
HALF = (72.0, 24.0)
FUNCTION = (88.0, 68.0)
"""Sizes of a Variable's slot, of a Function's half and of a whole Function.

A slot stands by RISE above its circle's middle; its value begins VALUE below that.
"""

LONGEST = 13
"""An array in a slot has lines of up to so many characters, and at most two of them."""

LONGEST_NAME = 20


def slots_of(node: VariableNode, look: Look) -> list[tuple[str, bool, list[str]]]:
    """Return a Variable's slots: what each is called, whether it is filled, its value."""
    slots = []
    if look.says("data"):
        first, *rest = short(node.data, look)
        lines = [f"{first}{dtype_word(node, look)}", *rest]
        ahead = node.mark == "ahead"
        slots.append(("data", not ahead, [] if ahead else lines))
    if look.says("grad") and (node.grad_state != "constant" or node.grad_note):
        if node.grad is not None:
            slots.append(("grad", True, short(node.grad, look)))
        else:
            was = [] if node.grad_was is None else was_lines(short(node.grad_was, look)[:1])
            if (note := state_note(node)) and not was:
                was = [f"({note})"]
            slots.append(("grad", False, [] if node.mark == "ahead" else ["None", *was]))
    return slots


def short(value: Value, look: Look) -> list[str]:
    """Write a value on at most two short lines: in full, or its shape and what fits of the rest."""
    lines = value_lines(value, look)
    if len(lines) <= 2 and max(map(len, lines)) <= LONGEST:
        return lines
    if not np.ndim(value):
        return lines  # part of a number would be another number
    rough = replace(look, precision=min(2, look.precision))
    facts = summary(value, rough).split(", ") if value.size else ["empty"]
    counts = [fact for fact in facts if fact.endswith(("NaN", "inf"))]  # more telling than a range
    fits = [fact for fact in (", ".join(counts), *counts, *facts) if 0 < len(fact) <= LONGEST]
    return [str(value.shape), *fits[:1]]


def _cut(text: str, longest: int) -> str:
    """Cut a text to so many columns."""
    if width(text) <= longest:
        return text
    while text and width(text) > longest - 3:
        text = text[:-1]
    return f"{text}..."


def text_width(lines: list[str], size: float) -> float:
    """Return how wide the longest of these lines may be."""
    return max((width(line) for line in lines), default=0) * size * GLYPH


def names_of(node: VariableNode | FunctionNode, graph: Graph, look: Look) -> list[str]:
    """Return what stands below a node: its name, then what is said more quietly."""
    if isinstance(node, FunctionNode):
        return [_cut(line, LONGEST_NAME) for line in function_lines(node, look, graph)]
    name = _cut(clean(node.name), LONGEST_NAME) if look.says("name") else ""
    seed = [] if node.seed is None else [f"seed {short(node.seed, look)[0]}"]
    types = [] if node.mark == "ahead" else type_lines(node, look)
    note = [] if node.passes is None else [f"grad: {passes_note(node.passes)}"]
    return [name, *types, *(seed + note if look.says("grad") else [])]


def names_size(names: list[str]) -> tuple[float, float]:
    """Return the width and height of what `_names` found."""
    across = max(text_width(names[:1], NAME * 1.1), text_width(names[1:], NOTE))
    return across, (NAME + (len(names) - 1) * NOTE) * pen.LINE


def flow_text(edge: Edge, variables: dict[str, VariableNode], look: Look, back: bool) -> str:
    """Return what flows along an edge: a value, on the way back a gradient."""
    node = variables[edge.target if edge.arg is None else edge.source]
    if not back:
        known = look.says("data") and node.mark != "ahead"
        return short(node.data, look)[0] if known else ""
    gradient = gradient_of(node) if edge.arg is None else edge.contribution
    if gradient is None or look.contributions == "none" or not look.says("grad"):
        return ""
    return short(gradient, look)[0]


class Sizes:
    """How large things are, so that all circles of a picture are the same size."""

    def __init__(self, graph: Graph, look: Look) -> None:
        values = []
        for node in graph.nodes:
            if isinstance(node, VariableNode):
                values += slots_of(node, look)
                values += slots_of(node._replace(grad=node.grad_was, grad_was=None), look)
        self.column = max([30.0, *(text_width(lines, TEXT) + 5 for _, _, lines in values)])
        """How far apart the middles of two slots are."""
        corners = [  # of each line of a value: the circle goes around them
            (self.column / 2 + text_width([line], TEXT) / 2, VALUE + (row + 1) * TEXT * pen.LINE)
            for _, _, lines in values
            for row, line in enumerate(lines)
        ]
        self.radius = max([42.0, *(hypot(x, y) + 3 for x, y in corners)])

    def shape(self, node: VariableNode | FunctionNode) -> tuple[float, float]:
        """Return the width and height of a circle or box."""
        return FUNCTION if isinstance(node, FunctionNode) else (2 * self.radius, 2 * self.radius)

    def block(
        self, node: VariableNode | FunctionNode, graph: Graph, look: Look
    ) -> tuple[float, float]:
        """Return the same with room for the name, on both sides so that the shape is centred."""
        wide, high = self.shape(node)
        across, down = names_size(names_of(node, graph, look))
        if look.rank_dir == "TB":  # beside it, where no arrow leaves
            return wide + 2 * across + 16, high
        return max(wide, across + 8), high + 2 * down + 8
