"""The core of dzviz under its other name: its files stand at one place, and have two names.

In the repository this file is `dzviz._dezero`, and the core is the folder ``dezero`` beside dzviz.
In a wheel they have changed places: the core is in dzviz, and this file alone is `dezero`, so that
another `dezero` which is installed over it finds nothing of ours in its way.
"""

import os
from importlib.machinery import SourceFileLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dzviz._dezero import *  # noqa: F403  # as in a wheel

_here = os.path.dirname(os.path.abspath(__file__))
if __name__ == "dezero":
    _core = os.path.join(os.path.dirname(_here), "dzviz", "_dezero")
else:
    _core = os.path.join(os.path.dirname(os.path.dirname(_here)), "dezero")

__path__ = [_core]
__file__ = os.path.join(_core, "__init__.py")
exec(SourceFileLoader(__name__, __file__).get_code(__name__) or "", globals())
