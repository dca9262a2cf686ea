"""Functions of PyTorch that are written in Python, with the ops that they are made of in sight.

Such a function first asks whether a mode wants to see it, and hands it over, instead of running
its ops. A copy that believes there is none runs the same lines.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

HOMES = ("torch.nn.functional", "torch.functional")
"""The modules of which functions are looked into."""

ASKED = ("has_torch_function", "has_torch_function_unary", "has_torch_function_variadic")


def opened(function: Any) -> Callable[..., Any] | None:
    """Return a copy of a function that tells a mode of its ops; None where it is no such one."""
    if not isinstance(function, FunctionType) or function.__module__ not in HOMES:
        return None
    asked = [name for name in ASKED if name in function.__code__.co_names]
    if not asked:
        return None
    copy = FunctionType(
        function.__code__,
        function.__globals__ | dict.fromkeys(asked, _no),
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def _no(*things: object) -> bool:
    return False
