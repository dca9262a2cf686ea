"""Which gradients count as lost although they are not 0."""

from __future__ import annotations

import numpy as np

from dzviz.diagnosis.families import family_of
from dzviz.diagnosis.flows import End, Flows, is_nothing, size_of
from dzviz.graph.model import Edge, Value
from dzviz.graph.ranges import Range

FADED = 1e-12
"""A gradient that a flat op leaves so little of counts as lost."""

FLAT = ("saturating", "exponential", "normalized")
"""The families of ops that are flat far out."""


def faded(flows: Flows) -> dict[str, End]:
    """Find the values whose gradient a flat op has left less than `FADED` of."""
    found: dict[str, End] = {}
    for id in flows.backwards():
        shares = flows.shares(id)
        if not shares:
            continue
        if len(shares) > 1 and flows.graph.engine is not None and _is_rounding(flows, id):
            found[id] = End(id)
            continue
        edge = shares[0] if len(shares) == 1 else max(shares, key=lambda e: size_of(e.contribution))
        results = flows.results.get(edge.target, ())
        before = next((found[y] for y in results if y in found), None)
        if before is not None:
            found[id] = before
        elif family_of(flows.functions[edge.target]) in FLAT:
            came = max((size_of(gy) for gy in flows.sent(edge.target)), default=0.0)
            if 0 < size_of(edge.contribution) < _left(flows, edge) * came:
                found[id] = End(id, edge.target, edge.arg)
    return found


def _is_rounding(flows: Flows, id: str) -> bool:
    """Whether shares add up to no more than their rounding, where no bounds of it are known."""
    came = flows.came(id)
    if came is None or isinstance(came, Range) or is_nothing(came):
        return False
    dtype = np.asarray(came).dtype
    sizes = [size_of(edge.contribution) for edge in flows.shares(id)]
    return dtype.kind == "f" and size_of(came) <= 4 * float(np.finfo(dtype).eps) * max(sizes)


def _left(flows: Flows, edge: Edge) -> float:
    """Return what is lost: less than so much of what came, or no more than its rounding."""
    same = all(map(is_same, flows.sent(edge.target)))
    if family_of(flows.functions[edge.target]) != "normalized" or not same:
        return FADED
    dtype = np.asarray(edge.contribution).dtype
    return float(8 * np.finfo(dtype).eps) if dtype.kind == "f" else FADED


def is_same(gy: Value) -> bool:
    """Whether all elements of what came are the same number."""
    return not isinstance(gy, Range) and float(np.ptp(np.asarray(gy, float))) <= FADED * size_of(gy)


def is_same_along(gy: Value) -> bool:
    """Whether they are the same number along some axis, as in each row."""
    if isinstance(gy, Range):
        return False
    array = np.asarray(gy, float)
    within = FADED * size_of(gy)
    return any(bool(np.all(np.ptp(array, axis) <= within)) for axis in range(array.ndim))
