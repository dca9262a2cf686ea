"""Remarks about a graph with its values, of whatever source."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dzviz.diagnosis.engines import words_of
from dzviz.diagnosis.families import family_of
from dzviz.diagnosis.flows import Flows
from dzviz.diagnosis.words import noun, what, where
from dzviz.graph.model import FunctionNode, Graph, VariableNode
from dzviz.graph.ranges import Range
from dzviz.lint.remarks import Remark


def remarks(graph: Graph) -> Iterator[Remark]:
    """Make the remarks about a graph."""
    flows = Flows(graph)
    for node in graph.nodes:
        if isinstance(node, VariableNode):
            if node.role == "input" and node.dtype.startswith(("int", "uint")):
                yield _integer(flows, node)
            continue
        operands = [flows.variables[e.source] for e in flows.operands.get(node.id, ())]
        if len(operands) == 2 and family_of(node) in ("sum", "product", "quotient"):
            yield from _broadcast(flows, node, operands)
            if node.label.split()[:1] == ["-"]:
                yield from _difference(flows, node, operands)


def _integer(flows: Flows, node: VariableNode) -> Remark:
    name = noun(flows, node)
    whole = words_of(flows.graph.engine).whole.format(name=name)
    return Remark(
        "integer",
        f"{name} holds whole numbers ({node.dtype}), which have no derivative",
        hint=whole.replace("make it a float", "make it a float if you want its gradient"),
    )


def _broadcast(flows: Flows, node: FunctionNode, operands: list[VariableNode]) -> Iterator[Remark]:
    a, b = operands
    for column, row in ((a, b), (b, a)):
        n = column.shape[0] if column.shape else 0
        if column.shape == (n, 1) and row.shape == (n,) and n > 1:
            yield Remark(
                "broadcast",
                f"{what(flows, node)} makes ({n}, {n}) of {noun(flows, column)} {column.shape} "
                f"and {noun(flows, row)} {row.shape}, and the backward pass sums over it",
                node.span,
                hint="if you want them element by element, use [:, 0] of the column",
                place=where(flows, node).strip(" ()"),
            )


def _difference(flows: Flows, node: FunctionNode, operands: list[VariableNode]) -> Iterator[Remark]:
    if any(isinstance(x.data, Range) for x in operands):
        return
    if not any(x.id in flows.maker for x in operands):  # what is given is taken as exact
        return
    try:
        a, b = np.broadcast_arrays(*(np.asarray(x.data, float) for x in operands))
    except ValueError:
        return
    size = np.maximum(np.abs(a), np.abs(b))
    dtypes = [np.asarray(x.data).dtype for x in operands if np.asarray(x.data).dtype.kind == "f"]
    eps = max((float(np.finfo(dtype).eps) for dtype in dtypes), default=0.0)
    near = (np.abs(a - b) < eps**0.5 * size) & (a != b) & np.isfinite(size)
    if near.any():
        left = float(np.min(np.abs(a - b)[near] / size[near]))
        digits = max(0, round(np.log10(left / eps)))
        yield Remark(
            "difference",
            f"{what(flows, node)} is a difference of nearly equal numbers: about {digits} digits "
            "are left",
            node.span,
            hint="rewrite it so that the difference is taken earlier, as expm1 and log1p do",
            place=where(flows, node).strip(" ()"),
        )
