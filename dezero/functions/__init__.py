"""The ops, by family; each is entered into `dezero.ops.OPS` where it is defined.

Families without methods of Variables and operators are loaded when one of their names is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..ops import FAMILIES, OPS

# isort: off

from .arithmetic import *
from .elementwise import *
from .reduction import *
from .algebra import *
from .shaping import *
from .sequences import *

if TYPE_CHECKING:
    from .activations import *
    from .polar import *
    from .linalg import *
    from .joining import *
    from .normalization import *
    from .convolution import *
    from .pooling import *
    from .loss import *
    from .composed import *
else:

    def __getattr__(name: str) -> Any:
        if name in FAMILIES:
            return import_module(f"{__name__}.{name}")
        if name in OPS:
            globals()[name] = OPS[name].function
        elif not name.startswith("_") or name == "__all__":  # asked for by ``import *``
            _load_all()
        if name in globals():
            return globals()[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        _load_all()
        return sorted(globals())

    def _load_all() -> None:
        """Load all families, and have all their names here."""
        public: dict[str, Any] = {}
        for family in FAMILIES:
            module = public[family] = import_module(f"{__name__}.{family}")
            public |= {n: thing for n, thing in vars(module).items() if not n.startswith("_")}
        names = sorted(public, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
        globals().update(public, __all__=names)
