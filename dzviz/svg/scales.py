"""From numbers to places on paper: a scale with its ticks, linear or logarithmic."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, isfinite, log10

from dzviz.records import NamedTuple

FAR = 25.0
"""What is so many times longer than the middle four fifths of the values is cut at its ends."""

HUGE = 1e300


class Scale(NamedTuple):
    """The places ``start`` to ``end`` of the numbers ``low`` to ``high``, or of their logarithms.

    On a ``log`` scale all numbers have the sign of ``sign``.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False
    sign: int = 1

    def __call__(self, value: float) -> float:
        """Return the place of a number."""
        part = (self.inner(value) - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)

    def inner(self, value: float) -> float:
        """Return what is drawn evenly: the number, or its logarithm."""
        return self.sign * log10(self.sign * value) if self.log else value

    def has(self, value: float) -> bool:
        """Whether a number lies on the scale."""
        slack = (self.high - self.low) * 1e-9
        return self.low - slack <= self.inner(value) <= self.high + slack

    def ticks(self, count: int) -> list[float]:
        """Return about so many round numbers on the scale."""
        if not self.log:
            some = round_numbers(self.low, self.high, count)
            return some if len(some) > 1 else round_numbers(self.low, self.high, 2 * count)
        powers = range(ceil(self.low - 1e-9), floor(self.high + 1e-9) + 1)
        if len(powers) > 1:
            step = max(1, round(len(powers) / count))
            return [self.sign * 10.0 ** (self.sign * power) for power in powers[::step]]
        ends = sorted(self.sign * 10.0 ** (self.sign * end) for end in (self.low, self.high))
        return [value for value in round_numbers(ends[0], ends[1], count) if value]


def scale_of_axis(values: Sequence[float], start: float, end: float, *, log: bool) -> Scale:
    """Make the scale of the values of an axis."""
    made = Scale(0.0, 1.0, start, end, log, 1 if values[0] > 0 or not log else -1)
    inner = [made.inner(value) for value in (values[0], values[-1])]
    return made._replace(low=min(inner), high=max(inner))


def scale_of_values(values: Sequence[float | None], start: float, end: float) -> Scale:
    """Make a scale for results, with some room; few values far from the others do not count."""
    known = sorted(max(-HUGE, min(HUGE, v)) for v in values if v is not None and isfinite(v))
    low, high = (known[0], known[-1]) if known else (0.0, 1.0)
    if known:
        tenth = len(known) // 10
        near, far = known[tenth], known[-1 - tenth]
        spread = far - near
        if high - low > FAR * spread > 0:
            low, high = max(low, near - 2 * spread), min(high, far + 2 * spread)
    room = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    return Scale(low - room, high + room, start, end)


def round_numbers(low: float, high: float, count: int) -> list[float]:
    """Return about so many round numbers within a range."""
    rough = (high - low) / max(count, 1)
    power = 10.0 ** floor(log10(rough))
    step = next((f * power for f in (1, 2, 5) if f * power >= rough * 0.999), 10 * power)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    digits = max(0, -floor(log10(step))) if step < 1 else 0
    return [round(i * step, digits) + 0.0 for i in range(first, last + 1)]
