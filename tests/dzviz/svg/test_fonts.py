"""Which characters a font has: against another reader, and on files that are no fonts."""

from __future__ import annotations

import os
import struct
import sys
from typing import TYPE_CHECKING

import pytest

from dzviz.errors import LayoutError
from dzviz.svg import fonts

if TYPE_CHECKING:
    from pathlib import Path

EVERY = [chr(code) for code in range(0x20, 0x20000) if not 0xD800 <= code < 0xE000]


def fonts_here() -> list[str]:
    return [fonts.open_sans(), *fonts._system_files()]


@pytest.mark.thorough
@pytest.mark.parametrize("path", fonts_here(), ids=os.path.basename)
def test_agrees_with_reportlab(path: str) -> None:
    ttfonts = pytest.importorskip("reportlab.pdfbase.ttfonts")
    font = fonts.read(path)
    assert font
    if not font.truetype:
        with pytest.raises(ttfonts.TTFError):
            ttfonts.TTFontFace(path)
        return
    glyphs = ttfonts.TTFontFace(path).charToGlyph
    visible = {char for char in EVERY if not fonts._unseen(char)}
    assert visible - font.lacks(EVERY) == {char for char in visible if glyphs.get(ord(char))}


def test_the_fonts_of_a_system_are_there() -> None:
    assert len(EVERY) > 100_000
    assert fonts_here()


def test_what_open_sans_has() -> None:
    assert fonts.lacking("sin(x) = 0.5; é Ж θ ≤") == set()
    assert fonts.lacking("a → 日 🙂") == {"→", "日", "🙂"}


@pytest.mark.parametrize(
    "unseen", ["\u200d", "\ufe0f", "\u00ad", "\u3000", "\u2028", "\t", "\U000e0101", "\u202e"]
)
def test_what_is_never_seen_needs_no_glyph(unseen: str) -> None:
    assert fonts.lacking(f"x{unseen}y") == set()


def table(
    tag: bytes, data: bytes, *, kind: bytes = b"\0\1\0\0", empty: tuple[bytes, ...] = ()
) -> bytes:
    """Return a font file with one table, and some that are empty."""
    start = 12 + 16 * (1 + len(empty))
    head = struct.pack(">4sH6x4s4xII", kind, 1 + len(empty), tag, start, len(data))
    return head + b"".join(struct.pack(">4s12x", name) for name in empty) + data


def map_of(subtable: bytes, platform: int = 3, encoding: int = 10) -> bytes:
    return struct.pack(">HHHHI", 0, 1, platform, encoding, 12) + subtable


GROUPS = struct.pack(">HHIII" + "III" * 2, 12, 0, 40, 0, 2, 0x61, 0x63, 5, 0x1F600, 0x1F601, 9)
MANY_TO_ONE = struct.pack(">HHIII" + "III", 13, 0, 28, 0, 1, 0x20, 0x10FFFF, 1)
# Two segments (a-c by a list of glyphs, b's is 0; x-y by a difference) and the last.
SEGMENTS = struct.pack(
    ">HHHHHHH" + "HHH" + "H" + "HHH" + "hhh" + "HHH" + "HHH",
    *(4, 46, 0, 6, 0, 0, 0),
    *(0x63, 0x79, 0xFFFF),
    0,
    *(0x61, 0x78, 0xFFFF),
    *(0, -0x70, 1),
    *(6, 0, 0),
    *(7, 0, 8),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "font.ttf"


@pytest.mark.parametrize(
    ("data", "has"),
    [
        (map_of(GROUPS), "abc\U0001f600\U0001f601"),
        (map_of(SEGMENTS, encoding=1), "acxy"),
        (map_of(SEGMENTS, platform=0, encoding=3), "acxy"),
    ],
)
def test_both_kinds_of_maps(file: Path, data: bytes, has: str) -> None:
    file.write_bytes(table(b"cmap", data, empty=(b"glyf",)))
    font = fonts.read(str(file))
    assert font
    assert font.truetype
    assert set(EVERY) - font.lacks(EVERY) >= set(has)
    assert font.lacks("abcdwxyz\U0001f600\U0001f601\U0001f602") == set(
        "abcdwxyz\U0001f600\U0001f601\U0001f602"
    ) - set(has)


def test_a_collection_and_other_outlines(file: Path) -> None:
    inner = table(b"cmap", map_of(GROUPS), kind=b"OTTO")
    shifted = inner.replace(struct.pack(">II", 28, len(map_of(GROUPS))), b"@" * 8)
    start = 16
    shifted = shifted.replace(b"@" * 8, struct.pack(">II", 28 + start, len(map_of(GROUPS))))
    file.write_bytes(b"ttcf" + struct.pack(">III", 0x10000, 1, start) + shifted)
    font = fonts.read(str(file))
    assert font
    assert not font.truetype
    assert font.lacks("abcd") == {"d"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"\0\1\0\0",
        b"ttcf",
        b"ttcf" + b"\xff" * 12,
        b"\xff" * 1000,
        table(b"glyf", b"1234"),
        table(b"cmap", b""),
        table(b"cmap", b"\0\0\xff\xff"),
        table(b"cmap", map_of(MANY_TO_ONE)),
        table(b"cmap", map_of(GROUPS, platform=1, encoding=0)),
        table(b"cmap", map_of(GROUPS, platform=3, encoding=0)),
    ],
)
def test_what_is_not_a_font(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert fonts.read(str(file)) is None
    with pytest.raises(LayoutError, match="is not a font file"):
        next(fonts.substitutes(str(file)))


@pytest.mark.parametrize("subtable", [GROUPS, SEGMENTS])
def test_a_map_that_was_cut_short_has_nothing_or_less(file: Path, subtable: bytes) -> None:
    for end in range(len(map_of(subtable))):
        fonts.read.cache_clear()
        file.write_bytes(table(b"cmap", map_of(subtable)[:end]))
        font = fonts.read(str(file))
        assert font is None or "d" in font.lacks("abcd")


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    assert fonts.read(str(tmp_path)) is None
    assert fonts.read(str(tmp_path / "nothing")) is None
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "fifo")
        assert fonts.read(str(tmp_path / "fifo")) is None


def test_the_users_font_is_the_first(file: Path) -> None:
    file.write_bytes(table(b"cmap", map_of(GROUPS)))
    assert next(fonts.substitutes(str(file))).path == str(file)


def test_the_plainest_of_a_family_is_the_first_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [
        "A Serif Bold.ttf",
        "B Sans Mono.ttf",
        "C-Sans-Bold.otf",
        "D Sans.TTF",
        "E.ttc",
        "F.txt",
    ]
    for name in names:
        (tmp_path / name).write_bytes(table(b"cmap", map_of(GROUPS)))
    monkeypatch.setattr(fonts, "_folders", lambda: [str(tmp_path), str(tmp_path / "nowhere")])
    found = [os.path.basename(font.path) for font in fonts.substitutes(None)]
    assert found[0] == "D Sans.TTF"
    assert sorted(found) == sorted(names[:-1])


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"XDG_DATA_DIRS": "/a:/b"}, ["/a/fonts", "/b/fonts"]),
        ("linux", {"XDG_DATA_DIRS": ""}, ["/usr/local/share/fonts", "/usr/share/fonts"]),
        ("darwin", {}, ["/Library/Fonts", "/System/Library/Fonts"]),
        ("win32", {"WINDIR": "/w"}, [os.path.join("/w", "Fonts")]),
    ],
)
def test_the_folders_of_a_system(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], expected: list[str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", platform)
    assert set(expected) <= set(fonts._folders())


def test_the_error_names_characters_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    error = fonts.cannot_set("日\ue000")
    assert str(error) == "found no font that has 日 (U+65E5), U+E000"
    assert error.hint == (
        "name a font that has them with --font FILE, "
        "or install one: sudo apt install fonts-wqy-microhei"
    )
    assert "and 3 more" in str(fonts.cannot_set("日本語中国人民大"))
    assert "fonts-noto-core" in str(fonts.cannot_set("→").hint)
    assert "emoji" in str(fonts.cannot_set("🙂").hint)
    monkeypatch.setattr("sys.platform", "darwin")
    assert fonts.cannot_set("日").hint == "name a font that has them with --font FILE"


@pytest.mark.parametrize(
    ("characters", "any_font", "beside_latin"),
    [
        ("重み", "fonts-wqy-microhei", "fonts-wqy-microhei"),
        ("무", "fonts-wqy-microhei", "fonts-wqy-microhei"),
        ("ㄅ", "fonts-wqy-microhei", "fonts-wqy-microhei"),
        ("𠀀", "fonts-noto-cjk", None),
        ("म", "fonts-noto-core", "fonts-freefont-ttf"),
        ("א", "fonts-noto-core", "fonts-dejavu-core"),
        ("∇", "fonts-noto-core", "fonts-dejavu-core"),
        ("త", "fonts-noto-core", None),
        ("🙂", "fonts-noto-color-emoji", None),
    ],
)
def test_the_package_named_is_one_that_does(
    monkeypatch: pytest.MonkeyPatch, characters: str, any_font: str, beside_latin: str | None
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert str(fonts.cannot_set(characters).hint).endswith(any_font)
    hint = str(fonts.cannot_set(characters, kind="single TrueType font").hint)
    assert "a TrueType font that has them and the rest of their line" in hint
    assert hint.partition("apt install ")[2] == (beside_latin or "")


def test_bitmaps_are_no_outlines(file: Path) -> None:
    file.write_bytes(table(b"cmap", map_of(GROUPS), empty=(b"CBDT",)))
    font = fonts.read(str(file))
    assert font
    assert not font.truetype


def test_without_open_sans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "find_spec", lambda name: None)
    fonts.open_sans.cache_clear()
    with pytest.raises(LayoutError, match="Open Sans is not installed") as caught:
        fonts.open_sans()
    assert caught.value.hint == f"{sys.executable} -m pip install ttf-opensans"
