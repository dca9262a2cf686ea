"""The table of the rules of lint, and a remark as data."""

from __future__ import annotations

from collections.abc import Mapping

from dzviz.records import NamedTuple

RULES: Mapping[str, str] = {
    "log-softmax": "the logarithm of what softmax has rounded to 0",
    "log-sigmoid": "the logarithm of what sigmoid has rounded to 0",
    "log1p": "1 + x forgets a small x",
    "softplus": "exp overflows above 709",
    "expm1": "exp(x) - 1 forgets a small x",
    "softmax": "exp overflows above 709 and is 0 below -746",
    "logsumexp": "exp overflows above 709 and is 0 below -746",
    "log-exp": "exp overflows or becomes 0, and the logarithm undoes it",
    "abs": "the slope of the square root at 0 is infinite",
    "hypot": "the slope of the square root at 0 is infinite, and squares overflow",
    "one-minus": "1 - sigmoid(x) forgets a small difference",
    "unused": "a name that is assigned but never used",
    "difference": "a difference of nearly equal numbers has hardly any correct digits",
    "broadcast": "shapes (n, 1) and (n,) broadcast to (n, n), which the backward pass sums",
    "integer": "whole numbers have no derivative",
}
"""Every rule with what it is about."""


class Remark(NamedTuple):
    """Something risky at the characters ``span`` of the text, or at a ``place`` in words.

    ``corrected`` is the whole text made better, where it was checked to give the same value.
    """

    rule: str
    reason: str
    span: tuple[int, int] | None = None
    corrected: str | None = None
    hint: str | None = None
    place: str = ""
