"""Places, values and paths in the words of an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dzviz.diagnosis.flows import Flows
from dzviz.graph.model import FunctionNode, Value, VariableNode
from dzviz.graph.ranges import Range
from dzviz.options import ENGLISH, Look
from dzviz.text.labels import reference
from dzviz.text.languages import say
from dzviz.text.notes import line_of
from dzviz.text.numbers import number, value_text
from dzviz.text.phrases import both, clean, grouped

LONGEST = 32
"""A part of an expression is quoted with at most this many characters; else its op is named."""

STEPS = 12
"""For a longer path, only the first and last steps are given."""

OPERATOR = re.compile(r"(?:[-+*/@%<>=!]+(?: -?[\d.e+-]+)?|-?[\d.e+-]+ [-+*/@%]+)")
"""A label that is an operator, alone or with the number that is its other operand."""

LOOK = Look()


def what(flows: Flows, function: FunctionNode, *, alone: bool = True) -> str:
    """Name a Function: by what the user wrote of it where that is short, else by its op.

    One that is named ``alone``, not as one of several times, is written with its operands.
    """
    text = flows.graph.expression
    if function.span and text:
        part = " ".join(text[slice(*function.span)].split())
        if 0 < len(part) <= LONGEST:
            return clean(part)
    label = clean(function.label) or clean(function.op)
    within = clean(flows.within.get(function.id))
    text = (alone and _infix(flows, function, label)) or label
    return say(flows.lang, "{op} in {function}", op=text, function=within) if within else text


def _infix(flows: Flows, function: FunctionNode, label: str) -> str:
    """Write an operator between its operands where each is a name or a number: ``x * 2``."""
    if not OPERATOR.fullmatch(label):
        return ""
    nodes = [flows.variables[edge.source] for edge in flows.operands.get(function.id, ())]
    operands = [
        reference(n) if n.role == "constant" and not n.shape else clean(n.name) for n in nodes
    ]
    if not all(operands) or len(operands) != (1 if " " in label else 2):
        return ""
    parts = [operands[0], label, *operands[1:]]
    text = " ".join(parts if not label[0].isdigit() else reversed(parts))
    return text if len(text) <= LONGEST else ""


def where(flows: Flows, function: FunctionNode | None) -> str:
    """Say where a Function stands in the user's text or file: `` (model.py, line 3)``."""
    if function is None:
        return ""
    if function.source:
        return line_of(flows.lang, clean(function.source[0]), function.source[1], None)
    text = flows.graph.expression
    if function.span and text:
        before = text[: function.span[0]]
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        return line_of(flows.lang, None, line if "\n" in text.strip() else None, column)
    return ""


def noun(flows: Flows, node: VariableNode) -> str:
    """Name a value in a sentence, one without a name by what made it."""
    if clean(node.name):
        return clean(node.name)
    if node.role == "constant" and not node.shape:
        return reference(node)
    maker = flows.functions.get(flows.maker.get(node.id, ""))
    if maker is None:
        return reference(node)
    name = what(flows, maker)
    operands = flows.operands.get(maker.id, ())
    if name != clean(maker.label) or len(operands) != 1:
        own = name != clean(maker.label)
        return name if own else say(flows.lang, "the result of {op}", op=name)
    operand = clean(flows.variables[operands[0].source].name)
    text = "{op} of {operands}" if operand else "the result of {op}"
    return say(flows.lang, text, op=name, operands=operand)


def with_value(flows: Flows, node: VariableNode) -> str:
    """Name a value with what it is: ``x = -1``."""
    if node.role == "constant" and not node.shape and not clean(node.name):
        return say(flows.lang, "the constant {value}", value=reference(node))
    return f"{noun(flows, node)} = {short(node.data, flows.lang)}"


def short(value: Value, lang: str = ENGLISH) -> str:
    """Write a value in short: of many elements between which numbers they lie."""
    if isinstance(value, Range) or np.ndim(value) == 0 or np.size(value) <= LOOK.max_elements:
        return value_text(value, replace(LOOK, lang=lang))
    array = np.asarray(value)
    finite = array[np.isfinite(array)]
    size = say(lang, "{count} elements", count=grouped(array.size))
    if not finite.size:
        return f"({size}, {say(lang, 'none finite')})"
    low, high = number(finite.min()), number(finite.max())
    return (
        f"({size}, {say(lang, 'all {value}', value=low)})"
        if low == high
        else f"({size}, {low} .. {high})"
    )


def all_of(values: Sequence[str], lang: str = ENGLISH) -> str:
    """Write ``3``, ``3 and 4``, ``3, 4 and 5``."""
    *first, last = values
    return both(", ".join(first), last, lang) if first else last


def way_in_words(flows: Flows, way: Sequence[str], ends: str | None) -> str:
    """Write the way that a gradient took, or would have taken: ``x | relu <- * <- y``.

    It is read from right to left, as a gradient flows; ``|`` is where it ends.
    """
    steps: list[tuple[str, str]] = []
    for place, id in enumerate(way):
        stop = id == ends and id in flows.functions
        if id in flows.functions:
            steps.append((" | " if stop else " <- ", clean(flows.functions[id].label)))
        elif flows.variables[id].name or place in (0, len(way) - 1):
            steps.append((" <- ", reference(flows.variables[id])))
    if len(steps) > STEPS:
        half = STEPS // 2
        more = say(flows.lang, "{count} more", count=grouped(len(steps) - 2 * half))
        steps[half:-half] = [(" <- ", f"... {more} ...")]
    text = "".join(sep + step for sep, step in steps).removeprefix(" <- ")
    reached = way and (way[-1] in flows.outputs or ends in flows.functions)
    return text if reached else f"{text} |"
