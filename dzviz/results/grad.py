"""The gradients of an expression, or all its first or second derivatives, as numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from dzviz.arguments.expression import taken
from dzviz.arguments.options import STRICT, SWEEP, Option, field_options, format_option
from dzviz.errors import UsageError
from dzviz.options import Passes
from dzviz.pipeline import Computation, Given, Values, compute, oddities
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
    computation = taken(subject, values, options)
    if sweep:
        if jacobian or hessian:
            raise UsageError(
                "--sweep gives the gradients at each value; it has no --jacobian or --hessian"
            )
        return _swept(computation, sweep, format_name, strict=strict)
    write = FORMATS[format_name]
    if isinstance(computation, Given):
        if jacobian or hessian:
            option = "--jacobian" if jacobian else "--hessian"
            raise UsageError(
                f"{option} needs to compute, but a graph from a file has been computed already"
            )
        return Result(write(_of_graph(computation.graph), computation.graph))
    run = compute(computation)
    entries = _jacobian(run) if jacobian else _hessian(run) if hessian else _gradients(run)
    graph = run.graph(words=False)
    warnings = oddities(run, graph, strict=strict)
    failed = run.evaluation.failed
    return Result(write(entries, graph), warnings, run.evaluation.notes, failed=failed)


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


def _jacobian(run: Run) -> Entries:
    """Return the derivative of each output by each variable."""
    from dzviz.sources.jacobian import jacobians

    inputs, ys = _inputs(run, "--jacobian"), run.outputs
    with run.subject.rules():
        found = jacobians(ys, list(inputs.values()))
    names = [y.name or f"y{i}" for i, y in enumerate(ys)]
    return _derivatives("jacobian", ("output", "variable"), names, inputs, found)


def _hessian(run: Run) -> Entries:
    """Return the second derivative of the output by each two variables."""
    from dzviz.sources.jacobian import hessian

    inputs = _inputs(run, "--hessian")
    if len(run.outputs) != 1:
        raise UsageError("a Hessian needs one output, but there are several")
    with run.subject.rules():
        found = hessian(run.outputs[0], list(inputs.values()))
    return _derivatives("hessian", ("variable", "by"), inputs, inputs, found)


def _derivatives(
    name: str, heads: tuple[str, str], ys: Iterable[str], xs: Collection[str], found: Iterable[Any]
) -> Entries:
    """Return derivatives, a row for each of ``ys`` with one for each of ``xs``."""
    from dzviz.results.entries import Entries, Entry

    entries = [
        Entry((y, x), value)
        for y, row in zip(ys, found, strict=True)
        for x, value in zip(xs, row, strict=True)
    ]
    return Entries(name, heads, "derivative", entries)


def _inputs(run: Run, option: str) -> dict[str, Any]:
    """Return the Variables to differentiate by.

    Raises:
        UsageError: They are those of another engine.
    """
    made = run.evaluation
    if made.engine is not None:
        raise UsageError(
            f"{option} only works with dzviz's own engine, but another engine computed this",
            hint=made.notes[0] if made.notes else None,
        )
    return made.inputs


def _text(entries: Entries, graph: Graph) -> Iterable[str]:
    return entries.text()


def _tsv(entries: Entries, graph: Graph) -> Iterable[str]:
    return tsv(entries.rows())


def _csv(entries: Entries, graph: Graph) -> Iterable[str]:
    return comma_separated(entries.rows())


def _json(entries: Entries, graph: Graph) -> Iterable[str]:
    from dzviz.formats.json import text
    from dzviz.results.entries import outputs_of
    from dzviz.text.records import document

    head = {"expression": text(graph.expression), "order": graph.order}
    found = {"outputs": outputs_of(graph).facts(), entries.name: entries.facts()}
    return [document(SCHEMA, {**head, **found})]


FORMATS = {"text": _text, "json": _json, "tsv": _tsv, "csv": _csv}

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
