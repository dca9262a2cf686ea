"""Writing a result: to a file whole or not at all, to a pipe or a device as it comes.

It does not know what it writes. A folder is left as it was when anything fails, and an error names
the path and gives the system's own reason. Only SIGKILL and a power cut can leave a temporary file
behind, and a later writer in its folder removes it.

No library on PyPI does this: atomicwrites is archived, and it and atomicwriter replace symlinks
and FIFOs and forget the old file's mode; safer puts a regular file in a FIFO's place, gives new
files mode 600, and never calls fsync.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from dzviz.cli.process import remove_temporary, temporaries
from dzviz.errors import OutputError, UsageError
from dzviz.files import WALKS, FilePath, close, named, open_folder
from dzviz.streams import SIGPIPE, Killed, Outlet, descriptor_of, stdout

__all__ = [
    "new_temporary",
    "pour",
    "quoted_path",
    "refused",
    "sweep",
    "sync",
    "write_file",
    "write_stdout",
]

LITTER = 3600.0
"""Seconds without a byte after which a temporary file is that of a process that was killed.

That is safe wherever the folder may be mounted: a process id or a lock would tell at once, but not
of a writer in another container or on another machine. A file without a name (O_TMPFILE) needs one
before it can replace another, is for Linux alone, and there are no such folders.
"""

_BLOCK = 1 << 16


def write_file(file: FilePath | str, chunks: Iterable[str] | Iterable[bytes]) -> None:
    """Put ``chunks`` into a file; until all of it is on disk the old one stays.

    A symlink stays and its target is replaced. What is not a regular file (a FIFO, a terminal,
    ``/dev/null``, ``/dev/stdout``, ``/dev/fd/N``) is written to instead. The old file's mode is
    kept; other hard links keep the old content. A file below a root is written there or not at all.

    Raises: OutputError; Killed where the reader of a pipe has left.
    """
    file = named(file) if isinstance(file, str) else file
    name = quoted_path(file.name)
    if file.root is not None:
        _replace_below(file, chunks, name)
        return
    with refused(name):
        old = _existing(file.path)
        outlet = _outlet(file.path, old)
    if outlet is None:
        with refused(name):
            target = _target(file.path, exists=old is not None)
        _replace(target, old, chunks, name)
        return
    with outlet:
        pour(outlet, chunks, name)
        with refused(name):
            outlet.close()


def write_stdout(
    chunks: Iterable[str] | Iterable[bytes], *, binary: bool, force: bool = False
) -> None:
    """Write ``chunks`` to stdout, text as UTF-8 with LF whatever the locale or system.

    Raises: UsageError where ``binary`` data would go to a terminal and ``force`` is not given;
    OutputError; Killed where the reader has left.
    """
    stream = stdout()
    if binary and not force and stream.isatty():
        raise UsageError(
            "binary data is not written to a terminal",
            hint="write it to a file with -o FILE; -o - writes it to the terminal anyway",
        )
    with refused("to stdout"):
        stream.flush()
    pour(stream.buffer, chunks, "to stdout")
    with refused("to stdout"):
        stream.buffer.flush()


def quoted_path(path: str) -> str:
    """The path in quotes, on one line and in printable characters, however hostile it is."""
    plain = path.isprintable() and "'" not in path and (os.sep == "\\" or "\\" not in path)
    text = f"'{path}'" if plain else repr(path)
    return text if len(text) <= 200 else f"{text[:100]}...{text[-97:]}"


def new_temporary(folder: str) -> str:
    """Name a file or folder to be made in ``folder``, and remove what is left there of others."""
    place, now = os.path.abspath(folder), time.monotonic()
    if now - _swept.get(place, -PAUSE) >= PAUSE:
        sweep(folder)
        _swept[place] = now
    # Without the name of what it becomes, which may be as long as a name can be.
    return os.path.join(folder, f".dzviz-{os.urandom(8).hex()}.tmp")


PAUSE = 10.0
"""Seconds until a folder is looked through again: of a thousand files each would look at all."""

_swept: dict[str, float] = {}

_OURS = r"\.dzviz-[0-9a-f]{16}\.tmp"


def sweep(folder: str) -> None:
    """Remove from ``folder`` what killed processes left there; if that fails it stays."""
    with suppress(OSError, ValueError):  # The latter: no folder can have this name.
        for name in os.listdir(folder or os.curdir):
            if re.fullmatch(_OURS, name):
                path = os.path.join(folder, name)
                if os.lstat(path).st_mtime < time.time() - LITTER:
                    remove_temporary(path)


@contextmanager
def refused(name: str) -> Iterator[None]:
    """Turn the system's refusal into an OutputError about ``name``."""
    try:
        yield
    except BrokenPipeError:
        raise Killed(SIGPIPE) from None
    except OSError as error:
        raise OutputError(f"cannot write {name}: {error.strerror or error}") from error
    except ValueError as error:  # A NUL, or a character that the file system cannot hold.
        raise OutputError(f"cannot write {name}: no file can have this name") from error


def _existing(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _outlet(path: str, old: os.stat_result | None) -> Outlet | None:
    """What is at ``path`` opened to be written to as it is; None for a file to be replaced."""
    descriptor = _own_descriptor(path)
    if descriptor is not None:
        return Outlet(os.dup(descriptor), "w")
    if old is None or stat.S_ISREG(old.st_mode):
        return None
    if stat.S_ISDIR(old.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return Outlet(path, "w")


def _own_descriptor(path: str) -> int | None:
    """N where ``path`` is our ``/dev/fd/N``, or a symlink to it as ``/dev/stdout`` is.

    Opening those again would start at the first byte of a redirected file, over what is there,
    and replacing it would leave the shell holding a file without a name.
    """
    for _ in range(40):  # As many links as Linux follows.
        folder, name = os.path.split(path)
        if name.isdecimal() and name.isascii() and len(name) < 10:
            own = ("/dev/fd", f"/proc/{os.getpid()}/fd")
            return descriptor_of(int(name)) if os.path.realpath(folder) in own else None
        try:
            path = os.path.join(folder, os.readlink(path))
        except OSError:
            break
    return None


def _replace_below(file: FilePath, chunks: Iterable[str] | Iterable[bytes], name: str) -> None:
    """Write a file in a folder that is opened through no link, and stays that one meanwhile."""
    with refused(name):
        folder = open_folder(file) if WALKS else None
    try:
        with refused(name):
            try:
                place = os.path.basename(file.path) if WALKS else file.path
                old = os.stat(place, dir_fd=folder, follow_symlinks=False)
            except FileNotFoundError:
                old = None
            if old is not None and not stat.S_ISREG(old.st_mode):
                raise FileExistsError(errno.EEXIST, "something other than a file is there now")
        _replace(file.path, old, chunks, name, folder)
    finally:
        if folder is not None:
            close(folder)


def _replace(
    target: str,
    old: os.stat_result | None,
    chunks: Iterable[str] | Iterable[bytes],
    name: str,
    within: int | None = None,
) -> None:
    """Write beside the file, then rename over it; ``within`` the folder of this descriptor."""

    def place(path: str) -> str:
        return path if within is None else os.path.basename(path)

    def opener(path: str, flags: int) -> int:
        return os.open(place(path), flags, 0o666 if old is None else 0o600, dir_fd=within)

    with refused(name):
        if old is not None:
            # Renaming asks for the folder's permission alone; this asks for the old file's.
            os.close(os.open(place(target), os.O_WRONLY, dir_fd=within))
        folder = os.path.dirname(target)
        temporary = new_temporary(folder)
    temporaries.add(temporary)
    try:
        with refused(f"{name} (a new file in {quoted_path(folder or '.')})"):
            outlet = Outlet(temporary, "x", opener=opener)
        with outlet:
            pour(outlet, chunks, name)
            with refused(name):
                if old is not None:
                    _inherit(outlet.fileno(), old)
                sync(outlet.fileno())
                outlet.close()
        with refused(name):
            _rename(place(temporary), place(target), within)
    except BaseException:
        remove_temporary(temporary)
        raise
    temporaries.discard(temporary)


def _target(path: str, *, exists: bool) -> str:
    """Return where a link leads; ``os.path`` would take one that cannot be read for a file."""
    try:
        is_link = stat.S_ISLNK(os.lstat(path).st_mode)
    except FileNotFoundError:
        return path
    return os.path.realpath(path, strict=exists) if is_link else path


PAUSES = tuple(0.01 * 2**i for i in range(7)) if os.name == "nt" else ()
"""Seconds to wait: Windows replaces no file that a reader, or a virus scanner, has open."""


def _rename(source: str, target: str, within: int | None = None) -> None:
    for pause in PAUSES:
        try:
            os.replace(source, target)  # where there are pauses, no folder is opened
        except PermissionError:
            time.sleep(pause)
        else:
            return
    try:
        os.replace(source, target, src_dir_fd=within, dst_dir_fd=within)
    except PermissionError as error:
        if not PAUSES:
            raise
        raise OutputError(
            f"cannot write {quoted_path(target)}: another program has it open",
            hint="close it there",
        ) from error


def _inherit(descriptor: int, old: os.stat_result) -> None:
    """Give the new file the mode of the old one, and its owner and group where we may."""
    if sys.platform != "win32":
        new = os.fstat(descriptor)
        if new.st_gid != old.st_gid:
            with suppress(OSError):
                os.fchown(descriptor, -1, old.st_gid)
        if new.st_uid != old.st_uid:
            with suppress(OSError):
                os.fchown(descriptor, old.st_uid, -1)
        mode = stat.S_IMODE(old.st_mode) & 0o777
        if stat.S_IMODE(new.st_mode) != mode:
            os.fchmod(descriptor, mode)


def sync(descriptor: int) -> None:
    """Have the data on disk before the name: a power cut must not leave an empty file."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # Some file systems have no fsync.
            raise


def pour(stream: Outlet | BinaryIO, chunks: Iterable[str] | Iterable[bytes], name: str) -> None:
    """Write ``chunks`` in blocks; raises OutputError about ``name``."""
    for block in _blocks(chunks):
        with refused(name):
            stream.write(block)


def _blocks(chunks: Iterable[str] | Iterable[bytes]) -> Iterator[bytes]:
    """The chunks in UTF-8, gathered: one system call a block, not one a node."""
    gathered = bytearray()
    for chunk in chunks:
        gathered += chunk.encode() if isinstance(chunk, str) else chunk
        if len(gathered) >= _BLOCK:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)
