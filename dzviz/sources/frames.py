"""From the frames that Functions were computed in to groups of nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from dzviz.engine import Variable
from dzviz.graph.model import Group
from dzviz.sources.numbering import Numbering


def groups_of(numbering: Numbering) -> tuple[Group, ...]:
    """Return the calls that made the Functions of a graph, each after the one around it.

    What a call makes and takes again is in it, what only leaves it around it. A constant is in the
    innermost call in which all is that takes it, unless a call was given it; an input is in none.
    """
    if not [f for f in numbering.makers if f is not None and f._frame is not None]:
        return ()
    framed = [(f, f._frame) for f in numbering.functions if f._frame is not None]
    ids: dict[Any, str] = {}
    members: dict[Any, list[str]] = {}
    for function, frame in framed:
        for each in reversed(list(outwards(frame))):
            ids.setdefault(each, f"g{len(ids)}")
            members.setdefault(each, [])
        members[frame].append(numbering.function(function))
    for x, frame in _homes(numbering, ids).items():
        if frame is not None:
            members[frame].append(numbering.variable(x))
    return tuple(_groups(numbering, ids, members))


def outwards(frame: Any) -> Iterator[Any]:
    """Go through a frame, or what else has a ``parent``, and all around it."""
    while frame is not None:
        yield frame
        frame = frame.parent


def _homes(numbering: Numbering, frames: Collection[Any]) -> dict[Variable, Any]:
    """Find the frame of each Variable that is in one."""
    homes: dict[Variable, Any] = {}

    def take(x: Variable, frame: Any) -> None:
        if x.creator is None:
            homes[x] = _common(homes[x], frame) if x in homes else frame
            return
        made = x.creator._frame
        if made is not None:  # the innermost one of those in which it is made and taken
            home = _common(made, frame)
            if x not in homes or _depth(home) > _depth(homes[x]):
                homes[x] = home

    for function in numbering.functions:
        for x in function.inputs:
            take(x, function._frame)
    for frame in frames:
        for x in frame.operands:
            if x in numbering.variables:
                take(x, frame.parent)
    inputs = {x for x in homes if x.creator is None and x.name is not None and not x.constant}
    return {x: home for x, home in homes.items() if x not in inputs}


def _depth(frame: Any) -> int:
    return sum(1 for _ in outwards(frame))


def _common(a: Any, b: Any) -> Any:
    """Return the innermost frame around two, None where there is none."""
    if a is b:  # as nearly always
        return a
    around = set(outwards(a))
    return next((each for each in outwards(b) if each in around), None)


def _groups(
    numbering: Numbering, ids: dict[Any, str], members: dict[Any, list[str]]
) -> Iterator[Group]:
    calls = Counter[tuple[Any, str]]()
    for frame, id in ids.items():
        calls[frame.parent, frame.name] += 1
        count = calls[frame.parent, frame.name]
        numbered = count > 1 and frame.kind != "op"
        yield Group(
            id=id,
            name=f"{frame.name} {count}" if numbered else frame.name,
            kind=frame.kind,
            nodes=tuple(members[frame]),
            parent=ids.get(frame.parent),
            operands=tuple(
                [numbering.variable(x) for x in frame.operands if x in numbering.variables]
            ),
        )
