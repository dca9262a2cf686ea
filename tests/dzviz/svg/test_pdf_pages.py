"""PDF, read back with pypdf."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

import pypdf
import pytest
from support.font_files import vera

import dzviz
from dzviz.errors import LayoutError
from dzviz.svg import fonts
from dzviz.svg.pdf_pages import pdf

ROOT = str(Path(dzviz.__file__).parents[1])
pytestmark = pytest.mark.needs("svglib")


def svg(
    *lines: str, attributes: str = "", title: str = "sin(x)", width: int = 300, more: str = ""
) -> str:
    """Return an SVG as ours: with a viewBox in points that does not begin at 0."""
    texts = "".join(
        f'<text x="90" y="{20 + 20 * i}" font-size="12" {attributes}>{escape(line)}</text>'
        for i, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="120pt" '
        f'viewBox="-10 -10 {width} 120" font-family="Helvetica, Arial, sans-serif">'
        f"<title>{escape(title)}</title>{more}{texts}</svg>\n"
    )


def base_fonts(data: bytes) -> set[bytes]:
    """Return the names of the fonts that a file speaks of, without a subset's prefix."""
    names = (part.split(b" ")[0].split(b"\n")[0] for part in data.split(b"/BaseFont /")[1:])
    return {name.rpartition(b"+")[2] for name in names}


def test_one_page_of_the_size_in_points() -> None:
    data = pdf(svg("sin(x)"))
    assert data.startswith(b"%PDF-1.")
    assert data.count(b"/MediaBox [ 0 0 300 120 ]") == 1


def test_text_and_title_are_read_back() -> None:
    lines = ["sin(x) = 0.5403 < 1 & \"q\" 'a' \\ (b)", "θ é Ж ≤ ²", "e\u0301", "日"[:0] + "fi ffi"]
    reader = pypdf.PdfReader(io.BytesIO(pdf(svg(*lines, title="x ü θ 日 (1) \\"))))
    (page,) = reader.pages
    assert page.extract_text().splitlines() == [*lines[:2], "é", "fi ffi"]
    assert reader.metadata.title == "x ü θ 日 (1) \\"


def test_text_stands_where_the_svg_has_it() -> None:
    seen = []

    def visit(text: str, cm: list[float], tm: list[float], *others: object) -> None:
        if text.strip():
            a, b, c, d, e, f = cm
            seen.append((a * tm[4] + c * tm[5] + e, b * tm[4] + d * tm[5] + f))

    pypdf.PdfReader(io.BytesIO(pdf(svg("one", "two")))).pages[0].extract_text(visitor_text=visit)
    # 90 points to the right of -10; 20 and 40 down from -10, of 120.
    assert seen[:2] == [pytest.approx((100, 90), abs=0.01), pytest.approx((100, 70), abs=0.01)]


@pytest.mark.parametrize(
    ("attributes", "font"),
    [
        ("", b"OpenSans-Regular"),
        ('font-weight="bold"', b"OpenSans-Bold"),
        ('font-style="italic"', b"OpenSans-Italic"),
        ('font-weight="bold" font-style="italic"', b"OpenSans-BoldItalic"),
        ('font-family="Nosuch"', b"OpenSans-Regular"),
        ('font-family="monospace"', b"OpenSans-Regular"),
        ('font-weight="600"', b"OpenSans-Regular"),
    ],
)
def test_open_sans_is_in_the_file_and_nothing_else(attributes: str, font: bytes) -> None:
    data = pdf(svg("sin(x)", attributes=attributes))
    assert base_fonts(data) - {b"OpenSans-Regular"} == {font} - {b"OpenSans-Regular"}
    assert data.count(b"/FontFile2") == len(base_fonts(data))


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    text = svg("sin(x)", "grad 0.5403")
    code = (
        f"import sys; from dzviz.svg.pdf_pages import pdf; sys.stdout.buffer.write(pdf({text!r}))"
    )
    environment = {**os.environ, "PYTHONPATH": ROOT, "TZ": "Asia/Tokyo"}
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**environment, "PYTHONHASHSEED": seed},
            cwd=tmp_path,
            capture_output=True,
            timeout=60,
        )
        assert done.stdout == pdf(text)
        assert done.stderr == b""
    assert pdf(text) == pdf(text)


@pytest.mark.usefixtures("no_system_fonts")
def test_a_character_that_no_font_has() -> None:
    with pytest.raises(LayoutError) as caught:
        pdf(svg("x", "日本 + x"))
    assert str(caught.value) == ("found no single TrueType font that has 日 (U+65E5), 本 (U+672C)")
    assert caught.value.hint
    assert "--font FILE" in caught.value.hint


@pytest.mark.usefixtures("no_system_fonts")
def test_characters_that_no_font_has_together() -> None:
    # Vera has the dot, Open Sans the Greek letter; reportlab takes one font a line.
    with pytest.raises(LayoutError, match=r"that has ∙ \(U\+2219\)"):
        pdf(svg("∙ Ж"), font=vera())
    assert base_fonts(pdf(svg("∙ x", "Ж"), font=vera())) == {
        b"BitstreamVeraSans-Roman",
        b"OpenSans-Regular",
    }


@pytest.mark.usefixtures("no_system_fonts")
def test_the_users_font_sets_the_line_and_nothing_else() -> None:
    data = pdf(svg("∙ x", "y", attributes='font-weight="bold"'), font=vera())
    assert pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text().splitlines() == ["∙ x", "y"]
    assert base_fonts(data) >= {b"BitstreamVeraSans-Roman", b"OpenSans-Bold"}
    assert b"Vera" not in pdf(svg("x"), font=vera())


@pytest.mark.usefixtures("no_system_fonts")
def test_what_is_not_drawn_needs_no_font() -> None:
    pdf(svg("x", title="日本", more="<desc>日本</desc><g><title>日本</title></g>"))


@pytest.mark.parametrize("text", ["x", "日"])
def test_a_font_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "text.ttf").write_text("rubbish")
    for name in ("text.ttf", "nothing.ttf"):
        with pytest.raises(LayoutError, match="is not a font file"):
            pdf(svg(text), font=str(tmp_path / name))


def test_a_font_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "open_sans", lambda style="Regular": str(tmp_path / f"{style}.ttf"))
    with pytest.raises(LayoutError, match=r"the font '.*Regular.ttf' cannot be used \("):
        pdf(svg("x"))


def test_a_font_with_other_outlines_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, no_system_fonts: None
) -> None:
    font = fonts.read(vera())
    assert font
    monkeypatch.setattr(fonts, "read", lambda path: font._replace(truetype=False))
    monkeypatch.setattr(fonts, "lacking", lambda text: set(text) & {"∙"})
    with pytest.raises(LayoutError, match="no single TrueType font"):
        pdf(svg("∙"), font=vera())


@pytest.mark.skipif(os.name != "posix", reason="the false program is a shell script")
def test_no_program_is_asked_for_a_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "fc-match"
    program.write_text(f"#!/bin/sh\necho asked > {tmp_path}/asked\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for attributes in ('font-family="Nosuch"', 'font-weight="600"', 'font-style="oblique"'):
        pdf(svg("x", attributes=attributes))
    assert not (tmp_path / "asked").exists()


def test_nothing_is_printed(tmp_path: Path) -> None:
    odd = '<rect fill="nosuch" width="50%" transform="nosuch(1)"/><use href="#nosuch"/><nosuch/>'
    text = svg("x", attributes='dominant-baseline="middle" fill="nosuch"', more=odd)
    done = subprocess.run(
        [sys.executable, "-c", f"from dzviz.svg.pdf_pages import pdf; pdf({text!r})"],
        env={**os.environ, "PYTHONPATH": ROOT},
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_the_programs_own_logging_is_left_alone() -> None:
    root = list(logging.getLogger().handlers)
    pdf(svg("x"))
    handlers = list(logging.getLogger("svglib").handlers)
    pdf(svg("x"))
    assert logging.getLogger("svglib").handlers == handlers
    assert logging.getLogger().handlers == root


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "svglib.svglib", None)
    with pytest.raises(LayoutError, match="PDF needs svglib and reportlab") as caught:
        pdf(svg("x"))
    assert caught.value.hint == f'{sys.executable} -m pip install "dzviz[pdf]"'


def test_what_is_not_svg() -> None:
    with pytest.raises(ValueError, match="not SVG"):
        pdf("")


@pytest.mark.parametrize("weight", ["", 'font-weight="bold"'])
def test_signs_are_drawn_and_those_of_a_keyboard_are_copied(weight: str) -> None:
    lines = ("data \u22127.788", "y = a\u00b7x \u2212 3", "\u00d7", "y\u2032\u2032")
    file = pdf(svg(*lines, attributes=weight))
    text = pypdf.PdfReader(io.BytesIO(file)).pages[0].extract_text()
    assert text.splitlines() == ["data -7.788", "y = a*x - 3", "*", "y''"]
    plain = pdf(svg("data -7.788", "y = a*x - 3", "*", "y''", attributes=weight))
    assert glyphs(file) != glyphs(plain)


def glyphs(file: bytes) -> list[int]:
    """Return the widths of all fonts in a file; a minus is wider than a hyphen."""
    fonts_of = pypdf.PdfReader(io.BytesIO(file)).pages[0]["/Resources"]["/Font"]
    return sorted(
        width for font in fonts_of.values() for width in font.get_object().get("/Widths", [])
    )


def test_a_line_that_has_sign_and_character_keeps_both() -> None:
    file = pdf(svg("x-ray \u22122"))
    assert pypdf.PdfReader(io.BytesIO(file)).pages[0].extract_text().strip() == "x-ray \u22122"
