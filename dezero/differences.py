"""Derivatives by differences, each with a bound of its error.

Functions of one number are tried at steps of many sizes on both sides. Where steps agree, and how
far smaller ones scatter, tells the truncation and the rounding inside. It knows no Variables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

EPS = float(np.finfo(float).eps)
SMALLEST = 5e-324
"""The distance of neighbouring numbers next to 0."""

QUICK = 10.0 ** -np.arange(1.0, 9.0)
"""Steps that are tried first, relative to a number's size."""

FULL = 10.0 ** np.arange(4.0, -15.5, -0.5)
"""Steps where the first ones do not tell, relative to a number's size."""

BESIDE = FULL[:21]
"""Steps relative to 1 and to the largest number beside, which a small one may vanish against."""

PARTS = {
    len(QUICK): [slice(0, len(QUICK))],
    len(FULL) + 2 * len(BESIDE): [
        slice(0, len(FULL)),
        slice(len(FULL), len(FULL) + len(BESIDE)),
        slice(len(FULL) + len(BESIDE), None),
    ],
}
"""Which steps belong together, by how many there are."""

VISIBLE = 1000
"""Steps of less than so many units of rounding of the result may not show in it."""

END = 6
"""At how many of the smallest steps a slope has to grow for being infinite."""


class Slopes(NamedTuple):
    """What differences say about functions of one number.

    ``value`` is a derivative, off by at most ``error``; it lies between ``low`` and ``high``,
    which are different ones at a kink: the derivatives on its two sides. ``bend`` is how much the
    slope changes near by. ``broken`` says that there is none: at a jump, where it is infinite, or
    where the function can be computed on no side. ``one_sided`` is at a kink, or where it can be
    computed on one side alone. ``trials`` are derivatives of all steps, with their errors.
    """

    value: NDArray[Any]
    error: NDArray[Any]
    low: NDArray[Any]
    high: NDArray[Any]
    bend: NDArray[Any]
    broken: NDArray[np.bool_]
    one_sided: NDArray[np.bool_]
    trials: tuple[NDArray[Any], NDArray[Any]]


def steps(scale: float, largest: float, *, full: bool = False) -> NDArray[Any]:
    """Return the sizes of steps for a number of size ``scale`` beside others up to ``largest``.

    Those which another part of them has already are NaN.
    """
    if not full:
        return scale * QUICK
    parts = [scale * FULL]
    for size in (1.0, largest):
        new = size > 0 and not 1e-7 * scale < size < 1e2 * scale
        parts.append(size * BESIDE if new else np.full(len(BESIDE), np.nan))
    return np.concatenate(parts)


def slopes(
    up: NDArray[Any],
    down: NDArray[Any],
    h: NDArray[Any],
    y: NDArray[Any],
    near: NDArray[Any],
    beside: float = 0.0,
    eps: float = EPS,
) -> Slopes:
    """Differentiate functions that are ``y`` at 0, ``up`` at steps ``h`` and ``down`` at ``-h``.

    Central differences of neighbouring steps are extrapolated (Richardson); so are those of each
    side. Of all pairs of steps the one with the smallest bound is taken for each function. How much
    slopes change is reported for steps up to ``near``; results are rounded to ``eps``, and so are
    numbers inside up to ``beside``.

    Shapes:
        up, down, h: (k, n), as `steps` gives them; y, near: (n,).
    """
    size = np.maximum(np.maximum(np.abs(up), np.abs(down)), np.abs(y))
    rights, lefts = (up - y) / h, (y - down) / h
    whole = _extrapolated((0.5 * up - 0.5 * down) / h, h, 2, size, beside, eps)
    sides = [_extrapolated(d, h, 1, size, beside, eps) for d in (rights, lefts)]
    ways = [np.concatenate(way, axis=1) for way in zip(whole, *sides, strict=True)]
    (value, right, left), (error, right_error, left_error) = (
        best.reshape(3, -1) for best in _best(*ways)
    )
    changes = np.maximum(np.abs(rights - value), np.abs(lefts - value))
    bend = np.where(np.isfinite(changes) & (h <= near), changes, 0.0).max(axis=0)

    end = PARTS[len(h)][0].indices(len(h))[1]
    last = slice(end - END, end)
    no_right = ~np.isfinite(rights[last]).any(axis=0)
    no_left = ~np.isfinite(lefts[last]).any(axis=0)
    doubt = 2 * (right_error + left_error) + 1e-4 * np.maximum(np.abs(right), np.abs(left))
    one_sided = (np.abs(right - left) > doubt) | (no_right ^ no_left)
    right, left = np.where(no_right, left, right), np.where(no_left, right, left)
    right_error = np.where(no_right, left_error, right_error)
    left_error = np.where(no_left, right_error, left_error)

    swing = np.where((h <= near) & np.isfinite(size), np.abs(size), 0.0).max(axis=0)
    jumps = np.minimum(np.abs(up - y), np.abs(down - y))[end - 1]
    odd = (jumps > 0.02 * np.abs(y)) & (jumps > 10 * h[end - 1] * np.abs(value))
    odd = (jumps > 0.02 * swing) | (odd & (jumps > 1e-6 * swing))
    error = np.where(odd, np.inf, error)  # waves that no step resolves

    noise = 32 * eps * np.abs(y)
    broken = no_right & no_left
    broken |= _grows(rights[last], h[last], noise) | _grows(lefts[last], h[last], noise)
    return Slopes(
        np.where(one_sided, 0.5 * left + 0.5 * right, value),
        np.where(one_sided, np.maximum(right_error, left_error), error),
        np.where(one_sided, np.minimum(left, right), value),
        np.where(one_sided, np.maximum(left, right), value),
        bend,
        broken,
        one_sided,
        (whole[0], whole[1]),
    )


def _extrapolated(
    slopes: NDArray[Any],
    h: NDArray[Any],
    power: int,
    size: NDArray[Any],
    beside: float,
    eps: float,
) -> tuple[NDArray[Any], ...]:
    """Extrapolate slopes of neighbouring steps, whose error grows with ``h**power``.

    Returns values, bounds of their errors, the smaller steps, and where nothing moves at steps that
    may vanish in the rounding of larger numbers. A bound is truncation by what one larger step
    would change, and rounding by how far slopes of smaller steps scatter, at the least that of the
    results.
    """
    parts = [
        _pairs(slopes[part], h[part], power, size[part], beside, eps) for part in PARTS[len(h)]
    ]
    return tuple(np.concatenate(pieces) for pieces in zip(*parts, strict=True))


def _pairs(
    d: NDArray[Any],
    h: NDArray[Any],
    power: int,
    size: NDArray[Any],
    beside: float,
    eps: float,
) -> tuple[NDArray[Any], ...]:
    """Extrapolate the slopes of each step and the next smaller one; bound the errors."""
    k, finer = len(h), d[1:]
    t = finer + (finer - d[:-1]) / ((h[:-1] / h[1:]) ** power - 1)
    below = 2 if k <= len(QUICK) else 4  # how many smaller steps are the least that tell
    inner = slice(1, -below)
    truncation = np.abs(t[inner] - t[: -below - 1])
    scatter = np.zeros_like(t)
    for i in range(2, min(k, 10)):
        off = np.abs(d[i:] - t[: k - i]) * (h[i:] / h[1 : k - i + 1])
        np.maximum(scatter[: k - i], off, out=scatter[: k - i])
    rounding = 2 * (eps * np.maximum(size[1:], size[:-1]) + SMALLEST) / h[1:]
    bound = np.full_like(t, np.inf)
    bound[inner] = truncation + 3 * scatter[inner] + rounding[inner]
    bound[inner] += 0.01 * np.abs(finer[inner] - t[inner])
    still = np.logical_and.accumulate((d == 0)[::-1], axis=0)[::-1][:-1]
    bound = np.where(still, rounding, bound)
    unseen = still & (h[1:] < VISIBLE * eps * np.maximum(size[1:], beside))
    bound = np.where(np.isfinite(bound) & np.isfinite(t), bound, np.inf)
    return t, bound, h[1:], unseen


def _best(
    t: NDArray[Any], bound: NDArray[Any], h: NDArray[Any], unseen: NDArray[np.bool_]
) -> tuple[Any, Any]:
    """Take the derivative with the smallest bound, from small steps to large ones.

    A derivative is what small steps say: where one of them is sure, larger ones that contradict
    are not heard. A sine at steps of many waves is flat, and a relu below 0 rises far off. What
    contradicts a 0 that may be nothing but rounding is heard, and in doubt by its whole size.
    """
    order = np.argsort(h, axis=0)  # NaN comes last
    rows = [np.take_along_axis(a, order, 0) for a in (t, bound, unseen)]
    value, error = np.zeros_like(t[0]), np.full_like(t[0], np.inf)
    heard, dim = np.ones((2, t.shape[1]), bool)
    for there, off, blind in zip(*rows, strict=True):
        known = off < np.inf
        if not known.any():
            continue
        flat = (value == 0) & (error < np.inf)
        sure = ((10 * error <= np.abs(value)) | flat) & ~dim
        agrees = np.abs(there - value) <= off + error
        heard &= agrees | ~sure | ~known
        says = ~flat | (10 * off <= np.abs(there)) | (there == 0)
        better = heard & known & says & ((off < error) | ~agrees)
        off = np.where(dim & flat & ~agrees, np.maximum(off, np.abs(there)), off)
        value, error = np.where(better, there, value), np.where(better, off, error)
        dim = np.where(better, blind, dim)
    return value, error


def _grows(d: NDArray[Any], h: NDArray[Any], noise: NDArray[Any]) -> Any:
    """Tell whether slopes of one side grow without end as steps get smaller."""
    growth = np.abs(d[1:]) >= np.abs(d[:-1]) * (h[:-1] / h[1:]) ** 0.25
    turns = np.sign(d) != np.sign(d[-1])
    changes = np.abs(d) * h
    falls = changes[1:] <= 1.01 * changes[:-1]  # as chance would not
    seen = (changes > noise).all(axis=0)
    return growth.all(axis=0) & ~turns.any(axis=0) & falls.all(axis=0) & seen
