"""Whether a user's rule lost part of the graph, by computing with ``.data`` under create_graph.

It only looks at what a rule returned, and tries it again with its inputs slightly shifted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .config import using_config
from .core import Constant, Function, Variable
from .guards import twin

SHIFT = 1e-4
"""How far an input is shifted, relative to its size."""


class DetachedError(RuntimeError):
    """A rule's result depends on an input in a way that its graph does not show."""


def check_attached(
    function: Function, gys: Sequence[Variable], gxs: Sequence[Variable | None]
) -> None:
    """Refuse gradients whose graph lacks an input or an upstream gradient that they depend on.

    Where the graph of a result leads to none of these, forward and rule are run again off the
    graph, with that one shifted a little and then half as far. What moves smoothly was computed
    from its ``.data``; a mask, as in relu, stays where it is or jumps.

    Raises:
        DetachedError: It names the class and the input.
    """
    sources = [*function.inputs, *gys]
    reached = [_reached(gx, set(sources)) for gx in gxs if gx is not None]
    for number, source in enumerate(sources):
        if isinstance(source, Constant) or source.dtype.kind != "f":
            continue
        lost = [source not in found for found in reached]
        if any(lost) and _moves(function, gys, number, lost):
            kind, index = ("input", number)
            if number >= len(function.inputs):
                kind, index = ("upstream gradient", number - len(function.inputs))
            raise DetachedError(
                f"under create_graph, the backward of {type(function).__name__} loses the graph "
                f"to {kind} {index}: it computes with .data; compute with the Variable itself, as "
                "in: x, = self.inputs"
            )


def _reached(gx: Variable, sources: set[Variable]) -> set[Variable]:
    """Find the sources that the graph of ``gx`` leads to."""
    found: set[Variable] = set()
    seen: set[Variable] = set()
    pending = [gx]
    while pending:
        x = pending.pop()
        if x in sources:
            found.add(x)
        elif x not in seen and x.creator is not None:
            pending.extend(x.creator.inputs)
        seen.add(x)
    return found


def _moves(function: Function, gys: Sequence[Variable], number: int, lost: list[bool]) -> bool:
    """Tell whether a result that ``lost`` source ``number`` follows it smoothly all the same."""
    with np.errstate(all="ignore"):
        try:
            still, far, near = (
                _run(function, gys, number, scale * SHIFT) for scale in (0.0, 1.0, 0.5)
            )
        except Exception:  # It cannot be run twice: then nothing can be said.
            return False
        for r0, r1, r2, is_lost in zip(still, far, near, lost, strict=True):
            if is_lost and r0.shape == r1.shape == r2.shape:
                whole, half = np.abs(r1 - r0), np.abs(r2 - r0)
                visible = whole > 1e-12 * np.maximum(1.0, np.abs(r0))
                if np.any(visible & (half > 0.1 * whole) & (half < 0.8 * whole)):
                    return True
    return False


def _run(function: Function, gys: Sequence[Variable], number: int, shift: float) -> list[Any]:
    """Run forward and rule of a twin off the graph, with one source shifted."""
    copies = [Variable(np.array(x.data)) for x in (*function.inputs, *gys)]
    data = copies[number].data
    uneven = 1.0 + 0.3 * np.cos(np.arange(data.size) + 1.0).reshape(data.shape)
    data += shift * np.maximum(1.0, np.abs(data)) * uneven
    split = len(function.inputs)
    other = twin(function)
    with using_config("enable_backprop", True):
        ys = other(*copies[:split])  # alive while the rule runs: it may ask for its outputs
    with using_config("enable_backprop", False):
        gxs = other.backward(*copies[split:])
    del ys
    results = gxs if isinstance(gxs, tuple) else (gxs,)
    return [
        gx.data if isinstance(gx, Variable) else np.asarray(gx) for gx in results if gx is not None
    ]
