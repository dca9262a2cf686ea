"""What repeats in a derivation, written once: a loop's body with an index, and sums over it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dzviz.equations.algebra import mapped
from dzviz.equations.constants import minus_of
from dzviz.graph.folding import fold
from dzviz.graph.model import Graph, Value, VariableNode
from dzviz.graph.ranges import range_of
from dzviz.graph.terms import DERIVATIVE, Term, derivative, symbol
from dzviz.records import NamedTuple
from dzviz.text.loops import carried_in, recurrence_of

LEAST = 3
"""This many lines that are alike are written once."""

INDEX = "\x1f"
"""Stands between a name and its index."""

LETTERS = "tkinjs"

TOTAL = "total"
"""The label of a sum over the times of a loop, before its first and its last one."""


class Loops(NamedTuple):
    """The nodes that are one of a body: ``places`` has the body's node and the time, from 1.

    ``bases`` are the names that a body's nodes have in the source, ``letter`` is the index. Nodes
    that are ``kept`` have names of their own.
    """

    places: Mapping[str, tuple[str, int]]
    repeats: Mapping[str, int]
    bases: Mapping[str, str]
    letter: str
    kept: frozenset[str] = frozenset()


NONE = Loops({}, {}, {}, LETTERS[0])


def loops_of(graph: Graph) -> Loops:
    """Find what repeats; of loops within loops only what is in one.

    What has another name of the user's each time is no loop: an index would take the names away.
    """
    folded = fold(graph._replace(events=()))
    if folded.folded is None:
        return NONE
    plan = folded.folded.plan
    alone = {id: times[0] for id, times in plan.times.items() if len(times) == 1}
    several = _of_several_names(graph, {id: plan.stand_in[id] for id in alone})
    apart = {repeat for id, (repeat, _) in alone.items() if plan.stand_in[id] in several}
    alone = {id: time for id, time in alone.items() if time[0] not in apart}
    places = {id: (plan.stand_in[id], time + 1) for id, (_, time) in alone.items()}
    repeats = {plan.stand_in[id]: repeat for id, (repeat, _) in alone.items()}
    bases: dict[str, str] = {}
    for repeat in plan.repeats:
        recurrence = recurrence_of(repeat, folded)
        source = carried_in(repeat, folded.folded)
        if recurrence is not None and recurrence.name and source is not None:
            bases[source] = recurrence.name
    taken = {node.name for node in graph.nodes if isinstance(node, VariableNode)}
    letter = next((c for c in LETTERS if c not in taken), LETTERS[0])
    return Loops(places, repeats, bases, letter, frozenset(graph.outputs))


def _of_several_names(graph: Graph, bodies: Mapping[str, str]) -> set[str]:
    """Return the nodes of bodies that have names of the user's which differ."""
    names: dict[str, set[str]] = {}
    for node in graph.nodes:
        if node.id in bodies and node.id not in graph.outputs:
            name = node.name if isinstance(node, VariableNode) else None
            names.setdefault(bodies[node.id], set()).update([name] if name else [])
    return {body for body, those in names.items() if len(those) > 1}


def without_repeats(lines: Sequence[Line], loops: Loops) -> list[Line]:
    """Tell lines that differ in their time alone as one, with an index."""
    if not loops.places:
        return list(lines)
    bodies: dict[Any, list[tuple[int, Line]]] = {}
    for line in lines:
        if line.node in loops.places:
            body, time = loops.places[line.node]
            bodies.setdefault((line.turn, body), []).append((time, line))
    merged: dict[int, Line | None] = {}
    order = {id(line): place for place, line in enumerate(lines)}
    for members in bodies.values():
        ways = [(parts, list(_runs(members, loops, parts))) for parts in (False, True)]
        parts, runs = max(ways, key=lambda way: max(map(len, way[1])))
        for run in runs:
            if len(run) < LEAST:
                continue
            first = min((line for _, line in run), key=lambda line: order[id(line)])
            merged.update((id(line), None) for _, line in run)
            merged[id(first)] = _merged(run, loops, parts)
    found: list[Line] = []
    for line in lines:
        one = merged.get(id(line), line)
        if one is not None:
            found.append(one if one is not line else _summed(line, loops))
            outputs = [] if one.span is None else _outputs(one, lines, loops)
            found += outputs
    return found


def _outputs(merged: Line, lines: Sequence[Line], loops: Loops) -> list[Line]:
    """Tell which of a loop's values has a name of its own, since others are made of it."""
    if merged.turn:
        return []
    body = merged.left[0].name.partition(INDEX)[0]
    return [
        line._replace(right=symbol(f"{body}{INDEX}{loops.places[line.node][1]}", line.value))
        for line in lines
        if not line.turn
        and loops.places.get(line.node, ("",))[0] == body
        and line.node in loops.kept
    ]


def _runs(
    members: list[tuple[int, Line]], loops: Loops, parts: bool
) -> Iterator[list[tuple[int, Line]]]:
    """Return stretches of times whose lines are alike, except for the numbers of ``parts``."""
    run: list[tuple[int, Line]] = []
    before: Any = None
    for time, line in sorted(members, key=lambda member: member[0]):
        key = tuple([_relative(x, time, loops, parts).key for x in (*line.left, line.right)])
        if run and (key != before or time != run[-1][0] + 1):
            yield run
            run = []
        run.append((time, line))
        before = key
    if run:
        yield run


def _merged(run: list[tuple[int, Line]], loops: Loops, parts: bool) -> Line:
    time, line = run[-1]
    return line._replace(
        left=tuple([_relative(term, time, loops, parts) for term in line.left]),
        right=_relative(line.right, time, loops, parts),
        value=range_of([member.value for _, member in run]),
        shares=(),
        span=(run[0][0], time),
    )


def _relative(term: Term, time: int, loops: Loops, parts: bool = False) -> Term:
    """Write a formula of one time with its index in the place of that time.

    With ``parts`` also where a part of an array has its number: ``x[t]``.
    """

    def leaf(id: str) -> str | None:
        if id not in loops.places:
            return None
        body, its = loops.places[id]
        return f"{body}{INDEX}{_away(its - time, loops)}"

    def part(found: re.Match[str]) -> str:
        return f"[{_away(int(found[1]) - time, loops)}]"

    return _renamed(term, leaf, (lambda label: _PART.sub(part, label)) if parts else str)


_PART = re.compile(r"(?<!\S)\[(\d+)\]$")


def _away(steps: int, loops: Loops) -> str:
    return f"{loops.letter}{f'{steps:+d}' if steps else ''}"


def _renamed(
    term: Term, leaf: Callable[[str], str | None], relabelled: Callable[[str], str]
) -> Term:
    def renamed(term: Term) -> Term:
        if term.label == DERIVATIVE:
            turn, _, id = term.name.partition(":")
            name = leaf(id)
            return term if name is None else derivative(int(turn), name, term.value)
        name = leaf(term.name) if term.is_symbol else None
        return term if name is None else symbol(name, term.value)

    return mapped(term, renamed, relabelled)


def _summed(line: Line, loops: Loops) -> Line:
    """Write parts of a sum that differ in their time alone as one sum over it."""
    parts = list(_addends(line.right))
    if len(parts) < LEAST:
        return line
    ways = [(numbers, _grouped(parts, loops, numbers)) for numbers in (False, True)]
    numbers, groups = max(ways, key=lambda way: max(map(len, way[1])))
    if all(len(group) < LEAST for group in groups):
        return line
    made = [one for group in groups for one in _totals(group, loops, numbers)]
    total, negative = made[0]
    if negative:
        total = Term("-", (total,), -np.asarray(total.value))
    for part, negative in made[1:]:
        value = np.asarray(total.value) + np.asarray(part.value) * (-1 if negative else 1)
        total = Term("-" if negative else "+", (total, part), value)
    return line._replace(right=total)


Part = tuple[int, Term, bool]
"""A part of a sum: its time, and whether it is taken away."""


def _grouped(parts: Sequence[tuple[Term, bool]], loops: Loops, numbers: bool) -> list[list[Part]]:
    """Put parts together that differ in their time alone."""
    groups: dict[Any, list[Part]] = {}
    for place, (part, negative) in enumerate(parts):
        time = _time(part, loops)
        key: Any = place
        if time is not None:
            key = _relative(part, time, loops, numbers).key, negative
        groups.setdefault(key, []).append((time or 0, part, negative))
    return list(groups.values())


def _totals(group: list[Part], loops: Loops, numbers: bool) -> Iterator[tuple[Term, bool]]:
    """Write parts of consecutive times as one sum, if there are enough."""
    group = sorted(group, key=lambda member: member[0])
    times = [time for time, _, _ in group]
    if len(group) < LEAST or times != list(range(times[0], times[0] + len(times))):
        yield from ((part, negative) for _, part, negative in group)
        return
    time, part, negative = group[-1]
    value = sum(np.asarray(part.value) for _, part, _ in group)
    label = f"{TOTAL} {loops.letter} {times[0]} {times[-1]}"
    yield Term(label, (_relative(part, time, loops, numbers),), value), negative


def _addends(term: Term) -> Iterator[tuple[Term, bool]]:
    pending = [(term, False)]
    while pending:
        term, negative = pending.pop()
        if term.label in ("+", "-") and len(term.operands) == 2:
            first, second = term.operands
            pending += [(second, negative != (term.label == "-")), (first, negative)]
        elif (inner := minus_of(term)) is not None:
            yield inner, not negative
        else:
            yield term, negative


def _time(term: Term, loops: Loops) -> int | None:
    """Return the latest time of what is in a formula."""
    times = [
        loops.places[id][1]
        for part in term.parts()
        if (id := part.name.rpartition(":")[2]) in loops.places
    ]
    return max(times, default=None)


class Line(NamedTuple):
    """One equation: its left side (``left``), how it is made, and of which ``shares`` it is a sum.

    ``left`` has several terms where they are the same. ``turn`` is the pass, 0 for the function
    itself, and ``node`` is what it is about. ``place`` is the event at which all of it is known.
    A line of a loop is written for all times of its ``span``, of which the values are a range.
    """

    left: tuple[Term, ...]
    right: Term
    value: Value
    turn: int
    node: str
    shares: tuple[Value, ...] = ()
    place: int = -1
    span: tuple[int, int] | None = None
