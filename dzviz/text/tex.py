r"""Lines of a picture as TeX: names and numbers as math, all else as words.

What TeX would obey is escaped: a name that is made of commands stays what it reads.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from dzviz.text.greek import SMALL
from dzviz.text.numbers import NOISE
from dzviz.text.primes import parted_order, with_orders
from dzviz.text.typeset import DOT, MINUS, PRIME, TIMES

ESCAPES = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
}
"""What TeX obeys, or sets as something else, as it is written in text; the rest of it differs."""

_WORDS = {
    **ESCAPES,
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "_": r"\_",
    '"': r"{\char34}",
    "'": r"{'}",
    "-": "{-}",
    ",": "{,}",
    "*": r"$\ast$",
    "[": "{[}",
    "]": "{]}",
    MINUS: "$-$",
    TIMES: r"$\times$",
    DOT: r"$\cdot$",
    PRIME: r"$'$",
    "\u207d": "$^{(",
    "\u207e": ")}$",
    "\u2026": r"\dots{}",
    "\u00a0": "~",
}
"""What stands for a character that is none in TeX, or not alone."""

GREEK = {letter: name for name, letter in SMALL.items()}
"""Names of small Greek letters, which TeX's math has, by their characters."""

COMMANDS = {**{name: name for name in SMALL}, "lamda": "lambda"}

ACCENTS = frozenset("\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327")
"""Accents that every encoding of a font can set on a Latin letter."""

LETTERS = frozenset("\u00df\u00e6\u00c6\u0153\u0152\u00f8\u00d8\u0142\u0141\u0131\u00a1\u00bf")
"""Latin letters and signs without an ASCII letter in them that every encoding has."""

_NUMBER = rf"{NOISE}(?!\w)|" r"(?<![\w.])[\u2212-]?\d+(?:\.\d+)?(?:e[\u2212-]?\d+)?(?!\w)"
_NAME = r"[^\W\d]\w*(?:\u2032+|\u207d\w+\u207e)?"
_TOKEN = re.compile(rf"(?P<number>{_NUMBER})|(?P<name>{_NAME})|(?P<other>.)", re.DOTALL)


def words(text: str) -> str:
    r"""Write text so that TeX sets it as it is.

    >>> print(words(r"\input{x} 50%"))
    \textbackslash{}input\{x\} 50\%
    """
    text = with_orders(text, "\u207d{}\u207e".format)
    return "".join(_WORDS.get(c, c) if c not in GREEK else math_name(c) for c in text)


def line(text: str, names: Collection[str] = ()) -> str:
    r"""Write a line: numbers are math, and so are words that are ``names``.

    >>> print(line("data 1.5e-7"), line("y = W1", {"y", "W1"}))
    data $1.5{\cdot}10^{-7}$ $y$ = $W_{1}$
    """
    return "".join(_token(token, names) for token in _TOKEN.finditer(text))


def _token(token: re.Match[str], names: Collection[str]) -> str:
    text = token[0]
    if token.lastgroup == "number":
        return number(text)
    if token.lastgroup == "name":
        if parted_order(text.replace(PRIME, "'"))[0] in names or text in names:
            return math_name(text)
        if text[0] == "d" and parted_order(text[1:].replace(PRIME, "'"))[0] in names:
            return rf"$\mathrm{{d}}{math_name(text[1:])[1:]}"
    return words(text)


def number(text: str) -> str:
    """Write a number as math."""
    if text == NOISE:
        return r"$\sim0$"
    mantissa, _, exponent = text.replace(MINUS, "-").partition("e")
    return rf"${mantissa}{{\cdot}}10^{{{exponent}}}$" if exponent else f"${mantissa}$"


def math_name(name: str) -> str:
    r"""Write a name as math where it is one: letters with an index; else in words.

    >>> print(math_name("x"), math_name("loss"), math_name("w_12"), math_name("theta"))
    $x$ $\mathit{loss}$ $w_{12}$ $\theta$
    """
    bare, primes = parted_order(name.replace(PRIME, "'"))
    primes = f"^{{{primes}}}" if primes.startswith("(") else primes
    found = re.fullmatch(r"([A-Za-z]+|[\u03b1-\u03c9])(?:_?(\d+)|_([A-Za-z0-9]+))?", bare)
    if found is None:
        return words(bare) + (f"${primes}$" if primes else "")
    base, digits, index = found.groups()
    command = COMMANDS.get(GREEK.get(base, base))
    letter = rf"\{command}" if command else base if len(base) == 1 else rf"\mathit{{{base}}}"
    if base == "omicron" or (not command and not base.isascii()):
        return words(bare)
    below = digits or (rf"\mathrm{{{index}}}" if index else "")
    return f"${letter}{f'_{{{below}}}' if below else ''}{primes}$"


def beyond_latin(text: str) -> str:
    """Return the characters that pdfLaTeX cannot set with each of its fonts."""
    text = with_orders(text)
    return "".join(
        dict.fromkeys(
            c for c in text if not (c.isascii() or c in _WORDS or c in GREEK or _is_latin(c))
        )
    )


def _is_latin(character: str) -> bool:
    if character in LETTERS:
        return True
    apart = unicodedata.normalize("NFD", character)
    return apart[0].isascii() and apart[0].isalpha() and len(apart) == 2 and apart[1] in ACCENTS
