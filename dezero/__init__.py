"""The autograd core of the book *Deep Learning from Scratch 3*: Variables, Functions, gradients.

It imports NumPy and the standard library only.
"""

import sys
from types import ModuleType

from dezero import core, core_simple, functions, utils
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
    "core_simple",
    "functions",
    "grad",
    "gradcheck",
    "is_simple_core",
    "no_grad",
    "setup_variable",
    "test_mode",
    "using_config",
    "utils",
]

is_simple_core: bool
"""Whether ``Variable``, ``Function`` and ``as_variable`` here are those of `dezero.core_simple`.

In the book this is a line of the library, to be edited. A program that follows its steps 28 and 29
sets it before it imports these names.
"""


class _Package(ModuleType):
    @property
    def is_simple_core(self) -> bool:
        return self.Variable is not core.Variable

    @is_simple_core.setter
    def is_simple_core(self, simple: bool) -> None:
        for name in ("Function", "Variable", "as_variable"):
            setattr(self, name, getattr(core_simple if simple else core, name))


sys.modules[__name__].__class__ = _Package
