"""The nodes and edges of a document, with derived facts where the document lacks them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from dzviz.graph.model import Edge, FunctionNode, Node, VariableNode
from dzviz.graph.ranges import Range
from dzviz.sources.cursor import Cursor, text_of
from dzviz.sources.json.records import parameters_at, passes_at
from dzviz.sources.json.structure import Structure
from dzviz.sources.values import read_value

STATES = ("none", "leaf", "retained", "released", "constant")
ROLES = ("input", "constant", "intermediate", "output")


def nodes(structure: Structure) -> dict[str, Node]:
    """Make the nodes by their ids in the document, in order of computation."""
    generations: dict[str, int] = {}
    return {id: _node(structure, id, generations) for id in structure.order}


def _node(structure: Structure, id: str, generations: dict[str, int]) -> Node:
    """Make a node; those before it have their generations."""
    place = structure.nodes[id]
    operands = structure.before(id)
    given, level = place.get("generation"), place.get("order")
    later = id not in structure.functions and bool(operands)
    derived = max((generations[other] for other in operands), default=0) + later
    generation = generations[id] = derived if given is None else given.whole()
    order = 0 if level is None else level.whole(most=100)
    if id in structure.functions:
        return _function(structure, id, place, generation, order)
    return _variable(structure, id, place, generation, order, is_output=id in structure.outputs)


def _function(
    structure: Structure, id: str, place: Cursor, generation: int, order: int
) -> FunctionNode:
    """Make the node of a Function."""
    op, label = text_of(place.get("op")), text_of(place.get("label"))
    if op is None and label is None:
        place.fail("a function has an 'op' or a 'label'")
    span, source = place.list_of("span"), place.list_of("source")
    if span and len(span) != 2:
        place.need("span").fail("two numbers belong here: where it begins and where it ends")
    if source and len(source) != 2:
        place.need("source").fail("the name of a file and a line belong here")
    return FunctionNode(
        id=structure.ids[id],
        op=str(label if op is None else op),
        label=str(op if label is None else label),
        generation=generation,
        order=order,
        span=(span[0].whole(), span[1].whole()) if span else None,
        source=(source[0].text(), source[1].whole()) if source else None,
        origin=text_of(place.get("origin")),
        detail=text_of(place.get("detail")),
        parameters=parameters_at(place.get("parameters")),
        back=None if (back := place.get("back")) is None else back.whole(),
    )


def _variable(
    structure: Structure, id: str, place: Cursor, generation: int, order: int, *, is_output: bool
) -> VariableNode:
    """Make the node of a Variable."""
    dtype = place.get("dtype")
    shape = place.get("shape")
    known = None if shape is None else tuple([each.whole() for each in shape.items()])
    data = read_value(place.get("data"), text_of(dtype), known)
    if data is None:
        data = Range(1, known or (), None, None)
    empty = known if known is not None and not math.prod(known) else None
    grad, was, seed = (
        read_value(place.get(name), shape=empty) for name in ("grad", "grad_was", "seed")
    )
    state, role = place.get("grad_state"), place.get("role")
    leaf = id not in structure.makers
    constant = (role and role.value == "constant") or (state and state.value == "constant")
    if state is not None:
        word = state.choice(STATES)
    elif grad is not None:
        word = "leaf" if leaf else "retained"
    else:
        word = "released" if was is not None else "constant" if constant else "none"
    derived = "output" if is_output else "constant" if constant else "input"
    array, grad_array = (place.get(name) for name in ("array", "grad_array"))
    passes = place.get("passes")
    return VariableNode(
        id=structure.ids[id],
        name=text_of(place.get("name")),
        role=role.choice(ROLES) if role else derived if leaf or is_output else "intermediate",
        shape=known if known is not None else getattr(data, "shape", ()),
        dtype=text_of(dtype) or str(getattr(data, "dtype", "float64")),
        data=data,
        grad=grad,
        grad_state=word,
        grad_was=was,
        seed=seed,
        generation=generation,
        order=order,
        array=None if array is None else array.whole(),
        grad_array=None if grad_array is None else grad_array.whole(),
        grad_variable=_gradient_of(structure, place.get("grad_variable")),
        passes=None if passes is None else passes_at(passes),
        letter=text_of(place.get("letter")) or "v",
        grad_note=text_of(place.get("grad_note")),
    )


def _gradient_of(structure: Structure, place: Cursor | None) -> str | None:
    """Read of which Variable a gradient is the data: one of the graph, or another's number."""
    if place is None:
        return None
    return place.text() if re.fullmatch("g[0-9]{1,9}", place.text()) else structure.ref(place)


def edges(structure: Structure) -> Iterator[Edge]:
    """Make the edges, those to a node before it; of equal ends each has its key."""
    for id in structure.order:
        if id in structure.functions:
            uses: dict[str, int] = {}
            for source, target, arg, contribution in structure.operands.get(id, ()):
                key = uses[source] = uses.get(source, -1) + 1
                ends = structure.ids[source], structure.ids[target]
                yield Edge(*ends, key, arg, contribution)
        elif id in structure.makers:
            yield Edge(structure.ids[structure.makers[id]], structure.ids[id], 0)
