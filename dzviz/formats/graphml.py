"""GraphML (http://graphml.graphdrawing.org): nodes and edges with attributes, as XML."""

from __future__ import annotations

from collections.abc import Iterator

from dzviz.formats.attributes import EDGE, NODE, Item, edges_of, escaped, nodes_of, written
from dzviz.graph.model import Graph
from dzviz.options import Layout, Look

SPACE = "http://graphml.graphdrawing.org/xmlns"


def write(graph: Graph, look: Look, layout: Layout | None = None) -> Iterator[str]:
    """Write a graph, an element a line."""
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="{SPACE}">\n'
    names = (
        ("node", "n", {"label": "string", **NODE}),
        ("edge", "e", EDGE),
        ("graph", "g", {"title": "string", "expression": "string"}),
    )
    for domain, letter, kinds in names:
        for name, kind in kinds.items():
            yield (
                f' <key id="{letter}.{name}" for="{domain}" attr.name="{name}" '
                f'attr.type="{kind}"/>\n'
            )
    yield ' <graph edgedefault="directed">\n'
    for name, text in (("title", graph.title), ("expression", graph.expression)):
        if text is not None:
            yield f'  <data key="g.{name}">{escaped(text)}</data>\n'
    for item in nodes_of(graph, look):
        label = f'<data key="n.label">{escaped(item.label)}</data>'
        yield f'  <node id="{escaped(item.id)}">{label}{_data(item, "n")}</node>\n'
    for edge, item in edges_of(graph, look):
        ends = f'source="{escaped(edge.source)}" target="{escaped(edge.target)}"'
        yield f'  <edge id="{item.id}" {ends}>{_data(item, "e")}</edge>\n'
    yield " </graph>\n</graphml>\n"


def _data(item: Item, letter: str) -> str:
    return "".join(
        f'<data key="{letter}.{name}">{escaped(written(value))}</data>'
        for name, value in item.attributes.items()
    )
