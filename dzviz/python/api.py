"""The Python interface: pictures of Variables, as text, as bytes, in a notebook.

It runs no backward pass, and shows what the Variables hold.
"""

from __future__ import annotations

import os
import re
import warnings
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from dzviz.engine import Recording
from dzviz.errors import DzvizWarning, LayoutError, OutputError, UsageError, did_you_mean
from dzviz.fields import options_of
from dzviz.files import named
from dzviz.files import replace as replace_file
from dzviz.formats import FORMATS, Format, format_named, format_of_file
from dzviz.graph.model import Graph
from dzviz.options import FULL, Layout, Look, View
from dzviz.page import framed
from dzviz.pipeline import Drawing, fitting
from dzviz.pipeline.view import chosen
from dzviz.sources import SOURCES, graph_of, read_graph
from dzviz.sources.snapshot import snapshot as of_ours
from dzviz.styles import with_style
from dzviz.svg import raster

if TYPE_CHECKING:
    import graphviz

Drawable = Any
"""A Variable or a sequence of them, of our engine or any other that is known, or a Graph."""


def render(y: Drawable, format: str, **look: Any) -> bytes:
    """Draw the graph that computed ``y``, or a Graph, in any format of `dzviz.formats.FORMATS`.

    Films and pages show what happened only for a Graph that `record` made. ``look`` takes the
    fields of `dzviz.options.Look` and `dzviz.options.View`, and ``engine``, ``timeout`` and
    ``font`` for the formats that need a layout. Text is UTF-8.

    Raises:
        UsageError: There is no such format or option.
        LayoutError: No layout engine could place the nodes, or there are too many.
    """
    return joined(_chunks(y, format, look), FORMATS[format])


def joined(chunks: Any, format: Format) -> bytes:
    """Return the chunks of a picture in a format as bytes."""
    return b"".join(chunks) if format.binary else "".join(chunks).encode()


def load(graph: str | os.PathLike[str] | Mapping[str, Any]) -> Graph:
    """Return the graph in a JSON file, or in a document that has been parsed already.

    The file is one that ``-T json --full`` writes, or that any engine writes in the same form; see
    the schema ``dzviz/graph/2``.

    Raises:
        UsageError: The file cannot be read, or something in it does not follow the schema.
    """
    if isinstance(graph, Mapping):
        return SOURCES["json"].code.graph(graph)  # type: ignore[no-any-return]
    return read_graph(named(os.fspath(graph)))


def draw(y: Drawable, *, format: str = "svg", **look: Any) -> Picture:
    """Draw the graph that computed ``y``, or a Graph, as a picture that a notebook shows.

    As ``animation`` or ``html``, it is a film or a page of all steps, for a Graph that `record`
    made. ``look`` is as for `render`.

    Raises:
        UsageError: There is no such format or option.
    """
    return Picture(graph_of(y), look, format)


FITS = 640.0
"""A picture of so many pixels fits into a cell; a wider one is as wide as its cell."""


class Picture:
    """A picture of a graph as it was when it was drawn: SVG in a notebook, a table elsewhere.

    In another ``format``, it is a film, a page or pixels.
    """

    def __init__(self, graph: Graph, look: dict[str, Any], format: str = "svg") -> None:
        self.graph = graph
        self.format = format
        self._options = look
        # What is wrong with an option is said now, not when a notebook asks for the picture.
        format_named(format)
        options_from(look)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG.

        Raises:
            LayoutError: No engine could place the nodes.
        """
        return self._made("svg").decode()

    @cached_property
    def text(self) -> str:
        """The same as a table."""
        return self._made("text").decode()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it into a file, in the format of its suffix: ``picture.save("a.svg")``.

        A film is written as one where its suffix is .svg.

        Raises:
            UsageError: No format has this suffix.
            LayoutError: No engine could place the nodes, or there are too many.
            OutputError: The file cannot be written.
        """
        path = os.fspath(path)
        name = format_of_file(path).name
        film = name == "svg" and self.format == "animation"
        write(path, self._made("animation" if film else name))

    def _made(self, format: str) -> bytes:
        return render(self.graph, format, **self._options)

    def __repr__(self) -> str:
        return self.text.rstrip("\n")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return bundle(self.format, self._made(self.format), repr(self))


class Answered(ABC):
    """An answer that has a picture, which a notebook shows where it is ``pictured``."""

    pictured = True

    @property
    @abstractmethod
    def picture(self) -> Picture:
        """Its picture."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write its picture into a file, in the format of the suffix: ``answer.save("a.svg")``.

        Raises:
            UsageError: No format has this suffix.
            LayoutError: No engine could place the nodes, or there are too many.
            OutputError: The file cannot be written.
        """
        self.picture.save(path)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        shown = self.picture._repr_mimebundle_() if self.pictured else {}
        return {**shown, "text/plain": repr(self)}


def write(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file, or leave it as it was.

    Raises:
        OutputError: It cannot be written.
    """
    path = os.fspath(path)
    try:
        replace_file(path, data)
    except OSError as error:
        raise OutputError(f"cannot write {path!r}: {error.strerror or error}") from None


def bundle(format: str, data: bytes, text: str) -> dict[str, str]:
    """Return what a notebook shows of something in a format, and its ``text`` where that is all.

    An SVG shrinks to the width of its cell; beside it is a PNG, for those who make LaTeX from a
    notebook.
    """
    known = FORMATS.get(format)
    mime, binary = (known.mime, known.binary) if known else (None, False)
    if mime is None:
        return {"text/plain": text if binary else data.decode().rstrip("\n")}
    if mime == "text/html":
        return {mime: framed(data.decode(), "All steps"), "text/plain": text}
    if mime != "image/svg+xml":
        return {mime: b64encode(data).decode() if binary else data.decode(), "text/plain": text}
    svg = data.decode()
    shown = {mime: _fitting(svg), "text/plain": text}
    try:
        pixels = raster.png(svg)
    except LayoutError as error:
        warnings.warn(
            f"the notebook gets no PNG beside the SVG: {error}", DzvizWarning, stacklevel=2
        )
        return shown
    return {**shown, "image/png": b64encode(pixels).decode()}


def _fitting(svg: str) -> str:
    """Let an SVG shrink; where it is an image of its own, only its own width tells how wide."""
    width, _ = raster.size(svg)
    most = f"{width:.0f}px" if width > FITS else "100%"
    styled = svg.replace("<svg ", f'<svg style="max-width:{most};height:auto" ', 1)
    if width <= FITS:
        return styled
    return re.sub(r' width="[^"]*" height="[^"]*"', ' width="100%"', styled, count=1)


def snapshot(
    y: Drawable, *, title: str | None = None, recording: Recording | None = None, **facts: Any
) -> Graph:
    """Return the graph that computed ``y``, with the values and gradients that it has now.

    ``title`` is the text below it, ``recording`` what happened in the last backward pass of dzviz's
    own engine. Further ``facts`` about its Variables are those of
    `dzviz.sources.snapshot.snapshot`.

    Raises:
        TypeError: ``y`` is not a Variable of a known engine, or a sequence of them.
        ValueError: There is no output, or a Variable without data.
        EvaluationError: A Variable has data that are not real numbers.
    """
    if facts or recording is not None or (isinstance(y, list | tuple) and not y):
        return of_ours(y, title=title, recording=recording, **facts)
    graph = graph_of(y)
    return graph if title is None else graph._replace(title=title)


def to_dot(y: Drawable, **look: Any) -> str:
    """Write the graph that computed ``y``, or a Graph, as DOT; ``look`` takes the fields of `Look`.

    Raises:
        UsageError: There is no such option.
    """
    chunks: Any = _chunks(y, "dot", look)
    return "".join(chunks)


def to_graphviz(y: Drawable, **look: Any) -> graphviz.Source:
    """Return the DOT as a Source of the graphviz package.

    Raises:
        UsageError: There is no such option.
    """
    import graphviz

    return graphviz.Source(to_dot(y, **look))


def _chunks(y: Drawable, format: str, options: dict[str, Any]) -> Iterator[str] | Iterator[bytes]:
    look, extent, layout = options_from(options)
    made = format_named(format)
    digits = made.digits(look) if extent == View() else FULL * made.words
    graph, film = graph_of(y, words=digits), made.film or made.is_step(look)
    drawn, _ = chosen(
        graph,
        graph,
        extent,
        placed=made.placed,
        film=film,
        parts=made.needs_events(look),
        style=look.style,
        only=look.only,
    )
    if look.fit:
        look, layout, _ = fitting(drawn, made, look, layout, film=film)
    return Drawing(drawn, made, look, layout).chunks()


def options_from(given: dict[str, Any]) -> tuple[Look, View, Layout]:
    """Sort options by what they are of."""
    return _sorted(given) if given else _unasked()


@cache
def _unasked() -> tuple[Look, View, Layout]:
    """Return all options where none is given, which nobody can change."""
    return _sorted({})


def _sorted(given: dict[str, Any]) -> tuple[Look, View, Layout]:
    kinds: Any = {kind: [o.name for o in options_of(kind)] for kind in (Look, View, Layout)}
    names = [name for each in kinds.values() for name in each]
    for name in given:
        if name not in names:
            meant = did_you_mean(name, names)
            hint = f"{meant or ''} there are {', '.join(names)}".strip()
            raise UsageError(f"unknown display option '{name}'", hint=hint)
    look, extent, layout = (
        kind(**{name: given[name] for name in known if name in given})
        for kind, known in kinds.items()
    )
    layout = replace(layout, expanded=extent.expanded, fixed=frozenset(given))
    return with_style(look), extent, layout
