"""Python's derivatives of all outputs by all variables, as arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dzviz.errors import UsageError
from dzviz.python.questions import run_of

if TYPE_CHECKING:
    from dzviz.pipeline import Run


def jacobian(f: Callable[..., Any], *xs: Any) -> dict[str, dict[str, Any]]:
    """Return the derivative of each output of ``f`` at ``xs`` by each parameter, by their names.

    Its shape is that of the output, then that of the parameter.

    Raises:
        UsageError: Another engine than dzviz's own computes the function.
        EvaluationError: The function raised an error.
    """
    return dict(_own(f, xs, "jacobian").jacobian())


def hessian(f: Callable[..., Any], *xs: Any) -> dict[str, dict[str, Any]]:
    """Return the second derivatives of ``f`` at ``xs`` by each two parameters, by their names.

    The result of ``f`` is a single number. The shape of a derivative is that of the first
    parameter, then that of the second.

    Raises:
        UsageError: There are several outputs, or another engine than dzviz's own computes them.
        EvaluationError: The function raised an error, or its result is no single number.
    """
    return dict(_own(f, xs, "hessian").hessian())


def _own(f: Callable[..., Any], xs: Any, what: str) -> Run:
    """Compute a function on Variables of our engine.

    Raises:
        UsageError: Another engine computes it.
    """
    run = run_of(f, xs)
    if run.evaluation.engine is not None:
        raise UsageError(f"{what} only works with dzviz's own engine")
    return run
