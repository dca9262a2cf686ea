"""Running the user's code: what it raises becomes one error with its file and line.

What it prints goes to stderr, and what it changes of Python's own state is put back.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from dzviz.errors import DzvizError, EvaluationError, out_of_memory
from dzviz.language.user_code import innermost, short_path
from dzviz.streams import is_signal, users_stderr

OWN_ENGINE = "dzviz computes with its own: use NumPy's functions on the arguments"


@contextmanager
def errors_of(what: str, folder: str = "") -> Iterator[None]:
    """Turn whatever the user's code raises into one error with its file and line.

    Meanwhile it may import what is in ``folder``, and what it prints goes to stderr. What it
    changed of Python's own state is put back.
    """
    try:
        with (
            users_stderr() as stream,
            redirect_stdout(stream),
            redirect_stderr(stream),
            _importing(folder),
            _putting_back(),
        ):
            yield
    except MemoryError:
        raise out_of_memory() from None
    except BaseException as error:
        ours = isinstance(error, DzvizError) and type(error).__module__ == DzvizError.__module__
        if ours or is_signal(error):
            raise
        from dzviz.engine import other_dezero

        if isinstance(error, RuntimeError) and isinstance(error.__cause__, StopIteration):
            error = error.__cause__  # which went through a generator
        words, hint = message_of(error), None
        if "dzviz._dezero" in words and other_dezero():
            hint = OWN_ENGINE
        elif (
            isinstance(error, TypeError)
            and "Variable is not silently converted to a number" in words
        ):
            hint = "NumPy's functions take Variables: np.sin(x), not math.sin(x)"
        elif isinstance(error.__cause__, TypeError) and "a sequence" in words:
            words = message_of(error.__cause__)  # NumPy says only that it is no number
        raise EvaluationError(f"{what} raised {words}{_where(error)}", hint=hint) from error


_paths: dict[str, list[str]] = {}
"""What the code of each folder has as ``sys.path``: it may have added to it."""


@contextmanager
def _importing(folder: str) -> Iterator[None]:
    """Let code import from its folder, but no code of ours: a file html.py is not Python's html.

    Python's own modules come first, since others import them whenever they need them.
    """
    from dzviz.engine import core  # noqa: F401  # and with it NumPy: ours that may come later

    ours = list(sys.path)
    if folder:
        library = os.path.dirname(os.__file__)
        place = max(
            (i for i, p in enumerate(ours) if p.startswith(library) and "-packages" not in p),
            default=-1,
        )
        sys.path[:] = _paths.get(folder) or [*ours[: place + 1], folder, *ours[place + 1 :]]
    try:
        yield
    finally:
        if folder:
            _paths[folder] = list(sys.path)
        sys.path[:] = ours


@contextmanager
def _putting_back() -> Iterator[None]:
    """Put back what would make code of ours fail: errors of NumPy's, warnings, a low stack."""
    import numpy as np

    depth = sys.getrecursionlimit()
    try:
        with np.errstate(), warnings.catch_warnings():
            yield
    finally:
        sys.setrecursionlimit(max(depth, sys.getrecursionlimit()))


def message_of(error: BaseException) -> str:
    """Name an error's class and what it says, if it can say it."""
    try:
        words = str.__str__(str(error))
    except BaseException:  # of an error of the user's own class; sys.exit(), too
        words = ""
    return f"{type(error).__name__}: {words}".rstrip(": ")


def _where(error: BaseException) -> str:
    """The innermost line of the user's own code in a traceback."""
    if isinstance(error, SyntaxError) and error.filename:
        return f" ({short_path(error.filename)}, line {error.lineno})"
    found = innermost(error)
    if found is None:
        return ""
    code = found[0].f_code
    where = "" if code.co_name == "<module>" else f", in {code.co_name}"
    return f" ({short_path(code.co_filename)}, line {found[1]}{where})"
