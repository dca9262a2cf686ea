"""Gains in words and as JSON: what each op does to a gradient, and where one is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from math import isinf
from typing import Any

from dzviz.diagnosis import alike
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

FEW = 12
"""If there are more leaves, or more Functions in frames, those that are alike are one line."""

LIMITS = "products of gains from 1e-7 to 1e7 count as usual"

PLACES = {
    ("", True, True): "{text}; below 1e-7 from {place}",
    ("", False, True): "{text}; above 1e7 from {place}",
    ("", True, False): "{text}; as small as {value} after {place}",
    ("", False, False): "{text}; as large as {value} after {place}",
    ("weakest", True, True): "{text}; on the weakest path below 1e-7 from {place}",
    ("weakest", False, True): "{text}; on the weakest path above 1e7 from {place}",
    ("weakest", True, False): "{text}; on the weakest path as small as {value} after {place}",
    ("weakest", False, False): "{text}; on the weakest path as large as {value} after {place}",
}
"""What is said of a path, whether it is below or above, and whether it is so up to its end."""

HEADINGS = ("op", "to", "gain", "came", "sent")
"""What the columns of the table are called."""


def text(gains: Gains) -> Iterator[str]:
    """Write a table of the gains, then a line for each variable."""
    lang = gains.flows.lang
    rows: list[tuple[str, ...]] = [tuple(say(lang, word) for word in HEADINGS)]
    rows += [*_frames(gains), *_rows(gains)]
    yield from aligned(rows)
    yield "\n"
    for line in _variables(gains):
        yield f"{line}\n"
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
    most = FEW if flows.graph.groups else MANY
    many = len({gain.function for gain in gains.all}) > most
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


def _variables(gains: Gains) -> Iterator[str]:
    """Say the products along both paths to each leaf, and where the gradient is lost.

    Many leaves that differ only in the numbers of their names, and are lost at one place, are told
    in one line.
    """
    lang = gains.flows.lang
    leaves = gains.leaves()
    groups: dict[tuple[str, ...], list[Leaf]] = {}
    for leaf in leaves:
        key: tuple[str, ...] = (leaf.node.id,)
        if len(leaves) > FEW:
            alone = str(leaf.weakest.functions == leaf.strongest.functions)
            key = alike.pattern(reference(leaf.node)), alone, _lost(gains, leaf, "")
        groups.setdefault(key, []).append(leaf)
    for members in groups.values():
        name = alike.together([reference(leaf.node) for leaf in members])
        product = _products([leaf.strongest for leaf in members], lang)
        template = "{name}: {product} along the strongest path"
        text = say(lang, template, name=name, product=product)
        if members[0].weakest.functions != members[0].strongest.functions:
            product = _products([leaf.weakest for leaf in members], lang)
            text = say(lang, "{text}, {product} along the weakest", text=text, product=product)
        yield _lost(gains, members[0], text)
    if any(_lost(gains, leaf, "") for leaf in leaves):
        yield say(lang, LIMITS)


def _lost(gains: Gains, leaf: Leaf, text: str) -> str:
    """Add to what is said of a leaf where the product leaves the limits, if it does."""
    lang = gains.flows.lang
    place, path = leaf.strongest.lost(), ""
    if place is None or not place.stays:  # what ends out of the limits comes first
        weak = leaf.weakest.lost()
        if weak is not None and (place is None or weak.stays):
            place, path = weak, "weakest"
    if place is None:
        return text
    function = gains.flows.functions[place.function]
    text = say(
        lang,
        PLACES[path, place.power < VANISHED, place.stays],
        text=text,
        place=f"{what(gains.flows, function, alone=False)}{where(gains.flows, function)}",
        value=_product(place.power, lang),
    )
    if place.function in gains.times:
        time, times = gains.times[place.function]
        template = "{text}, time {time} of {times}, {left} before the end"
        text = say(lang, template, text=text, time=time, times=times, left=times - time + 1)
    return text


def _products(ways: Sequence[Way], lang: str) -> str:
    """Write the product of one path, or the least and the largest of several."""
    powers = [way.power for way in ways]
    texts = _product(min(powers), lang), _product(max(powers), lang)
    return texts[0] if texts[0] == texts[1] else f"{texts[0]} .. {texts[1]}"


def _product(power: float, lang: str) -> str:
    """Write a product with as many digits as show on which side of the limits it is."""
    if isinf(power):
        return "0"
    if abs(power) >= 300:  # too large or small for a float
        return say(lang, "about {value}", value=f"1e{round(power)}")
    value = 10**power
    for digits in (3, 6, 10):
        text = _number(value, digits)
        if not VANISHED <= power <= EXPLODED and float(text) in (1e-7, 1e7):
            continue
        break
    return text


def _between(values: list[float]) -> str:
    low, high = min(values), max(values)
    texts = _number(low), _number(high)
    return texts[0] if texts[0] == texts[1] else f"{texts[0]} .. {texts[1]}"


def _number(value: float, digits: int = 3) -> str:
    return re.sub(r"e([-+])0*", lambda e: "e-" if e[1] == "-" else "e", f"{value:.{digits}g}")


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
