"""Which lines of code are the user's own: those not of dzviz, NumPy, a backend or Python."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from dzviz.files import absolute


def place_of(frame: Any) -> tuple[str, int] | None:
    """The innermost file and line of the user's own code that is being run."""
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None


TYPED = ("<stdin>", "<ipython-input", "<python-input")
"""How Python names the file of what is typed."""


def place_in_code(frame: Any) -> str:
    """Say which file and line of the user's own code is being run: `` (model.py, line 3)``.

    What was typed, as into a notebook's cell, has no file.
    """
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(TYPED) or f"{os.sep}ipykernel_" in file:
            return f" (line {frame.f_lineno})"
        if is_users(file):
            return in_words((short_path(file), frame.f_lineno))
        frame = frame.f_back
    return ""


def innermost(error: BaseException) -> tuple[Any, int] | None:
    """Find the frame of the user's own code in which an error arose, and its line."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        if is_users(trace.tb_frame.f_code.co_filename):
            found = trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next
    return found


def in_words(place: tuple[str, int]) -> str:
    """Write a file and a line: `` (model.py, line 3)``."""
    return f" ({place[0]}, line {place[1]})"


_BACKENDS = tuple(
    f"{os.sep}{folder}-packages{os.sep}{package}{os.sep}"
    for folder in ("site", "dist")
    for package in ("torch", "jax", "jaxlib")
)
"""Parts of the paths of installed packages that compute."""


@cache
def code_is_ours(file: str) -> bool:
    """Tell whether a file of code is of dzviz, a backend or Python, and so not the user's."""
    return file.startswith(_foreign_folders()) or any(part in file for part in _BACKENDS)


@cache
def is_users(file: str) -> bool:
    """Tell whether a file of code is the user's own."""
    compiled = file.endswith((".pyx", ".pxd"))  # which tell paths of where they were built
    return not code_is_ours(file) and not file.startswith("<") and not compiled


def short_path(file: str) -> str:
    """A file's name as seen from here, else without its folder: the same on every machine."""
    path = os.path.relpath(file, absolute(os.curdir)) if os.path.isabs(file) else file
    return os.path.basename(file) if path.startswith(os.pardir) else path


@cache
def _foreign_folders() -> tuple[str, ...]:
    """The folders of code that is not the user's: ours, NumPy's, Python's."""
    import numpy

    from dzviz.engine import core

    files = (core.__file__, numpy.__file__, os.path.dirname(__file__))
    folders = [os.path.dirname(os.path.abspath(str(file))) for file in files]
    folders.append(os.path.join(os.path.dirname(os.__file__), "importlib"))
    return tuple(f"{folder}{os.sep}" for folder in folders)
