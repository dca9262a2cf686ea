"""PNG, read back with pillow."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from PIL import Image, ImageFont
from support.font_files import vera

import dzviz
from dzviz.errors import LayoutError
from dzviz.svg import fonts, raster

ROOT = str(Path(dzviz.__file__).parents[1])


def svg(
    text: str = "sin(x)",
    *,
    width: str = "300pt",
    height: str = "90pt",
    attributes: str = "",
    title: str = "",
    more: str = "",
) -> str:
    """Return an SVG as ours: with a viewBox in points that does not begin at 0."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        'viewBox="-10 -10 300 90" font-family="Helvetica, Arial, sans-serif" text-anchor="middle">'
        f"<title>{escape(title)}</title>{more}"
        f'<text x="140" y="50" font-size="40" {attributes}>{escape(text)}</text></svg>\n'
    )


def picture(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    image.load()
    assert image.format == "PNG"
    return image


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    """Return the box of all that is not white."""
    box = image.convert("L").point(lambda value: 255 if value < 200 else 0).getbbox()
    assert box
    found: tuple[int, int, int, int] = box
    return found


def test_the_size_is_in_points_and_pixels_are_two_a_css_pixel() -> None:
    assert picture(raster.png(svg())).size == (800, 240)
    assert picture(raster.png(svg(), zoom=1)).size == (400, 120)
    assert picture(raster.png(svg(width="300px", height="90"), zoom=1)).size == (300, 90)
    assert picture(raster.png(svg(width="100pt", height="30pt"), zoom=0.75)).size == (100, 30)


def test_the_background_is_opaque_white_unless_told_otherwise() -> None:
    assert picture(raster.png(svg())).convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)
    assert picture(raster.png(svg(), background=None)).getpixel((0, 0)) == (0, 0, 0, 0)
    paper = '<rect x="-10" y="-10" width="300" height="90" fill="#102030"/>'
    own = picture(raster.png(svg(more=paper))).convert("RGBA")
    assert own.getpixel((0, 0)) == (0x10, 0x20, 0x30, 255)
    assert own.getpixel((799, 239)) == (0x10, 0x20, 0x30, 255)


@pytest.mark.parametrize(
    ("attributes", "style"),
    [
        ("", "Regular"),
        ('font-weight="bold"', "Bold"),
        ('font-style="italic"', "Italic"),
        ('font-weight="bold" font-style="italic"', "BoldItalic"),
    ],
)
def test_text_is_set_in_open_sans(attributes: str, style: str) -> None:
    image = picture(raster.png(svg("Hnumn 058", attributes=attributes)))
    font = ImageFont.truetype(fonts.open_sans(style), round(40 * 96 / 72 * 2))
    left, _, right, _ = font.getmask("Hnumn 058").getbbox()
    drawn = ink(image)
    assert drawn[2] - drawn[0] == pytest.approx(right - left, abs=4)
    assert (drawn[0] + drawn[2]) / 2 == pytest.approx(400, abs=6)  # The middle is its anchor.


def test_the_fonts_of_the_machine_play_no_part(tmp_path: Path) -> None:
    code = (
        f"import sys; from dzviz.svg import raster; sys.stdout.buffer.write(raster.png({svg()!r}))"
    )
    environment = {"PYTHONPATH": ROOT, "PYTHONHASHSEED": "5", "TZ": "Asia/Tokyo", "PATH": ""}
    if os.name == "nt":
        environment["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, timeout=60
    )
    assert done.stdout == raster.png(svg())
    assert done.stderr == b""


def test_resvg_gets_no_font_but_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(raster, "_draw", lambda svg, options: given.update(options) or b"")
    raster.png(svg())
    assert given["skip_system_fonts"] is True
    assert given["font_files"] == [
        fonts.open_sans(style) for style in ("Regular", "Bold", "Italic", "BoldItalic")
    ]


def test_ascii_looks_for_no_font(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: object) -> None:
        raise AssertionError

    monkeypatch.setattr(fonts, "substitutes", never)
    monkeypatch.setattr(fonts, "read", never)
    raster.png(svg())


@pytest.mark.usefixtures("no_system_fonts")
@pytest.mark.parametrize("text", ["θ é Ж ≤ ² ×", "x\u200dy\u3000z"])
def test_open_sans_has_more_than_ascii(text: str) -> None:
    assert ink(picture(raster.png(svg(text))))


@pytest.mark.usefixtures("no_system_fonts")
def test_a_letter_and_an_accent_are_one_character() -> None:
    # Open Sans has the letter with the accent, but not this accent alone.
    assert fonts.lacking("\u0308")
    assert raster.png(svg("o\u0308")) == raster.png(svg("ö"))


@pytest.mark.usefixtures("no_system_fonts")
@pytest.mark.parametrize(
    ("text", "named"), [("日本 + x", "日 (U+65E5), 本 (U+672C)"), ("a\ue000", "U+E000")]
)
def test_a_character_that_no_font_has(text: str, named: str) -> None:
    with pytest.raises(LayoutError) as caught:
        raster.png(svg(text))
    assert str(caught.value) == f"found no font that has {named}"
    assert caught.value.hint
    assert "--font FILE" in caught.value.hint


@pytest.mark.usefixtures("no_system_fonts")
def test_a_character_as_a_reference() -> None:
    with pytest.raises(LayoutError, match=r"日 \(U\+65E5\)"):
        raster.png(svg("@").replace("@", "&#26085;"))
    with pytest.raises(LayoutError, match=r"日 \(U\+65E5\)"):
        raster.png(svg("@").replace("@", "&#x65e5;"))


@pytest.mark.usefixtures("no_system_fonts")
def test_what_is_not_drawn_needs_no_font() -> None:
    assert raster.png(svg(title="日本")) == raster.png(svg())


@pytest.mark.usefixtures("no_system_fonts")
def test_the_users_font_sets_what_open_sans_cannot() -> None:
    with pytest.raises(LayoutError):
        raster.png(svg("∙"))
    # One dot, and not the hollow box that a font has for what it lacks.
    drawn = picture(raster.png(svg("∙"), font=vera()))
    left, top, right, bottom = ink(drawn)
    assert 0 < right - left < 40
    assert 0 < bottom - top < 40
    assert drawn.convert("L").getpixel(((left + right) // 2, (top + bottom) // 2)) < 50


@pytest.mark.usefixtures("no_system_fonts")
def test_the_users_font_sets_nothing_else() -> None:
    # Not even when the SVG names it.
    plain, named = svg(), svg().replace("Helvetica", "Bitstream Vera Sans")
    assert raster.png(plain, font=vera()) == raster.png(plain)
    assert raster.png(named, font=vera()) == raster.png(plain)
    dot = '<text x="20" y="20" font-size="9">∙</text>'
    upper = picture(raster.png(svg(more=dot), font=vera())).crop((100, 0, 800, 240))
    assert upper.tobytes() == picture(raster.png(svg())).crop((100, 0, 800, 240)).tobytes()


@pytest.mark.parametrize("text", ["x", "日"])
def test_a_font_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "text.ttf").write_text("rubbish")
    for name in ("text.ttf", "nothing.ttf"):
        with pytest.raises(LayoutError, match="is not a font file"):
            raster.png(svg(text), font=str(tmp_path / name))


def test_a_large_picture_is_drawn_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "MOST_PIXELS", 1_000_000)
    monkeypatch.setattr(raster, "LONGEST_SIDE", 3000)
    size = picture(raster.png(svg(width="1000pt", height="500pt"), zoom=2)).size
    assert size[0] * size[1] == pytest.approx(1_000_000, rel=0.01)
    assert size[0] / size[1] == pytest.approx(2, rel=0.01)
    assert picture(raster.png(svg(width="80pt", height="3000pt"), zoom=2)).size == (80, 3000)


@pytest.mark.parametrize("size", [("150pt", "180000pt"), ("20000pt", "20000pt")])
def test_a_picture_that_is_too_large(size: tuple[str, str]) -> None:
    with pytest.raises(LayoutError, match="the picture is too large for PNG: ") as caught:
        raster.png(svg(width=size[0], height=size[1]))
    assert caught.value.hint
    assert "SVG" in caught.value.hint


def test_a_small_zoom_that_was_asked_for_is_not_refused() -> None:
    assert picture(raster.png(svg(width="150pt", height="180000pt"), zoom=0.1)).size == (20, 24000)


@pytest.mark.parametrize("limit", ["_QUICK_PIXELS", "_QUICK_LENGTH"])
def test_large_and_small_pictures_are_drawn_alike(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    here = raster.png(svg("θ"))
    monkeypatch.setattr(raster, limit, 0)
    monkeypatch.setattr(raster, "_draw", None)
    assert raster.png(svg("θ")) == here


def test_a_picture_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "_QUICK_LENGTH", 0)
    monkeypatch.setattr(raster, "_PATIENCE", 0.01)
    with pytest.raises(LayoutError, match=r"could not be drawn \(it took longer than 0.01 s\)"):
        raster.png(svg())


def test_a_process_that_dies_of_a_large_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "_QUICK_LENGTH", 0)
    monkeypatch.setattr(raster, "_CHILD", "import os; os.abort()")
    with pytest.raises(LayoutError, match=r"could not be drawn \(.* was killed by SIGABRT"):
        raster.png(svg())


@pytest.mark.skipif(os.name != "posix", reason="needs SIGINT")
def test_ctrl_c_while_a_large_picture_is_drawn(tmp_path: Path) -> None:
    lines = "".join(
        f'<text x="{i % 40 * 7}" y="{i // 40}" font-size="2">line {i}</text>' for i in range(20_000)
    )
    (tmp_path / "large.svg").write_text(svg(width="3000pt", height="900pt", more=lines))
    code = (
        "import sys; from dzviz.svg import raster; from pathlib import Path\n"
        "text = Path('large.svg').read_text(); print(flush=True)\n"
        "try: raster.png(text)\n"
        "except KeyboardInterrupt: sys.exit(7)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": ROOT},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    process.stdout.readline()
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (7, b"")


@pytest.mark.parametrize(
    "image",
    ['<image href="/etc/passwd"/>', '<svg:image href="x"/>', '<feImage href="x"/>', "<IMAGE/>"],
)
def test_an_image_is_refused(image: str) -> None:
    with pytest.raises(ValueError, match="an image in an SVG"):
        raster.png(svg(more=image))
    raster.png(svg(image))  # As text it is none.


@pytest.mark.parametrize("text", ["", "<svg>", "digraph {}", '<svg width="1pt">'])
def test_what_is_not_our_svg(text: str) -> None:
    with pytest.raises(ValueError, match="not SVG with a width and a height"):
        raster.png(text)


def test_svg_that_is_broken() -> None:
    with pytest.raises(LayoutError, match="the picture could not be drawn"):
        raster.png(svg()[:-10])


def test_without_resvg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(LayoutError, match="resvg cannot be loaded") as caught:
        raster.png(svg())
    assert caught.value.hint
    assert "pip install" in caught.value.hint


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    raster.png(svg(attributes='fill="nosuch" font-family="Nosuch" filter="url(#nosuch)"'))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("answer", [b"", b"rubbish\n", b"\x89PNG\r\n\x1a\nhalf"])
def test_an_answer_that_is_no_whole_picture(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "_QUICK_PIXELS", 0)
    monkeypatch.setattr(raster.process, "run", lambda *_: answer)
    with pytest.raises(LayoutError, match="PNG is incomplete"):
        raster.png(svg("x"))


def test_what_another_font_sets_is_bold_like_the_rest() -> None:
    """A line around it makes it heavier; resvg takes another font in one weight alone."""
    bold = 'font-weight="bold" fill="#000000"'
    plain = dark(picture(raster.png(svg("\u2219\u2219", attributes='fill="#000000"'), font=vera())))
    heavy = dark(picture(raster.png(svg("\u2219\u2219", attributes=bold), font=vera())))
    assert heavy > 1.2 * plain
    mixed = [
        dark(picture(raster.png(svg("mmmm\u2219", attributes=attributes), font=vera())))
        for attributes in ('fill="#000000"', bold)
    ]
    assert mixed[1] > 1.2 * mixed[0]  # all of the line is set in that font
    usual = dark(picture(raster.png(svg("xx", attributes=bold))))
    assert usual == dark(picture(raster.png(svg("xx", attributes=bold), font=vera())))


def test_beside_an_order_another_font_is_bold_too() -> None:
    """A raised order parts its line into pieces."""
    attributes = ('fill="#000000"', 'fill="#000000" font-weight="bold"')
    plain, heavy = (
        dark(
            picture(raster.png(svg("\u2219\u207d\u2074\u207e\u2219", attributes=each), font=vera()))
        )
        for each in attributes
    )
    assert heavy > 1.2 * plain


def dark(image: Image.Image) -> int:
    """Count what is nearly black."""
    return sum(image.convert("L").histogram()[:128])
