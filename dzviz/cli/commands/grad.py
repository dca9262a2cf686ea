"""``dzviz grad``: the gradients alone, for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dzviz.arguments.expression import ExpressionCommand
from dzviz.arguments.options import QUIET, STRICT, SWEEP, Option
from dzviz.arguments.values import option_for
from dzviz.cli.output import write_stdout
from dzviz.cli.warnings import warn
from dzviz.errors import UsageError
from dzviz.pipeline import Computation, Given, compute, oddities
from dzviz.sweeps.tables import TABLES
from dzviz.text.phrases import clean

if TYPE_CHECKING:
    from dzviz.graph.model import Graph
    from dzviz.pipeline import Values
    from dzviz.sources import Subject


def grad(
    subject: Subject | Given,
    values: Values,
    random_seed: int,
    sweep: tuple[str, ...],
    format_name: str | None,
    strict: bool,
    quiet: bool,
) -> None:
    """Print the gradient of an expression with respect to each of its variables.

    One line a variable: its name, a tab, its gradient at full precision; arrays as lists. With
    --sweep one line a value: the value, the outputs and all gradients, below a line of names.
    """
    if format_name is not None and not sweep:
        raise UsageError("-T is for the numbers of a sweep", hint="as in: --sweep x=-3:3:61 -T csv")
    if isinstance(subject, Given):
        _print_those_of(subject.graph)
        return
    computation = Computation(subject, values, option_for, random_seed=random_seed)
    if sweep:
        _print_swept(computation, sweep, format_name or "tsv", strict=strict, quiet=quiet)
        return
    run = compute(computation)
    lines = [
        f"{name}\t{None if gradient is None else gradient.tolist()}\n"
        for name, gradient in run.gradients()
    ]
    warnings = oddities(run, run.graph(words=False), strict=strict)
    warn(warnings, run.evaluation.notes, quiet=quiet)
    write_stdout(lines, binary=False)


def _print_swept(
    computation: Computation, sweep: tuple[str, ...], format: str, *, strict: bool, quiet: bool
) -> None:
    """Print what there is at each point of a sweep."""
    from dzviz.sweeps.axes import read_axes
    from dzviz.sweeps.points import rows
    from dzviz.text.sweeps import change_sentences

    axes = read_axes(sweep, computation.subject, computation.values)
    found, graphs, warnings, notes = rows(computation, axes, strict=strict)
    warn(warnings, (*notes, *change_sentences(graphs)), quiet=quiet)
    write_stdout(TABLES[format](axes, found), binary=False)


def _print_those_of(graph: Graph) -> None:
    """Print the gradients that a graph's inputs have; None where there is none."""
    import numpy as np

    from dzviz.graph.model import VariableNode

    lines = []
    for node in graph.nodes:
        if isinstance(node, VariableNode) and node.role == "input":
            gradient = None if node.grad is None else np.asarray(node.grad).tolist()
            lines.append(f"{clean(node.name) or node.id}\t{gradient}\n")
    write_stdout(lines, binary=False)


FORMAT = Option(
    ["-T", "--format", "format_name"],
    type=click.Choice(list(TABLES)),
    help="How the numbers of a sweep are written; tsv unless said.",
)

command = ExpressionCommand(
    "grad", callback=grad, help=grad.__doc__, params=[SWEEP, FORMAT, STRICT, QUIET]
)
