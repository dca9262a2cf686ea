"""Errors in documents, for the terminal."""

from __future__ import annotations

from dzviz.cli.process import obey
from dzviz.errors import DzvizError
from dzviz.language.carets import explain
from dzviz.records import NamedTuple


class Failure(NamedTuple):
    """An error and where it is: a document, and a line counted from 1 if one is to blame."""

    error: DzvizError
    path: str
    line: int | None = None

    def message(self) -> str:
        """Explain it in lines for the terminal."""
        obey()
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{explain(self.error, where)}\n"
