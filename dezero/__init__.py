"""The autograd core of the book *Deep Learning from Scratch 3*: Variables, Functions, gradients.

It imports NumPy and the standard library only.
"""

from dezero import functions
from dezero.config import Config, no_grad, test_mode, using_config
from dezero.core import (
    Constant,
    Function,
    Parameter,
    Variable,
    as_array,
    as_variable,
    constant,
)
from dezero.detached import DetachedError
from dezero.engine import Observer, backward, grad
from dezero.functions.arithmetic import setup_variable
from dezero.numeric import GradientError, gradcheck
from dezero.ops import OPS

__all__ = [
    "OPS",
    "Config",
    "Constant",
    "DetachedError",
    "Function",
    "GradientError",
    "Observer",
    "Parameter",
    "Variable",
    "as_array",
    "as_variable",
    "backward",
    "constant",
    "functions",
    "grad",
    "gradcheck",
    "no_grad",
    "setup_variable",
    "test_mode",
    "using_config",
]
