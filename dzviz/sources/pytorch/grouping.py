"""The frames of a graph: modules and functions that are made of ops, nested like their calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dzviz.graph.model import Group
from dzviz.records import NamedTuple
from dzviz.sources.frames import outwards
from dzviz.sources.pytorch.names import Names
from dzviz.sources.pytorch.notes import Call, Scope, Seen


class Parts(NamedTuple):
    """What a graph is made of: calls and tensors with their ids, and what they are called.

    ``uses`` are the calls of which a tensor is an operand, ``leaves`` the nodes of a leaf.
    """

    calls: Sequence[Call]
    seen: Sequence[Seen]
    functions: Mapping[Call, str]
    ids: Mapping[Seen, str]
    uses: Mapping[Seen, Sequence[Call]]
    leaves: Mapping[int, Sequence[str]]
    names: Names


def groups(parts: Parts) -> Iterator[Group]:
    """Make the frames."""
    members: dict[Scope, list[str]] = {}
    for call in parts.calls:
        if call.scope is not None:
            members.setdefault(call.scope, []).append(parts.functions[call])
    for seen in parts.seen:
        scope = _home(seen, parts)
        if scope is not None:
            members.setdefault(scope, []).append(parts.ids[seen])
    scopes: dict[Scope, None] = {}
    for scope in members:
        scopes |= dict.fromkeys(reversed(list(outwards(scope))))
    listed = sorted(scopes, key=lambda each: each.number)
    ids = {scope: f"m{i}" for i, scope in enumerate(listed)}
    for scope in listed:
        yield Group(
            id=ids[scope],
            name=_name(scope, parts.names),
            kind=scope.kind,
            nodes=tuple(members.get(scope, ())),
            parent=None if scope.parent is None else ids[scope.parent],
            parameters=_parameters(scope, parts),
        )


def _parameters(scope: Scope, parts: Parts) -> tuple[str, ...]:
    """Return which tensors of the graph are parameters of a module."""
    if scope.module is None:
        return ()
    owned = map(id, scope.module.parameters())
    return tuple([node for each in owned for node in parts.leaves.get(each, ())])


def _home(seen: Seen, parts: Parts) -> Scope | None:
    """Return the scope of a tensor: where it was made, or the module where a leaf is used.

    An op that is made of others takes its parameters as operands: it is no home of theirs.
    """
    if seen.call is not None:
        return seen.call.scope
    uses = [call.scope for call in parts.uses.get(seen, ())]
    if not uses or id(seen.entry.tensor()) not in parts.names.owned:
        return None
    common = list(outwards(uses[0]))
    for scope in uses[1:]:
        chain = set(outwards(scope))
        common = [each for each in common if each in chain]
    return next((each for each in common if each.module is not None), None)


def _name(scope: Scope, names: Names) -> str:
    """Write a module's name and kind, and how many parameters it has."""
    if scope.module is None:
        return scope.name
    kind = type(scope.module).__name__
    name = names.modules.get(id(scope.module))
    count = sum(p.numel() for p in scope.module.parameters())
    words = f"{name}: {kind}" if name and name != kind else kind
    return f"{words}, {count} parameter{'' if count == 1 else 's'}" if count else words
