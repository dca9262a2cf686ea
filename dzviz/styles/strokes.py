"""How special edges are drawn: marked ones, or all by what flowed back.

It knows no format; the colours are those of `dzviz.themes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf, isfinite, log10

from dzviz.graph.model import Edge, Graph, Value
from dzviz.graph.ranges import Range
from dzviz.options import Look
from dzviz.records import NamedTuple
from dzviz.styles.scene import Arrow, Stroke
from dzviz.text.key import Mark, has_key
from dzviz.themes import Theme

LEAST, MOST = -8.0, 2.0
"""The powers of ten between which edges become thicker."""

WIDTHS = 0.6, 5.0


class Band(NamedTuple):
    """The sizes below a power of ten ``limit`` that one colour is for, with their mark in a key."""

    limit: float
    mark: Mark
    colour: Callable[[Theme], str]


BANDS = (
    Band(
        -4.0,
        Mark("flow 0", "faint arrow", "less than 1e-4 times the seed, or nothing"),
        lambda theme: theme.ahead.line,
    ),
    Band(
        -1.0,
        Mark("flow 1", "medium arrow", "1e-4 to 0.1 times the seed"),
        lambda theme: theme.edge,
    ),
    Band(
        2.0,
        Mark("flow 2", "strong arrow", "0.1 to 100 times the seed"),
        lambda theme: theme.contribution,
    ),
    Band(
        inf,
        Mark("flow 3", "very strong arrow", "100 times the seed or more, or not finite"),
        lambda theme: theme.trouble.line,
    ),
)
"""What the colours of edges are for, by what flowed back."""


def strokes(graph: Graph, look: Look) -> Callable[[Edge], Stroke | None]:
    """Return how each edge is drawn, None where it is like all others."""
    theme = look.colours
    if look.edges != "flow":
        return lambda edge: _marked(edge.mark, theme)
    from dzviz.diagnosis.flows import Flows  # which few pictures need

    flows = Flows(graph)
    seed = flows.seed_norm()
    seed = seed if 0 < seed < inf else 1.0
    known = {id: flows.came(id) for id in flows.variables}

    def stroke(edge: Edge) -> Stroke | None:
        value = known[edge.target] if edge.arg is None else edge.contribution
        return _by_flow(value, seed, theme)

    return stroke


def flow_marks(graph: Graph, arrows: Iterable[Arrow], look: Look) -> tuple[Mark, ...]:
    """Return the marks that a key explains of edges by what flowed back: in a film all of them."""
    if look.edges != "flow" or not has_key(look):
        return ()
    drawn = {arrow.stroke.band for arrow in arrows if arrow.stroke is not None}
    every = bool(graph.film) or look.legend == "on"
    marks = [band.mark for band in BANDS if every or band.mark.swatch in drawn]
    return tuple(mark.translated(look.lang) for mark in marks)


def _marked(mark: str, theme: Theme) -> Stroke | None:
    if mark == "way":
        return Stroke(theme.active, 2.4)
    if mark in ("lost", "differs"):
        return Stroke(theme.trouble.line, 2.4)
    return Stroke(theme.ahead.line, 1.0) if mark == "aside" else None


def _by_flow(value: Value | None, seed: float, theme: Theme) -> Stroke:
    size = _size(value) / seed
    power = inf if not isfinite(size) else log10(size) if size > 0 else -inf
    part = (min(max(power, LEAST), MOST) - LEAST) / (MOST - LEAST)
    band = next(band for band in BANDS if power < band.limit or band.limit == inf)
    width = round(WIDTHS[0] + part * (WIDTHS[1] - WIDTHS[0]), 1)
    return Stroke(band.colour(theme), width, band.mark.swatch)


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
