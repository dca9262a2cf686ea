"""GIF, read back with pillow."""

import io
import sys

import pytest
from PIL import Image, ImageChops
from support.films import FILMS, filmed, frames

from dzviz.errors import LayoutError
from dzviz.options import Layout, Look
from dzviz.progress import Work, kept_in
from dzviz.svg import gif, raster
from dzviz.themes import THEMES


def written(name, layout=None, **options):
    make, look = FILMS[name]
    (data,) = gif.write(make(), Look(**options) if options else look, layout or Layout())
    return data


def read(data):
    """Return the frames in RGB, and for how many milliseconds each stays."""
    film = Image.open(io.BytesIO(data))
    found = []
    for number in range(film.n_frames):
        film.seek(number)
        found.append((film.convert("RGB"), film.info["duration"]))
    return found


@pytest.mark.parametrize("name", ["small", "forward"])
def test_every_step_is_a_frame_of_one_size(name):
    data = written(name)
    film = Image.open(io.BytesIO(data))
    assert film.format == "GIF"
    assert film.info["loop"] == 0  # for ever
    assert film.n_frames == len(frames(name))
    assert len({frame.size for frame, _ in read(data)}) == 1
    assert [stay for _, stay in read(data)] == [1500] * (film.n_frames - 1) + [4500]
    assert data == written(name)


def test_the_pace():
    stays = {stay for _, stay in read(written("forward", pace=0.25))}
    assert stays == {250, 750}


def test_a_frame_shows_its_step_with_crisp_letters():
    found = read(written("small"))
    svgs = frames("small")
    zoom = gif._zoom(*raster.size(svgs[0]), len(svgs))
    for number in (0, 4, len(svgs) - 1):
        exact = Image.open(io.BytesIO(raster.png(svgs[number], zoom=zoom))).convert("RGB")
        difference = ImageChops.difference(found[number][0], exact).convert("L")
        # Flat areas are exact, letters have all their shades: nothing was dithered.
        wrong = sum(difference.histogram()[16:])
        assert wrong < exact.width * exact.height / 1000
        colours = {colour for _, colour in found[number][0].getcolors(1 << 16)}
        theme = THEMES["light"]
        for wanted in (theme.background, theme.text, theme.variable.fill):
            assert tuple(bytes.fromhex(wanted[1:])) in colours


def test_it_stands_on_white():
    found = read(written("forward", background="transparent"))
    assert {frame.getpixel((0, 0)) for frame, _ in found} == {(255, 255, 255)}


def test_small_films_are_fine_and_wide_ones_not_too_wide():
    assert gif._zoom(500, 100, 10) == 2
    assert gif._zoom(1000, 100, 10) == 1.6
    assert gif._zoom(5000, 100, 10) == 1
    assert 0.5 <= gif._zoom(1000, 1000, 700) < 1


def test_too_many_pixels_are_refused_before_any_is_drawn(monkeypatch):
    monkeypatch.setattr(gif, "MOST_PIXELS", 1000)
    monkeypatch.setattr(raster, "png", None)
    with pytest.raises(LayoutError, match=r"too large for GIF: \d+ frames") as caught:
        written("forward")
    assert "--animate" in caught.value.hint


def test_without_pillow(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(LayoutError, match="GIF needs pillow") as caught:
        gif.write(filmed("x", x=1), Look(), Layout())
    assert caught.value.hint == f'{sys.executable} -m pip install "dzviz[gif]"'


def test_its_share_is_known_while_it_is_drawn(monkeypatch):
    work, seen = Work(), []
    pixels = raster.png
    monkeypatch.setattr(
        raster, "png", lambda *a, **b: (seen.append(work.share), pixels(*a, **b))[1]
    )
    with kept_in(work):
        written("forward")
    count = len(frames("forward"))
    assert seen == [number / count for number in range(count)]
    assert work.what == ""
