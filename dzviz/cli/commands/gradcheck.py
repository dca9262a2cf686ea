"""``dzviz gradcheck``: every gradient beside a numerical one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from dzviz.arguments.expression import ExpressionCommand, option_for
from dzviz.arguments.options import QUIET
from dzviz.cli.output import write_stdout
from dzviz.cli.warnings import warn
from dzviz.language.carets import visible
from dzviz.pipeline import Computation, evaluate
from dzviz.text.table import aligned

if TYPE_CHECKING:
    from dzviz.engine import Variable
    from dzviz.sources import Subject

DIFFERS = 1
"""The exit code where a gradient differs."""


def gradcheck(
    subject: Subject,
    values: Mapping[str, str],
    random_seed: int,
    order: int,
    rtol: float,
    atol: float,
    quiet: bool,
) -> int:
    """Compare the gradients of an expression with numerical ones.

    One line for each element of each variable: its gradient by the rules, by differences, and
    whether they agree. Of several numbers a weighted sum is checked. The exit code is 1 where a
    gradient differs; then the Functions whose rule is wrong are named, too.
    """
    import numpy as np

    from dzviz.engine import compare, faulty_functions, watch_forward, weighted
    from dzviz.sources.derivative import Meter

    evaluation = evaluate(Computation(subject, values, random_seed, option=option_for))
    warn(evaluation.warnings, quiet=quiet)
    inputs = evaluation.inputs
    names = list(inputs)
    meter = Meter()

    def function(*xs: Variable) -> Variable:
        meter.restart()  # of every time that it is computed and differentiated
        variables = dict(zip(names, xs, strict=True))
        outputs = subject.apply(variables)
        total = outputs[0]
        for weight, y in enumerate(outputs[1:], 2):  # weights, so that no outputs cancel
            total = weighted(total) + weighted(y) * weight
        return total

    with np.errstate(all="ignore"), subject.rules(), watch_forward(meter):
        comparisons = list(compare(function, *inputs.values(), order=order))
    rows = [("variable", "gradient", "numerical", "")]
    wrong = 0
    for comparison in comparisons:
        agrees = comparison.agrees(rtol, atol)
        wrong += not agrees
        place = f"{list(comparison.place)}" if comparison.place else ""
        rows.append(
            (
                f"{names[comparison.argument]}{place}",
                f"{comparison.gradient:.10g}",
                f"{comparison.numerical:.10g}",
                "differs" if not agrees else "" if comparison.smooth else "no derivative here",
            )
        )
    notes: list[str] = []
    if wrong:
        with np.errstate(all="ignore"):
            notes = faulty_functions(function(*inputs.values()), rtol, atol)
    if not quiet:
        notes.append(f"{len(comparisons)} compared, {wrong} differ")
    write_stdout([*aligned(rows), *(f"{visible(note)}\n" for note in notes)], binary=False)
    return DIFFERS if wrong else 0


command = ExpressionCommand(
    "gradcheck",
    callback=gradcheck,
    help=gradcheck.__doc__,
    params=[
        click.Option(
            ["--order"],
            type=click.IntRange(min=1),
            default=1,
            show_default=True,
            metavar="N",
            help="Check the N-th derivative's rules, too.",
        ),
        click.Option(
            ["--rtol"],
            type=click.FloatRange(min=0),
            default=1e-4,
            show_default=True,
            metavar="T",
            help="How far the two may be apart, relative to the larger.",
        ),
        click.Option(
            ["--atol"],
            type=click.FloatRange(min=0),
            default=1e-7,
            show_default=True,
            metavar="T",
            help="How far they may be apart near 0.",
        ),
        QUIET,
    ],
)
