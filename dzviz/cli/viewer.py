"""What a user's own programs open: a file in the viewer that the system has for its kind."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

import click

from dzviz.cli.output import quoted_path, refused, write_file
from dzviz.cli.process import remove_temporary, temporaries


def write_for_viewer(name: str, chunks: Iterable[str] | Iterable[bytes]) -> str:
    """Write a file into a new folder of its own, which stays for the viewer; return its path.

    Raises:
        OutputError: It cannot be written.
    """
    import tempfile

    with refused("a file for the viewer"):
        folder = os.path.join(tempfile.gettempdir(), f"dzviz-{os.urandom(8).hex()}")
    temporaries.add(folder)
    try:
        with refused(quoted_path(folder)):
            os.mkdir(folder, 0o700)
        path = os.path.join(folder, name)
        write_file(path, chunks)
    except BaseException:
        remove_temporary(folder)
        raise
    temporaries.discard(folder)
    return path


def launched(path: str) -> bool:
    """Open a file in the viewer; what xdg-open says where there is none is not for the user."""
    if not sys.platform.startswith("linux"):
        return click.launch(path) == 0
    import subprocess

    from dzviz.layout.process import find

    program = find("xdg-open")
    if program is None:
        return False
    try:
        quiet = subprocess.DEVNULL
        viewer = subprocess.Popen([program, path], stdin=quiet, stdout=quiet, stderr=quiet)
        return viewer.wait(timeout=5) == 0
    except OSError:
        return False
    except subprocess.TimeoutExpired:  # a viewer that stays in the foreground
        return True
