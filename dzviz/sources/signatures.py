"""The parameters of a user's function, as Python tells them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dzviz.errors import UsageError

if TYPE_CHECKING:
    from dzviz.sources.backends import Backend


def parameters_of(
    target: str, function: Callable[..., Any], backend: Backend | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the parameters of a function that need a value, and those with one of their own.

    A ``backend`` may know better what tells them than its own callables do.

    Raises:
        UsageError: It does not tell them, or takes ``*args``.
    """
    signed = getattr(backend.code, "signed", None) if backend is not None else None
    function = signed(function) if signed else function
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise UsageError(f"the parameters of {target} are not known") from None
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    for parameter in parameters:
        if parameter.kind not in named:
            raise UsageError(
                f"{target} takes {parameter}, but each variable needs a named parameter",
            )
    required = tuple(p.name for p in parameters if p.default is p.empty)
    return required, tuple(p.name for p in parameters if p.default is not p.empty)


def first_names(function: Callable[..., Any], count: int) -> list[str]:
    """Return the names of the first parameters; where they are not told, ``x0``, ``x1``."""
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    try:
        parameters = inspect.signature(function).parameters.values()
        names = [p.name for p in parameters if p.kind in positional][:count]
    except (TypeError, ValueError):  # as of NumPy's ufuncs
        names = []
    if len(names) < count:
        names = [f"x{i}" for i in range(count)] if count > 1 else ["x"]
    return names


def name_of(function: Any) -> str:
    """Return what a function is called; one without a name is ``f``."""
    return str(getattr(function, "__name__", type(function).__name__)).replace("<lambda>", "f")
