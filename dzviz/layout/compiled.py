"""A program for WebAssembly as machine code, compiled once and kept in a file of the user's cache.

wasmtime has such a cache, too, but packs its files: to read one takes 13 ms, and to map one of ours
2 ms, its checksum included. Machine code is trusted like a program, so what belongs to somebody
else, or what others can write to, is not used. It does not know what the program does.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from mmap import ACCESS_READ, mmap
from typing import TYPE_CHECKING
from zlib import crc32

from dzviz.files import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import wasmtime

MOST = 8
"""How many files are kept: one for each version of the program and of wasmtime, and processor."""


def module(engine: wasmtime.Engine, path: str) -> wasmtime.Module:
    """Return the program in the file ``path``, for this engine.

    Raises:
        OSError: It cannot be read.
        WasmtimeError: It is no program.
    """
    import wasmtime

    name = f"{_version(wasmtime.__file__)}-{_checksum(path)}"
    folder = None
    refused = []
    with suppress(OSError):
        folder = _folder()
        for kept in _kept(folder, name) if folder else ():
            with suppress(wasmtime.WasmtimeError):  # on a file system whose files cannot be run
                return wasmtime.Module.deserialize_file(engine, kept)
            with suppress(wasmtime.WasmtimeError), open(kept, "rb") as file:
                return wasmtime.Module.deserialize(engine, file.read())
            refused.append(kept)  # for another engine or processor
    made = wasmtime.Module.from_file(engine, path)
    with suppress(OSError):
        if folder:
            _keep(folder, name, made.serialize(), refused)
    return made


def _version(file: str) -> str:
    """Return a package's name and version, as the folder beside it says.

    `importlib.metadata` would say the same after 5 ms.
    """
    package = os.path.dirname(file)
    name = os.path.basename(package)
    beside = os.listdir(os.path.dirname(package))
    found = [each for each in beside if each.startswith(f"{name}-") and each.endswith(".dist-info")]
    return found[0].removesuffix(".dist-info") if len(found) == 1 else name


def _folder() -> str | None:
    """Return the folder of the cache, made if need be; None where it is nobody's or another's."""
    if os.name == "nt":
        cache = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        cache = os.path.expanduser("~/Library/Caches")
    else:
        cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    if not (os.path.isabs(cache) and os.path.isdir(os.path.dirname(cache))):  # there is no home
        return None
    folder = os.path.join(cache, "dzviz")
    for path in (cache, folder):
        os.makedirs(path, mode=0o700, exist_ok=True)
    found = os.lstat(folder)
    safe = stat.S_ISDIR(found.st_mode) and _is_ours(found) and _keeps_ours(os.stat(cache))
    return folder if safe else None


def _is_ours(found: os.stat_result) -> bool:
    """Whether a file or folder belongs to this user, and nobody else can write to it."""
    return os.name == "nt" or (found.st_uid == os.geteuid() and not found.st_mode & 0o022)


def _keeps_ours(found: os.stat_result) -> bool:
    """Whether not everybody can replace what this user has in a folder; ``/tmp`` is one.

    Its group may: with a umask of 002, a user's folders belong to a group of that user alone.
    """
    if os.name == "nt":
        return True
    writable = found.st_mode & 0o002 and not found.st_mode & stat.S_ISVTX
    return found.st_uid in (0, os.geteuid()) and not writable


def _kept(folder: str, name: str) -> Iterator[str]:
    """Yield the files of this name that are ours and whole."""
    for each in os.listdir(folder):
        if each.startswith(f"{name}-"):
            path = os.path.join(folder, each)
            found = os.lstat(path)
            if not (stat.S_ISREG(found.st_mode) and _is_ours(found)):
                continue
            if each == f"{name}-{_checksum(path)}{_SUFFIX}":
                yield path


def _keep(folder: str, name: str, code: bytearray, refused: Sequence[str]) -> None:
    """Write a file, unless it is there and was refused, and remove the oldest ones."""
    path = os.path.join(folder, f"{name}-{crc32(code):08x}{_SUFFIX}")
    if path in refused:
        return
    replace(path, bytes(code), 0o600)
    names = [each for each in os.listdir(folder) if _SUFFIX in each]  # also what is half written
    paths = [os.path.join(folder, each) for each in names]
    for path in sorted(paths, key=os.path.getmtime)[:-MOST]:
        with suppress(OSError):  # on Windows another process may have it open
            os.unlink(path)


_SUFFIX = ".cwasm"


def _checksum(path: str) -> str:
    """Return what tells a file from others by mistake, not from those made by intent."""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if not size:  # which cannot be mapped
            return ""
        with mmap(file.fileno(), size, access=ACCESS_READ) as content:
            return f"{crc32(content):08x}"
