"""The numbers of a sweep as text: TSV, CSV, JSON, at full precision."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dzviz.text.phrases import clean

if TYPE_CHECKING:
    from dzviz.graph.sweep import Axis
    from dzviz.sweeps.points import Row

SCHEMA = "dzviz/sweep/1"


def head(axes: Sequence[Axis], rows: Sequence[Row]) -> list[str]:
    """Name the columns: ``x``, ``y``, ``grad x`` ..."""
    names = [clean(axis.label) for axis in axes]
    return [*names, *rows[0].outputs, *(f"grad {name}" for name in rows[0].gradients)]


def tsv(axes: Sequence[Axis], rows: Sequence[Row]) -> Iterator[str]:
    """Write a line of names, then a line for each point, with tabs between."""
    names = head(axes, rows)
    yield "\t".join(names) + "\n"
    for row in rows:
        yield "\t".join(_cells(row, rows[0])) + "\n"


def comma_separated(axes: Sequence[Axis], rows: Sequence[Row]) -> Iterator[str]:
    """Write the same as CSV; what holds a comma stands in quotes."""
    import csv
    import io

    for line in (head(axes, rows), *(_cells(row, rows[0]) for row in rows)):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(line)
        yield text.getvalue()


def as_json(axes: Sequence[Axis], rows: Sequence[Row]) -> Iterator[str]:
    """Write one object, a point a line; NaN and the infinities are strings."""
    told = [{"name": clean(axis.label), "log": axis.log} for axis in axes]
    yield f'{{"schema": "{SCHEMA}", "axes": {json.dumps(told)},\n "points": [\n'
    for i, row in enumerate(rows):
        point = {
            "at": [_plain(value) for value in row.at],
            "outputs": {name: _plain(_list(value)) for name, value in row.outputs.items()},
            "gradients": {name: _plain(_list(value)) for name, value in row.gradients.items()},
        }
        end = "\n" if i == len(rows) - 1 else ",\n"
        yield f"  {json.dumps(point, allow_nan=False)}{end}"
    yield " ]}\n"


def _cells(row: Row, first: Row) -> list[str]:
    """Write a point; what it has not, and the first point has, is empty."""
    parts: list[Any] = [*row.at]
    for mine, model in ((row.outputs, first.outputs), (row.gradients, first.gradients)):
        parts += [mine.get(name, "") for name in model]
    return [part if isinstance(part, str) else str(_list(part)) for part in parts]


def _list(value: Any) -> Any:
    import numpy as np  # which --help does not need

    return None if value is None else np.asarray(value).tolist()


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


TABLES: Mapping[str, Callable[..., Iterator[str]]] = {
    "tsv": tsv,
    "csv": comma_separated,
    "json": as_json,
}
"""How the numbers of a sweep are written."""
