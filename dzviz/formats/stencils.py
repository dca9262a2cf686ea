"""The lines of DOT for the nodes and edges of a large graph, by stencils.

Nearly all nodes of a large graph are scalars and ops that differ in their numbers alone. For each
such kind one line is written as for any picture, of a node with numbers that occur nowhere else;
cut at these it is the stencil for all others. So no word is known here, and a node costs a third.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite
from typing import Any

from numpy import float64

from dzviz.formats import dot
from dzviz.graph import FunctionNode, Graph, VariableNode
from dzviz.look import Look
from dzviz.styles.boxes import arrow, function_shape, variable_shape
from dzviz.words import labelled_edges, number

ID = "_"
DATA, GRAD = float64(2e300), float64(3e300)
GENERATION = 987654321
"""What the node has that a stencil is cut from."""

Stencil = list[str] | None
"""What stands before, between and after the holes; None if not all holes are there."""


def serve(graph: Graph, look: Look) -> bool:
    """Whether stencils write what the style of ``look`` draws of this graph."""
    return look.style == "boxes" and graph.folded is None and graph.part is None


def nodes(graph: Graph, look: Look) -> Iterator[str]:
    """Write the nodes, a line each."""
    precision = look.precision
    origin = graph.trouble and graph.trouble.function
    stencils: dict[Any, Stencil] = {}
    for node in graph.nodes:
        if isinstance(node, FunctionNode):
            id, _, label, generation, order, _, _, from_, mark = node
            kind: Any = label, order, from_, mark
            try:
                stencil = stencils[kind]
            except KeyError:
                stencil = stencils[kind] = _function(node, graph, look)
            if stencil and id != origin:
                yield f"  {id}{stencil[0]}{generation}{stencil[1]}"
            else:
                yield dot.node(function_shape(node, look, graph))
            continue
        id, name, role, _, dtype, data, grad, state, was, seed, _, _, _, _, _, mark = node
        if (
            type(data) is float64
            and isfinite(data)
            and not name
            and was is None
            and seed is None
            and (grad is None or (type(grad) is float64 and isfinite(grad) and grad))
        ):
            kind = role, dtype, state, grad is None, mark
            try:
                stencil = stencils[kind]
            except KeyError:
                stencil = stencils[kind] = _variable(node, look)
            if stencil:
                if grad is None:
                    yield f"  {id}{stencil[0]}{number(data, precision)}{stencil[1]}"
                else:
                    first, second = number(data, precision), number(grad, precision)
                    yield f"  {id}{stencil[0]}{first}{stencil[1]}{second}{stencil[2]}"
                continue
        yield dot.node(variable_shape(node, look, node))


def edges(graph: Graph, look: Look) -> Iterator[str]:
    """Write the edges, a line each; without a label there is nothing but their ends."""
    labelled = labelled_edges(graph, look)
    for edge in graph.edges:
        if labelled and edge[:3] in labelled:
            yield dot.edge(arrow(edge, edge.target, True, graph, look))
        else:
            yield f"  {edge[0]} -> {edge[1]};\n"


def _function(node: FunctionNode, graph: Graph, look: Look) -> Stencil:
    model = node._replace(id=ID, generation=GENERATION)
    return _cut(dot.node(function_shape(model, look, graph)), str(GENERATION))


def _variable(node: VariableNode, look: Look) -> Stencil:
    model = node._replace(id=ID, data=DATA, grad=None if node.grad is None else GRAD)
    holes = [model.data] if model.grad is None else [model.data, model.grad]
    line = dot.node(variable_shape(model, look, model))
    return _cut(line, *[number(value, look.precision) for value in holes])


def _cut(line: str, *holes: str) -> Stencil:
    pieces = re.split("|".join(map(re.escape, holes)), line.removeprefix(f"  {ID}"))
    return pieces if len(pieces) == len(holes) + 1 else None
