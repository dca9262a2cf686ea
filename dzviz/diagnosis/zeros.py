"""Why a gradient is 0: what became of what came to the place where it was lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from dzviz.diagnosis.engines import words_of
from dzviz.diagnosis.families import family_of, family_of_name
from dzviz.diagnosis.flows import End, Flows, is_nothing, size_of
from dzviz.diagnosis.words import all_of, noun, short, told, what, where
from dzviz.graph.model import Edge, FunctionNode, Value, VariableNode
from dzviz.graph.ranges import Range
from dzviz.text.phrases import clean

FADED = 1e-12
"""A gradient that a flat op leaves so little of counts as lost."""


FLAT = ("saturating", "exponential", "normalized")
"""The families of ops that are flat far out."""


class Reason(NamedTuple):
    """The word of a cause, why in words, and the mend."""

    cause: str
    why: str
    mend: str


class Loss(NamedTuple):
    """One operand of one Function, to which something came and which got nothing."""

    flows: Flows
    function: FunctionNode
    edge: Edge
    operand: VariableNode

    @property
    def name(self) -> str:
        """What the user wrote."""
        return what(self.flows, self.function)

    @property
    def place(self) -> str:
        """Where it stands."""
        return where(self.flows, self.function)

    @property
    def partly(self) -> bool:
        """Whether what came to a part of the operand alone was lost: one that it is joined of."""
        return not is_nothing(self.edge.contribution) and self.edge.contribution is not None

    @property
    def others(self) -> list[VariableNode]:
        """The other operands."""
        edges = self.flows.operands[self.function.id]
        return [self.flows.variables[e.source] for e in edges if e.arg != self.edge.arg]


def reason_of(flows: Flows, end: End) -> Reason:
    """Say why nothing is left behind a place."""
    if end.function is None:
        return _at_value(flows, end.value)
    function = flows.functions[end.function]
    loss = Loss(flows, function, flows.edge(end), flows.variables[end.value])
    return KINDS.get(family_of(function), _rule)(loss)


def _at_value(flows: Flows, id: str) -> Reason:
    node = flows.variables[id]
    shares = [edge.contribution for edge in flows.shares(id)]
    within = flows.within.get(id, "")
    if len(shares) > 1 and family_of_name(within) == "normalized":
        return _same_back(within, where(flows, flows.functions.get(flows.maker.get(id, ""))))
    if len(shares) > 1 and any(not is_nothing(share) for share in shares):
        name = clean(node.name) or f"a value made by {_maker(flows, id)}"
        seen = all_of([short(share) for share in shares[:4]])
        more = "" if len(shares) <= 4 else f" and {len(shares) - 4} more"
        rest = "" if is_nothing(flows.came(id)) else " but for rounding"
        return Reason(
            "cancelled",
            f"{name} is used {len(shares)} times, and its shares {seen}{more} add up to 0{rest}"
            f"{where(flows, flows.functions.get(flows.maker.get(id, '')))}",
            "its uses undo each other: see whether one of them has the wrong sign, else leave "
            "it out",
        )
    if id in flows.outputs:
        return seeded(clean(node.name) or "the output")
    return Reason("unknown", "the graph does not tell where it was lost", "record the pass")


def seeded(output: str) -> Reason:
    """Say that a pass started from 0."""
    return Reason(
        "seed",
        f"the pass started from 0 at {output}",
        "start it from 1: call backward without assigning grad before",
    )


def _maker(flows: Flows, id: str) -> str:
    function = flows.functions.get(flows.maker.get(id, ""))
    return what(flows, function) if function else "nothing"


def _rectifier(loss: Loss) -> Reason:
    data = loss.operand.data
    if loss.partly:
        seen = f"its elements of {noun(loss.flows, loss.operand)} are not above 0"
    elif _is_above_0(data):
        seen = "no element that is above 0 got anything back"
    elif np.ndim(data):
        between = short(data) if short(data)[0] == "(" else f"({short(data)})"
        seen = f"no element of {noun(loss.flows, loss.operand)} is above 0 {between}"
    else:
        seen = f"{told(loss.flows, loss.operand)} is not above 0"
    return Reason(
        "dead",
        f"{loss.name} is off and sends nothing back: {seen}{loss.place}",
        "leaky_relu, softplus or gelu have a slope below 0, too; or start from values above 0",
    )


def _is_above_0(data: Value) -> bool:
    """Whether an element may be above 0."""
    if isinstance(data, Range):
        return data.high is None or bool(data.high > 0)
    return bool(np.any(np.asarray(data) > 0))


def _choice(loss: Loss) -> Reason:
    mend = "logsumexp is a soft maximum in which each operand has a share; or change the values"
    if loss.partly:
        why = f"{loss.name} takes other elements than those that are looked at here"
        return Reason("not chosen", f"{why}{loss.place}", mend)
    bounds = [other for other in loss.others if other.role == "constant"]
    if len(loss.others) == 1 and bounds and not isinstance(bounds[0].data, Range):
        relu = not np.any(bounds[0].data) and "max" in loss.function.op.lower()
        return _rectifier(loss) if relu else _bounds(loss)
    winners = [told(loss.flows, other) for other in loss.others]
    seen = (
        f"{winners[0]} instead of {told(loss.flows, loss.operand)}" if winners else "other elements"
    )
    return Reason(
        "not chosen",
        f"{loss.name} takes {seen}, and what it does not take gets nothing{loss.place}",
        mend,
    )


def _mask(loss: Loss) -> Reason:
    at = "at its elements" if loss.partly else "wherever something came back"
    return Reason(
        "masked",
        f"the mask of {loss.name} takes the other operand {at}{loss.place}",
        "give it a mask that takes this operand somewhere, or mix both: m*a + (1 - m)*b",
    )


def _bounds(loss: Loss) -> Reason:
    held = "its elements" if loss.partly else told(loss.flows, loss.operand)
    return Reason(
        "bound",
        f"{loss.name} holds {held} at a bound, where it is flat{loss.place}",
        "widen the bounds, or use tanh or sigmoid, which are never quite flat",
    )


def _step(loss: Loss) -> Reason:
    return Reason(
        "step",
        f"{loss.name} is flat everywhere but where it jumps{loss.place}",
        "leave it out of what is differentiated, or use a soft form: sigmoid(k*x) for a step",
    )


def _selection(loss: Loss) -> Reason:
    return Reason(
        "not selected",
        f"{loss.name} leaves out all that is looked at here{loss.place}",
        "see whether the index, or the mask of a dropout, is the one that was meant",
    )


def _overwriting(loss: Loss) -> Reason:
    return Reason(
        "overwritten",
        f"{loss.name} overwrites all that is looked at here{loss.place}",
        "write into another array, or leave out what is overwritten",
    )


def _product(loss: Loss) -> Reason:
    zeros = [o for o in loss.others if _is_zero(o.data)]
    mend = "start from another value than 0 (weights: small random numbers), or leave it out"
    if not loss.others and re.search(r"\*=? -?0(\.0*)?$", loss.function.label):
        return Reason("times 0", f"{loss.name} multiplies it by the constant 0{loss.place}", mend)
    if zeros:
        name = noun(loss.flows, zeros[0])
        is_zero = "the constant 0" if zeros[0].role == "constant" else f"{name}, which is 0"
        return Reason("times 0", f"{loss.name} multiplies it by {is_zero}{loss.place}", mend)
    came = [np.shape(gy) for gy in loss.flows.sent(loss.function.id)]
    if all(np.shape(o.data) == came[0] == loss.operand.shape for o in loss.others) and came:
        name = all_of([_factor(loss, other) for other in loss.others])
        at = "there" if loss.partly else "wherever something came back"
        why = f"{loss.name} multiplies it by {name}, which is 0 {at}"
        return Reason("times 0", f"{why}{loss.place}", mend)
    return _sum(loss)


def _is_zero(data: Value) -> bool:
    return data.zero if isinstance(data, Range) else not np.any(data)


def _factor(loss: Loss, node: VariableNode) -> str:
    small = node.role == "constant" and not clean(node.name) and not isinstance(node.data, Range)
    return f"the constant {short(node.data)}" if small else noun(loss.flows, node)


def _quotient(loss: Loss) -> Reason:
    if loss.edge.arg == 1 and loss.others:
        other = loss.others[0]
        why = (
            f"{loss.name} divides {told(loss.flows, other)}: that stays 0 whatever it is divided by"
        )
        mend = "start from a numerator that is not 0"
        return Reason("times 0", f"{why}{loss.place}", mend)
    return _rule(loss)


def _sum(loss: Loss) -> Reason:
    seen = [short(gy) for gy in loss.flows.sent(loss.function.id)]
    return Reason(
        "cancelled",
        f"what came back to {loss.name}, {' and '.join(seen)}, adds up to 0{loss.place}",
        "the output does not change with it: see whether a sign is wrong, else leave it out",
    )


def _saturating(loss: Loss) -> Reason:
    came = max((size_of(gy) for gy in loss.flows.sent(loss.function.id)), default=0.0)
    left = size_of(loss.edge.contribution)
    slope = f" ({left / came:.1g} of what came is left)" if came and left else ""
    return Reason(
        "saturated",
        f"{loss.name} is flat so far out: {told(loss.flows, loss.operand)}{slope}{loss.place}",
        "keep its operand small (smaller weights, a normalization), or compute the loss from the "
        "logits: softplus, log_softmax, softmax_cross_entropy",
    )


def _normalized(loss: Loss) -> Reason:
    sent = loss.flows.sent(loss.function.id)
    if not all(map(_is_same, sent)):
        return _saturating(loss)
    rounding = ", so that only rounding is left" if size_of(loss.edge.contribution) else ""
    return _same_back(loss.name, loss.place, rounding)


def _is_same(gy: Value) -> bool:
    """Whether all elements of what came are the same number."""
    return not isinstance(gy, Range) and float(np.ptp(np.asarray(gy, float))) <= FADED * size_of(gy)


def _same_back(name: str, place: str, left: str = "") -> Reason:
    fact = "add up to 1" if "softm" in name.lower() else "have the same mean"
    return Reason(
        "cancelled",
        f"the outputs of {name} always {fact}, and all of them got the same back{left}{place}",
        "let them count differently, as in a cross entropy with the right class",
    )


def _rule(loss: Loss) -> Reason:
    checks = words_of(loss.flows.graph.engine).checks
    return Reason(
        "rule",
        f"the rule of {loss.name} gives 0 for {told(loss.flows, loss.operand)}{loss.place}",
        f"if its slope is not 0 there the rule is wrong, which {checks} tells; else start from "
        "another value",
    )


KINDS: Mapping[str, Callable[[Loss], Reason]] = {
    "rectifier": _rectifier,
    "choice": _choice,
    "mask": _mask,
    "bounds": _bounds,
    "step": _step,
    "cut": _step,
    "selection": _selection,
    "product": _product,
    "quotient": _quotient,
    "sum": _sum,
    "saturating": _saturating,
    "exponential": _saturating,
    "overwriting": _overwriting,
    "normalized": _normalized,
}
"""What is said of an op of each family."""


def faded(flows: Flows) -> dict[str, End]:
    """Find the values whose gradient a flat op has left less than `FADED` of."""
    found: dict[str, End] = {}
    for id in flows.backwards():
        shares = flows.shares(id)
        if not shares:
            continue
        if len(shares) > 1 and flows.graph.engine is not None and _is_rounding(flows, id):
            found[id] = End(id)
            continue
        edge = shares[0] if len(shares) == 1 else max(shares, key=lambda e: size_of(e.contribution))
        results = flows.results.get(edge.target, ())
        before = next((found[y] for y in results if y in found), None)
        if before is not None:
            found[id] = before
        elif family_of(flows.functions[edge.target]) in FLAT:
            came = max((size_of(gy) for gy in flows.sent(edge.target)), default=0.0)
            if 0 < size_of(edge.contribution) < _left(flows, edge) * came:
                found[id] = End(id, edge.target, edge.arg)
    return found


def _is_rounding(flows: Flows, id: str) -> bool:
    """Whether shares add up to no more than their rounding, where no bounds of it are known."""
    came = flows.came(id)
    if came is None or isinstance(came, Range) or is_nothing(came):
        return False
    dtype = np.asarray(came).dtype
    sizes = [size_of(edge.contribution) for edge in flows.shares(id)]
    return dtype.kind == "f" and size_of(came) <= 4 * float(np.finfo(dtype).eps) * max(sizes)


def _left(flows: Flows, edge: Edge) -> float:
    """Return what is lost: less than so much of what came, or no more than its rounding."""
    same = all(map(_is_same, flows.sent(edge.target)))
    if family_of(flows.functions[edge.target]) != "normalized" or not same:
        return FADED
    dtype = np.asarray(edge.contribution).dtype
    return float(8 * np.finfo(dtype).eps) if dtype.kind == "f" else FADED
