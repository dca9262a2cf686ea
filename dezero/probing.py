"""A map of arrays tried at steps along directions in one of them. It knows no gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from .differences import EPS, Slopes, slopes, steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays: TypeAlias = Sequence[NDArray[Any]]
    Gradients: TypeAlias = Sequence[NDArray[Any] | None]

BUDGET = 2_000_000
"""Operands and results of so many elements altogether are computed at each step, for each array."""

FEWEST = 8
"""Into how many blocks the elements of an array are put at the least."""

CHUNK = 200_000
"""The number of results that are kept for each step, of all elements that are tried together."""


class Map(NamedTuple):
    """A function of arrays with a rule for its gradients.

    ``compute`` takes arrays and returns all results in one flat array, ``rule`` takes arrays and
    the gradient of that, and returns the gradient of each array. Results are rounded to ``eps``.
    """

    xs: Arrays
    compute: Callable[[Arrays], NDArray[Any]]
    rule: Callable[[Arrays, NDArray[Any]], Gradients]
    eps: float = EPS


class Tried(NamedTuple):
    """Slopes of results along directions: one for each result that moved at some step.

    ``owner`` is the direction, ``output`` the result. ``lit`` says for each direction whether a
    result that is not finite is so at a step.
    """

    owner: NDArray[Any]
    output: NDArray[Any]
    slopes: Slopes
    lit: NDArray[np.bool_]


def weights(n: int) -> NDArray[Any]:
    """Return weights of results among which no parts cancel; one result counts as it is."""
    waves = np.cos(np.arange(n, dtype=float) + 1.0)
    return np.ones(1) if n == 1 else np.sign(waves) * (0.5 + np.abs(waves))


def chunks(n: int, m: int, single: bool = False) -> Iterator[list[range]]:
    """Divide ``n`` elements into blocks that are moved at once, and these into lists.

    A block has more than one element where the array, with ``m`` results, is large, unless
    ``single``.
    """
    number = n if single else min(n, max(FEWEST, BUDGET // (n + m + 1)))
    ends = [n * i // number for i in range(number + 1)] if n else [0]
    blocks = [range(start, end) for start, end in pairwise(ends)]
    width = max(1, CHUNK // max(m, 1))
    return (blocks[i : i + width] for i in range(0, len(blocks), width))


class Probe:
    """Directions in one argument of a map, one for each block of elements."""

    def __init__(self, map: Map, argument: int, blocks: Sequence[range], y: NDArray[Any]) -> None:
        self.map, self.argument, self.blocks, self.y = map, argument, blocks, y
        sizes = [np.abs(a[np.isfinite(a)]).max(initial=0.0) for a in map.xs if a.dtype.kind == "f"]
        self.largest = float(max(sizes))
        self.directions = [self.direction(block) for block in blocks]
        self.scales = np.array(
            [float(v[0]) if len(v) == 1 else 1.0 for v in self.directions], dtype=float
        )

    def direction(self, block: range) -> NDArray[Any]:
        """Return how far each element of a block goes in a step of 1."""
        sizes = np.abs(self.map.xs[self.argument].reshape(-1)[block.start : block.stop])
        sizes = np.where(np.isfinite(sizes), sizes, 0.0)
        sizes[sizes == 0] = float(sizes.max()) or self.largest or 1.0
        return sizes if len(block) == 1 else sizes * weights(len(block))

    def tried(
        self, xs: Arrays, y: NDArray[Any], numbers: Sequence[int] | NDArray[Any], *, full: bool
    ) -> Tried:
        """Compute at all steps along some directions, and differentiate."""
        columns: list[tuple[Any, ...]] = []
        dark = ~np.isfinite(y)
        lit = np.zeros(len(numbers), bool)
        for place, number in enumerate(numbers):
            h = self.steps(xs, number, full)
            up = np.array([self.moved(xs, y, number, t) for t in h])
            down = np.array([self.moved(xs, y, number, -t) for t in h])
            tried = ~np.isnan(h)
            same = (up == y) & (down == y) | ((up != up) & (down != down) & (y != y))
            moved = ~same[tried].all(axis=0)
            lit[place] = (dark & (np.isfinite(up) | np.isfinite(down)).any(axis=0)).any()
            outputs = np.flatnonzero(moved & ~dark)
            owners = np.full(len(outputs), place)
            steps = np.broadcast_to(h[:, None], (len(h), len(outputs)))
            columns.append((owners, outputs, up[:, outputs], down[:, outputs], steps))
        owner, output, up, down, h = (
            np.concatenate(part, axis=-1) for part in zip(*columns, strict=True)
        )
        scales = self.scales[np.asarray(numbers)[owner]]
        found = slopes(up, down, h, y[output], 0.1 * scales, self.largest, self.map.eps)
        return Tried(owner, output, found, lit)

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
