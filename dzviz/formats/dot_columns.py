"""The lines of DOT for the steps of a large graph, by stencils.

Steps of a kind differ in their numbers alone. For each kind the lines are written as for any
picture, of nodes with numbers that occur nowhere else; cut at these they are the stencil for all
others. So no word is known here, and NumPy fills in the numbers of thousands at once, in a third of
the time of a loop of f-strings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy import float64
from numpy.typing import NDArray

from dzviz.formats import dot_lines
from dzviz.graph.columns import OTHER, Edges, Kind, Nodes, Rows
from dzviz.graph.model import Edge, FunctionNode, Graph
from dzviz.options import Look
from dzviz.styles.boxes import arrow, function_shape, variable_shape
from dzviz.styles.scene import Usual
from dzviz.text.labels import MAX_BESIDE, labelled_edges, labelled_operands
from dzviz.text.number_columns import Characters, integers, joined, numbers
from dzviz.text.numbers import number

CHUNK = 4096
"""So many rows are written at once."""

FUNCTION, GENERATION, VARIABLE = "\0f", 987654321, "\0v"
DATA, GRAD = float64(2e20), float64(3e20)
"""What the nodes have that a stencil is cut from."""


class Stencil(NamedTuple):
    """Text with holes for numbers, in the order of columns: ``pieces`` before, between and after.

    ``filled`` tells for each column whether there is a hole for it.
    """

    pieces: Sequence[bytes]
    filled: Sequence[bool]


def serve(graph: Graph, look: Look) -> bool:
    """Whether stencils write what the style of ``look`` draws of this graph."""
    nodes, edges = graph.nodes, graph.edges
    steps = isinstance(nodes, Nodes) and isinstance(edges, Edges) and nodes.rows is edges.rows
    return steps and look.style == "boxes"


def nodes(graph: Graph, look: Look, usual: Usual | None) -> Iterator[str]:
    """Write the nodes, those of some thousand rows at a time; of what is ``usual`` only labels."""
    rows = _rows(graph)
    kinds = [None, *rows.kinds]  # OTHER is the one before the first
    stencils: dict[int, Stencil | None] = {0: None, 1: None}

    def one(row: int) -> Iterator[str]:
        for node in rows.nodes(row, row + 1):
            if isinstance(node, FunctionNode):
                yield dot_lines.node(function_shape(node, look, graph), usual)
            else:
                yield dot_lines.node(variable_shape(node, look, node), usual)

    for start in range(0, len(rows.kind), CHUNK):
        part = slice(start, start + CHUNK)
        function, grad = rows.function[part], rows.grad[part]
        used, which = _distinct(2 * (rows.kind[part] - OTHER) + (grad == 0))
        for i in used:  # a gradient of zero looks different
            kind = kinds[i // 2]
            if kind is not None and i not in stencils:
                stencils[i] = _stencil(kind, bool(i % 2), graph, look, usual)
        chosen = [stencils[i] for i in used]
        variable = np.arange(start, start + len(grad))
        columns = [
            *integers(function, rows.generation[part] - 1, variable),
            *numbers(look.precision, rows.data[part], grad),
        ]
        alone = np.array([stencil is None for stencil in chosen])[which]
        was = [kind is not None and kind.variable.grad_was is not None for kind in kinds]
        if any(was):  # a short one stands on the line of another
            released = np.array(was)[rows.kind[part] - OTHER] & (grad != 0)
            alone |= released & ((columns[-1] != 0).sum(axis=1) <= MAX_BESIDE)
        yield from _in_order(_filled(chosen, which, columns), alone, start, one)


def edges(graph: Graph, look: Look) -> Iterator[str]:
    """Write the edges, those of some thousand rows at a time."""
    rows = _rows(graph)
    labelled = labelled_edges(graph, look)
    stencils = _edge_stencils(graph, look)
    says = labelled_operands(graph, look)
    gradient = np.zeros(len(says))
    if rows.contribution is not None:
        gradient[says] = rows.contribution[says]

    def one(row: int) -> Iterator[str]:
        for edge in rows.edges(row, row + 1):
            yield _edge(edge, labelled is not None and labelled(edge), graph, look)

    for start in range(0, len(rows.kind), CHUNK):
        part = slice(start, start + CHUNK)
        first = rows.first[:-1][part]
        count = rows.first[1:][part] - first
        variable = np.arange(start, start + len(count))
        # Of the first operand and of the second one, where there are so many: its number, what
        # flowed back to it, and 1 for a line that has only ends, 2 for one that says it.
        operand, state = np.zeros((2, 2, len(count)), np.intp)
        flow = np.zeros((2, len(count)))
        for i in (0, 1):
            there = np.flatnonzero(count > i)
            place = first[there] + i
            operand[i, there] = rows.operand[place]
            state[i, there] = 1
            if says.any():
                flow[i, there] = gradient[place]
                state[i, there] += says[place]
        alone = (rows.kind[part] == OTHER) | (count > 2)
        x, z, f, y = integers(*operand, rows.function[part], variable)
        gx, gz = numbers(look.precision, *flow) if says.any() else (x[:, :0], z[:, :0])
        columns = (x, f, gx, z, f, gz, f, y)
        used, which = _distinct(np.where(alone, 0, 3 * state[0] + state[1]))
        lines = _filled([stencils[i] for i in used], which, columns)
        yield from _in_order(lines, alone, start, one)


def _rows(graph: Graph) -> Rows:
    assert isinstance(graph.nodes, Nodes)
    return graph.nodes.rows


def _edge(edge: Edge, labelled: bool, graph: Graph, look: Look) -> str:
    if labelled:
        return dot_lines.edge(arrow(edge, edge.target, True, graph, look))
    return f"  {edge.source} -> {edge.target};\n"


def _distinct(numbers: NDArray[np.intp]) -> tuple[list[int], NDArray[np.intp]]:
    """Return which small numbers there are, and for each the place of its own among them."""
    used = np.flatnonzero(np.bincount(numbers))
    place = np.zeros(used[-1] + 1, np.intp)
    place[used] = np.arange(len(used))
    return used.tolist(), place[numbers]


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
        place = slice(start, start + holes[i])
        filled[:, place] = column
        has = [stencil.filled[i] for stencil in chosen]
        if holes[i] and not all(has):
            filled[~np.array(has)[which], place] = 0
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


def _stencil(
    kind: Kind, zero: bool, graph: Graph, look: Look, usual: Usual | None
) -> Stencil | None:
    """Cut the lines of a kind at their holes, with a gradient of ``zero`` or another.

    There is none where a label holds one of these numbers.
    """
    model, function = kind
    written = [number(value, look.precision) for value in (DATA, GRAD)]
    holes = [FUNCTION, str(GENERATION), VARIABLE, *written]
    said = "" if function is None else f"{function.label} {function.origin or ''}"
    if any(hole in said for hole in holes):
        return None
    gradient = float64(0) if zero else GRAD
    grad = None if model.grad is None else gradient
    was = None if model.grad_was is None else gradient
    variable = model._replace(id=VARIABLE, data=DATA, grad=grad, grad_was=was)
    text = dot_lines.node(variable_shape(variable, look, variable), usual)
    if function is not None:
        shape = function._replace(id=FUNCTION, generation=GENERATION)
        text = dot_lines.node(function_shape(shape, look, graph), usual) + text
    return _cut(text, holes)


def _edge_stencils(graph: Graph, look: Look) -> list[Stencil]:
    """Cut the lines of steps, by three times the state of their first operand and their second's.

    0 is an operand that is not there, 1 an edge with only ends, 2 one that says what flowed back.
    """
    edge = Edge(VARIABLE, FUNCTION, 0, 0, GRAD)
    holes = [VARIABLE, FUNCTION, number(GRAD, look.precision)]
    texts = ["", _edge(edge, False, graph, look), _edge(edge, True, graph, look)]
    operands = [_cut(text, holes) for text in texts]
    result = _cut(_edge(Edge(FUNCTION, VARIABLE, 0), False, graph, look), [FUNCTION, VARIABLE])
    nothing = _cut("", [FUNCTION, VARIABLE])
    return [
        _together(_together(a, b), nothing if a is operands[0] else result)
        for a in operands
        for b in operands
    ]


def _cut(text: str, holes: Sequence[str]) -> Stencil:
    """Cut a text at its holes, some of which it may not have.

    Raises:
        ValueError: They are in another order in it.
    """
    pieces, filled = [], []
    for hole in holes:
        before, found, after = text.partition(hole)
        pieces.append(before if found else "")
        filled.append(bool(found))
        text = after if found else text
    pieces.append(text)
    if any(hole in piece for hole in holes for piece in pieces):
        raise ValueError(f"the numbers stand in another order: {text!r}")
    for i, hole in enumerate(holes):
        if filled[i] and hole in (FUNCTION, VARIABLE):
            pieces[i] += hole[1]
    return Stencil([piece.encode() for piece in pieces], filled)


def _together(first: Stencil, second: Stencil) -> Stencil:
    """Put one stencil after another."""
    *pieces, last = first.pieces
    begin, *others = second.pieces
    return Stencil([*pieces, last + begin, *others], [*first.filled, *second.filled])
