"""The book's helpers: pictures of a graph, sums to a shape, numerical gradients, comparisons.

Each hands over to the module that can do it; of pictures it knows only that dzviz draws them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from .core import Variable, as_array, as_variable
from .engine import grad
from .functions.reduction import Logsumexp
from .numeric import numerical_gradient
from .shapes import kept_shape
from .shapes import sum_array_to as sum_to

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "array_allclose",
    "array_equal",
    "get_dot_graph",
    "gradient_check",
    "logsumexp",
    "max_backward_shape",
    "numerical_grad",
    "plot_dot_graph",
    "reshape_sum_backward",
    "sum_to",
]


def get_dot_graph(output: Variable | Sequence[Variable], verbose: bool = True) -> str:
    """Return the graph that computed ``output`` as Graphviz DOT, as `dzviz.to_dot` writes it.

    Without ``verbose`` a Variable says its name alone, with it also data, shape, dtype and grad.

    Raises:
        ImportError: dzviz is not installed.
    """
    try:
        dzviz = import_module("dzviz")
    except ModuleNotFoundError as error:
        _without_dzviz(error)
    text: str = dzviz.to_dot(output, **_look(verbose))
    return text


def plot_dot_graph(
    output: Variable | Sequence[Variable], verbose: bool = True, to_file: str = "graph.png"
) -> Any:
    """Draw the graph that computed ``output`` into a file, whose suffix says the format.

    The file is written whole or not at all. In a notebook the picture is also returned, to be
    shown below the cell. See `get_dot_graph` for ``verbose``.

    Raises:
        ImportError: dzviz is not installed.
        dzviz.DzvizError: No format has this suffix, the picture could not be made, or the file
            could not be written.
    """
    try:
        render = import_module("dzviz").render
        write_file = import_module("dzviz.cli.output").write_file
        format_of_file = import_module("dzviz.formats").format_of_file
    except ModuleNotFoundError as error:
        _without_dzviz(error)
    format = format_of_file(to_file).name
    write_file(to_file, [render(output, format, **_look(verbose))])
    kind = {"png": "Image", "svg": "SVG"}.get(format)
    if kind is None or "IPython" not in sys.modules:
        return None
    return getattr(import_module("IPython.display"), kind)(filename=to_file)


def reshape_sum_backward(
    gy: Any, x_shape: tuple[int, ...], axis: int | tuple[int, ...] | None, keepdims: bool
) -> Any:
    """Give the gradient of a sum along ``axis`` its lost axes back, so that it can be broadcast."""
    if keepdims or axis is None or not x_shape:
        return gy
    return gy.reshape(kept_shape(x_shape, axis))


def logsumexp(x: NDArray[Any], axis: int | tuple[int, ...] | None = 1) -> NDArray[Any]:
    """Return the logarithm of the sum of exponentials, without overflow; the axes are kept."""
    return as_array(Logsumexp(axis, keepdims=True).forward(x))


def max_backward_shape(x: NDArray[Any] | Variable, axis: int | tuple[int, ...] | None) -> list[int]:
    """Return the shape that the maximum of ``x`` along ``axis`` has with its axes kept."""
    return list(kept_shape(x.shape, axis))


def gradient_check(
    f: Callable[..., Variable],
    x: Variable | ArrayLike,
    *args: Any,
    rtol: float = 1e-4,
    atol: float = 1e-5,
    **kwargs: Any,
) -> bool:
    """Tell whether the gradient of ``f(x, *args, **kwargs)`` is the numerical one.

    It is the gradient with respect to ``x``. Of several results the sum is differentiated, in
    float64. Where the gradients differ, both are printed; `dezero.gradcheck` raises instead, and
    finds the Function at fault.
    """
    x = Variable(np.array(_plain(x), np.float64))
    numerical = numerical_grad(f, x, *args, **kwargs)
    gradient = grad(as_variable(f(x, *args, **kwargs)), x).data
    agree = array_allclose(gradient, numerical, rtol=rtol, atol=atol)
    if not agree:
        print(f"gradient_check: by the rules\n{gradient}\nby differences\n{numerical}")
    return agree


def numerical_grad(
    f: Callable[..., Any], x: Variable | ArrayLike, *args: Any, **kwargs: Any
) -> NDArray[np.float64]:
    """Return the gradient of the sum of ``f(x, *args, **kwargs)`` by differences.

    ``f`` is called with a Variable where ``x`` is one, else with an array.
    """
    wrapped = Variable if isinstance(x, Variable) else as_array

    def total(point: NDArray[Any]) -> float:
        return float(np.sum(_plain(f(wrapped(point), *args, **kwargs))))

    return numerical_gradient(total, _plain(x))[0]


def array_equal(a: Variable | ArrayLike, b: Variable | ArrayLike) -> bool:
    """Tell whether two arrays or Variables have the same shape and elements."""
    return np.array_equal(_plain(a), _plain(b))


def array_allclose(
    a: Variable | ArrayLike, b: Variable | ArrayLike, rtol: float = 1e-4, atol: float = 1e-5
) -> bool:
    """Tell whether the elements of two arrays or Variables are the same within the tolerances."""
    return np.allclose(_plain(a), _plain(b), rtol=rtol, atol=atol)


def _plain(x: Any) -> Any:
    return x.data if isinstance(x, Variable) else x


def _look(verbose: bool) -> dict[str, Any]:
    return {"show": ("shape", "dtype")} if verbose else {"hide": ("data", "grad", "generation")}


def _without_dzviz(error: ModuleNotFoundError) -> NoReturn:
    if error.name != "dzviz":
        raise error
    raise ImportError(
        "dzviz draws dezero's pictures, but it is not installed: pip install dzviz"
    ) from None
