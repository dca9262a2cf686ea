"""Text -> tokens, of any text at all.

Knows characters, and the limits that must hold before a parser runs. It does not know which token
may follow which.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from dzviz.errors import ExpressionError, Place
from dzviz.records import NamedTuple

MAX_CHARACTERS: Final = 10_000
MAX_NODES: Final = 2_000
MAX_NESTING: Final = 100

NEWLINE: Final = re.compile(r"\r\n|\r|\n")

OPERATORS: Final = frozenset({"+", "-", "*", "/", "**", "@"})
COMPARISONS: Final = frozenset({"<", "<=", ">", ">=", "==", "!="})
PUNCTUATION: Final = frozenset({"(", ")", "[", "]", ",", ":", ";", "=", ".", "..."})
KEYWORD_CONSTANTS: Final = frozenset({"True", "False", "None"})

REFUSED_SIGNS: Final = {
    "^": "the power sign",
    "%": "the remainder",
    "//": "floor division",
    "&": "the bit operation",
    "|": "the bar",
    "~": "the bit operation",
    "<<": "the bit shift",
    ">>": "the bit shift",
    "&&": "the logical operation",
    "||": "the double bar",
    ":=": "naming inside an expression",
    "+=": "changing a name in place",
    "-=": "changing a name in place",
    "*=": "changing a name in place",
    "/=": "changing a name in place",
    "//=": "changing a name in place",
    "**=": "changing a name in place",
    "@=": "changing a name in place",
    "%=": "changing a name in place",
    "&=": "changing a name in place",
    "|=": "changing a name in place",
    "^=": "changing a name in place",
    "<<=": "changing a name in place",
    ">>=": "changing a name in place",
    "===": "the comparison",
    "!==": "the comparison",
    "=>": "the comparison",
    "=<": "the comparison",
    "<>": "the comparison",
    "->": "the arrow",
    "!": "the exclamation mark",
    "?": "the question mark",
    "$": "the dollar sign",
    "\\": "the backslash",
    "{": "the brace",
    "}": "the brace",
    "'": "the quotation mark",
    '"': "the quotation mark",
    "`": "the backquote",
}

REFUSED_WORDS: Final = {
    "and": "the logical operation",
    "or": "the logical operation",
    "not": "the logical operation",
    "is": "the comparison",
    "in": "the membership test",
    "if": "a condition",
    "else": "a condition",
    "elif": "a condition",
    "for": "a loop",
    "while": "a loop",
    "break": "a loop",
    "continue": "a loop",
    "lambda": "a function definition",
    "def": "a function definition",
    "return": "a function definition",
    "yield": "a function definition",
    "async": "a function definition",
    "await": "a function definition",
    "class": "a class definition",
    "import": "an import",
    "from": "an import",
    "with": "a statement",
    "as": "a statement",
    "try": "a statement",
    "except": "a statement",
    "finally": "a statement",
    "raise": "a statement",
    "assert": "a statement",
    "del": "a statement",
    "global": "a statement",
    "nonlocal": "a statement",
    "pass": "a statement",
}


ADVICE: Final = {
    "//": "floor division has no useful gradient; '/' divides",
    "%": "a remainder has no rule here; five per cent is 0.05",
    "!": "there is no factorial; prod([1, 2, 3]) multiplies numbers",
    "&": "if both must hold, multiply: (a < b) * (b < c)",
    "&&": "if both must hold, multiply: (a < b) * (b < c)",
    "and": "if both must hold, multiply: (a < b) * (b < c)",
    "or": "if one must hold: where(a, 1, b)",
    "not": "the opposite of a: where(a, 0, 1)",
    "if": "where(condition, a, b) chooses between two values",
    "else": "where(condition, a, b) chooses between two values",
    "for": "operations work on whole arrays: sum(x**2)",
    "while": "operations work on whole arrays: sum(x**2)",
    "lambda": "write the formula alone: x**2",
    "def": "write the formula alone: x**2",
}


class TextError(ExpressionError):
    """An error of the text; ``kind`` says which, so that a repair can be looked up."""

    def __init__(
        self, kind: str, message: str, text: str, start: int, end: int, *, hint: str | None = None
    ) -> None:
        super().__init__(message, place=Place(text, start, end), hint=hint)
        self.kind = kind


class Token(NamedTuple):
    """One token; names are NFKC-normalised, all other text is the user's.

    ``kind`` is ``name``, ``constant`` (True, False, None), ``number``, ``complex``, ``text`` (in
    quotation marks, where a function takes it), ``operator``, ``comparison``, ``blank``,
    ``newline``, ``word``, ``sign`` or ``strange`` (the last three are never allowed), and for
    punctuation the mark itself.
    """

    kind: str
    text: str
    start: int
    end: int


def lexemes(text: str) -> Iterator[Token]:
    """Cut any text at all into tokens, without judging them."""
    position = 0
    while position < len(text):
        match = _LEXEME.match(text, position)
        assert match is not None  # the last alternative takes any character
        kind, end = str(match.lastgroup), match.end()
        if kind == "name":
            end = _name_end(text, position, end)
            kind = "name" if end > position else "strange"
            end = max(end, position + 1)
        if kind == "mark":
            ends = (min(position + n, len(text)) for n in (3, 2, 1))
            end = next(end for end in ends if text[position:end] in _MARKS)
        word = text[position:end]
        if kind == "name":
            kind, word = _word(word)
        elif kind == "mark":
            kind = _MARK_KINDS.get(word, "sign")
        yield Token(kind, word, position, end)
        position = end


def check_nodes(count: int, text: str, start: int, end: int) -> None:
    """Refuse more than ``MAX_NODES`` syntax nodes."""
    if count > MAX_NODES:
        message = f"the expression has more than {MAX_NODES} syntax nodes"
        raise TextError("limit", message, text, start, end)


def check_nesting(depth: int, text: str, start: int, end: int) -> None:
    """Refuse what stands more than ``MAX_NESTING`` deep."""
    if depth > MAX_NESTING:
        message = f"the expression is nested more than {MAX_NESTING} deep"
        raise TextError("limit", message, text, start, end)


_DIGITS: Final = r"[0-9](?:_?[0-9])*"
# Letters, digits, "_" and all that is not ASCII, written as what they are not: a set that reaches
# to U+10FFFF takes ten times longer to compile.
_NO_WORD: Final = r"\x00-/:-@\[-\^`{-\x7f"
_NUMBER: Final = (
    r"0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+"
    rf"|(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?"
)
# What the one function that takes text takes: letters for axes, nothing that a format could read.
_TEXT: Final = r"""(?<=einsum\()(?:'[A-Za-z.,> -]*'|"[A-Za-z.,> -]*")"""
_MARKS: Final = OPERATORS | COMPARISONS | PUNCTUATION | REFUSED_SIGNS.keys()
_MARK_KINDS: Final = (
    dict.fromkeys(OPERATORS, "operator")
    | dict.fromkeys(COMPARISONS, "comparison")
    | {mark: mark for mark in PUNCTUATION}
)
_LEXEME: Final = re.compile(
    rf"(?P<blank>[ \t\f]+|\\(?:{NEWLINE.pattern})|\#[^\r\n]*|\A\ufeff)"
    rf"|(?P<newline>{NEWLINE.pattern})"
    rf"|(?P<text>{_TEXT})"
    rf"|(?P<number>{_NUMBER})(?P<complex>[jJ](?![^{_NO_WORD}]))?"
    rf"|(?P<name>[^{_NO_WORD}0-9][^{_NO_WORD}]*)"
    r"|(?P<mark>[!-/:-@\[-^`{-~])"
    r"|(?P<strange>.)",
    re.DOTALL,
)


def _name_end(text: str, start: int, end: int) -> int:
    if text.isascii():
        return end
    for position in range(start, end):
        if not _in_name(text[position], first=position == start):
            return position
    return end


def _in_name(character: str, *, first: bool) -> bool:
    if character.isascii():
        return True
    # Python takes the middle dot and raised letters into names, where "a·b" means a product here
    # and "xⁿ" a power: reading them as the names "a·b" and "xn" would be a silent wrong guess.
    if character in "\u00b7\u0387" or unicodedata.decomposition(character).startswith("<super>"):
        return False
    return character.isidentifier() if first else ("_" + character).isidentifier()


def _word(written: str) -> tuple[str, str]:
    word = unicodedata.normalize("NFKC", written)
    if word in REFUSED_WORDS:
        return "word", word
    if word in KEYWORD_CONSTANTS:
        # Python reads such a word in other letters as a name, which no tree may hold.
        return ("constant", word) if word == written else ("strange", written)
    return "name", word
