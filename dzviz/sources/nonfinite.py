"""Where the first infinity and the first NaN arose in what was computed, and in a recorded pass."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dzviz.engine import Function, Op, Recording, Variable, raw
from dzviz.graph.model import Edge, FunctionNode, Node, VariableNode
from dzviz.graph.nonfinite import KINDS, Trouble, is_finite, kinds_of, where
from dzviz.graph.ranges import Range


def first_nonfinite(functions: Iterable[Function], recording: Recording) -> tuple[Trouble, ...]:
    """Find the first ones; ``functions`` come in order of computation."""
    return (*_first(_forward(functions)), *_first(_backward(recording)))


def troubles_of(nodes: Sequence[Node], edges: Sequence[Edge]) -> tuple[Trouble, ...]:
    """Find the first ones in a graph of any engine, from what its nodes and edges hold."""
    variables = {node.id: node for node in nodes if isinstance(node, VariableNode)}
    inputs: dict[str, list[Edge]] = {}
    results: dict[str, list[VariableNode]] = {}
    for edge in edges:
        if edge.arg is None:
            results.setdefault(edge.source, []).append(variables[edge.target])
        else:
            inputs.setdefault(edge.target, []).append(edge)
    functions = [node for node in nodes if isinstance(node, FunctionNode)]

    def forward() -> Iterator[Trouble]:
        for function in functions:
            operands = [variables[edge.source] for edge in inputs.get(function.id, [])]
            known = [(x.id, x.data) for x in operands]
            for y in results.get(function.id, []):
                if is_finite(y.data) or isinstance(y.data, Range):
                    continue
                for kind in _arising(y.data, [x.data for x in operands]):
                    yield _trouble(function.id, None, kind, y.data, known, _operands(known))

    def backward() -> Iterator[Trouble]:
        known = [function.back is not None for function in functions]
        by_pass = sorted(functions, key=lambda function: function.back or 0)
        for function in by_pass if all(known) else reversed(functions):
            made = results.get(function.id, [])
            sent = [y.grad_was if y.grad is None else y.grad for y in made]
            if any(gy is None for gy in sent):
                continue
            for edge in inputs.get(function.id, []):
                gx = edge.contribution
                if gx is None or is_finite(gx) or isinstance(gx, Range):
                    continue
                operands = [variables[each.source].data for each in inputs[function.id]]
                x = variables[edge.source]
                for kind in _arising(gx, [*sent, *operands]):
                    yield _trouble(function.id, x.id, kind, gx, [(x.id, x.data)], ())

    return (*_first(forward()), *_first(backward()))


def _first(found: Iterable[Trouble]) -> Iterator[Trouble]:
    """Return the first trouble of each kind."""
    left = set(KINDS)
    for trouble in found:
        if trouble.kind in left:
            yield trouble
            left.discard(trouble.kind)
        if not left:
            return


def _arising(value: Any, sources: Iterable[Any]) -> list[str]:
    """Say what is not finite in a value and was in none of those that it was made of."""
    arising = kinds_of(value).difference(*map(kinds_of, sources))
    return [kind for kind in KINDS if kind in arising]


def _forward(functions: Iterable[Function]) -> Iterator[Trouble]:
    for function in functions:
        for reference in function.outputs:
            y = reference()
            if y is None or (type(y._data) is np.float64 and math.isfinite(y._data)):
                continue  # nearly always
            if is_finite(raw(y)):
                continue
            known = [(x, x.data) for x in function.inputs]
            for kind in _arising(raw(y), map(raw, function.inputs)):
                parts = _operands(known) or _elements(function, y)
                yield _trouble(function, None, kind, y.data, known, parts)


def _backward(recording: Recording) -> Iterator[Trouble]:
    for (function, argument), gx in recording.not_finite():
        if is_finite(gx):
            continue
        upstream = _upstream(function, recording.gradients)
        x = function.inputs[argument]
        for kind in _arising(gx, [*upstream, *map(raw, function.inputs)]):
            parts = _product(function, argument, upstream, gx)
            yield _trouble(function, argument, kind, gx, [(x, x.data)], parts)


def _upstream(function: Function, gradients: Mapping[Variable, Any]) -> list[Any]:
    outputs = [reference() for reference in function.outputs]
    return [gradients[y] for y in outputs if y is not None and y in gradients]


def _operands(known: Sequence[tuple[Any, Any]]) -> tuple[Any, ...]:
    """Return the operands of a result where each is one number."""
    alone = known and all(not np.ndim(data) and not isinstance(data, Range) for _, data in known)
    return tuple(data for _, data in known) if alone else ()


def _elements(function: Function, y: Variable) -> tuple[Any, ...]:
    """Return the operands of a result of which each element is made of one element of each."""
    if not (isinstance(function, Op) and function.rules):
        return ()
    from dzviz.sources.local_rules import local_derivative  # which few need

    ones = np.ones_like(raw(y))
    if function.label not in ("+", "-", "*", "/"):
        for i, x in enumerate(function.inputs):
            local = local_derivative(function, i, ones, ones) if x.shape == ones.shape else None
            if local is None or (
                np.all(np.isnan(local)) and ones.size > 1
            ):  # then it tells nothing
                return ()
    return tuple(x.data for x in function.inputs)


def _product(
    function: Function, argument: int, upstream: Sequence[Any], value: Any
) -> tuple[Any, ...]:
    """Return the gradient that came and the local derivative, where their product was sent on."""
    if len(upstream) != 1 or not (isinstance(function, Op) and function.rules):
        return ()
    from dzviz.sources.local_rules import local_derivative

    local = local_derivative(function, argument, upstream[0], value)
    if local is None:
        return ()
    with np.errstate(all="ignore"):
        made = upstream[0] * local
    return (upstream[0], local) if np.array_equal(made, value, equal_nan=True) else ()


def _trouble(
    function: Any,
    argument: Any,
    kind: str,
    value: Any,
    operands: Iterable[tuple[Any, Any]],
    parts: Sequence[Any],
) -> Trouble:
    value = np.asarray(value)
    bad = where(value, kind)
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    known = [(x, data) for x, data in operands if not isinstance(data, Range)]
    alike = [(x, data) for x, data in known if np.shape(data) == bad.shape]
    culprit, data = alike[0] if len(alike) == 1 else (None, None)
    return Trouble(
        function,
        argument,
        kind,
        int(np.count_nonzero(bad)),
        bad.size,
        index,
        None if data is None else float(data[index]),
        culprit,
        tuple(float(np.broadcast_to(part, bad.shape)[index]) for part in parts),
        float(value[index]),
    )
