"""Formulas as plain text: the expression language's signs, and a textbook's where it has none.

``dL/dz`` is a derivative, ``x^T`` a transposed matrix, ``x^T (dL/dz)`` a product of matrices, and
``[x > 0]`` is 1 where that is so, else 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dzviz.equations.notation import (
    ATOM,
    MATRIX,
    POWER,
    PRODUCT,
    Notation,
    Origin,
    Written,
    exact,
    parted,
    settings_of,
)
from dzviz.graph.terms import Term
from dzviz.text.phrases import clean


class Plain(Notation):
    """Formulas as plain text."""

    fraction = PRODUCT

    def product(self, term: Term) -> Written:
        a, b = self.factors(term)
        sign = " * " if a.ends or b.begins else "*"
        binding = min(PRODUCT, a.binding)
        return Written(f"{a.text}{sign}{b.text}", binding, a.begins, b.ends)

    def quotient(self, term: Term) -> Written:
        a, b = self.above(term), self.within(term.operands[1], POWER)
        sign = " / " if a.ends else "/"
        return Written(f"{a.text}{sign}{b.text}", min(PRODUCT, a.binding), a.begins)

    def matrix_product(self, term: Term) -> Written:
        a, b = self.matrices(term, bare=False)
        bracketed = a.text.startswith("(") or b.text.startswith("(")
        beside = term.has_derivative and bracketed and not b.text.startswith("[")
        return Written(f"{a.text} {'' if beside else '@ '}{b.text}", MATRIX)

    def outer(self, term: Term) -> Written:
        a, b = (self.of(x).text for x in term.operands)
        return Written(f"outer({a}, {b})", ATOM)

    def power(self, term: Term) -> Written:
        base = self.within(term.operands[0], ATOM, bare=False)
        if len(term.operands) == 1:
            exponent = term.label.partition(" ")[2]
        else:
            exponent = self.within(term.operands[1], POWER, bare=False).text
        return Written(f"{base.text}**{exponent}", POWER)

    def transposed(self, term: Term) -> Written:
        return Written(f"{self.within(term.operands[0], ATOM, bare=False).text}^T", ATOM)

    def part(self, term: Term) -> Written:
        return Written(f"{self.within(term.operands[0], ATOM, bare=False).text}{term.label}", ATOM)

    def comparison(self, term: Term) -> Written:
        sign = {"&": "and", "|": "or"}.get(term.label, term.label)
        a, b = (self.condition(x) for x in term.operands)
        return Written(f"[{a} {sign} {b}]", ATOM)

    def condition(self, term: Term) -> str:
        """Write a comparison, or a side of one, without its brackets."""
        text = self.of(term).text
        return text[1:-1] if self.kind(term) == "compare" else text

    def applied(self, term: Term) -> Written:
        name, settings = settings_of(term.label)
        operands = [self.of(x).text for x in term.operands]
        if name == "where":
            operands[0] = self.condition(term.operands[0])
        if name == "into":
            settings = [*settings, str(term.shape)]
        if name == "einsum":
            operands, settings = [*settings, *operands], []
        if name in ("stack", "concatenate", "hstack", "vstack"):
            operands = [f"[{', '.join(operands)}]"]
        return Written(f"{clean(name)}({', '.join([*operands, *settings])})", ATOM)

    def pulled(self, term: Term) -> Written:
        rule, *gradients = [self.of(x).text for x in term.operands]
        return Written(f"{rule}^T ({', '.join(gradients)})", PRODUCT)

    def fraction_of(self, ys: Sequence[Origin], x: str) -> str:
        name = self.name(x)
        tops = [f"sum({self.name(y.name)})" if y.summed else self.name(y.name) for y in ys]
        top = f"d{tops[0]}" if len(tops) == 1 and "/" not in tops[0] else f"d({' + '.join(tops)})"
        if len(ys) == 1 and ys[0].summed:
            top = f"d {tops[0]}"
        return f"{top}/d{name}" if "/" not in name else f"{top}/d({name})"

    def total(self, term: Term) -> Written:
        _, letter, first, last = term.label.split(" ")
        return Written(f"sum({letter}={first}..{last}, {self.of(term.operands[0]).text})", ATOM)

    def name(self, name: str) -> str:
        base, index = parted(name)
        if not index:
            return base
        return f"{base}_{index}" if index.isalnum() else f"{base}_{{{index}}}"

    def number(self, text: str) -> str:
        return text

    def array(self, value: Any, write: Callable[[Any], str] = exact) -> str:
        if np.ndim(value) == 0:
            return write(value)
        return f"[{', '.join(self.array(part, write) for part in value)}]"

    def words(self, text: str) -> str:
        return text

    def signs(self, text: str) -> str:
        return text

    def filled(self, shape: tuple[int, ...], *, zero: bool) -> Written:
        word = "zeros" if zero else "ones"
        return Written(f"{word}({', '.join(map(str, shape))})", ATOM)

    def bracketed(self, text: str) -> str:
        return f"({text})"

    def minus(self, text: str) -> str:
        return f"-{text}"
