"""``dzviz trace``: what happens in the forward and backward passes, one event per line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from dzviz.cli.answering import command_of
from dzviz.cli.depfile import DEPFILE
from dzviz.cli.terminal import has_colour
from dzviz.results import Result
from dzviz.streams import stdout

COLOURS: Mapping[str, dict[str, Any]] = {
    "": {"bold": True},
    "seed": {"fg": "magenta"},
    "pop": {"bold": True},
    "rule": {"fg": "red"},
    "sum": {"fg": "red", "bold": True},
    "release": {"dim": True},
}
"""How the headings and some kinds of events stand out on a terminal."""


def _coloured(found: Result) -> Iterator[str]:
    if found.graph is None or not has_colour(stdout()):
        yield from found.lines
        return
    kinds = (event.kind for event in found.graph().events)
    for line, kind in zip(found.lines, ("", *kinds), strict=True):
        yield f"{click.style(line[:-1], **COLOURS.get(kind, {}))}\n"


command = command_of("trace", DEPFILE, shown=_coloured)
