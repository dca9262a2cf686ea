"""Which backward passes made the gradients of a graph, as frozen facts about Variables.

It knows no words but names, and no picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dzviz.engine import RELEASED, Added, Function, Pass, Recording, Variable
from dzviz.graph.model import Passes
from dzviz.records import NamedTuple

DEPTH = 3
"""A Variable without a name is described by how it was computed, this many Functions deep."""


class Provenance(NamedTuple):
    """What gradients are, see `dzviz.graph.model.Graph`; ``own`` has that of single Variables."""

    passes: tuple[Passes | None, ...] = ()
    own: dict[Variable, Passes] = {}  # noqa: RUF012  # it is never written
    flows: Passes | None = None


def provenance(
    ys: Sequence[Variable],
    ids: Mapping[Variable, int],
    recording: Recording,
    *,
    fresh: bool,
    changed: bool,
) -> Provenance:
    """Tell what a graph's gradients are unless they are the derivatives of its outputs ``ys``.

    ``ids`` are its Variables with their numbers. A recording describes its last pass.
    ``changed`` says that data has changed; unless it is known to be ``fresh`` it is tried whether
    gradients have, by running the pass again, which only built-in ops allow.
    """
    found = _by_passes(ys, ids, recording)
    unsure = found.passes and None not in found.passes
    if unsure or (not changed and (fresh or not all(_is_op(x.creator) for x in ids))):
        return found
    outputs = [y for y in ys if not y.constant]
    stale = Passes(1, (" + ".join(map(Names(ys, ids), outputs)),), drawn=True, changed=not changed)
    wrong = shown = [x for x in ids if x._passes is not None and x not in found.own]
    if not changed:
        from dzviz.sources.staleness import wrong_gradients  # what an expression computed is fresh

        wrong = wrong_gradients(outputs, [x for x in shown if x._grad is not RELEASED])
    if not wrong:
        return found
    left = [x for x in shown if x._grad is not RELEASED or x in recording.gradients]
    if not found.own and set(wrong).issuperset(left):
        return found._replace(passes=(stale,))
    own = dict(found.own) | dict.fromkeys(wrong, stale)
    return found._replace(passes=tuple(dict.fromkeys(map(own.get, [*own, *left]))), own=own)


def _is_op(function: Function | None) -> bool:
    return function is None or function.rules


def _by_passes(
    ys: Sequence[Variable], ids: Mapping[Variable, int], recording: Recording
) -> Provenance:
    """Tell what gradients are by the passes that left them alone."""
    makers = {x._passes for x in ids}
    makers_of_outputs = _Makers(ys, ids)
    recorded = makers_of_outputs.recorded(recording)
    flows = recorded if recording.contributions else None
    made = {maker: makers_of_outputs.passes_of(maker) for maker in makers if maker is not None}
    if recorded is None and not any(made.values()):
        return Provenance()
    own: dict[Variable, Passes | None] = {}
    for x in ids:
        if x._grad is RELEASED:
            if x in recording.gradients:
                own[x] = recorded
        elif x._grad is not None and x._passes is not None:
            own[x] = made[x._passes]
    if not own:  # no gradient is left to be shown
        own = {x: made[x._passes] for x in ids if x._passes is not None}
    passes = tuple(dict.fromkeys(own.values()))
    if len(passes) > 1:
        return Provenance(passes, {x: p for x, p in own.items() if p is not None}, flows)
    return Provenance(passes if any(passes) else (), {}, flows)


class Names:
    """What Variables of a graph are called: without a name of their own by how they were computed.

    ``ys`` are its outputs, ``ids`` all of its Variables with their numbers.
    """

    def __init__(self, ys: Sequence[Variable], ids: Mapping[Variable, int]) -> None:
        self.ys, self.ids = ys, ids

    def __call__(self, x: Variable) -> str:
        """Name a Variable."""
        if x.name is None and len(self.ys) == 1 and self.ys[0] is x:
            return "the output"
        from dzviz.text.formulas import LONGEST  # which few need

        text = self.computed(x, DEPTH)
        return text if len(text) <= LONGEST else f"v{self.ids[x]}"

    def computed(self, x: Variable, depth: int) -> str:
        """Write how a Variable was computed, so many Functions deep."""
        from dzviz.text.expressions import applied
        from dzviz.text.numbers import number

        if x.name is not None:
            return str(x.name)
        if x.constant and not x.shape:
            return number(x.data)
        if x.creator is None or not depth:
            return f"v{self.ids[x]}"
        operands = [self.computed(operand, depth - 1) for operand in x.creator.inputs]
        return applied(str(x.creator.label), operands)


class _Makers:
    """Says what passes are to a graph with these outputs."""

    def __init__(self, outputs: Sequence[Variable], ids: Mapping[Variable, int]) -> None:
        self.outputs = Counter(y for y in outputs if not y.constant)
        self.taken = {y.name for y in outputs}
        self.names = Names(outputs, ids)

    def passes_of(self, maker: Pass | Added) -> Passes | None:
        """Tell what made a gradient; None for the one pass of the outputs drawn, from ones."""
        if isinstance(maker, Pass):
            drawn = self.is_drawn(maker)
            seeds = [seed for seed in maker.seeds if seed is not None]
            if drawn and not seeds:
                return None
            return Passes(1, (self.of(maker),), drawn, seed=_seed(seeds, len(maker.seeds)))
        of = [self.of(each) for each in maker.passes]
        if maker.times > len(of):
            of.insert(len(of) // 2, "...")
        seeds = [seed for each in maker.passes for seed in each.seeds if seed is not None]
        return Passes(
            maker.times, tuple(dict.fromkeys(of)), assigned=maker.assigned, seed=bool(seeds)
        )

    def recorded(self, recording: Recording) -> Passes | None:
        """Tell the same of a recorded pass."""
        seeds = recording.seeds
        if not seeds:
            return None
        drawn = seeds.keys() == self.outputs.keys()
        others = [gy for y, gy in seeds.items() if not np.all(gy == (self.outputs[y] or 1))]
        if drawn and not others:
            return None
        values = [gy if np.ndim(gy) else float(gy) for gy in others]
        of = " + ".join(self.of_one(y, y.name) for y in seeds)
        return Passes(1, (of,), drawn, seed=_seed(values, len(seeds)))

    def is_drawn(self, maker: Pass) -> bool:
        """Whether a pass started from the very outputs that are drawn, except for constants."""
        ys = [reference() for reference in maker.outputs]
        return Counter(y for y in ys if y is None or not y.constant) == self.outputs

    def of(self, maker: Pass) -> str:
        """Say which outputs a pass was."""
        ys = [reference() for reference in maker.outputs] or [None] * len(maker.names)
        return " + ".join(map(self.of_one, ys, maker.names))

    def of_one(self, y: Variable | None, name: str | None) -> str:
        """Name an output: in the graph as there, else by its name, or by that of the pass."""
        if y is not None and y in self.names.ids:
            return self.names(y)
        name = name if y is None else y.name
        if name is None:
            return "another output"
        return f"another {name}" if name in self.taken else str(name)


def _seed(seeds: Sequence[Any], count: int) -> float | bool:
    """Return the one seed of a pass where it is a number, else whether there is any."""
    return seeds[0] if count == len(seeds) == 1 and isinstance(seeds[0], float) else bool(seeds)
