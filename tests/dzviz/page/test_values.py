"""Values in full: tables, and heat maps whose pixels another program reads."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from dzviz.options import Look
from dzviz.page.values import DARK, LIGHT, MOST_CELLS, MOST_TILES, ODD, value_html
from dzviz.text.typeset import plain


def picture(html):
    source = re.search(r'src="data:image/bmp;base64,([^"]+)"', html)[1]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source))).convert("RGB"))


def test_a_number_has_all_its_digits():
    for value in (0.1, 1 / 3, 1e-300, -2.5, 7.0):
        text = re.sub("<[^>]+>", "", value_html(np.float64(value), Look(precision=2)))
        assert float(plain(text)) == value
    assert ">0.1<" in value_html(np.float64(0.1), Look())
    assert ">True<" in value_html(np.True_, Look())
    assert ">12345678901234567<" in value_html(np.int64(12345678901234567), Look())
    assert ">NaN<" in value_html(np.float64("nan"), Look())
    assert ">\u2212inf<" in value_html(np.float64("-inf"), Look())


def test_small_arrays_are_tables_with_every_element():
    value = np.arange(12.0).reshape(2, 3, 2) / 3
    html = value_html(value, Look())
    cells = [float(text) for text in re.findall(r"<td>([^<]+)</td>", html)]
    assert cells == value.reshape(-1).tolist()
    assert re.findall(r'<th scope="row">([^<]+)</th>', html)[:2] == ["[0, 0]", "[0, 1]"]
    assert "empty" in value_html(np.zeros((0, 3)), Look())


def test_large_arrays_are_heat_maps_with_what_they_span():
    value = np.zeros((8, 12))
    value[0, 1], value[7, 11], value[3, 4] = -1, 1, np.nan
    html = value_html(value, Look())
    pixels = picture(html)
    assert pixels.shape == (8, 12, 3)
    assert tuple(pixels[0, 1]) == LIGHT
    assert tuple(pixels[7, 11]) == DARK
    assert tuple(pixels[3, 4]) == ODD
    assert 'alt="Heat map, shape (8, 12): -1 .. 1, mean 0, 1 NaN"' in html


@pytest.mark.parametrize("shape", [(MOST_CELLS + 1,), (1000,), (3, 500), (500, 3), (9, 10, 11)])
def test_tiles_are_means_of_what_they_stand_for(shape):
    value = np.random.default_rng(0).normal(size=shape)
    html = value_html(value, Look())
    high, wide, _ = picture(html).shape
    assert high <= MOST_TILES
    assert wide <= MOST_TILES
    assert value_html(np.full(shape, 2.0), Look()).count("all 2") == 2


def test_light_is_low_and_dark_is_high_in_grey_too():
    pixels = picture(value_html(np.arange(128.0).reshape(2, 64), Look()))
    grey = pixels.astype(float) @ (0.299, 0.587, 0.114)
    assert (np.diff(grey.reshape(-1)) <= 0).all()
    assert grey[0, 0] - grey[-1, -1] > 150


@pytest.mark.parametrize("value", [1e308, np.inf, np.nan])
def test_extremes_have_a_picture(value):
    array = np.zeros(100)
    array[:50], array[50] = -abs(value), value
    assert picture(value_html(array, Look())).shape[0] == 1
    assert picture(value_html(np.full(100, value), Look())).shape[0] == 1
    assert picture(value_html(np.arange(100) % 2 == 0, Look())).shape[0] == 1
