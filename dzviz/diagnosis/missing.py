"""Why there is no gradient at all: where the path to the output ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from dzviz.diagnosis.engines import words_of
from dzviz.diagnosis.families import family_of
from dzviz.diagnosis.flows import End, Flows, is_whole
from dzviz.diagnosis.losses import Reason
from dzviz.diagnosis.words import all_of, short, what, where
from dzviz.graph.model import FunctionNode, VariableNode
from dzviz.options import ENGLISH
from dzviz.text.languages import say
from dzviz.text.notes import noted, place_in
from dzviz.text.phrases import clean

ENDS_AT = "its path ends at "

NUMBER = "{word} gives numbers outside the graph: compute with {name} itself there"

SLOPE = (
    "a comparison has no slope: compute with {name} itself, too, or use a smooth form, "
    "such as sigmoid(k*(a - b)) for a > b"
)

FLAT = "it is flat everywhere: do not differentiate through it"

INDEX = "an index has no slope: use softmax, which gives each element a weight"

MENDS: Mapping[str, str] = {
    ".data": "compute with {name} itself there: .data is an array outside the graph",
    "data": "compute with {name} itself there: .data is outside the graph",
    "no_grad": "compute it outside no_grad",
    "inference_mode": "compute it outside inference_mode",
    "unchain": "remove unchain",
    "detach": "remove the detach, or compute with {name} itself there",
    "stop_gradient": "remove the stop_gradient, or compute with {name} itself there",
    **dict.fromkeys(("item", "tolist", "numpy", "float()", "int()"), NUMBER),
    "argmax": INDEX,
    "argmin": INDEX,
    "argsort": INDEX,
    "the comparison": SLOPE,
    "a comparison": (
        "a comparison has no slope: compute with {name} itself, too, or use a smooth form"
    ),
    "a condition": (
        "a Python branch has no slope: for a soft choice, mix both, as in m*a + (1 - m)*b "
        "with m = sigmoid(k*{name})"
    ),
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

LATER = "part of the gradient of its later data"
UNASKED = "not asked for by the pass"
REMOVED = "set to None since"
"""What PyTorch's source notes of leaves whose gradient is not there."""

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
        why = "no path leads from it to {output}, and where the last one ends is unknown"
        mend = say(lang, ELSE, name=name, values=values)
        return Reason("not reached", say(lang, why, output=output), mend)
    mend = mended(lang, mend_of(ends[0]), name, values)
    if not any(place.startswith(ENDS_AT) for place in places):
        return Reason("not reached", place_in(ends[0], lang), mend)
    why = (
        "its only path to {output} ends at {places}"
        if len(ends) == 1
        else "its paths to {output} end at {places}"
    )
    places = all_of([place_in(end, lang) for end in dict.fromkeys(ends)][:3], lang)
    return Reason("not reached", say(lang, why, output=output, places=places), mend)


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
    if (reason := _of_note(node, note, name, lang)) is not None:
        return reason
    if node.grad_state == "released":
        why = (
            "a pass computed it and released it, as it does for every intermediate value"
            if node.grad_was is None
            else (
                "a pass computed it (it was {value}) and released it, as it does for "
                "every intermediate value"
            )
        )
        was = "" if node.grad_was is None else short(node.grad_was, lang)
        return Reason("released", say(lang, why, value=was), say(lang, words.keep, name=name))
    if note and FROZEN.search(note):
        return Reason(
            "frozen",
            say(lang, "no gradient was asked for ({note})", note=noted(note, lang)),
            say(lang, "if you want one, set {name}.requires_grad = True", name=name),
        )
    if is_whole(node) and node.role != "constant":
        why = "its data is {dtype}, and whole numbers have no derivative"
        mend = say(lang, words.whole, name=name)
        return Reason("integer", say(lang, why, dtype=node.dtype), mend)
    if node.role == "constant" or node.grad_state == "constant":
        return Reason("constant", say(lang, "it is a constant"), say(lang, words.variable))
    if note and NOT_LEAF.search(note):
        why = say(lang, "it is computed from others ({note})", note=noted(note, lang))
        mend = say(lang, "call {name}.retain_grad() before the pass to keep it", name=name)
        return Reason("not a leaf", why, mend)
    if note.startswith(NO_REVERSE):
        return _not_reversible(flows, note, ends)
    if node.id not in flows.to_output:
        places = [f"{ENDS_AT}{note}"] if note else _last(flows, node.id)
        return lost(name, output, places, words.values, lang)
    at = next((end for end in ends if end.function is not None), None)
    if at is not None:
        return _at_edge(flows, str(at.function), at.arg or 0, name)
    why = say(lang, "no backward pass of {output} has left a gradient here", output=output)
    mend = say(lang, "call {output}.backward() first", output=output)
    return Reason("no pass", why, mend)


def _of_note(node: VariableNode, note: str, name: str, lang: str) -> Reason | None:
    """Say what a source knows about a gradient that is not there."""
    if note == LATER:
        why = "its data was changed after its use: its gradient is a part of that of the later data"
        return Reason(
            "later data", say(lang, why), say(lang, "none needed: a leaf has one gradient")
        )
    if note == UNASKED:
        why = "the pass was asked for other gradients only"
        mend = "name {name} in inputs=..., too, or leave inputs out"
        return Reason("not asked", say(lang, why), say(lang, mend, name=name))
    if note == REMOVED and node.grad_was is not None:
        why = "a pass computed it (it was {value}), and it was set to None since"
        mend = "look at it before it is set to None, as zero_grad() does"
        value = short(node.grad_was, lang)
        return Reason("removed", say(lang, why, value=value), say(lang, mend))
    return None


def _not_reversible(flows: Flows, note: str, ends: Iterable[End]) -> Reason:
    """Say which loop cannot be differentiated in reverse."""
    label = note.removeprefix(NO_REVERSE).strip()
    place = next((where(flows, f) for f in flows.functions.values() if f.label == label), "")
    why = "{op} cannot be run in reverse{place}, since it is not known in advance how often it runs"
    mend = (
        "use lax.scan, or fori_loop with a fixed number of iterations; jax.jvp can go "
        "forward through it"
    )
    sentence = say(flows.lang, why, op=label, place=place)
    return Reason("not reversible", sentence, say(flows.lang, mend))


def _at_edge(flows: Flows, id: str, arg: int, name: str) -> Reason:
    function = flows.functions[id]
    lang, family = flows.lang, family_of(function)
    about = {"op": what(flows, function), "place": where(flows, function)}

    def underived(why: str, mend: str) -> Reason:
        return Reason("no derivative", say(lang, why, **about), say(lang, mend))

    if family == "mask" and arg == 0:
        return underived(
            "{op} uses it as a condition, which has no slope{place}",
            "for a soft choice, mix both: m*a + (1 - m)*b",
        )
    if family == "labels" and arg == 1:
        return underived(
            "{op} uses it as class numbers, which have no slope{place}",
            "none needed, unless you meant probabilities: kl_div",
        )
    if flows.ends_ways(id):
        return _cut(flows, function, name)
    if family == "selection":
        return underived(
            "{op} uses it as an index, which has no slope{place}",
            "none needed, unless you meant to mix rows: weights @ W",
        )
    why = "the rule of {op} gives nothing for it (operand {number}){place}"
    mend = "return a gradient for each operand; {checks} shows what is wrong"
    checks = words_of(flows.graph.engine).checks
    return Reason("no share", say(lang, why, number=arg, **about), say(lang, mend, checks=checks))


def _cut(flows: Flows, function: FunctionNode, name: str) -> Reason:
    """Say at which Function the way ends, since what it gives has no gradient."""
    result = flows.variables[flows.results[function.id][0]]
    note = clean(result.grad_note)
    mode, lang = f" in {note}" if note in MODES else "", flows.lang
    place = f"{what(flows, function)}{mode}{where(flows, function)}"
    why = "its only path ends at {place}"
    mend, word = mend_of(f"{function.op}{mode}")
    if mend == ELSE and result.dtype == "bool":
        mend = SLOPE
    elif mend == ELSE and family_of(function) == "step":
        mend = FLAT
    elif is_whole(result) and family_of(function) != "step":
        why = (
            "its only path ends at {place}: its result is {dtype}, and whole numbers have "
            "no derivative"
        )
        mend = "keep it a float there, or do not differentiate through it"
    values = words_of(flows.graph.engine).values
    sentence = say(lang, why, place=place, dtype=result.dtype)
    return Reason("cut", sentence, mended(lang, (mend, word), name, values))


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
