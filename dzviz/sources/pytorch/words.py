"""The names of PyTorch's calls in a picture, and which of them are not ops."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import torch

QUIET = frozenset(
    {
        *("backward", "retain_grad", "requires_grad_", "register_hook", "grad", "is_leaf"),
        *("register_post_accumulate_grad_hook", "share_memory_", "pin_memory", "set_"),
        *("__set__", "__setattr__", "__repr__", "__format__", "__len__", "__bool__", "__float__"),
    }
)
"""Calls that compute nothing of a forward pass."""

OVERWRITING = frozenset(
    {"zero_", "fill_", "normal_", "uniform_", "bernoulli_", "random_", "exponential_"}
)
"""Calls after which nothing is left of the tensor that they are given."""

PROPERTIES = frozenset({"T", "mT", "H", "mH", "real", "imag", "data"})
"""Attributes that make a tensor of another one; they arrive as ``__get__``."""

SYMBOLS: Mapping[str, str] = {
    **dict.fromkeys(("add", "__add__", "__radd__", "add_", "__iadd__"), "+"),
    **dict.fromkeys(("sub", "__sub__", "sub_", "__isub__", "subtract"), "-"),
    **dict.fromkeys(("mul", "__mul__", "__rmul__", "mul_", "__imul__", "multiply"), "*"),
    **dict.fromkeys(("div", "__truediv__", "div_", "__itruediv__", "true_divide"), "/"),
    **dict.fromkeys(("matmul", "__matmul__", "__rmatmul__", "mm", "bmm", "mv"), "@"),
    **dict.fromkeys(("pow", "__pow__", "pow_", "__ipow__"), "**"),
    **dict.fromkeys(("neg", "__neg__", "negative", "neg_"), "-"),
    **dict.fromkeys(("eq", "__eq__"), "=="),
    **dict.fromkeys(("ne", "__ne__"), "!="),
    **dict.fromkeys(("lt", "__lt__"), "<"),
    **dict.fromkeys(("le", "__le__"), "<="),
    **dict.fromkeys(("gt", "__gt__"), ">"),
    **dict.fromkeys(("ge", "__ge__"), ">="),
}
"""Operators by their names, as the user writes them."""

REVERSED: Mapping[str, str] = {
    **dict.fromkeys(("__rsub__", "rsub"), "-"),
    **dict.fromkeys(("__rtruediv__", "__rdiv__"), "/"),
    "__rpow__": "**",
}
"""Operators whose first operand is a number on the left."""

LONGEST = 28
"""The largest number of characters in a label with its arguments."""


def op_of(function: Callable[..., Any]) -> str | None:
    """Return what a function that a mode has seen is called; None where it is no op."""
    name = str(getattr(function, "__name__", type(function).__name__))
    if name == "__get__":
        name = str(getattr(getattr(function, "__self__", None), "__name__", ""))
        return name if name in PROPERTIES else None
    return None if name in QUIET else name


def writes(op: str) -> bool:
    """Whether an op writes into its first operand, by its name."""
    return re.fullmatch(r"[a-z]\w*_|__i[a-z]+__|__setitem__", op) is not None


def label_of(
    function: Callable[..., Any], op: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> str:
    """Write a call in short: its operator or its name, with the arguments that are no tensors."""
    numbers = [a for a in args if isinstance(a, int | float) and not isinstance(a, bool)]
    scaled = [f"{name}={_short(kwargs[name])}" for name in ("alpha",) if name in kwargs]
    if op in REVERSED:
        return f"{_short(numbers[0])} {REVERSED[op]}" if numbers else REVERSED[op]
    if op in SYMBOLS:
        inplace = "=" if writes(op) else ""
        return " ".join([SYMBOLS[op] + inplace, *map(_short, numbers[:1]), *scaled])
    if op == "__getitem__":
        return f"[{_key(args[1])}]" if len(args) > 1 else "[]"
    if op == "__setitem__":
        value = args[2] if len(args) > 2 else None
        shown = "" if isinstance(value, torch.Tensor) else f" {_short(value)}"
        return f"[{_key(args[1])}] ={shown}" if len(args) > 1 else "[] ="
    usual = _defaults(function)
    words = [_short(a) for a in args[1:] if _is_plain(a)]
    words += [
        f"{name}={_short(value)}"
        for name, value in kwargs.items()
        if _is_plain(value) and not (name in usual and _same(usual[name], value))
    ]
    if not all(_is_plain(a) or isinstance(a, torch.Tensor) for a in args[1:]):
        words = []  # a list of settings in which places mean something
    whole = " ".join([op, *words])
    return whole if len(whole) <= LONGEST and len(words) <= 3 else op


def node_word(node: Any) -> str:
    """Name a node of autograd as the op that made it: ``SumBackward0`` is ``Sum``."""
    return re.sub(r"Backward\d*$", "", str(node.name()).rpartition("::")[2]) or str(node.name())


@lru_cache(maxsize=512)
def _defaults(function: Callable[..., Any]) -> Mapping[str, Any]:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}
    return {name: p.default for name, p in parameters.items() if p.default is not p.empty}


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return len(value) <= 4 and all(isinstance(each, int | float) for each in value)
    return isinstance(value, int | float | str)


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_short, value))})"
    return str(value) if isinstance(value, int | str) else type(value).__name__


def _key(key: Any) -> str:
    parts = key if isinstance(key, tuple) else (key,)
    return ", ".join(map(_index, parts))


def _index(part: Any) -> str:
    if isinstance(part, slice):
        ends = ["" if end is None else _index(end) for end in (part.start, part.stop)]
        return ":".join(ends) + (f":{part.step}" if part.step is not None else "")
    if part is Ellipsis:
        return "..."
    if isinstance(part, torch.Tensor):
        return str(part.item()) if not part.ndim and not _hidden(part) else "index"
    return "None" if part is None else _short(part)


def _hidden(tensor: torch.Tensor) -> bool:
    return tensor.is_meta or torch._C._functorch.is_functorch_wrapped_tensor(tensor)
