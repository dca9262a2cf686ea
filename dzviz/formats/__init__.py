"""The table of formats: what each is called, its suffixes, and the module that writes it.

A format is one module with ``write(graph, look, layout)``, which yields text or bytes.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from dzviz.errors import UsageError

if TYPE_CHECKING:
    from dzviz.graph import Graph
    from dzviz.look import Look


class Layout(NamedTuple):
    """How nodes are placed in the formats that need it.

    ``engine`` and ``timeout`` (in seconds) say by what; ``font`` is a file for characters that the
    usual font lacks; ``room`` is the same graph with every gradient known, for which to leave room.
    ``watch`` gets the steps of long work and gives them back one by one, as tqdm does.
    """

    engine: str = "auto"
    timeout: float = 30.0
    font: str | None = None
    room: Graph | None = None
    watch: Callable[[Sequence[Any]], Iterable[Any]] = iter


class Format(NamedTuple):
    """One format; ``placed`` formats need a layout engine, ``told`` ones all that happened.

    A ``film`` is made of nothing else. Without ``words`` numbers are written as they are, and none
    for people.
    """

    name: str
    help: str
    suffixes: tuple[str, ...]
    binary: bool = False
    placed: bool = False
    told: bool = False
    film: bool = False
    words: bool = True

    def write(self, graph: Graph, look: Look, layout: Layout) -> Iterator[str] | Iterator[bytes]:
        """Write a graph, chunk by chunk. What can fail fails before the first chunk."""
        chunks: Iterator[str] | Iterator[bytes] = importlib.import_module(
            f"dzviz.formats.{self.name}"
        ).write(graph, look, layout)
        return chunks


FORMATS: Mapping[str, Format] = {
    format.name: format
    for format in (
        Format("dot", "Graphviz DOT", (".dot", ".gv")),
        Format("svg", "a picture as text, for the web", (".svg",), placed=True),
        Format("png", "a picture in pixels", (".png",), binary=True, placed=True),
        Format("pdf", "a page, for LaTeX (extra: pdf)", (".pdf",), binary=True, placed=True),
        Format("html", "a page with all steps", (".html", ".htm"), placed=True, told=True),
        Format(
            "gif",
            "a film in pixels (extra: gif)",
            (".gif",),
            binary=True,
            placed=True,
            told=True,
            film=True,
        ),
        Format(
            "animation",
            "a film as an SVG that plays by itself",
            (),
            placed=True,
            told=True,
            film=True,
        ),
        Format("json", "node-link data, as networkx reads it", (".json",), words=False),
        Format("mermaid", "a flowchart that GitHub draws", (".mmd", ".mermaid")),
        Format("text", "a table, one line a Variable", (".txt",)),
        Format("alt", "a description in words", ()),
    )
}
"""Every format by its name."""


def format_named(name: str) -> Format:
    """Return the format of this name.

    Raises:
        UsageError: There is none.
    """
    if name not in FORMATS:
        raise UsageError(f"unknown format '{name}'", hint=f"formats: {', '.join(FORMATS)}")
    return FORMATS[name]


def format_of_file(path: str) -> Format:
    """Return the format that a file's suffix asks for.

    Raises:
        UsageError: No format has this suffix.
    """
    _, dot, suffix = path.replace("\\", "/").rpartition("/")[2].rpartition(".")
    for format in FORMATS.values():
        if dot and f".{suffix.lower()}" in format.suffixes:
            return format
    known = " ".join(s for format in FORMATS.values() for s in format.suffixes)
    what = f"unknown suffix '.{suffix}'" if dot else "a file name without a suffix"
    raise UsageError(what, hint=f"use one of {known}, or name the format: --format svg")
