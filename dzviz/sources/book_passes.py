"""A graph of a reader's own DeZero with what was recorded of its last backward pass.

What the engine computed is shown, even if it is wrong: a share is what a rule returned, a
gradient what the engine made of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dzviz.graph.events import Event
from dzviz.graph.model import FunctionNode, Graph, Passes
from dzviz.sources import book
from dzviz.sources.book_recorder import BookRecorder, Note, Pass, Rule, same
from dzviz.sources.facts import UNKNOWN, Facts, Value, assemble, collect


def graph(recorder: BookRecorder, y: Any) -> Graph:
    """Return the graph that computed ``y``, with all that is known of the last pass.

    Raises:
        EvaluationError: A Function was applied twice, or data is no real number.
    """
    if recorder.trouble is not None:
        raise recorder.trouble
    reader = _Reader(recorder)
    facts = collect(y, reader.tell)
    teller = _Teller(facts)
    made = {id(x): reader.passes(x, value, teller) for x, value in facts.values}
    left = {made[id(x)] for x, v in facts.values if v.grad is not None or v.grad_was is not None}
    several = len(left) > 1
    facts = facts._replace(
        values=[(x, v._replace(passes=made[id(x)] if several else None)) for x, v in facts.values]
    )
    flows = teller.passes_of(recorder.last) if recorder.last and reader.rules else None
    passes = tuple(p for p in dict.fromkeys(made.values()) if p in left)
    events = tuple(_Events(recorder.last, facts).all()) if recorder.last else ()
    return _with_places(assemble(facts, passes=passes, flows=flows)._replace(events=events))


def _with_places(graph: Graph) -> Graph:
    """Say for each Function when the last pass took it; an engine may take one twice."""
    taken = [event.function for event in graph.events if event.kind == "pop"]
    back = {function: place for place, function in enumerate(taken, 1)}
    nodes = [
        node._replace(back=back.get(node.id)) if isinstance(node, FunctionNode) else node
        for node in graph.nodes
    ]
    return graph._replace(nodes=tuple(nodes)) if len(back) == len(taken) else graph


class _Reader:
    """Says what Variables hold, and what the last pass did with them."""

    def __init__(self, recorder: BookRecorder) -> None:
        self.notes = recorder.notes
        self.last = recorder.last
        self.rules: dict[int, list[Rule]] = {}
        for rule in self.last.rules if self.last else ():
            if (function := rule.function()) is not None:
                self.rules.setdefault(id(function), []).append(rule)

    def tell(self, x: Any) -> Value:
        """Tell what is known of a Variable."""
        value = book.tell(x)
        if self.last is not None and self.last.output() is x:
            value = value._replace(seed=self.last.seed)
        rules = self.rules.get(id(x.creator), []) if value.call else []
        if value.call is None or not rules:
            return value
        sent = [_total(rule.sent[i] for rule in rules) for i in range(len(rules[0].sent))]
        value = value._replace(call=value.call._replace(contributions=sent))
        if value.grad is not None:
            return value
        place = next(i for i, y in enumerate(book.results_of(x.creator)) if y is x)
        return value._replace(grad_state="released", grad_was=rules[-1].upstream[place])

    def passes(self, x: Any, value: Value, teller: _Teller) -> Passes | None:
        """Tell which passes made the gradient of a Variable; None where there is none."""
        note = self.notes.get(id(x))
        if value.grad is not None:
            known = note is not None and note.x() is x and note.gradient() is x.grad
            return teller.added(note) if known and note else UNKNOWN
        return None if value.grad_was is None or self.last is None else teller.passes_of(self.last)


class _Teller:
    """Says what passes are to a graph."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.names = {value.name for _, value in facts.values}

    def of(self, made: Pass) -> str:
        """Name the output of a pass: as in the graph, else by the name that it had."""
        y = made.output()
        if y is not None and id(y) in self.facts.ids:
            if len(self.facts.outputs) == 1 and y is self.facts.outputs[0]:
                return made.name or "the output"
            return made.name or self.facts.id(y)
        if made.name is None:
            return "another output"
        return f"another {made.name}" if made.name in self.names else made.name

    def passes_of(self, made: Pass) -> Passes:
        """Tell what gradients are that one pass made: no claim that they are derivatives."""
        seed: float | bool = False
        if made.seed is not None and not np.all(made.seed == 1):
            seed = True if np.ndim(made.seed) else float(made.seed)
        drawn = len(self.facts.outputs) == 1 and made.output() is self.facts.outputs[0]
        return Passes(1, (self.of(made),), drawn and seed is False, seed=seed)

    def added(self, note: Note) -> Passes:
        """Tell what a gradient is that several passes may have added to."""
        if None in note.passes:
            return UNKNOWN
        parts = [self.passes_of(made) for made in note.passes if made is not None]
        if len(parts) == 1:
            return parts[0]
        of = dict.fromkeys(name for one in parts for name in one.of)
        return Passes(len(parts), tuple(of), seed=any(one.seed for one in parts))


class _Events:
    """Puts the record of a pass into events, as far as it happened to the nodes of a graph."""

    def __init__(self, made: Pass, facts: Facts) -> None:
        self.made, self.facts = made, facts
        self.flowing: dict[str, Any] = {}
        self.kept: set[str] = set()
        self.fifo = _is_fifo(made)

    def all(self) -> Iterator[Event]:
        """Tell all of it in order."""
        y = self.made.output()
        known = [(rule, rule.function()) for rule in self.made.rules]
        if y is not None and id(y) in self.facts.ids:
            yield self.event("seed", y, self.made.seed)
        released: list[Event] = []
        for rule, function in known:
            if function is None or id(function) not in self.facts.functions:
                continue
            yield from released
            released = []
            yield self.pop(rule, function)
            for place, result in enumerate(book.results_of(function)):
                if self.has(result) and rule.upstream[place] is not None:
                    if rule.released[place : place + 1] == [True]:
                        released.append(self.event("release", result, rule.upstream[place]))
                        self.flowing.pop(self.facts.id(result), None)
                    elif self.facts.id(result) not in self.kept:
                        yield self.event("keep", result, rule.upstream[place])
                        self.kept.add(self.facts.id(result))
            yield from self.rules(rule, function)
        yield from released
        held = {self.facts.id(x): x for x, value in self.facts.values if value.grad is not None}
        for node, gx in self.flowing.items():
            if node in held and node not in self.kept:
                yield self.event("keep", held[node], gx)

    def has(self, x: Any) -> bool:
        """Whether it is in the graph."""
        return x is not None and id(x) in self.facts.ids

    def event(self, kind: str, x: Any, value: Any) -> Event:
        """Make an event of a Variable, and note what its gradient is then."""
        if kind == "seed":
            self.flowing[self.facts.id(x)] = value
        return Event(kind, 1, variable=self.facts.id(x), value=value)

    def pop(self, rule: Rule, function: Any) -> Event:
        """Tell which Function is next."""
        queue = [self.facts.functions.get(id(f())) for f in rule.queue]
        order = queue if self.fifo else queue[::-1]
        return Event(
            "pop",
            1,
            self.facts.functions[id(function)],
            queue=tuple(f for f in order if f is not None),
            waiting=rule.waiting,
        )

    def rules(self, rule: Rule, function: Any) -> Iterator[Event]:
        """Tell what a Function sent back, and what the engine made of it."""
        operands = book.operands_of(function)
        upstream = rule.upstream[0] if len(rule.upstream) == 1 else None
        other = self.other(rule, operands)
        last = {id(x): i for i, x in enumerate(operands)}
        for i, (x, gx) in enumerate(zip(operands, rule.sent, strict=False)):
            if gx is None or not self.has(x):
                continue
            yield Event(
                "rule",
                1,
                self.facts.functions[id(function)],
                self.facts.id(x),
                i,
                gx,
                upstream,
                _local(upstream, gx),
            )
            node = self.facts.id(x)
            old = self.flowing.get(node)
            if id(x) in other:
                if i == last[id(x)]:
                    self.flowing[node] = other[id(x)]
                    yield self.event("set", x, other[id(x)])
                continue
            self.flowing[node] = gx if old is None else old + gx
            if old is not None:
                yield self.event("sum", x, self.flowing[node])

    def other(self, rule: Rule, operands: Sequence[Any]) -> dict[int, Any]:
        """Return the gradients that are not the sum of what came, where the engine keeps them."""
        totals: dict[int, Any] = {}
        for x, gx in zip(operands, rule.sent, strict=False):
            if gx is not None and self.has(x):
                old = totals.get(id(x), self.flowing.get(self.facts.id(x)))
                totals[id(x)] = gx if old is None else old + gx
        found = {id(x): gx for x, gx in zip(operands, rule.after, strict=False) if gx is not None}
        return {
            key: found[key] for key in totals if key in found and not same(totals[key], found[key])
        }


def _total(values: Iterator[Any]) -> Any:
    total = None
    for value in values:
        if value is not None:
            total = value if total is None else total + value
    return total


def _local(upstream: Any, gx: Any) -> Any:
    """Return what a number was multiplied by; a rule of theirs is not run a second time."""
    if upstream is None or np.ndim(gx) or np.ndim(upstream) or not upstream:
        return None
    with np.errstate(all="ignore"):
        return gx / upstream


def _is_fifo(made: Pass) -> bool:
    """Whether the engine takes the first Function of its list, not the last one."""
    votes = 0
    for rule, following in zip(made.rules, made.rules[1:], strict=False):
        queue = [f() for f in rule.queue]
        if len(queue) > 1 and len(queue) == rule.waiting:
            function = following.function()
            votes += (function is queue[0]) - (function is queue[-1])
    return votes > 0
