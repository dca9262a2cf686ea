"""From a graph to a picture: what of it is drawn, how it fits, and in which format it is written.

What can fail fails before the first chunk is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, replace
from typing import TYPE_CHECKING, Any

from dzviz.budget import check_time
from dzviz.errors import EvaluationError, UsageError
from dzviz.formats import FORMATS, Format
from dzviz.options import Layout, Look, View
from dzviz.pipeline.computation import Computation, Given, expanding
from dzviz.pipeline.graphs import take
from dzviz.pipeline.view import chosen, remarks
from dzviz.progress import begin
from dzviz.records import NamedTuple
from dzviz.styles import check_objects

if TYPE_CHECKING:
    from dzviz.graph.model import Graph
    from dzviz.svg.timeline import Timeline


class Drawing(NamedTuple):
    """A graph that only needs to be written; ``warnings`` and ``notes`` are sentences about it.

    Where its computation ``failed``, that is to be said after it is written.
    """

    graph: Graph
    format: Format
    look: Look
    layout: Layout
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    failed: EvaluationError | None = None

    def within(self, theme: str) -> Drawing:
        """Return the same in the colours of a theme."""
        return self._replace(look=replace(self.look, theme=theme))

    def idle(self, option: Field[Any]) -> str:
        """Say in what an option can change nothing, if it cannot."""
        return idle(self.format, self.look, option)

    def alt(self) -> str:
        """Say in words what it shows."""
        from dzviz.text.descriptions import alt_text

        return alt_text(self.graph, self.look)

    def plain(self) -> str:
        """Write it as text, for where no picture is shown."""
        return "".join(map(str, self._replace(format=FORMATS["text"]).chunks()))

    def timeline(self) -> Timeline:
        """Draw the steps that are asked for.

        Raises:
            LayoutError: No engine could place the nodes, or there are too many steps.
            UsageError: There are no such steps.
        """
        from dzviz.svg.timeline import film

        return film(self.graph, self.look, self.layout)

    def chunks(self) -> Iterator[str] | Iterator[bytes]:
        """Write it, chunk by chunk; what can fail fails before the first one.

        Raises:
            UsageError: It is one picture, and several steps are asked for.
            DzvizError: Whatever else is wrong.
        """
        if self.format.is_step(self.look):
            from dzviz.svg.stills import step

            return step(self.timeline(), self.format.name, self.look, self.layout)
        return self.format.write(self.graph, self.look, self.layout)


def idle(format: Format, look: Look, option: Field[Any]) -> str:
    """Say in which format, or in which style of it, an option can change nothing, if it cannot."""
    if format.heeds(option, look.style):
        return ""
    return format.name + (f" in the style {look.style}" if format.heeds(option) else "")


def prepare(
    computation: Computation | Given,
    format: Format,
    look: Look,
    view: View,
    layout: Layout,
    *,
    film: bool = False,
    strict: bool = False,
) -> Drawing:
    """Compute a graph and choose what of it is drawn, and how."""
    if look.full and format.kind != "data":
        raise UsageError(f"--full is for JSON, not {format.name}", hint="as in: -T json --full")
    if format.kind != "data":
        check_objects(look)
    film = film or format.is_step(look)
    events = format.needs_events(look) or film
    begin("computing")
    with expanding(view):
        taken = take(
            computation,
            events=events,
            most=view.max_nodes if format.placed and not (view.cuts or look.only) else None,
            words=format.rounds(look),
            reserved=look.steady and format.placed and not events,
            strict=strict,
        )
    check_time()
    begin("choosing what to draw")
    drawn, room = chosen(
        taken.graph,
        taken.room,
        view,
        placed=format.placed,
        film=format.film or film,
        parts=events,
        style=look.style,
        only=look.only,
    )
    begin("")
    check_time()
    notes = taken.notes + remarks(drawn, view, look.style, wide=format.placed and not events)
    notes += format.note(drawn)
    begin("placing the nodes" if format.placed else "describing the graph")
    layout = replace(layout, room=room, expanded=view.expanded)
    if look.fit:
        look, layout, note = fitting(drawn, format, look, layout, film=film)
        notes += (note,)
    return Drawing(drawn, format, look, layout, taken.warnings, notes, taken.failed)


def fitting(
    graph: Graph, format: Format, look: Look, layout: Layout, *, film: bool = False
) -> tuple[Look, Layout, str]:
    """Choose what fits best into the frame that is asked for, and say so in a sentence.

    Raises:
        LayoutError: No engine could place the nodes.
    """
    if format.events and not format.film:
        return look, layout, "--fit is for pictures: an HTML page adapts to its window"
    if not format.placed:
        return look, layout, f"--fit is for pictures: {format.name} has no size"
    from dzviz.svg.fitting import fitted

    return fitted(graph, look, layout, moves=film or format.film)


def animated(format: Format) -> Format:
    """Return the format of a film for that of a picture.

    Raises:
        UsageError: It has none.
    """
    if format.name not in ("svg", "animation"):
        hint = "leave out --animate" if format.film else "as in: -o film.svg --animate"
        raise UsageError(f"--animate is for SVG, not {format.name}", hint=hint)
    return FORMATS["animation"]


def drawing_of(graph: Graph, format: Format, look: Look | None = None) -> Drawing:
    """Choose what of a graph is drawn, as of one that is computed."""
    look = look or Look()
    given = graph if format.needs_events(look) else graph._replace(events=())
    drawn, room = chosen(given, given, View(), placed=format.placed, style=look.style)
    return Drawing(drawn, format, look, Layout(room=room))
