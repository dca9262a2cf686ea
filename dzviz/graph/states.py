"""Events as pictures: the state of a graph at each step of its computation and its passes.

A state is a Graph like any other, so that every style draws it; what is not known yet and what is
happening stand in the ``mark`` of its nodes and edges.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dzviz.graph.duplicates import original, originals
from dzviz.graph.events import KINDS, Event
from dzviz.graph.model import Graph, Node, VariableNode
from dzviz.records import NamedTuple

FINE = 600
"""Films of more events take all that one Function does in one step."""


class Step(NamedTuple):
    """One step of a film: the graph as it is then, and what it has to do with the events.

    ``events`` are the places in the graph's events of what happens. ``news`` is the part of the
    graph that may look otherwise than a step before: these nodes, what stands in one box with them,
    and edges.
    """

    graph: Graph
    news: Graph
    events: range = range(0)


def steps(graph: Graph, *, common: bool = False) -> Iterator[Step]:
    """Go from the inputs of a graph whose events were recorded to its last state.

    With what is ``common`` the news have, too, what holds the same arrays and gradients.
    """
    state = State(graph, common=common)
    first = state.picture()
    yield Step(first, first)
    state.news()
    for events in groups(graph.events):
        state.unmark()
        for i in events:
            state.take(graph.events[i])
        yield Step(state.picture(), state.news(), events)
    yield Step(graph, graph)


def step(graph: Graph, number: int) -> Step:
    """Make one of the `steps` alone, the last one for any number beyond; it has no news."""
    made = list(groups(graph.events))
    if number > len(made):
        return Step(graph, graph)
    state = State(graph)
    for events in made[:number]:
        state.unmark()
        for i in events:
            state.take(graph.events[i])
    return Step(state.picture(), graph, made[number - 1] if number else range(0))


def groups(events: Sequence[Event]) -> Iterator[range]:
    """Put the events together that are one step; what is no step goes with what was before."""
    fine = len(events) <= FINE
    begin = 0
    for i, event in enumerate(events):
        kind = KINDS[event.kind]
        if (kind.begins or (fine and kind.step)) and i > begin:
            yield range(begin, i)
            begin = i
    if events:
        yield range(begin, len(events))


def length(graph: Graph) -> int:
    """Count the steps, without making them."""
    return 2 + sum(1 for _ in groups(graph.events))


class State:
    """A graph on its way: what is known so far, and what is happening.

    Nodes may be copies of one another, as `dzviz.graph.duplicates.spread` makes them. While a
    gradient is on its way only the copy to which something came tells so: hundreds would change at
    each step.
    """

    def __init__(self, graph: Graph, *, common: bool = False) -> None:
        self.graph = graph
        self.held, self.holders = _common(graph) if common else ({}, {})
        self.nodes = list(graph.nodes)
        self.edges = list(graph.edges)
        self.places: dict[str, list[int]] = {}
        self.originals = originals(graph)
        self.index = {node.id: i for i, node in enumerate(graph.nodes)}
        for i, node in enumerate(graph.nodes):
            self.places.setdefault(original(node), []).append(i)
        self.into: dict[str, list[int]] = {}
        self.out_of: dict[str, list[int]] = {}
        for i, edge in enumerate(graph.edges):
            self.into.setdefault(edge.target, []).append(i)
            self.out_of.setdefault(self.originals[edge.source], []).append(i)
        self.turn = 0
        self.lit: list[str] = []
        self.lit_edges: list[int] = []
        self.waiting: list[str] = []
        self.reached: dict[str, int] = {}
        self.new: set[int] = set()
        self.new_edges: set[int] = set()
        self.begin()

    def picture(self) -> Graph:
        """Return the state as it is now."""
        return self.graph._replace(
            nodes=tuple(self.nodes), edges=tuple(self.edges), troubles=(), events=()
        )

    def news(self) -> Graph:
        """Return what changed since this was last asked, each result with its maker."""
        edges = set(self.new_edges)
        new = self.new.union(*(self.places[self.edges[j].target] for j in edges))
        for i in tuple(new):
            id = self.nodes[i].id
            for j in (*self.into.get(id, []), *self.out_of.get(id, [])):
                edge = self.edges[j]
                if edge.arg is None:
                    edges.add(j)
                    new.update(self.places[edge.source] + self.places[edge.target])
        if self.held:
            new = self.with_partners(new)
        self.new.clear()
        self.new_edges.clear()
        return self.graph._replace(
            nodes=tuple(self.nodes[i] for i in sorted(new)),
            edges=tuple(self.edges[j] for j in sorted(edges)),
            outputs=(),
            troubles=(),
            events=(),
        )

    def with_partners(self, places: set[int]) -> set[int]:
        """Return these nodes and all that hold what they hold."""
        known = set(places)
        waiting = list(places)
        seen: set[object] = set()
        while waiting:
            for what in self.held.get(waiting.pop(), ()):
                if what not in seen:
                    seen.add(what)
                    waiting += self.holders.get(what, set()) - known
                    known |= self.holders.get(what, set())
        return known

    def begin(self) -> None:
        """Forget all gradients, and what is still to be computed."""
        forward = [event for event in self.graph.events if event.kind == "forward"]
        made = {id for event in forward for id in (event.function, event.variable)}
        self.forget_gradients()
        for i, edge in enumerate(self.edges):
            if edge.target in made:
                self.set_edge(i, mark="ahead")
                if _is_late(self.nodes[self.places[self.originals[edge.source]][0]]):
                    self.mark(self.originals[edge.source], "ahead")
        for id in made:
            self.mark(str(id), "ahead")

    def forget_gradients(self) -> None:
        """Begin a pass: there are no gradients yet."""
        self.reached.clear()
        for i, node in enumerate(self.nodes):
            if isinstance(node, VariableNode):
                self.nodes[i] = node.before_backward()
                self.new.add(i)
        for i in range(len(self.edges)):
            self.set_edge(i, contribution=None)

    def take(self, event: Event) -> None:
        """Do what the event says, and light up where it happens."""
        changes = KINDS[event.kind].changes
        if changes:
            getattr(self, changes)(event)
        if event.function is not None:
            self.light(event.function)
        if changes in ("send", "add", "arrive"):
            i = self.here(event)
            self.nodes[i] = self.nodes[i]._replace(mark="active")
            self.new.add(i)
            self.lit.append(str(event.variable))
        elif event.variable is not None:
            self.light(event.variable)

    def compute(self, event: Event) -> None:
        """Compute a result."""
        for i in self.into.get(str(event.function), []):
            self.mark(self.originals[self.edges[i].source], "")
            self.light_edge(i)
        for i in self.into.get(str(event.variable), []):
            self.light_edge(i)

    def start(self, event: Event) -> None:
        """Start from an output."""
        if event.turn != self.turn:
            self.turn = event.turn
            self.forget_gradients()
        variable = str(event.variable)
        self.reached.setdefault(variable, self.places[variable][0])
        self.change(event, seed=event.value, **self.flowing(event))

    def take_next(self, event: Event) -> None:
        """Take the next Function, and show which ones wait."""
        before, self.waiting = self.waiting, list(event.queue)
        for id in before:
            self.mark(id, "")
        for id in self.waiting:
            self.mark(id, "waiting")
        for i in self.out_of.get(str(event.function), []):
            self.light(self.edges[i].target)
            self.light_edge(i)

    def send(self, event: Event) -> None:
        """Send a gradient back; where one is already, their sum is the next event."""
        variable = str(event.variable)
        first = variable not in self.reached
        for i in self.into.get(str(event.function), []):
            if self.edges[i].arg == event.arg:
                self.set_edge(i, contribution=event.value)
                self.light_edge(i, "back")
                self.reached[variable] = self.index[self.edges[i].source]
        if first:
            self.arrive(event)

    def add(self, event: Event) -> None:
        """Add up what came."""
        self.arrive(event)
        here = self.nodes[self.here(event)].id
        for i in self.out_of.get(str(event.variable), []):
            if self.edges[i].contribution is not None and self.edges[i].source == here:
                self.light_edge(i, "back")

    def keep(self, event: Event) -> None:
        """Say at every copy what has come to one of them."""
        if len(self.places[str(event.variable)]) > 1:
            self.change(event, **self.flowing(event))
        self.note(event)

    def release(self, event: Event) -> None:
        """Let a gradient go; of the passes that make derivatives nothing is left."""
        if event.turn <= self.graph.order:
            self.change(event, grad=None, grad_state="none")
        else:
            self.change(event, grad=None, grad_state="released", grad_was=event.value)
        self.note(event)

    def note(self, event: Event) -> None:
        """Say the state of a gradient as its engine does, now that it is reached."""
        for i in self.places[str(event.variable)]:
            node = self.graph.nodes[i]
            if isinstance(node, VariableNode) and node.grad_note is not None:
                self.change(event, grad_note=node.grad_note)

    def flowing(self, event: Event) -> dict[str, Any]:
        """The gradient of the event, as it stands at its Variable."""
        leaf = event.variable not in self.into
        return {"grad": event.value, "grad_state": "leaf" if leaf else "retained"}

    def arrive(self, event: Event) -> None:
        """Show the gradient that has come so far, at the copy to which the last of it came."""
        i = self.here(event)
        self.nodes[i] = self.nodes[i]._replace(**self.flowing(event))
        self.new.add(i)

    def here(self, event: Event) -> int:
        """The copy of the event's Variable to which the last gradient came that is to be seen."""
        variable = str(event.variable)
        return self.reached.get(variable, self.places[variable][0])

    def change(self, event: Event, **facts: Any) -> None:
        """Change what is known of the event's Variable."""
        for i in self.places[str(event.variable)]:
            self.nodes[i] = self.nodes[i]._replace(**facts)
            self.new.add(i)

    def mark(self, id: str, mark: str) -> None:
        """Mark a node and its copies."""
        for i in self.places[id]:
            if self.nodes[i].mark != mark:
                self.nodes[i] = self.nodes[i]._replace(mark=mark)
                self.new.add(i)

    def light(self, id: str) -> None:
        """Mark a node until the next step."""
        self.mark(id, "active")
        self.lit.append(id)

    def set_edge(self, i: int, **facts: Any) -> None:
        """Change an edge."""
        self.edges[i] = self.edges[i]._replace(**facts)
        self.new_edges.add(i)

    def light_edge(self, i: int, mark: str = "active") -> None:
        """Mark an edge until the next step."""
        self.set_edge(i, mark=mark)
        self.lit_edges.append(i)

    def unmark(self) -> None:
        """Put out what was lit."""
        for id in self.lit:
            self.mark(id, "waiting" if id in self.waiting else "")
        for i in self.lit_edges:
            self.set_edge(i, mark="")
        self.lit, self.lit_edges = [], []


def _common(graph: Graph) -> tuple[dict[int, list[object]], dict[object, set[int]]]:
    """Return what each node holds, by its place, and who else is drawn where that is drawn."""
    held: dict[int, list[object]] = {}
    holders: dict[object, set[int]] = {}
    for i, node in enumerate(graph.nodes):
        if isinstance(node, VariableNode):
            own = [
                ("variable", node.id),
                *([("variable", node.grad_variable)] if node.grad_variable is not None else []),
                *([("array", node.array)] if node.array is not None else []),
            ]
            for what in own:
                holders.setdefault(what, set()).add(i)
            held[i] = [*own, ("array", node.grad_array)]  # which has its data in that of another
    return held, holders


def _is_late(node: Node) -> bool:
    """Whether it is a constant that only a derivative brings in."""
    return isinstance(node, VariableNode) and node.role == "constant" and node.order > 0
