"""Why a gradient is 0: what happened at the place where it was lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from dzviz.diagnosis.faded import FADED, is_same, is_same_along
from dzviz.diagnosis.families import family_of, family_of_name, plain_name
from dzviz.diagnosis.flows import End, Flows, is_nothing, size_of
from dzviz.diagnosis.losses import Loss, Reason, by_rule, hooked
from dzviz.diagnosis.products import of_product, of_quotient, of_sum
from dzviz.diagnosis.words import all_of, noun, short, what, where, with_value
from dzviz.graph.model import LIBRARY, Value, VariableNode
from dzviz.graph.ranges import Range
from dzviz.text.languages import say
from dzviz.text.phrases import both, clean

CERTAIN = 1e-9
"""A probability no further than this from 0 or 1 counts as such."""


def reason_of(flows: Flows, end: End) -> Reason:
    """Say why nothing is left behind a place."""
    by_hook = hooked(flows, end.value, "hook")
    if by_hook is not None and (
        end.function is None or not is_nothing(flows.edge(end).contribution)
    ):
        return by_hook
    if end.function is None:
        return _at_value(flows, end.value)
    function = flows.functions[end.function]
    loss = Loss(flows, function, flows.edge(end), flows.variables[end.value])
    return KINDS.get(family_of(function), by_rule)(loss)


def _at_value(flows: Flows, id: str) -> Reason:
    node = flows.variables[id]
    shares = [edge.contribution for edge in flows.shares(id)]
    within = flows.within.get(id, "")
    if len(shares) > 1 and _is_same_within(flows, id):
        maker = flows.functions.get(flows.maker.get(id, ""))
        return _same_back(flows.lang, within, where(flows, maker))
    if len(shares) > 1 and any(not is_nothing(share) for share in shares):
        return _cancelled(flows, node, shares)
    if id in flows.outputs:
        return seeded(clean(node.name) or say(flows.lang, "the output"), flows.lang)
    why = say(flows.lang, "the graph does not show where it was lost")
    return Reason("unknown", why, say(flows.lang, "record the pass"))


def _is_same_within(flows: Flows, id: str) -> bool:
    """Whether a value is in a function that normalizes, all of whose results got the same."""
    name = flows.within.get(id, "")
    if family_of_name(name) != "normalized" or is_log(name):
        return False
    group = next(g for g in flows.graph.groups if g.kind == LIBRARY and id in g.nodes)
    inside = {*group.nodes}
    results = [
        node
        for node in group.nodes
        if node in flows.variables
        and (node in flows.outputs or any(e.target not in inside for e in flows.uses.get(node, ())))
    ]
    came = [gy for gy in map(flows.came, results) if gy is not None]
    return bool(came) and all(map(is_same_along, came))


def _cancelled(flows: Flows, node: VariableNode, shares: Sequence[Value]) -> Reason:
    """Say that the shares of a value add up to 0, or to no more than rounding."""
    lang, id = flows.lang, node.id
    name = clean(node.name) or say(lang, "a value made by {op}", op=_maker(flows, id))
    seen = all_of([short(share, lang) for share in shares[:4]], lang)
    if len(shares) > 4:
        seen = both(seen, say(lang, "{count} more", count=len(shares) - 4), lang)
    why = (
        "{name} is used {count} times, and its shares {shares} add up to 0{place}"
        if is_nothing(flows.came(id))
        else (
            "{name} is used {count} times, and its shares {shares} add up to 0, except "
            "for rounding error{place}"
        )
    )
    place = where(flows, flows.functions.get(flows.maker.get(id, "")))
    mend = "its uses cancel each other: check for a wrong sign, or leave it out"
    sentence = say(lang, why, name=name, count=len(shares), shares=seen, place=place)
    return Reason("cancelled", sentence, say(lang, mend))


def seeded(output: str, lang: str) -> Reason:
    """Say that a pass started from 0."""
    return Reason(
        "seed",
        say(lang, "the pass started from 0 at {name}", name=output),
        say(lang, "start it from 1: call backward without assigning grad first"),
    )


def _maker(flows: Flows, id: str) -> str:
    function = flows.functions.get(flows.maker.get(id, ""))
    return what(flows, function) if function else say(flows.lang, "nothing")


def _rectifier(loss: Loss) -> Reason:
    data = loss.operand.data
    if loss.partly:
        name = noun(loss.flows, loss.operand)
        seen = loss.say("its elements in {name} are not above 0", name=name)
    elif _is_above_0(data):
        seen = loss.say("no element above 0 received a gradient")
    elif np.ndim(data):
        text = loss.short(data)
        between = text if text[0] == "(" else f"({text})"
        name = noun(loss.flows, loss.operand)
        seen = loss.say("no element of {name} is above 0 {span}", name=name, span=between)
    else:
        seen = loss.say("{value} is not above 0", value=with_value(loss.flows, loss.operand))
    return loss.reason(
        "dead",
        "{op} is off and sends nothing back: {seen}{place}",
        (
            "use leaky_relu, softplus or gelu, which have a slope below 0, too; or start "
            "from values above 0"
        ),
        seen=seen,
    )


def _is_above_0(data: Value) -> bool:
    """Whether an element may be above 0."""
    if isinstance(data, Range):
        return data.high is None or bool(data.high > 0)
    return bool(np.any(np.asarray(data) > 0))


def _choice(loss: Loss) -> Reason:
    mend = "use logsumexp, a soft maximum in which each operand has a share; or change the values"
    if loss.partly:
        why = "{op} takes elements other than those in question{place}"
        return loss.reason("not chosen", why, mend)
    bounds = [other for other in loss.others if other.role == "constant"]
    if len(loss.others) == 1 and bounds and not isinstance(bounds[0].data, Range):
        relu = not np.any(bounds[0].data) and "max" in loss.function.op.lower()
        return _rectifier(loss) if relu else _bounds(loss)
    winners = [with_value(loss.flows, other) for other in loss.others]
    if not winners:
        why = "{op} takes other elements, and those that it does not take get nothing{place}"
        return loss.reason("not chosen", why, mend)
    return loss.reason(
        "not chosen",
        (
            "{op} takes {taken} instead of {value}, and the operand that it does not take "
            "gets nothing{place}"
        ),
        mend,
        taken=winners[0],
        value=with_value(loss.flows, loss.operand),
    )


def _mask(loss: Loss) -> Reason:
    return loss.reason(
        "masked",
        "the mask of {op} takes the other operand at its elements{place}"
        if loss.partly
        else "the mask of {op} takes the other operand wherever a gradient came back{place}",
        "give it a mask that takes this operand somewhere, or mix both: m*a + (1 - m)*b",
    )


def _bounds(loss: Loss) -> Reason:
    held = loss.say("its elements") if loss.partly else with_value(loss.flows, loss.operand)
    return loss.reason(
        "bound",
        "{op} holds {value} at a bound, where it is flat{place}",
        "widen the bounds, or use tanh or sigmoid, which are never completely flat",
        value=held,
    )


def _step(loss: Loss) -> Reason:
    return loss.reason(
        "step",
        "{op} is flat everywhere except where it jumps{place}",
        "do not differentiate through it, or use a smooth form: sigmoid(k*x) for a step",
    )


def _selection(loss: Loss) -> Reason:
    return loss.reason(
        "not selected",
        "{op} leaves out all elements in question{place}",
        "check that the index, or the mask of a dropout, is the one you meant",
    )


def _overwriting(loss: Loss) -> Reason:
    return loss.reason(
        "overwritten",
        "{op} overwrites all elements in question{place}",
        "write into another array, or leave out what is overwritten",
    )


def _labels(loss: Loss) -> Reason:
    """Say of a cross entropy that it is 0, so that nothing is left to send back."""
    results = [loss.flows.variables[y].data for y in loss.flows.results[loss.function.id]]
    if loss.edge.arg or not all(size_of(data) < 1e-12 for data in results):
        return by_rule(loss)
    return loss.reason(
        "saturated",
        "{op} is 0: each label has the probability 1 already: {value}{place}",
        "nothing is left to learn here; if that is too early, keep its operand small (smaller "
        "weights, a normalization)",
        value=with_value(loss.flows, loss.operand),
    )


def _came(loss: Loss) -> float:
    return max((size_of(gy) for gy in loss.flows.sent(loss.function.id)), default=0.0)


def _seen(loss: Loss) -> str:
    """Write the operand, and what is left of what reached the op, if anything is."""
    came = _came(loss)
    left = size_of(loss.edge.contribution)
    seen = with_value(loss.flows, loss.operand)
    if came and left:
        rest = f"{left / came:.1g}"
        seen = loss.say("{value} ({part} of what reached it is left)", value=seen, part=rest)
    return seen


def _exponential(loss: Loss) -> Reason:
    """Say of an exp that its result, which is its slope too, is 0, or nearly 0."""
    if family_of_name(loss.flows.within.get(loss.function.id, "")) in ("normalized", "saturating"):
        return _saturating(loss)  # a softmax of another library is made of an exp
    results = [loss.flows.variables[y] for y in loss.flows.results[loss.function.id]]
    size = max(size_of(y.data) for y in results)
    if plain_name(loss.function.op) not in ("exp", "exp2"):
        if not 0 < size_of(loss.edge.contribution) < FADED * _came(loss):
            return by_rule(loss)
        why = "{op} is nearly flat: {value}{place}"
        return loss.reason("saturated", why, "start from another value", value=_seen(loss))
    mend = "start where its result is not that small, or compute with its logarithm: the operand"
    if size > FADED:
        why = "{op} is 0, or nearly 0, at the elements in question, and so is its slope{place}"
        return loss.reason("underflow", why, mend)
    if size:
        why = "{op} is nearly 0, and so is its slope: {value}{place}"
        return loss.reason("underflow", why, mend, value=_seen(loss))
    why = "{op} underflows: its result is 0 in {dtype}, and so is its slope: {value}{place}"
    return loss.reason("underflow", why, mend, value=_seen(loss), dtype=results[0].dtype)


def _saturating(loss: Loss) -> Reason:
    return loss.reason(
        "saturated",
        "{op} is saturated: {value}{place}",
        "keep its operand small (smaller weights, a normalization), or compute the loss from the "
        "logits: softplus, log_softmax, softmax_cross_entropy",
        value=_seen(loss),
    )


def _normalized(loss: Loss) -> Reason:
    sent = loss.flows.sent(loss.function.id)
    log, certain = is_log(loss.function.op), _is_certain(loss)
    if certain and not (sent and all(map(is_same, sent)) and not log):
        return _saturating(loss)
    if log or not all(map(is_same_along, sent)):
        return by_rule(loss)
    rounded = bool(size_of(loss.edge.contribution))
    return _same_back(loss.flows.lang, loss.name, loss.place, rounded=rounded)


def _is_certain(loss: Loss) -> bool:
    """Whether each result of a softmax is 0 or 1, or nothing is known of them."""
    if "softm" not in loss.function.op.lower():
        return False
    for id in loss.flows.results[loss.function.id]:
        data = loss.flows.variables[id].data
        if not isinstance(data, Range):
            y = np.exp(data) if is_log(loss.function.op) else np.asarray(data)
            if np.any((y > CERTAIN) & (y < 1 - CERTAIN)):
                return False
    return True


def is_log(op: str) -> bool:
    """Whether an op is the logarithm of a softmax, whose results do not add up to 1."""
    return "logsoftm" in op.lower().replace("_", "")


def _same_back(lang: str, name: str, place: str, *, rounded: bool = False) -> Reason:
    why = (
        "the outputs of {op} that always add up to 1 all received the same gradient"
        if "softm" in name.lower()
        else ("the outputs of {op} that always have the same mean all received the same gradient")
    )
    sentence = say(lang, why, op=name)
    if rounded:
        sentence = say(lang, "{why}, so only rounding error is left", why=sentence)
    mend = "weight them differently, as in a cross entropy with the right class"
    return Reason("cancelled", f"{sentence}{place}", say(lang, mend))


KINDS: Mapping[str, Callable[[Loss], Reason]] = {
    "rectifier": _rectifier,
    "choice": _choice,
    "mask": _mask,
    "bounds": _bounds,
    "step": _step,
    "cut": _step,
    "selection": _selection,
    "product": of_product,
    "quotient": of_quotient,
    "sum": of_sum,
    "saturating": _saturating,
    "exponential": _exponential,
    "overwriting": _overwriting,
    "normalized": _normalized,
    "labels": _labels,
}
"""What is said of an op of each family."""
