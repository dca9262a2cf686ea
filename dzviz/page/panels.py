"""What the panel beside the picture says about each node, at each step.

It is made of pieces, each with its HTML from which step on, like the tracks of
`dzviz.svg.timeline`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from dzviz.budget import timed
from dzviz.diagnosis.why import Inquiry
from dzviz.graph.events import Event
from dzviz.graph.model import FunctionNode, Graph, Node, VariableNode
from dzviz.graph.states import Step
from dzviz.options import Look
from dzviz.page import words
from dzviz.page.values import value_html
from dzviz.svg.timeline import Track
from dzviz.text.formulas import names_of
from dzviz.text.labels import (
    function_fact,
    generation,
    gradient_of,
    state_note,
    variable_trouble,
)
from dzviz.text.languages import say
from dzviz.text.narration import Row, rows
from dzviz.text.notes import passes_phrase
from dzviz.text.numbers import value_text
from dzviz.text.phrases import clean

PIECES = {
    VariableNode: ("head", "data", "grad", "why", "back", "links"),
    FunctionNode: ("head", "back"),
}
"""The pieces of a panel, in their order."""

MOST_EXPLAINED = 500
"""In graphs of so many nodes it is also said why a gradient in the middle is 0 or not finite."""


def pieces_of(node: Node) -> list[str]:
    """Return the keys of the pieces that make up a node's panel."""
    return [f"{node.id} {piece}" for piece in PIECES[type(node)]]


def panels(
    graph: Graph, steps: Sequence[Step], look: Look, shapes: Mapping[str, str]
) -> list[Track]:
    """Write all pieces of the panels of a graph; the steps' graphs may have copies of its nodes.

    ``shapes`` maps nodes that have no shape of their own to the one in which they stand.
    """
    writer = _Writer(graph, look, shapes)
    events = list(rows(graph, look))
    for number, step in enumerate(timed(steps)):
        for i in step.events:
            writer.take(number, graph.events[i], events[i])
        for node in step.news.nodes:
            if isinstance(node, VariableNode) and node.id in writer.names:
                writer.note(number, f"{node.id} data", _data(node, look))
                writer.note(number, f"{node.id} grad", _grad(node, look))
    writer.explain(len(steps) - 1, graph)
    return [Track(key, tuple(states)) for key, states in writer.states.items()]


def spans_of(graph: Graph, node: Node, makers: Mapping[str, FunctionNode]) -> list[tuple[int, int]]:
    """Return which characters of the expression a node comes from, a leaf each time it is named.

    ``makers`` maps Variables to the Functions that made them.
    """
    function = node if isinstance(node, FunctionNode) else makers.get(node.id)
    if function is not None:
        return [function.span] if function.span else []
    if not isinstance(node, VariableNode) or not node.name or not graph.expression:
        return []
    return list(_mentions(node.name, graph.expression))


def _mentions(name: str, text: str) -> Iterator[tuple[int, int]]:
    """Find a variable's name in an expression: what is called, or set by keyword, is not meant."""
    word = rf"(?<![\w.]){re.escape(name)}(?!\w|\s*\(|\s*=(?!=))"
    for match in re.finditer(rf"#.*|{word}", text):
        if not match[0].startswith("#"):
            yield match.span()


class _Writer:
    """Collects the states of pieces, and what flowed back in the pass that is going on."""

    def __init__(self, graph: Graph, look: Look, shapes: Mapping[str, str]) -> None:
        self.look = look
        self.shapes = shapes
        self.names, self.made = names_of(graph.nodes, graph.edges)
        self.states: dict[str, list[tuple[int, str]]] = {}
        self.back: dict[str, list[str]] = {}
        self.turn = 0
        neighbours: dict[str, tuple[list[str], list[str]]] = {n.id: ([], []) for n in graph.nodes}
        for edge in graph.edges:
            neighbours[edge.source][1].append(edge.target)
            neighbours[edge.target][0].append(edge.source)
        for node in graph.nodes:
            links = self.links(*neighbours[node.id])
            if isinstance(node, VariableNode):
                self.note(0, f"{node.id} head", self.variable(node))
                self.note(0, f"{node.id} links", links)
                self.note(0, f"{node.id} why", "")
            else:
                self.note(0, f"{node.id} head", _function(node, look.lang) + links)
            self.note(0, f"{node.id} back", "")

    def note(self, number: int, key: str, text: str) -> None:
        """Write what a piece says from this step on."""
        states = self.states.setdefault(key, [])
        if states and states[-1][1] == text:
            return
        if states and states[-1][0] == number:
            states.pop()
        states.append((number, text))

    def take(self, number: int, event: Event, row: Row) -> None:
        """Note what a rule sends back, where it comes from and where it goes to."""
        if event.turn != self.turn:
            self.turn = event.turn
            for key in self.back:
                self.note(number, key, "")
            self.back = {}
        if event.kind != "rule":
            return
        function, variable = str(event.function), str(event.variable)
        local = words(clean(event.formula, 200)) or "-"
        if event.local is not None:
            value = words(value_text(event.local, self.look))
            local = value if local in ("-", value) else f"{local} = {value}"
        product = re.sub(r" [*\u00b7] ", " &times; ", words(row.value))
        cells = f"<td>{local}</td><td>{product}</td></tr>\n"
        for key, other in ((f"{function} back", variable), (f"{variable} back", function)):
            link = f'<tr><th scope="row">{self.link(other)}</th>'
            self.back.setdefault(key, []).append(link + cells)
            towards = "to" if key.startswith(function) else "from"
            self.note(number, key, _back(towards, self.back[key], self.look.lang))

    def explain(self, number: int, graph: Graph) -> None:
        """Say in the last step why each gradient is what it is."""
        if graph.folded is not None:
            return
        lang = self.look.lang
        inquiry = Inquiry(graph, {}, lang)
        few = len(graph.nodes) <= MOST_EXPLAINED
        for node in graph.nodes:
            if not isinstance(node, VariableNode) or gradient_of(node) is None:
                continue
            if node.role == "input" or (few and variable_trouble(node)):
                answer = inquiry.of(node._replace(grad=gradient_of(node)), asked=True)
                mend = say(lang, "Fix: {what}", what=answer.mend) if answer.mend else ""
                parts = [answer.sentence, mend]
                text = "".join(f"<p>{escape(part)}</p>\n" for part in parts if part)
                self.note(number, f"{node.id} why", f"<h3>{say(lang, 'why')}</h3>\n{text}")

    def variable(self, node: VariableNode) -> str:
        """Say what a Variable is and how it was made."""
        name, made = self.names[node.id], self.made.get(node.id)
        lang = self.look.lang
        facts = [
            say(lang, f"{node.role} Variable"),
            node.dtype,
            say(lang, "shape {shape}", shape=node.shape) if node.shape else "",
            generation(node, lang),
        ]
        text = f"<h2>{words(name)}</h2>\n<p>{escape(', '.join(filter(None, facts)))}</p>\n"
        return text if made in (None, name) else f"{text}<p><code>{escape(made)}</code></p>\n"

    def links(self, sources: list[str], targets: list[str]) -> str:
        """Lead to what a node is computed from and to what is computed from it."""
        lines = [
            f"<dt>{say(self.look.lang, word)}</dt>"
            f"<dd>{', '.join(map(self.link, dict.fromkeys(ids)))}</dd>"
            for word, ids in (("From", sources), ("Into", targets))
            if ids
        ]
        return f"<dl>{''.join(lines)}</dl>\n"

    def link(self, id: str) -> str:
        """Lead to a node, or to the shape in which it stands."""
        return f'<a href="#node={self.shapes.get(id, id)}">{words(self.names[id])}</a>'


def _function(node: FunctionNode, lang: str) -> str:
    label = words(clean(node.label))
    fact = say(lang, "Function {fact}", fact=function_fact(node, lang))
    return f"<h2>{label}</h2>\n<p>{escape(fact)}</p>\n"


def _data(node: VariableNode, look: Look) -> str:
    if node.mark == "ahead":
        value = f"<p>{say(look.lang, 'not computed yet')}</p>"
    else:
        value = value_html(node.data, look)
    return f"<h3>data</h3>\n{value}\n"


def _grad(node: VariableNode, look: Look) -> str:
    if node.mark == "ahead" or (node.grad_state == "constant" and not node.grad_note):
        return ""
    parts = []
    if node.seed is not None:
        parts += ["<h3>seed</h3>", value_html(node.seed, look)]
    parts.append("<h3>grad</h3>")
    note = state_note(node, look.lang)
    if node.grad_state == "constant":
        parts.append(f"<p>{words(note)}</p>")
    elif node.grad is not None:
        parts.append(value_html(node.grad, look))
    elif node.grad_was is not None:
        gone = say(look.lang, "None: it was released. It was")
        parts += [f"<p>{gone}</p>", value_html(node.grad_was, look)]
    else:
        parts.append(f"<p>None{f' ({escape(note)})' if note else ''}</p>")
    if node.grad_note and (node.grad is not None or node.grad_was is not None):
        parts.append(f"<p>{words(note)}</p>")
    if node.passes is not None:
        parts.append(f"<p>{escape(passes_phrase(node.passes, look.lang))}</p>")
    return "\n".join(parts) + "\n"


def _back(towards: str, lines: Iterable[str], lang: str) -> str:
    heads = (towards, "local derivative", "upstream &times; local = share")
    cells = "".join(f'<th scope="col">{say(lang, head)}</th>' for head in heads)
    title = say(lang, "sent back")
    return (
        f"<h3>{title}</h3>\n"
        f'<div class="values" role="group" aria-label="{title}" tabindex="0">\n'
        f"<table>\n<tr>{cells}</tr>\n{''.join(lines)}</table></div>\n"
    )
