"""The colours: readable for everybody, by computation."""

import re

import pytest

from dzviz.themes import AUTO, THEMES, colours, theme_named


def luminance(colour):
    """Relative luminance by WCAG 2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


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
