"""From what was recorded of a program to a Graph, with the states in PyTorch's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from dzviz.graph.events import Event
from dzviz.graph.model import Edge, FunctionNode, Graph, Node, Passes, VariableNode
from dzviz.records import NamedTuple
from dzviz.sources.facts import UNKNOWN
from dzviz.sources.frozen import free_letter
from dzviz.sources.nonfinite import troubles_of
from dzviz.sources.pytorch.grouping import Parts, groups
from dzviz.sources.pytorch.names import Names
from dzviz.sources.pytorch.notes import Call, Pass, Seen
from dzviz.sources.pytorch.rules import is_own, is_unasked
from dzviz.sources.pytorch.values import adds_up, is_alike, value_of


class Options(NamedTuple):
    """How a recording becomes a graph.

    All gradients count as ``retained`` where that is asked for. ``failed`` is the call at which the
    program ended. What is ``beside`` the graph of the outputs is a part of it, too.
    """

    names: Names
    title: str | None = None
    retained: bool = False
    most: int = 4096
    failed: Call | None = None
    beside: tuple[Seen, ...] = ()


def graph_of(outputs: Sequence[Seen], options: Options) -> Graph:
    """Make the graph that computed these."""
    return _Maker(outputs, options).graph()


class _Maker:
    """Makes one graph."""

    def __init__(self, outputs: Sequence[Seen], options: Options) -> None:
        self.outputs, self.options = list(outputs), options
        ends = [*outputs, *options.beside, *(options.failed.operands if options.failed else ())]
        self.seen = reached(ends)
        self.calls = list(dict.fromkeys(s.call for s in self.seen if s.call is not None))
        if options.failed is not None:
            self.calls.append(options.failed)
        self.ids = {seen: f"v{i}" for i, seen in enumerate(self.seen)}
        self.functions = {call: f"f{i}" for i, call in enumerate(self.calls)}
        self.names = {seen: self.name(seen) for seen in self.seen}
        self.generations: dict[Seen, int] = {}
        self.grads: dict[Seen, Any] = {}
        self.altered: set[Seen] = set()
        self.leaves: dict[int, list[str]] = {}
        for seen in self.seen:
            if seen.call is None:
                self.leaves.setdefault(id(seen.entry.tensor()), []).append(self.ids[seen])

    def graph(self) -> Graph:
        """Make it."""
        letter = free_letter(self.names.values())
        nodes: list[Node] = []
        edges: list[Edge] = []
        placed: dict[Call, int] = {}
        for seen in self.seen:
            generation = 0
            if (call := seen.call) is not None:
                if call not in placed:
                    self.place(call, placed, nodes, edges)
                generation = placed[call] + 1
                edges.append(Edge(self.functions[call], self.ids[seen], 0))
            self.generations[seen] = generation
            nodes.append(self.variable(seen, generation, letter))
        if self.options.failed is not None:
            self.place(self.options.failed, placed, nodes, edges)
        made = {s: self.made(s) for s in self.seen if s in self.grads}
        several = len(set(made.values())) > 1
        if several:
            of = {self.ids[s]: passes for s, passes in made.items()}
            nodes = [
                _with_passes(n, of[n.id]) if isinstance(n, VariableNode) and n.id in of else n
                for n in nodes
            ]
        passes = tuple(dict.fromkeys(made.values()))
        parts = Parts(
            self.calls,
            self.seen,
            self.functions,
            self.ids,
            self.uses,
            self.leaves,
            self.options.names,
        )
        return Graph(
            nodes=tuple(nodes),
            edges=tuple(edges),
            outputs=tuple(self.ids[seen] for seen in self.outputs),
            title=self.options.title,
            troubles=troubles_of(nodes, edges),
            passes=() if passes == (None,) else passes,
            flows=self.flows,
            events=tuple(self.events()),
            groups=tuple(groups(parts)),
            engine="torch",
        )

    def place(
        self,
        call: Call,
        placed: dict[Call, int],
        nodes: list[Node],
        edges: list[Edge],
    ) -> None:
        """Make the node of a call and its operands' edges."""
        placed[call] = max((self.generations[x] for x in call.operands), default=0)
        target = self.functions[call]
        nodes.append(FunctionNode(target, call.op, call.label, placed[call], source=call.source))
        uses: dict[Seen, int] = {}
        for i, x in enumerate(call.operands):
            uses[x] = key = uses.get(x, -1) + 1
            known = i < len(call.sent) and self.is_shown(call)
            sent = call.sent[i] if known else None
            edges.append(Edge(self.ids[x], target, key, i, sent))

    def variable(self, seen: Seen, generation: int, letter: str) -> VariableNode:
        """Make the node of a tensor."""
        state, grad, was, notes = self.state(seen)
        if grad is not None or was is not None:
            self.grads[seen] = grad
        is_output = any(seen is y for y in self.outputs)
        role = "output" if is_output else "intermediate"
        if seen.call is None and not is_output:
            role = "input" if seen.requires_grad or self.names[seen] else "constant"
        seed = None
        if is_output and seen.reached is not None and self.is_root(seen, seen.reached):
            seed = seen.total
        return VariableNode(
            id=self.ids[seen],
            name=self.names[seen],
            role=role,
            shape=seen.contents.shape,
            dtype=seen.contents.dtype,
            data=seen.contents.value,
            grad=grad,
            grad_state=state,
            grad_was=was,
            seed=seed,
            generation=generation,
            letter=letter,
            grad_note=", ".join(notes) or None,
        )

    def state(self, seen: Seen) -> tuple[str, Any, Any, list[str]]:
        """Tell the state of a gradient, what it is, what it was, and what PyTorch says about it."""
        notes: list[str] = []
        if not seen.requires_grad:
            if seen.contents.is_real:
                notes.append(seen.why or "requires_grad False")
            return "constant", None, None, notes
        if seen in self.changed:
            notes.append("changed by a hook")
        tensor = seen.entry.tensor()
        current = tensor is not None and seen.entry.seen is seen
        if seen.leaf:
            return self.leaf_state(seen, tensor, current, notes)
        if current and tensor.retains_grad:
            grad = value_of(tensor.grad, self.options.most)
            if grad is not None:
                if not is_alike(grad, seen.total):  # by the user, or by another pass before
                    self.altered.add(seen)
                return "retained", grad, None, [*notes, "retained"]
        if seen.total is None:
            return "none", None, None, [*notes, "not a leaf"]
        if self.options.retained:
            return "retained", seen.total, None, notes
        return "released", None, seen.total, [*notes, "not a leaf"]

    def leaf_state(
        self, seen: Seen, tensor: Any, current: bool, notes: list[str]
    ) -> tuple[str, Any, Any, list[str]]:
        """Tell the same of a leaf, whose ``tensor`` may be gone or have other data since."""
        grad = value_of(tensor.grad, self.options.most) if current else None
        if grad is None and current is False and seen.total is not None:
            grad = seen.total
        if grad is None:
            notes += ["set to None since"] if seen.total is not None else []
            if not current and len(self.versions[seen.entry]) > 1 and seen.total is None:
                notes.append("part of the gradient of its later data")
            if current and is_unasked(seen, self.uses.get(seen, ())):
                notes.append("not asked for by the pass")
            return "none" if seen.total is None else "released", None, seen.total, notes
        if current and not is_alike(grad, seen.entry.left):
            self.altered.add(seen)
        if any(s is not seen and s in self.uses for s in self.versions[seen.entry]):
            notes.append("with that of its earlier data")
        if len(seen.entry.added) > 1:
            notes.append(f"accumulated over {len(seen.entry.added)} passes")
        return "leaf", grad, None, notes

    @cached_property
    def changed(self) -> frozenset[Seen]:
        """The tensors that were not reached by the sum of what was sent to them."""
        return frozenset(seen for seen in self.seen if self.is_changed(seen))

    def is_changed(self, seen: Seen) -> bool:
        """Whether what reached a tensor is not the sum of what was sent to it.

        What was sent to a leaf before its data was changed is a part of that.
        """
        if seen.reached is None or isinstance(seen.total, tuple):
            return False
        same = self.versions[seen.entry] if seen.leaf else [seen]
        uses = [call for each in same for call in self.uses.get(each, ())]
        sent = [
            call.sent[i]
            for call in dict.fromkeys(uses)
            for i, x in enumerate(call.operands)
            if x in same and call.at is seen.reached and call.sent[i] is not None
        ]
        if not sent or any(isinstance(each, tuple) for each in sent):
            return False
        results = [y for call in uses for r in call.results if (y := r()) is not None]
        return not adds_up(sent, seen.total, [each.contents.dtype for each in (seen, *results)])

    @cached_property
    def versions(self) -> Mapping[Any, list[Seen]]:
        """Each leaf as it was before and after changes of its data."""
        found: dict[Any, list[Seen]] = {}
        for seen in self.seen:
            if seen.leaf:
                found.setdefault(seen.entry, []).append(seen)
        return found

    @cached_property
    def is_derivative(self) -> bool:
        """Whether gradients are what the ops make of them: no rule or hook of a user takes part."""
        return not (
            self.changed
            or any(call.unseen or is_own(call) for call in self.calls)
            or any(len([s for s in seen if s in self.uses]) > 1 for seen in self.versions.values())
        )

    @cached_property
    def last(self) -> Pass | None:
        """The last pass that came by and is that of the outputs; where none is, the last one."""
        flowed = {call.at: None for call in self.calls if call.at is not None}
        ordered = sorted(flowed, key=lambda each: each.number)
        return next(
            (p for p in reversed(ordered) if self.passes_of(p) is None),
            ordered[-1] if ordered else None,
        )

    @cached_property
    def flows(self) -> Passes | None:
        """The passes of the shares that are shown."""
        return None if self.last is None else self.passes_of(self.last)

    def is_shown(self, call: Call) -> bool:
        """Whether what a call sent was of such a pass: shares of several do not add up."""
        return call.at is not None and self.passes_of(call.at) == self.flows

    @cached_property
    def uses(self) -> Mapping[Seen, list[Call]]:
        """The calls of which a tensor is an operand."""
        found: dict[Seen, list[Call]] = {}
        for call in self.calls:
            for x in dict.fromkeys(call.operands):
                found.setdefault(x, []).append(call)
        return found

    def name(self, seen: Seen) -> str | None:
        """Return the name of a tensor, where it has one."""
        tensor = seen.entry.tensor()
        found = seen.entry.name
        if found is None and tensor is not None:
            found = self.options.names.tensors.get(id(tensor))
        return found if seen.call is None or seen.entry.seen is seen else None

    def is_root(self, seen: Seen, made: Pass) -> bool:
        """Whether a pass started here."""
        return any(each() is seen for each in made.roots)

    def passes_of(self, made: Pass) -> Passes | None:
        """Tell what a pass is to the graph; None is that of its outputs, from ones."""
        roots = [each() for each in made.roots]
        ones = all(np.ndim(s) == 0 and not isinstance(s, tuple) and s == 1 for s in made.seeds)
        ones |= all(not isinstance(s, tuple) and bool(np.all(s == 1)) for s in made.seeds)
        outputs = [y for y in self.outputs if y.requires_grad]
        if ones and made.seeds and set(map(id, roots)) == set(map(id, outputs)):
            if self.is_derivative:
                return None
            return Passes(1, (" + ".join(self.output_names()),), drawn=True)
        of = []
        for root in roots:
            if root is None or root not in self.ids:
                of.append("another output")
            else:
                alone = "the output" if root in self.outputs else self.ids[root]
                of.append(self.names[root] or alone)
        return Passes(1, tuple(of) or ("another output",), seed=not ones)

    def made(self, seen: Seen) -> Passes | None:
        """Tell which passes made the gradient of a tensor."""
        if not seen.leaf:
            unknown = seen.reached is None or seen in self.altered
            return UNKNOWN if unknown or seen.reached is None else self.passes_of(seen.reached)
        added = seen.entry.added if seen.entry.seen is seen else [seen.reached]
        if seen.entry.found or None in added or not added or seen in self.changed:
            return UNKNOWN
        changed = seen in self.altered
        parts = [self.passes_of(made) for made in added if made is not None]
        if len(parts) == 1 and not changed:
            return parts[0]
        of = dict.fromkeys(n for one in parts for n in (one.of if one else self.output_names()))
        seed = any(one.seed for one in parts if one)
        return Passes(len(parts), tuple(of), seed=seed, changed=changed)

    def output_names(self) -> tuple[str, ...]:
        """Return what the outputs are called."""
        return tuple(self.names[y] or "the output" for y in self.outputs)

    def events(self) -> Iterator[Event]:
        """Tell what happened: the calls in their order, then the last pass."""
        for seen in self.seen:
            if seen.call is not None:
                yield Event("forward", 0, self.functions[seen.call], self.ids[seen],
                            value=seen.contents.value)  # fmt: skip
        last = self.last
        if last is None:
            return
        flowing: dict[Seen, Any] = {}
        for each in last.roots:
            root = each()
            if root is not None and root in self.ids and root.reached is last:
                flowing[root] = root.total
                yield Event("seed", 1, variable=self.ids[root], value=root.total)
        for each_call in last.order:
            call = each_call()
            if call is None or call not in self.functions or call.at is not last:
                continue
            yield Event("pop", 1, self.functions[call], waiting=None)
            results = [s for r in call.results if (s := r()) is not None and s.reached is last]
            upstream = results[0].total if len(results) == 1 else None
            for i, (x, gx) in enumerate(zip(call.operands, call.sent, strict=True)):
                if gx is None:
                    continue
                yield Event("rule", 1, self.functions[call], self.ids[x], i, gx, upstream,
                            _local(upstream, gx))  # fmt: skip
                old = flowing.get(x)
                known = not isinstance(gx, tuple) and not isinstance(old, tuple)
                flowing[x] = gx if old is None else old + gx if known else x.total
                if old is not None and flowing[x] is not None:
                    yield Event("sum", 1, variable=self.ids[x], value=flowing[x])
        for x in flowing:
            kept = x in self.grads and self.grads[x] is not None
            if x.total is not None:
                yield Event("keep" if kept else "release", 1, variable=self.ids[x], value=x.total)


def _with_passes(node: VariableNode, passes: Passes | None) -> VariableNode:
    """Say for a node which passes made its gradient; their number is then not said twice."""
    if passes is not None and passes.times > 1 and node.grad_note is not None:
        words = [w for w in node.grad_note.split(", ") if not w.startswith("accumulated over")]
        node = node._replace(grad_note=", ".join(words) or None)
    return node._replace(passes=passes)


def reached(ends: Iterable[Seen]) -> list[Seen]:
    """Find all that these were computed from, in the order in which it was seen."""
    found = dict.fromkeys(ends)
    stack = list(found)
    while stack:
        call = stack.pop().call
        for x in () if call is None else call.operands:
            if x not in found:
                found[x] = None
                stack.append(x)
    return sorted(found, key=lambda seen: (0 if seen.call is None else 1, seen.number))


def _local(upstream: Any, gx: Any) -> Any:
    """Return what a number was multiplied by; a rule of theirs is not run a second time."""
    if upstream is None or isinstance(gx, tuple) or isinstance(upstream, tuple):
        return None
    if np.ndim(gx) or np.ndim(upstream) or not upstream:
        return None
    with np.errstate(all="ignore"):
        return gx / upstream
