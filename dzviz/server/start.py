"""What a page starts from: a command line, which is its user's and may name files.

It is plain data, so that another process can receive it. It computes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass
from typing import Any

from dzviz.fields import options_of
from dzviz.options import Look, Passes, View

NEVER = ("pace", "steady", "full", "font_size", "scale", "fit")
"""Options that a page has no use for; its window says how large it is."""

KINDS = (Passes, Look, View)


def page_options() -> tuple[tuple[type[Any], Field[Any]], ...]:
    """Return the options that a page may set, each with what it is of."""
    return tuple(
        (kind, option)
        for kind in KINDS
        for option in options_of(kind)
        if "page" in option.metadata["formats"]
        and option.metadata["documents"]
        and option.name not in NEVER
    )


@dataclass(frozen=True, kw_only=True)
class Start:
    """What stood on the command line.

    There is a ``formula``, a ``function`` (``FILE:NAME``) or the file of a ``graph``. ``values``
    are as they were written, with ``@`` before a file; so are ``options``, a flag as ``""``.
    ``settings`` are those of a function: its backend and dtype. The formula may be that of a
    ``file``; ``reads`` are the paths of all files that were named, ``folder`` is where names begin.
    """

    formula: str | None = None
    function: str | None = None
    graph: str | None = None
    file: str | None = None
    values: Mapping[str, str]
    options: Mapping[str, str]
    settings: Mapping[str, str | None]
    engine: str = "auto"
    timeout: float = 30.0
    reads: Sequence[str] = ()
    folder: str = "."
