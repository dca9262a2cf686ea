"""The line of a derivation that belongs to each step, as a formula below the text of the step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dzviz.equations.derivation import Derivation, derivation_of
from dzviz.equations.mathml import MathML
from dzviz.equations.writers import joined, names_of, rows
from dzviz.errors import UsageError
from dzviz.graph.model import Graph
from dzviz.graph.states import Step
from dzviz.options import Look
from dzviz.svg.timeline import Track

MOST = 300
"""Graphs with more nodes have no lines."""


def formulas(graph: Graph, steps: Sequence[Step], look: Look) -> Track | None:
    """Write the line of each step; None where no rules are known, and of a part of a graph.

    What a part sends back depends on what is not in it.
    """
    if len(steps) <= 1 or len(graph.nodes) > MOST or graph.part is not None:
        return None
    try:
        derivation = derivation_of(graph, indexed=False)
    except UsageError:
        return None
    states = dict([(0, ""), *_states(derivation, steps, look), (len(steps) - 1, "")])
    return Track("line", tuple(states.items()))


def _states(derivation: Derivation, steps: Sequence[Step], look: Look) -> Iterator[tuple[int, str]]:
    names = names_of(derivation)
    texts: dict[tuple[int, str], str] = {}
    written = rows(derivation, MathML(names), look, "steps", names)
    for line, row in zip(derivation.lines, written, strict=True):
        formula = joined(row, "<mo>=</mo>", "<mo>=</mo>")
        math = f'<math><mrow displaystyle="true">{formula}</mrow></math>'
        turn = line.turn if line.shares else 0
        texts.setdefault((turn, line.node), math)
    users = _users(derivation.graph)
    for number, step in enumerate(steps):
        for i in step.events:
            event = derivation.graph.events[i]
            id = event.variable
            if event.kind not in ("forward", "rule") or id is None:
                continue
            while event.kind == "forward" and (0, id) not in texts and id in users:
                id = users[id]
            key = (0 if event.kind == "forward" else event.turn), id
            if key in texts:
                yield number, texts[key]


def _users(graph: Graph) -> dict[str, str]:
    """Return for each value what is made of it, where that is one thing."""
    results = {edge.source: edge.target for edge in graph.edges if edge.arg is None}
    return {edge.source: results[edge.target] for edge in graph.edges if edge.target in results}
