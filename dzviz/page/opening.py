"""At which step a page opens: at the one that explains a gradient, and why just there.

It knows events and names, and nothing of pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

from dzviz.graph.events import Event
from dzviz.graph.model import Graph, VariableNode
from dzviz.graph.states import Step
from dzviz.options import ENGLISH
from dzviz.records import NamedTuple
from dzviz.text.formulas import names_of
from dzviz.text.languages import say


class Opening(NamedTuple):
    """A step and the sentence that says why the page opens there; none for the last step."""

    step: int
    why: str = ""


def opening(graph: Graph, steps: Sequence[Step], lang: str = ENGLISH) -> Opening:
    """Return the step at which the last gradient of an input becomes complete.

    That is where what came on several ways is added up, else where the last rule sends something
    back. There nearly all that the picture can say is there.
    """
    names, _ = names_of(graph.nodes, graph.edges)
    inputs = {n.id for n in graph.nodes if isinstance(n, VariableNode) and n.role == "input"}
    places = {i: number for number, step in enumerate(steps) for i in step.events}
    turn = max((event.turn for event in graph.events), default=0)
    passed = [(i, event) for i, event in enumerate(graph.events) if event.turn == turn > 0]
    for kind, of_input in (("sum", True), ("sum", False), ("rule", True), ("rule", False)):
        found = [
            i
            for i, event in passed
            if event.kind == kind and (event.variable in inputs or not of_input)
        ]
        if found:
            return Opening(places[found[-1]], _why(graph.events[found[-1]], names, lang))
    return Opening(len(steps) - 1)


def _why(event: Event, names: dict[str, str], lang: str) -> str:
    text = (
        "Opened here, at the step that adds up the shares of {variable}."
        if event.kind == "sum"
        else "Opened here, at the last use of the chain rule, for {variable}."
    )
    return say(lang, text, variable=names[str(event.variable)])
