"""For which values of a sweep a gradient dies, explodes or is not finite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

from dzviz.diagnosis.gains import EXPLODED, VANISHED
from dzviz.diagnosis.why import Inquiry
from dzviz.graph.sweep import Sweep, leaf
from dzviz.options import ENGLISH
from dzviz.records import NamedTuple
from dzviz.text.languages import say
from dzviz.text.numbers import number
from dzviz.text.phrases import both
from dzviz.text.sweeps import gradient_name, result_name, spans, value_name

KINDS: Mapping[str, str] = {
    "dies": "the gradient is 0, or below 1e-7 in size, at two neighbouring values or more",
    "explodes": "the gradient is above 1e7 in size",
    "nan": "the result or the gradient is NaN",
    "infinite": "the result or the gradient is infinite",
}
"""What is marked on a curve. One 0 alone is where a curve turns, and no mark."""

LEAST, MOST = 10.0**VANISHED, 10.0**EXPLODED


class SweepMark(NamedTuple):
    """A stretch of an axis, by the places of its ends, a word of `KINDS`, and a sentence."""

    kind: str
    first: int
    last: int
    sentence: str


def sweep_marks(
    sweep: Sweep, axis: int, line: Sequence[int], lang: str = ENGLISH
) -> list[SweepMark]:
    """Find the marks along a line of points on which only this axis changes.

    What no gradient comes to at any point has not died at one.
    """
    own = sweep.axes[axis]
    nowhere = all(sweep.gradients[axis][point] is None for point in line)
    kinds = [_kind(sweep, axis, point) for point in line]
    alike = [(kind, *_odd(sweep, axis, point)) for kind, point in zip(kinds, line, strict=True)]
    found = []
    first = 0
    for i in range(1, len(kinds) + 1):
        if i < len(kinds) and alike[i] == alike[first]:
            continue
        last = i - 1
        died = kinds[first] == "dies"
        if kinds[first] and not (died and (last == first or nowhere)):
            points = line[first:i]
            what, span = (
                _what(sweep, axis, kinds[first], points, lang),
                spans(own, first, last, lang),
            )
            text = say(lang, "{what} {span}", what=what, span=span)
            for place in dict.fromkeys((first, last)):
                if why := _why(sweep, axis, line[place], kinds[first], lang):
                    where = f"; {value_name(own, place)}" if last > first else ""
                    text += f"{where}: {why}"
                    break
            found.append(SweepMark(kinds[first], first, last, text))
        first = i
    return found


def _kind(sweep: Sweep, axis: int, point: int) -> str:
    """Say what there is to mark at a point; mostly nothing."""
    y, slope = sweep.results[point], sweep.gradients[axis][point]
    numbers = [y] if slope is None else [y, slope]
    if any(value != value for value in numbers):
        return "nan"
    if not all(map(isfinite, numbers)):
        return "infinite"
    if slope is None:
        return "dies"
    return "dies" if abs(slope) < LEAST else "explodes" if abs(slope) > MOST else ""


def is_left_out(sweep: Sweep, axis: int, line: Sequence[int]) -> bool:
    """Whether a pass came to the outputs, and at no point of a line to what is swept."""
    return _passed(sweep, line[0]) and all(sweep.gradients[axis][p] is None for p in line)


def _passed(sweep: Sweep, point: int) -> bool:
    """Whether a pass came to the outputs."""
    outputs = set(sweep.graphs[point].outputs)
    return any(
        node.id in outputs and getattr(node, "grad_state", "") not in ("none", "constant")
        for node in sweep.graphs[point].nodes
    )


def _odd(sweep: Sweep, axis: int, point: int) -> list[str]:
    """Write the result and the gradient where they are not finite."""
    values = (sweep.results[point], sweep.gradients[axis][point])
    return ["" if v is None or isfinite(v) else number(v) for v in values]


def _what(sweep: Sweep, axis: int, kind: str, points: Sequence[int], lang: str) -> str:
    """Say what is so at some neighbouring points."""
    graph = sweep.graphs[points[0]]
    y, slope = result_name(graph, lang), gradient_name(graph, sweep.axes[axis], lang)
    slopes = [sweep.gradients[axis][point] for point in points]
    if kind == "explodes":
        return say(lang, "{name} is above 1e7 in size", name=slope)
    if kind == "dies":
        words = []
        if any(value == 0 for value in slopes):
            words.append("0")
        if any(value for value in slopes):
            words.append(say(lang, "below 1e-7 in size"))
        if None in slopes:
            words.append("None")
        joined = words[0]
        for word in words[1:]:
            joined = say(lang, "{first} or {last}", first=joined, last=word)
        return say(lang, "{name} is {what}", name=slope, what=joined)
    odd = zip((y, slope), _odd(sweep, axis, points[0]), strict=True)  # of all alike
    sentences = [say(lang, "{name} is {what}", name=name, what=what) for name, what in odd if what]
    return both(sentences[0], sentences[1], lang) if sentences[1:] else "".join(sentences)


def _why(sweep: Sweep, axis: int, point: int, kind: str, lang: str) -> str:
    """Say why, where the gradient of the whole variable is asked for, and that is known."""
    graph = sweep.graphs[point]
    node = leaf(graph, sweep.axes[axis].name)
    if sweep.axes[axis].place or node is None:
        return ""
    answer = Inquiry(graph, {}, lang).of(node, asked=True)
    states = ("zero", "none") if kind == "dies" else ("nonfinite",)
    known = answer.state in states and answer.cause != "unknown"
    return answer.sentence.partition(": ")[2] if known else ""
