"""A picture that follows sliders: the numbers of the closed form, at places that stay."""

import re
import sys
from math import cos, sin

import numpy as np
import pytest

import dzviz


def f(x, w=1.0):
    return np.sum(w * x * np.sin(x))


def box_of(svg):
    return re.search(r'data-id="v0".*?x="([\d.-]+)"', svg, re.DOTALL)[1]


@pytest.mark.needs("ipywidgets")
def test_a_slider_moves_the_numbers_and_nothing_else():
    shown = dzviz.live(f, named={"x": (-3, 3, 1.5), "w": 2.0}, style="merged")
    slider, picture = shown.widget.children
    assert (slider.description, slider.min, slider.max, slider.value) == ("x", -3, 3, 1.5)
    before = picture.value
    for x in (0.5, -2.25):
        slider.value = x
        grad = 2 * (sin(x) + x * cos(x))
        told = [float(n) for n in re.findall(r">grad (-?[\d.]+)<", picture.value.replace("−", "-"))]
        assert any(n == pytest.approx(grad, rel=1e-3) for n in told), (x, told)
        assert box_of(picture.value) == box_of(before)
    assert shown.values["x"] == -2.25
    assert "application/vnd.jupyter.widget-view+json" in shown._repr_mimebundle_()


@pytest.mark.needs("ipywidgets")
def test_what_the_function_refuses_is_shown_in_its_place():
    def fails(x):
        if x.data > 1:
            return "<no variable>"
        return x * x

    shown = dzviz.live(fails, named={"x": (0, 3, 0.5)})
    slider, picture = shown.widget.children
    slider.value = 2.0
    assert picture.value.startswith("<pre>")
    slider.value = 0.75
    assert picture.value.startswith("<svg")


@pytest.mark.thorough
def test_without_widgets_it_is_a_page_of_many_values(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    shown = dzviz.live(f, named={"x": (-1, 3), "w": 2.0})
    rows = shown.swept.rows
    assert len(rows) == 61
    for row in rows:
        (x,) = row.at
        assert row.gradients["x"] == pytest.approx(2 * (sin(x) + x * cos(x)), abs=1e-12)
    bundle = shown._repr_mimebundle_()
    assert "<iframe" in bundle["text/html"]
    for text in bundle.values():
        assert "with ipywidgets it computes while you drag" in text


def test_without_widgets_and_with_three_ranges_it_is_a_picture(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)

    def g(x, y, z):
        return x * y * z

    bundle = dzviz.live(g, named=dict.fromkeys("xyz", (-1, 3)))._repr_mimebundle_()
    assert bundle["text/html"].startswith("<svg")
    for text in bundle.values():
        assert "of x = 1, y = 1, z = 1; with ipywidgets" in text


def test_what_is_wrong_is_told_at_once():
    cases = [
        ({}, {}, "f needs a value for 'x'"),
        ({"x": (1, 2), "y": 1}, {}, "f has no parameter 'y'"),
        ({"x": (2, 1)}, {}, "the range of x must be in rising order"),
        ({"x": (2,)}, {}, "the range of x is"),
        ({"x": (2, "a")}, {}, "the range of x is"),
        ({"x": (1, 2)}, {"style": "nope"}, "style is one of"),
    ]
    for named, look, says in cases:
        with pytest.raises(dzviz.DzvizError, match=re.escape(says)):
            dzviz.live(f, named=named, **look)
