"""What else a document contains: passes, frames, events, what is not finite."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from dzviz.graph.events import KINDS, Event
from dzviz.graph.model import Changed, Derivatives, Group, Parameters, Passes
from dzviz.graph.nonfinite import Trouble
from dzviz.graph.ranges import Range
from dzviz.sources.cursor import Cursor, short, text_of
from dzviz.sources.facts import UNKNOWN
from dzviz.sources.json.structure import Structure
from dzviz.sources.values import read_range, read_value
from dzviz.text.primes import raised_order

EVENT = (
    *("turn", "event", "function", "variable", "arg", "value", "upstream", "local", "formula"),
    *("queue", "waiting", "step", "pass", "sentence"),
)
TROUBLE = ("function", "argument", "kind", "bad", "size", "place", "at", "of", "parts", "value")
DERIVATIVES = ("names", "values", "by")
FRAME = ("id", "name", "kind", "nodes", "operands", "parent", "parameters")
PARAMETERS = ("tensors", "data", "grad", "grad_was", "missing", "note", "passes")
PASSES = ("times", "of", "drawn", "assigned", "seed", "changed", "various")
"""The members that objects may have."""


def derivatives(structure: Structure) -> Derivatives | None:
    """Read the values of a function and its derivatives."""
    place = structure.head.get("derivatives")
    if place is None:
        return None
    names = [each.text() for each in place.known(DERIVATIVES).list_of("names")]
    names = [raised_order(name, names[0], order) for order, name in enumerate(names)]
    values = [read_value(each) for each in place.list_of("values")]
    if len(names) - len(values) not in (0, 1):
        place.fail("there is a name for each value, and one more for the next derivative")
    return Derivatives(tuple(names), tuple(values), text_of(place.get("by")))


def passes(structure: Structure) -> tuple[Passes | None, ...]:
    """Read which passes made the gradients.

    Of a graph by another engine that does not say, nobody knows.
    """
    given = structure.head.list_of("passes")
    if not given:
        return () if _is_old(structure) else (UNKNOWN,)
    passes = tuple(map(passes_at, given))
    return () if passes == (None,) else passes


def flows(structure: Structure) -> Passes | None:
    """Read which passes made the contributions; unless told, those that made the gradients."""
    flows = structure.head.get("contributions")
    if flows is not None:
        return passes_at(flows)
    links = (link for found in structure.operands.values() for link in found)
    if all(link.contribution is None for link in links):
        return None
    return None if _is_old(structure) or structure.head.get("passes") else UNKNOWN


def _is_old(structure: Structure) -> bool:
    """Whether it says nothing of gradients that are the derivatives of the outputs."""
    schema = structure.document.get("schema")
    return schema is not None and str(schema.value).endswith("/1")


def cut(structure: Structure) -> dict[str, int]:
    """Read how many edges of nodes lead out of the part."""
    cuts = ((id, place.get("cut")) for id, place in structure.nodes.items())
    return {structure.ids[id]: cut.whole() for id, cut in cuts if cut is not None}


def changed(structure: Structure) -> Changed | None:
    """Read which data was changed after Functions had computed with it."""
    results, unknown = (
        tuple([_changed_at(structure, place) for place in structure.head.list_of(name)])
        for name in ("changed", "unknown")
    )
    return Changed(results, unknown) if results or unknown else None


def groups(structure: Structure) -> Iterator[Group]:
    """Read which nodes belong together; a frame stands after the one that it lies in."""
    ids: dict[str, str] = {}
    framed: set[str] = set()
    for place in structure.head.list_of("frames"):
        name, parent = place.known(FRAME).need("id").text(), place.get("parent")
        if name in ids:
            place.need("id").fail(f"there are two frames {short(name)}")
        if parent is not None and parent.text() not in ids:
            parent.fail(f"there is no frame {short(parent.value)} before it")
        nodes = []
        for each in place.list_of("nodes"):
            nodes.append(structure.ref(each))
            if nodes[-1] in framed:
                each.fail(f"{short(each.value)} is in two frames, and neither is inside the other")
            framed.add(nodes[-1])
        ids[name] = f"m{len(ids)}"
        yield Group(
            id=ids[name],
            name=text_of(place.get("name")) or name,
            kind=text_of(place.get("kind")) or "frame",
            nodes=tuple(nodes),
            parent=None if parent is None else ids[parent.text()],
            operands=tuple([structure.ref(each) for each in place.list_of("operands")]),
            parameters=tuple(
                [str(structure.variable_ref(each)) for each in place.list_of("parameters")]
            ),
        )


def troubles(structure: Structure) -> tuple[Trouble, ...]:
    """Read where NaNs and infinities first appeared."""
    trouble = structure.head.get("trouble")
    places = structure.head.list_of("troubles") or ([] if trouble is None else [trouble])
    return tuple([_trouble(structure, place) for place in places])


def _trouble(structure: Structure, place: Cursor) -> Trouble:
    """Read where a NaN or an infinity first appeared."""
    place.known(TROUBLE)
    argument, of, at = (place.get(name) for name in ("argument", "of", "at"))
    function = place.need("function")
    operands = {link.source for link in structure.operands.get(structure.end(function), ())}
    for each in (argument, of):
        if each is not None and structure.end(each) not in operands:
            each.fail(f"{short(each.value)} is not an operand of {short(function.value)}")
    return Trouble(
        function=str(structure.function_ref(function)),
        argument=None if argument is None else structure.ref(argument),
        kind=place.need("kind").choice(("NaN", "infinity")),
        bad=place.need("bad").whole(),
        size=place.need("size").whole(),
        place=tuple([each.whole() for each in place.list_of("place")]),
        at=None if at is None else _number(at),
        of=None if of is None else structure.ref(of),
        parts=tuple([_number(each) for each in place.list_of("parts")]),
        value=math.nan if (value := place.get("value")) is None else _number(value),
    )


def events(structure: Structure) -> Iterator[Event]:
    """Read what happened."""
    turn = 0
    operands: dict[tuple[str | None, int | None], str] = {
        (structure.ids[link.target], link.arg): structure.ids[link.source]
        for links in structure.operands.values()
        for link in links
    }
    for place in structure.document.list_of("events"):
        kind = place.known(EVENT).need("event").choice(KINDS)
        for name in KINDS[kind].needs:
            place.need(name)
        before, turn = turn, place.need("turn").whole(most=1000)
        if turn < before:
            place.need("turn").fail("passes follow one another, and this one has ended")
        function, variable, arg = map(place.get, ("function", "variable", "arg"))
        waiting = place.get("waiting")
        event = Event(
            kind=kind,
            turn=turn,
            function=structure.function_ref(function),
            variable=structure.variable_ref(variable),
            arg=None if arg is None else arg.whole(),
            value=read_value(place.get("value")),
            upstream=read_value(place.get("upstream")),
            local=read_value(place.get("local")),
            formula=text_of(place.get("formula")),
            queue=tuple([str(structure.function_ref(each)) for each in place.list_of("queue")]),
            waiting=0 if waiting is None else waiting.whole(),
        )
        if kind == "rule" and operands.get((str(event.function), event.arg)) != event.variable:
            place.fail("its variable is not this operand of its function")
        yield event


def _number(place: Cursor) -> float:
    """Read a number, finite or not."""
    if isinstance(place.value, list | dict):
        place.fail(f"one number belongs here, not {place.kind}")
    value: Any = read_value(place)
    return float(value)


def passes_at(place: Cursor) -> Passes | None:
    """Read which passes made a gradient; null are those that are drawn."""
    if place.value is None:
        return None
    place.known(PASSES)
    seed = place.get("seed")
    flags = {
        name: flag.flag()
        for name in ("drawn", "assigned", "changed", "various")
        if (flag := place.get(name)) is not None
    }
    return Passes(
        times=place.need("times").whole(),
        of=tuple([each.text() for each in place.list_of("of")]),
        seed=seed is not None and (seed.value if isinstance(seed.value, bool) else _number(seed)),
        **flags,
    )


def parameters_at(place: Cursor | None) -> Parameters | None:
    """Read what the parameters of a folded module are together."""
    if place is None:
        return None
    place.known(PARAMETERS)
    data, grad, was = (
        None if (part := place.get(name)) is None else read_range(part)
        for name in ("data", "grad", "grad_was")
    )
    tensors, missing = place.need("tensors").whole(), place.get("missing")
    passes = place.get("passes")
    return Parameters(
        tensors=tensors,
        data=data or Range(tensors, (), None, None),
        grad=grad,
        grad_was=was,
        missing=(0 if grad else tensors) if missing is None else missing.whole(most=tensors),
        note=text_of(place.get("note")),
        passes=None if passes is None else passes_at(passes),
    )


def _changed_at(structure: Structure, place: Cursor) -> tuple[str, str]:
    """Read a Variable whose data was changed, with what it is called."""
    if isinstance(place.value, dict):
        place.known(("id", "name"))
        return structure.ref(place.need("id")), place.need("name").text()
    return structure.ref(place), place.text()
