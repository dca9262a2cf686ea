"""The lines of DOT for the steps of a large graph, by stencils.

Steps of a kind differ in their numbers alone. For each kind the lines are written as for any
picture, of nodes with numbers that occur nowhere else; cut at these they are the stencil for all
others. So no word is known here, and a step costs a fifth.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from numpy import float64

from dzviz.formats import dot
from dzviz.graph import Edge, FunctionNode, Graph, VariableNode
from dzviz.look import Look
from dzviz.steps import Edges, Kind, Nodes, Row, Step, function_of, operand_edges, variable_of
from dzviz.styles.boxes import arrow, function_shape, variable_shape
from dzviz.words import labelled_edges, number, numbers

FUNCTION, GENERATION, VARIABLE = "\0f", 987654321, "\0v"
DATA, GRAD = float64(2e300), float64(3e300)
"""What the nodes have that a stencil is cut from."""

CHUNK = 250
"""So many steps have their numbers put into words at once."""


def serve(graph: Graph, look: Look) -> bool:
    """Whether stencils write what the style of ``look`` draws of this graph."""
    nodes, edges = graph.nodes, graph.edges
    steps = isinstance(nodes, Nodes) and isinstance(edges, Edges) and nodes.rows is edges.rows
    return steps and look.style == "boxes"


def nodes(graph: Graph, look: Look) -> Iterator[str]:
    """Write the nodes, those of a step at a time."""
    origin = int(graph.trouble.function[1:]) if graph.trouble else None
    stencils: dict[int, Sequence[str]] = {}
    rows = _rows(graph)
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        steps = [row for row in part if type(row) is Step]
        values = iter(numbers([step.data for step in steps], look.precision))
        told = [step.grad for step in steps if step.grad is not None]
        grads = iter(numbers(told, look.precision))
        for row in part:
            if type(row) is Step:
                kind, variable, function, generation, _, grad, _, _ = row
                stencil = stencils.get(id(kind))
                if stencil is None:
                    stencil = stencils[id(kind)] = _stencil(kind, graph, look)
                data = next(values)
                gradient = "" if grad is None else next(grads)
                if not stencil or function == origin or gradient == "0":
                    if kind.function is not None:
                        yield dot.node(function_shape(function_of(row), look, graph))
                    node = variable_of(row)
                    yield dot.node(variable_shape(node, look, node))
                elif kind.function is None:
                    a, b, c, d = stencil
                    yield f"{a}{variable}{b}{data}{c}{gradient}{d}"
                else:
                    a, b, c, d, e, f = stencil
                    a = f"{a}{function}{b}{generation - 1}{c}"
                    yield f"{a}{variable}{d}{data}{e}{gradient}{f}"
            elif isinstance(row, FunctionNode):
                yield dot.node(function_shape(row, look, graph))
            elif isinstance(row, VariableNode):
                yield dot.node(variable_shape(row, look, row))


def edges(graph: Graph, look: Look) -> Iterator[str]:
    """Write the edges, those of a step at a time; most have nothing but their ends."""
    labelled = labelled_edges(graph, look)
    for row in _rows(graph):
        if type(row) is Step:
            kind, v, f, _, _, _, operands, contributions = row
            if kind.function is None:
                continue
            if labelled is not None:
                for edge in operand_edges(f"f{f}", operands, contributions):
                    yield _edge(edge, labelled, graph, look)
            elif len(operands) == 2:
                a, b = operands
                yield f"  v{a} -> f{f};\n  v{b} -> f{f};\n"
            else:
                for x in operands:
                    yield f"  v{x} -> f{f};\n"
            yield f"  f{f} -> v{v};\n"
        elif isinstance(row, Edge):
            yield _edge(row, labelled, graph, look)


def _rows(graph: Graph) -> Sequence[Row]:
    assert isinstance(graph.nodes, Nodes)
    return graph.nodes.rows


def _edge(edge: Edge, labelled: Callable[[Edge], bool] | None, graph: Graph, look: Look) -> str:
    if labelled is not None and labelled(edge):
        return dot.edge(arrow(edge, edge.target, True, graph, look))
    return f"  {edge.source} -> {edge.target};\n"


def _stencil(kind: Kind, graph: Graph, look: Look) -> Sequence[str]:
    """Cut the lines of a kind at their holes; nothing where not all are there in this order.

    What a released gradient was is written the ordinary way: a long one has a line of its own.
    """
    model, function = kind
    if model.grad_was is not None:
        return ()
    grad = None if model.grad is None else GRAD
    variable = model._replace(id=VARIABLE, data=DATA, grad=grad)
    text = dot.node(variable_shape(variable, look, variable))
    holes = [VARIABLE, number(DATA, look.precision)]
    if grad is not None:
        holes.append(number(GRAD, look.precision))
    if function is not None:
        shape = function._replace(id=FUNCTION, generation=GENERATION)
        text = dot.node(function_shape(shape, look, graph)) + text
        holes = [FUNCTION, str(GENERATION), *holes]
    pieces = re.split(f"({'|'.join(map(re.escape, holes))})", text)
    if pieces[1::2] != holes:
        return ()
    letters = {FUNCTION: "f", VARIABLE: "v"}
    stencil = [
        f"{piece}{letters.get(hole, '')}"
        for piece, hole in zip(pieces[::2], [*holes, ""], strict=True)
    ]
    return stencil if grad is not None else [*stencil, ""]
