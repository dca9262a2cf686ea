"""Gradients that are not lost, but much smaller than what the pass started from."""

from __future__ import annotations

from dzviz.diagnosis.flows import Flows, norm_of
from dzviz.diagnosis.gains import VANISHED
from dzviz.diagnosis.losses import Reason
from dzviz.diagnosis.words import short
from dzviz.text.languages import say


def part_of_seed(flows: Flows, id: str) -> float | None:
    """Return what part of the seed a gradient is, by their norms; None if that is not known."""
    seeds = [flows.came(y) for y in flows.graph.outputs if y in flows.variables]
    seed = norm_of([norm_of(gy) for gy in seeds if gy is not None])
    gradient = flows.variables[id].grad
    if gradient is None or not flows.recorded or not 0 < seed < float("inf"):
        return None
    part = norm_of(gradient) / seed
    return part if part == part else None


def noted(flows: Flows, id: str, reason: Reason) -> Reason:
    """Note of a gradient that came as it should that it is small, if `dzviz flow` calls it so."""
    part = part_of_seed(flows, id)
    if part is None or not 0 < part < 10**VANISHED:
        return reason
    text = "dzviz flow shows where it becomes so small: its norm is {value} times that of the seed"
    mend = say(flows.lang, text, value=short(part, flows.lang))
    return reason._replace(cause="small", mend=mend)
