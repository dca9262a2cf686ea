"""The curve of a result and of its derivative over a swept value, drawn as SVG.

What is marked is described in words by `dzviz.diagnosis.sweeps`, which finds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import isfinite, log

from dzviz.diagnosis.sweeps import SweepMark, is_left_out, sweep_marks
from dzviz.graph.sweep import Sweep
from dzviz.options import Look
from dzviz.records import NamedTuple
from dzviz.svg import primitives as pen
from dzviz.svg.primitives import number as n
from dzviz.svg.scales import Scale, scale_of_axis, scale_of_values
from dzviz.text.languages import say
from dzviz.text.metrics import text_width
from dzviz.text.notes import known
from dzviz.text.numbers import number
from dzviz.text.phrases import both, clean
from dzviz.text.sweeps import (
    change_sentence,
    gradient_name,
    gradient_text,
    result_name,
    result_text,
    told_apart,
    value_name,
)

SIZE = 10.0
"""The size of text in points."""

WIDTH, HEIGHT = 320.0, 78.0
"""The size of a panel."""

LEFT, RIGHT, TOP, BETWEEN, BOTTOM = 62.0, 14.0, 24.0, 24.0, 34.0
"""The room around the panels, and between the two."""

BOX = (0.0, 0.0, LEFT + WIDTH + RIGHT, TOP + 2 * HEIGHT + BETWEEN + BOTTOM)

TANGENT = 0.2
"""The length of a tangent to each side, in parts of a panel's width."""

WORDS = {"dies": "dies", "explodes": "explodes", "nan": "NaN", "infinite": "inf"}
"""What stands at a mark."""

LONG, MOST = 16, 30
"""Longer names do not stand beside the numbers of a point; of still longer ones a part is drawn."""

DOTS = 100
"""With more values, only the curve is drawn, without dots at the points."""


class Panel(NamedTuple):
    """One of the two panels: its name, its values at each place, and where it begins."""

    name: str
    values: Sequence[float | None]
    top: float
    colour: str
    scale: Scale


class Curve:
    """The curves along one axis of a sweep, the other value being that of the ``line``.

    ``marks`` are described in the words of `sentences`.
    """

    def __init__(self, sweep: Sweep, axis: int, line: Sequence[int], look: Look) -> None:
        self.sweep, self.axis, self.line, self.look = sweep, axis, line, look
        self.marks = sweep_marks(sweep, axis, line, look.lang)
        self.theme = look.colours
        own, graph = sweep.axes[axis], sweep.graphs[line[0]]
        self.xs = own.values
        self.x = scale_of_axis(self.xs, LEFT, LEFT + WIDTH, log=own.log)
        slopes = [sweep.gradients[axis][point] for point in line]
        results: list[float | None] = [sweep.results[point] for point in line]
        lang = look.lang
        sides = [(result_name(graph, lang), results, self.theme.text)]
        if any(slope is not None for slope in slopes):
            sides.append((gradient_name(graph, own, lang), slopes, self.theme.contribution))
        self.slopes = slopes
        self.panels = [
            Panel(name, values, top, colour, scale_of_values(values, top + HEIGHT, top))
            for i, (name, values, colour) in enumerate(sides)
            for top in [TOP + i * (HEIGHT + BETWEEN)]
        ]

    @property
    def title(self) -> str:
        """What is drawn: ``y and dy/dx over x``, of a grid with the other value."""
        lang, names = self.look.lang, [panel.name for panel in self.panels]
        name = both(names[0], names[1], lang) if names[1:] else names[0]
        return self._with_other(say(lang, "{names} over {axis}", names=name, axis=self.label))

    @property
    def below(self) -> str:
        """What stands below the axis: its name, of a grid with the other value."""
        return self._with_other(self.label)

    @property
    def label(self) -> str:
        """The name of the axis."""
        return clean(self.sweep.axes[self.axis].label)

    def _with_other(self, text: str) -> str:
        """Add the other value of a grid."""
        for i, axis in enumerate(self.sweep.axes):
            if i != self.axis:
                value = value_name(axis, self.sweep.at(self.line[0])[i])
                return say(self.look.lang, "{what}, at {value}", what=text, value=value)
        return text

    def sentences(self) -> list[str]:
        """Say what is marked, where the graph becomes another, and what is not drawn."""
        lang = self.look.lang
        sentences = [mark.sentence for mark in self.marks]
        own = self.sweep.axes[self.axis]
        if is_left_out(self.sweep, self.axis, self.line):
            sentences.append(say(lang, "no gradient reaches {name}", name=self.label))
        sentences += [change_sentence(own, i, i + 1, lang) for i in self._changes()]
        for panel in self.panels:
            beyond = sum(
                v is not None and isfinite(v) and not panel.scale.has(v) for v in panel.values
            )
            if beyond:
                ends = (number(panel.scale.low, 3), number(panel.scale.high, 3))
                text = (
                    "{name} is drawn from {low} to {high}; {count} of its values lie outside"
                    if beyond > 1
                    else "{name} is drawn from {low} to {high}; one of its values lies outside"
                )
                fields = {"low": ends[0], "high": ends[1], "count": beyond}
                sentences.append(say(lang, text, name=panel.name, **fields))
        return sentences

    def still(self) -> str:
        """Draw all but the point at which a reader is."""
        theme = self.theme
        parts = [self._band(mark) for mark in self.marks]
        for panel in self.panels:
            parts += self._frame(panel)
        for i in self._changes():
            x = (self.x(self.xs[i]) + self.x(self.xs[i + 1])) / 2
            parts += [_upright(x, panel.top, theme.quiet, dashed=True) for panel in self.panels]
        for panel in self.panels:
            parts += self._line(panel)
        parts += self._words()
        bottom = self.panels[-1].top + HEIGHT
        for value, text in _labels(self.x.ticks(6)):
            x = self.x(value)
            parts.append(_stroke(f"M{n(x)},{n(bottom)}v4", theme.edge))
            parts.append(pen.text([text], x, bottom + 11, SIZE, theme.quiet))
        middle = LEFT + WIDTH / 2
        words = [self.below]
        parts.append(pen.text(words, middle, bottom + 25, SIZE, theme.text))
        return "".join(parts)

    def at(self, place: int) -> str:
        """Draw where a reader is: the point on both curves, the tangent, and the numbers."""
        x = self.x(self.xs[place])
        active, graph = self.theme.active, self.sweep.graphs[self.line[place]]
        parts = []
        for panel in self.panels:
            value = panel.values[place]
            parts.append(_upright(x, panel.top, active, dashed=True))
            text = (
                result_text(graph)
                if panel is self.panels[0]
                else gradient_text(graph, self.sweep.axes[self.axis])
            )
            parts.append(
                pen.text(
                    [f"{panel.name if len(panel.name) <= LONG else ''} = {text}".lstrip()],
                    LEFT + WIDTH,
                    panel.top - 9,
                    SIZE,
                    active,
                    bold=True,
                    anchor="end",
                )
            )
            if value is not None and isfinite(value) and panel.scale.has(value):
                if panel is self.panels[0]:
                    parts.append(self._tangent(place, value))
                parts.append(_dot(x, panel.scale(value), 3.5, active))
        return "".join(parts)

    def _tangent(self, place: int, y: float) -> str:
        """Draw the line that touches the curve."""
        slope, at = self.slopes[place], self.xs[place]
        if slope is None or not isfinite(slope):
            return ""
        scale = self.panels[0].scale
        if self.x.log:  # of the curve as it is drawn, over the logarithm
            slope *= abs(at) * log(10)
        long = self.x.high - self.x.low
        x = self.x(at)
        sides = (max(-TANGENT, (LEFT - x) / WIDTH), min(TANGENT, (LEFT + WIDTH - x) / WIDTH))
        a, b = ((x + side * WIDTH, scale(y + side * slope * long)) for side in sides)
        return _path(_within([(a, b)], self.panels[0].top), self.theme.active, 2.0)

    def _changes(self) -> Iterator[int]:
        """Tell behind which places the graph becomes another."""
        structure = [self.sweep.structure[point] for point in self.line]
        yield from (i for i, (a, b) in enumerate(pairwise(structure)) if a != b)

    def _frame(self, panel: Panel) -> Iterator[str]:
        """Draw a panel's box, its ticks, the line at 0 and its name."""
        theme = self.theme
        yield (
            f'<rect x="{n(LEFT)}" y="{n(panel.top)}" width="{n(WIDTH)}" height="{n(HEIGHT)}" '
            f'fill="none" stroke="{theme.frame}" stroke-width="0.8"/>\n'
        )
        known = any(v is not None and isfinite(v) for v in panel.values)
        for value, text in _labels(panel.scale.ticks(3) if known else []):
            y = panel.scale(value)
            yield _stroke(f"M{n(LEFT)},{n(y)}h-4", theme.edge)
            yield pen.text([text], LEFT - 7, y, SIZE, theme.quiet, anchor="end")
        if known and panel.scale.has(0.0):
            y = panel.scale(0.0)
            yield _stroke(f"M{n(LEFT)},{n(y)}h{n(WIDTH)}", theme.frame, 0.6)
        place = LEFT, panel.top - 9
        yield pen.text(
            [clean(panel.name, MOST)], *place, SIZE, panel.colour, bold=True, anchor="start"
        )

    def _line(self, panel: Panel) -> Iterator[str]:
        """Draw the values, and lines between neighbours where both are numbers of one graph."""
        breaks = set(self._changes())
        places = [
            (self.x(x), panel.scale(v)) if v is not None and isfinite(v) else None
            for x, v in zip(self.xs, panel.values, strict=True)
        ]
        lines = [
            (a, b)
            for i, (a, b) in enumerate(pairwise(places))
            if a is not None and b is not None and i not in breaks
        ]
        yield _path(_within(lines, panel.top), panel.colour, 1.6)
        if len(places) <= DOTS:
            for place in places:
                if place and panel.top - 0.01 <= place[1] <= panel.top + HEIGHT + 0.01:
                    yield _dot(*place, 1.5, panel.colour)

    def _ends(self, mark: SweepMark) -> tuple[float, float]:
        """Return from where to where a mark is: halfway to its neighbours."""
        xs = [self.x(x) for x in self.xs]
        ends = []
        for place, other in ((mark.first, mark.first - 1), (mark.last, mark.last + 1)):
            inside = 0 <= other < len(xs)
            ends.append((xs[place] + xs[other]) / 2 if inside else xs[place])
        return min(ends), max(ends)

    def _band(self, mark: SweepMark) -> str:
        """Draw the ground of a mark."""
        left, right = self._ends(mark)
        fill, line = self._paint(mark)
        dashes = ' stroke-dasharray="3 2"' if mark.kind == "explodes" else ""
        return "".join(
            f'<rect x="{n(left)}" y="{n(panel.top)}" width="{n(max(right - left, 2))}" '
            f'height="{n(HEIGHT)}" fill="{fill}" stroke="{line}" stroke-width="0.6"{dashes}/>\n'
            for panel in self.panels
        )

    def _paint(self, mark: SweepMark) -> tuple[str, str]:
        if mark.kind in ("nan", "infinite"):
            return self.theme.trouble.fill, self.theme.trouble.line
        if mark.kind == "dies":
            return self.theme.constant.fill, self.theme.constant.line
        return "none", self.theme.constant.line

    def _words(self) -> Iterator[str]:
        """Name the marks, below the lower panel's name, where they do not stand on each other."""
        free = LEFT
        panel = self.panels[-1]
        for mark in sorted(self.marks, key=self._ends):
            left, right = self._ends(mark)
            word, colour = known(WORDS[mark.kind], self.look.lang), self._paint(mark)[1]
            half = text_width(word, SIZE, bold=True) / 2
            x = min(max((left + right) / 2, LEFT + half), LEFT + WIDTH - half)
            if x - half < free:
                continue
            free = x + half + 3
            place = x, panel.top + 9
            ground = self._paint(mark)[0]
            if ground == "none":
                ground = self.look.background or self.theme.background
            if ground != "transparent":
                yield pen.halo(word, *place, SIZE, ground, ' font-weight="bold"')
            yield pen.text([word], *place, SIZE, colour, bold=True)


def _labels(values: Sequence[float]) -> Iterator[tuple[float, str]]:
    """Write what stands at ticks."""
    return zip(values, told_apart(values), strict=True)


Line = tuple[tuple[float, float], tuple[float, float]]


def _within(lines: Sequence[Line], top: float) -> list[Line]:
    """Cut lines at the upper and the lower end of a panel."""
    low, high = top, top + HEIGHT
    kept = []
    for (x1, y1), (x2, y2) in lines:
        if max(y1, y2) < low or min(y1, y2) > high:
            continue
        ends = []
        for (x, y), (other, far) in (((x1, y1), (x2, y2)), ((x2, y2), (x1, y1))):
            bound = min(max(y, low), high)
            ends.append((x if bound == y else x + (other - x) * (bound - y) / (far - y), bound))
        kept.append((ends[0], ends[1]))
    return kept


def _path(lines: Sequence[Line], colour: str, width: float) -> str:
    """Draw lines, one after the other where one begins at the end of the one before."""
    path, end = "", None
    for a, b in lines:
        begin = "" if a == end else f"M{n(a[0])},{n(a[1])}"
        path += f"{begin}L{n(b[0])},{n(b[1])}"
        end = b
    return _stroke(path, colour, width) if path else ""


def _stroke(path: str, colour: str, width: float = 0.8, more: str = "") -> str:
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{n(width)}"{more}/>\n'


def _upright(x: float, top: float, colour: str, *, dashed: bool) -> str:
    dashes = ' stroke-dasharray="3 3"' if dashed else ""
    return _stroke(f"M{n(x)},{n(top)}v{n(HEIGHT)}", colour, 0.9, dashes)


def _dot(x: float, y: float, radius: float, colour: str) -> str:
    return f'<ellipse cx="{n(x)}" cy="{n(y)}" rx="{n(radius)}" ry="{n(radius)}" fill="{colour}"/>\n'
