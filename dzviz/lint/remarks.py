"""The table of the rules of lint, and a remark as data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dzviz.language.carets import visible
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


def write_text(found: Sequence[Remark], text: str | None) -> Iterator[str]:
    """Write a line for each remark about a text, and one for what mends it."""
    for remark in found:
        place = remark.place
        if remark.span is not None and text is not None:
            before = text[: remark.span[0]]
            line = before.count("\n") + 1
            column = len(before) - (before.rfind("\n") + 1) + 1
            place = f"line {line}, column {column}" if "\n" in text.strip() else f"column {column}"
        yield f"{visible(f'{place}: ' if place else '')}{visible(remark.reason)} [{remark.rule}]\n"
        if remark.hint:
            yield f"  {visible(remark.hint)}\n"


def write_json(found: Sequence[Remark], text: str | None) -> Iterable[str]:
    """Write all remarks as JSON."""
    document = {
        "schema": "dzviz/lint/1",
        "expression": text,
        "remarks": [r._asdict() for r in found],
    }
    yield f"{json.dumps(document, indent=1)}\n"
