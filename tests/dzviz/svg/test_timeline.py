"""Films as SVG: every step in one layout, with a sentence below."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from support.films import FILMS, NAMESPACE, drawn, filmed, frames, sentence, words
from support.graphs import with_events

from dzviz.errors import LayoutError
from dzviz.graph import states as film
from dzviz.options import Layout, Look
from dzviz.styles import STYLES
from dzviz.svg import animation, gif
from dzviz.svg import primitives as pen
from dzviz.svg.timeline import (
    GLYPH,
    MOST_STEPS,
    NARROWEST,
    SIZE,
    moment,
    seconds,
    timeline,
)
from dzviz.text.narration import step_texts
from dzviz.text.typeset import plain
from dzviz.themes import THEMES

PLACE = ("x", "y", "width", "height", "cx", "cy", "rx", "ry")


def boxes(svg):
    """The outline of each node: where it is and how large."""
    found = {}
    for group in ET.fromstring(svg).iter(f"{NAMESPACE}g"):
        id = group.get("data-id") or ""
        if id[:1] in ("v", "f"):
            shape = next(e for e in group if e.tag.removeprefix(NAMESPACE) in ("rect", "ellipse"))
            found[id, group.get("data-panel")] = [shape.get(key) for key in PLACE]
    return found


@pytest.mark.parametrize("name", FILMS)
def test_nothing_jumps(name):
    drawn = frames(name)
    assert len({re.search('viewBox="[^"]*"', svg)[0] for svg in drawn}) == 1
    last = boxes(drawn[-1])
    places = {}
    for svg in drawn:
        for key, place in boxes(svg).items():
            places.setdefault(key, set()).add(tuple(place))
    assert last.keys() <= places.keys()
    assert {key for key, found in places.items() if len(found) > 1} == set()


@pytest.mark.parametrize("name", FILMS)
def test_every_step_is_told_within_the_frame(name):
    make, look = FILMS[name]
    drawn = frames(name)
    assert [plain(sentence(svg)) for svg in drawn] == step_texts(make(), look)
    for number, svg in enumerate(drawn):
        root = ET.fromstring(svg)
        assert f"Step {number} of {len(drawn) - 1}" in words(root)
        left, top, width, height = map(float, root.get("viewBox").split())
        assert width >= NARROWEST
        for text in root.iter(f"{NAMESPACE}text"):
            size = float(text.get("font-size"))
            assert top + size / 2 <= float(text.get("y")) <= top + height - size * pen.BASELINE
            if size == SIZE and text.text in sentence(svg):
                reach = len(text.text) * SIZE * GLYPH / 2
                assert left <= float(text.get("x")) - reach
                assert float(text.get("x")) + reach <= left + width


def test_the_last_frame_is_the_picture_and_the_first_has_no_gradient():
    first, *_, last = frames("boxes")
    assert "grad \u221246.73" in words(ET.fromstring(last))
    assert not any(line.startswith("grad \u2212") for line in words(ET.fromstring(first)))
    assert len(set(frames("boxes"))) == len(frames("boxes"))


def test_a_layer_has_only_what_changes():
    make, look = FILMS["boxes"]
    drawn = timeline(make(), look, Layout())
    steps = len(drawn.steps)
    states = [len(layer.states) for layer in drawn.tracks]
    assert min(states) >= 1
    assert sum(states) < steps * len(states) / 2
    for layer in drawn.tracks:
        starts = [start for start, _ in layer.states]
        assert starts == sorted(set(starts))
        parts = [part for _, part in layer.states]
        assert all(one != next for one, next in pairwise(parts))


def test_each_step_stays_and_the_last_one_longer():
    assert seconds(3, Look(pace=2)) == [2, 2, 6]
    assert len(seconds(7, Look())) == 7


@pytest.mark.parametrize("name", FILMS)
def test_steps_are_counted_without_being_made(name):
    make, _ = FILMS[name]
    assert film.length(make()) == len(list(film.steps(make())))


def test_a_film_of_too_many_steps_is_refused_before_it_is_drawn(monkeypatch):
    chain = filmed("x" + "+x" * (MOST_STEPS), x=1)
    monkeypatch.setattr("dzviz.svg.timeline.timeline", None)
    for draw in (animation.write, gif.write):
        with pytest.raises(LayoutError, match=rf"too long: \d+ steps, but at most {MOST_STEPS}"):
            draw(chain, Look(), Layout())


@pytest.mark.parametrize("style", STYLES)
def test_a_moment_is_a_step_of_the_film(style):
    graph, look = with_events("a = x**2; a*sin(a)", x=3), Look(style=style)
    film = timeline(graph, look, Layout())
    for number in range(len(film.steps) + 2):
        step = min(number, len(film.steps) - 1)
        alone = moment(graph, look, Layout(), number)
        shown = {
            track.key: next(part for since, part in reversed(track.states) if since <= step)
            for track in film.tracks
            if track.states[0][0] <= step
        }
        assert {track.key: track.states[0][1] for track in alone.tracks} == shown
        assert alone.texts == (film.texts[step],)
        assert alone.canvas.box == film.canvas.box


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("style", STYLES)
def test_what_waits_never_looks_like_a_released_gradient(style, theme):
    look = Look(style=style, theme=theme)
    made = timeline(filmed("tanh(x*w)*x + sin(x)", x=0.5, w=2), look, Layout())
    waiting, released = 0, 0
    for step, svg in zip(made.steps, drawn(made), strict=True):
        outlines = {}
        for group in ET.fromstring(svg).iter(f"{NAMESPACE}g"):
            shapes = [e for e in group if e.get("stroke-width") and e.get("d") is None]
            outlines.setdefault(group.get("data-id"), [e.attrib for e in shapes])
        makers = {e.target: e.source for e in step.graph.edges if e.arg is None}
        for node in step.graph.nodes:
            id = node.id if node.id in outlines else None
            if style == "merged" and node.id in makers.values():
                id = next(result for result, maker in makers.items() if maker == node.id)
            if node.mark == "waiting":
                thick, groove = outlines[id]
                waiting += 1
                assert "stroke-dasharray" not in thick
                assert float(groove["stroke-width"]) < float(thick["stroke-width"]) / 2
                assert groove["stroke"] != thick["stroke"]
                assert {key: groove.get(key) for key in PLACE} == {k: thick.get(k) for k in PLACE}
            elif id == node.id and getattr(node, "grad_state", "") == "released":
                released += 1
                assert len(outlines[id]) == 1
                assert style == "refs" or "stroke-dasharray" in outlines[id][0]
        (key,) = [
            g for g in ET.fromstring(svg).iter(f"{NAMESPACE}g") if g.get("aria-label") == "key"
        ]
        told = {t.text: len(g) for g in key for t in g.iter(f"{NAMESPACE}title")}
        assert told["double: in the queue"] == told["thick: happening now"] + 1
        assert "dashed: grad released after use" in told
    assert waiting > 3
    assert released > 10
