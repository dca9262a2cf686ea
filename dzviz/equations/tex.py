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
    Notation,
    Origin,
    Written,
    axis_of,
    called,
    exact,
    keys_of,
    parted,
    settings_of,
)
from dzviz.graph.terms import Term
from dzviz.text.greek import GREEK
from dzviz.text.phrases import clean
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


class Tex(Notation):
    """Formulas as TeX."""

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
        a, b = (self.of(x).text for x in term.operands)
        return Written(rf"\frac{{{a}}}{{{b}}}", PRODUCT)

    def matrix_product(self, term: Term) -> Written:
        a, b = self.matrices(term, bare=True)
        return Written(f"{a.text} {b.text}", MATRIX)

    def outer(self, term: Term) -> Written:
        a, b = self.within(term.operands[0], PRODUCT), self.within(term.operands[1], ATOM)
        return Written(rf"{a.text} {b.text}^{{\top}}", PRODUCT)

    def power(self, term: Term) -> Written:
        base = self.within(term.operands[0], ATOM, bare=False)
        if len(term.operands) == 1:
            exponent = self.number(term.label.partition(" ")[2])
        else:
            exponent = self.of(term.operands[1]).text
        return Written(f"{self.grouped(base.text)}^{{{exponent}}}", POWER)

    def grouped(self, text: str) -> str:
        """Keep an exponent apart from another one."""
        return f"{{{text}}}" if "^" in text or "'" in text else text

    def transposed(self, term: Term) -> Written:
        base = self.within(term.operands[0], ATOM, bare=False).text
        return Written(rf"{self.grouped(base)}^{{\top}}", ATOM)

    def part(self, term: Term) -> Written:
        base = self.within(term.operands[0], ATOM, bare=False).text
        keys = keys_of(term.label).replace("...", r"\ldots")
        plain = keys.isdigit() and "_" not in base and "^" not in base
        return Written(f"{base}_{{{keys}}}" if plain else f"{base}[{keys}]", ATOM)

    def comparison(self, term: Term) -> Written:
        return Written(f"[{self.condition(term)}]", ATOM)

    def condition(self, term: Term) -> str:
        """Write a comparison without its brackets."""
        if self.kind(term) != "compare":
            return self.of(term).text
        sign = RELATIONS.get(term.label, term.label)
        return f" {sign} ".join(self.condition(x) for x in term.operands)

    def applied(self, term: Term) -> Written:
        name, settings = settings_of(term.label)
        name, primed = called(name)
        first = self.of(term.operands[0])
        if name == "sqrt":
            return Written(rf"\sqrt{{{first.text}}}", ATOM)
        if name in ("abs", "norm") and not settings and not primed:
            bar = "vert" if name == "abs" else "Vert"
            return Written(rf"\l{bar} {first.text} \r{bar}", ATOM)
        if name == "where" and not primed:
            condition, a, b = self.condition(term.operands[0]), *map(self.of, term.operands[1:])
            rows = rf"{a.text} & {condition} \cr {b.text} & \text{{else}}"
            return Written(rf"\begin{{cases}} {rows} \end{{cases}}", ATOM)
        operands = [self.of(x).text for x in term.operands]
        if name == "sum" and not primed and "keepdims=True" not in settings:
            axis = axis_of(settings)
            below = "" if axis is None else rf"_{{\mathrm{{axis}} {axis}}}"
            inner = self.within(term.operands[0], PRODUCT)
            return Written(rf"\sum{below} {inner.text}", PRODUCT, False, inner.ends)
        if name == "into":
            settings = [*settings, str(term.shape)]
        said = [
            rf"\mathrm{{{part}}}" if "=" in part else part for part in map(self.setting, settings)
        ]
        sign = self.operator(name) + "'" * primed
        inside = ", ".join([*operands, *said])
        return Written(rf"{sign}\left({inside}\right)", ATOM)

    def setting(self, text: str) -> str:
        """Write a setting of a Function."""
        return self.words(text) if "'" in text else text.replace("...", r"\ldots")

    def operator(self, name: str) -> str:
        """Write the name of a Function."""
        if name in FUNCTIONS:
            return f"\\{name}"
        if name == "sigmoid":
            return r"\sigma"
        plain = re.fullmatch(r"[A-Za-z0-9]+", name)
        return rf"\operatorname{{{name}}}" if plain else self.words(name.replace("_", " "))

    def pulled(self, term: Term) -> Written:
        rule, *gradients = [self.of(x).text for x in term.operands]
        return Written(
            rf"{self.grouped(rule)}^{{\top}} \left({', '.join(gradients)}\right)", PRODUCT
        )

    def fraction_of(self, ys: Sequence[Origin], x: str) -> str:
        tops = [(r"\sum " if y.summed else "") + self.name(y.name) for y in ys]
        top = tops[0] if len(tops) == 1 else rf"\left({' + '.join(tops)}\right)"
        return rf"\frac{{\partial {top}}}{{\partial {self.name(x)}}}"

    def total(self, term: Term) -> Written:
        _, letter, first, last = term.label.split(" ")
        inner = self.within(term.operands[0], PRODUCT)
        signs = rf"\sum_{{{letter}={first}}}^{{{last}}}"
        return Written(f"{signs} {inner.text}", PRODUCT, False, inner.ends)

    def name(self, name: str) -> str:
        name, index = parted(name)
        base = name.rstrip("'")
        primes = name[len(base) :]
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
            return f"[{', '.join(self.array(part, write) for part in value)}]"
        rows = [value] if value.ndim == 1 else list(value)
        lines = [" & ".join(self.number(write(x)) for x in row) for row in rows]
        inside = r" \cr ".join(lines)
        return rf"\begin{{bmatrix}} {inside} \end{{bmatrix}}"

    def filled(self, shape: tuple[int, ...], *, zero: bool) -> Written:
        size = r" \times ".join(map(str, shape))
        return Written(rf"\mathbf{{{0 if zero else 1}}}_{{{size}}}", ATOM)

    def bracketed(self, text: str) -> str:
        return rf"\left({text}\right)"

    def minus(self, text: str) -> str:
        return f"-{text}"
