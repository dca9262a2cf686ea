"""How special edges are drawn: marked ones, or all by what flowed back.

It knows no format; the colours are those of `dzviz.themes`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, log10

from dzviz.graph.model import Edge, Graph, Value
from dzviz.graph.ranges import Range
from dzviz.options import Look
from dzviz.styles.scene import Stroke
from dzviz.themes import Theme

LEAST, MOST = -8.0, 2.0
"""The powers of ten between which edges become thicker."""

WIDTHS = 0.6, 5.0

WEAK, USUAL, STRONG = -4.0, -1.0, 2.0
"""The powers of ten below which an edge has a colour; what is stronger has that of trouble."""


def strokes(graph: Graph, look: Look) -> Callable[[Edge], Stroke | None]:
    """Return how each edge is drawn, None where it is like all others."""
    theme = look.colours
    if look.edges != "flow":
        return lambda edge: _marked(edge.mark, theme)
    from dzviz.diagnosis.flows import Flows  # which few pictures need

    flows = Flows(graph)
    seeds = [flows.came(id) for id in graph.outputs if id in flows.variables]
    seed = max((_size(value) for value in seeds), default=0.0) or 1.0
    known = {id: flows.came(id) for id in flows.variables}

    def stroke(edge: Edge) -> Stroke | None:
        value = known[edge.target] if edge.arg is None else edge.contribution
        return _by_flow(value, seed, theme)

    return stroke


def _marked(mark: str, theme: Theme) -> Stroke | None:
    if mark == "way":
        return Stroke(theme.active, 2.4)
    if mark in ("lost", "differs"):
        return Stroke(theme.trouble.line, 2.4)
    return Stroke(theme.ahead.line, 1.0) if mark == "aside" else None


def _by_flow(value: Value | None, seed: float, theme: Theme) -> Stroke:
    size = _size(value)
    if value is None or size == 0:
        return Stroke(theme.ahead.line, WIDTHS[0])
    if not isfinite(size):
        return Stroke(theme.trouble.line, WIDTHS[1])
    power = log10(size / seed)
    part = (min(max(power, LEAST), MOST) - LEAST) / (MOST - LEAST)
    colour = theme.trouble.line
    for limit, paint in (
        (WEAK, theme.ahead.line),
        (USUAL, theme.edge),
        (STRONG, theme.contribution),
    ):
        if power < limit:
            colour = paint
            break
    return Stroke(colour, round(WIDTHS[0] + part * (WIDTHS[1] - WIDTHS[0]), 1))


def _size(value: Value | None) -> float:
    if value is None:
        return 0.0
    if isinstance(value, Range):
        if value.norm is not None:
            return float(value.norm)
        ends = [abs(float(end)) for end in (value.low, value.high) if end is not None]
        return float("inf") if value.kind else max(ends, default=0.0)
    from dzviz.diagnosis.flows import norm_of

    return norm_of(value)
