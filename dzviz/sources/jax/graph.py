"""A traced program and its shares as a Graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dzviz.graph.model import Graph, Group, Passes
from dzviz.graph.rules import RULES, close
from dzviz.sources.facts import Call, Facts, Value, assemble
from dzviz.sources.jax.leaves import as_array
from dzviz.sources.jax.program import Program, Step
from dzviz.sources.jax.shares import Shares
from dzviz.sources.nonfinite import trouble_of


def graph_of(
    program: Program,
    outputs: Mapping[str, int],
    shares: Shares | None,
    *,
    title: str,
    retain_grad: bool = False,
) -> Graph:
    """Return the graph of what named outputs were computed from; without shares, forward alone.

    Raises:
        EvaluationError: A value is of no numbers that can be shown.
    """
    numbers = list(dict.fromkeys(outputs.values()))
    steps = program.needed(numbers)
    names = {number: name for name, number in outputs.items()} | program.leaves
    teller = _Teller(program, shares, names, retain_grad)
    used = {i for step in steps.values() for i in (*step.operands, *step.opened)}
    order = [i for i in program.leaves if i in used or i in numbers]
    calls: dict[int, Call] = {}
    for k, step in steps.items():
        order += [i for i in dict.fromkeys(step.operands) if i not in calls and i not in order]
        calls.update(dict.fromkeys(step.results, teller.call(k, step)))
        order += step.results
    order += [i for i in numbers if i not in order]
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
        passes=(made,) if made else (),
        flows=made,
        groups=tuple(_groups(program, steps, facts, teller)),
    )
    outside = close(graph, None)  # what a rule hides is no trouble
    return graph._replace(trouble=trouble_of(outside.nodes, outside.edges))


class _Teller:
    """Tells of numbers what is known of them; each has a thing that stands for it."""

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
            [None if share is None else as_array(share) for share in shares] + [None] * len(beside),
            source=step.source,
        )

    def value(self, number: int, call: Call | None) -> Value:
        """Tell what is known of a value, and the state of its gradient in JAX's words."""
        program = self.program
        value = Value(as_array(program.values[number]), call, name=self.names.get(number))
        if call is None and number not in program.leaves:
            return value._replace(grad_state="constant")
        if self.shares is None or number not in self.shares.totals:
            return value._replace(grad_state="none", grad_note=self.note(number))
        total, seed = as_array(self.shares.totals[number]), self.shares.seeds.get(number)
        value = value._replace(seed=None if seed is None else as_array(seed))
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
    """Make the groups of frames that have steps; one around all of a single call says nothing."""
    members: dict[int, list[str]] = {}
    for step in steps.values():
        at = step.frame
        if at is not None:
            nodes = [facts.functions[id(step)], *(facts.id(teller.things[i]) for i in step.results)]
            members.setdefault(at, []).extend(nodes)
        while at is not None:
            members.setdefault(at, [])
            at = program.frames[at].parent
    whole = _whole(program, steps)
    for at in sorted(members):
        frame = program.frames[at]
        if at in whole:
            continue
        parent = frame.parent if frame.parent not in whole else None
        yield Group(
            f"frame{at}",
            frame.name,
            frame.kind,
            tuple(members[at]),
            None if parent is None else f"frame{parent}",
        )


def _whole(program: Program, steps: Mapping[int, Step]) -> set[int]:
    """Find calls around all steps: the function itself, under ``jax.jit``."""
    whole: set[int] = set()
    while True:
        tops = {_top(program, step.frame, whole) for step in steps.values()}
        top = tops.pop() if len(tops) == 1 else None
        if top is None or program.frames[top].kind != "call":
            return whole
        whole.add(top)


def _top(program: Program, frame: int | None, below: set[int]) -> int | None:
    """Return the outermost frame around a step that is not among those."""
    found = None
    while frame is not None and frame not in below:
        found, frame = frame, program.frames[frame].parent
    return found
