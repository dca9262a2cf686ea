"""Differences between two graphs, as data; `dzviz.comparison.report` finds it."""

from __future__ import annotations

from typing import Any

from dzviz.comparison.matching import Matching
from dzviz.comparison.regions import Place
from dzviz.comparison.tolerance import Tolerance
from dzviz.options import ENGLISH
from dzviz.records import NamedTuple


class Difference(NamedTuple):
    """One difference: its kind, where it is, and what stands there in either graph.

    The kinds are those of ``dzviz/formats/diff.schema.json``, which describes them.
    Of an array ``element`` is the one that differs most, and how many more do. ``a`` and ``b`` are
    the ids of nodes of either graph, of a share those of its operand and its Function. ``texts``
    are for people, ``values`` the numbers of the element that differs most.
    """

    kind: str
    where: str
    texts: tuple[str, str]
    a: tuple[str, ...] = ()
    b: tuple[str, ...] = ()
    place: Place = (0.0, 0, 0)
    values: tuple[Any, Any] | None = None
    element: str = ""

    @property
    def backward(self) -> bool:
        """Whether it is of the backward pass."""
        return self.kind in ("gradient", "share")


class Counts(NamedTuple):
    """How many were compared, how many of them differ, and of how many one is not known."""

    compared: int = 0
    unequal: int = 0
    unknown: int = 0


class Report(NamedTuple):
    """The comparison of two graphs; ``remarks`` are reported but do not count as differences.

    ``lang`` is what its texts are said in.
    """

    differences: tuple[Difference, ...]
    remarks: tuple[Difference, ...]
    values: Counts
    gradients: Counts
    shares: Counts
    tolerance: Tolerance
    matching: Matching
    notes: tuple[str, ...] = ()
    lang: str = ENGLISH

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not self.differences
