"""Why there is no gradient at all: where the path to the output ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from dzviz.diagnosis.engines import words_of
from dzviz.diagnosis.families import family_of
from dzviz.diagnosis.flows import End, Flows, is_whole
from dzviz.diagnosis.words import all_of, short, what, where
from dzviz.diagnosis.zeros import Reason
from dzviz.graph.model import FunctionNode, VariableNode
from dzviz.options import ENGLISH
from dzviz.text.languages import say
from dzviz.text.notes import noted, place_in
from dzviz.text.phrases import clean

ENDS_AT = "its way ends at "

NUMBER = "{word} gives numbers that know nothing of their graph: compute with {name} itself there"

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
    **dict.fromkeys(("item", "tolist", "numpy", "float()", "int()"), NUMBER),
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


def lost(
    name: str,
    output: str,
    places: Sequence[str],
    values: str = "Variables",
    lang: str = ENGLISH,
) -> Reason:
    """Say where the ways of an input end that is in no graph of the output.

    ``values`` is what its engine computes with.
    """
    ends = [place.removeprefix(ENDS_AT) for place in places]
    if not ends:
        why = "no way leads from it to {output}, and where the last one ends is not known"
        mend = say(lang, ELSE, name=name, values=values)
        return Reason("not reached", say(lang, why, output=output), mend)
    mend = mended(lang, mend_of(ends[0]), name, values)
    if not any(place.startswith(ENDS_AT) for place in places):
        return Reason("not reached", place_in(ends[0], lang), mend)
    why = (
        "its only way to {output} ends at {places}"
        if len(ends) == 1
        else "its ways to {output} end at {places}"
    )
    told = all_of([place_in(end, lang) for end in dict.fromkeys(ends)][:3], lang)
    return Reason("not reached", say(lang, why, output=output, places=told), mend)


def mend_of(place: str) -> tuple[str, str]:
    """Return what helps where a way ends at this place, and by which word of it.

    What its file is called does not matter.
    """
    words = PLACE.sub("", place)
    return next(((mend, key) for key, mend in MENDS.items() if key in words), (ELSE, ""))


def mended(lang: str, mend: tuple[str, str], name: str, values: str) -> str:
    """Say what helps."""
    return say(lang, mend[0], name=name, values=say(lang, values), word=mend[1])


def of_node(flows: Flows, node: VariableNode, ends: Iterable[End], output: str) -> Reason:
    """Say why a value of the graph has no gradient."""
    lang = flows.lang
    name = clean(node.name) or say(lang, "it")
    note = clean(node.grad_note)
    words = words_of(flows.graph.engine)
    if node.grad_state == "released":
        why = (
            "a pass computed it and let it go, as that of all that is computed"
            if node.grad_was is None
            else "a pass computed it (it was {value}) and let it go, as that of all that is "
            "computed"
        )
        was = "" if node.grad_was is None else short(node.grad_was, lang)
        return Reason("released", say(lang, why, value=was), say(lang, words.keep, name=name))
    if note and FROZEN.search(note):
        return Reason(
            "frozen",
            say(lang, "it was asked for none ({note})", note=noted(note, lang)),
            say(lang, "ask for it, if it is wanted: {name}.requires_grad = True", name=name),
        )
    if is_whole(node) and node.role != "constant":
        why = "its data is {dtype}, and whole numbers have no derivative"
        mend = say(lang, words.whole, name=name)
        return Reason("integer", say(lang, why, dtype=node.dtype), mend)
    if node.role == "constant" or node.grad_state == "constant":
        return Reason("constant", say(lang, "it is a constant"), say(lang, words.wanted))
    if note and NOT_LEAF.search(note):
        why = say(lang, "it is computed from others ({note})", note=noted(note, lang))
        mend = say(lang, "{name}.retain_grad() before the pass keeps it", name=name)
        return Reason("not a leaf", why, mend)
    if note.startswith(NO_REVERSE):
        return _not_reversible(flows, note, ends)
    if node.id not in flows.to_output:
        places = [f"{ENDS_AT}{note}"] if note else _last(flows, node.id)
        return lost(name, output, places, words.values, lang)
    at = next((end for end in ends if end.function is not None), None)
    if at is not None:
        return _at_edge(flows, str(at.function), at.arg or 0, name)
    why = say(lang, "no backward pass of {output} has left one here", output=output)
    mend = say(lang, "call {output}.backward(), and look after that", output=output)
    return Reason("no pass", why, mend)


def _not_reversible(flows: Flows, note: str, ends: Iterable[End]) -> Reason:
    """Say which loop cannot be differentiated in reverse."""
    label = note.removeprefix(NO_REVERSE).strip()
    place = next((where(flows, f) for f in flows.functions.values() if f.label == label), "")
    why = "{op} cannot be run in reverse{place}, since nobody knows before how often it runs"
    mend = "lax.scan, or fori_loop with a fixed number of passes; jax.jvp goes forward through it"
    said = say(flows.lang, why, op=label, place=place)
    return Reason("not reversible", said, say(flows.lang, mend))


def _at_edge(flows: Flows, id: str, arg: int, name: str) -> Reason:
    function = flows.functions[id]
    lang, family = flows.lang, family_of(function)
    about = {"op": what(flows, function), "place": where(flows, function)}

    def underived(why: str, mend: str) -> Reason:
        return Reason("no derivative", say(lang, why, **about), say(lang, mend))

    if family == "mask" and arg == 0:
        return underived(
            "{op} takes it as a condition, which has no slope{place}",
            "for a soft choice mix both: m*a + (1 - m)*b",
        )
    if family == "labels" and arg == 1:
        return underived(
            "{op} takes it as numbers of classes, which have no slope{place}",
            "nothing, unless probabilities are meant: kl_div",
        )
    if flows.ends_ways(id):
        return _cut(flows, function, name)
    if family == "selection":
        return underived(
            "{op} takes it as an index, which has no slope{place}",
            "nothing, unless the rows are to be mixed: weights @ W",
        )
    why = "the rule of {op} gives nothing for it (operand {number}){place}"
    mend = "return a gradient for each operand; {checks} tells what is wrong"
    checks = words_of(flows.graph.engine).checks
    return Reason("no share", say(lang, why, number=arg, **about), say(lang, mend, checks=checks))


def _cut(flows: Flows, function: FunctionNode, name: str) -> Reason:
    """Say at which Function the way ends, since what it gives has no gradient."""
    result = flows.variables[flows.results[function.id][0]]
    note = clean(result.grad_note)
    mode, lang = f" in {note}" if note in MODES else "", flows.lang
    place = f"{what(flows, function)}{mode}{where(flows, function)}"
    why = "its only way ends at {place}"
    mend, word = mend_of(f"{function.op}{mode}")
    if mend == ELSE and result.dtype == "bool":
        mend = SLOPE
    elif mend == ELSE and family_of(function) == "step":
        mend = FLAT
    elif is_whole(result) and family_of(function) != "step":
        why = (
            "its only way ends at {place}: its result is {dtype}, and whole numbers have no "
            "derivative"
        )
        mend = "keep it a float there, or leave it out of what is differentiated"
    values = words_of(flows.graph.engine).values
    said = say(lang, why, place=place, dtype=result.dtype)
    return Reason("cut", said, mended(lang, (mend, word), name, values))


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
