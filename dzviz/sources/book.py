"""Variables of a reader's own DeZero, at any step of the book, by what they have.

A Variable has ``data``, ``grad`` and a ``creator``; a Function its ``inputs`` (or one ``input``)
and ``outputs`` (or one ``output``), weakly or not. Nothing of theirs is called, and nothing of it
is changed. Which passes made the gradients, `dzviz.sources.watch` knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import getattr_static
from typing import Any
from weakref import ReferenceType

import numpy as np

from dzviz.engine import Function as OurFunction
from dzviz.engine import GetItem
from dzviz.engine import Variable as OurVariable
from dzviz.graph.model import Graph
from dzviz.sources.facts import Call, Value, again, graph_from

WORDS = (
    *("Square", "Exp", "Sin", "Cos", "Tanh", "Log", "Sigmoid", "Softmax", "Linear", "Dropout"),
    *("LogSoftmax", "MeanSquaredError", "SoftmaxCrossEntropy", "GetItemGrad", "BatchNorm"),
)
"""Functions of the book that are called like their classes."""


def _reduction(function: Any) -> str:
    settings = [] if function.axis is None else [f"axis={function.axis}"]
    settings += ["keepdims=True"] if function.keepdims else []
    return " ".join([type(function).__name__.lower(), ", ".join(settings)]).rstrip()


LABELS: Mapping[str, Callable[[Any], str]] = {
    "Add": lambda f: "+",
    "Sub": lambda f: "-",
    "Mul": lambda f: "*",
    "Div": lambda f: "/",
    "Neg": lambda f: "-",
    "MatMul": lambda f: "@",
    "ReLU": lambda f: "relu",
    "LeakyReLU": lambda f: f"leaky_relu {f.slope:.4g}",
    "Pow": lambda f: f"** {f.c:.6g}",
    "Reshape": lambda f: f"reshape {f.shape}",
    "Transpose": lambda f: "T" if f.axes is None else f"transpose {f.axes}",
    "BroadcastTo": lambda f: f"broadcast_to {f.shape}",
    "SumTo": lambda f: f"sum_to {f.shape}",
    "GetItem": lambda f: GetItem(f.slices).label,
    "Clip": lambda f: f"clip {f.x_min:.4g} {f.x_max:.4g}",
    **dict.fromkeys(("Sum", "Max", "Min"), _reduction),
    **{word: lambda f: _snake_case(type(f).__name__) for word in WORDS},
}
"""What the user writes for Functions of the book, by their classes."""


def recognises(thing: object) -> bool:
    """Whether it is a Variable of somebody else's, or a sequence of them."""
    if isinstance(thing, Sequence):
        return bool(thing) and all(is_variable(x) for x in thing)
    return is_variable(thing)


def graph(thing: Any, *, words: bool = True) -> Graph:
    """Return the graph that computed it, with the gradients that are there now.

    Raises:
        EvaluationError: A Function was applied twice, or data is no real number.
    """
    return graph_from(thing, tell)


def is_variable(x: object) -> bool:
    """Whether it is a Variable by what it has, and not one of our engine."""
    if isinstance(x, type | OurVariable | np.ndarray) or not _has(x, "data", "grad", "creator"):
        return False
    creator: Any = x.creator  # type: ignore[attr-defined]
    return creator is None or is_function(creator)


def is_function(f: object) -> bool:
    """Whether it is a Function that was applied, by what it has, and not one of our engine."""
    if isinstance(f, type | OurFunction) or not callable(getattr(f, "backward", None)):
        return False
    return (_has(f, "inputs") or _has(f, "input")) and (_has(f, "outputs") or _has(f, "output"))


def _has(x: object, *names: str) -> bool:
    """Whether it has attributes of its own: a mock says that it has any."""
    static = all(getattr_static(x, name, _NONE) is not _NONE for name in names)
    return static and all(hasattr(x, name) for name in names)  # in this order: a look may warn


_NONE = object()


def operands_of(function: Any) -> list[Any]:
    """Return what a Function was applied to."""
    if hasattr(function, "inputs"):
        found = function.inputs
        return list(found) if isinstance(found, list | tuple) else [found]
    return [function.input]


def results_of(function: Any) -> list[Any]:
    """Return what a Function made, None for what is not there any more."""
    if hasattr(function, "outputs"):
        found = function.outputs
        found = list(found) if isinstance(found, list | tuple) else [found]
    else:
        found = [function.output]
    return [y() if isinstance(y, ReferenceType) else y for y in found]


def gradient_of(x: Any) -> Any:
    """Return the array of a Variable's gradient, which is one or has one; None without one."""
    return array_of(x.grad)


def array_of(value: Any) -> Any:
    """Return the array that a value is or has."""
    return value.data if is_variable(value) else value


def tell(x: Any) -> Value:
    """Tell what is known of a Variable.

    Raises:
        EvaluationError: Its creator was applied again since.
    """
    function = x.creator
    name, generation = getattr(x, "name", None), getattr(x, "generation", None)
    return Value(
        data=x.data,
        call=None if function is None else call_of(function, x),
        grad=gradient_of(x),
        name=None if name is None else str(name),
        generation=generation if isinstance(generation, int) else None,
    )


def call_of(function: Any, y: Any) -> Call:
    """Tell what is known of the Function that made ``y``."""
    op = type(function).__name__
    if not any(y is result for result in results_of(function)):
        raise again(op)
    generation = getattr(function, "generation", None)
    return Call(
        function,
        op,
        # The book gives Variable(None) to a Function that needs no such operand (a bias).
        [None if x.data is None and x.creator is None else x for x in operands_of(function)],
        label_of(function),
        generation=generation if isinstance(generation, int) else None,
    )


def label_of(function: Any) -> str:
    """Return what the user writes for a Function: ``+``, ``** 3``, ``sin``; else its class."""
    op = type(function).__name__
    if op in LABELS:
        try:
            return LABELS[op](function)
        except (AttributeError, TypeError, ValueError):  # another one that is called so
            pass
    return op


def _snake_case(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
