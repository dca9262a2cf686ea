"""A trace: everything that happened in the passes over a graph, as a table or as JSON.

The JSON's schema is shipped beside it: `dzviz/formats/trace.schema.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from dzviz.errors import UsageError
from dzviz.formats import format_of_file, json
from dzviz.graph.events import Event
from dzviz.graph.model import Graph
from dzviz.graph.states import groups
from dzviz.options import ENGLISH, Look
from dzviz.records import NamedTuple
from dzviz.text.languages import say
from dzviz.text.narration import rows, sentences, turn_name
from dzviz.text.numbers import NOISE, NOISE_MEANING
from dzviz.text.primes import with_orders
from dzviz.text.table import aligned

SCHEMA, FULL = "dzviz/trace/1", "dzviz/trace/2"

HEADINGS = ("step", "pass", "event", "about", "gen", "value", "waiting")
"""What the columns of a table are called."""


class TraceFormat(NamedTuple):
    """One form of a trace."""

    name: str
    help: str
    write: Callable[[Graph, Look], Iterator[str]]


def write_text(graph: Graph, look: Look) -> Iterator[str]:
    """Write the events as an aligned table, one a line, under the numbers of a film's steps."""
    lang = look.lang
    table: list[tuple[str, ...]] = [tuple([say(lang, word) for word in HEADINGS])]
    facts = zip(_steps(graph), graph.events, rows(graph, look), strict=True)
    before = None
    for step, event, row in facts:
        turn = turn_name(event.turn, graph, lang)
        row = row._replace(event=say(lang, row.event))
        table.append((str(step), "" if turn == before else turn, *row))
        before = turn
    yield from aligned(table)
    if any(NOISE in row[HEADINGS.index("value")] for row in table):
        yield f"\n{NOISE}: {say(lang, NOISE_MEANING)}\n"


def write_json(graph: Graph, look: Look) -> Iterator[str]:
    """Write the graph and the events as one JSON object, one event a line; in English."""
    look = replace(look, lang=ENGLISH)
    *lines, last = json.write(graph._replace(events=()), look)
    yield lines[0].replace(json.SCHEMA, SCHEMA).replace(json.FULL, FULL)
    yield from lines[1:]
    yield ",\n"
    facts = zip(_steps(graph), graph.events, sentences(graph, look), strict=True)
    yield from json.array("events", (_event(*facts, graph, look) for facts in facts))
    yield last


TRACE_FORMATS: Mapping[str, TraceFormat] = {
    format.name: format
    for format in (
        TraceFormat("text", "a table for the terminal", write_text),
        TraceFormat("json", "the graph and its events at full precision", write_json),
    )
}
"""Every form of a trace by its name."""


def format_of_trace(path: str) -> str:
    """Return the form that a file's suffix asks for: text, unless it is that of another format.

    Raises:
        UsageError: It is that of a format that is no trace.
    """
    try:
        name = format_of_file(path).name
    except UsageError:
        return "text"
    if name not in TRACE_FORMATS:
        raise UsageError(
            f"a trace is a table or JSON, but '{path}' would be {name}",
            hint="-T text writes the table there; to draw a picture, leave out the word trace",
        )
    return name


def _steps(graph: Graph) -> Iterator[int]:
    """Return the step of a film to which each event belongs."""
    for number, events in zip(count(1), groups(graph.events), strict=False):
        for _ in events:
            yield number


def _event(step: int, event: Event, sentence: str, graph: Graph, look: Look) -> dict[str, Any]:
    turn, *facts = json.event(event, look).items()
    return {
        "step": step,
        **dict([turn]),
        "pass": with_orders(turn_name(event.turn, graph)),
        **dict(facts),
        "sentence": with_orders(sentence),
    }
