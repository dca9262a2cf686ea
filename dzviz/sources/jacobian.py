"""All first derivatives of outputs, and all second ones of one number, as arrays.

It takes one pass for each element of an output, and knows neither the language nor pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dzviz.budget import check_memory, check_time
from dzviz.engine import Constant, Variable, grad, propagate
from dzviz.errors import EvaluationError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def jacobians(ys: Sequence[Variable], xs: Sequence[Variable]) -> list[list[NDArray[Any]]]:
    """Return for each output the derivatives of its elements by each variable.

    Shapes: the output's and the variable's, ``(*y.shape, *x.shape)``.

    Raises:
        LayoutError: They would take more memory or time than there is.
    """
    check_memory(sum(8 * y.size * x.size for y in ys for x in xs))
    return [_jacobian(y, xs) for y in ys]


def hessian(y: Variable, xs: Sequence[Variable]) -> list[list[NDArray[Any]]]:
    """Return the second derivatives of one number by each variable, then by each other.

    Shapes: those of the two variables, ``(*x1.shape, *x2.shape)``.

    Raises:
        EvaluationError: The output is not one number.
        LayoutError: They would take more memory or time than there is.
    """
    if y.size != 1:
        raise EvaluationError(
            f"a Hessian needs a single number, but {y.name or 'the output'} has shape {y.shape}",
            hint="use its sum, or --jacobian",
        )
    check_memory(sum(8 * a.size * b.size for a in xs for b in xs))
    first = grad(y, xs, create_graph=True) if not isinstance(y, Constant) else []
    rows = [_jacobian(gx, xs) for gx in first]
    return rows or [[np.zeros((*a.shape, *b.shape)) for b in xs] for a in xs]


def _jacobian(y: Variable, xs: Sequence[Variable]) -> list[NDArray[Any]]:
    """Run a pass for each element of ``y``, with a seed that is 1 there alone."""
    found = [np.zeros((*y.shape, *x.shape)) for x in xs]
    if isinstance(y, Constant):
        return found
    for place, seed in _seeds(y):
        check_time()
        for total, gx in zip(found, _gradients(y, seed, xs), strict=True):
            if gx is not None:
                total[place] = gx
    return found


def _seeds(y: Variable) -> Iterator[tuple[tuple[int, ...], Variable]]:
    for place in np.ndindex(y.shape):
        seed = np.zeros_like(y.data)
        seed[place] = 1
        yield place, Variable(seed)


def _gradients(y: Variable, seed: Variable, xs: Sequence[Variable]) -> list[Any]:
    found: dict[Variable, Any] = dict.fromkeys(xs)

    def settle(x: Variable, gx: Any, fresh: bool) -> None:
        if x in found:
            found[x] = gx.data if isinstance(gx, Variable) else np.array(gx)

    propagate([(y, seed)], settle, wanted=found)
    return [found[x] for x in xs]
