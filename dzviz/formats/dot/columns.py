"""The lines of DOT for the steps of a large graph, from templates.

Steps of a kind differ in their numbers alone. For each kind the lines are written as for any
picture, of nodes with numbers that occur nowhere else; cut at these they are the template for all
others. So no word is known here, and NumPy fills in the numbers of thousands at once, in a third of
the time of a loop of f-strings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy import float64
from numpy.typing import NDArray

from dzviz.formats.dot.numbers import Characters, integers, joined, numbers
from dzviz.graph.columns import OTHER, Kind, Rows
from dzviz.graph.model import Edge, FunctionNode, Graph
from dzviz.options import Look
from dzviz.placing import dot
from dzviz.records import NamedTuple
from dzviz.styles.boxes import arrow, function_shape, variable_shape, without_parts
from dzviz.styles.scene import Usual
from dzviz.text.labels import MAX_BESIDE, labelled_edges
from dzviz.text.numbers import number

CHUNK = 4096
"""The number of rows that are written at once."""

FUNCTION, GENERATION, VARIABLE = "\0f", 987654321, "\0v"
DATA, GRAD = float64(2e20), float64(3e20)
"""What the nodes have that a template is cut from."""


class Template(NamedTuple):
    """Text with holes for numbers, in the order of columns: ``pieces`` before, between and after.

    ``filled`` tells for each column whether there is a hole for it.
    """

    pieces: Sequence[bytes]
    filled: Sequence[bool]


def write(graph: Graph, rows: Rows, look: Look) -> Iterator[str]:
    """Write a graph that is in these rows as the style ``boxes`` draws it."""
    scene = without_parts(graph, look)
    nodes, edges = _nodes(graph, rows, look, scene.usual), _edges(graph, rows, look)
    return dot.lines(scene, look, nodes=nodes, edges=edges)


def _nodes(graph: Graph, rows: Rows, look: Look, usual: Usual | None) -> Iterator[str]:
    """Write the nodes, those of some thousand rows at a time; of what is ``usual`` only labels."""
    kinds = [None, *rows.kinds]  # OTHER is the one before the first
    templates: dict[int, Template | None] = {0: None, 1: None}

    def lines_of(row: int) -> Iterator[str]:
        for node in rows.nodes(row, row + 1):
            if isinstance(node, FunctionNode):
                yield dot.node(function_shape(node, look, graph), usual)
            else:
                yield dot.node(variable_shape(node, look, node), usual)

    for start in range(0, len(rows.kind), CHUNK):
        part = slice(start, start + CHUNK)
        function, grad = rows.function[part], rows.grad[part]
        used, which = _distinct(2 * (rows.kind[part] - OTHER) + (grad == 0))
        for i in used:  # a gradient of zero looks different
            kind = kinds[i // 2]
            if kind is not None and i not in templates:
                templates[i] = _template(kind, bool(i % 2), graph, look, usual)
        needed = [templates[i] for i in used]
        variable = np.arange(start, start + len(grad))
        columns = [
            *integers(function, rows.generation[part] - 1, variable),
            *numbers(look.precision, rows.data[part], grad),
        ]
        alone = np.array([template is None for template in needed])[which]
        was = [kind is not None and kind.variable.grad_was is not None for kind in kinds]
        if any(was):  # a short one stands on the line of another
            released = np.array(was)[rows.kind[part] - OTHER] & (grad != 0)
            alone |= released & ((columns[-1] != 0).sum(axis=1) <= MAX_BESIDE)
        yield from _in_order(_filled(needed, which, columns), alone, start, lines_of)


def _edges(graph: Graph, rows: Rows, look: Look) -> Iterator[str]:
    """Write the edges, those of some thousand rows at a time."""
    labelled = labelled_edges(graph, look)
    templates = _edge_templates(graph, look)
    says = _labelled(rows, None if labelled is None else look.contributions)
    gradient = np.zeros(len(says))
    if rows.contribution is not None:
        gradient[says] = rows.contribution[says]

    def lines_of(row: int) -> Iterator[str]:
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
        lines = _filled([templates[i] for i in used], which, columns)
        yield from _in_order(lines, alone, start, lines_of)


def _labelled(rows: Rows, contributions: str | None) -> NDArray[np.bool_]:
    """Return what `dzviz.text.labels.labelled_edges` says about each operand's edge."""
    if rows.contribution is None or contributions is None:
        return np.zeros(len(rows.operand), bool)
    flows = ~np.isnan(rows.contribution)
    return flows if contributions == "all" else flows & rows.repeated()[rows.operand]


def _edge(edge: Edge, labelled: bool, graph: Graph, look: Look) -> str:
    if labelled:
        return dot.edge(arrow(edge, edge.target, True, graph, look))
    return f"  {edge.source} -> {edge.target};\n"


def _distinct(numbers: NDArray[np.intp]) -> tuple[list[int], NDArray[np.intp]]:
    """Return which small numbers there are, and for each the place of its own among them."""
    used = np.flatnonzero(np.bincount(numbers))
    place = np.zeros(used[-1] + 1, np.intp)
    place[used] = np.arange(len(used))
    return used.tolist(), place[numbers]


def _filled(
    templates: Sequence[Template | None], which: NDArray[np.intp], columns: Sequence[Characters]
) -> Characters:
    """Fill a template for each row, with zero bytes where there is none, or it is shorter."""
    blank = Template([b""] * (len(columns) + 1), [False] * len(columns))
    needed = [template or blank for template in templates]
    pieces = list(zip(*[template.pieces for template in needed], strict=True))
    widths = [max(map(len, piece)) for piece in pieces]
    holes = [column.shape[1] for column in columns]
    texts = [
        b"".join(
            piece.ljust(width + hole, b"\0")
            for piece, width, hole in zip(template.pieces, widths, [*holes, 0], strict=True)
        )
        for template in needed
    ]
    pattern = np.frombuffer(b"".join(texts), np.uint8).reshape(len(needed), -1)
    filled: Characters = pattern[which]
    start = 0
    for i, column in enumerate(columns):
        start += widths[i]
        place = slice(start, start + holes[i])
        filled[:, place] = column
        has = [template.filled[i] for template in needed]
        if holes[i] and not all(has):
            filled[~np.array(has)[which], place] = 0
        start += holes[i]
    return filled


def _in_order(
    lines: Characters,
    alone: NDArray[np.bool_],
    start: int,
    lines_of: Callable[[int], Iterator[str]],
) -> Iterator[str]:
    """Yield the lines of rows from ``start`` on, those that stand ``alone`` by ``lines_of``."""
    begin = 0
    for i in np.flatnonzero(alone).tolist():
        if begin < i:
            yield joined(lines[begin:i])
        yield from lines_of(start + i)
        begin = i + 1
    yield joined(lines[begin:])


def _template(
    kind: Kind, zero: bool, graph: Graph, look: Look, usual: Usual | None
) -> Template | None:
    """Cut the lines of a kind at their holes, with a gradient of ``zero`` or another.

    There is none where a label holds one of these numbers.
    """
    model, function = kind
    written = [number(value, look.precision) for value in (DATA, GRAD)]
    holes = [FUNCTION, str(GENERATION), VARIABLE, *written]
    words = "" if function is None else f"{function.label} {function.origin or ''}"
    if any(hole in words for hole in holes):
        return None
    gradient = float64(0) if zero else GRAD
    grad = None if model.grad is None else gradient
    was = None if model.grad_was is None else gradient
    variable = model._replace(id=VARIABLE, data=DATA, grad=grad, grad_was=was)
    text = dot.node(variable_shape(variable, look, variable), usual)
    if function is not None:
        shape = function._replace(id=FUNCTION, generation=GENERATION)
        text = dot.node(function_shape(shape, look, graph), usual) + text
    return _cut(text, holes)


def _edge_templates(graph: Graph, look: Look) -> list[Template]:
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


def _cut(text: str, holes: Sequence[str]) -> Template:
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
    return Template([piece.encode() for piece in pieces], filled)


def _together(first: Template, second: Template) -> Template:
    """Put one template after another."""
    *pieces, last = first.pieces
    begin, *others = second.pieces
    return Template([*pieces, last + begin, *others], [*first.filled, *second.filled])
