"""The passes of a graph, as formulas of one step each: about nodes, by their ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from dzviz.equations.algebra import mapped
from dzviz.graph.model import FunctionNode, Graph, VariableNode
from dzviz.graph.terms import (
    DERIVATIVE,
    OPERAND,
    OUTPUT,
    UPSTREAM,
    Term,
    constant,
    derivative,
    symbol,
)
from dzviz.records import NamedTuple

Wanted = tuple[int, str]
"""A pass and a node: that node's gradient in it."""


class Steps(NamedTuple):
    """A graph as formulas of one step.

    ``made`` tells how each Variable was made of others. ``shares`` tells what came back to each in
    each pass, in the order in which it came, with the ``numbers`` that it was, and ``settled`` in
    which order each had its gradient whole. ``places`` has the last event of each. ``uses`` counts
    the operands that each is, within its own order of derivatives.
    """

    nodes: Mapping[str, VariableNode]
    made: Mapping[str, Term]
    shares: Mapping[Wanted, list[Term]]
    settled: tuple[Wanted, ...]
    places: Mapping[Wanted, int]
    uses: Mapping[str, int]
    values: Mapping[Wanted, object]
    numbers: Mapping[Wanted, list[object]]


def steps_of(graph: Graph) -> Steps:
    """Read a graph with its events."""
    nodes = {n.id: n for n in graph.nodes if isinstance(n, VariableNode)}
    functions = {n.id: n for n in graph.nodes if isinstance(n, FunctionNode)}
    operands: dict[str, dict[int, str]] = {}
    results: dict[str, list[str]] = {}
    uses: Counter[str] = Counter()
    for edge in graph.edges:
        if edge.arg is None:
            results.setdefault(edge.source, []).append(edge.target)
        else:
            operands.setdefault(edge.target, {})[edge.arg] = edge.source
            uses[edge.source] += functions[edge.target].order == nodes[edge.source].order
    inputs = {id: [of[i] for i in sorted(of)] for id, of in operands.items()}
    made: dict[str, Term] = {}
    for id, function in functions.items():
        args = tuple([_leaf(nodes[x]) for x in inputs.get(id, ())])
        several = len(results.get(id, ())) > 1
        for i, y in enumerate(results.get(id, ())):
            term = Term(function.label, args, nodes[y].data)
            made[y] = Term(f"[{i}]", (term,), nodes[y].data) if several else term
    return _with_passes(graph, nodes, functions, inputs, results, made, uses)


def _leaf(node: VariableNode) -> Term:
    """Return what stands for an operand: its symbol, or a constant without a name."""
    if node.role == "constant" and not node.name and np.size(node.data) <= SMALL:
        return constant(node.data)
    return symbol(node.id, node.data)


SMALL = 6
"""A constant of so many elements is written out."""


def _with_passes(
    graph: Graph,
    nodes: Mapping[str, VariableNode],
    functions: Mapping[str, FunctionNode],
    inputs: Mapping[str, list[str]],
    results: Mapping[str, list[str]],
    made: Mapping[str, Term],
    uses: Counter[str],
) -> Steps:
    shares: dict[Wanted, list[Term]] = {}
    places: dict[Wanted, int] = {}
    values: dict[Wanted, object] = {}
    numbers: dict[Wanted, list[object]] = {}
    unknown: set[Wanted] = set()
    known_ids = {*nodes, *functions}
    for place, event in enumerate(graph.events):
        if event.kind not in ("seed", "rule", "sum", "set") or event.variable is None:
            continue
        key = event.turn, event.variable
        if event.variable not in nodes or (event.function or event.variable) not in known_ids:
            continue  # it is within what is drawn as one
        places[key] = place
        values[key] = event.value
        if event.kind in ("seed", "rule"):
            numbers.setdefault(key, []).append(event.value)
        if event.kind == "seed":
            shares.setdefault(key, []).append(constant(event.value))
        elif event.kind == "rule":
            id = str(event.function)
            args = [_leaf(nodes[x]) for x in inputs[id]]
            back = [derivative(event.turn, y, None) for y in results.get(id, [])]
            if event.rule is None or id not in results:
                unknown.add(key)
            else:
                share = _share(event.rule, args, results[id], back)
                shares.setdefault(key, []).append(share)
    order = sorted(places, key=places.__getitem__)
    known = {
        key: [mapped(share, lambda leaf: _valued(leaf, values)) for share in parts]
        for key, parts in shares.items()
        if key not in unknown
    }
    return Steps(nodes, made, known, tuple(order), places, uses, values, numbers)


def _share(rule: Term, args: list[Term], results: list[str], back: list[Term]) -> Term:
    """Write what a rule sent back of the nodes that it is about."""
    leaves = {OUTPUT: symbol(results[0])}
    leaves.update((UPSTREAM + (str(i) if i else ""), leaf) for i, leaf in enumerate(back))
    leaves.update((f"{OPERAND}{i}", arg) for i, arg in enumerate(args))

    def leaf(term: Term) -> Term:
        known = leaves.get(term.name, term)
        return known if known.value is not None else leaf_with(known, term.value)

    return mapped(rule, leaf)


def leaf_with(leaf: Term, value: object) -> Term:
    """Return a leaf with the value that is known of it."""
    return Term(leaf.label, (), value, leaf.name)


def _valued(term: Term, values: Mapping[Wanted, object]) -> Term:
    """Give each derivative the value that it had in its pass."""
    if term.label != DERIVATIVE:
        return term
    turn, _, id = term.name.partition(":")
    return leaf_with(term, values.get((int(turn), id)))
