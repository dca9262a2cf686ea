"""``@file`` values: a file of numbers -> an array, refused by name before much memory is taken.

Knows .npy, .npz, .csv, .tsv, .json and .toml, and believes none of them. It does not know options,
expressions or Variables. What it takes is in proportion to the file, however little that holds.

Floats keep their size; whole numbers and truth values become float64, as numbers in an expression.
"""

from __future__ import annotations

import io
import math
import os
import warnings
import zipfile
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal

import numpy as np

from dzviz.errors import UsageError
from dzviz.files import FilePath, NoFileError, keyed, read
from dzviz.language.contents import MAX_DIMENSIONS, Unusable, check_size, listed, short
from dzviz.language.objects import parse_json, parse_toml, read_json, read_toml
from dzviz.language.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

MAX_BYTES: Final = 64 * 2**20
MAX_MEMBERS: Final = 1_000


def read_array(file: FilePath | str) -> NDArray[np.floating[Any]]:
    """Return the array in a file: ``w.npy``, ``w.csv``, ``w.json`` ..., or a part: ``w.npz:key``.

    A .npz that holds a single array needs no key. That of a .csv is the name of a column, or of
    several; of a .json or .toml it leads into objects, with dots. What cannot be used raises a
    `UsageError` that names the file.
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
                raise Unusable(f"a {plain} has no named arrays, such as '{short(name)}'")
            raise Unusable(f"its suffix is not {listed(READERS, 'or')}")
        array = READERS[suffix](_contents(file), file.key)
    except Unusable as error:
        hint = (error.hint or HINTS.get(plain or suffix, HINTS[""])).replace("@FILE", f"@{path}")
        raise UsageError(f"cannot use '@{file.name}': {error}", hint=hint) from None
    return array


def read_values(file: FilePath) -> dict[str, str | FilePath]:
    """Return what a .json or .toml holds by names: formulas as they are, numbers as their place.

    Raises:
        UsageError: It is neither, or holds no such object.
    """
    suffix = os.path.splitext(file.name)[1].lower()
    try:
        if suffix not in PARSERS:
            raise Unusable(f"its suffix is not {listed(PARSERS, 'or')}")
        value = PARSERS[suffix](_contents(file))
        if not isinstance(value, dict):
            raise Unusable("it does not name its values")
    except Unusable as error:
        hint = 'write values with their names: {"x": 3, "W": [[1, 2]]}, or x = 3 in a .toml'
        raise UsageError(f"cannot use '{file.name}': {error}", hint=hint) from None
    return {
        name: part if isinstance(part, str) else FilePath(f"{file.name}:{name}", file.path, name)
        for name, part in value.items()
    }


HINTS: Final = {
    "": "numbers are read from files that end in .npy, .npz, .csv, .tsv, .json or .toml",
    ".npy": 'numpy.save("w.npy", array) writes an array of numbers',
    ".npz": 'numpy.savez("w.npz", a=array) writes arrays; @w.npz:a is the array named a',
    ".csv": "each line of a .csv is a row of numbers; @t.csv:a is the column named a",
    ".tsv": "each line of a .tsv is a row of numbers; @t.tsv:a is the column named a",
    ".json": "a .json contains lists of numbers, as in [[1, 2], [3, 4]]; @v.json:x is its part x",
    ".toml": "a .toml contains named lists of numbers; @v.toml:x is the list named x",
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

PIECE: Final = 1 << 20
"""The number of bytes that are read from an archive at a time."""


def _contents(file: FilePath) -> bytes:
    """Read a regular file, never waiting for one that is something else."""
    try:
        contents = read(file, MAX_BYTES)
    except NoFileError as error:
        raise Unusable(str(error.strerror)) from None
    except FileNotFoundError:
        hint = "a path starts at the current folder, or with / or ~"
        raise Unusable("there is no such file", hint) from None
    except OSError as error:
        raise Unusable(f"it cannot be read ({error.strerror or error})") from None
    except ValueError:
        raise Unusable("a file cannot have such a name") from None
    if not contents:
        raise Unusable("it is empty")
    if len(contents) > MAX_BYTES:
        raise Unusable(f"it is larger than {MAX_BYTES // 2**20} MiB")
    return contents


def _read_npy(contents: bytes, _key: str | None = None) -> NDArray[np.floating[Any]]:
    for start, kind in ((b"\x80", "a pickle"), (b"PK", "a .npz archive")):
        if contents.startswith(start):
            raise Unusable(f"it is {kind}, not a .npy file")
    stream = io.BytesIO(contents)
    shape, fortran, dtype = _npy_header(stream)
    if dtype.kind not in "biuf":
        kind = REFUSED_KINDS.get(dtype.kind, "something else")
        raise Unusable(f"it contains {kind}, not real numbers")
    if not all(type(length) is int and length >= 0 for length in shape):
        raise Unusable(f"its header has an impossible shape ({short(shape)})")
    check_size(math.prod(shape), f"its shape {short(shape)} has")
    needed, stored = math.prod(shape) * dtype.itemsize, len(contents) - stream.tell()
    if needed > stored:
        raise Unusable(f"its header announces {needed} bytes of numbers, but it contains {stored}")
    if len(shape) > MAX_DIMENSIONS:
        raise Unusable(f"it has {len(shape)} dimensions, more than {MAX_DIMENSIONS}")
    order: Literal["C", "F"] = "F" if fortran else "C"
    try:
        return _as_floats(np.ndarray(shape, dtype, contents, stream.tell(), order=order))
    except ValueError:  # A shape with a 0 may have other lengths beyond all bounds.
        raise Unusable(f"its shape {short(shape)} is too large") from None


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
        raise Unusable("its .npy header is damaged") from None


def _read_npz(contents: bytes, key: str | None) -> NDArray[np.floating[Any]]:
    # Counted before zipfile makes an object of each: 64 MiB have room for a million of them.
    if contents.count(b"PK\x01\x02") > MAX_MEMBERS:
        raise Unusable(f"it contains more than {MAX_MEMBERS} arrays")
    try:
        with zipfile.ZipFile(io.BytesIO(contents)) as archive:
            member = _member(archive.infolist(), key)
            claimed = member.file_size
            member.file_size += 1  # or zipfile leaves out, unseen, what is more than was claimed
            with archive.open(member) as stream:
                array_file = b"".join(iter(lambda: stream.read(PIECE), b""))
            if len(array_file) != claimed:
                raise Unusable("it is not a valid .npz archive")
    except Unusable:
        raise
    except Exception:  # A damaged archive fails in a dozen ways.
        raise Unusable("it is not a valid .npz archive") from None
    return _read_npy(array_file)


def _member(members: list[zipfile.ZipInfo], key: str | None) -> zipfile.ZipInfo:
    arrays = {member.filename.removesuffix(".npy"): member for member in members}
    if key is None and len(arrays) != 1:
        what = f"it contains {len(arrays)} arrays" + (f" ({listed(arrays)})" if arrays else "")
        raise Unusable(what)
    if key is not None and key not in arrays:
        raise Unusable(f"it contains {listed(arrays) or 'nothing'}, but no '{key}'")
    member = arrays[key] if key is not None else next(iter(arrays.values()))
    # Other methods can ask for gigabytes before the first byte; numpy.savez uses only these.
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise Unusable("it is compressed in a way that numpy.savez does not use")
    if member.file_size > MAX_BYTES:
        raise Unusable(f"its array takes more than {MAX_BYTES // 2**20} MiB")
    return member


READERS: Final[dict[str, Callable[[bytes, str | None], NDArray[np.floating[Any]]]]] = {
    ".npy": _read_npy,
    ".npz": _read_npz,
    ".csv": read_table,
    ".tsv": read_table,
    ".json": read_json,
    ".toml": read_toml,
}


PARSERS: Final[dict[str, Callable[[bytes], Any]]] = {".json": parse_json, ".toml": parse_toml}


def _as_floats(array: NDArray[Any]) -> NDArray[np.floating[Any]]:
    """Return an array of its own in the machine's byte order."""
    kept = array.dtype.kind == "f" and array.dtype.itemsize <= 8
    dtype = array.dtype.newbyteorder("=") if kept else np.dtype(np.float64)
    with np.errstate(all="ignore"):  # A long double may become inf, or nan.
        return np.array(array, dtype=dtype, order="C")
