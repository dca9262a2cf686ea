"""The names of the nodes of a graph in the user's words, and how each was computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from dzviz.graph.model import Edge, FunctionNode, Node, Value
from dzviz.graph.ranges import Range
from dzviz.options import Look
from dzviz.text.expressions import applied
from dzviz.text.labels import reference
from dzviz.text.numbers import value_text
from dzviz.text.phrases import clean

LONGEST = 40
"""A longer text is no name."""

SMALL = Look().max_elements
"""A constant of up to so many elements is called by them."""


def names_of(nodes: Iterable[Node], edges: Iterable[Edge]) -> tuple[dict[str, str], dict[str, str]]:
    """Name every node in words of the user's: a Variable without a name by how it was computed.

    Of several results of one Function, how they were computed is the same: these keep their ids.
    Returns these names by id, and how each Variable that a Function made was computed.
    """
    operands: dict[str, list[str]] = {}
    makers: dict[str, str] = {}
    for edge in edges:
        if edge.arg is None:
            makers[edge.target] = edge.source
        else:
            operands.setdefault(edge.target, []).append(edge.source)
    results = Counter(makers.values())
    names: dict[str, str] = {}
    made: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, FunctionNode):
            names[node.id] = clean(node.label)
            continue
        names[node.id] = reference(node)
        if node.role == "constant" and not clean(node.name) and _is_small(node.data):
            names[node.id] = value_text(node.data, Look())
        maker = makers.get(node.id)
        if maker is None:
            continue
        if not all(id in names for id in operands.get(maker, ["?"])):
            continue  # it stands in a part of a graph, its operands do not
        text = applied(names[maker], [names[id] for id in operands[maker]])
        made[node.id] = text
        if not clean(node.name) and len(text) <= LONGEST and results[maker] == 1:
            names[node.id] = text
    return names, made


def _is_small(value: Value) -> bool:
    return not isinstance(value, Range) and np.size(value) <= SMALL
