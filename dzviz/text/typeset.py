"""Minus, multiplication signs and primes as a typesetter sets them, for pictures and pages.

Each sign takes the place of one character, so that a place in a line stays what it is. All that a
program reads back (DOT, JSON, text) stays as it is.
"""

from __future__ import annotations

import re

MINUS, TIMES, DOT, PRIME = "\u2212", "\u00d7", "\u00b7", "\u2032"

PLAIN = str.maketrans({MINUS: "-", TIMES: "*", DOT: "*", PRIME: "'"})
"""What takes the signs back."""

AS_WIDE = str.maketrans({MINUS: "+", TIMES: "+", DOT: ":", PRIME: "'"})
"""Characters of the same width, for code that only knows the widths of ASCII."""

_LEFT = r"[\w)\]'\u2032]"
_MINUS = re.compile(  # it begins with the sign, so that all else is passed over at once
    r"-(?:(?:(?<![\w)\]'\"-]-)|(?<=\d[eE]-))(?=[\w.(])(?!-)"  # of one operand, and of an exponent
    rf"|(?<={_LEFT} -)(?= \S)"  # between two
    r"|(?<=\b[A-Za-z]-)(?=[A-Za-z]\b|[\d(])|(?<=[\d)\]]-)(?=[\w(])"  # x-y, but not x-ray
    r"|(?<!\S-)(?=[\s,]|\.?$|\.\s))"  # an op
)
_STAR = re.compile(
    r"(?<!\S)\*(?=,|\.?$|\.\s)|^\*(?= )|(?<=[:,] )\*(?= )"
    rf"|(?<={_LEFT})\*(?=[\w(\u2212-])|(?<={_LEFT} )\*(?= [\w(\[\u2212-])"
)
_PRIME = re.compile(r"(?<=[\w)\]])'+(?!\w)")
_QUOTE = re.compile(r"(?<!\w)(?<!['\])])'")


def typeset(line: str) -> str:
    r"""Set the signs of a line.

    >>> print(ascii(typeset("x - 2*y''")))
    'x \u2212 2\xb7y\u2032\u2032'
    """
    if "-" in line:
        line = _MINUS.sub(MINUS, line)
    if "*" in line:
        line = _STAR.sub(_star, line)
    if "'" in line and not _QUOTE.search(line):
        line = _PRIME.sub(lambda found: PRIME * len(found[0]), line)
    return line


def plain(line: str) -> str:
    """Take the signs of a line back.

    >>> print(plain(typeset("x - 2*y, -1e-5, y''")))
    x - 2*y, -1e-5, y''
    """
    return line.translate(PLAIN)


def _star(found: re.Match[str]) -> str:
    """Set a cross between numbers and where an op stands alone, a dot between letters."""
    line, at = found.string, found.start()
    alone = (
        not line[:at].rstrip(" ,:")
        or line[at - 2 : at] in (": ", ", ")
        or line[at + 1 : at + 2] in ("", ",", ".")
    )
    spaced = line[at + 1 : at + 2] == " "
    numbers = (
        line[at - 2 : at - 1] in ")]0123456789" and line[at + 2 : at + 3] in f"[{MINUS}-0123456789"
    )
    return TIMES if alone or (spaced and numbers) else DOT
