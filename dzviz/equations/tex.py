r"""Formulas as TeX for amsmath, which GitHub, MathJax and KaTeX can read.

A backslash stands before letters only: where Markdown reads a text first, it takes others away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from dzviz.equations.notation import (
    ATOM,
    MATRIX,
    POWER,
    PRODUCT,
    Origin,
    Plain,
    Written,
    axis_of,
    called,
    exact,
    parted,
    settings_of,
)
from dzviz.graph.terms import Term
from dzviz.text.greek import GREEK
from dzviz.text.phrases import clean
from dzviz.text.primes import parted_order
from dzviz.text.tex import ESCAPES

FUNCTIONS = (
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "exp",
    "log",
    "arcsin",
    "arccos",
    "arctan",
    "max",
    "min",
    "det",
)
"""Functions that TeX knows by their names."""

RELATIONS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne", "==": "=", "&": r"\wedge", "|": r"\vee"}

_SPECIAL = {
    **ESCAPES,
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "_": r"\textunderscore{}",
    "$": r"\textdollar{}",
    "*": r"\textasteriskcentered{}",
}


class Tex(Plain):
    """Formulas as TeX."""

    fraction = POWER
    relations = RELATIONS

    def product(self, term: Term) -> Written:
        left, right = term.operands
        a, b = self.factors(term)
        if len(left.shape) and len(right.shape):
            sign = r" \odot "
        elif a.ends or b.begins or re.match(r"[\d.-]", b.text):
            sign = r" \cdot "
        else:
            sign = " "
        return Written(f"{a.text}{sign}{b.text}", min(PRODUCT, a.binding), a.begins, b.ends)

    def quotient(self, term: Term) -> Written:
        return Written(self.divided(*(self.of(x).text for x in term.operands)), PRODUCT)

    def divided(self, a: str, b: str) -> str:
        """Write a fraction."""
        return rf"\frac{{{a}}}{{{b}}}"

    def matrix_product(self, term: Term) -> Written:
        a, b = self.matrices(term, bare=True)
        return Written(f"{a.text} {b.text}", MATRIX)

    def outer(self, term: Term) -> Written:
        a, b = self.within(term.operands[0], PRODUCT), self.within(term.operands[1], ATOM)
        return Written(rf"{a.text} {b.text}^{{\top}}", PRODUCT)

    def exponent(self, term: Term) -> str:
        return self.of(term).text

    def raised(self, base: str, exponent: str) -> str:
        return f"{self.grouped(base)}^{{{exponent}}}"

    def grouped(self, text: str) -> str:
        """Keep an exponent apart from another one."""
        return f"{{{text}}}" if "^" in text or "'" in text else text

    def transpose(self, text: str) -> str:
        return self.raised(text, r"\top")

    def part(self, term: Term) -> Written:
        base, keys = self.base(term), term.label[1:-1].replace("...", r"\ldots")
        plain = keys.isdigit() and "_" not in base and "^" not in base
        return Written(f"{base}_{{{keys}}}" if plain else f"{base}[{keys}]", ATOM)

    def applied(self, term: Term) -> Written:
        name, settings = settings_of(term.label)
        name, primed = called(name)
        operands = [self.of(x).text for x in term.operands]
        if name == "sqrt":
            return Written(self.root(operands[0]), ATOM)
        if name in ("abs", "norm") and not settings and not primed:
            return Written(self.barred(operands[0], double=name == "norm"), ATOM)
        if name == "where" and not primed:
            condition = self.condition(term.operands[0])
            return Written(self.cases(condition, *operands[1:]), ATOM)
        if name == "sum" and not primed and "keepdims=True" not in settings:
            return self.summed(self.sum_along(axis_of(settings)), term)
        if name == "into":
            settings = [*settings, str(term.shape)]
        inside = self.comma.join([*operands, *map(self.setting, settings)])
        return Written(self.function(name, primed, self.bracketed(inside)), ATOM)

    def root(self, text: str) -> str:
        """Write a square root."""
        return rf"\sqrt{{{text}}}"

    def barred(self, text: str, *, double: bool) -> str:
        """Put a formula between bars."""
        bar = "Vert" if double else "vert"
        return rf"\l{bar} {text} \r{bar}"

    def cases(self, condition: str, a: str, b: str) -> str:
        """Write a choice."""
        return rf"\begin{{cases}} {a} & {condition} \cr {b} & \text{{else}} \end{{cases}}"

    def summed(self, sign: str, term: Term) -> Written:
        """Write a sum, behind its sign."""
        inner = self.within(term.operands[0], PRODUCT)
        return Written(self.beside(sign, inner.text), PRODUCT, False, inner.ends)

    def sum_along(self, axis: Any) -> str:
        """Write the sign of a sum along an axis, or of all."""
        return r"\sum" if axis is None else rf"\sum_{{\mathrm{{axis}} {axis}}}"

    def sum_over(self, letter: str, first: str, last: str) -> str:
        """Write the sign of a sum over the times of a loop."""
        return rf"\sum_{{{letter}={first}}}^{{{last}}}"

    def function(self, name: str, primed: bool, operands: str) -> str:
        """Write a Function before its operands in brackets."""
        return self.operator(name) + "'" * primed + operands

    def setting(self, text: str) -> str:
        """Write a setting of a Function."""
        text = self.words(text) if "'" in text else text.replace("...", r"\ldots")
        return rf"\mathrm{{{text}}}" if "=" in text else text

    def operator(self, name: str) -> str:
        """Write the name of a Function."""
        if name in FUNCTIONS:
            return f"\\{name}"
        if name == "sigmoid":
            return r"\sigma"
        plain = re.fullmatch(r"[A-Za-z0-9]+", name)
        return rf"\operatorname{{{name}}}" if plain else self.words(name.replace("_", " "))

    def fraction_of(self, ys: Sequence[Origin], x: str) -> str:
        tops = [(r"\sum " if y.summed else "") + self.name(y.name) for y in ys]
        top = tops[0] if len(tops) == 1 else rf"\left({' + '.join(tops)}\right)"
        return rf"\frac{{\partial {top}}}{{\partial {self.name(x)}}}"

    def total(self, term: Term) -> Written:
        return self.summed(self.sum_over(*term.label.split(" ")[1:]), term)

    def name(self, name: str) -> str:
        name, index = parted(name)
        base, primes = parted_order(name)
        primes = f"^{{{primes}}}" if primes.startswith("(") else primes
        found = re.fullmatch(r"([A-Za-z]+?)_?(\d*|(?<=_)[A-Za-z0-9,+-]+)", base)
        if found is None or not base.isascii():
            return self.words(base) + primes + (f"_{{{index}}}" if index else "")
        letters, below = found[1], ", ".join(filter(None, (found[2], index)))
        text = f"\\{letters}" if letters in GREEK else letters
        if len(letters) > 1 and letters not in GREEK:
            text = rf"\mathrm{{{letters}}}"
        return f"{text}{primes}" + (f"_{{{below}}}" if below else "")

    def words(self, text: str) -> str:
        """Write any text as text."""
        return rf"\text{{{''.join(_SPECIAL.get(c, c) for c in clean(text))}}}"

    def number(self, text: str) -> str:
        if text in ("NaN", "~0"):
            return r"\mathrm{NaN}" if text == "NaN" else r"\approx 0"
        mantissa, exponent, power = text.partition("e")
        if not exponent or not mantissa[-1:].isdigit():
            return text.replace("inf", r"\infty")
        factor = {"1": "", "-1": "-"}.get(mantissa, rf"{mantissa} \cdot ")
        return f"{factor}10^{{{power}}}"

    def signs(self, text: str) -> str:
        return {"*": r"\cdot"}.get(text, text)

    def array(self, value: Any, write: Callable[[Any], str] = exact) -> str:
        if value.ndim > 2:
            return super().array(value, write)
        rows = [value] if value.ndim == 1 else list(value)
        return self.matrix([[self.number(write(x)) for x in row] for row in rows])

    def matrix(self, rows: Sequence[Sequence[str]]) -> str:
        """Write the elements of a matrix."""
        inside = r" \cr ".join(" & ".join(row) for row in rows)
        return rf"\begin{{bmatrix}} {inside} \end{{bmatrix}}"

    def filled(self, shape: tuple[int, ...], *, zero: bool) -> Written:
        size = r" \times ".join(map(str, shape))
        return Written(rf"\mathbf{{{0 if zero else 1}}}_{{{size}}}", ATOM)

    def bracketed(self, text: str) -> str:
        return rf"\left({text}\right)"
