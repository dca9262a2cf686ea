"""GEXF 1.3 (https://gexf.net), the format of Gephi: nodes and edges with attributes, as XML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dzviz.formats.attributes import EDGE, NODE, Item, edges_of, escaped, nodes_of, written
from dzviz.graph.model import Graph
from dzviz.options import Layout, Look

SPACE = "http://gexf.net/1.3"

TYPES: Mapping[str, str] = {"string": "string", "int": "integer", "double": "double"}


def write(graph: Graph, look: Look, layout: Layout | None = None) -> Iterator[str]:
    """Write a graph, an element a line."""
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="{SPACE}" version="1.3">\n'
    description = graph.title or graph.expression
    if description:
        yield f" <meta>\n  <description>{escaped(description)}</description>\n </meta>\n"
    yield ' <graph defaultedgetype="directed">\n'
    for domain, kinds in (("node", NODE), ("edge", EDGE)):
        yield f'  <attributes class="{domain}">\n'
        for name, kind in kinds.items():
            yield f'   <attribute id="{name}" title="{name}" type="{TYPES[kind]}"/>\n'
        yield "  </attributes>\n"
    yield "  <nodes>\n"
    for item in nodes_of(graph, look):
        head = f'id="{escaped(item.id)}" label="{escaped(item.label)}"'
        yield f"   <node {head}>{_values(item)}</node>\n"
    yield "  </nodes>\n  <edges>\n"
    for edge, item in edges_of(graph, look):
        ends = f'source="{escaped(edge.source)}" target="{escaped(edge.target)}"'
        yield f'   <edge id="{item.id}" {ends}>{_values(item)}</edge>\n'
    yield "  </edges>\n </graph>\n</gexf>\n"


def _values(item: Item) -> str:
    values = "".join(
        f'<attvalue for="{name}" value="{escaped(written(value))}"/>'
        for name, value in item.attributes.items()
    )
    return f"<attvalues>{values}</attvalues>" if values else ""
