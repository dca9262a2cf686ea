"""Where a NaN or an infinity first appeared in what was computed, or in a recorded pass."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from dzviz.engine import Function, Variable, raw
from dzviz.graph.model import Edge, FunctionNode, VariableNode
from dzviz.graph.nonfinite import Trouble, is_finite, kind_of
from dzviz.graph.ranges import Range
from dzviz.sources.recorder import Recording


def first_nonfinite(functions: Iterable[Function], recording: Recording) -> Trouble | None:
    """Find the first trouble; ``functions`` come in order of computation."""
    for function in functions:
        for reference in function.outputs:
            y = reference()
            if y is None or (type(y._data) is np.float64 and math.isfinite(y._data)):
                continue  # nearly always
            if not is_finite(raw(y)) and _all_finite(function.inputs):
                return _describe(function, None, y.data, function.inputs)
    for (function, argument), gx in recording.contributions.items():
        if (
            not is_finite(gx)
            and _all_finite(function.inputs)
            and all(is_finite(gy) for gy in _upstream(function, recording.gradients))
        ):
            return _describe(function, argument, gx, [function.inputs[argument]])
    return None


def trouble_of(
    nodes: Sequence[VariableNode | FunctionNode], edges: Sequence[Edge]
) -> Trouble | None:
    """Find the first trouble in a graph of any engine, from what its nodes and edges hold."""
    variables = {node.id: node for node in nodes if isinstance(node, VariableNode)}
    inputs: dict[str, list[Edge]] = {}
    results: dict[str, list[VariableNode]] = {}
    for edge in edges:
        if edge.arg is None:
            results.setdefault(edge.source, []).append(variables[edge.target])
        else:
            inputs.setdefault(edge.target, []).append(edge)
    healthy = {
        node.id: [variables[edge.source] for edge in inputs.get(node.id, [])]
        for node in nodes
        if isinstance(node, FunctionNode)
        and all(is_finite(variables[edge.source].data) for edge in inputs.get(node.id, []))
    }
    for function, operands in healthy.items():
        for y in results.get(function, []):
            if not is_finite(y.data) and not isinstance(y.data, Range):
                return _told(function, None, y.data, operands)
    for function in reversed(healthy):
        sent = [y.grad_was if y.grad is None else y.grad for y in results.get(function, [])]
        if not all(gy is not None and is_finite(gy) for gy in sent):
            continue
        for edge in inputs.get(function, []):
            if not (edge.contribution is None or is_finite(edge.contribution)):
                x = variables[edge.source]
                return _told(function, x.id, edge.contribution, [x])
    return None


def _told(
    function: str, argument: str | None, value: Any, operands: Sequence[VariableNode]
) -> Trouble:
    return _trouble(function, argument, value, [(x.id, x.data) for x in operands])


def _upstream(function: Function, gradients: Mapping[Variable, Any]) -> list[Any]:
    outputs = [reference() for reference in function.outputs]
    return [gradients[y] for y in outputs if y is not None and y in gradients]


def _all_finite(inputs: Iterable[Variable]) -> bool:
    return all(is_finite(raw(x)) for x in inputs)


def _describe(
    function: Function, argument: int | None, value: Any, inputs: Iterable[Variable]
) -> Trouble:
    return _trouble(function, argument, value, [(x, x.data) for x in inputs])


def _trouble(
    function: Any, argument: Any, value: Any, operands: Iterable[tuple[Any, Any]]
) -> Trouble:
    bad = ~np.isfinite(np.asarray(value))
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    known = [(x, data) for x, data in operands if not isinstance(data, Range)]
    alike = [(x, data) for x, data in known if np.shape(data) == bad.shape]
    culprit, data = alike[0] if len(alike) == 1 else (None, None)
    return Trouble(
        function,
        argument,
        kind_of(value),
        int(np.count_nonzero(bad)),
        bad.size,
        index,
        None if data is None else float(data[index]),
        culprit,
    )
