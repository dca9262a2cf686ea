"""What a recording asks of a tensor beside its value: its edge, its version, what it views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.autograd.graph import get_gradient_edge

from dzviz.sources.pytorch.notes import Edge
from dzviz.sources.pytorch.values import is_wrapped


def edge_of(t: torch.Tensor) -> Edge | None:
    """Return where the gradient of a tensor flows to; None where there is none."""
    if not t.requires_grad:
        return None
    try:
        with torch._C.DisableTorchFunctionSubclass():  # a subclass makes an alias of each result
            node, number = get_gradient_edge(t)[:2]
    except (AssertionError, RuntimeError):  # a view of a leaf that was made under no_grad
        return None
    return node, number


def version_of(t: torch.Tensor) -> int:
    """Return how often a tensor was changed in place; inference tensors do not count."""
    return -1 if t.is_inference() else t._version


def base_of(t: torch.Tensor) -> torch.Tensor | None:
    """Return the tensor that this one is a view of."""
    return t._base if t._is_view() else None


def is_kept_leaf(t: torch.Tensor) -> bool:
    """Whether it is a leaf that wants gradients: what changes one makes no other of it."""
    return t.is_leaf and t.requires_grad


def is_in(t: torch.Tensor, others: Sequence[torch.Tensor]) -> bool:
    """Whether it is one of others; tensors compare element by element."""
    return any(t is other for other in others)


def unique(things: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Leave out what comes again."""
    return list({id(t): t for t in things}.values())


def is_lazy(t: torch.Tensor) -> bool:
    """Whether it has no shape yet, and must not be asked for anything."""
    return isinstance(t, torch.nn.parameter.UninitializedTensorMixin)


def is_data_set(function: Any) -> bool:
    """Whether a function that a mode has seen gives a tensor other data: ``t.data = ...``."""
    return getattr(function, "__self__", None) is torch.Tensor.data and (
        function.__name__ == "__set__"
    )


def hidden(given: Sequence[torch.Tensor]) -> str | None:
    """Say why a look at tensors would change what runs; None where it would not."""
    if torch._C._get_tracing_state() is not None:
        return "trace"
    if torch._C._functorch.peek_interpreter_stack() is not None or any(map(is_wrapped, given)):
        return "vmap"
    return None
