"""How a graph is folded: which of its nodes are one, and which time each of them is of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dzviz.records import NamedTuple

Ints = NDArray[np.intp]


class Level(NamedTuple):
    """Of each node, by its place, in which Repeat it is at one depth (-1: none), and its time."""

    repeat: NDArray[np.int32]
    time: NDArray[np.int32]


class Plan:
    """Which nodes of a graph fold into which, by their places in it.

    ``stand_ins`` has for each node the place of the one that stands for it, ``members`` by that
    place those that it stands for in order of time, where they are several. The ``levels`` begin
    with the outermost Repeats. ``id`` returns that of a node by its place, ``place`` its inverse.
    """

    def __init__(
        self,
        repeats: Sequence[Any],
        stand_ins: Ints,
        members: Mapping[int, Ints],
        levels: Sequence[Level],
        id: Callable[[int], str],
        place: Callable[[str], int],
    ) -> None:
        self.repeats = tuple(repeats)
        self.stand_ins = stand_ins
        self.members = members
        self.levels = tuple(levels)
        self.id = id
        self.place = place

    def of(self, id: str) -> str:
        """Return the id of the node that stands for one; its own where that is elsewhere."""
        place = self.place(id)
        return id if place < 0 else self.id(int(self.stand_ins[place]))

    @cached_property
    def stand_in(self) -> dict[str, str]:
        """The same of each node that is one of several."""
        return {
            id: stand_in
            for at, places in self.members.items()
            for stand_in in [self.id(at)]
            for id in map(self.id, places.tolist())
        }

    @cached_property
    def times(self) -> dict[str, tuple[tuple[int, int], ...]]:
        """By the id of a node each Repeat that it is in, outermost first, with its time there."""
        found: dict[str, tuple[tuple[int, int], ...]] = {}
        for places in self.members.values():
            levels = [(level.repeat[places], level.time[places]) for level in self.levels]
            for i, place in enumerate(places.tolist()):
                found[self.id(place)] = tuple(
                    [(int(repeat[i]), int(time[i])) for repeat, time in levels if repeat[i] >= 0]
                )
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and (self.repeats, self.stand_in, self.times) == (
            other.repeats,
            other.stand_in,
            other.times,
        )

    def __repr__(self) -> str:
        return f"Plan({self.repeats!r}, {self.stand_in!r}, {self.times!r})"

    __hash__ = None  # type: ignore[assignment]
