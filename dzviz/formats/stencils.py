"""The lines of DOT for the steps of a large graph, by stencils.

Steps of a kind differ in their numbers alone. For each kind the lines are written as for any
picture, of nodes with numbers that occur nowhere else; cut at these they are the stencil for all
others. So no word is known here, and NumPy fills in the numbers of thousands at once: a tenth of
the time of a loop of f-strings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy import float64
from numpy.typing import NDArray

from dzviz.digits import Characters, integers, joined, numbers
from dzviz.formats import dot
from dzviz.graph import Edge, FunctionNode, Graph
from dzviz.look import Appearance, Look
from dzviz.steps import OTHER, Edges, Kind, Nodes, Rows
from dzviz.styles.boxes import arrow, function_shape, variable_shape
from dzviz.words import labelled_edges, number

CHUNK = 4096
"""So many rows are written at once."""


FUNCTION, GENERATION, VARIABLE = "\0f", 987654321, "\0v"
DATA, GRAD = float64(2e20), float64(3e20)
"""What the nodes have that a stencil is cut from."""


Usual = tuple[str, Appearance] | None


class Stencil(NamedTuple):
    """Text with holes for numbers, in the order of columns: ``pieces`` before, between and after.

    ``filled`` tells for each column whether there is a hole for it.
    """

    pieces: Sequence[bytes]
    filled: Sequence[bool]


EDGES = (
    Stencil([b""] * 7, [False] * 6),
    Stencil(
        [b"  v", b" -> f", b"", b"", b";\n  f", b" -> v", b";\n"],
        [True, True, False, False, True, True],
    ),
    Stencil([b"  v", b" -> f", b";\n  v", b" -> f", b";\n  f", b" -> v", b";\n"], [True] * 6),
)
"""The lines of a leaf, of a step with one operand and with two, whose edges have only ends."""


def serve(graph: Graph, look: Look) -> bool:
    """Whether stencils write what the style of ``look`` draws of this graph."""
    nodes, edges = graph.nodes, graph.edges
    steps = isinstance(nodes, Nodes) and isinstance(edges, Edges) and nodes.rows is edges.rows
    return steps and look.style == "boxes"


def nodes(graph: Graph, look: Look, usual: Usual = None) -> Iterator[str]:
    """Write the nodes, those of some thousand rows at a time; of what is ``usual`` only labels."""
    rows = _rows(graph)
    origin = int(graph.trouble.function[1:]) if graph.trouble else OTHER
    stencils: dict[int, Stencil | None] = {2 * OTHER: None, 2 * OTHER + 1: None}

    def one(row: int) -> Iterator[str]:
        for node in rows.nodes(row, row + 1):
            if isinstance(node, FunctionNode):
                yield dot.node(function_shape(node, look, graph), usual)
            else:
                yield dot.node(variable_shape(node, look, node), usual)

    for start in range(0, len(rows.kind), CHUNK):
        part = slice(start, start + CHUNK)
        function, grad = rows.function[part], rows.grad[part]
        used, which = np.unique(2 * rows.kind[part] + (grad == 0), return_inverse=True)
        for i in used.tolist():  # a gradient of zero looks different
            if i not in stencils:
                stencils[i] = _stencil(rows.kinds[i // 2], bool(i % 2), graph, look, usual)
        chosen = [stencils[i] for i in used.tolist()]
        variable = np.arange(start, start + len(grad))
        columns = [
            *integers(function, rows.generation[part] - 1, variable),
            *numbers(look.precision, rows.data[part], grad),
        ]
        alone = np.array([stencil is None for stencil in chosen])[which]
        alone |= (function == origin) & (origin != OTHER)
        yield from _in_order(_filled(chosen, which, columns), alone, start, one)


def edges(graph: Graph, look: Look) -> Iterator[str]:
    """Write the edges, those of some thousand rows at a time; most have nothing but their ends."""
    rows = _rows(graph)
    labelled = labelled_edges(graph, look)

    def one(row: int) -> Iterator[str]:
        for edge in rows.edges(row, row + 1):
            yield _edge(edge, labelled, graph, look)

    for start in range(0, len(rows.kind), CHUNK):
        part = slice(start, start + CHUNK)
        ends = rows.first[start : start + CHUNK + 1]
        count = np.diff(ends)
        alone = (rows.kind[part] == OTHER) | (count > 2) | (labelled is not None)
        first, last = np.zeros((2, len(count)), np.intp)
        first[count > 0] = rows.operand[ends[:-1][count > 0]]
        last[count > 0] = rows.operand[ends[1:][count > 0] - 1]
        variable = np.arange(start, start + len(count))
        a, b, f, v = integers(first, last, rows.function[part], variable)
        lines = _filled(EDGES, np.where(alone, 0, count), (a, f, b, f, f, v))
        yield from _in_order(lines, alone, start, one)


def _rows(graph: Graph) -> Rows:
    assert isinstance(graph.nodes, Nodes)
    return graph.nodes.rows


def _edge(edge: Edge, labelled: Callable[[Edge], bool] | None, graph: Graph, look: Look) -> str:
    if labelled is not None and labelled(edge):
        return dot.edge(arrow(edge, edge.target, True, graph, look))
    return f"  {edge.source} -> {edge.target};\n"


def _filled(
    stencils: Sequence[Stencil | None], which: NDArray[np.intp], columns: Sequence[Characters]
) -> Characters:
    """Fill a stencil for each row, with zero bytes where there is none, or it is shorter."""
    blank = Stencil([b""] * (len(columns) + 1), [False] * len(columns))
    chosen = [stencil or blank for stencil in stencils]
    pieces = list(zip(*[stencil.pieces for stencil in chosen], strict=True))
    widths = [max(map(len, piece)) for piece in pieces]
    holes = [column.shape[1] for column in columns]
    texts = [
        b"".join(
            piece.ljust(width + hole, b"\0")
            for piece, width, hole in zip(stencil.pieces, widths, [*holes, 0], strict=True)
        )
        for stencil in chosen
    ]
    pattern = np.frombuffer(b"".join(texts), np.uint8).reshape(len(chosen), -1)
    filled: Characters = pattern[which]
    start = 0
    for i, column in enumerate(columns):
        start += widths[i]
        has = np.array([stencil.filled[i] for stencil in chosen])
        filled[:, start : start + holes[i]] = column
        if not has.all():
            filled[~has[which], start : start + holes[i]] = 0
        start += holes[i]
    return filled


def _in_order(
    lines: Characters, alone: NDArray[np.bool_], start: int, one: Callable[[int], Iterator[str]]
) -> Iterator[str]:
    """Yield the lines of rows from ``start`` on, those that stand ``alone`` by ``one``."""
    begin = 0
    for i in np.flatnonzero(alone).tolist():
        if begin < i:
            yield joined(lines[begin:i])
        yield from one(start + i)
        begin = i + 1
    yield joined(lines[begin:])


def _stencil(kind: Kind, zero: bool, graph: Graph, look: Look, usual: Usual) -> Stencil | None:
    """Cut the lines of a kind at their holes, with a gradient of ``zero`` or another.

    There is none where a label might hold one of the numbers, or they stand in another order. What a released gradient was is
    written the ordinary way: a long one has a line of its own.
    """
    model, function = kind
    data, gradient = number(DATA, look.precision), number(GRAD, look.precision)
    holes = [FUNCTION, str(GENERATION), VARIABLE, data, gradient]
    if model.grad_was is not None or (function and any(hole in function.label for hole in holes)):
        return None
    grad = None if model.grad is None else float64(0) if zero else GRAD
    variable = model._replace(id=VARIABLE, data=DATA, grad=grad)
    text = dot.node(variable_shape(variable, look, variable), usual)
    if function is not None:
        shape = function._replace(id=FUNCTION, generation=GENERATION)
        text = dot.node(function_shape(shape, look, graph), usual) + text
    pieces, filled = [], []
    for hole in holes:
        before, found, after = text.partition(hole)
        pieces.append(before if found else "")
        filled.append(bool(found))
        text = after if found else text
    pieces.append(text)
    if any(hole in piece for hole in holes for piece in pieces):
        return None
    for i, letter in ((0, "f"), (2, "v")):
        pieces[i] += letter if filled[i] else ""
    return Stencil([piece.encode() for piece in pieces], filled)
