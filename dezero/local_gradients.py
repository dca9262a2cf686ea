"""One step of a backward pass: the gradients that a Function's own rules give to its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .core import Constant, Function, Ones, Variable, as_array, own, raw, wrap
from .detached import check_attached
from .functions.shaping import astype, identity, sum_to
from .guards import locked
from .shapes import sum_array_to

ndarray = np.ndarray
float64 = np.float64


def first_gradient(y: Variable, gy: Variable | None, create_graph: bool) -> Any:
    """Return the gradient that a pass starts with from ``y``: ``gy``, or ones."""
    if gy is not None:
        return gy if create_graph else raw(gy)
    value = raw(y)
    ones: Any = float64(1)  # takes a tenth of the time
    if type(value) is not float64:
        ones = np.ones_like(value)[()]
    return wrap(ones, Constant) if create_graph else ones


def ones_of(gy: Variable) -> Variable:
    """Return a constant gradient as `Ones` where it is."""
    value = raw(gy)
    ones = value == 1
    return wrap(value, Ones) if (ones.all() if ones.ndim else ones) else gy


def apply_rules(function: Any, y: Any, gy: Any, create_graph: bool) -> Sequence[Any]:
    """Apply the rules of a built-in op to raw arrays, or to Variables under ``create_graph``."""
    inputs = function.inputs
    xs = inputs
    if not create_graph:
        y = raw(y)
        xs = [raw(x) for x in inputs]
    gxs = []
    for rule, x in zip(function.vjps, inputs):  # noqa: B905  # an operand may be left out
        gxs.append(None if rule is None or x.constant else rule(function, gy, y, *xs))
    return gxs


def apply_backward(function: Function, gys: list[Any], create_graph: bool) -> Sequence[Any]:
    """Call ``backward`` as its author expects it: with Variables."""
    name = type(function).__name__
    for i, gy in enumerate(gys):
        if gy is None:
            shape, dtype = function.output_types[i]
            gys[i] = np.zeros(shape, dtype)
    # Copies, since a rule may write into what it is given, and into what it gave, when it is asked
    # again.
    variables = [gy if isinstance(gy, Variable) else Variable(np.array(gy)) for gy in gys]
    with locked(function, variables if create_graph else ()):
        gxs = function.backward(*variables)
    if not isinstance(gxs, tuple):
        gxs = (gxs,)
    if len(gxs) != len(function.inputs):
        raise ValueError(
            f"the backward of {name} returned {len(gxs)} gradients "
            f"for {len(function.inputs)} inputs"
        )
    if create_graph:
        gxs = [
            gx if gx is None or isinstance(gx, Variable) else Constant(own(as_array(gx)))
            for gx in gxs
        ]
        check_attached(function, variables, gxs)
        return gxs
    return [
        None
        if gx is None or x.constant
        else own(gx.data if isinstance(gx, Variable) else as_array(gx))
        for gx, x in zip(gxs, function.inputs, strict=True)
    ]


def owns_memory(gx: Any) -> bool:
    """Whether a gradient is no view of another array."""
    return type(gx) is not ndarray or gx.base is None


def fit(function: Function, index: int, x: Variable, gx: Any) -> Any:
    """Bring a gradient to its Variable's shape, which may have been broadcast, and float dtype."""
    data = raw(x)
    value = gx._data if isinstance(gx, Variable) else gx
    if type(value) is type(data) is float64:  # a fifth of the time
        return gx
    if value.shape != data.shape:
        try:
            if not function.rules and gx.shape not in [shape for shape, _ in function.output_types]:
                raise ValueError  # not what broadcasting leaves to be summed
            gx = (sum_to if isinstance(gx, Variable) else sum_array_to)(gx, data.shape)
        except ValueError:
            raise ValueError(
                f"the backward of {type(function).__name__} returned a gradient of shape "
                f"{gx.shape} for input {index} of shape {data.shape}"
            ) from None
        value = gx
    if value.dtype.kind == "c" and data.dtype.kind != "c":
        raise ValueError(
            f"the backward of {type(function).__name__} returned a complex gradient for input "
            f"{index}, which is real"
        )
    if value.dtype != data.dtype and data.dtype.kind == "f":
        gx = astype(gx, data.dtype) if isinstance(gx, Variable) else gx.astype(data.dtype)
    return gx


def kept(gx: Any, fresh: bool) -> Variable:
    """Keep a gradient as a Variable of its own: in its own memory, or a node of its own."""
    if isinstance(gx, Variable):
        return gx if fresh else identity(gx)
    return wrap(gx if fresh or not isinstance(gx, ndarray) else gx.copy())
