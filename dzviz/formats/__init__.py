"""The table of formats: their names, their suffixes, and the modules that write them.

A format is one module with ``write(graph, look, layout)``, which yields text or bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from dzviz.errors import UsageError, did_you_mean
from dzviz.options import ENGLISH, FULL, LANGUAGE, PLACED, WORDED
from dzviz.records import NamedTuple
from dzviz.styles import style_named
from dzviz.text.sizes import MAX_CHARACTERS, check_characters

if TYPE_CHECKING:
    from dzviz.graph.model import Graph
    from dzviz.options import Layout, Look


class Format(NamedTuple):
    """One format and the module with its ``write``.

    Its ``kind`` is one of `dzviz.options.KINDS`. Arrays in full take at ``most`` so many characters
    of it, where it is made as a whole; the others are written line by line.

    A file may be written over that ``begins`` so, as a pattern; without one none is. A document
    shows it as a ``block`` of that language, or as an ``image`` in a file with that suffix; without
    either it cannot. A notebook shows it as its ``mime`` type, or else as text. What says where
    something stands is written as in ``places``, a name of `dzviz.documents.equivalence.PLACES`.
    """

    name: str
    module: str
    kind: str
    help: str
    suffixes: tuple[str, ...]
    binary: bool = False
    most: int | None = MAX_CHARACTERS
    begins: bytes | None = None
    block: str | None = None
    image: str | None = None
    mime: str | None = None
    places: str | None = None

    @property
    def placed(self) -> bool:
        """Whether it needs a layout engine."""
        return self.kind in PLACED

    @property
    def film(self) -> bool:
        """Whether it is made of all that happened, and of nothing else."""
        return self.kind == "film"

    @property
    def events(self) -> bool:
        """Whether it tells all that happened."""
        return self.kind in ("page", "film")

    @property
    def words(self) -> bool:
        """Whether people read its numbers; otherwise they are written as they are."""
        return self.kind in WORDED

    def heeds(self, option: Field[Any], style: str | None = None) -> bool:
        """Whether an option can change it, in this style or in some."""
        facts = option.metadata
        if self.kind not in facts["formats"] or (facts["binary"] and not self.binary):
            return False
        named = style is not None and facts["styles"] is not None
        return not named or bool(getattr(style_named(str(style)), facts["styles"]))

    def needs_events(self, look: Look) -> bool:
        """Whether it needs all that happened."""
        return self.events or (look.full and self.kind == "data") or self.is_step(look)

    def is_step(self, look: Look) -> bool:
        """Whether it shows one step of a film."""
        return bool(look.steps) and self.kind == "picture"

    def digits(self, look: Look) -> int:
        """With how many digits people read its numbers at most, if all nodes are drawn."""
        short = self.kind == "diagram" and (look.style, look.edges) == ("boxes", "plain")
        return look.precision if short else FULL * self.words

    def rounds(self, look: Look) -> int:
        """Up to how many digits it needs to know how exact the numbers are, whatever is drawn."""
        return FULL * (self.words or look.full)

    def note(self, graph: Graph) -> tuple[str, ...]:
        """Say what has to be known of a graph in this format; mostly nothing."""
        if self.kind != "tex":
            return ()
        sentence = import_module(self.module).note(graph)
        return () if sentence is None else (sentence,)

    def write(self, graph: Graph, look: Look, layout: Layout) -> Iterator[str] | Iterator[bytes]:
        """Write a graph, chunk by chunk. What can fail fails before the first chunk."""
        if self.most is not None:
            check_characters(graph, look, self.most)
        if look.lang != ENGLISH and not self.heeds(LANGUAGE):
            look = replace(look, lang=ENGLISH)
        chunks: Iterator[str] | Iterator[bytes] = import_module(self.module).write(
            graph, look, layout
        )
        return chunks


FORMATS: dict[str, Format] = {
    format.name: format
    for format in (
        Format(
            "dot",
            "dzviz.formats.dot",
            "diagram",
            "Graphviz DOT",
            (".dot", ".gv"),
            begins=rb"digraph dzviz \{",
            block="dot",
        ),
        Format(
            "svg",
            "dzviz.svg.canvas",
            "picture",
            "a picture as text, for the web",
            (".svg",),
            begins=rb"(?s)\s*<.*<svg\b|\s*<svg\b",
            image=".svg",
            mime="image/svg+xml",
            places="svg",
        ),
        Format(
            "png",
            "dzviz.svg.png",
            "picture",
            "a picture in pixels",
            (".png",),
            binary=True,
            begins=rb"\x89PNG\r\n\x1a\n",
            image=".png",
            mime="image/png",
        ),
        Format(
            "pdf",
            "dzviz.svg.pdf",
            "picture",
            "a PDF page, for LaTeX (extra: pdf)",
            (".pdf",),
            binary=True,
            begins=rb"%PDF-",
            mime="application/pdf",
        ),
        Format(
            "tikz",
            "dzviz.svg.tikz",
            "tex",
            "TikZ for LaTeX, in the font of the document",
            (".tex",),
            begins=(
                rb"(?s)(?:\\documentclass\{article\}\n.{,200})?"
                rb"% A computational graph, by dzviz\."
            ),
            places="tikz",
        ),
        Format(
            "html",
            "dzviz.page.html",
            "page",
            "a page with all steps",
            (".html", ".htm"),
            begins=(
                rb'(?s)<!DOCTYPE html>\n<html lang="\w+"[^>]*>.{,60}<meta http-equiv="Content-Sec'
            ),
            mime="text/html",
        ),
        Format(
            "gif",
            "dzviz.svg.gif",
            "film",
            "a film in pixels (extra: gif)",
            (".gif",),
            binary=True,
            begins=rb"GIF8",
            image=".gif",
            mime="image/gif",
        ),
        Format(
            "animation",
            "dzviz.svg.animation",
            "film",
            "a film as an SVG that plays by itself",
            (),
            image=".svg",
            mime="image/svg+xml",
            places="svg",
        ),
        Format(
            "json",
            "dzviz.formats.json",
            "data",
            "node-link data, as networkx reads it",
            (".json",),
            most=None,
            begins=rb'\{\s*"schema": "dzviz/',
            block="json",
        ),
        Format(
            "graphml",
            "dzviz.formats.graphml",
            "attributes",
            "nodes and edges with flat attributes, for networkx, Gephi, yEd",
            (".graphml",),
            most=None,
            begins=rb'<\?xml version="1.0" encoding="UTF-8"\?>\n<graphml ',
        ),
        Format(
            "gexf",
            "dzviz.formats.gexf",
            "attributes",
            "the same for Gephi",
            (".gexf",),
            most=None,
            begins=rb'<\?xml version="1.0" encoding="UTF-8"\?>\n<gexf ',
        ),
        # Of 17 digits at the most an array is never shorter than a seventh of what is counted.
        Format(
            "mermaid",
            "dzviz.formats.mermaid",
            "chart",
            "a flowchart that GitHub draws",
            (".mmd", ".mermaid"),
            most=7 * 50_000,
            begins=rb"---\nconfig:\n|flowchart ",
            block="mermaid",
        ),
        Format(
            "text",
            "dzviz.formats.text",
            "table",
            "a table, one line per Variable",
            (".txt",),
            most=None,
            begins=rb"(?s)(?:name +)?from\b|.*Computational graph of ",
            block="text",
        ),
        Format(
            "alt", "dzviz.formats.alt", "description", "a description in words", (), block="text"
        ),
    )
}
"""Every format by its name."""


def format_named(name: str) -> Format:
    """Return the format of this name.

    Raises:
        UsageError: There is none.
    """
    if name not in FORMATS:
        meant = did_you_mean(name, FORMATS)
        hint = " ".join(filter(None, (meant, f"formats: {', '.join(FORMATS)}")))
        raise UsageError(f"unknown format '{name}'", hint=hint)
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
