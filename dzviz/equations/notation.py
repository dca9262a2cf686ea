"""Formulas as plain text: the expression language's signs, and a textbook's where it has none.

``dL/dz`` is a derivative, ``x^T`` a transposed matrix, ``x^T (dL/dz)`` a product of matrices, and
``[x > 0]`` is 1 where that is so, else 0. TeX and MathML have the same order and brackets.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from dzviz.equations.algebra import COMPARISONS
from dzviz.equations.constants import uniform
from dzviz.equations.indices import INDEX, TOTAL
from dzviz.graph.terms import DERIVATIVE, PRIME, PULLED, Term
from dzviz.records import NamedTuple
from dzviz.text.phrases import clean

SUM, NEGATIVE, MATRIX, PRODUCT, POWER, ATOM = range(1, 7)
"""How strongly a formula's outermost sign binds."""


def exact(value: Any) -> str:
    """Write a number with all the digits that it has, and no more than it needs."""
    if np.asarray(value).dtype.kind in "biu":
        return str(int(value))
    text = repr(float(str(value)))
    mantissa, _, exponent = text.partition("e")
    return mantissa.removesuffix(".0") + (f"e{int(exponent)}" if exponent else "")


class Written(NamedTuple):
    """A formula as it is written, how strongly it binds, and where a bare derivative stands."""

    text: str
    binding: int
    begins: bool = False
    ends: bool = False


class Origin(NamedTuple):
    """An output, by its name, of which the elements are ``summed``."""

    name: str
    summed: bool


class Names:
    """What nodes and derivatives are called."""

    def __init__(
        self,
        names: Mapping[str, str],
        origins: Mapping[int, Sequence[str]],
        arrays: Collection[str],
        bases: Mapping[str, str],
    ) -> None:
        self.names = names
        self.bases = bases
        self.origins = origins
        self.arrays = arrays

    def of(self, term: Term) -> str:
        """Return what a symbol is called."""
        return self.called(term.name)

    def called(self, id: str) -> str:
        """Return what a node is called; one of a loop's body has an index."""
        body, sign, index = id.partition(INDEX)
        return f"{self.bases[body]}{sign}{index}" if sign else self.names.get(id, id)

    def derivative(self, term: Term) -> tuple[list[Origin], str]:
        """Return of what a derivative is, and by what."""
        turn, _, id = term.name.partition(":")
        origins = [Origin(self.called(y), y in self.arrays) for y in self.origins[int(turn)]]
        return origins, self.called(id)


class Plain:
    """Formulas as plain text; ``names`` says what symbols are called.

    Others write the same formulas with other signs: they override what looks different.
    """

    fraction: ClassVar[int] = PRODUCT
    """How strongly a derivative binds."""

    comma: ClassVar[str] = ", "
    """What stands between operands."""

    relations: ClassVar[Mapping[str, str]] = {"&": "and", "|": "or"}
    """The signs of comparisons that are not written as Python writes them."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def write(self, term: Term) -> str:
        """Write a formula."""
        return self.of(term).text

    def of(self, term: Term) -> Written:
        """Write a formula, and say how strongly it binds. Its size is bounded where it is made."""
        if not term.operands:
            return self.leaf(term)
        writer = self.writers().get(self.kind(term))
        if writer is not None:
            return writer(term)
        return self.applied(term)

    def writers(self) -> Mapping[str, Callable[[Term], Written]]:
        """Return how each sign is written, by its kind."""
        return {
            "+": self.sum,
            "-": self.sum,
            "negative": self.negative,
            "*": self.product,
            "/": self.quotient,
            "@": self.matrix_product,
            "outer": self.outer,
            "**": self.power,
            "T": self.transposed,
            "part": self.part,
            "compare": self.comparison,
            PULLED: self.pulled,
            TOTAL: self.total,
        }

    def kind(self, term: Term) -> str:
        """Return what kind of sign a Function's is."""
        label = term.label
        if label == "-" and len(term.operands) == 1:
            return "negative"
        if label in COMPARISONS:
            return "compare"
        return "part" if label.startswith("[") else label.partition(" ")[0]

    def leaf(self, term: Term) -> Written:
        """Write a symbol, a derivative or a constant."""
        if term.label == DERIVATIVE:
            return Written(
                self.fraction_of(*self.names.derivative(term)), self.fraction, True, True
            )
        if term.name:
            name = self.names.of(term)
            return Written(self.name(name), self.binding_of(name))
        value = np.asarray(term.value)
        if not value.ndim:
            text = exact(value)
            binding = NEGATIVE if text.startswith("-") else ATOM
            return Written(self.number(text), binding)
        same = uniform(term)
        if same is None:
            return Written(self.array(value), ATOM)
        filled = self.filled(value.shape, zero=same == 0)
        if same in (0, 1):
            return filled
        ones = Term("", (), np.ones(value.shape))
        return self.product(Term("*", (Term("", (), same), ones), value))

    def binding_of(self, name: str) -> int:
        """Return how strongly a name binds; one that is written like a fraction needs brackets."""
        return PRODUCT if "/" in name else ATOM

    def within(self, term: Term, least: int, *, bare: bool = True) -> Written:
        """Write a part of a formula, in brackets if it binds less; a derivative may be ``bare``."""
        made = self.of(term)
        enough = made.binding >= least and (bare or not (made.begins or made.ends))
        return made if enough else Written(self.bracketed(made.text), ATOM)

    def factors(self, term: Term) -> tuple[Written, Written]:
        """Write both sides of a product element by element: products of matrices in brackets."""
        return self.above(term), self.within(term.operands[1], PRODUCT)

    def matrices(self, term: Term, *, bare: bool) -> tuple[Written, Written]:
        """Write both sides of a product of matrices: other products in brackets."""
        left, right = term.operands
        first = self.of(left)
        a = first if first.binding == MATRIX else self.within(left, POWER, bare=bare)
        return a, self.within(right, POWER, bare=bare)

    def above(self, term: Term) -> Written:
        """Write what is divided: a product of matrices in brackets."""
        a = self.within(term.operands[0], NEGATIVE)
        return Written(self.bracketed(a.text), ATOM) if a.binding == MATRIX else a

    def negative(self, term: Term) -> Written:
        """Write a formula with a minus in front."""
        inner = self.within(term.operands[0], MATRIX)
        return Written(self.minus(inner.text), NEGATIVE, False, inner.ends)

    def sum(self, term: Term) -> Written:
        """Write a sum or a difference; its left side is often one, too, and so on."""
        sums = [term]
        while self.kind(sums[-1].operands[0]) in ("+", "-"):
            sums.append(sums[-1].operands[0])
        first = made = self.within(sums[-1].operands[0], SUM)
        parts = [first.text]
        for each in reversed(sums):
            made = self.within(each.operands[1], MATRIX)
            parts += [self.signs(each.label), made.text]
        return Written(self.beside(*parts), SUM, first.begins, made.ends)

    def product(self, term: Term) -> Written:
        """Write a product, element by element."""
        a, b = self.factors(term)
        sign = " * " if a.ends or b.begins else "*"
        return Written(f"{a.text}{sign}{b.text}", min(PRODUCT, a.binding), a.begins, b.ends)

    def quotient(self, term: Term) -> Written:
        """Write a quotient."""
        a, b = self.above(term), self.within(term.operands[1], POWER)
        sign = " / " if a.ends else "/"
        return Written(f"{a.text}{sign}{b.text}", min(PRODUCT, a.binding), a.begins)

    def matrix_product(self, term: Term) -> Written:
        """Write a product of matrices."""
        a, b = self.matrices(term, bare=False)
        bracketed = a.text.startswith("(") or b.text.startswith("(")
        beside = term.has_derivative and bracketed and not b.text.startswith("[")
        return Written(f"{a.text} {'' if beside else '@ '}{b.text}", MATRIX)

    def outer(self, term: Term) -> Written:
        """Write an outer product of vectors."""
        a, b = (self.of(x).text for x in term.operands)
        return Written(f"outer({a}, {b})", ATOM)

    def base(self, term: Term) -> str:
        """Write what has an exponent or an index."""
        return self.within(term.operands[0], ATOM, bare=False).text

    def power(self, term: Term) -> Written:
        """Write a power, of which the exponent is an operand or stands in the label."""
        if len(term.operands) == 1:
            exponent = self.number(term.label.partition(" ")[2])
        else:
            exponent = self.exponent(term.operands[1])
        return Written(self.raised(self.base(term), exponent), POWER)

    def exponent(self, term: Term) -> str:
        """Write an exponent."""
        return self.within(term, POWER, bare=False).text

    def raised(self, base: str, exponent: str) -> str:
        """Write a base with its exponent."""
        return f"{base}**{exponent}"

    def transposed(self, term: Term) -> Written:
        """Write a transposed matrix."""
        return Written(self.transpose(self.base(term)), ATOM)

    def transpose(self, text: str) -> str:
        """Put the sign of a transposed matrix behind it."""
        return f"{text}^T"

    def part(self, term: Term) -> Written:
        """Write a part of an array."""
        return Written(f"{self.base(term)}{term.label}", ATOM)

    def comparison(self, term: Term) -> Written:
        """Write what is 1 where a comparison holds, else 0."""
        return Written(self.square(self.condition(term)), ATOM)

    def condition(self, term: Term) -> str:
        """Write a comparison, or a side of one, without its brackets."""
        if self.kind(term) != "compare":
            return self.of(term).text
        a, b = (self.condition(x) for x in term.operands)
        return self.beside(a, self.signs(self.relations.get(term.label, term.label)), b)

    def applied(self, term: Term) -> Written:
        """Write a Function with its operands and settings."""
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
        """Write what a rule that nobody can read makes of gradients."""
        rule, *gradients = [self.of(x).text for x in term.operands]
        back = self.bracketed(self.comma.join(gradients))
        return Written(self.beside(self.transpose(rule), back), PRODUCT)

    def total(self, term: Term) -> Written:
        """Write a sum over the times of a loop."""
        _, letter, first, last = term.label.split(" ")
        return Written(f"sum({letter}={first}..{last}, {self.of(term.operands[0]).text})", ATOM)

    def fraction_of(self, ys: Sequence[Origin], x: str) -> str:
        """Write a derivative, of the sum of several outputs."""
        name = self.name(x)
        tops = [f"sum({self.name(y.name)})" if y.summed else self.name(y.name) for y in ys]
        top = f"d{tops[0]}" if len(tops) == 1 and "/" not in tops[0] else f"d({' + '.join(tops)})"
        if len(ys) == 1 and ys[0].summed:
            top = f"d {tops[0]}"
        return f"{top}/d{name}" if "/" not in name else f"{top}/d({name})"

    def name(self, name: str) -> str:
        """Write a name."""
        base, index = parted(name)
        if not index:
            return base
        return f"{base}_{index}" if index.isalnum() else f"{base}_{{{index}}}"

    def number(self, text: str) -> str:
        """Write a number."""
        return text

    def array(self, value: Any, write: Callable[[Any], str] = exact) -> str:
        """Write the elements of an array."""
        if np.ndim(value) == 0:
            return write(value)
        return self.square(self.comma.join(self.array(part, write) for part in value))

    def words(self, text: str) -> str:
        """Write any text as text."""
        return text

    def signs(self, text: str) -> str:
        """Write an operator."""
        return text

    def filled(self, shape: tuple[int, ...], *, zero: bool) -> Written:
        """Write an array of ones, or of zeros."""
        word = "zeros" if zero else "ones"
        return Written(f"{word}({', '.join(map(str, shape))})", ATOM)

    def beside(self, *parts: str) -> str:
        """Write parts beside each other."""
        return " ".join(parts)

    def bracketed(self, text: str) -> str:
        """Put brackets around a formula."""
        return f"({text})"

    def square(self, text: str) -> str:
        """Put square brackets around something."""
        return f"[{text}]"

    def minus(self, text: str) -> str:
        """Put a minus before a formula."""
        return f"-{text}"


def settings_of(label: str) -> tuple[str, Sequence[str]]:
    """Return what a Function is called, and its settings: ``sum``, ``axis=0``.

    >>> settings_of("reshape (2, 3)")
    ('reshape', ['(2, 3)'])
    """
    name, _, rest = label.partition(" ")
    if not rest or name == "einsum":
        return name, [f"'{rest}'"] if rest else []
    parts, depth, begin = [], 0, 0
    for i, sign in enumerate(rest):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            parts.append(rest[begin:i].strip())
            begin = i + 1
    return name, [*parts, rest[begin:].strip()]


def parted(name: str) -> tuple[str, str]:
    """Return a name and its index, if it has one."""
    base, _, index = name.partition(INDEX)
    return base, index


def axis_of(settings: Sequence[str]) -> Any:
    """Return the axis among settings; None where there is none."""
    for setting in settings:
        if setting.startswith("axis="):
            return ast.literal_eval(setting.removeprefix("axis="))
    return None


def called(label: str) -> tuple[str, bool]:
    """Return a Function's name, and whether its derivative is meant."""
    return label.removesuffix(PRIME), label.endswith(PRIME)
