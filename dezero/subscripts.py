"""The subscripts of einsum: a letter for each axis. It knows shapes, but no arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple

LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""All that there are; Python's module that has them takes a millisecond to load."""


class Axes(NamedTuple):
    """A letter for each axis of the operands and of the result, and how long each letter is."""

    operands: tuple[str, ...]
    result: str
    lengths: dict[str, int]

    @property
    def elements(self) -> int:
        """The number of elements of the result."""
        return math.prod(self.lengths[letter] for letter in self.result)

    @property
    def products(self) -> int:
        """The number of products that are added up to all of the result."""
        return math.prod(self.lengths.values())


def axes(subscripts: str, shapes: Sequence[tuple[int, ...]]) -> Axes:
    """Read subscripts such as ``ij,jk->ik`` for operands of these shapes.

    Letters take the place of ``...``; where ``->`` is missing, the letters that occur once are
    kept, in the order of the alphabet.

    Raises:
        ValueError: They are no subscripts, or not for these shapes.
    """
    text = "".join(subscripts.split())
    left, arrow, right = text.partition("->")
    parts = left.split(",")
    if len(parts) != len(shapes):
        raise ValueError(
            f"{subscripts!r} is for {len(parts)} operand{'s' * (len(parts) > 1)}, not for shapes "
            f"{' and '.join(map(str, shapes))}"
        )
    for part in (*parts, right):
        letters = part.replace("...", "", 1)
        if letters and not (letters.isascii() and letters.isalpha()):
            raise ValueError(f"{subscripts!r} does not consist of letters, as in 'ij,jk->ik'")
    free = [letter for letter in LETTERS if letter not in text]
    spare = [
        len(shape) - len(part.replace("...", ""))
        for part, shape in zip(parts, shapes, strict=True)
        if "..." in part
    ]
    dots = "".join(islice(free, max([0, *spare])))
    operands = []
    lengths: dict[str, int] = {}
    for part, shape in zip(parts, shapes, strict=True):
        letters = _with_dots(part, dots, len(shape))
        if len(letters) != len(shape):
            raise ValueError(f"{part!r} of {subscripts!r} does not fit the shape {shape}")
        operands.append(letters)
        for letter, length in zip(letters, shape, strict=True):
            if lengths.get(letter, 1) not in (1, length) and length != 1:
                raise ValueError(
                    f"{letter!r} of {subscripts!r} is {lengths[letter]} and {length} long in the "
                    f"shapes {' and '.join(map(str, shapes))}"
                )
            lengths[letter] = length if lengths.get(letter, 1) == 1 else lengths[letter]
    if arrow:
        result = right.replace("...", dots)
    else:
        named = "".join(part.replace("...", "") for part in parts)
        result = dots + "".join(sorted(c for c in set(named) if named.count(c) == 1))
    if len(set(result)) < len(result) or not set(result) <= lengths.keys():
        raise ValueError(
            f"the result of {subscripts!r} has a letter twice, or a letter that no operand has"
        )
    return Axes(tuple(operands), result, lengths)


def einsum_cost(subscripts: str, shapes: Sequence[tuple[int, ...]]) -> float:
    """Return what einsum and its gradients take, as a number of elements.

    The gradient of an operand whose diagonal is taken has a factor as large as the operand; and
    ten products take as long as an op on one element.
    """
    found = axes(subscripts, shapes)
    return max([found.products / 10, *map(math.prod, shapes)])


def _with_dots(part: str, dots: str, ndim: int) -> str:
    """Put letters for ``...``: those of the last axes, as arrays are broadcast."""
    spare = ndim - len(part.replace("...", ""))
    return part.replace("...", dots[len(dots) - spare :] if spare > 0 else "")
