"""The numbers of a sweep as text: TSV, CSV, JSON, at full precision."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dzviz.text import records
from dzviz.text.phrases import clean
from dzviz.text.records import plain

if TYPE_CHECKING:
    from dzviz.graph.sweep import Axis
    from dzviz.sweeps.points import Row

SCHEMA = "dzviz/sweep/1"


def head(axes: Sequence[Axis], rows: Sequence[Row]) -> list[str]:
    """Name the columns: ``x``, ``y``, ``grad x`` ..."""
    outputs, gradients = _names(rows)
    names = [clean(axis.label) for axis in axes]
    return [*names, *outputs, *(f"grad {name}" for name in gradients)]


def _names(rows: Sequence[Row]) -> tuple[list[str], list[str]]:
    """Name all outputs and gradients that there are at any point."""
    return (
        list(dict.fromkeys(name for row in rows for name in row.outputs)),
        list(dict.fromkeys(name for row in rows for name in row.gradients)),
    )


def tsv(axes: Sequence[Axis], rows: Sequence[Row]) -> Iterator[str]:
    """Write a line of names, then a line for each point, with tabs between."""
    for line in _lines(axes, rows):
        yield "\t".join(line) + "\n"


def comma_separated(axes: Sequence[Axis], rows: Sequence[Row]) -> Iterator[str]:
    """Write the same as CSV."""
    return records.comma_separated(_lines(axes, rows))


def as_json(axes: Sequence[Axis], rows: Sequence[Row]) -> Iterator[str]:
    """Write one object, a point a line; NaN and the infinities are strings."""
    heads = [{"name": clean(axis.label), "log": axis.log} for axis in axes]
    yield f'{{"schema": "{SCHEMA}", "axes": {json.dumps(heads)},\n "points": [\n'
    for i, row in enumerate(rows):
        point = {
            "at": [plain(value) for value in row.at],
            "outputs": {name: plain(_list(value)) for name, value in row.outputs.items()},
            "gradients": {name: plain(_list(value)) for name, value in row.gradients.items()},
        }
        end = "\n" if i == len(rows) - 1 else ",\n"
        yield f"  {json.dumps(point, allow_nan=False)}{end}"
    yield " ]}\n"


def _lines(axes: Sequence[Axis], rows: Sequence[Row]) -> Iterator[list[str]]:
    """Write the names, then each point; what it has not, and another has, is empty."""
    outputs, gradients = _names(rows)
    yield head(axes, rows)
    for row in rows:
        parts: list[Any] = [*row.at]
        parts += [row.outputs.get(name, "") for name in outputs]
        parts += [row.gradients.get(name, "") for name in gradients]
        yield [part if isinstance(part, str) else str(_list(part)) for part in parts]


def _list(value: Any) -> Any:
    import numpy as np  # which --help does not need

    return None if value is None else np.asarray(value).tolist()


TABLES: Mapping[str, Callable[..., Iterator[str]]] = {
    "tsv": tsv,
    "csv": comma_separated,
    "json": as_json,
}
"""How the numbers of a sweep are written."""
