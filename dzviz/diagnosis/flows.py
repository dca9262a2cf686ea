"""What flowed where in a graph: each value's shares, and what came to each Function."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from dzviz.diagnosis.families import family_of
from dzviz.graph.model import LIBRARY, Edge, FunctionNode, Graph, Value, VariableNode
from dzviz.graph.nonfinite import is_finite
from dzviz.graph.ranges import Range
from dzviz.graph.rounded import is_zero
from dzviz.options import ENGLISH
from dzviz.records import NamedTuple

MOST_ENDS = 3
"""At most this many places where a gradient ends are kept for each value."""


class Flows:
    """A graph, with what is next to each node, and what came back to it.

    ``within`` names the library's function that a node is a part of, as ``softmax``; ``lang`` is
    what answers are said in.
    """

    def __init__(self, graph: Graph, lang: str = ENGLISH) -> None:
        self.graph = graph
        self.lang = lang
        self.variables: dict[str, VariableNode] = {}
        self.functions: dict[str, FunctionNode] = {}
        for node in graph.nodes:
            if isinstance(node, VariableNode):
                self.variables[node.id] = node
            else:
                self.functions[node.id] = node
        self.uses: dict[str, list[Edge]] = {}
        self.operands: dict[str, list[Edge]] = {}
        self.results: dict[str, list[str]] = {}
        self.maker: dict[str, str] = {}
        self.recorded = False
        for edge in graph.edges:
            if edge.arg is None:
                self.results.setdefault(edge.source, []).append(edge.target)
                self.maker[edge.target] = edge.source
            else:
                self.uses.setdefault(edge.source, []).append(edge)
                self.operands.setdefault(edge.target, []).append(edge)
                self.recorded = self.recorded or edge.contribution is not None
        self.within = {id: g.name for g in graph.groups if g.kind == LIBRARY for id in g.nodes}
        self.coarse = any(node.dtype.endswith("float16") for node in self.variables.values())
        self.outputs = set(graph.outputs)
        self.to_output = dict(self._to_output())

    def shares(self, id: str) -> list[Edge]:
        """Return the edges along which something flowed back to a value."""
        return [edge for edge in self.uses.get(id, ()) if edge.contribution is not None]

    def came(self, id: str) -> Value | None:
        """Return what came to a value in the pass whose shares are known."""
        node = self.variables[id]
        if id in self.outputs and node.seed is not None and id not in self.uses:
            return node.seed
        if node.grad_was is not None:
            return node.grad_was
        one_pass = not self.graph.passes and node.passes is None and not self.is_untouched(id)
        if node.grad is not None and (self.maker.get(id) is not None or one_pass):
            return node.grad
        shares = self.shares(id)
        if not shares:
            return node.grad if node.seed is None and not self.is_untouched(id) else node.seed
        return added([edge.contribution for edge in shares])

    def seed_norm(self) -> float:
        """Return the norm of all that the pass started from, NaN where it is not known."""
        outputs = [node for id, node in self.variables.items() if id in self.outputs]
        seeds = [node.seed for node in outputs if node.seed is not None]
        if not seeds:  # which not all engines and documents tell
            came = [self.came(node.id) for node in outputs if node.id not in self.uses]
            seeds = [gy for gy in came if gy is not None]
        return norm_of([norm_of(gy) for gy in seeds])

    def is_untouched(self, id: str) -> bool:
        """Whether a leaf has a 0 that nothing has sent there: what JAX gives where no way leads."""
        node = self.variables[id]
        inside = id in self.maker or id in self.outputs
        none = node.passes is not None or not is_nothing(node.grad) or bool(self.shares(id))
        return self.recorded and not inside and not none

    def ends_ways(self, function: str) -> bool:
        """Whether a Function ends each way through it: it is flat, or its results are constants."""
        if family_of(self.functions[function]) in ("cut", "step"):
            return True
        results = [self.variables[y] for y in self.results.get(function, ())]
        return bool(results) and all(y.grad_state == "constant" or is_whole(y) for y in results)

    def edge(self, end: End) -> Edge:
        """Return the operand's edge at which a gradient is lost."""
        edges = self.operands[str(end.function)]
        return next(edge for edge in edges if edge.arg == end.arg)

    def sent(self, function: str) -> list[Value]:
        """Return what came to the results of a Function, as far as it is known."""
        found = (self.came(y) for y in self.results.get(function, ()))
        return [gy for gy in found if gy is not None]

    def backwards(self) -> Iterator[str]:
        """Go through the values from the outputs to the leaves."""
        yield from reversed(self.variables)

    def way(self, start: str, step: Callable[[str], tuple[str, str] | None]) -> tuple[str, ...]:
        """Follow steps, each to a Function and its result, from a value on."""
        way, at = {start: None}, step(start)
        while at is not None and at[1] not in way:  # a folded graph leads back to an earlier time
            way.update(dict.fromkeys(at))
            at = step(at[1])
        return tuple(way)

    def onward(self, id: str) -> tuple[str, str] | None:
        """Return a Function that uses a value, and its result; nearer to an output, if any is."""
        if id in self.to_output:
            return self.to_output[id]
        for edge in self.uses.get(id, ()):  # a dead end
            for y in self.results.get(edge.target, ()):
                return edge.target, y
        return None

    def strongest(self, id: str) -> tuple[str, ...]:
        """Return the way along which most of a gradient came."""

        def step(v: str) -> tuple[str, str] | None:
            shares = self.shares(v)
            if not shares:
                return self.onward(v)
            best = shares[0]
            if len(shares) > 1:
                best = max(shares, key=lambda edge: _size(edge.contribution))
            results = self.results.get(best.target, ())
            known = [y for y in results if y in self.to_output]
            return (best.target, known[0]) if known else self.onward(v)

        return self.way(id, step)

    def _to_output(self) -> Iterator[tuple[str, tuple[str, str] | None]]:
        """Give for each value that reaches an output the next step of the shortest way there."""
        length: dict[str, int] = {}
        for id in self.backwards():
            best: tuple[str, str] | None = None
            if id in self.outputs:
                length[id] = 0
                yield id, None
                continue
            for edge in self.uses.get(id, ()):
                for y in self.results.get(edge.target, ()):
                    if y in length and length[y] + 1 < length.get(id, len(self.variables) + 1):
                        length[id], best = length[y] + 1, (edge.target, y)
            if best is not None:
                yield id, best


class End(NamedTuple):
    """Where a gradient is lost: at operand ``arg`` of a ``function``, or at a ``value`` itself."""

    value: str
    function: str | None = None
    arg: int | None = None


class Trace(NamedTuple):
    """Where what is missing at a value was lost, and the ``step`` on the way there."""

    ends: tuple[End, ...]
    step: tuple[str, str] | None = None


def traces(flows: Flows, lost: Callable[[Value | None], bool], *, any_of: bool) -> dict[str, Trace]:
    """Say for each value whose gradient is ``lost`` where that began.

    A gradient is lost if all its shares are, or, with ``any_of``, if one of them is. What joins its
    operands only hands on what its result got: then it began behind that.
    """
    found: dict[str, Trace] = {}
    for id in flows.backwards():
        if not lost(flows.came(id)):
            continue
        used = [e for e in flows.uses.get(id, ()) if flows.results.get(e.target)]
        edges = [edge for edge in used if lost(edge.contribution)]
        kept = [e for e in used if not (e.contribution is None or lost(e.contribution))]
        if kept and not any_of:  # they add up to nothing; one alone is no more than rounding
            edges = kept if len(kept) == 1 and not edges else []
        ends: dict[End, None] = {}
        step = None
        for edge in edges:
            results = flows.results[edge.target]
            known = [y for y in results if y in found]
            sound = [y for y in results if y not in found and flows.came(y) is not None]
            here = not known or (bool(sound) and not any_of)
            here |= edge.contribution is None and flows.ends_ways(edge.target)
            if here:
                behind = _behind(flows, edge)
                if behind[0].source != id:
                    step = step or (edge.target, results[0])
                ends.update((End(e.source, e.target, e.arg), None) for e in behind)
                continue
            step = step or (edge.target, known[0])
            ends.update(dict.fromkeys(end for y in known for end in found[y].ends))
            if len(ends) > MOST_ENDS:
                break
        own = not edges
        found[id] = Trace(tuple(ends)[: MOST_ENDS + 1] if not own else (End(id),), step)
    return found


def _behind(flows: Flows, edge: Edge) -> list[Edge]:
    """Return where what an operand was joined with others for was lost: behind what only moves it.

    A share of those that is 0 is a part of what came to their result.
    """
    found: list[Edge] = []
    pending = [edge]
    moves: tuple[str, ...] = ("joining",)
    while pending and len(found) <= MOST_ENDS:
        at = pending.pop()
        results = flows.results.get(at.target, ())
        uses = [use for y in results for use in flows.uses.get(y, ())]
        if uses and at.contribution is not None and _moves(flows, at) in moves:
            pending += reversed(uses)
            moves = ("joining", "moving")
        else:
            found.append(at)
    return found


def _moves(flows: Flows, edge: Edge) -> str:
    """Return the family of a Function, where an index that takes all elements only moves them."""
    family = family_of(flows.functions[edge.target])
    sizes = [prod(flows.variables[y].shape) for y in flows.results.get(edge.target, ())]
    whole = sizes == [prod(flows.variables[edge.source].shape)]
    return "moving" if family == "selection" and whole else family


def added(values: Sequence[Value | None]) -> Value | None:
    """Return the sum of values, None where it is not known."""
    first, *rest = values
    if not rest:
        return first
    if any(isinstance(value, Range) for value in values):
        return None
    total = np.asarray(first)
    with np.errstate(all="ignore"):  # as in the pass itself, inf - inf is NaN
        for value in rest:
            total = total + np.asarray(value)
    return total[()]


def is_sum_of(values: Sequence[Value | None], total: Value, *, coarse: bool) -> bool:
    """Whether a gradient is the sum of values, as far as ``coarse`` numbers or short ones tell."""
    made = added(values)
    if made is None or isinstance(made, Range) or isinstance(total, Range):
        return True
    if np.shape(made) != np.shape(total):
        return True
    within = 5e-2 if coarse else 1e-3
    most = sum(size_of(value) for value in values)
    return bool(np.all(np.abs(np.asarray(made) - np.asarray(total)) <= within * most))


def is_whole(node: VariableNode) -> bool:
    """Whether its data are whole numbers or truth values, which have no derivative."""
    return node.dtype.startswith(("int", "uint", "bool"))


def is_nothing(value: Value | None) -> bool:
    """Whether it is 0, or no more than rounding."""
    if value is None:
        return False
    if isinstance(value, Range):
        return value.zero
    if isinstance(value, float):
        return value == 0
    return bool(np.size(value)) and is_zero(value)


def is_bad(value: Value | None) -> bool:
    """Whether a number of it is not finite."""
    return value is not None and not is_finite(value)


def size_of(value: Value | None) -> float:
    """Return the largest absolute value."""
    if isinstance(value, float):
        return abs(value)
    if value is None:
        return 0.0
    if isinstance(value, Range):
        ends = [abs(float(end)) for end in (value.low, value.high) if end is not None]
        return max(ends, default=0.0)
    return float(np.max(np.abs(np.asarray(value, float)), initial=0.0))


def norm_of(value: Any) -> float:
    """Return the square root of the sum of squares, NaN where it is not known."""
    if isinstance(value, float):
        return abs(value)
    if isinstance(value, Range):
        return float("nan") if value.norm is None else float(value.norm)
    array = np.asarray(value, float)
    top = float(np.max(np.abs(array), initial=0.0))
    if not 0 < top < np.inf:
        return top
    return top * float(np.linalg.norm((array / top).ravel()))


def _size(value: Any) -> float:
    """Return the norm as what is compared: 0 for what is none or has none."""
    norm = 0.0 if value is None else norm_of(value)
    return 0.0 if norm != norm else norm
