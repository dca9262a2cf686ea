"""Finding what repeats in a graph: loops, layers of one shape, long chains.

It knows the graph's structure alone, no value and no picture. The longest path through the graph is
read as a text of ops, whose periods are the candidates; from each step of a period the rest of its
body is gathered, operands first. All of it is close to linear: a million ops take a few seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dzviz.graph.model import FunctionNode, Graph, VariableNode

LEAST_TIMES = 3
LEAST_SAVED = 6
"""What repeats is worth a frame where it repeats so often, and saves so many Functions."""

ROUNDS = 12
"""So many paths are looked at, the longest first, until one has nothing that repeats."""

Ints = NDArray[np.intp]


class Loop(NamedTuple):
    """What repeats: each column has the ids of the nodes that are one node of the body, by time."""

    times: int
    columns: tuple[tuple[str, ...], ...]


def loops(graph: Graph) -> list[Loop]:
    """Find what repeats. No node is in two loops.

    In a folded graph a loop lies within one Repeat; what leads to a later time is no part of it.
    """
    structure = _Structure(graph)
    found: list[Loop] = []
    for _ in range(ROUNDS):
        path = structure.longest_path()
        if len(path) < LEAST_SAVED:
            break
        # Where two values are made of each other at the same time, the longest path changes from
        # one to the other, and its period is two times; the first operands stay with one.
        first = structure.first_path(int(path[-1]))
        ways = [path] if np.array_equal(path, first) else [path, first]
        bodies = max(map(structure.bodies, ways), key=lambda found: sum(b.saved for b in found))
        found += [structure.loop(body) for body in bodies]
        structure.passed[path] = True
    return found


class _Body(NamedTuple):
    """A body of Functions, and its leaves that are others each time."""

    columns: list[Ints]
    leaves: list[Ints]
    carried: int

    @property
    def saved(self) -> int:
        return (len(self.columns[0]) - 1) * len(self.columns)


class _Structure:
    """The graph in arrays: Functions and Variables by number, in order of computation."""

    def __init__(self, graph: Graph) -> None:
        functions = [node for node in graph.nodes if isinstance(node, FunctionNode)]
        variables = [node for node in graph.nodes if isinstance(node, VariableNode)]
        self.function_ids = [node.id for node in functions]
        self.variable_ids = [node.id for node in variables]
        number = {id: i for i, id in enumerate(self.function_ids)}
        variable = {id: i for i, id in enumerate(self.variable_ids)}
        operands: list[list[int]] = [[] for _ in functions]
        results: list[list[int]] = [[] for _ in functions]
        maker = np.full(len(variables), -1, np.intp)
        within: dict[str, str] = {}
        later: set[tuple[str, str, int]] = set()
        if graph.folded is not None:
            within = {id: repeat.id for repeat in graph.folded.repeats for id in repeat.nodes}
            later = {edge for edge, bundle in graph.folded.bundles.items() if bundle.lag}
        for edge in graph.edges:
            if later and edge[:3] in later:
                continue
            if edge.arg is None:
                f, v = number[edge.source], variable[edge.target]
                results[f].append(v)
                maker[v] = f
            else:
                operands[number[edge.target]].append(variable[edge.source])
        self.maker = maker
        self.maker_of: list[int] = maker.tolist()
        kinds: dict[Any, int] = {}
        # A leaf in a Repeat is another one in each of its times, unlike one from outside.
        shapes = [
            kinds.setdefault(
                (v.shape, v.dtype, within.get(v.id) if maker[i] < 0 else None), len(kinds)
            )
            for i, v in enumerate(variables)
        ]
        keys: dict[Any, int] = {}
        self.keys = np.array(
            [
                keys.setdefault(
                    (
                        f.op,
                        _kind_of(f.label),
                        f.order,
                        f.origin,
                        within.get(f.id),
                        tuple([shapes[v] for v in operands[i]]),
                        tuple([shapes[v] for v in results[i]]),
                    ),
                    len(keys),
                )
                for i, f in enumerate(functions)
            ],
            np.intp,
        )
        self.shapes = np.array(shapes, np.intp)
        self.first_operand, self.operand = _rows(operands)
        self.first_result, self.result = _rows(results)
        self.first_user, self.user, self.user_place = self._users(len(variables))
        self.reserved = np.zeros(len(functions), bool)
        self.taken = np.zeros(len(functions), bool)
        self.taken_leaves = np.zeros(len(variables), bool)
        self.passed = np.zeros(len(functions), bool)
        self.place = np.full(len(functions), -1, np.intp)
        self.time = np.zeros(len(functions), np.intp)
        self.results_of = results
        self.operands_of = operands

    def _users(self, variables: int) -> tuple[Ints, Ints, Ints]:
        """List the Functions that use each Variable, and as which operand."""
        counts = np.diff(self.first_operand)
        user = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(len(self.operand)) - np.repeat(self.first_operand[:-1], counts)
        order = np.argsort(self.operand, kind="stable")
        first = np.zeros(variables + 1, np.intp)
        np.cumsum(np.bincount(self.operand, minlength=variables), out=first[1:])
        return first, user[order], place[order]

    def longest_path(self) -> Ints:
        """Return the longest path of Functions that no loop and no path has yet."""
        free = ~(self.taken | self.passed)
        depth = [0] * len(free)
        before = [-1] * len(free)
        end, most = -1, 0
        for f in np.flatnonzero(free).tolist():
            best, source = 0, -1
            for g in self._makers_of(f):
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
            end = next((f for f in self._makers_of(end) if f >= 0 and not self.taken[f]), -1)
        return np.array(path[::-1], np.intp)

    def bodies(self, path: Ints) -> list[_Body]:
        """Gather the bodies of all runs along a path."""
        found = []
        runs = [(path[start:stop], period) for start, stop, period in _runs(self._text(path))]
        for run, _ in runs:
            self.reserved[run] = True
        for run, period in runs:
            self.reserved[run] = False
            run = self._begun(run, period)
            rest = len(run) % period
            cuts = [run[: len(run) - rest], run[rest:]] if rest else [run]
            choice = [body for cut in cuts if (body := self._body(cut.reshape(-1, period).T))]
            if choice:
                best = max(choice, key=lambda body: (body.saved, -body.carried))
                self.reserved[np.concatenate(best.columns)] = True
                found.append(best)
        self.reserved.fill(False)
        return found

    def _text(self, path: Ints) -> Ints:
        """Make a letter of each Function of a path: what it is, and what its operands are."""
        letters: dict[Any, int] = {}
        before = -1
        text = []
        keys = self.keys.tolist()
        for f in path.tolist():
            makers = self._makers_of(f)
            sources = [-2 if g == before else -1 if g < 0 else keys[g] for g in makers]
            letter = (keys[f], *sources)
            text.append(letters.setdefault(letter, len(letters)))
            before = f
        return np.array(text, np.intp)

    def _begun(self, run: Ints, period: int) -> Ints:
        """Begin a run where its first time does: that starts from other operands than the rest."""
        steps = [self._makers_of(int(run[i])).index(run[i - 1]) for i in range(1, period + 1)]
        first: list[int] = []
        f = int(run[0])
        for i in count(1):
            f = int(self.maker[self._operands(f)[steps[-i % period]]])
            if f < 0 or not self._free(f) or self.keys[f] != self.keys[run[-i % period]]:
                break
            first.append(f)
        return np.concatenate([np.array(first[::-1], np.intp), run])

    def loop(self, body: _Body) -> Loop:
        """Take a body's nodes, but for leaves that another loop has, and name them."""
        ids, names = self.function_ids, self.variable_ids
        columns = []
        for column in body.columns:
            columns.append(tuple([ids[f] for f in column.tolist()]))
            for i in range(len(self.results_of[column[0]])):
                columns.append(tuple([names[self.results_of[f][i]] for f in column.tolist()]))
        self.taken[np.concatenate(body.columns)] = True
        for leaves in body.leaves:
            if not self.taken_leaves[leaves].any():
                self.taken_leaves[leaves] = True
                columns.append(tuple([names[v] for v in leaves.tolist()]))
        return Loop(len(body.columns[0]), tuple(columns))

    def _body(self, spine: Ints) -> _Body | None:
        """Gather what belongs to each time of a run; its columns are the run's Functions."""
        columns: list[Ints] = []
        try:
            for column in spine:
                self._add(columns, column.copy())
            self._gather(columns)
            columns = self._trimmed(columns)
            if not columns or len(columns[0]) < LEAST_TIMES:
                return None
            self._renumber(columns)
            leaves, carried = self._leaves(columns)
            body = _Body(columns, leaves, carried)
            return body if body.saved >= LEAST_SAVED and carried >= 0 else None
        finally:
            self.place.fill(-1)

    def _add(self, columns: list[Ints], column: Ints) -> None:
        """Make a column part of the body; -1 stands where a time lacks it."""
        there = column >= 0
        self.place[column[there]] = len(columns)
        self.time[column[there]] = np.flatnonzero(there)
        columns.append(column)

    def _gather(self, columns: list[Ints]) -> None:
        """Gather what is used at each time, then what else is made of it, until there is no more.

        The time in the middle stands for all; what it has, nearly all must have. Operands are
        taken latest first, so that all who use a result are known when it is given its time.
        """
        middle = len(columns[0]) // 2
        refused: set[int] = set()
        asked = 0
        while asked < len(columns):
            waiting: list[int] = []
            while asked < len(columns) or waiting:
                for column in columns[asked:]:
                    for v in self._operands(column[middle]):
                        heappush(waiting, -int(self.maker[v]))
                asked = len(columns)
                if not waiting:
                    break
                g = -heappop(waiting)
                if g >= 0 and self._free(g) and g not in refused:
                    column = self._makers(columns, g)
                    if self._fits(column, g):
                        self._add(columns, column)
                    else:
                        refused.add(g)
            for column in list(columns):
                for v in self._results(column[middle]):
                    for g in dict.fromkeys(self._users_of(v).tolist()):
                        if self._free(g) and g not in refused:
                            made = self._made(columns, g)
                            if made is not None and self._fits(made, g):
                                self._add(columns, made)
                            else:
                                refused.add(g)

    def _makers(self, columns: list[Ints], g: int) -> Ints:
        """For each time, what is to it as ``g`` is to the first time that uses it."""
        users = [
            (int(self.time[c]), -c, int(k))
            for v in self._results(g)
            for c, k in zip(self._users_of(v), self._places_of(v), strict=True)
            if self.place[c] >= 0
        ]
        _, c, k = min(users)
        return self._made_by(self._operand_column(columns[self.place[-c]], k))

    def _made(self, columns: list[Ints], g: int) -> Ints | None:
        """For each time, what is to it as ``g`` is to the last time that it is made of."""
        sources = [
            (int(self.time[f]), k, int(f))
            for k, v in enumerate(self._operands(g))
            if (f := self.maker[v]) >= 0 and self.place[f] >= 0
        ]
        _, k, f = max(sources)
        v = self._operands(g)[k]
        which = self.results_of[f].index(int(v))
        column = columns[self.place[f]]
        made = np.full(len(column), -1, np.intp)
        for i, source in enumerate(column.tolist()):
            if source < 0:
                continue
            result = self.results_of[source][which]
            users, places = self._users_of(result), self._places_of(result)
            alike = [
                int(user)
                for user, place in zip(users, places, strict=True)
                if place == k and self.keys[user] == self.keys[g] and self._free(int(user))
            ]
            if len(alike) == 1:
                made[i] = alike[0]
        return made

    def _fits(self, column: Ints, g: int) -> bool:
        """Strike out what is not like ``g``; tell whether enough is left, none of it twice."""
        free = (column >= 0) & ~self.taken[column] & ~self.reserved[column]
        alike = free & (self.keys[column] == self.keys[g]) & (self.place[column] < 0)
        column[~alike] = -1
        left = column[alike]
        enough = len(left) >= max(LEAST_TIMES, len(column) - 2) and alike[len(column) // 2]
        if not enough or len(np.unique(left)) < len(left):
            return False
        # What leads from a later time to an earlier one, as the derivative of a loop does to the
        # loop itself, is another loop.
        times = np.flatnonzero(alike)
        self.place[left], self.time[left] = 0, times  # as if it fitted
        back = False
        for k in range(len(self._operands(g))):
            maker = self._made_by(self._operand_column(left, k))
            inside = (maker >= 0) & (self.place[maker] >= 0)
            back |= bool(np.any(self.time[maker][inside] > times[inside]))
        self.place[left] = -1
        return not back

    def _trimmed(self, columns: list[Ints]) -> list[Ints]:
        """Keep the longest stretch of times that are all alike."""
        table = np.array(columns)
        whole = np.all(table >= 0, axis=0)
        start, stop = _longest(whole)
        if stop - start < LEAST_TIMES:
            return []
        table = table[:, start:stop]
        self._renumber(list(table))
        joined = np.ones(table.shape[1] - 1, bool)  # of each time and the next
        for column in table:
            for k in range(len(self._operands(column[0]))):
                joined &= self._alike(self._operand_column(column, k))
        start, stop = _longest(np.concatenate([joined, [False]]))
        return list(table[:, start : stop + 1])

    def _renumber(self, columns: list[Ints]) -> None:
        self.place.fill(-1)
        for i, column in enumerate(columns):
            self.place[column] = i
            self.time[column] = np.arange(len(column))

    def _alike(self, operand: Ints) -> NDArray[np.bool_]:
        """For each time but the last, whether this operand comes from a like place the next time.

        That is the body, this time or some times before; or else always outside.
        """
        maker = self._made_by(operand)
        inside = (maker >= 0) & (self.place[maker] >= 0)
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

    def _leaves(self, columns: list[Ints]) -> tuple[list[Ints], int]:
        """Find the leaves that are others each time; count the values carried to the next time.

        The count is -1 where something leads back in time.
        """
        leaves: list[Ints] = []
        known: set[int] = set()
        carried: set[tuple[int, int]] = set()
        middle = len(columns[0]) // 2
        for i, column in enumerate(columns):
            for k in range(len(self._operands(column[0]))):
                operand = self._operand_column(column, k)
                maker = self._made_by(operand)
                inside = (maker >= 0) & (self.place[maker] >= 0)
                lag = (np.arange(len(column)) - self.time[maker])[inside]
                if np.any(lag < 0):
                    return [], -1
                if np.any(lag > 0):
                    carried.add((i, k))
                if np.any(maker >= 0) or int(operand[middle]) in known:
                    continue
                v = int(operand[middle])
                _, c, k0 = min(
                    (int(self.time[c]), int(c), int(place))
                    for c, place in zip(self._users_of(v), self._places_of(v), strict=True)
                    if self.place[c] >= 0
                )
                leaf = self._operand_column(columns[self.place[c]], k0)
                alike = np.all(self.maker[leaf] < 0) and np.all(self.shapes[leaf] == self.shapes[v])
                if alike and len(np.unique(leaf)) == len(leaf) and known.isdisjoint(leaf.tolist()):
                    leaves.append(leaf)
                    known.update(leaf.tolist())
        return leaves, len(carried)

    def _free(self, f: int) -> bool:
        return bool(self.place[f] < 0 and not self.taken[f] and not self.reserved[f])

    def _makers_of(self, f: int) -> list[int]:
        # In a loop over all Functions lists take a quarter of the time that arrays do.
        return [self.maker_of[v] for v in self.operands_of[f]]

    def _operands(self, f: int) -> Ints:
        return self.operand[self.first_operand[f] : self.first_operand[f + 1]]

    def _results(self, f: int) -> Ints:
        return self.result[self.first_result[f] : self.first_result[f + 1]]

    def _users_of(self, v: int) -> Ints:
        return self.user[self.first_user[v] : self.first_user[v + 1]]

    def _places_of(self, v: int) -> Ints:
        return self.user_place[self.first_user[v] : self.first_user[v + 1]]

    def _operand_column(self, column: Ints, k: int) -> Ints:
        """Return operand ``k`` of each Function of a column; -1 where there is none."""
        there = column >= 0
        return np.where(there, self.operand[self.first_operand[np.where(there, column, 0)] + k], -1)

    def _made_by(self, variables: Ints) -> Ints:
        return np.where(variables >= 0, self.maker[variables], -1)


def _runs(text: Ints) -> list[tuple[int, int, int]]:
    """Find the runs of a text, the most saving first, none over another: start, stop, period."""
    found = []
    for period in _likely_periods(text):
        same = text[period:] == text[:-period]
        edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
        for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            found.append((start, stop + period, period))
    found.sort(key=lambda run: (-_saved(*run), run[2], run[0]))
    chosen = []
    taken = np.zeros(len(text), bool)
    for start, stop, period in found:
        if not _saved(start, stop, period):
            break
        if taken[start:stop].any():
            first, last = _longest(~taken[start:stop])
            start, stop = start + first, start + last
        # Whether it saves enough is known when its body is.
        if _saved(start, stop, period):
            taken[start:stop] = True
            chosen.append((start, stop, period))
    return chosen


def _saved(start: int, stop: int, period: int) -> int:
    times = (stop - start) // period
    return (times - 1) * period if times >= 2 else 0  # the first time is often not in the text


def _likely_periods(text: Ints) -> list[int]:
    """Return the distances at which the same letters, and the same words, most often recur."""
    periods: dict[int, None] = {}
    for length in (1, 4, 16, 64):
        if len(text) < 2 * length:
            break
        words = np.lib.stride_tricks.sliding_window_view(text, length)
        hashed = words @ _MIXERS[:length]
        order = np.argsort(hashed, kind="stable")
        distance = np.diff(order)[hashed[order][1:] == hashed[order][:-1]]
        lengths, counts = np.unique(distance, return_counts=True)
        likely = np.argsort(-counts, kind="stable")[:16]
        periods.update(dict.fromkeys(lengths[likely].tolist()))
    return sorted(period for period in periods if 2 * period <= len(text))


_MIXERS = np.random.default_rng(0).integers(-(2**62), 2**62, 64)
"""Makes of each word a number that hardly any other has; a run is then compared by letters."""


def _longest(true: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the first of the longest stretches of what is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], true, [False]]).astype(np.int8)))
    if not len(edges):
        return 0, 0
    longest = int(np.argmax(edges[1::2] - edges[::2]))
    return int(edges[2 * longest]), int(edges[2 * longest + 1])


def _rows(rows: Iterable[list[int]]) -> tuple[Ints, Ints]:
    """Put rows one behind another, with where each begins."""
    listed = list(rows)
    first = np.zeros(len(listed) + 1, np.intp)
    np.cumsum([len(row) for row in listed], out=first[1:])
    return first, np.array([item for row in listed for item in row], np.intp)


def _kind_of(label: str) -> str:
    """Return what a label has in common with that of another time: ``x[17]`` is taken for any."""
    return re.sub(r"\d+", "#", label) if label.startswith(("[", "into [")) else label
