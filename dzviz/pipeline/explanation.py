"""From a subject to answers: why its gradients are what they are, and the graph that shows it.

It computes as `dzviz.pipeline` does for a picture, and draws nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dzviz.errors import UsageError
from dzviz.graph.model import Graph, VariableNode
from dzviz.graph.overview import leaves
from dzviz.options import ENGLISH
from dzviz.pipeline.computation import Computation, Given, compute
from dzviz.records import NamedTuple

if TYPE_CHECKING:
    from dzviz.diagnosis.answers import Answer
    from dzviz.engine import Variable
    from dzviz.pipeline.computation import Run
    from dzviz.sources import Subject

NO_GRADIENTS = "there are no variables, so there are no gradients"

WITH_VARIABLE = "a name is a variable, as in x**2 with --x 3"

MOST_BESIDE = 100
"""At most this many values that leave the graph are drawn beside it."""


class Explanation(NamedTuple):
    """Answers about a graph, which also has what leads to no output; ``notes`` are sentences."""

    graph: Graph
    answers: tuple[Answer, ...]
    notes: tuple[str, ...] = ()


def explain(
    computation: Computation | Given, names: Sequence[str] = (), lang: str = ENGLISH
) -> Explanation:
    """Compute a subject, run its pass, and answer in ``lang`` for its leaves or for ``names``.

    Raises:
        DzvizError: Whatever is wrong, also that the graph does not tell.
    """
    from dzviz.diagnosis.why import answers, refuse_unknown

    if isinstance(computation, Given):
        graph = computation.graph
        refuse_without_pass(graph)
        found = answers(graph, names, lang=lang)
        refuse_unknown(found)
        return Explanation(graph, tuple(found))
    run = compute(computation)
    return explain_run(run, names, retain_grad=computation.retain_grad, lang=lang)


def explain_run(
    run: Run, names: Sequence[str] = (), *, retain_grad: bool = False, lang: str = ENGLISH
) -> Explanation:
    """Run the pass of what is computed, and answer.

    Raises:
        DzvizError: Whatever is wrong, also that the graph does not tell.
    """
    from dzviz.diagnosis.why import answers, refuse_unknown

    if run.evaluation.failed is not None:
        raise run.evaluation.failed
    run.backward(retain_grad=retain_grad)
    graph = _with_dead_ends(run)
    reach = run.evaluation.reach
    found = answers(graph, names, reach.lost if reach else {}, lang)
    if not names:
        place = {name: i for i, name in enumerate(run.evaluation.inputs)}
        found.sort(key=lambda answer: place.get(answer.name, len(place)))
    refuse_unknown(found)
    return Explanation(graph, tuple(found), run.evaluation.notes)


def refuse_without_pass(graph: Graph) -> None:
    """Refuse a graph in which no gradient is known, though it has variables.

    Raises:
        UsageError: It has none.
    """
    variables = (n for n in graph.nodes if isinstance(n, VariableNode))
    if next(leaves(graph), None) is not None and all(
        n.grad is None and n.grad_was is None and n.grad_state != "released" for n in variables
    ):
        raise UsageError(
            "the graph contains no gradients: there was no backward pass",
            hint="run backward first; a file of the graph is then written with -T json --full",
        )


def has_variables(subject: Subject | Given | Computation, graph: Graph) -> bool:
    """Whether anything has a gradient: a variable of a formula, or a leaf of a graph."""
    if isinstance(subject, Computation):
        subject = subject.subject
    names = any((subject.names, subject.optional))
    return names or next(leaves(graph), None) is not None


def refuse_without_variables(computation: Computation | Given, graph: Graph, nothing: str) -> None:
    """Refuse to say something about gradients where there are no variables.

    Raises:
        UsageError: So it is.
    """
    if not has_variables(computation, graph):
        raise UsageError(f"there are no variables, so {nothing}", hint=WITH_VARIABLE)


def _with_dead_ends(run: Run) -> Graph:
    """Take the graph, with what was computed from lost inputs and where that ends."""
    reach = run.evaluation.reach
    if reach is None or not reach.lost:
        return run.graph()
    if run.evaluation.engine is not None:
        return run.graph(also=reach.beside[:MOST_BESIDE])
    from dzviz.sources.numbering import number

    notes: dict[Variable, str] = {}
    for place, xs in reach.places.items():
        notes.update((x, f"its path ends at {place}") for x in xs)
    inputs = run.evaluation.inputs
    lost = {inputs[name]: why[0] for name, why in reach.lost.items()}
    beside = [x for x in notes if _leads_to(x, lost)][:MOST_BESIDE]
    for x, why in lost.items():
        if x not in notes and not any(_leads_to(end, {x: ""}) for end in beside):
            notes[x] = why
    also = list(dict.fromkeys([*lost, *beside]))
    graph = run.graph(also=also)
    numbering = number([*run.outputs, *also])
    reasons = {numbering.variable(x): notes[x] for x in also if x in notes}
    nodes = [
        node._replace(grad_note=reasons[node.id])
        if isinstance(node, VariableNode) and node.id in reasons and node.grad_state == "none"
        else node
        for node in graph.nodes
    ]
    return graph._replace(nodes=tuple(nodes))


def _leads_to(x: Variable, inputs: dict[Variable, str]) -> bool:
    pending, seen = [x], {x}
    while pending:
        at = pending.pop()
        if at in inputs:
            return True
        new = [v for v in (at.creator.inputs if at.creator else ()) if v not in seen]
        seen.update(new)
        pending += new
    return False
