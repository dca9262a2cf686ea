"""The page of a sweep: sliders for the values beside the one for steps, and the curves.

One layout serves all points at which the graph has the same structure. What is drawn and said at a
point is what the page of that point alone would say; `dzviz.page.data` keeps it small.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from dzviz.budget import check_memory
from dzviz.graph.duplicates import spread
from dzviz.graph.model import Graph
from dzviz.graph.sweep import Sweep
from dzviz.options import Layout, Look
from dzviz.page import words
from dzviz.page.content import Content, content_of, head_of, plain_look, still
from dzviz.page.data import Texts, layers_over, quote
from dzviz.page.html import (
    VALUES,
    page,
    picture_of,
    player,
    story,
    story_table,
    variables,
    why_no_steps,
)
from dzviz.page.languages import in_languages, note
from dzviz.page.views import views
from dzviz.progress import through
from dzviz.svg import primitives as pen
from dzviz.svg.curve import BOX, Curve
from dzviz.svg.swept import around, curves_of, sheet_of
from dzviz.svg.timeline import PART_MEMORY, STEP_MEMORY, Track, on_sheet
from dzviz.text.descriptions import description
from dzviz.text.languages import say
from dzviz.text.phrases import clean
from dzviz.text.sweeps import axis_texts, value_name
from dzviz.text.typeset import typeset

OPENING = 0.7
"""A page opens at this part of each axis: in the middle many a function is 0."""

TEXT_MEMORY = 10
"""The texts of a point take this many times the memory of its steps while they are put together."""


def write(sweep: Sweep, look: Look, layout: Layout) -> Iterator[str]:
    """Write a sweep as a page; all that can fail fails here, before the first chunk.

    Raises:
        LayoutError: No engine could place the nodes.
    """
    return iter([in_languages(look, lambda look, more: _page(sweep, look, layout, more))])


def _page(sweep: Sweep, look: Look, layout: Layout, more: str) -> str:
    drawn = plain_look(look)
    start = _start(sweep)
    texts = Texts(len(sweep.graphs))
    curves = _Curves(sweep, drawn)
    firsts: list[Content] = []
    pictures: list[dict[str, Any]] = []
    begin: Content | None = None
    for points in sweep.parts:
        tracks: dict[int, Sequence[Track]] = {}
        for point, content in _contents(sweep, points, drawn, layout):
            tracks[point] = [*content.tracks, *_beside(content), *curves.tracks(point)]
            if point == points[0]:
                firsts.append(content)
            if point == start:
                begin = content
        end = {"step": firsts[-1].facts["steps"] - 1, "why": ""}  # where all gradients are there
        known = {"opening": end, "layers": layers_over(tracks, texts)}
        pictures.append(firsts[-1].facts | known)
    assert begin is not None
    facts = {
        "axes": [_axis(sweep, i, curve) for i, curve in enumerate(curves_of(sweep, 0, drawn))],
        "start": start,
        "pictures": pictures,
        **({"which": sweep.structure} if len(pictures) > 1 else {}),
    }
    stepping = any(content.facts["steps"] > 1 for content in firsts)
    sliders = _sliders(sweep, start)
    closed = not next(views(sweep.drawn[start], layout.expanded, look.style)).is_whole
    lang = drawn.lang
    why = note(lang, _CLOSED) if closed else why_no_steps(begin.graph, lang)
    dock = player(begin.film, sliders) if stepping else f"{why}{sliders}"
    table = variables(begin.graph, drawn)
    panel = f"<div>{dock}\n<div id='marks' data-key='marks'></div>\n</div>"
    slots = {
        "picture": _picture(begin),
        "player": f'<div id="dock">\n{panel}\n{curves.html(start)}</div>\n',
        "variables": f'<div {VALUES} data-key="variables">\n{table}</div>\n',
        "story": story_table(story(begin.film), lang, "story") if stepping else "",
        "data": quote(head_of(begin) | facts | texts.as_data()),
        "views": _templates(firsts),
        "more": more,
        "keys": _keys(len(sweep.axes), lang),
    }
    return page(begin.graph, look, slots, scripts=("sweep.js",), styles=("sweep.css",))


def _contents(
    sweep: Sweep, points: Sequence[int], look: Look, layout: Layout
) -> Iterator[tuple[int, Content]]:
    """Say all there is to say at each of some points, which have one layout."""
    graphs = [_shown(sweep.drawn[point], look, layout) for point in points]
    size = STEP_MEMORY + PART_MEMORY * (len(graphs[0].nodes) + len(graphs[0].edges))
    check_memory(TEXT_MEMORY * len(points) * size)
    whole = [spread(graph)._replace(film=bool(graph.events)) for graph in graphs]
    sheet = sheet_of(whole, look, layout)
    feet = [sheet.foot(graph) for graph in whole]
    sheet = sheet._replace(box=around([box for _, box in feet]), caption="")
    some = zip(graphs, whole, feet, strict=True)
    for point, (graph, all_of_it, (caption, _)) in zip(through(points), some, strict=True):
        stepping = bool(graph.events)
        film = on_sheet(all_of_it, sheet) if stepping else still(graph, sheet)
        film = film._replace(tracks=(*film.tracks, Track("caption", ((0, caption),))))
        yield point, content_of(graph, look, film)


def _shown(graph: Graph, look: Look, layout: Layout) -> Graph:
    """Return the graph of the view that a page shows first; it has this one alone."""
    return next(views(graph, layout.expanded, look.style)).graph


def _beside(content: Content) -> Iterator[Track]:
    """Write what changes with the value, and not with the step."""
    graph, look = content.graph, content.look
    yield Track("variables", ((0, variables(graph, look)),))
    if content.facts["steps"] > 1:
        yield Track("story", ((0, story(content.film)),))
    yield Track("described", ((0, pen.escape(description(graph, look))),))


def _start(sweep: Sweep) -> int:
    """Return the point at which a page opens."""
    point = 0
    for length in sweep.shape:
        point = point * length + round((length - 1) * OPENING)
    return point


def _axis(sweep: Sweep, number_: int, curve: Curve) -> dict[str, Any]:
    """Return what the script needs to know of an axis."""
    axis = sweep.axes[number_]
    return {
        "label": axis.label,
        "values": axis.values,
        "texts": [typeset(text) for text in axis_texts(axis)],
        "places": [round(curve.x(value), 2) for value in axis.values],
    }


def _sliders(sweep: Sweep, start: int) -> str:
    """Write a slider for each axis."""
    lines = []
    for i, (axis, place) in enumerate(zip(sweep.axes, sweep.at(start), strict=True)):
        text = words(value_name(axis, place))
        lines.append(
            f'<div class="axis"><label for="axis{i}">{words(clean(axis.label))}</label>\n'
            f'<input type="range" id="axis{i}" data-axis="{i}" min="0" '
            f'max="{len(axis.values) - 1}" value="{place}" aria-valuetext="{text}">\n'
            f'<output for="axis{i}" data-value="{i}">{text}</output></div>\n'
        )
    return "".join(lines)


def _templates(firsts: Sequence[Content]) -> str:
    """Write the pictures of all structures, where there are several."""
    if len(firsts) < 2:
        return ""
    return "".join(
        f'<template data-picture="{i}">{_picture(content)}</template>\n'
        for i, content in enumerate(firsts)
    )


def _picture(content: Content) -> str:
    """Draw the last step; its description, too, is for the script to fill."""
    drawn = "".join(picture_of(content))
    return drawn.replace("<desc>", '<desc data-key="described">', 1)


class _Curves:
    """The curves through each point, each line of points drawn once."""

    def __init__(self, sweep: Sweep, look: Look) -> None:
        self.sweep, self.look = sweep, look
        self.known: dict[tuple[int, int], tuple[Curve, str, str]] = {}

    def through(self, axis: int, point: int) -> tuple[Curve, str, str]:
        """Return the curve along an axis, as it is drawn without the point, and its sentences."""
        line = self.sweep.line(axis, point)
        key = axis, line[0]
        if key not in self.known:
            curve = Curve(self.sweep, axis, line, self.look)
            items = "".join(f"<li>{words(text)}</li>\n" for text in curve.sentences())
            self.known[key] = curve, curve.still(), items
        return self.known[key]

    def tracks(self, point: int) -> Iterator[Track]:
        """Draw all that stands on the curves at a point."""
        places = self.sweep.at(point)
        found = []
        for axis, place in enumerate(places):
            curve, drawn, items = self.through(axis, point)
            yield Track(f"curve{axis}", ((0, drawn),))
            yield Track(f"point{axis}", ((0, curve.at(place)),))
            yield Track(f"name{axis}", ((0, pen.escape(typeset(curve.title))),))
            found.append(items)
        items = "".join(found)
        yield Track("marks", ((0, f"<ul>\n{items}</ul>" if items else ""),))

    def html(self, start: int) -> str:
        """Write the elements that the script fills."""
        wide, high = BOX[2:]
        figures = []
        for axis, place in enumerate(self.sweep.at(start)):
            curve, drawn, _ = self.through(axis, start)
            figures.append(
                f'<svg data-curve="{axis}" role="img" aria-labelledby="name{axis}" '
                f'viewBox="0 0 {pen.number(wide)} {pen.number(high)}" '
                f'font-family="{pen.FONT}" text-anchor="middle">\n'
                f'<title id="name{axis}" data-key="name{axis}">{escape(curve.title)}</title>\n'
                f'<g data-key="curve{axis}">\n{drawn}</g>\n'
                f'<g data-key="point{axis}">\n{curve.at(place)}</g>\n</svg>\n'
            )
        return f'<div id="curves">\n{"".join(figures)}</div>\n'


def _keys(axes: int, lang: str) -> str:
    what = say(lang, _KEYS[axes - 1])
    return f"<dt>{say(lang, 'comma, full stop')}</dt><dd>{what}</dd>\n"


_CLOSED = (
    "This page has no steps, since ops made of other ops are drawn as one. The page of "
    "{option} has them."
)

_KEYS = (
    "previous value, next value",
    "first value: previous, next; with Shift, the second value",
)
