"""Each Variable of a graph as the cells of a line: what tables of all formats show."""

from __future__ import annotations

from collections.abc import Iterator

from dzviz.graph.model import FunctionNode, Graph, Parameters, VariableNode
from dzviz.options import Look
from dzviz.text.descriptions import origin_texts
from dzviz.text.labels import (
    dtype_word,
    grad_lines,
    is_seed,
    parameter_grads,
    reference,
    says_node,
)
from dzviz.text.languages import say
from dzviz.text.numbers import span, value_lines
from dzviz.text.phrases import clean, on_one_line

HEADINGS = ("name", "from", "shape", "dtype", "data", "grad")
"""The columns; shape and dtype stand with the data, and have columns where these are hidden."""


class Table:
    """The cells of each Variable's line, below those of the headings; made again each time."""

    def __init__(self, graph: Graph, look: Look) -> None:
        self.graph, self.look = graph, look

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        look = self.look
        columns = [i for i, word in enumerate(HEADINGS) if word == "from" or _has(look, word)]
        yield tuple(say(look.lang, HEADINGS[i]) for i in columns)
        origins = origin_texts(self.graph, look.lang)
        for node in self.graph.nodes:
            if isinstance(node, VariableNode) and says_node(node, look):
                first, *rest = value_lines(node.data, look)
                data = ", ".join([f"{first}{dtype_word(node, look)}", *rest])
                made = reference(node), origins[node.id]
                row = (*made, str(node.shape), node.dtype, data, _grad(node, look))
                yield tuple(row[i] for i in columns)
            elif isinstance(node, FunctionNode) and node.parameters is not None:
                yield tuple(_parameters(node, node.parameters, look)[i] for i in columns)


def _parameters(node: FunctionNode, parameters: Parameters, look: Look) -> tuple[str, ...]:
    """Write the cells of the parameters of a folded module."""
    data = span(parameters.data, look.precision, look.lang)
    grad = on_one_line(parameter_grads(parameters, look), look.lang).removeprefix("grad ")
    name, where = (
        say(look.lang, "parameters"),
        say(look.lang, "in {place}", place=clean(node.label)),
    )
    return name, where, "", "", data, grad


def _has(look: Look, word: str) -> bool:
    if word in ("shape", "dtype"):
        return word in look.show and look.says(word) and not look.says("data")
    return look.says(word)


def _grad(node: VariableNode, look: Look) -> str:
    words = on_one_line(grad_lines(node, look), look.lang).removeprefix("grad ")
    words = words or say(look.lang, "constant")
    if node.seed is None or is_seed(node) or not look.says("seed"):
        return words
    return f"{words}, seed {', '.join(value_lines(node.seed, look))}"
