"""Which shares of a gradient need one digit more, so that they are seen to add up to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dzviz.graph.duplicates import original
from dzviz.graph.model import Graph, Value, VariableNode
from dzviz.graph.overview import repeated
from dzviz.graph.ranges import Range
from dzviz.graph.rounded import bound_of
from dzviz.options import FULL, Look
from dzviz.text.labels import contribution_text, gradient_of, labelled_edges
from dzviz.text.numbers import NOISE, number

if TYPE_CHECKING:
    from decimal import Decimal

MOST_NODES = 500
"""Of larger graphs nobody adds numbers up."""


def finer(graph: Graph, look: Look) -> Mapping[str, Look]:
    """Return options with one digit more for the gradients and shares of Variables that need it.

    With as many digits as all others, the shares would not add up to the gradient, and with one
    more they do. Variables are given by their ids.
    """
    whole = len(graph.nodes) <= MOST_NODES and graph.folded is None and not graph.film
    if not whole or look.precision >= FULL or not look.says("grad"):
        return {}
    labelled = labelled_edges(graph, look)
    if labelled is None or not repeated(graph.edges, graph.nodes):
        return {}
    edges = [edge for edge in graph.edges if edge.arg is not None and labelled(edge)]
    if not edges:
        return {}
    home = {node.id: original(node) for node in graph.nodes}
    shares: dict[str, list[Value]] = {}
    for edge in edges:
        shares.setdefault(home[edge.source], []).append(edge.contribution)
    found = set()
    for node in graph.nodes:
        parts = shares.get(node.id, [])
        total = gradient_of(node) if isinstance(node, VariableNode) else None
        if len(parts) > 1 and total is not None and _in_full([*parts, total], look):
            adds_up = [_adds_up(parts, total, look.precision + more) for more in (0, 1)]
            if adds_up == [False, True]:
                found.add(node.id)
    more = replace(look, precision=look.precision + 1) if found else look
    return {id: more for id, first in home.items() if first in found}


def _in_full(values: Sequence[Value], look: Look) -> bool:
    """Whether all numbers of values of one shape stand in the picture."""
    if any(isinstance(value, Range) for value in values):
        return False
    if len({np.shape(value) for value in values}) > 1:
        return False
    return all(
        not np.ndim(value)
        or (0 < value.size <= look.max_elements and ".." not in contribution_text(value, look))
        for value in values
    )


def _adds_up(parts: Sequence[Value], total: Value, precision: int) -> bool:
    """Whether numbers as they are written add up to the total as it is, to its last digit."""
    from decimal import Decimal, localcontext  # not for every start

    columns = [_numbers(value, precision) for value in (*parts, total)]
    for *addends, written in zip(*columns, strict=True):
        rounded = [place for _, place in (*addends, written) if place is not None]
        if not rounded:
            continue
        with localcontext() as context:
            context.prec = 60
            last = Decimal(1).scaleb(max(rounded))
            if any(not value.is_finite() for value, _ in (*addends, written)):
                continue
            exact = sum(value for value, _ in addends) - written[0]
            if abs(exact) > last / 2:
                return False
    return True


def _numbers(value: Value, precision: int) -> list[tuple[Decimal, int | None]]:
    """Return the numbers of a value as they are written; of rounded ones their last place."""
    from decimal import Decimal

    bounds = bound_of(value)
    known = np.zeros(np.shape(value)) if bounds is None else np.asarray(bounds)
    found: list[tuple[Decimal, int | None]] = []
    for x, bound in zip(np.ravel(np.asarray(value)), known.ravel().tolist(), strict=True):
        text = number(x, precision, bound)
        if text == NOISE:
            found.append((Decimal(0), None))
            continue
        written = Decimal(text)
        exact = not written.is_finite() or abs(float(text) - float(str(x))) <= bound
        found.append((written, None if exact else int(written.as_tuple().exponent)))
    return found
