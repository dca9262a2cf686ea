"""Remarks as lines for a terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from dzviz.language.carets import visible
from dzviz.lint.remarks import Remark


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
