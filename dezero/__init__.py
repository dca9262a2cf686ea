"""The autograd core of the book *Deep Learning from Scratch 3*: Variables, Functions, gradients.

It imports NumPy and the standard library only. dzviz has it as `dzviz._dezero`.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .names import settle

_loaded = settle(__name__)  # first of all: what follows then finds the modules that are there

from . import core, functions
from . import methods as _methods  # which binds them  # noqa: F401
from .config import Config, no_grad, test_mode, using_config
from .core import (
    Constant,
    Function,
    Parameter,
    Variable,
    as_array,
    as_variable,
    constant,
)
from .detached import DetachedError
from .engine import Observer, backward, grad
from .functions.arithmetic import setup_variable
from .ops import OPS

if TYPE_CHECKING:
    from . import core_simple, utils
    from .numeric import GradientError, gradcheck

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


_LATER = {
    "GradientError": "numeric",
    "core_simple": None,
    "gradcheck": "numeric",
    "utils": None,
}
"""Names that are loaded when asked for, with the modules they are in: 1 ms of every start."""


class _Package(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name not in _LATER:
            raise AttributeError(f"module 'dezero' has no attribute '{name}'")
        home = import_module(f".{_LATER[name] or name}", __name__)
        return getattr(home, name) if _LATER[name] else home

    @property
    def is_simple_core(self) -> bool:
        return self.Variable is not core.Variable

    @is_simple_core.setter
    def is_simple_core(self, simple: bool) -> None:
        from . import core_simple

        for name in ("Function", "Variable", "as_variable"):
            setattr(self, name, getattr(core_simple if simple else core, name))


if not _loaded:
    sys.modules[__name__].__class__ = _Package
