"""dzviz turns a formula into a picture of its computational graph.

>>> import numpy as np
>>> from dezero import Variable
>>> from dzviz import to_dot
>>> x = Variable(np.array(3.0), name="x")
>>> y = x**2
>>> y.backward()
>>> print(to_dot(y))  # doctest: +ELLIPSIS
digraph dzviz {
...
}
<BLANKLINE>
"""

from __future__ import annotations

TYPE_CHECKING = False  # Without typing this is loaded before Ctrl-C could be pressed.
if TYPE_CHECKING:
    from typing import Any

    from dzviz.api import Picture as Picture
    from dzviz.api import draw as draw
    from dzviz.api import load as load
    from dzviz.api import record as record
    from dzviz.api import render as render
    from dzviz.api import snapshot as snapshot
    from dzviz.api import to_dot as to_dot
    from dzviz.api import to_graphviz as to_graphviz
    from dzviz.derivations import Explained as Explained
    from dzviz.derivations import explain as explain
    from dzviz.errors import DzvizError as DzvizError
    from dzviz.errors import DzvizWarning as DzvizWarning
    from dzviz.graph.model import Graph as Graph
    from dzviz.magic import load_ipython_extension as load_ipython_extension
    from dzviz.notebook import live as live
    from dzviz.options import Look as Look
    from dzviz.questions import GradCheck as GradCheck
    from dzviz.questions import Trace as Trace
    from dzviz.questions import Why as Why
    from dzviz.questions import gradcheck as gradcheck
    from dzviz.questions import trace as trace
    from dzviz.questions import why as why
    from dzviz.sources.facts import Call as Call
    from dzviz.sources.facts import Value as Value
    from dzviz.sources.facts import graph_from as graph_from
    from dzviz.sources.plugs import register_source as register_source
    from dzviz.sources.recorder import Recording as Recording
    from dzviz.sources.watch import Watch as Watch
    from dzviz.sources.watch import watch as watch
    from dzviz.sweeping import Sweep as Sweep
    from dzviz.sweeping import sweep as sweep

__version__ = "0.1.0"

_HOMES = {
    "Call": "sources.facts",
    "DzvizError": "errors",
    "DzvizWarning": "errors",
    "Explained": "derivations",
    "GradCheck": "questions",
    "Graph": "graph.model",
    "Look": "options",
    "Picture": "api",
    "Recording": "sources.recorder",
    "Sweep": "sweeping",
    "Trace": "questions",
    "Value": "sources.facts",
    "Watch": "sources.watch",
    "Why": "questions",
    "draw": "api",
    "explain": "derivations",
    "gradcheck": "questions",
    "graph_from": "sources.facts",
    "live": "notebook",
    "load": "api",
    "load_ipython_extension": "magic",
    "record": "api",
    "register_source": "sources.plugs",
    "render": "api",
    "snapshot": "api",
    "sweep": "sweeping",
    "to_dot": "api",
    "to_graphviz": "api",
    "trace": "questions",
    "watch": "sources.watch",
    "why": "questions",
}

__all__ = sorted(["__version__", *_HOMES])


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    # Loaded when asked for, so that `dzviz --help` need not load NumPy.
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"dzviz.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'dzviz' has no attribute '{name}'")
