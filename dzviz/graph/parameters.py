"""Between which numbers the parameters of a folded module are, and their gradients."""

from __future__ import annotations

from collections.abc import Sequence

from dzviz.graph.model import VARIOUS, Parameters, VariableNode
from dzviz.graph.ranges import range_over


def of_variable(node: VariableNode) -> Parameters:
    """Describe one parameter like several."""
    return Parameters(
        tensors=1,
        data=node.data,
        grad=node.grad,
        grad_was=node.grad_was,
        missing=int(node.grad is None),
        note=node.grad_note,
        passes=node.passes,
    )


def together(parts: Sequence[Parameters]) -> Parameters | None:
    """Describe several like each of them; None if there are none."""
    if not parts:
        return None
    grads, were = (
        [value for part in parts if (value := getattr(part, name)) is not None]
        for name in ("grad", "grad_was")
    )
    relevant = [part for part in parts if part.missing] or parts
    notes = {part.note for part in relevant}
    passes = {part.passes for part in parts if part.grad is not None}
    return Parameters(
        tensors=sum(part.tensors for part in parts),
        data=range_over(part.data for part in parts),
        grad=range_over(grads) if grads else None,
        grad_was=range_over(were) if were else None,
        missing=sum(part.missing for part in parts),
        note=notes.pop() if len(notes) == 1 else None,
        passes=VARIOUS if len(passes) > 1 else passes.pop() if passes else None,
    )
