"""Whose rule made what a call sent back, and whether it was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from torch.autograd.function import BackwardCFunction

from dzviz.sources.pytorch.notes import Call, Seen
from dzviz.sources.pytorch.values import is_alike

TRANSPARENT = ("BackwardHookFunctionBackward", "CheckpointFunctionBackward")
"""PyTorch's own nodes with rules in Python, which send the derivative."""


def is_own(call: Call) -> bool:
    """Whether a rule of the user, or a hook on a module, made what a call sent."""
    for node in call.inner.values():
        if isinstance(node, BackwardCFunction) and node.name() not in TRANSPARENT:
            return True
    if call.op != "BackwardHookFunction":
        return False
    totals = [seen.total for r in call.results if (seen := r()) is not None]
    return len(totals) == len(call.sent) and not all(map(is_alike, call.sent, totals))


def is_unasked(leaf: Seen, uses: Sequence[Call]) -> bool:
    """Whether a pass that came by all uses of a leaf left its gradient out.

    A rule of PyTorch's own gives one to each operand that wants it, if the pass does.
    """
    if leaf.total is not None or not uses:
        return False
    for call in uses:
        came = call.at is not None and any(
            (seen := r()) is not None and seen.reached is call.at for r in call.results
        )
        sent = [g for x, g in zip(call.operands, call.sent, strict=False) if x is leaf]
        if not came or is_own(call) or any(g is not None for g in sent):
            return False
    return True
