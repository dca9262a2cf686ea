"""A sweep as a picture: what each kind of format shows of it.

A page has sliders, a film runs over the values, a picture that stands still is the plot, and a
description is its words. What is numbers alone is for ``dzviz grad --sweep``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import Field, replace
from typing import Any

from dzviz.budget import check_time
from dzviz.errors import EvaluationError, UsageError
from dzviz.formats import Format
from dzviz.graph.model import Graph
from dzviz.graph.sweep import Axis, Sweep
from dzviz.options import Layout, Look, View
from dzviz.pipeline import Computation, Taken, expanding, idle
from dzviz.pipeline.view import chosen, remarks
from dzviz.progress import begin
from dzviz.records import NamedTuple
from dzviz.sweeps.points import taken
from dzviz.text.sweeps import change_sentences

LENGTH = 10.0
"""A film over values takes so many seconds, where no pace is given."""

FASTEST = 0.1
"""The least seconds for which a value is shown, if no pace is given."""


PLOTTED = ("theme", "background", "font_size", "scale", "font")
"""The options that can change a plot."""


class SweptDrawing(NamedTuple):
    """A sweep that only needs to be written; ``warnings`` and ``notes`` are sentences about it."""

    sweep: Sweep
    format: Format
    look: Look
    layout: Layout
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    film: bool = False
    failed: EvaluationError | None = None

    @property
    def graph(self) -> Graph:
        """The graph at the first point."""
        return self.sweep.drawn[0]

    def within(self, theme: str) -> SweptDrawing:
        """Return the same in the colours of a theme."""
        return self._replace(look=replace(self.look, theme=theme))

    def idle(self, option: Field[Any]) -> str:
        """Say in what an option can change nothing, if it cannot."""
        if self.film or self.format.kind == "page":
            return idle(self.format, self.look, option)
        plotted = option.name in PLOTTED and self.format.heeds(option)
        return "" if plotted else f"the plot of a sweep ({self.format.name})"

    def alt(self) -> str:
        """Say in words what it shows."""
        return _words(self)

    def plain(self) -> str:
        """Say the same, for where no picture is shown."""
        return f"{_words(self)}\n"

    def timeline(self) -> Any:
        """Draw the film over the values.

        Raises:
            LayoutError: No engine could place the nodes, or there are too many values.
        """
        from dzviz.svg.swept import over_values

        if self.look.steps:
            raise UsageError("--steps is for one computation; what a sweep shows are values")

        return over_values(self.sweep, self.look, self.layout)

    def chunks(self) -> Iterator[str] | Iterator[bytes]:
        """Write it, chunk by chunk; what can fail fails before the first one."""
        chunks: Iterator[str] | Iterator[bytes] = WRITERS[self.format.name](self)
        return chunks


def prepare(
    computation: Computation,
    axes: Sequence[Axis],
    format: Format,
    look: Look,
    view: View,
    layout: Layout,
    *,
    film: bool = False,
    strict: bool = False,
) -> SweptDrawing:
    """Compute a graph at each point and choose what of it is drawn, and how."""
    film |= format.film
    if not film and format.name not in WRITERS:
        raise UsageError(
            f"a sweep is drawn as a page, a film or a plot, not as {format.name}",
            hint="-o page.html, -o film.gif or -o curve.svg; its numbers: dzviz grad --sweep",
        )
    if look.fit:
        raise UsageError("--fit does not work with sweeps", hint="leave out --fit, or --sweep")
    events = format.kind == "page"
    begin("computing")
    with expanding(view):
        found, warnings, notes = taken(computation, axes, events=events, strict=strict)
    check_time()
    drawn = [_drawn(each, view, look, format, film=film) for each in found]
    sweep = Sweep(axes, [each.graph for each in found], drawn)
    begin("")
    if film and "pace" not in layout.fixed:
        look = replace(look, pace=max(FASTEST, min(look.pace, LENGTH / len(drawn))))
    if events or film:
        wide = format.placed and not events
        notes += remarks(drawn[0], view, look.style, wide=wide)
    notes += tuple(change_sentences(sweep))
    begin("placing the nodes")
    return SweptDrawing(
        sweep, format, look, replace(layout, expanded=view.expanded), warnings, notes, film
    )


def _drawn(each: Taken, view: View, look: Look, format: Format, *, film: bool) -> Graph:
    """Choose what is drawn of a graph; a plot is of the whole."""
    graph = each.graph
    if format.kind != "page" and not film:
        return graph
    drawn, _ = chosen(
        graph,
        graph,
        view,
        placed=True,
        parts=format.kind == "page",
        style=look.style,
        only=look.only,
    )
    return drawn


def _page(drawing: SweptDrawing) -> Iterator[str]:
    from dzviz.page.swept import write

    return write(drawing.sweep, drawing.look, drawing.layout)


def _animation(drawing: SweptDrawing) -> Iterator[str]:
    from dzviz.svg.animation import written

    return written(drawing.timeline(), _words(drawing))


def _gif(drawing: SweptDrawing) -> Iterator[bytes]:
    from dzviz.svg.gif import written

    return written(drawing.timeline(), drawing.layout)


def _plot(drawing: SweptDrawing) -> Any:
    from dzviz.svg.stills import converted
    from dzviz.svg.swept import plot

    svg = "".join(plot(drawing.sweep, drawing.look))
    (made,) = converted([svg], drawing.format.name, drawing.look, drawing.layout)
    return iter(made)


def _words(drawing: SweptDrawing) -> str:
    from dzviz.svg.swept import plot_words

    return plot_words(drawing.sweep, drawing.look)


def _alt(drawing: SweptDrawing) -> Iterator[str]:
    return iter([f"{_words(drawing)}\n"])


WRITERS: dict[str, Callable[[SweptDrawing], Any]] = {
    "html": _page,
    "animation": _animation,
    "gif": _gif,
    **dict.fromkeys(("svg", "png", "pdf"), _plot),
    "alt": _alt,
}
"""How each format is written of a sweep."""
