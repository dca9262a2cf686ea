"""Formulas as MathML Core, which browsers draw without a script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from dzviz.equations.notation import ATOM, MATRIX, PRODUCT, Origin, Written, parted
from dzviz.equations.tex import Tex
from dzviz.graph.terms import Term
from dzviz.text.greek import GREEK
from dzviz.text.phrases import clean
from dzviz.text.primes import parted_order

RELATIONS = {
    "<=": "\u2264",
    ">=": "\u2265",
    "!=": "\u2260",
    "==": "=",
    "&": "\u2227",
    "|": "\u2228",
}

MINUS, TIMES, HADAMARD, APPLY, PRIME = "\u2212", "\u22c5", "\u2299", "\u2061", "\u2032"


def sign(text: str, **attributes: str) -> str:
    """Write an operator."""
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<mo{given}>{escape(text)}</mo>"


def row(*parts: str) -> str:
    """Write parts as one."""
    return f"<mrow>{''.join(parts)}</mrow>"


class MathML(Tex):
    """Formulas as MathML, with the signs that TeX has."""

    relations = RELATIONS
    comma = "<mo>,</mo>"

    def product(self, term: Term) -> Written:
        left, right = term.operands
        a, b = self.factors(term)
        operator = sign(HADAMARD if left.shape and right.shape else TIMES)
        return Written(row(a.text, operator, b.text), min(PRODUCT, a.binding), a.begins, b.ends)

    def divided(self, a: str, b: str) -> str:
        return f"<mfrac>{row(a)}{row(b)}</mfrac>"

    def matrix_product(self, term: Term) -> Written:
        a, b = self.matrices(term, bare=True)
        return Written(row(a.text, '<mspace width="0.2em"></mspace>', b.text), MATRIX)

    def outer(self, term: Term) -> Written:
        a, b = self.within(term.operands[0], PRODUCT), self.within(term.operands[1], ATOM)
        return Written(row(a.text, self.transpose(b.text)), PRODUCT)

    def raised(self, base: str, exponent: str) -> str:
        return f"<msup>{row(base)}{row(exponent)}</msup>"

    def transpose(self, text: str) -> str:
        return self.raised(text, "<mo>\u22a4</mo>")

    def part(self, term: Term) -> Written:
        keys = f"<mtext>{escape(term.label[1:-1])}</mtext>"
        return Written(row(self.base(term), sign("["), keys, sign("]")), ATOM)

    def root(self, text: str) -> str:
        return f"<msqrt>{text}</msqrt>"

    def barred(self, text: str, *, double: bool) -> str:
        bar = sign("\u2016" if double else "|", stretchy="true")
        return row(bar, text, bar)

    def cases(self, condition: str, a: str, b: str) -> str:
        choices = _table([(a, condition), (b, "<mtext>else</mtext>")])
        return row(sign("{", stretchy="true"), choices)

    def sum_along(self, axis: Any) -> str:
        return (
            SUMMATION if axis is None else f"<munder>{SUMMATION}<mtext>axis {axis}</mtext></munder>"
        )

    def sum_over(self, letter: str, first: str, last: str) -> str:
        below = row(f"<mi>{letter}</mi>", sign("="), f"<mn>{first}</mn>")
        return f"<munderover>{SUMMATION}{below}<mn>{last}</mn></munderover>"

    def function(self, name: str, primed: bool, operands: str) -> str:
        symbol = "\u03c3" if name == "sigmoid" else escape(clean(name))
        function = f'<mi mathvariant="normal">{symbol}</mi>' + sign(PRIME) * primed
        return row(function, sign(APPLY), operands)

    def setting(self, text: str) -> str:
        return f"<mtext>{escape(text)}</mtext>"

    def fraction_of(self, ys: Sequence[Origin], x: str) -> str:
        tops = [row(SUMMATION * y.summed, self.name(y.name)) for y in ys]
        top = sign("+").join(tops)
        top = self.bracketed(top) if len(tops) > 1 else top
        return f"<mfrac>{row(_D, top)}{row(_D, self.name(x))}</mfrac>"

    def name(self, name: str) -> str:
        name, index = parted(name)
        base, order = parted_order(name)
        if order.startswith("("):
            return self.raised(self.name(base), f"<mn>{order}</mn>")
        primes = sign(PRIME) * len(order)
        found = re.fullmatch(r"([^\W\d_]+?)_?(\d*|(?<=_)[A-Za-z0-9,+-]+)", base)
        if found is None:
            words = f"<mtext>{escape(clean(base))}</mtext>"
            if index:
                words = f"<msub>{words}<mtext>{escape(index)}</mtext></msub>"
            return row(words, primes)
        letters = f"<mi>{escape(GREEK.get(found[1], found[1]))}</mi>"
        below = ", ".join(filter(None, (found[2], index)))
        if below:
            letters = f"<msub>{letters}<mtext>{escape(below)}</mtext></msub>"
        return row(letters, primes) if primes else letters

    def number(self, text: str) -> str:
        mantissa, exponent, power = text.lstrip("-").partition("e")
        made = f"<mn>{escape(mantissa)}</mn>"
        if exponent and mantissa[-1:].isdigit():
            ten = self.raised("<mn>10</mn>", self.number(power))
            made = ten if mantissa == "1" else row(made, sign("\u00d7"), ten)
        return row(sign(MINUS), made) if text.startswith("-") else made

    def words(self, text: str) -> str:
        kept = re.sub(r"^ +|  +", lambda found: "\u00a0" * len(found[0]), clean(text, 1000))
        return f'<mi mathvariant="normal">{escape(kept)}</mi>'  # beside mtext, = has no room

    def signs(self, text: str) -> str:
        return sign({"*": TIMES, "-": MINUS}.get(text, text))

    def matrix(self, rows: Sequence[Sequence[str]]) -> str:
        return row(sign("[", stretchy="true"), _table(rows), sign("]", stretchy="true"))

    def filled(self, shape: tuple[int, ...], *, zero: bool) -> Written:
        size = sign("\u00d7").join(f"<mn>{n}</mn>" for n in shape)
        return Written(f"<msub><mn>{BOLD[not zero]}</mn>{row(size)}</msub>", ATOM)

    def beside(self, *parts: str) -> str:
        return row(*parts)

    def bracketed(self, text: str) -> str:
        return row(sign("("), text, sign(")"))

    def square(self, text: str) -> str:
        return row(sign("["), text, sign("]"))

    def minus(self, text: str) -> str:
        return row(sign(MINUS, form="prefix"), text)


BOLD = "\U0001d7ce\U0001d7cf"
"""What is 0 or 1 in each place."""

SUMMATION = "<mo>\u2211</mo>"

_D = "<mi>\u2202</mi>"


def _table(rows: Sequence[Sequence[str]]) -> str:
    cells = (f"<mtr>{''.join(f'<mtd>{x}</mtd>' for x in row)}</mtr>" for row in rows)
    return f"<mtable>{''.join(cells)}</mtable>"
