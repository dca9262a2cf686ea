"""The way to a file: what was checked is what is opened.

A path and the key inside it are two values as soon as they are read. A file of a document is opened
below a folder, one component after the other and through no link, so that nobody can put another
in its place meanwhile. Of what files hold it knows how text is encoded.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import unicodedata
from collections.abc import Iterable
from contextlib import suppress

from dzviz.errors import UsageError
from dzviz.records import NamedTuple

WALKS = hasattr(os, "O_NOFOLLOW") and {os.open, os.mkdir, os.stat} <= os.supports_dir_fd
"""Whether the system opens what lies in an open folder; on Windows a second look has to do."""

KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)

KEYED = ("npz", "csv", "tsv", "json", "toml")
"""The suffixes of files whose parts have names."""

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_AT_ONCE = getattr(os, "O_NONBLOCK", 0)


class FilePath(NamedTuple):
    """A file: its ``name`` as it was written, and its absolute ``path``, with the ``key`` in it.

    Where it has a ``root``, a real folder that the path lies below, its path has no links.
    """

    name: str
    path: str
    key: str | None = None
    root: str | None = None


class NoFileError(OSError):
    """Something else than a file, in words that follow "it is"."""

    def __init__(self, kind: str) -> None:
        super().__init__(errno.EINVAL, f"it is {kind}, not a file")


_start: str | None = None


def hold_folder() -> None:
    """Have relative paths begin at today's current folder, wherever the user's code goes."""
    global _start
    if _start is None:
        with suppress(OSError):
            _start = os.getcwd()


def release_folder() -> None:
    """End what `hold_folder` began."""
    global _start
    _start = None


def absolute(path: str) -> str:
    """Return a path that a change of the current folder does not move."""
    return os.path.join(_start or os.curdir, path) if path and _start else path


def real(path: str) -> str:
    """Return the absolute path of what a path leads to.

    Raises:
        UsageError: There is no current folder that it could begin at.
    """
    try:
        return os.path.realpath(absolute(path))
    except OSError as error:
        raise UsageError(
            f"the current folder cannot be found: {error.strerror or error}",
            hint="go to a folder that exists",
        ) from None


def named(name: str) -> FilePath:
    """Return the file of a path of the caller's own, who may name any."""
    return FilePath(name, absolute(name))


def keyed(name: str) -> FilePath:
    """Return the file that ``w.npz:key`` is in, and the key; of other paths all is the file."""
    found = re.fullmatch(rf"(.*\.(?:{'|'.join(KEYED)})):(.+)", name, re.IGNORECASE | re.DOTALL)
    path, key = (found[1], found[2]) if found else (name, None)
    return FilePath(name, absolute(os.path.expanduser(path)), key)


def below(file: FilePath, folder: str, root: str) -> FilePath | None:
    """Return a document's file, links followed, if that is in a folder tree; else None.

    ``folder`` is what its path begins at.
    """
    path = file.name if file.key is None else file.name[: -len(file.key) - 1]
    root = real(root)
    try:
        target = real(os.path.join(folder, path))
        if not is_in(root, target):
            return None
    except ValueError:  # a NUL
        return None
    return file._replace(path=target, root=root)


def is_in(root: str, path: str) -> bool:
    """Whether a path lies in a folder; both are real ones."""
    try:
        return os.path.commonpath([root, path]) == root
    except ValueError:  # another drive
        return False


def read(file: FilePath, most: int, *, regular: bool = True) -> bytes:
    """Return what a file holds, of a larger one ``most`` bytes and one.

    It never waits for something else than a file, unless that may be one that is not ``regular``.

    Raises:
        OSError: It is something else, cannot be read, or is not where it was any more.
        ValueError: No file can have such a name.
    """
    if regular and file.root is None:  # below one there are no devices that opening might wake
        _check_kind(os.stat(file.path))
    # Between the two looks another may take its place; opening must not block then.
    descriptor = open_below(file, _READ | (_AT_ONCE if regular else 0))
    try:
        if regular:
            status = os.fstat(descriptor)
            _check_kind(status)
            most = min(most, status.st_size)
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read(most + 1)
    finally:
        close(descriptor)


def read_input(file: FilePath, most: int) -> bytes:
    """Return what a file of any kind holds, or standard input for ``-``, as `read` does.

    Raises:
        OSError: It cannot be read.
        ValueError: No file can have such a name.
    """
    if file.name != "-":
        return read(file, most, regular=False)
    if sys.stdin is None or sys.stdin.closed:
        raise OSError("it is closed")
    data: bytes = sys.stdin.buffer.read(most + 1)
    return data


def replace(path: str, data: bytes, mode: int = 0o666) -> None:
    """Put a file of these bytes in place, whole or not at all; ``mode`` is less what umask takes.

    Raises:
        OSError: It cannot be written.
    """
    target = os.path.realpath(path)
    temporary = f"{target}.{os.urandom(4).hex()}.tmp"
    try:
        with open(temporary, "xb", opener=lambda path, flags: os.open(path, flags, mode)) as file:
            file.write(data)
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def close(descriptor: int) -> None:
    """Close a file or a folder into which nothing was written: where that fails nothing is lost."""
    with suppress(OSError):
        os.close(descriptor)


def open_below(file: FilePath, flags: int) -> int:
    """Open a file that exists and return its descriptor; below its root, through no link.

    Raises:
        OSError: It cannot be opened, or there are links on the way by now.
    """
    if file.root is None:
        return os.open(file.path, flags)
    if not WALKS:
        descriptor = os.open(file.path, flags)
        if os.path.realpath(file.path) != file.path:
            close(descriptor)
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        return descriptor
    folder = open_folder(file)
    try:
        name = os.path.basename(file.path) or os.curdir
        return os.open(name, flags | os.O_NOFOLLOW, dir_fd=folder)
    finally:
        close(folder)


def open_folder(file: FilePath, *, make: bool = False) -> int:
    """Return a descriptor of the folder that a file with a root is in, if need be a new one."""
    assert file.root is not None
    folder = os.open(file.root, _FOLDER)
    try:
        for name in os.path.relpath(os.path.dirname(file.path), file.root).split(os.sep):
            if make:
                with suppress(FileExistsError):
                    os.mkdir(name, dir_fd=folder)
            inner = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
            close(folder)
            folder = inner
    except BaseException:
        close(folder)
        raise
    return folder


def make_folder(file: FilePath) -> None:
    """Make the folder that a file with a root is to be in."""
    if WALKS:
        close(open_folder(file, make=True))
    else:
        os.makedirs(os.path.dirname(file.path), exist_ok=True)


def identity(path: str) -> str:
    """Return what two real paths of one file share, where a system tells no case or accents."""
    return unicodedata.normalize("NFC", path).casefold()


def check_apart(reads: Iterable[FilePath], writes: FilePath) -> None:
    """See that a command does not write the file that it reads.

    Raises:
        UsageError: It would.
    """
    for file in reads:
        with suppress(OSError, ValueError):
            if os.path.samefile(file.path, writes.path) and os.path.isfile(writes.path):
                raise UsageError(
                    f"the same command reads and writes '{writes.name}'",
                    hint="write to another file",
                )


def decode(data: bytes) -> str:
    """Return the text of a file without its byte order mark. Raises UnicodeDecodeError."""
    return data.decode(encoding_of(data))


def encoding_of(data: bytes) -> str:
    """Return the encoding of text: UTF-8, or UTF-16 as Windows' PowerShell writes it."""
    return "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"


def _check_kind(status: os.stat_result) -> None:
    for is_kind, kind in KINDS:
        if is_kind(status.st_mode):
            raise NoFileError(kind)
