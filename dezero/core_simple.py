"""The book's simple core: `dezero.core` with gradients that are ndarrays.

It is the same engine. Only what a Variable hands out and what a user's rule gets is different, so
there are no higher derivatives here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np

from . import core
from .config import Config as Config
from .config import no_grad as no_grad
from .config import using_config as using_config
from .core import as_array as as_array
from .functions.arithmetic import *  # noqa: F403  # the operators' Functions are the same

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Variable(core.Variable):
    """A Variable whose ``grad`` is an ndarray; what is computed from it is one, too."""

    __slots__ = ()

    @property  # type: ignore[override]  # this is the difference
    def grad(self) -> NDArray[Any] | None:
        """The gradient that a backward pass left or the user assigned; None without one."""
        gradient = super().grad
        return None if gradient is None else gradient.data

    @grad.setter
    def grad(self, grad: core.Variable | NDArray[Any] | np.generic | None) -> None:
        vars(core.Variable)["grad"].__set__(self, grad)

    def backward(self, retain_grad: bool = False, create_graph: bool = False) -> None:
        """Compute the gradient of this Variable with respect to all it was computed from.

        Raises:
            TypeError: ``create_graph``: an ndarray has no graph.
        """
        if create_graph:
            raise TypeError(
                "the simple core has no higher derivatives, since its gradients are ndarrays: "
                "use the Variable of dezero.core"
            )
        super().backward(retain_grad)


Variable.result_class = Variable


def as_variable(x: core.Variable | ArrayLike) -> core.Variable:
    """Return ``x`` as a Variable, itself where it is one."""
    return x if isinstance(x, core.Variable) else Variable(as_array(x))


class Function(core.Function):
    """A Function whose ``backward`` gets ndarrays and may return them."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "backward" in vars(cls):
            cls.backward = _on_arrays(cls.backward)  # type: ignore[method-assign]

    def __call__(self, *inputs: Any) -> Any:
        """Apply the Function to Variables, arrays or numbers."""
        if not any(isinstance(x, core.Variable) for x in inputs):
            inputs = tuple(as_variable(x) for x in inputs)
        return super().__call__(*inputs)


def _on_arrays(backward: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(backward)
    def method(self: Function, *gys: Any) -> Any:
        # Copies: `gy *= 2` is natural here, and must not reach who else was sent the same array.
        return backward(self, *[_own(gy) for gy in gys])

    return method


def _own(gy: Any) -> NDArray[Any]:
    return np.array(gy.data if isinstance(gy, core.Variable) else gy)
