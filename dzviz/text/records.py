"""Results for other programs: numbers as JSON has them, rows separated by tabs or commas."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

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
        yield "\t".join("" if cell is None else str(cell).translate(_ESCAPES) for cell in row)
        yield "\n"


def comma_separated(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield the same as CSV: what contains a comma, a quote or a line's end stands in quotes."""
    import csv
    import io

    for row in rows:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(row)
        yield text.getvalue()


def _member(value: Any) -> str:
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        return _encode(value)
    return "[\n  " + ",\n  ".join(map(_encode, value)) + "\n ]"


_encode = json.JSONEncoder(allow_nan=False).encode
