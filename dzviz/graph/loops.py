"""Finding what repeats in a graph: loops, layers of one shape, long chains.

It knows the graph's structure alone, no value and no picture. The longest path through the graph is
read as a text of ops, whose periods are the candidates; from each step of a period the rest of its
body is gathered, operands first. All of it is close to linear: a million ops take a few seconds.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import count
from typing import NamedTuple

import numpy as np

from dzviz.budget import timed
from dzviz.graph.bodies import LEAST_SAVED, Body, body_of
from dzviz.graph.model import Graph
from dzviz.graph.periods import runs
from dzviz.graph.structure import Ints, Structure, numbered

ROUNDS = 12
"""So many paths are looked at, the longest first, until one has nothing that repeats."""


class Loop(NamedTuple):
    """What repeats: each column has the ids of the nodes that are one node of the body, by time."""

    times: int
    columns: tuple[tuple[str, ...], ...]


def loops(graph: Graph) -> list[Loop]:
    """Find what repeats. No node is in two loops.

    In a folded graph a loop lies within one Repeat; what leads to a later time is no part of it.
    """
    search = _Search(Structure(graph))
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

    def longest_path(self) -> Ints:
        """Return the longest path of Functions that no loop and no path has yet."""
        free = ~(self.taken | self.passed)
        depth = [0] * len(free)
        before = [-1] * len(free)
        end, most = -1, 0
        for f in np.flatnonzero(free).tolist():
            best, source = 0, -1
            for g in self.graph.makers(f):
                if g >= 0 and depth[g] > best:
                    best, source = depth[g], g
            depth[f] = best + 1
            before[f] = source
            if best >= most:
                end, most = f, best + 1
        path = []
        while end >= 0:
            path.append(end)
            end = before[end]
        return np.array(path[::-1], np.intp)

    def first_path(self, end: int) -> Ints:
        """Return the path of the first operands of ``end``."""
        path = []
        while end >= 0:
            path.append(end)
            makers = self.graph.makers(end)
            end = next((f for f in makers if f >= 0 and not self.taken[f]), -1)
        return np.array(path[::-1], np.intp)

    def bodies(self, path: Ints) -> list[Body]:
        """Gather the bodies of all runs along a path."""
        found = []
        parts = [
            (path[start:stop], period) for start, stop, period in runs(numbered(self.letters(path)))
        ]
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

    def letters(self, path: Ints) -> Iterator[Hashable]:
        """Make a letter of each Function of a path: what it is, and what its operands are."""
        before = -1
        keys = self.graph.keys.tolist()
        for f in path.tolist():
            makers = self.graph.makers(f)
            yield keys[f], *(-2 if g == before else -1 if g < 0 else keys[g] for g in makers)
            before = f

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
        """Take a body's nodes, but for leaves that another loop has, and name them."""
        graph = self.graph
        ids, names = graph.function_ids, graph.variable_ids
        columns = []
        for column in body.columns:
            columns.append(tuple([ids[f] for f in column.tolist()]))
            for i in range(len(graph.results_of[column[0]])):
                columns.append(tuple([names[graph.results_of[f][i]] for f in column.tolist()]))
        self.taken[np.concatenate(body.columns)] = True
        for leaves in body.leaves:
            if not self.taken_leaves[leaves].any():
                self.taken_leaves[leaves] = True
                columns.append(tuple([names[v] for v in leaves.tolist()]))
        return Loop(len(body.columns[0]), tuple(columns))
