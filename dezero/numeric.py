"""Gradients without rules: by differences, to check the rules against.

It only calls what it is given; it knows no op.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .core import Constant, Function, Variable, as_array, as_variable
from .engine import grad
from .guards import twin

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

STEPS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
"""Steps to try, relative to a number's size; where the best lies depends on the function."""


class Comparison(NamedTuple):
    """One element of one gradient: what the rules say, and what differences say.

    ``smooth`` is whether there is a derivative at all: not so at a kink, a jump, or next to where
    the function cannot be computed. There any rule is right.
    """

    argument: int
    place: tuple[int, ...]
    gradient: float
    numerical: float
    error: float
    smooth: bool

    def agrees(self, rtol: float, atol: float) -> bool:
        """Whether both are the same, within the tolerances; so it is where nothing is smooth."""
        if not self.smooth:
            return True
        if not (np.isfinite(self.gradient) and np.isfinite(self.numerical)):
            return False
        size = max(abs(self.gradient), abs(self.numerical))
        doubt = min(self.error, 1e-4 * max(1.0, size))  # of the differences themselves
        bound = atol + doubt + rtol * size
        return abs(self.gradient - self.numerical) <= bound


class GradientError(AssertionError):
    """A gradient is not what differences say it is."""


def numerical_gradient(
    f: Callable[[NDArray[Any]], float], x: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the gradient of ``f``, from an array to a number, and an estimate of its error.

    For every element central differences of several steps are extrapolated (Richardson), and
    those are taken that agree best with each other.
    """
    x = np.array(x, np.float64)
    gradient, error = np.zeros_like(x), np.full_like(x, np.inf)
    for index in np.ndindex(x.shape):
        size = abs(float(x[index]))
        sizes = {1.0, size} if size else {1.0}
        for step in [size * step for size in sorted(sizes) for step in STEPS]:
            coarse = _central(f, x, index, step)
            fine = _central(f, x, index, step / 2)
            value, off = (4 * fine - coarse) / 3, abs(fine - coarse)
            if off < error[index] or not np.isfinite(error[index]):
                gradient[index], error[index] = value, off
    return gradient, error


def compare(f: Callable[..., Variable], *xs: Any, order: int = 1) -> Iterator[Comparison]:
    """Compare each element of each gradient of ``f(*xs)`` with a numerical one.

    ``f`` takes Variables and returns one; of several numbers a weighted sum is differentiated,
    with weights among which no parts cancel. With ``order`` 2 the gradient's own gradient is
    compared, and so on. Integers and float32 are computed in float64.

    Raises:
        ValueError: ``order`` is below 1.
    """
    if order < 1:
        raise ValueError(f"the order is at least 1, not {order}")
    arrays = [np.array(x.data if isinstance(x, Variable) else as_array(x), float) for x in xs]

    def slope(points: list[NDArray[Any]]) -> tuple[Variable, list[Variable]]:
        """The number whose derivatives are compared: f itself, or a sum of its derivatives."""
        variables = [Variable(point.copy()) for point in points]
        total = weighted(as_variable(f(*variables)))
        for _ in range(order - 1):
            terms = [weighted(gx) for gx in grad(total, variables, create_graph=True)]
            total = terms[0]
            for term in terms[1:]:
                total = total + term
        return total, variables

    total, variables = slope(arrays)
    gradients = grad(total, variables)
    for argument, (array, gx) in enumerate(zip(arrays, gradients, strict=True)):

        def along(point: NDArray[Any], argument: int = argument) -> float:
            points = [*arrays[:argument], point, *arrays[argument + 1 :]]
            return float(slope(points)[0].data)

        numerical, error = numerical_gradient(along, array)
        for index in np.ndindex(array.shape):
            yield Comparison(
                argument,
                index,
                float(gx.data[index]),
                float(numerical[index]),
                float(error[index]),
                _is_smooth(along, array, index),
            )


def gradcheck(
    f: Callable[..., Variable],
    *xs: Any,
    order: int = 1,
    rtol: float = 1e-4,
    atol: float = 1e-7,
) -> None:
    """Compare the gradients of ``f(*xs)`` with numerical ones; see `compare`.

    Raises:
        GradientError: They differ; it says where, both numbers, and which Function is at fault.
    """
    with np.errstate(all="ignore"):
        for comparison in compare(f, *xs, order=order):
            if not comparison.agrees(rtol, atol):
                variables = [
                    x if isinstance(x, Variable) else Variable(np.array(x, float)) for x in xs
                ]
                faults = faulty_functions(as_variable(f(*variables)), rtol, atol)
                raise GradientError(_told(comparison) + "".join(f"; {fault}" for fault in faults))


def faulty_functions(y: Variable, rtol: float = 1e-4, atol: float = 1e-7) -> list[str]:
    """Find the Functions in the graph of ``y`` whose rule does not fit their own forward.

    Each is tried alone, on the inputs that it had. Returns a sentence for each, of the last
    computed first.
    """
    faults = []
    seen: set[Function] = set()
    pending = [y]
    while pending:
        function = pending.pop().creator
        if function is None or function in seen:
            continue
        seen.add(function)
        pending.extend(function.inputs)
        if fault := _fault(function, rtol, atol):
            faults.append(fault)
    return faults


def _fault(function: Function, rtol: float, atol: float) -> str:
    """Say what is wrong with the rule of one Function; nothing where it is right."""
    free = [i for i, x in enumerate(function.inputs) if not isinstance(x, Constant)]

    def alone(*xs: Variable) -> Variable:
        inputs = list(function.inputs)
        for i, x in zip(free, xs, strict=True):
            inputs[i] = x
        ys = twin(function)(*inputs)
        if isinstance(ys, list):
            total = weighted(ys[0])
            for i, y in enumerate(ys[1:]):
                total = total + weighted(y) * (i + 2.0)
            return total
        result: Variable = ys
        return result

    try:
        for comparison in compare(alone, *[function.inputs[i] for i in free]):
            if not comparison.agrees(rtol, atol):
                told = _told(comparison._replace(argument=free[comparison.argument]))
                return f"the backward of {type(function).__name__} is wrong: {told}"
    except Exception as error:  # a user's code: whatever it raises belongs into the report
        return f"the backward of {type(function).__name__} fails: {error}"
    return ""


def _told(comparison: Comparison) -> str:
    at = f" at {list(comparison.place)}" if comparison.place else ""
    return (
        f"the gradient of argument {comparison.argument}{at} is {comparison.gradient:.10g} "
        f"by the rules and {comparison.numerical:.10g} by differences"
    )


def weighted(y: Variable) -> Variable:
    """Make one number of all elements, by weights among which no parts cancel."""
    if y.size == 1:
        return y.sum()
    weights = np.cos(np.arange(y.size, dtype=float) + 1.0).reshape(y.shape)
    return (y * weights).sum()


def _central(
    f: Callable[[NDArray[Any]], float], x: NDArray[Any], index: tuple[int, ...], step: float
) -> float:
    up, down = x.copy(), x.copy()
    up[index] += step
    down[index] -= step
    with np.errstate(all="ignore"):
        try:
            return (f(up) - f(down)) / float(up[index] - down[index])
        except Exception:  # whatever f raises, it cannot be computed there
            return math.nan


def _is_smooth(f: Callable[[NDArray[Any]], float], x: NDArray[Any], index: tuple[int, ...]) -> bool:
    """Tell whether the slopes to the left and to the right come together."""
    size = max(1.0, abs(float(x[index])))
    gaps = []
    for step in (1e-4 * size, 1e-6 * size):
        here, right = x.copy(), x.copy()
        right[index] += step
        here[index] -= step
        to_right = _central(f, np.array((x + right) / 2), index, step / 2)
        to_left = _central(f, np.array((x + here) / 2), index, step / 2)
        gap = to_right - to_left
        gaps.append(abs(gap))
    far, near = gaps
    return bool(near <= 1e-3 or near <= 0.5 * far)  # False for NaN, too
