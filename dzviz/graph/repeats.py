"""What a folded graph or a part of one says beyond nodes and edges: how often, of how many.

It knows no graph: `dzviz.graph.folding` and `dzviz.graph.select` make these, styles and formats show them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dzviz.graph.model import Edge, FunctionNode, VariableNode
    from dzviz.graph.nonfinite import Trouble


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
