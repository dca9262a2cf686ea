"""Gradients of a map of arrays compared with differences: five verdicts, and when each applies.

A rule is accused only where differences are sure: beyond their own bound, at all steps, and by more
than a few units in the last place of the operands change. It knows no Variables.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .differences import EPS, SMALLEST
from .probing import Map, Probe, Tried, chunks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .probing import Gradients

RTOL = 1e-4
"""How far a gradient may be from differences, relative to the larger."""

SHOWN = 4.0
"""Differences whose bound is so many times the tolerance cannot tell: they are too noisy."""

ENOUGH = 3
"""After so many elements of a gradient that differ for sure, the others are believed."""

VANISHING = 1e-10
"""A number may not be seen in a sum with one that is larger by so much."""

ULPS = 4
"""By how many units in the last place operands are moved before a rule is accused."""


class State(StrEnum):
    """What comes of a comparison; the worst last."""

    AGREES = "agrees"
    NO_DERIVATIVE = "no derivative here"
    TOO_NOISY = "too noisy"
    NOT_FINITE = "not finite"
    DIFFERS = "differs"

    @property
    def rank(self) -> int:
        """How bad it is."""
        return list(State).index(self)

    @property
    def fails(self) -> bool:
        """Whether a check fails by it; the other two that do not agree are warnings."""
        return self in (State.DIFFERS, State.NOT_FINITE)


class Comparison(NamedTuple):
    """One element of one gradient: what the rules say, and what differences say.

    ``error`` bounds how far the differences may be off. Of large arrays ``elements`` from
    ``place`` on are compared at once: the gradient is that along a direction that changes them all.
    ``foreign`` tells that the upstream gradient was not that of the pass.
    """

    argument: int
    place: tuple[int, ...]
    gradient: float
    numerical: float
    error: float
    state: State
    elements: int = 1
    foreign: bool = False

    def sentence(self) -> str:
        """The two numbers in words."""
        at = f" at {list(self.place)}" if self.place else ""
        at += f" (and {self.elements - 1} elements after it, along one direction)" * (
            self.elements > 1
        )
        seed = " (for another upstream gradient)" if self.foreign else ""
        return (
            f"the gradient of argument {self.argument}{at} is {self.gradient:.10g} "
            f"by the rules and {self.numerical:.10g} by differences{seed}"
        )


class Seed(NamedTuple):
    """A gradient of all results, and what the rule made of it."""

    gy: NDArray[Any]
    gxs: Gradients
    foreign: bool = False


class Tolerance(NamedTuple):
    """How far both may be apart, relative to the larger or at all."""

    rtol: float = RTOL
    atol: float = 0.0


def compare(
    map: Map,
    seeds: Sequence[Seed],
    argument: int,
    tolerance: Tolerance,
    *,
    enough: float = 4e-5,
    believed: bool = False,
) -> Iterator[Comparison]:
    """Compare the gradients of one argument, for all seeds, with differences.

    Elements are tried one by one, those of large arrays in blocks. Few steps do where the bound of
    their error is ``enough``, relative to the derivative. A difference is tried again in every way
    that may excuse it, unless it is ``believed`` from the start. Each comparison is the worst of
    those of the seeds.
    """
    x, y = map.xs[argument], map.compute(map.xs)
    confirmed = ENOUGH if believed else 0
    for blocks in chunks(x.size, y.size):
        judge = _Judge(Probe(map, argument, blocks, y), tolerance, enough, believed)
        judged = [judge.judge(seed) for seed in seeds]
        for number, block in enumerate(blocks):
            place = place_of(block.start, x.shape)
            found = []
            for seed, all_of_seed in zip(seeds, judged, strict=True):
                one = all_of_seed[number]
                if one.state is State.DIFFERS and confirmed < ENOUGH:
                    one = judge.reconsidered(number, one, seed)
                    confirmed += one.state is State.DIFFERS
                found.append(Comparison(argument, place, *one, len(block), seed.foreign))
            yield max(found, key=lambda comparison: comparison.state.rank)


def place_of(number: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the place of element ``number`` in an array of this shape."""
    return tuple(int(i) for i in np.unravel_index(number, shape)) if shape else ()


class _Judged(NamedTuple):
    gradient: float
    numerical: float
    error: float
    state: State


class _Sums(NamedTuple):
    """Along each direction: what the rules say, and the slopes of all results, weighted.

    All is divided by the largest weight. ``error`` bounds that of ``value``, ``size`` is what it is
    compared with, ``zero`` says that both are less than the rounding of the results. ``edge`` is
    where the slopes on both sides, ``low`` and ``high``, are not the same.
    """

    gradient: NDArray[Any]
    value: NDArray[Any]
    low: NDArray[Any]
    high: NDArray[Any]
    error: NDArray[Any]
    size: NDArray[Any]
    zero: NDArray[np.bool_]
    broken: NDArray[np.bool_]
    edge: NDArray[np.bool_]


class _Judge:
    """Compares gradients with slopes along the directions of a probe."""

    def __init__(self, probe: Probe, tolerance: Tolerance, enough: float, believed: bool) -> None:
        self.probe, self.tolerance = probe, tolerance
        self.enough, self.believed = enough, believed
        self.map, self.y = probe.map, probe.y
        self.everything = list(range(len(probe.blocks)))
        # An error in one element of a block is to be seen among those of the others.
        self.share = np.array([min(len(block), 100) for block in probe.blocks], float)
        self.quick = probe.tried(self.map.xs, self.y, self.everything, full=False)
        self.full: dict[tuple[int, ...], Tried] = {}

    def judge(self, seed: Seed) -> list[_Judged]:
        """Judge a gradient along all directions: by few steps where these tell, else by many."""
        judged, settled = self.verdicts(self.quick, self.everything, seed)
        settled &= self.probe.scales >= VANISHING * self.probe.largest
        rest = [int(number) for number in np.flatnonzero(~settled)]
        if rest:
            again, _ = self.verdicts(self.all_steps(rest), rest, seed)
            for number, one in zip(rest, again, strict=True):
                judged[number] = one
        return judged

    def reconsidered(self, number: int, judged: _Judged, seed: Seed) -> _Judged:
        """Judge a gradient that differs again, with all that the bound of an error does not see."""
        doubt = self.doubt(number, judged, seed)
        return self.verdicts(self.all_steps([number]), [number], seed, doubt)[0][0]

    def all_steps(self, numbers: list[int]) -> Tried:
        """Try directions at all steps, once for all seeds."""
        key = tuple(numbers)
        if key not in self.full:
            self.full[key] = self.probe.tried(self.map.xs, self.y, numbers, full=True)
        return self.full[key]

    def verdicts(
        self, tried: Tried, numbers: Sequence[int], seed: Seed, doubt: float = 0.0
    ) -> tuple[list[_Judged], NDArray[np.bool_]]:
        """Say how gradients compare, and for which of them more steps are not needed."""
        unit, (rtol, atol) = _unit(seed), self.tolerance
        share = self.share[numbers]
        sums = self.sums(tried, numbers, seed)
        g, value, error = sums.gradient, sums.value, sums.error + doubt
        gap = np.where(sums.edge, np.maximum(sums.low - g, g - sums.high), np.abs(g - value))
        bound = rtol * np.maximum(np.abs(g), np.abs(value)) / share + error
        differs = (gap > bound + (atol + 64 * SMALLEST) / unit) & ~sums.zero
        sure = error <= SHOWN * max(rtol, 1e-9) * sums.size / share + atol / unit
        used = seed.gy != 0
        dark = used & ~np.isfinite(self.y)
        lost = tried.lit | bool(dark.any() and not (used & ~dark).any())
        lost |= dark.any() & differs
        finite = np.isfinite(g)
        states = np.select(
            [lost | ~finite, sums.broken, differs, ~(sure | sums.zero), sums.edge],
            [
                State.NOT_FINITE.rank,
                State.NO_DERIVATIVE.rank,
                State.DIFFERS.rank,
                State.TOO_NOISY.rank,
                State.NO_DERIVATIVE.rank,
            ],
            State.AGREES.rank,
        )
        enough = sums.zero | (error <= self.enough * sums.size / share)
        settled = lost | (~sums.broken & (~differs | self.believed) & enough)
        known = ~lost & ~sums.broken & (finite | (sure & ~sums.edge & ~dark.any()))
        numerical = np.where(known, value * unit, np.nan)
        found = zip(g * unit, numerical, error * unit, states, strict=True)
        ranked = list(State)
        return [_Judged(float(a), float(b), float(c), ranked[d]) for a, b, c, d in found], settled

    def sums(self, tried: Tried, numbers: Sequence[int], seed: Seed) -> _Sums:
        """Weight the slopes of all results with a seed."""
        s, unit = tried.slopes, _unit(seed)
        w = seed.gy[tried.output] / unit
        used, sizes = w != 0, np.abs(w)

        def total(terms: NDArray[Any]) -> NDArray[Any]:
            return np.bincount(tried.owner, np.where(used, terms, 0.0), len(numbers))

        def any_of(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
            return np.bincount(tried.owner, used & mask, len(numbers)) > 0

        gx = seed.gxs[self.probe.argument]
        g = np.array([self.probe.along(gx, number) for number in numbers]) / unit
        value, parts = total(w * s.value), total(sizes * np.abs(s.value))
        low = total(np.minimum(w * s.low, w * s.high))
        high = total(np.maximum(w * s.low, w * s.high))
        size = parts + 2e-3 * total(sizes * s.bend)
        error = total(sizes * s.error) + 8 * EPS * parts
        # What moves a result by less than its rounding, over the whole size of the operand, is 0.
        rounding = total(sizes * np.abs(self.y[tried.output]))
        still = np.bincount(tried.owner, used, len(numbers)) == 0
        if still.any():  # results that never move: which of them depend on it, nobody can tell
            finite = (seed.gy != 0) & np.isfinite(self.y)
            whole = float(np.abs(seed.gy[finite] / unit) @ np.abs(self.y[finite]))
            rounding = np.where(still & (finite.sum() == 1), whole, rounding)
            error += np.where(still, 4 * self.map.eps * whole / self.probe.scales[numbers], 0.0)
        rounding *= 4 * self.map.eps / self.probe.scales[numbers]
        return _Sums(
            g,
            value,
            low,
            high,
            error,
            size,
            (np.maximum(np.abs(g), np.abs(value)) <= rounding) & (low == high),
            any_of(s.broken),
            any_of(s.one_sided)
            & ((high - low > self.tolerance.rtol * size) | any_of(s.low == s.high)),
        )

    def doubt(self, number: int, judged: _Judged, seed: Seed) -> float:
        """Return how far both may be off by a few units in the last place of all operands.

        It is infinite where steps of another size are as sure that the gradient is right.
        """
        tried = self.all_steps([number])
        unit = _unit(seed)
        w = seed.gy[tried.output] / unit
        used = w != 0
        values, errors = (trial[:, used] for trial in tried.slopes.trials)
        values, errors = values @ w[used], errors @ np.abs(w[used])
        g, numerical = judged.gradient / unit, judged.numerical / unit
        flat = 10 * judged.error >= abs(judged.numerical)  # else larger steps are not heard
        right = np.abs(values - g) <= self.tolerance.rtol * max(abs(g), abs(numerical)) + errors
        if flat and (right & (errors <= 0.02 * abs(g - numerical))).any():
            return math.inf
        if (used & tried.slopes.one_sided).any():  # moved operands would be beside the kink
            return 0.0
        changes = [self.change(i, number, judged, seed) for i in range(2)]
        return 10 * max(change for change in [0.0, *changes] if math.isfinite(change)) / unit

    def change(self, chance: int, number: int, judged: _Judged, seed: Seed) -> float:
        """Return how far both numbers move with operands a few units in their last places off."""
        generator = np.random.default_rng(chance)
        shaken = [_shaken(x, generator) for x in self.map.xs]
        alone = list(self.map.xs)
        alone[self.probe.argument] = shaken[self.probe.argument]
        for xs in (shaken, alone):  # the numbers of classes cannot be others
            try:
                y, gxs = self.map.compute(xs), self.map.rule(xs, seed.gy)
            except Exception:  # whatever a user's code raises
                continue
            again = self.probe.tried(xs, y, [number], full=True)
            (there,), _ = self.verdicts(again, [number], Seed(seed.gy, gxs))
            return abs(there.numerical - judged.numerical) + abs(there.gradient - judged.gradient)
        return 0.0


def _unit(seed: Seed) -> float:
    return float(np.abs(seed.gy).max(initial=0.0)) or 1.0


def _shaken(x: NDArray[Any], generator: np.random.Generator) -> NDArray[Any]:
    if x.dtype.kind != "f":
        return x
    return np.asarray(x * (1 + ULPS * EPS * generator.uniform(-1, 1, x.shape)))
