# ruff: noqa: RUF001  Signs that are taken for others are what this module is about.
"""Repairs of signs and words that other languages write in another way."""

from __future__ import annotations

import unicodedata
from typing import Final

from dzviz.language.repairs.fault import (
    ATOMS,
    CLOSERS,
    ENDS,
    OPENERS,
    Wrong,
    argument_end,
    atom_end,
    bracketed,
    partner,
    power_moved,
    stretch,
)
from dzviz.language.repairs.known import similar
from dzviz.language.tokens import lexemes

SPELLINGS: Final = {
    "^": "**",
    "===": "==",
    "!==": "!=",
    "<>": "!=",
    "=>": ">=",
    "=<": "<=",
    "is": "==",
    "×": "*",
    "·": "*",
    "\u0387": "*",
    "⋅": "*",
    "∙": "*",
    "•": "*",
    "∗": "*",
    "✕": "*",
    "✖": "*",
    "÷": "/",
    "∕": "/",
    "⁄": "/",
    "−": "-",
    "–": "-",
    "—": "-",
    "‐": "-",
    "‑": "-",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "∞": "inf",
    "½": "0.5",
    "¼": "0.25",
    "¾": "0.75",
    "、": ",",
    "【": "[",
    "】": "]",
    "“": "",
    "”": "",
    "„": "",
    "‘": "",
    "’": "",
    "«": "",
    "»": "",
}
"""What is written otherwise elsewhere, where one sign simply takes the place of another."""


def respelled(wrong: Wrong) -> str | None:
    """Write all signs plainly that only look different from what is meant."""
    parts = []
    for token in lexemes(wrong.text):
        plain = SPELLINGS.get(token.text) if token.kind in {"sign", "word", "strange"} else None
        if token.kind == "strange" and plain is None:
            plain = "".join(_plain(character) for character in token.text)
        parts.append(wrong.text[token.start : token.end] if plain is None else plain)
    better = "".join(parts)
    return better if better != wrong.text else None


def _plain(character: str) -> str:
    """Return what a full-width, invisible or otherwise unusual character stands for."""
    if _is_raised(character):
        return character
    if character.isspace():
        return " "
    if unicodedata.category(character) == "Cf":
        return ""
    digit = unicodedata.decimal(character, None)
    return unicodedata.normalize("NFKC", character) if digit is None else str(digit)


def _is_raised(character: str) -> bool:
    return len(character) == 1 and unicodedata.decomposition(character).startswith("<super>")


def raised(wrong: Wrong) -> str | None:
    """Turn ``x²`` into ``x**2`` and ``sin²(x)`` into ``sin(x)**2``."""
    last = wrong.at
    while last < len(wrong.tokens) and _is_raised(wrong.tokens[last].text):
        last += 1
    if last == wrong.at:
        return None
    raised = unicodedata.normalize("NFKC", "".join(t.text for t in wrong.tokens[wrong.at : last]))
    power = "**" + raised.replace("\u2212", "-")
    return power_moved(wrong, wrong.at, last, power) or wrong.replaced(wrong.at, last, power)


def rooted(wrong: Wrong) -> str | None:
    """Turn ``√x`` into ``sqrt(x)``."""
    end = atom_end(wrong.tokens, wrong.at + 1)
    if wrong.token.text != "√" or end is None:
        return None
    argument = wrong.source(wrong.at + 1, end)
    if wrong.after().kind != "(":
        argument = f"({argument})"
    return wrong.replaced(wrong.at, end, "sqrt" + argument)


def absolute(wrong: Wrong) -> str | None:
    """Turn ``|x|`` into ``abs(x)``."""
    bars = [n for n, token in enumerate(wrong.tokens) if token.text == "|" and n > wrong.at]
    if wrong.token.text != "|" or not bars:
        return None
    if wrong.before().kind in {*ATOMS, *CLOSERS} and wrong.token.end < wrong.after().start:
        return None  # ``a | b | c`` means something else
    value = f"abs({wrong.source(wrong.at + 1, bars[0])})"
    if wrong.before().end == wrong.token.start and similar(wrong.before().text, wrong.functions):
        value = f"({value})"  # ln|x|
    return wrong.replaced(wrong.at, bars[0] + 1, value)


def exponential(wrong: Wrong) -> str | None:
    """Turn ``exp^x`` into ``exp(x)``."""
    if wrong.token.text != "^" or wrong.before().text != "exp" or "exp" not in wrong.functions:
        return None
    first = wrong.at + 1
    if wrong.after().text == "{":
        texts = [token.text for token in wrong.tokens]
        close = texts.index("}", first) if "}" in texts[first:] else first
        return wrong.replaced(wrong.at, close + 1, f"({wrong.source(first + 1, close)})")
    end = argument_end(wrong, first)
    if end is None:
        return None
    whole = wrong.tokens[first].kind == "(" and partner(wrong.tokens, first) == end - 1
    argument = wrong.source(first, end)
    return wrong.replaced(wrong.at, end, argument if whole else f"({argument})")


def per_cent(wrong: Wrong) -> str | None:
    """Turn ``5%`` into ``0.05``."""
    number = wrong.before()
    if (
        wrong.token.text != "%"
        or number.kind != "number"
        or "x" in number.text
        or wrong.after().kind in {*ATOMS, "("}
    ):
        return None
    share = f"{float(number.text.replace('_', '')) / 100:.12g}"
    return wrong.replaced(wrong.at - 1, wrong.at + 1, share)


def updated(wrong: Wrong) -> str | None:
    """Turn ``a += b`` into ``a = a + b``, ``a := b`` into ``a = b``."""
    first, last = stretch(wrong.tokens, wrong.at)
    if wrong.token.text == ":=" and (first == 0 or wrong.tokens[first - 1].kind in ENDS):
        return wrong.replaced(wrong.at, wrong.at + 1, "=")
    operator = wrong.token.text.removesuffix("=")
    if operator == wrong.token.text or first != wrong.at - 1 or last == wrong.at + 1:
        return None
    name, value = wrong.before().text, bracketed(wrong, wrong.at + 1, last)
    return wrong.replaced(first, last, f"{name} = {name} {operator} {value}")


def both(wrong: Wrong) -> str | None:
    """Turn ``a and b`` into ``(a) * (b)``, ``a or b`` into ``where(a, 1, b)``."""
    first, last = stretch(wrong.tokens, wrong.at)
    if first == wrong.at or last == wrong.at + 1:
        return None
    if wrong.token.text in {"and", "&", "&&"}:
        left = bracketed(wrong, first, wrong.at)
        right = bracketed(wrong, wrong.at + 1, last)
        return wrong.replaced(first, last, f"{left} * {right}")
    if wrong.token.text in {"or", "|", "||"}:
        left, right = wrong.source(first, wrong.at), wrong.source(wrong.at + 1, last)
        return wrong.replaced(first, last, f"where({left}, 1, {right})")
    return None


def opposite(wrong: Wrong) -> str | None:
    """Turn ``not a`` into ``where(a, 0, 1)``."""
    _, last = stretch(wrong.tokens, wrong.at)
    if wrong.token.text != "not" or last == wrong.at + 1:
        return None
    return wrong.replaced(wrong.at, last, f"where({wrong.source(wrong.at + 1, last)}, 0, 1)")


def chosen(wrong: Wrong) -> str | None:
    """Turn ``a if c else b`` into ``where(c, a, b)``."""
    first, last = stretch(wrong.tokens, wrong.at)
    others = [n for n in range(wrong.at + 1, last) if wrong.tokens[n].text == "else"]
    if wrong.token.text != "if" or not others:
        return None
    value = wrong.source(first, wrong.at)
    condition = wrong.source(wrong.at + 1, others[0])
    other = wrong.source(others[0] + 1, last)
    return wrong.replaced(first, last, f"where({condition}, {value}, {other})")


def body(wrong: Wrong) -> str | None:
    """Turn ``lambda x: x**2`` and ``x -> x**2`` into ``x**2``."""
    if wrong.token.text == "->":
        first, _ = stretch(wrong.tokens, wrong.at)
        return wrong.replaced(first, wrong.at + 1, "").lstrip()
    if wrong.token.text == "return":
        return wrong.replaced(wrong.at, wrong.at + 1, "").lstrip()
    colons = [n for n in range(wrong.at, len(wrong.tokens)) if wrong.tokens[n].kind == ":"]
    if wrong.token.text not in {"lambda", "def"} or not colons:
        return None
    return wrong.replaced(wrong.at, colons[0] + 1, "").lstrip()


def without_import(wrong: Wrong) -> str | None:
    """Leave out what is imported, up to the end of the line."""
    if wrong.token.text not in {"import", "from"}:
        return None
    kinds = [token.kind for token in wrong.tokens]
    ends = [n for n in range(wrong.at, len(kinds)) if kinds[n] in ENDS]
    return wrong.replaced(wrong.at, ends[0] + 1, "").lstrip() if ends else None


def renamed(wrong: Wrong) -> str | None:
    """Rename a word of Python's own that is used as a name: ``lam * x``, ``in_ + 1``."""
    word = wrong.token.text
    if wrong.before().kind in {*ATOMS, *CLOSERS} or wrong.after().kind in {*ATOMS, *OPENERS}:
        return None
    if wrong.after().kind == ":":
        return None
    name = "lam" if word == "lambda" else word + "_"
    parts = (name if token.text == word else token.text for token in lexemes(wrong.text))
    return "".join(parts)


def unquoted(wrong: Wrong) -> str | None:
    """Leave out quotes and other signs around."""
    if wrong.token.text not in {"'", '"', "`", "$", "\\", "?"}:
        return None
    if wrong.before().end == wrong.token.start > 0 and wrong.token.text in {"'", '"'}:
        return None  # f"...", f'(x) and the like are not text in quotes
    return wrong.text.replace(wrong.token.text, "").strip()


def unbraced(wrong: Wrong) -> str | None:
    """Write round brackets for braces."""
    if wrong.token.text not in {"{", "}"} or "=" in wrong.text:  # as of a sum's limits
        return None
    return wrong.text.replace("{", "(").replace("}", ")")
