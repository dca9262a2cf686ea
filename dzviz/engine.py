"""The engine that dzviz computes with, whatever else bears the name `dezero`.

All of dzviz takes the engine's names from here.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dezero import core as core
    from dezero import functions as functions
    from dezero.builtin import Op as Op
    from dezero.config import using_config as using_config
    from dezero.core import RELEASED as RELEASED
    from dezero.core import Constant as Constant
    from dezero.core import Function as Function
    from dezero.core import Ones as Ones
    from dezero.core import Variable as Variable
    from dezero.core import constant as constant
    from dezero.core import raw as raw
    from dezero.core import reused as reused
    from dezero.core import sample as sample
    from dezero.detached import DetachedError as DetachedError
    from dezero.engine import Observer as Observer
    from dezero.engine import backward as backward
    from dezero.engine import grad as grad
    from dezero.engine import propagate as propagate
    from dezero.engine import watch_backward as watch_backward
    from dezero.frames import Frame as Frame
    from dezero.frames import expanded as expanded
    from dezero.function_queue import Queue as Queue
    from dezero.functions.arithmetic import Add as Add
    from dezero.functions.arithmetic import Div as Div
    from dezero.functions.arithmetic import Mul as Mul
    from dezero.functions.arithmetic import Pow as Pow
    from dezero.functions.arithmetic import Sub as Sub
    from dezero.functions.shaping import GetItem as GetItem
    from dezero.numeric import check as check
    from dezero.numeric import check_graph as check_graph
    from dezero.ops import OPS as OPS
    from dezero.ops import OpInfo as OpInfo
    from dezero.passes import Added as Added
    from dezero.passes import Pass as Pass
    from dezero.probing import Map as Map
    from dezero.probing import weights as weights
    from dezero.recorder import Recording as Recording
    from dezero.recorder import freeze as freeze
    from dezero.recorder import maker as maker
    from dezero.reports import Report as Report
    from dezero.reports import Verdict as Verdict
    from dezero.rounding import Bounded as Bounded
    from dezero.rounding import UnknownBoundError as UnknownBoundError
    from dezero.rounding import bounded as bounded
    from dezero.rounding import unbounded as unbounded
    from dezero.rounding.bounded import UNIT as UNIT
    from dezero.rounding.linear import SMALL as SMALL
    from dezero.rounding.linear import SURE as SURE
    from dezero.rounding.linear import Linear as Linear
    from dezero.rounding.linear import UnsureError as UnsureError
    from dezero.rounding.linear import linear as linear
    from dezero.shapes import sum_array_to as sum_array_to
    from dezero.tape import MAX_QUEUE as MAX_QUEUE
    from dezero.tape import LastTape as LastTape
    from dezero.tape import Moment as Moment
    from dezero.tape import Tape as Tape
    from dezero.verdicts import Comparison as Comparison
    from dezero.verdicts import Seed as Seed
    from dezero.verdicts import State as State
    from dezero.verdicts import Tolerance as Tolerance
    from dezero.verdicts import compare as compare
    from dezero.watching import watch_detach as watch_detach
    from dezero.watching import watch_forward as watch_forward

_HOMES = {
    "Add": "functions.arithmetic",
    "Added": "passes",
    "Bounded": "rounding",
    "Comparison": "verdicts",
    "Constant": "core",
    "DetachedError": "detached",
    "Div": "functions.arithmetic",
    "Frame": "frames",
    "Function": "core",
    "GetItem": "functions.shaping",
    "LastTape": "tape",
    "Linear": "rounding.linear",
    "MAX_QUEUE": "tape",
    "Map": "probing",
    "Moment": "tape",
    "Mul": "functions.arithmetic",
    "OPS": "ops",
    "Observer": "engine",
    "Ones": "core",
    "Op": "builtin",
    "OpInfo": "ops",
    "Pass": "passes",
    "Pow": "functions.arithmetic",
    "Queue": "function_queue",
    "RELEASED": "core",
    "Recording": "recorder",
    "Report": "reports",
    "SMALL": "rounding.linear",
    "SURE": "rounding.linear",
    "Seed": "verdicts",
    "State": "verdicts",
    "Sub": "functions.arithmetic",
    "Tape": "tape",
    "Tolerance": "verdicts",
    "UNIT": "rounding.bounded",
    "UnknownBoundError": "rounding",
    "UnsureError": "rounding.linear",
    "Variable": "core",
    "Verdict": "reports",
    "backward": "engine",
    "bounded": "rounding",
    "check": "numeric",
    "check_graph": "numeric",
    "compare": "verdicts",
    "constant": "core",
    "expanded": "frames",
    "freeze": "recorder",
    "grad": "engine",
    "linear": "rounding.linear",
    "maker": "recorder",
    "propagate": "engine",
    "raw": "core",
    "reused": "core",
    "sample": "core",
    "sum_array_to": "shapes",
    "unbounded": "rounding",
    "using_config": "config",
    "watch_backward": "engine",
    "watch_detach": "watching",
    "watch_forward": "watching",
    "weights": "probing",
}
"""Where each name is; a module is loaded when a name of it is asked for."""


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        package = import_module("dzviz._dezero")
        if name in ("core", "functions"):
            return getattr(package, name)
        if name in _HOMES:
            return getattr(import_module(f"dzviz._dezero.{_HOMES[name]}"), name)
        raise AttributeError(f"module 'dzviz.engine' has no attribute '{name}'")


def other_dezero() -> str | None:
    """Return the file of what this process knows as `dezero`, where that is not this engine."""
    other = sys.modules.get("dezero")
    if other is None or other is import_module("dzviz._dezero"):
        return None
    return str(getattr(other, "__file__", other))
