"""What is wrong in a graph, found in its nodes and edges: where the first NaN or infinity arose."""

from __future__ import annotations

from typing import Any

import numpy as np

from dzviz.graph.model import Edge, Graph
from dzviz.graph.nonfinite import Trouble, is_finite, kind_of
from dzviz.graph.ranges import Range


def first_trouble(graph: Graph) -> Trouble | None:
    """Find the Function that made the first NaN or infinity of a graph out of finite numbers."""
    nodes = {node.id: node for node in graph.nodes}
    operands: dict[str, list[Edge]] = {}
    results: dict[str, list[Any]] = {}
    for edge in graph.edges:
        if edge.arg is None:
            results.setdefault(edge.source, []).append(nodes[edge.target])
        else:
            operands.setdefault(edge.target, []).append(edge)
    functions = [node for node in graph.nodes if node.id in results]
    sound = [f for f in functions if all(_known(nodes[e.source]) for e in operands.get(f.id, ()))]
    for function in sound:
        xs = [nodes[edge.source] for edge in operands.get(function.id, ())]
        for y in results[function.id]:
            if not is_finite(y.data):
                return _describe(function.id, None, y.data, xs)
    for function in sorted(sound, key=lambda f: -f.generation):
        upstream = [_gradient(y) for y in results[function.id]]
        if all(gy is None or is_finite(gy) for gy in upstream):
            for edge in operands.get(function.id, ()):
                if edge.contribution is not None and not is_finite(edge.contribution):
                    x = nodes[edge.source]
                    return _describe(function.id, x.id, edge.contribution, [x])
    return None


def _known(node: Any) -> bool:
    """Whether all numbers of a Variable are known to be finite."""
    return is_finite(node.data)


def _gradient(node: Any) -> Any:
    return next((g for g in (node.grad, node.grad_was, node.seed) if g is not None), None)


def _describe(function: str, argument: str | None, value: Any, xs: list[Any]) -> Trouble | None:
    if isinstance(value, Range):
        return None  # nobody knows where in it
    bad = ~np.isfinite(np.asarray(value))
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    alike = [x for x in xs if x.shape == bad.shape]
    x = alike[0] if len(alike) == 1 else None
    at = None if x is None or isinstance(x.data, Range) else float(np.asarray(x.data)[index])
    return Trouble(
        function=function,
        argument=argument,
        kind=kind_of(value),
        bad=int(np.count_nonzero(bad)),
        size=bad.size,
        place=index,
        at=at,
        of=None if x is None or at is None else x.id,
    )
