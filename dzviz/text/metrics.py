"""How wide text is at most, in the fonts that pictures are set in.

It reads no font: a picture must not depend on which of them a machine has.
"""

from __future__ import annotations

from unicodedata import east_asian_width

_CLASSES = {
    0.3: " !'(),-.:;I[]ijl|/\\",
    0.38: '"ft',
    0.45: "?_rz{}",
    0.57: "$*+0123456789<=>EFLSTYZ^acegksvxy~",
    0.63: "PRVXK`bdhnopqu",
    0.73: "#&ABCDGHNU",
    0.82: "OQw",
    1.02: "%@MWm",
}
"""Characters by the widest of Helvetica and Open Sans, in font sizes."""

_ADVANCES = {character: width for width, characters in _CLASSES.items() for character in characters}
_OTHER = 0.75
_BOLD = 1.08


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a line may be, in the unit of ``size``."""
    total = 0.0
    for character in text:
        advance = _ADVANCES.get(character)
        if advance is None:
            advance = 1.0 if east_asian_width(character) in "WF" else _OTHER
        total += advance
    return total * size * (_BOLD if bold else 1.0)
