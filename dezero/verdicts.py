"""Gradients of a map of arrays beside differences: five states, and when each is said.

A rule is accused only where differences are sure: beyond their own bound, at all steps, and by more
than a few units in the last place of the operands change. It knows no Variables.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from dezero.differences import EPS, SMALLEST, Slopes, slopes, steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays: TypeAlias = Sequence[NDArray[Any]]
    Gradients: TypeAlias = Sequence[NDArray[Any] | None]

RTOL = 1e-4
"""How far a gradient may be from differences, relative to the larger."""

SHOWN = 4.0
"""Differences whose bound is so many times the tolerance cannot tell: they are too noisy."""

BUDGET = 2_000_000
"""Operands and results of so many elements altogether are computed at each step, for each array."""

FEWEST = 8
"""Into how many blocks the elements of an array are put at the least."""

CHUNK = 200_000
"""So many results, of all elements that are tried together, are kept for each step."""

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

    ``error`` bounds how far the differences may be off. Of large arrays ``count`` elements from
    ``place`` on are compared at once: the gradient is that along a direction that changes them all.
    ``foreign`` tells that the upstream gradient was not that of the pass.
    """

    argument: int
    place: tuple[int, ...]
    gradient: float
    numerical: float
    error: float
    state: State
    count: int = 1
    foreign: bool = False

    def told(self) -> str:
        """The two numbers in words."""
        at = f" at {list(self.place)}" if self.place else ""
        at += f" (and {self.count - 1} elements after it, along one direction)" * (self.count > 1)
        seed = " (for another upstream gradient)" if self.foreign else ""
        return (
            f"the gradient of argument {self.argument}{at} is {self.gradient:.10g} "
            f"by the rules and {self.numerical:.10g} by differences{seed}"
        )


class Map(NamedTuple):
    """A function of arrays with a rule for its gradients.

    ``compute`` takes arrays and returns all results in one flat array, ``rule`` takes arrays and
    the gradient of that, and returns the gradient of each array. Results are rounded to ``eps``.
    """

    xs: Arrays
    compute: Callable[[Arrays], NDArray[Any]]
    rule: Callable[[Arrays, NDArray[Any]], Gradients]
    eps: float = EPS


class Seed(NamedTuple):
    """A gradient of all results, and what the rule made of it."""

    gy: NDArray[Any]
    gxs: Gradients
    foreign: bool = False


class Tolerance(NamedTuple):
    """How far both may be apart, relative to the larger or at all."""

    rtol: float = RTOL
    atol: float = 0.0


def weights(n: int) -> NDArray[Any]:
    """Return weights of results among which no parts cancel; one result counts as it is."""
    waves = np.cos(np.arange(n, dtype=float) + 1.0)
    return np.ones(1) if n == 1 else np.sign(waves) * (0.5 + np.abs(waves))


def compare(
    map: Map,
    seeds: Sequence[Seed],
    argument: int,
    tolerance: Tolerance,
    *,
    enough: float = 4e-5,
    single: bool = False,
) -> Iterator[Comparison]:
    """Compare the gradients of one argument, for all seeds, with differences.

    Elements are tried one by one, those of large arrays in blocks unless ``single``. Few steps do
    where the bound of their error is ``enough``, relative to the derivative. Each comparison is the worst
    of those of the seeds.
    """
    x, y = map.xs[argument], map.compute(map.xs)
    confirmed = 0
    for blocks in _chunks(x.size, y.size, single):
        probe = _Probe(map, argument, blocks, y, enough)
        judged = [probe.judge(seed, tolerance) for seed in seeds]
        for number, block in enumerate(blocks):
            place = place_of(block.start, x.shape)
            found = []
            for seed, all_of_seed in zip(seeds, judged, strict=True):
                one = all_of_seed[number]
                if one.state is State.DIFFERS and confirmed < ENOUGH:
                    one = probe.reconsidered(number, one, seed, tolerance)
                    confirmed += one.state is State.DIFFERS
                found.append(Comparison(argument, place, *one, len(block), seed.foreign))
            yield max(found, key=lambda comparison: comparison.state.rank)


def place_of(number: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the place of element ``number`` in an array of this shape."""
    return tuple(int(i) for i in np.unravel_index(number, shape)) if shape else ()


def _chunks(n: int, m: int, single: bool) -> Iterator[list[range]]:
    """Divide elements into blocks that are tried at once, and these into lists."""
    count = n if single else min(n, max(FEWEST, BUDGET // (n + m + 1)))
    ends = [n * i // count for i in range(count + 1)] if n else [0]
    blocks = [range(start, end) for start, end in zip(ends, ends[1:], strict=False)]
    width = max(1, CHUNK // max(m, 1))
    return (blocks[i : i + width] for i in range(0, len(blocks), width))


class _Judged(NamedTuple):
    gradient: float
    numerical: float
    error: float
    state: State


class _Tried(NamedTuple):
    """Results at all steps: one column for each that moved, with whose step it was."""

    owner: NDArray[Any]
    output: NDArray[Any]
    slopes: Slopes
    lit: NDArray[np.bool_]


class _Probe:
    """Directions in one argument, one for each block, along which gradients are compared."""

    def __init__(
        self, map: Map, argument: int, blocks: Sequence[range], y: NDArray[Any], enough: float
    ) -> None:
        self.map, self.argument, self.blocks, self.y = map, argument, blocks, y
        self.enough = enough
        sizes = [np.abs(a[np.isfinite(a)]).max(initial=0.0) for a in map.xs if a.dtype.kind == "f"]
        self.largest = float(max(sizes))
        self.directions = [self.direction(block) for block in blocks]
        self.scales = np.array(
            [float(v[0]) if len(v) == 1 else 1.0 for v in self.directions], dtype=float
        )
        self.share = np.array([min(len(block), 100) for block in blocks], float)
        everything = list(range(len(blocks)))
        self.quick = self.tried(map.xs, y, everything, full=False)
        self.full: dict[tuple[int, ...], _Tried] = {}

    def direction(self, block: range) -> NDArray[Any]:
        """Return how far each element of a block goes in a step of 1."""
        sizes = np.abs(self.map.xs[self.argument].reshape(-1)[block.start : block.stop])
        sizes = np.where(np.isfinite(sizes), sizes, 0.0)
        sizes[sizes == 0] = float(sizes.max()) or self.largest or 1.0
        return sizes if len(block) == 1 else sizes * weights(len(block))

    def judge(self, seed: Seed, tolerance: Tolerance) -> list[_Judged]:
        """Judge a gradient along all directions: by few steps where these tell, else by many."""
        everything = list(range(len(self.blocks)))
        judged, settled = self.verdicts(self.quick, everything, seed, tolerance)
        settled &= self.scales >= VANISHING * self.largest
        rest = [int(number) for number in np.flatnonzero(~settled)]
        if rest:
            full = self.all_steps(rest)
            for number, again in zip(rest, self.verdicts(full, rest, seed, tolerance)[0], strict=True):
                judged[number] = again
        return judged

    def all_steps(self, numbers: list[int]) -> _Tried:
        """Try directions at all steps, once for all seeds."""
        key = tuple(numbers)
        if key not in self.full:
            self.full[key] = self.tried(self.map.xs, self.y, numbers, full=True)
        return self.full[key]

    def tried(self, xs: Arrays, y: NDArray[Any], numbers: Sequence[int], *, full: bool) -> _Tried:
        """Compute at all steps along some directions, and differentiate."""
        columns: list[tuple[Any, ...]] = []
        dark = ~np.isfinite(y)
        lit = np.zeros(len(numbers), bool)
        for owner, number in enumerate(numbers):
            h = self.steps(xs, number, full)
            up = np.array([self.moved(xs, y, number, t) for t in h])
            down = np.array([self.moved(xs, y, number, -t) for t in h])
            tried = ~np.isnan(h)
            same = (up == y) & (down == y) | ((up != up) & (down != down) & (y != y))
            moved = ~same[tried].all(axis=0)
            lit[owner] = (dark & (np.isfinite(up) | np.isfinite(down)).any(axis=0)).any()
            places = np.flatnonzero(moved & ~dark)
            owners = np.full(len(places), owner)
            steps = np.broadcast_to(h[:, None], (len(h), len(places)))
            columns.append((owners, places, up[:, places], down[:, places], steps))
        owner, output, up, down, h = (
            np.concatenate(part, axis=-1) for part in zip(*columns, strict=True)
        )
        scales = self.scales[np.asarray(numbers)[owner]]
        found = slopes(up, down, h, y[output], 0.1 * scales, self.map.eps)
        return _Tried(owner, output, found, lit)

    def steps(self, xs: Arrays, number: int, full: bool) -> NDArray[Any]:
        """Return the sizes of steps; those of a single element are exact."""
        h = steps(float(self.scales[number]), self.largest, full=full)
        if len(self.blocks[number]) == 1:
            here = xs[self.argument].reshape(-1)[self.blocks[number].start]
            h = (here + h) - here
        return h

    def moved(self, xs: Arrays, y: NDArray[Any], number: int, t: float) -> NDArray[Any]:
        """Compute at a step along a direction; what cannot be computed is NaN."""
        if t != t:
            return np.full_like(y, np.nan)
        x = xs[self.argument].copy()
        block = self.blocks[number]
        if len(block) == 1:
            x.reshape(-1)[block.start] += t
        else:
            x.reshape(-1)[block.start : block.stop] += t * self.directions[number]
        try:
            result = self.map.compute([*xs[: self.argument], x, *xs[self.argument + 1 :]])
        except Exception:  # whatever a user's code raises, there is no value there
            return np.full_like(y, np.nan)
        return result if result.shape == y.shape else np.full_like(y, np.nan)

    def along(self, gx: NDArray[Any] | None, number: int) -> float:
        """Return a gradient along a direction."""
        block = self.blocks[number]
        if gx is None:
            return 0.0
        if len(block) == 1:
            return float(gx.reshape(-1)[block.start])
        return float(np.dot(gx.reshape(-1)[block.start : block.stop], self.directions[number]))

    def verdicts(
        self,
        tried: _Tried,
        numbers: Sequence[int],
        seed: Seed,
        tolerance: Tolerance,
        doubt: float = 0.0,
    ) -> tuple[list[_Judged], NDArray[np.bool_]]:
        """Say how gradients compare, and for which of them more steps are not needed."""
        unit = _unit(seed)
        s = tried.slopes
        w = seed.gy[tried.output] / unit
        used = w != 0
        count = len(numbers)

        def total(terms: NDArray[Any]) -> NDArray[Any]:
            return np.bincount(tried.owner, np.where(used, terms, 0.0), count)

        def any_of(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
            return np.bincount(tried.owner, used & mask, count) > 0

        gradient = np.array([self.along(seed.gxs[self.argument], n) for n in numbers])
        share = self.share[numbers]
        g, value = gradient / unit, total(w * s.value)
        low, high = total(np.minimum(w * s.low, w * s.high)), total(np.maximum(w * s.low, w * s.high))
        parts = total(np.abs(w * s.value))
        error = total(np.abs(w) * s.error) + 8 * EPS * parts + doubt
        size = parts + 2e-3 * total(np.abs(w) * s.bend)
        least = (tolerance.atol + 64 * SMALLEST) / unit
        # Less than the rounding of the result over the whole size of the operand is none at all.
        rounding = 4 * self.map.eps * total(np.abs(w * self.y[tried.output])) / self.scales[numbers]
        both_zero = (np.maximum(np.abs(g), np.abs(value)) <= rounding) & (low == high)
        sure = both_zero | (error <= SHOWN * max(tolerance.rtol, 1e-9) * size / share + tolerance.atol / unit)
        dark = (seed.gy != 0) & ~np.isfinite(self.y)
        lost = tried.lit | bool(dark.any() and not ((seed.gy != 0) & ~dark).any())
        broken = any_of(s.broken)
        edge = any_of(s.one_sided) & ((high - low > tolerance.rtol * size) | any_of(s.low == s.high))
        gap = np.where(edge, np.maximum(low - g, g - high), np.abs(g - value))
        differs = gap > tolerance.rtol * np.maximum(np.abs(g), np.abs(value)) / share + least + error
        finite = np.isfinite(g)
        known = finite | (sure & ~edge & ~dark.any())
        states = np.select(
            [lost | ~finite, broken, differs, ~sure, edge],
            [
                State.NOT_FINITE.rank,
                State.NO_DERIVATIVE.rank,
                (State.NOT_FINITE if dark.any() else State.DIFFERS).rank,
                State.TOO_NOISY.rank,
                State.NO_DERIVATIVE.rank,
            ],
            State.AGREES.rank,
        )
        settled = lost | (~broken & ~differs & (both_zero | (error <= self.enough * size / share)))
        numerical = np.where(lost | broken | ~known, np.nan, value * unit)
        found = zip(gradient, numerical, error * unit, states, strict=True)
        ranked = list(State)
        return [_Judged(float(a), float(b), float(c), ranked[d]) for a, b, c, d in found], settled

    def reconsidered(
        self, number: int, judged: _Judged, seed: Seed, tolerance: Tolerance
    ) -> _Judged:
        """Judge a gradient that differs again, with all that the bound of an error does not see."""
        doubt = self.doubt(number, judged, seed, tolerance)
        return self.verdicts(self.all_steps([number]), [number], seed, tolerance, doubt)[0][0]

    def doubt(self, number: int, judged: _Judged, seed: Seed, tolerance: Tolerance) -> float:
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
        right = np.abs(values - g) <= tolerance.rtol * max(abs(g), abs(numerical)) + errors
        if flat and (right & (errors <= 0.02 * abs(g - numerical))).any():
            return math.inf
        if (used & tried.slopes.one_sided).any():  # moved operands would be beside the kink
            return 0.0
        changes = [self.change(i, number, judged, seed, tolerance) for i in range(2)]
        return 10 * max(change for change in [0.0, *changes] if math.isfinite(change)) / unit

    def change(
        self, chance: int, number: int, judged: _Judged, seed: Seed, tolerance: Tolerance
    ) -> float:
        """Return how far both numbers move with operands a few units in their last places off."""
        generator = np.random.default_rng(chance)
        shaken = [_shaken(x, generator) for x in self.map.xs]
        alone = list(self.map.xs)
        alone[self.argument] = shaken[self.argument]
        for xs in (shaken, alone):  # the numbers of classes cannot be others
            try:
                y, gxs = self.map.compute(xs), self.map.rule(xs, seed.gy)
            except Exception:  # whatever a user's code raises
                continue
            again = self.tried(xs, y, [number], full=True)
            (there,), _ = self.verdicts(again, [number], Seed(seed.gy, gxs), tolerance)
            return abs(there.numerical - judged.numerical) + abs(there.gradient - judged.gradient)
        return 0.0


def _unit(seed: Seed) -> float:
    return float(np.abs(seed.gy).max(initial=0.0)) or 1.0


def _shaken(x: NDArray[Any], generator: np.random.Generator) -> NDArray[Any]:
    if x.dtype.kind != "f":
        return x
    return np.asarray(x * (1 + ULPS * EPS * generator.uniform(-1, 1, x.shape)))
