"""What a page shows of a graph: its steps, its texts, and what the script needs to know of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dzviz.graph.duplicates import originals, spread
from dzviz.graph.events import Event
from dzviz.graph.model import FunctionNode, Graph, VariableNode
from dzviz.graph.states import Step
from dzviz.options import ENGLISH, Look
from dzviz.page import words
from dzviz.page.panels import panels, pieces_of, spans_of
from dzviz.records import NamedTuple
from dzviz.styles import scene_of
from dzviz.svg.canvas import Canvas
from dzviz.svg.timeline import Timeline, Track
from dzviz.text.formulas import names_of
from dzviz.text.labels import generation
from dzviz.text.languages import say
from dzviz.text.narration import SHOWN


class Content(NamedTuple):
    """What a page shows of a graph: its steps, what the script needs to know of it, its texts."""

    graph: Graph
    look: Look
    film: Timeline
    facts: dict[str, Any]
    tracks: list[Track]


def plain_look(look: Look) -> Look:
    """Return the look of a picture on a page: the reader's window says how large it is."""
    theme = "print" if look.theme == "print" else "light"
    return replace(look, theme=theme, scale=1.0, font_size=Look().font_size, fit="")


def content_of(graph: Graph, look: Look, film: Timeline) -> Content:
    """Say everything about a graph that was drawn in steps."""
    picture = scene_of(spread(graph), look)
    shapes, arrows = [shape.id for shape in picture.shapes], list(picture.arrows)
    homes = {f.id: v for v, f in _makers(graph).items() if f.id not in shapes}
    ends = [(a.target, a.source) if a.back else (a.source, a.target) for a in arrows]
    facts = {
        "steps": len(film.steps),
        "opening": opening(graph, film.steps, look.lang)._asdict(),
        "active": [_active(step) for step in film.steps],
        "shapes": _shapes(graph, film, shapes, homes),
        "arrows": {f"e{number}": pair for number, pair in enumerate(ends)},
    }
    tracks = [*film.tracks, *_narration(graph, look, film)]
    return Content(graph, look, film, facts, [*tracks, *panels(graph, film.steps, look, homes)])


def head_of(content: Content) -> dict[str, Any]:
    """Return what the script needs to know of all that a page shows."""
    down = content.film.canvas.look.rank_dir == "TB"
    return {"expression": harmless(content.graph.expression or ""), "down": down}


def still(graph: Graph, sheet: Canvas) -> Timeline:
    """Draw a graph without steps, which is spread."""
    tracks = tuple(Track(key, ((0, part),)) for key, part in sheet.parts(graph))
    return Timeline(sheet, (Step(graph, graph),), ("",), tracks)


def _narration(graph: Graph, look: Look, film: Timeline) -> Iterator[Track]:
    """Say at each step what happens and which Functions wait."""
    yield Track("told", tuple((i, words(text)) for i, text in enumerate(film.texts)))
    names, _ = names_of(graph.nodes, graph.edges)
    nodes = {node.id: node for node in graph.nodes}
    states = {0: ""}
    for number, step in enumerate(film.steps):
        for i in step.events:
            event = graph.events[i]
            if event.kind == "pop":
                waiting = [
                    f"{names[id]}, {generation(nodes[id], look.lang)}" for id in event.queue[:SHOWN]
                ]
                states[number] = _queue(waiting, event.waiting, look.lang)
            elif event.kind in ("forward", "seed"):
                states[number] = ""
    states[len(film.steps) - 1] = ""
    yield Track("queue", tuple(states.items()))


def _queue(first: list[str], count: int | None, lang: str) -> str:
    """List who waits, the next one first; an engine may have no queue."""
    if count is None:
        return f"<li>{say(lang, 'none')}</li>"
    more = [say(lang, "{count} more", count=count - len(first))] if count > len(first) else []
    empty = [say(lang, "empty")]
    return "".join(f"<li>{words(text)}</li>" for text in [*first, *more] or empty)


def _shapes(
    graph: Graph, film: Timeline, shapes: Sequence[str], homes: Mapping[str, str]
) -> dict[str, Any]:
    """Say for each shape what its panel is made of, and where in the expression it comes from."""
    makers = _makers(graph)
    nodes = {node.id: node for node in graph.nodes}
    known = originals(film.steps[-1].graph)
    inside: dict[str, list[str]] = {}
    for function, variable in homes.items():
        inside.setdefault(variable, []).append(function)
    texts = {}
    for id in shapes:
        node = nodes.get(known.get(id, id))
        held = [node, *(nodes.get(function) for function in inside.get(id, []))]
        texts[id] = {
            "pieces": [piece for each in held if each for piece in pieces_of(each)],
            "spans": spans_of(graph, node, makers) if node else [],
        }
    return texts


def _active(step: Step) -> list[str]:
    """Return what a step is about, a Variable last: it stays in sight where not all can."""
    nodes = [node for node in step.news.nodes if node.mark == "active"]
    return [node.id for node in sorted(nodes, key=lambda node: isinstance(node, VariableNode))]


def _makers(graph: Graph) -> dict[str, FunctionNode]:
    functions = {node.id: node for node in graph.nodes if isinstance(node, FunctionNode)}
    return {edge.target: functions[edge.source] for edge in graph.edges if edge.arg is None}


def harmless(text: str) -> str:
    """Keep the text as it is, character by character, except for what turns lines or terminals."""
    return "".join(
        c if c.isprintable() or c in "\t\n" else " " if c.isspace() else "?" for c in text
    )


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
