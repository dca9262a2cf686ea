"""NumPy's functions on Variables: those with an op go to it, the rest are refused by name.

Nothing here computes; it only decides where a call goes, so that no graph is lost silently.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, NoReturn

import numpy as np

from . import functions as _functions  # enters the ops  # noqa: F401
from .core import Variable
from .ops import OPS, name_of
from .watching import tell_detached

NUMPY_RULES: Final[dict[Any, Callable[..., Any]]] = {
    counterpart: op.function for op in OPS.values() for counterpart in op.numpy
}
"""NumPy's functions and ufuncs that build the graph, each with the op that serves it."""

CONSTANT_RESULTS: Final = frozenset(
    [
        *(np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal),
        *(np.logical_and, np.logical_or, np.logical_xor, np.logical_not),
        *(np.isfinite, np.isinf, np.isnan, np.signbit),
        *(np.floor, np.ceil, np.trunc, np.rint, np.round, np.fix),
        *(np.zeros_like, np.ones_like, np.empty_like),
        *(np.argmax, np.argmin, np.argsort, np.nonzero, np.count_nonzero, np.searchsorted),
        *(np.any, np.all, np.allclose, np.isclose, np.array_equal, np.array_equiv),
        *(np.shape, np.ndim, np.size, np.result_type, np.iscomplexobj, np.isrealobj),
        *(np.array2string, np.array_repr, np.array_str, np.shares_memory, np.may_share_memory),
    ]
)
"""NumPy's functions whose result has no derivative, or zero almost everywhere: plain arrays."""


def call_ufunc(
    ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], options: Mapping[str, Any]
) -> Any:
    """Serve a ufunc (``np.sin(x)``, ``array * x``) of which an input is a Variable.

    Raises:
        TypeError: There is no op for it, or it would lose the graph.
    """
    if options.get("out") is not None:
        _refuse(name_of(ufunc), INTO_ARRAY)
    if method != "__call__":
        _refuse(f"{name_of(ufunc)}.{method}")
    return call_function(ufunc, inputs, options)


def call_function(
    function: Callable[..., Any], inputs: tuple[Any, ...], options: Mapping[str, Any]
) -> Any:
    """Serve any function of NumPy's of which an argument is a Variable.

    Raises:
        TypeError: There is no op for it, or not with these arguments.
    """
    if function in CONSTANT_RESULTS:
        tell_detached(_variables((*inputs, *options.values())), name_of(function))
        return function(*map(_plain, inputs), **{k: _plain(v) for k, v in options.items()})
    rule = NUMPY_RULES.get(function)
    if rule is None:
        _refuse(name_of(function))
    if options.get("out") is not None:
        _refuse(name_of(function), INTO_ARRAY)
    if not isinstance(function, np.ufunc):
        inputs, options = _bound(function, inputs, options)
    try:
        return rule(*inputs, **options)
    except TypeError as error:
        if f"{rule.__name__}()" in str(error):
            _refuse(name_of(function), f"its op says: {error}")
        raise


OTHER_NAMES: Final = {
    "a_min": "low",
    "a_max": "high",
    "min": "low",
    "max": "high",
    "newshape": "shape",
}
"""NumPy's names of parameters that are others in our ops."""

UNSUPPORTED: Final = ("dtype", "order", "where", "initial", "ddof", "casting", "copy", "out")
"""NumPy's parameters that no op has."""


@cache
def _signature(function: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):  # written in C, without a signature
        return None


def _bound(
    function: Any, inputs: tuple[Any, ...], options: Mapping[str, Any]
) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    """Bind arguments as NumPy names them, since their order is another there."""
    if len(inputs) + len(options) < 2:
        return inputs, options
    signature = _signature(function)
    try:
        parameters = signature.bind(*inputs, **options).arguments if signature else {}
    except TypeError:  # they do not fit, as the op will say
        parameters = {}
    if len(parameters) < 2:  # as of np.einsum(*operands)
        return inputs, options
    for parameter in UNSUPPORTED:
        if parameter in parameters:
            _refuse(name_of(function), f"its op has no {parameter}")
    (_, first), *rest = parameters.items()
    if any(isinstance(value, tuple) and parameter == "args" for parameter, value in rest):
        return inputs, options
    if function in (np.where, np.dot):
        return inputs, options
    return (first,), {OTHER_NAMES.get(key, key): value for key, value in rest}


def _variables(xs: Any) -> list[Variable]:
    """Return the Variables among arguments, also of a list or tuple."""
    parts = [_variables(x) if type(x) in (list, tuple) else [x] for x in xs]
    return [x for part in parts for x in part if isinstance(x, Variable)]


def _plain(x: Any) -> Any:
    if isinstance(x, Variable):
        return x.data
    return type(x)(map(_plain, x)) if type(x) in (list, tuple) else x


INTO_ARRAY: Final = "it would write a Variable into an ndarray; note that x.grad is a Variable, too"


def _refuse(name: str, why: str = "there is no derivative rule for it") -> NoReturn:
    raise TypeError(
        f"{name} does not work on Variables: {why}; x.data and x.grad.data are the values without "
        "their graph"
    )
