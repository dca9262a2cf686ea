"""What the figures of the style ``book`` hold, in short, and how large that makes them."""

from __future__ import annotations

import re
from dataclasses import replace
from math import hypot

import numpy as np

from dzviz.graph.model import Edge, FunctionNode, Graph, Value, VariableNode
from dzviz.options import Look
from dzviz.records import NamedTuple
from dzviz.styles.backward import silent_of
from dzviz.svg import primitives as pen
from dzviz.text.labels import (
    dtype_word,
    function_lines,
    state_note,
    type_lines,
    was_lines,
)
from dzviz.text.notes import passes_note
from dzviz.text.numbers import summary, value_lines
from dzviz.text.phrases import clean
from dzviz.text.table import width

VALUE, LEAST_VALUE, NAME, TEXT, NOTE = 17.0, 13.0, 13.0, 12.0, 9.5
"""Sizes of values, of the longest of them, of names, of what flows, of what stands beside them."""

GLYPH = 0.58
"""The width of a character in font sizes; most are narrower."""

FITTING = 6
"""Values of so many characters have their full size; longer ones are smaller, in a wider circle."""

GAP = 3.0
"""Between the line that divides a circle and what stands next to it."""

FUNCTION = (84.0, 72.0)
BELOW = 3.0
"""Between a shape and what stands below it."""

TITLE, HALF = 22.0, 20.0
"""The size of a Function; the heights of its title and of each half."""

LONGEST = 13
"""An array in a slot has lines of up to so many characters, and at most two of them."""

LONGEST_NAME = 20
"""Names of more columns are broken."""

PART = re.compile(r".+?(?:_+|(?<!\.)\.(?=[^\W\d])|,? +|$)")
"""A part of a name, after which it may be broken."""


class Slot(NamedTuple):
    """What a Variable holds, data or a gradient, or that it holds none: what it is called, a value.

    Of one that is not ``filled`` a value is one that was there.
    """

    what: str
    filled: bool
    lines: list[str]

    @property
    def size(self) -> float:
        """The size of its value."""
        longest = max([FITTING, *map(width, self.lines)])
        return max(LEAST_VALUE, VALUE * FITTING / longest / max(1, len(self.lines)))

    @property
    def label_size(self) -> float:
        """The size of what it is called, which stands in the place of a value where none is."""
        return NOTE if self.lines else TEXT

    def rows(self) -> list[tuple[list[str], float, float]]:
        """Return blocks of lines from the middle outwards: the lines, their size, their height."""
        value = [(self.lines, self.size, len(self.lines) * self.size * pen.LINE)]
        label = [([self.what], self.label_size, self.label_size * pen.LINE)]
        return (value if self.lines else []) + label


def slots_of(node: VariableNode, look: Look) -> list[Slot]:
    """Return a Variable's slots, that of data before that of the gradient."""
    slots = []
    ahead = node.mark == "ahead"
    if look.only == "shapes":
        return [Slot("shape", not ahead, [] if ahead else [str(node.shape)])]
    if look.says("data") or (look.only == "backward" and node.role == "constant"):
        lines = [] if ahead else short(node.data, look)
        slots.append(Slot(f"data{dtype_word(node, look)}", not ahead, lines))
    if look.says("grad") and (node.grad_state != "constant" or node.grad_note):
        if node.grad is not None:
            slots.append(Slot("grad", True, short(node.grad, look)))
        elif node.grad_was is not None:
            slots.append(Slot("grad None", False, was_lines(short(node.grad_was, look), look.lang)))
        else:
            note = [f"({word})" for word in (state_note(node, look.lang),) if word and not ahead]
            slots.append(Slot("grad" if ahead else "grad None", False, note))
    return slots


def short(value: Value, look: Look) -> list[str]:
    """Write a value on at most two short lines: in full, or its shape and its range.

    Numbers of a range have two digits, or one where that is too long. Counts of elements that are
    not finite stand in its place: they tell more.
    """
    lines = value_lines(value, look)
    if len(lines) <= 2 and max(map(len, lines)) <= LONGEST:
        return lines
    if not np.ndim(value):
        return lines  # part of a number would be another number
    span = ""
    for digits in (2, 1):
        rough = replace(look, precision=min(digits, look.precision))
        facts = summary(value, rough, average=False).split(", ")
        counts = [fact for fact in facts if fact.endswith(("NaN", "inf"))]
        fits = [fact for fact in (", ".join(counts), *counts) if 0 < len(fact) <= LONGEST]
        span = fits[0] if fits else facts[0]
        if len(span) <= LONGEST:
            break
    return [str(value.shape), span]


def _broken(text: str) -> list[str]:
    """Break a long name into lines; nothing of it is left out."""
    lines: list[str] = []
    for part in [text] if width(text) <= LONGEST_NAME else PART.findall(text):
        if lines and width(lines[-1] + part.rstrip()) <= LONGEST_NAME:
            lines[-1] += part
        else:
            lines.append(part)
    return [line.strip() for line in lines]


def text_width(lines: list[str], size: float) -> float:
    """Return how wide the longest of these lines may be."""
    return max((width(line) for line in lines), default=0) * size * GLYPH


class Names(NamedTuple):
    """What stands below a node, or beside it where the picture runs down: its name, then notes."""

    name: list[str]
    notes: list[str]

    @property
    def size(self) -> tuple[float, float]:
        """The width and the height of it."""
        across = max(text_width(self.name, NAME * 1.1), text_width(self.notes, NOTE))
        return across, (NAME * len(self.name) + len(self.notes) * NOTE) * pen.LINE


def names_of(node: VariableNode | FunctionNode, graph: Graph, look: Look) -> Names:
    """Return what stands below a node; a Function's name stands in it."""
    if isinstance(node, FunctionNode):
        _, *notes = function_lines(node, look, graph)
        return Names([], [part for line in notes for part in _broken(line)])
    name = _broken(clean(node.name)) if node.name and look.says("name") else []
    seeded = node.seed is not None and look.says("seed")
    seed = [f"seed {short(node.seed, look)[0]}"] if seeded else []
    types = [] if node.mark == "ahead" or look.only == "shapes" else type_lines(node, look)
    note = [] if node.passes is None else [f"grad: {passes_note(node.passes, look.lang)}"]
    return Names(name, [*types, *(seed + note if look.says("grad") else [])])


def title_of(node: FunctionNode) -> list[str]:
    """Return the lines of what a Function's box is called."""
    return _broken(clean(node.label))


def title_height(node: FunctionNode) -> float:
    """Return how high the title of a Function is."""
    return TITLE + (len(title_of(node)) - 1) * NAME * pen.LINE


def flow_text(edge: Edge, look: Look) -> str:
    """Return what flows back along an operand's edge; what flows forward its circle says."""
    if edge.contribution is None or look.contributions == "none" or not look.says("grad"):
        return ""
    first, *rest = short(edge.contribution, look)
    return ", ".join(rest if rest and first.startswith("(") else [first, *rest])


class Sizes:
    """How large things are, so that all circles of a picture are the same size.

    ``silent`` are the edges along which nothing flows back.
    """

    def __init__(self, graph: Graph, look: Look) -> None:
        radii = [LEAST_RADIUS]
        for node in graph.nodes:
            if isinstance(node, VariableNode):
                for state in (node, node.before_backward(), _kept(node)):
                    radii.append(_radius(slots_of(state, look)))
        self.radius = max(radii)
        self.silent = silent_of(graph)

    def shape(self, node: VariableNode | FunctionNode) -> tuple[float, float]:
        """Return the width and height of a circle or box."""
        if isinstance(node, VariableNode):
            return 2 * self.radius, 2 * self.radius
        wide, high = FUNCTION
        wide = max(wide, text_width(title_of(node), NAME * 1.1) + 12)
        return wide, high - TITLE + title_height(node)

    def block(
        self, node: VariableNode | FunctionNode, graph: Graph, look: Look
    ) -> tuple[float, float]:
        """Return the same with room for the name, on both sides so that the shape is centred."""
        wide, high = self.shape(node)
        across, down = names_of(node, graph, look).size
        if look.rank_dir == "TB":  # beside it, where no arrow leaves
            return wide + 2 * across + 16, high
        return max(wide, across + 8), high + 2 * down + 8


LEAST_RADIUS = 30.0


def _kept(node: VariableNode) -> VariableNode:
    """Return it with its gradient kept, which then is written larger."""
    return node if node.grad_was is None else node._replace(grad=node.grad_was, grad_was=None)


def begin_of(slot: Slot, slots: list[Slot], radius: float = 0.0) -> float:
    """Return how far from a circle's middle a slot's first row begins: one alone is centred."""
    high = sum(high for _, _, high in slot.rows())
    if len(slots) < 2:
        return -high / 2
    return GAP if slot.lines else max(GAP, (0.8 * radius - high) / 2)


def _radius(slots: list[Slot]) -> float:
    """Return the radius of a circle around all corners of its lines."""
    corners = [0.0]
    for slot in slots:
        y = begin_of(slot, slots)
        for lines, size, high in slot.rows():
            across = text_width(lines, size) / 2
            corners += [hypot(across, y), hypot(across, y + high)]
            y += high
    return max(corners) + 2
