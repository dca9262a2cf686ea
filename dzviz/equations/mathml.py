"""Formulas as MathML Core, which browsers draw without a script."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
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


class MathML(Notation):
    """Formulas as MathML."""

    def added(self, a: str, sign: str, b: str) -> str:
        return row(a, self.signs(sign), b)

    def product(self, term: Term) -> Written:
        left, right = term.operands
        a, b = self.factors(term)
        operator = sign(HADAMARD if left.shape and right.shape else TIMES)
        return Written(row(a.text, operator, b.text), min(PRODUCT, a.binding), a.begins, b.ends)

    def quotient(self, term: Term) -> Written:
        a, b = (self.of(x).text for x in term.operands)
        return Written(f"<mfrac>{row(a)}{row(b)}</mfrac>", PRODUCT)

    def matrix_product(self, term: Term) -> Written:
        a, b = self.matrices(term, bare=True)
        return Written(row(a.text, '<mspace width="0.2em"></mspace>', b.text), MATRIX)

    def outer(self, term: Term) -> Written:
        a, b = self.within(term.operands[0], PRODUCT), self.within(term.operands[1], ATOM)
        return Written(row(a.text, _raised(b.text, "<mo>\u22a4</mo>")), PRODUCT)

    def power(self, term: Term) -> Written:
        base = self.within(term.operands[0], ATOM, bare=False)
        if len(term.operands) == 1:
            exponent = self.number(term.label.partition(" ")[2])
        else:
            exponent = self.of(term.operands[1]).text
        return Written(_raised(base.text, exponent), POWER)

    def transposed(self, term: Term) -> Written:
        base = self.within(term.operands[0], ATOM, bare=False).text
        return Written(_raised(base, "<mo>\u22a4</mo>"), ATOM)

    def part(self, term: Term) -> Written:
        base = self.within(term.operands[0], ATOM, bare=False).text
        keys = f"<mtext>{escape(keys_of(term.label))}</mtext>"
        return Written(row(base, sign("["), keys, sign("]")), ATOM)

    def comparison(self, term: Term) -> Written:
        return Written(row(sign("["), self.condition(term), sign("]")), ATOM)

    def condition(self, term: Term) -> str:
        """Write a comparison without its brackets."""
        if self.kind(term) != "compare":
            return self.of(term).text
        a, b = (self.condition(x) for x in term.operands)
        return row(a, sign(RELATIONS.get(term.label, term.label)), b)

    def applied(self, term: Term) -> Written:
        name, settings = settings_of(term.label)
        name, primed = called(name)
        first = self.of(term.operands[0]).text
        if name == "sqrt":
            return Written(f"<msqrt>{first}</msqrt>", ATOM)
        if name in ("abs", "norm") and not settings and not primed:
            bar = sign("|" if name == "abs" else "\u2016", stretchy="true")
            return Written(row(bar, first, bar), ATOM)
        if name == "where" and not primed:
            return Written(self.cases(term), ATOM)
        if name == "sum" and not primed and "keepdims=True" not in settings:
            axis = axis_of(settings)
            total = sign("\u2211")
            if axis is not None:
                total = f"<munder>{total}<mtext>axis {axis}</mtext></munder>"
            inner = self.within(term.operands[0], PRODUCT)
            return Written(row(total, inner.text), PRODUCT, False, inner.ends)
        if name == "into":
            settings = [*settings, str(term.shape)]
        operands = [self.of(x).text for x in term.operands]
        operands += [f"<mtext>{escape(setting)}</mtext>" for setting in settings]
        inside = sign(",").join(operands)
        symbol = "\u03c3" if name == "sigmoid" else escape(clean(name))
        function = f'<mi mathvariant="normal">{symbol}</mi>' + sign(PRIME) * primed
        return Written(row(function, sign(APPLY), self.bracketed(inside)), ATOM)

    def cases(self, term: Term) -> str:
        """Write a choice."""
        condition = self.condition(term.operands[0])
        a, b = (self.of(x).text for x in term.operands[1:])
        rows = [(a, condition), (b, "<mtext>else</mtext>")]
        cells = "".join(f"<mtr><mtd>{x}</mtd><mtd>{y}</mtd></mtr>" for x, y in rows)
        return row(sign("{", stretchy="true"), f"<mtable>{cells}</mtable>")

    def pulled(self, term: Term) -> Written:
        rule, *gradients = [self.of(x).text for x in term.operands]
        back = self.bracketed(sign(",").join(gradients))
        return Written(row(_raised(rule, "<mo>\u22a4</mo>"), back), PRODUCT)

    def fraction_of(self, ys: Sequence[Origin], x: str) -> str:
        tops = [row(SUMMATION * y.summed, self.name(y.name)) for y in ys]
        top = sign("+").join(tops)
        top = self.bracketed(top) if len(tops) > 1 else top
        return f"<mfrac>{row(_D, top)}{row(_D, self.name(x))}</mfrac>"

    def total(self, term: Term) -> Written:
        _, letter, first, last = term.label.split(" ")
        inner = self.within(term.operands[0], PRODUCT)
        below = row(f"<mi>{letter}</mi>", sign("="), f"<mn>{first}</mn>")
        total = f"<munderover>{SUMMATION}{below}<mn>{last}</mn></munderover>"
        return Written(row(total, inner.text), PRODUCT, False, inner.ends)

    def name(self, name: str) -> str:
        name, index = parted(name)
        base = name.rstrip("'")
        primes = sign(PRIME) * (len(name) - len(base))
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
            ten = _raised("<mn>10</mn>", self.number(power))
            made = ten if mantissa == "1" else row(made, sign("\u00d7"), ten)
        return row(sign(MINUS), made) if text.startswith("-") else made

    def words(self, text: str) -> str:
        kept = re.sub(r"^ +|  +", lambda found: "\u00a0" * len(found[0]), clean(text, 1000))
        return f'<mi mathvariant="normal">{escape(kept)}</mi>'  # beside mtext, = has no room

    def signs(self, text: str) -> str:
        return sign({"*": TIMES, "-": MINUS}.get(text, text))

    def array(self, value: Any, write: Callable[[Any], str] = exact) -> str:
        if value.ndim > 2:
            return self.list_of([self.array(part, write) for part in value])
        rows = [value] if value.ndim == 1 else list(value)
        cells = "".join(
            f"<mtr>{''.join(f'<mtd>{self.number(write(x))}</mtd>' for x in line)}</mtr>"
            for line in rows
        )
        return row(
            sign("[", stretchy="true"), f"<mtable>{cells}</mtable>", sign("]", stretchy="true")
        )

    def list_of(self, parts: list[str]) -> str:
        """Write parts in brackets."""
        return row(sign("["), sign(",").join(parts), sign("]"))

    def filled(self, shape: tuple[int, ...], *, zero: bool) -> Written:
        size = sign("\u00d7").join(f"<mn>{n}</mn>" for n in shape)
        return Written(f"<msub><mn>{BOLD[not zero]}</mn>{row(size)}</msub>", ATOM)

    def bracketed(self, text: str) -> str:
        return row(sign("("), text, sign(")"))

    def minus(self, text: str) -> str:
        return row(sign(MINUS, form="prefix"), text)


BOLD = "\U0001d7ce\U0001d7cf"
"""What is 0 or 1 in each place."""

SUMMATION = "<mo>\u2211</mo>"

_D = "<mi>\u2202</mi>"


def _raised(base: str, exponent: str) -> str:
    return f"<msup>{row(base)}{row(exponent)}</msup>"
