"""Formulas as trees that know their values: what a Function makes, what its rule sends back.

A leaf is a symbol, a derivative or a constant. Nothing here computes or writes anything.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from hashlib import blake2b
from typing import Any

import numpy as np

Value = Any  # a NumPy scalar or an ndarray that nobody writes into

UPSTREAM, OUTPUT, OPERAND = "gy", "y", "x"
"""What a rule's symbols are called: the upstream gradient (``gy``, of a second output ``gy1``),
the output, ``x0``, ``x1`` ..."""

PRIME = "'"
"""Behind a Function's label stands for its derivative, where no rule can be read."""

PULLED = "vjp"
"""The label of what such a derivative makes of gradients."""

DERIVATIVE = "d"
"""The label of a leaf that is a derivative; its name is the number of a pass and a node's id."""


class Term:
    """A Function's ``label`` on ``operands``, with the ``value`` that it has; or a leaf.

    A leaf with a ``name`` is a symbol, one without a constant. Terms with the same ``key`` are the
    same formula, whatever they are the value of: it is a digest, since formulas can be deep and are
    compared often. ``size`` counts the Functions in it.
    """

    __slots__ = ("key", "label", "name", "operands", "size", "value")

    label: str
    operands: tuple[Term, ...]
    value: Value
    name: str
    key: bytes
    size: int

    def __init__(
        self, label: str, operands: tuple[Term, ...] = (), value: Value = None, name: str = ""
    ) -> None:
        self.label = label
        self.operands = operands
        self.value = value
        self.name = name
        if operands or label or name:
            what = repr((label, name, *[operand.key for operand in operands]))
            content = what.encode("utf-8", "surrogatepass")
        else:
            array = np.asarray(value)
            content = repr(array.shape).encode() + array.astype(float).tobytes()
        self.key = blake2b(content, digest_size=16).digest()
        self.size = (1 if operands else 0) + sum(operand.size for operand in operands)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its value."""
        return np.shape(self.value)

    @property
    def is_symbol(self) -> bool:
        """Whether it is a name."""
        return not self.label and bool(self.name)

    @property
    def is_constant(self) -> bool:
        """Whether it is a number or an array."""
        return not self.label and not self.name and not self.operands

    def on(self, operands: tuple[Term, ...]) -> Term:
        """Return the same Function on other operands of the same values."""
        return Term(self.label, operands, self.value, self.name)

    def parts(self) -> Iterator[Term]:
        """Return it and all that is in it."""
        pending = [self]
        while pending:
            term = pending.pop()
            yield term
            pending += reversed(term.operands)

    def outermost(self, keys: Container[bytes]) -> Iterator[Term]:
        """Return the parts of it that have one of these keys, and nothing within one of them."""
        pending = [self]
        while pending:
            term = pending.pop()
            if term.key in keys:
                yield term
            else:
                pending += reversed(term.operands)

    @property
    def has_derivative(self) -> bool:
        """Whether a derivative is in it."""
        return any(part.label == DERIVATIVE for part in self.parts())


def symbol(name: str, value: Value = None) -> Term:
    """Make a symbol."""
    return Term("", (), value, name)


def constant(value: Value) -> Term:
    """Make a constant."""
    return Term("", (), value)


def derivative(turn: int, node: str, value: Value = None) -> Term:
    """Make the derivative of what pass number ``turn`` starts from, by a node."""
    return Term(DERIVATIVE, (), value, f"{turn}:{node}")
