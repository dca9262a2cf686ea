"""A graph in arrays: Functions and Variables by number, in order of computation.

It knows no value: what looks for repetitions asks what is computed of what.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterable, Mapping
from functools import cached_property

import numpy as np

from dzviz.graph.model import FunctionNode, VariableNode
from dzviz.graph.numbered import Ints, Numbered
from dzviz.graph.pairs import pairs
from dzviz.records import NamedTuple


class Lists(NamedTuple):
    """Lists of numbers: the ``i``-th is ``item[first[i] : first[i + 1]]``."""

    first: Ints
    item: Ints

    def of(self, i: int) -> Ints:
        """Return one list."""
        return self.item[self.first[i] : self.first[i + 1]]

    def column(self, which: Ints, k: int) -> Ints:
        """Return item ``k`` of each of these lists."""
        return self.item[self.first[which] + k]


class Structure:
    """What is computed of what.

    ``functions`` and ``variables`` have the places of each in the graph. ``maker`` is the Function
    that made a Variable, -1 of a leaf. Functions with the same number in ``keys`` do the same to
    operands of the same ``shapes``. A Variable is operand number ``places`` of each of its
    ``users``. Nodes may lie ``within`` a Repeat; edges that are ``left_out`` lead to a later time.
    """

    def __init__(
        self, graph: Numbered, within: Mapping[str, str], left_out: Collection[int] = ()
    ) -> None:
        inside = graph.is_function
        self.functions, self.variables = np.flatnonzero(inside), np.flatnonzero(~inside)
        number = np.where(inside, np.cumsum(inside), np.cumsum(~inside)) - 1
        edges = np.ones(len(graph.arg), bool)
        edges[list(left_out)] = False
        results, operands = edges & (graph.arg < 0), edges & (graph.arg >= 0)
        makers, made = number[graph.source[results]], number[graph.target[results]]
        users, used = number[graph.target[operands]], number[graph.source[operands]]
        self.maker = np.full(len(self.variables), -1, np.intp)
        self.maker[made] = makers
        self.results = _lists(makers, made, len(self.functions))
        self.operands = _lists(users, used, len(self.functions))
        self.generation = graph.generation[self.functions]
        self.shapes = self._shapes(graph, within)
        self.keys = self._keys(graph, within)
        self.users, self.places = self._uses()

    def _shapes(self, graph: Numbered, within: Mapping[str, str]) -> Ints:
        """Number the shapes of Variables."""
        # A leaf in a Repeat is another one in each of its times, unlike one from outside.
        leaves = set(self.variables[self.maker < 0].tolist()) if within else ()
        of_sort = numbers_of(
            (node.shape, node.dtype, within.get(node.id) if i in leaves else None)
            if isinstance(node, VariableNode)
            else None
            for i, node in enumerate(graph.samples)
        )
        return of_sort[graph.sort[self.variables]]

    def _keys(self, graph: Numbered, within: Mapping[str, str]) -> Ints:
        """Number what Functions do, and to what."""
        of_sort = numbers_of(
            (node.op, _kind_of(node.label), node.order, node.origin, within.get(node.id))
            if isinstance(node, FunctionNode)
            else None
            for node in graph.samples
        )
        keys = of_sort[graph.sort[self.functions]]
        for lists in (self.operands, self.results):
            keys = pairs(keys, numbers_of_lists(Lists(lists.first, self.shapes[lists.item])))
        return keys

    def _uses(self) -> tuple[Lists, Lists]:
        """List the Functions that use each Variable, and as which operand."""
        first, operand = self.operands
        counts = np.diff(first)
        user = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(len(operand)) - np.repeat(first[:-1], counts)
        order = np.argsort(operand, kind="stable")
        begin = _begin(operand, len(self.maker))
        return Lists(begin, user[order]), Lists(begin, place[order])

    @cached_property
    def _makers(self) -> tuple[list[int], list[int]]:
        return self.operands.first.tolist(), self.maker[self.operands.item].tolist()

    def makers(self, f: int) -> list[int]:
        """Return what made each operand of a Function."""
        # In a loop over all Functions lists take a quarter of the time that arrays do.
        first, maker = self._makers
        return maker[first[f] : first[f + 1]]

    def made_by(self, variables: Ints) -> Ints:
        """Return what made each of these Variables, of which -1 is none."""
        return np.where(variables >= 0, self.maker[variables], -1)

    def operand_column(self, functions: Ints, k: int) -> Ints:
        """Return operand ``k`` of each of these Functions, of which -1 is none."""
        there = functions >= 0
        return np.where(there, self.operands.column(np.where(there, functions, 0), k), -1)


def numbers_of(keys: Iterable[Hashable]) -> Ints:
    """Number keys by their first appearance; equal ones have one number."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(key, len(known)) for key in keys], np.intp)


def has_twice(numbers: Ints) -> bool:
    """Whether one of these numbers is there twice; `np.unique` would load `numpy.ma` to tell."""
    ordered = np.sort(numbers)
    return bool(np.any(ordered[1:] == ordered[:-1]))


def numbers_of_lists(lists: Lists) -> Ints:
    """Number lists of numbers from 0; equal ones have one number."""
    counts = np.diff(lists.first)
    numbers = np.zeros(len(counts), np.intp)
    known = 0
    for count in np.flatnonzero(np.bincount(counts)).tolist():
        which = np.flatnonzero(counts == count)
        codes = np.zeros(len(which), np.intp)
        for k in range(count):
            codes = pairs(codes, lists.column(which, k))
        numbers[which] = codes + known
        known += int(codes.max()) + 1
    return numbers


def _lists(owner: Ints, item: Ints, count: int) -> Lists:
    """Gather the items of each owner, in their order."""
    if np.any(owner[1:] < owner[:-1]):
        item = item[np.argsort(owner, kind="stable")]
    return Lists(_begin(owner, count), item)


def _begin(owner: Ints, count: int) -> Ints:
    return np.append(0, np.cumsum(np.bincount(owner, minlength=count)))


def _kind_of(label: str) -> str:
    """Return what a label has in common with that of another time: ``x[17]`` is taken for any.

    A module that is folded into one node is known by its kind: ``layers.17: Linear``.
    """
    if ": " in label:
        return label.partition(": ")[2]
    return re.sub(r"\d+", "#", label) if label.startswith(("[", "into [")) else label
