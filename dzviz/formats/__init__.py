"""The table of formats: what each is called, its suffixes, and the module that writes it.

A format is one module with ``write(graph, look, layout)``, which yields text or bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from dzviz.errors import UsageError
from dzviz.text.sizes import MAX_CHARACTERS, check_characters

if TYPE_CHECKING:
    from dzviz.graph.model import Graph
    from dzviz.options import Layout, Look


class Format(NamedTuple):
    """One format and the module with its ``write``.

    ``placed`` formats need a layout engine, ``told`` ones all that happened.

    A ``film`` is made of nothing else. Without ``words`` numbers are written as they are, and none
    for people; `options.Look.full` then asks for all that is known of them, and all that happened.
    Arrays in full take at ``most`` so many characters of it, where it is made as a whole; the
    others are written line by line.
    """

    name: str
    module: str
    help: str
    suffixes: tuple[str, ...]
    binary: bool = False
    placed: bool = False
    told: bool = False
    film: bool = False
    words: bool = True
    most: int | None = MAX_CHARACTERS

    def tells(self, look: Look) -> bool:
        """Whether it needs all that happened."""
        return self.told or (look.full and not self.words)

    def rounds(self, look: Look) -> bool:
        """Whether it needs to know how exact the numbers are."""
        return self.words or look.full

    def write(self, graph: Graph, look: Look, layout: Layout) -> Iterator[str] | Iterator[bytes]:
        """Write a graph, chunk by chunk. What can fail fails before the first chunk."""
        if self.most is not None:
            check_characters(graph, look, self.most)
        chunks: Iterator[str] | Iterator[bytes] = import_module(self.module).write(
            graph, look, layout
        )
        return chunks


FORMATS: dict[str, Format] = {
    format.name: format
    for format in (
        Format("dot", "dzviz.formats.dot", "Graphviz DOT", (".dot", ".gv")),
        Format("svg", "dzviz.svg.canvas", "a picture as text, for the web", (".svg",), placed=True),
        Format("png", "dzviz.svg.png", "a picture in pixels", (".png",), binary=True, placed=True),
        Format(
            "pdf",
            "dzviz.svg.pdf",
            "a page, for LaTeX (extra: pdf)",
            (".pdf",),
            binary=True,
            placed=True,
        ),
        Format(
            "html",
            "dzviz.page.html",
            "a page with all steps",
            (".html", ".htm"),
            placed=True,
            told=True,
        ),
        Format(
            "gif",
            "dzviz.svg.gif",
            "a film in pixels (extra: gif)",
            (".gif",),
            binary=True,
            placed=True,
            told=True,
            film=True,
        ),
        Format(
            "animation",
            "dzviz.svg.animation",
            "a film as an SVG that plays by itself",
            (),
            placed=True,
            told=True,
            film=True,
        ),
        Format(
            "json",
            "dzviz.formats.json",
            "node-link data, as networkx reads it",
            (".json",),
            words=False,
            most=None,
        ),
        # Of 17 digits at the most an array is never shorter than a seventh of what is counted.
        Format(
            "mermaid",
            "dzviz.formats.mermaid",
            "a flowchart that GitHub draws",
            (".mmd", ".mermaid"),
            most=7 * 50_000,
        ),
        Format("text", "dzviz.formats.text", "a table, one line a Variable", (".txt",), most=None),
        Format("alt", "dzviz.formats.alt", "a description in words", ()),
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
