"""Functions applied to operands, as text with few brackets; it knows only their labels."""

from __future__ import annotations

import re
from collections.abc import Sequence


class Text(str):
    """An expression, and how strongly its outermost operator binds."""

    binding: int


_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "@": 2, "**": 4}
_SIGN, _ATOM = 3, 5

_NUMBER = r"(-?[\d.]\S*)"
_WITH_NUMBER = re.compile(rf"(?:{_NUMBER} )?([-+*/@]+)(?: {_NUMBER})?")
"""An operator, and a number that is one of its operands: ``* 2``, ``3 -``."""


def applied(label: str, operands: Sequence[str]) -> Text:
    """Write the Function of this label on its operands: ``a * (b + c)``, ``x ** 3``, ``sin(x)``.

    >>> applied("*", ["2", applied("+", ["x", "1"])])
    '2 * (x + 1)'
    """
    if len(operands) == 2 and label in _STRENGTH:
        strength = _STRENGTH[label]
        # What stands right of - or / keeps its brackets, and so does what stands left of **.
        left, right = (strength, strength + 1) if label != "**" else (strength + 1, strength)
        a, b = _within(operands[0], left), _within(operands[1], right)
        return _bound(f"{a} {label} {b}", strength)
    if label == "-":
        return _bound(f"-{_within(operands[0], _SIGN)}", _SIGN)
    if label.startswith("** "):
        return _bound(f"{_within(operands[0], _ATOM)} {label}", _STRENGTH["**"])
    if len(operands) == 1 and (found := _WITH_NUMBER.fullmatch(label)) and found[2] in _STRENGTH:
        numbers = [(found[1], operands[0]), (operands[0], found[3])]
        if pair := next(([*both] for both in numbers if all(both)), None):
            return applied(found[2], pair)
    if label.startswith("["):
        return _bound(f"{_within(operands[0], _ATOM)}{label}", _ATOM)
    if label == "T":
        return _bound(f"{_within(operands[0], _ATOM)}.T", _ATOM)
    name, _, settings = label.partition(" ")
    if name == "einsum":
        return _bound(f"einsum('{settings}', {', '.join(operands)})", _ATOM)
    return _bound(f"{name}({', '.join([*operands, *([settings] if settings else [])])})", _ATOM)


def _bound(text: str, binding: int) -> Text:
    made = Text(text)
    made.binding = binding
    return made


def _within(text: str, least: int) -> str:
    if isinstance(text, Text):
        binding = text.binding
    elif text.startswith("["):
        binding = _ATOM
    else:  # a name or a number
        binding = _SIGN if text.startswith("-") else 0 if set(text) & set(" +-*/@") else _ATOM
    return text if binding >= least else f"({text})"
