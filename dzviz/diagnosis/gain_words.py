"""Gains in words and as JSON: what each op does to a gradient, and where one is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from math import isinf
from typing import Any

from dzviz.diagnosis.flows import Flows
from dzviz.diagnosis.gains import EXPLODED, VANISHED, Frame, Gain, Gains, Leaf, Way, frames
from dzviz.diagnosis.words import what, where
from dzviz.graph.model import FunctionNode
from dzviz.text.labels import reference
from dzviz.text.languages import say
from dzviz.text.phrases import clean
from dzviz.text.table import aligned

MANY = 40
"""If there are more Functions, those of one place are listed in one line."""

HEADINGS = ("op", "to", "gain", "came", "sent")
"""What the columns of the table are called."""


def text(gains: Gains) -> Iterator[str]:
    """Write a table of the gains, then a line for each variable."""
    lang = gains.flows.lang
    rows: list[tuple[str, ...]] = [tuple(say(lang, word) for word in HEADINGS)]
    rows += [*_frames(gains), *_rows(gains)]
    yield from aligned(rows)
    yield "\n"
    for leaf in gains.leaves():
        yield f"{_sentence(gains, leaf)}\n"
    if gains.silent:
        one = "{count} op received only 0: dzviz why says where the gradient was lost"
        many = "{count} ops received only 0: dzviz why says where the gradient was lost"
        count = len(gains.silent)
        yield f"{say(lang, one if count == 1 else many, count=count)}\n"
    if gains.unknown:
        one = (
            "the gain of {count} op is not known: of large arrays, the graph has only the first "
            "and last elements"
        )
        many = (
            "the gain of {count} ops is not known: of large arrays, the graph has only the first "
            "and last elements"
        )
        count = len(gains.unknown)
        yield f"{say(lang, one if count == 1 else many, count=count)}\n"


def _frames(gains: Gains) -> Iterator[tuple[str, ...]]:
    """Tell the frames; many of one name are one line."""
    found = list(frames(gains))
    names: dict[str, list[Frame]] = {}
    for i, frame in enumerate(found):
        name = clean(frame.group.name)
        names.setdefault(name if len(found) > MANY else f"{i} {name}", []).append(frame)
    for members in names.values():
        yield (
            _several(clean(members[0].group.name), members, gains.flows.lang),
            "",
            _between([f.sent / f.came for f in members]),
            _between([f.came for f in members]),
            _between([f.sent for f in members]),
        )


def _rows(gains: Gains) -> Iterator[tuple[str, ...]]:
    """Tell the ops in the order of the pass; many of one place are one line."""
    flows = gains.flows
    groups: dict[tuple[str, str], list[Gain]] = {}
    many = len({gain.function for gain in gains.all}) > MANY
    for gain in reversed(gains.all):
        function = flows.functions[gain.function]
        name = f"{_op(flows, function, many=many)}{where(flows, function)}"
        operand = reference(flows.variables[gain.edge.source])
        if many:
            operand = say(flows.lang, "operand {number}", number=gain.edge.arg)
        key = name if many else gain.function, operand
        groups.setdefault(key, []).append(gain)
    for (_, operand), members in groups.items():
        function = flows.functions[members[0].function]
        name = f"{_op(flows, function, many=many)}{where(flows, function)}"
        yield (
            _several(name, members, flows.lang),
            operand,
            _between([gain.sent / gain.came for gain in members]),
            _between([gain.came for gain in members]),
            _between([gain.sent for gain in members]),
        )


def _several(name: str, members: Sequence[object], lang: str) -> str:
    """Say how many are told in one line, if it is more than one."""
    count = len(members)
    return name if count == 1 else say(lang, "{text}, {count} times", text=name, count=count)


def _op(flows: Flows, function: FunctionNode, *, many: bool) -> str:
    """Name an op; of an index that is another one each time, that it is one."""
    if many and function.label.startswith("["):
        return "[...]"
    return what(flows, function, alone=False)


def _sentence(gains: Gains, leaf: Leaf) -> str:
    """Say the products along both paths to a leaf, and where the gradient is lost."""
    lang = gains.flows.lang
    name, strong, weak = reference(leaf.node), leaf.strongest, leaf.weakest
    template = "{name}: {product} along the strongest path"
    text = say(lang, template, name=name, product=_product(strong, lang))
    if weak.functions != strong.functions:
        text = say(
            lang, "{text}, {product} along the weakest", text=text, product=_product(weak, lang)
        )
    below, above = "{text}; below 1e-7 from {place}", "{text}; above 1e7 from {place}"
    first = strong.first()
    if first is None:
        first = weak.first()
        below = "{text}; on the weakest path below 1e-7 from {place}"
        above = "{text}; on the weakest path above 1e7 from {place}"
    if first is None:
        return text
    function = gains.flows.functions[first[0]]
    place = f"{what(gains.flows, function, alone=False)}{where(gains.flows, function)}"
    text = say(lang, below if first[1] < VANISHED else above, text=text, place=place)
    if first[0] in gains.times:
        time, times = gains.times[first[0]]
        template = "{text}, time {time} of {times}, {left} before the end"
        text = say(lang, template, text=text, time=time, times=times, left=times - time + 1)
    return text


def _product(way: Way, lang: str) -> str:
    if isinf(way.power):
        return "0"
    if abs(way.power) < 300:
        return _number(10**way.power)
    # too large or small for a float
    return say(lang, "about {value}", value=f"1e{round(way.power)}")


def _between(values: list[float]) -> str:
    low, high = min(values), max(values)
    texts = _number(low), _number(high)
    return texts[0] if texts[0] == texts[1] else f"{texts[0]} .. {texts[1]}"


def _number(value: float) -> str:
    return re.sub(r"e([-+])0*", lambda e: "e-" if e[1] == "-" else "e", f"{value:.3g}")


def as_json(gains: Gains) -> Iterable[str]:
    """Write all of them as JSON."""

    def way(one: Way) -> dict[str, Any]:
        first = one.first()
        return {
            "log10": None if isinf(one.power) else one.power,
            "functions": list(one.functions),
            "first": None if first is None else _first(gains, *first),
        }

    data = {
        "schema": "dzviz/flow/1",
        "limits": [VANISHED, EXPLODED],
        "gains": [
            {
                "function": gain.function,
                "operand": gain.edge.source,
                "arg": gain.edge.arg,
                "came": gain.came,
                "sent": gain.sent,
            }
            for gain in gains.all
        ],
        "frames": [
            {"frame": f.group.id, "name": f.group.name, "came": f.came, "sent": f.sent}
            for f in frames(gains)
        ],
        "silent": gains.silent,
        "unknown": gains.unknown,
        "leaves": [
            {
                "name": reference(leaf.node),
                "node": leaf.node.id,
                "strongest": way(leaf.strongest),
                "weakest": way(leaf.weakest),
            }
            for leaf in gains.leaves()
        ],
    }
    yield f"{json.dumps(data, indent=1)}\n"


def _first(gains: Gains, function: str, power: float) -> dict[str, Any]:
    """Tell where a gradient is lost, and of what repeats at which time."""
    time, times = gains.times.get(function, (None, None))
    return {
        "function": function,
        "log10": None if isinf(power) else power,
        "time": time,
        "times": times,
    }
