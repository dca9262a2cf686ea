"""Two graphs as one picture, at the same scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import Field, replace
from typing import Any

from dzviz.errors import EvaluationError, UsageError
from dzviz.fields import options_of
from dzviz.formats import FORMATS, Format
from dzviz.graph.model import Graph
from dzviz.options import Layout, Look
from dzviz.pipeline.drawing import Drawing, drawing_of, idle
from dzviz.records import NamedTuple
from dzviz.styles import check_objects

DRAWN = ("svg", "png", "pdf")
"""The formats in which two pictures become one."""

LEFT_OUT = ("fit", "steps", "pace", "full", "standalone", "title")
"""The display options that are not for two pictures at once, or not for these formats."""

LOOKS = tuple(option.name for option in options_of(Look) if option.name not in LEFT_OUT)
"""The display options of two graphs."""


class BesideDrawing(NamedTuple):
    """Two graphs that only need to be written, as a `Drawing` is of one."""

    drawings: tuple[Drawing, ...]
    title: str
    format: Format
    look: Look
    layout: Layout
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    failed: EvaluationError | None = None

    @property
    def graph(self) -> Graph:
        """The first graph."""
        return self.drawings[0].graph

    def within(self, theme: str) -> BesideDrawing:
        """Return the same in the colours of a theme."""
        drawings = tuple(each.within(theme) for each in self.drawings)
        return self._replace(drawings=drawings, look=replace(self.look, theme=theme))

    def idle(self, option: Field[object]) -> str:
        """Say in what an option can change nothing, if it cannot."""
        return idle(self.format, self.look, option)

    def alt(self) -> str:
        """Say in words what it shows."""
        return " ".join(each.alt() for each in self.drawings)

    def plain(self) -> str:
        """Write both as text, for where no picture is shown."""
        return "\n".join(each.plain() for each in self.drawings)

    def svg(self) -> str:
        """Draw both as one SVG.

        Raises:
            LayoutError: No engine could place the nodes, or there are too many.
        """
        from dzviz.svg.joined import joined

        pictures = ["".join(map(str, each.chunks())) for each in self.drawings]
        return joined(pictures, self.look, self.title, self.alt())

    def chunks(self) -> Iterator[str] | Iterator[bytes]:
        """Write it; what can fail fails before the first chunk."""
        from dzviz.svg.stills import converted

        made: Any = next(converted([self.svg()], self.format.name, self.look, self.layout))
        chunks: Iterator[bytes] = iter(made)
        return chunks


def check_beside(format: Format) -> None:
    """See that a format draws two graphs as one.

    Raises:
        UsageError: It does not.
    """
    if format.name not in DRAWN:
        raise UsageError(
            f"{format.name} does not draw two graphs side by side",
            hint=f"formats: {', '.join(DRAWN)}",
        )


def beside(
    graphs: Sequence[Graph], names: Sequence[str], format: Format, look: Look, layout: Layout
) -> BesideDrawing:
    """Choose what of each graph is drawn; ``names`` are what they are called.

    Raises:
        DzvizError: Whatever is wrong.
    """
    check_beside(format)
    check_objects(look)
    drawings = tuple(
        drawing_of(graph, FORMATS["svg"], look)._replace(layout=layout) for graph in graphs
    )
    return BesideDrawing(drawings, " | ".join(names), format, look, layout)
