"""Of which Variables it is known how exact their numbers are: of many, where a word depends on it.

How exact they are is `dzviz.sources.bounds`' business.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING, Any

import numpy as np

from dzviz.engine import Bounded, Recording, Variable, maker, raw
from dzviz.graph.rounded import bound_of, is_zero
from dzviz.sources.nodes import Exactness
from dzviz.text.numbers import SHOWN

if TYPE_CHECKING:
    from dzviz.sources.columns import Columns

MOST = 100_000
"""Of larger graphs nothing is found out of how exact the numbers are: it may take a minute."""

MOST_ELEMENTS = 1_000_000
"""With more elements in all, rounding is not examined: that takes a lot of memory."""


def exactness(
    ys: Sequence[Variable],
    known: Columns,
    grads: Sequence[Any],
    recording: Recording,
    digits: int,
    *,
    large: bool,
) -> Exactness:
    """Find it out for Variables with their gradients, computed for the outputs ``ys``.

    Only those are looked at that rounding may write otherwise with so many ``digits``; of a graph
    that is not ``large`` all, if that takes other bounds than `dzviz.sources.suspects` knows.
    """
    xs = known.xs
    if large and len(xs) > MOST:
        return Exactness()
    data = [x._data for x in xs]
    others = [value for value in data if type(value) is not np.float64]  # few, in half the time
    arrays = [value for value in others if isinstance(value, np.ndarray)]
    if sum(a.size for a in arrays) > MOST_ELEMENTS or any(a.dtype.kind == "c" for a in arrays):
        return Exactness()
    little, near, apart = _candidates(data, known, ys, grads, recording, digits, large=large)
    if little is None:
        from dzviz.sources.bounds import Bounds  # which large graphs rarely need

        return Exactness(Bounds(ys, xs, recording))
    if not (little or near):
        return Exactness()
    from dzviz.sources.bounds import Bounds

    bounds = Bounds(ys, xs, recording)
    found: set[Variable] = set()
    of_gradients: set[Variable] = set()
    for i in sorted(little | near, reverse=True):  # the last one needs nearly all before it
        if i >= 2 * len(xs):
            (function, index), value = recording.flow(i - 2 * len(xs))
            owner = function.outputs[0]()
        else:
            owner, value = xs[i % len(xs)], data[i] if i < len(xs) else grads[i - len(xs)]
        if owner is None or owner in (of_gradients if apart and i >= len(xs) else found):
            continue
        if i >= 2 * len(xs):
            again = bounds.contribution_again(function, index)
        elif i >= len(xs):
            again = bounds.gradient_again(owner)
        else:
            again = bounds.data_again(owner)
        value = raw(value) if isinstance(value, Variable) else value
        if again is not None and _is_uncertain(value, again, i in near):
            (of_gradients if apart and i >= len(xs) else found).add(owner)
    return Exactness(bounds, found, of_gradients if apart else found)


def _candidates(
    data: Sequence[Any],
    known: Columns,
    ys: Sequence[Variable],
    grads: Sequence[Any],
    recording: Recording,
    digits: int,
    *,
    large: bool,
) -> tuple[Set[int] | None, Set[int], bool]:
    """Return the places of data, gradients and shares, one after the other, that may be noise.

    And of those that may be next to a short number, and whether a gradient is no matter of its
    Variable's data. None are all of a small graph.
    """
    size = len(data)
    if not large:
        if digits > SHOWN or recording.contributions:
            return None, set(), False
        from dzviz.sources.suspects import suspects  # which pictures of formulas do not need

        found = suspects(known, set(ys), grads, digits)
        return (None, set(), False) if found is None else (set(), found, True)
    from dzviz.text.decimals import uncertain

    little, near = (  # what nothing computed is exact
        {i for i in part if i >= size or maker(known.xs[i]) is not None}
        for part in uncertain([data, grads, recording.values()])
    )
    if 0 < len(little) + len(near) < size and not recording.contributions:  # else most need bounds
        from dzviz.sources.suspects import suspects

        found = suspects(known, set(ys), grads, SHOWN)
        if found is not None:
            return little & found, near & found, True
    return little, near, False


def _is_uncertain(value: Any, again: Bounded, near: bool) -> bool:
    """Whether a number may be 0, or ``near`` a short one, by what computed it again."""
    if type(value) is np.float64 and value == again.value:
        return bool(0 < again.bound < np.inf and (near or abs(value) <= again.bound))
    from dzviz.sources.bounds import with_bound

    value = with_bound(value, again)
    return bound_of(value) is not None and (near or is_zero(value))
