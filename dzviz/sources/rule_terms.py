"""A Function's rule as a formula: the rule itself is run on Variables that have names.

What it compares becomes a part of the formula, too. It knows no text.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from dzviz.engine import OPS, Function, Op, Variable, raw, sum_array_to, using_config
from dzviz.graph.terms import OPERAND, OUTPUT, PRIME, PULLED, UPSTREAM, Term, constant, symbol

MOST = 60
"""A rule of more Functions is no formula that anybody reads."""

BESIDE = ("T", "into", "one_hot")
"""Labels that are no op's name and are read all the same."""


def rule_term(function: Function, index: int, upstream: Any, local: Any, value: Any) -> Term:
    """Write the rule for input number ``index`` of the symbols ``gy``, ``y``, ``x0`` ....

    Where the rule is a user's own, or no formula that anybody reads, it is the Function's name with
    a prime: a factor, if the ``local`` derivative is known, else what makes a ``value`` of ``gy``.
    """
    read = _read(function, index, upstream)
    if read is not None:
        return read
    operands = [symbol(f"{OPERAND}{i}", raw(x)) for i, x in enumerate(function.inputs)]
    name, blank, settings = str(function.label).partition(" ")
    rule = Term(f"{name}{PRIME}{blank}{settings}", tuple(operands), local)
    if local is not None and len(function.outputs) == 1:
        return Term("*", (symbol(UPSTREAM, upstream), rule), value)
    back = [symbol(UPSTREAM + (str(i) if i else "")) for i in range(len(function.outputs))]
    return Term(PULLED, (rule, *back), value)


def _read(function: Function, index: int, upstream: Any) -> Term | None:
    if upstream is None or not (isinstance(function, Op) and function.rules):
        return None
    y = function.outputs[0]()
    rule = function.vjps[index]
    if y is None or rule is None:
        return None
    for kind in (_Compared, Variable):  # a rule may do with what it compares what has no formula
        xs = [kind(np.asarray(raw(x)), f"{OPERAND}{i}") for i, x in enumerate(function.inputs)]
        gy = Variable(np.asarray(upstream), UPSTREAM)
        result = kind(np.asarray(raw(y)), OUTPUT)
        try:
            with using_config("enable_backprop", True), np.errstate(all="ignore"):
                gx = rule(function, gy, result, *xs)
        except (TypeError, ValueError, AttributeError):
            continue
        return _summed(_term(gx), function.inputs[index].shape)
    return None


def _summed(term: Term | None, shape: tuple[int, ...]) -> Term | None:
    """Sum to the shape of an input that was broadcast, as the engine does."""
    if term is None or term.shape == shape:
        return term
    return Term(f"sum_to {shape}", (term,), sum_array_to(np.asarray(term.value), shape))


def _term(y: Any) -> Term | None:
    """Write a graph as a formula; None where it is too large, or has Functions without a name."""
    if not isinstance(y, Variable):
        return None if y is None else constant(np.asarray(y))
    made: dict[Variable, Term] = {}
    pending = [y]
    while pending:
        x = pending[-1]
        function = None if x.name else x.creator or getattr(x, "maker", None)
        waiting = [] if function is None else [i for i in function.inputs if i not in made]
        if waiting:
            pending += waiting
            continue
        pending.pop()
        if x in made:
            continue
        if x.name:
            made[x] = symbol(x.name, raw(x))
        elif function is None:
            made[x] = constant(raw(x))
        else:
            operands = tuple([made[i] for i in function.inputs])
            if not is_read(function.label) or sum(part.size for part in operands) >= MOST:
                return None
            made[x] = Term(function.label, operands, raw(x))
    return made[y]


def is_read(label: str) -> bool:
    """Whether a rule with this in it can be read: an op, not one of the engine's own means."""
    word = label.partition(" ")[0]
    if word == "stack":  # that of prod, by halves
        return False
    return word in OPS or not word[:1].isalpha() or word in BESIDE or word.startswith("float")


class _Comparison(Op):
    """A comparison that stays in the graph."""

    def __init__(self, sign: str, compare: Callable[[Any, Any], Any]) -> None:
        self.sign = sign
        self.compare = compare

    def forward(self, a: Any, b: Any) -> Any:
        return self.compare(a, b)

    @property
    def label(self) -> str:
        """``>``."""
        return self.sign


class _Compared(Variable):
    """A Variable of which a comparison is a Variable again."""

    __slots__ = ()

    __hash__ = object.__hash__


def _comparing(sign: str, compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda self, other: _Comparison(sign, compare)(self, other)


for _name, _sign, _compare in (
    ("__lt__", "<", operator.lt),
    ("__le__", "<=", operator.le),
    ("__gt__", ">", operator.gt),
    ("__ge__", ">=", operator.ge),
    ("__eq__", "==", operator.eq),
    ("__ne__", "!=", operator.ne),
    ("__and__", "&", operator.and_),
    ("__or__", "|", operator.or_),
):
    setattr(_Compared, _name, _comparing(_sign, _compare))
_Compared.result_class = _Compared
