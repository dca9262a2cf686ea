"""Of which Variables it is known how exact their numbers are: of many, where a word depends on it.

How exact they are is `dzviz.sources.bounds`' business.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING, Any

import numpy as np

from dzviz.engine import Bounded, Recording, Variable, maker, raw
from dzviz.graph.rounded import bound_of, is_zero
from dzviz.records import NamedTuple

if TYPE_CHECKING:
    from dzviz.sources.bounds import Bounds

MOST = 100_000
"""Of larger graphs nothing is found out of how exact the numbers are: it may take a minute."""

MOST_ELEMENTS = 1_000_000
"""With more elements in all, rounding is not examined: that takes a lot of memory."""


class Exactness(NamedTuple):
    """What knows how exact numbers are, and of which Variables: None is all of them."""

    bounds: Bounds | None = None
    known: Set[Variable] | None = None

    def of(self, x: Variable) -> Bounds | None:
        """Return what knows it of a Variable and of its maker's rules; None where it is unknown."""
        return self.bounds if self.known is None or x in self.known else None


def exactness(
    ys: Sequence[Variable],
    xs: Sequence[Variable],
    grads: Sequence[Any],
    recording: Recording,
    *,
    large: bool,
) -> Exactness:
    """Find it out for the Variables ``xs`` with their gradients, computed for the outputs ``ys``.

    In a ``large`` graph only those are looked at that rounding may write otherwise.
    """
    data = [x._data for x in xs]
    others = [value for value in data if type(value) is not np.float64]  # few, in half the time
    arrays = [value for value in others if isinstance(value, np.ndarray)]
    if sum(a.size for a in arrays) > MOST_ELEMENTS or any(a.dtype.kind == "c" for a in arrays):
        return Exactness()
    if not large:
        from dzviz.sources.bounds import Bounds  # which large graphs rarely need

        return Exactness(Bounds(ys, xs, recording))
    from dzviz.text.decimals import uncertain

    if len(xs) > MOST:
        return Exactness()
    sent = recording.values()
    found = uncertain([data, grads, sent])
    little, near = (  # what nothing computed is exact
        {i for i in part if i >= len(xs) or maker(xs[i]) is not None} for part in found
    )
    if not (little or near):
        return Exactness()
    from dzviz.sources.bounds import Bounds

    bounds, known = Bounds(ys, xs, recording), set()
    for i in sorted(little | near, reverse=True):  # the last one needs nearly all before it
        if i >= 2 * len(xs):
            (function, index), value = recording.flow(i - 2 * len(xs))
            owner = function.outputs[0]()
        else:
            owner, value = xs[i % len(xs)], data[i] if i < len(xs) else grads[i - len(xs)]
        if owner is None or owner in known:
            continue
        if i >= 2 * len(xs):
            again = bounds.contribution_again(function, index)
        elif i >= len(xs):
            again = bounds.gradient_again(owner)
        else:
            again = bounds.data_again(owner)
        value = raw(value) if isinstance(value, Variable) else value
        if again is not None and _is_uncertain(value, again, i in near):
            known.add(owner)
    return Exactness(bounds, known)


def _is_uncertain(value: Any, again: Bounded, near: bool) -> bool:
    """Whether a number may be 0, or ``near`` a short one, by what computed it again."""
    if type(value) is np.float64 and value == again.value:
        return bool(0 < again.bound < np.inf and (near or abs(value) <= again.bound))
    from dzviz.sources.bounds import with_bound

    value = with_bound(value, again)
    return bound_of(value) is not None and (near or is_zero(value))
