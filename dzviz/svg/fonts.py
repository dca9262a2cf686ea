"""Fonts: Open Sans, which is always available, and files for characters that it lacks.

It reads a font's map from characters to glyphs and nothing else; it draws nothing.
"""

from __future__ import annotations

import os
import re
import struct
import sys
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from importlib.util import find_spec

from dzviz.errors import LayoutError, pip_install
from dzviz.files import absolute
from dzviz.records import NamedTuple
from dzviz.text.primes import with_orders


class Font(NamedTuple):
    """A font file (of a collection the first font) with its maps of characters."""

    path: str
    truetype: bool
    """Whether its outlines are TrueType's; PDF writers may know no other."""
    maps: tuple[bytes, ...]

    def lacks(self, text: Iterable[str]) -> set[str]:
        """Return the characters that it cannot set. What is never seen needs no glyph."""
        codes = {ord(char) for char in text if not _unseen(char)}
        for table in self.maps:
            with suppress(struct.error):  # A broken map has no characters.
                codes -= _MAP_READERS[table[:2]](table, codes)
        return {chr(code) for code in codes}


@lru_cache  # A PDF asks for each line, and to look for a package takes 0.2 ms.
def open_sans(style: str = "Regular") -> str:
    """Return the file of Open Sans in a style: Regular, Bold, Italic or BoldItalic."""
    package = find_spec("ttf_opensans")  # Importing it would load Pillow where there is one.
    if not package or not package.origin:
        hint = pip_install("ttf-opensans")
        raise LayoutError("the font Open Sans is not installed", hint=hint)
    return os.path.join(os.path.dirname(package.origin), "ttf", f"OpenSans-{style}.ttf")


def lacking(text: str) -> set[str]:
    """Return the characters that Open Sans cannot set.

    Raises LayoutError when it cannot be read: another font would make another picture.
    """
    if text.isascii():
        return set()
    font = read(open_sans())
    if font is None:
        raise LayoutError("the font Open Sans cannot be read", hint=pip_install("ttf-opensans"))
    return font.lacks(text)


def with_raised_orders(svg: str) -> str:
    """Raise the orders of derivatives in the texts of an SVG: Open Sans has no raised brackets."""
    if "\u207d" not in svg:
        return svg
    return _TEXT.sub(lambda found: found[1] + _raised(found[3], float(found[2])) + "</text>", svg)


_TEXT = re.compile(r'(<text [^>]*font-size="([\d.]+)"[^>]*>)([^<]*)</text>')


def _raised(text: str, size: float) -> str:
    raised = f'<tspan baseline-shift="{size * 0.35:.2f}" font-size="{size * 0.7:.2f}">'
    return with_orders(text, (raised + "({})</tspan>").format)


def substitutes(font: str | None, *, bold: bool = False) -> Iterator[Font]:
    """Yield the fonts to try where Open Sans fails: the user's own file, then the system's.

    Of the latter ``bold`` ones come first where that is wanted.

    Raises LayoutError when the user's is not a font.
    """
    if font is not None:
        own = read(font)
        if not own:
            raise LayoutError(f"{font!r} is not a font file that can be read (.ttf, .otf, .ttc)")
        yield own
    files = sorted(_system_files(), key=_plainest_first)
    if bold:
        files.sort(key=lambda path: "bold" not in os.path.basename(path).lower())
    for path in files:
        found = read(path)
        if found:
            yield found


def cannot_set(characters: Iterable[str], kind: str = "font") -> LayoutError:
    """Return the error that no font (of a kind) at hand has these characters."""
    several = sorted(characters)
    names = ", ".join(
        f"{char} (U+{ord(char):04X})" if char.isprintable() else f"U+{ord(char):04X}"
        for char in several[:5]
    )
    more = f" and {len(several) - 5} more" if len(several) > 5 else ""
    beside = "" if kind == "font" else " and the rest of their line"
    hint = f"name a {kind.removeprefix('single ')} that has them{beside} with --font FILE"
    package = _package_for(several[0], with_latin=bool(beside))
    if sys.platform == "linux" and package:
        hint += f", or install one: sudo apt install {package}"
    return LayoutError(f"found no {kind} that has {names}{more}", hint=hint)


_WITH_LATIN = {
    "fonts-wqy-microhei": "BOPOMOFO CJK FULLWIDTH HALFWIDTH HANGUL HIRAGANA IDEOGRAPHIC KATAKANA",
    "fonts-dejavu-core": "ARABIC ARMENIAN GEORGIAN HEBREW LAO NKO TIFINAGH",
    "fonts-freefont-ttf": "BENGALI CHEROKEE COPTIC DEVANAGARI ETHIOPIC GLAGOLITIC GUJARATI GURMUKHI"
    " MALAYALAM PHOENICIAN RUNIC SINHALA SYRIAC TAMIL THAI",
}
"""Debian's packages with TrueType fonts, and scripts that one of these has beside Latin letters.

Of most scripts fonts-noto-core has a font, too, but without Latin letters.
"""


def _package_for(char: str, *, with_latin: bool) -> str | None:
    """Return the package whose fonts have a character; None where none is known."""
    script = unicodedata.name(char, "").partition(" ")[0]
    package = next((name for name, has in _WITH_LATIN.items() if script in has.split()), None)
    if package == "fonts-wqy-microhei":
        rare = "\u3400" <= char <= "\u4dbf" or "\u9fbb" < char < "\uac00" or char > "\uffff"
        if rare:
            return None if with_latin else "fonts-noto-cjk"
        return package
    if with_latin:
        symbol = unicodedata.category(char)[0] == "S" and char < "\U00010000"
        return package or ("fonts-dejavu-core" if symbol else None)
    return "fonts-noto-color-emoji" if char >= "\U0001f000" else "fonts-noto-core"


def _unseen(char: str) -> bool:
    category = unicodedata.category(char)
    return category in _UNSEEN or "VARIATION SELECTOR" in unicodedata.name(char, "")


_UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # Controls, format characters, spaces and separators.


def _system_files() -> Iterator[str]:
    for folder in _folders():
        for root, _, names in os.walk(folder):
            for name in names:
                if name.lower().endswith((".ttf", ".otf", ".ttc", ".otc")):
                    yield os.path.join(root, name)


def _folders() -> list[str]:
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", os.path.join(home, "AppData", "Local"))
        windows = os.environ.get("WINDIR", r"C:\Windows")
        return [
            os.path.join(windows, "Fonts"),
            os.path.join(local, "Microsoft", "Windows", "Fonts"),
        ]
    if sys.platform == "darwin":
        return [os.path.join(home, "Library/Fonts"), "/Library/Fonts", "/System/Library/Fonts"]
    own = os.environ.get("XDG_DATA_HOME") or os.path.join(home, ".local/share")
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    data = [own, *shared.split(":")]
    return [os.path.join(home, ".fonts"), *(os.path.join(folder, "fonts") for folder in data)]


def _plainest_first(path: str) -> tuple[int, str, str]:
    """Order fonts so that an upright sans of usual weight comes before its siblings."""
    name = os.path.basename(path).lower()
    odd = sum(word in name for word in _ODD_WORDS)
    return odd + ("sans" not in name), name, path


_ODD_WORDS = ("bold", "italic", "oblique", "mono", "serif", "cond", "light", "thin", "black")


# The layout of a font file and of its "cmap" table: https://learn.microsoft.com/typography/opentype
# fontTools reads them too, for 64 ms of import and 5 MB; this takes 1 ms a font.


@lru_cache(maxsize=256)
def read(path: str) -> Font | None:
    """Read the maps of a font file; None when it is not one, or not one that can be read."""
    path = absolute(path)
    if not os.path.isfile(path):  # A FIFO would be waited for.
        return None
    try:
        with open(path, "rb") as file:
            start = 0
            if file.read(4) == b"ttcf":
                file.seek(12)
                (start,) = struct.unpack(">I", file.read(4))
            file.seek(start)
            kind, count = struct.unpack(">4sH6x", file.read(12))
            tables = {
                tag: where for tag, *where in struct.iter_unpack(">4s4xII", file.read(16 * count))
            }
            offset, length = tables[b"cmap"]
            file.seek(offset)
            table = file.read(min(length, 1 << 24))
        (count,) = struct.unpack_from(">H", table, 2)
        encodings = struct.iter_unpack(">HHI", table[4 : 4 + 8 * count])
        # Platforms 0 and 3 are Unicode, except for the third's encoding 0: its own symbols.
        unicode = {at for platform, encoding, at in encodings
                   if platform == 0 or (platform == 3 and encoding != 0)}  # fmt: skip
        maps = [table[at:] for at in sorted(unicode) if table[at : at + 2] in _MAP_READERS]
        truetype = kind in (b"\0\1\0\0", b"true") and b"glyf" in tables  # not coloured bitmaps
        return Font(path, truetype, tuple(maps)) if maps else None
    except (OSError, struct.error, KeyError):
        return None


def _segments(table: bytes, codes: set[int]) -> set[int]:
    """Look up a map of format 4, which knows the first 65 536 characters."""
    double = struct.unpack_from(">H", table, 6)[0]
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{double // 2}H", table, at)
        for at in (14, 16 + double, 16 + 2 * double, 16 + 3 * double)
    )
    found = set()
    for code in codes:
        i = bisect_left(ends, code)
        if i < len(ends) and starts[i] <= code:
            glyph = code
            if offsets[i]:  # It counts from where it stands itself.
                at = 16 + 3 * double + 2 * i + offsets[i] + 2 * (code - starts[i])
                (glyph,) = struct.unpack_from(">H", table, at)
            if glyph and (glyph + deltas[i]) & 0xFFFF:
                found.add(code)
    return found


def _groups(table: bytes, codes: set[int]) -> set[int]:
    """Look up a map of format 12, which knows all characters."""
    (count,) = struct.unpack_from(">I", table, 12)
    numbers = struct.unpack_from(f">{3 * count}I", table, 16)
    starts, ends = numbers[0::3], numbers[1::3]
    found = set()
    for code in codes:
        i = bisect_left(ends, code)
        if i < count and starts[i] <= code:
            found.add(code)
    return found


# Format 13 is left out: it is for fonts that have one box for everything.
_MAP_READERS = {b"\0\x04": _segments, b"\0\x0c": _groups}
