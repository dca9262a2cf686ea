"""The caption below a picture: what is shown, and what its signs mean."""

from __future__ import annotations

from collections.abc import Iterable

from dzviz.graph.duplicates import original
from dzviz.graph.model import Graph, Node, VariableNode
from dzviz.graph.overview import samples
from dzviz.options import Look
from dzviz.text import gradients
from dzviz.text.key import key_line, marks, written_marks
from dzviz.text.labels import labelled_edges
from dzviz.text.languages import say
from dzviz.text.phrases import clean, counted, listed, wrap


def caption_lines(
    graph: Graph, look: Look, *, signs: str | None = None, drawn: bool = True
) -> list[str]:
    """Say what is shown, and of what the gradients are.

    With the ``signs`` of a style also what the marks mean, in words; of what is not ``drawn`` only
    those in numbers.
    """
    lines: list[str] = []
    if look.says("caption"):
        if title := graph.title if look.title is None else look.title:
            lines += wrap(clean(title, 10_000), 100)
        lines += [part for remark in graph.remarks for part in wrap(clean(remark, 1000), 100)]
        nodes = list(samples(graph.nodes))
        flows = graph.flows is not None and labelled_edges(graph, look) is not None
        lines += gradients.caption(graph, look, graded=_graded(nodes, look), flows=flows)
        if graph.part is not None:
            count = counted(represented(graph), of=graph.part.nodes, lang=look.lang)
            leads = "{count}; +n more: edges that lead out of this part"
            lines.append(say(look.lang, leads, count=count))
        lines += _copies_line(nodes, look)
    if look.edges == "flow" and drawn and look.legend != "off":
        lines.append(
            say(
                look.lang,
                "edges: the thicker, the more flowed back, 1e-8 to 100 times the seed",
            )
        )
    return lines if signs is None else lines + _legend(graph, look, signs, drawn=drawn)


def _legend(graph: Graph, look: Look, signs: str, *, drawn: bool) -> list[str]:
    if look.legend == "on":
        found = marks(graph, look) if drawn else written_marks(graph, look)
        return [*([say(look.lang, signs)] if signs else []), *wrap(key_line(found), 100)]
    found = written_marks(graph, look) if look.says("caption") else []
    return wrap(key_line(found), 100) if found else []


def _graded(nodes: Iterable[Node], look: Look) -> bool:
    """Whether any of these nodes says its gradient."""
    return look.says("grad") and any(
        isinstance(node, VariableNode) and node.grad_state in ("leaf", "retained", "released")
        for node in nodes
    )


def _copies_line(nodes: Iterable[Node], look: Look) -> list[str]:
    """Say which inputs have several nodes, as `dzviz.graph.duplicates.spread` makes them."""
    copies = [
        node
        for node in nodes
        if isinstance(node, VariableNode) and node.name and node.copy_of is not None
    ]
    if not copies or not look.says("name"):
        return []
    names = listed(dict.fromkeys(clean(copy.name) for copy in copies), ", ")
    text = (
        "{names}: drawn beside each use; the gradient is that of all uses"
        if _graded(copies, look)
        else "{names}: drawn beside each use"
    )
    return wrap(say(look.lang, text, names=names), 100)


def represented(graph: Graph) -> int:
    """Count the nodes that are drawn: what repeats by its times, and copies not at all."""
    members = graph.folded.members if graph.folded else {}
    return sum(
        len(members.get(node.id, (node,))) for node in graph.nodes if original(node) == node.id
    )
