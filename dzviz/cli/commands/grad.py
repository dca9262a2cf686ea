"""``dzviz grad``: the gradients alone, for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dzviz.arguments.expression import ExpressionCommand, option_for
from dzviz.arguments.options import QUIET, STRICT
from dzviz.cli.output import write_stdout
from dzviz.cli.warnings import warn
from dzviz.pipeline import Computation, Given, compute, oddities
from dzviz.text.phrases import clean

if TYPE_CHECKING:
    from dzviz.graph.model import Graph
    from dzviz.pipeline import Values
    from dzviz.sources import Subject


def grad(
    subject: Subject | Given, values: Values, random_seed: int, strict: bool, quiet: bool
) -> None:
    """Print the gradient of an expression with respect to each of its variables.

    One line a variable: its name, a tab, its gradient at full precision; arrays as lists.
    """
    if isinstance(subject, Given):
        _print_those_of(subject.graph)
        return
    run = compute(Computation(subject, values, random_seed, option=option_for))
    lines = [
        f"{name}\t{None if gradient is None else gradient.tolist()}\n"
        for name, gradient in run.gradients()
    ]
    warnings = oddities(run, run.graph(words=False), strict=strict)
    warn(warnings, run.evaluation.notes, quiet=quiet)
    write_stdout(lines, binary=False)


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


command = ExpressionCommand("grad", callback=grad, help=grad.__doc__, params=[STRICT, QUIET])
