"""From facts to words: numbers, arrays, labels, captions, descriptions, for people.

The same words stand in every format. It knows no format and no colour; escaping is a format's own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dzviz.graph import Edge, FunctionNode, Graph, Value, VariableNode
from dzviz.look import Look

MAX_NAME = 200
"""Longer names are cut: dot refuses strings past 16 KB, and a reader gives up long before."""

MAX_DESCRIBED = 40
"""A description tells each step of graphs with at most so many Functions."""


def number(value: Any, precision: int = 4) -> str:
    """Write a number for people.

    An exact value is as short as it can be (``1``, ``0.5``, ``10000``), a rounded one keeps its
    zeros (``1.000`` for 1.00001). From 1e-4 up to 1e6 digits stand in their places; nothing that
    is not zero is written ``0``.
    """
    if isinstance(value, bool | np.bool_ | int | np.integer):
        return str(value)
    x = float(value) if isinstance(value, float) else float(str(value))  # float32(0.1) is 0.1
    if not math.isfinite(x):
        return "NaN" if math.isnan(x) else "inf" if x > 0 else "-inf"
    if x == 0:
        return "0"
    text = f"{x:.{precision}g}"
    exact = float(text) == x
    if "e" not in text:
        return text if exact else f"{x:#.{precision}g}".rstrip(".")
    if 1e-4 <= abs(x) < 1e6:
        return f"{x:.0f}" if abs(x) >= 1 else f"{x:.{precision + 3}f}".rstrip("0")
    mantissa, _, exponent = (text if exact else f"{x:#.{precision}g}").partition("e")
    return f"{mantissa.rstrip('.')}e{int(exponent)}"


def value_lines(value: Value, look: Look) -> list[str]:
    """Write a number, or an array: small ones in full, in rows; large ones by what they span."""
    if not np.ndim(value):
        return [number(value, look.precision)]
    if value.size > look.max_elements or value.size == 0:
        return [str(value.shape), *([summary(value, look)] if value.size else ["empty"])]
    rows = [_row(row, look) for row in value.reshape(-1, value.shape[-1])]
    return rows if value.ndim == 1 else [str(value.shape), *rows]


def summary(value: Value, look: Look) -> str:
    """Write the range and mean of an array's finite elements, and count the others."""
    counts = []
    for word, found in (
        ("NaN", np.isnan(value)),
        ("inf", np.isposinf(value)),
        ("-inf", np.isneginf(value)),
    ):
        if count := int(np.count_nonzero(found)):
            counts.append(f"{count} {word}")
    finite = value[np.isfinite(value)]
    if finite.size:
        with np.errstate(all="ignore"):
            low, high, mean = (number(f(finite), look.precision) for f in (np.min, np.max, np.mean))
        span = low if low == high else f"{low} .. {high}, mean {mean}"
        counts.insert(0, f"all {span}" if low == high and not counts else span)
    return ", ".join(counts)


def variable_lines(node: VariableNode, look: Look) -> list[str]:
    """Say of a Variable, in few lines, its name, data, seed and gradient."""
    lines = [name] if (name := clean(node.name)) else []
    word = "constant" if node.grad_state == "constant" and node.role == "constant" else "data"
    first, *rest = value_lines(node.data, look)
    suffix = "" if node.dtype in ("float64", "bool") else f" {node.dtype}"
    lines += [f"{word} {first}{suffix}", *rest]
    if node.seed is not None:
        first, *rest = value_lines(node.seed, look)
        lines += [f"seed {first}", *rest]
    return lines + grad_lines(node, look)


def grad_lines(node: VariableNode, look: Look) -> list[str]:
    """Say in which state the gradient is, as Python would print it."""
    if node.grad is not None:
        first, *rest = value_lines(node.grad, look)
        return [f"grad {first}", *rest]
    if node.grad_state == "constant":
        return []
    if node.grad_was is None:
        return ["grad None"] if node.grad_state == "none" else ["grad None (released)"]
    was = f"(was {', '.join(value_lines(node.grad_was, look))})"
    return [f"grad None {was}"] if len(was) <= 7 else ["grad None", was]


def exact_lines(node: VariableNode) -> list[str]:
    """Say all of a Variable at full precision, but for its name."""
    lines = variable_lines(node._replace(name=None), Look(precision=17, max_elements=64))
    return [f"{node.role}, generation {node.generation}", *lines]


def function_lines(node: FunctionNode) -> list[str]:
    """Say what the user wrote for a Function, and its generation."""
    return [clean(node.label), f"gen {node.generation}"]


def edge_label(edge: Edge, look: Look) -> str:
    """Say what flowed back along an edge."""
    return f"grad {', '.join(value_lines(edge.contribution, look))}"


def labelled_edges(graph: Graph) -> set[tuple[str, str, int]]:
    """Find the edges whose contribution tells what the node does not: those of shared Variables."""
    uses: dict[str, int] = {}
    for edge in graph.edges:
        if edge.contribution is not None:
            uses[edge.source] = uses.get(edge.source, 0) + 1
    return {
        (edge.source, edge.target, edge.key)
        for edge in graph.edges
        if edge.contribution is not None and uses[edge.source] > 1
    }


def caption_lines(graph: Graph) -> list[str]:
    """Say what is drawn, and of what the gradients are."""
    lines = []
    if graph.title:
        lines += _wrap(clean(graph.title, 10_000), 100)
    if any(
        isinstance(node, VariableNode) and node.grad_state in ("leaf", "retained", "released")
        for node in graph.nodes
    ):
        lines.append(f"grad = {derivative_of(graph)}")
    return lines


def derivative_of(graph: Graph) -> str:
    """Say of what with respect to what a gradient is: ``dy/d(node)``."""
    outputs = [
        node for node in graph.nodes if isinstance(node, VariableNode) and node.id in graph.outputs
    ]
    names = [reference(node) for node in outputs]
    if len(names) == 1 and not outputs[0].shape:
        return f"d{names[0]}/d(node)" if len(names[0]) == 1 else f"d({names[0]})/d(node)"
    terms = [
        f"sum of {name}" if node.shape else name for name, node in zip(names, outputs, strict=True)
    ]
    return f"d({' + '.join(terms)})/d(node)"


def description(graph: Graph, look: Look) -> str:
    """Describe the whole picture in sentences, for who cannot see it."""
    variables = [node for node in graph.nodes if isinstance(node, VariableNode)]
    functions = [node for node in graph.nodes if isinstance(node, FunctionNode)]
    names = {node.id: reference(node) for node in variables}
    what = f" of {clean(graph.title)}" if graph.title else ""
    sentences = [
        f"Computational graph{what}: {plural(len(variables), 'variable')}, "
        f"{plural(len(functions), 'function')}."
    ]
    if caption := [line for line in caption_lines(graph) if line.startswith("grad =")]:
        sentences.append(f"The gradients are {caption[0].removeprefix('grad = ')}.")
    told = variables
    if len(functions) > MAX_DESCRIBED:
        told = [node for node in variables if node.role in ("input", "output")][:MAX_DESCRIBED]
    origins = origin_texts(graph)
    for node in told:
        facts = ", ".join(variable_lines(node, look)[1 if clean(node.name) else 0 :])
        sentences.append(f"{names[node.id]}, {origins[node.id]}: {facts}.")
    return " ".join(sentences)


def origin_texts(graph: Graph) -> dict[str, str]:
    """Say of each Variable where it comes from: ``input``, ``sin of x``."""
    names = {node.id: reference(node) for node in graph.nodes if isinstance(node, VariableNode)}
    labels = {node.id: node.label for node in graph.nodes if isinstance(node, FunctionNode)}
    operands: dict[str, list[str]] = {}
    texts = {
        node.id: "constant" if node.grad_state == "constant" else "input"
        for node in graph.nodes
        if isinstance(node, VariableNode)
    }
    for edge in graph.edges:
        if edge.arg is not None:
            operands.setdefault(edge.target, []).append(names[edge.source])
        else:
            texts[edge.target] = _applied(clean(labels[edge.source]), operands[edge.source])
    return texts


def reference(node: VariableNode) -> str:
    """Name a Variable in a sentence: by its name, a constant by its number, else by its id."""
    if name := clean(node.name):
        return name
    return number(node.data) if node.role == "constant" and not node.shape else node.id


def clean(text: str | None, length: int = MAX_NAME) -> str:
    """Make text harmless on one line: no control characters, no lone surrogates, not too long."""
    if not text:
        return ""
    if len(text) > length:
        text = f"{text[: length - 3]}..."
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in text)


def plural(count: int, word: str) -> str:
    """Write ``1 node``, ``2 nodes``."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def _row(row: Value, look: Look) -> str:
    return f"[{', '.join(number(element, look.precision) for element in row)}]"


def _applied(label: str, operands: Sequence[str]) -> str:
    """Write an op on its operands: ``a * b``, ``x ** 3``, ``sin of x``."""
    if len(operands) == 2 and not label[0].isalpha():
        return f"{operands[0]} {label} {operands[1]}"
    if label.startswith(("**", "[")):
        return f"{operands[0]}{' ' if label[0] == '*' else ''}{label}"
    if label == "-":
        return f"-{operands[0]}"
    return f"{label} of {', '.join(operands)}"


def _wrap(text: str, width: int) -> list[str]:
    """Break a long text at spaces where that can be done."""
    lines = []
    while len(text) > width:
        cut = text.rfind(" ", width // 2, width)
        cut = width if cut < 0 else cut + 1
        lines.append(text[:cut].rstrip())
        text = text[cut:]
    return [*lines, text]


def not_finite(graph: Graph) -> str:
    """Say which value or gradient is NaN or infinite; an empty text where all are finite."""
    for word, get in (("", lambda n: n.data), ("the gradient of ", _gradient)):
        for node in graph.nodes:
            if isinstance(node, VariableNode):
                value = get(node)
                if value is not None and not np.all(np.isfinite(value)):
                    what = number(value) if not np.ndim(value) else "not finite everywhere"
                    return f"{word}{clean(node.name) or node.id} is {what}"
    return ""


def _gradient(node: VariableNode) -> Value | None:
    return node.grad if node.grad is not None else node.grad_was
