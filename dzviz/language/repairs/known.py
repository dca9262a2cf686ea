"""The names of functions in other languages, and which of them we lack."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

NAMES: Final = {
    "acos": "arccos",
    "acosh": "arccosh",
    "arctg": "arctan",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atan2": "arctan2",
    "atanh": "arctanh",
    "average": "mean",
    "avg": "mean",
    "bce": "binary_cross_entropy",
    "amax": "max",
    "amin": "min",
    "ch": "cosh",
    "concat": "concatenate",
    "fabs": "abs",
    "lg": "log10",
    "ln": "log",
    "log1": "log1p",
    "log_10": "log10",
    "log_2": "log2",
    "logistic": "sigmoid",
    "mse": "mean_squared_error",
    "product": "prod",
    "sgn": "sign",
    "sh": "sinh",
    "sqr": "square",
    "stddev": "std",
    "swish": "silu",
    "tg": "tan",
    "th": "tanh",
}
"""Functions by names that they have elsewhere."""

FORMULAS: Final = {
    "arccosh": "log(x + sqrt(x**2 - 1))",
    "arcsinh": "log(x + sqrt(x**2 + 1))",
    "arctanh": "log((1 + x)/(1 - x))/2",
    "cbrt": "sign(x)*abs(x)**(1/3)",
    "cosec": "1/sin(x)",
    "cot": "1/tan(x)",
    "coth": "1/tanh(x)",
    "csc": "1/sin(x)",
    "exp2": "2**x",
    "logit": "log(x/(1 - x))",
    "logsigmoid": "-softplus(-x)",
    "mae": "mean(abs(x - y))",
    "negative": "-x",
    "reciprocal": "1/x",
    "rsqrt": "1/sqrt(x)",
    "sec": "1/cos(x)",
    "sech": "1/cosh(x)",
}
"""Functions that there are elsewhere, and how they are written here."""

ABSENT: Final = frozenset({"erf", "factorial", "mod"})
"""Functions that there are elsewhere and not in NumPy's own names, and that no op here is like."""

MODULES: Final = frozenset({"F", "cp", "dezero", "jnp", "math", "np", "numpy", "tf", "torch"})
"""What a function is called on elsewhere without being its argument."""


def similar(name: str, functions: Collection[str], *, cutoff: float = 0.6) -> str | None:
    """Return the known function that a name stands for, if any."""
    from difflib import get_close_matches  # Only an error needs it.

    for other in (name, name.lower(), NAMES.get(name.lower())):
        if other in functions:
            return other
    if is_known(name.lower()):
        return None  # no slip of the hand: log10 is not log1p
    close = get_close_matches(name.lower(), sorted(functions), n=1, cutoff=cutoff)
    return close[0] if close and len(name) > 1 else None


def is_known(name: str) -> bool:
    """Whether a function of this name is a common one that is not among ours."""
    import numpy

    return name in FORMULAS or name in ABSENT or callable(getattr(numpy, name, None))
