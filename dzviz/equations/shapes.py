"""What rules do to shapes, left out where it does nothing: reshape, broadcast, kept axes."""

from __future__ import annotations

import ast
import re

import numpy as np

from dzviz.equations.constants import as_known, number, uniform
from dzviz.graph.terms import Term


def unspread(term: Term) -> Term:
    """Leave out what only spreads one operand of two to the shape of the result."""
    if len(term.operands) < 2:
        return term
    operands = list(term.operands)
    for i, other in ((0, 1), (1, 0)):
        inner = operands[i]
        while (smaller := _before_spreading(inner)) is not None:
            try:
                shape = np.broadcast_shapes(smaller.shape, operands[other].shape)
            except ValueError:
                break
            if shape != term.shape:
                break
            inner = smaller
        operands[i] = inner
    return term.on(tuple(operands))


def _before_spreading(term: Term) -> Term | None:
    """Return what was spread, without axes of length 1 that broadcasting puts there itself."""
    if (value := uniform(term)) is not None and term.shape:
        return as_known(number(value, like=term.value))
    word = term.label.partition(" ")[0]
    if word == "broadcast_to":
        return term.operands[0]
    if word == "*" and len(term.operands) == 2:
        for one, other in (term.operands, term.operands[::-1]):
            if not other.shape and uniform(one) == 1:
                return other
    ones = word == "/" and bool(term.operands[0].shape) and uniform(term.operands[0]) == 1
    if ones and not term.operands[1].shape:
        top = number(1.0)
        return Term("/", (top, term.operands[1]), 1 / np.asarray(term.operands[1].value))
    if (inner := without_axes(term)) is not term:
        return inner
    if "keepdims=True" in term.label:
        return _without_kept(term, word)
    if word == "reshape":
        (inner,) = term.operands
        lead = len(term.shape) - len(inner.shape)
        if lead >= 0 and term.shape == (1,) * lead + inner.shape:
            return inner
    return None


def without_axes(term: Term) -> Term:
    """Return the number to which axes of length 1 were given; else the same."""
    axes = re.fullmatch(r"\[(\.\.\.|None|:|, )+\]", term.label)
    return term.operands[0] if axes and not term.operands[0].shape else term


def _without_kept(term: Term, word: str) -> Term | None:
    """Leave out that axes are kept, where broadcasting puts them there itself."""
    lead = term.label.removeprefix(f"{word} ")
    if lead == "keepdims=True":
        return Term(word, term.operands, np.asarray(term.value).reshape(()))
    if lead == "axis=0, keepdims=True":
        return Term(f"{word} axis=0", term.operands, np.asarray(term.value)[0])
    return None


def transposed(term: Term) -> Term:
    """Write a transposed product as a product of transposed matrices."""
    (a,) = term.operands
    if len(a.shape) < 2:
        return a
    if a.label == "@" and all(len(x.shape) == 2 for x in a.operands):
        left, right = (transposed(Term("T", (x,), np.transpose(x.value))) for x in a.operands)
        return Term("@", (right, left), term.value)
    return a.operands[0] if a.label == "T" else term


def same_shape(term: Term) -> Term:
    """Leave out what makes of a shape the same, and that axes were kept of one number."""
    (a, *_) = term.operands
    word = a.label.partition(" ")[0]
    if not term.shape and word in ("sum", "mean") and "keepdims" in a.label:
        return Term(word, a.operands, term.value)
    return a if a.shape == term.shape else term


def spread(term: Term) -> Term:
    """Write one number in each place as that number times ones."""
    (a,) = term.operands
    inner = a.operands[0] if a.label.startswith("reshape ") else a
    if a.shape == term.shape or inner.shape:
        return same_shape(term)
    return Term("*", (inner, number(1.0, term.shape)), term.value)


def sum_to(term: Term) -> Term:
    """Write along which axes it sums."""
    (a,) = term.operands
    if a.shape == term.shape:
        return a
    lead = len(a.shape) - len(term.shape)
    kept = [i for i, n in enumerate(term.shape, lead) if n == 1 and a.shape[i] != 1]
    if not term.shape:
        return Term("sum", (a,), term.value)
    if lead and kept:
        return term
    axes = list(range(lead)) or kept
    axis = axes[0] if len(axes) == 1 else tuple(axes)
    return Term(f"sum axis={axis}{', keepdims=True' if kept else ''}", (a,), term.value)


def indexed(term: Term) -> Term:
    """A column that is made for a product with a matrix, and taken off again, is none."""
    (a,) = term.operands
    if (value := uniform(a)) is not None:
        return number(value, term.shape, like=term.value)
    if term.label == "[..., 0]" and a.label == "@":
        left, right = a.operands
        if right.label == "[..., None]" and len(right.operands[0].shape) == 1:
            return Term("@", (left, right.operands[0]), term.value)
    return term


def reduced(term: Term) -> Term:
    """A single axis is given by its number."""
    label = term.label
    if "axis=(" in label:
        axes = ast.literal_eval(label.partition("axis=")[2].partition(")")[0] + ")")
        if len(axes) == 1:
            return Term(label.replace(f"axis={axes}", f"axis={axes[0]}"), term.operands, term.value)
    return term
