"""What stands below a picture: what is shown, and what its signs mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dzviz.graph.duplicates import original
from dzviz.graph.model import FunctionNode, Graph, Value, VariableNode
from dzviz.graph.overview import bounded, samples
from dzviz.graph.ranges import Range
from dzviz.graph.rounded import bound_of
from dzviz.options import Look
from dzviz.text import gradients
from dzviz.text.labels import labelled_edges
from dzviz.text.numbers import NOISE, NOISE_TOLD, value_text
from dzviz.text.phrases import clean, counted, listed, order_name, ordinal, wrap


def caption_lines(graph: Graph, look: Look, *, signs: str = "", drawn: bool = True) -> list[str]:
    """Say what is shown, of what the gradients are, and what the signs of a ``drawn`` one mean.

    ``signs`` are those of its style.
    """
    lines = []
    if title := graph.title if look.title is None else look.title:
        lines += wrap(clean(title, 10_000), 100)
    lines += [part for remark in graph.remarks for part in wrap(clean(remark, 1000), 100)]
    nodes = list(samples(graph.nodes))
    flows = graph.flows is not None and labelled_edges(graph, look) is not None
    lines += gradients.caption(graph, graded=_graded(nodes, look), flows=flows)
    if graph.part is not None:
        count = counted(represented(graph), of=graph.part.nodes)
        lines.append(f"{count}; +n more: edges that lead out of this part")
    lines += _copies_line(nodes, look)
    if graph.folded is not None and look.legend != "off":
        said = look.says("data") or look.says("grad")
        notes = ["a .. b: range over all times"] if said else []
        if drawn:
            notes = ["frame: what repeats", *notes, "dashed arrow: to a later time"]
        lines += ["; ".join(notes)] if notes else []
    if look.edges == "flow" and drawn and look.legend != "off":
        lines.append(
            "edges: thin to thick as the size of what flowed back, 1e-8 to 100 of the seed"
        )
    if look.legend == "on" or (look.legend == "auto" and graph.order):
        lines += legend_lines(graph, look, signs)
    if look.legend != "off" and any(NOISE in value_text(v, look) for v in _bounded(graph, look)):
        lines.append(NOISE_TOLD)
    return lines


def _bounded(graph: Graph, look: Look) -> Iterator[Value]:
    """All values of a graph of which it is known how exact they are, and which its picture says."""
    values: list[Any] = [event.value for event in graph.events]
    for node in samples(graph.nodes):
        if isinstance(node, VariableNode):
            values += [node.data] if look.says("data") else []
            values += [node.grad, node.grad_was] if look.says("grad") else []
    if labelled_edges(graph, look) is not None:
        values += [edge.contribution for edge in bounded(graph.edges)]
    for value in values:
        ends = (value.low, value.high, value.last) if isinstance(value, Range) else (value,)
        if any(bound_of(end) is not None for end in ends):
            yield value


def _graded(nodes: Iterable[VariableNode | FunctionNode], look: Look) -> bool:
    """Whether any of these nodes says its gradient."""
    return look.says("grad") and any(
        isinstance(node, VariableNode) and node.grad_state in ("leaf", "retained", "released")
        for node in nodes
    )


def _copies_line(nodes: Iterable[VariableNode | FunctionNode], look: Look) -> list[str]:
    """Say which inputs have several nodes, as `dzviz.graph.duplicates.spread` makes them."""
    copies = [
        node
        for node in nodes
        if isinstance(node, VariableNode) and node.name and node.copy_of is not None
    ]
    if not copies or not look.says("name"):
        return []
    names = listed(dict.fromkeys(clean(copy.name) for copy in copies), ", ")
    of_all = "; the gradient is that of all uses" if _graded(copies, look) else ""
    return wrap(f"{names}: drawn beside each use{of_all}", 100)


def legend_lines(graph: Graph, look: Look, signs: str) -> list[str]:
    """Explain the signs of this graph."""
    lines = []
    if graph.order:
        orders = [
            f"{order_name(order)}: its {ordinal(order)} derivative" if order else "f: the function"
            for order in sorted({node.order for node in graph.nodes})
        ]
        lines += wrap(", ".join(orders), 100)
    if look.legend == "on":
        lines += [signs] if signs else []
        if look.says("generation"):
            lines.append("gen: generation; backward goes from the highest to the lowest")
        states = {n.grad_state for n in graph.nodes if isinstance(n, VariableNode)}
        seed = "; seed: what backward starts from there" if look.says("grad") else ""
        lines.append(f"thick box: output{seed}")
        if "released" in states:
            was = " (was ...)" if look.says("grad") else ""
            lines.append(f"dashed: the gradient was computed{was} and not kept")
        labelled = labelled_edges(graph, look)
        if labelled and any(map(labelled, graph.edges)):
            lines.append("grad on an edge: what flowed back along it")
    return lines


def represented(graph: Graph) -> int:
    """Count the nodes that are drawn: what repeats by its times, and copies not at all."""
    members = graph.folded.members if graph.folded else {}
    return sum(
        len(members.get(node.id, (node,))) for node in graph.nodes if original(node) == node.id
    )
