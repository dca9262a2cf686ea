"""The gradients of an expression, or all its first or second derivatives, as numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from dzviz.arguments.expression import taken
from dzviz.arguments.options import STRICT, SWEEP, Option, field_options, format_option
from dzviz.errors import UsageError
from dzviz.options import Passes
from dzviz.pipeline import Computation, Given, Values, compute, oddities
from dzviz.pipeline.explanation import NO_GRADIENTS, has_variables
from dzviz.results import Result
from dzviz.text.records import comma_separated, tsv

if TYPE_CHECKING:
    from dzviz.graph.model import Graph
    from dzviz.pipeline import Run
    from dzviz.results.entries import Entries, Entry
    from dzviz.sources import Subject

SCHEMA = "dzviz/grad/1"


def result(
    subject: Subject | Given,
    values: Values,
    format_name: str = "text",
    jacobian: bool = False,
    hessian: bool = False,
    sweep: tuple[str, ...] = (),
    strict: bool = False,
    **options: Any,
) -> Result:
    """Print the gradient of an expression with respect to each of its variables.

    Each line has the name of a variable, a tab, and its gradient at full precision; arrays are
    lists. -T tsv writes one line per number. -T json also writes the values of the outputs; dzviz
    value prints only those. With --sweep, each line has a value of the variable, the outputs and
    all gradients, below a line of names.
    """
    if jacobian and hessian:
        raise UsageError("give either --jacobian or --hessian, not both")
    kind = "jacobian" if jacobian else "hessian" if hessian else ""
    computation = taken(subject, values, options)
    if sweep:
        if kind:
            raise UsageError(
                "--sweep gives the gradients at each value; it has no --jacobian or --hessian"
            )
        return _swept(computation, sweep, format_name, strict=strict)
    write = FORMATS[format_name]
    if isinstance(computation, Given):
        if kind:
            raise UsageError(
                f"--{kind} needs to compute, but a graph from a file has been computed already"
            )
        graph = computation.graph
        return Result(write(_of_graph(graph), graph), notes=_without(computation, graph))
    run = compute(computation)
    entries = _derivatives(run, kind) if kind else _gradients(run)
    graph = run.graph(words=0)
    warnings = oddities(run, graph, strict=strict)
    failed = run.evaluation.failed
    notes = (*run.evaluation.notes, *_without(computation, graph))
    return Result(write(entries, graph), warnings, notes, failed=failed)


def _without(computation: Computation | Given, graph: Graph) -> tuple[str, ...]:
    """Say where there are no gradients that there are no variables."""
    return () if has_variables(computation, graph) else (NO_GRADIENTS,)


def _swept(
    computation: Computation | Given, sweep: tuple[str, ...], format_name: str, *, strict: bool
) -> Result:
    """Compute outputs and gradients at each value of a sweep."""
    from dzviz.sweeps.axes import read_axes
    from dzviz.sweeps.points import rows
    from dzviz.sweeps.tables import TABLES
    from dzviz.text.sweeps import change_sentences

    assert not isinstance(computation, Given)  # COMPUTING refuses it
    axes = read_axes(sweep, computation.subject, computation.values)
    found, graphs, warnings, notes = rows(computation, axes, strict=strict)
    write = TABLES["tsv" if format_name == "text" else format_name]
    return Result(write(axes, found), warnings, (*notes, *change_sentences(graphs)))


def _gradients(run: Run) -> Entries:
    from dzviz.results.entries import Entry

    return _entries(Entry((name,), gradient) for name, gradient in run.gradients())


def _of_graph(graph: Graph) -> Entries:
    """Return the gradients that a graph's inputs have; None where there is none."""
    from dzviz.results.entries import Entry, called, nodes_of

    inputs = (node for node in nodes_of(graph) if node.role == "input")
    return _entries(Entry((called(node),), node.grad) for node in inputs)


def _entries(entries: Iterator[Entry]) -> Entries:
    from dzviz.results.entries import Entries

    return Entries("gradients", ("variable",), "gradient", tuple(entries))


def _derivatives(run: Run, name: str) -> Entries:
    """Return all first or second derivatives: those of each output or variable by each variable.

    Raises:
        UsageError: Another engine computed it.
    """
    from dzviz.results.entries import Entries, Entry

    made = run.evaluation
    if made.engine is not None:
        raise UsageError(
            f"--{name} only works with dzviz's own engine, but another engine computed this",
            hint=made.notes[0] if made.notes else None,
        )
    first = name == "jacobian"
    rows = run.jacobian() if first else run.hessian()
    heads = ("output", "variable") if first else ("variable", "by")
    entries = [Entry((y, x), value) for y, row in rows for x, value in row.items()]
    return Entries(name, heads, "derivative", entries)


def _json(entries: Entries, graph: Graph) -> Iterable[str]:
    from dzviz.formats.json import text
    from dzviz.results.entries import outputs_of
    from dzviz.text.records import document

    head = {"expression": text(graph.expression), "order": graph.order}
    found = {"outputs": outputs_of(graph).facts(), entries.name: entries.facts()}
    return [document(SCHEMA, {**head, **found})]


FORMATS: dict[str, Callable[[Entries, Graph], Iterable[str]]] = {
    "text": lambda entries, graph: entries.text(),
    "json": _json,
    "tsv": lambda entries, graph: tsv(entries.rows()),
    "csv": lambda entries, graph: comma_separated(entries.rows()),
}

OPTIONS: list[click.Parameter] = [
    *field_options(Passes, "order", "wrt"),
    SWEEP,
    format_option(FORMATS, "The format: text, JSON, or a table with tabs (tsv) or commas (csv)."),
    Option(
        ["--jacobian"],
        is_flag=True,
        documents=True,
        help="The derivative of each element of each output by each variable.",
    ),
    Option(
        ["--hessian"],
        is_flag=True,
        documents=True,
        help="The second derivatives of a single result, by each pair of variables.",
    ),
]

PARAMS = [STRICT]
