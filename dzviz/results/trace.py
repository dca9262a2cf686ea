"""What happens in the passes, as a table or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dzviz.arguments.expression import taken
from dzviz.arguments.options import (
    LANG,
    STRICT,
    Option,
    field_options,
    named_format_option,
    read_options,
)
from dzviz.errors import UsageError
from dzviz.formats.trace import TRACE_FORMATS, format_of_trace
from dzviz.graph.rules import close
from dzviz.graph.states import length
from dzviz.options import Look, Passes
from dzviz.pipeline import Given, Values, take
from dzviz.pipeline.explanation import refuse_without_variables
from dzviz.results import Result, check_format
from dzviz.text.sizes import check_characters

if TYPE_CHECKING:
    from dzviz.sources import Subject

FORMATS = TRACE_FORMATS


def result(
    subject: Subject | Given,
    values: Values,
    format_name: str | None = None,
    strict: bool = False,
    count: bool = False,
    **options: Any,
) -> Result:
    """Print what happens when an expression is computed and its gradients flow back.

    Each line is one event: a forward step, the seed, a Function that is taken from the queue, what
    its rule sends back to an operand (upstream * local derivative), a sum of shares, or a gradient
    that is kept or released. Films and pages use the same numbers for the steps.
    """
    name = format_name or "text"
    check_format(name, FORMATS, "a trace")
    look = read_options(Look, options)
    computation = taken(subject, values, options)
    found = take(computation, events=True, strict=strict)
    graph = close(found.graph, None)
    if not graph.events:
        if found.failed is not None:
            raise found.failed
        refuse_without_variables(computation, found.graph, "no pass has anything to do")
        raise UsageError(
            "the graph has no events: what happened in its passes was not recorded",
            hint="-T json --full writes events if the engine can be watched",
        )
    if count:
        return Result([f"{length(graph)}\n"], found.warnings, found.notes, failed=found.failed)
    check_characters(graph, look)
    lines = FORMATS[name].write(graph, look)
    return Result(lines, found.warnings, found.notes, graph=lambda: graph, failed=found.failed)


OPTIONS: list[click.Parameter] = [
    *field_options(Passes, but="random_seed"),  # which every expression has
    named_format_option(FORMATS),
    Option(
        ["--count"],
        is_flag=True,
        documents=True,
        help="Print only the number of pictures that --frames draws.",
    ),
    *field_options(Look, "precision", "max_elements", "full"),
    LANG,
]

PARAMS = [STRICT]
FORMAT_OF = format_of_trace
