"""What the gradients of a graph are, in words: derivatives of what is drawn, or of which passes.

It knows graphs, and nothing of how they are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dzviz.graph.model import FunctionNode, Graph, Passes, VariableNode
from dzviz.graph.overview import found, samples
from dzviz.options import Look
from dzviz.text.labels import gradient_of, passes_phrase
from dzviz.text.numbers import number
from dzviz.text.orders import equations
from dzviz.text.phrases import clean, listed, plural, wrap


def caption(graph: Graph, look: Look, *, graded: bool, flows: bool) -> list[str]:
    """Say it in the lines of a caption: of gradients where any is told, of ``flows`` on edges.

    Of a derivative the values of all orders stand before that.
    """
    derived = graded and not graph.passes and not graph.film
    values = equations(graph, look, graded=derived)
    lines = [values] if values else []
    if graded:
        meanings = _meanings(graph)
        turns = _turns(graph) if graph.film else []
        if turns:
            lines.append(f"grad {listed(turns, ', ')}")
            meanings = (
                {who: f"{what}, at the end" for who, what in meanings.items()}
                if graph.passes
                else {}
            )
        for who, what in meanings.items():
            words = f"grad of {who}" if who else "grad"
            lines.append(f"{words} {what}" if what[0] == "=" or not who else f"{words}: {what}")
    if flows and graph.flows is not None:
        known = graph.flows.times or graph.flows.assigned
        phrase = passes_phrase(graph.flows) if known else "by the rules, from gradients as found"
        lines.append(f"shares: {phrase}")
    return [part for line in [*lines, *changes(graph)] for part in wrap(line, 100)]


def sentences(graph: Graph, *, graded: bool) -> list[str]:
    """Say the same in sentences."""
    meanings = _meanings(graph) if graded else {}
    lines = []
    for who, what in meanings.items():
        one = who and not who[0].isdigit() and ", " not in who and who != OTHERS
        words = f"The gradient{'' if one else 's'}{f' of {who}' if who else ''}"
        lines.append(f"{words} {'is' if one else 'are'} {what.removeprefix('= ')}.")
    return [*lines, *(f"{line[0].upper()}{line[1:]}." for line in changes(graph))]


def changes(graph: Graph) -> list[str]:
    """Say which data is not what it was computed as."""
    if graph.changed is None:
        return []
    lines = []
    results, unknown = ([clean(name) for _, name in part] for part in graph.changed)
    if results:
        were = "was" if len(results) == 1 else "were"
        lines.append(f"data has changed since {listed(results, ', ')} {were} computed")
    if unknown:
        names = listed(unknown, ", ")
        lines.append(f"an operand of {names} has changed since; what {names} would be is unknown")
    return lines


OTHERS = "the others"


def _meanings(graph: Graph) -> dict[str, str]:
    """Say of whom the gradient is what; of an empty name it is that of all."""
    if len(graph.passes) < 2:
        return {"": _what(graph.passes[0] if graph.passes else None, graph)}
    groups: dict[Passes | None, list[VariableNode]] = {}
    for node in graph.nodes:
        if not isinstance(node, VariableNode) or node.copy_of is not None:
            continue
        if gradient_of(node) is not None:
            groups.setdefault(node.passes, []).append(node)
    meanings = {_names(groups[p]): _what(p, graph) for p in groups if p is not None}
    if None in groups:
        meanings[OTHERS if meanings else ""] = _what(None, graph)
    return meanings


def _what(passes: Passes | None, graph: Graph) -> str:
    """Say what gradients are: ``= dy/d(node)``, ``added up over 2 passes of y``."""
    if passes is None:
        return f"= {derivative_of(graph)}"
    if passes.drawn and passes.seed and not passes.changed:
        seed = "" if passes.seed is True else f", seed {number(passes.seed)}"
        return f"= {derivative_of(graph, 'seed * ')}{seed}"
    return passes_phrase(passes)


def _names(nodes: Sequence[VariableNode]) -> str:
    """Name nodes that have a name, and count the others."""
    names = list(dict.fromkeys(clean(node.name) for node in nodes if clean(node.name)))
    unnamed = sum(not clean(node.name) for node in nodes)
    text = listed(names, ", ")
    if unnamed:
        text += f"{' and ' if names else ''}{plural(unnamed, 'node')} without a name"
    return text


def _turns(graph: Graph) -> list[str]:
    """Say of each pass of several what its gradients are, where all of them are in the graph."""
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
        f"in pass {turn} = {derivative_of(graph, '' if ones[turn] else 'seed * ', outputs)}"
        for turn, outputs in seeds.items()
    ]


def derivative_of(
    graph: Graph, factor: str = "", outputs: Sequence[VariableNode] | None = None
) -> str:
    """Say of what with respect to what a gradient is: ``dy/d(node)``; ``factor`` is the seed's."""
    outputs = outputs_of(graph) if outputs is None else outputs
    names = [clean(node.name) or "output" for node in outputs]
    if len(names) == 1 and not outputs[0].shape:
        return f"{factor}d{names[0] if len(names[0]) == 1 else f'({names[0]})'}/d(node)"
    terms = [
        f"sum of {factor}{name}" if node.shape else f"{factor}{name}"
        for name, node in zip(names, outputs, strict=True)
    ]
    return f"d({listed(terms, ' + ')})/d(node)"


def outputs_of(graph: Graph) -> list[VariableNode]:
    """Return the outputs of which the gradients are, also where they are folded or not drawn."""
    ids = graph.folded.outputs if graph.folded else graph.outputs
    groups: list[Sequence[VariableNode | FunctionNode]] = [tuple(samples(graph.nodes))]
    groups += graph.folded.members.values() if graph.folded else []
    groups += [graph.part.outputs] if graph.part else []
    nodes = {node.id: node for group in groups for node in found(group, ids)}
    return [node for id in ids if isinstance(node := nodes[id], VariableNode)]
