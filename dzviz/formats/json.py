"""JSON in networkx's node-link form, at full precision, one node or edge per line.

With ``look.full`` it holds all there is, and `dzviz.sources.json` makes the same graph of it. Its
schema is shipped beside it: `dzviz/formats/graph.schema.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from dzviz.errors import UsageError
from dzviz.graph.events import Event
from dzviz.graph.groups import restricted
from dzviz.graph.model import (
    Derivatives,
    FunctionNode,
    Graph,
    Group,
    Node,
    Parameters,
    Passes,
    Value,
    VariableNode,
)
from dzviz.graph.nonfinite import Trouble
from dzviz.graph.ranges import Range
from dzviz.graph.rounded import bound_of
from dzviz.options import Layout, Look
from dzviz.text.primes import with_orders
from dzviz.text.records import plain as finite

SCHEMA = "dzviz/graph/1"
FULL = "dzviz/graph/2"
"""The schema of what anyone reads, and of all there is."""

_dumps = json.JSONEncoder(allow_nan=False).encode
"""What `json.dumps` does, which makes an encoder for each call: a fifth of the time."""


def write(graph: Graph, look: Look, layout: Layout | None = None) -> Iterator[str]:
    """Write a graph as one JSON object.

    Raises:
        UsageError: All of it is asked for, and it is a part of a graph, or folded.
    """
    if look.full and (graph.folded is not None or graph.part is not None):
        what = "folded" if graph.folded is not None else "a part"
        raise UsageError(
            f"--full writes a whole graph, but this one is {what}",
            hint="use --fold, --focus, --from and --to when you draw it",
        )
    return _lines(graph, look)


def _lines(graph: Graph, look: Look) -> Iterator[str]:
    head: dict[str, Any] = {
        "expression": text(graph.expression),
        "order": graph.order,
        "outputs": list(graph.outputs),
    }
    if graph.engine is not None:
        head["engine"] = text(graph.engine)
    if graph.part is not None:
        head["part_of"] = graph.part.nodes
    if graph.folded is not None:
        head["repeats"] = [repeat._asdict() for repeat in graph.folded.repeats]
    if graph.passes or look.full:
        head["passes"] = [_passes(passes) for passes in graph.passes or (None,)]
    if graph.flows is not None:
        head["contributions"] = _passes(graph.flows)
    if graph.changed is not None:
        head["changed"] = [_changed(*each, look) for each in graph.changed.results]
        head["unknown"] = [_changed(*each, look) for each in graph.changed.unknown]
    if graph.groups:
        groups = graph.groups
        if graph.folded is not None:
            groups = restricted(groups, {node.id for node in graph.nodes})
        head["frames"] = [_frame(group) for group in groups]
    if look.full:
        head |= {"title": text(graph.title), "trouble": _trouble(graph.trouble)}
    if graph.troubles and graph.part is None:
        head["troubles"] = [_whole_trouble(each) for each in graph.troubles]
    if graph.derivatives is not None:
        head["derivatives"] = _derivatives(graph.derivatives, look)
    schema = FULL if look.full or graph.groups else SCHEMA
    yield f'{{"schema": "{schema}", "directed": true, "multigraph": true,\n'
    yield f' "graph": {_dumps(head)},\n'
    yield from array("nodes", (_node(node, graph, look) for node in graph.nodes))
    yield ",\n"
    yield from array("edges", (_edge(edge, graph, look) for edge in graph.edges))
    if look.full and graph.events:
        yield ",\n"
        yield from array("events", (event(each, look) for each in graph.events))
    yield "}\n"


def event(event: Event, look: Look) -> dict[str, Any]:
    """Return what an event says."""
    return {
        "turn": event.turn,
        "event": event.kind,
        "function": event.function,
        "variable": event.variable,
        "arg": event.arg,
        "value": plain(event.value, look),
        "upstream": plain(event.upstream, look),
        "local": plain(event.local, look),
        "formula": text(event.formula),
        "queue": list(event.queue),
        "waiting": event.waiting,
    }


def plain(value: Value | None, look: Look) -> Any:
    """Turn a number or an array into what JSON can say.

    NaN and the infinities become strings; an array with more than ``max_elements`` elements
    becomes its shape, and min, max and mean of its finite elements; with ``full`` it is written.
    """
    if value is None:
        return None
    if isinstance(value, Range) and value.times == 1:
        return _known(value)
    if look.full:
        return _exact(value, "float64")
    if isinstance(value, Range):
        return {
            "times": value.times,
            "min": plain(value.low, look),
            "max": plain(value.high, look),
            "last": plain(value.last, look),
        }
    if isinstance(value, np.ndarray) and value.ndim and value.size > look.max_elements:
        sound = value[np.isfinite(value)]
        if not sound.size:
            return {"shape": list(value.shape), "min": None, "max": None, "mean": None}
        with np.errstate(all="ignore"):
            extremes = {"min": sound.min(), "max": sound.max(), "mean": sound.mean()}
        return {
            "shape": list(value.shape),
            **{word: finite(number.item()) for word, number in extremes.items()},
        }
    return finite(value.tolist())


def _known(value: Range) -> dict[str, Any] | None:
    """Write what is known of a value that is not there; a document said no more of it."""
    if value.low is None and not value.shape and not value.kind:
        return None
    return _ends(value)


def _ends(value: Range) -> dict[str, Any]:
    counts = {name: getattr(value, name) for name in ("nans", "infs", "minus_infs")}
    ends = {"min": value.low, "max": value.high}
    return {
        "shape": list(value.shape),
        **{name: None if end is None else finite(end.item()) for name, end in ends.items()},
        "mean": None,
        **{name: count for name, count in counts.items() if count},
        **({"sample": finite([x.item() for x in value.sample])} if value.sample else {}),
        **({} if value.norm is None else {"norm": finite(float(value.norm))}),
    }


def _exact(value: Value, dtype: str) -> Any:
    """Write a value as it is, with what its numbers alone do not say."""
    if isinstance(value, Range):
        return _known(value)
    array = np.asarray(value)
    numbers = finite(array.tolist())
    facts: dict[str, Any] = {}
    if str(array.dtype) not in (dtype, "bool"):
        facts["dtype"] = str(array.dtype)
    if not array.size and array.ndim > 1:
        facts["shape"] = list(array.shape)
    if (bound := bound_of(value)) is not None:
        facts["bound"] = finite(bound.tolist())
    return {"values": numbers, **facts} if facts else numbers


def _changed(id: str, name: str, look: Look) -> Any:
    return {"id": id, "name": text(name)} if look.full else id


def _trouble(trouble: Trouble | None) -> dict[str, Any] | None:
    if trouble is None:
        return None
    facts = trouble._asdict() | {"at": finite(trouble.at)}
    return {name: fact for name, fact in facts.items() if name not in ("parts", "value")}


def _whole_trouble(trouble: Trouble) -> dict[str, Any]:
    made = {"parts": finite(list(trouble.parts)), "value": finite(trouble.value)}
    return (_trouble(trouble) or {}) | made


def _derivatives(derivatives: Derivatives, look: Look) -> dict[str, Any]:
    values = [plain(value, look) for value in derivatives.values]
    names = [text(name) for name in derivatives.names]
    return {"names": names, "values": values, "by": text(derivatives.by)}


def _node(node: Node, graph: Graph, look: Look) -> dict[str, Any]:
    fields = _facts(node, look)
    if graph.part is not None and node.id in graph.part.cut:
        fields["cut"] = graph.part.cut[node.id]
    if graph.folded is not None and node.id in graph.folded.members:
        fields["ids"] = [member.id for member in graph.folded.members[node.id]]
    if isinstance(node, VariableNode) and node.passes is not None:
        fields["passes"] = _passes(node.passes)
    if isinstance(node, VariableNode) and node.grad_note is not None:
        fields["grad_note"] = text(node.grad_note)
    return fields


def _frame(group: Group) -> dict[str, Any]:
    facts = group._asdict() | {"name": text(group.name)}
    return {k: v for k, v in facts.items() if v or k not in ("operands", "parameters")}


def _passes(passes: Passes | None) -> dict[str, Any] | None:
    if passes is None:
        return None
    return passes._asdict() | {
        "of": [text(each) for each in passes.of],
        "seed": finite(passes.seed),
    }


def _facts(node: Node, look: Look) -> dict[str, Any]:
    if isinstance(node, FunctionNode):
        return {
            "id": node.id,
            "kind": "function",
            "op": text(node.op),
            "label": text(node.label),
            "generation": node.generation,
            "order": node.order,
            "span": node.span,
            "source": node.source and [text(node.source[0]), node.source[1]],
            "origin": text(node.origin),
            **({"detail": text(node.detail)} if node.detail else {}),
            **({"back": node.back} if node.back is not None else {}),
            **({"parameters": _parameters(node.parameters)} if node.parameters else {}),
        }
    return {
        "id": node.id,
        "kind": "variable",
        "name": text(node.name),
        "role": node.role,
        "shape": list(node.shape),
        "dtype": node.dtype,
        "data": _exact(node.data, node.dtype) if look.full else plain(node.data, look),
        "grad": plain(node.grad, look),
        "grad_state": node.grad_state,
        "grad_was": plain(node.grad_was, look),
        "seed": plain(node.seed, look),
        "generation": node.generation,
        "order": node.order,
        **(_memory(node) if look.full else {}),
    }


def _parameters(parameters: Parameters) -> dict[str, Any]:
    """Write what the parameters of a folded module are together."""
    ranges = {name: getattr(parameters, name) for name in ("data", "grad", "grad_was")}
    return parameters._asdict() | {
        **{name: None if value is None else _ends(value) for name, value in ranges.items()},
        "note": text(parameters.note),
        "passes": _passes(parameters.passes),
    }


def _memory(node: VariableNode) -> dict[str, Any]:
    """Return where its values are in memory, and what it is called without a name."""
    facts = {
        "array": node.array,
        "grad_array": node.grad_array,
        "grad_variable": node.grad_variable,
        "letter": None if node.letter == "v" else node.letter,
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def _edge(edge: Any, graph: Graph, look: Look) -> dict[str, Any]:
    ends = {"source": edge.source, "target": edge.target, "key": edge.key}
    bundle = graph.folded.bundles.get(edge[:3]) if graph.folded is not None else None
    if bundle is not None:
        ends.update(edges=len(bundle.edges), lag=bundle.lag)
    if edge.arg is None:
        return ends
    return {**ends, "arg": edge.arg, "contribution": plain(edge.contribution, look)}


def array(name: str, items: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Write a member that is an array, an item a line."""
    separator = f' "{name}": [\n  '
    empty = True
    for item in items:
        yield separator + _dumps(item)
        separator = ",\n  "
        empty = False
    yield f' "{name}": []' if empty else "]"


def text(text: str | None) -> str | None:
    """Keep a text, but for lone surrogates, which no other program could read, and raised brackets.

    The fourth derivative is ``y(4)`` to a program.
    """
    return with_orders(text).encode("utf-8", "replace").decode() if text else text
