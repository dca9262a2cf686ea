"""A comparison in words: the first difference, how many there are, a table; and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from dzviz.comparison.differences import Counts, Difference, Report
from dzviz.diagnosis.words import all_of
from dzviz.text.languages import say
from dzviz.text.phrases import clean, grouped, listed, times
from dzviz.text.records import document, plain
from dzviz.text.table import aligned

MOST_ROWS = 20
"""The largest number of differences in the table; JSON has all."""

MOST_REMARKS = 6

LONGEST = 40
"""A name is cut behind so many characters."""

LONGEST_HEADING = 20
"""Of longer names the columns are headed A and B."""

Names = tuple[str, str]


COUNTED: Mapping[str, tuple[str, str]] = {
    "value": ("{count} value", "{count} values"),
    "gradient": ("{count} gradient", "{count} gradients"),
    "share": ("{count} share", "{count} shares"),
    "node": ("{count} node", "{count} nodes"),
}
"""How many there are of each, one and several."""

SAID: Mapping[str, str] = {
    "value": "{where}",
    "shape": "shape of {where}",
    "op": "op of {where}",
    "moved": "moved: {where}",
    "output": "output of {where}",
    "gradient": "gradient of {where}",
    "share": "share of {where}",
}
"""How a difference of each kind is said."""

REMARKS: Mapping[str, str] = {
    "renamed": "renamed: {what}",
    "steps": "in other steps: {what}",
    "dtype": "types: {what}",
}
"""How what is no difference is said, by its kind."""

HEADINGS = ("pass", "what", "where")
"""What the columns are called that come before those of both graphs."""


def headline(report: Report) -> str:
    """Say where the graphs first differ; nothing where they do not."""
    if report.equal:
        return ""
    first = report.differences[0]
    text = "first difference, forward: {what}"
    if first.backward:
        text = "first difference, backward: {what}"
    return say(report.lang, text, what=_phrase(first, report.lang))


def summary(report: Report, names: Names) -> str:
    """Say how many values, gradients and shares differ, and what one graph alone has."""
    lang = report.lang
    counts = {"value": report.values, "gradient": report.gradients, "share": report.shares}
    compared = {word: c for word, c in counts.items() if c.compared}
    if report.equal:
        agree = [_counted(c.compared, word, lang) for word, c in compared.items()]
        if not agree:
            return say(lang, "nothing could be compared")
        one = sum(c.compared for c in compared.values()) == 1
        text = "no difference: {what} agrees" if one else "no difference: {what} agree"
        return say(lang, text, what=all_of(agree, lang))
    parts = [
        say(lang, "{some} of {all}", some=c.unequal, all=_counted(c.compared, word, lang))
        for word, c in compared.items()
    ]
    one = sum(c.unequal for c in compared.values()) == 1 and len(parts) == 1
    text = say(lang, "{what} differs" if one else "{what} differ", what=", ".join(parts))
    lone = [_lone(report, names[i], kind) for i, kind in enumerate(("removed", "added"))]
    return "; ".join([text, *filter(None, lone)])


def within(report: Report) -> str:
    """Say what counts as equal, and what could not be compared."""
    text = say(report.lang, "equal within {tolerance}", tolerance=report.tolerance.words)
    unknown = [
        _counted(count.unknown, word, report.lang)
        for word, count in (
            *(("value", report.values), ("gradient", report.gradients)),
            ("share", report.shares),
        )
        if count.unknown
    ]
    if not unknown:
        return text
    template = "{text}; not known on one side: {what}"
    return say(report.lang, template, text=text, what=", ".join(unknown))


def outputs(report: Report) -> Iterator[str]:
    """Name the outputs of either graph that match no output of the other."""
    sides, lang = report.matching.sides, report.lang
    for i, side in enumerate(sides):
        matches, others = report.matching.values[i], set(sides[1 - i].outputs)
        names = [side.output_name(v, lang) for v in side.outputs if matches[v] not in others]
        if names:
            alone = "output of {side} that matches no output of {other}: {names}"
            if len(names) > 1:
                alone = "outputs of {side} that match no output of {other}: {names}"
            yield say(lang, alone, side="AB"[i], other="BA"[i], names=listed(names, ", "))


def below(report: Report, names: Names) -> list[str]:
    """Say below a picture where the graphs differ, and what could not be compared."""
    first = [headline(report)] if not report.equal else []
    return [*first, summary(report, names), *outputs(report), *report.notes]


def text(report: Report, names: Names) -> Iterator[str]:
    """Write a comparison for a terminal."""
    lang = report.lang
    if not report.equal:
        yield f"{headline(report)}\n"
    yield f"{summary(report, names)}\n"
    yield from (f"{line}\n" for line in outputs(report))
    yield f"{within(report)}\n"
    yield from (f"{note}\n" for note in report.notes)
    yield from _remarks(report)
    if report.equal:
        return
    yield "\n"
    short = max(map(len, names)) <= LONGEST_HEADING and names[0] != names[1]
    heads = [say(lang, word) for word in HEADINGS]
    rows = [(*heads, *(map(clean, names) if short else "AB"))]
    shown = report.differences[:MOST_ROWS]
    rows += [
        (
            say(lang, "backward") if d.backward else say(lang, "forward"),
            say(lang, d.kind),
            " ".join(filter(None, (clean(d.where), d.element))),
            d.texts[0] or "-",
            d.texts[1] or "-",
        )
        for d in shown
    ]
    yield from aligned(rows)
    if len(shown) < len(report.differences):
        left = len(report.differences) - len(shown)
        yield f"{say(lang, 'and {count} more; -T json has all', count=left)}\n"


def _counted(count: int, word: str, lang: str) -> str:
    """Write ``1 value``, ``2 values``."""
    return say(lang, COUNTED[word][count != 1], count=count)


def _remarks(report: Report) -> Iterator[str]:
    """Tell what is no difference; of many alike the first ones."""
    for kind, sentence in REMARKS.items():
        found = [remark for remark in report.remarks if remark.kind == kind]
        remarks = [_remark(remark) for remark in found[:MOST_REMARKS]]
        if len(found) > len(remarks):
            left = grouped(len(found) - len(remarks))
            remarks.append(say(report.lang, "{count} more", count=left))
        if remarks:
            yield f"{say(report.lang, sentence, what='; '.join(remarks))}\n"


def _remark(remark: Difference) -> str:
    a, b = remark.texts
    return f"{a} | {b}" if remark.kind == "renamed" else f"{clean(remark.where)}: {a} | {b}"


def _phrase(difference: Difference, lang: str) -> str:
    """Say one difference on one line."""
    where = " ".join(filter(None, (clean(difference.where), difference.element)))
    a, b = difference.texts
    if difference.kind in ("added", "removed"):
        return say(lang, "only in {side}: {where}", side="B" if a == "" else "A", where=where)
    return f"{say(lang, SAID[difference.kind], where=where)}  {a} | {b}"


def _lone(report: Report, name: str, kind: str) -> str:
    found = [d for d in report.differences if d.kind == kind]
    if not found:
        return ""
    lang = report.lang
    counts = Counter(d.texts[1] or d.texts[0] for d in found)
    ops = [op if count == 1 else f"{op} ({times(count, lang)})" for op, count in counts.items()]
    nodes = _counted(len(found), "node", lang)
    template = "{nodes} only in {name}: {ops}"
    return say(lang, template, nodes=nodes, name=_short(name), ops=listed(ops, ", "))


def _short(name: str) -> str:
    return clean(name, LONGEST)


def as_json(report: Report, names: Names) -> Iterator[str]:
    """Write a comparison as JSON."""
    data = {
        "a": names[0],
        "b": names[1],
        "equal": report.equal,
        "tolerance": {
            "rtol": report.tolerance.rtol,
            "atol": report.tolerance.atol,
            "dtype": report.tolerance.dtype,
        },
        "values": _counts(report.values),
        "gradients": _counts(report.gradients),
        "shares": _counts(report.shares),
        "differences": [_fields(d) for d in report.differences],
        "remarks": [_fields(d) for d in report.remarks],
        "notes": list(report.notes),
    }
    yield document("dzviz/diff/1", data)


def _counts(counts: Counts) -> dict[str, int]:
    return {"compared": counts.compared, "differ": counts.unequal, "unknown": counts.unknown}


def _fields(difference: Difference) -> dict[str, Any]:
    ends = slice(2) if difference.kind == "share" else slice(None)
    values = difference.values or difference.texts
    return {
        "kind": difference.kind,
        "pass": "backward" if difference.backward else "forward",
        "where": difference.where,
        "element": difference.element,
        "a": _number(values[0]),
        "b": _number(values[1]),
        "nodes_a": list(difference.a[ends]),
        "nodes_b": list(difference.b[ends]),
    }


def _number(value: Any) -> Any:
    """Return a number as JSON has it, and as a text what JSON has not."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, complex | np.complexfloating):
        return str(value)
    return plain(float(value))
