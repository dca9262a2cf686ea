"""Where what is not finite began: the first op forward, the first rule backward."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dzviz.diagnosis.families import family_of, plain_name, summand_of
from dzviz.diagnosis.flows import End, Flows, is_bad, size_of
from dzviz.diagnosis.losses import Reason, hooked
from dzviz.diagnosis.words import all_of, noun, what, where, with_value
from dzviz.graph.model import FunctionNode, Value, VariableNode
from dzviz.graph.nonfinite import kind_of
from dzviz.graph.ranges import Range
from dzviz.records import NamedTuple
from dzviz.text.languages import say
from dzviz.text.numbers import number
from dzviz.text.phrases import both

ELSE = "keep its operands where its result is finite"

MENDS: Mapping[str, str] = {
    **dict.fromkeys(("sinh", "cosh", "expm1", "acosh", "arccosh"), ELSE),
    **dict.fromkeys(("layernorm", "batchnorm", "instancenorm", "groupnorm"), ELSE),
    "logarithm": "keep its operand above 0, as in log(x + 1e-12) or log(clip(x, 1e-12, 1))",
    "log1p": "keep its operand above -1, as in log1p(clip(x, -1 + 1e-12, 1))",
    "root": "keep its operand above 0, as in sqrt(x + 1e-12)",
    "norm": "keep it away from 0, as in sqrt(sum(x**2) + 1e-12)",
    "quotient": "keep the denominator away from 0, as in a / (b + 1e-12)",
    "reciprocal": "keep it away from 0, as in 1 / (b + 1e-12)",
    "exponential": "subtract the maximum first, as logsumexp and softmax do",
    "normalized": "subtract the maximum first, as logsumexp and softmax do",
    "power": "keep the base above 0",
    "arc": "keep it inside (-1, 1), as in clip(x, -1 + 1e-7, 1 - 1e-7)",
}
"""What helps, by the op that made it or its family."""

LOGS: Mapping[str, str] = {
    "softmax": "write log_softmax(x), which takes the logarithm before anything is rounded to 0",
    "sigmoid": "write -softplus(-x), which is log(sigmoid(x)) before anything is rounded to 0",
}
"""What helps for a logarithm of a function's result, by that function."""

MASKED = (
    "a mask does not help if the other branch is not finite: give that branch a harmless "
    "operand first, as in where(c, log(where(c, x, 1)), 0)"
)


class Origin(NamedTuple):
    """What made the first value that is not finite: a Function, or an input that came so."""

    value: str
    function: str | None


def origins(flows: Flows) -> dict[str, Origin]:
    """Find of each value that is not finite where the first of its kind was made."""
    found: dict[str, Origin] = {}
    for node in flows.variables.values():
        if not is_bad(node.data):
            continue
        maker = flows.maker.get(node.id)
        edges = flows.operands.get(maker, ()) if maker else ()
        before = next((found[edge.source] for edge in edges if edge.source in found), None)
        found[node.id] = before or Origin(node.id, maker)
    return found


def first_reason(flows: Flows, ends: Sequence[End], made: Mapping[str, Origin]) -> Reason:
    """Say what came first on the way forward, and what did on the way back, where both did."""
    place = {node.id: i for i, node in enumerate(flows.graph.nodes)} if len(ends) > 1 else {}
    reasons = [
        reason_of(flows, end, made)  # a pass comes first to what was computed last
        for end in sorted(ends, key=lambda end: -place.get(end.function or end.value, 0))
    ]
    backward = [reason for reason in reasons if reason.cause not in ("forward", "input")]
    forward = [reason for reason in reversed(reasons) if reason not in backward]
    if not forward or not backward:
        return (forward or backward)[0]
    text = "{first}; and {last}"
    why = say(flows.lang, text, first=forward[0].why, last=backward[0].why)
    return forward[0]._replace(why=why)


def reason_of(flows: Flows, end: End, made: Mapping[str, Origin]) -> Reason:
    """Say what made a gradient not finite: a value of the way forward, a rule, or the seed."""
    came = end.function is None or not is_bad(flows.edge(end).contribution)
    if came and (by_hook := hooked(flows, end.value, "backward")) is not None:
        return by_hook
    if end.function is None:
        if end.value in made:
            return forward(flows, made[end.value])
        name = noun(flows, flows.variables[end.value])
        why = say(
            flows.lang, "the pass started from a value that is not finite at {name}", name=name
        )
        return Reason("bad seed", why, say(flows.lang, "start it from 1"))
    function = flows.functions[end.function]
    around = [end.value, *flows.results.get(function.id, ())]
    around += [edge.source for edge in flows.operands[function.id]]
    origin = next((made[id] for id in around if id in made), None)
    if origin is None:
        return _back(flows, function, end, known=False)
    first = forward(flows, origin)
    here = origin.function == function.id
    kinds = kind_of(flows.variables[origin.value].data), kind_of(flows.edge(end).contribution)
    other = here and kinds == ("NaN", "infinity")  # a NaN makes no infinity
    back = _back(flows, function, end, known=not other)
    why = first.why if here and not other else f"{first.why}; {back.why}"
    masked = back.mend == say(flows.lang, MASKED) and _masked(flows, end.value)
    mend = back.mend if masked else first.mend
    return Reason(first.cause, why, mend)


def _masked(flows: Flows, id: str) -> bool:
    """Whether a mask stands on the way to the output."""
    way = flows.way(id, flows.to_output.get)
    return any(family_of(flows.functions[id]) == "mask" for id in way if id in flows.functions)


def forward(flows: Flows, origin: Origin) -> Reason:
    """Say what made the first value that is not finite."""
    node, lang = flows.variables[origin.value], flows.lang
    kind = kind_of(node.data)
    at = _at(node.data, lang)
    if origin.function is None:
        name = noun(flows, node)
        an = {"name": name, "kind": _an(kind, lang), "at": at}
        mend = "check where {name} comes from, and remove what is not finite"
        return Reason(
            "input", say(lang, "{name} itself holds {kind}{at}", **an), say(lang, mend, name=name)
        )
    function = flows.functions[origin.function]
    about = {
        "op": what(flows, function),
        "kind": say(lang, kind),
        "at": at,
        "seen": _operands(flows, function, node),
        "place": where(flows, function),
    }
    why = "in the forward pass, {op} made the first {kind}{at}{seen}{place}"
    return Reason("forward", say(lang, why, **about), say(lang, mend_of(flows, function)))


def _back(flows: Flows, function: FunctionNode, end: End, *, known: bool) -> Reason:
    share: Any = flows.edge(end).contribution
    operand = flows.variables[end.value]
    kind = kind_of(share)
    sent = flows.sent(function.id)
    bad = _first_bad(share)
    zero = any(np.shape(gy) == np.shape(share) and _pick(gy, bad) == 0 for gy in sent)
    trap = zero and kind == "NaN"
    lang = flows.lang
    by = say(
        lang, "0 times an infinite slope" if trap else "its rule gives {kind}", kind=_an(kind, lang)
    )
    if not known:
        seen = [_value(flows, node, bad) for node in _deciding(flows, function, end) or [operand]]
        by = say(lang, "{what} for {value}", what=by, value=all_of(seen, lang))
    about = {"op": what(flows, function), "kind": say(lang, kind), "place": where(flows, function)}
    why = say(lang, "in the backward pass, {op} made the first {kind}: {by}{place}", by=by, **about)
    return Reason("backward", why, say(lang, MASKED if trap else mend_of(flows, function)))


def _deciding(flows: Flows, function: FunctionNode, end: End) -> list[VariableNode]:
    """Return what decides the gradient of an operand of a product or a quotient."""
    family = family_of(function)
    if family == "quotient":
        edges = [edge for edge in flows.operands[function.id] if edge.arg or end.arg]
        return [flows.variables[edge.source] for edge in edges]
    if family != "product":
        return []
    summand = summand_of(function)
    edges = [edge for edge in flows.operands[function.id] if edge.arg not in (end.arg, summand)]
    return [] if end.arg == summand else [flows.variables[edge.source] for edge in edges]


def mend_of(flows: Flows, function: FunctionNode) -> str:
    """Return what helps where an op makes what is not finite."""
    family = family_of(function)
    edges = flows.operands.get(function.id)
    data = flows.variables[edges[0].source].data if edges else None
    results = [flows.variables[y].data for y in flows.results.get(function.id, ())]
    overflows = any(kind_of(y) == "infinity" for y in results) and not _has_0(data)
    if plain_name(function.op) == "log" and (inner := _inner(flows, function)) in LOGS:
        return LOGS[inner]
    if family == "power" and (overflows or _is_above_0(data)):
        return ELSE
    if family == "norm" and size_of(data) > 1:  # its squares overflow
        return ELSE
    return MENDS.get(plain_name(function.op), MENDS.get(family, ELSE))


def _inner(flows: Flows, function: FunctionNode) -> str:
    """Return which function the operand of a logarithm is a result of, or a selection of one."""
    id = flows.operands[function.id][0].source
    while (maker := flows.maker.get(id)) is not None:
        made = flows.functions[maker]
        if family_of(made) not in ("selection", "moving"):
            return plain_name(flows.within.get(id) or made.op)
        id = flows.operands[maker][0].source
    return ""


def _is_above_0(data: Value | None) -> bool:
    if isinstance(data, Range):
        return bool(data.low is not None and data.low > 0)
    return data is not None and bool(np.all(np.asarray(data) > 0))


def _has_0(data: Value | None) -> bool:
    if isinstance(data, Range):
        return True  # it may have one
    return data is None or bool(np.any(np.asarray(data) == 0))


def _operands(flows: Flows, function: FunctionNode, result: VariableNode) -> str:
    nodes = [flows.variables[edge.source] for edge in flows.operands.get(function.id, ())]
    bad = _first_bad(result.data)
    seen = [
        _value(flows, node, bad) for node in nodes if node.role != "constant" or len(nodes) == 1
    ]
    values = both(seen[0], seen[1], flows.lang) if seen[1:] else "".join(seen)
    return say(flows.lang, ", where {values}", values=values) if seen else ""


def _value(flows: Flows, node: VariableNode, place: tuple[int, ...]) -> str:
    data = node.data
    if not np.ndim(data) and not isinstance(data, Range):
        return with_value(flows, node)
    element = _pick(data, place)
    if element is None:
        return with_value(flows, node)
    return f"{noun(flows, node)}{list(place)} = {number(element)}"


def _pick(value: Value, place: tuple[int, ...]) -> float | None:
    if isinstance(value, Range) or np.ndim(value) != len(place):
        return None
    array = np.asarray(value, float)
    inside = all(i < n for i, n in zip(place, array.shape, strict=True))
    return float(array[place]) if inside else None


def _first_bad(value: Value) -> tuple[int, ...]:
    if isinstance(value, Range) or not np.ndim(value):
        return ()
    places = np.argwhere(~np.isfinite(np.asarray(value, float)))
    return tuple(int(i) for i in places[0]) if len(places) else ()


def _at(value: Value, lang: str) -> str:
    place = _first_bad(value)
    if not place:
        return ""
    bad = int(np.count_nonzero(~np.isfinite(np.asarray(value, float))))
    text = "({count} of {all} elements, first at {place})"
    return f" {say(lang, text, count=bad, all=np.size(value), place=list(place))}"


def _an(kind: str, lang: str) -> str:
    return say(lang, "an infinity" if kind == "infinity" else "a NaN")


def bad_gradients(flows: Flows) -> Iterator[str]:
    """Find the inputs whose gradient is not finite."""
    for id, node in flows.variables.items():
        if node.role == "input" and is_bad(node.grad if node.grad is not None else node.grad_was):
            yield id
