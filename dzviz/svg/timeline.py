"""A film as SVG: one canvas for all steps, and tracks that change from time to time.

All that is drawn of films is made from it: frames, pages, animations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from dzviz.budget import check_memory
from dzviz.errors import LayoutError, UsageError
from dzviz.graph import states
from dzviz.graph.duplicates import original, spread
from dzviz.graph.model import Graph, Value, VariableNode
from dzviz.options import STEPS, Layout, Look
from dzviz.progress import through
from dzviz.records import NamedTuple
from dzviz.styles import style_named
from dzviz.svg import primitives as pen
from dzviz.svg.canvas import Canvas, canvas
from dzviz.text.labels import contribution_text, with_longest_labels
from dzviz.text.languages import say
from dzviz.text.narration import step_texts
from dzviz.text.numbers import value_lines
from dzviz.text.phrases import wrap

Key = TypeVar("Key")

SIZE = 12.0
"""The size of the text below a frame."""

NARROWEST = 440.0
"""A frame is at least so wide, in points, that most sentences are one line."""

GLYPH = 0.5
"""The width of a character in font sizes, on average."""

MOST_STEPS = 500
"""A film of more steps is not drawn: nobody would see its end."""

STEP_MEMORY = 40 << 10
PART_MEMORY = 64
"""The bytes for a step, and for each node and edge of the graph at that step."""

HOLD = 3
"""The last step is shown this many times longer than the others."""


class Track(NamedTuple):
    """A node, an edge or a label: what it is called, and its SVG from which step on."""

    key: str
    states: tuple[tuple[int, str], ...]


class Timeline(NamedTuple):
    """A film: its canvas, its steps and what is said of each, the tracks from back to front.

    ``counts`` say which step it is, where that is not ``Step 1 of 16``. A part of a film knows the
    number of its first step, and how many follow after its last.
    """

    canvas: Canvas
    steps: tuple[states.Step, ...]
    texts: tuple[str, ...]
    tracks: tuple[Track, ...]
    counts: tuple[str, ...] = ()
    first: int = 0
    after: int = 0

    @property
    def last(self) -> int:
        """The number of the last step of the whole film."""
        return self.first + len(self.steps) - 1 + self.after

    def place(self, number: int) -> str:
        """Say which step it is."""
        if self.counts:
            return self.counts[number]
        where = {"number": self.first + number, "last": self.last}
        return say(self.canvas.look.lang, "Step {number} of {last}", **where)


def timeline(graph: Graph, look: Look, layout: Layout) -> Timeline:
    """Draw all steps of a graph whose events were recorded.

    On every edge stands what flowed back along it, unless ``look`` wants none of that.

    Raises:
        LayoutError: No engine could place the nodes.
    """
    graph = spread(graph)._replace(film=True)
    _check_memory(graph)
    return on_sheet(graph, _sheet(graph, look, layout))


def on_sheet(graph: Graph, sheet: Canvas) -> Timeline:
    """Draw all steps of a graph, which is spread, on its canvas.

    Raises:
        LayoutError: It would take too much memory or time.
    """
    _check_memory(graph)
    look = sheet.look
    tracks: dict[str, list[tuple[int, str]]] = {}
    steps = []
    making = states.steps(graph, common=style_named(look.style).common)
    for number in through(range(states.length(graph))):
        step = next(making)
        steps.append(step)
        for key, part in sheet.parts(step.news if sheet.local else step.graph):
            parts = tracks.setdefault(key, [])
            if not parts or parts[-1][1] != part:
                parts.append((number, part))
    return Timeline(
        sheet,
        tuple(steps),
        tuple(step_texts(graph, look)),
        tuple(Track(key, tuple(parts)) for key, parts in tracks.items()),
    )


def _check_memory(graph: Graph) -> None:
    parts = len(graph.nodes) + len(graph.edges)
    check_memory(states.length(graph) * (STEP_MEMORY + PART_MEMORY * parts))


def film(graph: Graph, look: Look, layout: Layout) -> Timeline:
    """Draw those steps of a graph whose events were recorded that ``look`` asks for.

    Raises:
        LayoutError: No engine could place the nodes, or there are too many steps.
        UsageError: There are no such steps.
    """
    first, last = _range(states.length(graph), look)
    if last - first >= MOST_STEPS:
        raise LayoutError(
            f"the film is too long: {last - first + 1} steps, but at most {MOST_STEPS} are "
            "possible",
            hint="--steps A-B draws some of them; or draw only the last state",
        )
    whole = timeline(graph, look, layout)
    return whole._replace(
        steps=whole.steps[first : last + 1],
        texts=whole.texts[first : last + 1],
        tracks=tuple(Track(t.key, _within(t.states, first, last)) for t in whole.tracks),
        first=first,
        after=whole.last - last,
    )


def _range(count: int, look: Look) -> tuple[int, int]:
    """Return the numbers of the first and the last step that are asked for, of so many."""
    found = re.fullmatch(STEPS, look.steps)
    if found is None:
        return 0, count - 1
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first:
        raise UsageError(f"--steps {look.steps}: the last step is before the first")
    if last >= count:
        raise UsageError(f"--steps {look.steps}: there are the steps 0 to {count - 1}")
    return first, last


def _within(
    parts: tuple[tuple[int, str], ...], first: int, last: int
) -> tuple[tuple[int, str], ...]:
    """Return what a track shows from one step to another, of which the first becomes 0."""
    begin = max((i for i, (step, _) in enumerate(parts) if step <= first), default=0)
    later = [(step - first, part) for step, part in parts[begin + 1 :] if step <= last]
    return (0, parts[begin][1]), *later


def moment(graph: Graph, look: Look, layout: Layout, number: int) -> Timeline:
    """Draw one step alone, on the canvas of all.

    Raises:
        LayoutError: No engine could place the nodes.
    """
    graph = spread(graph)._replace(film=True)
    sheet = _sheet(graph, look, layout)
    step = states.step(graph, number)
    tracks = tuple(Track(key, ((0, part),)) for key, part in sheet.parts(step.graph))
    text = step_texts(graph, sheet.look)[min(number, states.length(graph) - 1)]
    return Timeline(sheet, (step,), (text,), tracks)


def _sheet(graph: Graph, look: Look, layout: Layout) -> Canvas:
    """Make the canvas of all steps of a graph, which is spread."""
    if look.contributions == "auto":
        look = replace(look, contributions="all")
    room = with_longest_labels(with_longest(graph, look))
    return canvas(graph, look, replace(layout, room=room))


def size(graph: Graph, look: Look, layout: Layout) -> tuple[float, float, float, float]:
    """Return the box of each step with the text below it, without drawing any.

    Raises:
        LayoutError: No engine could place the nodes.
    """
    graph = spread(graph)._replace(film=True)
    sheet = _sheet(graph, look, layout)
    texts = tuple(step_texts(graph, sheet.look))
    return with_narration(Timeline(sheet, (), texts, ())).box


def with_longest(graph: Graph, look: Look) -> Graph:
    """Return the graph with, at each place, the longest of the gradients that come by there."""
    gradients: dict[str, Value] = {}
    contributions: dict[tuple[str, int], Value] = {}
    for event in graph.events:
        if event.variable is not None and event.kind in ("seed", "rule", "sum"):
            _longer(gradients, event.variable, event.value, _longest_line, look)
        if event.kind == "rule":
            place = str(event.function), event.arg or 0
            _longer(contributions, place, event.value, contribution_text, look)
    return graph._replace(
        nodes=tuple(
            node._replace(grad=gradients[original(node)], grad_was=None, grad_state="retained")
            if isinstance(node, VariableNode) and original(node) in gradients
            else node
            for node in graph.nodes
        ),
        edges=tuple(
            edge
            if edge.arg is None
            else edge._replace(contribution=contributions.get((edge.target, edge.arg)))
            for edge in graph.edges
        ),
    )


def _longer(
    longest: dict[Key, Any], key: Key, value: Value, words: Callable[[Value, Look], str], look: Look
) -> None:
    if key not in longest or len(words(value, look)) > len(words(longest[key], look)):
        longest[key] = value


def _longest_line(value: Value, look: Look) -> str:
    return max(value_lines(value, look), key=len)


def seconds(count: int, look: Look) -> list[float]:
    """Say how long each of ``count`` steps stays."""
    return [look.pace] * (count - 1) + [look.pace * HOLD]


def frames(film: Timeline) -> Iterator[str]:
    """Write every step as an SVG of its own, all of one size, with what happens told below."""
    sheet = with_narration(film)
    left, top, width, height = sheet.box
    current = [0] * len(film.tracks)
    for number in through(range(len(film.steps))):
        parts = []
        for i, track in enumerate(film.tracks):
            if len(track.states) > current[i] + 1 and track.states[current[i] + 1][0] == number:
                current[i] += 1
            parts.append(track.states[current[i]][1])
        page = pen.page(sheet.look, sheet.title, film.texts[number], left, top, width, height)
        below = narration(film, sheet, number)
        yield "".join([*page, *parts, sheet.caption, below, "</svg>\n"])


def with_narration(film: Timeline) -> Canvas:
    """Return the canvas with room below for the text of any step."""
    left, top, width, height = film.canvas.box
    wider = max(width, NARROWEST)
    lines = max(len(_lines(text, wider)) for text in film.texts)
    below = (lines + 2) * SIZE * pen.LINE
    box = left - (wider - width) / 2, top, wider, height + below
    return film.canvas._replace(box=box)


def narration(film: Timeline, sheet: Canvas, number: int) -> str:
    """Write below a frame which step it is and what happens in it."""
    left, _, width, _ = sheet.box
    y = film.canvas.box[1] + film.canvas.box[3] + SIZE * pen.LINE / 2
    middle = left + width / 2
    colours = sheet.look.colours
    lines = _lines(film.texts[number], width)
    below = y + SIZE * pen.LINE * (1 + (len(lines) - 1) / 2)
    return pen.text([film.place(number)], middle, y, SIZE * 0.8, colours.quiet) + pen.text(
        lines, middle, below, SIZE, colours.text
    )


def _lines(text: str, width: float) -> list[str]:
    return wrap(text, int((width - 20) / (SIZE * GLYPH)))
