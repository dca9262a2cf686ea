"""Why there is no gradient at all: where the way to the output ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from dzviz.diagnosis.families import family_of
from dzviz.diagnosis.flows import End, Flows
from dzviz.diagnosis.words import all_of, short, what, where
from dzviz.diagnosis.zeros import Reason
from dzviz.graph.model import VariableNode
from dzviz.text.phrases import clean

ENDS_AT = "its way ends at "

MENDS: Mapping[str, str] = {
    ".data": "compute with {name} itself there: .data is an array that knows nothing of its graph",
    "no_grad": "compute it outside of no_grad",
    "unchain": "leave out unchain",
    "the comparison": "a comparison has no slope: compute with {name} itself too, or use a soft "
    "form, as sigmoid(k*(a - b)) for a > b",
    "a comparison": "a comparison has no slope: compute with {name} itself too, or use a soft form",
    "a condition": "a branch of Python's has no slope: where(c, a, b) mixes both",
    "np.": "it is flat everywhere: leave it out of what is differentiated",
    "a backward pass": "give that pass create_graph=True",
    "detach": "leave out the detach, or compute with {name} itself there",
    "whose result is not used": "use that result in what is returned, or leave {name} out",
    "which is never used": "use that name in the last part, or leave {name} out",
    "no op takes it": "use {name} in what is returned, or leave it out",
}
"""What helps, by the words of the place where a way ends."""

ELSE = "keep computing with Variables from {name} to the output"

FROZEN = re.compile(r"requires_grad|frozen|non-?trainable", re.IGNORECASE)
NOT_LEAF = re.compile(r"not a leaf|non-?leaf", re.IGNORECASE)


def lost(name: str, output: str, places: Sequence[str]) -> Reason:
    """Say where the ways of an input end that is in no graph of the output."""
    ends = [place.removeprefix(ENDS_AT) for place in places]
    if not ends:
        why = f"no way leads from it to {output}, and where the last one ends is not known"
        return Reason("not reached", why, ELSE.format(name=name))
    if not any(place.startswith(ENDS_AT) for place in places):
        return Reason("not reached", f"{ends[0]}", mend_of(ends[0]).format(name=name))
    kind = "its only way" if len(ends) == 1 else "its ways"
    verb = "ends" if len(ends) == 1 else "end"
    why = f"{kind} to {output} {verb} at {all_of(list(dict.fromkeys(ends))[:3])}"
    return Reason("not reached", why, mend_of(ends[0]).format(name=name))


def mend_of(place: str) -> str:
    """Return what helps where a way ends at this place."""
    return next((mend for words, mend in MENDS.items() if words in place), ELSE)


def of_node(flows: Flows, node: VariableNode, ends: Iterable[End], output: str) -> Reason:
    """Say why a value of the graph has no gradient."""
    name = clean(node.name) or "it"
    note = clean(node.grad_note)
    if node.grad_state == "released":
        was = "" if node.grad_was is None else f" (it was {short(node.grad_was)})"
        why = f"a pass computed it{was} and let it go, as that of all that is computed"
        return Reason("released", why, "--retain-grad keeps it, in Python retain_grad=True")
    if note and FROZEN.search(note):
        return Reason("frozen", note, f"ask for it, if it is wanted: {name}.requires_grad = True")
    if node.role == "constant" or node.grad_state == "constant":
        return Reason("constant", "it is a constant", "make it a Variable, if it is wanted")
    if node.dtype.startswith(("int", "uint", "bool")):
        why = f"its data is {node.dtype}, and whole numbers have no derivative"
        return Reason("integer", why, f"make it a float: np.asarray({name}, float)")
    if note and NOT_LEAF.search(note):
        mend = f"{name}.retain_grad() before the pass keeps it"
        return Reason("not a leaf", f"it is computed from others ({note})", mend)
    if node.id not in flows.to_output:
        places = [f"{ENDS_AT}{note}"] if note else _last(flows, node.id)
        return lost(name, output, places)
    at = next((end for end in ends if end.function is not None), None)
    if at is not None:
        return _at_edge(flows, str(at.function), at.arg or 0, name)
    why = f"no backward pass of {output} has left one here"
    return Reason("no pass", why, f"call {output}.backward(), and look after that")


def _at_edge(flows: Flows, id: str, arg: int, name: str) -> Reason:
    function = flows.functions[id]
    place, family = where(flows, function), family_of(function)
    if family == "mask" and arg == 0:
        why = f"{what(flows, function)} takes it as a condition, which has no slope{place}"
        return Reason("no derivative", why, "for a soft choice mix both: m*a + (1 - m)*b")
    if family == "selection":
        why = f"{what(flows, function)} takes it as an index, which has no slope{place}"
        return Reason("no derivative", why, "nothing, unless the rows are to be mixed: weights @ W")
    if family == "labels" and arg == 1:
        why = f"{what(flows, function)} takes it as numbers of classes, which have no slope{place}"
        return Reason("no derivative", why, "nothing, unless probabilities are meant: kl_div")
    if family in ("cut", "step"):
        why = f"its only way ends at {what(flows, function)}{place}"
        return Reason("cut", why, mend_of(clean(function.op)).format(name=name))
    why = f"the rule of {what(flows, function)} gives nothing for it (operand {arg}){place}"
    return Reason(
        "no share", why, "return a gradient for each operand; dzviz gradcheck tells what is wrong"
    )


def _last(flows: Flows, id: str) -> list[str]:
    """Follow a value to the last thing that was computed from it."""
    seen = {id}
    last = ""
    pending = [id]
    while pending:
        for edge in flows.uses.get(pending.pop(), ()):
            last = edge.target
            new = [y for y in flows.results.get(last, ()) if y not in seen]
            seen.update(new)
            pending += new
    if not last:
        return []
    function = flows.functions[last]
    return [f"{ENDS_AT}{what(flows, function)}{where(flows, function)}"]
