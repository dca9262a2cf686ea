"""Graphs from JSON: what ``-T json`` writes, and what any engine writes in the same form.

Who wrote it is not trusted: nothing in it runs or names a file, all is checked before it is used,
and an error says where by the JSON path. What can be derived may be missing: generations, shapes,
roles, keys, the numbers of operands. Nodes may stand in any order and have any ids. The schema is
`dzviz/formats/graph.schema.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dzviz.errors import UsageError
from dzviz.files import FilePath, read_input
from dzviz.graph.model import Graph, Node, Part, VariableNode
from dzviz.sources.cursor import Cursor, short, text_of
from dzviz.sources.json import records
from dzviz.sources.json.nodes import edges, nodes
from dzviz.sources.json.structure import DOCUMENT, Structure
from dzviz.sources.nonfinite import troubles_of
from dzviz.text.primes import with_orders

SCHEMAS = ("dzviz/graph/1", "dzviz/graph/2", "dzviz/trace/1", "dzviz/trace/2")
"""What may stand under ``schema``."""


MAX_BYTES = 64 * 1024 * 1024
"""A larger text is refused."""


MAX_MEMORY = 600 * 1024 * 1024
"""The most bytes of parsed text, estimated from what can be counted before parsing."""


def recognises(thing: object) -> bool:
    """Whether it is a parsed document."""
    return isinstance(thing, Mapping)


def graph(thing: Mapping[str, Any], *, words: bool = True) -> Graph:
    """Return the graph that a parsed document tells.

    Raises:
        UsageError: Something in it is not as the schema says; the error has its JSON path.
    """
    return _graph(Cursor(dict(thing)).known(DOCUMENT))


def read_graph(file: FilePath) -> Graph:
    """Read the graph of a file, or of standard input for ``-``.

    Raises:
        UsageError: It cannot be read, or holds none; the error has the place.
    """
    name = "standard input" if file.name == "-" else file.name
    try:
        text = read_input(file, MAX_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot read the graph from {short(name)}: {reason}") from None
    try:
        return graph(parse(text))
    except UsageError as error:
        raise UsageError(f"the graph in {short(name)}: {error}", hint=error.hint) from None


def parse(text: bytes) -> Mapping[str, Any]:
    """Parse the text of a document, after a look at its size.

    Raises:
        UsageError: It is no JSON, or would take too much memory.
    """
    if len(text) > MAX_BYTES:
        raise UsageError(f"it is larger than {MAX_BYTES >> 20} MiB")
    # What CPython takes for each list or object, for each element, and for text.
    expected = len(text) + 72 * (text.count(b"[") + text.count(b"{")) + 40 * text.count(b",")
    if expected > MAX_MEMORY:
        raise UsageError(f"its lists and objects would need more than {MAX_MEMORY >> 20} MiB")
    try:
        document = json.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError("it is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UsageError(f"it is not JSON ({place}: {error.msg})") from None
    except ValueError:  # Python's own limit
        raise UsageError("it has a number with thousands of digits") from None
    except RecursionError:
        raise UsageError("its lists and objects are nested too deep") from None
    if not isinstance(document, dict):
        raise UsageError("it is not an object with nodes and edges")
    return document


def _graph(document: Cursor) -> Graph:
    """Read all of it."""
    if schema := document.get("schema"):
        schema.choice(SCHEMAS)
    structure = Structure(document)
    made, head = nodes(structure), structure.head
    part = head.get("part_of")
    ends = [node for id in structure.outputs if isinstance(node := made[id], VariableNode)]
    expression, title = (text_of(head.get(name)) for name in ("expression", "title"))
    level = head.get("order")
    drawn = Graph(
        nodes=tuple(made.values()),
        edges=tuple(edges(structure)),
        outputs=tuple([structure.ids[id] for id in structure.outputs]),
        expression=expression,
        title=expression if title is None else title,
        order=0 if level is None else level.whole(most=100),
        events=tuple(records.events(structure)),
        part=None if part is None else Part(part.whole(), records.cut(structure), tuple(ends)),
        passes=records.passes(structure),
        flows=records.flows(structure),
        changed=records.changed(structure),
        groups=tuple(records.groups(structure)),
        derivatives=records.derivatives(structure),
        engine=text_of(head.get("engine")),
    )
    if drawn.derivatives is not None:
        drawn = drawn._replace(nodes=tuple(_called(drawn.nodes, drawn.derivatives.names)))
    found = records.troubles(structure) or troubles_of(drawn.nodes, drawn.edges)
    return drawn._replace(troubles=found)


def _called(nodes: Iterable[Node], names: Iterable[str]) -> Iterator[Node]:
    """Call the derivatives among nodes as they are called in pictures."""
    called = {with_orders(name): name for name in names}
    for node in nodes:
        if isinstance(node, VariableNode) and node.name in called:
            yield node._replace(name=called[node.name])
        else:
            yield node
