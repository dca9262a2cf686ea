"""A graph as nodes and edges with flat attributes: a text, a number or a truth value each.

Programs that draw and measure networks read no lists. An array is its smallest and largest number
and its mean, and a text with all of its numbers where it is small. What is not known is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from json import JSONEncoder
from typing import Any

from dzviz.formats.json import plain
from dzviz.graph.model import Edge, FunctionNode, Graph, Value, VariableNode
from dzviz.options import Look
from dzviz.records import NamedTuple
from dzviz.text.labels import reference
from dzviz.text.phrases import clean
from dzviz.text.primes import with_orders

NUMBERS = ("", "_min", "_max", "_mean")
"""What there is of a value: the number, or of an array these of its finite elements."""

_VALUES = {
    f"{name}{part}": "double" for name in ("data", "grad", "grad_was", "seed") for part in NUMBERS
}

NODE: Mapping[str, str] = {
    "kind": "string",
    "name": "string",
    "op": "string",
    "role": "string",
    "shape": "string",
    "dtype": "string",
    **_VALUES,
    **{f"parameters{part}": "double" for part in ("_min", "_max")},
    "data_text": "string",
    "grad_text": "string",
    "grad_state": "string",
    "generation": "int",
    "order": "int",
    "times": "int",
    "source": "string",
    "origin": "string",
}
"""The attributes of nodes, and their types."""

EDGE: Mapping[str, str] = {
    "arg": "int",
    **{f"share{part}": "double" for part in NUMBERS},
    "share_text": "string",
}
"""The attributes of edges; ``share`` is what of the gradient flowed back."""

_dumps = JSONEncoder(allow_nan=False).encode


class Item(NamedTuple):
    """A node or an edge: its id, what to call it, and what is known of its attributes."""

    id: str
    label: str
    attributes: dict[str, Any]


def nodes_of(graph: Graph, look: Look) -> Iterator[Item]:
    """Yield the nodes of a graph."""
    members = graph.folded.members if graph.folded is not None else {}
    for node in graph.nodes:
        if isinstance(node, FunctionNode):
            facts, label = _function(node, look), clean(node.label)
        else:
            facts, label = _variable(node, look), reference(node)
        if node.id in members:
            facts["times"] = len(members[node.id])
        yield Item(node.id, label, {k: v for k, v in facts.items() if v is not None})


def edges_of(graph: Graph, look: Look) -> Iterator[tuple[Edge, Item]]:
    """Yield the edges of a graph, and what is known of each."""
    for number, edge in enumerate(graph.edges):
        facts = {"arg": edge.arg, **_numbers("share", edge.contribution, look, text=True)}
        known = {name: fact for name, fact in facts.items() if fact is not None}
        yield edge, Item(f"e{number}", "", known)


def written(value: Any) -> str:
    """Write a value as both formats have it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def escaped(text: str) -> str:
    """Quote a text for XML, which knows no control characters: they become U+FFFD."""
    return _UNKNOWN.sub("\ufffd", text).translate(_QUOTES)


_UNKNOWN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_QUOTES = {
    ord(sign): code
    for sign, code in {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
    }.items()
}


def _function(node: FunctionNode, look: Look) -> dict[str, Any]:
    together = node.parameters
    known = {} if together is None else {"parameters": together.data, "grad": together.grad}
    return {
        **{key: fact for name in known for key, fact in _numbers(name, known[name], look).items()},
        "kind": "function",
        "op": node.op,
        "generation": node.generation,
        "order": node.order,
        "source": node.source and f"{node.source[0]}:{node.source[1]}",
        "origin": node.origin,
    }


def _variable(node: VariableNode, look: Look) -> dict[str, Any]:
    return {
        "kind": "variable",
        "name": node.name and with_orders(node.name),
        "role": node.role,
        "shape": "x".join(map(str, node.shape)),
        "dtype": node.dtype,
        **_numbers("data", node.data, look, text=True),
        **_numbers("grad", node.grad, look, text=True),
        "grad_state": node.grad_state,
        **_numbers("grad_was", node.grad_was, look),
        **_numbers("seed", node.seed, look),
        "generation": node.generation,
        "order": node.order,
    }


def _numbers(name: str, value: Value | None, look: Look, *, text: bool = False) -> dict[str, Any]:
    """Return what JSON says about a value, each number under a name of its own."""
    full = plain(value, look)
    found = plain(value, replace(look, max_elements=0)) if isinstance(full, list) else full
    if isinstance(found, dict):
        facts = {f"{name}_{part}": found.get(part) for part in ("min", "max", "mean")}
    elif isinstance(found, list):  # of an empty array
        facts = {}
    else:
        facts = {name: found}
    facts = {key: float(n) if isinstance(n, bool) else n for key, n in facts.items()}
    return {**facts, f"{name}_text": _dumps(full) if text and isinstance(full, list) else None}
