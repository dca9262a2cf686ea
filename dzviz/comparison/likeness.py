"""What things have in common that may be the same, as keys."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

import numpy as np

from dzviz.comparison.sides import Side
from dzviz.graph.ranges import Range


def rough(side: Side, v: int) -> Hashable | None:
    """Return what values have in common that may be equal; None of those that say little."""
    node = side.values[v]
    if isinstance(node.data, Range) or node.data is None:
        return None
    data = np.asarray(node.data)
    if data.dtype.kind not in "fiu" or not data.size:
        return None
    with np.errstate(all="ignore"):
        size = float(np.abs(np.asarray(data, float)).sum())
    ones = size == data.size and bool(np.all(data == data.flat[0]))
    if not np.isfinite(size) or size == 0 or ones:
        return None
    return node.shape, f"{size:.3g}"


def unique_pairs(
    vs: Iterable[int],
    ws: Iterable[int],
    key: Callable[[int], Hashable],
    other: Callable[[int], Hashable],
) -> list[tuple[int, int]]:
    """Return pairs with one key each, which nothing else of either has."""
    groups: tuple[dict[Hashable, list[int]], dict[Hashable, list[int]]] = {}, {}
    for found, group, of in ((vs, groups[0], key), (ws, groups[1], other)):
        for v in found:
            if (known := of(v)) is not None:
                group.setdefault(known, []).append(v)
    return [
        (alike[0], groups[1][known][0])
        for known, alike in groups[0].items()
        if len(alike) == 1 == len(groups[1].get(known, ()))
    ]
