"""Whether two outputs of one format show the same, made by two processors.

The last digits of a result are its processor's own: what NumPy and BLAS sum in another order is
rounded otherwise. So a shown number may be off by one, and what is placed by its width moves a
little. It knows numbers in text, and in SVG which attributes say where something is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from dzviz.formats import FORMATS
from dzviz.records import NamedTuple
from dzviz.text.typeset import plain

NOISE = 1e-6
"""How far exact values may differ, in proportion: those of JSON, and with many digits.

That is some last digits of float32; of float64 it is half of its digits."""

MOST_DIGITS = 12
"""With more digits than these, a shown number is taken for an exact value."""

ATTRIBUTES: Mapping[str, str] = {
    "svg": "width|height|viewBox",
    "rect": "x|y|width|height",
    "ellipse": "cx|cy|rx|ry",
    "path": "d",
    "polygon": "points",
    "text": "x|y",
}
"""The attributes of our SVG that say where an element is; all others say what it looks like."""


class Precision(NamedTuple):
    """How numbers were rounded: to so many significant digits; 0 stands for exact values.

    The numbers of the command are as ``given``: one of them is not off by a digit, it was changed.
    """

    digits: int
    given: frozenset[str] = frozenset()


def precision_of(format: str, digits: int, command: str) -> Precision:
    """Return how a command rounds the numbers of a format, with ``--precision digits``."""
    exact = digits > MOST_DIGITS or (format in FORMATS and not FORMATS[format].words)
    return Precision(0 if exact else digits, frozenset(_NUMBER.findall(command)))


def is_equivalent(format: str, old: bytes, new: bytes, precision: Precision) -> bool:
    """Whether an output that is kept shows what a new one of this format shows.

    Pixels tell nothing of what they show: they have to be the same.
    """
    if old == new:
        return True
    if FORMATS[format].binary:
        return False
    unplaced = PLACES.get(FORMATS[format].places or "", str)
    try:
        before, after = (unplaced(output.decode()) for output in (old, new))
    except UnicodeDecodeError:
        return False
    return is_equivalent_text(before, after, precision)


def is_equivalent_text(old: str, new: str, precision: Precision) -> bool:
    """Whether texts have the same words, and numbers that differ by one in their last digit."""
    before, after = (_NUMBER.split(_GAP.sub(_unwidened, text)) for text in (old, new))
    return before[::2] == after[::2] and all(
        _is_equivalent_number(a, b, precision)
        for a, b in zip(before[1::2], after[1::2], strict=True)
    )


def _unplaced_svg(text: str) -> str:
    """Leave out of an SVG where its elements stand, and where their texts are broken."""
    return _LINES.sub(_joined, _TAG.sub(_unplaced, plain(text)))


def _unplaced_tikz(text: str) -> str:
    """Leave out of TikZ where something is, and write its numbers as others do."""
    text = _TEX_PATH.sub(r"\1;", text)
    text = _TEX_NODE.sub(r"\1", text)
    text = _TEX_POWER.sub(r"\1e\2", text)
    text = _TEX_NUMBER.sub(r"\1", text)
    joined = _TEX_LINES.sub(r"\1 {\2 ", text)
    while joined != text:
        text, joined = joined, _TEX_LINES.sub(r"\1 {\2 ", joined)
    return text


PLACES: Mapping[str, Callable[[str], str]] = {"svg": _unplaced_svg, "tikz": _unplaced_tikz}
"""What leaves out of a text where something stands, by the syntax in which it says so."""

# Not within a name, nor in a colour or a reference to a character; Mermaid refers to a minus.
_NUMBER = re.compile(r"((?<![\w#.])-?\d+(?:\.\d+)?(?:e(?:[-+]|#45;)?\d+)?(?!\w))")

# What is as wide as a number: the columns of a table. What ends where a line gets too long: the
# lines of labels, in DOT, in Mermaid, and in SVG.
_GAP = re.compile(r"(?<=\S) {2,}|\\n|<br/>")
_LINES = re.compile(r"(<text [^>]*>)[^<]*(?:</text>\n\1[^<]*)+")

_TEX_PATH = re.compile(r"(\\path\[[^\]]*\]) .*;")
_TEX_NODE = re.compile(r"(\\node\[[^\]]*\]) at \([^)]*\)")
_TEX_POWER = re.compile(r"\$(-?[\d.]+)\{\\cdot\}10\^\{(-?\d+)\}\$")
_TEX_NUMBER = re.compile(r"\$(-?[\d.]+)\$")
_TEX_LINES = re.compile(r"(\\node\[[^\]]*\]) \{(.*)\};\n\1 \{")

_TAG = re.compile(r"<(\w+) [^>]*>")


def _unwidened(gap: re.Match[str]) -> str:
    return "  " if gap[0].isspace() else " "


def _joined(lines: re.Match[str]) -> str:
    return lines[0].replace(f"</text>\n{lines[1]}", " ")


def _unplaced(tag: re.Match[str]) -> str:
    names = ATTRIBUTES.get(tag[1])
    return re.sub(rf' ({names})="[^"]*"', r" \1", tag[0]) if names else tag[0]


def _is_equivalent_number(old: str, new: str, precision: Precision) -> bool:
    if old == new:
        return True
    (x, unit, shown), (y, other_unit, other_shown) = _parts(old), _parts(new)
    if old.isdecimal() and new.isdecimal():
        return x == y
    if shown == other_shown == precision.digits and new not in precision.given:
        return abs(x - y) <= min(unit, other_unit) * 1.001
    is_exact = max(shown, other_shown) > precision.digits
    return abs(x - y) <= (NOISE * max(abs(x), abs(y)) if is_exact else 0)


def _parts(number: str) -> tuple[float, float, int]:
    """Return what a number is, what one in its last digit is worth, and how many digits it has."""
    mantissa, _, exponent = number.replace("#45;", "-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    power = int(exponent or 0)
    digits = len(f"{whole}{fraction}".lstrip("-0"))
    return float(f"{mantissa}e{power}"), float(f"1e{power - len(fraction)}"), digits
