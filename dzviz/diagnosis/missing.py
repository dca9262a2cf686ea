"""Why there is no gradient at all: where the way to the output ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from dzviz.diagnosis.engines import words_of
from dzviz.diagnosis.families import family_of
from dzviz.diagnosis.flows import End, Flows, is_whole
from dzviz.diagnosis.words import all_of, short, what, where
from dzviz.diagnosis.zeros import Reason
from dzviz.graph.model import FunctionNode, VariableNode
from dzviz.text.phrases import clean

ENDS_AT = "its way ends at "

NUMBER = "{} gives numbers that know nothing of their graph: compute with {{name}} itself there"

SLOPE = (
    "a comparison has no slope: compute with {name} itself too, or use a soft form, as "
    "sigmoid(k*(a - b)) for a > b"
)

FLAT = "it is flat everywhere: leave it out of what is differentiated"

INDEX = "an index has no slope: softmax gives each element its weight instead"

MENDS: Mapping[str, str] = {
    ".data": "compute with {name} itself there: .data is an array that knows nothing of its graph",
    "data": "compute with {name} itself there: .data knows nothing of its graph",
    "no_grad": "compute it outside of no_grad",
    "inference_mode": "compute it outside of inference_mode",
    "unchain": "leave out unchain",
    "detach": "leave out the detach, or compute with {name} itself there",
    "stop_gradient": "leave out the stop_gradient, or compute with {name} itself there",
    **{word: NUMBER.format(word) for word in ("item", "tolist", "numpy", "float()", "int()")},
    "argmax": INDEX,
    "argmin": INDEX,
    "argsort": INDEX,
    "the comparison": SLOPE,
    "a comparison": "a comparison has no slope: compute with {name} itself too, or use a soft form",
    "a condition": "a branch of Python's has no slope: for a soft choice mix both, as "
    "m*a + (1 - m)*b with m = sigmoid(k*{name})",
    "np.": FLAT,
    "a backward pass": "give that pass create_graph=True",
    "whose result is not used": "use that result in what is returned, or leave {name} out",
    "which is never used": "use that name in the last part, or leave {name} out",
    "no op takes it": "use {name} in what is returned, or leave it out",
}
"""What helps, by the words of the place where a way ends."""

ELSE = "keep computing with {values} from {name} to the output"

PLACE = re.compile(r" \((?:.*, )?(?:line|column) \d+(?:, column \d+)?\)")
"""A place in a file or in a text."""

NO_REVERSE = "not reverse-differentiable:"
"""What a note of JAX's source begins with behind a loop that cannot be run backwards."""

MODES = ("no_grad", "inference_mode")
"""Notes of PyTorch's source on what was computed where no graph is recorded."""

FROZEN = re.compile(r"requires_grad|frozen|non-?trainable", re.IGNORECASE)
NOT_LEAF = re.compile(r"not a leaf|non-?leaf", re.IGNORECASE)


def lost(name: str, output: str, places: Sequence[str], values: str = "Variables") -> Reason:
    """Say where the ways of an input end that is in no graph of the output.

    ``values`` is what its engine computes with.
    """
    ends = [place.removeprefix(ENDS_AT) for place in places]
    if not ends:
        why = f"no way leads from it to {output}, and where the last one ends is not known"
        return Reason("not reached", why, ELSE.format(name=name, values=values))
    mend = mend_of(ends[0]).format(name=name, values=values)
    if not any(place.startswith(ENDS_AT) for place in places):
        return Reason("not reached", f"{ends[0]}", mend)
    kind = "its only way" if len(ends) == 1 else "its ways"
    verb = "ends" if len(ends) == 1 else "end"
    why = f"{kind} to {output} {verb} at {all_of(list(dict.fromkeys(ends))[:3])}"
    return Reason("not reached", why, mend)


def mend_of(place: str) -> str:
    """Return what helps where a way ends at this place, whatever its file is called."""
    words = PLACE.sub("", place)
    return next((mend for key, mend in MENDS.items() if key in words), ELSE)


def of_node(flows: Flows, node: VariableNode, ends: Iterable[End], output: str) -> Reason:
    """Say why a value of the graph has no gradient."""
    name = clean(node.name) or "it"
    note = clean(node.grad_note)
    words = words_of(flows.graph.engine)
    if node.grad_state == "released":
        was = "" if node.grad_was is None else f" (it was {short(node.grad_was)})"
        why = f"a pass computed it{was} and let it go, as that of all that is computed"
        return Reason("released", why, words.keep.format(name=name))
    if note and FROZEN.search(note):
        return Reason(
            "frozen",
            f"it was asked for none ({note})",
            f"ask for it, if it is wanted: {name}.requires_grad = True",
        )
    if is_whole(node) and node.role != "constant":
        why = f"its data is {node.dtype}, and whole numbers have no derivative"
        return Reason("integer", why, words.whole.format(name=name))
    if node.role == "constant" or node.grad_state == "constant":
        return Reason("constant", "it is a constant", words.wanted)
    if note and NOT_LEAF.search(note):
        mend = f"{name}.retain_grad() before the pass keeps it"
        return Reason("not a leaf", f"it is computed from others ({note})", mend)
    if note.startswith(NO_REVERSE):
        return _not_reversible(flows, note, ends)
    if node.id not in flows.to_output:
        places = [f"{ENDS_AT}{note}"] if note else _last(flows, node.id)
        return lost(name, output, places, words.values)
    at = next((end for end in ends if end.function is not None), None)
    if at is not None:
        return _at_edge(flows, str(at.function), at.arg or 0, name)
    why = f"no backward pass of {output} has left one here"
    return Reason("no pass", why, f"call {output}.backward(), and look after that")


def _not_reversible(flows: Flows, note: str, ends: Iterable[End]) -> Reason:
    """Say of which loop nobody can go back."""
    label = note.removeprefix(NO_REVERSE).strip()
    place = next((where(flows, f) for f in flows.functions.values() if f.label == label), "")
    why = f"{label} cannot be run in reverse{place}, since nobody knows before how often it runs"
    mend = "lax.scan, or fori_loop with a fixed number of passes; jax.jvp goes forward through it"
    return Reason("not reversible", why, mend)


def _at_edge(flows: Flows, id: str, arg: int, name: str) -> Reason:
    function = flows.functions[id]
    place, family = where(flows, function), family_of(function)
    if family == "mask" and arg == 0:
        why = f"{what(flows, function)} takes it as a condition, which has no slope{place}"
        return Reason("no derivative", why, "for a soft choice mix both: m*a + (1 - m)*b")
    if family == "labels" and arg == 1:
        why = f"{what(flows, function)} takes it as numbers of classes, which have no slope{place}"
        return Reason("no derivative", why, "nothing, unless probabilities are meant: kl_div")
    if flows.ends_ways(id):
        return _cut(flows, function, name)
    if family == "selection":
        why = f"{what(flows, function)} takes it as an index, which has no slope{place}"
        return Reason("no derivative", why, "nothing, unless the rows are to be mixed: weights @ W")
    why = f"the rule of {what(flows, function)} gives nothing for it (operand {arg}){place}"
    checks = words_of(flows.graph.engine).checks
    return Reason(
        "no share", why, f"return a gradient for each operand; {checks} tells what is wrong"
    )


def _cut(flows: Flows, function: FunctionNode, name: str) -> Reason:
    """Say at which Function the way ends, since what it gives has no gradient."""
    result = flows.variables[flows.results[function.id][0]]
    note = clean(result.grad_note)
    mode = f" in {note}" if note in MODES else ""
    why = f"its only way ends at {what(flows, function)}{mode}{where(flows, function)}"
    mend = mend_of(f"{function.op}{mode}")
    if mend == ELSE and result.dtype == "bool":
        mend = SLOPE
    elif mend == ELSE and family_of(function) == "step":
        mend = FLAT
    elif is_whole(result) and family_of(function) != "step":
        why += f": its result is {result.dtype}, and whole numbers have no derivative"
        mend = "keep it a float there, or leave it out of what is differentiated"
    values = words_of(flows.graph.engine).values
    return Reason("cut", why, mend.format(name=name, values=values))


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
