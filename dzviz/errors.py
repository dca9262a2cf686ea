"""Errors in the user's words: one base class whose subclasses have an exit code.

DzvizError
├── UsageError        2  an option, a format, a suffix, a value or an ``@file``
├── DocumentError     2  a marker in a document
├── ExpressionError   3  the expression's text
├── EvaluationError   4  shapes, sizes, a not-finite result under ``--strict``
├── LayoutError       5  no engine could place the nodes, or a package for the format is missing
└── OutputError       6  the output could not be written

This module knows neither click nor the terminal; the command line turns an error into text.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import ClassVar

from dzviz.records import NamedTuple


class Place(NamedTuple):
    """A stretch ``text[start:end]`` of what the user wrote, counted in characters."""

    text: str
    start: int
    end: int


class DzvizError(Exception):
    """An error in the user's input or environment; ``str(error)`` is one clear sentence.

    ``place`` is the place in the user's text, ``hint`` a way to fix it (a corrected expression or
    command, if there is one).
    """

    exit_code: ClassVar[int] = 2

    def __init__(
        self, message: str, *, place: Place | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.place = place
        self.hint = hint
        if hint:
            self.add_note(f"hint: {hint}")  # for tracebacks; the terminal has it from the hint


class DzvizWarning(UserWarning):
    """Something odd that is not an error: a Python warning if there is no terminal."""


class UsageError(DzvizError):
    """The command line: an option, a format, a suffix, a value or an ``@file``."""

    exit_code = 2


class DocumentError(DzvizError):
    """A marker in a document, or the document; ``line`` is counted from 1."""

    exit_code = 2

    def __init__(self, message: str, *, line: int | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.line = line


class ExpressionError(DzvizError):
    """The expression's text."""

    exit_code = 3


class EvaluationError(DzvizError):
    """Shapes, sizes, or a not-finite result where one was forbidden."""

    exit_code = 4


class LayoutError(DzvizError):
    """No layout engine could place the nodes, or a package that makes the picture is missing."""

    exit_code = 5


class OutputError(DzvizError):
    """The output could not be written."""

    exit_code = 6


def out_of_memory() -> EvaluationError:
    """Return what to say where memory ends nevertheless."""
    hint = "use smaller arrays or a lower --order"
    return EvaluationError("there is not enough memory for this", hint=hint)


def pip_install(packages: str) -> str:
    """Return the command that installs packages for the very Python that runs this.

    The ``pip`` that a shell finds is another one where a command stands in an environment that is
    not activated, such as ``.venv/bin/dzviz``.
    """
    python = sys.executable or "python"  # embedded in a program there is no path
    python = f'"{python}"' if " " in python else python
    return f"{python} -m pip install {packages}"


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return the hint that names the known word most like this one; None where none is."""
    import difflib

    words = list(known)
    same = [other for other in words if other.casefold() == word.casefold()]
    close = same or difflib.get_close_matches(word, words, 1)
    return f"did you mean {close[0]}?" if close else None
