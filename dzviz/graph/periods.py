"""Where a text repeats itself. Its letters are numbers, and it knows nothing of what they mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dzviz.records import NamedTuple

Ints = NDArray[np.intp]


class Run(NamedTuple):
    """A part of a text in which each letter is the one ``period`` places before."""

    start: int
    stop: int
    period: int

    @property
    def saved(self) -> int:
        """How many letters need not be written; the first time is often not in the text."""
        times = (self.stop - self.start) // self.period
        return (times - 1) * self.period if times >= 2 else 0


def runs(text: Ints) -> list[Run]:
    """Find the runs of a text, the most saving first, none over another."""
    found = []
    for period in _likely_periods(text):
        same = text[period:] == text[:-period]
        found += [Run(start, stop + period, period) for start, stop in _stretches(same)]
    found.sort(key=lambda run: (-run.saved, run.period, run.start))
    apart = []
    taken = np.zeros(len(text), bool)
    for run in found:
        if not run.saved:
            break
        if taken[run.start : run.stop].any():
            first, last = longest(~taken[run.start : run.stop])
            run = Run(run.start + first, run.start + last, run.period)
        # Whether it saves enough is known when its body is.
        if run.saved:
            taken[run.start : run.stop] = True
            apart.append(run)
    return apart


def longest(true: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the first of the longest stretches of what is true."""
    return max(_stretches(true), key=lambda stretch: stretch[1] - stretch[0], default=(0, 0))


def _stretches(true: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], true, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


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


_MIXERS = np.cumprod(np.full(64, 6364136223846793005))
"""Makes of each word a number that hardly any other has; a run is then compared by letters.

These are powers modulo 2**64 of a multiplier of random generators: `numpy.random` itself would be 4
MB and 20 ms.
"""
