"""Events in words: a sentence for each, and what a table says about each.

It knows no picture and no terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dzviz.graph.events import KINDS, Event
from dzviz.graph.model import FunctionNode, Graph, Node, VariableNode
from dzviz.graph.states import groups
from dzviz.options import ENGLISH, Look
from dzviz.records import NamedTuple
from dzviz.text.formulas import names_of
from dzviz.text.labels import reference
from dzviz.text.languages import say
from dzviz.text.numbers import value_text
from dzviz.text.orders import order_name
from dzviz.text.phrases import clean

SHOWN = 6
"""At most this many waiting Functions are named."""


class Row(NamedTuple):
    """One event for a table; ``about`` is the node, ``waiting`` the queue."""

    event: str
    about: str
    generation: str
    value: str
    waiting: str


def turn_name(turn: int, graph: Graph, lang: str = ENGLISH) -> str:
    """Name a pass: ``forward``, ``backward``; of higher orders also ``y'``, what it computes."""
    if not turn:
        return say(lang, "forward")
    if turn <= graph.order:
        return say(lang, "backward for {name}", name=order_name(graph, turn))
    return say(lang, "backward")


def beginning(graph: Graph, look: Look) -> str:
    """Say what is there before anything happens."""
    inputs = [
        f"{reference(node)} = {value_text(node.data, look)}"
        for node in _variables(graph)
        if node.role == "input"
    ]
    if not inputs:
        return say(look.lang, "There are no inputs.")
    return say(look.lang, "The inputs: {values}.", values=", ".join(inputs))


def end(graph: Graph, look: Look) -> str:
    """Say what is left when everything has happened."""
    kept = [
        f"{reference(node)} {value_text(node.grad, look)}"
        for node in _variables(graph)
        if node.grad_state == "leaf"
    ]
    if kept:
        text = "Done. The leaves keep their gradients: {values}."
        return say(look.lang, text, values=", ".join(kept))
    return say(look.lang, "Done.")


def _variables(graph: Graph) -> Iterator[VariableNode]:
    """Return each Variable once, though it may be drawn beside each of its uses."""
    for node in graph.nodes:
        if isinstance(node, VariableNode) and node.copy_of is None:
            yield node


def sentences(graph: Graph, look: Look) -> Iterator[str]:
    """Tell each event of a graph in a sentence."""
    names, made = names_of(graph.nodes, graph.edges)
    nodes = {node.id: node for node in graph.nodes}
    parts: dict[tuple[int, str], list[str]] = {}
    for event in graph.events:
        if event.kind in ("seed", "rule") and event.variable is not None:
            value = value_text(event.value, look)
            parts.setdefault((event.turn, event.variable), []).append(value)
        added = parts.get((event.turn, event.variable or ""), [])
        yield _sentence(event, graph, look, names, made, nodes, added)


def rows(graph: Graph, look: Look) -> Iterator[Row]:
    """Tell each event of a graph in the cells of a table."""
    names, made = names_of(graph.nodes, graph.edges)
    nodes = {node.id: node for node in graph.nodes}
    for event in graph.events:
        function = nodes.get(event.function or "")
        generation = str(function.generation) if isinstance(function, FunctionNode) else ""
        variable = names.get(event.variable or "", "")
        value = "" if event.value is None else value_text(event.value, look)
        about, waiting = variable or names.get(event.function or "", ""), ""
        if event.kind == "forward":
            how = made.get(str(event.variable), variable)
            about = variable if variable == how else f"{variable} = {how}"
        elif event.kind == "rule":
            about = f"{names[str(event.function)]} -> {variable}"
            value = _product(event, look)
        elif event.kind == "pop":
            waiting = _queue(event, names, nodes, look.lang) or (
                "-" if event.waiting is not None else ""
            )
        elif event.kind == "release":
            value = f"None {say(look.lang, '(was {value})', value=value)}"
        yield Row(event.kind, about, generation, value, waiting)


def _sentence(
    event: Event,
    graph: Graph,
    look: Look,
    names: Mapping[str, str],
    made: Mapping[str, str],
    nodes: Mapping[str, Node],
    added: list[str],
) -> str:
    lang = look.lang
    function, variable = names.get(event.function or "", ""), names.get(event.variable or "", "")
    value = "" if event.value is None else value_text(event.value, look)
    turn = _capital(turn_name(event.turn, graph, lang))
    text = KINDS[event.kind].sentence
    facts = {"turn": turn, "function": function, "variable": variable, "value": value}
    if "{what}" in text:
        how = made.get(str(event.variable), variable)
        facts["what"] = how if how == variable else f"{variable} = {how}"
    if "{how}" in text:
        facts["how"] = _explained(event, look)
    if "{number}" in text:
        facts["number"] = str(nodes[str(event.function)].generation)
    if event.kind == "pop" and event.waiting is None:
        text = "Next is {function}, generation {number}."
    happened = say(lang, text, **facts, parts=" + ".join(added))
    if event.kind != "pop" or event.waiting is None:
        return happened
    waiting = _queue(event, names, nodes, lang)
    rest = "Waiting: {names}." if waiting else "Nothing else is waiting."
    return f"{happened} {say(lang, rest, names=waiting)}"


def _product(event: Event, look: Look) -> str:
    """Write ``upstream * local = contribution``."""
    value = value_text(event.value, look)
    if event.local is None or event.upstream is None:
        return value
    return f"{value_text(event.upstream, look)} * {value_text(event.local, look)} = {value}"


def _explained(event: Event, look: Look) -> str:
    """Write the same, saying what is what and where it comes from."""
    value = value_text(event.value, look)
    text = clean(event.formula)
    if event.local is None or event.upstream is None:
        return f"{text} = {value}" if text else value
    local = value_text(event.local, look)
    is_number = text in ("", local)
    return say(
        look.lang,
        "{upstream} (upstream) * {local} (local) = {value}"
        if is_number
        else "{upstream} (upstream) * {local} (local: {formula}) = {value}",
        upstream=value_text(event.upstream, look),
        local=local,
        formula=text,
        value=value,
    )


def _queue(
    event: Event,
    names: Mapping[str, str],
    nodes: Mapping[str, Node],
    lang: str,
) -> str:
    texts = [f"{names[id]} ({nodes[id].generation})" for id in event.queue[:SHOWN]]
    if event.waiting is not None and event.waiting > len(texts):
        texts.append(say(lang, "{count} more", count=event.waiting - len(texts)))
    return ", ".join(texts)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def step_texts(graph: Graph, look: Look) -> list[str]:
    """Tell each step of a film, from the inputs to the last state, in a sentence or several."""
    texts = list(sentences(graph, look))
    steps = [
        " ".join(texts[i] for i in events if KINDS[graph.events[i].kind].step)
        for events in groups(graph.events)
    ]
    return [beginning(graph, look), *steps, end(graph, look)]
