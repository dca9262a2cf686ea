"""The magics ``%dzviz`` and ``%%dzviz`` of notebooks: a command line, whose result the cell shows.

``%load_ext dzviz`` makes them. ``%dzviz "sin(x)" --x 1`` is one line; of ``%%dzviz`` the rest of
the cell is the command line, on as many lines as you like.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from dzviz.arguments.config import find_config
from dzviz.documents.requests import TextRequest, read_any
from dzviz.documents.trust import Trust
from dzviz.errors import DzvizError, UsageError
from dzviz.language.carets import explain
from dzviz.python.api import bundle

__all__ = ["Shown", "load_ipython_extension", "magic"]


class Shown:
    """What a cell shows: a result in a format, and the same as text."""

    def __init__(self, format: str, data: bytes, text: str) -> None:
        self._bundle = bundle(format, data, text)

    def __repr__(self) -> str:
        return self._bundle["text/plain"]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self._bundle


def magic(line: str, cell: str | None = None) -> Shown | None:
    """Do what a command line asks for; what is wrong with it is printed to stderr."""
    try:
        return _shown(f"{line} {cell or ''}".strip())
    except DzvizError as error:
        sys.stderr.write(f"{explain(error)}\n")
        return None


def load_ipython_extension(ipython: Any) -> None:
    """Define the magics; ``%load_ext dzviz`` calls this function."""
    ipython.register_magic_function(magic, "line_cell", "dzviz")


def _shown(words: str) -> Shown:
    here = os.getcwd()
    trust = Trust(Path(here).anchor, python=True)  # it is the user's own notebook
    request = read_any(words, folder=here, trust=trust, config=find_config(here))
    if isinstance(request, TextRequest):
        found = request.result()
        text = "".join(found.lines)
        return Shown("text", text.encode(), text)
    if request.output is not None:
        raise UsageError(
            "-o is for a file, but a cell shows the picture", hint="!dzviz ... -o writes one"
        )
    (drawing,) = request.drawings()
    parts: list[Any] = list(drawing.chunks())
    data = b"".join(p.encode() if isinstance(p, str) else p for p in parts)
    return Shown(drawing.format.name, data, drawing.plain().rstrip("\n"))
