"""What a node or an edge says: a Variable, a Function, what flowed back.

It knows no format and no colour; escaping is a format's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from dzviz.graph.duplicates import original
from dzviz.graph.model import Edge, FunctionNode, Graph, Node, Parameters, Value, VariableNode
from dzviz.graph.nonfinite import kind_of
from dzviz.graph.overview import position, repeated
from dzviz.graph.ranges import Range
from dzviz.options import ENGLISH, Look
from dzviz.text.languages import say
from dzviz.text.notes import noted, passes_note, passes_phrase
from dzviz.text.numbers import (
    EXACT,
    number,
    sample_text,
    span,
    summary,
    value_lines,
    with_shape,
)
from dzviz.text.orders import order_name
from dzviz.text.phrases import clean, grouped, on_one_line, ordinal
from dzviz.text.troubles import trouble_lines

MAX_ON_EDGE = 24
"""Of longer arrays an edge says the range: a graph is as wide as what stands on its edges."""

SHARE = "share"
"""What a part of a Variable's gradient is called that flowed back along one edge."""

MAX_BESIDE = 1
"""What a gradient was stands beside ``None`` with so many characters, longer ones below it."""


def variable_lines(node: VariableNode, look: Look, finer: Look | None = None) -> list[str]:
    """Say in few lines of a Variable, its name, data, seed and gradient.

    The gradient is written as ``finer`` says, where that is given.
    """
    lines = [name] if node.name and (name := clean(node.name)) and look.says("name") else []
    if node.mark == "ahead":
        return lines
    if node.lines:
        return [*lines, *node.lines]
    if look.says("data"):
        word = say(look.lang, "constant") if node.role == "constant" else "data"
        lines += _worded(word, node.data, look, dtype_word(node, look))
    lines += type_lines(node, look)
    if look.says("grad"):
        if node.seed is not None and not is_seed(node) and look.says("seed"):
            lines += _worded("seed", node.seed, look)
        lines += grad_lines(node, finer or look)
    return lines


def says_node(node: Node, look: Look) -> bool:
    """Whether a node is shown, as all are but constants where these are hidden."""
    return look.says("constant") or getattr(node, "role", "") != "constant"


def is_seed(node: VariableNode) -> bool:
    """Whether a Variable's gradient is the seed that a pass started from there, and no more."""
    gradient = gradient_of(node)
    if node.seed is None or gradient is None or isinstance(gradient, Range):
        return False
    return np.array_equal(np.asarray(gradient), np.asarray(node.seed), equal_nan=True)


def bad_lines(node: VariableNode, lines: Sequence[str], look: Look) -> tuple[int, ...]:
    """Return which of a Variable's lines describe what is not finite."""
    if not _may_be_not_finite(lines) or not variable_trouble(node):
        return ()
    return not_finite(lines, int(bool(node.name and clean(node.name)) and look.says("name")))


def not_finite(lines: Sequence[str], first: int = 0) -> tuple[int, ...]:
    """Return which lines, from the ``first`` one on, have a number that is not finite."""
    return tuple(i for i in range(first, len(lines)) if _NOT_FINITE.search(lines[i]))


def _may_be_not_finite(lines: Sequence[str]) -> bool:
    """Whether a line has letters of what is not finite: a hundredth of the time to look closer."""
    return any("NaN" in line or "inf" in line for line in lines)


_NOT_FINITE = re.compile(r"\b(NaN|inf)\b")


def dtype_word(node: VariableNode, look: Look) -> str:
    """Return what stands behind data for their type: `` float32``; nothing for the usual types."""
    typed = look.says("dtype") and ("dtype" in look.show or node.dtype not in ("float64", "bool"))
    return f" {node.dtype}" if typed else ""


def type_lines(node: VariableNode, look: Look) -> list[str]:
    """Say the shape and the dtype that were asked for where there are no data to say them."""
    facts = [("shape", node.shape), ("dtype", node.dtype)] if not look.says("data") else []
    return [f"{word} {what}" for word, what in facts if word in look.show and look.says(word)]


def grad_lines(node: VariableNode, look: Look) -> list[str]:
    """Say in which state the gradient is, as Python would print it."""
    if node.mark == "ahead" or node.grad_state == "constant":
        return [] if node.mark == "ahead" or not node.grad_note else [state_note(node, look.lang)]
    if node.grad is None and node.grad_was is None:
        why = state_note(node, look.lang)
        return [f"grad None ({why})" if why else "grad None"]
    notes = ["seed"] if is_seed(node) and look.says("seed") else []
    notes += [] if node.passes is None else [passes_note(node.passes, look.lang)]
    notes += [state_note(node, look.lang)] if node.grad_note else []
    note = [f"({', '.join(notes)})"] if notes else []
    if node.grad is not None:
        lines = _worded("grad", node.grad, look) + note
        return [" ".join(lines)] if len(lines) == 2 and note else lines
    value = value_lines(node.grad_was, look)
    was = was_lines(value, look.lang)
    joined = len(was) == 1 and was[0][0] == "(" and len(value[0]) <= MAX_BESIDE
    if len(was) == 1 and notes[:1] == ["seed"]:
        was = [f"{was[0][:-1]}, seed)"]
        note = [f"({', '.join(notes[1:])})"] if notes[1:] else []
    return [f"grad None {was[0]}", *note] if joined else ["grad None", *was, *note]


def state_note(node: VariableNode, lang: str = ENGLISH) -> str:
    """Say why a gradient is None, or additional information about its state; mostly nothing."""
    if node.grad_note:
        return noted(node.grad_note, lang)
    return say(lang, "released") if node.grad_state == "released" else ""


def was_lines(lines: list[str], lang: str = ENGLISH) -> list[str]:
    """Say that a value was; one with lines or brackets of its own gets no more of them."""
    first, *rest = lines
    bare = bool(rest) or first.startswith("(")
    return [say(lang, "was {value}" if bare else "(was {value})", value=first), *rest]


def with_longest_labels(graph: Graph) -> Graph:
    """Return the graph in the state of its gradients in which its labels need most room.

    A picture that leaves this room places every node at the same spot, whether the gradients are
    kept, released or not computed.
    """
    return graph._replace(
        nodes=tuple(
            node._replace(grad=None, grad_state="released", grad_was=node.grad)
            if isinstance(node, VariableNode) and node.grad_state == "retained"
            else node
            for node in graph.nodes
        )
    )


def variable_trouble(node: VariableNode) -> str:
    """Say what is not finite in data or gradient: ``NaN``, ``infinity``; mostly nothing."""
    for value in (node.data, gradient_of(node)):
        if value is not None and (kind := kind_of(value)):
            return kind
    return ""


def gradient_of(node: VariableNode) -> Value | None:
    """Return a Variable's gradient, kept or released."""
    return node.grad if node.grad is not None else node.grad_was


def variable_fact(node: VariableNode, lang: str = ENGLISH) -> str:
    """Say all of a Variable except for its name, on one line."""
    return on_one_line(exact_lines(node, lang), lang)


def exact_lines(node: VariableNode, lang: str = ENGLISH) -> list[str]:
    """Say all of a Variable at full precision, except for its name."""
    if node.mark == "ahead":
        lines = [say(lang, "not computed yet")]
    else:
        exact = EXACT if lang == ENGLISH else replace(EXACT, lang=lang)
        lines = variable_lines(node._replace(name=None) if node.name else node, exact)
        for word, value in (("data", node.data), ("grad", gradient_of(node))):
            if sample := sample_text(value, EXACT.precision):
                lines.append(f"{word} {sample}")
    if node.passes is not None and node.mark != "ahead":
        lines.append(f"grad {passes_phrase(node.passes, lang)}")
    return [f"{say(lang, node.role)}, {generation(node, lang)}", *lines]


def generation(node: Node, lang: str) -> str:
    """Say in which generation it is."""
    return say(lang, "generation {number}", number=node.generation)


def function_lines(
    node: FunctionNode, look: Look, graph: Graph, *, framed: bool = False
) -> list[str]:
    """Say what the user wrote for a Function, its generation, its place in the backward pass.

    Of which derivative it is it says unless it is ``framed`` with the others, then what arose in it
    first that is not finite.
    """
    lines = [clean(node.label), *parameter_lines(node, look)]
    once = not (graph.folded and node.id in graph.folded.members)
    if look.says("generation") and once:
        lines.append(f"{say(look.lang, 'gen')} {node.generation}")
    if look.says("order") and once and node.back is not None:
        lines.append(f"{say(look.lang, 'back')} {node.back}")
    if node.order and not framed:
        lines.append(order_name(graph, node.order))
    if graph.troubles:
        lines += trouble_lines(node, graph, look.lang)
    return lines


def parameter_lines(node: FunctionNode, look: Look) -> list[str]:
    """Say between which numbers the parameters of a folded module are, and their gradients."""
    if node.parameters is None or node.mark == "ahead":
        return []
    data = span(node.parameters.data, look.precision, look.lang)
    lines = [f"{say(look.lang, 'parameters')} {data}"] if look.says("data") else []
    return lines + (parameter_grads(node.parameters, look) if look.says("grad") else [])


def parameter_grads(parameters: Parameters, look: Look) -> list[str]:
    """Say between which numbers the gradients of parameters are, and how many have none."""
    lang, missing = look.lang, parameters.missing
    notes = [] if parameters.passes is None else [passes_note(parameters.passes, lang)]
    notes += [noted(parameters.note, lang)] if parameters.note else []
    note = [f"({', '.join(notes)})"] if notes else []
    if parameters.grad is None:
        value = parameters.grad_was
        was = [] if value is None else was_lines([span(value, look.precision, lang)], lang)
        return ["grad None", *was, *note]
    some = "None in {missing} of {tensors} tensors"
    lacking = [say(lang, some, missing=missing, tensors=parameters.tensors)] if missing else []
    return [f"grad {span(parameters.grad, look.precision, lang)}", *lacking, *note]


MAX_DETAIL = 1000
"""A tooltip has at most this many characters of additional information."""


def function_fact(node: FunctionNode, lang: str = ENGLISH) -> str:
    """Say all of a Function except for its label."""
    exact = EXACT if lang == ENGLISH else replace(EXACT, lang=lang)
    facts = [clean(node.op), generation(node, lang), *parameter_lines(node, exact)]
    if node.detail:
        facts.append(clean(node.detail, MAX_DETAIL))
    if node.back is not None:
        facts.append(say(lang, "number {number} in the backward pass", number=node.back))
    if node.order:
        which = ordinal(node.order, lang)
        facts.append(say(lang, "part of the {which} derivative", which=which))
    if node.origin:
        facts.append(say(lang, "from the derivative of {name}", name=clean(node.origin)))
    if node.source:
        facts.append(f"{clean(node.source[0])}:{node.source[1]}")
    return ", ".join(facts)


def edge_label(edge: Edge, look: Look) -> str:
    """Say what flowed back along an edge, in short; the word ``grad`` is for nodes alone."""
    return f"{say(look.lang, SHARE)} {contribution_text(edge.contribution, look)}"


def contribution_text(value: Value, look: Look) -> str:
    """Write what flowed back as it stands on an edge: in full what is short, else its range."""
    if not isinstance(value, Range) and np.ndim(value):
        short = ", ".join(with_shape(value, [summary(value, look, average=False)], look))
        if value.size > look.max_elements and len(short) > MAX_ON_EDGE:  # with the mean it is more
            return short
        text = ", ".join(value_lines(value, look))
        return text if len(text) <= MAX_ON_EDGE else short
    return ", ".join(value_lines(value, look))


def edge_fact(edge: Edge, look: Look) -> str:
    """Say what flowed back along an edge, in a sentence."""
    lines = [*value_lines(edge.contribution, look), sample_text(edge.contribution, look.precision)]
    value = ", ".join(filter(None, lines))
    return say(look.lang, "a share of the gradient flowed back along it: {value}", value=value)


def labelled_edges(graph: Graph, look: Look) -> Callable[[Edge], bool] | None:
    """Return whether an edge says what flowed back along it; None where no edge does.

    With ``contributions`` auto those do where it tells what the node does not: of Variables that
    are used more than once.
    """
    if look.contributions == "none" or not look.says("grad"):
        return None
    if look.contributions == "all":
        return lambda edge: edge.contribution is not None
    several = repeated(graph.edges, graph.nodes)
    many = each_time(graph)
    return lambda edge: (
        edge.contribution is not None and (edge.source in several or edge.source in many)
    )


def each_time(graph: Graph) -> set[str]:
    """Return the ids of what stands once, and is used at more than one time of what repeats."""
    if graph.folded is None:
        return set()
    members = graph.folded.members
    return {
        source
        for (source, *_), bundle in graph.folded.bundles.items()
        if source not in members and len(bundle.edges) > 1
    }


def reference(node: VariableNode) -> str:
    """Name a Variable in a sentence: by its name, a constant by its number, else by its id."""
    if name := clean(node.name):
        return name
    if node.role == "constant" and not node.shape:
        return span(node.data, 4) if isinstance(node.data, Range) else number(node.data)
    id = original(node)
    return f"{node.letter}{id[1:]}" if re.fullmatch(r"v\d+", id) else id


def bundle_label(edge: Edge, graph: Graph, lang: str = ENGLISH) -> str | None:
    """Say for an edge of a folded graph to or from which time it leads, where that is not clear."""
    bundle = graph.folded and graph.folded.bundles.get(edge[:3])
    if not bundle or graph.folded is None:
        return None
    if bundle.lag:
        later = "next time" if bundle.lag == 1 else "{count} times on"
        return say(lang, later, count=bundle.lag)
    sources, targets = map(graph.folded.members.get, edge[:2])
    if sources is None and targets is not None and len(bundle.edges) == 1 < len(targets):
        time = 1 + position(targets, bundle.edges[0].target)
        return say(lang, "first time") if time == 1 else time_name(time, lang)
    if sources is None and targets is not None and len(bundle.edges) == len(targets) > 1:
        return say(lang, "each time")
    if sources is None or targets is not None:
        return None
    if len(bundle.edges) > 1:
        which = "all {value}" if len(bundle.edges) == len(sources) else "some"
        return say(lang, which, value=grouped(len(bundle.edges)))
    time = 1 + position(sources, bundle.edges[0].source)
    return None if time == len(sources) else time_name(time, lang)


def time_name(time: int, lang: str = ENGLISH) -> str:
    """Name a time of what repeats: ``time 3``."""
    return say(lang, "time {number}", number=grouped(time))


def _worded(word: str, value: Value, look: Look, unit: str = "") -> list[str]:
    """Write a value after the word for it."""
    if isinstance(value, float):  # the next lines come to the same, in twice the time
        return [f"{word} {number(value, look.precision)}{unit}"]
    first, *rest = value_lines(value, look)
    return [f"{word} {first}{unit}", *rest]
