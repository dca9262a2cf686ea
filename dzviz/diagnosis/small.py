"""Gradients that are not lost, but much smaller than what the pass started from."""

from __future__ import annotations

from dzviz.diagnosis.flows import Flows, norm_of
from dzviz.diagnosis.gains import VANISHED
from dzviz.diagnosis.losses import Reason
from dzviz.diagnosis.words import short
from dzviz.text.languages import say


def part_of_seed(flows: Flows, id: str) -> float | None:
    """Return what part of the seed a gradient is, by their norms; None if that is not known."""
    seed, gradient = flows.seed_norm(), flows.variables[id].grad
    if gradient is None or not flows.recorded or not 0 < seed < float("inf"):
        return None
    part = norm_of(gradient) / seed
    return part if part == part else None


def is_small(flows: Flows, id: str) -> bool:
    """Whether a gradient is so small a part of the seed that `dzviz flow` calls it so."""
    part = part_of_seed(flows, id)
    return part is not None and 0 < part < 10**VANISHED


def noted(flows: Flows, id: str, reason: Reason) -> Reason:
    """Note of a gradient that came as it should that it is small, and what shows where."""
    part = part_of_seed(flows, id)
    text = (
        "{why}; its norm is {value} times that of the seed (dzviz flow shows where it becomes so "
        "small)"
    )
    why = say(flows.lang, text, why=reason.why, value=short(part, flows.lang))
    return reason._replace(cause="small", why=why)
