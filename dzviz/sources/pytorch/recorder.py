"""A program of PyTorch while it runs: each op by a `TorchFunctionMode`, what flows back by hooks.

Nothing that the program computes is changed: tensors are looked at, nodes of autograd get hooks
that return nothing. Hooks refer to the record weakly, since nodes hold them where Python's garbage
collector does not look.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from weakref import WeakValueDictionary, ref

import torch
from torch.overrides import TorchFunctionMode

from dzviz.sources.pytorch.flow import hook_leaf, hook_nodes
from dzviz.sources.pytorch.notes import Call, Edge, Entry, Pass, Seen
from dzviz.sources.pytorch.opened import opened
from dzviz.sources.pytorch.scopes import Scopes
from dzviz.sources.pytorch.tensors import (
    base_of,
    edge_of,
    hidden,
    is_data_set,
    is_in,
    is_kept_leaf,
    is_lazy,
    unique,
    version_of,
)
from dzviz.sources.pytorch.values import MOST, contents, tensors_in
from dzviz.sources.pytorch.ways import LEAVING, History, why_none
from dzviz.sources.pytorch.words import OVERWRITING, label_of, node_word, op_of, writes

PASSES = 8
"""At most this many passes that run inside each other, or shortly after, are distinguished."""


RECENT = 16
"""The last so many tensors are remembered even if the program keeps them no more: operands of a
call that no mode sees, which is found when its result is used."""


class Recorder(TorchFunctionMode):
    """Writes down what runs within its ``with`` block in this thread.

    Tensors with more than ``most`` elements are described by their range. ``failure`` is the call
    that raised an error, and the error. ``unseen`` are words for what could not be looked into.
    Calls are remembered in a ``history`` where one is set.
    """

    def __init__(self, most: int = MOST) -> None:
        super().__init__()
        self.most = most
        self.entries: dict[int, Entry] = {}
        self.edges: WeakValueDictionary[tuple[int, int], Seen] = WeakValueDictionary()
        self.bridges: WeakValueDictionary[int, Call] = WeakValueDictionary()
        self.scopes = Scopes()
        self.recent: deque[Seen] = deque(maxlen=RECENT)
        self.count = 0
        self.active = False
        self.depth = 0
        self.tasks: dict[int, Pass] = {}
        self.passes = 0
        self.expected: tuple[Seen, ...] = ()
        self.last: tuple[Pass, tuple[Seen, ...]] | None = None
        self.failure: tuple[Call, BaseException] | None = None
        self.unseen: dict[str, None] = {}
        self.log: list[Call] | None = None
        self.history: History | None = None
        self.handle = handler()

    @contextmanager
    def recording(self) -> Iterator[Recorder]:
        """Record what runs within a ``with`` block, and what flows back in it."""
        self.active = True
        try:
            with self:
                yield self
        finally:
            self.active = False
            self.scopes.leave()
            self.recent.clear()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Let what flows back within a ``with`` block be recorded, and no op."""
        self.active = True
        try:
            yield
        finally:
            self.active = False

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        """Run an op, and write it down."""
        return self.handle(self, func, args, kwargs or {})

    def look(self, func: Any, args: Sequence[Any], kwargs: Any) -> Any:
        """Run an op, and write it down if it is one of a forward pass."""
        op = op_of(func)
        if op is None and is_data_set(func) and not self.is_twin(args[1], args[0]):
            self.written(args[0])
        if op is None or torch._C._current_graph_task_id() != -1:  # a rule, or computed again
            if op is None and getattr(func, "__name__", "") == "backward":
                self.scopes.leave()
            if self.history is not None and torch._C._current_graph_task_id() == -1:
                self.left(func, args)
            return func(*args, **kwargs)
        given = tensors_in([args, {k: v for k, v in kwargs.items() if k != "out"}])
        if not given or any(map(is_lazy, given)):
            return func(*args, **kwargs)
        if (word := hidden(given)) is not None:
            self.unseen[word] = None
            return func(*args, **kwargs)
        source, optimising = self.scopes.look(sys._getframe(2))
        if optimising:
            return func(*args, **kwargs)
        return self.run(op, func, args, kwargs, given, source)

    def run(
        self,
        op: str,
        func: Any,
        args: Sequence[Any],
        kwargs: Any,
        given: Sequence[torch.Tensor],
        source: tuple[str, int] | None,
    ) -> Any:
        """Run one op; what it returns, or what it has changed, is its result."""
        operands = [self.seen(t) for t in given]
        edges = [edge_of(t) for t in given]
        versions = [version_of(t) for t in given]
        bases = [base_of(t) for t in given]
        before = [None if b is None else self.seen(b) for b in bases]
        label = label_of(func, op, args, kwargs)
        call = Call(self.next(), op, label, operands, edges, self.scopes.now, source)
        inner = opened(func)
        try:
            if inner is None:
                result = func(*args, **kwargs)
            else:
                result, made = self.open(inner, args, kwargs, op)
                if len(made) == 1:
                    made[0].op, made[0].label = op, label
                if made:
                    return result
        except Exception as error:
            if self.failure is None or self.failure[1] is not error:
                self.failure = call, error
            raise
        outs, views = self.outcome(call, result, given, versions, bases, before)
        results = [t for t in unique(outs) if not self.is_known(t) and not is_kept_leaf(t)]
        if results and not (op in OVERWRITING and not call.operands[0].requires_grad):
            self.made(call, results)
            if call.unseen:
                call.label += " (no_grad)"
            for view in views:
                self.seen(view)
        elif self.history is not None and not outs:
            self.history.add(call)
        return result

    def outcome(
        self,
        call: Call,
        result: Any,
        given: Sequence[torch.Tensor],
        versions: Sequence[int],
        bases: Sequence[torch.Tensor | None],
        before: Sequence[Seen | None],
    ) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Return what an op made or changed, and which views of that it was written through."""
        outs = tensors_in(result)
        if given[0].is_inference() and writes(call.op):  # which nothing counts
            call.operands[0].entry.version = -2
        changed = [
            i
            for i, t in enumerate(given)
            if version_of(t) != versions[i] or call.operands[i].entry.version == -2
        ]
        roots, views = list[torch.Tensor](), list[torch.Tensor]()
        for i in changed:
            base, old = bases[i], before[i]
            root = given[i] if base is None else base
            if is_in(root, roots):  # an operand in the memory that was written into
                continue
            roots.append(root)
            self.written(root, call)
            if base is not None and old is not None and version_of(base) != old.entry.version:
                call.operands[i], call.edges[i] = old, old.edge
                outs = [base, *(t for t in outs if t is not given[i])]
                views.append(given[i])
                view = self.entries[id(given[i])].view
                if view is not None and i == 0:
                    call.label = f"{view[1]} {call.label}"
            elif not outs or given[i].requires_grad or is_in(given[i], outs):
                outs = [*outs, given[i]]
        return outs, views

    def written(self, t: torch.Tensor, call: Call | None = None) -> None:
        """Note that the data of a tensor was set, or that a call wrote into the data of another.

        Autograd does not know it, and no version tells it.
        """
        entry = self.entries.get(id(t))
        if call is not None and entry is not None:
            entry = None if entry.twin is None else entry.twin()
        tensor = None if entry is None else entry.tensor()
        if entry is None or entry.seen is None or tensor is None:
            return
        if call is None or entry.seen.call is None:
            entry.version = -2
        else:
            label = f".data {call.label}"
            self.made(Call(self.next(), call.op, label, [entry.seen], [entry.seen.edge],
                           self.scopes.now, call.source), [tensor])  # fmt: skip

    def is_twin(self, data: torch.Tensor, t: torch.Tensor) -> bool:
        """Whether one is the data of the other: ``t.data += 1`` sets it to what it is."""
        entry = self.entries.get(id(data))
        twin = None if entry is None else entry.twin
        return twin is not None and twin() is self.entries.get(id(t))

    def left(self, func: Any, args: Sequence[Any]) -> None:
        """Remember a call that makes no tensor, and is no op."""
        word = str(getattr(func, "__name__", ""))
        given = tensors_in(args)
        if self.history is not None and word in LEAVING and given:
            source, _ = self.scopes.look(sys._getframe(3))
            operands = [self.seen(t) for t in given]
            self.history.add(Call(self.next(), word, word, operands, [], None, source))

    def open(
        self, inner: Callable[..., Any], args: Sequence[Any], kwargs: Any, op: str
    ) -> tuple[Any, list[Call]]:
        """Run a function that is made of ops, and see these."""
        outside, self.log = self.log, []
        with self.scopes.within(op), self:
            result = inner(*args, **kwargs)
        made, self.log = self.log, outside
        if outside is not None:
            outside += made
        if len(made) == 1:
            made[0].scope = self.scopes.now
        return result, made

    def made(self, call: Call, results: Sequence[torch.Tensor]) -> None:
        """Note what a call has made, and hook the nodes of autograd between."""
        if self.log is not None:
            self.log.append(call)
        seen = [self.note(t, call) for t in results]
        call.results += [ref(each) for each in seen]
        if not writes(call.op):
            for each in seen:
                each.entry.view = call.op, call.label
        if call.op == "data":
            seen[0].entry.twin = ref(call.operands[0].entry)
        hook_nodes(self, call, seen)
        call.sent = [None] * len(call.operands)
        for each, edge in zip(call.operands, call.edges, strict=True):
            if edge is not None and each.leaf:
                hook_leaf(self, each, edge[0])
        if not any(each.requires_grad for each in seen) and any(
            each.requires_grad for each in call.operands
        ):
            for each in seen:
                each.why = why_none(call.op, each)
        if self.history is not None:
            self.history.add(call, seen)

    def seen(self, t: torch.Tensor) -> Seen:
        """Return the note of a tensor as it is now."""
        entry = self.entries.get(id(t))
        if entry is not None and entry.seen is not None and is_as(entry, t):
            return entry.seen
        return self.meet(t, entry)

    def is_known(self, t: torch.Tensor) -> bool:
        """Whether there is a note of a tensor as it is now."""
        entry = self.entries.get(id(t))
        return entry is not None and is_as(entry, t)

    def meet(self, t: torch.Tensor, entry: Entry | None) -> Seen:
        """Note a tensor that no op was seen to make: a leaf, a view of what was changed, or more.

        What autograd knows of it tells what it was made of.
        """
        base = base_of(t)
        old = None if entry is None else entry.seen
        if entry is not None and old is not None and base is not None and not is_kept_leaf(t):
            call = Call(self.next(), *(entry.view or ("view", "view")),
                        [self.seen(base)], [edge_of(base)], self.scopes.now)  # fmt: skip
            self.made(call, [t])
        elif old is not None and not t.is_leaf and edge_of(t) == old.edge:
            call = Call(self.next(), "data", ".data =", [old], [old.edge], self.scopes.now)
            self.made(call, [t])
        elif not t.is_leaf and t.grad_fn is not None:
            self.bridge(t)
        else:
            return self.note(t, None)
        found = self.entries[id(t)].seen
        assert found is not None
        return found

    def bridge(self, t: torch.Tensor) -> None:
        """Note a tensor by the nodes of autograd that made it, back to what was seen.

        Where they are those of another such tensor, both are results of one call.
        """
        call = None
        stack, found = [t.grad_fn], set()
        while stack and call is None:
            node = stack.pop()
            if id(node) not in found:
                found.add(id(node))
                call = self.bridges.get(id(node))
                stack += [e[0] for e in node.next_functions if e[0] and self.owner(e) is None]
        if call is None:
            word = node_word(t.grad_fn)
            call = Call(self.next(), word, word, [], [], self.scopes.now)
            if word == "CheckpointFunction":
                self.unseen["checkpoint"] = None
        self.made(call, [t])
        self.bridges.update(dict.fromkeys(call.inner, call))
        if len(call.inner) > 1:
            call.label = f"{call.op} ... ({len(call.inner)} ops)"

    def note(self, t: torch.Tensor, call: Call | None) -> Seen:
        """Write down a tensor as it is now."""
        key = id(t)
        entry = self.entries.get(key)
        if entry is None:
            entry = self.entries[key] = Entry(ref(t, partial(forget, self.entries, key)))
        leaf = call is None
        edge = None if leaf else edge_of(t)
        seen = Seen(self.next(), contents(t, self.most), leaf, t.requires_grad, entry, call, edge)
        entry.version, entry.seen = version_of(t), seen
        if edge is not None:
            self.recent.append(seen)
            self.edges[id(edge[0]), edge[1]] = seen
        return seen

    def owner(self, edge: Edge) -> Seen | None:
        """Return the note of a tensor that a gradient flows into; None where none was seen."""
        leaf = getattr(edge[0], "variable", None)
        if leaf is not None:
            return self.seen(leaf)
        return self.edges.get((id(edge[0]), edge[1]))

    def current(self) -> Pass:
        """Return the pass that runs."""
        task = torch._C._current_graph_task_id()
        found = self.tasks.get(task)
        if found is None:
            self.scopes.leave()
            self.recent.clear()
            self.passes += 1
            found = self.tasks[task] = Pass(self.passes)
            while len(self.tasks) > PASSES:
                del self.tasks[next(iter(self.tasks))]
            if self.expected:
                found.roots = tuple(map(ref, self.expected))
                self.last = found, self.expected
                self.expected = ()
        return found

    def next(self) -> int:
        """Count what is written down."""
        self.count += 1
        return self.count


def handler() -> Callable[..., Any]:
    """Return what looks at an op: where a program compiles, the compiler is kept out of it."""
    dynamo = sys.modules.get("torch._dynamo")
    return Recorder.look if dynamo is None else dynamo.disable(Recorder.look)


def forget(entries: dict[int, Entry], key: int, _: object = None) -> None:
    """Let go of a tensor that is no more; what was made of it may still refer to its note."""
    entry = entries.pop(key, None)
    if entry is not None:
        entry.seen = None


def is_as(entry: Entry, t: torch.Tensor) -> bool:
    """Whether a tensor is as it was noted: not changed in place, no leaf since."""
    seen = entry.seen
    return (
        seen is not None
        and entry.version == version_of(t)
        and seen.requires_grad == t.requires_grad
    )
