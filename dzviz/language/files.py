"""``@file`` values: a file of numbers -> an array, refused by name before much memory is taken.

Knows .npy, .npz, .csv and .json, and believes none of them. It does not know options, expressions
or Variables. What it takes is in proportion to the file, however little that holds.

Floats keep their size; whole numbers and truth values become float64, as numbers in an expression.
A .csv has the shape that numpy.loadtxt gives it: one row or one column is a vector, one number a
single number; empty lines and lines that begin with ``#`` are skipped.
"""

from __future__ import annotations

import io
import json
import math
import os
import re
import warnings
import zipfile
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal

import numpy as np

from dzviz.encoding import decode, encoding_of
from dzviz.errors import UsageError
from dzviz.files import FilePath, NoFileError, keyed, read
from dzviz.language.limits import MAX_ELEMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

MAX_BYTES: Final = 64 * 2**20
MAX_MEMBERS: Final = 1_000
MAX_DIMENSIONS: Final = 32


def read_array(file: FilePath | str) -> NDArray[np.floating[Any]]:
    """Return the array in a file: ``w.npy``, ``w.csv``, ``w.json``, ``w.npz`` or ``w.npz:key``.

    A .npz that holds a single array needs no key. What cannot be used raises a `UsageError` that
    names the file.
    """
    if isinstance(file, str):
        file = keyed(file)
    path = file.name if file.key is None else file.name[: -len(file.key) - 1]
    suffix = os.path.splitext(path)[1].lower()
    plain = ""
    try:
        if suffix not in READERS:
            before, _, name = path.rpartition(":")
            plain = os.path.splitext(before)[1].lower()
            if plain in READERS:
                raise _Unusable(f"a {plain} has no arrays by name, such as '{_short(name)}'")
            raise _Unusable(f"its suffix is not {_listed(READERS, 'or')}")
        array = READERS[suffix](_contents(file), file.key)
    except _Unusable as error:
        hint = error.hint or HINTS.get(plain or suffix, HINTS[""])
        raise UsageError(f"cannot use '@{file.name}': {error}", hint=hint) from None
    return array


HINTS: Final = {
    "": "numbers are read from files that end in .npy, .npz, .csv or .json",
    ".npy": 'numpy.save("w.npy", array) writes an array of numbers',
    ".npz": 'numpy.savez("w.npz", a=array) writes arrays; @w.npz:a is the one called a',
    ".csv": "a .csv holds a row of numbers on each line, with commas between them",
    ".json": "a .json holds numbers in lists, as in [[1, 2], [3, 4]]",
}

REFUSED_KINDS: Final = {
    "c": "complex numbers",
    "m": "time spans",
    "M": "dates",
    "O": "Python objects",
    "S": "text",
    "T": "text",
    "U": "text",
    "V": "records",
}
"""NumPy's kinds of data that are no real numbers."""

MAX_LISTS: Final = 2 * MAX_ELEMENTS + MAX_DIMENSIONS
"""So many brackets a .json may have: each becomes a list, which takes 80 bytes."""

PIECE: Final = 1 << 20
"""So many bytes are taken out of an archive at a time."""


class _Unusable(Exception):  # noqa: N818  It is a verdict on a file, which becomes an error.
    """What is wrong with a file, for a sentence that begins with its name."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.hint = hint


def _contents(file: FilePath) -> bytes:
    """Read a regular file, never waiting for one that is something else."""
    try:
        contents = read(file, MAX_BYTES)
    except NoFileError as error:
        raise _Unusable(str(error.strerror)) from None
    except FileNotFoundError:
        hint = "a path begins at the current folder, or with / or ~"
        raise _Unusable("there is no such file", hint) from None
    except OSError as error:
        raise _Unusable(f"it cannot be read ({error.strerror or error})") from None
    except ValueError:
        raise _Unusable("no file can have such a name") from None
    if not contents:
        raise _Unusable("it is empty")
    if len(contents) > MAX_BYTES:
        raise _Unusable(f"it is larger than {MAX_BYTES // 2**20} MiB")
    return contents


def _read_npy(contents: bytes, _key: str | None = None) -> NDArray[np.floating[Any]]:
    for start, kind in ((b"\x80", "a pickle"), (b"PK", "a .npz archive")):
        if contents.startswith(start):
            raise _Unusable(f"it is {kind}, not a .npy file")
    stream = io.BytesIO(contents)
    shape, fortran, dtype = _npy_header(stream)
    if dtype.kind not in "biuf":
        kind = REFUSED_KINDS.get(dtype.kind, "something else")
        raise _Unusable(f"it holds {kind}, not real numbers")
    if not all(type(length) is int and length >= 0 for length in shape):
        raise _Unusable(f"its header gives no possible shape ({_short(shape)})")
    _check_size(math.prod(shape), f"its shape {_short(shape)} has")
    needed, stored = math.prod(shape) * dtype.itemsize, len(contents) - stream.tell()
    if needed > stored:
        raise _Unusable(f"its header promises {needed} bytes of numbers, but it holds {stored}")
    if len(shape) > MAX_DIMENSIONS:
        raise _Unusable(f"it has {len(shape)} dimensions, more than {MAX_DIMENSIONS}")
    order: Literal["C", "F"] = "F" if fortran else "C"
    try:
        return _as_floats(np.ndarray(shape, dtype, contents, stream.tell(), order=order))
    except ValueError:  # A shape with a 0 may have other lengths beyond all bounds.
        raise _Unusable(f"its shape {_short(shape)} is too large") from None


def _npy_header(stream: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        # The header is a Python literal; what it may hold of warnings says nothing to the user.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            version = np.lib.format.read_magic(stream)
            if version[0] == 1:
                return np.lib.format.read_array_header_1_0(stream)
            # Version 3 is version 2 with field names in UTF-8; plain numbers have no fields.
            return np.lib.format.read_array_header_2_0(stream)
    except Exception:  # A hostile literal or dtype fails in a dozen ways.
        raise _Unusable("it has no sound .npy header") from None


def _read_npz(contents: bytes, key: str | None) -> NDArray[np.floating[Any]]:
    # Counted before zipfile makes an object of each: 64 MiB have room for a million of them.
    if contents.count(b"PK\x01\x02") > MAX_MEMBERS:
        raise _Unusable(f"it holds more than {MAX_MEMBERS} arrays")
    try:
        with zipfile.ZipFile(io.BytesIO(contents)) as archive:
            member = _member(archive.infolist(), key)
            claimed = member.file_size
            member.file_size += 1  # or zipfile leaves out, unseen, what is more than was claimed
            with archive.open(member) as stream:
                array_file = b"".join(iter(lambda: stream.read(PIECE), b""))
            if len(array_file) != claimed:
                raise _Unusable("it is not a sound .npz archive")
    except _Unusable:
        raise
    except Exception:  # A damaged archive fails in a dozen ways.
        raise _Unusable("it is not a sound .npz archive") from None
    return _read_npy(array_file)


def _member(members: list[zipfile.ZipInfo], key: str | None) -> zipfile.ZipInfo:
    arrays = {member.filename.removesuffix(".npy"): member for member in members}
    if key is None and len(arrays) != 1:
        what = f"it holds {len(arrays)} arrays" + (f" ({_listed(arrays)})" if arrays else "")
        raise _Unusable(what)
    if key is not None and key not in arrays:
        raise _Unusable(f"it holds {_listed(arrays) or 'nothing'}, but no '{key}'")
    member = arrays[key] if key is not None else next(iter(arrays.values()))
    # Other methods can ask for gigabytes before the first byte; numpy.savez uses only these.
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise _Unusable("it is compressed in a way that numpy.savez does not use")
    if member.file_size > MAX_BYTES:
        raise _Unusable(f"its array takes more than {MAX_BYTES // 2**20} MiB")
    return member


def _read_csv(contents: bytes, _key: str | None) -> NDArray[np.floating[Any]]:
    rows: list[list[float]] = []
    total = first = 0
    for line_number, line in enumerate(_lines(contents), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        total += line.count(",") + 1
        _check_size(total, "it has")
        fields = line.split(",")
        first = first or line_number
        if rows and len(fields) != len(rows[0]):
            raise _Unusable(
                f"line {line_number} has {_count(fields)}, but line {first} has {_count(rows[0])}"
            )
        try:
            rows.append([float(field) for field in fields])
        except ValueError:
            raise _csv_fault(line, fields, line_number, line_number == first) from None
    if not rows:
        raise _Unusable("it holds no numbers")
    return np.array(rows, dtype=np.float64).squeeze()


SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
"""What stands between numbers elsewhere."""

LONG_LINE: Final = 10_000
"""A line, or a field, of more characters is not looked at for what its writer meant."""


def _csv_fault(line: str, fields: list[str], number: int, is_first: bool) -> _Unusable:
    """Return what is wrong with a line that is not numbers with commas between them."""
    for separator, name in SEPARATORS.items() if len(line) <= LONG_LINE else ():
        parts = [part.strip() for part in line.split(separator) if part.strip()]
        plain = [re.sub(r"(?<=\d),(?=\d)", ".", part) for part in parts]  # 1,5;2,5
        if len(parts) > 1 and all(map(_is_number, plain)):
            decimal = "" if plain == parts else ", and points instead of decimal commas"
            instead = f"put commas between the numbers instead of {name}{decimal}"
            return _Unusable(
                f"'{_short(line.strip())}' has {name}, not commas (line {number})", instead
            )
    wrong = next(field.strip() for field in fields if not _is_number(field))
    what = f"'{_short(wrong)}' is not a number" if wrong else "a number is missing"
    named = is_first and not any(map(_is_number, fields))
    hint = "leave out the quotation marks" if _is_number(wrong.strip("\"'")) else None
    hint = hint or ("leave out the line with the names of the columns" if named else None)
    return _Unusable(f"{what} (line {number})", hint)


def _is_number(field: str) -> bool:
    if len(field) > LONG_LINE:  # Python would repeat all of it in its error
        return False
    try:
        float(field)
    except ValueError:
        return False
    return True


def _read_json(contents: bytes, _key: str | None) -> NDArray[np.floating[Any]]:
    text = _text(contents)
    # An array of n numbers holds n - 1 commas however it is nested.
    _check_size(text.count(",") + 1, "it has")
    if text.count("[") + text.count("{") > MAX_LISTS:
        raise _Unusable(f"it has more than {MAX_LISTS} lists")
    try:
        value = json.loads(text, parse_int=float)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _Unusable(f"it is not JSON ({place}: {error.msg})") from None
    except RecursionError:
        raise _Unusable(f"its lists are nested more than {MAX_DIMENSIONS} deep") from None
    _json_shape(value, ())
    return np.array(value, dtype=np.float64)


def _json_shape(value: Any, place: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of nested lists, all of whose parts must have one shape."""
    if isinstance(value, (float, bool)):
        return ()
    if not isinstance(value, list):
        kinds = {str: "text", dict: "an object", type(None): "null"}
        what = f"{kinds[type(value)]} is not a number" + (f" (at {_index(place)})" if place else "")
        raise _Unusable(what)
    if len(place) == MAX_DIMENSIONS:
        raise _Unusable(f"its lists are nested more than {MAX_DIMENSIONS} deep")
    shape: tuple[int, ...] = ()
    for number, item in enumerate(value):
        item_shape = _json_shape(item, (*place, number))
        if number and item_shape != shape:
            here, start = _index((*place, number)), _index((*place, 0))
            raise _Unusable(f"{here} has the shape {item_shape}, but {start} has {shape}")
        shape = item_shape
    return len(value), *shape


READERS: Final[dict[str, Callable[[bytes, str | None], NDArray[np.floating[Any]]]]] = {
    ".npy": _read_npy,
    ".npz": _read_npz,
    ".csv": _read_csv,
    ".json": _read_json,
}


def _as_floats(array: NDArray[Any]) -> NDArray[np.floating[Any]]:
    """Return an array of its own in the machine's byte order."""
    kept = array.dtype.kind == "f" and array.dtype.itemsize <= 8
    dtype = array.dtype.newbyteorder("=") if kept else np.dtype(np.float64)
    with np.errstate(all="ignore"):  # A long double may become inf, or nan.
        return np.array(array, dtype=dtype, order="C")


def _check_size(elements: int, what: str) -> None:
    if elements > MAX_ELEMENTS:
        raise _Unusable(f"{what} {elements} elements, more than {MAX_ELEMENTS}")


def _text(contents: bytes) -> str:
    try:
        return decode(contents)
    except UnicodeDecodeError:
        raise _Unusable("it is not UTF-8 text") from None


def _lines(contents: bytes) -> Iterator[str]:
    """Decode line by line: one wide character makes all characters of its text wide."""
    try:
        yield from io.TextIOWrapper(io.BytesIO(contents), encoding_of(contents))
    except UnicodeDecodeError:
        raise _Unusable("it is not UTF-8 text") from None


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _count(fields: list[Any]) -> str:
    return "1 number" if len(fields) == 1 else f"{len(fields)} numbers"


def _index(place: tuple[int, ...]) -> str:
    return "".join(f"[{number}]" for number in place)


def _listed(names: Iterable[str], word: str = "and") -> str:
    """Return ``a, b and c``; of many, the first ten."""
    *others, last = [_short(name) for name in names] or [""]
    if len(others) > 9:
        return ", ".join(others[:10]) + ", ..."
    return f"{', '.join(others)} {word} {last}" if others else last
