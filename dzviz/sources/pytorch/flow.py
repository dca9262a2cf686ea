"""What flows back, looked at by hooks on nodes of autograd, which return and change nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from weakref import ref

import torch

from dzviz.sources.pytorch.notes import Call, Edge, Entry, Pass, Seen
from dzviz.sources.pytorch.values import is_alike, is_nil, value_of

RESHAPING = frozenset(
    {
        *("TBackward0", "TransposeBackward0", "PermuteBackward0", "ToCopyBackward0"),
        *("ViewBackward0", "UnsafeViewBackward0", "ReshapeAliasBackward0", "AliasBackward0"),
        *("UnsqueezeBackward0", "SqueezeBackward0", "SqueezeBackward1", "ExpandBackward0"),
    }
)
"""Nodes that only give a gradient another form. Two calls may have one of them in common, as that
of a weight's transpose, or of its copy under autocast: it then sends the sum of both."""

Found = tuple[int, list[int], list[Any]]
"""Which share of a node flows to which operands, and the nodes that give it another form."""


def hook_nodes(recorder: Any, call: Call, results: Sequence[Seen]) -> None:
    """Hook the nodes of autograd between a call's results and its operands.

    Where they lead to a tensor that was seen and is no operand, the call has taken it from
    somewhere else: it becomes one.
    """
    places: dict[tuple[int, int], list[int]] = {}
    for k, edge in enumerate(call.edges):
        if edge is not None:
            places.setdefault((id(edge[0]), edge[1]), []).append(k)
    stack = []
    for result in reversed(results):
        if result.edge is not None:
            node, number = result.edge
            if (id(node), number) in places:
                _hook_straight(recorder, call, result, places[id(node), number][0])
                continue
            call.ends.setdefault(id(node), []).append((number, ref(result)))
            stack.append(node)
    while stack:
        node = stack.pop()
        if id(node) in call.inner:
            continue
        call.inner[id(node)] = node
        found: list[Found] = []
        further = []
        for j, (other, number) in enumerate(node.next_functions):
            if other is None:
                continue
            if id(other) in call.ends:
                further.append(other)
                continue
            at, chain = _end_of(recorder, call, places, (other, number))
            if at:
                found.append((j, at, chain))
                call.inner.update((id(each), each) for each in chain)
            else:
                further.append(other)
        stack += reversed(further)
        _register(recorder, call, node, found)


def _hook_straight(recorder: Any, call: Call, result: Seen, k: int) -> None:
    """Tell what flows to a result that autograd takes for the operand it was written into."""
    assert result.edge is not None
    node, number = result.edge
    which, whom, ends = ref(call), ref(recorder), [(number, ref(result))]
    call.unseen = True

    def hook(go: Any) -> None:
        made, watcher = which(), whom()
        if made is not None and watcher is not None and watcher.active:
            _flowed(watcher, made, (), ends, (), go)
            seen = ends[0][1]()
            made.sent[k] = None if seen is None or go[number] is None else seen.total

    node.register_prehook(hook)


def _end_of(
    recorder: Any, call: Call, places: dict[tuple[int, int], list[int]], edge: Edge
) -> tuple[list[int], list[Any]]:
    """Find the operands that an edge leads to, by way of nodes that only reshape."""
    chain: list[Any] = []
    while True:
        at = places.get((id(edge[0]), edge[1])) or _captured(recorder, call, places, edge)
        if at:
            return at, chain
        node = edge[0]
        if node.name() not in RESHAPING or id(node) in call.ends:
            return [], []
        chain.append(node)
        (edge,) = node.next_functions
        if edge[0] is None:
            return [], []


def _captured(
    recorder: Any, call: Call, places: dict[tuple[int, int], list[int]], edge: Edge
) -> list[int]:
    owner = recorder.owner(edge)
    if owner is None:
        return []
    call.operands.append(owner)
    call.edges.append(edge)
    places[id(edge[0]), edge[1]] = [len(call.operands) - 1]
    return places[id(edge[0]), edge[1]]


def _register(recorder: Any, call: Call, node: Any, found: Sequence[Found]) -> None:
    """Tell which share of a node flows to which operand.

    Of operands that are the same tensor each has its own, where one node has so many; else nobody
    knows which is whose, and the first gets all.
    """
    which, whom = ref(call), ref(recorder)
    used: dict[int, int] = {}
    counts = Counter(at[0] for _, at, _ in found)
    plan = []
    for j, at, chain in found:
        place = used.get(at[0], 0)
        used[at[0]] = place + 1
        plan.append((j, at[place] if counts[at[0]] == len(at) else at[0], chain))
    key = id(node)

    def hook(gi: Any, go: Any) -> None:
        made, watcher = which(), whom()
        if made is not None and watcher is not None and watcher.active:
            _flowed(watcher, made, plan, made.ends.get(key, ()), gi, go)

    node.register_hook(hook)


def _flowed(
    recorder: Any, call: Call, plan: Sequence[tuple[int, int, Any]], outs: Any, gi: Any, go: Any
) -> None:
    """Write down what a node got and what it sends on."""
    now: Pass = recorder.current()
    if call.at is not now:
        call.at, call.partial = now, {}
        call.sent = [None] * len(call.operands)
        now.order.append(ref(call))
    for number, result in outs:
        seen = result()
        if seen is not None and go[number] is not None:
            seen.total, seen.reached = value_of(go[number], recorder.most), now
            if not now.roots:
                now.roots = (result,)
                recorder.last = now, (seen,)
            if any(each() is seen for each in now.roots):
                now.seeds.append(seen.total)
    for j, k, chain in plan:
        if gi[j] is not None:
            g = gi[j].detach()
            with torch.no_grad():
                for node in chain:
                    g = node(g)
            old = call.partial.get(k)
            call.partial[k] = g if old is None else old + g
            call.sent[k] = value_of(call.partial[k], recorder.most)


def hook_leaf(recorder: Any, leaf: Seen, node: Any) -> None:
    """Look at what reaches a leaf: whether it is the first since its gradient was None.

    The node may outlive a step, or a record. It has one hook before it runs and one after that,
    which go when the record does.
    """
    entry, old = leaf.entry, leaf.entry.handles
    hooks = old[0].hooks_dict_ref() if old else None  # None when its node is no more
    if hooks is not None and entry.hooked == id(node):
        return
    which, whom = ref(entry, lambda _: [handle.remove() for handle in handles]), ref(recorder)

    def watched() -> tuple[Entry, Any, Any] | None:
        found, watcher = which(), whom()
        tensor = None if found is None else found.tensor()
        if tensor is None or found is None or watcher is None or not watcher.active:
            return None
        return found, tensor, watcher

    def before(grads: Any) -> None:
        if (known := watched()) is None:
            return
        found, tensor, watcher = known
        now = watcher.current()
        if found.added[-1:] != [now]:
            total = value_of(grads[0], watcher.most)
            _added(found, now, value_of(tensor.grad, watcher.most), total)
            if found.seen is not None and total is not None:
                found.seen.total, found.seen.reached = total, now
        else:
            found.left = None

    def after(_gi: Any, _go: Any) -> None:
        if (known := watched()) is not None and known[0].left is None:
            found, tensor, watcher = known
            found.left = value_of(tensor.grad, watcher.most)

    handles = node.register_prehook(before), node.register_hook(after)
    if hooks is not None and handles[0].hooks_dict_ref() is hooks:  # it had another id in Python
        for handle in old:
            handle.remove()
    entry.hooked, entry.handles = id(node), handles


def _added(entry: Entry, now: Pass, old: Any, total: Any) -> None:
    """Note that a pass adds to a leaf's gradient, and whether that is still what passes made."""
    if old is None or (is_nil(old) and (entry.left is None or not is_nil(entry.left))):
        entry.added, entry.found = [], False
    elif not entry.added or not is_alike(old, entry.left):
        entry.found = True
    entry.added.append(now)
    entry.left = total if old is None else None
