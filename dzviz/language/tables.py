"""Numbers out of tables of text: .csv and .tsv, with or without a line of names.

Commas, semicolons, tabs or bars stand between numbers, or blanks, as the first line has it; fields
may be in quotes. Empty lines and those that begin with ``#`` are skipped. What a line of names is
for is to choose columns by a key: one name, or several with commas between them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dzviz.language.contents import Unusable, check_size, lines_of, listed, short
from dzviz.records import NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEPARATORS: Final = ("\t", ";", "|", ",")
"""What may stand between numbers; of several in the first line the first of these does."""

LONG_LINE: Final = 10_000
"""A field of more characters is not looked at for what its writer meant."""


class Row(NamedTuple):
    """The fields of a line, and its number, counted from 1."""

    line: int
    fields: Sequence[str]


def read_table(contents: bytes, key: str | None) -> NDArray[np.floating[Any]]:
    """Return the numbers of a table, in the shape that numpy.loadtxt gives them.

    One row or one column is a vector, one number a single number.
    """
    rows = _rows(contents)
    first = next(rows, None)
    if first is None:
        raise Unusable("it contains no numbers")
    columns: Sequence[int] | None = None
    numbers: list[list[float]] = []
    if key is not None:
        columns = _columns(first, key)
    elif any(map(_is_number, first.fields)) or not all(first.fields):
        numbers.append(_numbers(first, first.fields, names=first.fields))
    for row in rows:
        if len(row.fields) != len(first.fields):
            here, there = (_count(each.fields) for each in (row, first))
            raise Unusable(f"line {row.line} has {here}, but line {first.line} has {there}")
        chosen = row.fields if columns is None else [row.fields[i] for i in columns]
        numbers.append(_numbers(row, chosen, names=first.fields))
    if not numbers:
        if key is None:
            _numbers(first, first.fields, names=())
        raise Unusable("it contains no numbers, only names of columns")
    return np.array(numbers, dtype=np.float64).squeeze()


def _rows(contents: bytes) -> Iterator[Row]:
    """Yield the lines that hold something."""
    separator, total = "", 0
    for number, line in enumerate(lines_of(contents), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        separator = separator or _separator(line.strip(" \r\n"))
        total += line.count(separator) + 1
        check_size(total, "it has")
        yield Row(number, _fields(line, separator, number))


def _separator(first: str) -> str:
    """Return what stands between the fields of the first line."""
    found = next((each for each in SEPARATORS if each in first), None)
    parts = first.split()
    return found or (" " if len(parts) > 1 and any(map(_is_number, parts)) else ",")


def _fields(line: str, separator: str, number: int) -> list[str]:
    if separator == " ":
        return line.split()
    if '"' not in line:
        return [field.strip() for field in line.split(separator)]
    reader = csv.reader([line], delimiter=separator, skipinitialspace=True, strict=True)
    try:
        return [field.strip() for field in next(reader)]
    except csv.Error as error:
        raise Unusable(
            f"its quotation marks do not follow the rules of CSV (line {number}: {error})"
        ) from None


def _columns(names: Row, key: str) -> list[int]:
    """Return the places of the columns that a key names."""
    if all(map(_is_number, names.fields)):
        raise Unusable(
            f"its first line has no names of columns, such as '{short(key)}'",
            "without a name, all of its numbers are read",
        )
    columns = [key] if key in names.fields else [name.strip() for name in key.split(",")]
    for name in columns:
        if name not in names.fields:
            raise Unusable(f"it has the columns {listed(names.fields)}, but no '{short(name)}'")
        if names.fields.count(name) > 1:
            raise Unusable(f"several of its columns are called '{short(name)}'")
    return [names.fields.index(name) for name in columns]


def _numbers(row: Row, fields: Sequence[str], names: Sequence[str]) -> list[float]:
    """Return a line's fields as numbers."""
    try:
        return [float(field) for field in fields]
    except ValueError:
        wrong = next(field for field in fields if not _is_number(field))
    what = f"'{short(wrong)}' is not a number" if wrong else "a number is missing"
    hint = None
    if re.fullmatch(r"[-+]?\d+,\d+", wrong):
        hint = "write decimal points instead of commas"
    elif len(names) > 1 and not any(map(_is_number, names)):
        numeric = [n for n, f in zip(names, row.fields, strict=False) if _is_number(f)]
        hint = f"choose columns by their names, as in @FILE:{numeric[0]}" if numeric else None
    raise Unusable(f"{what} (line {row.line})", hint)


def _is_number(field: str) -> bool:
    if len(field) > LONG_LINE:  # Python would repeat all of it in its error
        return False
    try:
        float(field)
    except ValueError:
        return False
    return True


def _count(fields: Sequence[str]) -> str:
    return "1 field" if len(fields) == 1 else f"{len(fields)} fields"
