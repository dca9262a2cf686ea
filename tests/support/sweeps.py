"""Sweeps to draw in tests, and what their pages say, put together as the page's script does."""

from __future__ import annotations

import json
import re

from dzviz.graph.sweep import Sweep
from dzviz.pipeline import Computation
from dzviz.sources.expression import read
from dzviz.sweeps.axes import read_axes
from dzviz.sweeps.points import taken


def swept(expression, *axes, events=True, backward=True, **values):
    """Compute an expression over the values of axes."""
    subject = read(expression)
    made = read_axes(axes, subject, values)
    found, _, _ = taken(Computation(subject, values, backward=backward), made, events=events)
    return Sweep(made, [each.graph for each in found])


def data_of(page):
    """Return the data of a page."""
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


def text_at(data, text, point):
    """Return a text of a page's data at a point of its sweep."""
    columns = data["columns"]

    def cell(number):
        return columns[number].split(" ")[point]

    def line_of(number):
        line = data["lines"][number]
        if isinstance(line, str):
            return line
        words, holes = line
        return words[0] + "".join(
            cell(hole) + word for hole, word in zip(holes, words[1:], strict=True)
        )

    lines = data["texts"][text]
    if isinstance(lines, dict):
        lines = lines["variants"][int(cell(lines["which"]))]
    return "\n".join(map(line_of, lines))
