"""A traced program and its shares as a Graph."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from dzviz.graph.events import Event
from dzviz.graph.model import LIBRARY, Graph, Group, Passes
from dzviz.graph.rules import RULES, close
from dzviz.sources.facts import Call, Facts, Value, assemble
from dzviz.sources.jaxpr.program import Program, Step
from dzviz.sources.jaxpr.shares import Shares
from dzviz.sources.jaxpr.values import dtype_word, graph_value
from dzviz.sources.nonfinite import troubles_of


def graph_of(
    program: Program,
    outputs: Mapping[str, int],
    shares: Shares | None,
    *,
    title: str,
    retain_grad: bool = False,
    beside: Sequence[int] = (),
) -> Graph:
    """Return the graph of what named outputs were computed from; without shares, forward alone.

    What computed the numbers ``beside`` is a part of it, too.

    Raises:
        EvaluationError: A value is of no numbers that can be shown.
    """
    numbers = list(dict.fromkeys(outputs.values()))
    steps = program.needed([*numbers, *beside])
    names = {number: name for name, number in outputs.items()} | program.leaves
    teller = _Teller(program, shares, names, retain_grad)
    used = {i for step in steps.values() for i in (*step.operands, *step.opened)}
    order = dict.fromkeys(i for i in program.leaves if i in used or i in numbers or i in beside)
    calls: dict[int, Call] = {}
    for k, step in steps.items():
        order.update(dict.fromkeys((*step.operands, *step.results)))
        calls.update(dict.fromkeys(step.results, teller.call(k, step)))
    order.update(dict.fromkeys(numbers))
    values = [(teller.things[i], teller.value(i, calls.get(i))) for i in order]
    functions = {id(call.function): f"f{n}" for n, call in enumerate(_once(calls.values()))}
    facts = Facts(
        [teller.things[i] for i in numbers],
        values,
        {id(thing): f"v{n}" for n, (thing, _) in enumerate(values)},
        functions,
    )
    graph = assemble(facts)
    own = [step for step in steps.values() if step.op in RULES]
    made = Passes(1, (" + ".join(outputs),), drawn=True) if own and shares else None
    graph = graph._replace(
        title=title,
        engine="jax",
        passes=(made,) if made else (),
        flows=made,
        groups=tuple(_groups(program, steps, facts, teller)),
        events=tuple(_events(steps, facts, teller)),
    )
    outside = close(graph, None)  # what a rule hides is no trouble
    return graph._replace(troubles=troubles_of(outside.nodes, outside.edges))


def _events(steps: Mapping[int, Step], facts: Facts, teller: _Teller) -> Iterator[Event]:
    ids = {i: facts.ids[id(x)] for i, x in enumerate(teller.things) if id(x) in facts.ids}
    values = {id(thing): value.data for thing, value in facts.values}
    return events(
        steps,
        {i: values[id(teller.things[i])] for i in ids},
        teller.shares,
        ids,
        {k: facts.functions[id(step)] for k, step in steps.items()},
        frozenset(ids if teller.retain_grad else teller.program.leaves),
    )


class _Teller:
    """Says what is known about numbers; each has a thing that stands for it."""

    def __init__(
        self,
        program: Program,
        shares: Shares | None,
        names: Mapping[int, str],
        retain_grad: bool,
    ) -> None:
        self.program, self.shares, self.names = program, shares, names
        self.retain_grad = retain_grad
        self.things = [_Thing() for _ in program.values]

    def call(self, k: int, step: Step) -> Call:
        """Tell how a step computed."""
        sent = self.shares.sent if self.shares else {}
        shares = [sent.get((k, j)) for j in range(len(step.operands))]
        beside = [self.things[i] for i in step.opened]
        return Call(
            step,
            step.op,
            [*(self.things[i] for i in step.operands), *beside],
            step.label,
            [None if share is None else graph_value(share) for share in shares]
            + [None] * len(beside),
            source=step.source,
        )

    def value(self, number: int, call: Call | None) -> Value:
        """Tell what is known of a value, and the state of its gradient in JAX's words."""
        program = self.program
        data = program.values[number]
        value = Value(graph_value(data), call, name=self.names.get(number), dtype=dtype_word(data))
        if call is None and number not in program.leaves:
            return value._replace(grad_state="constant")
        if self.shares is None or number not in self.shares.totals:
            return value._replace(grad_state="none", grad_note=self.note(number))
        total, seed = graph_value(self.shares.totals[number]), self.shares.seeds.get(number)
        value = value._replace(seed=None if seed is None else graph_value(seed))
        if call is None or self.retain_grad:
            return value._replace(grad=total, grad_state="leaf" if call is None else "retained")
        return value._replace(grad_was=total, grad_state="released")

    def note(self, number: int) -> str | None:
        """Say why there is no gradient."""
        if self.shares and (by := self.shares.hidden.get(number)):
            return f"not reverse-differentiable: {by}"
        if number in self.program.within:
            return f"within {self.program.within[number]}, which has a rule of its own"
        if number in self.program.leaves and number not in self.program.live:
            return "float0"
        return None


class _Thing:
    """Stands for a number."""


def _once(calls: Any) -> Iterator[Call]:
    yield from {id(call.function): call for call in calls}.values()


def _groups(
    program: Program, steps: Mapping[int, Step], facts: Facts, teller: _Teller
) -> Iterator[Group]:
    """Make the groups of frames that say something: not one around a single step, or around all."""
    frames = _frames(program, steps)
    members: dict[int, list[str]] = {at: [] for at in frames}
    inside: dict[int, int | None] = {}
    for step in steps.values():
        at = _nearest(program, step.frame, frames)
        for i in step.operands:  # a constant that nothing else needs
            if i not in program.variable:
                inside[i] = at if inside.get(i, at) == at else None
        if at is not None:
            results = [facts.id(teller.things[i]) for i in step.results]
            members[at] += [facts.functions[id(step)], *results]
    for i, at in inside.items():
        if at is not None:
            members[at].append(facts.id(teller.things[i]))
    for at in frames:
        frame = program.frames[at]
        parent = _nearest(program, frame.parent, frames)
        above = None if parent is None else f"frame{parent}"
        yield Group(f"frame{at}", frame.name, frame.kind, tuple(members[at]), above)


def _frames(program: Program, steps: Mapping[int, Step]) -> list[int]:
    """Return the frames that say something, outer ones first."""
    counts: dict[int, int] = {}
    for step in steps.values():
        at = step.frame
        while at is not None:
            counts[at] = counts.get(at, 0) + 1
            at = program.frames[at].parent
    calls = {at for at in counts if program.frames[at].kind in ("call", LIBRARY)}
    whole = {at for at in calls if counts[at] == len(steps) and program.frames[at].kind == "call"}
    return sorted(at for at in counts if at not in whole and not (at in calls and counts[at] == 1))


def _nearest(program: Program, frame: int | None, frames: Collection[int]) -> int | None:
    """Return the innermost of these frames that a frame is, or lies in."""
    while frame is not None and frame not in frames:
        frame = program.frames[frame].parent
    return frame


def events(
    steps: Mapping[int, Step],
    values: Mapping[int, Any],
    shares: Shares | None,
    ids: Mapping[int, str],
    functions: Mapping[int, str],
    kept: frozenset[int],
) -> Iterator[Event]:
    """Tell what happened to the numbers that have ``ids``; the gradients of some were ``kept``."""
    for k, step in steps.items():
        for number in step.results:
            yield Event("forward", 0, functions[k], ids[number], value=values[number])
    if shares is None:
        return
    flowing: dict[int, Any] = {}
    for number, seed in shares.seeds.items():
        if number in ids:
            flowing[number] = seed
            yield Event("seed", 1, variable=ids[number], value=graph_value(seed))
    for k, step in reversed(list(steps.items())):
        sent = {j: shares.sent[k, j] for j in range(len(step.operands)) if (k, j) in shares.sent}
        if sent:
            yield Event("pop", 1, functions[k], waiting=None)
            yield from _sent(step, sent, flowing, ids, functions[k])
        for number in step.operands:  # of what lies behind a loop nobody knows the sum
            if number in shares.hidden:
                flowing.pop(number, None)
    for number in flowing:
        word = "keep" if number in kept else "release"
        yield Event(word, 1, variable=ids[number], value=graph_value(shares.totals[number]))


def _sent(
    step: Step,
    sent: Mapping[int, Any],
    flowing: dict[int, Any],
    ids: Mapping[int, str],
    function: str,
) -> Iterator[Event]:
    """Tell what one step sends to its operands, and where that adds up."""
    came = [flowing[i] for i in step.results if i in flowing]
    upstream = came[0] if len(came) == 1 else None
    for j, share in sent.items():
        number = step.operands[j]
        yield Event(
            "rule",
            1,
            function,
            ids[number],
            j,
            graph_value(share),
            None if upstream is None else graph_value(upstream),
        )
        before = flowing.get(number)
        flowing[number] = share if before is None else before + share
        if before is not None:
            yield Event("sum", 1, variable=ids[number], value=graph_value(flowing[number]))
