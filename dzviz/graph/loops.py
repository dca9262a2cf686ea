"""Finding what repeats in a graph: loops, layers of one shape, long chains.

It knows the graph's structure alone, no value and no picture. The longest path through the graph is
read as a text of ops, whose periods are the candidates; from each step of a period the rest of its
body is gathered, operands first. All of it is close to linear: a million ops take a few seconds.
"""

from __future__ import annotations

from itertools import count

import numpy as np
from numpy.typing import NDArray

from dzviz.budget import timed
from dzviz.graph.bodies import LEAST_SAVED, Body, body_of
from dzviz.graph.numbered import Ints
from dzviz.graph.pairs import pairs
from dzviz.graph.periods import runs
from dzviz.graph.structure import Lists, Structure, numbers_of_lists
from dzviz.records import NamedTuple

ROUNDS = 12
"""At most this many paths are examined, the longest first, until one has no repetition."""


class Loop(NamedTuple):
    """What repeats: each column has the places of the nodes that are one of the body, by time."""

    times: int
    columns: tuple[Ints, ...]


def loops(graph: Structure) -> list[Loop]:
    """Find what repeats. No node is in two loops.

    In a folded graph a loop lies within one Repeat; what leads to a later time is no part of it.
    """
    search = _Search(graph)
    found: list[Loop] = []
    for _ in timed(range(ROUNDS)):
        path = search.longest_path()
        if len(path) < LEAST_SAVED:
            break
        # Where two values are made of each other at the same time, the longest path changes from
        # one to the other, and its period is two times; the first operands stay with one.
        first = search.first_path(int(path[-1]))
        paths = [path] if np.array_equal(path, first) else [path, first]
        bodies = max(map(search.bodies, paths), key=lambda found: sum(b.saved for b in found))
        found += [search.loop(body) for body in bodies]
        search.passed[path] = True
    return found


class _Search:
    """What is in a loop already (``taken``), or may be soon (``reserved``), or was a path."""

    def __init__(self, graph: Structure) -> None:
        self.graph = graph
        self.taken, self.reserved, self.passed = np.zeros((3, len(graph.keys)), bool)
        self.taken_leaves = np.zeros(len(graph.shapes), bool)
        self.user = np.repeat(np.arange(len(graph.keys)), np.diff(graph.operands.first))
        self.maker = graph.maker[graph.operands.item]

    def longest_path(self) -> Ints:
        """Return the longest path of Functions that no loop and no path has yet."""
        free = ~(self.taken | self.passed)
        depth = self.depths(free)
        if not depth.any():
            return np.zeros(0, np.intp)
        longest = (self.maker >= 0) & (depth[self.maker] == depth[self.user] - 1)
        longest &= free[self.user] & free[self.maker]
        return self.path(int(np.flatnonzero(depth == depth.max())[-1]), longest)

    def depths(self, free: NDArray[np.bool_]) -> Ints:
        """Return how many free Functions the longest path to each of them has, 0 for the others.

        Where all are free, and generations begin at 0, these tell it.
        """
        graph = self.graph
        if free.all() and self.are_depths(graph.generation + 1):
            return graph.generation + 1
        depth = [0] * len(free)
        for f in np.flatnonzero(free).tolist():
            best = 0
            for g in graph.makers(f):
                if g >= 0 and depth[g] > best:
                    best = depth[g]
            depth[f] = best + 1
        return np.array(depth, np.intp)

    def are_depths(self, depth: Ints) -> bool:
        """Whether each number is one more than the greatest of those of what made its operands."""
        first, item = self.graph.operands
        before = np.zeros(len(depth), np.intp)
        some = np.flatnonzero(np.diff(first))
        if len(item):
            of_operands = np.where(self.maker >= 0, depth[self.maker], 0)
            before[some] = np.maximum.reduceat(of_operands, first[some])
        return bool(np.all(depth == before + 1))

    def first_path(self, end: int) -> Ints:
        """Return the path of the first operands of ``end``."""
        return self.path(end, (self.maker >= 0) & ~self.taken[self.maker])

    def path(self, end: int, steps: NDArray[np.bool_]) -> Ints:
        """Return the path to ``end``, each time by the first operand that is one of ``steps``."""
        none = len(self.graph.keys)
        before = np.full(none + 1, none)
        at = np.flatnonzero(steps)[::-1]  # the first one is written last
        before[self.user[at]] = self.maker[at]
        path = np.array([end])
        while path[-1] != none:  # each round goes back twice as far, in a third of a loop's time
            path = np.concatenate([path, before[path]])
            before = before[before]
        found: Ints = path[path != none][::-1]
        return found

    def bodies(self, path: Ints) -> list[Body]:
        """Gather the bodies of all runs along a path."""
        found = []
        parts = [(path[start:stop], period) for start, stop, period in runs(self.letters(path))]
        for part, _ in parts:
            self.reserved[part] = True
        for part, period in parts:
            self.reserved[part] = False
            part = self.begun(part, period)
            rest = len(part) % period
            cuts = [part[: len(part) - rest], part[rest:]] if rest else [part]
            taken = self.taken | self.reserved
            tried = [body_of(self.graph, cut.reshape(-1, period).T, taken) for cut in cuts]
            if any(tried):
                best = max(filter(None, tried), key=lambda body: (body.saved, -body.carried))
                self.reserved[np.concatenate(best.columns)] = True
                found.append(best)
        self.reserved.fill(False)
        return found

    def letters(self, path: Ints) -> Ints:
        """Make a letter of each Function of a path: what it is, and what its operands are."""
        keys, (first, _) = self.graph.keys, self.graph.operands
        counts = first[path + 1] - first[path]
        begin = np.append(0, np.cumsum(counts))
        at = np.arange(begin[-1]) + np.repeat(first[path] - begin[:-1], counts)
        maker = self.maker[at]
        before = np.repeat(np.append(-1, path[:-1]), counts)
        operand = np.where(maker == before, 0, np.where(maker < 0, 1, keys[maker] + 2))
        return pairs(keys[path], numbers_of_lists(Lists(begin, operand)))

    def begun(self, run: Ints, period: int) -> Ints:
        """Begin a run where its first time does: that starts from other operands than the rest."""
        graph = self.graph
        steps = [graph.makers(int(run[i])).index(run[i - 1]) for i in range(1, period + 1)]
        first: list[int] = []
        f = int(run[0])
        for i in count(1):
            f = graph.makers(f)[steps[-i % period]]
            in_loop = f < 0 or self.taken[f] or self.reserved[f]
            if in_loop or graph.keys[f] != graph.keys[run[-i % period]]:
                break
            first.append(f)
        return np.concatenate([np.array(first[::-1], np.intp), run])

    def loop(self, body: Body) -> Loop:
        """Take a body's nodes, except for leaves that another loop has, and name them."""
        graph = self.graph
        columns = []
        for column in body.columns:
            columns.append(graph.functions[column])
            for i in range(len(graph.results.of(column[0]))):
                columns.append(graph.variables[graph.results.column(column, i)])
        self.taken[np.concatenate(body.columns)] = True
        for leaves in body.leaves:
            if not self.taken_leaves[leaves].any():
                self.taken_leaves[leaves] = True
                columns.append(graph.variables[leaves])
        return Loop(len(body.columns[0]), tuple(columns))
