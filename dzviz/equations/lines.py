"""A line of a derivation, as data."""

from __future__ import annotations

from dzviz.graph.model import Value
from dzviz.graph.terms import Term
from dzviz.records import NamedTuple


class Line(NamedTuple):
    """One equation: its left side (``left``), how it is made, and of which ``shares`` it is a sum.

    ``left`` has several terms where they are the same. ``turn`` is the pass, 0 for the function
    itself, and ``node`` is what it is about. ``place`` is the event at which all of it is known.
    A line of a loop is written for all times of its ``span``, of which the values are a range.
    """

    left: tuple[Term, ...]
    right: Term
    value: Value
    turn: int
    node: str
    shares: tuple[Value, ...] = ()
    place: int = -1
    span: tuple[int, int] | None = None
