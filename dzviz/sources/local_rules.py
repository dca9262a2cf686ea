"""The local derivative of a Function with respect to one of its inputs: as a value, as a formula.

Both come from the Function's own rule: applied to ones it gives the value, and applied to Variables
a graph, which is written as text here.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

import numpy as np

from dzviz.engine import Function, Ones, Op, Variable, raw, using_config
from dzviz.text.expressions import applied
from dzviz.text.numbers import number

LONGEST = 120
"""A longer formula explains nothing."""

UPSTREAM = "upstream"
"""What the gradient of a Function's output is called in formulas."""


def local_derivative(function: Function, index: int, upstream: Any, value: Any) -> Any:
    """Return what the rule multiplied ``upstream`` by to get ``value``; None if it does otherwise.

    A rule that multiplies no element with just one other, as that of a matrix product, has none.
    """
    if upstream is None:
        return None
    with np.errstate(all="ignore"):
        if not (isinstance(function, Op) and function.rules):
            # A user's own rule is not run a second time.
            return None if np.ndim(value) or not upstream else value / upstream
        xs = [*map(raw, function.inputs)]
        local = _apply(function, index, np.ones_like(upstream)[()], xs)
        if local is None or np.shape(local) != np.shape(value):
            return None
        # Is every element multiplied by just one number?
        probe = np.cos(np.arange(np.size(upstream))).reshape(np.shape(upstream)) + 2
        probed = _apply(function, index, probe[()], xs)
        try:
            product = probe * local
        except ValueError:
            return None
        if np.shape(probed) != product.shape or not np.allclose(probed, product, equal_nan=True):
            return None
    return local


def formula(
    function: Function, index: int, names: Mapping[Variable, str], *, whole: bool = False
) -> str | None:
    """Write the local derivative by input number ``index``, as in ``cos(x)``.

    ``names`` are those of the Function's inputs and of its output. With
    ``whole`` it is all of the rule, as in ``upstream @ W.T``. None where the rule is a user's own,
    or not a short formula.
    """
    if not (isinstance(function, Op) and function.rules):
        return None
    y = function.outputs[0]()
    if y is None:
        return None
    # Variables where there were constants, too: of those alone a rule would make no graph.
    xs = [Variable(x.data, names.get(x)) for x in function.inputs]
    upstream = UPSTREAM + "_" * (UPSTREAM in names.values())  # a user's may be called so
    gy = Variable(np.ones_like(y.data), upstream) if whole else Ones(np.ones_like(y.data))
    with using_config("enable_backprop", True), np.errstate(all="ignore"):
        result = Variable(y.data, names.get(y))
        if not result.name:  # then the formula has what it is: exp(x)
            again = copy(function)
            again.inputs = tuple(xs)
            result.creator = again
        gx = _apply(function, index, gy, xs, result)
    text = _write(gx) if isinstance(gx, Variable) else None
    if text and gx.shape != xs[index].shape:  # the input was broadcast
        text = applied("sum_to", [text, str(xs[index].shape)])
    return text if text and len(text) <= LONGEST else None


def _apply(function: Op, index: int, gy: Any, xs: list[Any], y: Any = None) -> Any:
    rule = function.vjps[index]
    if rule is None:
        return None
    if y is None and (output := function.outputs[0]()) is not None:
        y = raw(output)
    return rule(function, gy, y, *xs)


def _write(y: Variable) -> str | None:
    """Write the graph of a rule as an expression; None where a part of it has no name.

    Recursion is bounded by the rule's own length.
    """
    try:
        return _text(y)
    except _NamelessError:
        return None


class _NamelessError(Exception):
    """An array without a name, such as where x > 0."""


def _text(y: Variable) -> str:
    """Write a graph, except for factors of 1 and choices that were made."""
    function = y.creator
    if y.name:
        return y.name
    if function is None:
        elements = y.data.reshape(-1)
        if not y.size or np.any(elements != elements[0]):
            raise _NamelessError
        return number(elements[0], 6)
    plain = any(x.ndim and not x.name and x.creator is None for x in function.inputs)
    if plain and function.label.startswith("einsum "):  # which wants an array, not the number 1
        raise _NamelessError
    operands = [_text(x) for x in function.inputs]
    if function.label == "where" and operands[0] in ("False", "True"):
        return operands[1 if operands[0] == "True" else 2]
    if function.label == "*" and "1" in operands:
        return operands[1 - operands.index("1")]
    if function.label == "@" and any(not (x.name or x.creator) for x in function.inputs):
        # A matrix of one number is no number, but a column of ones repeats the row beside it.
        if "1" in operands and function.inputs[0].shape[-1] == 1:
            return operands[1 - operands.index("1")]
        raise _NamelessError
    return applied(function.label, operands)
