"""What a folded graph or a part of one says beyond nodes and edges: how often, of how many.

It knows no graph: `dzviz.folding` and `dzviz.focusing` make these, styles and formats show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from dzviz.graph import Edge, FunctionNode, VariableNode
    from dzviz.trouble import Trouble


class Range(NamedTuple):
    """What the values of one Variable, or its gradients, were over all times.

    ``low`` and ``high`` are of all finite elements, None where there are none; of the others there
    are so many in ``nans``, ``infs`` and ``minus_infs``. ``last`` is the value that goes on from
    the last time, None where none does. ``shape`` is that of each one of the values.
    """

    times: int
    shape: tuple[int, ...]
    low: Any
    high: Any
    nans: int = 0
    infs: int = 0
    minus_infs: int = 0
    last: Any = None

    @property
    def kind(self) -> str:
        """``NaN`` or ``infinity`` where there is one."""
        return "NaN" if self.nans else "infinity" if self.infs or self.minus_infs else ""

    @property
    def zero(self) -> bool:
        """Whether all elements are zero."""
        return not self.kind and self.low is not None and not self.low and not self.high


class Repeat(NamedTuple):
    """A body that is drawn once for many ``times``: the ids of its nodes.

    ``parent`` is the Repeat that this one is a part of, as a loop within a loop is.
    """

    id: str
    times: int
    nodes: tuple[str, ...]
    parent: str | None = None


class Bundle(NamedTuple):
    """The edges that one edge of a folded graph stands for.

    It leads from a value to its use ``lag`` times later in the Repeat ``repeat``; 0 is the same
    time, or no common Repeat.
    """

    edges: tuple[Edge, ...]
    repeat: str | None = None
    lag: int = 0


class Plan(NamedTuple):
    """Which nodes of a graph fold into which: ``stand_in`` and ``times`` by a node's id.

    ``times`` has, outermost first, the number of each Repeat that a node is in, with its own there.
    """

    repeats: tuple[Repeat, ...]
    stand_in: Mapping[str, str]
    times: Mapping[str, tuple[tuple[int, int], ...]]


class Folded(NamedTuple):
    """What a folded graph stands for.

    ``members`` maps each node that stands for several to these, in order of time; ``bundles`` maps
    the edges (by source, target and key) that stand for others, or lead to a later time.
    ``outputs`` and ``trouble`` are those of the graph before, ``plan`` is how it was folded.
    """

    repeats: tuple[Repeat, ...]
    members: Mapping[str, tuple[VariableNode | FunctionNode, ...]]
    bundles: Mapping[tuple[str, str, int], Bundle]
    outputs: tuple[str, ...]
    trouble: Trouble | None
    plan: Plan


class Part(NamedTuple):
    """Of which graph this one is a part: its number of ``nodes``, and how many edges were ``cut``.

    ``cut`` maps nodes to the number of their edges that lead out of the part; ``outputs`` are those
    of the whole, of which all gradients are.
    """

    nodes: int
    cut: Mapping[str, int]
    outputs: tuple[VariableNode, ...]


def range_of(values: Iterable[Any], *, last: bool = False) -> Range:
    """Say what values of one shape were; ``last`` keeps the last one."""
    listed = list(values)
    shape = np.shape(listed[0])
    if shape:
        limits = [_limits(value) for value in listed]
        finite = [limit[:2] for limit in limits if limit[0] is not None]
        low = min((limit[0] for limit in finite), default=None)
        high = max((limit[1] for limit in finite), default=None)
        counts = [sum(limit[i] for limit in limits) for i in (2, 3, 4)]
    else:
        low, high, *counts = _limits(np.array(listed))
    final = listed[-1] if last else None
    return Range(len(listed), shape, low, high, counts[0], counts[1], counts[2], final)


def _limits(value: Any) -> tuple[Any, Any, int, int, int]:
    finite = np.isfinite(value)
    if finite.all():
        return (value.min(), value.max(), 0, 0, 0) if value.size else (None, None, 0, 0, 0)
    counts = [int(np.count_nonzero(f(value))) for f in (np.isnan, np.isposinf, np.isneginf)]
    rest = value[finite]
    return (*((rest.min(), rest.max()) if rest.size else (None, None)), *counts)
