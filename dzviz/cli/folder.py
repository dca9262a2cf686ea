"""Writing many results into one folder: all of them or none.

Like `dzviz.cli.output` it does not know what it writes. Files of others are neither
removed nor written over: the folder is new, or it is empty.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from dzviz.cli.output import new_temporary, pour, quoted_path, refused, sweep, sync
from dzviz.cli.process import remove_temporary, temporaries
from dzviz.errors import OutputError
from dzviz.files import absolute
from dzviz.streams import Outlet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Files = Iterable[tuple[str, Iterable[str] | Iterable[bytes]]]

__all__ = ["check_folder", "write_folder"]


def check_folder(path: str) -> None:
    """See that files can be put into the folder ``path``, before they are made.

    Raises: OutputError where it is something else, or not empty.
    """
    with refused(quoted_path(path)):
        sweep(absolute(path))
        with suppress(FileNotFoundError):
            names = os.listdir(absolute(path))
            if names:
                raise OutputError(
                    f"the folder {quoted_path(path)} is not empty: "
                    f"it contains {quoted_path(min(names))}",
                    hint="name a new folder, or empty this one: dzviz does not overwrite anything "
                    "in it",
                )
            return
        parent = os.path.dirname(_target(path)) or "."
        os.listdir(parent)


def write_folder(path: str, files: Files) -> None:
    """Put files into the folder ``path``, which is made if it is not there.

    They are written into a hidden folder and moved when all of them are on disk. A symlink stays.

    Raises: OutputError.
    """
    check_folder(path)
    name = quoted_path(path)
    target = _target(path)
    exists = os.path.isdir(target)
    # Within it, where it is there: whoever stands in it must not lose it, and it may be a mount.
    beside = target if exists else os.path.dirname(target)
    with refused(name):
        temporary = new_temporary(beside)
    temporaries.add(temporary)
    try:
        with refused(f"{name} (a new folder in {quoted_path(beside or '.')})"):
            os.mkdir(temporary)
        names = list(_fill(temporary, files, name))
        with refused(name):
            if exists:
                _move(names, temporary, target)
            else:
                os.rename(temporary, target)
    except BaseException:
        remove_temporary(temporary)
        raise
    temporaries.discard(temporary)


def _target(path: str) -> str:
    """The path without slashes at its end, and where a link leads."""
    path = absolute(path)
    return os.path.realpath(path) if os.path.islink(path.rstrip("/")) else path.rstrip("/") or path


def _fill(folder: str, files: Files, name: str) -> Iterator[str]:
    for file, chunks in files:
        with refused(name):
            outlet = Outlet(os.path.join(folder, file), "x")
        with outlet:
            pour(outlet, chunks, name)
            with refused(name):
                sync(outlet.fileno())
                outlet.close()
        yield file


def _move(names: list[str], source: str, target: str) -> None:
    """Move files up and remove their folder; if one cannot be moved, none is."""
    begun: list[tuple[str, str]] = []
    try:
        for name in names:
            begun.append((os.path.join(source, name), os.path.join(target, name)))
            _move_file(*begun[-1])
        os.rmdir(source)
    except BaseException:
        for old, new in begun:
            with suppress(OSError):
                if not os.path.lexists(old) or os.path.samefile(old, new):  # else it is not ours
                    os.unlink(new)
        raise


def _move_file(old: str, new: str) -> None:
    """Rename a file to where there is none.

    A rename would take the place of what somebody put there since we looked; a link never does.
    """
    try:
        os.link(old, new)
    except FileExistsError:
        raise
    except OSError:  # No links on this file system.
        if os.path.lexists(new):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        os.rename(old, new)
    else:
        os.unlink(old)
