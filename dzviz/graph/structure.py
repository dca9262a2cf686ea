"""A graph in arrays: Functions and Variables by number, in order of computation.

It knows no value: what looks for repetitions asks what is computed of what.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dzviz.graph.model import FunctionNode, Graph, VariableNode

Ints = NDArray[np.intp]


class Lists(NamedTuple):
    """Lists of numbers: the ``i``-th is ``item[first[i] : first[i + 1]]``."""

    first: Ints
    item: Ints

    def of(self, i: int) -> Ints:
        """Return one list."""
        return self.item[self.first[i] : self.first[i + 1]]


class Structure:
    """What is computed of what.

    ``maker`` is the Function that made a Variable, -1 of a leaf. Functions with the same number in
    ``keys`` do the same to operands of the same ``shapes``. A Variable is operand number ``places``
    of each of its ``users``. In a folded graph what leads to a later time is left out.
    """

    def __init__(self, graph: Graph) -> None:
        functions = [node for node in graph.nodes if isinstance(node, FunctionNode)]
        variables = [node for node in graph.nodes if isinstance(node, VariableNode)]
        self.function_ids = [node.id for node in functions]
        self.variable_ids = [node.id for node in variables]
        self.operands_of: list[list[int]] = [[] for _ in functions]
        self.results_of: list[list[int]] = [[] for _ in functions]
        self.maker = np.full(len(variables), -1, np.intp)
        self._connect(graph)
        self._maker_of: list[int] = self.maker.tolist()
        repeats = graph.folded.repeats if graph.folded else ()
        within = {id: repeat.id for repeat in repeats for id in repeat.nodes}
        # A leaf in a Repeat is another one in each of its times, unlike one from outside.
        self.shapes = numbered(
            (v.shape, v.dtype, within.get(v.id) if maker < 0 else None)
            for v, maker in zip(variables, self._maker_of, strict=True)
        )
        shapes = self.shapes.tolist()
        self.keys = numbered(
            (
                f.op,
                _kind_of(f.label),
                f.order,
                f.origin,
                within.get(f.id),
                tuple([shapes[v] for v in operands]),
                tuple([shapes[v] for v in results]),
            )
            for f, operands, results in zip(
                functions, self.operands_of, self.results_of, strict=True
            )
        )
        self.operands, self.results = _lists(self.operands_of), _lists(self.results_of)
        self.users, self.places = self._uses()

    def _connect(self, graph: Graph) -> None:
        """List the operands and results of all Functions."""
        function = {id: i for i, id in enumerate(self.function_ids)}
        variable = {id: i for i, id in enumerate(self.variable_ids)}
        bundles = graph.folded.bundles if graph.folded else {}
        later = {edge for edge, bundle in bundles.items() if bundle.lag}
        for edge in graph.edges:
            if later and edge[:3] in later:
                continue
            if edge.arg is None:
                f, v = function[edge.source], variable[edge.target]
                self.results_of[f].append(v)
                self.maker[v] = f
            else:
                self.operands_of[function[edge.target]].append(variable[edge.source])

    def _uses(self) -> tuple[Lists, Lists]:
        """List the Functions that use each Variable, and as which operand."""
        first, operand = self.operands
        counts = np.diff(first)
        user = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(len(operand)) - np.repeat(first[:-1], counts)
        order = np.argsort(operand, kind="stable")
        begin = np.zeros(len(self.maker) + 1, np.intp)
        np.cumsum(np.bincount(operand, minlength=len(self.maker)), out=begin[1:])
        return Lists(begin, user[order]), Lists(begin, place[order])

    def makers(self, f: int) -> list[int]:
        """Return what made each operand of a Function."""
        # In a loop over all Functions lists take a quarter of the time that arrays do.
        return [self._maker_of[v] for v in self.operands_of[f]]

    def made_by(self, variables: Ints) -> Ints:
        """Return what made each of these Variables, of which -1 is none."""
        return np.where(variables >= 0, self.maker[variables], -1)

    def operand_column(self, functions: Ints, k: int) -> Ints:
        """Return operand ``k`` of each of these Functions, of which -1 is none."""
        there = functions >= 0
        first, operand = self.operands
        return np.where(there, operand[first[np.where(there, functions, 0)] + k], -1)


def numbered(keys: Iterable[Hashable]) -> Ints:
    """Number keys by their first appearance; equal ones have one number."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(key, len(known)) for key in keys], np.intp)


def _lists(rows: Sequence[Sequence[int]]) -> Lists:
    first = np.zeros(len(rows) + 1, np.intp)
    np.cumsum([len(row) for row in rows], out=first[1:])
    return Lists(first, np.array([item for row in rows for item in row], np.intp))


def _kind_of(label: str) -> str:
    """Return what a label has in common with that of another time: ``x[17]`` is taken for any.

    A module that is folded into one node is known by its kind: ``layers.17: Linear``.
    """
    if ": " in label:
        return label.partition(": ")[2]
    return re.sub(r"\d+", "#", label) if label.startswith(("[", "into [")) else label
