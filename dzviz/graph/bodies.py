"""The body of a loop: what belongs to each time of a run of Functions that repeats.

It knows no run but the one that it is given; `dzviz.graph.loops` finds them.
"""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from dzviz.budget import check_time
from dzviz.graph.numbered import Ints
from dzviz.graph.periods import longest
from dzviz.graph.structure import Structure, has_twice
from dzviz.records import NamedTuple

LEAST_TIMES = 3
LEAST_SAVED = 6
"""What repeats is worth a frame where it repeats so often, and saves so many Functions."""


class Body(NamedTuple):
    """A body of Functions, a column by time each, and its leaves that are others each time.

    So many values are ``carried`` to the next time.
    """

    columns: list[Ints]
    leaves: list[Ints]
    carried: int

    @property
    def saved(self) -> int:
        """How many Functions need not be drawn."""
        return (len(self.columns[0]) - 1) * len(self.columns)


def body_of(graph: Structure, spine: Ints, taken: NDArray[np.bool_]) -> Body | None:
    """Gather what belongs to each time of a run, of which the rows of ``spine`` are the Functions.

    Functions that are ``taken`` are no part of it.
    """
    return _Gathering(graph, taken).body(spine)


class _Gathering:
    """A body under way.

    ``place`` is the column in which a Function is, -1 for none, ``time`` its place in the column;
    -1 stands in a column where a time lacks it.
    """

    def __init__(self, graph: Structure, taken: NDArray[np.bool_]) -> None:
        self.graph = graph
        self.taken = taken
        self.place = np.full(len(taken), -1, np.intp)
        self.time = np.zeros(len(taken), np.intp)
        self.columns: list[Ints] = []

    def body(self, spine: Ints) -> Body | None:
        """Make it of a spine; None where it is not worth a frame."""
        for column in spine:
            self.add(column.copy())
        self.gather()
        if not self.trim():
            return None
        found = self.leaves()
        if found is None:
            return None
        body = Body(self.columns, *found)
        return body if body.saved >= LEAST_SAVED else None

    def add(self, column: Ints) -> None:
        """Make a column part of the body."""
        there = column >= 0
        self.place[column[there]] = len(self.columns)
        self.time[column[there]] = np.flatnonzero(there)
        self.columns.append(column)

    def gather(self) -> None:
        """Gather what is used at each time, then what else is made of it, until there is no more.

        The time in the middle stands for all; what it has, nearly all must have. Operands are
        taken latest first, so that all who use a result are known when it is given its time.
        """
        graph, columns = self.graph, self.columns
        middle = len(columns[0]) // 2
        refused: set[int] = set()
        asked = 0
        while asked < len(columns):
            check_time()
            waiting: list[int] = []
            while asked < len(columns) or waiting:
                for column in columns[asked:]:
                    for v in graph.operands.of(column[middle]):
                        heappush(waiting, -int(graph.maker[v]))
                asked = len(columns)
                if not waiting:
                    break
                g = -heappop(waiting)
                if g >= 0 and self.is_free(g) and g not in refused:
                    self.add_or_refuse(self.operands_like(g), g, refused)
            for column in list(columns):
                for v in graph.results.of(column[middle]):
                    for g in dict.fromkeys(graph.users.of(v).tolist()):
                        if self.is_free(g) and g not in refused:
                            self.add_or_refuse(self.users_like(g), g, refused)

    def add_or_refuse(self, column: Ints, g: int, refused: set[int]) -> None:
        """Make a column part of the body if it fits."""
        if self.fits(column, g):
            self.add(column)
        else:
            refused.add(g)

    def is_free(self, f: int) -> bool:
        """Whether a Function is in no body."""
        return bool(self.place[f] < 0 and not self.taken[f])

    def operands_like(self, g: int) -> Ints:
        """For each time, what is to it as ``g`` is to the first time that uses it."""
        uses = [use for v in self.graph.results.of(g) for use in self.uses(v)]
        _, user, k = min(uses, key=lambda use: (use[0], -use[1], use[2]))
        column = self.columns[self.place[user]]
        return self.graph.made_by(self.graph.operand_column(column, k))

    def uses(self, v: int) -> list[tuple[int, int, int]]:
        """Return when a Variable is first used in the body, the users, and as which operand."""
        users, places = self.graph.users.of(v), self.graph.places.of(v)
        inside = self.place[users] >= 0
        users, places = users[inside], places[inside]
        times = self.time[users]
        first = times == times.min(initial=len(self.taken))
        return list(zip(*(each[first].tolist() for each in (times, users, places)), strict=True))

    def users_like(self, g: int) -> Ints:
        """For each time, what is to it as ``g`` is to the last time that it is made of."""
        graph = self.graph
        sources = [
            (int(self.time[f]), k, int(f))
            for k, v in enumerate(graph.operands.of(g))
            if (f := graph.maker[v]) >= 0 and self.place[f] >= 0
        ]
        _, k, f = max(sources)
        which = graph.results.of(f).tolist().index(graph.operands.of(g)[k])
        column = self.columns[self.place[f]]
        made = np.full(len(column), -1, np.intp)
        for i, source in enumerate(column.tolist()):
            if source < 0:
                continue
            result = graph.results.of(source)[which]
            users, places = graph.users.of(result), graph.places.of(result)
            alike = [
                int(user)
                for user, place in zip(users, places, strict=True)
                if place == k and graph.keys[user] == graph.keys[g] and self.is_free(int(user))
            ]
            if len(alike) == 1:
                made[i] = alike[0]
        return made

    def fits(self, column: Ints, g: int) -> bool:
        """Strike out what is not like ``g``; tell whether enough is left, none of it twice."""
        graph = self.graph
        free = (column >= 0) & ~self.taken[column]
        alike = free & (graph.keys[column] == graph.keys[g]) & (self.place[column] < 0)
        column[~alike] = -1
        left = column[alike]
        enough = len(left) >= max(LEAST_TIMES, len(column) - 2) and alike[len(column) // 2]
        if not enough or has_twice(left):
            return False
        # What leads from a later time to an earlier one, as the derivative of a loop does to the
        # loop itself, is another loop.
        times = np.flatnonzero(alike)
        self.place[left], self.time[left] = 0, times  # as if it fitted
        back = False
        for k in range(len(graph.operands.of(g))):
            maker, inside = self.makers(graph.operand_column(left, k))
            back |= bool(np.any(self.time[maker][inside] > times[inside]))
        self.place[left] = -1
        return not back

    def makers(self, operands: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """Return what made these Variables, and which of it is in the body."""
        maker = self.graph.made_by(operands)
        return maker, (maker >= 0) & (self.place[maker] >= 0)

    def trim(self) -> bool:
        """Keep the longest stretch of times that are all alike; False where that is too short."""
        table = np.array(self.columns)
        start, stop = longest(np.all(table >= 0, axis=0))
        if stop - start < LEAST_TIMES:
            return False
        self.replace(table[:, start:stop])
        joined = np.ones(stop - start - 1, bool)  # of each time and the next
        for column in self.columns:
            for k in range(len(self.graph.operands.of(column[0]))):
                joined &= self.alike(self.graph.operand_column(column, k))
        first, last = longest(joined)
        if last + 1 - first < LEAST_TIMES:
            return False
        self.replace(table[:, start + first : start + last + 1])
        return True

    def replace(self, table: Ints) -> None:
        """Make the rows of a table the columns."""
        self.columns = list(table)
        self.place.fill(-1)
        for i, column in enumerate(self.columns):
            self.place[column] = i
            self.time[column] = np.arange(len(column))

    def alike(self, operand: Ints) -> NDArray[np.bool_]:
        """For each time but the last, whether this operand comes from a like place the next time.

        That is the body, this time or some times before; or else always outside.
        """
        maker, inside = self.makers(operand)
        if not inside.any():
            changes = operand[1:] != operand[:-1]
            return ~changes if np.count_nonzero(changes) <= 2 else np.ones(len(changes), bool)
        times = np.arange(len(operand))
        lag = np.where(inside, times - self.time[maker], -1)
        source = np.where(inside, self.place[maker], -1)
        usual = lag[len(lag) // 2], source[len(lag) // 2]
        good = (lag == usual[0]) & (source == usual[1])
        good |= ~inside & (times < usual[0])  # what it starts from
        same: NDArray[np.bool_] = good[1:] & good[:-1]
        return same

    def leaves(self) -> tuple[list[Ints], int] | None:
        """Find the leaves that are others each time; count the values carried to the next time.

        None where something leads back in time.
        """
        graph = self.graph
        leaves: list[Ints] = []
        known: set[int] = set()
        carried: set[tuple[int, int]] = set()
        middle = len(self.columns[0]) // 2
        for i, column in enumerate(self.columns):
            for k in range(len(graph.operands.of(column[0]))):
                operand = graph.operand_column(column, k)
                maker, inside = self.makers(operand)
                lag = (np.arange(len(column)) - self.time[maker])[inside]
                if np.any(lag < 0):
                    return None
                if np.any(lag > 0):
                    carried.add((i, k))
                v = int(operand[middle])
                if np.any(maker >= 0) or v in known:
                    continue
                leaf = self.leaf(v)
                if leaf is not None and known.isdisjoint(leaf.tolist()):
                    leaves.append(leaf)
                    known.update(leaf.tolist())
        return leaves, len(carried)

    def leaf(self, v: int) -> Ints | None:
        """Return for each time what is to it as a leaf is to the first time that uses it.

        None where that is not a leaf of its own each time.
        """
        graph = self.graph
        _, user, k = min(self.uses(v))
        leaf = graph.operand_column(self.columns[self.place[user]], k)
        alike = np.all(graph.maker[leaf] < 0) and np.all(graph.shapes[leaf] == graph.shapes[v])
        return leaf if alike and not has_twice(leaf) else None
