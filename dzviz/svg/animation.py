"""An SVG that plays by itself, without a script: also as an image in a README.

Each state of a node, an edge or a label is there once, and a style sheet shows it in its time. A
reader without style sheets, or who wants no motion, has the last step.
"""

from __future__ import annotations

from collections.abc import Iterator

from dzviz.graph.model import Graph
from dzviz.options import Layout, Look
from dzviz.svg import primitives as pen
from dzviz.svg.primitives import number as n
from dzviz.svg.timeline import (
    Timeline,
    Track,
    film,
    narration,
    seconds,
    with_narration,
)
from dzviz.text.descriptions import description


def write(graph: Graph, look: Look, layout: Layout) -> Iterator[str]:
    """Write a graph whose events were recorded as an SVG that plays for ever.

    Raises:
        LayoutError: No engine could place the nodes, or there are too many steps.
    """
    return written(film(graph, look, layout), description(graph, look))


def written(film: Timeline, words: str) -> Iterator[str]:
    """Write a film that ``words`` describe."""
    sheet = with_narration(film)
    stay = seconds(len(film.steps), sheet.look)
    tracks = [*film.tracks, *_sentences(film)]
    yield from pen.page(sheet.look, sheet.title, words, *sheet.box)
    yield _style(tracks, stay)
    for track in tracks:
        yield from _states(track, stay)
    yield sheet.caption
    yield "</svg>\n"


def _sentences(film: Timeline) -> Iterator[Track]:
    sheet = with_narration(film)
    yield Track("told", tuple((i, narration(film, sheet, i)) for i in range(len(film.steps))))


def _spans(track: Track, count: int) -> Iterator[tuple[int, int, str]]:
    """List the states with their first step and the one after their last."""
    starts = [0, *(start for start, _ in track.states[1:])]
    for start, end, (_, part) in zip(starts, [*starts[1:], count], track.states, strict=True):
        yield start, end, part


def _states(track: Track, stay: list[float]) -> Iterator[str]:
    count, film = len(stay), _film(stay)
    for start, end, part in _spans(track, count):
        if end - start == count:
            yield part
        elif part:
            hidden = "" if end == count else ' visibility="hidden"'
            yield f'<g class="s{start}-{end}{film}"{hidden}>\n{part}</g>\n'


def _film(stay: list[float]) -> str:
    """Name a film by its steps and milliseconds: others may play at another pace on its page."""
    return f"of{len(stay)}in{round(sum(stay) * 1000)}"


def _style(tracks: list[Track], stay: list[float]) -> str:
    """Show what belongs to each span of steps in its time, and let a pointer stop the film."""
    count = len(stay)
    whole = sum(stay)
    spans = {
        (start, end)
        for track in tracks
        for start, end, part in _spans(track, count)
        if part and end - start < count
    }
    film = _film(stay)
    own = f'[class$="{film}"]'
    rules = [
        f"{own}{{animation-duration:{n(whole)}s;animation-timing-function:step-end;"
        "animation-iteration-count:infinite}",
        f"svg:hover {own}{{animation-play-state:paused}}",
    ]
    for start, end in sorted(spans):
        name = f"s{start}-{end}{film}"
        frames = [] if start == 0 else [(0, "hidden")]
        frames.append((start, "visible"))
        if end < count:
            frames.append((end, "hidden"))
        times = [
            f"{n(100 * sum(stay[:step]) / whole)}%{{visibility:{state}}}" for step, state in frames
        ]
        rules.append(f".{name}{{animation-name:{name}}}@keyframes {name}{{{''.join(times)}}}")
    # "no-preference" is also what a reader says that does not know of the question.
    return (
        "<style>@media (prefers-reduced-motion: no-preference) {\n"
        + "\n".join(rules)
        + "\n}</style>\n"
    )
