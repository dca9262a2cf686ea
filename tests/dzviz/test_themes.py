"""The colours: readable for everybody, by computation."""

import math
import re
from itertools import pairwise

import numpy as np
import pytest
from support.colours import contrast, luminance

from dzviz.errors import UsageError
from dzviz.themes import AUTO, THEMES, colours, theme_named, themes_in


def surfaces(theme):
    paints = (theme.variable, theme.intermediate, theme.released, theme.constant, theme.trouble)
    return (*paints, *theme.functions)


def test_the_measure_itself():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", THEMES)
def test_all_text_has_the_contrast_of_level_aa(name):
    theme = THEMES[name]
    for paint in surfaces(theme):
        assert contrast(theme.text, paint.fill) >= 4.5
    for paint in (*theme.functions, theme.trouble):
        assert contrast(theme.quiet, paint.fill) >= 4.5
    for colour in (theme.text, theme.quiet, theme.contribution):
        assert contrast(colour, theme.background) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_lines_and_marks_stand_out(name):
    theme = THEMES[name]
    for colour in (theme.edge, theme.frame, *(paint.line for paint in surfaces(theme))):
        assert contrast(colour, theme.background) >= 3


def lightness(colour):
    """CIE L*, by which things differ that are seen in grey."""
    y = luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


@pytest.mark.parametrize("name", THEMES)
def test_orders_are_told_apart_in_grey(name):
    fills = [lightness(paint.fill) for paint in THEMES[name].functions]
    steps = [b - a for a, b in pairwise(fills)]
    assert all(step < -3.5 for step in steps) or all(step > 3.5 for step in steps)


def as_seen(colour, kind):
    """A colour as without red or green cones, by Viénot, Brettel and Mollon (1999)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = np.array(
        [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    )
    to_cones = np.array(
        [
            [17.8824, 43.5161, 4.11935],
            [3.45565, 27.1554, 3.86714],
            [0.0299566, 0.184309, 1.46709],
        ]
    )
    lacking = {
        "red": np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]]),
        "green": np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]]),
    }[kind]
    seen = np.clip(np.linalg.inv(to_cones) @ lacking @ to_cones @ linear, 0, 1)
    return tuple(np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055) * 255)


@pytest.mark.parametrize("kind", ["red", "green"])
@pytest.mark.parametrize("name", [name for name in THEMES if name != "print"])
def test_a_share_is_not_taken_for_trouble_without_colour_vision(name, kind):
    theme = THEMES[name]
    assert math.dist(as_seen(theme.contribution, kind), as_seen(theme.trouble.line, kind)) > 40
    white = as_seen("#ffffff", kind)
    assert white == pytest.approx((255, 255, 255), abs=3)


@pytest.mark.parametrize("name", [name for name in THEMES if name != "print"])
def test_the_red_of_trouble_is_for_trouble_alone(name):
    theme = THEMES[name]
    others = [colour for what, colour in colours(theme).items() if not what.startswith("trouble")]
    assert theme.trouble.line not in others
    assert theme.trouble.fill not in others


@pytest.mark.parametrize("name", THEMES)
def test_what_is_not_finite_can_be_read_on_its_ground(name):
    trouble = THEMES[name].trouble
    assert contrast(trouble.line, trouble.fill) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_colours_have_six_digits(name):
    found = colours(THEMES[name])
    assert len(found) > 15
    for colour in found.values():
        assert re.fullmatch("#[0-9a-f]{6}", colour)


def test_auto_can_exchange_every_colour_of_light_for_one_of_dark():
    light, dark = colours(THEMES["light"]), colours(THEMES["dark"])
    assert light.keys() == dark.keys()
    pairs = {(light[key], dark[key]) for key in light}
    assert len(pairs) == len({a for a, _ in pairs})
    assert theme_named(AUTO) is THEMES["light"]


@pytest.mark.parametrize("text", ["", ",", " , "])
def test_a_list_of_no_theme_is_an_error(text):
    with pytest.raises(UsageError, match="there is no theme in") as caught:
        themes_in(text)
    assert caught.value.hint == f"themes: {', '.join(THEMES)}, auto"
