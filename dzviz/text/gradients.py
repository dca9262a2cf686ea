"""What the gradients of a graph are, in words: derivatives of what is drawn, or of which passes.

It knows graphs, and nothing of how they are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dzviz.graph.model import Graph, Node, Passes, VariableNode
from dzviz.graph.overview import found, samples
from dzviz.options import ENGLISH, Look
from dzviz.text.labels import gradient_of
from dzviz.text.languages import say
from dzviz.text.notes import passes_phrase, phrase
from dzviz.text.numbers import number
from dzviz.text.orders import equations
from dzviz.text.phrases import both, clean, listed, sentence, wrap


def caption(graph: Graph, look: Look, *, graded: bool, flows: bool) -> list[str]:
    """Say it in the lines of a caption: of gradients where any is known, of ``flows`` on edges.

    Of a derivative the values of all orders stand before that.
    """
    lang = look.lang
    derived = graded and not graph.passes and not graph.film
    values = equations(graph, look, graded=derived)
    lines = [values] if values else []
    if graded:
        meanings = _meanings(graph, lang)
        turns = _turns(graph, lang) if graph.film else []
        if turns:
            lines.append(f"grad {listed(turns, ', ')}")
            meanings = (
                {who: say(lang, "{what}, at the end", what=what) for who, what in meanings.items()}
                if graph.passes
                else {}
            )
        for who, what in meanings.items():
            words = say(lang, "grad of {names}", names=who) if who else "grad"
            lines.append(f"{words} {what}" if what[0] == "=" or not who else f"{words}: {what}")
    if flows and graph.flows is not None:
        known = graph.flows.times or graph.flows.assigned
        phrase = (
            passes_phrase(graph.flows, lang)
            if known
            else say(lang, "by the rules, from gradients as found")
        )
        lines.append(say(lang, "shares: {what}", what=phrase))
    return [part for line in [*lines, *changes(graph, lang)] for part in wrap(line, 100)]


def sentences(graph: Graph, *, graded: bool, lang: str = ENGLISH) -> list[str]:
    """Say the same in sentences."""
    meanings = _meanings(graph, lang) if graded else {}
    lines = []
    for who, what in meanings.items():
        one = who and not who[0].isdigit() and ", " not in who and who != say(lang, OTHERS)
        text = "The gradients of {names} are {what}." if who else "The gradients are {what}."
        text = "The gradient of {names} is {what}." if one else text
        lines.append(say(lang, text, names=who, what=what.removeprefix("= ")))
    return [*lines, *(sentence(line, lang) for line in changes(graph, lang))]


def changes(graph: Graph, lang: str = ENGLISH) -> list[str]:
    """Say which data is not what it was computed as."""
    if graph.changed is None:
        return []
    lines = []
    results, unknown = ([phrase(clean(name), lang) for _, name in part] for part in graph.changed)
    if results:
        were = (
            "data has changed since {names} was computed"
            if len(results) == 1
            else "data has changed since {names} were computed"
        )
        lines.append(say(lang, were, names=listed(results, ", ")))
    if unknown:
        text = "an operand of {names} has changed since; what {names} would be is unknown"
        lines.append(say(lang, text, names=listed(unknown, ", ")))
    return lines


OTHERS = "the others"


def _meanings(graph: Graph, lang: str) -> dict[str, str]:
    """Say whose gradient is what; of an empty name it is that of all."""
    if len(graph.passes) < 2:
        return {"": _what(graph.passes[0] if graph.passes else None, graph, lang)}
    groups: dict[Passes | None, list[VariableNode]] = {}
    for node in graph.nodes:
        if not isinstance(node, VariableNode) or node.copy_of is not None:
            continue
        if gradient_of(node) is not None:
            groups.setdefault(node.passes, []).append(node)
    meanings = {_names(groups[p], lang): _what(p, graph, lang) for p in groups if p is not None}
    if None in groups:
        meanings[say(lang, OTHERS) if meanings else ""] = _what(None, graph, lang)
    return meanings


def _what(passes: Passes | None, graph: Graph, lang: str) -> str:
    """Say what gradients are: ``= dy/d(node)``, ``added up over 2 passes of y``."""
    if passes is None:
        return f"= {derivative_of(graph, lang=lang)}"
    if passes.drawn and passes.seed and not passes.changed:
        seed = "" if passes.seed is True else f", seed {number(passes.seed)}"
        return f"= {derivative_of(graph, 'seed * ', lang=lang)}{seed}"
    return passes_phrase(passes, lang)


def _names(nodes: Sequence[VariableNode], lang: str) -> str:
    """Name nodes that have a name, and count the others."""
    names = list(dict.fromkeys(clean(node.name) for node in nodes if clean(node.name)))
    unnamed = sum(not clean(node.name) for node in nodes)
    text = listed(names, ", ")
    if unnamed:
        count = "{count} node without a name" if unnamed == 1 else "{count} nodes without a name"
        others = say(lang, count, count=unnamed)
        text = both(text, others, lang) if names else others
    return text


def _turns(graph: Graph, lang: str) -> list[str]:
    """Say for each of several passes what its gradients are, where all of them are in the graph."""
    nodes = {node.id: node for node in graph.nodes if isinstance(node, VariableNode)}
    seeds: dict[int, list[VariableNode]] = {}
    ones: dict[int, bool] = {}
    for event in graph.events:
        if event.kind == "seed":
            seeds.setdefault(event.turn, []).append(nodes[str(event.variable)])
            ones[event.turn] = ones.get(event.turn, True) and bool(np.all(event.value == 1))
    last = max((event.turn for event in graph.events), default=0)
    if last < 2 or len(seeds) < last:
        return []
    return [
        say(
            lang,
            "in pass {number} = {what}",
            number=turn,
            what=derivative_of(graph, "" if ones[turn] else "seed * ", outputs, lang),
        )
        for turn, outputs in seeds.items()
    ]


def derivative_of(
    graph: Graph,
    factor: str = "",
    outputs: Sequence[VariableNode] | None = None,
    lang: str = ENGLISH,
) -> str:
    """Say which derivative a gradient is: ``dy/d(node)``; ``factor`` is the seed's."""
    outputs = differentiated(outputs_of(graph)) if outputs is None else outputs
    names = [clean(node.name) or say(lang, "output") for node in outputs]
    if len(names) == 1 and not outputs[0].shape:
        return f"{factor}d{names[0] if len(names[0]) == 1 else f'({names[0]})'}/d(node)"
    terms = [
        say(lang, "sum of {what}", what=f"{factor}{name}") if node.shape else f"{factor}{name}"
        for name, node in zip(names, outputs, strict=True)
    ]
    return f"d({listed(terms, ' + ')})/d(node)"


def differentiated(outputs: Sequence[VariableNode]) -> Sequence[VariableNode]:
    """Return those of which a pass can give gradients; all, if none is of such a kind."""
    return [
        node
        for node in outputs
        if node.seed is not None
        or not (node.grad_state == "constant" or node.dtype.startswith(("int", "uint", "bool")))
    ] or outputs


def outputs_of(graph: Graph) -> list[VariableNode]:
    """Return the outputs of which the gradients are, also where they are folded or not drawn."""
    ids = graph.folded.outputs if graph.folded else graph.outputs
    groups: list[Sequence[Node]] = [tuple(samples(graph.nodes))]
    groups += graph.folded.members.values() if graph.folded else []
    groups += [graph.part.outputs] if graph.part else []
    nodes = {node.id: node for group in groups for node in found(group, ids)}
    return [node for id in ids if isinstance(node := nodes[id], VariableNode)]
