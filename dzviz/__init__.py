"""dzviz draws the computational graph of a formula, with its values and gradients.

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

    from dzviz.engine import Recording as Recording
    from dzviz.errors import DzvizError as DzvizError
    from dzviz.errors import DzvizWarning as DzvizWarning
    from dzviz.graph.model import Graph as Graph
    from dzviz.options import Look as Look
    from dzviz.python.api import Picture as Picture
    from dzviz.python.api import draw as draw
    from dzviz.python.api import load as load
    from dzviz.python.api import render as render
    from dzviz.python.api import snapshot as snapshot
    from dzviz.python.api import to_dot as to_dot
    from dzviz.python.api import to_graphviz as to_graphviz
    from dzviz.python.comparing import Beside as Beside
    from dzviz.python.comparing import Diff as Diff
    from dzviz.python.comparing import beside as beside
    from dzviz.python.comparing import diff as diff
    from dzviz.python.derivations import Explained as Explained
    from dzviz.python.derivations import explain as explain
    from dzviz.python.magic import load_ipython_extension as load_ipython_extension
    from dzviz.python.notebook import live as live
    from dzviz.python.questions import Flow as Flow
    from dzviz.python.questions import GradCheck as GradCheck
    from dzviz.python.questions import Trace as Trace
    from dzviz.python.questions import Why as Why
    from dzviz.python.questions import flow as flow
    from dzviz.python.questions import gradcheck as gradcheck
    from dzviz.python.questions import hessian as hessian
    from dzviz.python.questions import jacobian as jacobian
    from dzviz.python.questions import trace as trace
    from dzviz.python.questions import why as why
    from dzviz.python.recording import record as record
    from dzviz.python.remarking import Remarks as Remarks
    from dzviz.python.remarking import remarks as remarks
    from dzviz.python.sweeping import Sweep as Sweep
    from dzviz.python.sweeping import sweep as sweep
    from dzviz.sources.facts import Call as Call
    from dzviz.sources.facts import Value as Value
    from dzviz.sources.facts import graph_from as graph_from
    from dzviz.sources.plugs import register_source as register_source
    from dzviz.sources.watch import Watch as Watch
    from dzviz.sources.watch import watch as watch

__version__ = "0.1.0"

_HOMES = {
    "Beside": "python.comparing",
    "Call": "sources.facts",
    "Diff": "python.comparing",
    "DzvizError": "errors",
    "DzvizWarning": "errors",
    "Explained": "python.derivations",
    "Flow": "python.questions",
    "GradCheck": "python.questions",
    "Graph": "graph.model",
    "Look": "options",
    "Picture": "python.api",
    "Recording": "engine",
    "Remarks": "python.remarking",
    "Sweep": "python.sweeping",
    "Trace": "python.questions",
    "Value": "sources.facts",
    "Watch": "sources.watch",
    "Why": "python.questions",
    "beside": "python.comparing",
    "diff": "python.comparing",
    "draw": "python.api",
    "explain": "python.derivations",
    "flow": "python.questions",
    "gradcheck": "python.questions",
    "graph_from": "sources.facts",
    "hessian": "python.questions",
    "jacobian": "python.questions",
    "live": "python.notebook",
    "load": "python.api",
    "load_ipython_extension": "python.magic",
    "record": "python.recording",
    "register_source": "sources.plugs",
    "remarks": "python.remarking",
    "render": "python.api",
    "snapshot": "python.api",
    "sweep": "python.sweeping",
    "to_dot": "python.api",
    "to_graphviz": "python.api",
    "trace": "python.questions",
    "watch": "sources.watch",
    "why": "python.questions",
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
