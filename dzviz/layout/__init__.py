"""Layout: DOT in, positions out, by the first engine of a table that can.

It knows neither the graph nor its look, and never reads the labels.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence

from dzviz.budget import check_time, seconds_left
from dzviz.errors import LayoutError, UsageError
from dzviz.layout import dot as _dot
from dzviz.layout import pygraphviz as _pygraphviz
from dzviz.layout import wasm as _wasm
from dzviz.layout.placement import Box, Curve, Placement, Point, read

__all__ = ["ENGINES", "Box", "Curve", "Placement", "Point", "place", "place_all"]

#: From an engine's name to ``engine(dot, timeout) -> json0``, in the order ``auto`` tries them.
ENGINES: dict[str, Callable[[str, float], str]] = {
    "wasm": _wasm.json0,
    "dot": _dot.json0,
    "pygraphviz": _pygraphviz.json0,
}


def place(dot: str, *, engine: str = "auto", timeout: float = 30.0) -> Placement:
    """Place the nodes and edges of a graph in DOT within ``timeout`` seconds, as `place_all`."""
    (placement,) = place_all([dot], engine=engine, timeout=timeout)
    return placement


def place_all(
    dots: Sequence[str], *, engine: str = "auto", timeout: float = 30.0
) -> list[Placement]:
    """Place the nodes and edges of graphs in DOT within ``timeout`` seconds for all of them.

    ``auto`` takes the engine that the environment variable ``DZVIZ_ENGINE`` names, else the first
    one that can. The timeout is one budget for all of them: the next engine gets what the one
    before left of it, so that one that hangs is waited for once.

    Raises UsageError for an unknown engine or a timeout that is no positive number, LayoutError
    when no engine could: its message has the reason of each one, its hint the commands that mend.
    """
    if not timeout > 0:
        raise UsageError(f"the layout timeout must be a positive number of seconds, not {timeout}")
    deadline = time.monotonic() + seconds_left(min(timeout, _A_DAY))
    failures: dict[str, LayoutError] = {}
    for name in _chosen(engine):
        if deadline <= time.monotonic():
            break
        try:
            return [read(ENGINES[name](dot, deadline - time.monotonic())) for dot in dots]
        except TimeoutError:
            hint = "give it more time with --layout-timeout"
            failures[name] = LayoutError(f"it took longer than {timeout:g} s", hint=hint)
        except ValueError as error:
            failures[name] = LayoutError(str(error))
        except LayoutError as error:
            failures[name] = error
    check_time()
    raise _all_failed(failures)


_A_DAY = 86_400.0  # Waiting for longer than some platforms' clocks reach raises OverflowError.


def _chosen(engine: str) -> list[str]:
    source = "the engine"
    if engine == "auto":
        engine = os.environ.get("DZVIZ_ENGINE") or "auto"
        source = "the environment variable DZVIZ_ENGINE"
    if engine == "auto":
        return list(ENGINES)
    if engine not in ENGINES:
        known = ", ".join(["auto", *ENGINES])
        raise UsageError(f"{source} must be one of {known}, not {engine!r}")
    return [engine]


def _all_failed(failures: dict[str, LayoutError]) -> LayoutError:
    reasons = "; ".join(f"{name}: {error}" for name, error in failures.items())
    hints = dict.fromkeys(error.hint for error in failures.values() if error.hint)
    return LayoutError(
        f"no layout engine could place the nodes ({reasons})",
        hint=", or ".join(hints) or None,
    )
