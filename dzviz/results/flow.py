"""Where gradients grow, shrink and are lost, in a table or as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from math import isinf
from typing import TYPE_CHECKING, Any

import click

from dzviz.arguments.expression import taken
from dzviz.arguments.options import format_option
from dzviz.diagnosis.gains import EXPLODED, VANISHED, Frame, Gain, Gains, Leaf, Way, frames
from dzviz.diagnosis.words import what, where
from dzviz.errors import UsageError
from dzviz.options import Look
from dzviz.pipeline import Given, Values, take
from dzviz.pipeline.explanation import refuse_without_pass
from dzviz.results import Result
from dzviz.text.labels import reference
from dzviz.text.phrases import clean
from dzviz.text.table import aligned

if TYPE_CHECKING:
    from dzviz.diagnosis.flows import Flows
    from dzviz.graph.model import FunctionNode
    from dzviz.sources import Subject

MANY = 40
"""If there are more Functions, those of one place are listed in one line."""


def result(
    subject: Subject | Given,
    values: Values,
    format_name: str = "text",
    strict: bool = False,
    **options: Any,
) -> Result:
    """Compute the gain of each op.

    Raises:
        UsageError: Nothing flowed back that can be measured.
    """
    found = take(taken(subject, values, options), told=False, strict=strict)
    if isinstance(subject, Given):
        refuse_without_pass(found.graph)
    gains = Gains(found.graph)
    if not gains.all:
        raise _nothing_flowed(gains, given=isinstance(subject, Given))
    lines = FORMATS[format_name](gains)
    look = Look(edges="flow")
    return Result(lines, found.warnings, found.notes, graph=lambda: found.graph, look=look)


def _nothing_flowed(gains: Gains, *, given: bool) -> UsageError:
    """Return the error for a graph along whose edges nothing flowed back that can be measured."""
    if gains.flows.recorded:
        hint = "dzviz why says where that began"
        return UsageError("nothing that flowed back is finite, or all of it is 0", hint=hint)
    if not given:
        hint = "dzviz why says where the path of a variable ends"
        return UsageError("nothing flowed back: no variable reaches the output", hint=hint)
    return UsageError(
        "the graph does not contain what flowed back along its edges",
        hint="record the pass with dzviz.record or dzviz.watch; -T json --full saves it",
    )


def _text(gains: Gains) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [("op", "to", "gain", "came", "sent")]
    rows += [*_frames(gains), *_rows(gains)]
    yield from aligned(rows)
    yield "\n"
    for leaf in gains.leaves():
        yield f"{_told(gains, leaf)}\n"
    if gains.silent:
        count = len(gains.silent)
        ops = f"{count} op{'' if count == 1 else 's'}"
        yield f"{ops} received only 0: dzviz why says where the gradient was lost\n"
    if gains.unknown:
        count = len(gains.unknown)
        ops = f"{count} op{'' if count == 1 else 's'}"
        yield (
            f"the gain of {ops} is not known: of large arrays, the graph has only the first and "
            "last elements\n"
        )


def _frames(gains: Gains) -> Iterator[tuple[str, ...]]:
    """Tell the frames; many of one name are one line."""
    found = list(frames(gains))
    names: dict[str, list[Frame]] = {}
    for i, frame in enumerate(found):
        name = clean(frame.group.name)
        names.setdefault(name if len(found) > MANY else f"{i} {name}", []).append(frame)
    for members in names.values():
        times = f", {len(members)} times" if len(members) > 1 else ""
        yield (
            f"{clean(members[0].group.name)}{times}",
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
        key = (name, f"operand {gain.edge.arg}") if many else (gain.function, operand)
        groups.setdefault(key, []).append(gain)
    for (_, operand), members in groups.items():
        function = flows.functions[members[0].function]
        times = f", {len(members)} times" if len(members) > 1 else ""
        yield (
            f"{_op(flows, function, many=many)}{where(flows, function)}{times}",
            operand,
            _between([gain.sent / gain.came for gain in members]),
            _between([gain.came for gain in members]),
            _between([gain.sent for gain in members]),
        )


def _op(flows: Flows, function: FunctionNode, *, many: bool) -> str:
    """Name an op; of an index that is another one each time, that it is one."""
    if many and function.label.startswith("["):
        return "[...]"
    return what(flows, function, alone=False)


def _told(gains: Gains, leaf: Leaf) -> str:
    name, strong, weak = reference(leaf.node), leaf.strongest, leaf.weakest
    text = f"{name}: {_product(strong)} along the strongest way"
    if weak.functions != strong.functions:
        text += f", {_product(weak)} along the weakest"
    first, way = strong.first(), ""
    if first is None:
        first, way = weak.first(), " on that"
    if first is None:
        return text
    function = gains.flows.functions[first[0]]
    limit = "below 1e-7" if first[1] < VANISHED else "above 1e7"
    place = f"{what(gains.flows, function, alone=False)}{where(gains.flows, function)}"
    text += f"; {limit}{way} from {place}"
    if first[0] in gains.times:
        time, times = gains.times[first[0]]
        text += f", time {time} of {times}, {times - time + 1} before the end"
    return text


def _product(way: Way) -> str:
    if isinf(way.power):
        return "0"
    if abs(way.power) < 300:
        return _number(10**way.power)
    return f"about 1e{round(way.power)}"  # too large or small for a float


def _between(values: list[float]) -> str:
    low, high = min(values), max(values)
    texts = _number(low), _number(high)
    return texts[0] if texts[0] == texts[1] else f"{texts[0]} .. {texts[1]}"


def _number(value: float) -> str:
    return re.sub(r"e([-+])0*", lambda e: "e-" if e[1] == "-" else "e", f"{value:.3g}")


def _json(gains: Gains) -> Iterable[str]:
    import json

    def way(one: Way) -> dict[str, Any]:
        first = one.first()
        return {
            "log10": None if isinf(one.power) else one.power,
            "functions": list(one.functions),
            "first": None if first is None else _first(gains, *first),
        }

    told = {
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
    yield f"{json.dumps(told, indent=1)}\n"


def _first(gains: Gains, function: str, power: float) -> dict[str, Any]:
    """Tell where a gradient is lost, and of what repeats at which time."""
    time, times = gains.times.get(function, (None, None))
    return {
        "function": function,
        "log10": None if isinf(power) else power,
        "time": time,
        "times": times,
    }


FORMATS = {"text": _text, "json": _json}

OPTIONS: list[click.Parameter] = [format_option(FORMATS)]
