"""Why the gradient of an operand of a product, a quotient or a sum is 0.

The numbers decide: a factor may be 0, shares may add up to 0, or a number may be too small for its
type.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from dzviz.diagnosis.families import is_elementwise, summand_of
from dzviz.diagnosis.losses import Loss, Reason, by_rule
from dzviz.diagnosis.words import all_of, noun, with_value
from dzviz.graph.model import Value, VariableNode
from dzviz.graph.ranges import Range
from dzviz.text.phrases import both, clean


def of_product(loss: Loss) -> Reason:
    """Say why an operand of a product got nothing."""
    factors = _factors(loss)
    zeros = [o for o in factors if _is_zero(o.data)]
    mend = "start from a value other than 0 (for weights, small random numbers), or leave it out"
    constant = "{op} multiplies it by the constant 0{place}"
    if not loss.others:
        if re.search(r"\*=? -?0(\.0*)?$", loss.function.label):
            return loss.reason("times 0", constant, mend)
        why = "{op} multiplies each element by the others, of which one is 0{place}"
        return loss.reason("times 0", why, mend) if _has_zero(loss.operand.data) else by_rule(loss)
    if not factors:
        return of_sum(loss)
    if zeros:
        why = "{op} multiplies it by {name}, which is 0{place}"
        why = constant if zeros[0].role == "constant" else why
        return loss.reason("times 0", why, mend, name=noun(loss.flows, zeros[0]))
    name = all_of([_factor(loss, other) for other in factors], loss.flows.lang)
    if not _is_elementwise(loss, factors):
        why = "what came back to {op}, {values}, times {name}, adds up to 0{place}"
        return _adds_up(loss, why, name=name)
    if not loss.partly and _meets(loss, factors):
        return _too_small(loss)
    why = (
        "{op} multiplies it by {name}, which is 0 there{place}"
        if loss.partly
        else "{op} multiplies it by {name}, which is 0 wherever a gradient came back{place}"
    )
    return loss.reason("times 0", why, mend, name=name)


def _factors(loss: Loss) -> list[VariableNode]:
    """Return the other operands that an operand is multiplied by: all but a summand."""
    summand = summand_of(loss.function)
    if loss.edge.arg == summand:
        return []
    edges = loss.flows.operands[loss.function.id]
    arg = loss.edge.arg
    return [loss.flows.variables[e.source] for e in edges if e.arg not in (arg, summand)]


def _is_elementwise(loss: Loss, others: Sequence[VariableNode]) -> bool:
    """Whether each element of the operand meets one element of the others, and no sum is made."""
    if not is_elementwise(loss.function):
        return False
    came = [np.shape(gy) for gy in loss.flows.sent(loss.function.id)]
    if not came or came[0] != loss.operand.shape:
        return False
    return all(np.shape(other.data) == came[0] for other in others)


def _meets(loss: Loss, factors: Sequence[VariableNode]) -> bool:
    """Whether some element of what came back meets factors none of which is 0."""
    known = [loss.flows.sent(loss.function.id)[0], *(factor.data for factor in factors)]
    if any(isinstance(value, Range) for value in known):
        return False
    return bool(np.any(np.all([np.asarray(value) != 0 for value in known], axis=0)))


def _too_small(loss: Loss) -> Reason:
    return loss.reason(
        "underflow",
        "what {op} sends back is too small for a {dtype}, which makes it 0{place}",
        "scale the values, or compute with their logarithms",
        dtype=loss.operand.dtype,
    )


def of_quotient(loss: Loss) -> Reason:
    """Say why an operand of a quotient got nothing."""
    if not loss.others:
        return by_rule(loss)
    other = loss.others[0]
    divisor = loss.operand if loss.edge.arg == 1 else other
    if loss.edge.arg == 1 and _is_zero(other.data):
        why = "{op} divides {value}: that stays 0 whatever it is divided by{place}"
        mend = "start from a numerator that is not 0"
        return loss.reason("times 0", why, mend, value=with_value(loss.flows, other))
    if not (isinstance(divisor.data, Range) or np.all(np.isfinite(divisor.data))):
        why = "{op} divides by {value}, and what is divided by an infinity is 0{place}"
        mend = "check where the denominator comes from"
        return loss.reason("times 0", why, mend, value=with_value(loss.flows, divisor))
    if not _is_elementwise(loss, [other]):
        return _adds_up(
            loss, "what came back to {op}, {values}, times its slope, adds up to 0{place}"
        )
    if not loss.partly and (loss.edge.arg == 0 or _meets(loss, [other])):
        return _too_small(loss)
    why = "{op} divides {name}, which is 0 wherever a gradient came back{place}"
    mend = "start from a numerator that is not 0"
    return loss.reason("times 0", why, mend, name=noun(loss.flows, other))


def of_sum(loss: Loss) -> Reason:
    """Say why an operand of a sum got nothing."""
    return _adds_up(loss, "what came back to {op}, {values}, adds up to 0{place}")


def _adds_up(loss: Loss, why: str, **values: object) -> Reason:
    first, *rest = [loss.short(gy) for gy in loss.flows.sent(loss.function.id)] or [""]
    for text in rest:
        first = both(first, text, loss.flows.lang)
    mend = "the output does not change with it: check for a wrong sign, or leave it out"
    return loss.reason("cancelled", why, mend, values=first, **values)


def _has_zero(data: Value) -> bool:
    if isinstance(data, Range):
        return data.low is None or data.high is None or bool(data.low <= 0 <= data.high)
    return not np.all(data)


def _is_zero(data: Value) -> bool:
    return data.zero if isinstance(data, Range) else not np.any(data)


def _factor(loss: Loss, node: VariableNode) -> str:
    small = node.role == "constant" and not clean(node.name) and not isinstance(node.data, Range)
    if small:
        return loss.say("the constant {value}", value=loss.short(node.data))
    return noun(loss.flows, node)
