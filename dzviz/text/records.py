"""Results for other programs: numbers as JSON has them, rows separated by tabs or commas."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dzviz.text.primes import with_orders

_ESCAPES = {ord("\\"): "\\\\", ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): "\\r"}


def plain(value: Any) -> Any:
    """Return nested lists of numbers with strings for NaN and the infinities, which JSON lacks."""
    if isinstance(value, list):
        return [plain(element) for element in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def document(schema: str, facts: Mapping[str, Any]) -> str:
    """Return a JSON object with its ``schema``: one line per member and per item of a list."""
    members = {"schema": schema, **facts}
    return "{\n" + ",\n".join(f" {_encode(k)}: {_member(v)}" for k, v in members.items()) + "\n}\n"


def tsv(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield one line per row: full precision, None as nothing, signs of a line escaped."""
    for row in rows:
        line = "\t".join("" if cell is None else str(cell).translate(_ESCAPES) for cell in row)
        yield with_orders(line)
        yield "\n"


def comma_separated(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield the same as CSV: what contains a comma, a quote or a line's end stands in quotes."""
    import csv
    import io

    for row in rows:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(row)
        yield with_orders(text.getvalue())


def _member(value: Any) -> str:
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        return _encode(value)
    return "[\n  " + ",\n  ".join(map(_encode, value)) + "\n ]"


def _encode(value: Any) -> str:
    text = _dumps(value)
    return _dumps(_written(value)) if _RAISED in text else text


def _written(value: Any) -> Any:
    """Write the fourth derivative as ``y(4)`` in all texts."""
    if isinstance(value, dict):
        return {key: _written(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_written(each) for each in value]
    return with_orders(value) if isinstance(value, str) else value


_dumps = json.JSONEncoder(allow_nan=False).encode
_RAISED = "\\u207d"
"""A raised bracket, as JSON writes it."""
