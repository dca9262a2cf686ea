"""Edges by what flowed: as wide as its power of ten, in the styles and formats that draw edges."""

import re
from dataclasses import replace

import pytest

from dzviz import record, render
from dzviz.errors import UsageError
from dzviz.options import Look
from dzviz.styles import STYLES, scene_of
from dzviz.styles.strokes import BANDS, WIDTHS


def faint(x, w):
    return x * 1e-4 + w * 1e-9 + (x - x) * 0


GRAPH = record(faint, 3.0, 2.0)


def test_widths_follow_the_powers_of_ten():
    arrows = scene_of(GRAPH, Look(edges="flow")).arrows
    flow = {edge[:3]: edge.contribution for edge in GRAPH.edges if edge.arg is not None}
    known = [(abs(float(flow[a.id])), a.stroke) for a in arrows if flow.get(a.id) is not None]
    widths = {size: stroke.width for size, stroke in known}
    sizes = sorted(widths)
    assert sizes[0] == 0
    assert [widths[size] for size in sizes] == sorted(widths.values())
    assert widths[1e-9] == WIDTHS[0]
    assert widths[1.0] - widths[1e-4] == pytest.approx((WIDTHS[1] - WIDTHS[0]) * 0.4, abs=0.11)
    assert len({stroke.colour for _, stroke in known}) >= 3


def test_otherwise_edges_are_alike():
    assert all(arrow.stroke is None for arrow in scene_of(GRAPH, Look()).arrows)


@pytest.mark.parametrize("style", STYLES)
def test_a_style_draws_it_or_says_that_it_does_not(style):
    if STYLES[style].flows:
        plain, flow = (render(GRAPH, "svg", style=style, edges=e) for e in ("plain", "flow"))
        assert len(set(re.findall(rb'stroke-width="(\S+)"', flow))) > len(
            set(re.findall(rb'stroke-width="(\S+)"', plain))
        )
    else:
        with pytest.raises(UsageError, match="by what flowed"):
            render(GRAPH, "svg", style=style, edges="flow")


@pytest.mark.parametrize(("format", "word"), [("dot", b"penwidth"), ("mermaid", b"linkStyle 0 ")])
def test_text_formats_draw_it_too(format, word):
    assert render(GRAPH, format, edges="flow").count(word) > render(GRAPH, format).count(word)


@pytest.mark.parametrize("style", [name for name in STYLES if STYLES[name].flows])
@pytest.mark.parametrize("theme", ["light", "print"])
def test_the_key_explains_the_colours_that_occur(style, theme):
    look = Look(edges="flow", style=style, theme=theme)
    scene = scene_of(GRAPH, look)
    swatches = {band.mark.swatch: band for band in BANDS}
    explained = [mark for mark in scene.key if mark.swatch in swatches]
    assert {mark.swatch for mark in explained} == {arrow.stroke.band for arrow in scene.arrows}
    assert 2 <= len(explained) < len(BANDS)
    for arrow in scene.arrows:
        assert arrow.stroke.colour == swatches[arrow.stroke.band].colour(look.colours)
    assert not any(mark.swatch in swatches for mark in scene_of(GRAPH, Look(style=style)).key)
    assert scene_of(GRAPH, replace(look, legend="off")).key == ()
    film = scene_of(GRAPH._replace(film=True), look)
    assert len([mark for mark in film.key if mark.swatch in swatches]) == len(BANDS)
    svg = render(GRAPH, "svg", style=style, edges="flow").decode()
    for mark in explained:
        assert f"<title>{mark.words}</title>" in svg


def test_a_band_is_for_the_sizes_that_its_mark_says():
    sizes = (0.0, 5e-5, 1e-4, 0.09, 0.1, 99.0, 100.0, 1e300)
    graph = record(lambda x: sum(x * size for size in sizes), 1.0)
    arrows = scene_of(graph, Look(edges="flow")).arrows
    flow = {edge[:3]: edge.contribution for edge in graph.edges if edge.arg is not None}
    bands = {float(flow[a.id]): a.stroke.band for a in arrows if flow.get(a.id) is not None}
    assert [bands[size] for size in sizes] == [f"flow {i}" for i in (0, 0, 1, 1, 2, 2, 3, 3)]
