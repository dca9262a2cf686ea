"""The value of an expression: only the values of its outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from dzviz.arguments.expression import taken
from dzviz.arguments.options import STRICT, field_options, format_option
from dzviz.options import Passes
from dzviz.pipeline import Given, Values, compute, oddities, troubles
from dzviz.results import Result
from dzviz.text.records import comma_separated, tsv

if TYPE_CHECKING:
    from dzviz.graph.model import Graph
    from dzviz.sources import Subject

SCHEMA = "dzviz/value/1"


def result(
    subject: Subject | Given,
    values: Values,
    format_name: str = "text",
    strict: bool = False,
    **options: Any,
) -> Result:
    """Print the value of an expression at full precision, without gradients.

    If there are several outputs, each line has a name, a tab and a value. With --order, it is the
    value of that derivative.
    """
    computation = taken(subject, values, options)
    if isinstance(computation, Given):
        graph, warnings = computation.graph, troubles(computation.graph, strict=strict)
        return Result(FORMATS[format_name](graph), warnings)
    run = compute(computation)
    graph = run.graph(words=0)
    warnings = oddities(run, graph, strict=strict)
    failed = run.evaluation.failed
    return Result(FORMATS[format_name](graph), warnings, run.evaluation.notes, failed=failed)


def _text(graph: Graph) -> Iterable[str]:
    """Write one output alone, of several each behind its name."""
    from dzviz.results.entries import listed, outputs_of

    outputs = outputs_of(graph)
    if len(outputs.entries) > 1:
        return outputs.text()
    return [f"{listed(entry.value)}\n" for entry in outputs.entries]


def _rows(graph: Graph) -> Iterable[Sequence[Any]]:
    from dzviz.results.entries import outputs_of

    return outputs_of(graph).rows()


def _json(graph: Graph) -> Iterable[str]:
    from dzviz.formats.json import text
    from dzviz.results.entries import outputs_of
    from dzviz.text.records import document

    facts = {"expression": text(graph.expression), "order": graph.order}
    return [document(SCHEMA, {**facts, "outputs": outputs_of(graph).facts()})]


FORMATS: dict[str, Callable[[Graph], Iterable[str]]] = {
    "text": _text,
    "json": _json,
    "tsv": lambda graph: tsv(_rows(graph)),
    "csv": lambda graph: comma_separated(_rows(graph)),
}

FORMAT = format_option(
    FORMATS,
    "The format: text, JSON, or a table with one line per number, with tabs (tsv) or commas (csv).",
)
"""The option of results that are numbers."""

OPTIONS: list[click.Parameter] = [*field_options(Passes, "order", "wrt"), FORMAT]

PARAMS = [STRICT]
