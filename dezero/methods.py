"""What a Variable does with modules above its own: it starts a pass and answers NumPy's protocols.

They are bound here, so that `dezero.core` need not know them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from . import core
from .core import Variable
from .engine import backward as run_backward
from .functions import arithmetic


def backward(self: Variable, retain_grad: bool = False, create_graph: bool = False) -> None:
    """Compute the gradient of this Variable with respect to all it was computed from.

    Leaves add it to their ``grad``. Intermediate Variables get theirs under ``retain_grad``
    and end at None without it. Under ``create_graph`` the gradients are themselves graphs,
    which can be differentiated again. See `dezero.backward`.
    """
    run_backward(self, retain_grad=retain_grad, create_graph=create_graph)


@cache
def _protocols() -> Any:
    """Load what finds the op for a function of NumPy's, when it is asked for: 1 ms of a start."""
    from . import protocols

    return protocols


# NumPy's functions and operators on Variables, found through the table of ops.
def _array_ufunc(self: Variable, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
    return _protocols().call_ufunc(ufunc, method, inputs, options)


def _array_function(
    self: Variable, function: Callable[..., Any], types: object, inputs: Any, options: Any
) -> Any:
    return _protocols().call_function(function, inputs, options)


for _name, _method in {
    "backward": backward,
    "__array_ufunc__": _array_ufunc,
    "__array_function__": _array_function,
}.items():
    setattr(Variable, _name, _method)

for _name in arithmetic.__all__:  # The book has the operators' Functions in its core, too.
    setattr(core, _name, getattr(arithmetic, _name))
