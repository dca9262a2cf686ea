"""Equations in numbers: the values of the symbols, and the result."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dzviz.equations.constants import minus_of
from dzviz.equations.indices import Line
from dzviz.equations.products import factors_of
from dzviz.graph.model import Value
from dzviz.graph.ranges import Range
from dzviz.graph.terms import DERIVATIVE, Term, constant
from dzviz.options import Look
from dzviz.text.numbers import number, value_text

MOST = 6
"""If there are more shares, their numbers are left out."""


def result(line: Line, look: Look) -> str:
    """Write what a line comes to; of an array also its shape."""
    text = value_text(line.value, look)
    shape = () if isinstance(line.value, Range) else np.shape(line.value)
    return f"{shape} {text}" if shape and not text.startswith("(") else text


def numbers(line: Line, look: Look) -> str:
    """Write a line of numbers with these in the place of its symbols; empty where that says less.

    So it is where no gradient is in it, and with arrays.
    """
    if (
        not line.turn
        or line.span
        or len(line.shares) > MOST
        or any(np.shape(part.value) for part in line.right.parts())
    ):
        return ""
    if len(line.shares) > 1:
        return _sum(line.shares, look)
    if not line.right.operands or not line.right.has_derivative:
        return ""
    return _text(line.right, look) or ""


def _sum(shares: tuple[Value, ...], look: Look) -> str:
    text = ""
    for share in shares:
        one = number(share, look.precision)
        if not text:
            text = one
        else:
            text += f" - {one[1:]}" if one.startswith("-") else f" + {one}"
    return text


def _text(term: Term, look: Look) -> str | None:
    """Write products and quotients of derivatives and other numbers; None of anything else."""
    if not term.has_derivative or term.label == DERIVATIVE:
        return number(np.asarray(term.value), look.precision)
    if (inner := minus_of(term)) is not None:
        text = _text(inner, look)
        return None if text is None else f"-({text})" if text.startswith("-") else f"-{text}"
    if term.label == "*":
        parts = [_text(factor, look) for factor in _grouped(term)]
        return None if None in parts else " * ".join(map(_bracketed, parts, range(len(parts))))  # type: ignore[arg-type]
    if term.label == "/":
        a, b = (_text(operand, look) for operand in term.operands)
        return None if a is None or b is None else f"{a} / {_bracketed(b, 1)}"
    return None


def _bracketed(text: str, place: int) -> str:
    return f"({text})" if (place and text.startswith("-")) or " / " in text else text


def _grouped(term: Term) -> Iterator[Term]:
    """Return the factors of a product; those beside each other without a derivative are one."""
    plain: list[Term] = []
    for factor in factors_of(term):
        if factor.has_derivative:
            if plain:
                yield _one(plain)
                plain = []
            yield factor
        else:
            plain.append(factor)
    if plain:
        yield _one(plain)


def _one(factors: list[Term]) -> Term:
    value = factors[0].value
    for factor in factors[1:]:
        value = value * factor.value
    return constant(value)
