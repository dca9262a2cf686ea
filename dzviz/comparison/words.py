"""A comparison in words: the first difference, how many there are, a table; and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from dzviz.comparison.differences import Counts, Difference, Report
from dzviz.text.phrases import clean, grouped, listed, plural, times
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


def headline(report: Report) -> str:
    """Say where the graphs first differ; nothing where they do not."""
    if report.equal:
        return ""
    first = report.differences[0]
    passage = "backward" if first.backward else "forward"
    return f"first difference, {passage}: {_said(first)}"


def summary(report: Report, names: Names) -> str:
    """Say how many values, gradients and shares differ, and what one graph alone has."""
    counts = {
        "value": report.values,
        "gradient": report.gradients,
        "share": report.shares,
    }
    if report.equal:
        agree = [plural(c.compared, word) for word, c in counts.items() if c.compared]
        text = f"no difference: {_and(agree)} agree" if agree else "nothing could be compared"
    else:
        told = [f"{c.unequal} of {plural(c.compared, word)}" for word, c in counts.items()]
        told = [text for text, c in zip(told, counts.values(), strict=True) if c.compared]
        text = f"{', '.join(told)} differ"
        lone = [_lone(report, names[i], kind) for i, kind in enumerate(("removed", "added"))]
        text = "; ".join([text, *filter(None, lone)])
    return text


def within(report: Report) -> str:
    """Say what counts as equal, and what could not be compared."""
    text = f"equal within {report.tolerance.words}"
    unknown = [
        plural(count.unknown, word)
        for word, count in (
            *(("value", report.values), ("gradient", report.gradients)),
            ("share", report.shares),
        )
        if count.unknown
    ]
    return f"{text}; not known on one side: {', '.join(unknown)}" if unknown else text


def text(report: Report, names: Names) -> Iterator[str]:
    """Write a comparison for a terminal."""
    if not report.equal:
        yield f"{headline(report)}\n"
    yield f"{summary(report, names)}\n"
    yield f"{within(report)}\n"
    yield from (f"{note}\n" for note in report.notes)
    yield from _remarks(report)
    if report.equal:
        return
    yield "\n"
    short = max(map(len, names)) <= LONGEST_HEADING and names[0] != names[1]
    rows = [("pass", "what", "where", *(map(clean, names) if short else "AB"))]
    shown = report.differences[:MOST_ROWS]
    rows += [
        (
            "backward" if d.backward else "forward",
            d.kind,
            " ".join(filter(None, (clean(d.where), d.element))),
            d.texts[0] or "-",
            d.texts[1] or "-",
        )
        for d in shown
    ]
    yield from aligned(rows)
    if len(shown) < len(report.differences):
        yield f"and {len(report.differences) - len(shown)} more; -T json has all\n"


def _remarks(report: Report) -> Iterator[str]:
    """Tell what is no difference; of many alike the first ones."""
    words = {"renamed": "renamed", "steps": "in other steps", "dtype": "types"}
    for kind, word in words.items():
        found = [remark for remark in report.remarks if remark.kind == kind]
        told = [_remark(remark) for remark in found[:MOST_REMARKS]]
        if len(found) > len(told):
            told.append(f"{grouped(len(found) - len(told))} more")
        if told:
            yield f"{word}: {'; '.join(told)}\n"


def _remark(remark: Difference) -> str:
    a, b = remark.texts
    return f"{a} | {b}" if remark.kind == "renamed" else f"{clean(remark.where)}: {a} | {b}"


def _said(difference: Difference) -> str:
    """Say one difference on one line."""
    where = " ".join(filter(None, (clean(difference.where), difference.element)))
    a, b = difference.texts
    if difference.kind in ("added", "removed"):
        return f"only in {'B' if a == '' else 'A'}: {where}"
    word = {"op": "op of ", "value": ""}.get(difference.kind, f"{difference.kind} of ")
    if difference.kind == "moved":
        word = "moved: "
    return f"{word}{where}  {a} | {b}"


def _lone(report: Report, name: str, kind: str) -> str:
    found = [d for d in report.differences if d.kind == kind]
    if not found:
        return ""
    counts = Counter(d.texts[1] or d.texts[0] for d in found)
    ops = [op if count == 1 else f"{op} ({times(count)})" for op, count in counts.items()]
    return f"{plural(len(found), 'node')} only in {_short(name)}: {listed(ops, ', ')}"


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _short(name: str) -> str:
    return clean(name, LONGEST)


def as_json(report: Report, names: Names) -> Iterator[str]:
    """Write a comparison as JSON."""
    told = {
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
    yield document("dzviz/diff/1", told)


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
